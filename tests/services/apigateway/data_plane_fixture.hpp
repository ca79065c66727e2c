// Steps that make methods with integrations of every kind, for tests of the data plane.
#pragma once

#include "tests/services/apigateway/apigateway_fixture.hpp"

namespace paddock::services::apigateway::testing {

class DataPlaneTest : public ApiGatewayTest {
 protected:
  static constexpr const char* kForbidden = R"({"message":"Forbidden"})";

  void SetUp() override {
    ApiGatewayTest::SetUp();
    create_api();
  }

  // A method with an integration; `method` and `integration` are added to the requests.
  void add(const std::string& resource, const std::string& name, const Json& integration,
           const Json& method = Json::object()) {
    Json put = {{"authorizationType", "NONE"}};
    put.update(method);
    made("PutMethod", at(resource, name, put));
    made("PutIntegration", at(resource, name, integration));
  }
  // Its method response and integration response of a status.
  void add_response(const std::string& resource, const std::string& name, const std::string& status,
                    const Json& integration = Json::object(), const Json& method = Json::object()) {
    Json put = {{"statusCode", status}};
    put.update(method);
    made("PutMethodResponse", at(resource, name, put));
    Json response = {{"statusCode", status}};
    response.update(integration);
    made("PutIntegrationResponse", at(resource, name, response));
  }
  // A MOCK method that prints a template.
  void add_mock(const std::string& resource, const std::string& name, const std::string& text,
                const Json& method = Json::object(),
                const std::string& request = "{\"statusCode\": 200}") {
    add(resource, name, {{"type", "MOCK"}, {"requestTemplates", {{"application/json", request}}}},
        method);
    add_response(resource, name, "200", {{"responseTemplates", {{"application/json", text}}}});
  }
  static Json function_integration(const std::string& function, const std::string& type) {
    return {{"type", type}, {"integrationHttpMethod", "POST"}, {"uri", uri_of(function)}};
  }
  CallResult send(const std::string& method, const std::string& path,
                  const http::Headers& headers = {}, const std::string& body = "") {
    return emulator_->request(method, path_to(path), headers, body);
  }
  static http::Headers header(const std::string& name, const std::string& value) {
    http::Headers headers;
    headers.add(name, value);
    return headers;
  }
  // A refusal of the gateway itself.
  void expect_refusal(const CallResult& result, int status, const std::string& type,
                      const std::string& body) {
    EXPECT_EQ(result.status, status) << result.text;
    EXPECT_EQ(result.text, body);
    EXPECT_EQ(result.headers.get("x-amzn-ErrorType"), type);
    EXPECT_TRUE(result.headers.has("x-amzn-RequestId"));
    EXPECT_TRUE(result.headers.has("x-amz-apigw-id"));
  }
};

}  // namespace paddock::services::apigateway::testing
