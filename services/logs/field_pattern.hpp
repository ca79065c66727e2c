// Filter patterns for space-delimited events: [ip, user, ..., status = 4*, bytes > 1000].
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-in-space-delimited-log-events.html
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/logs/pattern_scanner.hpp"

namespace paddock::services::logs {

// Immutable, so thread-safe.
class FieldPattern {
 public:
  // The whole text with its brackets. Throws BadPattern.
  explicit FieldPattern(std::string_view text);

  bool matches(std::string_view message) const { return extract(message).has_value(); }
  // If it matches: all fields of the message, by "$NAME", or by "$3" where they have none.
  std::optional<std::map<std::string, std::string>> extract(std::string_view message) const;

  // The fields of an event: between spaces, but what is in [] or "" is one field.
  static std::vector<std::string_view> split(std::string_view message);

 private:
  struct Condition {
    static Condition parse(PatternScanner& scanner);
    std::string name;
    Comparison comparison;
  };
  struct Field {
    std::string name;  // "": it has none
    std::optional<Conditions<Condition>> conditions;
  };
  void parse_field(PatternScanner& scanner);
  bool holds(const Field& field, std::string_view value) const;

  std::vector<Field> fields_;
  std::optional<size_t> gap_;  // how many fields are before the ellipsis
};

}  // namespace paddock::services::logs
