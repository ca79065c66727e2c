// Methods, integrations and their responses: what is kept, and AWS's words for what is refused.
#include "tests/services/apigateway/apigateway_fixture.hpp"

namespace paddock::services::apigateway::testing {
namespace {

class MethodTest : public ApiGatewayTest {
 protected:
  void SetUp() override {
    ApiGatewayTest::SetUp();
    create_api();
  }
  void put_method(const Json& more = Json::object()) {
    Json input = {{"authorizationType", "NONE"}};
    input.update(more);
    made("PutMethod", at(root_, "GET", input));
  }
  void put_mock() {
    made("PutIntegration",
         at(root_, "GET",
            {{"type", "MOCK"},
             {"integrationHttpMethod", "GET"},
             {"requestTemplates", {{"application/json", R"({"statusCode": 200})"}}}}));
  }
  CallResult patched(const std::string& operation, const std::vector<Json>& operations,
                     const Json& more = Json::object()) {
    Json input = {{"patchOperations", Json(operations)}};
    input.update(more);
    return call(operation, at(root_, "GET", input));
  }
};

constexpr const char* kBadMapping =
    "Invalid mapping expression specified: Validation Result: warnings : [], errors : [";

TEST_F(MethodTest, ParametersAreUniqueOverTheirPlaces) {
  Json parameters = {{"method.request.querystring.q_optional", false},
                     {"method.request.header.h_required", true}};
  CallResult put =
      call("PutMethod",
           at(root_, "ANY", {{"authorizationType", "NONE"}, {"requestParameters", parameters}}));
  EXPECT_EQ(put.body["requestParameters"], parameters);
  expect_error(call("PutMethod", at(root_, "GET",
                                    {{"authorizationType", "NONE"},
                                     {"requestParameters",
                                      {{"method.request.querystring.optional", false},
                                       {"method.request.header.optional", false}}}})),
               400, "BadRequestException",
               "Parameter names must be unique across querystring, header and path");
  expect_error(call("PutMethod",
                    at(root_, "GET",
                       {{"authorizationType", "NONE"}, {"requestParameters", {{"true", true}}}})),
               400, "BadRequestException",
               std::string(kBadMapping) + "Invalid mapping expression specified: true]");
}

TEST_F(MethodTest, AnUnknownResourceIsSaidBeforeABadMethod) {
  Json bad = at(root_, "WRONG", {{"authorizationType", "NONE"}});
  bad["restApiId"] = "fake";
  EXPECT_EQ(call("PutMethod", bad).message(), "Invalid Resource identifier specified");
}

TEST_F(MethodTest, AModelInUseStays) {
  for (const char* name : {"MySchema", "MySchemaTwo"}) {
    made("CreateModel", {{"restApiId", api_},
                         {"name", name},
                         {"contentType", "application/json"},
                         {"description", ""},
                         {"schema", R"({"title":"x","type":"object"})"}});
  }
  put_method({{"requestModels", {{"application/json", "MySchema"}}}});
  const auto remove = [this](const std::string& name) {
    return call("DeleteModel", {{"restApiId", api_}, {"modelName", name}});
  };
  expect_error(remove("MySchema"), 409, "ConflictException",
               "Cannot delete model 'MySchema', is referenced in method request: //GET");
  Json two =
      patched("UpdateMethod", {patch("replace", "/requestModels/application~1json", "MySchemaTwo")})
          .body;
  EXPECT_EQ(two["requestModels"], (Json{{"application/json", "MySchemaTwo"}}));
  EXPECT_EQ(remove("MySchema").status, 202);
  std::string below = add_resource("test");
  made("PutMethod", at(below, "ANY",
                       {{"authorizationType", "NONE"},
                        {"requestModels", {{"application/json", "MySchemaTwo"}}}}));
  EXPECT_EQ(remove("MySchemaTwo").message(),
            "Cannot delete model 'MySchemaTwo', is referenced in method request: /test/ANY");
}

TEST_F(MethodTest, AnAuthorizerIsOneThatTheTypeNeeds) {
  put_method();
  Json authorizer =
      made("CreateAuthorizer", {{"restApiId", api_},
                                {"name", "a"},
                                {"type", "TOKEN"},
                                {"authorizerUri", uri_of("f")},
                                {"identitySource", "method.request.header.Authorization"}});
  Json method = patched("UpdateMethod", {patch("replace", "/authorizerId", authorizer["id"]),
                                         patch("replace", "/authorizationType", "CUSTOM")})
                    .body;
  EXPECT_EQ(method["authorizationType"], "CUSTOM");
  EXPECT_EQ(method["authorizerId"], authorizer["id"]);
  CallResult used =
      call("DeleteAuthorizer", {{"restApiId", api_}, {"authorizerId", authorizer["id"]}});
  EXPECT_EQ(used.error(), "ConflictException");
  method = patched("UpdateMethod", {patch("replace", "/authorizationType", "AWS_IAM")}).body;
  EXPECT_EQ(method["authorizationType"], "AWS_IAM");
  EXPECT_FALSE(method.contains("authorizerId"));
  EXPECT_EQ(patched("UpdateMethod", {patch("replace", "/authorizationType", "CUSTOM"),
                                     patch("replace", "/authorizerId", "abc123")})
                .message(),
            "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or "
            "COGNITO_USER_POOLS requires a valid authorizer.");
}

TEST_F(MethodTest, AMethodResponseIsPatched) {
  put_method();
  Json status = {{"statusCode", "200"}};
  Json input = status;
  input["responseParameters"] = {{"method.response.header.my-header", false}};
  input["responseModels"] = {{"application/json", "Empty"}};
  made("PutMethodResponse", at(root_, "GET", input));
  const auto update = [&](const std::vector<Json>& operations) {
    return patched("UpdateMethodResponse", operations, status);
  };
  const std::string parameter = "/responseParameters/method.response.header.my-header";
  CallResult removed = update({patch("remove", parameter, "true"),
                               patch("remove", "/responseModels/application~1json", "Empty")});
  EXPECT_EQ(removed.status, 201);
  EXPECT_EQ(removed.body, status);
  CallResult added = update({patch("add", parameter, "true"),
                             patch("add", "/responseModels/application~1json", "Empty")});
  EXPECT_EQ(added.body["responseParameters"], (Json{{"method.response.header.my-header", true}}));
  EXPECT_EQ(added.body["responseModels"], (Json{{"application/json", "Empty"}}));
  for (const char* op : {"replace", "remove"}) {
    expect_error(update({patch(op, "/responseParameters/wrong", "true")}), 404, "NotFoundException",
                 "Invalid parameter name specified");
    expect_error(update({patch(op, "/responseModels/wrong", "Empty")}), 404, "NotFoundException",
                 "Content-Type specified was not found");
  }
  EXPECT_EQ(update({patch("remove", "/wrong/x", "true")}).message(), "Invalid patch path /wrong/x");
  expect_error(update({patch("wrong_op", parameter, "true"), patch("add", parameter, "true"),
                       patch("wrong_op", parameter, "true")}),
               400, "ValidationException",
               "2 validation errors detected: Value 'wrong_op' at "
               "'updateMethodResponseInput.patchOperations.1.member.op' failed to satisfy "
               "constraint: Member must satisfy enum value set: [add, remove, move, test, replace, "
               "copy]; Value 'wrong_op' at "
               "'updateMethodResponseInput.patchOperations.3.member.op' failed to satisfy "
               "constraint: Member must satisfy enum value set: [add, remove, move, test, replace, "
               "copy]");
  Json missing = {{"statusCode", "201"}};
  expect_error(patched("UpdateMethodResponse", {}, missing), 404, "NotFoundException",
               "Invalid Response status code specified");
}

TEST_F(MethodTest, AMockHasNoEndpoint) {
  put_method();
  put_mock();
  Json integration = made("GetIntegration", at(root_, "GET"));
  EXPECT_EQ(integration,
            (Json{{"type", "MOCK"},
                  {"cacheKeyParameters", Json::array()},
                  {"cacheNamespace", root_},
                  {"passthroughBehavior", "WHEN_NO_MATCH"},
                  {"requestTemplates", {{"application/json", R"({"statusCode": 200})"}}},
                  {"timeoutInMillis", 29000}}));
}

TEST_F(MethodTest, AVpcLinkIsKeptByName) {
  put_method();
  CallResult put = call("PutIntegration", at(root_, "GET",
                                             {{"type", "HTTP_PROXY"},
                                              {"integrationHttpMethod", "GET"},
                                              {"uri", "http://nlb.us-east-1.amazonaws.com"},
                                              {"connectionType", "VPC_LINK"},
                                              {"connectionId", "${stageVariables.vpcLinkId}"}}));
  EXPECT_EQ(put.status, 201);
  EXPECT_EQ(put.body["connectionId"], "${stageVariables.vpcLinkId}");
  EXPECT_EQ(put.body["connectionType"], "VPC_LINK");
  Json updated = patched("UpdateIntegration",
                         {patch("replace", "/connectionId", "${stageVariables.vpcLinkIdBeta}")})
                     .body;
  EXPECT_EQ(updated["connectionId"], "${stageVariables.vpcLinkIdBeta}");
}

TEST_F(MethodTest, MappingsNameDeclaredParameters) {
  put_method({{"requestParameters", {{"method.request.path.id", true}}}});
  Json input = {{"type", "HTTP"},
                {"integrationHttpMethod", "GET"},
                {"uri", "https://example.com/{id}"},
                {"requestParameters",
                 {{"integration.request.path.id", "method.request.path.id"},
                  {"integration.request.header.static", "'x'"},
                  {"integration.request.header.who", "context.identity.sourceIp"}}}};
  EXPECT_EQ(call("PutIntegration", at(root_, "GET", input)).status, 201);
  input["requestParameters"] = {{"integration.request.path.id", "method.request.path.other"}};
  expect_error(call("PutIntegration", at(root_, "GET", input)), 400, "BadRequestException",
               std::string(kBadMapping) +
                   "Invalid mapping expression parameter specified: method.request.path.other]");
  Json response = {
      {"statusCode", "200"},
      {"responseParameters", {{"method.response.header.X", "integration.response.header.Y"}}}};
  expect_error(call("PutIntegrationResponse", at(root_, "GET", response)), 400,
               "BadRequestException",
               std::string(kBadMapping) +
                   "Invalid mapping expression parameter specified: method.response.header.X]");
}

TEST_F(MethodTest, AnIntegrationResponseLives) {
  put_method();
  Json status = {{"statusCode", "200"}};
  expect_error(call("GetIntegrationResponse", at(root_, "GET", status)), 404, "NotFoundException",
               "Invalid Integration identifier specified");
  put_mock();
  expect_error(call("GetIntegrationResponse", at(root_, "GET", status)), 404, "NotFoundException",
               "Invalid Response status code specified");
  Json input = {{"statusCode", "200"},
                {"selectionPattern", ""},
                {"responseTemplates", {{"application/json", "\"created\""}}}};
  CallResult put = call("PutIntegrationResponse", at(root_, "GET", input));
  EXPECT_EQ(put.status, 201);
  EXPECT_EQ(put.body, input);
  EXPECT_EQ(made("GetIntegrationResponse", at(root_, "GET", status)), input);
  EXPECT_EQ(patched("UpdateIntegrationResponse",
                    {patch("replace", "/selectionPattern", "updated-pattern")}, status)
                .body["selectionPattern"],
            "updated-pattern");
  input["responseTemplates"] = {{"application/json", ""}};
  put = call("PutIntegrationResponse", at(root_, "GET", input));
  EXPECT_EQ(put.body["responseTemplates"], (Json{{"application/json", nullptr}}));
  input["responseTemplates"] = {{"application/json", 123}};
  expect_error(call("PutIntegrationResponse", at(root_, "GET", input)), 400,
               "SerializationException",
               "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted "
               "to an String");
  input["responseTemplates"] = {{"123", "{}"}};
  expect_error(call("PutIntegrationResponse", at(root_, "GET", input)), 400, "BadRequestException",
               "Validation Result: warnings : [], errors : [Invalid content type specified: 123]");
  EXPECT_EQ(made("GetMethod", at(root_, "GET"))["methodIntegration"]["integrationResponses"],
            (Json{{"200",
                   {{"statusCode", "200"},
                    {"selectionPattern", ""},
                    {"responseTemplates", {{"application/json", nullptr}}}}}}));
  expect_error(call("DeleteIntegrationResponse", at(root_, "POST", status)), 404,
               "NotFoundException", "Invalid Integration identifier specified");
  expect_error(call("DeleteIntegrationResponse", at(root_, "GET", {{"statusCode", "201"}})), 404,
               "NotFoundException", "Invalid Response status code specified");
  EXPECT_EQ(call("DeleteIntegrationResponse", at(root_, "GET", status)).status, 204);
}

TEST_F(MethodTest, ABadPatchChangesNothing) {
  put_method();
  put_mock();
  Json before = made("GetMethod", at(root_, "GET"));
  EXPECT_EQ(patched("UpdateMethod",
                    {patch("replace", "/operationName", "Op"), patch("replace", "/nothing", "x")})
                .status,
            400);
  EXPECT_EQ(patched("UpdateIntegration", {patch("add", "/cacheKeyParameters/a", ""),
                                          patch("replace", "/timeoutInMillis", "1")})
                .status,
            400);
  EXPECT_EQ(made("GetMethod", at(root_, "GET")), before);
}

TEST_F(MethodTest, AnIntegrationIsPatchedByMembers) {
  put_method();
  put_mock();
  Json integration =
      patched("UpdateIntegration", {patch("add", "/cacheKeyParameters/method.request.path.id", ""),
                                    patch("replace", "/contentHandling", "CONVERT_TO_TEXT"),
                                    patch("replace", "/tlsConfig/insecureSkipVerification", "true"),
                                    patch("add", "/requestTemplates/text~1plain", "x"),
                                    patch("remove", "/requestTemplates/application~1json", "")})
          .body;
  EXPECT_EQ(integration["cacheKeyParameters"], Json::array({"method.request.path.id"}));
  EXPECT_EQ(integration["contentHandling"], "CONVERT_TO_TEXT");
  EXPECT_EQ(integration["tlsConfig"], (Json{{"insecureSkipVerification", true}}));
  EXPECT_EQ(integration["requestTemplates"], (Json{{"text/plain", "x"}}));
}

}  // namespace
}  // namespace paddock::services::apigateway::testing
