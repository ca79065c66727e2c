// Filter patterns of event source mappings: which records reach the function.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
#pragma once

#include <vector>

#include "core/json.hpp"
#include "events/event_pattern.hpp"

namespace paddock::services::lambda {

// The filters of one mapping; a record passes if any of them matches, or if there are none.
// Immutable, so thread-safe.
class Filter {
 public:
  Filter() = default;
  // From a FilterCriteria document. Throws InvalidParameterValueException for too many filters or a
  // pattern that is malformed or uses a comparison that is not one of Lambda's.
  explicit Filter(const Json& criteria);

  bool empty() const { return patterns_.empty(); }
  bool matches(const Json& record) const;

 private:
  std::vector<events::EventPattern> patterns_;
};

}  // namespace paddock::services::lambda
