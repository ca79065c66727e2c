#include <string>

#include "core/error.hpp"
#include "services/apigateway/model.hpp"
#include "services/apigateway/openapi_import.hpp"
#include "services/apigateway/openapi_text.hpp"
#include "services/apigateway/v2_model.hpp"
#include "services/apigateway/v2_openapi_import.hpp"

namespace {

void import_as_http_api(const paddock::services::apigateway::OpenapiDocument& document,
                        const std::string& base_path,
                        const paddock::services::apigateway::NewId& new_id) {
  namespace v2 = paddock::services::apigateway::v2;
  paddock::Json api = {{"ProtocolType", "HTTP"}, {"Tags", paddock::Json::object()}};
  for (const char* section : {v2::kRoutes, v2::kIntegrations, v2::kAuthorizers, v2::kModels}) {
    api[section] = paddock::Json::object();
  }
  try {
    v2::import_http_api(api, document, base_path, new_id);
  } catch (const paddock::services::apigateway::OpenapiError&) {
  } catch (const paddock::AwsError&) {
  }
}

}  // namespace

// An OpenAPI document as a client sends it: text, document, import into a REST API and an HTTP API.
// The first byte says how it is imported.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace apigateway = paddock::services::apigateway;
  using paddock::Json;
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  int number = 0;
  const apigateway::NewId new_id = [&number](std::string_view kind, size_t) {
    return std::string(kind) + std::to_string(++number);
  };
  try {
    const apigateway::OpenapiDocument document(apigateway::parse_openapi_text(text));
    apigateway::ImportOptions options;
    options.overwrite = data[0] % 2 == 1;
    options.base_path = data[0] % 3 == 0 ? "ignore" : data[0] % 3 == 1 ? "prepend" : "split";
    import_as_http_api(document, options.base_path, new_id);
    Json api = apigateway::rest_api_of_document(document);
    api["id"] = "api";
    api["rootResourceId"] = "root";
    api[apigateway::kResources] = {{"root", {{"id", "root"}, {"path", "/"}}}};
    apigateway::import_openapi(api, document, options, new_id);
    const apigateway::RouteTree routes(api[apigateway::kResources]);
    routes.match("/pets/1");
  } catch (const apigateway::OpenapiTextError&) {
  } catch (const apigateway::OpenapiError&) {
  } catch (const paddock::AwsError&) {
  }
  return 0;
}
