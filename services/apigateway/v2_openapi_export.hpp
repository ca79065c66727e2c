// An HTTP API as an OpenAPI 3.0 document, as ExportApi writes it. Pure.
#pragma once

#include <string>

#include "core/json.hpp"

namespace paddock::services::apigateway::v2 {

struct HttpApiExport {
  bool extensions = true;  // x-amazon-apigateway-…
  std::string host;
  std::string stage;  // "" for $default, or none
};

// `api`: the definition (v2_model.hpp); `snapshot`: what is written of it, a deployment's or its
// present state.
Json export_http_api(const Json& api, const Json& snapshot, const HttpApiExport& options);

}  // namespace paddock::services::apigateway::v2
