// Test invocations and their logs, and what stands between a request and its count.
#include <gmock/gmock.h>

#include "services/apigateway/policy_document.hpp"
#include "services/apigateway/usage_counters.hpp"
#include "storage/realms.hpp"
#include "tests/services/apigateway/data_plane_fixture.hpp"

namespace paddock::services::apigateway::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class TestInvokeTest : public DataPlaneTest {
 protected:
  // The lines of a log without their times and the request's id.
  std::vector<std::string> lines_of(const std::string& log) {
    std::vector<std::string> lines;
    for (std::string_view line : split(log, '\n')) {
      const size_t colon = line.find(" : ");
      lines.emplace_back(colon == std::string_view::npos ? line : line.substr(colon + 3));
    }
    return lines;
  }
  Json invoke(const std::string& resource, const Json& more = Json::object()) {
    return made("TestInvokeMethod", at(resource, "GET", more));
  }
};

TEST_F(TestInvokeTest, AMethodIsTriedWithoutADeployment) {
  const std::string pet = add_resource("{petId}", add_resource("pets"));
  add_mock(pet, "GET", "{\"petId\": \"$input.params('petId')\"}");
  Json answer = invoke(pet, {{"pathWithQueryString", "/pets/123?foo=bar"}});
  EXPECT_EQ(answer["status"], 200);
  EXPECT_EQ(answer["body"], "{\"petId\": \"123\"}");
  EXPECT_EQ(answer["headers"], (Json{{"Content-Type", "application/json"}}));
  EXPECT_EQ(answer["multiValueHeaders"], (Json{{"Content-Type", {"application/json"}}}));
  EXPECT_TRUE(answer["latency"].is_number());
  const auto lines = lines_of(answer["log"]);
  ASSERT_EQ(lines.size(), 12u) << answer["log"];
  EXPECT_THAT(lines[0], HasSubstr("Execution log for request "));
  EXPECT_THAT(lines[1], HasSubstr("Starting execution for request: "));
  EXPECT_THAT(
      std::vector<std::string>(lines.begin() + 2, lines.end()),
      ElementsAre("HTTP Method: GET, Resource Path: /pets/123", "Method request path: {petId=123}",
                  "Method request query string: {foo=bar}", "Method request headers: {}",
                  "Method request body before transformations: ",
                  "Method response body after transformations: {\"petId\": \"123\"}",
                  "Method response headers: {Content-Type=application/json}",
                  "Successfully completed execution", "Method completed with status: 200", ""));
  // A path that is not the resource's is used all the same, without parameters.
  EXPECT_EQ(invoke(pet, {{"pathWithQueryString", "/random/test"}})["body"], "{\"petId\": \"\"}");
  EXPECT_EQ(invoke(pet)["body"], "{\"petId\": \"{petId}\"}");
}

TEST_F(TestInvokeTest, AFunctionsCallIsLogged) {
  create_function("as-told");
  add_method(root_, "POST", "as-told");
  Json answer = made("TestInvokeMethod",
                     at(root_, "POST", {{"body", R"({"statusCode": 201, "body": "made"})"}}));
  EXPECT_EQ(answer["status"], 201);
  EXPECT_EQ(answer["body"], "made");
  const std::string log = answer["log"];
  for (const char* line :
       {"Endpoint request URI: https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/arn:",
        "Endpoint request headers: {", "Endpoint request body after transformations: {",
        "Sending request to https://",
        "Received response. Status: 200, Integration latency: ", "Endpoint response headers: {",
        "Endpoint response body before transformations: {\"statusCode\": 201"}) {
    EXPECT_THAT(log, HasSubstr(line));
  }
}

TEST_F(TestInvokeTest, AFailureSaysWhyInTheLogAlone) {
  add(root_, "GET", {{"type", "HTTP"}, {"integrationHttpMethod", "GET"}, {"uri", "http://:1"}});
  add_response(root_, "GET", "200");
  Json answer = invoke(root_);
  EXPECT_EQ(answer["status"], 500);
  EXPECT_EQ(answer["body"], R"({"message":"Internal server error"})");
  EXPECT_EQ(answer["headers"], (Json{{"x-amzn-ErrorType", "InternalServerErrorException"}}));
  const auto lines = lines_of(answer["log"]);
  ASSERT_GE(lines.size(), 3u);
  EXPECT_EQ(lines[lines.size() - 2], "Method completed with status: 500");
  EXPECT_THAT(answer["log"].get<std::string>(), HasSubstr("Execution failed due to "));
}

TEST_F(TestInvokeTest, AnAuthorizerIsTried) {
  create_function("authorizer");
  const std::string id =
      made("CreateAuthorizer", {{"restApiId", api_},
                                {"name", "auth"},
                                {"type", "TOKEN"},
                                {"authorizerUri", uri_of("authorizer")},
                                {"identitySource", "method.request.header.Auth"}})["id"];
  Json answer = made("TestInvokeAuthorizer",
                     {{"restApiId", api_}, {"authorizerId", id}, {"headers", {{"Auth", "allow"}}}});
  EXPECT_EQ(answer["clientStatus"], 200);
  EXPECT_EQ(answer["principalId"], "me");
  EXPECT_EQ(Json::parse(answer["policy"].get<std::string>())["Statement"][0]["Effect"], "Allow");
  EXPECT_EQ(
      made("TestInvokeAuthorizer", {{"restApiId", api_}, {"authorizerId", id}})["clientStatus"],
      401);
}

TEST(PolicyDocument, AnExplicitDenyBeatsAnAllow) {
  const Json allow = {{"Effect", "Allow"}, {"Action", "*"}, {"Resource", {"arn:*/Prod/GET/a?"}}};
  const Json deny = {
      {"Effect", "Deny"}, {"Action", {"execute-api:Invoke"}}, {"Resource", "arn:*/ab"}};
  const Json policy = {{"Statement", {allow, deny}}};
  EXPECT_EQ(decide(policy, "arn:x/Prod/GET/ac", "::1"), Decision::allowed);
  EXPECT_EQ(decide(policy, "arn:x/Prod/GET/ab", "::1"), Decision::denied);
  EXPECT_EQ(decide(policy, "arn:x/Prod/GET/a", "::1"), Decision::none);
  EXPECT_EQ(decide({{"Statement", allow}}, "arn:x/Prod/GET/ac", ""), Decision::allowed);
  EXPECT_EQ(decide(Json(), "arn:x", ""), Decision::none);
  const Json other = {{"Effect", "Allow"}, {"Action", "s3:*"}, {"Resource", "*"}};
  EXPECT_EQ(decide({{"Statement", other}}, "arn:x", ""), Decision::none);
}

TEST(TokenBuckets, FillByWorldTime) {
  TokenBuckets buckets;
  Throttle throttle;
  throttle.rate_per_second = 2;
  throttle.burst = 3;
  const auto taken = [&](int64_t ms) {
    int count = 0;
    while (buckets.take("a", throttle, WorldTime{ms})) ++count;
    return count;
  };
  EXPECT_EQ(taken(0), 3);
  EXPECT_EQ(taken(500), 1);
  EXPECT_EQ(taken(60'000), 3);
  EXPECT_TRUE(buckets.take("b", throttle, WorldTime{0}));
  EXPECT_TRUE(buckets.take("c", Throttle(), WorldTime{0}));
}

TEST(Quota, PeriodsBeginAtTheirFirstDay) {
  // 20 November 2026, a Friday.
  const int64_t day = from_civil(2026, 11, 20, 0, 0, 0) / 86'400'000;
  EXPECT_EQ(period_start("DAY", day), day);
  EXPECT_EQ(period_start("WEEK", day), day - 5);
  EXPECT_EQ(period_start("MONTH", day), day - 19);
}

class UsageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    realm_ = emulator_.platform().realms.get("apigateway", "000000000000", "us-east-1")->id;
    plan_.plan = "plan";
    plan_.key = "key";
    plan_.quota = Quota{3, 1, "DAY"};
  }
  bool counted(DurableUsage& usage) {
    storage::Batch batch;
    const bool passed = usage.count(batch, realm_, plan_);
    if (passed) emulator_.platform().database.commit(batch);
    return passed;
  }
  int64_t today() { return emulator_.platform().world.now().ms / 86'400'000; }

  TestEmulator emulator_;
  RealmId realm_ = 0;
  PlanOfKey plan_;
};

TEST_F(UsageTest, AQuotaHoldsForItsPeriodAndSurvivesTheProcess) {
  DurableUsage usage(emulator_.platform().database, emulator_.platform().world);
  // The offset is taken off the first period.
  EXPECT_TRUE(counted(usage));
  EXPECT_TRUE(counted(usage));
  EXPECT_FALSE(counted(usage));
  DurableUsage other(emulator_.platform().database, emulator_.platform().world);
  EXPECT_FALSE(counted(other));
  storage::Batch batch;
  other.set_remaining(batch, realm_, plan_, 1);
  emulator_.platform().database.commit(batch);
  EXPECT_TRUE(counted(other));
  const auto days = other.days(realm_, plan_, today() - 1, today());
  ASSERT_EQ(days.size(), 2u);
  EXPECT_EQ(days[1].used, 3);
  EXPECT_EQ(days[1].remaining, 0);
  emulator_.advance(std::chrono::hours(24));
  EXPECT_TRUE(counted(other));
  EXPECT_EQ(other.days(realm_, plan_, today(), today())[0].remaining, 2);
}

TEST_F(UsageTest, WhatIsForgottenCountsAnew) {
  DurableUsage usage(emulator_.platform().database, emulator_.platform().world);
  plan_.quota->offset = 0;
  while (counted(usage)) {
  }
  storage::Batch batch;
  usage.forget(batch, realm_, "plan", "key");
  emulator_.platform().database.commit(batch);
  EXPECT_TRUE(counted(usage));
}

TEST_F(UsageTest, RowsAreReadInBothVersions) {
  plan_.quota->offset = 0;
  storage::Database& database = emulator_.platform().database;
  const storage::Key key = storage::Key(realm_, kUsageKind).text("plan").text("key").i64(today());
  // Two requests, one more is left; the first version does not know of how many.
  const std::string first("\x01\0\0\0\0\0\0\0\x02\x80\0\0\0\0\0\0\x01", 17);
  const std::string second = '\x02' + first.substr(1) + std::string("\x80\0\0\0\0\0\0\x03", 8);
  for (const std::string& row : {first, second}) {
    storage::Batch batch;
    batch.put(storage::Family::meta, key, row);
    database.commit(batch);
    DurableUsage usage(database, emulator_.platform().world);
    const DayOfUsage day = usage.days(realm_, plan_, today(), today())[0];
    EXPECT_EQ(day.used, 2);
    EXPECT_EQ(day.remaining, 1);
    EXPECT_TRUE(counted(usage));
    EXPECT_EQ(*database.get(storage::Family::meta, key),
              std::string("\x02\0\0\0\0\0\0\0\x03\x80\0\0\0\0\0\0\0\x80\0\0\0\0\0\0\x03", 25));
  }
}

}  // namespace
}  // namespace paddock::services::apigateway::testing
