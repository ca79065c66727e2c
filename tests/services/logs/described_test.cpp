// Groups and streams as AWS describes them, and its words for limits; all as recorded from AWS.
#include <gtest/gtest.h>

#include "support/test_emulator.hpp"

namespace paddock::services::logs {
namespace described_test {

using ::paddock::testing::CallResult;
using ::paddock::testing::TestEmulator;

class DescribedTest : public ::testing::Test {
 protected:
  Json made(const std::string& operation, const Json& input) {
    const CallResult result = emulator_.call("logs", operation, input);
    EXPECT_EQ(result.status, 200) << operation << ": " << result.text;
    return result.body.is_object() ? result.body : Json::object();
  }
  std::string refusal(const std::string& operation, const Json& input) {
    const CallResult result = emulator_.call("logs", operation, input);
    EXPECT_EQ(result.status, 400);
    return result.error() + ": " + result.message();
  }
  // Without its time of creation, which is a number.
  static Json timeless(Json described) {
    EXPECT_TRUE(described["creationTime"].is_number());
    described.erase("creationTime");
    return described;
  }

  static constexpr const char* kArn = "arn:aws:logs:us-east-1:000000000000:log-group:g";
  TestEmulator emulator_;
};

TEST_F(DescribedTest, AGroupHasTheMembersThatAwsShows) {
  const std::string key = "arn:aws:kms:us-east-1:000000000000:key/k";
  made("CreateLogGroup", {{"logGroupName", "g"}, {"kmsKeyId", key}});
  Json expected = {{"arn", std::string(kArn) + ":*"},
                   {"deletionProtectionEnabled", false},
                   {"kmsKeyId", key},
                   {"logGroupArn", kArn},
                   {"logGroupClass", "STANDARD"},
                   {"logGroupName", "g"},
                   {"metricFilterCount", 0},
                   {"storedBytes", 0}};
  const Json all = made("DescribeLogGroups", {{"logGroupNamePrefix", "g"}});
  ASSERT_EQ(all["logGroups"].size(), 1u);
  EXPECT_FALSE(all.contains("nextToken"));
  EXPECT_EQ(timeless(all["logGroups"][0]), expected);
  // A search by pattern shows less.
  expected.erase("deletionProtectionEnabled");
  expected.erase("storedBytes");
  const Json found = made("DescribeLogGroups", {{"logGroupNamePattern", "g"}});
  EXPECT_EQ(timeless(found["logGroups"][0]), expected);
  EXPECT_EQ(made("DescribeLogGroups", {{"logGroupNamePattern", "none"}})["logGroups"],
            Json::array());
}

TEST_F(DescribedTest, AStreamHasTheMembersThatAwsShows) {
  made("CreateLogGroup", {{"logGroupName", "g"}});
  made("CreateLogStream", {{"logGroupName", "g"}, {"logStreamName", "s"}});
  const Json expected = {
      {"arn", std::string(kArn) + ":log-stream:s"}, {"logStreamName", "s"}, {"storedBytes", 0}};
  for (const Json& input : {Json{{"logGroupName", "g"}}, Json{{"logGroupIdentifier", "g"}},
                            Json{{"logGroupIdentifier", kArn}}}) {
    const Json found = made("DescribeLogStreams", input);
    ASSERT_EQ(found["logStreams"].size(), 1u) << input;
    EXPECT_EQ(timeless(found["logStreams"][0]), expected);
  }
  EXPECT_EQ(refusal("DescribeLogStreams", {{"logGroupName", "g"}, {"logGroupIdentifier", kArn}}),
            "ValidationException: LogGroup name and LogGroup ARN are mutually exclusive "
            "parameters.");
}

TEST_F(DescribedTest, APageHas10000EventsAtMost) {
  const std::string message =
      "InvalidParameterException: 1 validation error detected: Value '10001' at 'limit' failed to "
      "satisfy constraint: Member must have value less than or equal to 10000";
  EXPECT_EQ(
      refusal("GetLogEvents", {{"logGroupName", "g"}, {"logStreamName", "s"}, {"limit", 10001}}),
      message);
  EXPECT_EQ(refusal("FilterLogEvents", {{"logGroupName", "g"}, {"limit", 10001}}), message);
}

TEST_F(DescribedTest, WhatIsNotThereIsNamedFromTheOutside) {
  const Json events = {{{"timestamp", 1}, {"message", "x"}}};
  const Json put = {{"logGroupName", "g"}, {"logStreamName", "s"}, {"logEvents", events}};
  const std::string no_group = "ResourceNotFoundException: The specified log group does not exist.";
  const std::string no_stream =
      "ResourceNotFoundException: The specified log stream does not exist.";
  EXPECT_EQ(refusal("PutLogEvents", put), no_group);
  made("CreateLogGroup", {{"logGroupName", "g"}});
  EXPECT_EQ(refusal("PutLogEvents", put), no_stream);
  EXPECT_EQ(refusal("FilterLogEvents", {{"logGroupName", "g"}, {"logStreamNames", {"s"}}}),
            no_stream);
}

TEST_F(DescribedTest, TagsAreTheSameThroughBothFamiliesOfOperations) {
  made("CreateLogGroup", {{"logGroupName", "g"}, {"tags", {{"env", "testing1"}}}});
  const auto tags = [this] {
    const Json old = made("ListTagsLogGroup", {{"logGroupName", "g"}});
    EXPECT_EQ(made("ListTagsForResource", {{"resourceArn", kArn}}), old);
    return old["tags"];
  };
  EXPECT_EQ(tags(), Json({{"env", "testing1"}}));
  made("TagResource", {{"resourceArn", kArn}, {"tags", {{"test1", "val1"}, {"test2", "val2"}}}});
  made("TagLogGroup", {{"logGroupName", "g"}, {"tags", {{"test3", "val3"}}}});
  EXPECT_EQ(tags(),
            Json({{"env", "testing1"}, {"test1", "val1"}, {"test2", "val2"}, {"test3", "val3"}}));
  made("UntagLogGroup", {{"logGroupName", "g"}, {"tags", {"test1"}}});
  made("UntagResource", {{"resourceArn", kArn}, {"tagKeys", {"env", "test3"}}});
  EXPECT_EQ(tags(), Json({{"test2", "val2"}}));
}

}  // namespace described_test
}  // namespace paddock::services::logs
