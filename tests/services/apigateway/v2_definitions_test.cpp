// HTTP and WebSocket APIs and what belongs to them, through the wire.
#include "tests/services/apigateway/v2_fixture.hpp"

namespace paddock::services::apigateway::testing {
namespace {

TEST_F(V2Test, ANewHttpApiHasItsDefaults) {
  CallResult result = call("CreateApi", {{"Name", "n"}, {"ProtocolType", "HTTP"}});
  EXPECT_EQ(result.status, 201);
  Json api = result.body;
  std::string id = api["apiId"];
  EXPECT_EQ(id.size(), 10u);
  EXPECT_EQ(api["apiEndpoint"],
            "http://" + id + ".execute-api.localhost:" + std::to_string(emulator_->port()));
  EXPECT_TRUE(api["createdDate"].is_string()) << api["createdDate"];
  for (const char* member : {"apiId", "apiEndpoint", "createdDate"}) api.erase(member);
  EXPECT_EQ(api, (Json{{"apiKeySelectionExpression", "$request.header.x-api-key"},
                       {"disableExecuteApiEndpoint", false},
                       {"ipAddressType", "ipv4"},
                       {"name", "n"},
                       {"protocolType", "HTTP"},
                       {"routeSelectionExpression", "${request.method} ${request.path}"},
                       {"tags", Json::object()}}));
  EXPECT_EQ(made("GetApi", {{"ApiId", id}}), result.body);
}

TEST_F(V2Test, AWebSocketApiNeedsItsSelectionExpression) {
  CallResult without = call("CreateApi", {{"Name", "n"}, {"ProtocolType", "WEBSOCKET"}});
  EXPECT_EQ(without.error(), "BadRequestException");
  Json api = made("CreateApi", {{"Name", "n"},
                                {"ProtocolType", "WEBSOCKET"},
                                {"RouteSelectionExpression", "$request.body.action"}});
  EXPECT_TRUE(api["apiEndpoint"].get<std::string>().starts_with("ws://"));
  expect_error(call("CreateApi", {{"Name", "n"}, {"ProtocolType", "GRPC"}}), 400,
               "BadRequestException",
               "Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]");
}

TEST_F(V2Test, QuickCreateMakesRouteIntegrationAndStage) {
  create_function("hello");
  create_api({{"Target", arn_of("hello")}});
  Json route = made("GetRoutes", of_api())["items"][0];
  EXPECT_EQ(route["routeKey"], "$default");
  EXPECT_EQ(route["apiGatewayManaged"], true);
  Json integration = made("GetIntegrations", of_api())["items"][0];
  EXPECT_EQ(integration["integrationType"], "AWS_PROXY");
  EXPECT_EQ(integration["payloadFormatVersion"], "2.0");
  EXPECT_EQ(integration["timeoutInMillis"], 30000);
  EXPECT_EQ(route["target"], "integrations/" + integration["integrationId"].get<std::string>());
  Json stage = made("GetStage", of_api({{"StageName", "$default"}}));
  EXPECT_EQ(stage["autoDeploy"], true);
  EXPECT_EQ(stage["lastDeploymentStatusMessage"],
            "Successfully deployed stage with deployment ID '" +
                stage["deploymentId"].get<std::string>() + "'");
  EXPECT_EQ(send("GET", "/any/where").text, "Hello from Lambda!");
}

TEST_F(V2Test, ApisAreListedInPagesUpdatedAndDeleted) {
  create_api();
  const std::string first = api_;
  create_api();
  Json page = made("GetApis", {{"MaxResults", "1"}});
  ASSERT_EQ(page["items"].size(), 1u);
  Json next = made("GetApis", {{"MaxResults", "1"}, {"NextToken", page["nextToken"]}});
  ASSERT_EQ(next["items"].size(), 1u);
  EXPECT_NE(page["items"][0]["apiId"], next["items"][0]["apiId"]);
  EXPECT_FALSE(next.contains("nextToken"));
  EXPECT_EQ(call("GetApis", {{"MaxResults", "none"}}).error(), "BadRequestException");
  Json updated = made("UpdateApi", of_api({{"Name", "new"}, {"Version", "2"}}));
  EXPECT_EQ(updated["name"], "new");
  EXPECT_EQ(updated["version"], "2");
  EXPECT_EQ(call("DeleteApi", {{"ApiId", first}}).status, 204);
  expect_error(call("GetApi", {{"ApiId", first}}), 404, "NotFoundException",
               "Invalid API identifier specified 000000000000:" + first);
  EXPECT_EQ(made("GetApis")["items"].size(), 1u);
}

TEST_F(V2Test, CorsOfAnApiIsKeptAndDeleted) {
  create_api({{"CorsConfiguration", {{"allowOrigins", {"https://a.example"}}, {"maxAge", 60}}}});
  EXPECT_EQ(made("GetApi", of_api())["corsConfiguration"],
            (Json{{"allowOrigins", {"https://a.example"}}, {"maxAge", 60}}));
  EXPECT_EQ(call("DeleteCorsConfiguration", of_api()).status, 204);
  EXPECT_FALSE(made("GetApi", of_api()).contains("corsConfiguration"));
}

TEST_F(V2Test, RouteKeysAreCheckedAndUnique) {
  create_api();
  const std::string bad_key =
      "The provided route key is not formatted properly for HTTP protocol. Format should be "
      "\"<HTTP METHOD> /<RESOURCE PATH>\" or \"$default\"";
  for (const char* key :
       {"GET", "get /a", "GET a", "FETCH /a", "GET /{a+}/b", "GET /{", "GET //a"}) {
    expect_error(call("CreateRoute", of_api({{"RouteKey", key}})), 400, "BadRequestException",
                 bad_key);
  }
  Json route = made("CreateRoute", of_api({{"RouteKey", "GET /pets/{id}"}}));
  EXPECT_EQ(route["apiKeyRequired"], false);
  EXPECT_EQ(route["authorizationType"], "NONE");
  expect_error(call("CreateRoute", of_api({{"RouteKey", "GET /pets/{id}"}})), 409,
               "ConflictException", "Route with key GET /pets/{id} already exists for this API");
  expect_error(call("CreateRoute", of_api({{"RouteKey", "PUT /pets/{pet}"}})), 409,
               "ConflictException",
               "The provided route key \"PUT /pets/{pet}\" has a conflicting variable on the same "
               "hierarchical level as \"GET /pets/{id}\"");
  std::string id = route["routeId"];
  Json updated = made("UpdateRoute", of_api({{"RouteId", id}, {"OperationName", "Get"}}));
  EXPECT_EQ(updated["operationName"], "Get");
  EXPECT_EQ(updated["routeKey"], "GET /pets/{id}");
  EXPECT_EQ(call("DeleteRoute", of_api({{"RouteId", id}})).status, 204);
  EXPECT_EQ(call("GetRoute", of_api({{"RouteId", id}})).status, 404);
}

TEST_F(V2Test, ATargetMustBeThere) {
  create_api();
  CallResult result =
      call("CreateRoute", of_api({{"RouteKey", "GET /a"}, {"Target", "integrations/none"}}));
  EXPECT_EQ(result.error(), "NotFoundException");
}

TEST_F(V2Test, IntegrationsAreCheckedForTheirProtocol) {
  create_api();
  const auto refused = [this](const Json& members) {
    CallResult result = call("CreateIntegration", of_api(members));
    EXPECT_FALSE(result.ok()) << result.text;
    return result;
  };
  EXPECT_EQ(refused({{"IntegrationType", "MOCK"}}).error(), "BadRequestException");
  expect_error(refused({{"IntegrationType", "AWS_PROXY"}, {"IntegrationUri", arn_of("f")}}), 400,
               "BadRequestException",
               "PayloadFormatVersion is a required parameter for integration");
  EXPECT_EQ(refused({{"IntegrationType", "AWS_PROXY"},
                     {"IntegrationSubtype", "SQS-SendMessage"},
                     {"PayloadFormatVersion", "1.0"}})
                .message(),
            "CredentialsArn is a required parameter for integration subtype SQS-SendMessage");
  EXPECT_EQ(refused({{"IntegrationType", "HTTP_PROXY"},
                     {"IntegrationUri", "http://h/"},
                     {"IntegrationMethod", "GET"},
                     {"RequestParameters", {{"append:header.connection", "x"}}}})
                .error(),
            "BadRequestException");
  Json integration =
      made("CreateIntegration",
           of_api({{"IntegrationType", "HTTP_PROXY"},
                   {"IntegrationUri", "http://h/"},
                   {"IntegrationMethod", "GET"},
                   {"RequestParameters", {{"append:header.a", "1"}, {"append:header.b", "2"}}}}));
  EXPECT_EQ(integration["connectionType"], "INTERNET");
  EXPECT_EQ(integration["payloadFormatVersion"], "1.0");
  // An empty value takes a mapping away, the others stay.
  Json updated =
      made("UpdateIntegration", of_api({{"IntegrationId", integration["integrationId"]},
                                        {"RequestParameters", {{"append:header.a", ""}}}}));
  EXPECT_EQ(updated["requestParameters"], (Json{{"append:header.b", "2"}}));
}

TEST_F(V2Test, AnIntegrationThatIsATargetStays) {
  create_api();
  std::string id = add_function_integration("f");
  std::string route = add_route("GET /a", id);
  EXPECT_EQ(call("DeleteIntegration", of_api({{"IntegrationId", id}})).error(),
            "ConflictException");
  made("DeleteRoute", of_api({{"RouteId", route}}));
  EXPECT_EQ(call("DeleteIntegration", of_api({{"IntegrationId", id}})).status, 204);
}

TEST_F(V2Test, StagesAndDeploymentsByHand) {
  create_api();
  expect_error(call("CreateDeployment", of_api()), 400, "BadRequestException",
               "Unable to deploy API because no routes exist in this API");
  add_route("GET /a", add_function_integration("f"));
  Json stage = made("CreateStage",
                    of_api({{"StageName", "dev"}, {"StageVariables", {{"a", "1"}, {"b", "2"}}}}));
  EXPECT_EQ(stage["autoDeploy"], false);
  EXPECT_FALSE(stage.contains("deploymentId"));
  EXPECT_EQ(stage["defaultRouteSettings"], (Json{{"detailedMetricsEnabled", false}}));
  expect_error(call("CreateStage", of_api({{"StageName", "dev"}})), 409, "ConflictException",
               "Stage already exists");
  Json deployment = made("CreateDeployment", of_api({{"StageName", "dev"}, {"Description", "d"}}));
  EXPECT_EQ(deployment["deploymentStatus"], "DEPLOYED");
  EXPECT_EQ(deployment["autoDeployed"], false);
  std::string id = deployment["deploymentId"];
  EXPECT_EQ(made("GetStage", of_api({{"StageName", "dev"}}))["deploymentId"], id);
  EXPECT_EQ(call("DeleteDeployment", of_api({{"DeploymentId", id}})).status, 400);
  Json updated = made("UpdateStage",
                      of_api({{"StageName", "dev"}, {"StageVariables", {{"a", ""}, {"c", "3"}}}}));
  EXPECT_EQ(updated["stageVariables"], (Json{{"b", "2"}, {"c", "3"}}));
  expect_error(call("UpdateStage",
                    of_api({{"StageName", "dev"},
                            {"RouteSettings", {{"GET /x", {{"detailedMetricsEnabled", true}}}}}})),
               404, "NotFoundException",
               "Unable to find Route by key GET /x within the provided RouteSettings");
  EXPECT_EQ(call("DeleteStage", of_api({{"StageName", "dev"}})).status, 204);
  EXPECT_EQ(call("DeleteDeployment", of_api({{"DeploymentId", id}})).status, 204);
}

TEST_F(V2Test, AuthorizersAndModels) {
  create_api();
  Json jwt = made("CreateAuthorizer",
                  of_api({{"Name", "j"},
                          {"AuthorizerType", "JWT"},
                          {"IdentitySource", {"$request.header.Authorization"}},
                          {"JwtConfiguration", {{"issuer", "http://i"}, {"audience", {"a"}}}}}));
  EXPECT_EQ(call("CreateAuthorizer", of_api({{"Name", "j"},
                                             {"AuthorizerType", "REQUEST"},
                                             {"AuthorizerUri", "u"},
                                             {"IdentitySource", Json::array()}}))
                .error(),
            "BadRequestException");
  Json route = {{"RouteKey", "GET /a"}, {"AuthorizationType", "JWT"}};
  EXPECT_EQ(call("CreateRoute", of_api(route)).error(), "BadRequestException");
  route["AuthorizerId"] = jwt["authorizerId"];
  EXPECT_EQ(made("CreateRoute", of_api(route))["authorizationType"], "JWT");
  EXPECT_EQ(call("DeleteAuthorizer", of_api({{"AuthorizerId", jwt["authorizerId"]}})).error(),
            "ConflictException");
  Json model = made("CreateModel", of_api({{"Name", "m"}, {"Schema", "{}"}}));
  EXPECT_EQ(model["contentType"], "application/json");
  EXPECT_EQ(call("CreateModel", of_api({{"Name", "n"}, {"Schema", "{"}})).error(),
            "BadRequestException");
  EXPECT_EQ(made("GetModels", of_api())["items"].size(), 1u);
}

TEST_F(V2Test, DomainNamesHaveMappings) {
  create_api();
  add_route("GET /a", add_function_integration("f"));
  add_stage("dev");
  Json domain =
      made("CreateDomainName",
           {{"DomainName", "api.example.com"},
            {"DomainNameConfigurations",
             {{{"certificateArn", "arn:aws:acm:us-east-1:000000000000:certificate/c"}}}}});
  EXPECT_EQ(domain["domainNameConfigurations"][0]["domainNameStatus"], "AVAILABLE");
  expect_error(call("CreateDomainName", {{"DomainName", "api.example.com"}}), 409,
               "ConflictException", "The domain name resource already exists.");
  Json mapping =
      made("CreateApiMapping", of_api({{"DomainName", "api.example.com"}, {"Stage", "dev"}}));
  EXPECT_EQ(made("GetApiMappings", {{"DomainName", "api.example.com"}})["items"][0], mapping);
  EXPECT_EQ(call("CreateApiMapping", of_api({{"DomainName", "api.example.com"}, {"Stage", "dev"}}))
                .error(),
            "ConflictException");
  EXPECT_EQ(call("DeleteApi", of_api()).status, 400);
  EXPECT_EQ(call("DeleteApiMapping",
                 {{"DomainName", "api.example.com"}, {"ApiMappingId", mapping["apiMappingId"]}})
                .status,
            204);
  EXPECT_EQ(call("DeleteDomainName", {{"DomainName", "api.example.com"}}).status, 204);
  EXPECT_EQ(call("GetDomainName", {{"DomainName", "api.example.com"}}).status, 404);
}

TEST_F(V2Test, TagsOfApisAndStages) {
  create_api({{"Tags", {{"a", "1"}}}});
  add_stage("dev");
  const std::string arn = "arn:aws:apigateway:us-east-1::/apis/" + api_;
  EXPECT_EQ(call("TagResource", {{"ResourceArn", arn}, {"Tags", {{"b", "2"}}}}).status, 201);
  EXPECT_EQ(made("GetTags", {{"ResourceArn", arn}})["tags"], (Json{{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(call("UntagResource", {{"ResourceArn", arn}, {"TagKeys", {"a"}}}).status, 204);
  EXPECT_EQ(made("GetApi", of_api())["tags"], (Json{{"b", "2"}}));
  made("TagResource", {{"ResourceArn", arn + "/stages/dev"}, {"Tags", {{"s", "t"}}}});
  EXPECT_EQ(made("GetStage", of_api({{"StageName", "dev"}}))["tags"], (Json{{"s", "t"}}));
  EXPECT_EQ(call("GetTags", {{"ResourceArn", "arn:aws:apigateway:us-east-1::/none/x"}}).error(),
            "BadRequestException");
}

TEST_F(V2Test, AnApiIdIsFixedByItsTag) {
  create_api({{"Tags", {{"_custom_id_", "mine"}}}});
  EXPECT_EQ(api_, "mine");
  EXPECT_EQ(call("CreateApi",
                 {{"Name", "n"}, {"ProtocolType", "HTTP"}, {"Tags", {{"_custom_id_", "mine"}}}})
                .error(),
            "ConflictException");
}

TEST_F(V2Test, WhatIsNotBuiltIsNamed) {
  CallResult result = call("ListPortals");
  EXPECT_EQ(result.status, 501);
  EXPECT_NE(result.text.find("ListPortals"), std::string::npos);
}

}  // namespace
}  // namespace paddock::services::apigateway::testing
