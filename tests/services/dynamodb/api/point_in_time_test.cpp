// Point-in-time recovery: a table as it was at any second of its window.
#include <chrono>

#include "core/clock.hpp"
#include "fixture.hpp"
#include "gateway/platform.hpp"

namespace paddock::testing {

using namespace std::chrono_literals;

class PointInTimeTest : public DynamoDbTest {
 protected:
  CallResult set(bool enabled, const Json& more = Json::object()) {
    Json specification = {{"PointInTimeRecoveryEnabled", enabled}};
    specification.update(more);
    return call("UpdateContinuousBackups",
                {{"TableName", "visits"}, {"PointInTimeRecoverySpecification", specification}});
  }
  Json describe() {
    const Json shown = ok("DescribeContinuousBackups", {{"TableName", "visits"}});
    EXPECT_EQ(shown["ContinuousBackupsDescription"]["ContinuousBackupsStatus"], "ENABLED");
    return shown["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"];
  }
  CallResult restore(const std::string& target, const Json& when) {
    Json input = {{"SourceTableName", "visits"}, {"TargetTableName", target}};
    input.update(when);
    const CallResult result = call("RestoreTableToPointInTime", input);
    emulator.wait_idle();
    return result;
  }
  // The table as it was: pk -> v.
  std::map<std::string, std::string> at(const Json& seconds, const std::string& target) {
    const CallResult result = restore(target, {{"RestoreDateTime", seconds}});
    EXPECT_TRUE(result.ok()) << result.text;
    return items(target);
  }
  std::map<std::string, std::string> items(const std::string& table) {
    std::map<std::string, std::string> found;
    const Json items = ok("Scan", {{"TableName", table}})["Items"];
    for (const Json& item : items) found[item["pk"]["S"]] = item["v"]["N"];
    return found;
  }
  void write(const std::string& pk, int v) {
    put("visits", {{"pk", s(pk)}, {"v", n(std::to_string(v))}});
  }
  int64_t now_s() { return emulator.platform().world.now().ms / 1000; }
};

TEST_F(PointInTimeTest, TheSettingIsAnsweredAndDescribed) {
  ok("CreateTable", simple_table("visits"));
  EXPECT_EQ(describe(), Json({{"PointInTimeRecoveryStatus", "DISABLED"}}));
  const CallResult enabled = set(true);
  ASSERT_TRUE(enabled.ok()) << enabled.text;
  const Json shown = describe();
  EXPECT_EQ(enabled.body["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"], shown);
  EXPECT_EQ(shown["PointInTimeRecoveryStatus"], "ENABLED");
  EXPECT_EQ(shown["RecoveryPeriodInDays"], 35);
  EXPECT_EQ(shown["EarliestRestorableDateTime"], shown["LatestRestorableDateTime"]);
  ASSERT_TRUE(set(true, {{"RecoveryPeriodInDays", 7}}).ok());
  EXPECT_EQ(describe()["RecoveryPeriodInDays"], 7);
  expect_invalid(set(false, {{"RecoveryPeriodInDays", 7}}),
                 "Invalid Request: Cannot specify RecoveryPeriodInDays when disabling "
                 "point-in-time recovery.");
  EXPECT_EQ(set(true, {{"RecoveryPeriodInDays", 36}}).error(), "ValidationException");
  ASSERT_TRUE(set(false).ok());
  EXPECT_EQ(describe(), Json({{"PointInTimeRecoveryStatus", "DISABLED"}}));
  ASSERT_TRUE(set(true).ok());
  EXPECT_EQ(describe()["RecoveryPeriodInDays"], 35);
}

TEST_F(PointInTimeTest, TheWindowEndsFiveMinutesAgo) {
  ok("CreateTable", simple_table("visits"));
  ASSERT_TRUE(set(true, {{"RecoveryPeriodInDays", 1}}).ok());
  const double enabled = describe()["EarliestRestorableDateTime"];
  emulator.advance(3min);
  EXPECT_EQ(describe()["LatestRestorableDateTime"], enabled);
  emulator.advance(27min);
  EXPECT_NEAR(describe()["LatestRestorableDateTime"].get<double>(), enabled + 25 * 60, 30);
  EXPECT_EQ(describe()["EarliestRestorableDateTime"], enabled);
  emulator.advance(48h);
  EXPECT_NEAR(describe()["EarliestRestorableDateTime"].get<double>(), enabled + 24.5 * 3600, 60);
}

TEST_F(PointInTimeTest, ATableIsTakenBackToAnyMoment) {
  ok("CreateTable", simple_table("visits"));
  write("old", 1);
  ASSERT_TRUE(set(true).ok());
  emulator.advance(10s);
  const int64_t first = now_s();
  emulator.advance(10s);
  write("old", 2);
  write("new", 1);
  emulator.advance(10s);
  const int64_t second = now_s();
  emulator.advance(10s);
  write("new", 2);
  write("new", 3);
  ok("DeleteItem", {{"TableName", "visits"}, {"Key", {{"pk", s("old")}}}});
  write("last", 1);
  emulator.advance(10s);
  const int64_t third = now_s();
  emulator.advance(10s);
  ok("DeleteItem", {{"TableName", "visits"}, {"Key", {{"pk", s("new")}}}});
  emulator.advance(10min);
  using Items = std::map<std::string, std::string>;
  EXPECT_EQ(at(first, "first"), (Items{{"old", "1"}}));
  EXPECT_EQ(at(second, "second"), (Items{{"old", "2"}, {"new", "1"}}));
  EXPECT_EQ(at(third, "third"), (Items{{"new", "3"}, {"last", "1"}}));
  ASSERT_TRUE(restore("latest", {{"UseLatestRestorableTime", true}}).ok());
  EXPECT_EQ(items("latest"), (Items{{"last", "1"}}));
  EXPECT_EQ(ok("DescribeTable", {{"TableName", "second"}})["Table"]["ItemCount"], 2);
  // The table itself stays as it is.
  EXPECT_EQ(items("visits"), (Items{{"last", "1"}}));
}

TEST_F(PointInTimeTest, TheIndexesAreAsTheyWere) {
  Json table = simple_table("visits");
  table["AttributeDefinitions"].push_back(attribute("v", "N"));
  table["GlobalSecondaryIndexes"] = Json::array({{{"IndexName", "by-v"},
                                                  {"KeySchema", {key("v", "HASH")}},
                                                  {"Projection", {{"ProjectionType", "ALL"}}}}});
  ok("CreateTable", table);
  ASSERT_TRUE(set(true).ok());
  write("a", 1);
  emulator.advance(1s);
  const int64_t moment = now_s();
  emulator.advance(1s);
  write("a", 2);
  emulator.advance(6min);
  at(moment, "copy");
  const auto found = [&](const char* v) {
    return ok("Query", {{"TableName", "copy"},
                        {"IndexName", "by-v"},
                        {"KeyConditionExpression", "v = :v"},
                        {"ExpressionAttributeValues", {{":v", n(v)}}}})["Count"];
  };
  EXPECT_EQ(found("1"), 1);
  EXPECT_EQ(found("2"), 0);
}

TEST_F(PointInTimeTest, TheLatestMomentJustAfterEnablingIsThatOfEnabling) {
  ok("CreateTable", simple_table("visits"));
  write("before", 1);
  ASSERT_TRUE(set(true).ok());
  emulator.advance(1s);
  write("after", 1);
  const CallResult result = restore("copy", {{"UseLatestRestorableTime", true}});
  ASSERT_TRUE(result.ok()) << result.text;
  EXPECT_EQ(result.body["TableDescription"]["RestoreSummary"]["RestoreInProgress"], true);
  EXPECT_EQ(items("copy"), (std::map<std::string, std::string>{{"before", "1"}}));
}

TEST_F(PointInTimeTest, ErrorsComeInAwssOrder) {
  ok("CreateTable", simple_table("visits"));
  const Json latest = {{"UseLatestRestorableTime", true}};
  expect_error(restore("visits", latest), "PointInTimeRecoveryUnavailableException",
               "Point in time recovery is not enabled for table 'visits'");
  expect_invalid(restore("copy", {{"UseLatestRestorableTime", true}, {"RestoreDateTime", 1}}),
                 "Invalid Request: Both RestoreDateTime and UseLatestRestorableTime cannot be set "
                 "for point-in-time restore request. Please specify either RestoreDateTime time or "
                 "UseLatestRestorableTime");
  expect_invalid(restore("copy", Json::object()),
                 "Invalid Request: Either one of RestoreDateTime or UseLatestRestorableTime must "
                 "be specified, but not both");
  ASSERT_TRUE(set(true).ok());
  const CallResult early = restore("visits", {{"RestoreDateTime", now_s() - 3600}});
  EXPECT_EQ(early.error(), "InvalidRestoreTimeException");
  EXPECT_NE(early.message().find("' must be within EarliestRestorableDateTime '"),
            std::string::npos);
  EXPECT_EQ(restore("copy", {{"RestoreDateTime", now_s() + 3600}}).error(),
            "InvalidRestoreTimeException");
  expect_error(restore("visits", latest), "TableAlreadyExistsException",
               "Table already exists: visits");
  Json input = {{"SourceTableName", "none"}, {"TargetTableName", "copy"}};
  input.update(latest);
  expect_error(call("RestoreTableToPointInTime", input), "TableNotFoundException",
               "Table not found: none");
  input["SourceTableArn"] = "arn:aws:dynamodb:us-east-1:000000000000:table/none";
  expect_invalid(call("RestoreTableToPointInTime", input),
                 "Must provide exactly one of: sourceTableArn, sourceTableName");
  for (const char* operation : {"DescribeContinuousBackups", "UpdateContinuousBackups"}) {
    expect_error(call(operation, {{"TableName", "none"},
                                  {"PointInTimeRecoverySpecification",
                                   {{"PointInTimeRecoveryEnabled", true}}}}),
                 "TableNotFoundException", "Table not found: none");
  }
}

TEST_F(PointInTimeTest, WhatIsOlderThanTheWindowIsForgotten) {
  ok("CreateTable", simple_table("visits"));
  ASSERT_TRUE(set(true, {{"RecoveryPeriodInDays", 1}}).ok());
  write("a", 1);
  emulator.advance(1s);
  const int64_t first = now_s();
  emulator.advance(12h);
  write("a", 2);
  emulator.advance(18h);
  EXPECT_EQ(restore("first", {{"RestoreDateTime", first}}).error(), "InvalidRestoreTimeException");
  EXPECT_EQ(at(now_s() - 20 * 3600, "second"), (std::map<std::string, std::string>{{"a", "1"}}));
  // A longer window does not bring it back.
  ASSERT_TRUE(set(true, {{"RecoveryPeriodInDays", 35}}).ok());
  EXPECT_EQ(restore("third", {{"RestoreDateTime", first}}).error(), "InvalidRestoreTimeException");
}

TEST_F(PointInTimeTest, ADeletedTableWithRecoveryStaysAsASystemBackup) {
  ok("CreateTable", simple_table("visits"));
  ASSERT_TRUE(set(true).ok());
  write("a", 1);
  ok("DeleteTable", {{"TableName", "visits"}});
  EXPECT_EQ(ok("ListBackups", {{"TableName", "visits"}})["BackupSummaries"].size(), 0u);
  const Json found =
      ok("ListBackups", {{"TableName", "visits"}, {"BackupType", "SYSTEM"}})["BackupSummaries"];
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0]["BackupName"], "visits$DeletedTableBackup");
  EXPECT_EQ(found[0]["BackupStatus"], "AVAILABLE");
  const std::string arn = found[0]["BackupArn"];
  EXPECT_EQ(arn.substr(arn.size() - 9), "-00000000");
  EXPECT_NEAR(found[0]["BackupExpiryDateTime"].get<double>(),
              found[0]["BackupCreationDateTime"].get<double>() + 35 * 24 * 3600, 1);
  const CallResult refused = call("DeleteBackup", {{"BackupArn", arn}});
  EXPECT_EQ(refused.error(), "ValidationException");
  EXPECT_TRUE(refused.message().starts_with(
      "Invalid Request: User is not allowed to delete the system backup with arn " + arn))
      << refused.message();
  ok("CreateTable", simple_table("visits"));
  EXPECT_EQ(items("visits").size(), 0u);
  ok("RestoreTableFromBackup", {{"BackupArn", arn}, {"TargetTableName", "back"}});
  emulator.wait_idle();
  EXPECT_EQ(items("back"), (std::map<std::string, std::string>{{"a", "1"}}));
  emulator.advance(36 * 24h);
  EXPECT_EQ(call("DescribeBackup", {{"BackupArn", arn}}).error(), "BackupNotFoundException");
}

TEST(DurablePointInTime, TheUndoLogSurvivesARestart) {
  TempDir directory;
  const auto write = [](TestEmulator& emulator, const char* v) {
    const Json item = {{"pk", {{"S", "a"}}}, {"v", {{"N", v}}}};
    ASSERT_TRUE(
        emulator.call("dynamodb", "PutItem", {{"TableName", "visits"}, {"Item", item}}).ok());
  };
  int64_t moment = 0;
  {
    TestEmulator emulator(TestEmulator::durable_options(directory.path()));
    const Json table = {
        {"TableName", "visits"},
        {"AttributeDefinitions", Json::array({{{"AttributeName", "pk"}, {"AttributeType", "S"}}})},
        {"KeySchema", Json::array({{{"AttributeName", "pk"}, {"KeyType", "HASH"}}})},
        {"BillingMode", "PAY_PER_REQUEST"}};
    ASSERT_TRUE(emulator.call("dynamodb", "CreateTable", table).ok());
    const Json on = {{"PointInTimeRecoveryEnabled", true}};
    ASSERT_TRUE(emulator
                    .call("dynamodb", "UpdateContinuousBackups",
                          {{"TableName", "visits"}, {"PointInTimeRecoverySpecification", on}})
                    .ok());
    write(emulator, "1");
    emulator.advance(2s);
    moment = emulator.platform().world.now().ms / 1000;
    emulator.advance(2s);
    write(emulator, "2");
  }
  TestEmulator emulator(TestEmulator::durable_options(directory.path()));
  emulator.advance(2s);
  write(emulator, "3");
  emulator.advance(10min);
  const Json input = {
      {"SourceTableName", "visits"}, {"TargetTableName", "copy"}, {"RestoreDateTime", moment}};
  const CallResult result = emulator.call("dynamodb", "RestoreTableToPointInTime", input);
  ASSERT_TRUE(result.ok()) << result.text;
  emulator.wait_idle();
  const Json found = emulator.call("dynamodb", "Scan", {{"TableName", "copy"}}).body;
  ASSERT_EQ(found["Count"], 1);
  EXPECT_EQ(found["Items"][0]["v"]["N"], "1");
}

}  // namespace paddock::testing
