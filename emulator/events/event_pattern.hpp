// The rule language of event patterns, common to Lambda's event filters, SNS's filter policies and
// EventBridge's rules: a pattern has the shape of the events it wants, and arrays of rules as its
// leaves.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "core/json.hpp"

namespace paddock::events {

// What is wrong with a pattern, in the words of the services. what() ends with the place
// ("\n at [Source: (String)"…"; line: 1, column: 28]") where theirs does.
class PatternError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Which rules a service knows beside exact values, prefix, suffix, anything-but (values, prefix),
// numeric, exists, equals-ignore-case and $or.
struct PatternLanguage {
  bool cidr = true;
  bool wildcard = true;
  bool nested_ignore_case = false;     // {"prefix": {"equals-ignore-case": …}}, suffix too
  bool anything_but_suffix = true;     // {"anything-but": {"suffix": …}}
  bool anything_but_wildcard = false;  // …, and equals-ignore-case and wildcard
  double most_number = 5e9;            // of numeric and anything-but, either way from 0
};

// Immutable, so thread-safe.
class EventPattern {
 public:
  EventPattern() = default;
  // Throws PatternError, and JsonTokenError (json_tokens.hpp) for a text that is no JSON.
  EventPattern(std::string_view text, const PatternLanguage& language);

  // An event's objects and arrays are walked along: an array matches if one of its elements does.
  bool matches(const Json& event) const;

  // The pattern as it was read: objects, arrays of rules, rules.
  const Json& document() const { return document_; }

 private:
  Json document_ = Json::object();
};

}  // namespace paddock::events
