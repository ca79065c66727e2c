// The parts of the parser that all expressions share, and projections.
#include "services/dynamodb/expression_parser.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "services/dynamodb/expression_parser_level.hpp"
#include "services/dynamodb/validation.hpp"

namespace paddock::services::dynamodb {
namespace parser_detail {

uint32_t intern(std::vector<std::string>& list, std::string_view text) {
  const auto found = std::find(list.begin(), list.end(), text);
  if (found != list.end()) return static_cast<uint32_t>(found - list.begin());
  list.emplace_back(text);
  return static_cast<uint32_t>(list.size() - 1);
}

}  // namespace parser_detail

std::string_view expression_kind_name(ExpressionKind kind) {
  switch (kind) {
    case ExpressionKind::condition:
      return "ConditionExpression";
    case ExpressionKind::filter:
      return "FilterExpression";
    case ExpressionKind::key_condition:
      return "KeyConditionExpression";
    case ExpressionKind::projection:
      return "ProjectionExpression";
    case ExpressionKind::update:
      return "UpdateExpression";
    case ExpressionKind::partiql:
      break;
  }
  return "";
}

ParsedExpressionPtr parse_expression(ExpressionKind kind, std::string_view text) {
  return ExpressionParser(kind, text).parse();
}

ExpressionParser::ExpressionParser(ExpressionKind kind, std::string_view text)
    : text_(text), out_(std::make_shared<ParsedExpression>()) {
  out_->kind = kind;
}

ParsedExpressionPtr ExpressionParser::parse() {
  if (text_.size() > kMaxExpressionBytes) {
    std::string message = "Expression size has exceeded the maximum allowed size;";
    if (out_->kind != ExpressionKind::update)  // AWS leaves it out there
      message += " expression size: " + std::to_string(text_.size());
    fail(message);
  }
  tokens_ = tokenize(text_);
  if (peek().kind == TokenKind::end) fail("The expression can not be empty;");
  switch (out_->kind) {
    case ExpressionKind::projection:
      do out_->projections.push_back(path());
      while (accept(","));
      break;
    case ExpressionKind::update:
      sections();
      break;
    default: {
      const Part root = or_parts();
      if (peek().kind != TokenKind::end) fail_syntax();
      require_condition(root);
      out_->root = root.node;
    }
  }
  if (peek().kind != TokenKind::end) fail_syntax();
  report_flaws();
  return std::move(out_);
}

void ExpressionParser::note(Flaw flaw, std::string message) {
  std::string& kept = flaws_[static_cast<size_t>(flaw)];
  if (kept.empty()) kept = std::move(message);
}

void ExpressionParser::report_flaws() const {
  static constexpr std::array kOrder = {Flaw::parentheses, Flaw::function_name, Flaw::misuse,
                                        Flaw::reserved, Flaw::section};
  static constexpr std::array kUpdateOrder = {Flaw::parentheses, Flaw::reserved,
                                              Flaw::function_name, Flaw::misuse, Flaw::section};
  for (const Flaw flaw : out_->kind == ExpressionKind::update ? kUpdateOrder : kOrder) {
    const std::string& message = flaws_[static_cast<size_t>(flaw)];
    if (!message.empty()) fail(message);
  }
}

void ExpressionParser::fail(std::string_view message) const {
  std::string text = "Invalid ";
  text += expression_kind_name(out_->kind);
  text += ": ";
  text += message;
  fail_validation(std::move(text));
}

// AWS shows the token and its neighbours as they stand in the text.
void ExpressionParser::fail_syntax() const {
  const Token& token = peek();
  const std::string_view first = at_ > 0 ? tokens_[at_ - 1].text : token.text;
  std::string_view last = token.text;
  if (token.kind == TokenKind::end)
    last = first;
  else if (peek(1).kind != TokenKind::end)
    last = peek(1).text;
  const std::string near(first.data(), last.data() + last.size());
  fail("Syntax error; token: \"" + std::string(token.text) + "\", near: \"" + near + "\"");
}

void ExpressionParser::expect(std::string_view punctuation) {
  if (!accept(punctuation)) fail_syntax();
}

// Words that structure the expression and so are never attribute names in it.
bool ExpressionParser::is_keyword(const Token& token) const {
  static constexpr std::array<std::string_view, 5> kCondition = {"AND", "OR", "NOT", "BETWEEN",
                                                                 "IN"};
  static constexpr std::array<std::string_view, 4> kUpdate = {"SET", "REMOVE", "ADD", "DELETE"};
  const auto matches = [&](std::string_view keyword) { return token.is_word(keyword); };
  if (out_->kind == ExpressionKind::projection) return false;
  if (out_->kind == ExpressionKind::update)
    return std::any_of(kUpdate.begin(), kUpdate.end(), matches);
  return std::any_of(kCondition.begin(), kCondition.end(), matches);
}

void ExpressionParser::count_operator() {
  if (++operators_ > kMaxOperators)
    fail("The expression contains too many operators; operator count: " +
         std::to_string(operators_));
}

uint32_t ExpressionParser::add_node(Op op, uint32_t index, const std::vector<uint32_t>& children) {
  ExpressionNode node;
  node.op = op;
  node.index = index;
  node.first = static_cast<uint32_t>(out_->children.size());
  node.count = static_cast<uint32_t>(children.size());
  out_->children.insert(out_->children.end(), children.begin(), children.end());
  out_->nodes.push_back(node);
  return static_cast<uint32_t>(out_->nodes.size() - 1);
}

ExpressionParser::Part ExpressionParser::value_part() {
  if (peek().kind != TokenKind::value) fail_syntax();
  Part part;
  part.node = add_node(Op::value, parser_detail::intern(out_->values, take().text), {});
  return part;
}

ExpressionParser::Part ExpressionParser::path_part() {
  Part part;
  part.node = add_node(Op::path, path(), {});
  return part;
}

uint32_t ExpressionParser::path() {
  ParsedPath steps;
  path_step(steps);
  path_tail(steps);
  out_->paths.push_back(std::move(steps));
  return static_cast<uint32_t>(out_->paths.size() - 1);
}

void ExpressionParser::path_step(ParsedPath& path) {
  const Token& token = peek();
  PathStep step;
  if (token.kind == TokenKind::name) {
    step.kind = PathStep::Kind::placeholder;
    step.index = parser_detail::intern(out_->names, token.text);
  } else if (token.kind == TokenKind::identifier && !is_keyword(token)) {
    step.name = token.text;
    if (reserved_word(token.text))
      note(Flaw::reserved,
           "Attribute name is a reserved keyword; reserved keyword: " + std::string(token.text));
  } else {
    fail_syntax();
  }
  ++at_;
  path.push_back(std::move(step));
}

void ExpressionParser::path_tail(ParsedPath& path) {
  for (;;) {
    if (accept(".")) {
      path_step(path);
    } else if (accept("[")) {
      const Token& token = peek();
      if (token.kind != TokenKind::number) fail_syntax();
      PathStep step;
      step.kind = PathStep::Kind::index;
      const char* end = token.text.data() + token.text.size();
      const auto read = std::from_chars(token.text.data(), end, step.index);
      if (read.ec != std::errc() || step.index > std::numeric_limits<int32_t>::max())
        fail("List index is not within the allowable range; index: [" + std::string(token.text) +
             "]");
      ++at_;
      expect("]");
      path.push_back(std::move(step));
    } else {
      break;
    }
  }
  if (path.size() > kMaxPathDepth)
    fail("The document path has too many nesting levels; nesting levels: " +
         std::to_string(path.size()));
}

}  // namespace paddock::services::dynamodb
