#include "fixture.hpp"

namespace paddock::testing {

class TablesTest : public DynamoDbTest {
 protected:
  Json provisioned(const std::string& name) {
    Json table = simple_table(name);
    table.erase("BillingMode");
    table["ProvisionedThroughput"] = {{"ReadCapacityUnits", 5}, {"WriteCapacityUnits", 5}};
    return table;
  }
  static Json global_index(const char* name, const char* hash) {
    return {{"IndexName", name},
            {"KeySchema", {key(hash, "HASH")}},
            {"Projection", {{"ProjectionType", "ALL"}}}};
  }
  Json describe(const std::string& name) {
    return ok("DescribeTable", {{"TableName", name}})["Table"];
  }
};

TEST_F(TablesTest, ANewTableIsCreatingAndThenActive) {
  const Json created = ok("CreateTable", provisioned("visits"))["TableDescription"];
  EXPECT_EQ(created["TableStatus"], "CREATING");
  EXPECT_EQ(created["TableArn"], "arn:aws:dynamodb:us-east-1:000000000000:table/visits");
  EXPECT_EQ(created["ItemCount"], 0);
  EXPECT_EQ(created["TableSizeBytes"], 0);
  EXPECT_EQ(created["DeletionProtectionEnabled"], false);
  EXPECT_EQ(
      created["ProvisionedThroughput"],
      Json({{"NumberOfDecreasesToday", 0}, {"ReadCapacityUnits", 5}, {"WriteCapacityUnits", 5}}));
  EXPECT_FALSE(created.contains("WarmThroughput"));
  EXPECT_FALSE(created.contains("BillingModeSummary"));
  const Json table = describe("visits");
  EXPECT_EQ(table["TableStatus"], "ACTIVE");
  EXPECT_EQ(table["TableId"], created["TableId"]);
  EXPECT_EQ(table["WarmThroughput"],
            Json({{"ReadUnitsPerSecond", 5}, {"Status", "ACTIVE"}, {"WriteUnitsPerSecond", 5}}));
  EXPECT_TRUE(table["CreationDateTime"].is_number());
}

TEST_F(TablesTest, AnOnDemandTableSaysSo) {
  const Json created = ok("CreateTable", simple_table("visits"))["TableDescription"];
  EXPECT_EQ(created["BillingModeSummary"], Json({{"BillingMode", "PAY_PER_REQUEST"}}));
  const Json table = describe("visits");
  EXPECT_TRUE(table["BillingModeSummary"].contains("LastUpdateToPayPerRequestDateTime"));
  EXPECT_EQ(table["WarmThroughput"]["ReadUnitsPerSecond"], 12000);
  EXPECT_EQ(table["WarmThroughput"]["WriteUnitsPerSecond"], 4000);
}

TEST_F(TablesTest, ASecondTableOfTheSameNameIsRefused) {
  ok("CreateTable", simple_table("visits"));
  expect_error(call("CreateTable", simple_table("visits")), "ResourceInUseException",
               "Table already exists: visits");
}

TEST_F(TablesTest, DeletingAnswersWithoutTheSchemaAndThenTheTableIsGone) {
  ok("CreateTable", simple_table("visits"));
  put("visits", {{"pk", s("a")}});
  const Json deleted = ok("DeleteTable", {{"TableName", "visits"}})["TableDescription"];
  EXPECT_EQ(deleted["TableStatus"], "DELETING");
  EXPECT_FALSE(deleted.contains("KeySchema"));
  EXPECT_FALSE(deleted.contains("AttributeDefinitions"));
  EXPECT_FALSE(deleted.contains("CreationDateTime"));
  expect_error(call("DescribeTable", {{"TableName", "visits"}}), "ResourceNotFoundException",
               "Requested resource not found: Table: visits not found");
  expect_error(call("GetItem", {{"TableName", "visits"}, {"Key", {{"pk", s("a")}}}}),
               "ResourceNotFoundException", "Requested resource not found");
}

TEST_F(TablesTest, ATableMadeAgainIsEmptyAndHasAnotherId) {
  const Json first = ok("CreateTable", simple_table("visits"))["TableDescription"];
  put("visits", {{"pk", s("a")}});
  ok("DeleteTable", {{"TableName", "visits"}});
  const Json second = ok("CreateTable", simple_table("visits"))["TableDescription"];
  EXPECT_NE(first["TableId"], second["TableId"]);
  EXPECT_EQ(get("visits", {{"pk", s("a")}}), Json::object());
  EXPECT_EQ(ok("Scan", {{"TableName", "visits"}})["Count"], 0);
}

TEST_F(TablesTest, DeletionProtectionRefusesTheDeletionUntilItIsTakenAway) {
  Json table = simple_table("visits");
  table["DeletionProtectionEnabled"] = true;
  ok("CreateTable", table);
  EXPECT_EQ(call("DeleteTable", {{"TableName", "visits"}}).error(), "ValidationException");
  ok("UpdateTable", {{"TableName", "visits"}, {"DeletionProtectionEnabled", false}});
  ok("DeleteTable", {{"TableName", "visits"}});
}

TEST_F(TablesTest, ATableIsFoundByItsArn) {
  const Json created = ok("CreateTable", simple_table("visits"))["TableDescription"];
  put(created["TableArn"], {{"pk", s("a")}, {"n", n("1")}});
  EXPECT_EQ(get("visits", {{"pk", s("a")}})["Item"]["n"], n("1"));
}

TEST_F(TablesTest, TablesOfAnotherRegionOrAccountAreNotSeen) {
  ok("CreateTable", simple_table("visits"));
  const As elsewhere{"test", "eu-west-1"};
  EXPECT_EQ(
      emulator.call("dynamodb", "DescribeTable", {{"TableName", "visits"}}, elsewhere).error(),
      "ResourceNotFoundException");
  const As other{"111111111111", "us-east-1"};
  EXPECT_EQ(emulator.call("dynamodb", "ListTables", Json::object(), other).body["TableNames"],
            Json::array());
}

TEST_F(TablesTest, ListTablesPagesInTheOrderOfNames) {
  for (const char* name : {"bbb", "aaa", "ddd", "ccc"}) ok("CreateTable", simple_table(name));
  const Json first = ok("ListTables", {{"Limit", 3}});
  EXPECT_EQ(first["TableNames"], Json({"aaa", "bbb", "ccc"}));
  EXPECT_EQ(first["LastEvaluatedTableName"], "ccc");
  const Json second = ok("ListTables", {{"Limit", 3}, {"ExclusiveStartTableName", "ccc"}});
  EXPECT_EQ(second["TableNames"], Json({"ddd"}));
  EXPECT_FALSE(second.contains("LastEvaluatedTableName"));
  EXPECT_FALSE(ok("ListTables", {{"Limit", 4}}).contains("LastEvaluatedTableName"));
}

TEST_F(TablesTest, BadNamesAreRefusedInAwssWords) {
  expect_invalid(call("CreateTable", simple_table("ab")),
                 "1 validation error detected: Value 'ab' at 'tableName' failed to satisfy "
                 "constraint: Member must have length greater than or equal to 3");
  expect_invalid(call("CreateTable", simple_table("a;b")),
                 "1 validation error detected: Value 'a;b' at 'tableName' failed to satisfy "
                 "constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
  EXPECT_TRUE(call("CreateTable", simple_table(std::string(255, 'a'))).ok());
  EXPECT_EQ(call("CreateTable", simple_table(std::string(256, 'a'))).error(),
            "ValidationException");
  expect_invalid(call("DescribeTable", Json::object()),
                 "The parameter 'TableName' is required but was not present in the request");
}

TEST_F(TablesTest, BillingModeAndThroughputMustFit) {
  Json both = simple_table("visits");
  both["ProvisionedThroughput"] = {{"ReadCapacityUnits", 1}, {"WriteCapacityUnits", 1}};
  expect_invalid(call("CreateTable", both),
                 "One or more parameter values were invalid: Neither ReadCapacityUnits nor "
                 "WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST");
  Json neither = simple_table("visits");
  neither.erase("BillingMode");
  expect_invalid(call("CreateTable", neither),
                 "One or more parameter values were invalid: ReadCapacityUnits and "
                 "WriteCapacityUnits must both be specified when BillingMode is PROVISIONED");
}

TEST_F(TablesTest, TheKeySchemaIsChecked) {
  Json table = sorted_table("visits");
  table["AttributeDefinitions"] = Json::array({attribute("pk", "S"), attribute("other", "S")});
  expect_invalid(call("CreateTable", table),
                 "One or more parameter values were invalid: Some index key attributes are not "
                 "defined in AttributeDefinitions. Keys: [pk, sk], AttributeDefinitions: [pk, "
                 "other]");
  table = simple_table("visits");
  table["KeySchema"] = Json::array({key("pk", "RANGE")});
  expect_invalid(call("CreateTable", table),
                 "Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
  table = simple_table("visits");
  table["AttributeDefinitions"].push_back(attribute("spare", "S"));
  expect_invalid(call("CreateTable", table),
                 "One or more parameter values were invalid: Number of attributes in KeySchema "
                 "does not exactly match number of attributes defined in AttributeDefinitions");
}

TEST_F(TablesTest, IndexesAreChecked) {
  Json table = simple_table("visits");
  table["LocalSecondaryIndexes"] = Json::array({{{"IndexName", "local"},
                                                 {"KeySchema", {key("pk", "HASH")}},
                                                 {"Projection", {{"ProjectionType", "ALL"}}}}});
  expect_invalid(call("CreateTable", table),
                 "One or more parameter values were invalid: Table KeySchema does not have a range "
                 "key, which is required when specifying a LocalSecondaryIndex");
  table = simple_table("visits");
  table["GlobalSecondaryIndexes"] =
      Json::array({global_index("by-pk", "pk"), global_index("by-pk", "pk")});
  expect_invalid(call("CreateTable", table),
                 "One or more parameter values were invalid: Duplicate index name: by-pk");
}

TEST_F(TablesTest, TheTwentyFirstGlobalIndexIsRefused) {
  Json table = simple_table("visits");
  for (int i = 0; i < 20; ++i) {
    table["GlobalSecondaryIndexes"].push_back(
        global_index(("ix" + std::to_string(i)).c_str(), "pk"));
    table["GlobalSecondaryIndexes"].back()["IndexName"] = "index" + std::to_string(i);
  }
  EXPECT_TRUE(call("CreateTable", table).ok());
  table["TableName"] = "visits2";
  table["GlobalSecondaryIndexes"].push_back(global_index("one-more", "pk"));
  expect_invalid(call("CreateTable", table),
                 "One or more parameter values were invalid: GlobalSecondaryIndex count exceeds "
                 "the per-table limit of 20");
}

TEST_F(TablesTest, BillingCanBeChanged) {
  ok("CreateTable", provisioned("visits"));
  const Json updated =
      ok("UpdateTable",
         {{"TableName", "visits"},
          {"ProvisionedThroughput", {{"ReadCapacityUnits", 7}, {"WriteCapacityUnits", 5}}}});
  EXPECT_EQ(updated["TableDescription"]["TableStatus"], "UPDATING");
  Json table = describe("visits");
  EXPECT_EQ(table["TableStatus"], "ACTIVE");
  EXPECT_EQ(table["ProvisionedThroughput"]["ReadCapacityUnits"], 7);
  EXPECT_TRUE(table["ProvisionedThroughput"].contains("LastIncreaseDateTime"));
  ok("UpdateTable", {{"TableName", "visits"}, {"BillingMode", "PAY_PER_REQUEST"}});
  table = describe("visits");
  EXPECT_EQ(table["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST");
  EXPECT_EQ(table["ProvisionedThroughput"]["ReadCapacityUnits"], 0);
}

TEST_F(TablesTest, AProvisionedTableNeedsAThroughputForEachIndex) {
  Json table = simple_table("visits");
  table["GlobalSecondaryIndexes"] = Json::array({global_index("by-pk", "pk")});
  ok("CreateTable", table);
  const Json units = {{"ReadCapacityUnits", 1}, {"WriteCapacityUnits", 2}};
  Json change = {
      {"TableName", "visits"}, {"BillingMode", "PROVISIONED"}, {"ProvisionedThroughput", units}};
  expect_invalid(call("UpdateTable", change),
                 "One or more parameter values were invalid: ProvisionedThroughput must be "
                 "specified for index: by-pk");
  Json update = {{"Update", {{"IndexName", "by-pk"}, {"ProvisionedThroughput", units}}}};
  change["GlobalSecondaryIndexUpdates"] = Json::array({update});
  ok("UpdateTable", change);
  const Json after = describe("visits");
  EXPECT_EQ(after["BillingModeSummary"]["BillingMode"], "PROVISIONED");
  EXPECT_EQ(after["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["WriteCapacityUnits"], 2);
}

TEST_F(TablesTest, WarmThroughputIsShownAsAsked) {
  Json table = provisioned("visits");
  table["WarmThroughput"] = {{"ReadUnitsPerSecond", 1000}, {"WriteUnitsPerSecond", 1200}};
  const Json created = ok("CreateTable", table)["TableDescription"];
  EXPECT_EQ(
      created["WarmThroughput"],
      Json({{"ReadUnitsPerSecond", 1000}, {"Status", "UPDATING"}, {"WriteUnitsPerSecond", 1200}}));
  EXPECT_EQ(
      describe("visits")["WarmThroughput"],
      Json({{"ReadUnitsPerSecond", 1000}, {"Status", "ACTIVE"}, {"WriteUnitsPerSecond", 1200}}));
}

TEST_F(TablesTest, AThroughputThatChangesNothingIsRefused) {
  ok("CreateTable", provisioned("visits"));
  Json update = {{"TableName", "visits"},
                 {"ProvisionedThroughput", {{"ReadCapacityUnits", 5}, {"WriteCapacityUnits", 5}}}};
  for (const bool with_mode : {false, true}) {
    if (with_mode) update["BillingMode"] = "PROVISIONED";
    const CallResult same = call("UpdateTable", update);
    EXPECT_EQ(same.error(), "ValidationException");
    EXPECT_TRUE(
        same.message().starts_with("The provisioned throughput for the table will not change."))
        << same.message();
  }
}

TEST_F(TablesTest, AnUpdateOfNothingIsRefused) {
  ok("CreateTable", simple_table("visits"));
  expect_invalid(call("UpdateTable", {{"TableName", "visits"}}),
                 "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
                 "GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, "
                 "MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, "
                 "DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is "
                 "required");
}

TEST_F(TablesTest, AnIndexMadeLaterHoldsTheOlderItemsThatFit) {
  ok("CreateTable", simple_table("visits"));
  for (int i = 0; i < 150; ++i) {
    put("visits", {{"pk", s("i" + std::to_string(i))}, {"tag", s(i % 2 ? "odd" : "even")}});
  }
  put("visits", {{"pk", s("no-tag")}});
  put("visits", {{"pk", s("wrong-type")}, {"tag", n("1")}});
  const Json update = {{"Create", global_index("by-tag", "tag")}};
  const Json answer = ok("UpdateTable", {{"TableName", "visits"},
                                         {"AttributeDefinitions", {attribute("tag", "S")}},
                                         {"GlobalSecondaryIndexUpdates", Json::array({update})}});
  EXPECT_EQ(answer["TableDescription"]["GlobalSecondaryIndexes"][0]["IndexStatus"], "CREATING");
  EXPECT_EQ(answer["TableDescription"]["GlobalSecondaryIndexes"][0]["Backfilling"], true);
  const Json table = describe("visits");
  EXPECT_EQ(table["GlobalSecondaryIndexes"][0]["IndexStatus"], "ACTIVE");
  EXPECT_EQ(table["GlobalSecondaryIndexes"][0]["ItemCount"], 150);
  EXPECT_EQ(table["AttributeDefinitions"].size(), 2u);
  const Json odd = ok("Query", {{"TableName", "visits"},
                                {"IndexName", "by-tag"},
                                {"KeyConditionExpression", "tag = :t"},
                                {"ExpressionAttributeValues", {{":t", s("odd")}}}});
  EXPECT_EQ(odd["Count"], 75);

  ok("UpdateTable",
     {{"TableName", "visits"},
      {"GlobalSecondaryIndexUpdates", Json::array({{{"Delete", {{"IndexName", "by-tag"}}}}})}});
  const Json after = describe("visits");
  EXPECT_FALSE(after.contains("GlobalSecondaryIndexes"));
  EXPECT_EQ(after["AttributeDefinitions"].size(), 1u);
  put("visits", {{"pk", s("free")}, {"tag", n("1")}});
}

TEST_F(TablesTest, CountsFollowTheItems) {
  ok("CreateTable", simple_table("visits"));
  put("visits", {{"pk", s("a")}});
  put("visits", {{"pk", s("b")}, {"x", s("12345")}});
  put("visits", {{"pk", s("b")}, {"x", s("1234")}});
  Json table = describe("visits");
  EXPECT_EQ(table["ItemCount"], 2);
  EXPECT_EQ(table["TableSizeBytes"], 3 + 3 + 5);
  ok("DeleteItem", {{"TableName", "visits"}, {"Key", {{"pk", s("b")}}}});
  table = describe("visits");
  EXPECT_EQ(table["ItemCount"], 1);
  EXPECT_EQ(table["TableSizeBytes"], 3);
}

TEST_F(TablesTest, TagsAreKept) {
  Json table = simple_table("visits");
  table["Tags"] = Json::array({{{"Key", "team"}, {"Value", "blue"}}});
  const std::string arn = ok("CreateTable", table)["TableDescription"]["TableArn"];
  ok("TagResource",
     {{"ResourceArn", arn}, {"Tags", Json::array({{{"Key", "stage"}, {"Value", "dev"}}})}});
  EXPECT_EQ(ok("ListTagsOfResource", {{"ResourceArn", arn}})["Tags"].size(), 2u);
  ok("UntagResource", {{"ResourceArn", arn}, {"TagKeys", Json::array({"team"})}});
  EXPECT_EQ(ok("ListTagsOfResource", {{"ResourceArn", arn}})["Tags"],
            Json::array({{{"Key", "stage"}, {"Value", "dev"}}}));
}

TEST_F(TablesTest, TaggingAnswersWithoutABody) {
  const std::string arn = ok("CreateTable", simple_table("visits"))["TableDescription"]["TableArn"];
  const CallResult tagged =
      call("TagResource",
           {{"ResourceArn", arn}, {"Tags", Json::array({{{"Key", "k"}, {"Value", "v"}}})}});
  EXPECT_EQ(tagged.status, 200);
  EXPECT_EQ(tagged.text, "");
  const CallResult untagged =
      call("UntagResource", {{"ResourceArn", arn}, {"TagKeys", Json::array({"k"})}});
  EXPECT_EQ(untagged.status, 200);
  EXPECT_EQ(untagged.text, "");
}

TEST_F(TablesTest, OnlyTablesAreTagged) {
  const Json tags = Json::array({{{"Key", "k"}, {"Value", "v"}}});
  const std::string arn = ok("CreateTable", simple_table("visits"))["TableDescription"]["TableArn"];
  const std::string index = arn + "/index/by-x";
  expect_invalid(call("TagResource", {{"ResourceArn", index}, {"Tags", tags}}),
                 "Invalid TableArn: Invalid ResourceArn provided as input " + index);
  expect_invalid(call("ListTagsOfResource", {{"ResourceArn", index}}),
                 "Invalid TableArn: Invalid ResourceArn provided as input " + index);
  const CallResult denied = call("TagResource", {{"ResourceArn", "abcd"}, {"Tags", tags}});
  expect_error(denied, "AccessDeniedException",
               "User: arn:aws:iam::000000000000:root is not authorized to perform: "
               "dynamodb:TagResource on resource: abcd");
  const std::string other = arn + "2";
  expect_error(call("TagResource", {{"ResourceArn", other}, {"Tags", tags}}),
               "ResourceNotFoundException",
               "Requested resource not found: ResourcArn: " + other + " not found");
}

TEST_F(TablesTest, TagsAreOfAFewCharacters) {
  const std::string arn = ok("CreateTable", simple_table("visits"))["TableDescription"]["TableArn"];
  const auto tag = [&](const char* key, const char* value) {
    return call("TagResource",
                {{"ResourceArn", arn}, {"Tags", Json::array({{{"Key", key}, {"Value", value}}})}});
  };
  EXPECT_TRUE(tag("a b_.:/=+-@1", "\xD7\x90").ok());
  expect_invalid(tag("hi!", "v"),
                 "1 validation error detected: Value 'hi!' at 'tags.1.member.key' failed to "
                 "satisfy constraint: Member must satisfy regular expression pattern: "
                 "^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$");
  EXPECT_EQ(tag("k", "\"v\"").error(), "ValidationException");
  expect_invalid(call("TagResource", {{"ResourceArn", arn}, {"Tags", Json::array()}}),
                 "Atleast one Tag needs to be provided as Input.");
}

TEST_F(TablesTest, AnAttributeIsDefinedAndProjectedOnce) {
  Json table = simple_table("visits");
  table["AttributeDefinitions"].push_back(attribute("pk", "N"));
  expect_invalid(call("CreateTable", table), "Attribute Name is duplicated: pk");
  table = simple_table("visits");
  table["AttributeDefinitions"].push_back(attribute("x", "N"));
  table["GlobalSecondaryIndexes"] = Json::array(
      {{{"IndexName", "by-x"},
        {"KeySchema", {key("x", "HASH")}},
        {"Projection", {{"ProjectionType", "INCLUDE"}, {"NonKeyAttributes", {"a", "b", "a"}}}}}});
  expect_invalid(call("CreateTable", table),
                 "One or more parameter values were invalid: Duplicate value in attribute name: a");
}

TEST_F(TablesTest, WhatToolsAskBesideIsAnswered) {
  ok("CreateTable", simple_table("visits"));
  EXPECT_EQ(ok("DescribeTimeToLive", {{"TableName", "visits"}})["TimeToLiveDescription"],
            Json({{"TimeToLiveStatus", "DISABLED"}}));
  EXPECT_EQ(
      ok("DescribeContinuousBackups",
         {{"TableName", "visits"}})["ContinuousBackupsDescription"]
                                   ["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
      "DISABLED");
  EXPECT_EQ(ok("DescribeLimits", Json::object())["TableMaxReadCapacityUnits"], 40000);
  EXPECT_EQ(ok("DescribeEndpoints", Json::object())["Endpoints"].size(), 1u);
}

TEST_F(TablesTest, EveryAnswerCarriesARequestIdAndACrc) {
  const CallResult good = call("ListTables", Json::object());
  EXPECT_EQ(good.headers.get("x-amzn-requestid").size(), 52u);
  EXPECT_FALSE(good.headers.get("x-amz-crc32").empty());
  const CallResult bad = call("DescribeTable", {{"TableName", "none"}});
  EXPECT_EQ(bad.headers.get("x-amzn-requestid").size(), 52u);
  EXPECT_FALSE(bad.headers.get("x-amz-crc32").empty());
  EXPECT_EQ(bad.body["__type"], "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException");
  EXPECT_EQ(call("CreateTable", simple_table("ab")).body["__type"],
            "com.amazon.coral.validate#ValidationException");
}

TEST(DurableTables, DefinitionsItemsAndCountsSurviveARestart) {
  TempDir directory;
  const Json table = {{"TableName", "visits"},
                      {"AttributeDefinitions",
                       {{{"AttributeName", "pk"}, {"AttributeType", "S"}},
                        {{"AttributeName", "tag"}, {"AttributeType", "N"}}}},
                      {"KeySchema", {{{"AttributeName", "pk"}, {"KeyType", "HASH"}}}},
                      {"GlobalSecondaryIndexes",
                       {{{"IndexName", "by-tag"},
                         {"KeySchema", {{{"AttributeName", "tag"}, {"KeyType", "HASH"}}}},
                         {"Projection", {{"ProjectionType", "KEYS_ONLY"}}}}}},
                      {"BillingMode", "PAY_PER_REQUEST"}};
  Json before;
  {
    TestEmulator emulator(TestEmulator::durable_options(directory.path()));
    ASSERT_TRUE(emulator.call("dynamodb", "CreateTable", table).ok());
    for (int i = 0; i < 10; ++i) {
      const Json item = {{"pk", {{"S", std::to_string(i)}}}, {"tag", {{"N", "7"}}}};
      ASSERT_TRUE(
          emulator.call("dynamodb", "PutItem", {{"TableName", "visits"}, {"Item", item}}).ok());
    }
    before = emulator.call("dynamodb", "DescribeTable", {{"TableName", "visits"}}).body;
  }
  TestEmulator emulator(TestEmulator::durable_options(directory.path()));
  const Json after = emulator.call("dynamodb", "DescribeTable", {{"TableName", "visits"}}).body;
  EXPECT_EQ(before, after);
  EXPECT_EQ(after["Table"]["ItemCount"], 10);
  const Json found = emulator
                         .call("dynamodb", "Query",
                               {{"TableName", "visits"},
                                {"IndexName", "by-tag"},
                                {"KeyConditionExpression", "tag = :t"},
                                {"ExpressionAttributeValues", {{":t", {{"N", "7"}}}}}})
                         .body;
  EXPECT_EQ(found["Count"], 10);
}

}  // namespace paddock::testing
