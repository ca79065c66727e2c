// REST APIs, resources, methods and integrations, through the wire. Answers and messages as
// recorded from AWS.
#include "services/apigateway/limits.hpp"
#include "tests/services/apigateway/apigateway_fixture.hpp"

namespace paddock::services::apigateway::testing {
namespace {

constexpr const char* kNoResource = "Invalid Resource identifier specified";
constexpr const char* kNoMethod = "Invalid Method identifier specified";

TEST_F(ApiGatewayTest, ANewApiHasItsDefaults) {
  CallResult result = call("CreateRestApi", {{"name", "n"}});
  EXPECT_EQ(result.status, 201);
  Json api = result.body;
  EXPECT_EQ(api["id"].get<std::string>().size(), 10u);
  EXPECT_FALSE(api["rootResourceId"].get<std::string>().empty());
  EXPECT_TRUE(api["createdDate"].is_number());
  for (const char* member : {"id", "rootResourceId", "createdDate"}) api.erase(member);
  EXPECT_EQ(api,
            (Json{{"name", "n"},
                  {"apiKeySource", "HEADER"},
                  {"disableExecuteApiEndpoint", false},
                  {"endpointConfiguration", {{"ipAddressType", "ipv4"}, {"types", {"EDGE"}}}}}));
  EXPECT_EQ(made("GetRestApi", {{"restApiId", result.body["id"]}}), result.body);
}

TEST_F(ApiGatewayTest, WhatANewApiBringsIsKept) {
  Json api = made("CreateRestApi", {{"name", "n"},
                                    {"description", "d"},
                                    {"version", "v1"},
                                    {"binaryMediaTypes", {"image/png"}},
                                    {"tags", {{"MY_TAG1", "MY_VALUE1"}}},
                                    {"endpointConfiguration", {{"types", {"PRIVATE"}}}}});
  EXPECT_EQ(api["description"], "d");
  EXPECT_EQ(api["version"], "v1");
  EXPECT_EQ(api["binaryMediaTypes"], Json::array({"image/png"}));
  EXPECT_EQ(api["tags"], (Json{{"MY_TAG1", "MY_VALUE1"}}));
  EXPECT_EQ(api["endpointConfiguration"]["ipAddressType"], "dualstack");
  Json plain = made("CreateRestApi", {{"name", "n"}, {"binaryMediaTypes", Json::array()}});
  EXPECT_FALSE(plain.contains("binaryMediaTypes"));
}

TEST_F(ApiGatewayTest, BadApisAreRefused) {
  const auto refused = [this](const Json& more) {
    Json input = {{"name", "n"}};
    input.update(more);
    CallResult result = call("CreateRestApi", input);
    EXPECT_EQ(result.status, 400) << result.text;
    EXPECT_EQ(result.error(), "BadRequestException");
    return result.message();
  };
  EXPECT_EQ(refused({{"description", ""}}), "Description cannot be an empty string");
  EXPECT_EQ(refused({{"minimumCompressionSize", -1}}),
            "Invalid minimum compression size, must be between 0 and 10485760");
  EXPECT_EQ(refused({{"minimumCompressionSize", 10485761}}),
            "Invalid minimum compression size, must be between 0 and 10485760");
  EXPECT_EQ(refused({{"endpointConfiguration", {{"types", Json::array()}}}}),
            "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.");
  EXPECT_EQ(refused({{"endpointConfiguration", {{"types", {"EDGE", "REGIONAL"}}}}}),
            "Cannot create an api with multiple Endpoint Types.");
  CallResult wrong =
      call("CreateRestApi", {{"name", "n"}, {"endpointConfiguration", {{"types", {"wrong"}}}}});
  expect_error(wrong, 400, "ValidationException",
               "1 validation error detected: Value '[wrong]' at "
               "'createRestApiInput.endpointConfiguration.types' failed to satisfy constraint: "
               "Member must satisfy constraint: [Member must satisfy enum value set: [PRIVATE, "
               "EDGE, REGIONAL]]");
}

TEST_F(ApiGatewayTest, AnUnknownApiIsNamedWithItsAccount) {
  const std::string message = "Invalid API identifier specified 000000000000:api_id";
  const Json input = {{"restApiId", "api_id"}};
  for (const char* operation : {"GetRestApi", "DeleteRestApi", "GetResources", "GetStages",
                                "GetDeployments", "UpdateRestApi"}) {
    expect_error(call(operation, input), 404, "NotFoundException", message);
  }
  CallResult other = emulator_->call("apigateway", "GetRestApi", input, {"111111111111"});
  EXPECT_EQ(other.message(), "Invalid API identifier specified 111111111111:api_id");
}

TEST_F(ApiGatewayTest, ApisAreListedAndDeleted) {
  create_api();
  std::string first = api_;
  create_api();
  EXPECT_EQ(made("GetRestApis")["item"].size(), 2u);
  Json page = made("GetRestApis", {{"limit", 1}});
  ASSERT_EQ(page["item"].size(), 1u);
  EXPECT_EQ(made("GetRestApis", {{"limit", 1}, {"position", page["position"]}})["item"].size(), 1u);
  EXPECT_EQ(call("DeleteRestApi", {{"restApiId", first}}).status, 202);
  Json left = made("GetRestApis")["item"];
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0]["id"], api_);
  EXPECT_EQ(call("GetRestApi", {{"restApiId", first}}).status, 404);
  CallResult other = emulator_->call("apigateway", "GetRestApis", {}, {"111111111111"});
  EXPECT_EQ(other.body["item"], Json::array());
}

TEST_F(ApiGatewayTest, AnApiIsPatched) {
  create_api({{"description", "d"}});
  const auto patched = [this](const Json& operations) {
    return made("UpdateRestApi", {{"restApiId", api_}, {"patchOperations", operations}});
  };
  Json api = patched({patch("add", "/binaryMediaTypes/image~1png", ""),
                      patch("add", "/binaryMediaTypes/image~1jpeg", "")});
  EXPECT_EQ(api["binaryMediaTypes"], (Json{"image/png", "image/jpeg"}));
  EXPECT_EQ(api["tags"], Json::object());
  api = patched({patch("remove", "/binaryMediaTypes/image~1png", ""),
                 patch("remove", "/description", ""), patch("replace", "/name", "new")});
  EXPECT_EQ(api["binaryMediaTypes"], Json::array({"image/jpeg"}));
  EXPECT_FALSE(api.contains("description"));
  EXPECT_EQ(api["name"], "new");
  EXPECT_EQ(patched(Json::array(
                {patch("replace", "/minimumCompressionSize", "10")}))["minimumCompressionSize"],
            10);
  EXPECT_FALSE(patched(Json::array({{{"op", "replace"}, {"path", "/minimumCompressionSize"}}}))
                   .contains("minimumCompressionSize"));
}

TEST_F(ApiGatewayTest, BadPatchesOfAnApiChangeNothing) {
  create_api();
  const auto refused = [this](const Json& operation) {
    CallResult result =
        call("UpdateRestApi",
             {{"restApiId", api_},
              {"patchOperations", {patch("replace", "/description", "lost"), operation}}});
    EXPECT_EQ(result.status, 400) << result.text;
    return result.message();
  };
  const std::string compression =
      "Invalid minimum compression size, must be between 0 and 10485760";
  EXPECT_EQ(refused(patch("replace", "/minimumCompressionSize", "-1")), compression);
  EXPECT_EQ(refused(patch("replace", "/minimumCompressionSize", "test")), compression);
  EXPECT_EQ(refused(patch("add", "/minimumCompressionSize", "10")),
            "Invalid patch operation specified. Must be one of: [replace]");
  EXPECT_EQ(refused(patch("add", "/binaryMediaTypes", "image/png")),
            "Invalid patch path /binaryMediaTypes");
  EXPECT_EQ(refused(patch("replace", "/wrongPath", "x")), "Invalid patch path /wrongPath");
  EXPECT_EQ(refused({{"op", "replace"}}), "Invalid patch path null");
  EXPECT_FALSE(made("GetRestApi", {{"restApiId", api_}}).contains("description"));
}

TEST_F(ApiGatewayTest, ApisAreTagged) {
  create_api({{"tags", {{"a", "1"}}}});
  const std::string arn = "arn:aws:apigateway:us-east-1::/restapis/" + api_;
  EXPECT_EQ(call("TagResource", {{"resourceArn", arn}, {"tags", {{"b", "2"}}}}).status, 204);
  EXPECT_EQ(made("GetTags", {{"resourceArn", arn}})["tags"], (Json{{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(call("UntagResource", {{"resourceArn", arn}, {"tagKeys", {"a"}}}).status, 204);
  EXPECT_EQ(made("GetRestApi", {{"restApiId", api_}})["tags"], (Json{{"b", "2"}}));
}

TEST_F(ApiGatewayTest, ResourcesMakeATree) {
  create_api();
  CallResult pets =
      call("CreateResource", {{"restApiId", api_}, {"parentId", root_}, {"pathPart", "pets"}});
  EXPECT_EQ(pets.status, 201);
  const Json pets_id = pets.body["id"];
  EXPECT_EQ(pets.body,
            (Json{{"id", pets_id}, {"parentId", root_}, {"path", "/pets"}, {"pathPart", "pets"}}));
  std::string below = add_resource("subpets", pets_id);
  Json items = made("GetResources", {{"restApiId", api_}})["item"];
  ASSERT_EQ(items.size(), 3u);
  EXPECT_EQ(items[0], (Json{{"id", root_}, {"path", "/"}}));
  EXPECT_EQ(items[2]["path"], "/pets/subpets");
  Json renamed = made("UpdateResource",
                      {{"restApiId", api_},
                       {"resourceId", pets_id},
                       {"patchOperations", Json::array({patch("replace", "/pathPart", "dogs")})}});
  EXPECT_EQ(renamed["path"], "/dogs");
  EXPECT_EQ(made("GetResource", {{"restApiId", api_}, {"resourceId", below}})["path"],
            "/dogs/subpets");
  EXPECT_EQ(call("DeleteResource", {{"restApiId", api_}, {"resourceId", pets_id}}).status, 202);
  EXPECT_EQ(made("GetResources", {{"restApiId", api_}})["item"].size(), 1u);
  expect_error(call("DeleteResource", {{"restApiId", api_}, {"resourceId", below}}), 404,
               "NotFoundException", kNoResource);
}

TEST_F(ApiGatewayTest, BadResourcesAreRefused) {
  create_api();
  const auto create = [this](const std::string& part, const std::string& parent) {
    return call("CreateResource", {{"restApiId", api_}, {"parentId", parent}, {"pathPart", part}});
  };
  std::string proxy = add_resource("{proxy+}");
  add_resource("pets");
  expect_error(create("x", "fake"), 404, "NotFoundException", kNoResource);
  expect_error(create("pets", root_), 409, "ConflictException",
               "Another resource with the same parent already has this name: pets");
  expect_error(create("{other}", root_), 400, "BadRequestException",
               "A sibling ({proxy+}) of this resource already has a variable path part -- only "
               "one is allowed");
  expect_error(create("child", proxy), 400, "BadRequestException",
               "Cannot create a child of a resource with a greedy path variable: {proxy+}");
  EXPECT_EQ(create("a/b", root_).message(),
            "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and "
            "curly braces at the beginning and the end.");
  expect_error(call("DeleteResource", {{"restApiId", api_}, {"resourceId", root_}}), 400,
               "BadRequestException", "Cannot delete root resource.");
}

TEST_F(ApiGatewayTest, ResourcesEndAtTheQuota) {
  create_api();
  for (size_t i = 1; i < kMaxResources; ++i) add_resource("r" + std::to_string(i));
  CallResult result =
      call("CreateResource", {{"restApiId", api_}, {"parentId", root_}, {"pathPart", "more"}});
  EXPECT_EQ(result.status, 429);
  EXPECT_EQ(result.error(), "LimitExceededException");
}

TEST_F(ApiGatewayTest, ResourcesAreMovedAndRenamedByTheRules) {
  create_api();
  std::string pets = add_resource("pets");
  std::string below = add_resource("subpets", pets);
  std::string deepest = add_resource("pets", below);
  const auto update = [this](const std::string& id, const Json& operation) {
    return call(
        "UpdateResource",
        {{"restApiId", api_}, {"resourceId", id}, {"patchOperations", Json::array({operation})}});
  };
  expect_error(update("fake", patch("replace", "/pathPart", "x")), 404, "NotFoundException",
               kNoResource);
  EXPECT_EQ(update(pets, patch("replace", "/invalid", "x")).message(),
            "Invalid patch path  '/invalid' specified for op 'replace'. Must be one of: "
            "[/parentId, /pathPart]");
  expect_error(update(pets, patch("replace", "/parentId", "fake")), 404, "NotFoundException",
               kNoResource);
  expect_error(update(deepest, patch("replace", "/parentId", root_)), 409, "ConflictException",
               "Another resource with the same parent already has this name: pets");
  EXPECT_EQ(update(pets, patch("replace", "/parentId", below)).status, 409);
  EXPECT_EQ(update(below, patch("replace", "/parentId", deepest)).message(),
            "Resources cannot be cyclical.");
  EXPECT_EQ(
      update(below, patch("replace", "/parentId", root_)).body,
      (Json{{"id", below}, {"parentId", root_}, {"path", "/subpets"}, {"pathPart", "subpets"}}));
  EXPECT_EQ(made("GetResource", {{"restApiId", api_}, {"resourceId", deepest}})["path"],
            "/subpets/pets");
  EXPECT_EQ(update(below, patch("replace", "/pathPart", "pets")).status, 409);
  EXPECT_EQ(update(below, patch("remove", "/pathPart", "")).message(),
            "Invalid patch path  '/pathPart' specified for op 'remove'. Please choose supported "
            "operations");
  EXPECT_EQ(update(root_, patch("replace", "/pathPart", "x")).message(),
            "Root resource cannot update its pathPart.");
  EXPECT_EQ(update(root_, patch("replace", "/parentId", pets)).message(),
            "Root resource cannot update its parentId.");
}

TEST_F(ApiGatewayTest, AMethodLives) {
  create_api();
  CallResult put = call("PutMethod", at(root_, "ANY", {{"authorizationType", "NONE"}}));
  EXPECT_EQ(put.status, 201);
  EXPECT_EQ(
      put.body,
      (Json{{"apiKeyRequired", false}, {"authorizationType", "NONE"}, {"httpMethod", "ANY"}}));
  EXPECT_EQ(made("GetMethod", at(root_, "ANY")), put.body);
  Json listed = made("GetResources", {{"restApiId", api_}})["item"][0];
  EXPECT_EQ(listed["resourceMethods"], (Json{{"ANY", Json::object()}}));
  Json embedded = made("GetResources", {{"restApiId", api_}, {"embed", {"methods"}}})["item"][0];
  EXPECT_EQ(embedded["resourceMethods"]["ANY"], put.body);
  expect_error(call("PutMethod", at(root_, "ANY", {{"authorizationType", "NONE"}})), 409,
               "ConflictException", "Method already exists for this resource");
  EXPECT_EQ(call("DeleteMethod", at(root_, "ANY")).status, 204);
  expect_error(call("GetMethod", at(root_, "ANY")), 404, "NotFoundException", kNoMethod);
  expect_error(call("DeleteMethod", at(root_, "ANY")), 404, "NotFoundException", kNoMethod);
}

TEST_F(ApiGatewayTest, BadMethodsAreRefused) {
  create_api();
  const auto put = [this](const std::string& method, const Json& more = Json::object()) {
    Json input = at(root_, method, {{"authorizationType", "NONE"}});
    input.update(more);
    return call("PutMethod", input);
  };
  expect_error(put("ANY", {{"restApiId", "fake"}}), 404, "NotFoundException", kNoResource);
  expect_error(put("ANY", {{"resourceId", "fake"}}), 404, "NotFoundException", kNoResource);
  expect_error(put("WRONG"), 400, "BadRequestException",
               "Invalid HttpMethod specified. Valid options are "
               "GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY");
  expect_error(put("ANY", {{"authorizationType", "COGNITO_USER_POOLS"}}), 400,
               "BadRequestException",
               "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or "
               "COGNITO_USER_POOLS requires a valid authorizer.");
  expect_error(put("ANY", {{"requestValidatorId", "fake"}}), 400, "BadRequestException",
               "Invalid Request Validator identifier specified");
  expect_error(put("ANY", {{"requestModels", {{"application/json", "petModel"}}}}), 400,
               "BadRequestException", "Invalid model identifier specified: petModel");
  expect_error(put("ANY", {{"authorizationType", "MAGIC"}}), 400, "BadRequestException",
               "Invalid AuthorizationType specified. Valid options are "
               "NONE,AWS_IAM,CUSTOM,COGNITO_USER_POOLS");
}

TEST_F(ApiGatewayTest, AMethodIsPatched) {
  create_api();
  made("PutMethod", at(root_, "ANY", {{"authorizationType", "NONE"}, {"apiKeyRequired", true}}));
  const auto update = [this](const Json& operations) {
    return call("UpdateMethod", at(root_, "ANY", {{"patchOperations", operations}}));
  };
  const std::string parameter = "method.request.querystring.optional";
  Json method = update({patch("add", "/requestParameters/" + parameter, "true"),
                        patch("add", "/requestModels/application~1json", "Empty"),
                        patch("replace", "/operationName", "Op")})
                    .body;
  EXPECT_EQ(method["requestParameters"], (Json{{parameter, true}}));
  EXPECT_EQ(method["requestModels"], (Json{{"application/json", "Empty"}}));
  EXPECT_EQ(method["operationName"], "Op");
  method = update({patch("remove", "/requestParameters/" + parameter, "true"),
                   patch("remove", "/requestModels/application~1json", "Empty"),
                   patch("replace", "/apiKeyRequired", "whatever"),
                   patch("replace", "/authorizerId", "abc123")})
               .body;
  EXPECT_EQ(method, (Json{{"apiKeyRequired", false},
                          {"authorizationType", "NONE"},
                          {"httpMethod", "ANY"},
                          {"operationName", "Op"}}));
  const auto refused = [&](const Json& operation) {
    CallResult result = update(Json::array({operation}));
    EXPECT_EQ(result.status, 400) << result.text;
    return result.message();
  };
  const std::string replace_only = "Invalid patch operation specified. Must be one of: [replace]";
  EXPECT_EQ(refused(patch("add", "/operationName", "x")), replace_only);
  EXPECT_EQ(refused(patch("add", "/requestValidatorId", "wrong-id")), replace_only);
  EXPECT_EQ(refused(patch("add", "/httpMethod", "PUT")), "Invalid patch path /httpMethod");
  EXPECT_EQ(refused(patch("replace", "/requestParameters", "a=b")),
            "Invalid patch path /requestParameters");
  EXPECT_EQ(refused(patch("add", "/requestModels/application/json", "Empty")),
            "Invalid patch path /requestModels/application/json");
  EXPECT_EQ(refused(patch("replace", "/requestValidatorId", "fake-id")),
            "Invalid Request Validator identifier specified");
  expect_error(call("UpdateMethod", {{"restApiId", "fake-api"},
                                     {"resourceId", root_},
                                     {"httpMethod", "ANY"},
                                     {"patchOperations", Json::array()}}),
               404, "NotFoundException", kNoResource);
}

TEST_F(ApiGatewayTest, MethodResponsesLive) {
  create_api();
  made("PutMethod", at(root_, "GET", {{"authorizationType", "NONE"}}));
  CallResult put = call("PutMethodResponse",
                        at(root_, "GET",
                           {{"statusCode", "200"},
                            {"responseModels", {{"application/json", "Empty"}}},
                            {"responseParameters", {{"method.response.header.my-header", true}}}}));
  EXPECT_EQ(put.status, 201) << put.text;
  Json input = at(root_, "GET", {{"statusCode", "200"}});
  EXPECT_EQ(made("GetMethodResponse", input), put.body);
  EXPECT_EQ(put.body["responseParameters"], (Json{{"method.response.header.my-header", true}}));
  EXPECT_EQ(made("GetMethod", at(root_, "GET"))["methodResponses"]["200"], put.body);
  EXPECT_EQ(call("PutMethodResponse", input).error(), "ConflictException");
  EXPECT_EQ(call("DeleteMethodResponse", input).status, 204);
  expect_error(call("GetMethodResponse", input), 404, "NotFoundException",
               "Invalid Response status code specified");
  CallResult wrong = call("GetMethodResponse", at(root_, "GET", {{"statusCode", "wrong"}}));
  expect_error(wrong, 400, "ValidationException",
               "1 validation error detected: Value 'wrong' at 'statusCode' failed to satisfy "
               "constraint: Member must satisfy regular expression pattern: [1-5]\\d\\d");
}

TEST_F(ApiGatewayTest, AnIntegrationLives) {
  create_api();
  made("PutMethod", at(root_, "GET", {{"authorizationType", "NONE"}}));
  Json input = at(root_, "GET",
                  {{"type", "AWS_PROXY"}, {"integrationHttpMethod", "POST"}, {"uri", uri_of("f")}});
  expect_error(call("GetIntegration", at(root_, "GET")), 404, "NotFoundException",
               "Invalid Integration identifier specified");
  CallResult put = call("PutIntegration", input);
  EXPECT_EQ(put.status, 201);
  EXPECT_EQ(put.body, (Json{{"type", "AWS_PROXY"},
                            {"httpMethod", "POST"},
                            {"uri", uri_of("f")},
                            {"passthroughBehavior", "WHEN_NO_MATCH"},
                            {"timeoutInMillis", 29000},
                            {"cacheNamespace", root_},
                            {"cacheKeyParameters", Json::array()}}));
  EXPECT_EQ(made("GetIntegration", at(root_, "GET")), put.body);
  EXPECT_EQ(made("GetMethod", at(root_, "GET"))["methodIntegration"], put.body);
  const auto update = [this](const Json& operation) {
    return call("UpdateIntegration",
                at(root_, "GET", {{"patchOperations", Json::array({operation})}}));
  };
  EXPECT_EQ(update(patch("replace", "/timeoutInMillis", "50")).body["timeoutInMillis"], 50);
  for (const char* timeout : {"49", "29001", "", "soon"}) {
    EXPECT_EQ(update(patch("replace", "/timeoutInMillis", timeout)).status, 400) << timeout;
  }
  for (const char* path : {"/uri", "/httpMethod", "/timeoutInMillis"}) {
    EXPECT_EQ(update(patch("remove", path, "")).status, 400) << path;
  }
  EXPECT_EQ(call("DeleteIntegration", at(root_, "GET")).status, 204);
  EXPECT_EQ(call("GetIntegration", at(root_, "GET")).status, 404);
}

TEST_F(ApiGatewayTest, BadIntegrationsAreRefused) {
  create_api();
  made("PutMethod", at(root_, "GET", {{"authorizationType", "NONE"}}));
  const auto put = [this](const Json& more) {
    Json input =
        at(root_, "GET",
           {{"type", "AWS_PROXY"}, {"integrationHttpMethod", "POST"}, {"uri", uri_of("f")}});
    input.update(more);
    return call("PutIntegration", input);
  };
  expect_error(put({{"type", "HTTPS_PROXY"}}), 400, "ValidationException",
               "1 validation error detected: Value 'HTTPS_PROXY' at 'putIntegrationInput.type' "
               "failed to satisfy constraint: Member must satisfy enum value set: [HTTP, MOCK, "
               "AWS_PROXY, HTTP_PROXY, AWS]");
  expect_error(put({{"restApiId", "fake"}}), 404, "NotFoundException", kNoResource);
  expect_error(put({{"httpMethod", "PUT"}}), 404, "NotFoundException", kNoMethod);
  EXPECT_EQ(put({{"integrationHttpMethod", ""}}).message(),
            "Enumeration value for HttpMethod must be non-empty");
  EXPECT_EQ(put({{"uri", "http://example.com"}}).message(), "Invalid ARN specified in the request");
  EXPECT_EQ(put({{"uri", "arn:aws:apigateway:us-east-1:s3:path/b/k"}}).message(),
            "Integrations of type 'AWS_PROXY' currently only supports Lambda function and "
            "Firehose stream invocations.");
  EXPECT_EQ(put({{"uri", "arn:aws:apigateway:us-east-1:s3:b/k"}}).message(),
            "AWS ARN for integration must contain path or action");
  EXPECT_EQ(put({{"type", "HTTP"}, {"uri", "nowhere"}}).message(),
            "Invalid HTTP endpoint specified for URI");
}

}  // namespace
}  // namespace paddock::services::apigateway::testing
