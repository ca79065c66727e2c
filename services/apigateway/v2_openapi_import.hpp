// Import of OpenAPI documents into HTTP APIs
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html). Pure.
#pragma once

#include <string>
#include <vector>

#include "core/json.hpp"
#include "services/apigateway/openapi_document.hpp"
#include "services/apigateway/openapi_import.hpp"

namespace paddock::services::apigateway::v2 {

// Puts what a document defines into `api` (v2_model.hpp): its name, version, tags and CORS; its
// routes, integrations and authorizers take the place of those there are, and keep the ids of
// routes and authorizers of the same key and name. `base_path`: "ignore", "prepend", "split". What
// cannot be made is left out; the warnings say so. Throws OpenapiError, AwsError; `api` is then to
// be thrown away.
std::vector<std::string> import_http_api(Json& api, const OpenapiDocument& document,
                                         const std::string& base_path, const NewId& new_id);

}  // namespace paddock::services::apigateway::v2
