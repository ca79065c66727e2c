// Making REST APIs: by CreateRestApi and by import.
#pragma once

#include "services/apigateway/control.hpp"

namespace paddock::services::apigateway {

// A new API's definition (model.hpp) from an input of CreateRestApi, with its root resource and the
// models every API has. Throws BadRequestException. Nothing is written.
Json new_rest_api(Control& control, const gateway::RequestContext& context, const Json& input);

// Writes a new API. Throws ConflictException for an id in use, LimitExceededException.
void add_rest_api(Control& control, gateway::RequestContext& context, const Json& api);

}  // namespace paddock::services::apigateway
