#include "services/logs/field_pattern.hpp"

namespace paddock::services::logs {
namespace fields {

constexpr std::string_view kNameMarks = "-";

}  // namespace fields

FieldPattern::Condition FieldPattern::Condition::parse(PatternScanner& scanner) {
  Condition condition;
  scanner.skip_space();
  condition.name = scanner.word(fields::kNameMarks);
  if (condition.name.empty()) scanner.fail_here();
  condition.comparison = Comparison::parse(scanner);
  return condition;
}

// NAME, NAME with conditions that all name it, an ellipsis, or nothing.
void FieldPattern::parse_field(PatternScanner& scanner) {
  scanner.skip_space();
  if (scanner.take("...")) {
    if (gap_) PatternScanner::fail();
    gap_ = fields_.size();
    return;
  }
  Field field;
  if (scanner.peek() != ',' && scanner.peek() != ']') {
    PatternScanner ahead = scanner;
    field.name = ahead.word(fields::kNameMarks);
    ahead.skip_space();
    if (!field.name.empty() && (ahead.peek() == ',' || ahead.peek() == ']')) {
      scanner = ahead;
    } else {
      field.conditions = Conditions<Condition>::parse(scanner);
      field.name.clear();
      field.conditions->each([&field](const Condition& condition) {
        if (!field.name.empty() && field.name != condition.name) PatternScanner::fail();
        field.name = condition.name;
      });
    }
  }
  fields_.push_back(std::move(field));
}

FieldPattern::FieldPattern(std::string_view text) {
  PatternScanner scanner(text);
  scanner.expect("[");
  if (scanner.take("]")) {
    gap_ = 0;  // [] is for every event
  } else {
    do parse_field(scanner);
    while (scanner.take(","));
    scanner.expect("]");
  }
  scanner.skip_space();
  if (!scanner.done()) PatternScanner::fail();
}

std::vector<std::string_view> FieldPattern::split(std::string_view message) {
  constexpr std::string_view kSpace = " \t\r\n";
  std::vector<std::string_view> values;
  for (size_t at = message.find_first_not_of(kSpace); at != std::string_view::npos;
       at = message.find_first_not_of(kSpace, at)) {
    const char first = message[at];
    size_t end = std::string_view::npos;
    if (first == '"' || first == '[') end = message.find(first == '"' ? '"' : ']', at + 1);
    if (end != std::string_view::npos) {
      values.push_back(message.substr(at + 1, end - at - 1));
      at = end + 1;
    } else {
      end = std::min(message.find_first_of(kSpace, at), message.size());
      values.push_back(message.substr(at, end - at));
      at = end;
    }
  }
  return values;
}

bool FieldPattern::holds(const Field& field, std::string_view value) const {
  return !field.conditions || field.conditions->hold([value](const Condition& condition) {
    return condition.comparison.holds(value, number_of(value));
  });
}

std::optional<std::map<std::string, std::string>> FieldPattern::extract(
    std::string_view message) const {
  const std::vector<std::string_view> values = split(message);
  if (gap_ ? values.size() < fields_.size() : values.size() != fields_.size()) return std::nullopt;
  const size_t skipped = values.size() - fields_.size();
  std::map<std::string, std::string> found;
  for (size_t i = 0; i < values.size(); ++i) {
    const bool before = !gap_ || i < *gap_;
    const bool in_gap = gap_ && !before && i < *gap_ + skipped;
    const Field* field = in_gap ? nullptr : &fields_[before ? i : i - skipped];
    if (field != nullptr && !holds(*field, values[i])) return std::nullopt;
    const bool named = field != nullptr && !field->name.empty();
    found.emplace("$" + (named ? field->name : std::to_string(i + 1)), values[i]);
  }
  return found;
}

}  // namespace paddock::services::logs
