// ExclusiveStartKey: what is refused, and in which words.
#include "fixture.hpp"

namespace paddock::testing {

class StartKeysTest : public DynamoDbTest {
 protected:
  void SetUp() override {
    Json table = sorted_table("tab1");
    table["AttributeDefinitions"].push_back(attribute("g", "S"));
    table["AttributeDefinitions"].push_back(attribute("r", "N"));
    table["GlobalSecondaryIndexes"] =
        Json::array({{{"IndexName", "by-g"},
                      {"KeySchema", Json::array({key("g", "HASH"), key("r", "RANGE")})},
                      {"Projection", {{"ProjectionType", "ALL"}}}}});
    ok("CreateTable", table);
  }

  std::string scan(const Json& start, const Json& more = Json::object()) {
    Json input = {{"TableName", "tab1"}, {"ExclusiveStartKey", start}};
    for (const auto& [name, value] : more.items()) input[name] = value;
    return call("Scan", input).message();
  }
  std::string query(const Json& start, const std::string& range = "", const Json& bound = Json()) {
    Json values = {{":p", s("P")}};
    if (!bound.is_null()) values[":r"] = bound;
    return call("Query", {{"TableName", "tab1"},
                          {"KeyConditionExpression", "pk = :p" + range},
                          {"ExpressionAttributeValues", values},
                          {"ExclusiveStartKey", start}})
        .message();
  }
  std::string query_index(const Json& start) {
    return call("Query", {{"TableName", "tab1"},
                          {"IndexName", "by-g"},
                          {"KeyConditionExpression", "g = :g"},
                          {"ExpressionAttributeValues", {{":g", s("G")}}},
                          {"ExclusiveStartKey", start}})
        .message();
  }

  const std::string invalid = "The provided starting key is invalid";
  const std::string mismatch = "The provided key element does not match the schema";
};

TEST_F(StartKeysTest, AScanSaysThatItDoesNotMatchTheSchema) {
  const std::string wrong = invalid + ": " + mismatch;
  EXPECT_EQ(scan(Json::object()), wrong);
  EXPECT_EQ(scan({{"pk", s("P")}}), wrong);
  EXPECT_EQ(scan({{"pk", s("P")}, {"bad", s("S")}}), wrong);
  EXPECT_EQ(scan({{"pk", n("42")}, {"sk", s("S")}}), wrong);
  EXPECT_EQ(scan({{"pk", s("P")}, {"sk", s("S")}, {"extra", s("x")}}), wrong);
  EXPECT_EQ(scan({{"pk", s("P")}, {"sk", s("S")}}), "");
}

TEST_F(StartKeysTest, AQuerySaysThatItIsInvalid) {
  EXPECT_EQ(query(Json::object()), invalid);
  EXPECT_EQ(query({{"pk", s("P")}}), invalid);
  EXPECT_EQ(query({{"pk", n("42")}, {"sk", s("S")}}), invalid);
  EXPECT_EQ(query({{"pk", s("P")}, {"sk", s("S")}, {"extra", s("x")}}), invalid);
  EXPECT_EQ(query({{"pk", s("P")}, {"sk", s("S")}}), "");
}

TEST_F(StartKeysTest, AnIndexNeedsItsOwnKeyAndThatOfTheTable) {
  const Json whole = {{"pk", s("P")}, {"sk", s("S")}, {"g", s("G")}, {"r", n("1")}};
  const auto with = [&](const char* name, const Json& value) {
    Json start = whole;
    start[name] = value;
    return start;
  };
  Json other = whole;
  other.erase("g");
  EXPECT_EQ(query_index(other), invalid);
  other["x"] = s("G");
  EXPECT_EQ(query_index(other), invalid);
  EXPECT_EQ(scan(other, {{"IndexName", "by-g"}}), invalid);
  EXPECT_EQ(query_index(with("r", s("1"))), mismatch);
  EXPECT_EQ(query_index(with("sk", n("1"))), invalid + ": " + mismatch);
  EXPECT_EQ(query_index(whole), "");
  EXPECT_EQ(scan(whole, {{"IndexName", "by-g"}}), "");
}

TEST_F(StartKeysTest, AQueryStartsWithinWhatItAsksFor) {
  const Json other = {{"pk", s("Q")}, {"sk", s("S")}};
  EXPECT_EQ(query(other),
            "The provided starting key is outside query boundaries based on provided conditions");
  EXPECT_EQ(query(other, " AND sk > :r", s("A")),
            "The query can return at most one row and cannot be restarted");
  EXPECT_EQ(query({{"pk", s("P")}, {"sk", s("A")}}, " AND sk > :r", s("A")),
            "The provided starting key does not match the range key predicate");
  EXPECT_EQ(query({{"pk", s("P")}, {"sk", s("B")}}, " AND sk > :r", s("A")), "");
}

TEST_F(StartKeysTest, ItsValuesAreCheckedBeforeTheTable) {
  const auto of_absent = [&](const Json& value) {
    return call("Scan", {{"TableName", "nowhere"}, {"ExclusiveStartKey", {{"pk", value}}}})
        .message();
  };
  EXPECT_EQ(of_absent({{"SS", Json::array()}}),
            invalid +
                ": One or more parameter values were invalid: An string set  may not be "
                "empty");
  EXPECT_EQ(of_absent(n("x")), "The parameter cannot be converted to a numeric value: x");
}

TEST_F(StartKeysTest, ASegmentRefusesAKeyOfAnother) {
  const Json start = {{"pk", s("P")}, {"sk", s("S")}};
  int refused = 0;
  for (int segment = 0; segment < 2; ++segment) {
    const std::string message = scan(start, {{"Segment", segment}, {"TotalSegments", 2}});
    if (message.empty()) continue;
    ++refused;
    EXPECT_EQ(message, invalid +
                           ": Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct "
                           "Segment. TotalSegments: 2 Segment: " +
                           std::to_string(segment));
  }
  EXPECT_EQ(refused, 1);
}

TEST_F(StartKeysTest, KeyConditionsRefuseEmptyKeyValues) {
  const auto empty = [&](const char* name) {
    return "One or more parameter values are not valid. The AttributeValue for a key attribute "
           "cannot contain an empty string value. Key: " +
           std::string(name);
  };
  const auto ask = [&](const Json& hash, const Json& range) {
    return call("Query", {{"TableName", "tab1"},
                          {"KeyConditionExpression", "pk = :p AND sk = :r"},
                          {"ExpressionAttributeValues", {{":p", hash}, {":r", range}}}})
        .message();
  };
  EXPECT_EQ(ask(s(""), s("a")), empty("pk"));
  EXPECT_EQ(ask(s("a"), s("")), empty("sk"));
}

TEST_F(StartKeysTest, KeyConditionsAreCountedAgainstTheSchema) {
  const auto ask = [&](const std::string& condition) {
    return call("Query",
                {{"TableName", "tab1"},
                 {"KeyConditionExpression", condition},
                 {"ExpressionAttributeValues", {{":p", s("q")}, {":a", s("1")}, {":b", s("5")}}}})
        .message();
  };
  EXPECT_EQ(ask("pk = :p AND sk > :a AND sk < :b"),
            "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one "
            "condition per key");
  EXPECT_EQ(ask("pk = :p AND sk > :a AND extra = :b"),
            "The number of query conditions (3) exceeds the number of key attributes defined in "
            "the schema (2)");
}

TEST_F(StartKeysTest, OtherExpressionsAreReadBeforeTheFormOfTheKeyCondition) {
  EXPECT_EQ(call("Query", {{"TableName", "tab1"},
                           {"KeyConditionExpression", "pk = :p OR sk = :p"},
                           {"FilterExpression", ""},
                           {"ExpressionAttributeValues", {{":p", s("a")}}}})
                .message(),
            "Invalid FilterExpression: The expression can not be empty;");
}

}  // namespace paddock::testing
