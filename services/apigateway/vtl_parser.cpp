// Text and directives of templates. The comments name the tokens of Velocity's grammar
// (Parser.jjt of 1.7) whose treatment of blanks they follow.
#include "services/apigateway/vtl_parser.hpp"

#include <algorithm>
#include <array>

namespace paddock::services::apigateway::vtl {
namespace vtl_parser_detail {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_word_start(char c) {
  return is_letter(c) || c == '_' || c == '@';
}
bool is_word(char c) {
  return is_word_start(c) || (c >= '0' && c <= '9');
}

}  // namespace vtl_parser_detail

Parser::Level::Level(Parser& parser) : parser_(parser) {
  if (++parser_.depth_ > kMaxNesting) {
    --parser_.depth_;
    parser_.fail("nested too deeply");
  }
}

void Parser::fail(const std::string& what) const {
  const size_t end = std::min(at_, text_.size());
  const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<long>(end), '\n');
  const size_t begin = end == 0 ? std::string_view::npos : text_.rfind('\n', end - 1);
  const size_t column = begin == std::string_view::npos ? end + 1 : end - begin;
  throw TemplateError("Unable to parse the template at line " + std::to_string(line) + ", column " +
                      std::to_string(column) + ": " + what);
}

std::shared_ptr<const Template> Template::parse(std::string_view text) {
  if (text.size() > kMaxTemplate) throw TemplateError("The template is longer than 300 KB");
  auto result = std::make_shared<Template>();
  result->root_ = Parser(text, *result).parse_all();
  return result;
}

const Macro* Template::macro(const std::string& name) const {
  auto found = macros_.find(name);
  return found == macros_.end() ? nullptr : &found->second;
}

NodePtr Parser::parse_all() {
  End why = End::text;
  NodePtr all = block(&why);
  if (why == End::end) fail("#end without a directive");
  if (why == End::other_branch) fail("#else without #if");
  return all;
}

void Parser::add_text(Node& out, std::string_view text) {
  if (text.empty()) return;
  if (out.children.empty() || out.children.back()->kind != Node::Kind::text) {
    out.children.push_back(std::make_unique<Node>(Node::Kind::text));
  }
  out.children.back()->text += text;
}

// SET_DIRECTIVE takes the blanks before it, when they begin a token.
bool Parser::set_follows() const {
  size_t at = text_.find_first_not_of(" \t", at_);
  if (at == std::string_view::npos || at == at_) return false;
  for (std::string_view form : {"#set", "#{set}"}) {
    if (!text_.substr(at).starts_with(form)) continue;
    size_t paren = text_.find_first_not_of(' ', at + form.size());
    return paren != std::string_view::npos && text_[paren] == '(';
  }
  return false;
}

NodePtr Parser::block(End* why) {
  Level level(*this);
  auto out = std::make_unique<Node>(Node::Kind::block);
  *why = End::text;
  while (!at_end()) {
    if (fresh_ && set_follows()) at_ = text_.find_first_not_of(" \t", at_);
    const size_t begin = at_;
    at_ = std::min(text_.find_first_of("$#\\", at_), text_.size());
    add_text(*out, text_.substr(begin, at_ - begin));
    fresh_ = at_ == begin;
    if (at_end()) break;
    if (peek() == '\\') {
      backslashes(*out);
    } else if (peek() == '$') {
      if (NodePtr found = reference()) {
        out->children.push_back(std::move(found));
        fresh_ = true;
      } else {
        add_text(*out, text_.substr(at_++, 1));
      }
    } else if (!comment() && !literal_text(*out)) {
      if (directive(*out, why)) {
        if (*why != End::text) return out;
        fresh_ = true;
      } else {
        add_text(*out, text_.substr(at_++, 1));
      }
    }
  }
  return out;
}

bool Parser::comment() {
  if (text_.substr(at_, 2) == "##") {
    at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
    if (peek() == '\r') ++at_;
    if (peek() == '\n') ++at_;
  } else if (text_.substr(at_, 2) == "#*") {
    const size_t end = text_.find("*#", at_ + 2);
    if (end == std::string_view::npos) fail("a comment without its *#");
    at_ = end + 2;
  } else {
    return false;
  }
  fresh_ = true;
  return true;
}

bool Parser::literal_text(Node& out) {
  if (text_.substr(at_, 3) != "#[[") return false;
  const size_t end = text_.find("]]#", at_ + 3);
  if (end == std::string_view::npos) fail("#[[ without its ]]#");
  add_text(out, text_.substr(at_ + 3, end - at_ - 3));
  at_ = end + 3;
  fresh_ = true;
  return true;
}

// Backslashes before a reference or a known directive are halved, and an odd one quotes it; they
// are text before anything else.
void Parser::backslashes(Node& out) {
  const size_t begin = at_;
  size_t end = text_.find_first_not_of('\\', at_);
  if (end == std::string_view::npos) end = text_.size();
  const size_t count = end - begin;
  const std::string_view slashes = text_.substr(begin, count);
  at_ = end;
  fresh_ = true;
  if (peek() == '$') {
    if (NodePtr found = reference()) {
      found->prefix = slashes.substr(0, count / 2);
      found->escaped = count % 2 != 0;
      found->text = text_.substr(end, at_ - end);
      out.children.push_back(std::move(found));
      return;
    }
  } else if (peek() == '#') {
    size_t after = 0;
    const std::string word = word_at(at_ + 1, &after);
    if (!word.empty() && is_directive(word)) {
      add_text(out, slashes.substr(0, count / 2));
      if (count % 2 != 0) {
        add_text(out, text_.substr(at_, after - at_));
        at_ = after;
      }
      return;
    }
  }
  add_text(out, slashes);
}

// "word" or "{word}" at `at`; sets the place behind it.
std::string Parser::word_at(size_t at, size_t* end) const {
  const bool braced = at < text_.size() && text_[at] == '{';
  const size_t begin = at + braced;
  size_t last = begin;
  if (last >= text_.size() || !vtl_parser_detail::is_word_start(text_[last])) return "";
  while (last < text_.size() && vtl_parser_detail::is_word(text_[last])) ++last;
  if (braced && (last >= text_.size() || text_[last] != '}')) return "";
  *end = last + braced;
  return std::string(text_.substr(begin, last - begin));
}

bool Parser::is_directive(const std::string& word) const {
  static constexpr std::array<std::string_view, 14> kWords{
      "set",   "if",   "elseif", "else",    "end",   "foreach",  "define",
      "macro", "stop", "break",  "include", "parse", "evaluate", "literal"};
  if (std::find(kWords.begin(), kWords.end(), word) != kWords.end()) return true;
  return result_.macro(word) != nullptr;
}

// What begins with '#'; false if it is text.
bool Parser::directive(Node& out, End* why) {
  const size_t begin = at_;
  size_t after = 0;
  const std::string word = word_at(at_ + 1, &after);
  if (word.empty()) return false;
  if (word == "end" || word == "else" || word == "elseif") {
    if (word == "end") {
      at_ = after;
      skip_line_end();
      *why = End::end;
    } else {
      *why = End::other_branch;  // parse_if reads it
    }
    return true;
  }
  at_ = after;
  if (word == "set") {
    parse_set(out);
  } else if (word == "if") {
    parse_if(out);
  } else if (word == "foreach") {
    parse_foreach(out);
  } else if (word == "define") {
    parse_define(out);
  } else if (word == "macro") {
    parse_macro();
  } else if (word == "stop" || word == "break") {
    const auto kind = word == "stop" ? Node::Kind::stop : Node::Kind::stop_loop;
    out.children.push_back(std::make_unique<Node>(kind));
  } else if (is_directive(word) && !result_.macro(word)) {
    fail("#" + word + " is not available in mapping templates");
  } else if (!parse_call(out, word, begin)) {
    at_ = begin;
    return false;
  }
  return true;
}

void Parser::open_paren() {
  skip_space();
  expect('(');
}

// RPAREN takes the blanks behind it if nothing else is in its line.
void Parser::close_paren() {
  skip_space();
  expect(')');
  skip_line_end();
}

void Parser::skip_line_end() {
  size_t at = at_;
  while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t')) ++at;
  if (at >= text_.size() || (text_[at] != '\n' && text_[at] != '\r')) return;
  if (text_[at] == '\r' && at + 1 < text_.size() && text_[at + 1] == '\n') ++at;
  at_ = at + 1;
}

NodePtr Parser::body() {
  fresh_ = true;
  End why = End::text;
  NodePtr body = block(&why);
  if (why != End::end) fail(why == End::text ? "#end is missing" : "#else without #if");
  return body;
}

void Parser::parse_set(Node& out) {
  open_paren();
  skip_space();
  NodePtr target = peek() == '$' ? reference() : nullptr;
  if (!target) fail("#set needs a reference");
  skip_space();
  expect('=');
  auto set = std::make_unique<Node>(Node::Kind::set);
  set->children.push_back(std::move(target));
  set->children.push_back(expression());
  close_paren();
  out.children.push_back(std::move(set));
}

void Parser::parse_if(Node& out) {
  auto condition = std::make_unique<Node>(Node::Kind::condition);
  bool last = false;
  open_paren();
  condition->children.push_back(expression());
  close_paren();
  while (true) {
    fresh_ = true;
    End why = End::text;
    condition->children.push_back(block(&why));
    if (why == End::end) break;
    if (why == End::text) fail("#end is missing");
    if (last) fail("a branch after #else");
    size_t after = 0;
    last = word_at(at_ + 1, &after) == "else";
    at_ = after;
    if (last) {
      skip_line_end();
    } else {
      open_paren();
      condition->children.push_back(expression());
      close_paren();
    }
  }
  out.children.push_back(std::move(condition));
}

void Parser::parse_foreach(Node& out) {
  open_paren();
  skip_space();
  NodePtr variable = peek() == '$' ? reference() : nullptr;
  if (!variable || !variable->accesses.empty()) fail("#foreach needs a variable");
  skip_space();
  if (text_.substr(at_, 2) != "in") fail("#foreach needs 'in'");
  at_ += 2;
  auto loop = std::make_unique<Node>(Node::Kind::foreach);
  loop->name = variable->name;
  loop->children.push_back(expression());
  close_paren();
  loop->children.push_back(body());
  out.children.push_back(std::move(loop));
}

void Parser::parse_define(Node& out) {
  open_paren();
  skip_space();
  NodePtr variable = peek() == '$' ? reference() : nullptr;
  if (!variable || !variable->accesses.empty()) fail("#define needs a variable");
  close_paren();
  auto define = std::make_unique<Node>(Node::Kind::define);
  define->name = variable->name;
  define->children.push_back(body());
  out.children.push_back(std::move(define));
}

void Parser::parse_macro() {
  open_paren();
  skip_space();
  size_t after = at_;
  const std::string name = word_at(at_, &after);
  if (name.empty()) fail("#macro needs a name");
  at_ = after;
  Macro macro;
  while (true) {
    skip_space();
    take(',');
    skip_space();
    if (peek() != '$') break;
    NodePtr parameter = reference();
    if (!parameter || !parameter->accesses.empty()) fail("a parameter must be a variable");
    macro.parameters.push_back(parameter->name);
  }
  close_paren();
  result_.macros_.emplace(name, Macro());  // so that it may call itself
  macro.body = body();
  result_.macros_[name] = std::move(macro);
}

// "#name(arguments)". Whether there is such a macro is seen when it is rendered; it may be defined
// further down. What has no such form is text.
bool Parser::parse_call(Node& out, const std::string& name, size_t begin) {
  if (peek() != '(' && !result_.macro(name)) return false;
  const size_t behind_name = at_;
  skip_space();
  if (!take('(')) {
    at_ = behind_name;
    return false;
  }
  auto call = std::make_unique<Node>(Node::Kind::call);
  call->name = name;
  try {
    while (true) {
      skip_space();
      take(',');
      skip_space();
      if (peek() == ')') break;
      call->children.push_back(primary());
    }
  } catch (const TemplateError&) {
    if (result_.macro(name)) throw;
    return false;
  }
  ++at_;
  call->text = text_.substr(begin, at_ - begin);
  if (result_.macro(name)) skip_line_end();
  out.children.push_back(std::move(call));
  return true;
}

}  // namespace paddock::services::apigateway::vtl
