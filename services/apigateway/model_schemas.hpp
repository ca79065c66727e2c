// What is done with the schemas of models beside checking requests. Pure.
#pragma once

#include <string>

#include "core/json.hpp"

namespace paddock::services::apigateway {

// The name of the model that a reference stands for
// ("https://apigateway.amazonaws.com/restapis/ID/models/NAME"); "" if it is none.
std::string model_of_reference(const std::string& reference);

// The schema with the models it refers to under "definitions", so that it stands alone. `models`:
// of the API, by name.
std::string flattened_schema(const std::string& schema, const Json& models);

// A mapping template that writes a document of this schema, as the console generates it. What a
// schema says below a depth of 16 is left out.
std::string template_of_schema(const std::string& schema, const Json& models);

}  // namespace paddock::services::apigateway
