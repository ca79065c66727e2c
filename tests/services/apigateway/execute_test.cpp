// Calling deployed APIs.
#include "services/apigateway/limits.hpp"
#include "tests/services/apigateway/apigateway_fixture.hpp"

namespace paddock::services::apigateway::testing {
namespace {

class ExecuteTest : public ApiGatewayTest {
 protected:
  void SetUp() override {
    ApiGatewayTest::SetUp();
    for (const char* function : {"show-event", "as-told", "failing"}) create_function(function);
    create_api();
    add_method(add_resource("{tag}", add_resource("tag")), "GET", "show-event");
    add_method(add_resource("as"), "ANY", "as-told");
    add_method(add_resource("fail"), "GET", "failing");
    add_method(add_resource("{proxy+}", add_resource("all")), "ANY", "show-event");
    deploy();
  }
  void TearDown() override {
    gate().set_open(true);
    ApiGatewayTest::TearDown();
  }
  Json event_of(const CallResult& result) {
    EXPECT_EQ(result.status, 200) << result.text;
    return result.body.is_object() ? result.body : Json::object();
  }
  // A refusal of the gateway itself.
  void expect_refusal(const CallResult& result, int status, const std::string& type,
                      const std::string& message) {
    EXPECT_EQ(result.status, status) << result.text;
    EXPECT_EQ(result.body, (Json{{"message", message}}));
    EXPECT_EQ(result.headers.get("x-amzn-ErrorType"), type);
    EXPECT_EQ(result.headers.get("content-type"), "application/json");
    EXPECT_TRUE(result.headers.has("x-amzn-RequestId"));
    EXPECT_TRUE(result.headers.has("x-amz-apigw-id"));
  }
};

TEST_F(ExecuteTest, ACallReachesTheFunctionByEveryForm) {
  http::Headers by_host;
  by_host.add("Host", api_ + ".execute-api.localhost:4566");
  Json event = event_of(emulator_->request("GET", "/Prod/tag/home", by_host));
  EXPECT_EQ(event["requestContext"]["domainName"], api_ + ".execute-api.localhost");
  EXPECT_EQ(event["requestContext"]["domainPrefix"], api_);
  http::Headers by_region;
  by_region.add("Host", api_ + ".execute-api.us-east-1.amazonaws.com");
  for (const Json& other :
       {event, event_of(emulator_->request("GET", "/Prod/tag/home", by_region)),
        event_of(emulator_->get(path_to("/tag/home"))),
        event_of(emulator_->get("/_aws/execute-api/" + api_ + "/Prod/tag/home"))}) {
    EXPECT_EQ(other["resource"], "/tag/{tag}");
    EXPECT_EQ(other["path"], "/tag/home");
    EXPECT_EQ(other["pathParameters"], (Json{{"tag", "home"}}));
    EXPECT_EQ(other["requestContext"]["path"], "/Prod/tag/home");
    EXPECT_EQ(other["requestContext"]["apiId"], api_);
    EXPECT_EQ(other["requestContext"]["accountId"], "000000000000");
    EXPECT_EQ(other["requestContext"]["identity"]["sourceIp"], "127.0.0.1");
  }
}

TEST_F(ExecuteTest, ABodyAndAQueryArrive) {
  http::Headers headers;
  headers.add("X-Mine", "yes");
  CallResult result = emulator_->request("PUT", path_to("/all/a/b%2Fc?q=1&q=2"), headers, "text");
  Json event = event_of(result);
  EXPECT_EQ(event["httpMethod"], "PUT");
  EXPECT_EQ(event["body"], "text");
  EXPECT_EQ(event["headers"]["X-Mine"], "yes");
  EXPECT_EQ(event["queryStringParameters"], (Json{{"q", "2"}}));
  EXPECT_EQ(event["multiValueQueryStringParameters"], (Json{{"q", {"1", "2"}}}));
  EXPECT_EQ(event["resource"], "/all/{proxy+}");
  EXPECT_EQ(event["pathParameters"], (Json{{"proxy", "a/b%2Fc"}}));
  EXPECT_EQ(event["requestContext"]["requestId"], result.headers.get("x-amzn-RequestId"));
}

TEST_F(ExecuteTest, BytesThatAreNoTextDoNotHarm) {
  http::Headers headers;
  headers.add("X-Bytes", "\xff\xfe");
  Json event = event_of(emulator_->request("GET", path_to("/tag/x%ff?q=%ff"), headers));
  EXPECT_EQ(event["path"], "/tag/x%ff");
  EXPECT_EQ(event["queryStringParameters"]["q"], "\xef\xbf\xbd");
  EXPECT_EQ(emulator_->get("/_paddock/timeline").status, 200);
}

TEST_F(ExecuteTest, UnknownApisAndStagesAreForbidden) {
  for (const std::string& path :
       {std::string("/restapis/none/Prod/_user_request_/tag/home"), path_to("/tag/home", "none"),
        std::string("/_aws/execute-api/none/Prod/tag/home")}) {
    expect_refusal(emulator_->get(path), 403, "ForbiddenException", "Forbidden");
  }
  http::Headers by_host;
  by_host.add("Host", "none.execute-api.localhost");
  expect_refusal(emulator_->request("GET", "/Prod/tag/home", by_host), 403, "ForbiddenException",
                 "Forbidden");
}

TEST_F(ExecuteTest, UnknownRoutesAndMethodsMissATokenAsInAws) {
  const std::string type = "MissingAuthenticationTokenException";
  const std::string message = "Missing Authentication Token";
  expect_refusal(emulator_->get(path_to("/none")), 403, type, message);
  expect_refusal(emulator_->get(path_to("/")), 403, type, message);
  expect_refusal(emulator_->post(path_to("/tag/home")), 403, type, message);
  expect_refusal(emulator_->get(path_to("/all")), 403, type, message);
}

TEST_F(ExecuteTest, AFunctionThatFailsIsABadGateway) {
  const std::string type = "InternalServerErrorException";
  expect_refusal(emulator_->get(path_to("/fail")), 502, type, "Internal server error");
  expect_refusal(told({{"statusCode", "test"}}), 502, type, "Internal server error");
  expect_refusal(told({{"wrongValue", "value"}}), 502, type, "Internal server error");
  expect_refusal(told("justAString"), 502, type, "Internal server error");
}

TEST_F(ExecuteTest, AFunctionThatIsNotThereIsAnInternalError) {
  add_method(root_, "GET", "none");
  deploy();
  expect_refusal(emulator_->get(path_to("/")), 500, "InternalServerErrorException",
                 "Internal server error");
}

TEST_F(ExecuteTest, AFunctionThatTakesTooLongIsAbandoned) {
  gate().set_open(false);
  create_function("waiting");
  add_method(root_, "GET", "waiting", {{"timeoutInMillis", 50}});
  deploy();
  expect_refusal(emulator_->get(path_to("/")), 504, "InternalServerErrorException",
                 "Endpoint request timed out");
  gate().set_open(true);
}

TEST_F(ExecuteTest, TheAnswerIsTheFunctions) {
  CallResult result = told({{"statusCode", "201"},
                            {"headers", {{"Content-Type", "text/html"}, {"x-flag", true}}},
                            {"multiValueHeaders", {{"Set-Cookie", {"a=1", "b=2"}}}},
                            {"body", "<p>"}});
  EXPECT_EQ(result.status, 201);
  EXPECT_EQ(result.text, "<p>");
  EXPECT_EQ(result.headers.get("content-type"), "text/html");
  EXPECT_EQ(result.headers.get("x-flag"), "true");
  EXPECT_EQ(result.headers.all("set-cookie"), (std::vector<std::string_view>{"a=1", "b=2"}));
  CallResult empty = told(Json::object());
  EXPECT_EQ(empty.status, 200);
  EXPECT_EQ(empty.text, "");
  CallResult chunked =
      told({{"headers", {{"Transfer-Encoding", "chunked"}, {"Content-Length", "1"}}},
            {"body", "whole"}});
  EXPECT_EQ(chunked.text, "whole");
}

TEST_F(ExecuteTest, BinaryAnswersNeedTheTypeAndTheAcceptHeader) {
  const Json binary = {{"body", "/wA="}, {"isBase64Encoded", true}};
  http::Headers png;
  png.add("Accept", "image/png");
  EXPECT_EQ(told(binary, png).text, "/wA=");
  made("UpdateRestApi",
       {{"restApiId", api_},
        {"patchOperations", Json::array({patch("add", "/binaryMediaTypes/image~1png", "")})}});
  deploy();
  EXPECT_EQ(told(binary, png).text, std::string("\xff\0", 2));
  EXPECT_EQ(told(binary).text, "/wA=");
}

TEST_F(ExecuteTest, StageVariablesChooseTheFunctionAndReachIt) {
  add_method(root_, "GET", "${stageVariables.fn}");
  made("CreateDeployment",
       {{"restApiId", api_}, {"stageName", "vars"}, {"variables", {{"fn", "show-event"}}}});
  Json event = event_of(emulator_->get(path_to("/", "vars")));
  EXPECT_EQ(event["stageVariables"], (Json{{"fn", "show-event"}}));
  made("UpdateStage",
       {{"restApiId", api_},
        {"stageName", "vars"},
        {"patchOperations", Json::array({patch("replace", "/variables/fn", "failing")})}});
  EXPECT_EQ(emulator_->get(path_to("/", "vars")).status, 502);
}

TEST_F(ExecuteTest, AMethodThatNeedsAKeyRefusesCallsWithoutOne) {
  made("PutMethod", at(root_, "GET", {{"authorizationType", "NONE"}, {"apiKeyRequired", true}}));
  made("PutIntegration",
       at(root_, "GET",
          {{"type", "AWS_PROXY"}, {"integrationHttpMethod", "POST"}, {"uri", uri_of("failing")}}));
  deploy();
  expect_refusal(emulator_->get(path_to("/")), 403, "ForbiddenException", "Forbidden");
}

TEST_F(ExecuteTest, ADisabledEndpointIsForbidden) {
  const auto disable = [this](const char* value) {
    made("UpdateRestApi", {{"restApiId", api_},
                           {"patchOperations",
                            Json::array({patch("replace", "/disableExecuteApiEndpoint", value)})}});
  };
  disable("true");
  expect_refusal(emulator_->get(path_to("/tag/home")), 403, "ForbiddenException", "Forbidden");
  disable("false");
  EXPECT_EQ(emulator_->get(path_to("/tag/home")).status, 200);
}

TEST_F(ExecuteTest, AFunctionWithoutConcurrencyIsAnInternalError) {
  emulator_->call("lambda", "PutFunctionConcurrency",
                  {{"FunctionName", "show-event"}, {"ReservedConcurrentExecutions", 0}});
  expect_refusal(emulator_->get(path_to("/tag/home")), 500, "InternalServerErrorException",
                 "Internal server error");
}

TEST_F(ExecuteTest, BodiesEndAtTheLimit) {
  CallResult result =
      emulator_->request("POST", path_to("/all/x"), {}, std::string(kMaxPayload + 1, 'x'));
  expect_refusal(result, 413, "RequestTooLargeException",
                 "HTTP content length exceeded 10485760 bytes.");
}

TEST_F(ExecuteTest, PreflightsGoToTheApiAndNotToTheEmulator) {
  http::Headers headers;
  headers.add("Origin", "https://students.example");
  headers.add("Access-Control-Request-Method", "GET");
  CallResult none = emulator_->request("OPTIONS", path_to("/tag/home"), headers);
  expect_refusal(none, 403, "MissingAuthenticationTokenException", "Missing Authentication Token");
  EXPECT_FALSE(none.headers.has("Access-Control-Allow-Origin"));
  Json event = event_of(emulator_->request("OPTIONS", path_to("/all/x"), headers));
  EXPECT_EQ(event["httpMethod"], "OPTIONS");
}

TEST_F(ExecuteTest, OtherAccountsReachTheApiAndItRunsInItsOwn) {
  http::Headers headers;
  headers.add("Authorization",
              "AWS4-HMAC-SHA256 Credential=111111111111/20261120/eu-west-1/execute-api/"
              "aws4_request, SignedHeaders=host, Signature=00");
  Json event = event_of(emulator_->request("GET", path_to("/tag/home"), headers));
  EXPECT_EQ(event["requestContext"]["accountId"], "000000000000");
}

TEST_F(ExecuteTest, TheTimelineShowsTheCallAndItsFunctionUnderOneCause) {
  CallResult result = emulator_->get(path_to("/tag/home"));
  std::string id(result.headers.get("x-amzn-RequestId"));
  Json events = emulator_->get("/_paddock/timeline?cause=" + id).body.at("Events");
  std::vector<std::string> seen;
  for (const Json& event : events) {
    seen.push_back(event.at("Kind").get<std::string>() + ": " +
                   event.at("What").get<std::string>());
  }
  const std::vector<std::string> expected{"function: function show-event", "call: lambda:Invoke",
                                          "call: execute-api GET /Prod/tag/home"};
  EXPECT_EQ(seen, expected) << events.dump(1);
}

TEST_F(ExecuteTest, ACustomIdIsTheApisName) {
  create_api({{"tags", {{"_custom_id_", "pageviews"}}}});
  EXPECT_EQ(api_, "pageviews");
  add_method(root_, "GET", "show-event");
  deploy();
  http::Headers by_host;
  by_host.add("Host", "pageviews.execute-api.localhost:4566");
  EXPECT_EQ(emulator_->request("GET", "/Prod", by_host).status, 200);
}

}  // namespace
}  // namespace paddock::services::apigateway::testing
