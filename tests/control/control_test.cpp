// /_paddock/…, /_localstack/… and the page at /.
#include <set>

#include <gtest/gtest.h>

#include "core/activity.hpp"
#include "support/test_emulator.hpp"

namespace paddock::testing {
namespace {

Json table(const std::string& name) {
  return {{"TableName", name},
          {"BillingMode", "PAY_PER_REQUEST"},
          {"KeySchema", {{{"AttributeName", "id"}, {"KeyType", "HASH"}}}},
          {"AttributeDefinitions", {{{"AttributeName", "id"}, {"AttributeType", "S"}}}}};
}

Json tables(TestEmulator& emulator, const As& as = {}) {
  return emulator.call("dynamodb", "ListTables", {}, as).body["TableNames"];
}

class ControlPaths : public ::testing::Test {
 protected:
  TestEmulator emulator_;
};

TEST_F(ControlPaths, HealthAndReadyAnswer) {
  EXPECT_EQ(emulator_.get("/_paddock/health").body["status"], "ok");
  EXPECT_EQ(emulator_.get("/_paddock/ready").body["ready"], true);
}

TEST_F(ControlPaths, LocalstackHealthKeepsItsSpacing) {
  auto fresh = emulator_.get("/_localstack/health");
  EXPECT_NE(fresh.text.find("\"dynamodb\": \"available\""), std::string::npos) << fresh.text;
  EXPECT_NE(fresh.text.find("\"edition\": \"community\""), std::string::npos);
  EXPECT_TRUE(fresh.text.starts_with("{\"services\": {"));
  tables(emulator_);
  EXPECT_NE(emulator_.get("/_localstack/health").text.find("\"dynamodb\": \"running\""),
            std::string::npos);
  EXPECT_EQ(emulator_.request("HEAD", "/_localstack/health", {}).status, 200);
}

TEST_F(ControlPaths, ResetDropsEverything) {
  ASSERT_TRUE(emulator_.call("dynamodb", "CreateTable", table("things")).ok());
  ASSERT_TRUE(emulator_.call("apigateway", "CreateRestApi", {{"name", "x"}}).ok());
  EXPECT_EQ(emulator_.post("/_paddock/reset").status, 200);
  EXPECT_EQ(tables(emulator_), Json::array());
  EXPECT_EQ(emulator_.call("apigateway", "GetRestApis").body["item"], Json::array());
  ASSERT_TRUE(emulator_.call("dynamodb", "CreateTable", table("things")).ok());
}

TEST_F(ControlPaths, ResetOfAnAccountOrServiceLeavesTheRest) {
  As other{"111122223333"};
  ASSERT_TRUE(emulator_.call("dynamodb", "CreateTable", table("mine")).ok());
  ASSERT_TRUE(emulator_.call("dynamodb", "CreateTable", table("theirs"), other).ok());
  ASSERT_TRUE(emulator_.call("apigateway", "CreateRestApi", {{"name", "x"}}, other).ok());
  emulator_.post("/_paddock/reset?account=111122223333&service=dynamodb");
  EXPECT_EQ(tables(emulator_), Json::array({"mine"}));
  EXPECT_EQ(tables(emulator_, other), Json::array());
  EXPECT_EQ(emulator_.call("apigateway", "GetRestApis", {}, other).body["item"].size(), 1u);
  auto unknown = emulator_.post("/_paddock/reset?service=nope");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_NE(unknown.text.find("nope"), std::string::npos);
}

TEST_F(ControlPaths, LocalstackResetIsAnAlias) {
  ASSERT_TRUE(emulator_.call("dynamodb", "CreateTable", table("things")).ok());
  EXPECT_EQ(emulator_.post("/_localstack/state/reset").status, 200);
  EXPECT_EQ(tables(emulator_), Json::array());
}

TEST_F(ControlPaths, ClockFreezesAdvancesAndSpeedsUp) {
  Json frozen = emulator_.post("/_paddock/clock", {{"freeze", true}}).body;
  EXPECT_EQ(frozen["frozen"], true);
  int64_t before = frozen["now_ms"];
  Json later = emulator_.post("/_paddock/clock", {{"advance", "90m"}}).body;
  EXPECT_EQ(later["now_ms"].get<int64_t>() - before, 90 * 60 * 1000);
  EXPECT_EQ(later["quiet"], true);
  EXPECT_EQ(emulator_.get("/_paddock/clock").body["now_ms"], later["now_ms"]);
  EXPECT_EQ(emulator_.post("/_paddock/clock", {{"speed", 60}}).body["speed"], 60);
}

TEST_F(ControlPaths, ClockRefusesWhatItDoesNotKnow) {
  for (Json body : {Json{{"advnce", "5m"}}, Json{{"advance", "5 minutes"}},
                    Json{{"advance_ms", -1}}, Json{{"to", "tomorrow"}}, Json{{"speed", -1}}}) {
    auto result = emulator_.post("/_paddock/clock", body);
    EXPECT_EQ(result.status, 400) << body;
    EXPECT_FALSE(result.body["error"].get<std::string>().empty());
  }
}

TEST(Clock, KeepsItsPlaceOverARestart) {
  TempDir directory;
  int64_t before = 0;
  {
    TestEmulator emulator(TestEmulator::durable_options(directory.path()));
    emulator.post("/_paddock/clock", {{"freeze", true}});
    before = emulator.post("/_paddock/clock", {{"advance", "30d"}}).body["now_ms"];
  }
  TestEmulator emulator(TestEmulator::durable_options(directory.path()));
  Json clock = emulator.get("/_paddock/clock").body;
  EXPECT_EQ(clock["now_ms"], before);
  EXPECT_EQ(clock["frozen"], true);
}

TEST_F(ControlPaths, CoverageNamesEveryOperationOfTheModels) {
  Json apis = emulator_.get("/_paddock/coverage").body["apis"];
  ASSERT_GE(apis.size(), 7u);
  std::set<std::string> names;
  for (const auto& api : apis) {
    EXPECT_TRUE(names.insert(api["api"]).second) << api["api"] << " is there twice";
    EXPECT_EQ(api["of"], api["operations"].size());
    EXPECT_GT(api["built"].get<int>(), 0) << api["api"];
    for (const auto& [name, row] : api["operations"].items()) {
      if (row["fidelity"] == "none") continue;
      EXPECT_NE(row["action"].get<std::string>().find(':'), std::string::npos)
          << api["api"] << "." << name << " names no IAM action";
      if (row["fidelity"] == "partial") {
        EXPECT_FALSE(row["reason"].get<std::string>().empty()) << name;
      }
    }
  }
}

TEST_F(ControlPaths, ResourcesShowWhatIsDeployedWhere) {
  As eu{"111122223333", "eu-west-1"};
  ASSERT_TRUE(emulator_.call("dynamodb", "CreateTable", table("things"), eu).ok());
  ASSERT_TRUE(emulator_.call("logs", "CreateLogGroup", {{"logGroupName", "/app"}}, eu).ok());
  std::set<std::string> arns;
  Json realms = emulator_.get("/_paddock/resources").body["realms"];
  for (const auto& realm : realms) {
    EXPECT_EQ(realm["account"], "111122223333");
    for (const auto& arn : realm["resources"]) arns.insert(arn.get<std::string>());
  }
  EXPECT_EQ(arns, (std::set<std::string>{"arn:aws:dynamodb:eu-west-1:111122223333:table/things",
                                         "arn:aws:logs:eu-west-1:111122223333:log-group:/app"}));
}

TEST_F(ControlPaths, TimelineShowsCallsWithTheirOutcome) {
  auto missing = emulator_.call("dynamodb", "DescribeTable", {{"TableName", "none-here"}});
  Json events = emulator_.get("/_paddock/timeline?kind=call").body["Events"];
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.back()["What"], "dynamodb:DescribeTable");
  EXPECT_EQ(events.back()["Outcome"], "ResourceNotFoundException");
  EXPECT_EQ(events.back()["RequestId"], missing.headers.get("x-amzn-requestid"));
}

TEST_F(ControlPaths, MetricsAreInPrometheusForm) {
  tables(emulator_);
  auto metrics = emulator_.get("/_paddock/metrics");
  EXPECT_NE(metrics.text.find("paddock_calls_total{api=\"dynamodb\",operation=\"ListTables\"} 1\n"),
            std::string::npos)
      << metrics.text;
}

TEST(Snapshot, OpensAsAnotherEmulator) {
  TempDir directory;
  TestEmulator emulator(TestEmulator::durable_options(directory.path() + "/data"));
  ASSERT_TRUE(emulator.call("dynamodb", "CreateTable", table("before")).ok());
  std::string copy = directory.path() + "/copy";
  ASSERT_EQ(emulator.post("/_paddock/snapshot", {{"path", copy}}).status, 200);
  ASSERT_TRUE(emulator.call("dynamodb", "CreateTable", table("later")).ok());
  TestEmulator fork(TestEmulator::durable_options(copy));
  EXPECT_EQ(tables(fork), Json::array({"before"}));
  EXPECT_EQ(emulator.post("/_paddock/snapshot", {{"path", copy}}).status, 400)
      << "an existing folder is not overwritten";
}

TEST_F(ControlPaths, ABrowserGetsAPageAndCurlGetsLinks) {
  http::Headers browser;
  browser.add("Accept", "text/html,application/xhtml+xml");
  auto page = emulator_.request("GET", "/", browser);
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(page.headers.get("content-type").starts_with("text/html"));
  EXPECT_EQ(emulator_.get("/").body["coverage"], "/_paddock/coverage");
}

TEST_F(ControlPaths, UnknownPathsAreNotFoundNeverSomethingElse) {
  for (const char* path : {"/_paddock/nope", "/_localstack/nope", "/_localstack/init/nope"}) {
    EXPECT_EQ(emulator_.get(path).status, 404) << path;
  }
}

TEST_F(ControlPaths, IdleNamesWhatIsStillActive) {
  EXPECT_EQ(emulator_.post("/_paddock/idle").body["quiet"], true);
  auto activity = emulator_.platform().activities.begin("lesson");
  auto busy = emulator_.post("/_paddock/idle?timeout_ms=1");
  EXPECT_EQ(busy.status, 504);
  EXPECT_NE(busy.text.find("lesson"), std::string::npos) << busy.text;
}

}  // namespace
}  // namespace paddock::testing
