// What reads and writes cost, and answers that AWS gave to the same calls.
#include "fixture.hpp"

namespace paddock::testing {

class CapacityTest : public DynamoDbTest {
 protected:
  void SetUp() override {
    Json table = sorted_table("tab1");
    table["AttributeDefinitions"].push_back(attribute("tag", "S"));
    table["GlobalSecondaryIndexes"] =
        Json::array({{{"IndexName", "by-tag"},
                      {"KeySchema", Json::array({key("tag", "HASH")})},
                      {"Projection", {{"ProjectionType", "KEYS_ONLY"}}}}});
    ok("CreateTable", table);
  }
  Json consumed(std::string_view operation, Json input, const char* mode = "INDEXES") {
    input["TableName"] = "tab1";
    input["ReturnConsumedCapacity"] = mode;
    return ok(operation, input)["ConsumedCapacity"];
  }
  static Json item(const char* sort_key, size_t bytes) {
    return {{"pk", s("a")}, {"sk", s(sort_key)}, {"v", s(std::string(bytes, 'v'))}};
  }
  static Json key_of(const char* sort_key) { return {{"pk", s("a")}, {"sk", s(sort_key)}}; }
};

TEST_F(CapacityTest, WhatIsNotThereCostsAsMuchAsASmallItem) {
  EXPECT_EQ(consumed("GetItem", {{"Key", key_of("1")}})["CapacityUnits"], 0.5);
  EXPECT_EQ(consumed("GetItem", {{"Key", key_of("1")}, {"ConsistentRead", true}})["CapacityUnits"],
            1.0);
  EXPECT_EQ(consumed("DeleteItem", {{"Key", key_of("1")}})["CapacityUnits"], 1.0);
}

TEST_F(CapacityTest, ReadsAreSizedBeforeFilterAndProjection) {
  put("tab1", item("1", 9'000));
  EXPECT_EQ(
      consumed("GetItem", {{"Key", key_of("1")}, {"ProjectionExpression", "sk"}})["CapacityUnits"],
      1.5);
  EXPECT_EQ(consumed("Scan", {{"FilterExpression", "attribute_exists(nothing)"},
                              {"ProjectionExpression", "sk"}})["CapacityUnits"],
            1.5);
}

TEST_F(CapacityTest, AWriteIsSizedByTheLargerOfTheItemBeforeAndAfter) {
  EXPECT_EQ(consumed("PutItem", {{"Item", item("1", 3'000)}})["CapacityUnits"], 3.0);
  EXPECT_EQ(consumed("PutItem", {{"Item", item("1", 10)}})["CapacityUnits"], 3.0);
  put("tab1", item("1", 3'000));
  EXPECT_EQ(consumed("DeleteItem", {{"Key", key_of("1")}})["CapacityUnits"], 3.0);
}

TEST_F(CapacityTest, AnIndexIsChargedForTheChangeOfWhatItHolds) {
  Json tagged = item("1", 3'000);
  tagged["tag"] = s("x");
  const Json fresh = consumed("PutItem", {{"Item", tagged}});
  EXPECT_EQ(fresh["Table"]["CapacityUnits"], 3.0);
  EXPECT_EQ(fresh["GlobalSecondaryIndexes"]["by-tag"]["CapacityUnits"], 1.0);
  EXPECT_EQ(fresh["CapacityUnits"], 4.0);
  EXPECT_FALSE(consumed("PutItem", {{"Item", tagged}}).contains("GlobalSecondaryIndexes"));
  tagged["v"] = s("other");
  EXPECT_FALSE(consumed("PutItem", {{"Item", tagged}}).contains("GlobalSecondaryIndexes"));
  tagged["tag"] = s("y");
  const Json moved = consumed("PutItem", {{"Item", tagged}});
  EXPECT_EQ(moved["GlobalSecondaryIndexes"]["by-tag"]["CapacityUnits"], 2.0);
  tagged.erase("tag");
  const Json left = consumed("PutItem", {{"Item", tagged}});
  EXPECT_EQ(left["GlobalSecondaryIndexes"]["by-tag"]["CapacityUnits"], 1.0);
  EXPECT_FALSE(consumed("DeleteItem", {{"Key", key_of("1")}}).contains("GlobalSecondaryIndexes"));
}

TEST_F(CapacityTest, OnlyCapacityUnitsAreNamed) {
  const Json one = {{"CapacityUnits", 1.0}};
  EXPECT_EQ(consumed("PutItem", {{"Item", item("1", 1)}}),
            Json({{"TableName", "tab1"}, {"CapacityUnits", 1.0}, {"Table", one}}));
  EXPECT_EQ(consumed("PutItem", {{"Item", item("1", 1)}}, "TOTAL"),
            Json({{"TableName", "tab1"}, {"CapacityUnits", 1.0}}));
}

TEST_F(CapacityTest, RecordedAnswersHaveTheSameMembersAndTexts) {
  ok("CreateTable", simple_table("rec1"));
  const Json first = {{"TableName", "rec1"},
                      {"Item", {{"pk", s("id1")}, {"data", s("foobar")}}},
                      {"ReturnValues", "ALL_OLD"}};
  EXPECT_EQ(ok("PutItem", first), Json::object());
  EXPECT_EQ(ok("PutItem", first), Json({{"Attributes", first["Item"]}}));
  const auto batch = [&](const Json& items) {
    return call("BatchWriteItem", {{"RequestItems", items}});
  };
  const Json binary = {{"PutRequest", {{"Item", {{"pk", s("id2")}, {"data", {{"B", "kA=="}}}}}}}};
  EXPECT_EQ(batch({{"rec1", Json::array({binary})}}).body,
            Json({{"UnprocessedItems", Json::object()}}));
  EXPECT_EQ(get("rec1", {{"pk", s("id2")}})["Item"]["data"], Json({{"B", "kA=="}}));
  const Json wrong = {{"PutRequest", {{"Item", {{"nonKey", s("x")}}}}}};
  expect_invalid(batch({{"rec1", Json::array({wrong})}}),
                 "The provided key element does not match the schema");
  expect_error(batch({{"nowhere", Json::array({binary})}}), "ResourceNotFoundException",
               "Requested resource not found");
  const Json keys = Json::array({{{"pk", s("none")}}});
  EXPECT_EQ(ok("BatchGetItem", {{"RequestItems", {{"rec1", {{"Keys", keys}}}}}}),
            Json({{"Responses", {{"rec1", Json::array()}}}, {"UnprocessedKeys", Json::object()}}));
  const CallResult failed = call("PutItem", {{"TableName", "rec1"},
                                             {"Item", {{"pk", s("id1")}}},
                                             {"ConditionExpression", "attribute_not_exists(pk)"},
                                             {"ReturnValuesOnConditionCheckFailure", "ALL_OLD"}});
  expect_error(failed, "ConditionalCheckFailedException", "The conditional request failed");
  EXPECT_EQ(failed.body["Item"], first["Item"]);
  expect_error(call("CreateTable", simple_table("rec1")), "ResourceInUseException",
               "Table already exists: rec1");
}

}  // namespace paddock::testing
