// What CloudWatch Logs keeps beside groups, streams and events.
#include <gtest/gtest.h>

#include "support/test_emulator.hpp"

namespace paddock::services::logs {
namespace records_test {

using ::paddock::testing::CallResult;
using ::paddock::testing::TestEmulator;

class RecordsTest : public ::testing::Test {
 protected:
  Json made(const std::string& operation, const Json& input) {
    const CallResult result = emulator_.call("logs", operation, input);
    EXPECT_EQ(result.status, 200) << operation << ": " << result.text;
    return result.body.is_object() ? result.body : Json::object();
  }
  std::string refusal(const std::string& operation, const Json& input) {
    const CallResult result = emulator_.call("logs", operation, input);
    return result.error() + ": " + result.message();
  }
  Json group() { return made("DescribeLogGroups", Json::object())["logGroups"][0]; }

  TestEmulator emulator_;
};

TEST_F(RecordsTest, ResourcePoliciesAreKeptByName) {
  const std::string document = R"({"Version":"2012-10-17","Statement":[]})";
  const Json put = made("PutResourcePolicy", {{"policyName", "p"}, {"policyDocument", document}});
  EXPECT_EQ(put["resourcePolicy"]["policyName"], "p");
  EXPECT_EQ(put["resourcePolicy"]["policyDocument"], document);
  EXPECT_TRUE(put["resourcePolicy"]["lastUpdatedTime"].is_number());
  const Json found = made("DescribeResourcePolicies", Json::object());
  EXPECT_EQ(found["resourcePolicies"], Json::array({put["resourcePolicy"]}));
  made("DeleteResourcePolicy", {{"policyName", "p"}});
  EXPECT_EQ(refusal("DeleteResourcePolicy", {{"policyName", "p"}}),
            "ResourceNotFoundException: Policy with name [p] does not exist.");
}

TEST_F(RecordsTest, AnAccountHasTenResourcePoliciesAtMost) {
  for (int i = 0; i < 10; ++i) {
    made("PutResourcePolicy", {{"policyName", std::to_string(i)}, {"policyDocument", "{}"}});
  }
  EXPECT_EQ(refusal("PutResourcePolicy", {{"policyName", "x"}, {"policyDocument", "{}"}}),
            "LimitExceededException: Resource limit exceeded.");
  made("PutResourcePolicy", {{"policyName", "3"}, {"policyDocument", "{ }"}});
  const Json page = made("DescribeResourcePolicies", {{"limit", 4}});
  EXPECT_EQ(page["resourcePolicies"].size(), 4u);
  EXPECT_EQ(made("DescribeResourcePolicies", {{"nextToken", page["nextToken"]}})["resourcePolicies"]
                .size(),
            6u);
}

TEST_F(RecordsTest, DestinationsAreKeptByName) {
  const Json input = {{"destinationName", "d"},
                      {"targetArn", "arn:aws:kinesis:us-east-1:000000000000:stream/s"},
                      {"roleArn", "arn:aws:iam::000000000000:role/r"}};
  const Json put = made("PutDestination", input)["destination"];
  EXPECT_EQ(put["arn"], "arn:aws:logs:us-east-1:000000000000:destination:d");
  EXPECT_EQ(put["targetArn"], input["targetArn"]);
  EXPECT_FALSE(put.contains("accessPolicy"));
  made("PutDestinationPolicy", {{"destinationName", "d"}, {"accessPolicy", "{}"}});
  const Json found = made("DescribeDestinations", {{"DestinationNamePrefix", "d"}});
  ASSERT_EQ(found["destinations"].size(), 1u);
  EXPECT_EQ(found["destinations"][0]["accessPolicy"], "{}");
  EXPECT_EQ(found["destinations"][0]["creationTime"], put["creationTime"]);
  made("DeleteDestination", {{"destinationName", "d"}});
  EXPECT_EQ(refusal("DeleteDestination", {{"destinationName", "d"}}),
            "ResourceNotFoundException: The specified destination does not exist.");
  EXPECT_EQ(made("DescribeDestinations", Json::object())["destinations"], Json::array());
}

TEST_F(RecordsTest, AProtectedGroupStays) {
  made("CreateLogGroup", {{"logGroupName", "g"}});
  EXPECT_EQ(group()["deletionProtectionEnabled"], false);
  made("PutLogGroupDeletionProtection",
       {{"logGroupIdentifier", "arn:aws:logs:us-east-1:000000000000:log-group:g"},
        {"deletionProtectionEnabled", true}});
  EXPECT_EQ(group()["deletionProtectionEnabled"], true);
  EXPECT_TRUE(
      refusal("DeleteLogGroup", {{"logGroupName", "g"}}).starts_with("ValidationException"));
  made("PutLogGroupDeletionProtection",
       {{"logGroupIdentifier", "g"}, {"deletionProtectionEnabled", false}});
  made("DeleteLogGroup", {{"logGroupName", "g"}});
}

TEST_F(RecordsTest, AKeyIsKeptWithItsGroup) {
  made("CreateLogGroup", {{"logGroupName", "g"}});
  const std::string key = "arn:aws:kms:us-east-1:000000000000:key/k";
  made("AssociateKmsKey", {{"logGroupName", "g"}, {"kmsKeyId", key}});
  EXPECT_EQ(group()["kmsKeyId"], key);
  made("DisassociateKmsKey",
       {{"resourceIdentifier", "arn:aws:logs:us-east-1:000000000000:log-group:g"}});
  EXPECT_FALSE(group().contains("kmsKeyId"));
  EXPECT_EQ(emulator_
                .call("logs", "AssociateKmsKey",
                      {{"resourceIdentifier", "arn:aws:logs:us-east-1:000000000000:query-result:*"},
                       {"kmsKeyId", key}})
                .status,
            501);
}

TEST_F(RecordsTest, GroupsAreListedByPartsOfTheirNames) {
  for (const char* name : {"/aws/lambda/f", "/aws/lambda/g", "/web/aws"}) {
    made("CreateLogGroup", {{"logGroupName", name}});
  }
  const auto names = [this](const Json& input) {
    std::string text;
    const Json found = made("ListLogGroups", input)["logGroups"];
    for (const Json& one : found) text += one.at("logGroupName").get<std::string>() + " ";
    return text;
  };
  EXPECT_EQ(names({{"logGroupNamePattern", "/aws"}}), "/aws/lambda/f /aws/lambda/g /web/aws ");
  EXPECT_EQ(names({{"logGroupNamePattern", "^/aws"}}), "/aws/lambda/f /aws/lambda/g ");
  EXPECT_EQ(names({{"logGroupNamePattern", "da/g|^/web"}}), "/aws/lambda/g /web/aws ");
  EXPECT_EQ(names({{"logGroupClass", "DELIVERY"}}), "");
  const Json first = made("ListLogGroups", {{"limit", 2}});
  EXPECT_EQ(first["logGroups"][0],
            Json({{"logGroupName", "/aws/lambda/f"},
                  {"logGroupArn", "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/f"},
                  {"logGroupClass", "STANDARD"}}));
  EXPECT_EQ(names({{"nextToken", first["nextToken"]}}), "/web/aws ");
}

TEST_F(RecordsTest, WhatIsNotEmulatedNamesItself) {
  for (const char* operation : {"StartQuery", "CreateExportTask", "DescribeQueryDefinitions",
                                "GetLogRecord", "GetLogGroupFields"}) {
    const CallResult result = emulator_.call("logs", operation, Json::object());
    EXPECT_EQ(result.status, 501) << operation;
    EXPECT_NE(result.message().find(operation), std::string::npos) << result.message();
  }
  const CallResult linked =
      emulator_.call("logs", "DescribeLogGroups", {{"includeLinkedAccounts", true}});
  EXPECT_EQ(linked.status, 501);
}

}  // namespace records_test
}  // namespace paddock::services::logs
