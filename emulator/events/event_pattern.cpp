// Reading patterns. The order of checks and the words are those of the rule compiler that AWS's
// services share, as their recorded messages show them.
#include "events/event_pattern.hpp"

#include <optional>

#include "events/ip_range.hpp"
#include "events/json_tokens.hpp"

namespace paddock::events {
namespace patterns {

using Kind = JsonTokens::Kind;

constexpr size_t kMostShownSource = 500;

class Compiler {
 public:
  Compiler(std::string_view text, const PatternLanguage& language)
      : text_(text), tokens_(text), language_(language) {}

  Json compile() {
    if (tokens_.next() != Kind::begin_object) fail("Filter is not an object");
    Json document = object();
    tokens_.next();
    return document;
  }

 private:
  [[noreturn]] void fail(const std::string& message) const {
    std::string shown(text_.substr(0, kMostShownSource));
    if (text_.size() > kMostShownSource) {
      shown += "\"[truncated " + std::to_string(text_.size() - kMostShownSource) + " chars]";
    } else {
      shown += '"';
    }
    throw PatternError(message + "\n at [Source: (String)\"" + shown +
                       "; line: " + std::to_string(tokens_.line()) +
                       ", column: " + std::to_string(tokens_.column()) + "]");
  }
  void require_end(Kind found) const {
    if (found != Kind::end_object) fail("Only one key allowed in match expression");
  }

  Json object() {
    Json out = Json::object();
    while (tokens_.next() != Kind::end_object) {
      const std::string name = tokens_.text();
      const Kind kind = tokens_.next();
      if (name == "$or" && kind == Kind::begin_array) {
        out[name] = alternatives();
      } else if (kind == Kind::begin_object) {
        out[name] = object();
      } else if (kind == Kind::begin_array) {
        out[name] = rules();
      } else {
        fail("\"" + name + "\" must be an object or an array");
      }
    }
    if (out.empty()) fail("Empty objects are not allowed");
    return out;
  }

  Json alternatives() {
    Json out = Json::array();
    Kind kind = tokens_.next();
    while (kind != Kind::end_array) {
      if (kind != Kind::begin_object) fail("$or must be an array of objects");
      out.push_back(object());
      kind = tokens_.next();
    }
    if (out.size() < 2) fail("There must have at least 2 Objects in $or relationship");
    return out;
  }

  Json rules() {
    Json out = Json::array();
    for (Kind kind = tokens_.next(); kind != Kind::end_array; kind = tokens_.next()) {
      out.push_back(rule(kind));
    }
    if (out.empty()) fail("Empty arrays are not allowed");
    return out;
  }

  Json rule(Kind kind) {
    switch (kind) {
      case Kind::begin_object:
        return match_expression();
      case Kind::string:
        return tokens_.text();
      case Kind::number:
        return tokens_.number();
      case Kind::true_:
        return true;
      case Kind::false_:
        return false;
      case Kind::null:
        return nullptr;
      default:
        fail("Match value must be String, number, true, false, or null");
    }
  }

  double ranged(double number) const {
    const double most = language_.most_number;
    if (!(number >= -most && number <= most)) {
      const std::string shown = std::to_string(static_cast<int>(most / 1e9)) + ".0E9";
      fail("Value must be between -" + shown + " and " + shown + ", inclusive");
    }
    return number;
  }

  Json match_expression() {
    if (tokens_.next() != Kind::name) fail("Match expression name not found");
    const std::string name = tokens_.text();
    Json value;
    if (name == "prefix" || name == "suffix") {
      value = affix(name);
    } else if (name == "equals-ignore-case") {
      value = text_of(tokens_.next(), name);
    } else if (name == "wildcard" && language_.wildcard) {
      value = wildcard(tokens_.next());
    } else if (name == "exists") {
      value = exists();
    } else if (name == "numeric") {
      if (tokens_.next() != Kind::begin_array) fail("Value of numeric must be an array.");
      value = numeric();
    } else if (name == "anything-but") {
      value = anything_but();
    } else if (name == "cidr" && language_.cidr) {
      value = cidr();
    } else {
      fail("Unrecognized match type " + name);
    }
    require_end(tokens_.next());
    return {{name, std::move(value)}};
  }

  std::string text_of(Kind kind, const std::string& what) {
    if (kind != Kind::string) fail(what + " match pattern must be a string");
    return tokens_.text();
  }

  Json affix(const std::string& name) {
    const Kind kind = tokens_.next();
    if (kind != Kind::begin_object || !language_.nested_ignore_case) return text_of(kind, name);
    if (tokens_.next() != Kind::name) fail(name + " expression name not found");
    const std::string nested = tokens_.text();
    if (nested != "equals-ignore-case") fail("Unsupported " + name + " pattern: " + nested);
    std::string text = text_of(tokens_.next(), "equals-ignore-case");
    require_end(tokens_.next());
    return {{nested, std::move(text)}};
  }

  std::string wildcard(Kind kind) {
    std::string text = text_of(kind, "wildcard");
    if (text.find("**") != std::string::npos) {
      fail("Consecutive wildcard characters at pos " + std::to_string(text.find("**")));
    }
    return text;
  }

  bool exists() {
    const Kind kind = tokens_.next();
    if (kind != Kind::true_ && kind != Kind::false_) {
      fail("exists match pattern must be either true or false.");
    }
    return kind == Kind::true_;
  }

  std::string cidr() {
    if (tokens_.next() != Kind::string) fail("prefix match pattern must be a string");
    std::string text = tokens_.text();
    try {
      IpRange range(text);
    } catch (const std::invalid_argument& error) {
      throw PatternError(error.what());
    }
    return text;
  }

  Json numeric();
  void second_bound(Kind kind, Json& out);
  Json anything_but();
  Json anything_but_list();
  Json anything_but_nested();

  std::string_view text_;
  JsonTokens tokens_;
  const PatternLanguage& language_;
};

// ["=", 1], ["<", 1], [">", 1] or [">", 1, "<=", 2]; the bracket is read.
Json Compiler::numeric() {
  const Kind first = tokens_.next();
  if (first != Kind::string) fail("Invalid member in numeric match: " + tokens_.text());
  const std::string comparison = tokens_.text();
  const Kind bound = tokens_.next();
  const bool known = comparison == "=" || comparison == "<" || comparison == "<=" ||
                     comparison == ">" || comparison == ">=";
  if (!known) fail("Unrecognized numeric range operator: " + comparison);
  if (bound != Kind::number) {
    fail("Value of " + (comparison == "=" ? "equals" : comparison) + " must be numeric");
  }
  Json out = Json::array({comparison, ranged(tokens_.number())});
  const Kind more = tokens_.next();
  if (more == Kind::end_array) return out;
  if (comparison == "=") fail("Only one key allowed in match expression");
  if (comparison[0] == '<') fail("Too many elements in numeric expression");
  second_bound(more, out);
  return out;
}

void Compiler::second_bound(Kind kind, Json& out) {
  if (kind != Kind::string) fail("Bad value in numeric range: " + tokens_.text());
  const std::string comparison = tokens_.text();
  if (comparison != "<" && comparison != "<=") fail("Bad numeric range operator: " + comparison);
  if (tokens_.next() != Kind::number) fail("Value of " + comparison + " must be numeric");
  const double top = ranged(tokens_.number());
  if (tokens_.next() != Kind::end_array) fail("Too many terms in numeric range expression");
  if (out[1].get<double>() >= top) fail("Bottom must be less than top");
  out.push_back(comparison);
  out.push_back(top);
}

Json Compiler::anything_but() {
  const Kind kind = tokens_.next();
  if (kind == Kind::begin_object) return anything_but_nested();
  if (kind == Kind::begin_array) return anything_but_list();
  if (kind == Kind::string) return tokens_.text();
  if (kind == Kind::number) return ranged(tokens_.number());
  fail("Inside anything-but list, start|null|boolean is not supported.");
}

Json Compiler::anything_but_list() {
  Json out = Json::array();
  for (Kind kind = tokens_.next(); kind != Kind::end_array; kind = tokens_.next()) {
    if (kind == Kind::string) {
      out.push_back(tokens_.text());
    } else if (kind == Kind::number) {
      out.push_back(ranged(tokens_.number()));
    } else {
      fail("Inside anything-but list, start|null|boolean is not supported.");
    }
    if (out.back().is_string() != out.front().is_string()) {
      fail(
          "Inside anything-but list, either all values are number or string, mixed type is not "
          "supported");
    }
  }
  if (out.empty()) fail("Empty arrays are not allowed");
  return out;
}

Json Compiler::anything_but_nested() {
  if (tokens_.next() != Kind::name) fail("Anything-But expression name not found");
  const std::string name = tokens_.text();
  const bool known =
      name == "prefix" || (name == "suffix" && language_.anything_but_suffix) ||
      ((name == "wildcard" || name == "equals-ignore-case") && language_.anything_but_wildcard);
  if (!known) fail("Unsupported anything-but pattern: " + name);
  std::string text = name == "wildcard" ? wildcard(tokens_.next()) : text_of(tokens_.next(), name);
  if (text.empty() && (name == "prefix" || name == "suffix")) {
    fail("Null prefix/suffix not allowed");
  }
  require_end(tokens_.next());
  return {{name, std::move(text)}};
}

}  // namespace patterns

EventPattern::EventPattern(std::string_view text, const PatternLanguage& language)
    : document_(patterns::Compiler(text, language).compile()) {}

}  // namespace paddock::events
