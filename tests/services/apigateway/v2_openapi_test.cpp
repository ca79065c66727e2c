// Import and export of HTTP APIs as OpenAPI 3.0 documents.
#include "services/apigateway/openapi_text.hpp"
#include "tests/services/apigateway/v2_fixture.hpp"

namespace paddock::services::apigateway::testing {
namespace {

// Pets behind an endpoint and a function; tokens, an authorizer, a signature; a route for the rest.
const std::string kPets = R"yaml(
openapi: "3.0.1"
info:
  title: pets
  version: "7"
  description: A store
servers:
  - url: https://example.com/{basePath}/part
    variables:
      basePath:
        default: base
tags:
  - name: team
    x-amazon-apigateway-tag-value: blue
paths:
  /pets:
    get:
      operationId: listPets
      security:
        - tokens: [read]
      responses:
        "200":
          description: all
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Pets"}
      x-amazon-apigateway-integration:
        $ref: "#/components/x-amazon-apigateway-integrations/endpoint"
    post:
      security:
        - custom: []
      x-amazon-apigateway-integration:
        type: aws_proxy
        httpMethod: POST
        uri: "arn:aws:lambda:us-east-1:000000000000:function:show-event"
        payloadFormatVersion: 2.0
        timeoutInMillis: 1000
  /pets/{id}:
    x-amazon-apigateway-any-method:
      security:
        - sigv4: []
      x-amazon-apigateway-integration:
        type: aws_proxy
        integrationSubtype: SQS-SendMessage
        credentials: "arn:aws:iam::000000000000:role/r"
        payloadFormatVersion: "1.0"
        requestParameters:
          QueueUrl: "http://localhost:4566/000000000000/q"
          MessageBody: "$request.body"
  /$default:
    x-amazon-apigateway-any-method:
      isDefaultRoute: true
      x-amazon-apigateway-integration:
        type: http_proxy
        httpMethod: ANY
        uri: http://backend.example/
        connectionType: VPC_LINK
        connectionId: abc123
        payloadFormatVersion: "1.0"
        tlsConfig:
          serverNameToVerify: backend.example
components:
  schemas:
    Pets: {type: array}
  x-amazon-apigateway-integrations:
    endpoint:
      type: http_proxy
      httpMethod: GET
      uri: http://example.com/pets
      payloadFormatVersion: "1.0"
      requestParameters:
        append:header.x-a: $context.requestId
      responseParameters:
        "404":
          overwrite:statuscode: 401
  securitySchemes:
    tokens:
      type: openIdConnect
      openIdConnectUrl: https://issuer.example/.well-known/openid-configuration
      x-amazon-apigateway-authorizer:
        type: jwt
        jwtConfiguration:
          audience: [one, two]
        identitySource: $request.header.Authorization
    custom:
      type: apiKey
      name: Authorization
      in: header
      x-amazon-apigateway-authorizer:
        type: request
        identitySource: "$request.header.Authorization, $request.querystring.q"
        authorizerUri: "arn:aws:lambda:us-east-1:000000000000:function:simple-authorizer"
        authorizerPayloadFormatVersion: "2.0"
        authorizerResultTtlInSeconds: 60
        enableSimpleResponses: true
    sigv4:
      type: apiKey
      name: Authorization
      in: header
      x-amazon-apigateway-authtype: awsSigv4
x-amazon-apigateway-cors:
  allowOrigins: ["https://pets.example"]
  allowMethods: GET,POST
  maxAge: 60
  allowCredentials: true
x-amazon-apigateway-importexport-version: "1.0"
)yaml";

class V2OpenapiTest : public V2Test {
 protected:
  Json import_api(const std::string& body, const Json& more = Json::object()) {
    Json input = {{"Body", body}};
    input.update(more);
    Json api = made("ImportApi", input);
    api_ = api.value("apiId", "");
    return api;
  }
  Json routes_by_key() {
    Json routes = Json::object();
    const Json all = made("GetRoutes", of_api())["items"];
    for (const auto& route : all) routes[route["routeKey"].get<std::string>()] = route;
    return routes;
  }
  Json integration_of(const Json& route) {
    const std::string target = route.value("target", "");
    return made("GetIntegration", of_api({{"IntegrationId", target.substr(target.find('/') + 1)}}));
  }
  CallResult export_text(const Json& more = Json::object()) {
    Json input = of_api({{"Specification", "OAS30"}, {"OutputType", "JSON"}});
    input.update(more);
    return call("ExportApi", input);
  }
  Json exported(const Json& more = Json::object()) {
    CallResult result = export_text(more);
    EXPECT_EQ(result.status, 200) << result.text;
    return parse_openapi_text(result.text);
  }
  std::string refusal(const std::string& body, const Json& more = Json::object()) {
    Json input = {{"Body", body}};
    input.update(more);
    CallResult result = call("ImportApi", input);
    EXPECT_EQ(result.status, 400) << result.text;
    EXPECT_EQ(result.error(), "BadRequestException");
    return result.message();
  }
};

TEST_F(V2OpenapiTest, ADocumentBecomesAnApi) {
  Json api = import_api(kPets);
  EXPECT_FALSE(api.contains("warnings")) << api;
  EXPECT_EQ(api["name"], "pets");
  EXPECT_EQ(api["version"], "7");
  EXPECT_EQ(api["description"], "A store");
  EXPECT_EQ(api["protocolType"], "HTTP");
  EXPECT_EQ(api["tags"], (Json{{"team", "blue"}}));
  EXPECT_EQ(api["corsConfiguration"], (Json{{"allowOrigins", {"https://pets.example"}},
                                            {"allowMethods", {"GET", "POST"}},
                                            {"maxAge", 60},
                                            {"allowCredentials", true}}));
  Json routes = routes_by_key();
  ASSERT_EQ(routes.size(), 4u) << routes;
  EXPECT_EQ(routes["GET /pets"]["operationName"], "listPets");
  EXPECT_EQ(routes["GET /pets"]["authorizationType"], "JWT");
  EXPECT_EQ(routes["GET /pets"]["authorizationScopes"], Json::array({"read"}));
  EXPECT_EQ(routes["POST /pets"]["authorizationType"], "CUSTOM");
  EXPECT_EQ(routes["ANY /pets/{id}"]["authorizationType"], "AWS_IAM");
  Json endpoint = integration_of(routes["GET /pets"]);
  EXPECT_EQ(endpoint["requestParameters"], (Json{{"append:header.x-a", "$context.requestId"}}));
  EXPECT_EQ(endpoint["responseParameters"], (Json{{"404", {{"overwrite:statuscode", "401"}}}}));
  EXPECT_EQ(endpoint["timeoutInMillis"], 30000);
  Json function = integration_of(routes["POST /pets"]);
  EXPECT_EQ(function["payloadFormatVersion"], "2.0");
  EXPECT_EQ(function["timeoutInMillis"], 1000);
  EXPECT_EQ(integration_of(routes["ANY /pets/{id}"])["integrationSubtype"], "SQS-SendMessage");
  Json fallback = integration_of(routes["$default"]);
  EXPECT_EQ(fallback["connectionType"], "VPC_LINK");
  EXPECT_EQ(fallback["connectionId"], "abc123");
  EXPECT_EQ(fallback["tlsConfig"], (Json{{"serverNameToVerify", "backend.example"}}));
  Json authorizers = made("GetAuthorizers", of_api())["items"];
  ASSERT_EQ(authorizers.size(), 2u);
  for (const auto& one : authorizers) {
    if (one["name"] == "tokens") {
      EXPECT_EQ(one["jwtConfiguration"],
                (Json{{"issuer", "https://issuer.example"}, {"audience", {"one", "two"}}}));
    } else {
      EXPECT_EQ(one["identitySource"],
                (Json{"$request.header.Authorization", "$request.querystring.q"}));
      EXPECT_EQ(one["authorizerResultTtlInSeconds"], 60);
      EXPECT_EQ(one["enableSimpleResponses"], true);
    }
  }
}

TEST_F(V2OpenapiTest, AnImportedApiIsServed) {
  create_function("show-event");
  import_api(R"({"openapi": "3.0.1", "info": {"title": "t", "version": "1"}, "paths": {
    "/a/{b+}": {"get": {"x-amazon-apigateway-integration": {"type": "AWS_PROXY",
      "uri": "arn:aws:lambda:us-east-1:000000000000:function:show-event",
      "payloadFormatVersion": "2.0"}}}}})");
  add_stage();
  EXPECT_EQ(event_of("GET", "/a/x/y")["pathParameters"], (Json{{"b", "x/y"}}));
  EXPECT_EQ(send("GET", "/b").status, 404);
}

TEST_F(V2OpenapiTest, WhatIsExportedCanBeImported) {
  import_api(kPets);
  Json first = exported();
  EXPECT_EQ(first["openapi"], "3.0.1");
  EXPECT_EQ(first["info"], (Json{{"title", "pets"}, {"version", "7"}, {"description", "A store"}}));
  EXPECT_EQ(first["servers"][0]["variables"]["basePath"]["default"], "");
  EXPECT_EQ(first["paths"]["/pets"]["get"]["responses"]["default"]["description"],
            "Default response for GET /pets");
  EXPECT_EQ(first["paths"]["/$default"]["x-amazon-apigateway-any-method"]["isDefaultRoute"], true);
  EXPECT_EQ(first["paths"]["/pets/{id}"]["parameters"][0]["name"], "id");
  EXPECT_EQ(first["x-amazon-apigateway-importexport-version"], "1.0");
  const std::string former = api_;
  Json again = import_api(first.dump());
  EXPECT_FALSE(again.contains("warnings")) << again;
  EXPECT_NE(api_, former);
  Json second = exported();
  for (const char* member : {"info", "paths", "components", "tags", "x-amazon-apigateway-cors"}) {
    EXPECT_EQ(second[member], first[member]) << member;
  }
}

TEST_F(V2OpenapiTest, AnExportMayBeYamlAndPlain) {
  import_api(kPets);
  CallResult yaml = export_text({{"OutputType", "YAML"}});
  EXPECT_TRUE(yaml.text.starts_with("---\n")) << yaml.text;
  EXPECT_EQ(parse_openapi_text(yaml.text), exported());
  const std::string plain = export_text({{"IncludeExtensions", false}}).text;
  EXPECT_EQ(plain.find("x-amazon-apigateway-integration"), std::string::npos);
  EXPECT_EQ(plain.find("x-amazon-apigateway-cors"), std::string::npos);
  EXPECT_NE(plain.find("/pets/{id}"), std::string::npos);
}

TEST_F(V2OpenapiTest, AStageIsExportedAsItWasDeployed) {
  create_showing_api({"GET /a"});
  made("CreateStage", of_api({{"StageName", "dev"}}));
  made("CreateDeployment", of_api({{"StageName", "dev"}}));
  made("CreateRoute", of_api({{"RouteKey", "GET /b"}}));
  EXPECT_EQ(exported()["paths"].size(), 2u);
  Json deployed = exported({{"StageName", "dev"}});
  EXPECT_EQ(deployed["paths"].size(), 1u);
  EXPECT_EQ(deployed["servers"][0]["variables"]["basePath"]["default"], "dev");
  EXPECT_NE(deployed["info"]["version"].get<std::string>().find("UTC"), std::string::npos);
  EXPECT_EQ(export_text({{"StageName", "none"}}).error(), "NotFoundException");
  EXPECT_EQ(export_text({{"ExportVersion", "2.0"}}).error(), "BadRequestException");
}

TEST_F(V2OpenapiTest, AReimportReplacesWhatIsThere) {
  create_showing_api({"GET /a", "GET /b"});
  const Json before = routes_by_key();
  const Json document = {{"openapi", "3.0.1"},
                         {"info", {{"title", "new"}, {"version", "2"}}},
                         {"paths",
                          {{"/b",
                            {{"get",
                              {{"x-amazon-apigateway-integration",
                                {{"type", "AWS_PROXY"},
                                 {"uri", arn_of("show-event")},
                                 {"payloadFormatVersion", "2.0"}}}}}}}}}};
  CallResult result = call("ReimportApi", of_api({{"Body", document.dump()}}));
  EXPECT_EQ(result.status, 201) << result.text;
  EXPECT_EQ(result.body["name"], "new");
  const Json after = routes_by_key();
  ASSERT_EQ(after.size(), 1u);
  EXPECT_EQ(after["GET /b"]["routeId"], before["GET /b"]["routeId"]);
  EXPECT_EQ(made("GetIntegrations", of_api())["items"].size(), 1u);
  EXPECT_EQ(send("GET", "/b").status, 200);
  EXPECT_EQ(send("GET", "/a").status, 404);
  EXPECT_EQ(call("ReimportApi", {{"ApiId", "none"}, {"Body", document.dump()}}).error(),
            "NotFoundException");
}

TEST_F(V2OpenapiTest, TheBasePathIsTakenAsAsked) {
  const auto key = [this](const std::string& mode) {
    import_api(kPets, {{"Basepath", mode}});
    const Json routes = routes_by_key();
    EXPECT_TRUE(routes.contains("$default"));
    return routes.contains("GET /base/part/pets") ? "prepend"
           : routes.contains("GET /part/pets")    ? "split"
                                                  : "ignore";
  };
  EXPECT_STREQ(key("prepend"), "prepend");
  EXPECT_STREQ(key("split"), "split");
  EXPECT_STREQ(key("ignore"), "ignore");
  EXPECT_EQ(refusal(kPets, {{"Basepath", "other"}}),
            "Invalid basepath parameter specified. Valid options are ignore,prepend,split");
}

TEST_F(V2OpenapiTest, WhatCannotBeMadeIsAWarning) {
  const std::string document = R"({"openapi": "3.0.1", "info": {"title": "t", "version": "1"},
    "paths": {
      "/update": {"get": {"responses": {"200": {"content": {"application/json":
          {"schema": {"$ref": "#/components/schemas/None"}}}}}}},
      "/bad": {"get": {"x-amazon-apigateway-integration": {"type": "mock"}}},
      "/key": {"get": {"security": [{"key": []}]}}},
    "components": {"securitySchemes": {
      "key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
      "broken": {"type": "oauth2", "x-amazon-apigateway-authorizer": {"type": "jwt"}}}},
    "x-amazon-apigateway-cors": "all"})";
  const Json warnings = import_api(document)["warnings"];
  ASSERT_EQ(warnings.size(), 5u) << warnings;
  EXPECT_EQ(warnings[0], "CORS Scheme is malformed, ignoring.");
  EXPECT_EQ(warnings[1],
            "Unable to create Authorizer 'broken': JwtConfiguration.Issuer is a required parameter "
            "for JWT authorizer");
  EXPECT_EQ(warnings[2],
            "Unable to put integration on 'GET' for resource at path '/bad': Integration type MOCK "
            "is not supported for HTTP protocol. Must be one of [AWS_PROXY, HTTP_PROXY]");
  EXPECT_EQ(warnings[3], "Unsupported security definition type 'apiKey' for 'key'. Ignoring.");
  EXPECT_EQ(warnings[4],
            "Parse issue: attribute paths.'/update'(get).responses.200.content.schema."
            "#/components/schemas/None is missing");
  EXPECT_EQ(routes_by_key().size(), 2u);
  const size_t apis = made("GetApis")["items"].size();
  const std::string refused = refusal(document, {{"FailOnWarnings", true}});
  EXPECT_TRUE(refused.starts_with("Warnings found during import:\n\tCORS Scheme")) << refused;
  EXPECT_EQ(made("GetApis")["items"].size(), apis);
}

TEST_F(V2OpenapiTest, ABrokenDocumentNamesItsLine) {
  CallResult result =
      call("ImportApi", {{"Body", "openapi: 3.0.1\ninfo:\n  title: [a\npaths: {}"}});
  expect_error(result, 400, "BadRequestException", "Invalid OpenAPI input.");
  EXPECT_NE(result.text.find("line 4"), std::string::npos) << result.text;
  EXPECT_EQ(refusal("{\"swagger\": \"2.0\", \"info\": {\"title\": \"t\"}, \"paths\": {}}"),
            "Errors found during import:\n\tHTTP APIs are defined by OpenAPI 3.0");
  EXPECT_EQ(refusal("[]"), "Invalid OpenAPI input.");
  EXPECT_TRUE(refusal("{\"openapi\": \"3.0.1\", \"info\": {\"title\": \"\"}}")
                  .starts_with("Name must have length"));
}

TEST_F(V2OpenapiTest, HostileDocumentsAreBounded) {
  Json integration = {{"type", "HTTP_PROXY"},
                      {"httpMethod", "GET"},
                      {"uri", "http://h/"},
                      {"payloadFormatVersion", "1.0"},
                      {"requestParameters", {{"append:header.x-a", std::string(1'000'000, 'x')}}}};
  Json document = {{"openapi", "3.0.1"},
                   {"info", {{"title", "t"}, {"version", "1"}}},
                   {"components", {{"x-amazon-apigateway-integrations", {{"i", integration}}}}}};
  for (int i = 0; i < 40; ++i) {
    document["paths"]["/p" + std::to_string(i)]["get"]["x-amazon-apigateway-integration"]["$ref"] =
        "#/components/x-amazon-apigateway-integrations/i";
  }
  EXPECT_EQ(refusal(document.dump()), "Errors found during import:\n\tThe definition is too large");
  document["components"]["x-amazon-apigateway-integrations"]["i"] = {
      {"$ref", "#/components/x-amazon-apigateway-integrations/i"}};
  EXPECT_EQ(refusal(document.dump()), "Errors found during import:\n\tReferences lead in a circle");
}

TEST_F(V2OpenapiTest, WebSocketApisAreNotExported) {
  create_api({{"ProtocolType", "WEBSOCKET"}, {"RouteSelectionExpression", "$request.body.action"}});
  EXPECT_EQ(export_text().error(), "BadRequestException");
  EXPECT_EQ(call("ReimportApi", of_api({{"Body", kPets}})).error(), "BadRequestException");
}

}  // namespace
}  // namespace paddock::services::apigateway::testing
