#include "services/logs/json_pattern.hpp"

#include <charconv>

namespace paddock::services::logs {
namespace json_values {

// The text of a value that a pattern can be compared with: text, numbers and flags.
std::optional<std::string> text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number() || value.is_boolean()) return value.dump();
  return std::nullopt;
}

std::optional<double> number_of(const Json& value) {
  if (value.is_number()) return value.get<double>();
  return std::nullopt;
}

Json parse(std::string_view message) {
  // Most events that are no JSON are told by their first character.
  const size_t first = message.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || message[first] != '{') {
    return Json(Json::value_t::discarded);
  }
  return Json::parse(message, nullptr, false);
}

}  // namespace json_values

void JsonSelector::add(Step step) {
  if (step.kind == Step::Kind::any_member || step.kind == Step::Kind::any_element) {
    if (wildcard_) PatternScanner::fail();
    wildcard_ = true;
  }
  switch (step.kind) {
    case Step::Kind::member:
      text_ += '.' + step.name;
      break;
    case Step::Kind::element:
      text_ += '[' + std::to_string(step.index) + ']';
      break;
    case Step::Kind::any_member:
      text_ += ".*";
      break;
    case Step::Kind::any_element:
      text_ += "[*]";
      break;
  }
  steps_.push_back(std::move(step));
}

// What is in brackets: an index, a star, or a name in quotes.
void JsonSelector::parse_brackets(PatternScanner& scanner) {
  Step step;
  if (scanner.peek() == '\'' || scanner.peek() == '"') {
    const std::string_view quote = scanner.peek() == '"' ? "\"" : "'";
    scanner.skip(1);
    while (!scanner.done() && !scanner.at(quote)) {
      step.name += scanner.peek();
      scanner.skip(1);
    }
    scanner.expect(quote);
  } else if (scanner.take("*")) {
    step.kind = Step::Kind::any_element;
  } else {
    const std::string digits = scanner.word();
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), step.index);
    if (error != std::errc() || end != digits.data() + digits.size()) PatternScanner::fail();
    step.kind = Step::Kind::element;
  }
  // "Array elements must follow a property."
  if (steps_.empty() && step.kind != Step::Kind::member) PatternScanner::fail();
  scanner.expect("]");
  add(std::move(step));
}

JsonSelector JsonSelector::parse(PatternScanner& scanner) {
  JsonSelector selector;
  scanner.expect("$");
  while (scanner.peek() == '.' || scanner.peek() == '[') {
    const bool brackets = scanner.peek() == '[';
    scanner.skip(1);
    if (brackets) {
      selector.parse_brackets(scanner);
      continue;
    }
    Step step;
    if (scanner.peek() == '*') {
      scanner.skip(1);
      step.kind = Step::Kind::any_member;
    } else {
      step.name = scanner.word("-");
      if (step.name.empty() && scanner.done()) PatternScanner::fail();
      if (step.name.empty()) PatternScanner::fail_at("$." + std::string(1, scanner.peek()));
    }
    selector.add(std::move(step));
  }
  if (selector.steps_.empty()) PatternScanner::fail();
  return selector;
}

bool JsonSelector::walk(const Json& at, size_t step,
                        const std::function<bool(const Json&)>& visit) const {
  if (step == steps_.size()) return visit(at);
  const Step& next = steps_[step];
  switch (next.kind) {
    case Step::Kind::member: {
      if (!at.is_object()) return false;
      const auto found = at.find(next.name);
      return found != at.end() && walk(*found, step + 1, visit);
    }
    case Step::Kind::element:
      return at.is_array() && next.index < at.size() && walk(at[next.index], step + 1, visit);
    case Step::Kind::any_member:
    case Step::Kind::any_element: {
      const bool members = next.kind == Step::Kind::any_member;
      if (members ? !at.is_object() : !at.is_array()) return false;
      for (const Json& one : at) {
        if (walk(one, step + 1, visit)) return true;
      }
      return false;
    }
  }
  return false;
}

bool JsonSelector::any(const Json& event, const std::function<bool(const Json&)>& visit) const {
  return walk(event, 0, visit);
}

JsonPattern::Condition JsonPattern::Condition::parse(PatternScanner& scanner) {
  Condition condition;
  condition.selector = JsonSelector::parse(scanner);
  if (scanner.take_word("IS")) {
    if (scanner.take_word("NULL")) {
      condition.kind = Kind::is_null;
    } else if (scanner.take_word("TRUE")) {
      condition.kind = Kind::is_true;
    } else if (scanner.take_word("FALSE")) {
      condition.kind = Kind::is_false;
    } else {
      PatternScanner::fail();
    }
  } else if (scanner.take_word("NOT")) {
    if (!scanner.take_word("EXISTS")) PatternScanner::fail();
    condition.kind = Kind::not_exists;
  } else {
    condition.comparison = Comparison::parse(scanner);
  }
  return condition;
}

bool JsonPattern::Condition::holds(const Json& event) const {
  if (kind == Kind::not_exists) {
    return !selector.any(event, [](const Json&) { return true; });
  }
  return selector.any(event, [this](const Json& value) {
    switch (kind) {
      case Kind::is_null:
        return value.is_null();
      case Kind::is_true:
      case Kind::is_false:
        return value.is_boolean() && value.get<bool>() == (kind == Kind::is_true);
      default: {
        // Arrays and objects match nothing, not even !=.
        const std::optional<std::string> text = json_values::text_of(value);
        return text && comparison->holds(*text, json_values::number_of(value));
      }
    }
  });
}

JsonPattern::JsonPattern(std::string_view text) {
  PatternScanner scanner(text);
  scanner.expect("{");
  conditions_ = Conditions<Condition>::parse(scanner);
  scanner.expect("}");
  scanner.skip_space();
  if (!scanner.done()) PatternScanner::fail();
  size_t wildcards = 0;
  conditions_.each([&wildcards](const Condition& condition) {
    if (condition.selector.has_wildcard() && ++wildcards > kMostWildcards) PatternScanner::fail();
  });
}

bool JsonPattern::matches(std::string_view message) const {
  const Json event = json_values::parse(message);
  return event.is_object() &&
         conditions_.hold([&event](const Condition& condition) { return condition.holds(event); });
}

std::optional<std::map<std::string, std::string>> JsonPattern::extract(
    std::string_view message) const {
  const Json event = json_values::parse(message);
  if (!event.is_object() ||
      !conditions_.hold([&event](const Condition& condition) { return condition.holds(event); })) {
    return std::nullopt;
  }
  std::map<std::string, std::string> values;
  conditions_.each([&](const Condition& condition) {
    condition.selector.any(event, [&](const Json& value) {
      const std::optional<std::string> text = json_values::text_of(value);
      if (text) values.emplace(condition.selector.text(), *text);
      return text.has_value();
    });
  });
  return values;
}

}  // namespace paddock::services::logs
