// Integrations of methods and the responses they are mapped to
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-integration-settings.html).

#include "models/apigateway.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/definitions.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/integration_rules.hpp"
#include "services/apigateway/patch.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace integrations_detail {

using Context = gateway::RequestContext;
using gateway::Output;
using Kind = PatchRule::Kind;

Json& found_integration(Json& api, const Json& input) {
  Json& method = found_method(api, input);
  if (!method.contains(m::methodIntegration)) throw errors::no_such_integration();
  return method[m::methodIntegration];
}

Output put_integration(Control& control, Context& context, Json input) {
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api_or(context, input, errors::no_such_resource());
  Json& method = found_method(api, input);
  Json integration = new_integration(input, method);
  method[m::methodIntegration] = integration;
  control.save_api(context, api);
  return integration;
}

Output get_integration(Control& control, Context& context, Json input) {
  Json api = control.load_api_or(context, input, errors::no_such_resource());
  return found_integration(api, input);
}

// "/tlsConfig/insecureSkipVerification" is the one path of two parts that is no map.
void apply_tls_patch(Json& integration, const Patch& patch) {
  if (patch.path != "/tlsConfig/insecureSkipVerification") {
    throw errors::bad_patch_path(patch.path);
  }
  if (patch.op != "replace") throw errors::bad_patch_op("replace");
  integration[m::tlsConfig][m::insecureSkipVerification] = patch.value == "true";
}

Output update_integration(Control& control, Context& context, Json input) {
  static const std::map<std::string, PatchRule> kRules{
      {m::uri, {Kind::text, nullptr, true}},
      {m::httpMethod, {Kind::text, check_http_method, true}},
      {m::credentials, {Kind::text, nullptr}},
      {m::connectionId, {Kind::text, nullptr}},
      {m::connectionType, {Kind::text, integration_rules::check_connection_type}},
      {m::passthroughBehavior, {Kind::text, integration_rules::check_passthrough}},
      {m::contentHandling, {Kind::text, integration_rules::check_content_handling}},
      {m::timeoutInMillis, {Kind::number, integration_rules::check_timeout_text, true}},
      {m::cacheNamespace, {Kind::text, nullptr}},
      {m::integrationTarget, {Kind::text, nullptr}},
      {m::responseTransferMode, {Kind::text, nullptr}},
      {m::cacheKeyParameters, {Kind::list, nullptr}},
      {m::requestParameters, {Kind::member, nullptr, false, "Invalid parameter name specified"}},
      {m::requestTemplates, {Kind::member, nullptr, false, "Content-Type specified was not found"}},
  };
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api_or(context, input, errors::no_such_resource());
  Json& integration = found_integration(api, input);
  for (const Patch& patch : patches_of(input.value(m::patchOperations, Json()))) {
    auto rule = kRules.find(patch.parts[0]);
    if (patch.parts[0] == m::tlsConfig) {
      apply_tls_patch(integration, patch);
    } else if (rule == kRules.end()) {
      throw errors::bad_patch_path(patch.path);
    } else {
      apply_patch(integration, patch, rule->second);
    }
  }
  if (integration.value(m::contentHandling, "").empty()) integration.erase(m::contentHandling);
  if (!integration.contains(m::passthroughBehavior)) {
    integration[m::passthroughBehavior] = "WHEN_NO_MATCH";
  }
  integration_rules::check_integration(integration, found_method(api, input));
  Json answer = integration;
  control.save_api(context, api);
  return answer;
}

Output delete_integration(Control& control, Context& context, Json input) {
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api_or(context, input, errors::no_such_resource());
  found_integration(api, input);
  found_method(api, input).erase(m::methodIntegration);
  control.save_api(context, api);
  return Json::object();
}

Output put_integration_response(Control& control, Context& context, Json input) {
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api_or(context, input, errors::no_such_resource());
  Json& integration = found_integration(api, input);
  Json response = new_integration_response(input, found_method(api, input));
  integration[m::integrationResponses][input[m::statusCode].get<std::string>()] = response;
  control.save_api(context, api);
  return response;
}

Json& found_integration_response(Json& integration, const Json& input) {
  std::string status = input[m::statusCode];
  auto responses = integration.find(m::integrationResponses);
  if (responses == integration.end() || !responses->contains(status)) {
    throw errors::no_such_status_code();
  }
  return (*responses)[status];
}

Output get_integration_response(Control& control, Context& context, Json input) {
  Json api = control.load_api_or(context, input, errors::no_such_resource());
  return found_integration_response(found_integration(api, input), input);
}

Output update_integration_response(Control& control, Context& context, Json input) {
  static const std::map<std::string, PatchRule> kRules{
      {m::selectionPattern, {Kind::text, nullptr}},
      {m::contentHandling, {Kind::text, integration_rules::check_content_handling}},
      {m::responseParameters, {Kind::member, nullptr, false, "Invalid parameter name specified"}},
      {m::responseTemplates,
       {Kind::member, nullptr, false, "Content-Type specified was not found"}},
  };
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api_or(context, input, errors::no_such_resource());
  Json& response = found_integration_response(found_integration(api, input), input);
  apply_patches(response, input.value(m::patchOperations, Json()), kRules);
  if (response.value(m::contentHandling, "").empty()) response.erase(m::contentHandling);
  const Json parameters = response.value(m::responseParameters, Json::object());
  integration_rules::check_response_mapping(parameters, found_method(api, input),
                                            input[m::statusCode]);
  integration_rules::settle_templates(response, m::responseTemplates);
  Json answer = response;
  control.save_api(context, api);
  return answer;
}

Output delete_integration_response(Control& control, Context& context, Json input) {
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api_or(context, input, errors::no_such_resource());
  // Here AWS does not say that it is the method that is unknown.
  const Json methods = found_resource(api, input).value(m::resourceMethods, Json::object());
  if (!methods.contains(input[m::httpMethod].get<std::string>())) {
    throw errors::no_such_integration();
  }
  Json& integration = found_integration(api, input);
  found_integration_response(integration, input);
  integration[m::integrationResponses].erase(input[m::statusCode].get<std::string>());
  if (integration[m::integrationResponses].empty()) integration.erase(m::integrationResponses);
  control.save_api(context, api);
  return Json::object();
}

}  // namespace integrations_detail

std::vector<ControlRow> integration_rows() {
  namespace d = integrations_detail;
  return {
      {"PutIntegration", d::put_integration, "apigateway:PUT"},
      {"GetIntegration", d::get_integration, "apigateway:GET"},
      {"UpdateIntegration", d::update_integration, "apigateway:PATCH"},
      {"DeleteIntegration", d::delete_integration, "apigateway:DELETE"},
      {"PutIntegrationResponse", d::put_integration_response, "apigateway:PUT"},
      {"GetIntegrationResponse", d::get_integration_response, "apigateway:GET"},
      {"UpdateIntegrationResponse", d::update_integration_response, "apigateway:PATCH"},
      {"DeleteIntegrationResponse", d::delete_integration_response, "apigateway:DELETE"},
  };
}

}  // namespace paddock::services::apigateway
