// Stages: settings of methods, canaries, access logs, and AWS's words for bad paths.
#include "services/apigateway/stages.hpp"

#include "tests/services/apigateway/apigateway_fixture.hpp"

namespace paddock::services::apigateway::testing {
namespace {

class StageTest : public ApiGatewayTest {
 protected:
  void SetUp() override {
    ApiGatewayTest::SetUp();
    create_api();
    made("PutMethod", at(root_, "GET", {{"authorizationType", "NONE"}}));
    made("PutIntegration", at(root_, "GET", {{"type", "MOCK"}}));
  }
  CallResult update(const std::vector<Json>& operations, const std::string& stage = "dev") {
    return call("UpdateStage",
                {{"restApiId", api_}, {"stageName", stage}, {"patchOperations", Json(operations)}});
  }
  static Json copied(const std::string& from, const std::string& path) {
    return {{"op", "copy"}, {"from", from}, {"path", path}};
  }
  Json stage(const std::string& name = "dev") {
    return made("GetStage", {{"restApiId", api_}, {"stageName", name}});
  }
};

TEST_F(StageTest, MethodSettingsBeginWithThoseOfAllMethods) {
  deploy("dev");
  Json settings = update({patch("replace", "/*/*/throttling/burstLimit", "123"),
                          patch("replace", "/*/*/caching/enabled", "true"),
                          patch("replace", "/test/GET/throttling/burstLimit", "124")})
                      .body["methodSettings"];
  Json all = {{"cacheDataEncrypted", false},
              {"cacheTtlInSeconds", 300},
              {"cachingEnabled", true},
              {"dataTraceEnabled", false},
              {"metricsEnabled", false},
              {"requireAuthorizationForCacheControl", true},
              {"throttlingBurstLimit", 123},
              {"throttlingRateLimit", 10000.0},
              {"unauthorizedCacheControlHeaderStrategy", "SUCCEED_WITH_RESPONSE_HEADER"}};
  EXPECT_EQ(settings["*/*"], all);
  all["throttlingBurstLimit"] = 124;
  EXPECT_EQ(settings["test/GET"], all);
  settings = update({patch("replace", "/*/*/throttling/burstLimit", "100")}).body["methodSettings"];
  EXPECT_EQ(settings["*/*"]["throttlingBurstLimit"], 100);
  EXPECT_EQ(settings["test/GET"]["throttlingBurstLimit"], 124);
  Json served = stage();
  EXPECT_EQ(method_setting_of(served, "/test", "GET")["throttlingBurstLimit"], 124);
  EXPECT_EQ(method_setting_of(served, "/", "GET")["throttlingBurstLimit"], 100);
}

TEST_F(StageTest, MethodSettingsAreRemovedTogether) {
  deploy("dev");
  expect_error(update({patch("remove", "/*/*", "")}), 400, "BadRequestException",
               "Cannot remove method setting */* because there is no method setting for this "
               "method ");
  EXPECT_TRUE(update({patch("replace", "/*/*/caching/enabled", "true")}).ok());
  EXPECT_EQ(update({patch("remove", "/*/*", "")}).body["methodSettings"], Json::object());
}

TEST_F(StageTest, AnAccessLogHasADestinationAndAFormat) {
  deploy("dev");
  const std::string arn = "arn:aws:logs:us-east-1:000000000000:log-group:g";
  EXPECT_EQ(
      update({patch("add", "/accessLogSettings/destinationArn", arn)}).body["accessLogSettings"],
      (Json{{"destinationArn", arn}}));
  EXPECT_EQ(update({patch("add", "/accessLogSettings/format", "$context.requestId")})
                .body["accessLogSettings"],
            (Json{{"destinationArn", arn}, {"format", "$context.requestId"}}));
  const std::string bad_path =
      "Invalid accessLogSettings path. Must be one of : [/accessLogSettings/destinationArn, "
      "/accessLogSettings/format]";
  for (const char* op : {"add", "replace"}) {
    for (const char* path :
         {"/accessLogSettings/other", "/accessLogSettings/*", "/accessLogSettings"}) {
      EXPECT_EQ(update({patch(op, path, "x")}).message(), bad_path) << op << path;
    }
  }
  EXPECT_EQ(update({patch("remove", "/accessLogSettings/destinationArn", "")}).message(),
            "Cannot remove method setting accessLogSettings/destinationArn because there is no "
            "method setting for this method ");
  for (const char* member : {"destinationArn", "format"}) {
    EXPECT_EQ(update({patch("replace", "/accessLogSettings/" + std::string(member), "")}).message(),
              "Access Log value must not be empty");
  }
  EXPECT_FALSE(
      update({patch("remove", "/accessLogSettings", "")}).body.contains("accessLogSettings"));
}

TEST_F(StageTest, ACanaryIsDeployedBesideTheStage) {
  std::string first = deploy("dev");
  Json canary = {{"percentTraffic", 50.0}, {"stageVariableOverrides", {{"testVar", "canary"}}}};
  std::string second =
      made("CreateDeployment",
           {{"restApiId", api_}, {"stageName", "dev"}, {"canarySettings", canary}})["id"];
  Json now = stage();
  EXPECT_EQ(now["deploymentId"], first);
  canary["deploymentId"] = second;
  canary["useStageCache"] = false;
  EXPECT_EQ(now["canarySettings"], canary);
  EXPECT_EQ(call("DeleteDeployment", {{"restApiId", api_}, {"deploymentId", second}}).message(),
            "Active stages pointing to this deployment must be moved or deleted");
  Json promoted = update({patch("replace", "/canarySettings/percentTraffic", "0.0"),
                          copied("/canarySettings/deploymentId", "/deploymentId"),
                          copied("/canarySettings/stageVariableOverrides", "/variables")})
                      .body;
  EXPECT_EQ(promoted["deploymentId"], second);
  EXPECT_EQ(promoted["variables"], (Json{{"testVar", "canary"}}));
  EXPECT_EQ(promoted["canarySettings"]["percentTraffic"], 0.0);
  EXPECT_FALSE(update({patch("remove", "/canarySettings", "")}).body.contains("canarySettings"));
}

TEST_F(StageTest, BadCanariesAreRefused) {
  Json canary = {{"percentTraffic", 50.0}};
  const auto refused = [&](const Json& more) {
    Json input = {{"restApiId", api_}, {"canarySettings", canary}};
    input.update(more);
    CallResult result = call("CreateDeployment", input);
    EXPECT_EQ(result.status, 400);
    return result.message();
  };
  const std::string start = "Invalid deployment content specified.";
  EXPECT_EQ(refused(Json::object()),
            start +
                "Non null and non empty stageName must be provided for canary deployment. "
                "Provided value is null");
  EXPECT_EQ(refused({{"stageName", ""}}),
            start +
                "Non null and non empty stageName must be provided for canary deployment. "
                "Provided value is ");
  EXPECT_EQ(refused({{"stageName", "non-existing"}}),
            start +
                "Stage non-existing must already be created before making a canary release "
                "deployment");
  std::string id = deploy("dev");
  EXPECT_EQ(update({patch("add", "/canarySettings/deploymentId", id)}).message(),
            "Invalid add operation with path: /canarySettings/deploymentId");
  EXPECT_EQ(update({patch("replace", "/canarySettings/deploymentId", "deploy")}).message(),
            "Deployment id does not exist");
  EXPECT_EQ(update({patch("remove", "/canarySettings/badPath", "")}).message(),
            "Cannot remove method setting canarySettings/badPath because there is no method "
            "setting for this method ");
  EXPECT_EQ(update({copied("/variables", "/canarySettings/x")}).message(),
            "Invalid copy operation with path: /canarySettings/x and from /variables. Valid "
            "copy:path are [/deploymentId, /variables] and valid copy:from are "
            "[/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]");
  EXPECT_EQ(update({copied("/canarySettings/deploymentId", "/deploymentId")}).message(),
            "Promotion not available. Canary does not exist.");
  for (const char* path : {"/canarySettings", "/canarySettings/badPath"}) {
    EXPECT_TRUE(update({patch("replace", path, "x")})
                    .message()
                    .starts_with("Invalid method setting path: " + std::string(path) + ". Must be"))
        << path;
  }
  EXPECT_FALSE(stage().contains("canarySettings"));
}

TEST_F(StageTest, ACanaryOfAStageBeginsWithItsDeployment) {
  std::string id = deploy("dev");
  Json canary =
      update({patch("replace", "/canarySettings/percentTraffic", "50")}).body["canarySettings"];
  EXPECT_EQ(canary,
            (Json{{"deploymentId", id}, {"percentTraffic", 50.0}, {"useStageCache", false}}));
}

TEST_F(StageTest, ACacheClusterIsAvailableAtOnce) {
  deploy("dev");
  Json with = update({patch("replace", "/cacheClusterEnabled", "true"),
                      patch("replace", "/cacheClusterSize", "1.6")})
                  .body;
  EXPECT_EQ(with["cacheClusterStatus"], "AVAILABLE");
  EXPECT_EQ(with["cacheClusterSize"], "1.6");
  Json where = {{"restApiId", api_}, {"stageName", "dev"}};
  EXPECT_EQ(call("FlushStageCache", where).status, 202);
  EXPECT_EQ(call("FlushStageAuthorizersCache", where).status, 202);
  where["stageName"] = "none";
  EXPECT_EQ(call("FlushStageCache", where).error(), "NotFoundException");
}

TEST_F(StageTest, StagesAreListedByDeployment) {
  std::string first = deploy("stage1");
  deploy("stage2");
  Json listed = made("GetStages", {{"restApiId", api_}, {"deploymentId", first}})["item"];
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0]["stageName"], "stage1");
}

}  // namespace
}  // namespace paddock::services::apigateway::testing
