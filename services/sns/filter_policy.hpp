// Filter policies of subscriptions: which messages a subscription gets.
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html
#pragma once

#include <optional>
#include <string>

#include "core/json.hpp"
#include "events/event_pattern.hpp"

namespace paddock::services::sns {

// A JSON text as SNS's parser reads it. Throws InvalidParameter: `what` + ": failed to parse JSON.
// …"; `what` is all that follows "Invalid parameter: ".
void check_json(const std::string& text, const std::string& what);

// Immutable, so thread-safe.
class FilterPolicy {
 public:
  enum class Scope { attributes, body };

  // `subscribing`: the error is one of Subscribe's, whose words differ. Throws InvalidParameter for
  // a policy that is malformed, too complex or of too many keys.
  FilterPolicy(const std::string& text, Scope scope, bool subscribing);

  // True for the policy {}, which is none.
  static bool empty(const std::string& text);

  // `attributes`: name -> {"Type", "Value"}; `body`: the message.
  bool matches(const Json& attributes, const std::string& body) const;
  // The same for what attributes_event and body_event made, once for many policies. A body that is
  // no JSON object is null and matches nothing.
  bool matches(const Json& event) const { return event.is_object() && pattern_.matches(event); }
  Scope scope() const { return scope_; }

 private:
  Scope scope_;
  events::EventPattern pattern_;
};

// A message's attributes as an event: texts, numbers, and arrays of them.
Json attributes_event(const Json& attributes);
// A message's body as an event; null if it is no JSON object.
Json body_event(const std::string& body);

}  // namespace paddock::services::sns
