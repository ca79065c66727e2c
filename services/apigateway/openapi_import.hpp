// Import of OpenAPI documents into an API's definition, with API Gateway's extensions
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "services/apigateway/openapi_document.hpp"

namespace paddock::services::apigateway {

struct ImportOptions {
  std::string base_path = "ignore";  // "ignore", "prepend", "split"
  bool overwrite = false;            // what the document does not have goes
};

// The part of a document's base path that its paths get below: "ignore", "prepend", "split".
std::string path_prefix(const OpenapiDocument& document, const std::string& mode);

// Makes ids: kind and length.
using NewId = std::function<std::string(std::string_view, size_t)>;

// Puts what a document defines into `api` (model.hpp), which has an id and its root resource.
// Resources that stay keep their ids. Returns the warnings. Throws OpenapiError, AwsError; `api` is
// then to be thrown away. Pure.
std::vector<std::string> import_openapi(Json& api, const OpenapiDocument& document,
                                        const ImportOptions& options, const NewId& new_id);

// The members of the API itself that a document sets, as an input of CreateRestApi.
Json rest_api_of_document(const OpenapiDocument& document);

}  // namespace paddock::services::apigateway
