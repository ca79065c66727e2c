// Local and global secondary indexes through the wire.
#include <set>
#include <string>

#include "fixture.hpp"

namespace paddock::testing {

class IndexesTest : public DynamoDbTest {
 protected:
  void SetUp() override {
    Json table = sorted_table("tab1");
    table["AttributeDefinitions"].push_back(attribute("tag", "S"));
    table["AttributeDefinitions"].push_back(attribute("rank", "N"));
    table["GlobalSecondaryIndexes"] = Json::array();
    table["GlobalSecondaryIndexes"].push_back(
        {{"IndexName", "by-tag"},
         {"KeySchema", {key("tag", "HASH"), key("rank", "RANGE")}},
         {"Projection", {{"ProjectionType", "INCLUDE"}, {"NonKeyAttributes", {"title"}}}}});
    table["LocalSecondaryIndexes"] = Json::array();
    table["LocalSecondaryIndexes"].push_back(
        {{"IndexName", "by-rank"},
         {"KeySchema", {key("pk", "HASH"), key("rank", "RANGE")}},
         {"Projection", {{"ProjectionType", "KEYS_ONLY"}}}});
    ok("CreateTable", table);
  }
  Json item(const std::string& sk, const std::string& tag, int rank) {
    return {{"pk", s("a")},          {"sk", s(sk)},
            {"tag", s(tag)},         {"rank", n(std::to_string(rank))},
            {"title", s("t-" + sk)}, {"text", s("long")}};
  }
  Json by_tag(const std::string& tag, const Json& more = Json::object()) {
    Json input = {{"TableName", "tab1"},
                  {"IndexName", "by-tag"},
                  {"KeyConditionExpression", "tag = :t"},
                  {"ExpressionAttributeValues", {{":t", s(tag)}}}};
    input.update(more);
    return input;
  }
  Json by_rank(const Json& more = Json::object()) {
    Json input = {{"TableName", "tab1"},
                  {"IndexName", "by-rank"},
                  {"KeyConditionExpression", "pk = :p"},
                  {"ExpressionAttributeValues", {{":p", s("a")}}}};
    input.update(more);
    return input;
  }
};

TEST_F(IndexesTest, AnIndexHoldsItsProjectionInItsOwnOrder) {
  put("tab1", item("1", "x", 30));
  put("tab1", item("2", "x", -4));
  put("tab1", item("3", "y", 5));
  const Json answer = ok("Query", by_tag("x"));
  ASSERT_EQ(answer["Count"], 2);
  EXPECT_EQ(answer["Items"][0], Json({{"pk", s("a")},
                                      {"sk", s("2")},
                                      {"tag", s("x")},
                                      {"rank", n("-4")},
                                      {"title", s("t-2")}}));
  EXPECT_EQ(answer["Items"][1]["sk"], s("1"));
  const Json local = ok("Query", by_rank());
  ASSERT_EQ(local["Count"], 3);
  EXPECT_EQ(local["Items"][0], Json({{"pk", s("a")}, {"sk", s("2")}, {"rank", n("-4")}}));
  EXPECT_EQ(local["Items"][2]["rank"], n("30"));
}

TEST_F(IndexesTest, AnItemWithoutTheIndexKeyIsNotInTheIndex) {
  put("tab1", item("1", "x", 1));
  Json bare = item("2", "x", 2);
  bare.erase("rank");
  put("tab1", bare);
  EXPECT_EQ(ok("Query", by_tag("x"))["Count"], 1);
  EXPECT_EQ(ok("Query", by_rank())["Count"], 1);
  EXPECT_EQ(ok("Scan", {{"TableName", "tab1"}, {"IndexName", "by-tag"}})["Count"], 1);
  EXPECT_EQ(ok("Scan", {{"TableName", "tab1"}})["Count"], 2);
}

TEST_F(IndexesTest, EntriesFollowTheirItem) {
  put("tab1", item("1", "x", 1));
  ok("UpdateItem", {{"TableName", "tab1"},
                    {"Key", {{"pk", s("a")}, {"sk", s("1")}}},
                    {"UpdateExpression", "SET tag = :y"},
                    {"ExpressionAttributeValues", {{":y", s("y")}}}});
  EXPECT_EQ(ok("Query", by_tag("x"))["Count"], 0);
  EXPECT_EQ(ok("Query", by_tag("y"))["Count"], 1);
  ok("UpdateItem", {{"TableName", "tab1"},
                    {"Key", {{"pk", s("a")}, {"sk", s("1")}}},
                    {"UpdateExpression", "REMOVE tag"}});
  EXPECT_EQ(ok("Query", by_tag("y"))["Count"], 0);
  ok("DeleteItem", {{"TableName", "tab1"}, {"Key", {{"pk", s("a")}, {"sk", s("1")}}}});
  EXPECT_EQ(ok("Query", by_rank())["Count"], 0);
  const Json table = ok("DescribeTable", {{"TableName", "tab1"}})["Table"];
  EXPECT_EQ(table["GlobalSecondaryIndexes"][0]["ItemCount"], 0);
  EXPECT_EQ(table["LocalSecondaryIndexes"][0]["IndexSizeBytes"], 0);
}

TEST_F(IndexesTest, AWrongTypeOrAnEmptyIndexKeyRefusesTheWrite) {
  Json wrong = item("1", "x", 1);
  wrong["tag"] = n("1");
  expect_invalid(call("PutItem", {{"TableName", "tab1"}, {"Item", wrong}}),
                 "One or more parameter values were invalid: Type mismatch for Index Key tag "
                 "Expected: S Actual: N IndexName: by-tag");
  put("tab1", item("1", "x", 1));
  expect_invalid(call("UpdateItem", {{"TableName", "tab1"},
                                     {"Key", {{"pk", s("a")}, {"sk", s("1")}}},
                                     {"UpdateExpression", "SET #r = :r"},
                                     {"ExpressionAttributeNames", {{"#r", "rank"}}},
                                     {"ExpressionAttributeValues", {{":r", s("one")}}}}),
                 "One or more parameter values were invalid: Type mismatch for Index Key rank "
                 "Expected: N Actual: S IndexName: by-tag");
  expect_invalid(call("PutItem", {{"TableName", "tab1"}, {"Item", item("2", "", 1)}}),
                 "One or more parameter values are not valid. A value specified for a secondary "
                 "index key is not supported. The AttributeValue for a key attribute cannot "
                 "contain an empty string value. IndexName: by-tag, IndexKey: tag");
  EXPECT_EQ(ok("Query", by_tag("x"))["Count"], 1);
}

TEST_F(IndexesTest, AnUpdateToAnEmptyIndexKeyIsRefusedInItsOwnWords) {
  put("tab1", item("1", "x", 1));
  expect_invalid(call("UpdateItem", {{"TableName", "tab1"},
                                     {"Key", {{"pk", s("a")}, {"sk", s("1")}}},
                                     {"UpdateExpression", "SET tag = :t"},
                                     {"ExpressionAttributeValues", {{":t", s("")}}}}),
                 "One or more parameter values are not valid. The update expression attempted to "
                 "update a secondary index key to a value that is not supported. The "
                 "AttributeValue for a key attribute cannot contain an empty string value.");
}

TEST_F(IndexesTest, PagesOfEqualIndexKeysLoseNothing) {
  for (int i = 0; i < 25; ++i) put("tab1", item("s" + std::to_string(i), "x", 7));
  for (const bool forward : {true, false}) {
    std::set<std::string> seen;
    Json more = {{"Limit", 4}, {"ScanIndexForward", forward}};
    for (;;) {
      const Json answer = ok("Query", by_tag("x", more));
      for (const Json& found : answer["Items"]) {
        EXPECT_TRUE(seen.insert(found["sk"]["S"]).second);
      }
      if (!answer.contains("LastEvaluatedKey")) break;
      EXPECT_EQ(answer["LastEvaluatedKey"].size(), 4u);  // keys of the index and of the table
      more["ExclusiveStartKey"] = answer["LastEvaluatedKey"];
    }
    EXPECT_EQ(seen.size(), 25u);
  }
}

TEST_F(IndexesTest, ALocalIndexFetchesWhatItDoesNotHold) {
  put("tab1", item("1", "x", 1));
  EXPECT_EQ(ok("Query", by_rank({{"Select", "ALL_ATTRIBUTES"}}))["Items"][0], item("1", "x", 1));
  EXPECT_EQ(ok("Query", by_rank({{"ProjectionExpression", "title"}}))["Items"][0],
            Json({{"title", s("t-1")}}));
}

TEST_F(IndexesTest, AGlobalIndexGivesOnlyWhatItHolds) {
  put("tab1", item("1", "x", 1));
  expect_invalid(call("Query", by_tag("x", {{"Select", "ALL_ATTRIBUTES"}})),
                 "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not "
                 "supported for global secondary index by-tag because its projection type is not "
                 "ALL");
  expect_invalid(call("Query", by_tag("x", {{"ProjectionExpression", "title, #t"},
                                            {"ExpressionAttributeNames", {{"#t", "text"}}}})),
                 "One or more parameter values were invalid: Global secondary index by-tag does "
                 "not project [text]");
  expect_invalid(call("Query", by_tag("x", {{"ConsistentRead", true}})),
                 "Consistent reads are not supported on global secondary indexes");
}

TEST_F(IndexesTest, IndexCapacityIsThatOfTheChange) {
  const auto consumed = [&](const Json& to_put) {
    return ok("PutItem", {{"TableName", "tab1"},
                          {"Item", to_put},
                          {"ReturnConsumedCapacity", "INDEXES"}})["ConsumedCapacity"];
  };
  const Json one = {{"CapacityUnits", 1.0}};
  const Json fresh = consumed(item("1", "x", 1));
  EXPECT_EQ(fresh["CapacityUnits"], 3.0);
  EXPECT_EQ(fresh["Table"], one);
  EXPECT_EQ(fresh["GlobalSecondaryIndexes"], Json({{"by-tag", one}}));
  EXPECT_EQ(fresh["LocalSecondaryIndexes"], Json({{"by-rank", one}}));
  Json same_entries = item("1", "x", 1);
  same_entries["text"] = s("other");
  const Json untouched = consumed(same_entries);
  EXPECT_EQ(untouched["CapacityUnits"], 1.0);
  EXPECT_FALSE(untouched.contains("GlobalSecondaryIndexes"));
  const Json moved = consumed(item("1", "y", 1));
  EXPECT_EQ(moved["GlobalSecondaryIndexes"]["by-tag"]["CapacityUnits"], 2.0);
  EXPECT_FALSE(moved.contains("LocalSecondaryIndexes"));
}

TEST_F(IndexesTest, CollectionMetricsComeForTablesWithALocalIndex) {
  const Json answer = ok("PutItem", {{"TableName", "tab1"},
                                     {"Item", item("1", "x", 1)},
                                     {"ReturnItemCollectionMetrics", "SIZE"}});
  EXPECT_EQ(answer["ItemCollectionMetrics"]["ItemCollectionKey"], Json({{"pk", s("a")}}));
  EXPECT_EQ(answer["ItemCollectionMetrics"]["SizeEstimateRangeGB"], Json({0.0, 1.0}));
  ok("CreateTable", simple_table("tab2"));
  EXPECT_FALSE(ok("PutItem", {{"TableName", "tab2"},
                              {"Item", {{"pk", s("a")}}},
                              {"ReturnItemCollectionMetrics", "SIZE"}})
                   .contains("ItemCollectionMetrics"));
}

TEST_F(IndexesTest, AnUpdateThatAddsAnIndexDefinesItsKeysAgain) {
  const Json create = {{"Create",
                        {{"IndexName", "by-rank-alone"},
                         {"KeySchema", {key("rank", "HASH")}},
                         {"Projection", {{"ProjectionType", "ALL"}}}}}};
  Json update = {{"TableName", "tab1"}, {"GlobalSecondaryIndexUpdates", Json::array({create})}};
  expect_invalid(call("UpdateTable", update),
                 "One or more parameter values were invalid: Some index key attributes are not "
                 "defined in AttributeDefinitions. Keys: [rank], AttributeDefinitions: []");
  update["AttributeDefinitions"] = Json::array({attribute("rank", "N")});
  ok("UpdateTable", update);
  expect_invalid(call("UpdateTable", update), "Attempting to create an index which already exists");
}

TEST_F(IndexesTest, AnUpdateOfAnIndexIsOneThing) {
  const auto update = [&](const Json& what) {
    return call("UpdateTable", {{"TableName", "tab1"},
                                {"AttributeDefinitions", {attribute("rank", "N")}},
                                {"GlobalSecondaryIndexUpdates", Json::array({what})}});
  };
  expect_invalid(update(Json::object()),
                 "One or more parameter values were invalid: One of "
                 "GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
                 "GlobalSecondaryIndexUpdate.Delete must not be null");
  expect_error(
      call("UpdateTable",
           {{"TableName", "tab1"},
            {"GlobalSecondaryIndexUpdates",
             {{{"Delete", {{"IndexName", "none-1"}}}}, {{"Delete", {{"IndexName", "none-2"}}}}}}}),
      "LimitExceededException",
      "Subscriber limit exceeded: Only 1 online index can be created or deleted "
      "simultaneously per table");
  expect_invalid(update({{"Create",
                          {{"IndexName", "new-one"},
                           {"KeySchema", {key("rank", "HASH")}},
                           {"Projection", {{"ProjectionType", "ALL"}}}}},
                         {"Delete", {{"IndexName", "by-tag"}}}}),
                 "One or more parameter values were invalid: Only one global secondary index "
                 "action is allowed per GlobalSecondaryIndexUpdate object");
}

}  // namespace paddock::testing
