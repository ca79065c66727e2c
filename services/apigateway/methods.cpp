// Methods, their responses, and their integrations.
#include <charconv>

#include "models/apigateway.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/limits.hpp"
#include "services/apigateway/patch.hpp"
#include "services/apigateway/service.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace {

using Kind = PatchRule::Kind;

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

Json& found_integration(Json& api, const Json& input) {
  Json& method = found_method(api, input);
  if (!method.contains(m::methodIntegration)) throw errors::no_such_integration();
  return method[m::methodIntegration];
}

void check_authorization(const std::string& type) {
  if (type == "CUSTOM" || type == "COGNITO_USER_POOLS") throw errors::no_authorizer();
  if (type != "NONE") throw errors::not_emulated("The authorization type " + type);
}

void check_timeout(int64_t timeout_ms) {
  if (timeout_ms < kMinIntegrationTimeoutMs || timeout_ms > kMaxIntegrationTimeout.count()) {
    throw errors::bad_request("Timeout should be between 50 ms and 29000 ms");
  }
}

void check_timeout_text(const std::string& text) {
  int64_t timeout_ms = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), timeout_ms);
  check_timeout(error == std::errc() && end == text.data() + text.size() ? timeout_ms : -1);
}

// Every API has the models "Empty" and "Error"; further ones are not emulated.
void check_models(const Json& models) {
  for (const auto& [type, model] : models.items()) {
    if (model != "Empty" && model != "Error") {
      throw errors::bad_request("Invalid model identifier specified: " + model.get<std::string>());
    }
  }
}

// An AWS_PROXY integration; throws for what AWS, or this emulator, refuses.
Json new_integration(const Json& input) {
  std::string type = input[m::type];
  if (type != "AWS_PROXY") throw errors::not_emulated("An integration of type " + type);
  std::string method = input.value(m::integrationHttpMethod, "");
  if (method.empty())
    throw errors::bad_request("Enumeration value for HttpMethod must be non-empty");
  check_http_method(method);
  std::string uri = input.value(m::uri, "");
  if (!uri.starts_with("arn:")) throw errors::bad_request("Invalid ARN specified in the request");
  if (!function_of_uri(uri)) {
    throw errors::bad_request(
        "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose "
        "stream invocations.");
  }
  int64_t timeout_ms = input.value(m::timeoutInMillis, int64_t{kMaxIntegrationTimeout.count()});
  check_timeout(timeout_ms);
  Json integration = {
      {m::type, type},
      {m::httpMethod, method},
      {m::uri, uri},
      {m::timeoutInMillis, timeout_ms},
      {m::passthroughBehavior, input.value(m::passthroughBehavior, "WHEN_NO_MATCH")},
      {m::cacheNamespace, input.value(m::cacheNamespace, input[m::resourceId])},
      {m::cacheKeyParameters, input.value(m::cacheKeyParameters, Json::array())}};
  for (const char* member : {m::credentials, m::requestParameters, m::requestTemplates,
                             m::contentHandling, m::connectionType}) {
    if (input.contains(member)) integration[member] = input[member];
  }
  return integration;
}

}  // namespace

// Here AWS does not say that it is the API that is unknown.
Json ApiGateway::load_api_of_method(const Context& context, const Json& input) const {
  auto api = store_.api(context.realm->id, input.at(m::restApiId).get<std::string>());
  if (!api) throw errors::no_such_resource();
  return *std::move(api);
}

gateway::Output ApiGateway::put_method(Context& context, Json input) {
  std::string name = input[m::httpMethod];
  check_http_method(name);
  check_authorization(input[m::authorizationType]);
  if (input.contains(m::requestValidatorId)) throw errors::no_such_validator();
  check_models(input.value(m::requestModels, Json::object()));
  auto lock = lock_api(context, input[m::restApiId]);
  Json api = load_api_of_method(context, input);
  Json& methods = found_resource(api, input)[m::resourceMethods];
  if (methods.is_object() && methods.contains(name)) throw errors::method_exists();
  Json method = {{m::httpMethod, name},
                 {m::authorizationType, input[m::authorizationType]},
                 {m::apiKeyRequired, input.value(m::apiKeyRequired, false)}};
  for (const char* member : {m::operationName, m::requestParameters, m::requestModels}) {
    if (input.contains(member)) method[member] = input[member];
  }
  methods[name] = method;
  save_api(context, api);
  return method;
}

gateway::Output ApiGateway::get_method(Context& context, Json input) {
  Json api = load_api_of_method(context, input);
  return found_method(api, input);
}

gateway::Output ApiGateway::update_method(Context& context, Json input) {
  static const std::map<std::string, PatchRule> kRules{
      {m::authorizationType, {Kind::text, check_authorization, true}},
      {m::authorizerId, {Kind::ignored, nullptr, true}},  // as AWS does without an authorizer
      {m::requestValidatorId,
       {Kind::ignored,
        [](const std::string& id) {
          if (!id.empty()) throw errors::no_such_validator();
        },
        true}},
      {m::apiKeyRequired, {Kind::boolean, nullptr, true}},
      {m::operationName, {Kind::text, nullptr, true}},
      {m::requestParameters, {Kind::flag, nullptr}},
      {m::requestModels, {Kind::member, nullptr}},
  };
  auto lock = lock_api(context, input[m::restApiId]);
  Json api = load_api_of_method(context, input);
  Json& method = found_method(api, input);
  apply_patches(method, input.value(m::patchOperations, Json()), kRules);
  check_models(method.value(m::requestModels, Json::object()));
  Json answer = method;
  save_api(context, api);
  return answer;
}

gateway::Output ApiGateway::delete_method(Context& context, Json input) {
  auto lock = lock_api(context, input[m::restApiId]);
  Json api = load_api_of_method(context, input);
  found_method(api, input);
  Json& resource = found_resource(api, input);
  resource[m::resourceMethods].erase(input[m::httpMethod].get<std::string>());
  if (resource[m::resourceMethods].empty()) resource.erase(m::resourceMethods);
  save_api(context, api);
  return Json::object();
}

gateway::Output ApiGateway::put_method_response(Context& context, Json input) {
  auto lock = lock_api(context, input[m::restApiId]);
  Json api = load_api_of_method(context, input);
  Json& responses = found_method(api, input)[m::methodResponses];
  std::string status = input[m::statusCode];
  if (responses.is_object() && responses.contains(status)) throw errors::response_exists();
  Json response = {{m::statusCode, status}};
  for (const char* member : {m::responseParameters, m::responseModels}) {
    if (input.contains(member)) response[member] = input[member];
  }
  responses[status] = response;
  save_api(context, api);
  return response;
}

gateway::Output ApiGateway::get_method_response(Context& context, Json input) {
  Json api = load_api_of_method(context, input);
  const Json& method = found_method(api, input);
  std::string status = input[m::statusCode];
  if (!method.contains(m::methodResponses) || !method[m::methodResponses].contains(status)) {
    throw errors::no_such_status_code();
  }
  return method[m::methodResponses][status];
}

gateway::Output ApiGateway::delete_method_response(Context& context, Json input) {
  auto lock = lock_api(context, input[m::restApiId]);
  Json api = load_api_of_method(context, input);
  Json& method = found_method(api, input);
  std::string status = input[m::statusCode];
  if (!method.contains(m::methodResponses) || method[m::methodResponses].erase(status) == 0) {
    throw errors::no_such_status_code();
  }
  save_api(context, api);
  return Json::object();
}

gateway::Output ApiGateway::put_integration(Context& context, Json input) {
  auto lock = lock_api(context, input[m::restApiId]);
  Json api = load_api_of_method(context, input);
  Json& method = found_method(api, input);
  Json integration = new_integration(input);
  method[m::methodIntegration] = integration;
  save_api(context, api);
  return integration;
}

gateway::Output ApiGateway::get_integration(Context& context, Json input) {
  Json api = load_api_of_method(context, input);
  return found_integration(api, input);
}

gateway::Output ApiGateway::update_integration(Context& context, Json input) {
  static const std::map<std::string, PatchRule> kRules{
      {m::uri,
       {Kind::text,
        [](const std::string& uri) {
          if (!function_of_uri(uri)) {
            throw errors::bad_request("Invalid ARN specified in the request");
          }
        },
        true}},
      {m::httpMethod, {Kind::text, check_http_method, true}},
      {m::credentials, {Kind::text, nullptr}},
      {m::passthroughBehavior, {Kind::text, nullptr}},
      {m::contentHandling, {Kind::text, nullptr}},
      {m::timeoutInMillis, {Kind::number, check_timeout_text, true}},
      {m::requestParameters, {Kind::member, nullptr}},
      {m::requestTemplates, {Kind::member, nullptr}},
  };
  auto lock = lock_api(context, input[m::restApiId]);
  Json api = load_api_of_method(context, input);
  Json& integration = found_integration(api, input);
  apply_patches(integration, input.value(m::patchOperations, Json()), kRules);
  Json answer = integration;
  save_api(context, api);
  return answer;
}

gateway::Output ApiGateway::delete_integration(Context& context, Json input) {
  auto lock = lock_api(context, input[m::restApiId]);
  Json api = load_api_of_method(context, input);
  found_integration(api, input);
  found_method(api, input).erase(m::methodIntegration);
  save_api(context, api);
  return Json::object();
}

}  // namespace paddock::services::apigateway
