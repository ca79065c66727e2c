// A deployment as an OpenAPI 3.0 or Swagger 2.0 document, as GetExport writes it. Pure.
#pragma once

#include <string>

#include "core/json.hpp"

namespace paddock::services::apigateway {

struct ExportOptions {
  bool swagger = true;          // else OpenAPI 3.0
  bool integrations = false;    // x-amazon-apigateway-integration
  bool authorizers = false;     // the extensions of security schemes
  bool all_extensions = false;  // and all others
  std::string host;
  std::string stage;
};

// `api`: the definition (model.hpp); `deployment`: its snapshot.
Json export_openapi(const Json& api, const Json& deployment, const ExportOptions& options);

}  // namespace paddock::services::apigateway
