// Filter patterns for events that are JSON: { $.a.b[0] = "x" && ($.n > 3 || $.z IS NULL) }.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "services/logs/pattern_scanner.hpp"

namespace paddock::services::logs {

// Where a value is: $.name, $['na.me'], $.list[3], with at most one wildcard: $.list[*], $.object.*
class JsonSelector {
 public:
  static JsonSelector parse(PatternScanner& scanner);

  const std::string& text() const { return text_; }  // in a form of its own: "$.list[3]"
  bool has_wildcard() const { return wildcard_; }
  // Calls `visit` with each value that is there until it returns true; that is the answer.
  bool any(const Json& event, const std::function<bool(const Json&)>& visit) const;

 private:
  struct Step {
    enum class Kind { member, element, any_member, any_element } kind = Kind::member;
    std::string name;
    size_t index = 0;
  };
  void add(Step step);
  void parse_brackets(PatternScanner& scanner);
  bool walk(const Json& at, size_t step, const std::function<bool(const Json&)>& visit) const;

  std::string text_ = "$";
  std::vector<Step> steps_;
  bool wildcard_ = false;
};

// Immutable, so thread-safe.
class JsonPattern {
 public:
  static constexpr size_t kMostWildcards = 3;  // selectors that have one

  // The whole text with its braces. Throws BadPattern.
  explicit JsonPattern(std::string_view text);

  bool matches(std::string_view message) const;
  // If it matches: the values that its selectors point to, by selector.
  std::optional<std::map<std::string, std::string>> extract(std::string_view message) const;

 private:
  struct Condition {
    static Condition parse(PatternScanner& scanner);
    bool holds(const Json& event) const;

    enum class Kind { compare, is_null, is_true, is_false, not_exists } kind = Kind::compare;
    JsonSelector selector;
    std::optional<Comparison> comparison;
  };

  Conditions<Condition> conditions_;
};

}  // namespace paddock::services::logs
