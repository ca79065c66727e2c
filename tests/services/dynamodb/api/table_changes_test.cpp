// What UpdateTable and CreateTable refuse, and the throughput that a table may be given in a day.
#include <chrono>

#include "core/clock.hpp"
#include "fixture.hpp"
#include "gateway/platform.hpp"

namespace paddock::testing {

using namespace std::chrono_literals;

class TableChangesTest : public DynamoDbTest {
 protected:
  static Json units(int read, int write) {
    return {{"ReadCapacityUnits", read}, {"WriteCapacityUnits", write}};
  }
  static Json provisioned(int read, int write) {
    Json table = simple_table("visits");
    table.erase("BillingMode");
    table["ProvisionedThroughput"] = units(read, write);
    return table;
  }
  static Json by_tag() {
    return {{"IndexName", "by-tag"},
            {"KeySchema", {key("tag", "HASH")}},
            {"Projection", {{"ProjectionType", "ALL"}}}};
  }
  CallResult update(const Json& more) {
    Json input = {{"TableName", "visits"}};
    input.update(more);
    return call("UpdateTable", input);
  }
  Json describe() { return ok("DescribeTable", {{"TableName", "visits"}})["Table"]; }
  void refused(const Json& more, const std::string& message) {
    expect_invalid(update(more), "One or more parameter values were invalid: " + message);
  }
};

TEST_F(TableChangesTest, SomeChangesMustBeTheOnlyOneOfARequest) {
  ok("CreateTable", simple_table("visits"));
  const Json stream = {{"StreamEnabled", true}, {"StreamViewType", "KEYS_ONLY"}};
  refused({{"SSESpecification", {{"Enabled", true}}}, {"DeletionProtectionEnabled", true}},
          "Server-Side Encryption modification must be the only operation in the request");
  refused({{"TableClass", "STANDARD"}, {"StreamSpecification", stream}},
          "TableClass modification must be the only operation in the request");
  refused({{"DeletionProtectionEnabled", true}, {"StreamSpecification", stream}},
          "DeletionProtection modification must be the only operation in the request");
  refused({{"WarmThroughput", {{"ReadUnitsPerSecond", 13000}}}, {"StreamSpecification", stream}},
          "WarmThroughput must be the only operation in the request");
  refused({{"OnDemandThroughput", {{"MaxReadRequestUnits", 10}}}, {"StreamSpecification", stream}},
          "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request");
  refused({{"BillingMode", "PAY_PER_REQUEST"}, {"StreamSpecification", stream}},
          "You cannot modify stream status while updating table IOPS");
  const Json create = Json::array({{{"Create", by_tag()}}});
  const Json definitions = Json::array({attribute("tag", "S")});
  refused({{"BillingMode", "PAY_PER_REQUEST"},
           {"AttributeDefinitions", definitions},
           {"GlobalSecondaryIndexUpdates", create}},
          "You cannot create or delete index while updating table IOPS");
  refused({{"StreamSpecification", stream},
           {"AttributeDefinitions", definitions},
           {"GlobalSecondaryIndexUpdates", create}},
          "You cannot create or delete index while changing stream status");
}

TEST_F(TableChangesTest, AStreamIsTurnedOnAndOffOnce) {
  ok("CreateTable", simple_table("visits"));
  const Json off = {{"StreamSpecification", {{"StreamEnabled", false}}}};
  const Json on = {
      {"StreamSpecification", {{"StreamEnabled", true}, {"StreamViewType", "KEYS_ONLY"}}}};
  expect_invalid(update(off), "Table has no stream to disable: TableName: visits");
  ASSERT_TRUE(update(on).ok());
  expect_invalid(update(on), "Table already has an enabled stream: TableName: visits");
  refused({{"StreamSpecification", {{"StreamEnabled", true}}}},
          "If stream is being enabled then UpdateViewType is required");
  refused({{"StreamSpecification", {{"StreamEnabled", false}, {"StreamViewType", "KEYS_ONLY"}}}},
          "If stream is being disabled, then UpdateViewType must not be specified");
  Json table = simple_table("guests");
  table["StreamSpecification"] = {{"StreamEnabled", true}};
  expect_invalid(call("CreateTable", table),
                 "One or more parameter values were invalid: Table is being created with a stream "
                 "enabled, UpdateViewType is required");
}

TEST_F(TableChangesTest, ThroughputGoesDownFourTimesADayAndThenHourly) {
  // From a noon on, so that no midnight is near.
  const int64_t day_ms = 24 * 3'600'000;
  const int64_t now_ms = emulator.platform().world.now().ms;
  emulator.advance(std::chrono::milliseconds(day_ms - now_ms % day_ms + day_ms / 2));
  ok("CreateTable", provisioned(10, 10));
  for (int read = 9; read >= 6; --read) {
    ASSERT_TRUE(update({{"ProvisionedThroughput", units(read, 10)}}).ok());
  }
  EXPECT_EQ(describe()["ProvisionedThroughput"]["NumberOfDecreasesToday"], 4);
  const CallResult fifth = update({{"ProvisionedThroughput", units(5, 10)}});
  EXPECT_EQ(fifth.error(), "LimitExceededException");
  EXPECT_TRUE(fifth.message().starts_with(
      "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC "
      "day. After the first 4 decreases, each subsequent decrease in the same UTC day can be "
      "performed at most once every 3600 seconds. Number of decreases today: 4. Last decrease at "))
      << fifth.message();
  EXPECT_TRUE(fifth.message().ends_with(" Coordinated Universal Time")) << fifth.message();
  ASSERT_TRUE(update({{"ProvisionedThroughput", units(20, 20)}}).ok());
  emulator.advance(61min);
  ASSERT_TRUE(update({{"ProvisionedThroughput", units(5, 10)}}).ok());
  emulator.advance(25h);
  EXPECT_EQ(describe()["ProvisionedThroughput"]["NumberOfDecreasesToday"], 0);
}

TEST_F(TableChangesTest, IndexUpdatesAreChecked) {
  Json table = provisioned(5, 5);
  table["KeySchema"].push_back(key("sk", "RANGE"));
  table["AttributeDefinitions"].push_back(attribute("sk", "S"));
  table["AttributeDefinitions"].push_back(attribute("tag", "S"));
  Json global = by_tag();
  expect_invalid(
      [&] {
        Json without = table;
        without["GlobalSecondaryIndexes"] = Json::array({global});
        return call("CreateTable", without);
      }(),
      "One or more parameter values were invalid: ProvisionedThroughput is not specified for "
      "index: by-tag");
  global["ProvisionedThroughput"] = units(2, 2);
  table["GlobalSecondaryIndexes"] = Json::array({global});
  table["LocalSecondaryIndexes"] =
      Json::array({{{"IndexName", "local"},
                    {"KeySchema", {key("pk", "HASH"), key("tag", "RANGE")}},
                    {"Projection", {{"ProjectionType", "ALL"}}}}});
  ok("CreateTable", table);
  const auto change = [&](const Json& element) {
    return update({{"GlobalSecondaryIndexUpdates", Json::array({element})}});
  };
  expect_error(change({{"Delete", {{"IndexName", "ghost"}}}}), "ResourceNotFoundException",
               "Requested resource not found: Index ghost for table visits");
  expect_invalid(change({{"Delete", {{"IndexName", "local"}}}}),
                 "Cannot delete an index that is not a GlobalSecondaryIndex: local");
  expect_invalid(
      change({{"Update", {{"IndexName", "local"}, {"ProvisionedThroughput", units(1, 1)}}}}),
      "Cannot update an index that is not a GlobalSecondaryIndex: local");
  const CallResult same =
      change({{"Update", {{"IndexName", "by-tag"}, {"ProvisionedThroughput", units(2, 2)}}}});
  EXPECT_TRUE(same.message().starts_with(
      "The provisioned throughput for the index by-tag will not change."))
      << same.message();
  const Json both = {{"Update", {{"IndexName", "by-tag"}, {"ProvisionedThroughput", units(3, 3)}}},
                     {"Delete", {{"IndexName", "by-tag"}}}};
  expect_invalid(change(both),
                 "One or more parameter values were invalid: Only one global secondary index "
                 "action is allowed per GlobalSecondaryIndexUpdate object");
  const Json one = {{"Update", {{"IndexName", "by-tag"}, {"ProvisionedThroughput", units(3, 3)}}}};
  refused({{"GlobalSecondaryIndexUpdates", Json::array({one, one})}},
          "Only one global secondary index update per index is allowed simultaneously. Index: "
          "by-tag");
  refused({{"GlobalSecondaryIndexUpdates", Json::array()}},
          "List of GlobalSecondaryIndexUpdates is empty");
}

TEST_F(TableChangesTest, OnDemandLimitsAreMergedAndTakenAway) {
  ok("CreateTable", simple_table("visits"));
  const auto limit = [&](const Json& limits) { return update({{"OnDemandThroughput", limits}}); };
  ASSERT_TRUE(limit({{"MaxReadRequestUnits", 1000}, {"MaxWriteRequestUnits", 500}}).ok());
  ASSERT_TRUE(limit({{"MaxReadRequestUnits", 2000}}).ok());
  EXPECT_EQ(describe()["OnDemandThroughput"],
            Json({{"MaxReadRequestUnits", 2000}, {"MaxWriteRequestUnits", 500}}));
  ASSERT_TRUE(limit({{"MaxReadRequestUnits", -1}}).ok());
  EXPECT_EQ(describe()["OnDemandThroughput"], Json({{"MaxWriteRequestUnits", 500}}));
  ASSERT_TRUE(limit({{"MaxWriteRequestUnits", -1}}).ok());
  EXPECT_FALSE(describe().contains("OnDemandThroughput"));
  refused({{"OnDemandThroughput", {{"MaxReadRequestUnits", 0}}}},
          "Requested MaxReadRequestUnits for OnDemandThroughput for table is outside of valid "
          "range");
}

TEST_F(TableChangesTest, WarmThroughputOnlyRises) {
  ok("CreateTable", simple_table("visits"));
  ASSERT_TRUE(update({{"WarmThroughput", {{"ReadUnitsPerSecond", 13000}}}}).ok());
  EXPECT_EQ(
      describe()["WarmThroughput"],
      Json({{"ReadUnitsPerSecond", 13000}, {"WriteUnitsPerSecond", 4000}, {"Status", "ACTIVE"}}));
  refused({{"WarmThroughput", {{"ReadUnitsPerSecond", 12500}}}},
          "Requested ReadUnitsPerSecond for WarmThroughput for table is lower than current "
          "WarmThroughput, decreasing WarmThroughput is not supported");
  Json low = provisioned(100, 100);
  low["TableName"] = "guests";
  low["WarmThroughput"] = {{"ReadUnitsPerSecond", 50}};
  expect_invalid(call("CreateTable", low),
                 "One or more parameter values were invalid: Requested ReadUnitsPerSecond for "
                 "WarmThroughput for table is lower than ReadCapacityUnits of "
                 "ProvisionedThroughput");
}

TEST_F(TableChangesTest, AnIndexHasWarmThroughputAndLimitsOfItsOwn) {
  Json table = simple_table("visits");
  table["AttributeDefinitions"].push_back(attribute("tag", "S"));
  table["GlobalSecondaryIndexes"] = {{{"IndexName", "by-tag"},
                                      {"KeySchema", {key("tag", "HASH")}},
                                      {"Projection", {{"ProjectionType", "ALL"}}},
                                      {"WarmThroughput", {{"WriteUnitsPerSecond", 5000}}},
                                      {"OnDemandThroughput", {{"MaxReadRequestUnits", 70}}}}};
  ok("CreateTable", table);
  const auto index = [&] { return describe()["GlobalSecondaryIndexes"][0]; };
  EXPECT_EQ(
      index()["WarmThroughput"],
      Json({{"ReadUnitsPerSecond", 12000}, {"WriteUnitsPerSecond", 5000}, {"Status", "ACTIVE"}}));
  EXPECT_EQ(index()["OnDemandThroughput"], Json({{"MaxReadRequestUnits", 70}}));
  EXPECT_FALSE(describe().contains("OnDemandThroughput"));
  const auto change = [](const Json& capacity) {
    Json update = capacity;
    update["IndexName"] = "by-tag";
    return Json{{"GlobalSecondaryIndexUpdates", Json::array({{{"Update", update}}})}};
  };
  ASSERT_TRUE(update(change({{"WarmThroughput", {{"ReadUnitsPerSecond", 13000}}},
                             {"OnDemandThroughput", {{"MaxReadRequestUnits", -1}}}}))
                  .ok());
  EXPECT_EQ(
      index()["WarmThroughput"],
      Json({{"ReadUnitsPerSecond", 13000}, {"WriteUnitsPerSecond", 5000}, {"Status", "ACTIVE"}}));
  EXPECT_FALSE(index().contains("OnDemandThroughput"));
  refused(change({{"WarmThroughput", {{"WriteUnitsPerSecond", 4500}}}}),
          "Requested WriteUnitsPerSecond for WarmThroughput for index by-tag is lower than current "
          "WarmThroughput, decreasing WarmThroughput is not supported");
  refused(change({{"OnDemandThroughput", {{"MaxWriteRequestUnits", 0}}}}),
          "Requested MaxWriteRequestUnits for OnDemandThroughput for index by-tag is outside of "
          "valid range");
}

TEST_F(TableChangesTest, EncryptionThatIsTurnedOffIsShownOnItsWayOut) {
  Json table = simple_table("visits");
  table["SSESpecification"] = {{"Enabled", true}};
  const Json on = ok("CreateTable", table)["TableDescription"]["SSEDescription"];
  EXPECT_EQ(on["Status"], "ENABLED");
  EXPECT_EQ(on["SSEType"], "KMS");
  const Json kept = update({{"DeletionProtectionEnabled", true}}).body["TableDescription"];
  EXPECT_EQ(kept["SSEDescription"], on);
  const Json off = update({{"SSESpecification", {{"Enabled", false}}}}).body["TableDescription"];
  EXPECT_EQ(off["SSEDescription"], Json({{"Status", "UPDATING"},
                                         {"SSEType", "KMS"},
                                         {"KMSMasterKeyArn", on["KMSMasterKeyArn"]}}));
  EXPECT_FALSE(describe().contains("SSEDescription"));
}

TEST_F(TableChangesTest, TheStandardClassIsNotShownUnlessThereWasAnother) {
  ok("CreateTable", simple_table("visits"));
  ASSERT_TRUE(update({{"TableClass", "STANDARD"}}).ok());
  EXPECT_FALSE(describe().contains("TableClassSummary"));
  ASSERT_TRUE(update({{"TableClass", "STANDARD_INFREQUENT_ACCESS"}}).ok());
  EXPECT_EQ(describe()["TableClassSummary"]["TableClass"], "STANDARD_INFREQUENT_ACCESS");
}

TEST_F(TableChangesTest, ATableUnderDeletionProtectionSaysSo) {
  Json table = simple_table("visits");
  table["DeletionProtectionEnabled"] = true;
  ok("CreateTable", table);
  expect_invalid(call("DeleteTable", {{"TableName", "visits"}}),
                 "Resource cannot be deleted as it is currently protected against deletion. "
                 "Disable deletion protection first.");
}

TEST_F(TableChangesTest, FeaturesThatAreNotThereAreDescribedAsSuch) {
  ok("CreateTable", simple_table("visits"));
  const Json named = {{"TableName", "visits"}};
  EXPECT_EQ(ok("DescribeKinesisStreamingDestination", named),
            Json({{"TableName", "visits"}, {"KinesisDataStreamDestinations", Json::array()}}));
  EXPECT_EQ(ok("DescribeContributorInsights", named),
            Json({{"TableName", "visits"}, {"ContributorInsightsStatus", "DISABLED"}}));
  EXPECT_EQ(ok("ListContributorInsights", named)["ContributorInsightsSummaries"], Json::array());
  EXPECT_EQ(ok("ListExports", Json::object())["ExportSummaries"], Json::array());
  EXPECT_EQ(ok("ListImports", Json::object())["ImportSummaryList"], Json::array());
  EXPECT_EQ(ok("ListGlobalTables", Json::object())["GlobalTables"], Json::array());
  EXPECT_EQ(call("DescribeGlobalTable", {{"GlobalTableName", "visits"}}).error(),
            "GlobalTableNotFoundException");
  const CallResult insights =
      call("UpdateContributorInsights",
           {{"TableName", "visits"}, {"ContributorInsightsAction", "ENABLE"}});
  EXPECT_EQ(insights.status, 501);
  for (const char* operation : {"DescribeKinesisStreamingDestination",
                                "DescribeContributorInsights", "ListContributorInsights"}) {
    expect_error(call(operation, {{"TableName", "none"}}), "ResourceNotFoundException",
                 "Requested resource not found: Table: none not found");
  }
}

}  // namespace paddock::testing
