// Backups on demand, and restoring from them.
#include <chrono>

#include "fixture.hpp"

namespace paddock::testing {

using namespace std::chrono_literals;

class BackupsTest : public DynamoDbTest {
 protected:
  std::string back_up(const std::string& table, const std::string& name = "nightly") {
    const Json made = ok("CreateBackup", {{"TableName", table}, {"BackupName", name}});
    emulator.wait_idle();
    return made["BackupDetails"].value("BackupArn", "");
  }
  Json restore(const std::string& arn, const std::string& target,
               const Json& more = Json::object()) {
    Json input = {{"BackupArn", arn}, {"TargetTableName", target}};
    input.update(more);
    const Json made = ok("RestoreTableFromBackup", input);
    emulator.wait_idle();
    return made["TableDescription"];
  }
  Json table_of(const std::string& name) {
    return ok("DescribeTable", {{"TableName", name}})["Table"];
  }
  // "pk", "sk", a local and a global index.
  Json rich_table(const std::string& name) {
    Json table = sorted_table(name);
    table["AttributeDefinitions"].push_back(attribute("tag", "S"));
    table["LocalSecondaryIndexes"] =
        Json::array({{{"IndexName", "local"},
                      {"KeySchema", {key("pk", "HASH"), key("tag", "RANGE")}},
                      {"Projection", {{"ProjectionType", "ALL"}}}}});
    table["GlobalSecondaryIndexes"] = Json::array({global("by-tag")});
    return table;
  }
  static Json global(const char* name) {
    return {{"IndexName", name},
            {"KeySchema", {key("tag", "HASH")}},
            {"Projection", {{"ProjectionType", "KEYS_ONLY"}}}};
  }
  void fill(const std::string& table, int count) {
    for (int i = 0; i < count; ++i) {
      put(table, {{"pk", s("p" + std::to_string(i % 5))},
                  {"sk", s(std::to_string(i))},
                  {"tag", s(i % 2 ? "odd" : "even")}});
    }
  }
  void expect_no_table(const std::string& name) {
    EXPECT_EQ(call("DescribeTable", {{"TableName", name}}).error(), "ResourceNotFoundException");
  }
};

TEST_F(BackupsTest, ABackupIsMadeDescribedAndDeleted) {
  const Json table = ok("CreateTable", simple_table("visits"))["TableDescription"];
  put("visits", {{"pk", s("a")}, {"n", n("1")}});
  const Json made =
      ok("CreateBackup", {{"TableName", "visits"}, {"BackupName", "nightly"}})["BackupDetails"];
  EXPECT_EQ(made["BackupStatus"], "CREATING");
  EXPECT_EQ(made["BackupName"], "nightly");
  EXPECT_EQ(made["BackupType"], "USER");
  EXPECT_FALSE(made.contains("BackupExpiryDateTime"));
  const std::string arn = made["BackupArn"];
  const std::string prefix = "arn:aws:dynamodb:us-east-1:000000000000:table/visits/backup/0";
  EXPECT_EQ(arn.substr(0, prefix.size()), prefix);
  EXPECT_EQ(arn.size(), prefix.size() + 13 + 1 + 8);
  emulator.wait_idle();
  const Json shown = ok("DescribeBackup", {{"BackupArn", arn}})["BackupDescription"];
  EXPECT_EQ(shown["BackupDetails"]["BackupStatus"], "AVAILABLE");
  EXPECT_EQ(shown["BackupDetails"]["BackupCreationDateTime"], made["BackupCreationDateTime"]);
  EXPECT_EQ(shown["SourceTableFeatureDetails"], Json::object());
  const Json& source = shown["SourceTableDetails"];
  EXPECT_EQ(source["TableId"], table["TableId"]);
  EXPECT_EQ(source["ItemCount"], 1);
  EXPECT_EQ(source["TableSizeBytes"], 3 + 1 + 2);
  EXPECT_EQ(source["BillingMode"], "PAY_PER_REQUEST");
  EXPECT_EQ(source["ProvisionedThroughput"],
            Json({{"ReadCapacityUnits", 0}, {"WriteCapacityUnits", 0}}));
  const Json deleted = ok("DeleteBackup", {{"BackupArn", arn}})["BackupDescription"];
  EXPECT_EQ(deleted["BackupDetails"]["BackupStatus"], "DELETED");
  for (const char* operation : {"DescribeBackup", "DeleteBackup"}) {
    expect_error(call(operation, {{"BackupArn", arn}}), "BackupNotFoundException",
                 "Backup not found: " + arn);
  }
}

TEST_F(BackupsTest, TheFeaturesOfTheTableAreRecorded) {
  Json table = with_stream(rich_table("visits"), "KEYS_ONLY");
  table["SSESpecification"] = {{"Enabled", true}};
  ok("CreateTable", table);
  ok("UpdateTimeToLive",
     {{"TableName", "visits"},
      {"TimeToLiveSpecification", {{"Enabled", true}, {"AttributeName", "expires"}}}});
  const Json shown = ok("DescribeBackup", {{"BackupArn", back_up("visits")}})["BackupDescription"];
  const Json& features = shown["SourceTableFeatureDetails"];
  EXPECT_EQ(features["StreamDescription"],
            Json({{"StreamEnabled", true}, {"StreamViewType", "KEYS_ONLY"}}));
  EXPECT_EQ(features["TimeToLiveDescription"],
            Json({{"TimeToLiveStatus", "ENABLED"}, {"AttributeName", "expires"}}));
  EXPECT_EQ(features["SSEDescription"]["SSEType"], "KMS");
  EXPECT_EQ(features["LocalSecondaryIndexes"][0]["IndexName"], "local");
  EXPECT_EQ(
      features["GlobalSecondaryIndexes"][0],
      Json({{"IndexName", "by-tag"},
            {"KeySchema", {key("tag", "HASH")}},
            {"Projection", {{"ProjectionType", "KEYS_ONLY"}}},
            {"ProvisionedThroughput", {{"ReadCapacityUnits", 0}, {"WriteCapacityUnits", 0}}}}));
}

TEST_F(BackupsTest, WhatIsNotThereIsNamed) {
  expect_error(call("CreateBackup", {{"TableName", "none"}, {"BackupName", "nightly"}}),
               "TableNotFoundException", "Table not found: none");
  const std::string stem = "arn:aws:dynamodb:us-east-1:000000000000:table/none";
  const std::string arn = stem + "/backup/01700000000000-12345678";
  expect_error(call("DescribeBackup", {{"BackupArn", arn}}), "BackupNotFoundException",
               "Backup not found: " + arn);
  expect_error(call("RestoreTableFromBackup", {{"BackupArn", arn}, {"TargetTableName", "copy"}}),
               "BackupNotFoundException", "Backup not found: " + arn);
  expect_invalid(call("DescribeBackup", {{"BackupArn", stem}}), "Invalid Backup ARN");
  expect_error(call("DescribeBackup",
                    {{"BackupArn", "arn:aws:dynamodb:us-east-1:111111111111:table/none/backup/1"}}),
               "AccessDeniedException", "Access is denied");
  EXPECT_EQ(call("CreateBackup", {{"TableName", "none"}, {"BackupName", "a b"}}).error(),
            "ValidationException");
}

TEST_F(BackupsTest, BackupsAreListedByTheirTime) {
  ok("CreateTable", simple_table("visits"));
  ok("CreateTable", simple_table("guests"));
  std::vector<Json> made;
  for (const char* table : {"visits", "guests", "visits", "visits"}) {
    emulator.advance(1h);
    const std::string arn = back_up(table, "same-name");
    made.push_back(
        ok("DescribeBackup", {{"BackupArn", arn}})["BackupDescription"]["BackupDetails"]);
  }
  const auto arns = [&](const Json& input) {
    Json found = Json::array();
    const Json listed = ok("ListBackups", input);
    for (const Json& summary : listed["BackupSummaries"]) found.push_back(summary["BackupArn"]);
    return found;
  };
  const Json all = arns(Json::object());
  ASSERT_EQ(all.size(), 4u);
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(all[i], made[i]["BackupArn"]);
  EXPECT_EQ(arns({{"TableName", "visits"}}).size(), 3u);
  EXPECT_EQ(arns({{"TableName", "none"}}).size(), 0u);
  EXPECT_EQ(arns({{"BackupType", "SYSTEM"}}).size(), 0u);
  EXPECT_EQ(arns({{"BackupType", "ALL"}}).size(), 4u);
  // From a moment on, and before one.
  EXPECT_EQ(arns({{"TimeRangeLowerBound", made[1]["BackupCreationDateTime"]}}).size(), 3u);
  EXPECT_EQ(arns({{"TimeRangeUpperBound", made[1]["BackupCreationDateTime"]}}).size(), 1u);
  expect_invalid(call("ListBackups", {{"TimeRangeLowerBound", 20}, {"TimeRangeUpperBound", 10}}),
                 "One or more parameter values were invalid: Time range lower bound must be less "
                 "than or equal to upper bound");
  const Json page = ok("ListBackups", {{"TableName", "visits"}, {"Limit", 2}});
  EXPECT_EQ(page["BackupSummaries"].size(), 2u);
  EXPECT_EQ(page["LastEvaluatedBackupArn"], made[2]["BackupArn"]);
  const Json rest = ok(
      "ListBackups", {{"TableName", "visits"}, {"ExclusiveStartBackupArn", made[2]["BackupArn"]}});
  EXPECT_EQ(rest["BackupSummaries"].size(), 1u);
  EXPECT_FALSE(rest.contains("LastEvaluatedBackupArn"));
  EXPECT_FALSE(ok("ListBackups", {{"TableName", "visits"}, {"Limit", 3}})
                   .contains("LastEvaluatedBackupArn"));
  EXPECT_EQ(call("ListBackups", {{"Limit", 101}}).error(), "ValidationException");
}

TEST_F(BackupsTest, ARestoredTableHoldsWhatTheTableHeld) {
  ok("CreateTable", rich_table("visits"));
  fill("visits", 40);
  const std::string arn = back_up("visits");
  fill("visits", 60);
  ok("DeleteTable", {{"TableName", "visits"}});
  const Json creating = restore(arn, "copy");
  EXPECT_EQ(creating["TableStatus"], "CREATING");
  EXPECT_EQ(creating["RestoreSummary"]["SourceBackupArn"], arn);
  EXPECT_EQ(creating["RestoreSummary"]["RestoreInProgress"], true);
  const Json table = table_of("copy");
  EXPECT_EQ(table["TableStatus"], "ACTIVE");
  EXPECT_FALSE(table.contains("RestoreSummary"));
  EXPECT_EQ(table["ItemCount"], 40);
  EXPECT_EQ(table["GlobalSecondaryIndexes"][0]["ItemCount"], 40);
  EXPECT_EQ(ok("Scan", {{"TableName", "copy"}})["Count"], 40);
  EXPECT_EQ(ok("Query", {{"TableName", "copy"},
                         {"IndexName", "by-tag"},
                         {"KeyConditionExpression", "tag = :t"},
                         {"ExpressionAttributeValues", {{":t", s("odd")}}}})["Count"],
            20);
  EXPECT_EQ(ok("Scan", {{"TableName", "copy"}, {"IndexName", "local"}})["Count"], 40);
  // It is a table like any other.
  put("copy", {{"pk", s("new")}, {"sk", s("1")}, {"tag", s("odd")}});
  EXPECT_EQ(table_of("copy")["ItemCount"], 41);
}

TEST_F(BackupsTest, ALargeTableIsCopiedInTheBackground) {
  ok("CreateTable", sorted_table("visits"));
  for (int i = 0; i < 60; ++i) {
    Json writes = Json::array();
    for (int j = 0; j < 25; ++j) {
      writes.push_back({{"PutRequest",
                         {{"Item",
                           {{"pk", s("p" + std::to_string(i))},
                            {"sk", s(std::to_string(j))},
                            {"text", s(std::string(400, 'x'))}}}}}});
    }
    ok("BatchWriteItem", {{"RequestItems", {{"visits", writes}}}});
  }
  const std::string arn = back_up("visits");
  restore(arn, "copy");
  EXPECT_EQ(table_of("copy")["ItemCount"], 1500);
  EXPECT_EQ(table_of("copy")["TableSizeBytes"], table_of("visits")["TableSizeBytes"]);
}

TEST_F(BackupsTest, SettingsBesideTheItemsAreNotRestored) {
  Json table = with_stream(simple_table("visits"), "NEW_IMAGE");
  table["Tags"] = Json::array({{{"Key", "team"}, {"Value", "blue"}}});
  table["DeletionProtectionEnabled"] = true;
  table["TableClass"] = "STANDARD_INFREQUENT_ACCESS";
  table["SSESpecification"] = {{"Enabled", true}};
  table["OnDemandThroughput"] = {{"MaxReadRequestUnits", 100}, {"MaxWriteRequestUnits", 50}};
  ok("CreateTable", table);
  ok("UpdateTimeToLive",
     {{"TableName", "visits"},
      {"TimeToLiveSpecification", {{"Enabled", true}, {"AttributeName", "expires"}}}});
  restore(back_up("visits"), "copy");
  const Json copy = table_of("copy");
  EXPECT_FALSE(copy.contains("StreamSpecification"));
  EXPECT_FALSE(copy.contains("LatestStreamArn"));
  EXPECT_FALSE(copy.contains("TableClassSummary"));
  EXPECT_EQ(copy["DeletionProtectionEnabled"], false);
  EXPECT_EQ(copy["SSEDescription"], table_of("visits")["SSEDescription"]);
  EXPECT_EQ(copy["OnDemandThroughput"], table["OnDemandThroughput"]);
  EXPECT_EQ(ok("ListTagsOfResource", {{"ResourceArn", copy["TableArn"]}})["Tags"], Json::array());
  EXPECT_EQ(ok("DescribeTimeToLive", {{"TableName", "copy"}})["TimeToLiveDescription"],
            Json({{"TimeToLiveStatus", "DISABLED"}}));
}

TEST_F(BackupsTest, BillingAndIndexesCanBeOverridden) {
  ok("CreateTable", rich_table("visits"));
  fill("visits", 10);
  const std::string arn = back_up("visits");
  restore(arn, "bare",
          {{"GlobalSecondaryIndexOverride", Json::array()},
           {"LocalSecondaryIndexOverride", Json::array()}});
  EXPECT_FALSE(table_of("bare").contains("GlobalSecondaryIndexes"));
  EXPECT_FALSE(table_of("bare").contains("LocalSecondaryIndexes"));
  EXPECT_EQ(table_of("bare")["AttributeDefinitions"].size(), 2u);
  const Json units = {{"ReadCapacityUnits", 3}, {"WriteCapacityUnits", 4}};
  Json renamed = global("renamed");
  renamed["ProvisionedThroughput"] = units;
  restore(arn, "paid",
          {{"BillingModeOverride", "PROVISIONED"},
           {"ProvisionedThroughputOverride", units},
           {"GlobalSecondaryIndexOverride", Json::array({renamed})}});
  const Json paid = table_of("paid");
  EXPECT_EQ(paid["ProvisionedThroughput"]["WriteCapacityUnits"], 4);
  EXPECT_EQ(paid["BillingModeSummary"]["BillingMode"], "PROVISIONED");
  EXPECT_EQ(paid["GlobalSecondaryIndexes"][0]["IndexName"], "renamed");
  EXPECT_EQ(paid["GlobalSecondaryIndexes"][0]["ItemCount"], 10);
}

TEST_F(BackupsTest, OverridesThatDoNotFitAreRefused) {
  ok("CreateTable", rich_table("visits"));
  const std::string arn = back_up("visits");
  const auto refused = [&](const Json& more, const std::string& message) {
    Json input = {{"BackupArn", arn}, {"TargetTableName", "copy"}};
    input.update(more);
    expect_invalid(call("RestoreTableFromBackup", input), "Invalid Request: " + message);
    expect_no_table("copy");
  };
  const Json units = {{"ReadCapacityUnits", 3}, {"WriteCapacityUnits", 4}};
  refused({{"ProvisionedThroughputOverride", units}},
          "Cannot override ProvisionedThroughput unless BillingMode is PROVISIONED");
  refused({{"BillingModeOverride", "PROVISIONED"}},
          "Must override ProvisionedThroughput if BillingMode is overridden to PROVISIONED");
  refused({{"BillingModeOverride", "PROVISIONED"}, {"ProvisionedThroughputOverride", units}},
          "Must specify provisioned throughput for index by-tag");
  refused({{"OnDemandThroughputOverride", {{"MaxReadRequestUnits", 0}}}},
          "Requested MaxReadRequestUnits for OnDemandThroughput is outside of valid range");
  Json unknown = global("by-tag");
  unknown["Projection"] = {{"ProjectionType", "ALL"}};
  refused({{"GlobalSecondaryIndexOverride", Json::array({unknown})}},
          "Index by-tag does not match a secondary index that existed in the source table and "
          "cannot be created during the restore operation");
}

TEST_F(BackupsTest, ATargetThatExistsIsRefused) {
  ok("CreateTable", simple_table("visits"));
  const std::string arn = back_up("visits");
  expect_error(call("RestoreTableFromBackup", {{"BackupArn", arn}, {"TargetTableName", "visits"}}),
               "TableAlreadyExistsException", "Table already exists: visits");
}

TEST_F(BackupsTest, BackupsOutliveTheirTableAndTellItsLivesApart) {
  ok("CreateTable", simple_table("visits"));
  const std::string first = back_up("visits");
  ok("DeleteTable", {{"TableName", "visits"}});
  ok("CreateTable", simple_table("visits"));
  emulator.advance(1s);
  back_up("visits");
  const Json summaries = ok("ListBackups", {{"TableName", "visits"}})["BackupSummaries"];
  ASSERT_EQ(summaries.size(), 2u);
  EXPECT_EQ(summaries[0]["TableArn"], summaries[1]["TableArn"]);
  EXPECT_NE(summaries[0]["TableId"], summaries[1]["TableId"]);
}

TEST(DurableBackups, ABackupSurvivesARestart) {
  TempDir directory;
  std::string arn;
  const auto item = [](int i) {
    return Json({{"pk", {{"S", "p" + std::to_string(i)}}}, {"v", {{"N", std::to_string(i)}}}});
  };
  {
    TestEmulator emulator(TestEmulator::durable_options(directory.path()));
    const Json table = {
        {"TableName", "visits"},
        {"AttributeDefinitions", Json::array({{{"AttributeName", "pk"}, {"AttributeType", "S"}}})},
        {"KeySchema", Json::array({{{"AttributeName", "pk"}, {"KeyType", "HASH"}}})},
        {"BillingMode", "PAY_PER_REQUEST"}};
    ASSERT_TRUE(emulator.call("dynamodb", "CreateTable", table).ok());
    for (int i = 0; i < 20; ++i) {
      ASSERT_TRUE(
          emulator.call("dynamodb", "PutItem", {{"TableName", "visits"}, {"Item", item(i)}}).ok());
    }
    arn =
        emulator.call("dynamodb", "CreateBackup", {{"TableName", "visits"}, {"BackupName", "one"}})
            .body["BackupDetails"]["BackupArn"];
    ASSERT_TRUE(emulator.call("dynamodb", "DeleteTable", {{"TableName", "visits"}}).ok());
  }
  TestEmulator emulator(TestEmulator::durable_options(directory.path()));
  const Json input = {{"BackupArn", arn}, {"TargetTableName", "visits"}};
  ASSERT_TRUE(emulator.call("dynamodb", "RestoreTableFromBackup", input).ok());
  emulator.wait_idle();
  EXPECT_EQ(emulator.call("dynamodb", "Scan", {{"TableName", "visits"}}).body["Count"], 20);
}

}  // namespace paddock::testing
