// Gateway responses: what an API answers when it is the gateway that fails a request
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html).
#include <array>

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

struct Default {
  const char* type;
  const char* status;  // "" for the two defaults
};
constexpr std::array<Default, 21> kDefaults{{{"ACCESS_DENIED", "403"},
                                             {"API_CONFIGURATION_ERROR", "500"},
                                             {"AUTHORIZER_CONFIGURATION_ERROR", "500"},
                                             {"AUTHORIZER_FAILURE", "500"},
                                             {"BAD_REQUEST_BODY", "400"},
                                             {"BAD_REQUEST_PARAMETERS", "400"},
                                             {"DEFAULT_4XX", ""},
                                             {"DEFAULT_5XX", ""},
                                             {"EXPIRED_TOKEN", "403"},
                                             {"INTEGRATION_FAILURE", "504"},
                                             {"INTEGRATION_TIMEOUT", "504"},
                                             {"INVALID_API_KEY", "403"},
                                             {"INVALID_SIGNATURE", "403"},
                                             {"MISSING_AUTHENTICATION_TOKEN", "403"},
                                             {"QUOTA_EXCEEDED", "429"},
                                             {"REQUEST_TOO_LARGE", "413"},
                                             {"RESOURCE_NOT_FOUND", "404"},
                                             {"THROTTLED", "429"},
                                             {"UNAUTHORIZED", "401"},
                                             {"UNSUPPORTED_MEDIA_TYPE", "415"},
                                             {"WAF_FILTERED", "403"}}};

std::string default_status(const std::string& type) {
  for (const Default& one : kDefaults) {
    if (one.type == type) return one.status;
  }
  return "";
}

// AWS's own response of a type.
Json own_response(const std::string& type) {
  Json response = {{m::responseType, type},
                   {m::defaultResponse, true},
                   {m::responseParameters, Json::object()},
                   {m::responseTemplates,
                    {{"application/json", R"({"message":$context.error.messageString})"}}}};
  std::string status = default_status(type);
  if (!status.empty()) response[m::statusCode] = status;
  return response;
}

void check_parameters(const Json& parameters) {
  static constexpr std::string_view kPlace = "gatewayresponse.header.";
  for (const auto& [name, value] : parameters.items()) {
    if (!name.starts_with(kPlace) || name.size() == kPlace.size()) {
      throw errors::bad_mapping("Invalid mapping expression specified: " + name);
    }
  }
}

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
  for (const Default& one : kDefaults) items.push_back(gateway_response_of(put, one.type));
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
  check_parameters(response[m::responseParameters]);
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

Json new_gateway_response(const Json& input) {
  Json response = gateway_responses_detail::own_response(input[m::responseType]);
  response[m::defaultResponse] = false;
  for (const char* member : {m::statusCode, m::responseParameters, m::responseTemplates}) {
    if (input.contains(member)) response[member] = input[member];
  }
  gateway_responses_detail::check_parameters(response[m::responseParameters]);
  return response;
}

Json gateway_response_of(const Json& put, const std::string& type) {
  Json own = gateway_responses_detail::own_response(type);
  if (!put.is_object()) return own;
  if (put.contains(type)) return put[type];
  std::string status = own.value(m::statusCode, "");
  auto fallback = put.find(status.starts_with('5') ? "DEFAULT_5XX" : "DEFAULT_4XX");
  if (status.empty() || fallback == put.end()) return own;
  for (const char* member : {m::responseParameters, m::responseTemplates, m::statusCode}) {
    if (fallback->contains(member)) own[member] = (*fallback)[member];
  }
  return own;
}

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
