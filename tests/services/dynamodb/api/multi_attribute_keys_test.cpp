// Global indexes whose keys have several attributes.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html
#include <string>
#include <vector>

#include "fixture.hpp"

namespace paddock::testing {

class MultiAttributeKeysTest : public DynamoDbTest {
 protected:
  // Matches by tournament and site, in the order of round and score.
  static Json matches() {
    Json table = simple_table("matches");
    for (const char* name : {"cup", "site", "round"}) {
      table["AttributeDefinitions"].push_back(attribute(name, "S"));
    }
    table["AttributeDefinitions"].push_back(attribute("score", "N"));
    table["GlobalSecondaryIndexes"] = {index(
        "by-cup",
        {key("cup", "HASH"), key("site", "HASH"), key("round", "RANGE"), key("score", "RANGE")})};
    return table;
  }
  static Json index(const char* name, const std::vector<Json>& schema) {
    return {
        {"IndexName", name}, {"KeySchema", schema}, {"Projection", {{"ProjectionType", "ALL"}}}};
  }
  void put(const char* pk, const char* cup, const char* site, const char* round,
           const char* score) {
    ok("PutItem", {{"TableName", "matches"},
                   {"Item",
                    {{"pk", s(pk)},
                     {"cup", s(cup)},
                     {"site", s(site)},
                     {"round", s(round)},
                     {"score", n(score)}}}});
  }
  void fill() {
    ok("CreateTable", matches());
    put("a", "spring", "eu", "final", "9");
    put("b", "spring", "eu", "final", "30");
    put("c", "spring", "eu", "final", "200");
    put("d", "spring", "eu", "semi", "5");
    put("e", "spring", "us", "final", "7");
    put("f", "sprin", "geu", "final", "7");  // the same letters, another key
  }
  static Json query(const char* condition) {
    Json values = {{":c", s("spring")}, {":r", s("eu")}, {":f", s("final")},
                   {":g", s("g")},      {":n", n("30")}, {":m", n("1000")}};
    Json used = Json::object();
    const std::string text(condition);
    for (const char* name : {":c", ":r", ":f", ":g", ":n", ":m"}) {
      if (text.find(name) != std::string::npos) used[name] = values[name];
    }
    return {{"TableName", "matches"},
            {"IndexName", "by-cup"},
            {"KeyConditionExpression", condition},
            {"ExpressionAttributeValues", used}};
  }
  static std::string keys_of(const Json& page) {
    std::string keys;
    for (const Json& item : page["Items"]) keys += item["pk"]["S"].get<std::string>();
    return keys;
  }
  std::string found(const char* condition) { return keys_of(ok("Query", query(condition))); }
};

TEST_F(MultiAttributeKeysTest, TheSchemaIsShownAsItWasGiven) {
  const Json schema = matches()["GlobalSecondaryIndexes"][0]["KeySchema"];
  EXPECT_EQ(
      ok("CreateTable", matches())["TableDescription"]["GlobalSecondaryIndexes"][0]["KeySchema"],
      schema);
  EXPECT_EQ(ok("DescribeTable",
               {{"TableName", "matches"}})["Table"]["GlobalSecondaryIndexes"][0]["KeySchema"],
            schema);
}

TEST_F(MultiAttributeKeysTest, APartitionIsNamedByAllItsAttributes) {
  fill();
  EXPECT_EQ(found("cup = :c AND site = :r"), "abcd");
  expect_invalid(call("Query", query("cup = :c")),
                 "Query condition missed key schema element: site");
  expect_invalid(
      call("Query",
           query("cup = :c AND #r > :r")
               .patch(Json::parse(
                   R"([{"op":"add","path":"/ExpressionAttributeNames","value":{"#r":"site"}}])"))),
      "Query key condition not supported");
}

TEST_F(MultiAttributeKeysTest, SortAttributesAreNamedFromTheFirstOn) {
  fill();
  EXPECT_EQ(found("cup = :c AND site = :r AND round = :f"), "abc");
  EXPECT_EQ(found("cup = :c AND site = :r AND round > :f"), "d");
  EXPECT_EQ(found("cup = :c AND site = :r AND begins_with(round, :f)"), "abc");
  EXPECT_EQ(found("cup = :c AND site = :r AND round = :f AND score = :n"), "b");
  EXPECT_EQ(found("score < :n AND round = :f AND site = :r AND cup = :c"), "a");
  EXPECT_EQ(found("cup = :c AND site = :r AND round = :f AND score >= :n"), "bc");
  EXPECT_EQ(found("cup = :c AND site = :r AND round = :f AND score BETWEEN :n AND :m"), "bc");
  expect_invalid(call("Query", query("cup = :c AND site = :r AND score > :n")),
                 "Query condition missed key schema element: round");
  expect_invalid(call("Query", query("cup = :c AND site = :r AND round > :f AND score = :n")),
                 "Query key condition not supported");
  expect_invalid(
      call("Query", query("cup = :c AND site = :r AND round = :f AND score = :n AND pk = :g")),
      "The number of query conditions (5) exceeds the number of key attributes defined in the "
      "schema (4)");
}

TEST_F(MultiAttributeKeysTest, LegacyConditionsNameAsMany) {
  fill();
  const auto equals = [](const Json& value) {
    return Json{{"ComparisonOperator", "EQ"}, {"AttributeValueList", Json::array({value})}};
  };
  Json conditions = {{"cup", equals(s("spring"))},
                     {"site", equals(s("eu"))},
                     {"round", equals(s("final"))},
                     {"score", equals(n("200"))}};
  EXPECT_EQ(keys_of(ok("Query", {{"TableName", "matches"},
                                 {"IndexName", "by-cup"},
                                 {"KeyConditions", conditions}})),
            "c");
  expect_invalid(call("Query", {{"TableName", "matches"}, {"KeyConditions", conditions}}),
                 "Conditions can be of length 1 or 2 only");
}

TEST_F(MultiAttributeKeysTest, PagesGoOnAfterAllKeyAttributes) {
  fill();
  for (const bool forward : {true, false}) {
    Json page = query("cup = :c AND site = :r");
    page["Limit"] = 1;
    page["ScanIndexForward"] = forward;
    std::string seen;
    for (int pages = 0; pages < 10; ++pages) {
      const Json answer = ok("Query", page);
      seen += keys_of(answer);
      if (!answer.contains("LastEvaluatedKey")) break;
      EXPECT_EQ(answer["LastEvaluatedKey"].size(), 5u);
      page["ExclusiveStartKey"] = answer["LastEvaluatedKey"];
    }
    EXPECT_EQ(seen, forward ? "abcd" : "dcba");
  }
  Json other = query("cup = :c AND site = :r");
  other["ExclusiveStartKey"] = {{"pk", s("e")},
                                {"cup", s("spring")},
                                {"site", s("us")},
                                {"round", s("final")},
                                {"score", n("7")}};
  expect_invalid(call("Query", other),
                 "The provided starting key is outside query boundaries based on provided "
                 "conditions");
}

TEST_F(MultiAttributeKeysTest, ItemsWithoutAllAttributesAreNotInTheIndex) {
  fill();
  const auto update = [&](const char* expression, const Json& values = Json()) {
    Json input = {
        {"TableName", "matches"}, {"Key", {{"pk", s("a")}}}, {"UpdateExpression", expression}};
    if (!values.is_null()) input["ExpressionAttributeValues"] = values;
    return call("UpdateItem", input);
  };
  for (const char* attribute : {"cup", "site", "round", "score"}) {
    EXPECT_TRUE(update(("REMOVE " + std::string(attribute)).c_str()).ok());
    EXPECT_EQ(found("cup = :c AND site = :r"), "bcd") << attribute;
    put("a", "spring", "eu", "final", "9");
    EXPECT_EQ(found("cup = :c AND site = :r"), "abcd") << attribute;
  }
  EXPECT_TRUE(update("SET score = :v", {{":v", n("100")}}).ok());
  EXPECT_EQ(found("cup = :c AND site = :r"), "bacd");
  EXPECT_EQ(update("SET score = :v", {{":v", s("many")}}).error(), "ValidationException");
  EXPECT_EQ(ok("Scan", {{"TableName", "matches"}, {"IndexName", "by-cup"}})["Count"], 6);
}

TEST_F(MultiAttributeKeysTest, AnIndexMadeLaterIsFilled) {
  Json table = matches();
  const Json indexes = table["GlobalSecondaryIndexes"];
  const Json definitions = table["AttributeDefinitions"];
  table.erase("GlobalSecondaryIndexes");
  table["AttributeDefinitions"] = Json::array({definitions[0]});
  ok("CreateTable", table);
  put("a", "spring", "eu", "final", "9");
  ok("UpdateTable", {{"TableName", "matches"},
                     {"AttributeDefinitions", definitions},
                     {"GlobalSecondaryIndexUpdates", {{{"Create", indexes[0]}}}}});
  emulator.wait_idle();
  EXPECT_EQ(found("cup = :c AND site = :r AND round = :f"), "a");
}

TEST_F(MultiAttributeKeysTest, ASchemaHasFourOfAKindAtMostAndPartitionAttributesFirst) {
  const auto refused = [&](const std::vector<Json>& schema) {
    Json table = simple_table("matches");
    table["AttributeDefinitions"] = Json::array();
    for (const char* name : {"pk", "a", "b", "c", "d", "e"}) {
      table["AttributeDefinitions"].push_back(attribute(name, "S"));
    }
    table["GlobalSecondaryIndexes"] = {index("wrong", schema)};
    const CallResult result = call("CreateTable", table);
    EXPECT_EQ(result.error(), "ValidationException") << result.text;
  };
  refused(
      {key("a", "HASH"), key("b", "HASH"), key("c", "HASH"), key("d", "HASH"), key("e", "HASH")});
  refused({key("a", "HASH"), key("b", "RANGE"), key("c", "HASH")});
  refused({key("a", "HASH"), key("b", "HASH"), key("b", "RANGE")});
  refused({key("a", "RANGE"), key("b", "RANGE"), key("c", "RANGE")});
  refused({key("a", "HASH"), key("b", "HASH"), key("none", "RANGE")});
  Json table = simple_table("matches");  // a table itself has one of each
  table["AttributeDefinitions"] = {attribute("pk", "S"), attribute("a", "S")};
  table["KeySchema"] = {key("pk", "HASH"), key("a", "HASH")};
  EXPECT_EQ(call("CreateTable", table).error(), "ValidationException");
}

TEST_F(MultiAttributeKeysTest, StatementsDoNotReadSuchAnIndex) {
  fill();
  const auto select = [&](const char* text) {
    return call("ExecuteStatement", {{"Statement", text}});
  };
  EXPECT_EQ(select("SELECT * FROM \"matches\".\"by-cup\" WHERE cup = 'spring'").error(),
            "ValidationException");
  EXPECT_EQ(select("SELECT * FROM \"matches\" WHERE pk = 'a'").body["Items"].size(), 1u);
}

TEST(MultiAttributeKeys, SurviveARestart) {
  TempDir directory;
  const Json schema = {{{"AttributeName", "a"}, {"KeyType", "HASH"}},
                       {{"AttributeName", "b"}, {"KeyType", "HASH"}},
                       {{"AttributeName", "c"}, {"KeyType", "RANGE"}},
                       {{"AttributeName", "d"}, {"KeyType", "RANGE"}}};
  Json definitions = Json::array();
  for (const char* name : {"pk", "a", "b", "c", "d"}) {
    definitions.push_back({{"AttributeName", name}, {"AttributeType", "S"}});
  }
  {
    TestEmulator emulator(TestEmulator::durable_options(directory.path()));
    const auto made =
        emulator.call("dynamodb", "CreateTable",
                      {{"TableName", "tab1"},
                       {"AttributeDefinitions", definitions},
                       {"KeySchema", {{{"AttributeName", "pk"}, {"KeyType", "HASH"}}}},
                       {"BillingMode", "PAY_PER_REQUEST"},
                       {"GlobalSecondaryIndexes",
                        {{{"IndexName", "gsi"},
                          {"KeySchema", schema},
                          {"Projection", {{"ProjectionType", "KEYS_ONLY"}}}}}}});
    ASSERT_TRUE(made.ok()) << made.text;
  }
  TestEmulator emulator(TestEmulator::durable_options(directory.path()));
  EXPECT_EQ(emulator.call("dynamodb", "DescribeTable", {{"TableName", "tab1"}})
                .body["Table"]["GlobalSecondaryIndexes"][0]["KeySchema"],
            schema);
}

}  // namespace paddock::testing
