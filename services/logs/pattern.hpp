// Filter patterns: terms, "quoted phrases", %regular expressions%, ?any and -not for text; and the
// kinds of json_pattern.hpp and field_pattern.hpp.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "services/logs/field_pattern.hpp"
#include "services/logs/json_pattern.hpp"
#include "services/logs/pattern_scanner.hpp"

namespace paddock::services::logs {

// Terms: all must be in the message, as substrings, with case; none of those with -; if there are
// only terms with ?, any of them (beside others they count for nothing, as with AWS).
class TermPattern {
 public:
  // Throws BadPattern.
  explicit TermPattern(std::string_view text);

  bool matches(std::string_view message) const;

 private:
  using Term = std::variant<std::string, Regex>;
  static Term parse_term(PatternScanner& scanner);

  std::vector<Term> all_;
  std::vector<Term> none_;
  std::vector<Term> any_;
};

// A pattern of any kind. Immutable, so thread-safe; copies are deep but for regular expressions.
class Pattern {
 public:
  using Values = std::map<std::string, std::string>;

  // Throws InvalidParameterException in AWS's words; `of` is whose pattern it is: "filter", "metric
  // filter", "subscription filter".
  explicit Pattern(std::string_view text, std::string_view of = "filter");

  bool matches(std::string_view message) const;
  // What the pattern takes out of a message that matches (nothing for terms); nullopt: no match.
  std::optional<Values> extract(std::string_view message) const;
  // Only JSON and fields can give a metric its value and dimensions.
  bool has_values() const { return !std::holds_alternative<TermPattern>(kind_); }
  bool has_fields() const { return std::holds_alternative<FieldPattern>(kind_); }

 private:
  std::variant<TermPattern, JsonPattern, FieldPattern> kind_;
};

}  // namespace paddock::services::logs
