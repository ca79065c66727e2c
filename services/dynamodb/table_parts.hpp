// What the handlers that make or change tables share.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.hpp"
#include "gateway/context.hpp"

namespace paddock::services::dynamodb {

// SSEDescription of an SSESpecification; null if it asks for the key that AWS owns.
Json sse_description(const gateway::RequestContext& context, const Json& specification);

// A list of tags by their keys. Throws AwsError for one that breaks a rule.
std::vector<std::pair<std::string, std::string>> checked_tags(const Json& list);

// A resource policy as GetResourcePolicy returns it. Pure. Throws AwsError for a document that is
// none.
std::string canonical_policy(std::string_view document);

}  // namespace paddock::services::dynamodb
