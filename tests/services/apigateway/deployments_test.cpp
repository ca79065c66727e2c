// Deployments and stages, through the wire.
#include "services/apigateway/limits.hpp"
#include "tests/services/apigateway/apigateway_fixture.hpp"

namespace paddock::services::apigateway::testing {
namespace {

class DeploymentTest : public ApiGatewayTest {
 protected:
  void SetUp() override {
    ApiGatewayTest::SetUp();
    create_function("show-event");
    create_api();
    tag_ = add_resource("tag");
    add_method(tag_, "GET", "show-event");
  }
  Json stage_input(const std::string& stage, const Json& more = Json::object()) {
    Json input = {{"restApiId", api_}, {"stageName", stage}};
    input.update(more);
    return input;
  }
  CallResult patch_stage(const std::string& op, const std::string& path, const std::string& value) {
    return call("UpdateStage",
                stage_input("Prod", {{"patchOperations", Json::array({patch(op, path, value)})}}));
  }
  std::string tag_;
};

TEST_F(DeploymentTest, ADeploymentLives) {
  CallResult created = call("CreateDeployment", {{"restApiId", api_}, {"description", "d"}});
  EXPECT_EQ(created.status, 201) << created.text;
  Json input = {{"restApiId", api_}, {"deploymentId", created.body["id"]}};
  EXPECT_EQ(made("GetDeployment", input), created.body);
  EXPECT_EQ(created.body.size(), 3u) << created.text;  // id, createdDate, description
  input["patchOperations"] = Json::array({patch("replace", "/description", "new-description")});
  EXPECT_EQ(made("UpdateDeployment", input)["description"], "new-description");
  input["embed"] = {"apisummary"};
  input.erase("patchOperations");
  EXPECT_EQ(
      made("GetDeployment", input)["apiSummary"],
      (Json{{"/tag", {{"GET", {{"authorizationType", "NONE"}, {"apiKeyRequired", false}}}}}}));
  EXPECT_EQ(call("DeleteDeployment", input).status, 202);
  expect_error(call("GetDeployment", input), 404, "NotFoundException",
               "Invalid Deployment identifier specified");
  EXPECT_EQ(made("GetDeployments", {{"restApiId", api_}})["item"], Json::array());
}

TEST_F(DeploymentTest, OnlyWholeApisAreDeployed) {
  made("DeleteIntegration", at(tag_, "GET"));
  expect_error(call("CreateDeployment", {{"restApiId", api_}}), 400, "BadRequestException",
               "No integration defined for method");
  made("DeleteMethod", at(tag_, "GET"));
  expect_error(call("CreateDeployment", {{"restApiId", api_}}), 400, "BadRequestException",
               "The REST API doesn't contain any methods");
}

TEST_F(DeploymentTest, AStageLives) {
  std::string first = made("CreateDeployment", {{"restApiId", api_}})["id"];
  CallResult created = call("CreateStage", stage_input("s1", {{"deploymentId", first},
                                                              {"description", "my stage"},
                                                              {"documentationVersion", "v123"}}));
  EXPECT_EQ(created.status, 201) << created.text;
  EXPECT_EQ(made("GetStage", stage_input("s1")), created.body);
  Json stage = created.body;
  stage.erase("createdDate");
  stage.erase("lastUpdatedDate");
  EXPECT_EQ(stage, (Json{{"stageName", "s1"},
                         {"deploymentId", first},
                         {"description", "my stage"},
                         {"documentationVersion", "v123"},
                         {"cacheClusterEnabled", false},
                         {"cacheClusterStatus", "NOT_AVAILABLE"},
                         {"methodSettings", Json::object()},
                         {"tracingEnabled", false}}));
  std::string second = deploy("s2");
  EXPECT_EQ(made("GetStages", {{"restApiId", api_}})["item"].size(), 2u);
  Json filtered = made("GetStages", {{"restApiId", api_}, {"deploymentId", second}})["item"];
  ASSERT_EQ(filtered.size(), 1u);
  EXPECT_EQ(filtered[0]["stageName"], "s2");
  EXPECT_EQ(call("DeleteStage", stage_input("s1")).status, 202);
  expect_error(call("GetStage", stage_input("s1")), 404, "NotFoundException",
               "Invalid stage identifier specified");
}

TEST_F(DeploymentTest, BadStagesAreRefused) {
  std::string id = deploy();
  expect_error(call("CreateStage", stage_input("Prod", {{"deploymentId", id}})), 409,
               "ConflictException", "Stage already exists");
  expect_error(call("CreateStage", stage_input("s", {{"deploymentId", "fake"}})), 400,
               "BadRequestException", "Deployment id does not exist");
  EXPECT_EQ(call("CreateStage", stage_input("a b", {{"deploymentId", id}})).message(),
            "Stage name only allows a-zA-Z0-9_");
  EXPECT_EQ(
      call("CreateStage", stage_input(std::string(kMaxStageName + 1, 's'), {{"deploymentId", id}}))
          .status,
      400);
  EXPECT_EQ(
      call("CreateStage", stage_input(std::string(kMaxStageName, 's'), {{"deploymentId", id}}))
          .status,
      201);
}

TEST_F(DeploymentTest, StagesEndAtTheQuota) {
  for (size_t i = 0; i < kMaxStages; ++i) deploy("s" + std::to_string(i));
  EXPECT_EQ(call("CreateDeployment", {{"restApiId", api_}, {"stageName", "more"}}).error(),
            "LimitExceededException");
  EXPECT_EQ(call("CreateDeployment", {{"restApiId", api_}, {"stageName", "s0"}}).status, 201);
}

TEST_F(DeploymentTest, ADeploymentThatIsServedStays) {
  std::string first = deploy();
  std::string second = deploy();
  const auto remove = [this](const std::string& id) {
    return call("DeleteDeployment", {{"restApiId", api_}, {"deploymentId", id}});
  };
  EXPECT_EQ(remove(first).status, 202);
  expect_error(remove(second), 400, "BadRequestException",
               "Active stages pointing to this deployment must be moved or deleted");
}

TEST_F(DeploymentTest, AStageIsPatched) {
  deploy();
  EXPECT_EQ(patch_stage("replace", "/variables/color", "blue").body["variables"],
            (Json{{"color", "blue"}}));
  EXPECT_FALSE(patch_stage("remove", "/variables/color", "").body.contains("variables"));
  EXPECT_EQ(patch_stage("replace", "/tracingEnabled", "true").body["tracingEnabled"], true);
  EXPECT_EQ(patch_stage("replace", "/deploymentId", "fake").message(),
            "Deployment id does not exist");
  for (const char* path : {"/documentation_version", "/tags/tag1"}) {
    CallResult refused = patch_stage("replace", path, "x");
    EXPECT_EQ(refused.status, 400) << path;
    EXPECT_EQ(refused.message().find("Invalid method setting path: " + std::string(path) +
                                     ". Must be one of: [/deploymentId, /description, "),
              0u)
        << refused.text;
    EXPECT_TRUE(refused.message().ends_with("/variables/{variable_name}, /tracingEnabled]"));
  }
}

TEST_F(DeploymentTest, EditsAreInvisibleUntilTheNextDeployment) {
  deploy();
  EXPECT_EQ(emulator_->get(path_to("/tag")).status, 200);
  std::string more = add_resource("more");
  add_method(more, "GET", "show-event");
  EXPECT_EQ(emulator_->get(path_to("/more")).status, 403);
  made("DeleteResource", {{"restApiId", api_}, {"resourceId", tag_}});
  EXPECT_EQ(emulator_->get(path_to("/tag")).status, 200);
  deploy();
  EXPECT_EQ(emulator_->get(path_to("/more")).status, 200);
  EXPECT_EQ(emulator_->get(path_to("/tag")).status, 403);
}

TEST_F(DeploymentTest, AStageGoesBackToAnEarlierDeployment) {
  std::string first = deploy();
  made("DeleteMethod", at(tag_, "GET"));
  add_method(root_, "GET", "show-event");
  deploy();
  EXPECT_EQ(emulator_->get(path_to("/tag")).status, 403);
  EXPECT_EQ(patch_stage("replace", "/deploymentId", first).status, 200);
  EXPECT_EQ(emulator_->get(path_to("/tag")).status, 200);
}

TEST_F(DeploymentTest, ADeletedStageOrApiIsServedNoMore) {
  deploy();
  deploy("test");
  EXPECT_EQ(emulator_->get(path_to("/tag", "test")).status, 200);
  made("DeleteStage", stage_input("test"));
  EXPECT_EQ(emulator_->get(path_to("/tag", "test")).status, 403);
  EXPECT_EQ(emulator_->get(path_to("/tag")).status, 200);
  made("DeleteRestApi", {{"restApiId", api_}});
  EXPECT_EQ(emulator_->get(path_to("/tag")).status, 403);
}

TEST_F(DeploymentTest, ARestartKeepsWhatIsServed) {
  ::paddock::testing::TempDir directory;
  start(TestEmulator::durable_options(directory.path()));
  create_function("show-event");
  create_api();
  add_method(root_, "GET", "show-event");
  deploy();
  made("DeleteMethod", at(root_, "GET"));
  EXPECT_EQ(emulator_->get(path_to("/")).status, 200);
  start(TestEmulator::durable_options(directory.path()));
  EXPECT_EQ(emulator_->get(path_to("/")).status, 200);
  EXPECT_EQ(made("GetStages", {{"restApiId", api_}})["item"].size(), 1u);
  emulator_.reset();  // before its directory
}

TEST_F(DeploymentTest, AResetFreesTheIds) {
  const Json custom = {{"name", "n"}, {"tags", {{"_custom_id_", "pageviews"}}}};
  EXPECT_EQ(made("CreateRestApi", custom)["id"], "pageviews");
  CallResult taken = emulator_->call("apigateway", "CreateRestApi", custom, {"111111111111"});
  expect_error(taken, 409, "ConflictException", "The API identifier is already in use: pageviews");
  deploy();
  ASSERT_EQ(emulator_->post("/_paddock/reset?service=apigateway").status, 200);
  EXPECT_EQ(emulator_->get(path_to("/tag")).status, 403);
  CallResult free = emulator_->call("apigateway", "CreateRestApi", custom, {"111111111111"});
  EXPECT_EQ(free.status, 201) << free.text;
  EXPECT_EQ(free.body["id"], "pageviews");
}

TEST_F(DeploymentTest, ADeletedApiFreesItsId) {
  const Json custom = {{"name", "n"}, {"tags", {{"_custom_id_", "pageviews"}}}};
  made("CreateRestApi", custom);
  made("DeleteRestApi", {{"restApiId", "pageviews"}});
  EXPECT_EQ(made("CreateRestApi", custom)["id"], "pageviews");
}

}  // namespace
}  // namespace paddock::services::apigateway::testing
