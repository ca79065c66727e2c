// API keys and usage plans.
#include "services/apigateway/usage.hpp"
#include "tests/services/apigateway/apigateway_fixture.hpp"

namespace paddock::services::apigateway::testing {
namespace {

class UsagePlanTest : public ApiGatewayTest {
 protected:
  void SetUp() override {
    ApiGatewayTest::SetUp();
    create_api();
    made("PutMethod", at(root_, "GET", {{"authorizationType", "NONE"}}));
    made("PutIntegration", at(root_, "GET", {{"type", "MOCK"}}));
    deploy("dev");
  }
  Json create_key(const Json& more = Json::object()) {
    Json input = {{"name", "key"}, {"enabled", true}};
    input.update(more);
    return made("CreateApiKey", input);
  }
  Json stages() { return Json::array({{{"apiId", api_}, {"stage", "dev"}}}); }
  CallResult patched(const std::string& operation, Json input,
                     const std::vector<Json>& operations) {
    input["patchOperations"] = Json(operations);
    return call(operation, input);
  }
};

TEST_F(UsagePlanTest, AKeyLives) {
  CallResult created = call("CreateApiKey", {{"name", "test-key-1"}});
  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(created.body["value"].get<std::string>().size(), 40u);
  EXPECT_EQ(created.body["enabled"], false);
  EXPECT_EQ(created.body["stageKeys"], Json::array());
  Json id = {{"apiKey", created.body["id"]}};
  Json hidden = made("GetApiKey", id);
  EXPECT_FALSE(hidden.contains("value"));
  id["includeValue"] = true;
  EXPECT_EQ(made("GetApiKey", id)["value"], created.body["value"]);
  id.erase("includeValue");
  Json updated =
      patched("UpdateApiKey", id,
              {patch("replace", "/enabled", "true"), patch("replace", "/customerId", "c")})
          .body;
  EXPECT_EQ(updated["enabled"], true);
  EXPECT_EQ(updated["customerId"], "c");
  EXPECT_EQ(updated["tags"], Json::object());
  EXPECT_FALSE(updated.contains("value"));
  EXPECT_EQ(patched("UpdateApiKey", id, {patch("replace", "/id", "new-id")}).message(),
            "Invalid patch path  '/id' specified for op 'replace'. Must be one of: [/description, "
            "/enabled, /name, /customerId]");
  EXPECT_EQ(call("DeleteApiKey", id).status, 202);
  EXPECT_EQ(call("GetApiKey", id).error(), "NotFoundException");
}

TEST_F(UsagePlanTest, BadKeysAreRefused) {
  const auto refused = [this](const std::string& member, size_t length) {
    CallResult result = call("CreateApiKey", {{member, std::string(length, 'a')}});
    EXPECT_EQ(result.status, 400) << member;
    return result.message();
  };
  EXPECT_EQ(refused("name", 1025), "Invalid API Key name, can be at most 1024 characters.");
  EXPECT_EQ(refused("value", 5), "API Key value should be at least 20 characters");
  EXPECT_EQ(refused("value", 129), "API Key value exceeds maximum size of 128 characters");
  EXPECT_EQ(refused("description", 125001), "Invalid API Key description specified.");
  Json value = {{"value", std::string(20, 'k')}};
  EXPECT_EQ(call("CreateApiKey", value).status, 201);
  EXPECT_EQ(call("CreateApiKey", value).error(), "ConflictException");
  Json nameless = made("CreateApiKey", {{"name", ""}, {"value", ""}});
  EXPECT_FALSE(nameless.contains("name"));
  EXPECT_EQ(nameless["value"].get<std::string>().size(), 40u);
}

TEST_F(UsagePlanTest, KeysAreListedNewestFirstByTheStartOfTheirName) {
  Json first = create_key({{"name", "test-key-a"}});
  Json second = create_key({{"name", "test-key-b"}, {"customerId", "c"}});
  const auto ids = [this](const Json& input) {
    Json found = Json::array();
    Json answer = made("GetApiKeys", input);
    for (const auto& key : answer["item"]) found.push_back(key["id"]);
    return found;
  };
  EXPECT_EQ(ids(Json::object()), Json::array({second["id"], first["id"]}));
  EXPECT_EQ(ids({{"nameQuery", "test-key"}}).size(), 2u);
  EXPECT_EQ(ids({{"nameQuery", "TEST-key"}}).size(), 0u);
  EXPECT_EQ(ids({{"nameQuery", "st-key"}}).size(), 0u);
  EXPECT_EQ(ids({{"customerId", "c"}}), Json::array({second["id"]}));
  Json page = made("GetApiKeys", {{"limit", 1}});
  ASSERT_TRUE(page.contains("position"));
  EXPECT_EQ(ids({{"limit", 1}, {"position", page["position"]}}), Json::array({first["id"]}));
}

TEST_F(UsagePlanTest, KeysAreImportedFromCsv) {
  std::string plan = made("CreateUsagePlan", {{"name", "p"}})["id"];
  const std::string csv =
      "Name,key,description,Enabled,usageplanIds\n"
      "first,apikey1234abcdefghij0123456789,\"An, imported key\",TRUE," +
      plan + "\nsecond,apikey1234abcdefghij0123456788,,FALSE,\"\"\n";
  CallResult imported = call("ImportApiKeys", {{"body", csv}, {"format", "csv"}});
  EXPECT_EQ(imported.status, 201);
  ASSERT_EQ(imported.body["ids"].size(), 2u);
  Json key = made("GetApiKey", {{"apiKey", imported.body["ids"][0]}, {"includeValue", true}});
  EXPECT_EQ(key["value"], "apikey1234abcdefghij0123456789");
  EXPECT_EQ(key["description"], "An, imported key");
  EXPECT_EQ(key["enabled"], true);
  EXPECT_EQ(made("GetUsagePlanKeys", {{"usagePlanId", plan}})["item"].size(), 1u);
  CallResult again = call("ImportApiKeys", {{"body", csv}, {"format", "csv"}});
  EXPECT_EQ(again.error(), "ConflictException");
  EXPECT_EQ(made("GetApiKeys")["item"].size(), 2u);
}

TEST_F(UsagePlanTest, APlanLives) {
  Json input = {{"name", "p"}, {"description", "d"}, {"apiStages", stages()}};
  CallResult created = call("CreateUsagePlan", input);
  EXPECT_EQ(created.status, 201);
  Json expected = input;
  expected["id"] = created.body["id"];
  EXPECT_EQ(created.body, expected);
  EXPECT_EQ(made("GetUsagePlans")["item"], Json::array({expected}));
  Json id = {{"usagePlanId", created.body["id"]}};
  expected["tags"] = Json::object();
  EXPECT_EQ(made("GetUsagePlan", id), expected);
  expected["quota"] = {{"limit", 5000}, {"offset", 0}, {"period", "MONTH"}};
  expected["throttle"] = {{"burstLimit", 100}, {"rateLimit", 200.0}};
  EXPECT_EQ(patched("UpdateUsagePlan", id,
                    {patch("replace", "/throttle/burstLimit", "100"),
                     patch("replace", "/throttle/rateLimit", "200"),
                     patch("replace", "/quota/period", "MONTH"),
                     patch("replace", "/quota/limit", "5000")})
                .body,
            expected);
  EXPECT_EQ(call("DeleteUsagePlan", id).status, 400);
  EXPECT_TRUE(patched("UpdateUsagePlan", id, {patch("remove", "/apiStages", api_ + ":dev")}).ok());
  EXPECT_EQ(call("DeleteUsagePlan", id).status, 202);
  expect_error(patched("UpdateUsagePlan", id, {patch("replace", "/name", "x")}), 404,
               "NotFoundException", "Invalid Usage Plan ID specified");
}

TEST_F(UsagePlanTest, BadStagesOfPlansAreRefused) {
  std::string plan = made("CreateUsagePlan", {{"name", "p"}, {"apiStages", stages()}})["id"];
  Json id = {{"usagePlanId", plan}};
  const auto remove = [&](const Json& operation) {
    return patched("UpdateUsagePlan", id, {operation});
  };
  expect_error(remove(Json{{"op", "remove"}, {"path", "/apiStages"}}), 400, "BadRequestException",
               "Invalid API Stage specified");
  expect_error(remove(patch("remove", "/apiStages", "fakevalue")), 400, "BadRequestException",
               "Invalid API Stage specified");
  expect_error(
      remove(patch("remove", "/apiStages", api_ + "b:dev")), 404, "NotFoundException",
      "Invalid API Stage {api: " + api_ + "b, stage: dev} specified for usageplan " + plan);
  expect_error(remove(patch("remove", "/apiStages", api_ + ":fakestagename")), 404,
               "NotFoundException",
               "Invalid API Stage {api: " + api_ +
                   ", stage: fakestagename} specified for usageplan " + plan);
  EXPECT_EQ(made("GetUsagePlan", id)["apiStages"], stages());
}

TEST_F(UsagePlanTest, AKeyHasItsPlanForAStage) {
  Json key = create_key();
  std::string plan = made("CreateUsagePlan", {{"name", "p"},
                                              {"apiStages", stages()},
                                              {"throttle", {{"rateLimit", 2}, {"burstLimit", 1}}},
                                              {"quota", {{"limit", 10}, {"period", "DAY"}}}})["id"];
  Json link = {{"usagePlanId", plan}, {"keyId", key["id"]}, {"keyType", "API_KEY"}};
  CallResult linked = call("CreateUsagePlanKey", link);
  EXPECT_EQ(linked.status, 201);
  Json shown = {{"id", key["id"]}, {"name", "key"}, {"type", "API_KEY"}, {"value", key["value"]}};
  EXPECT_EQ(linked.body, shown);
  EXPECT_EQ(call("CreateUsagePlanKey", link).error(), "ConflictException");
  EXPECT_TRUE(
      patched("UpdateUsagePlan", {{"usagePlanId", plan}},
              {patch("replace", "/apiStages/" + api_ + ":dev/throttle/~1pets/GET/rateLimit", "5")})
          .ok());
  Store store(emulator_->platform().database, emulator_->platform().realms);
  RealmId realm = emulator_->platform().realms.find("apigateway", "000000000000", "us-east-1")->id;
  KeyLookup found = look_up_key(store, realm, key["value"], api_, "dev");
  ASSERT_TRUE(found.key && found.plan);
  EXPECT_EQ(found.plan->plan, plan);
  EXPECT_EQ(found.plan->throttle->rate_per_second, 2.0);
  EXPECT_EQ(found.plan->throttle->burst, 1);
  EXPECT_EQ(found.plan->quota->limit, 10);
  EXPECT_EQ(found.plan->method_throttle.at("/pets/GET").rate_per_second, 5.0);
  KeyLookup elsewhere = look_up_key(store, realm, key["value"], api_, "prod");
  EXPECT_TRUE(elsewhere.key && !elsewhere.plan);
  EXPECT_FALSE(look_up_key(store, realm, "nothing", api_, "dev").key);
  patched("UpdateApiKey", {{"apiKey", key["id"]}}, {patch("replace", "/enabled", "false")});
  EXPECT_FALSE(look_up_key(store, realm, key["value"], api_, "dev").key);
  EXPECT_EQ(made("GetUsagePlans", {{"keyId", key["id"]}})["item"].size(), 1u);
  EXPECT_EQ(made("GetUsagePlanKeys", {{"usagePlanId", plan}})["item"], Json::array({shown}));
  EXPECT_EQ(made("GetUsagePlanKeys", {{"usagePlanId", "bad-id"}})["item"], Json::array());
  made("DeleteApiKey", {{"apiKey", key["id"]}});
  EXPECT_EQ(made("GetUsagePlanKeys", {{"usagePlanId", plan}})["item"], Json::array());
}

TEST_F(UsagePlanTest, AKeyHasOnePlanForAStage) {
  Json key = create_key();
  std::vector<std::string> plans;
  for (const char* name : {"one", "two"}) {
    plans.push_back(made("CreateUsagePlan", {{"name", name}, {"apiStages", stages()}})["id"]);
  }
  const auto link = [&](const std::string& plan) {
    return call("CreateUsagePlanKey",
                {{"usagePlanId", plan}, {"keyId", key["id"]}, {"keyType", "API_KEY"}});
  };
  EXPECT_EQ(link(plans[0]).status, 201);
  EXPECT_EQ(link(plans[1]).error(), "ConflictException");
  EXPECT_EQ(call("DeleteUsagePlanKey", {{"usagePlanId", plans[0]}, {"keyId", key["id"]}}).status,
            202);
  EXPECT_EQ(link(plans[1]).status, 201);
}

}  // namespace
}  // namespace paddock::services::apigateway::testing
