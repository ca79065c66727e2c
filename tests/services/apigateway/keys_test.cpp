// API keys and usage plans as the data plane holds requests to them, and custom domains.
#include "core/clock.hpp"
#include "tests/services/apigateway/data_plane_fixture.hpp"

namespace paddock::services::apigateway::testing {
namespace {

class KeysTest : public DataPlaneTest {
 protected:
  void SetUp() override {
    DataPlaneTest::SetUp();
    emulator_->call("dynamodb", "CreateTable",
                    {{"TableName", "Tracks"},
                     {"BillingMode", "PAY_PER_REQUEST"},
                     {"AttributeDefinitions", {{{"AttributeName", "id"}, {"AttributeType", "S"}}}},
                     {"KeySchema", {{{"AttributeName", "id"}, {"KeyType", "HASH"}}}}});
    add(root_, "POST",
        {{"type", "AWS"},
         {"integrationHttpMethod", "POST"},
         {"credentials", "arn:aws:iam::000000000000:role/r"},
         {"uri", "arn:aws:apigateway:us-east-1:dynamodb:action/PutItem"},
         {"requestTemplates",
          {{"application/json",
            R"x({"TableName": "Tracks", "Item": {"id": {"S": "$input.path('$.id')"}}})x"}}}},
        {{"apiKeyRequired", true}});
    add_response(root_, "POST", "200");
    add_mock(root_, "GET", "$context.identity.apiKeyId", {{"apiKeyRequired", true}});
    deploy();
  }
  // A plan of the stage with a new key; sets key_ and key_id_.
  void add_plan(const Json& more) {
    Json input = {{"name", "plan"}, {"apiStages", {{{"apiId", api_}, {"stage", "Prod"}}}}};
    input.update(more);
    plan_ = made("CreateUsagePlan", input).value("id", "");
    Json key = made("CreateApiKey", {{"name", "phone"}, {"enabled", true}});
    key_id_ = key.value("id", "");
    key_ = key.value("value", "");
    made("CreateUsagePlanKey",
         {{"usagePlanId", plan_}, {"keyId", key_id_}, {"keyType", "API_KEY"}});
  }
  CallResult track(const std::string& key) {
    return send("POST", "/", header("x-api-key", key), R"({"id": "donkey"})");
  }

  std::string plan_, key_, key_id_;
};

TEST_F(KeysTest, AKeyOpensTheApi) {
  add_plan({{"throttle", {{"burstLimit", 10}, {"rateLimit", 10.0}}}});
  EXPECT_EQ(track(key_).status, 200);
  CallResult item = emulator_->call(
      "dynamodb", "GetItem", {{"TableName", "Tracks"}, {"Key", {{"id", {{"S", "donkey"}}}}}});
  EXPECT_EQ(item.body["Item"]["id"]["S"], "donkey") << item.text;
  expect_refusal(send("POST", "/", {}, "{}"), 403, "ForbiddenException", kForbidden);
  expect_refusal(track("unknown"), 403, "ForbiddenException", kForbidden);
  EXPECT_EQ(send("GET", "/", header("X-API-Key", key_)).text, key_id_);
  made("UpdateApiKey", {{"apiKey", key_id_},
                        {"patchOperations", Json::array({patch("replace", "/enabled", "false")})}});
  expect_refusal(track(key_), 403, "ForbiddenException", kForbidden);
}

TEST_F(KeysTest, AKeyOpensTheStagesOfItsPlansAlone) {
  add_plan(Json::object());
  deploy("other");
  EXPECT_EQ(track(key_).status, 200);
  expect_refusal(emulator_->request("GET", path_to("/", "other"), header("x-api-key", key_)), 403,
                 "ForbiddenException", kForbidden);
}

TEST_F(KeysTest, TooManyRequestsAtOnceAreThrottled) {
  add_plan({{"throttle", {{"burstLimit", 10}, {"rateLimit", 10.0}}}});
  emulator_->post("/_paddock/clock", {{"freeze", true}});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(track(key_).status, 200) << i;
  expect_refusal(track(key_), 429, "TooManyRequestsException",
                 R"({"message":"Too Many Requests"})");
  emulator_->advance(std::chrono::milliseconds(100));
  EXPECT_EQ(track(key_).status, 200);
  EXPECT_EQ(track(key_).status, 429);
}

TEST_F(KeysTest, AMethodOfAPlanHasABucketOfItsOwn) {
  const Json stage = {{"apiId", api_},
                      {"stage", "Prod"},
                      {"throttle", {{"//GET", {{"burstLimit", 2}, {"rateLimit", 1.0}}}}}};
  add_plan(
      {{"throttle", {{"burstLimit", 5}, {"rateLimit", 1.0}}}, {"apiStages", Json::array({stage})}});
  emulator_->post("/_paddock/clock", {{"freeze", true}});
  int passed = 0;
  while (send("GET", "/", header("x-api-key", key_)).status == 200) ++passed;
  EXPECT_EQ(passed, 2);
  EXPECT_EQ(track(key_).status, 200);
}

TEST_F(KeysTest, AQuotaEndsAndBeginsAgain) {
  add_plan({{"quota", {{"limit", 3}, {"period", "DAY"}}}});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(track(key_).status, 200) << i;
  expect_refusal(track(key_), 429, "LimitExceededException", R"({"message":"Limit Exceeded"})");
  const std::string today = iso8601(emulator_->platform().world.now().ms).substr(0, 10);
  Json usage = made("GetUsage", {{"usagePlanId", plan_}, {"startDate", today}, {"endDate", today}});
  // "items" on the wire: used and remaining, a pair for each day.
  EXPECT_NE(usage.dump().find("[[3,0]]"), std::string::npos) << usage;
  made("UpdateUsage", {{"usagePlanId", plan_},
                       {"keyId", key_id_},
                       {"patchOperations", Json::array({patch("replace", "/remaining", "1")})}});
  EXPECT_EQ(track(key_).status, 200);
  EXPECT_EQ(track(key_).status, 429);
  emulator_->advance(std::chrono::hours(24));
  EXPECT_EQ(track(key_).status, 200);
}

TEST_F(KeysTest, AQuotaThatIsRaisedOrLoweredHoldsAtOnce) {
  add_plan({{"quota", {{"limit", 3}, {"period", "MONTH"}}}});
  const auto set_limit = [this](const std::string& limit) {
    made("UpdateUsagePlan",
         {{"usagePlanId", plan_},
          {"patchOperations", Json::array({patch("replace", "/quota/limit", limit)})}});
  };
  const auto remaining = [this] {
    const std::string today = iso8601(emulator_->platform().world.now().ms).substr(0, 10);
    Json usage =
        made("GetUsage", {{"usagePlanId", plan_}, {"startDate", today}, {"endDate", today}});
    return usage["values"][key_id_][0];
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(track(key_).status, 200) << i;
  EXPECT_EQ(track(key_).status, 429);
  set_limit("5");
  EXPECT_EQ(remaining(), (Json{3, 2}));
  EXPECT_EQ(track(key_).status, 200);
  set_limit("4");
  EXPECT_EQ(remaining(), (Json{4, 0}));
  EXPECT_EQ(track(key_).status, 429);
  set_limit("2");
  EXPECT_EQ(remaining(), (Json{4, 0}));
  EXPECT_EQ(track(key_).status, 429);
  set_limit("6");
  EXPECT_EQ(remaining(), (Json{4, 2}));
  EXPECT_EQ(track(key_).status, 200);
  EXPECT_EQ(track(key_).status, 200);
  EXPECT_EQ(track(key_).status, 429);
}

TEST_F(KeysTest, ACustomDomainLeadsToItsStage) {
  create_function("show-event");
  add_method(add_resource("{tag}", add_resource("tag")), "GET", "show-event");
  deploy();
  made("CreateDomainName", {{"domainName", "api.students.localhost"},
                            {"endpointConfiguration", {{"types", {"REGIONAL"}}}}});
  made("CreateBasePathMapping", {{"domainName", "api.students.localhost"},
                                 {"basePath", "v1"},
                                 {"restApiId", api_},
                                 {"stage", "Prod"}});
  CallResult result =
      emulator_->request("GET", "/v1/tag/home", header("Host", "api.students.localhost:4566"));
  ASSERT_EQ(result.status, 200) << result.text;
  EXPECT_EQ(result.body["path"], "/v1/tag/home");
  EXPECT_EQ(result.body["requestContext"]["path"], "/v1/tag/home");
  EXPECT_EQ(result.body["requestContext"]["stage"], "Prod");
  EXPECT_EQ(result.body["pathParameters"], (Json{{"tag", "home"}}));
}

TEST_F(KeysTest, ARegisteredNameOfAnyDomainIsServed) {
  create_function("show-event");
  add_method(add_resource("a"), "GET", "show-event");
  deploy();
  const auto get = [this](const std::string& path, const std::string& host) {
    return emulator_->request("GET", path, header("Host", host));
  };
  EXPECT_EQ(get("/v1/a", "api.example.com").status, 403);
  made("CreateDomainName",
       {{"domainName", "api.example.com"}, {"endpointConfiguration", {{"types", {"REGIONAL"}}}}});
  made("CreateDomainName",
       {{"domainName", "*.example.org"}, {"endpointConfiguration", {{"types", {"REGIONAL"}}}}});
  for (const char* name : {"api.example.com", "*.example.org"}) {
    made("CreateBasePathMapping",
         {{"domainName", name}, {"basePath", "v1"}, {"restApiId", api_}, {"stage", "Prod"}});
  }
  EXPECT_EQ(get("/v1/a", "api.example.com:4566").status, 200);
  EXPECT_EQ(get("/v1/a", "any.example.org").status, 200);
  // What is not mapped, the emulator's own pages among it, is not there under such a name.
  for (const char* path : {"/v2/a", "/", "/_paddock/info", "/health", "/2015-03-31/functions/"}) {
    const CallResult result = get(path, "api.example.com");
    EXPECT_EQ(result.status, 403) << path;
    EXPECT_EQ(result.text, R"({"message":"Forbidden"})") << path;
  }
  EXPECT_NE(get("/v1/a", "other.example.com").text.find("does not answer for"), std::string::npos);
  call("DeleteDomainName", {{"domainName", "api.example.com"}});
  EXPECT_NE(get("/v1/a", "api.example.com").text.find("does not answer for"), std::string::npos);
}

}  // namespace
}  // namespace paddock::services::apigateway::testing
