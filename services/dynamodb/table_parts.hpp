// What the handlers that make or change tables share.
#pragma once

#include "core/json.hpp"
#include "gateway/context.hpp"

namespace paddock::services::dynamodb {

// SSEDescription of an SSESpecification; null if it asks for the key that AWS owns.
Json sse_description(const gateway::RequestContext& context, const Json& specification);

}  // namespace paddock::services::dynamodb
