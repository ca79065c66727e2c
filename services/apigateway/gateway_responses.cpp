// Gateway responses: what an API answers when it is the gateway that fails a request
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html).
#include "models/apigateway.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/definitions.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/patch.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace gateway_responses_detail {

using Context = gateway::RequestContext;
using gateway::Output;
using Kind = PatchRule::Kind;

Output put_gateway_response(Control& control, Context& context, Json input) {
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api(context, input);
  Json response = new_gateway_response(input);
  api[kGatewayResponses][input[m::responseType].get<std::string>()] = response;
  control.save_api(context, api);
  return response;
}

Output get_gateway_response(Control& control, Context& context, Json input) {
  Json api = control.load_api(context, input);
  return gateway_response_of(api.value(kGatewayResponses, Json()), input[m::responseType]);
}

Output get_gateway_responses(Control& control, Context& context, Json input) {
  Json api = control.load_api(context, input);
  Json put = api.value(kGatewayResponses, Json());
  Json items = Json::array();
  for (const std::string& type : gateway_response_types()) {
    items.push_back(gateway_response_of(put, type));
  }
  return page_of(std::move(items), input);
}

Output update_gateway_response(Control& control, Context& context, Json input) {
  static const std::map<std::string, PatchRule> kRules{
      {m::statusCode, {Kind::text}},
      {m::responseParameters,
       {Kind::member, nullptr, false, "Invalid parameter name specified", true}},
      {m::responseTemplates,
       {Kind::member, nullptr, false, "Content-Type specified was not found", true}},
  };
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api(context, input);
  std::string type = input[m::responseType];
  Json response = gateway_response_of(api.value(kGatewayResponses, Json()), type);
  for (const Patch& patch : patches_of(input.value(m::patchOperations, Json()))) {
    auto rule = kRules.find(patch.parts[0]);
    bool is_bad_status = patch.parts[0] == m::statusCode && patch.op != "replace";
    if (rule == kRules.end() || is_bad_status) throw errors::bad_patch_path(patch.path);
    apply_patch(response, patch, rule->second);
  }
  for (const char* member : {m::responseParameters, m::responseTemplates}) {
    if (!response.contains(member)) response[member] = Json::object();
  }
  check_gateway_response(response);
  response[m::defaultResponse] = false;
  api[kGatewayResponses][type] = response;
  control.save_api(context, api);
  return response;
}

Output delete_gateway_response(Control& control, Context& context, Json input) {
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api(context, input);
  Json& put = api[kGatewayResponses];
  if (!put.is_object() || put.erase(input[m::responseType].get<std::string>()) == 0) {
    throw errors::no_such_gateway_response();
  }
  control.save_api(context, api);
  return Json::object();
}

}  // namespace gateway_responses_detail

std::vector<ControlRow> gateway_response_rows() {
  namespace d = gateway_responses_detail;
  return {
      {"PutGatewayResponse", d::put_gateway_response, "apigateway:PUT"},
      {"GetGatewayResponse", d::get_gateway_response, "apigateway:GET"},
      {"GetGatewayResponses", d::get_gateway_responses, "apigateway:GET"},
      {"UpdateGatewayResponse", d::update_gateway_response, "apigateway:PATCH"},
      {"DeleteGatewayResponse", d::delete_gateway_response, "apigateway:DELETE"},
  };
}

}  // namespace paddock::services::apigateway
