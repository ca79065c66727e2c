// What the operation rows of all files share (service.cpp): the ARNs that an operation touches.
#pragma once

#include <string>
#include <vector>

#include "core/json.hpp"
#include "gateway/context.hpp"

namespace paddock::services::dynamodb::wiring {

std::vector<std::string> table(const gateway::RequestContext& context, const Json& input);
std::vector<std::string> tagged(const gateway::RequestContext& context, const Json& input);

}  // namespace paddock::services::dynamodb::wiring
