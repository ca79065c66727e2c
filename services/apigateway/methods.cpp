// Methods and their responses.
#include <array>
#include <set>

#include "models/apigateway.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/definitions.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/patch.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace methods_detail {

using Context = gateway::RequestContext;
using gateway::Output;
using Kind = PatchRule::Kind;

bool needs_authorizer(const std::string& type) {
  return type == "CUSTOM" || type == "COGNITO_USER_POOLS";
}

void check_authorization_type(const std::string& type) {
  if (type == "NONE" || type == "AWS_IAM" || needs_authorizer(type)) return;
  throw errors::bad_request(
      "Invalid AuthorizationType specified. Valid options are "
      "NONE,AWS_IAM,CUSTOM,COGNITO_USER_POOLS");
}

// The authorizer of a method must exist and be of the method's kind; one that the type has no use
// for is dropped, as AWS does.
void settle_authorizer(const Json& api, Json& method) {
  std::string type = method[m::authorizationType];
  if (!needs_authorizer(type)) {
    method.erase(m::authorizerId);
    return;
  }
  const Json all = api.value(kAuthorizers, Json::object());
  auto found = all.find(method.value(m::authorizerId, ""));
  if (found == all.end()) throw errors::no_authorizer();
  bool is_pool = (*found)[m::type] == "COGNITO_USER_POOLS";
  if (is_pool != (type == "COGNITO_USER_POOLS")) throw errors::no_authorizer();
}

void check_validator(const Json& api, const std::string& id) {
  if (!api.value(kRequestValidators, Json::object()).contains(id)) throw errors::bad_validator();
}

// "method.request.header.NAME" and its like; NAME is unique over the places.
void check_request_parameters(const Json& parameters) {
  static constexpr std::array<std::string_view, 3> kPlaces{
      "method.request.path.", "method.request.querystring.", "method.request.header."};
  std::string wrong;
  std::set<std::string_view> names;
  bool repeated = false;
  for (const auto& [name, required] : parameters.items()) {
    std::string_view rest;
    for (std::string_view place : kPlaces) {
      if (name.starts_with(place)) rest = std::string_view(name).substr(place.size());
    }
    if (rest.empty()) {
      wrong += (wrong.empty() ? "" : ", ") + ("Invalid mapping expression specified: " + name);
    } else if (!names.insert(rest).second) {
      repeated = true;
    }
  }
  if (!wrong.empty()) throw errors::bad_mapping(wrong);
  if (repeated) {
    throw errors::bad_request("Parameter names must be unique across querystring, header and path");
  }
}

void check_response_parameters(const Json& parameters) {
  static constexpr std::string_view kPlace = "method.response.header.";
  for (const auto& [name, required] : parameters.items()) {
    if (!name.starts_with(kPlace) || name.size() == kPlace.size()) {
      throw errors::bad_mapping("Invalid mapping expression specified: " + name);
    }
  }
}

void check_method(const Json& api, Json& method) {
  settle_authorizer(api, method);
  if (method.contains(m::requestValidatorId)) {
    check_validator(api, method[m::requestValidatorId]);
  }
  const Json parameters = method.value(m::requestParameters, Json::object());
  const Json models = method.value(m::requestModels, Json::object());
  check_request_parameters(parameters);
  check_model_names(api, models);
}

Output put_method(Control& control, Context& context, Json input) {
  std::string name = input[m::httpMethod];
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api_or(context, input, errors::no_such_resource());
  Json& methods = found_resource(api, input)[m::resourceMethods];
  check_http_method(name);
  check_authorization_type(input[m::authorizationType]);
  if (methods.is_object() && methods.contains(name)) throw errors::method_exists();
  Json method = {{m::httpMethod, name},
                 {m::authorizationType, input[m::authorizationType]},
                 {m::apiKeyRequired, input.value(m::apiKeyRequired, false)}};
  for (const char* member : {m::authorizerId, m::operationName, m::requestParameters,
                             m::requestModels, m::requestValidatorId, m::authorizationScopes}) {
    if (input.contains(member)) method[member] = input[member];
  }
  check_method(api, method);
  methods[name] = method;
  control.save_api(context, api);
  return method;
}

Output get_method(Control& control, Context& context, Json input) {
  Json api = control.load_api_or(context, input, errors::no_such_resource());
  return found_method(api, input);
}

Output update_method(Control& control, Context& context, Json input) {
  static const std::map<std::string, PatchRule> kRules{
      {m::authorizationType, {Kind::text, check_authorization_type, true}},
      {m::authorizerId, {Kind::text, nullptr, true}},
      {m::requestValidatorId, {Kind::text, nullptr, true}},
      {m::apiKeyRequired, {Kind::boolean, nullptr, true}},
      {m::operationName, {Kind::text, nullptr, true}},
      {m::requestParameters, {Kind::flag, nullptr, false, "Invalid parameter name specified"}},
      {m::requestModels, {Kind::member, nullptr, false, "Content-Type specified was not found"}},
      {m::authorizationScopes, {Kind::list_value, nullptr}},
  };
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api_or(context, input, errors::no_such_resource());
  Json& method = found_method(api, input);
  apply_patches(method, input.value(m::patchOperations, Json()), kRules);
  // No value unsets it.
  if (method.value(m::requestValidatorId, "").empty()) method.erase(m::requestValidatorId);
  check_method(api, method);
  Json answer = method;
  control.save_api(context, api);
  return answer;
}

Output delete_method(Control& control, Context& context, Json input) {
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api_or(context, input, errors::no_such_resource());
  found_method(api, input);
  Json& resource = found_resource(api, input);
  resource[m::resourceMethods].erase(input[m::httpMethod].get<std::string>());
  if (resource[m::resourceMethods].empty()) resource.erase(m::resourceMethods);
  control.save_api(context, api);
  return Json::object();
}

Json& found_response(Json& api, const Json& input) {
  Json& method = found_method(api, input);
  std::string status = input[m::statusCode];
  if (!method.contains(m::methodResponses) || !method[m::methodResponses].contains(status)) {
    throw errors::no_such_status_code();
  }
  return method[m::methodResponses][status];
}

void check_response(const Json& api, const Json& response) {
  const Json parameters = response.value(m::responseParameters, Json::object());
  const Json models = response.value(m::responseModels, Json::object());
  check_response_parameters(parameters);
  check_model_names(api, models);
}

Output put_method_response(Control& control, Context& context, Json input) {
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api_or(context, input, errors::no_such_resource());
  Json& responses = found_method(api, input)[m::methodResponses];
  std::string status = input[m::statusCode];
  if (responses.is_object() && responses.contains(status)) throw errors::response_exists();
  Json response = {{m::statusCode, status}};
  for (const char* member : {m::responseParameters, m::responseModels}) {
    if (input.contains(member)) response[member] = input[member];
  }
  check_response(api, response);
  responses[status] = response;
  control.save_api(context, api);
  return response;
}

Output get_method_response(Control& control, Context& context, Json input) {
  Json api = control.load_api_or(context, input, errors::no_such_resource());
  return found_response(api, input);
}

Output update_method_response(Control& control, Context& context, Json input) {
  static const std::map<std::string, PatchRule> kRules{
      {m::responseParameters, {Kind::flag, nullptr, false, "Invalid parameter name specified"}},
      {m::responseModels, {Kind::member, nullptr, false, "Content-Type specified was not found"}},
  };
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api_or(context, input, errors::no_such_resource());
  Json& response = found_response(api, input);
  apply_patches(response, input.value(m::patchOperations, Json()), kRules);
  check_response(api, response);
  Json answer = response;
  control.save_api(context, api);
  return answer;
}

Output delete_method_response(Control& control, Context& context, Json input) {
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api_or(context, input, errors::no_such_resource());
  Json& method = found_method(api, input);
  std::string status = input[m::statusCode];
  if (!method.contains(m::methodResponses) || method[m::methodResponses].erase(status) == 0) {
    throw errors::no_such_status_code();
  }
  if (method[m::methodResponses].empty()) method.erase(m::methodResponses);
  control.save_api(context, api);
  return Json::object();
}

}  // namespace methods_detail

std::vector<ControlRow> method_rows() {
  namespace d = methods_detail;
  return {
      {"PutMethod", d::put_method, "apigateway:PUT"},
      {"GetMethod", d::get_method, "apigateway:GET"},
      {"UpdateMethod", d::update_method, "apigateway:PATCH"},
      {"DeleteMethod", d::delete_method, "apigateway:DELETE"},
      {"PutMethodResponse", d::put_method_response, "apigateway:PUT"},
      {"GetMethodResponse", d::get_method_response, "apigateway:GET"},
      {"UpdateMethodResponse", d::update_method_response, "apigateway:PATCH"},
      {"DeleteMethodResponse", d::delete_method_response, "apigateway:DELETE"},
  };
}

Json& found_resource(Json& api, const Json& input) {
  auto found = api[kResources].find(input.at(m::resourceId).get<std::string>());
  if (found == api[kResources].end()) throw errors::no_such_resource();
  return *found;
}

Json& found_method(Json& api, const Json& input) {
  Json& resource = found_resource(api, input);
  std::string name = input.at(m::httpMethod);
  if (!resource.contains(m::resourceMethods) || !resource[m::resourceMethods].contains(name)) {
    throw errors::no_such_method();
  }
  return resource[m::resourceMethods][name];
}

}  // namespace paddock::services::apigateway
