// What API keys and usage plans share in the control plane. The data plane sees usage.hpp.
#pragma once

#include <string>
#include <vector>

#include "services/apigateway/control.hpp"

namespace paddock::services::apigateway {

// A member of key and link rows that answers do not show: the order they were made in.
inline constexpr const char* kNumber = "number";

// Lists of keys begin with the newest.
void newest_first(std::vector<Json>& rows);

// Puts a key into a plan; throws NotFoundException for an unknown plan. Within the lock of keys.
void add_key_to_plan(Control& control, const gateway::RequestContext& context,
                     storage::Batch& batch, const std::string& plan, const Json& key);

}  // namespace paddock::services::apigateway
