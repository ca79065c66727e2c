// Integrations that are no Lambda proxy: MOCK, AWS and HTTP, with their mappings.
#include "tests/services/apigateway/data_plane_fixture.hpp"

namespace paddock::services::apigateway::testing {
namespace {

constexpr const char* kInternal = R"({"message":"Internal server error"})";
constexpr const char* kInternalType = "InternalServerErrorException";

class IntegrationTest : public DataPlaneTest {};

TEST_F(IntegrationTest, AMockAnswersWithItsTemplate) {
  add_mock(add_resource("{id}", add_resource("pets")), "POST",
           "{\"id\": \"$input.params('id')\", \"q\": \"$input.params('q')\", "
           "\"stage\": \"$context.stage\", \"path\": \"$context.path\", "
           "\"resource\": \"$context.resourcePath\", \"body\": $input.json('$')}");
  deploy();
  CallResult result =
      send("POST", "/pets/7?q=a%20b", header("Content-Type", "application/json"), "{\"z\": 1}");
  EXPECT_EQ(result.status, 200) << result.text;
  // The integration's answer has no body of its own.
  EXPECT_EQ(result.text,
            "{\"id\": \"7\", \"q\": \"a b\", \"stage\": \"Prod\", \"path\": \"/Prod/pets/7\", "
            "\"resource\": \"/pets/{id}\", \"body\": {}}");
  EXPECT_EQ(result.headers.get("content-type"), "application/json");
  EXPECT_FALSE(result.headers.has("x-amzn-trace-id"));
}

TEST_F(IntegrationTest, AMockWithoutAStatusIsAnInternalError) {
  add_mock(root_, "GET", "x", Json::object(), "{\"no\": 1}");
  add_mock(add_resource("loose"), "GET", "loose", Json::object(), "{statusCode: 200}");
  deploy();
  expect_refusal(send("GET", "/"), 500, kInternalType, kInternal);
  EXPECT_EQ(send("GET", "/loose").text, "loose");
}

TEST_F(IntegrationTest, AMockAloneAnswersPreflights) {
  add(root_, "OPTIONS",
      {{"type", "MOCK"}, {"requestTemplates", {{"application/json", "{\"statusCode\": 204}"}}}});
  const std::string origin = "method.response.header.Access-Control-Allow-Origin";
  add_response(root_, "OPTIONS", "204", {{"responseParameters", {{origin, "'https://site'"}}}},
               {{"responseParameters", {{origin, true}}}});
  add_mock(root_, "GET", "x");
  deploy();
  http::Headers headers = header("Origin", "https://students.example");
  headers.add("Access-Control-Request-Method", "GET");
  CallResult preflight = send("OPTIONS", "/", headers);
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.headers.all("access-control-allow-origin"),
            (std::vector<std::string_view>{"https://site"}));
  // Nothing is added where the API says nothing.
  EXPECT_FALSE(send("GET", "/", headers).headers.has("access-control-allow-origin"));
}

TEST_F(IntegrationTest, TemplatesOverrideStatusAndHeaders) {
  add_mock(root_, "GET",
           "#set($context.responseOverride.status = 444)"
           "#set($context.responseOverride.header.X-Many = ['a', 'b'])"
           "$context.requestOverride.path.body",
           Json::object(),
           "#set($context.requestOverride.path.body = \"kept\"){\"statusCode\": 200}");
  deploy();
  CallResult result = send("GET", "/");
  EXPECT_EQ(result.status, 444);
  EXPECT_EQ(result.text, "kept");
  EXPECT_EQ(result.headers.all("x-many"), (std::vector<std::string_view>{"a", "b"}));
}

TEST_F(IntegrationTest, ATemplateThatFailsIsAnInternalError) {
  add_mock(root_, "GET", "#if(");
  add_mock(add_resource("deep"), "GET", "#macro(m)#m()#end#m()");
  deploy();
  expect_refusal(send("GET", "/"), 500, kInternalType, kInternal);
  expect_refusal(send("GET", "/deep"), 500, kInternalType, kInternal);
}

TEST_F(IntegrationTest, WhatNoTemplateIsForPassesOrIsRefused) {
  const auto mock = [](const std::string& behaviour) -> Json {
    return {{"type", "MOCK"},
            {"passthroughBehavior", behaviour},
            {"requestTemplates", {{"application/json", "{\"statusCode\": 200}"}}}};
  };
  for (const char* behaviour : {"WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"}) {
    const std::string resource = add_resource(behaviour);
    add(resource, "POST", mock(behaviour));
    add_response(resource, "POST", "200");
  }
  deploy();
  const http::Headers text = header("Content-Type", "text/plain");
  const http::Headers json = header("Content-Type", "application/json; charset=utf-8");
  EXPECT_EQ(send("POST", "/WHEN_NO_MATCH", text, "{\"statusCode\": 200}").status, 200);
  for (const char* path : {"/WHEN_NO_TEMPLATES", "/NEVER"}) {
    expect_refusal(send("POST", path, text, "{\"statusCode\": 200}"), 415, "BadRequestException",
                   R"({"message":"Unsupported Media Type"})");
    EXPECT_EQ(send("POST", path, json, "ignored").status, 200);
    EXPECT_EQ(send("POST", path).status, 200);
  }
}

TEST_F(IntegrationTest, AFunctionGetsWhatTheTemplateMakes) {
  create_function("echo");
  Json integration = function_integration("echo", "AWS");
  integration["requestTemplates"] = {
      {"application/json", "{\"name\": \"$input.path('$.n')\", \"list\": $input.json('$.l')}"}};
  add(root_, "POST", integration);
  add_response(root_, "POST", "200",
               {{"responseTemplates",
                 {{"application/json", "#set($r = $input.path('$')){\"got\": \"$r.name\"}"}}},
                {"responseParameters",
                 {{"method.response.header.X-First", "integration.response.body.list[0]"}}}},
               {{"responseParameters", {{"method.response.header.X-First", true}}}});
  deploy();
  CallResult result =
      send("POST", "/", header("Content-Type", "application/json"), R"({"n": "x", "l": [7, 8]})");
  EXPECT_EQ(result.text, "{\"got\": \"x\"}") << result.status;
  EXPECT_EQ(result.headers.get("x-first"), "7");
  EXPECT_TRUE(std::string(result.headers.get("x-amzn-trace-id")).starts_with("Root=1-"));
}

TEST_F(IntegrationTest, AFunctionsErrorMessageSelectsTheResponse) {
  create_function("failing");
  create_function("echo");
  for (const char* function : {"failing", "echo"}) {
    const std::string resource = add_resource(function);
    add(resource, "POST", function_integration(function, "AWS"));
    add_response(resource, "POST", "200");
    add_response(resource, "POST", "418",
                 {{"selectionPattern", "it br.*"},
                  {"responseTemplates",
                   {{"application/json", "{\"why\": $input.json('$.errorMessage')}"}}}});
  }
  add(add_resource("strict"), "POST", function_integration("echo", "AWS"));
  deploy();
  CallResult failed = send("POST", "/failing", {}, "{}");
  EXPECT_EQ(failed.status, 418);
  EXPECT_EQ(failed.text, "{\"why\": \"it broke\"}");
  EXPECT_EQ(send("POST", "/echo", {}, "{\"a\": 1}").text, "{\"a\": 1}");
  // Without any response that fits, the method is not configured.
  expect_refusal(send("POST", "/strict", {}, "{}"), 500, kInternalType, kInternal);
}

TEST_F(IntegrationTest, AServiceIsCalledByAction) {
  emulator_->call("dynamodb", "CreateTable",
                  {{"TableName", "pets"},
                   {"BillingMode", "PAY_PER_REQUEST"},
                   {"AttributeDefinitions", {{{"AttributeName", "id"}, {"AttributeType", "S"}}}},
                   {"KeySchema", {{{"AttributeName", "id"}, {"KeyType", "HASH"}}}}});
  const auto integration = [](const std::string& action, const std::string& text) -> Json {
    return {{"type", "AWS"},
            {"integrationHttpMethod", "POST"},
            {"credentials", "arn:aws:iam::000000000000:role/r"},
            {"uri", "arn:aws:apigateway:us-east-1:dynamodb:action/" + action},
            {"requestTemplates", {{"application/json", text}}}};
  };
  add(root_, "POST",
      integration("PutItem",
                  "{\"TableName\": \"pets\", \"Item\": {\"id\": {\"S\": "
                  "\"$input.path('$.id')\"}, \"n\": {\"N\": \"5\"}}}"));
  add_response(root_, "POST", "200");
  add_response(root_, "POST", "400", {{"selectionPattern", "4\\d{2}"}});
  const std::string one = add_resource("{id}");
  add(one, "GET",
      integration("GetItem",
                  "{\"TableName\": \"pets\", \"Key\": {\"id\": {\"S\": "
                  "\"$input.params('id')\"}}}"));
  add_response(one, "GET", "200",
               {{"responseTemplates",
                 {{"application/json",
                   "#set($i = $input.path('$.Item')){\"id\": \"$i.id.S\", \"n\": $i.n.N}"}}}});
  deploy();
  EXPECT_EQ(send("POST", "/", {}, R"({"id": "rex"})").status, 200);
  EXPECT_EQ(send("GET", "/rex").text, "{\"id\": \"rex\", \"n\": 5}");
  CallResult refused = send("POST", "/", {}, R"({"id": ""})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.text.find("ValidationException"), std::string::npos) << refused.text;
}

TEST_F(IntegrationTest, AServiceIsCalledByPath) {
  create_function("echo");
  add(root_, "GET",
      {{"type", "AWS"},
       {"integrationHttpMethod", "GET"},
       {"uri", "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{name}"},
       {"requestParameters", {{"integration.request.path.name", "method.request.querystring.f"}}}},
      {{"requestParameters", {{"method.request.querystring.f", false}}}});
  add_response(root_, "GET", "200",
               {{"responseTemplates",
                 {{"application/json", "$input.path('$.Configuration.FunctionName')"}}}});
  deploy();
  EXPECT_EQ(send("GET", "/?f=echo").text, "echo");
}

TEST_F(IntegrationTest, AnUnknownServiceIsRefusedByName) {
  add(root_, "GET",
      {{"type", "AWS"},
       {"integrationHttpMethod", "POST"},
       {"uri", "arn:aws:apigateway:us-east-1:robomaker:action/CreateRobot"}});
  add_response(root_, "GET", "200");
  deploy();
  CallResult result = send("GET", "/");
  EXPECT_EQ(result.status, 501);
  EXPECT_NE(result.text.find("robomaker"), std::string::npos) << result.text;
}

// The emulator itself is the endpoint: a second API whose function shows its event.
class HttpIntegrationTest : public IntegrationTest {
 protected:
  void SetUp() override {
    IntegrationTest::SetUp();
    create_function("show-event");
    add_method(add_resource("{proxy+}", add_resource("endpoint")), "ANY", "show-event");
  }
  std::string endpoint(const std::string& path) {
    return emulator_->url() + path_to("/endpoint" + path, "${stageVariables.stage}");
  }
  void deploy_with_variables() {
    made("CreateDeployment",
         {{"restApiId", api_}, {"stageName", "Prod"}, {"variables", {{"stage", "Prod"}}}});
  }
};

TEST_F(HttpIntegrationTest, AnHttpProxyPassesTheRequest) {
  add(add_resource("{rest+}", add_resource("proxy")), "ANY",
      {{"type", "HTTP_PROXY"},
       {"integrationHttpMethod", "ANY"},
       {"uri", endpoint("/{rest}")},
       {"requestParameters",
        {{"integration.request.path.rest", "method.request.path.rest"},
         {"integration.request.header.X-Set", "'static'"},
         {"integration.request.querystring.who", "context.stage"}}}},
      {{"requestParameters", {{"method.request.path.rest", true}}}});
  deploy_with_variables();
  CallResult result = send("PUT", "/proxy/a/b?q=1", header("X-Mine", "yes"), "text");
  ASSERT_EQ(result.status, 200) << result.text;
  EXPECT_EQ(result.body["httpMethod"], "PUT");
  EXPECT_EQ(result.body["path"], "/endpoint/a/b");
  EXPECT_EQ(result.body["body"], "text");
  EXPECT_EQ(result.body["headers"]["X-Mine"], "yes");
  EXPECT_EQ(result.body["headers"]["X-Set"], "static");
  EXPECT_EQ(result.body["headers"]["X-Amzn-Apigateway-Api-Id"], api_);
  EXPECT_EQ(result.body["queryStringParameters"], (Json{{"q", "1"}, {"who", "Prod"}}));
  EXPECT_TRUE(result.headers.has("x-amzn-Remapped-Date"));
}

TEST_F(HttpIntegrationTest, AnHttpIntegrationSendsWhatIsMapped) {
  add(root_, "POST",
      {{"type", "HTTP"},
       {"integrationHttpMethod", "POST"},
       {"uri", endpoint("/x")},
       {"requestTemplates", {{"application/json", "{\"n\": $input.json('$.n')}"}}},
       {"requestParameters",
        {{"integration.request.header.X-From-Body", "method.request.body.n"}}}});
  add_response(root_, "POST", "201",
               {{"selectionPattern", "2\\d\\d"},
                {"responseTemplates",
                 {{"application/json",
                   "{\"sent\": $input.json('$.body'), \"q\": "
                   "$input.json('$.queryStringParameters'), \"h\": "
                   "$input.json('$.headers.X-From-Body')}"}}},
                {"responseParameters",
                 {{"method.response.header.X-Type", "integration.response.header.Content-Type"}}}},
               {{"responseParameters", {{"method.response.header.X-Type", false}}}});
  deploy_with_variables();
  CallResult result = send("POST", "/?hidden=1", header("X-Hidden", "1"), R"({"n": 5})");
  EXPECT_EQ(result.status, 201) << result.text;
  EXPECT_EQ(result.text, "{\"sent\": \"{\\\"n\\\": 5}\", \"q\": \"\", \"h\": \"5\"}");
  EXPECT_EQ(result.headers.get("x-type"), "application/json");
}

TEST_F(HttpIntegrationTest, AnEndpointThatIsNotThereIsAnIntegrationFailure) {
  // Port 1 of the loopback address: nobody listens there.
  add(root_, "GET",
      {{"type", "HTTP_PROXY"}, {"integrationHttpMethod", "GET"}, {"uri", "http://127.0.0.1:1/"}});
  deploy();
  expect_refusal(send("GET", "/"), 504, kInternalType,
                 R"({"message":"Network error communicating with endpoint"})");
}

}  // namespace
}  // namespace paddock::services::apigateway::testing
