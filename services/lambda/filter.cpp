#include "services/lambda/filter.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "models/lambda.hpp"
#include "services/lambda/errors.hpp"
#include "services/lambda/limits.hpp"

namespace paddock::services::lambda {
namespace pattern {

namespace members = ::paddock::models::lambda_members;

// Of the common language Lambda lacks addresses and wildcards.
events::PatternLanguage language() {
  events::PatternLanguage known;
  known.cidr = false;
  known.wildcard = false;
  return known;
}

}  // namespace pattern

Filter::Filter(const Json& criteria) {
  const Json filters = criteria.value(pattern::members::Filters, Json::array());
  if (filters.size() > kMostFilters) {
    throw errors::invalid_parameter("The number of filters exceeds the limit of " +
                                    std::to_string(kMostFilters) + ".");
  }
  for (const Json& filter : filters) {
    const std::string text = filter.value(pattern::members::Pattern, "");
    try {
      patterns_.emplace_back(text, pattern::language());
    } catch (const std::runtime_error&) {
      throw errors::invalid_parameter("Invalid filter pattern definition.");
    }
  }
}

bool Filter::matches(const Json& record) const {
  return patterns_.empty() ||
         std::any_of(patterns_.begin(), patterns_.end(),
                     [&record](const events::EventPattern& p) { return p.matches(record); });
}

}  // namespace paddock::services::lambda
