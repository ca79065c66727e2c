// What an API has beside its resources: models, validators, gateway responses, authorizers,
// documentation; and the account's links, names and settings.
#include "services/apigateway/domains.hpp"
#include "services/apigateway/model_schemas.hpp"
#include "services/apigateway/store.hpp"
#include "tests/services/apigateway/apigateway_fixture.hpp"

namespace paddock::services::apigateway::testing {
namespace {

class RecordTest : public ApiGatewayTest {
 protected:
  void SetUp() override {
    ApiGatewayTest::SetUp();
    create_api();
  }
  Json of_api(const Json& more = Json::object()) {
    Json input = {{"restApiId", api_}};
    input.update(more);
    return input;
  }
  Json of_fake(const Json& more = Json::object()) {
    Json input = {{"restApiId", "fake"}};
    input.update(more);
    return input;
  }
  CallResult patched(const std::string& operation, Json input,
                     const std::vector<Json>& operations) {
    input["patchOperations"] = Json(operations);
    return call(operation, input);
  }
};

constexpr const char* kNoApi = "Invalid API identifier specified 000000000000:fake";

TEST_F(RecordTest, ANewApiHasTwoModels) {
  Json models = made("GetModels", of_api())["item"];
  ASSERT_EQ(models.size(), 2u);
  EXPECT_EQ(models[0]["name"], "Empty");
  EXPECT_EQ(models[0]["description"], "This is a default empty schema model");
  EXPECT_EQ(models[1]["name"], "Error");
  EXPECT_EQ(Json::parse(models[1]["schema"].get<std::string>())["properties"],
            (Json{{"message", {{"type", "string"}}}}));
}

TEST_F(RecordTest, AModelLives) {
  Json input = of_api({{"name", "CalcOutput"},
                       {"contentType", "application/json"},
                       {"description", "Calc output model"},
                       {"schema", R"({"type":"object","properties":{"a":{"type":"number"}}})"}});
  CallResult created = call("CreateModel", input);
  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(created.body["schema"], input["schema"]);
  Json name = of_api({{"modelName", "CalcOutput"}});
  EXPECT_EQ(made("GetModel", name), created.body);
  EXPECT_EQ(made("GetModelTemplate", name)["value"],
            "#set($inputRoot = $input.path('$'))\n{\n  \"a\" : 42\n}");
  Json updated = patched("UpdateModel", name,
                         {patch("replace", "/schema", R"({"type":"array"})"),
                          patch("replace", "/description", "")})
                     .body;
  EXPECT_EQ(updated["schema"], R"({"type":"array"})");
  EXPECT_FALSE(updated.contains("description"));
  EXPECT_EQ(patched("UpdateModel", name, {patch("add", "/wrong-path", "x")}).message(),
            "Invalid patch path  '/wrong-path' specified for op 'add'. Please choose supported "
            "operations");
  EXPECT_EQ(patched("UpdateModel", name, {patch("replace", "/name", "x")}).message(),
            "Invalid patch path  '/name' specified for op 'replace'. Must be one of: "
            "[/description, /schema]");
  EXPECT_EQ(call("DeleteModel", name).status, 202);
  EXPECT_EQ(call("GetModel", name).message(), "Invalid model name specified: CalcOutput");
}

TEST_F(RecordTest, BadModelsAreRefused) {
  const auto create = [this](Json input) {
    Json model = {{"name", "M"}, {"contentType", "application/json"}, {"schema", "{}"}};
    model.update(input);
    return call("CreateModel", of_api(model));
  };
  const std::string empty = "Model schema must have at least 1 property or array items defined";
  expect_error(create({{"schema", ""}}), 400, "BadRequestException", empty);
  expect_error(create({{"name", ""}}), 400, "BadRequestException", "Model name must be non-empty");
  EXPECT_EQ(create({{"schema", "{"}}).status, 400);
  EXPECT_EQ(create({{"schema", R"({"$ref":"Other"})"}}).status, 400);
  expect_error(create({{"name", "Empty"}}), 409, "ConflictException",
               "Model name already exists for this REST API");
  expect_error(create({{"restApiId", "fake"}}), 404, "NotFoundException", kNoApi);
  expect_error(call("GetModel", of_fake({{"modelName", "MySchema"}})), 404, "NotFoundException",
               "Invalid model name specified: MySchema");
}

TEST(ModelSchemas, ReferencesAreFlattened) {
  const std::string reference = "https://apigateway.amazonaws.com/restapis/abc/models/";
  Json models = {{"House", {{"schema", R"({"$ref":")" + reference + R"(Person"})"}}},
                 {"Person", {{"schema", R"({"items":{"$ref":")" + reference + R"(House"}})"}}}};
  Json flat = Json::parse(flattened_schema(models["House"]["schema"], models));
  EXPECT_EQ(flat["$ref"], "#/definitions/Person");
  EXPECT_EQ(flat["definitions"]["Person"]["items"]["$ref"], "#/definitions/House");
  EXPECT_TRUE(flat["definitions"].contains("House"));
  // A template of models in a circle ends.
  EXPECT_FALSE(template_of_schema(models["House"]["schema"], models).empty());
}

TEST_F(RecordTest, ARequestValidatorLives) {
  CallResult created = call("CreateRequestValidator", of_api({{"name", "v"}}));
  EXPECT_EQ(created.status, 201);
  Json expected = {{"id", created.body["id"]},
                   {"name", "v"},
                   {"validateRequestBody", false},
                   {"validateRequestParameters", false}};
  EXPECT_EQ(created.body, expected);
  Json id = of_api({{"requestValidatorId", created.body["id"]}});
  EXPECT_EQ(
      patched("UpdateRequestValidator", id, {patch("replace", "/validateRequestBody", "true")})
          .body["validateRequestBody"],
      true);
  EXPECT_EQ(patched("UpdateRequestValidator", id,
                    {Json{{"op", "replace"}, {"path", "/validateRequestBody"}}})
                .body,
            expected);
  EXPECT_EQ(patched("UpdateRequestValidator", id, {patch("remove", "/validateRequestBody", "")})
                .message(),
            "Invalid patch path  '/validateRequestBody' specified for op 'remove'. Please choose "
            "supported operations");
  EXPECT_EQ(patched("UpdateRequestValidator", id, {patch("replace", "/invalidPath", "")}).message(),
            "Invalid patch path  '/invalidPath' specified for op 'replace'. Must be one of: "
            "[/name, /validateRequestParameters, /validateRequestBody]");
  EXPECT_EQ(patched("UpdateRequestValidator", id, {patch("replace", "/name", "")}).message(),
            "Request Validator name cannot be blank");
  EXPECT_EQ(made("GetRequestValidators", of_api())["item"], Json::array({expected}));
  EXPECT_EQ(call("DeleteRequestValidator", id).status, 202);
  const std::string unknown = "Invalid Request Validator identifier specified";
  expect_error(call("GetRequestValidator", id), 404, "NotFoundException", unknown);
  Json fake = of_fake({{"requestValidatorId", "x"}});
  expect_error(call("DeleteRequestValidator", fake), 404, "NotFoundException", unknown);
  expect_error(call("CreateRequestValidator", of_fake({{"name", "v"}})), 400, "BadRequestException",
               "Invalid REST API identifier specified");
  expect_error(call("GetRequestValidators", of_fake()), 404, "NotFoundException", kNoApi);
}

const Json kOwnTemplate = {{"application/json", R"({"message":$context.error.messageString})"}};

TEST_F(RecordTest, GatewayResponsesHaveDefaults) {
  Json type = of_api({{"responseType", "MISSING_AUTHENTICATION_TOKEN"}});
  EXPECT_EQ(made("GetGatewayResponse", type),
            (Json{{"defaultResponse", true},
                  {"responseParameters", Json::object()},
                  {"responseTemplates", kOwnTemplate},
                  {"responseType", "MISSING_AUTHENTICATION_TOKEN"},
                  {"statusCode", "403"}}));
  Json put = type;
  put["statusCode"] = "404";
  CallResult answer = call("PutGatewayResponse", put);
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body["defaultResponse"], false);
  EXPECT_EQ(answer.body["responseTemplates"], kOwnTemplate);
  Json all = made("GetGatewayResponses", of_api())["item"];
  ASSERT_EQ(all.size(), 21u);
  EXPECT_EQ(all[0]["responseType"], "ACCESS_DENIED");
  EXPECT_EQ(all[6]["responseType"], "DEFAULT_4XX");
  EXPECT_FALSE(all[6].contains("statusCode"));
  EXPECT_EQ(all[13], answer.body);
  EXPECT_EQ(call("DeleteGatewayResponse", type).status, 202);
  expect_error(call("DeleteGatewayResponse", type), 404, "NotFoundException",
               "Gateway response type not defined on api");
  type["restApiId"] = "fake";
  expect_error(call("GetGatewayResponse", type), 404, "NotFoundException", kNoApi);
}

TEST_F(RecordTest, ADefaultGatewayResponseStandsForItsKind) {
  Json header = {{"gatewayresponse.header.x-h", "method.request.header.Accept"}};
  made("PutGatewayResponse", of_api({{"responseType", "DEFAULT_5XX"},
                                     {"statusCode", "599"},
                                     {"responseParameters", header},
                                     {"responseTemplates", {{"application/json", "{}"}}}}));
  made("PutGatewayResponse",
       of_api({{"responseType", "AUTHORIZER_FAILURE"},
               {"responseParameters", {{"gatewayresponse.header.foo", "'bar'"}}}}));
  const auto get = [this](const std::string& type) {
    return made("GetGatewayResponse", of_api({{"responseType", type}}));
  };
  Json failure = get("INTEGRATION_FAILURE");
  EXPECT_EQ(failure["statusCode"], "599");
  EXPECT_EQ(failure["responseParameters"], header);
  EXPECT_EQ(failure["defaultResponse"], true);
  Json own = get("AUTHORIZER_FAILURE");
  EXPECT_EQ(own["statusCode"], "500");
  EXPECT_EQ(own["responseTemplates"], kOwnTemplate);
  EXPECT_EQ(get("THROTTLED")["statusCode"], "429");
}

TEST_F(RecordTest, AGatewayResponseIsPatched) {
  Json type = of_api({{"responseType", "DEFAULT_4XX"}});
  const auto update = [&](const std::vector<Json>& operations) {
    return patched("UpdateGatewayResponse", type, operations);
  };
  CallResult updated = update({patch("replace", "/statusCode", "444"),
                               patch("add", "/responseTemplates/application~1xml", "<x/>")});
  EXPECT_EQ(updated.body["statusCode"], "444");
  EXPECT_EQ(updated.body["defaultResponse"], false);
  EXPECT_EQ(updated.body["responseTemplates"]["application/xml"], "<x/>");
  for (const char* op : {"add", "remove"}) {
    EXPECT_EQ(update({patch(op, "/statusCode", "444")}).message(),
              "Invalid patch path /statusCode");
  }
  expect_error(update({patch("replace", "/responseParameters/gatewayresponse.header.X", "'a'")}),
               404, "NotFoundException", "Invalid parameter name specified");
  EXPECT_EQ(update({Json{{"op", "add"}, {"value", "'a'"}}}).message(), "Invalid patch path null");
  EXPECT_EQ(update({patch("add", "/wrongPath", "x")}).message(), "Invalid patch path /wrongPath");
  EXPECT_EQ(
      update({Json{{"op", "replace"}, {"path", "/responseTemplates/application~1xml"}}}).message(),
      "Invalid null or empty value in responseTemplates");
  EXPECT_EQ(made("GetGatewayResponse", type), updated.body);
}

TEST_F(RecordTest, UnknownTypesAreNamedWithThoseThatExist) {
  expect_error(call("GetGatewayResponse", of_api({{"responseType", "FAKE_RESPONSE_TYPE"}})), 400,
               "ValidationException",
               "1 validation error detected: Value 'FAKE_RESPONSE_TYPE' at 'responseType' failed "
               "to satisfy constraint: Member must satisfy enum value set: [REQUEST_TOO_LARGE, "
               "RESOURCE_NOT_FOUND, AUTHORIZER_CONFIGURATION_ERROR, MISSING_AUTHENTICATION_TOKEN, "
               "BAD_REQUEST_BODY, INVALID_SIGNATURE, INVALID_API_KEY, BAD_REQUEST_PARAMETERS, "
               "AUTHORIZER_FAILURE, UNAUTHORIZED, INTEGRATION_TIMEOUT, ACCESS_DENIED, DEFAULT_4XX, "
               "DEFAULT_5XX, WAF_FILTERED, QUOTA_EXCEEDED, THROTTLED, API_CONFIGURATION_ERROR, "
               "UNSUPPORTED_MEDIA_TYPE, INTEGRATION_FAILURE, EXPIRED_TOKEN]");
  expect_error(call("CreateDocumentationPart",
                    of_api({{"location", {{"type", "INVALID"}}}, {"properties", "{}"}})),
               400, "ValidationException",
               "1 validation error detected: Value 'INVALID' at "
               "'createDocumentationPartInput.location.type' failed to satisfy constraint: Member "
               "must satisfy enum value set: [RESPONSE_BODY, RESPONSE, METHOD, MODEL, AUTHORIZER, "
               "RESPONSE_HEADER, RESOURCE, PATH_PARAMETER, REQUEST_BODY, QUERY_PARAMETER, API, "
               "REQUEST_HEADER]");
}

TEST_F(RecordTest, AnApiMovesItsEndpoint) {
  const auto update = [this](const Json& operation) {
    return patched("UpdateRestApi", of_api(), {operation});
  };
  Json moved = update(patch("replace", "/endpointConfiguration/types/0", "PRIVATE"))
                   .body["endpointConfiguration"];
  EXPECT_EQ(moved, (Json{{"ipAddressType", "dualstack"}, {"types", {"PRIVATE"}}}));
  EXPECT_EQ(update(patch("replace", "/endpointConfiguration/ipAddressType", "ipv4")).message(),
            "Only dualstack ipAddressType is supported for Private APIs.");
  EXPECT_EQ(update(patch("replace", "/endpointConfiguration/ipAddressType", "wrong")).message(),
            "ipAddressType must be either ipv4 or dualstack.");
  EXPECT_EQ(update(patch("replace", "/endpointConfiguration/types/0", "wrong")).message(),
            "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE");
  EXPECT_EQ(update(patch("remove", "/endpointConfiguration/ipAddressType", "dualstack")).message(),
            "Invalid patch operation specified. Must be one of: [replace]");
  EXPECT_EQ(update(patch("remove", "/endpointConfiguration/types/0", "EDGE")).message(),
            "Invalid patch operation specified. Must be 'add'|'remove'|'replace'");
}

TEST_F(RecordTest, MediaTypesAreReplacedAtTheEnd) {
  Json types = patched("UpdateRestApi", of_api(),
                       {patch("add", "/binaryMediaTypes/image~1png", ""),
                        patch("add", "/binaryMediaTypes/image~1jpeg", ""),
                        patch("replace", "/binaryMediaTypes/image~1png", "image/gif")})
                   .body["binaryMediaTypes"];
  EXPECT_EQ(types, (Json{"image/jpeg", "image/gif"}));
}

TEST_F(RecordTest, AnApiIsClonedWithWhatItDefines) {
  add_resource("pets");
  Json clone = made("CreateRestApi", {{"name", "clone"}, {"cloneFrom", api_}});
  EXPECT_NE(clone["id"], api_);
  Json resources = made("GetResources", {{"restApiId", clone["id"]}})["item"];
  ASSERT_EQ(resources.size(), 2u);
  EXPECT_EQ(resources[1]["path"], "/pets");
  expect_error(call("CreateRestApi", {{"name", "clone"}, {"cloneFrom", "fake"}}), 404,
               "NotFoundException", kNoApi);
}

TEST_F(RecordTest, AnAuthorizerLives) {
  Json input = of_api({{"name", "lambda_authorizer"},
                       {"type", "TOKEN"},
                       {"authorizerUri", uri_of("auth")},
                       {"identitySource", "method.request.header.Auth"}});
  CallResult created = call("CreateAuthorizer", input);
  EXPECT_EQ(created.status, 201);
  Json expected = input;
  expected.erase("restApiId");
  expected["authType"] = "custom";
  expected["id"] = created.body["id"];
  EXPECT_EQ(created.body, expected);
  Json id = of_api({{"authorizerId", created.body["id"]}});
  EXPECT_EQ(
      patched("UpdateAuthorizer", id, {patch("replace", "/authorizerResultTtlInSeconds", "60")})
          .body["authorizerResultTtlInSeconds"],
      60);
  EXPECT_EQ(
      patched("UpdateAuthorizer", id, {patch("replace", "/authorizerResultTtlInSeconds", "3601")})
          .status,
      400);
  EXPECT_EQ(made("GetAuthorizers", of_api())["item"].size(), 1u);
  input["identitySource"] = "";
  EXPECT_EQ(call("CreateAuthorizer", input).status, 400);
  EXPECT_EQ(call("DeleteAuthorizer", id).status, 202);
  EXPECT_EQ(call("GetAuthorizer", id).error(), "NotFoundException");
  input["restApiId"] = "fake";
  expect_error(call("CreateAuthorizer", input), 409, "ConflictException",
               "Unable to complete operation due to concurrent modification. Please try again "
               "later.");
  Json pool = of_api(
      {{"name", "pool"},
       {"type", "COGNITO_USER_POOLS"},
       {"identitySource", "method.request.header.Authorization"},
       {"providerARNs", {"arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_A"}}});
  EXPECT_EQ(made("CreateAuthorizer", pool)["authType"], "cognito_user_pools");
}

TEST_F(RecordTest, ADocumentationPartLives) {
  Json input = of_api({{"location", {{"type", "API"}}}, {"properties", R"({"description":"d"})"}});
  CallResult created = call("CreateDocumentationPart", input);
  EXPECT_EQ(created.status, 201);
  Json id = of_api({{"documentationPartId", created.body["id"]}});
  EXPECT_EQ(made("GetDocumentationPart", id), created.body);
  EXPECT_EQ(patched("UpdateDocumentationPart", id, {patch("replace", "/properties", "{}")})
                .body["properties"],
            "{}");
  EXPECT_EQ(patched("UpdateDocumentationPart", id, {patch("add", "/properties", "{}")}).message(),
            "Invalid patch path  '/properties' specified for op 'add'. Please choose supported "
            "operations");
  EXPECT_EQ(
      patched("UpdateDocumentationPart", id, {patch("replace", "/invalidPath", "x")}).message(),
      "Invalid patch path  '/invalidPath' specified for op 'replace'. Must be one of: "
      "[/properties]");
  Json version = of_api({{"documentationVersion", "v123"}});
  EXPECT_EQ(made("CreateDocumentationVersion", version)["version"], "v123");
  EXPECT_EQ(patched("UpdateDocumentationVersion", version,
                    {patch("replace", "/description", "doc version new")})
                .body["description"],
            "doc version new");
  EXPECT_EQ(call("DeleteDocumentationPart", id).status, 202);
  const std::string unknown = "Invalid Documentation part identifier specified";
  expect_error(call("DeleteDocumentationPart", id), 404, "NotFoundException", unknown);
  id["restApiId"] = "fake";
  expect_error(call("GetDocumentationPart", id), 404, "NotFoundException", unknown);
  expect_error(call("DeleteDocumentationPart", id), 404, "NotFoundException", kNoApi);
  expect_error(call("GetDocumentationParts", of_fake()), 404, "NotFoundException", kNoApi);
}

TEST_F(RecordTest, DocumentationIsImported) {
  const auto import = [this](const std::string& body) {
    return call("ImportDocumentationParts", of_api({{"body", body}, {"mode", "overwrite"}}));
  };
  CallResult imported = import(R"({"openapi":"3.0.0","x-amazon-apigateway-documentation":
      {"documentationParts":[{"location":{"type":"API"},"properties":{"description":"d"}},
      {"location":{"type":"METHOD","method":"GET"},"properties":{"description":"m"}}]}})");
  EXPECT_EQ(imported.status, 200);
  EXPECT_EQ(imported.body["ids"].size(), 2u);
  Json methods = made("GetDocumentationParts", of_api({{"type", "METHOD"}}))["item"];
  ASSERT_EQ(methods.size(), 1u);
  EXPECT_EQ(methods[0]["location"], (Json{{"type", "METHOD"}, {"method", "GET"}, {"path", "/"}}));
  for (const char* body : {"{'key:value}", "a: [", "a: 1"}) {
    expect_error(import(body), 400, "BadRequestException",
                 "Unable to build importer with provided input.");
  }
}

TEST_F(RecordTest, AVpcLinkIsARecord) {
  const std::string target =
      "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/net/n/1";
  CallResult created = call("CreateVpcLink", {{"name", "l"}, {"targetArns", {target}}});
  EXPECT_EQ(created.status, 202);
  EXPECT_EQ(created.body["status"], "PENDING");
  Json id = {{"vpcLinkId", created.body["id"]}};
  Json ready = {{"id", created.body["id"]},
                {"name", "l"},
                {"status", "AVAILABLE"},
                {"statusMessage", "Your vpc link is ready for use"},
                {"targetArns", {target}}};
  EXPECT_EQ(made("GetVpcLinks")["item"], Json::array({ready}));
  ready["tags"] = Json::object();
  EXPECT_EQ(made("GetVpcLink", id), ready);
  ready["name"] = "updated";
  EXPECT_EQ(patched("UpdateVpcLink", id, {patch("replace", "/name", "updated")}).body, ready);
  EXPECT_EQ(call("DeleteVpcLink", id).status, 202);
  expect_error(call("DeleteVpcLink", id), 404, "NotFoundException",
               "Invalid Vpc Link identifier specified");
  EXPECT_EQ(call("CreateVpcLink", {{"name", "l"}, {"targetArns", {"invalid-arn"}}}).message(),
            "Invalid ARN. ARN is not well formed invalid-arn");
  EXPECT_EQ(call("CreateVpcLink", {{"name", ""}, {"targetArns", {target}}}).message(),
            "Name cannot be empty");
}

TEST_F(RecordTest, AClientCertificateIsARecord) {
  Json made_one = made("GenerateClientCertificate", {{"description", "d"}});
  EXPECT_NE(made_one["pemEncodedCertificate"].get<std::string>().find("BEGIN CERTIFICATE"),
            std::string::npos);
  Json id = {{"clientCertificateId", made_one["clientCertificateId"]}};
  EXPECT_EQ(patched("UpdateClientCertificate", id, {patch("replace", "/description", "e")})
                .body["description"],
            "e");
  EXPECT_EQ(made("GetClientCertificates")["item"].size(), 1u);
  EXPECT_EQ(call("DeleteClientCertificate", id).status, 202);
  EXPECT_EQ(call("GetClientCertificate", id).error(), "NotFoundException");
}

TEST_F(RecordTest, AnAccountKeepsItsRole) {
  Json account = made("GetAccount");
  EXPECT_EQ(account["throttleSettings"], (Json{{"burstLimit", 5000}, {"rateLimit", 10000.0}}));
  EXPECT_FALSE(account.contains("cloudwatchRoleArn"));
  const std::string role = "arn:aws:iam::000000000000:role/r";
  EXPECT_EQ(patched("UpdateAccount", Json::object(), {patch("replace", "/cloudwatchRoleArn", role)})
                .body["cloudwatchRoleArn"],
            role);
  EXPECT_EQ(made("GetAccount")["cloudwatchRoleArn"], role);
  EXPECT_EQ(patched("UpdateAccount", Json::object(), {patch("replace", "/cloudwatchRoleArn", "x")})
                .status,
            400);
}

TEST_F(RecordTest, WhatHasAnArnHasTags) {
  made("PutMethod", at(root_, "GET", {{"authorizationType", "NONE"}}));
  made("PutIntegration", at(root_, "GET", {{"type", "MOCK"}}));
  deploy("dev");
  std::string plan = made("CreateUsagePlan", {{"name", "p"}})["id"];
  for (const std::string& path : {"/restapis/" + api_ + "/stages/dev", "/usageplans/" + plan}) {
    const std::string arn = "arn:aws:apigateway:us-east-1::" + path;
    EXPECT_EQ(
        call("TagResource", {{"resourceArn", arn}, {"tags", {{"a", "1"}, {"b", "2"}}}}).status,
        204);
    EXPECT_EQ(call("UntagResource", {{"resourceArn", arn}, {"tagKeys", {"a"}}}).status, 204);
    EXPECT_EQ(made("GetTags", {{"resourceArn", arn}})["tags"], (Json{{"b", "2"}})) << path;
  }
  EXPECT_EQ(made("GetStage", of_api({{"stageName", "dev"}}))["tags"], (Json{{"b", "2"}}));
  EXPECT_EQ(call("GetTags", {{"resourceArn", "arn:aws:apigateway:us-east-1::/usageplans/none"}})
                .message(),
            "Invalid Usage Plan ID specified");
}

TEST_F(RecordTest, ADomainNameMapsItsPaths) {
  made("PutMethod", at(root_, "GET", {{"authorizationType", "NONE"}}));
  made("PutIntegration", at(root_, "GET", {{"type", "MOCK"}}));
  deploy("dev");
  Json domain = made("CreateDomainName", {{"domainName", "api.example.com"},
                                          {"endpointConfiguration", {{"types", {"REGIONAL"}}}}});
  EXPECT_EQ(domain["domainNameStatus"], "AVAILABLE");
  EXPECT_TRUE(domain.contains("regionalDomainName"));
  EXPECT_EQ(call("CreateDomainName", {{"domainName", "API.example.com"}}).message(),
            "The domain name you provided already exists.");
  const auto map = [&](const std::string& base, const std::string& stage) {
    return call("CreateBasePathMapping", {{"domainName", "api.example.com"},
                                          {"basePath", base},
                                          {"restApiId", api_},
                                          {"stage", stage}});
  };
  EXPECT_EQ(map("", "").body, (Json{{"basePath", "(none)"}, {"restApiId", api_}}));
  EXPECT_EQ(map("v1", "dev").status, 201);
  EXPECT_EQ(map("v1", "dev").error(), "ConflictException");
  EXPECT_EQ(map("v2", "none").message(), "Invalid stage identifier specified");
  const Domains domains(emulator_->platform().database, emulator_->platform().realms);
  auto target = domains.target("api.example.com", "/v1/pets");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->stage + target->path, "dev/pets");
  target = domains.target("api.example.com", "/prod/x/y");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->stage + target->path, "prod/x/y");
  EXPECT_FALSE(domains.target("other.example.com", "/v1"));
  Json where = {{"domainName", "api.example.com"}, {"basePath", "v1"}};
  EXPECT_EQ(patched("UpdateBasePathMapping", where, {patch("replace", "/basePath", "v3")})
                .body["basePath"],
            "v3");
  expect_error(call("GetBasePathMapping", where), 404, "NotFoundException",
               "Invalid base path mapping identifier specified");
  EXPECT_EQ(call("DeleteDomainName", {{"domainName", "api.example.com"}}).status, 202);
  EXPECT_FALSE(domains.target("api.example.com", "/v3"));
  expect_error(call("GetDomainName", {{"domainName", "api.example.com"}}), 404, "NotFoundException",
               "Invalid domain name identifier specified");
}

}  // namespace
}  // namespace paddock::services::apigateway::testing
