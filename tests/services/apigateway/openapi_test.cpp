// Import and export of OpenAPI and Swagger documents.
#include "services/apigateway/openapi_document.hpp"
#include "services/apigateway/openapi_text.hpp"
#include "tests/services/apigateway/apigateway_fixture.hpp"

namespace paddock::services::apigateway::testing {
namespace {

// A store of pets: models in a circle, a mock, an endpoint, a function, a key, an authorizer.
const std::string kDocument = R"yaml(
openapi: "3.0.1"
info:
  title: pets
  version: 1.0
  description: A store
servers:
  - url: https://example.com/{basePath}/part
    variables:
      basePath:
        default: base
paths:
  /pets:
    get:
      operationId: listPets
      parameters:
        - name: page
          in: query
          schema: {type: string}
      security:
        - auth: []
      responses:
        200:
          description: 200 response
          headers:
            Access-Control-Allow-Origin:
              schema: {type: string}
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Pets"
      x-amazon-apigateway-integration:
        type: http
        httpMethod: get
        uri: http://example.com/pets
        requestParameters:
          integration.request.querystring.page: method.request.querystring.page
        responses:
          default:
            statusCode: 200
            responseParameters:
              method.response.header.Access-Control-Allow-Origin: "'*'"
        passthroughBehavior: when_no_match
    post:
      security:
        - api_key: []
      x-amazon-apigateway-request-validator: basic
      requestBody:
        $ref: "#/components/requestBodies/Pet"
      responses:
        "201":
          description: made
          content:
            application/json:
              schema: {type: object}
      x-amazon-apigateway-integration:
        type: aws_proxy
        httpMethod: POST
        uri: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/\
          arn:aws:lambda:us-east-1:000000000000:function:f/invocations"
  /pets/{id}:
    parameters:
      - $ref: "#/components/parameters/id"
    x-amazon-apigateway-any-method:
      x-amazon-apigateway-auth: {type: AWS_IAM}
      responses: {}
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates:
          application/json: '{"statusCode": 200}'
        responses:
          "4\\d{2}":
            statusCode: "404"
components:
  parameters:
    id: {name: id, in: path, schema: {type: string}}
  requestBodies:
    Pet:
      content:
        application/json:
          schema: {$ref: "#/components/schemas/Pet"}
  schemas:
    Pets:
      type: array
      items: {$ref: "#/components/schemas/Pet"}
    Pet:
      type: object
      description: An animal
      properties:
        friends: {$ref: "#/components/schemas/Pets"}
  securitySchemes:
    api_key: {type: apiKey, name: x-api-key, in: header}
    auth:
      type: apiKey
      name: Auth
      in: header
      x-amazon-apigateway-authtype: custom
      x-amazon-apigateway-authorizer:
        type: token
        authorizerUri: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/\
          arn:aws:lambda:us-east-1:000000000000:function:a/invocations"
        authorizerResultTtlInSeconds: 60
x-amazon-apigateway-request-validators:
  basic: {validateRequestBody: true, validateRequestParameters: false}
x-amazon-apigateway-binary-media-types: ["image/png"]
x-amazon-apigateway-minimum-compression-size: 100
x-amazon-apigateway-api-key-source: HEADER
x-amazon-apigateway-gateway-responses:
  DEFAULT_4XX:
    responseParameters:
      gatewayresponse.header.Access-Control-Allow-Origin: "'*'"
x-amazon-apigateway-documentation:
  documentationParts:
    - location: {type: API}
      properties: {description: d}
)yaml";

class OpenapiTest : public ApiGatewayTest {
 protected:
  CallResult import(const std::string& body, const std::string& query = "") {
    return send("POST", "/restapis?mode=import" + (query.empty() ? "" : "&" + query), body);
  }
  CallResult put(const std::string& body, const std::string& query) {
    return send("PUT", "/restapis/" + api_ + "?" + query, body);
  }
  CallResult send(const std::string& method, const std::string& target, const std::string& body,
                  const http::Headers& more = {}) {
    http::Headers headers = more;
    headers.add("Authorization",
                "AWS4-HMAC-SHA256 Credential=test/20261120/us-east-1/apigateway/aws4_request, "
                "SignedHeaders=host;x-amz-date, Signature=" +
                    std::string(64, '0'));
    headers.add("X-Amz-Date", "20261120T000000Z");
    return emulator_->request(method, target, headers, body);
  }
  void import_pets(const std::string& query = "") {
    CallResult result = import(kDocument, query);
    ASSERT_EQ(result.status, 201) << result.text;
    api_ = result.body["id"];
    root_ = result.body["rootResourceId"];
  }
  std::vector<std::string> paths() {
    std::vector<std::string> found;
    Json resources = made("GetResources", {{"restApiId", api_}});
    for (const auto& resource : resources["item"]) found.push_back(resource["path"]);
    return found;
  }
  Json method_at(const std::string& path, const std::string& name) {
    Json resources = made("GetResources", {{"restApiId", api_}, {"embed", {"methods"}}});
    for (const auto& resource : resources["item"]) {
      if (resource["path"] == path) return resource["resourceMethods"][name];
    }
    return nullptr;
  }
  using Paths = std::vector<std::string>;
};

TEST_F(OpenapiTest, AnImportedApiHasWhatItsDocumentSays) {
  CallResult result = import(kDocument);
  ASSERT_EQ(result.status, 201) << result.text;
  Json api = result.body;
  EXPECT_EQ(api["name"], "pets");
  EXPECT_EQ(api["version"], "1.0");
  EXPECT_EQ(api["binaryMediaTypes"], Json::array({"image/png"}));
  EXPECT_EQ(api["minimumCompressionSize"], 100);
  EXPECT_FALSE(api.contains("warnings"));
  EXPECT_FALSE(api.contains("tags"));
  api_ = api["id"];
  EXPECT_EQ(paths(), (Paths{"/", "/pets", "/pets/{id}"}));
  Json validators = made("GetRequestValidators", {{"restApiId", api_}})["item"];
  ASSERT_EQ(validators.size(), 1u);
  EXPECT_EQ(validators[0]["validateRequestBody"], true);
  Json authorizers = made("GetAuthorizers", {{"restApiId", api_}})["item"];
  ASSERT_EQ(authorizers.size(), 1u);
  EXPECT_EQ(authorizers[0]["identitySource"], "method.request.header.Auth");
  EXPECT_EQ(authorizers[0]["authorizerResultTtlInSeconds"], 60);
  EXPECT_EQ(made("GetDocumentationParts", {{"restApiId", api_}})["item"].size(), 1u);
  Json answer = made("GetGatewayResponse", {{"restApiId", api_}, {"responseType", "THROTTLED"}});
  EXPECT_EQ(answer["responseParameters"],
            (Json{{"gatewayresponse.header.Access-Control-Allow-Origin", "'*'"}}));
}

TEST_F(OpenapiTest, MethodsAreImported) {
  import_pets();
  Json get = method_at("/pets", "GET");
  EXPECT_EQ(get["operationName"], "listPets");
  EXPECT_EQ(get["authorizationType"], "CUSTOM");
  EXPECT_EQ(get["requestParameters"], (Json{{"method.request.querystring.page", false}}));
  EXPECT_EQ(get["methodResponses"]["200"],
            (Json{{"statusCode", "200"},
                  {"responseModels", {{"application/json", "Pets"}}},
                  {"responseParameters",
                   {{"method.response.header.Access-Control-Allow-Origin", false}}}}));
  Json integration = get["methodIntegration"];
  EXPECT_EQ(integration["connectionType"], "INTERNET");
  EXPECT_EQ(integration["httpMethod"], "GET");
  EXPECT_EQ(integration["passthroughBehavior"], "WHEN_NO_MATCH");
  EXPECT_EQ(integration["integrationResponses"],
            (Json{{"200",
                   {{"statusCode", "200"},
                    {"responseParameters",
                     {{"method.response.header.Access-Control-Allow-Origin", "'*'"}}}}}}));
  Json post = method_at("/pets", "POST");
  EXPECT_EQ(post["apiKeyRequired"], true);
  EXPECT_EQ(post["requestModels"], (Json{{"application/json", "Pet"}}));
  EXPECT_TRUE(post.contains("requestValidatorId"));
  EXPECT_FALSE(post["methodIntegration"].contains("connectionType"));
  Json any = method_at("/pets/{id}", "ANY");
  EXPECT_EQ(any["authorizationType"], "AWS_IAM");
  EXPECT_EQ(any["requestParameters"], (Json{{"method.request.path.id", true}}));
  EXPECT_EQ(any["methodIntegration"]["integrationResponses"]["404"]["selectionPattern"], "4\\d{2}");
}

TEST_F(OpenapiTest, SchemasBecomeModels) {
  import_pets();
  std::map<std::string, Json> models;
  Json listed = made("GetModels", {{"restApiId", api_}});
  for (const auto& model : listed["item"]) models[model["name"].get<std::string>()] = model;
  ASSERT_EQ(models.size(), 3u);  // and the one without a name
  EXPECT_EQ(models["Pet"]["description"], "An animal");
  EXPECT_EQ(Json::parse(models["Pets"]["schema"].get<std::string>())["items"]["$ref"],
            "https://apigateway.amazonaws.com/restapis/" + api_ + "/models/Pet");
}

TEST_F(OpenapiTest, ABasePathIsIgnoredPrependedOrSplit) {
  import_pets("basepath=prepend");
  EXPECT_EQ(paths(),
            (Paths{"/", "/base", "/base/part", "/base/part/pets", "/base/part/pets/{id}"}));
  import_pets("basepath=split");
  EXPECT_EQ(paths(), (Paths{"/", "/part", "/part/pets", "/part/pets/{id}"}));
  EXPECT_EQ(import(kDocument, "basepath=other").status, 400);
  CallResult swagger = import(
      R"({"swagger":"2.0","info":{"title":"s","version":2},"basePath":"/base","paths":{"/test":{}}})",
      "basepath=prepend");
  ASSERT_EQ(swagger.status, 201) << swagger.text;
  EXPECT_EQ(swagger.body["version"], "2");
  api_ = swagger.body["id"];
  EXPECT_EQ(paths(), (Paths{"/", "/base", "/base/test"}));
}

TEST_F(OpenapiTest, ABasePathVariableCountsEvenIfTheUrlDoesNotHaveIt) {
  const std::string document = R"({"openapi": "3.0.1", "info": {"title": "v", "version": "1"},
    "servers": [{"url": "https://example.com/else", "variables": {"basePath": {"default": "/base"}}}],
    "paths": {"/test": {}}})";
  api_ = import(document, "basepath=prepend").body["id"];
  EXPECT_EQ(paths(), (Paths{"/", "/base", "/base/test"}));
  api_ = import(document, "basepath=split").body["id"];
  EXPECT_EQ(paths(), (Paths{"/", "/test"}));
}

TEST_F(OpenapiTest, ParametersOfThePathNeedNotBeDeclared) {
  CallResult imported = import(R"({"swagger": "2.0", "info": {"title": "p", "version": "1"},
    "paths": {"/{kind}/{proxy+}": {"get": {"parameters": [{"name": "q", "in": "query"}]}}}})");
  ASSERT_EQ(imported.status, 201) << imported.text;
  api_ = imported.body["id"];
  EXPECT_EQ(method_at("/{kind}/{proxy+}", "GET")["requestParameters"],
            (Json{{"method.request.path.kind", true},
                  {"method.request.path.proxy", true},
                  {"method.request.querystring.q", false}}));
}

TEST_F(OpenapiTest, RequiredMembersOfAModelAreSorted) {
  CallResult imported = import(R"({"openapi": "3.0.1", "info": {"title": "r", "version": "1"},
    "paths": {}, "components": {"schemas": {"House": {"type": "object", "required": ["name", "b"],
      "properties": {"required": {"type": "object", "required": ["z", "a"]}}}}}})");
  ASSERT_EQ(imported.status, 201) << imported.text;
  api_ = imported.body["id"];
  Json listed = made("GetModels", {{"restApiId", api_}});
  ASSERT_EQ(listed["item"].size(), 1u);
  const Json schema = Json::parse(listed["item"][0]["schema"].get<std::string>());
  EXPECT_EQ(schema["required"], (Json{"b", "name"}));
  EXPECT_EQ(schema["properties"]["required"]["required"], (Json{"a", "z"}));
}

TEST_F(OpenapiTest, EmptyTextsOfAnAuthorizerAreNone) {
  CallResult imported = import(R"({"swagger": "2.0", "info": {"title": "a", "version": "1"},
    "paths": {}, "securityDefinitions": {"auth": {"type": "apiKey", "name": "Authorization",
      "in": "header", "x-amazon-apigateway-authtype": "oauth2",
      "x-amazon-apigateway-authorizer": {"type": "token", "authorizerCredentials": "",
        "identitySource": "", "authorizerUri": "arn:aws:apigateway:us-east-1:lambda:path/)"
                               R"(2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:)"
                               R"(function:auth/invocations"}}}})");
  ASSERT_EQ(imported.status, 201) << imported.text;
  api_ = imported.body["id"];
  const Json authorizer = made("GetAuthorizers", {{"restApiId", api_}})["item"][0];
  EXPECT_EQ(authorizer["identitySource"], "method.request.header.Authorization");
  EXPECT_FALSE(authorizer.contains("authorizerCredentials"));
}

TEST_F(OpenapiTest, ADocumentIsMergedOrTakesThePlace) {
  create_api({{"binaryMediaTypes", {"image/heif"}}});
  std::string old = add_resource("old");
  std::string pets = add_resource("pets");
  CallResult merged = put(kDocument, "mode=merge");
  ASSERT_EQ(merged.status, 200) << merged.text;
  EXPECT_EQ(merged.body["binaryMediaTypes"], (Json{"image/heif", "image/png"}));
  EXPECT_EQ(merged.body["tags"], Json::object());
  EXPECT_EQ(merged.body["name"], "pets");
  EXPECT_EQ(paths(), (Paths{"/", "/old", "/pets", "/pets/{id}"}));
  CallResult taken = put(kDocument, "mode=overwrite");
  EXPECT_EQ(taken.body["binaryMediaTypes"], Json::array({"image/png"}));
  EXPECT_EQ(paths(), (Paths{"/", "/pets", "/pets/{id}"}));
  EXPECT_EQ(made("GetResource", {{"restApiId", api_}, {"resourceId", pets}})["path"], "/pets");
  EXPECT_EQ(call("GetResource", {{"restApiId", api_}, {"resourceId", old}}).status, 404);
  Json models = made("GetModels", {{"restApiId", api_}})["item"];
  EXPECT_EQ(models.size(), 3u);
}

TEST_F(OpenapiTest, WhatDoesNotFitIsAWarning) {
  std::string document = kDocument;
  const std::string mapping = "method.request.querystring.page\n";
  document.replace(document.find(mapping), mapping.size(),
                   mapping + "          integration.request.header.nothing: true\n");
  const std::string warning =
      "Invalid format for 'requestParameters'. Expected type string for property "
      "'integration.request.header.nothing' of resource '/part/pets' and method 'GET' but got "
      "'true'";
  CallResult result = import(document, "basepath=split");
  ASSERT_EQ(result.status, 201) << result.text;
  EXPECT_EQ(result.body["warnings"], Json::array({warning}));
  expect_error(import(document, "basepath=split&failonwarnings=true"), 400, "BadRequestException",
               "Warnings found during import:\n\t" + warning);
}

TEST_F(OpenapiTest, ABrokenDocumentNamesItsLine) {
  const auto refused = [this](const std::string& body) {
    CallResult result = import(body);
    expect_error(result, 400, "BadRequestException", "Invalid OpenAPI input.");
    return result.body.value("details", "");
  };
  EXPECT_EQ(refused("{'key:value}"), "line 1: no JSON");
  EXPECT_EQ(refused("{\n\"swagger\": \"2.0\",\n}"), "line 3: no JSON");
  EXPECT_EQ(refused("openapi: 3.0.1\ninfo:\n  title: a\n  title: b\n"),
            "line 4: the member 'title' is there twice");
  EXPECT_TRUE(refused("openapi: 3.0.1\npaths: [\n").starts_with("line 3: "));
  EXPECT_EQ(refused("a: 1"), "neither swagger 2.0 nor openapi 3.0");
  // The document is read before the API is looked for.
  api_ = "none";
  EXPECT_EQ(put("{", "mode=merge").message(), "Invalid OpenAPI input.");
  EXPECT_EQ(put(kDocument, "mode=merge").error(), "NotFoundException");
}

TEST_F(OpenapiTest, AnImportIsAllOrNothing) {
  create_api();
  Json before = made("GetResources", {{"restApiId", api_}});
  const std::string bad =
      R"({"swagger":"2.0","info":{"title":"t","version":"1"},"paths":{"/a":{"get":{"responses":{},
      "x-amazon-apigateway-integration":{"type":"aws_proxy","httpMethod":"POST","uri":"nothing"}}}}})";
  expect_error(put(bad, "mode=merge"), 400, "BadRequestException",
               "Errors found during import:\n\tUnable to put integration on 'GET' for resource at "
               "path '/a': Invalid ARN specified in the request");
  EXPECT_EQ(made("GetResources", {{"restApiId", api_}}), before);
  size_t apis = made("GetRestApis")["item"].size();
  EXPECT_EQ(import(bad).status, 400);
  EXPECT_EQ(made("GetRestApis")["item"].size(), apis);
}

TEST_F(OpenapiTest, ReferencesDoNotMultiplyADocument) {
  Json item = {{"get", {{"operationId", std::string(1'000'000, 'x')}}}};
  Json document = {{"openapi", "3.0.1"},
                   {"info", {{"title", "t"}, {"version", "1"}}},
                   {"components", {{"item", item}}}};
  for (int i = 0; i < 30; ++i) {
    document["paths"]["/p" + std::to_string(i)] = {{"$ref", "#/components/item"}};
  }
  expect_error(import(document.dump()), 400, "BadRequestException",
               "Errors found during import:\n\tThe definition is too large");
}

TEST_F(OpenapiTest, AnExportCanBeImported) {
  import_pets();
  deploy("dev");
  const auto exported = [this](const std::string& type, const std::string& accept = "") {
    http::Headers headers;
    if (!accept.empty()) headers.add("Accept", accept);
    CallResult result =
        send("GET", "/restapis/" + api_ + "/stages/dev/exports/" + type + "?extensions=apigateway",
             "", headers);
    EXPECT_EQ(result.status, 200) << result.text;
    return result;
  };
  CallResult oas = exported("oas30");
  EXPECT_EQ(oas.headers.get("content-type"), "application/octet-stream");
  EXPECT_EQ(oas.headers.get("content-disposition"), "attachment; filename=\"oas30_1.0.json\"");
  EXPECT_EQ(oas.body["servers"][0]["variables"]["basePath"]["default"], "dev");
  Json first = method_at("/pets", "POST");
  for (const std::string& text :
       {oas.text, exported("swagger").text, exported("oas30", "application/yaml").text}) {
    CallResult again = import(text);
    ASSERT_EQ(again.status, 201) << again.text << text;
    api_ = again.body["id"];
    EXPECT_EQ(paths(), (Paths{"/", "/pets", "/pets/{id}"}));
    Json post = method_at("/pets", "POST");
    EXPECT_EQ(post["requestModels"], first["requestModels"]);
    EXPECT_EQ(post["apiKeyRequired"], true);
    EXPECT_EQ(post["methodIntegration"]["uri"], first["methodIntegration"]["uri"]);
    EXPECT_EQ(method_at("/pets/{id}", "ANY")["authorizationType"], "AWS_IAM");
    EXPECT_EQ(method_at("/pets", "GET")["authorizationType"], "CUSTOM");
    deploy("dev");
  }
}

TEST_F(OpenapiTest, AnExportSaysWhatIsAskedFor) {
  import_pets();
  deploy("dev");
  const std::string target = "/restapis/" + api_ + "/stages/dev/exports/swagger";
  Json plain = send("GET", target, "").body;
  EXPECT_EQ(plain["swagger"], "2.0");
  EXPECT_EQ(plain["basePath"], "/dev");
  EXPECT_EQ(plain["host"], api_ + ".execute-api.us-east-1.amazonaws.com");
  Json get = plain["paths"]["/pets"]["get"];
  EXPECT_EQ(get["parameters"],
            (Json::array(
                {{{"name", "page"}, {"in", "query"}, {"required", false}, {"type", "string"}}})));
  EXPECT_EQ(get["responses"]["200"],
            (Json{{"description", "200 response"},
                  {"schema", {{"$ref", "#/definitions/Pets"}}},
                  {"headers", {{"Access-Control-Allow-Origin", {{"type", "string"}}}}}}));
  EXPECT_EQ(get["produces"], Json::array({"application/json"}));
  EXPECT_FALSE(get.contains("x-amazon-apigateway-integration"));
  EXPECT_FALSE(plain.contains("x-amazon-apigateway-binary-media-types"));
  Json with = send("GET", target + "?extensions=integrations", "").body;
  Json integration = with["paths"]["/pets"]["get"]["x-amazon-apigateway-integration"];
  EXPECT_EQ(integration["type"], "http");
  EXPECT_EQ(integration["passthroughBehavior"], "when_no_match");
  EXPECT_EQ(integration["responses"]["default"]["statusCode"], "200");
  EXPECT_EQ(send("GET", "/restapis/" + api_ + "/stages/none/exports/swagger", "").status, 404);
  EXPECT_EQ(send("GET", "/restapis/" + api_ + "/stages/dev/exports/raml", "").status, 400);
}

TEST(OpenapiText, ScalarsHaveTheTypesOfTheCoreSchema) {
  Json document = parse_openapi_text(
      "a: 1\nb: '1'\nc: true\nd: ~\ne: 1.5\nf: 1.5.0\ng: +3\nh: null\ni: [x, {y: z}]\n");
  EXPECT_EQ(document, (Json{{"a", 1},
                            {"b", "1"},
                            {"c", true},
                            {"d", nullptr},
                            {"e", 1.5},
                            {"f", "1.5.0"},
                            {"g", 3},
                            {"h", nullptr},
                            {"i", {"x", {{"y", "z"}}}}}));
  EXPECT_EQ(parse_openapi_text(to_yaml(document)), document);
}

TEST(OpenapiText, WhatIsNoUtf8IsRefused) {
  EXPECT_THROW(parse_openapi_text("a: \xA5\n"), OpenapiTextError);
  EXPECT_THROW(parse_openapi_text("\xA5: a\n"), OpenapiTextError);
}

TEST(OpenapiText, DocumentsThatGrowAreStopped) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 0; k < 9; ++k) bomb += ", " + before;
    bomb += "]\n";
  }
  EXPECT_THROW(parse_openapi_text(bomb), OpenapiTextError);
  EXPECT_THROW(parse_openapi_text(std::string(1000, '[')), OpenapiTextError);
  EXPECT_THROW(parse_openapi_text("a:\n" + std::string(200, '[')), OpenapiTextError);
  EXPECT_THROW(parse_openapi_text(std::string(kMaxOpenapiBytes + 1, ' ')), OpenapiTextError);
  EXPECT_THROW(parse_openapi_text("!Ref x"), OpenapiTextError);
}

TEST(OpenapiDocuments, ReferencesInACircleAreRefused) {
  Json document = {{"openapi", "3.0.1"},
                   {"components",
                    {{"parameters",
                      {{"a", {{"$ref", "#/components/parameters/b"}}},
                       {"b", {{"$ref", "#/components/parameters/a"}}}}}}}};
  OpenapiDocument parsed(document);
  EXPECT_THROW(parsed.resolved(parsed.root()["components"]["parameters"]["a"]), OpenapiError);
  Json elsewhere = {{"$ref", "other.yaml#/x"}};
  EXPECT_THROW(parsed.resolved(elsewhere), OpenapiError);
}

}  // namespace
}  // namespace paddock::services::apigateway::testing
