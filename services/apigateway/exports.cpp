// GetExport: a stage's deployment as an OpenAPI or Swagger document.
#include "models/apigateway.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/openapi_export.hpp"
#include "services/apigateway/openapi_text.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace exports_detail {

using Context = gateway::RequestContext;
using gateway::Output;

ExportOptions options_of(const Json& input) {
  ExportOptions options;
  std::string type = input[m::exportType];
  if (type != "swagger" && type != "oas30") {
    throw errors::bad_request("No API exporter for type '" + type + "'");
  }
  options.swagger = type == "swagger";
  const Json parameters = input.value(m::parameters, Json::object());
  std::string extensions = parameters.value("extensions", "");
  auto asks_for = [&](const char* name) {
    return ("," + extensions + ",").find("," + std::string(name) + ",") != std::string::npos;
  };
  options.all_extensions = asks_for("apigateway");
  options.integrations = options.all_extensions || asks_for("integrations");
  options.authorizers = options.all_extensions || asks_for("authorizers");
  return options;
}

Output get_export(Control& control, Context& context, Json input) {
  Json api = control.load_api(context, input);
  std::string id = api[m::id];
  RealmId realm = context.realm->id;
  auto stage = control.store.stage(realm, id, input[m::stageName]);
  if (!stage) throw errors::no_such_stage();
  auto deployment = control.store.deployment(realm, id, (*stage)[m::deploymentId]);
  if (!deployment) throw errors::no_such_deployment();
  ExportOptions options = options_of(input);
  std::string accepts = input.value(m::accepts, "application/json");
  bool is_yaml = accepts.find("application/yaml") != std::string::npos;
  options.host = id + ".execute-api." + context.region + ".amazonaws.com";
  options.stage = input[m::stageName];
  Json document = export_openapi(api, *deployment, options);
  std::string text = is_yaml ? to_yaml(document) : document.dump(2);
  std::string version = document["info"]["version"];
  Json answer = {
      {m::contentType, "application/octet-stream"},
      {m::contentDisposition, "attachment; filename=\"" + input[m::exportType].get<std::string>() +
                                  "_" + version + (is_yaml ? ".yaml\"" : ".json\"")}};
  answer[m::body] = Json::binary(std::vector<uint8_t>(text.begin(), text.end()));
  return answer;
}

}  // namespace exports_detail

std::vector<ControlRow> export_rows() {
  namespace d = exports_detail;
  return {{"GetExport", d::get_export, "apigateway:GET", gateway::Fidelity::full(), true}};
}

}  // namespace paddock::services::apigateway
