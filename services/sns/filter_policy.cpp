#include "services/sns/filter_policy.hpp"

#include <charconv>
#include <stdexcept>

#include "events/json_tokens.hpp"
#include "services/sns/errors.hpp"
#include "services/sns/limits.hpp"
#include "wire/codec.hpp"

namespace paddock::services::sns {
namespace filtering {

// Of the common language SNS lacks all but one of the nested forms of anything-but.
events::PatternLanguage language() {
  events::PatternLanguage known;
  known.anything_but_suffix = false;
  known.most_number = limits::kMostFilterNumber;
  return known;
}

// The product of the numbers of values of all keys, each taken as often as it is deep; the branches
// of an $or are summed up.
size_t combinations(const Json& node, size_t depth, size_t before) {
  constexpr size_t kEnough = limits::kMostFilterCombinations + 1;
  size_t found = before;
  for (auto member = node.begin(); member != node.end(); ++member) {
    if (member->is_object()) {
      found = combinations(*member, depth + 1, found);
    } else if (member.key() == "$or") {
      size_t sum = 0;
      for (const Json& branch : *member) sum += combinations(branch, depth, found);
      found = sum;
    } else {
      found *= member->size() * depth;
    }
    if (found > kEnough) return kEnough;
  }
  return found;
}

bool nested(const Json& node) {
  for (auto member = node.begin(); member != node.end(); ++member) {
    if (member->is_object()) return true;
    if (member.key() != "$or") continue;
    for (const Json& branch : *member) {
      if (nested(branch)) return true;
    }
  }
  return false;
}

std::optional<double> number_of(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string prefix(bool subscribing) {
  return subscribing ? "Attributes Reason: " : "";
}

}  // namespace filtering

void check_json(const std::string& text, const std::string& what) {
  try {
    events::JsonTokens tokens(text);
    while (tokens.next() != events::JsonTokens::Kind::end) tokens.text();
  } catch (const events::JsonTokenError& error) {
    throw errors::invalid(
        what + ": failed to parse JSON. " + error.what() +
        "\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); "
        "line: " +
        std::to_string(error.line) + ", column: " + std::to_string(error.column) + "]");
  }
}

FilterPolicy::FilterPolicy(const std::string& text, Scope scope, bool subscribing) : scope_(scope) {
  const std::string start = filtering::prefix(subscribing);
  const std::string what = start + "FilterPolicy";
  if (text.size() > limits::kMostFilterBytes) {
    throw errors::invalid(what + ": Filter policy is too large");
  }
  check_json(text, what);
  try {
    pattern_ = events::EventPattern(text, filtering::language());
  } catch (const events::PatternError& error) {
    throw errors::invalid(what + ": " + error.what());
  }
  const Json& document = pattern_.document();
  if (document.size() > limits::kMostFilterKeys) {
    throw errors::invalid(what + ": Filter policy can not have more than " +
                          std::to_string(limits::kMostFilterKeys) + " keys");
  }
  if (scope == Scope::attributes && filtering::nested(document)) {
    throw errors::invalid(
        start + "Filter policy scope MessageAttributes does not support nested filter policy");
  }
  if (filtering::combinations(document, 1, 1) > limits::kMostFilterCombinations) {
    throw errors::invalid(what + ": Filter policy is too complex");
  }
}

bool FilterPolicy::empty(const std::string& text) {
  if (text.empty()) return true;
  const Json parsed = Json::parse(text, nullptr, false);
  return parsed.is_object() && parsed.empty();
}

bool FilterPolicy::matches(const Json& attributes, const std::string& body) const {
  return matches(scope_ == Scope::attributes ? attributes_event(attributes) : body_event(body));
}

Json attributes_event(const Json& attributes) {
  Json event = Json::object();
  for (auto attribute = attributes.begin(); attribute != attributes.end(); ++attribute) {
    const std::string type = attribute->at("Type");
    const std::string& value = attribute->at("Value").get_ref<const std::string&>();
    if (type.starts_with("Binary")) continue;  // never compared
    if (type.starts_with("Number")) {
      if (const auto number = filtering::number_of(value)) event[attribute.key()] = *number;
    } else if (type == "String.Array") {
      Json list = Json::parse(value, nullptr, false);
      if (!list.is_discarded()) event[attribute.key()] = std::move(list);
    } else {
      event[attribute.key()] = value;
    }
  }
  return event;
}

Json body_event(const std::string& body) {
  try {
    Json event = wire::parse_json(body);
    return event.is_object() ? event : Json();
  } catch (const std::invalid_argument&) {
    return {};
  }
}

}  // namespace paddock::services::sns
