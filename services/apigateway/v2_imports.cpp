// ImportApi, ReimportApi and ExportApi.
#include "core/clock.hpp"
#include "models/apigatewayv2.hpp"
#include "services/apigateway/openapi_requests.hpp"
#include "services/apigateway/openapi_text.hpp"
#include "services/apigateway/v2_errors.hpp"
#include "services/apigateway/v2_openapi_export.hpp"
#include "services/apigateway/v2_openapi_import.hpp"
#include "services/apigateway/v2_service.hpp"

namespace paddock::services::apigateway::v2 {

namespace m = models::apigatewayv2_members;

// Puts the document into the API; the warnings of it.
std::vector<std::string> GatewayV2::fill_from(Context& context, const OpenapiDocument& document,
                                              const Json& input, Json& api) const {
  const std::string base_path = checked_base_path(input.value(m::Basepath, ""));
  std::vector<std::string> warnings;
  try {
    warnings = import_http_api(api, document, base_path, [&](std::string_view kind, size_t length) {
      return context.platform.ids.base36(context.realm->id, kind, length);
    });
  } catch (const OpenapiError& error) {
    throw errors::bad_request("Errors found during import:\n\t" + std::string(error.what()));
  }
  check_api(api);
  if (input.value(m::FailOnWarnings, false)) refuse_warnings(warnings);
  return warnings;
}

gateway::Output GatewayV2::import_api(Context& context, Json input) {
  const OpenapiDocument document = read_openapi(platform_.log, input[m::Body]);
  Json api = new_api(context);
  api[m::ProtocolType] = "HTTP";
  api[m::RouteSelectionExpression] = kHttpRouteSelection;
  std::vector<std::string> warnings;
  Json answer = add_api(context, std::move(api), [&](storage::Batch&, Json& made) {
    warnings = fill_from(context, document, input, made);
  });
  if (!warnings.empty()) answer[m::Warnings] = warnings;
  return answer;
}

gateway::Output GatewayV2::reimport_api(Context& context, Json input) {
  const OpenapiDocument document = read_openapi(platform_.log, input[m::Body]);
  return change_api(context, input, [&](Json& api, const std::string&) {
    if (is_websocket(api)) throw errors::bad_request("Import is only supported for HTTP APIs");
    std::vector<std::string> warnings = fill_from(context, document, input, api);
    Json answer = api_view(context, api);
    if (!warnings.empty()) answer[m::Warnings] = warnings;
    return answer;
  });
}

gateway::Output GatewayV2::export_api(Context& context, Json input) {
  Json api = load_api(context, input);
  const std::string id = api.at(m::ApiId);
  if (is_websocket(api)) throw errors::bad_request("Export is only supported for HTTP APIs");
  const std::string version = input.value(m::ExportVersion, "1.0");
  if (version != "1.0") throw errors::bad_request("Invalid export version specified: " + version);
  HttpApiExport options;
  options.extensions = input.value(m::IncludeExtensions, true);
  options.host = id + ".execute-api." + context.region + ".amazonaws.com";
  Json snapshot = snapshot_of(api);
  const std::string stage = input.value(m::StageName, "");
  if (!stage.empty()) {
    auto found = store_.of_api(kV2StageKind, context.realm->id, id, stage);
    if (!found) throw errors::no_such_stage();
    const std::string deployment = found->value(m::DeploymentId, "");
    auto deployed = store_.of_api(kV2DeploymentKind, context.realm->id, id, deployment);
    if (!deployed) throw errors::no_such_part("Deployment", deployment);
    snapshot = std::move((*deployed)[kSnapshot]);
    if (stage != "$default") options.stage = stage;
  }
  const Json document = export_http_api(api, snapshot, options);
  const bool yaml = input[m::OutputType] == "YAML";
  const std::string text = yaml ? to_yaml(document) : document.dump(2);
  Json answer = Json::object();
  answer[m::body] = Json::binary(std::vector<uint8_t>(text.begin(), text.end()));
  return answer;
}

}  // namespace paddock::services::apigateway::v2
