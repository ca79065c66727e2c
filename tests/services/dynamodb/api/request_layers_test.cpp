// The words in which operations refuse requests, and what they look at first. AWS's answers of
// October 2026 in us-east-1, recorded by the dynamodb-conformance project.
#include <vector>

#include "fixture.hpp"

namespace paddock::testing {

constexpr const char* kEnvelope = "1 validation error detected: ";

class RequestLayersTest : public DynamoDbTest {
 protected:
  void SetUp() override { ok("CreateTable", simple_table("tab1")); }

  static Json with(const Json& more, Json input) {
    for (const auto& [name, value] : more.items()) input[name] = value;
    return input;
  }
  std::string refused_put(const Json& value, const char* table = "tab1") {
    return call("PutItem", {{"TableName", table}, {"Item", {{"pk", s("a")}, {"v", value}}}})
        .message();
  }
  std::string refused_put_with(const Json& more) {
    return call("PutItem", with(more, {{"TableName", "tab1"}, {"Item", {{"pk", s("a")}}}}))
        .message();
  }
  std::string refused_update(const Json& more) {
    return call("UpdateItem", with(more, {{"TableName", "tab1"}, {"Key", {{"pk", s("a")}}}}))
        .message();
  }
  std::string refused_delete(const Json& more) {
    return call("DeleteItem", with(more, {{"TableName", "tab1"}, {"Key", {{"pk", s("a")}}}}))
        .message();
  }
  std::string refused_get(const Json& key) {
    return call("GetItem", {{"TableName", "tab1"}, {"Key", {{"pk", key}}}}).message();
  }
  std::string refused_query(const Json& value) {
    return call("Query", {{"TableName", "tab1"},
                          {"KeyConditionExpression", "pk = :p"},
                          {"FilterExpression", "v = :v"},
                          {"ExpressionAttributeValues", {{":p", s("a")}, {":v", value}}}})
        .message();
  }
  std::string refused_scan(const Json& value) {
    return call("Scan", {{"TableName", "tab1"},
                         {"FilterExpression", "v = :v"},
                         {"ExpressionAttributeValues", {{":v", value}}}})
        .message();
  }
  std::string refused_batch_write(const Json& value) {
    const Json request = {{"PutRequest", {{"Item", {{"pk", s("a")}, {"v", value}}}}}};
    return call("BatchWriteItem", {{"RequestItems", {{"tab1", Json::array({request})}}}}).message();
  }
  std::string refused_batch_get(const Json& key) {
    const Json keys = Json::array({{{"pk", key}}});
    return call("BatchGetItem", {{"RequestItems", {{"tab1", {{"Keys", keys}}}}}}).message();
  }
};

TEST_F(RequestLayersTest, ABadNumberIsWordedByTheOperation) {
  const std::string envelope = kEnvelope;
  const std::string not_numeric = "The parameter cannot be converted to a numeric value";
  const Json abc = n("abc");
  const Json condition = {{"ConditionExpression", "v = :v"},
                          {"ExpressionAttributeValues", {{":v", abc}}}};
  EXPECT_EQ(refused_put(abc), envelope + not_numeric + ": abc");
  EXPECT_EQ(refused_put({{"M", {{"x", {{"L", {abc}}}}}}}), envelope + not_numeric + ": abc");
  EXPECT_EQ(refused_put_with(condition), envelope + not_numeric + ": abc");
  EXPECT_EQ(refused_delete(condition), envelope + not_numeric + ": abc");
  EXPECT_EQ(refused_update(
                {{"UpdateExpression", "SET v = :v"}, {"ExpressionAttributeValues", {{":v", abc}}}}),
            envelope + not_numeric + ": abc");
  EXPECT_EQ(refused_get(abc), not_numeric + ": abc");
  EXPECT_EQ(refused_batch_get(abc), not_numeric + ": abc");
  EXPECT_EQ(refused_query(abc), not_numeric + ": abc");
  EXPECT_EQ(refused_batch_write(abc), not_numeric + ": abc");
  EXPECT_EQ(refused_scan(abc), "ExpressionAttributeValues contains invalid value: " + not_numeric +
                                   ": abc for key :v");
}

TEST_F(RequestLayersTest, AnEmptyNumberIsWordedByTheOperation) {
  const std::string not_numeric = "The parameter cannot be converted to a numeric value";
  EXPECT_EQ(refused_put(n("")), kEnvelope + not_numeric + ": ");
  EXPECT_EQ(refused_get(n("")), not_numeric + ": ");
  EXPECT_EQ(refused_batch_write(n("")), not_numeric);
}

TEST_F(RequestLayersTest, DuplicatesInSetsAreListedAsTheOperationListsThem) {
  const std::string input = "One or more parameter values were invalid: Input collection ";
  const Json strings = {{"SS", {"b", "a", "b"}}};
  const Json bytes = {{"BS", {"/w==", "AA==", "AA=="}}};
  const Json numbers = {{"NS", {"2", "1", "2"}}};
  EXPECT_EQ(refused_put(strings), kEnvelope + input + R"(["a", "b", "b"] contains duplicates.)");
  EXPECT_EQ(refused_put(bytes),
            kEnvelope + input + R"(["AA==","/w==","AA=="]of type BS contains duplicates.)");
  EXPECT_EQ(refused_put(numbers), kEnvelope + input + "contains duplicates.");
  EXPECT_EQ(refused_query(strings), input + R"(["a", "b", "b"] contains duplicates.)");
  EXPECT_EQ(refused_batch_write(strings), input + "[b, a, b] contains duplicates.");
  EXPECT_EQ(refused_batch_write(bytes),
            input + "[/w==, AA==, AA==]of type BS contains duplicates.");
  EXPECT_EQ(refused_batch_write(numbers), "Input collection contains duplicates");
}

TEST_F(RequestLayersTest, WhatIsNoValueStaysOutsideTheEnvelope) {
  EXPECT_EQ(refused_put(Json::object()),
            "Supplied AttributeValue is empty, must contain exactly one of the supported "
            "datatypes");
  EXPECT_EQ(refused_put({{"S", "a"}, {"BOOL", true}}),
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of "
            "the supported datatypes");
  // What is wrong with one of several comes first.
  EXPECT_EQ(refused_put({{"S", "a"}, {"N", "b"}}),
            std::string(kEnvelope) + "The parameter cannot be converted to a numeric value: b");
}

TEST_F(RequestLayersTest, EmptySetsAndNullFalseAreRefused) {
  const std::string invalid =
      std::string(kEnvelope) + "One or more parameter values were invalid: ";
  EXPECT_EQ(refused_put({{"SS", Json::array()}}), invalid + "An string set  may not be empty");
  EXPECT_EQ(refused_put({{"NS", Json::array()}}), invalid + "An number set  may not be empty");
  EXPECT_EQ(refused_put({{"BS", Json::array()}}), invalid + "Binary sets should not be empty");
  EXPECT_EQ(refused_put({{"NULL", false}}),
            invalid + "Null attribute value types must have the value of true");
}

TEST_F(RequestLayersTest, AnEmptySetMemberIsFineAndAnEmptyNameIsNot) {
  EXPECT_EQ(refused_put({{"SS", {"", "a"}}}), "");
  EXPECT_EQ(refused_put({{"BS", {"", "AA=="}}}), "");
  EXPECT_EQ(refused_put({{"M", {{"", s("x")}}}}), std::string(kEnvelope) + "Empty attribute name");
}

TEST_F(RequestLayersTest, ValuesAreCheckedBeforeTheTableIsLookedUp) {
  EXPECT_EQ(refused_put(n("x"), "nowhere"),
            std::string(kEnvelope) + "The parameter cannot be converted to a numeric value: x");
  EXPECT_EQ(call("GetItem", {{"TableName", "nowhere"}, {"Key", {{"pk", n("x")}}}}).error(),
            "ValidationException");
  const Json request = {{"PutRequest", {{"Item", {{"pk", n("x")}}}}}};
  EXPECT_EQ(
      call("BatchWriteItem", {{"RequestItems", {{"nowhere", Json::array({request})}}}}).error(),
      "ValidationException");
}

TEST_F(RequestLayersTest, KeysAndItemsAreCheckedBeforeNamesAndValues) {
  const Json bad = {{"ExpressionAttributeNames", Json::object()},
                    {"ConditionExpression", "attribute_exists(pk)"}};
  EXPECT_EQ(refused_put_with(bad),
            std::string(kEnvelope) + "ExpressionAttributeNames must not be empty");
  EXPECT_EQ(refused_put_with(with({{"Item", {{"pk", Json::object()}}}}, bad)),
            "Supplied AttributeValue is empty, must contain exactly one of the supported "
            "datatypes");
}

TEST_F(RequestLayersTest, ExpressionsOfWritesAreRefusedInTheEnvelope) {
  const std::string envelope = kEnvelope;
  EXPECT_EQ(refused_put_with({{"ConditionExpression", ""}}),
            envelope + "Invalid ConditionExpression: The expression can not be empty;");
  EXPECT_EQ(refused_put_with({{"ConditionExpression", "((attribute_not_exists(pk)))"}}),
            envelope + "Invalid ConditionExpression: The expression has redundant parentheses;");
  EXPECT_EQ(refused_put_with({{"ConditionExpression", "contains(#a, #a)"},
                              {"ExpressionAttributeNames", {{"#a", "data"}}}}),
            envelope +
                "Invalid ConditionExpression: The first operand must be distinct from the "
                "remaining operands for this operator or function; operator: contains, first "
                "operand: [data]");
  EXPECT_EQ(
      refused_update({{"UpdateExpression", "INVALID SYNTAX HERE"}}),
      envelope +
          R"(Invalid UpdateExpression: Syntax error; token: "INVALID", near: "INVALID SYNTAX")");
  EXPECT_EQ(refused_update({{"UpdateExpression", "SET a = :v"}}),
            envelope +
                "Invalid UpdateExpression: An expression attribute value used in expression is "
                "not defined; attribute value: :v");
  EXPECT_EQ(refused_delete({{"ConditionExpression", "attribute_exists(a)"},
                            {"ExpressionAttributeValues", Json::object()}}),
            envelope + "ExpressionAttributeValues must not be empty");
  EXPECT_EQ(refused_delete({{"ReturnValues", "UPDATED_NEW"}}),
            envelope + "ReturnValues can only be ALL_OLD or NONE");
}

TEST_F(RequestLayersTest, ExpressionsOfReadsAreRefusedBare) {
  EXPECT_EQ(
      call("GetItem",
           {{"TableName", "tab1"}, {"Key", {{"pk", s("a")}}}, {"ProjectionExpression", "a, a"}})
          .message(),
      "Invalid ProjectionExpression: Two document paths overlap with each other; must "
      "remove or rewrite one of these paths; path one: [a], path two: [a]");
  EXPECT_EQ(call("Query", {{"TableName", "tab1"}, {"KeyConditionExpression", "pk = :p"}}).message(),
            "Invalid KeyConditionExpression: An expression attribute value used in expression is "
            "not defined; attribute value: :p");
}

constexpr const char* kUnknownReturnValues =
    "Failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, UPDATED_OLD, "
    "ALL_NEW, UPDATE_NEW, NONE]";

TEST_F(RequestLayersTest, AnEmptyTableNameIsReportedAlone) {
  const std::string alone = std::string(kEnvelope) +
                            "Value at 'TableName' failed to satisfy constraint: Member must have "
                            "length greater than or equal to 1";
  const Json bad = {{"TableName", ""}, {"ReturnValues", "INVALID"}};
  EXPECT_EQ(refused_put_with(bad), alone);
  EXPECT_EQ(refused_update(bad), alone);
  EXPECT_EQ(refused_delete(bad), alone);
}

TEST_F(RequestLayersTest, UnknownEnumsAreReportedTogetherExceptByUpdates) {
  const Json bad = {{"ReturnConsumedCapacity", "INVALID"},
                    {"ReturnItemCollectionMetrics", "INVALID"},
                    {"ReturnValues", "INVALID"}};
  EXPECT_EQ(refused_put_with(bad),
            std::string("3 validation errors detected: Value 'INVALID' at "
                        "'returnConsumedCapacity' failed to satisfy constraint: Member must "
                        "satisfy enum value set: [INDEXES, TOTAL, NONE]; ") +
                kUnknownReturnValues +
                "; Value 'INVALID' at 'returnItemCollectionMetrics' failed to satisfy constraint: "
                "Member must satisfy enum value set: [SIZE, NONE]");
  EXPECT_EQ(refused_update(bad), std::string(kEnvelope) + kUnknownReturnValues);
}

TEST_F(RequestLayersTest, AMissingKeyBringsTheOlderWordsBack) {
  const Json input = {{"TableName", ""},
                      {"UpdateExpression", "SET a = :a"},
                      {"ExpressionAttributeValues", {{":a", s("x")}}},
                      {"ReturnConsumedCapacity", "INVALID"},
                      {"ReturnValues", "INVALID"}};
  EXPECT_EQ(
      call("UpdateItem", input).message(),
      "4 validation errors detected: Value 'INVALID' at 'returnConsumedCapacity' failed to "
      "satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]; Value "
      "'' at 'tableName' failed to satisfy constraint: Member must have length greater than "
      "or equal to 1; Value 'INVALID' at 'returnValues' failed to satisfy constraint: Member "
      "must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]; Value "
      "null at 'key' failed to satisfy constraint: Member must not be null");
}

TEST_F(RequestLayersTest, BatchesNameTheirConstraintsInTheirOwnWay) {
  const auto get = [&](const Json& items) {
    return call("BatchGetItem", {{"RequestItems", items}}).message();
  };
  const auto write = [&](const Json& items) {
    return call("BatchWriteItem", {{"RequestItems", items}}).message();
  };
  EXPECT_EQ(get(Json::object()),
            std::string(kEnvelope) +
                "Value at 'RequestItems' failed to satisfy constraint: Member must have length "
                "greater than or equal to 1");
  EXPECT_EQ(get({{"tab1", {{"Keys", Json::array()}}}}),
            std::string(kEnvelope) +
                "Value at 'RequestItems.tab1.member.Keys' failed to satisfy constraint: Member "
                "must have length greater than or equal to 1");
  EXPECT_EQ(write(Json::object()), "The requestItems parameter is required for BatchWriteItem");
  EXPECT_EQ(write({{"tab1", Json::array()}}),
            std::string(kEnvelope) +
                "Value '{tab1=[]}' at 'requestItems' failed to satisfy constraint: Map value must "
                "satisfy constraint: [Member must have length less than or equal to 25, Member "
                "must have length greater than or equal to 1]");
}

TEST_F(RequestLayersTest, ABatchSaysOfTheMapThatATableNameIsNone) {
  const std::string rule =
      " at 'requestItems' failed to satisfy constraint: Map keys must satisfy constraint: [Member "
      "must have length less than or equal to 255, Member must have length greater than or equal "
      "to 3, Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+]";
  const Json keys = Json::array({{{"pk", s("a")}}});
  EXPECT_EQ(call("BatchGetItem", {{"RequestItems", {{"bad!name", {{"Keys", keys}}}}}}).message(),
            std::string(kEnvelope) + R"(Value '{"bad!name":{"Keys":[{"pk":{"S":"a"}}]}}')" + rule);
  const Json request = {{"DeleteRequest", {{"Key", {{"pk", s("x")}}}}}};
  const std::string message =
      call("BatchWriteItem", {{"RequestItems", {{"bad!name", Json::array({request})}}}}).message();
  EXPECT_TRUE(message.starts_with(
      std::string(kEnvelope) +
      "Value '{bad!name=[WriteRequest(putRequest=null, deleteRequest=DeleteRequest(key={pk="))
      << message;
  EXPECT_TRUE(message.ends_with(rule)) << message;
}

TEST_F(RequestLayersTest, ABatchRefusesAnItemWithoutItsKeyAsAKey) {
  for (const Json& item : {Json({{"other", s("x")}}), Json({{"pk", n("5")}})}) {
    const Json request = {{"PutRequest", {{"Item", item}}}};
    expect_invalid(call("BatchWriteItem", {{"RequestItems", {{"tab1", Json::array({request})}}}}),
                   "The provided key element does not match the schema");
  }
}

TEST_F(RequestLayersTest, QuerySaysWhichMemberIsTooSmall) {
  EXPECT_EQ(call("Query", {{"TableName", "tab1"},
                           {"KeyConditionExpression", "pk = :p"},
                           {"ExpressionAttributeValues", {{":p", s("a")}}},
                           {"Limit", 0}})
                .message(),
            std::string(kEnvelope) +
                "Value at 'Limit' failed to satisfy constraint: Member must have value greater "
                "than or equal to 1");
  EXPECT_EQ(call("Scan", {{"TableName", "tab1"}, {"Limit", 0}}).message(),
            std::string(kEnvelope) +
                "Value '0' at 'limit' failed to satisfy constraint: Member must have value "
                "greater than or equal to 1");
}

TEST_F(RequestLayersTest, SelectIsWordedByTheOperation) {
  const auto ask = [&](const char* operation, const char* select, const char* projection) {
    Json input = {{"TableName", "tab1"}, {"Select", select}};
    if (projection) input["ProjectionExpression"] = projection;
    if (operation == std::string("Query")) {
      input["KeyConditionExpression"] = "pk = :p";
      input["ExpressionAttributeValues"] = {{":p", s("a")}};
    }
    return call(operation, input).message();
  };
  const std::string envelope = kEnvelope;
  const std::string needed =
      "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
      "SPECIFIC_ATTRIBUTES";
  EXPECT_EQ(ask("Query", "SPECIFIC_ATTRIBUTES", nullptr), envelope + needed);
  EXPECT_EQ(ask("Scan", "SPECIFIC_ATTRIBUTES", nullptr), needed);
  EXPECT_EQ(
      ask("Query", "COUNT", "v"),
      envelope + "Cannot specify the ProjectionExpression when choosing to get only the Count");
  EXPECT_EQ(ask("Query", "ALL_PROJECTED_ATTRIBUTES", nullptr),
            "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
}

TEST_F(RequestLayersTest, ErrorsOfGlobalIndexesComeBeforeThoseOfLocalOnes) {
  Json input = sorted_table("tab2");
  const Json projection = {{"ProjectionType", "ALL"}};
  input["LocalSecondaryIndexes"] =
      Json::array({{{"IndexName", "aa"},
                    {"KeySchema", Json::array({key("pk", "HASH"), key("lr", "RANGE")})},
                    {"Projection", projection}}});
  input["GlobalSecondaryIndexes"] = Json::array({{{"IndexName", "zz"},
                                                  {"KeySchema", Json::array({key("gh", "HASH")})},
                                                  {"Projection", projection}}});
  EXPECT_EQ(call("CreateTable", input).message(),
            "2 validation errors detected: Value 'zz' at "
            "'globalSecondaryIndexes.1.member.indexName' failed to satisfy constraint: Member must "
            "have length greater than or equal to 3; Value 'aa' at "
            "'localSecondaryIndexes.1.member.indexName' failed to satisfy constraint: Member must "
            "have length greater than or equal to 3");
}

TEST_F(RequestLayersTest, AKeyThatNamesMoreAttributesThanAreDefinedHasNoDefinition) {
  Json input = simple_table("tab2");
  input["KeySchema"].push_back(key("pk", "RANGE"));
  expect_invalid(call("CreateTable", input),
                 "Invalid KeySchema: Some index key attribute have no definition");
}

TEST_F(RequestLayersTest, ErrorTypesHaveTheirNamespacesAndMessageMembers) {
  const auto type = [](const CallResult& result) { return result.body["__type"]; };
  const CallResult invalid = call("GetItem", {{"TableName", "tab1"}, {"Key", {{"pk", n("x")}}}});
  EXPECT_EQ(type(invalid), "com.amazon.coral.validate#ValidationException");
  EXPECT_TRUE(invalid.body.contains("message"));
  const CallResult missing = call("GetItem", {{"TableName", "nowhere"}, {"Key", {{"pk", s("x")}}}});
  EXPECT_EQ(type(missing), "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException");
  const CallResult serialization =
      call("GetItem", {{"TableName", "tab1"}, {"Key", {{"pk", {{"S", 1}}}}}});
  EXPECT_EQ(type(serialization), "com.amazon.coral.service#SerializationException");
  EXPECT_TRUE(serialization.body.contains("Message"));
  EXPECT_FALSE(serialization.body.contains("message"));
}

}  // namespace paddock::testing
