// PutItem, GetItem, UpdateItem, DeleteItem through the wire.
#include <thread>
#include <vector>

#include "fixture.hpp"

namespace paddock::testing {

class WritesTest : public DynamoDbTest {
 protected:
  void SetUp() override {
    ok("CreateTable", simple_table("tab1"));
    ok("CreateTable", sorted_table("tab2", "N"));
  }
  Json with_table(const Json& members, const char* table = "tab1") {
    Json input = members;
    input["TableName"] = table;
    return input;
  }
  CallResult update(const Json& members) {
    Json input = with_table(members);
    if (!input.contains("Key")) input["Key"] = {{"pk", s("a")}};
    return call("UpdateItem", input);
  }
};

TEST_F(WritesTest, WhatWasPutIsGotBack) {
  const Json item = {{"pk", s("a")},
                     {"s", s("")},
                     {"n", n("1.5")},
                     {"b", {{"B", "AAEC"}}},
                     {"ss", {{"SS", {"x", "y"}}}},
                     {"ns", {{"NS", {"1", "2"}}}},
                     {"bs", {{"BS", {"AA==", "AQ=="}}}},
                     {"m", {{"M", {{"in", {{"L", Json::array({s("1"), n("2")})}}}}}}},
                     {"yes", {{"BOOL", true}}},
                     {"nothing", {{"NULL", true}}}};
  EXPECT_EQ(put("tab1", item), Json::object());
  EXPECT_EQ(get("tab1", {{"pk", s("a")}})["Item"], item);
}

TEST_F(WritesTest, AMissingItemGivesNoItemMember) {
  EXPECT_EQ(get("tab1", {{"pk", s("none")}}), Json::object());
}

TEST_F(WritesTest, AProjectionWithoutAMatchGivesAnEmptyItem) {
  put("tab1", {{"pk", s("a")}});
  EXPECT_EQ(ok("GetItem", with_table({{"Key", {{"pk", s("a")}}}, {"ProjectionExpression", "zz"}})),
            Json({{"Item", Json::object()}}));
}

TEST_F(WritesTest, NumbersThatAreEqualAreOneKey) {
  put("tab2", {{"pk", s("a")}, {"sk", n("100")}, {"v", s("1")}});
  put("tab2", {{"pk", s("a")}, {"sk", n("100.0")}, {"v", s("2")}});
  EXPECT_EQ(ok("Scan", {{"TableName", "tab2"}})["Count"], 1);
  EXPECT_EQ(get("tab2", {{"pk", s("a")}, {"sk", n("1e2")}})["Item"]["v"], s("2"));
}

TEST_F(WritesTest, PutReturnsTheOldItemOnlyWhenAskedAndThere) {
  const Json first = {{"Item", {{"pk", s("a")}, {"v", s("1")}}}, {"ReturnValues", "ALL_OLD"}};
  EXPECT_EQ(ok("PutItem", with_table(first)), Json::object());
  EXPECT_EQ(ok("PutItem", with_table({{"Item", {{"pk", s("a")}}}, {"ReturnValues", "ALL_OLD"}})),
            Json({{"Attributes", {{"pk", s("a")}, {"v", s("1")}}}}));
  expect_invalid(
      call("PutItem", with_table({{"Item", {{"pk", s("a")}}}, {"ReturnValues", "ALL_NEW"}})),
      "ReturnValues can only be ALL_OLD or NONE");
}

TEST_F(WritesTest, DeleteReturnsWhatWasThere) {
  put("tab1", {{"pk", s("a")}, {"v", s("1")}});
  const Json input = with_table({{"Key", {{"pk", s("a")}}}, {"ReturnValues", "ALL_OLD"}});
  EXPECT_EQ(ok("DeleteItem", input)["Attributes"], Json({{"pk", s("a")}, {"v", s("1")}}));
  EXPECT_EQ(ok("DeleteItem", input), Json::object());
}

TEST_F(WritesTest, AFailedConditionChangesNothingAndCanShowTheItem) {
  put("tab1", {{"pk", s("a")}, {"v", n("1")}, {"b", {{"B", "AAEC"}}}});
  Json input = with_table({{"Item", {{"pk", s("a")}, {"v", n("2")}}},
                           {"ConditionExpression", "attribute_not_exists(pk)"}});
  CallResult refused = call("PutItem", input);
  expect_error(refused, "ConditionalCheckFailedException", "The conditional request failed");
  EXPECT_FALSE(refused.body.contains("Item"));
  input["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD";
  refused = call("PutItem", input);
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.body["Item"], Json({{"pk", s("a")}, {"v", n("1")}, {"b", {{"B", "AAEC"}}}}));
  EXPECT_EQ(get("tab1", {{"pk", s("a")}})["Item"]["v"], n("1"));
  const Json condition = {{"Key", {{"pk", s("a")}}},
                          {"ConditionExpression", "v = :two"},
                          {"ExpressionAttributeValues", {{":two", n("2")}}},
                          {"ReturnValuesOnConditionCheckFailure", "ALL_OLD"}};
  EXPECT_EQ(call("DeleteItem", with_table(condition)).body["Item"]["v"], n("1"));
  EXPECT_EQ(update(condition).body["Item"]["v"], n("1"));
}

TEST_F(WritesTest, UpdateCountsFromNothing) {
  const Json count = {{"UpdateExpression", "ADD hits :one"},
                      {"ExpressionAttributeValues", {{":one", n("1")}}},
                      {"ReturnValues", "UPDATED_NEW"}};
  EXPECT_EQ(update(count).body, Json({{"Attributes", {{"hits", n("1")}}}}));
  EXPECT_EQ(update(count).body, Json({{"Attributes", {{"hits", n("2")}}}}));
}

TEST_F(WritesTest, UpdatedReturnValuesShowOnlyTheChangedLeaves) {
  put("tab1", {{"pk", s("a")},
               {"m", {{"M", {{"x", n("1")}, {"y", n("2")}}}}},
               {"l", {{"L", Json::array({n("1"), n("2"), n("3")})}}},
               {"other", s("o")}});
  const Json values = {{":v", n("9")}};
  EXPECT_EQ(update({{"UpdateExpression", "SET m.x = :v, l[1] = :v"},
                    {"ExpressionAttributeValues", values},
                    {"ReturnValues", "UPDATED_OLD"}})
                .body["Attributes"],
            Json({{"m", {{"M", {{"x", n("1")}}}}}, {"l", {{"L", Json::array({n("2")})}}}}));
  EXPECT_EQ(update({{"UpdateExpression", "SET m.y = :v"},
                    {"ExpressionAttributeValues", values},
                    {"ReturnValues", "UPDATED_NEW"}})
                .body["Attributes"],
            Json({{"m", {{"M", {{"y", n("9")}}}}}}));
  EXPECT_EQ(update({{"UpdateExpression", "SET fresh = :v"},
                    {"ExpressionAttributeValues", values},
                    {"ReturnValues", "UPDATED_OLD"}})
                .body,
            Json::object());
}

TEST_F(WritesTest, ARemoveReturnsNoNewAttributes) {
  put("tab1", {{"pk", s("a")}, {"x", s("1")}});
  EXPECT_EQ(update({{"UpdateExpression", "REMOVE x"}, {"ReturnValues", "UPDATED_NEW"}}).body,
            Json::object());
}

TEST_F(WritesTest, AllNewAndAllOldShowTheWholeItem) {
  const Json set = {{"UpdateExpression", "SET v = :v"},
                    {"ExpressionAttributeValues", {{":v", n("1")}}}};
  Json input = set;
  input["ReturnValues"] = "ALL_OLD";
  EXPECT_EQ(update(input).body, Json::object());
  EXPECT_EQ(update(input).body["Attributes"], Json({{"pk", s("a")}, {"v", n("1")}}));
  input["ReturnValues"] = "ALL_NEW";
  EXPECT_EQ(update(input).body["Attributes"], Json({{"pk", s("a")}, {"v", n("1")}}));
}

TEST_F(WritesTest, AnUpdateThatOnlyRemovesCreatesNothingButAnEmptyOneDoes) {
  EXPECT_TRUE(update({{"UpdateExpression", "REMOVE x"}}).ok());
  EXPECT_EQ(get("tab1", {{"pk", s("a")}}), Json::object());
  EXPECT_TRUE(update(Json::object()).ok());
  EXPECT_EQ(get("tab1", {{"pk", s("a")}})["Item"], Json({{"pk", s("a")}}));
}

TEST_F(WritesTest, KeysCannotBeUpdated) {
  expect_invalid(update({{"UpdateExpression", "SET pk = :v"},
                         {"ExpressionAttributeValues", {{":v", s("b")}}}}),
                 "One or more parameter values were invalid: Cannot update attribute pk. This "
                 "attribute is part of the key");
}

TEST_F(WritesTest, KeysMustFitTheSchema) {
  const std::string mismatch = "The provided key element does not match the schema";
  expect_invalid(call("GetItem", with_table({{"Key", {{"pk", n("1")}}}})), mismatch);
  expect_invalid(call("GetItem", with_table({{"Key", {{"pk", s("a")}, {"sk", s("b")}}}})),
                 mismatch);
  expect_invalid(call("GetItem", with_table({{"Key", {{"pk", s("a")}}}}, "tab2")), mismatch);
  expect_invalid(call("DeleteItem", with_table({{"Key", {{"other", s("a")}}}})), mismatch);
  expect_invalid(call("PutItem", with_table({{"Item", {{"v", s("a")}}}})),
                 "One or more parameter values were invalid: Missing the key pk in the item");
  expect_invalid(call("PutItem", with_table({{"Item", {{"pk", n("1")}}}})),
                 "One or more parameter values were invalid: Type mismatch for key pk expected: S "
                 "actual: N");
}

TEST_F(WritesTest, EmptyKeysAreRefusedAndEmptyValuesAreNot) {
  expect_invalid(call("PutItem", with_table({{"Item", {{"pk", s("")}}}})),
                 "One or more parameter values are not valid. The AttributeValue for a key "
                 "attribute cannot contain an empty string value. Key: pk");
  put("tab1", {{"pk", s("a")}, {"e", s("")}, {"b", {{"B", ""}}}});
  EXPECT_EQ(
      call("PutItem", with_table({{"Item", {{"pk", s("a")}, {"e", {{"SS", Json::array()}}}}}}))
          .error(),
      "ValidationException");
}

TEST_F(WritesTest, KeySizesAreLimited) {
  EXPECT_TRUE(call("PutItem", with_table({{"Item", {{"pk", s(std::string(2048, 'k'))}}}})).ok());
  expect_invalid(call("PutItem", with_table({{"Item", {{"pk", s(std::string(2049, 'k'))}}}})),
                 "One or more parameter values were invalid: Size of hashkey has exceeded the "
                 "maximum size limit of2048 bytes");
  ok("CreateTable", sorted_table("tab3"));
  const auto with_range = [&](size_t size) {
    return with_table({{"Item", {{"pk", s("a")}, {"sk", s(std::string(size, 'k'))}}}}, "tab3");
  };
  EXPECT_TRUE(call("PutItem", with_range(1024)).ok());
  expect_invalid(call("PutItem", with_range(1025)),
                 "One or more parameter values were invalid: Aggregated size of all range keys has "
                 "exceeded the size limit of 1024 bytes");
}

TEST_F(WritesTest, AnItemOf400KilobytesIsTheLargest) {
  // "pk" + "a" + "v" = 4 bytes beside the value.
  const auto item = [&](size_t size) {
    return with_table({{"Item", {{"pk", s("a")}, {"v", s(std::string(size - 4, 'v'))}}}});
  };
  EXPECT_TRUE(call("PutItem", item(409'600)).ok());
  expect_invalid(call("PutItem", item(409'601)), "Item size has exceeded the maximum allowed size");
  expect_invalid(
      update({{"UpdateExpression", "SET w = :w"}, {"ExpressionAttributeValues", {{":w", s("x")}}}}),
      "Item size to update has exceeded the maximum allowed size");
}

TEST_F(WritesTest, ExpressionsAreCheckedBeforeTheTableAndKeysAfter) {
  EXPECT_EQ(call("PutItem",
                 with_table({{"Item", {{"pk", s("a")}}}, {"ConditionExpression", "pk = :missing"}},
                            "nowhere"))
                .error(),
            "ValidationException");
  EXPECT_EQ(call("PutItem", with_table({{"Item", {{"v", s("a")}}}}, "nowhere")).error(),
            "ResourceNotFoundException");
  EXPECT_EQ(
      call("PutItem", with_table({{"Item", {{"pk", s("a")}, {"n", n("x")}}}}, "nowhere")).error(),
      "ResourceNotFoundException");
}

TEST_F(WritesTest, NamesAndValuesNeedAnExpression) {
  expect_invalid(call("PutItem", with_table({{"Item", {{"pk", s("a")}}},
                                             {"ExpressionAttributeNames", {{"#a", "a"}}}})),
                 "ExpressionAttributeNames can only be specified when using expressions");
  expect_invalid(call("PutItem", with_table({{"Item", {{"pk", s("a")}}},
                                             {"ExpressionAttributeValues", {{":a", s("a")}}}})),
                 "ExpressionAttributeValues can only be specified when using expressions: "
                 "ConditionExpression is null");
  expect_invalid(update({{"UpdateExpression", "SET x = :v"},
                         {"ExpressionAttributeValues", {{":v", s("1")}, {":w", s("2")}}}}),
                 "Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}");
}

TEST_F(WritesTest, CapacityIsMeasuredByTheLargerItem) {
  const auto capacity = [&](std::string_view operation, Json input) {
    input["ReturnConsumedCapacity"] = "TOTAL";
    return ok(operation, with_table(input))["ConsumedCapacity"];
  };
  EXPECT_EQ(capacity("PutItem", {{"Item", {{"pk", s("a")}, {"v", s(std::string(2000, 'v'))}}}}),
            Json({{"TableName", "tab1"}, {"CapacityUnits", 2.0}}));
  EXPECT_EQ(capacity("PutItem", {{"Item", {{"pk", s("a")}}}})["CapacityUnits"], 2.0);
  EXPECT_EQ(capacity("DeleteItem", {{"Key", {{"pk", s("none")}}}})["CapacityUnits"], 1.0);
  EXPECT_EQ(capacity("GetItem", {{"Key", {{"pk", s("none")}}}})["CapacityUnits"], 0.5);
  EXPECT_EQ(capacity("GetItem",
                     {{"Key", {{"pk", s("none")}}}, {"ConsistentRead", true}})["CapacityUnits"],
            1.0);
  put("tab1", {{"pk", s("b")}, {"v", s(std::string(4096, 'v'))}});
  EXPECT_EQ(capacity("GetItem",
                     {{"Key", {{"pk", s("b")}}}, {"ProjectionExpression", "pk"}})["CapacityUnits"],
            1.0);
}

TEST_F(WritesTest, CapacityByIndexNamesTheTable) {
  const Json answer = ok(
      "PutItem", with_table({{"Item", {{"pk", s("a")}}}, {"ReturnConsumedCapacity", "INDEXES"}}));
  EXPECT_EQ(
      answer["ConsumedCapacity"],
      Json({{"TableName", "tab1"}, {"CapacityUnits", 1.0}, {"Table", {{"CapacityUnits", 1.0}}}}));
}

TEST_F(WritesTest, PathsBelowAKeyAreRefused) {
  expect_invalid(
      call("GetItem", with_table({{"Key", {{"pk", s("a")}}}, {"ProjectionExpression", "pk.x"}})),
      "Key attributes must be scalars; list random access '[]' and map lookup '.' are "
      "not allowed: Key: pk");
}

TEST_F(WritesTest, CountersOfManyWritersAddUp) {
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([&] {
      for (int j = 0; j < 50; ++j) {
        update({{"UpdateExpression", "ADD hits :one"},
                {"ExpressionAttributeValues", {{":one", n("1")}}}});
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(get("tab1", {{"pk", s("a")}})["Item"]["hits"], n("200"));
}

TEST_F(WritesTest, ValuesAreNestedThirtyOneLevelsDeep) {
  ok("CreateTable", simple_table("deep"));
  const auto nested = [](int levels) {
    Json value = s("x");
    for (int i = 0; i < levels; ++i) value = Json{{"M", Json{{"a", value}}}};
    return value;
  };
  const auto item = [&](int levels) { return Json{{"pk", s("k")}, {"v", nested(levels)}}; };
  put("deep", item(31));
  EXPECT_EQ(get("deep", {{"pk", s("k")}})["Item"], item(31));
  ok("BatchWriteItem",
     {{"RequestItems", {{"deep", Json::array({{{"PutRequest", {{"Item", item(31)}}}}})}}}});
  for (const int levels : {32, 50}) {
    expect_invalid(call("PutItem", {{"TableName", "deep"}, {"Item", item(levels)}}),
                   "Nesting Levels have exceeded supported limits: Attributes in the item have "
                   "nested levels beyond supported limit");
  }
}

TEST_F(WritesTest, NamesOfAttributesAreShorterThanSixtyFourKilobytes) {
  ok("CreateTable", simple_table("names"));
  const std::string longest(65535, 'a');
  const std::string longer = longest + "a";
  put("names", {{"pk", s("k")}, {longest, n("1")}});
  const char* const too_large = "Attribute name is too large, must be less than 65536 bytes";
  expect_invalid(
      call("PutItem", {{"TableName", "names"}, {"Item", {{"pk", s("k")}, {longer, n("1")}}}}),
      too_large);
  const Json get = {{"TableName", "names"}, {"Key", {{"pk", s("k")}}}};
  Json input = get;
  input["AttributesToGet"] = {longer};
  expect_invalid(call("GetItem", input), too_large);
  input = get;
  input["ProjectionExpression"] = "#n";
  input["ExpressionAttributeNames"] = {{"#n", longer}};
  expect_invalid(call("GetItem", input), too_large);
}

}  // namespace paddock::testing
