// Who is let in: validation, authorizers, signatures, API keys, throttles and quotas; and how the
// gateway words its refusals.
#include "tests/services/apigateway/data_plane_fixture.hpp"

namespace paddock::services::apigateway::testing {
namespace {

constexpr const char* kUnauthorized = R"({"message":"Unauthorized"})";

class AccessTest : public DataPlaneTest {};

// -- validation ---------------------------------------------------------------------------------

TEST_F(AccessTest, MissingParametersAreNamedTogether) {
  const std::string validator =
      made("CreateRequestValidator",
           {{"restApiId", api_}, {"name", "v"}, {"validateRequestParameters", true}})["id"];
  add_mock(add_resource("{issuer}"), "GET", "ok",
           {{"requestValidatorId", validator},
            {"requestParameters",
             {{"method.request.header.x-header-param", true},
              {"method.request.path.issuer", true},
              {"method.request.querystring.qs1", true},
              {"method.request.querystring.other", false}}}});
  deploy();
  expect_refusal(send("GET", "/i"), 400, "BadRequestException",
                 R"({"message":"Missing required request parameters: [x-header-param, qs1]"})");
  EXPECT_EQ(send("GET", "/i?qs1=1", header("x-header-param", "1")).text, "ok");
}

TEST_F(AccessTest, ABodyIsHeldAgainstItsModel) {
  made("CreateModel", {{"restApiId", api_},
                       {"name", "Status"},
                       {"contentType", "application/json"},
                       {"schema", R"({"type": "string", "enum": ["on", "off"]})"}});
  const std::string reference = "https://apigateway.amazonaws.com/restapis/" + api_ + "/models/";
  made("CreateModel",
       {{"restApiId", api_},
        {"name", "Light"},
        {"contentType", "application/json"},
        {"schema", R"({"type": "object", "required": ["a", "b"], "properties": {"a": {"$ref": ")" +
                       reference + R"(Status"}, "b": {"type": "integer"}}})"}});
  const std::string validator =
      made("CreateRequestValidator",
           {{"restApiId", api_}, {"name", "v"}, {"validateRequestBody", true}})["id"];
  add_mock(root_, "POST", "ok",
           {{"requestValidatorId", validator}, {"requestModels", {{"application/json", "Light"}}}});
  made(
      "PutGatewayResponse",
      {{"restApiId", api_},
       {"responseType", "BAD_REQUEST_BODY"},
       {"responseTemplates",
        {{"application/json",
          R"({"m": $context.error.messageString, "v": "$context.error.validationErrorString"})"}}}});
  deploy();
  const auto refused = [this](const std::string& body) {
    CallResult result = send("POST", "/", {}, body);
    EXPECT_EQ(result.status, 400) << body;
    return result.text;
  };
  EXPECT_EQ(send("POST", "/", {}, R"({"a": "on", "b": 1})").text, "ok");
  EXPECT_EQ(refused(R"({})"),
            "{\"m\": \"Invalid request body\", \"v\": \"[object has missing "
            "required properties ([\"a\",\"b\"])]\"}");
  EXPECT_EQ(refused(""), refused("{}"));
  EXPECT_NE(refused(R"({"a": "dim", "b": "x"})")
                .find("instance type (string) does not match any allowed primitive type "
                      "(allowed: [\"integer\"])"),
            std::string::npos);
  EXPECT_NE(refused("no json").find("Invalid request body"), std::string::npos);
}

// -- gateway responses --------------------------------------------------------------------------

TEST_F(AccessTest, AGatewayResponseMayBeTheApisOwn) {
  add_mock(root_, "GET", "ok", {{"apiKeyRequired", true}});
  made("PutGatewayResponse",
       {{"restApiId", api_},
        {"responseType", "DEFAULT_4XX"},
        {"responseParameters",
         {{"gatewayresponse.header.Access-Control-Allow-Origin", "'*'"},
          {"gatewayresponse.header.X-Asked", "method.request.querystring.q"}}}});
  made("PutGatewayResponse",
       {{"restApiId", api_},
        {"responseType", "MISSING_AUTHENTICATION_TOKEN"},
        {"statusCode", "404"},
        {"responseTemplates",
         {{"application/json",
           R"({"error": "$context.error.responseType", "path": "$context.path"})"}}}});
  deploy();
  CallResult forbidden = send("GET", "/?q=1");
  expect_refusal(forbidden, 403, "ForbiddenException", kForbidden);
  EXPECT_EQ(forbidden.headers.get("access-control-allow-origin"), "*");
  EXPECT_EQ(forbidden.headers.get("x-asked"), "1");
  CallResult missing = send("GET", "/none");
  EXPECT_EQ(missing.status, 404);
}

// -- authorizers --------------------------------------------------------------------------------

class AuthorizerTest : public AccessTest {
 protected:
  void SetUp() override {
    AccessTest::SetUp();
    create_function("authorizer");
    create_function("show-event");
  }
  std::string add_authorizer(const Json& more) {
    Json input = {{"restApiId", api_}, {"name", "auth"}, {"authorizerUri", uri_of("authorizer")}};
    input.update(more);
    return made("CreateAuthorizer", input).value("id", "");
  }
  void add_protected(const std::string& authorizer) {
    add(root_, "GET", function_integration("show-event", "AWS_PROXY"),
        {{"authorizationType", "CUSTOM"}, {"authorizerId", authorizer}});
  }
  CallResult with_token(const std::string& token) {
    return send("GET", "/", header("Auth", token));
  }
};

TEST_F(AuthorizerTest, ATokenDecides) {
  add_protected(add_authorizer({{"type", "TOKEN"},
                                {"identitySource", "method.request.header.Auth"},
                                {"identityValidationExpression", "[a-z]+"},
                                {"authorizerResultTtlInSeconds", 0}}));
  deploy();
  expect_refusal(send("GET", "/"), 401, "UnauthorizedException", kUnauthorized);
  expect_refusal(with_token("NO"), 401, "UnauthorizedException", kUnauthorized);
  expect_refusal(with_token("unauthorized"), 401, "UnauthorizedException", kUnauthorized);
  expect_refusal(with_token("deny"), 403, "AccessDeniedException",
                 R"({"Message":"User is not authorized to access this resource with an explicit )"
                 R"(deny"})");
  expect_refusal(with_token("other"), 403, "AccessDeniedException",
                 R"({"Message":"User is not authorized to access this resource"})");
  expect_refusal(with_token("broken"), 500, "AuthorizerConfigurationException",
                 R"({"message":null})");
  CallResult allowed = with_token("allow");
  ASSERT_EQ(allowed.status, 200) << allowed.text;
  const Json context = allowed.body["requestContext"]["authorizer"];
  EXPECT_EQ(context["principalId"], "me");
  EXPECT_EQ(context["number"], "1");
  EXPECT_EQ(context["flag"], "true");
}

TEST_F(AuthorizerTest, AnAnswerIsRememberedByWorldTime) {
  add_protected(add_authorizer({{"type", "TOKEN"},
                                {"identitySource", "method.request.header.Auth"},
                                {"authorizerResultTtlInSeconds", 60}}));
  deploy();
  const auto number = [this] {
    return with_token("count").body["requestContext"]["authorizer"]["count"];
  };
  const Json first = number();
  EXPECT_TRUE(first.is_string());
  EXPECT_EQ(number(), first);
  emulator_->advance(std::chrono::seconds(61));
  EXPECT_NE(number(), first);
}

TEST_F(AuthorizerTest, ARequestAuthorizerSeesTheRequest) {
  add_protected(
      add_authorizer({{"type", "REQUEST"},
                      {"identitySource", "method.request.header.Auth,method.request.querystring.q"},
                      {"authorizerResultTtlInSeconds", 300}}));
  deploy();
  EXPECT_EQ(with_token("allow").status, 401);
  CallResult allowed = send("GET", "/?q=1", header("Auth", "allow"));
  ASSERT_EQ(allowed.status, 200) << allowed.text;
  EXPECT_EQ(allowed.body["requestContext"]["authorizer"]["q"], "1");
  EXPECT_EQ(allowed.body["requestContext"]["authorizer"]["arn"],
            "arn:aws:execute-api:us-east-1:000000000000:" + api_ + "/Prod/GET/");
}

TEST_F(AccessTest, ASignatureIsAskedFor) {
  create_function("show-event");
  add(root_, "GET", function_integration("show-event", "AWS_PROXY"),
      {{"authorizationType", "AWS_IAM"}});
  deploy();
  expect_refusal(send("GET", "/"), 403, "MissingAuthenticationTokenException",
                 R"({"message":"Missing Authentication Token"})");
  http::Headers headers =
      header("Authorization",
             "AWS4-HMAC-SHA256 Credential=111111111111/20261120/us-east-1/execute-api/"
             "aws4_request, SignedHeaders=host, Signature=00");
  headers.add("X-Amz-Date", "20261120T073600Z");
  CallResult signed_call = send("GET", "/", headers);
  ASSERT_EQ(signed_call.status, 200) << signed_call.text;
  EXPECT_EQ(signed_call.body["requestContext"]["identity"]["accountId"], "111111111111");
}

TEST_F(AccessTest, AResourcePolicyLetsInWhomItNames) {
  add_mock(root_, "GET", "ok");
  add_mock(add_resource("secret"), "GET", "ok");
  const Json statement = {{{"Effect", "Allow"},
                           {"Principal", "*"},
                           {"Action", "execute-api:Invoke"},
                           {"Resource", "execute-api:/*"}},
                          {{"Effect", "Deny"},
                           {"Principal", "*"},
                           {"Action", "execute-api:Invoke"},
                           {"Resource", "execute-api:/*/GET/secret"},
                           {"Condition", {{"IpAddress", {{"aws:SourceIp", "127.0.0.0/8"}}}}}}};
  const Json policy = {{"Version", "2012-10-17"}, {"Statement", statement}};
  made("UpdateRestApi",
       {{"restApiId", api_},
        {"patchOperations", Json::array({patch("replace", "/policy", policy.dump())})}});
  deploy();
  EXPECT_EQ(send("GET", "/").status, 200);
  CallResult denied = send("GET", "/secret");
  EXPECT_EQ(denied.status, 403);
  EXPECT_NE(denied.text.find("is not authorized to perform: execute-api:Invoke on resource: arn:"),
            std::string::npos);
  EXPECT_NE(denied.text.find("with an explicit deny"), std::string::npos);
}

// -- stages -------------------------------------------------------------------------------------

TEST_F(AccessTest, AMethodIsThrottledByWorldTime) {
  add_mock(root_, "GET", "ok");
  add_mock(root_, "POST", "ok");
  deploy();
  made("UpdateStage", {{"restApiId", api_},
                       {"stageName", "Prod"},
                       {"patchOperations",
                        Json::array({patch("replace", "/*/*/throttling/burstLimit", "2"),
                                     patch("replace", "/*/*/throttling/rateLimit", "1"),
                                     patch("replace", "/~1/POST/throttling/burstLimit", "3"),
                                     patch("replace", "/~1/POST/throttling/rateLimit", "1")})}});
  emulator_->post("/_paddock/clock", {{"freeze", true}});
  const auto passed = [this](const char* method) {
    int count = 0;
    while (send(method, "/").status == 200) ++count;
    return count;
  };
  EXPECT_EQ(passed("GET"), 2);
  EXPECT_EQ(passed("POST"), 3);
  expect_refusal(send("GET", "/"), 429, "TooManyRequestsException",
                 R"({"message":"Too Many Requests"})");
  emulator_->advance(std::chrono::seconds(1));
  EXPECT_EQ(passed("GET"), 1);
}

TEST_F(AccessTest, ACachedAnswerIsServedUntilItExpires) {
  create_function("counting");
  add(root_, "GET",
      [] {
        Json integration = function_integration("counting", "AWS_PROXY");
        integration["cacheKeyParameters"] = {"method.request.querystring.q"};
        integration["requestParameters"] = {
            {"integration.request.querystring.q", "method.request.querystring.q"}};
        return integration;
      }(),
      {{"requestParameters", {{"method.request.querystring.q", false}}}});
  deploy();
  made("UpdateStage",
       {{"restApiId", api_},
        {"stageName", "Prod"},
        {"patchOperations", Json::array({patch("replace", "/cacheClusterEnabled", "true"),
                                         patch("replace", "/cacheClusterSize", "0.5"),
                                         patch("replace", "/*/*/caching/enabled", "true"),
                                         patch("replace", "/*/*/caching/ttlInSeconds", "60")})}});
  const std::string first = send("GET", "/?q=1").text;
  EXPECT_EQ(send("GET", "/?q=1&other=2").text, first);
  EXPECT_NE(send("GET", "/?q=2").text, first);
  CallResult refused_refresh = send("GET", "/?q=1", header("Cache-Control", "max-age=0"));
  EXPECT_EQ(refused_refresh.text, first);
  EXPECT_TRUE(refused_refresh.headers.has("warning"));
  emulator_->advance(std::chrono::seconds(61));
  EXPECT_NE(send("GET", "/?q=1").text, first);
}

TEST_F(AccessTest, ACanaryGetsItsShare) {
  add_mock(root_, "GET", "main $stageVariables.v $context.isCanaryRequest");
  made("CreateDeployment",
       {{"restApiId", api_}, {"stageName", "Prod"}, {"variables", {{"v", "1"}}}});
  made("UpdateIntegrationResponse",
       at(root_, "GET",
          {{"statusCode", "200"},
           {"patchOperations",
            Json::array({patch("replace", "/responseTemplates/application~1json",
                               "canary $stageVariables.v $context.isCanaryRequest")})}}));
  made("CreateDeployment",
       {{"restApiId", api_},
        {"stageName", "Prod"},
        {"canarySettings", {{"percentTraffic", 50.0}, {"stageVariableOverrides", {{"v", "2"}}}}}});
  int canary = 0;
  for (int i = 0; i < 60; ++i) {
    const std::string text = send("GET", "/").text;
    EXPECT_TRUE(text == "main 1 false" || text == "canary 2 true") << text;
    canary += text.starts_with("canary");
  }
  EXPECT_GT(canary, 0);
  EXPECT_LT(canary, 60);
}

}  // namespace
}  // namespace paddock::services::apigateway::testing
