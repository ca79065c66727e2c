// References and expressions of templates.
#include <array>
#include <charconv>

#include "core/text.hpp"
#include "services/apigateway/vtl_parser.hpp"

namespace paddock::services::apigateway::vtl {
namespace vtl_expressions_detail {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

struct Operator {
  std::string_view text;
  std::string_view meaning;
};
// From loose to tight; longer forms first.
const std::array<std::vector<Operator>, 6> kLevels{{
    {{"||", "||"}, {"or", "||"}},
    {{"&&", "&&"}, {"and", "&&"}},
    {{"==", "=="}, {"!=", "!="}, {"eq", "=="}, {"ne", "!="}},
    {{"<=", "<="},
     {">=", ">="},
     {"<", "<"},
     {">", ">"},
     {"le", "<="},
     {"ge", ">="},
     {"lt", "<"},
     {"gt", ">"}},
    {{"+", "+"}, {"-", "-"}},
    {{"*", "*"}, {"/", "/"}, {"%", "%"}},
}};

// \uXXXX, the one escape that double-quoted texts know.
std::string unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned code = 0;
    if (text.substr(i, 2) == "\\u" && i + 6 <= text.size()) {
      auto [end, error] = std::from_chars(text.data() + i + 2, text.data() + i + 6, code, 16);
      const bool surrogate = code >= 0xD800 && code < 0xE000;
      if (error == std::errc() && end == text.data() + i + 6 && !surrogate) {
        if (code < 0x80) {
          out += static_cast<char>(code);
        } else if (code < 0x800) {
          out += static_cast<char>(0xC0 | code >> 6);
          out += static_cast<char>(0x80 | (code & 0x3F));
        } else {
          out += static_cast<char>(0xE0 | code >> 12);
          out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
          out += static_cast<char>(0x80 | (code & 0x3F));
        }
        i += 5;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

}  // namespace vtl_expressions_detail

void Parser::skip_space() {
  while (!at_end() && std::string_view(" \t\r\n").find(peek()) != std::string_view::npos) ++at_;
}

bool Parser::take(char c) {
  if (peek() != c || at_end()) return false;
  ++at_;
  return true;
}

void Parser::expect(char c) {
  if (!take(c)) fail(std::string("'") + c + "' is missing");
}

NodePtr Parser::expression() {
  NodePtr result = binary(0);
  skip_space();
  return result;
}

std::optional<std::string> Parser::take_operator(size_t level) {
  for (const auto& op : vtl_expressions_detail::kLevels[level]) {
    if (text_.substr(at_, op.text.size()) != op.text) continue;
    const char next = peek(op.text.size());
    const bool word = vtl_expressions_detail::is_letter(op.text[0]);
    if (word && (vtl_expressions_detail::is_letter(next) || vtl_expressions_detail::is_digit(next)))
      continue;
    at_ += op.text.size();
    return std::string(op.meaning);
  }
  return std::nullopt;
}

NodePtr Parser::binary(size_t level) {
  if (level == vtl_expressions_detail::kLevels.size()) return unary();
  NodePtr left = binary(level + 1);
  for (size_t terms = 0;; ++terms) {
    skip_space();
    auto op = take_operator(level);
    if (!op) return left;
    // A chain leans to the left: its depth is that of the tree.
    if (terms == kMaxNesting) fail("too many terms");
    auto node = std::make_unique<Node>(Node::Kind::binary);
    node->text = *op;
    node->children.push_back(std::move(left));
    node->children.push_back(binary(level + 1));
    left = std::move(node);
  }
}

NodePtr Parser::unary() {
  Level level(*this);
  skip_space();
  const bool word = text_.substr(at_, 3) == "not" && !vtl_expressions_detail::is_letter(peek(3));
  if ((peek() == '!' && peek(1) != '=') || word) {
    at_ += word ? 3 : 1;
    auto node = std::make_unique<Node>(Node::Kind::negation);
    node->children.push_back(unary());
    return node;
  }
  return primary();
}

NodePtr Parser::primary() {
  Level level(*this);
  skip_space();
  const char c = peek();
  if (c == '$') {
    NodePtr found = reference();
    if (!found) fail("'$' without a name");
    return found;
  }
  if (c == '(') {
    ++at_;
    NodePtr inner = expression();
    expect(')');
    return inner;
  }
  if (c == '"' || c == '\'') return quoted();
  if (c == '[') return list_or_range();
  if (c == '{') return map();
  if (vtl_expressions_detail::is_digit(c) || c == '-' || c == '.') return number();
  auto literal = std::make_unique<Node>(Node::Kind::literal);
  for (std::string_view word : {"true", "false", "null"}) {
    if (text_.substr(at_, word.size()) != word ||
        vtl_expressions_detail::is_letter(peek(word.size()))) {
      continue;
    }
    at_ += word.size();
    if (word != "null") literal->value = word == "true";
    return literal;
  }
  fail(at_end() ? "the template ends within an expression" : std::string("unexpected '") + c + "'");
}

NodePtr Parser::number() {
  const size_t begin = at_;
  bool integer = true;
  take('-');
  while (vtl_expressions_detail::is_digit(peek())) ++at_;
  // "1..5" is a range, not a fraction.
  if (peek() == '.' && peek(1) != '.') {
    integer = false;
    ++at_;
    while (vtl_expressions_detail::is_digit(peek())) ++at_;
  }
  const size_t sign = peek(1) == '-' || peek(1) == '+' ? 2 : 1;
  if ((peek() == 'e' || peek() == 'E') && vtl_expressions_detail::is_digit(peek(sign))) {
    integer = false;
    at_ += sign;
    while (vtl_expressions_detail::is_digit(peek())) ++at_;
  }
  const char* first = text_.data() + begin;
  const char* last = text_.data() + at_;
  auto node = std::make_unique<Node>(Node::Kind::literal);
  if (integer) {
    int64_t value = 0;
    auto [end, error] = std::from_chars(first, last, value);
    if (end != last || first == last) fail("no number");
    if (error == std::errc()) {
      node->value = value;
    } else {
      node->value = BigInteger{std::string(first, last)};
    }
    return node;
  }
  double value = 0;
  auto [end, error] = std::from_chars(first, last, value);
  if (end != last || error != std::errc()) fail("no number");
  node->value = value;
  return node;
}

NodePtr Parser::quoted() {
  const char quote = peek();
  const size_t begin = ++at_;
  std::string content;
  while (true) {
    if (at_end()) {
      at_ = begin;
      fail("a text without its closing quote");
    }
    const char c = text_[at_++];
    if (c == quote) {
      if (peek() != quote || at_end()) break;
      ++at_;  // a doubled quote stands for one
    }
    content += c;
  }
  if (quote == '"') content = vtl_expressions_detail::unescape(content);
  if (quote == '\'' || content.find_first_of("$#") == std::string::npos) {
    auto literal = std::make_unique<Node>(Node::Kind::literal);
    literal->value = std::move(content);
    return literal;
  }
  auto text = std::make_unique<Node>(Node::Kind::string);
  text->children.push_back(Parser(content, result_, depth_).parse_all());
  return text;
}

NodePtr Parser::list_or_range() {
  expect('[');
  auto node = std::make_unique<Node>(Node::Kind::list);
  skip_space();
  if (take(']')) return node;
  node->children.push_back(expression());
  if (text_.substr(at_, 2) == "..") {
    at_ += 2;
    node->kind = Node::Kind::range;
    node->children.push_back(expression());
    expect(']');
    return node;
  }
  while (take(',')) node->children.push_back(expression());
  expect(']');
  return node;
}

NodePtr Parser::map() {
  expect('{');
  auto node = std::make_unique<Node>(Node::Kind::map);
  skip_space();
  if (take('}')) return node;
  do {
    node->children.push_back(expression());
    expect(':');
    node->children.push_back(expression());
  } while (take(','));
  expect('}');
  return node;
}

std::string Parser::identifier() {
  const size_t begin = at_;
  auto starts = [](char c) { return vtl_expressions_detail::is_letter(c) || c == '_'; };
  if (!starts(peek())) return "";
  while (starts(peek()) || vtl_expressions_detail::is_digit(peek()) || peek() == '-') ++at_;
  return std::string(text_.substr(begin, at_ - begin));
}

NodePtr Parser::reference() {
  Level level(*this);
  const size_t begin = at_++;
  take('!');
  const bool formal = take('{');
  auto node = std::make_unique<Node>(Node::Kind::reference);
  node->name = identifier();
  if (node->name.empty()) {
    at_ = begin;
    return nullptr;
  }
  accesses(*node);
  if (formal) {
    if (take('|')) node->alternate = expression();
    expect('}');
  }
  return node;
}

void Parser::accesses(Node& reference) {
  while (true) {
    Access access;
    if (peek() == '.' && vtl_expressions_detail::is_letter(peek(1))) {
      ++at_;
      access.name = identifier();
      if (take('(')) {
        access.kind = Access::Kind::method;
        access.arguments = arguments(')');
      }
    } else if (peek() == '[') {
      ++at_;
      access.kind = Access::Kind::index;
      access.arguments = arguments(']');
      if (access.arguments.size() != 1) fail("an index is one value");
    } else {
      return;
    }
    if (reference.accesses.size() == kMaxNesting) fail("too many steps in a reference");
    reference.accesses.push_back(std::move(access));
  }
}

std::vector<NodePtr> Parser::arguments(char close) {
  std::vector<NodePtr> arguments;
  skip_space();
  if (take(close)) return arguments;
  do {
    arguments.push_back(expression());
  } while (take(','));
  expect(close);
  return arguments;
}

}  // namespace paddock::services::apigateway::vtl
