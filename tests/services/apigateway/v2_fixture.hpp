// The steps that make HTTP and WebSocket APIs, beside those of REST APIs.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "tests/services/apigateway/apigateway_fixture.hpp"

namespace paddock::services::apigateway::testing {

// How often the authorizers below were asked.
inline std::atomic<int>& questions() {
  static std::atomic<int> count{0};
  return count;
}

// Lets "Bearer good" pass, with a context of its own.
inline invocation_response simple_authorizer(const invocation_request& request) {
  const Json event = Json::parse(request.payload);
  ++questions();
  const bool good = event["identitySource"][0] == "Bearer good";
  Json answer = {{"isAuthorized", good}, {"context", {{"who", "me"}, {"level", 3}}}};
  return invocation_response::success(answer.dump(), "application/json");
}
// Answers with a policy for what it was asked about: Deny for "bad".
inline invocation_response policy_authorizer(const invocation_request& request) {
  const Json event = Json::parse(request.payload);
  ++questions();
  const bool bad = event.dump().find("Bearer bad") != std::string::npos;
  Json statement = {
      {"Action", "execute-api:Invoke"},
      {"Effect", bad ? "Deny" : "Allow"},
      {"Resource", event.contains("routeArn") ? event["routeArn"] : event["methodArn"]}};
  Json answer = {{"principalId", "user"},
                 {"policyDocument", {{"Version", "2012-10-17"}, {"Statement", {statement}}}},
                 {"context", {{"who", "policy"}}}};
  return invocation_response::success(answer.dump(), "application/json");
}
// What the function "issuer" answers, by path; set before it is called.
inline Json& published() {
  static Json documents = Json::object();
  return documents;
}
inline invocation_response issuer(const invocation_request& request) {
  const Json event = Json::parse(request.payload);
  Json answer = published().value(event["rawPath"].get<std::string>(), Json::object());
  return invocation_response::success(answer.dump(), "application/json");
}
inline invocation_response no_json(const invocation_request&) {
  return invocation_response::success("\"Hello from Lambda!\"", "application/json");
}

inline constexpr ::paddock::lambda::EntryPoint kV2Functions[] = {
    {"show-event", &show_event},
    {"echo", &echo},
    {"as-told", &as_told},
    {"failing", &failing},
    {"waiting", &waiting},
    {"hello", &no_json},
    {"issuer", &issuer},
    {"simple-authorizer", &simple_authorizer},
    {"policy-authorizer", &policy_authorizer}};

class V2Test : public GatewayTest {
 protected:
  V2Test() : GatewayTest("apigatewayv2", kV2Functions) {}

  static std::string arn_of(const std::string& function) {
    return "arn:aws:lambda:us-east-1:000000000000:function:" + function;
  }

  // Of this API: sets api_.
  void create_api(const Json& more = Json::object()) {
    Json input = {{"Name", "the api"}, {"ProtocolType", "HTTP"}};
    input.update(more);
    api_ = made("CreateApi", input).value("apiId", "");
  }
  Json of_api(const Json& more = Json::object()) {
    Json input = {{"ApiId", api_}};
    input.update(more);
    return input;
  }
  std::string add_integration(const Json& members) {
    return made("CreateIntegration", of_api(members)).value("integrationId", "");
  }
  std::string add_function_integration(const std::string& function,
                                       const std::string& version = "2.0") {
    return add_integration({{"IntegrationType", "AWS_PROXY"},
                            {"IntegrationUri", arn_of(function)},
                            {"PayloadFormatVersion", version}});
  }
  std::string add_route(const std::string& key, const std::string& integration,
                        const Json& more = Json::object()) {
    Json input = of_api({{"RouteKey", key}, {"Target", "integrations/" + integration}});
    input.update(more);
    return made("CreateRoute", input).value("routeId", "");
  }
  void add_stage(const std::string& name = "$default", const Json& more = Json::object()) {
    Json input = of_api({{"StageName", name}, {"AutoDeploy", true}});
    input.update(more);
    made("CreateStage", input);
  }
  // An API whose routes all have the function "show-event" behind them.
  void create_showing_api(std::initializer_list<std::string> routes,
                          const std::string& version = "2.0") {
    create_function("show-event");
    create_api();
    const std::string integration = add_function_integration("show-event", version);
    for (const auto& key : routes) add_route(key, integration);
    add_stage();
  }

  // A request to the API by its host.
  CallResult send(const std::string& method, const std::string& target, http::Headers headers = {},
                  const std::string& body = "") {
    headers.set("Host", api_ + ".execute-api.localhost");
    return emulator_->request(method, target, headers, body);
  }
  // The event that "show-event" got.
  Json event_of(const std::string& method, const std::string& target,
                const http::Headers& headers = {}, const std::string& body = "") {
    CallResult result = send(method, target, headers, body);
    EXPECT_EQ(result.status, 200) << result.text;
    return result.body;
  }
  static http::Headers headers_of(
      std::initializer_list<std::pair<std::string, std::string>> pairs) {
    http::Headers headers;
    for (const auto& [name, value] : pairs) headers.add(name, value);
    return headers;
  }
};

}  // namespace paddock::services::apigateway::testing
