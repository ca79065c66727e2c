#include "services/logs/pattern.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "services/logs/errors.hpp"

namespace paddock::services::logs {
namespace pattern_kinds {

using Kind = std::variant<TermPattern, JsonPattern, FieldPattern>;

Kind make(std::string_view text, std::string_view of) {
  text = trim(text);
  try {
    if (text.starts_with('{')) return JsonPattern(text);
    if (text.starts_with('[')) return FieldPattern(text);
    return TermPattern(text);
  } catch (const BadPattern& bad) {
    const std::string what = bad.what();
    throw errors::invalid(what.empty() ? "Invalid " + std::string(of) + " pattern" : what);
  }
}

}  // namespace pattern_kinds

TermPattern::Term TermPattern::parse_term(PatternScanner& scanner) {
  scanner.skip_space();
  if (scanner.peek() == '"') return scanner.quoted();
  if (scanner.peek() == '%') return scanner.regex();
  std::string word = scanner.word();
  if (word.empty()) scanner.fail_here();
  return word;
}

TermPattern::TermPattern(std::string_view text) {
  PatternScanner scanner(text);
  for (scanner.skip_space(); !scanner.done(); scanner.skip_space()) {
    std::vector<Term>& kind = scanner.peek() == '?' ? any_ : scanner.peek() == '-' ? none_ : all_;
    if (&kind != &all_) scanner.skip(1);
    kind.push_back(parse_term(scanner));
    // Terms are apart. What belongs to the language is refused as an error of grammar, other
    // characters by name, as AWS does it.
    const char next = scanner.peek();
    const std::string_view space = " \t\r\n";
    if (scanner.done() || space.find(next) != std::string_view::npos) continue;
    if (next == '-' || next == '"' || next == '%' || !scanner.word().empty()) {
      PatternScanner::fail();
    }
    scanner.fail_here();
  }
}

bool TermPattern::matches(std::string_view message) const {
  const auto holds = [message](const Term& term) {
    const Regex* regex = std::get_if<Regex>(&term);
    return regex ? regex->found_in(message)
                 : message.find(std::get<std::string>(term)) != std::string_view::npos;
  };
  if (all_.empty() && none_.empty()) {
    return any_.empty() || std::any_of(any_.begin(), any_.end(), holds);
  }
  return std::all_of(all_.begin(), all_.end(), holds) &&
         std::none_of(none_.begin(), none_.end(), holds);
}

Pattern::Pattern(std::string_view text, std::string_view of)
    : kind_(pattern_kinds::make(text, of)) {}

bool Pattern::matches(std::string_view message) const {
  return std::visit([message](const auto& kind) { return kind.matches(message); }, kind_);
}

std::optional<Pattern::Values> Pattern::extract(std::string_view message) const {
  if (const auto* json = std::get_if<JsonPattern>(&kind_)) return json->extract(message);
  if (const auto* fields = std::get_if<FieldPattern>(&kind_)) return fields->extract(message);
  return matches(message) ? std::optional<Values>(Values()) : std::nullopt;
}

}  // namespace paddock::services::logs
