// Requests to HTTP APIs.
#include "tests/services/apigateway/v2_fixture.hpp"

namespace paddock::services::apigateway::testing {
namespace {

TEST_F(V2Test, AFunctionGetsFormat2) {
  create_showing_api({"POST /pets/{id}"});
  Json event = event_of("POST", "/pets/a%20b?x=1&x=2&y=%C3%BC",
                        headers_of({{"Content-Type", "application/json"},
                                    {"Cookie", "a=1; b=2"},
                                    {"X-Two", "one"},
                                    {"X-Two", "two"},
                                    {"User-Agent", "test"}}),
                        R"({"n":1})");
  Json context = event["requestContext"];
  EXPECT_EQ(event["version"], "2.0");
  EXPECT_EQ(event["routeKey"], "POST /pets/{id}");
  EXPECT_EQ(event["rawPath"], "/pets/a b");
  EXPECT_EQ(event["rawQueryString"], "x=1&x=2&y=%C3%BC");
  EXPECT_EQ(event["cookies"], (Json{"a=1", "b=2"}));
  EXPECT_EQ(event["queryStringParameters"], (Json{{"x", "1,2"}, {"y", "ü"}}));
  EXPECT_EQ(event["pathParameters"], (Json{{"id", "a b"}}));
  EXPECT_EQ(event["body"], R"({"n":1})");
  EXPECT_EQ(event["isBase64Encoded"], false);
  EXPECT_FALSE(event.contains("stageVariables"));
  EXPECT_EQ(event["headers"]["x-two"], "one,two");
  EXPECT_EQ(event["headers"]["content-length"], "7");
  EXPECT_EQ(event["headers"]["x-forwarded-proto"], "http");
  EXPECT_FALSE(event["headers"].contains("cookie"));
  EXPECT_EQ(context["accountId"], "000000000000");
  EXPECT_EQ(context["apiId"], api_);
  EXPECT_EQ(context["domainName"], api_ + ".execute-api.localhost");
  EXPECT_EQ(context["domainPrefix"], api_);
  EXPECT_EQ(context["http"], (Json{{"method", "POST"},
                                   {"path", "/pets/a b"},
                                   {"protocol", "HTTP/1.1"},
                                   {"sourceIp", "127.0.0.1"},
                                   {"userAgent", "test"}}));
  EXPECT_EQ(context["routeKey"], "POST /pets/{id}");
  EXPECT_EQ(context["stage"], "$default");
  EXPECT_TRUE(context["timeEpoch"].is_number_integer());
  EXPECT_FALSE(context.contains("authorizer"));
}

TEST_F(V2Test, MembersWithoutAValueAreLeftOutOfFormat2) {
  create_showing_api({"GET /a"});
  Json event = event_of("GET", "/a");
  for (const char* member : {"cookies", "queryStringParameters", "pathParameters", "body"}) {
    EXPECT_FALSE(event.contains(member)) << member;
  }
  EXPECT_EQ(event["rawQueryString"], "");
  EXPECT_EQ(event["headers"]["content-length"], "0");
}

TEST_F(V2Test, AFunctionGetsFormat1) {
  create_showing_api({"GET /pets/{id}"}, "1.0");
  Json event = event_of("GET", "/pets/7?x=1&x=2", headers_of({{"Cookie", "a=1"}}));
  EXPECT_EQ(event["version"], "1.0");
  EXPECT_EQ(event["resource"], "/pets/{id}");
  EXPECT_EQ(event["path"], "/pets/7");
  EXPECT_EQ(event["httpMethod"], "GET");
  EXPECT_EQ(event["queryStringParameters"], (Json{{"x", "2"}}));
  EXPECT_EQ(event["multiValueQueryStringParameters"], (Json{{"x", {"1", "2"}}}));
  EXPECT_EQ(event["pathParameters"], (Json{{"id", "7"}}));
  EXPECT_EQ(event["headers"]["cookie"], "a=1");
  EXPECT_TRUE(event["body"].is_null());
  EXPECT_TRUE(event["stageVariables"].is_null());
  EXPECT_EQ(event["requestContext"]["resourcePath"], "/pets/{id}");
  EXPECT_EQ(event["requestContext"]["identity"]["sourceIp"], "127.0.0.1");
}

TEST_F(V2Test, ANamedStageIsPartOfTheRawPath) {
  create_showing_api({"GET /a"});
  add_stage("dev", {{"StageVariables", {{"k", "v"}}}});
  Json event = event_of("GET", "/dev/a");
  EXPECT_EQ(event["rawPath"], "/dev/a");
  EXPECT_EQ(event["requestContext"]["http"]["path"], "/dev/a");
  EXPECT_EQ(event["requestContext"]["stage"], "dev");
  EXPECT_EQ(event["stageVariables"], (Json{{"k", "v"}}));
  EXPECT_EQ(event_of("GET", "/a")["requestContext"]["stage"], "$default");
  const std::string by_path = "/_aws/execute-api/" + api_;
  EXPECT_EQ(emulator_->get(by_path + "/dev/a").body["rawPath"], "/dev/a");
  EXPECT_EQ(emulator_->get(by_path + "/a").body["rawPath"], "/a");
  EXPECT_EQ(emulator_->get(by_path + "/$default/a").body["rawPath"], "/a");
}

TEST_F(V2Test, TheMostSpecificRouteIsTaken) {
  create_showing_api({"GET /pets/dog", "GET /pets/{id}", "ANY /pets/{id}", "GET /{proxy+}",
                      "POST /only", "$default"});
  const auto route = [this](const std::string& method, const std::string& path) {
    return event_of(method, path)["routeKey"].get<std::string>();
  };
  EXPECT_EQ(route("GET", "/pets/dog"), "GET /pets/dog");
  EXPECT_EQ(route("GET", "/pets/cat"), "GET /pets/{id}");
  EXPECT_EQ(route("PUT", "/pets/dog"), "ANY /pets/{id}");
  EXPECT_EQ(route("GET", "/pets/cat/tail"), "GET /{proxy+}");
  EXPECT_EQ(route("GET", "/only"), "GET /{proxy+}");
  EXPECT_EQ(route("PUT", "/only"), "$default");
  EXPECT_EQ(route("GET", "/"), "$default");
  EXPECT_EQ(event_of("GET", "/x/y%2Fz")["pathParameters"], (Json{{"proxy", "x/y/z"}}));
}

TEST_F(V2Test, WithoutARouteItIsNotFound) {
  create_showing_api({"GET /a"});
  CallResult result = send("GET", "/b");
  EXPECT_EQ(result.status, 404);
  EXPECT_EQ(result.text, R"({"message":"Not Found"})");
  EXPECT_EQ(result.headers.get("content-type"), "application/json");
  EXPECT_FALSE(result.headers.get("apigw-requestid").empty());
  EXPECT_EQ(send("POST", "/a").status, 404);
  EXPECT_EQ(send("GET", "/a/").status, 404);
  made("DeleteStage", of_api({{"StageName", "$default"}}));
  EXPECT_EQ(send("GET", "/a").status, 404);
}

TEST_F(V2Test, AChangeIsServedAtOnceOnlyWhereAStageDeploysByItself) {
  create_showing_api({"GET /a"});
  made("CreateDeployment", of_api());
  std::string by_hand = made("GetDeployments", of_api())["items"][0]["deploymentId"];
  made("CreateStage", of_api({{"StageName", "dev"}, {"DeploymentId", by_hand}}));
  std::string integration = made("GetIntegrations", of_api())["items"][0]["integrationId"];
  add_route("GET /b", integration);
  EXPECT_EQ(send("GET", "/b").status, 200);
  EXPECT_EQ(send("GET", "/dev/a").status, 200);
  EXPECT_EQ(send("GET", "/dev/b").status, 404);
  made("CreateDeployment", of_api({{"StageName", "dev"}}));
  EXPECT_EQ(send("GET", "/dev/b").status, 200);
}

TEST_F(V2Test, AnswersOfFormat2) {
  create_function("as-told");
  create_api();
  add_route("POST /as", add_function_integration("as-told"));
  add_stage();
  const auto told = [this](const std::string& result) {
    return send("POST", "/as", headers_of({{"Content-Type", "text/plain"}}), result);
  };
  CallResult full = told(R"({"statusCode":201,"headers":{"X-A":"b","N":7},"cookies":["a=1","b=2"],
                             "body":"aGk=","isBase64Encoded":true})");
  EXPECT_EQ(full.status, 201);
  EXPECT_EQ(full.text, "hi");
  EXPECT_EQ(full.headers.get("x-a"), "b");
  EXPECT_EQ(full.headers.get("n"), "7");
  EXPECT_EQ(full.headers.all("set-cookie"), (std::vector<std::string_view>{"a=1", "b=2"}));
  CallResult inferred = told(R"({"any":"thing"})");
  EXPECT_EQ(inferred.status, 200);
  EXPECT_EQ(inferred.text, R"({"any":"thing"})");
  EXPECT_EQ(inferred.headers.get("content-type"), "application/json");
  EXPECT_EQ(told("\"text\"").text, "text");
  EXPECT_EQ(told(R"({"statusCode":200,"body":"x"})").headers.get("content-type"),
            "text/plain;charset=UTF-8");
  for (const char* bad :
       {R"({"statusCode":"x"})", R"({"statusCode":42})", R"({"statusCode":200,"headers":7})",
        R"({"statusCode":200,"body":{}})", R"({"statusCode":200,"headers":{"a\nb":"c"}})",
        R"({"statusCode":200,"body":"%","isBase64Encoded":true})"}) {
    CallResult result = told(bad);
    EXPECT_EQ(result.status, 500) << bad;
    EXPECT_EQ(result.text, R"({"message":"Internal Server Error"})");
  }
}

TEST_F(V2Test, BodiesOfOtherTypesAreBase64) {
  create_showing_api({"POST /a"});
  const auto body_of = [this](const http::Headers& headers) {
    Json event = event_of("POST", "/a", headers, "a=b");
    return event["isBase64Encoded"].get<bool>() ? "base64" : event["body"].get<std::string>();
  };
  EXPECT_EQ(body_of(headers_of({{"Content-Type", "text/csv"}})), "a=b");
  EXPECT_EQ(body_of(headers_of({{"Content-Type", "Application/JSON; charset=utf-8"}})), "a=b");
  EXPECT_EQ(body_of(headers_of({{"Content-Type", "application/x-www-form-urlencoded"}})), "base64");
  EXPECT_EQ(body_of(headers_of({{"Content-Type", "image/png"}})), "base64");
}

TEST_F(V2Test, FailingFunctionsAreInternalErrors) {
  create_function("failing");
  create_api();
  add_route("GET /f", add_function_integration("failing"));
  add_route("GET /none", add_function_integration("not-there"));
  made("CreateRoute", of_api({{"RouteKey", "GET /bare"}}));
  add_stage();
  for (const char* path : {"/f", "/none", "/bare"}) {
    CallResult result = send("GET", path);
    EXPECT_EQ(result.status, 500) << path;
    EXPECT_EQ(result.text, R"({"message":"Internal Server Error"})");
  }
}

TEST_F(V2Test, ASlowFunctionIsServiceUnavailable) {
  gate().set_open(false);
  create_function("waiting");
  create_api();
  add_route("GET /w", add_integration({{"IntegrationType", "AWS_PROXY"},
                                       {"IntegrationUri", arn_of("waiting")},
                                       {"PayloadFormatVersion", "2.0"},
                                       {"TimeoutInMillis", 50}}));
  add_stage();
  CallResult result = send("GET", "/w");
  EXPECT_EQ(result.status, 503);
  EXPECT_EQ(result.text, R"({"message":"Service Unavailable"})");
  gate().set_open(true);
}

TEST_F(V2Test, ADisabledEndpointIsNotFound) {
  create_showing_api({"GET /a"});
  made("UpdateApi", of_api({{"DisableExecuteApiEndpoint", true}}));
  EXPECT_EQ(send("GET", "/a").status, 404);
}

TEST_F(V2Test, CorsIsAnsweredByTheGateway) {
  create_function("as-told");
  create_api({{"CorsConfiguration",
               {{"allowOrigins", {"https://a.example", "http://*"}},
                {"allowMethods", {"GET", "POST"}},
                {"allowHeaders", {"x-a"}},
                {"exposeHeaders", {"x-e"}},
                {"allowCredentials", true},
                {"maxAge", 300}}}});
  add_route("POST /as", add_function_integration("as-told"));
  add_stage();
  http::Headers preflight =
      headers_of({{"Origin", "https://a.example"}, {"Access-Control-Request-Method", "POST"}});
  CallResult result = send("OPTIONS", "/as", preflight);
  EXPECT_EQ(result.status, 204);
  EXPECT_EQ(result.headers.get("access-control-allow-origin"), "https://a.example");
  EXPECT_EQ(result.headers.get("access-control-allow-methods"), "GET,POST");
  EXPECT_EQ(result.headers.get("access-control-allow-headers"), "x-a");
  EXPECT_EQ(result.headers.get("access-control-max-age"), "300");
  EXPECT_EQ(result.headers.get("access-control-allow-credentials"), "true");
  preflight.set("Origin", "https://b.example");
  result = send("OPTIONS", "/as", preflight);
  EXPECT_EQ(result.status, 204);
  EXPECT_FALSE(result.headers.has("access-control-allow-origin"));
  // What the function says of CORS does not count.
  result = send("POST", "/as",
                headers_of({{"Origin", "http://any.example"}, {"Content-Type", "text/plain"}}),
                R"({"statusCode":200,"headers":{"Access-Control-Allow-Origin":"mine"}})");
  EXPECT_EQ(result.headers.get("access-control-allow-origin"), "http://any.example");
  EXPECT_EQ(result.headers.get("access-control-expose-headers"), "x-e");
}

TEST_F(V2Test, WithoutCorsAnOptionsRequestIsLikeAnyOther) {
  create_showing_api({"GET /a"});
  CallResult result =
      send("OPTIONS", "/a",
           headers_of({{"Origin", "http://localhost"}, {"Access-Control-Request-Method", "GET"}}));
  EXPECT_EQ(result.status, 404);
  EXPECT_FALSE(result.headers.has("access-control-allow-origin"));
}

TEST_F(V2Test, AnHttpIntegrationPassesRequestAndAnswerOn) {
  create_showing_api({"ANY /{proxy+}"});
  const std::string backend = api_;
  create_api();
  add_route("ANY /to/{proxy+}",
            add_integration(
                {{"IntegrationType", "HTTP_PROXY"},
                 {"IntegrationMethod", "ANY"},
                 {"IntegrationUri", emulator_->url() + "/_aws/execute-api/" + backend + "/{proxy}"},
                 {"RequestParameters",
                  {{"append:header.x-id", "$context.requestId"},
                   {"overwrite:querystring.b", "${request.header.x-b}!"},
                   {"remove:querystring.a", "''"}}},
                 {"ResponseParameters",
                  {{"200", {{"append:header.x-done", "yes"}, {"overwrite:statuscode", "202"}}}}}}));
  add_stage();
  CallResult result = send("PUT", "/to/some/where?a=1&c=2",
                           headers_of({{"X-B", "bee"}, {"Content-Type", "text/plain"}}), "hello");
  EXPECT_EQ(result.status, 202);
  EXPECT_EQ(result.headers.get("x-done"), "yes");
  Json event = result.body;
  EXPECT_EQ(event["requestContext"]["http"]["method"], "PUT");
  EXPECT_EQ(event["rawPath"], "/some/where");
  EXPECT_EQ(event["queryStringParameters"], (Json{{"b", "bee!"}, {"c", "2"}}));
  EXPECT_FALSE(event["headers"]["x-id"].get<std::string>().empty());
  EXPECT_EQ(event["body"], "hello");
}

TEST_F(V2Test, AnHttpIntegrationThatNobodyAnswersIsUnavailable) {
  create_api();
  add_route("GET /a", add_integration({{"IntegrationType", "HTTP_PROXY"},
                                       {"IntegrationMethod", "GET"},
                                       {"IntegrationUri", "http://127.0.0.1:1/"}}));
  add_stage();
  EXPECT_EQ(send("GET", "/a").status, 503);
}

TEST_F(V2Test, ALimitedRouteAnswersTooManyRequests) {
  create_showing_api({"GET /a", "GET /b"});
  made("UpdateStage",
       of_api({{"StageName", "$default"},
               {"RouteSettings",
                {{"GET /a", {{"throttlingBurstLimit", 2}, {"throttlingRateLimit", 1.0}}}}}}));
  emulator_->platform().world.freeze();
  EXPECT_EQ(send("GET", "/a").status, 200);
  EXPECT_EQ(send("GET", "/a").status, 200);
  CallResult refused = send("GET", "/a");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.text, R"({"message":"Too Many Requests"})");
  EXPECT_EQ(send("GET", "/b").status, 200);
  emulator_->advance(std::chrono::seconds(1));
  EXPECT_EQ(send("GET", "/a").status, 200);
}

TEST_F(V2Test, DefinitionsSurviveARestart) {
  ::paddock::testing::TempDir directory;
  start(TestEmulator::durable_options(directory.path()));
  create_showing_api({"GET /a"});
  start(TestEmulator::durable_options(directory.path()));
  EXPECT_EQ(event_of("GET", "/a")["routeKey"], "GET /a");
}

TEST_F(V2Test, AnApiOfTheOtherKindIsServedAsBefore) {
  create_showing_api({"GET /a"});
  CallResult rest = emulator_->call("apigateway", "CreateRestApi", {{"name", "r"}});
  http::Headers headers;
  headers.set("Host", rest.body["id"].get<std::string>() + ".execute-api.localhost");
  EXPECT_EQ(emulator_->request("GET", "/a", headers).status, 403);
  headers.set("Host", "nobody.execute-api.localhost");
  EXPECT_EQ(emulator_->request("GET", "/a", headers).status, 403);
}

TEST_F(V2Test, AnApiMappingLeadsToItsStage) {
  create_showing_api({"GET /pets"});
  const std::string version1 = add_function_integration("show-event", "1.0");
  add_route("GET /old", version1);
  add_stage("dev");
  made("CreateDomainName", {{"DomainName", "api.example.com"}});
  const auto map = [this](const std::string& key, const std::string& stage) {
    made("CreateApiMapping",
         of_api({{"DomainName", "api.example.com"}, {"ApiMappingKey", key}, {"Stage", stage}}));
  };
  map("", "$default");
  map("shop/v1", "dev");
  const auto event = [this](const std::string& path) {
    const CallResult result =
        emulator_->request("GET", path, headers_of({{"Host", "api.example.com"}}));
    EXPECT_EQ(result.status, 200) << path << ": " << result.text;
    return result.body;
  };
  EXPECT_EQ(event("/pets")["rawPath"], "/pets");
  EXPECT_EQ(event("/pets")["requestContext"]["domainName"], "api.example.com");
  const Json mapped = event("/shop/v1/pets");
  EXPECT_EQ(mapped["rawPath"], "/dev/pets");
  EXPECT_EQ(mapped["requestContext"]["stage"], "dev");
  EXPECT_EQ(event("/shop/v1/old")["path"], "/shop/v1/old");
  // A name may map to an API that has no other door.
  made("UpdateApi", of_api({{"DisableExecuteApiEndpoint", true}}));
  EXPECT_EQ(send("GET", "/pets").status, 404);
  EXPECT_EQ(event("/pets")["rawPath"], "/pets");
}

TEST_F(V2Test, AnApiMappingLeadsToARestApi) {
  const auto rest = [this](const std::string& operation, const Json& input) {
    return emulator_->call("apigateway", operation, input).body;
  };
  const std::string api = rest("CreateRestApi", {{"name", "n"}})["id"];
  const std::string root = rest("GetResources", {{"restApiId", api}})["item"][0]["id"];
  Json at = {{"restApiId", api}, {"resourceId", root}, {"httpMethod", "GET"}};
  at["authorizationType"] = "NONE";
  rest("PutMethod", at);
  at.erase("authorizationType");
  at["type"] = "MOCK";
  at["requestTemplates"] = {{"application/json", R"({"statusCode":200})"}};
  rest("PutIntegration", at);
  for (const char* operation : {"PutMethodResponse", "PutIntegrationResponse"}) {
    rest(operation,
         {{"restApiId", api}, {"resourceId", root}, {"httpMethod", "GET"}, {"statusCode", "200"}});
  }
  rest("CreateDeployment", {{"restApiId", api}, {"stageName", "prod"}});
  made("CreateDomainName", {{"DomainName", "api.example.com"}});
  expect_error(call("CreateApiMapping",
                    {{"DomainName", "api.example.com"}, {"ApiId", api}, {"Stage", "none"}}),
               400, "BadRequestException", "Invalid stage identifier specified");
  made("CreateApiMapping", {{"DomainName", "api.example.com"}, {"ApiId", api}, {"Stage", "prod"}});
  EXPECT_EQ(emulator_->request("GET", "/", headers_of({{"Host", "api.example.com"}})).status, 200);
}

}  // namespace
}  // namespace paddock::services::apigateway::testing
