// What an item, a statement and an expression may hold at most.
#include "fixture.hpp"

namespace paddock::testing {

class ItemLimitsTest : public DynamoDbTest {
 protected:
  static constexpr size_t kMost = 409'600;

  void SetUp() override { ok("CreateTable", simple_table("tab1")); }

  std::string put(const Json& item) {
    return call("PutItem", {{"TableName", "tab1"}, {"Item", item}}).message();
  }
  std::string update(const std::string& expression, const Json& values,
                     const std::string& key = "K") {
    return call("UpdateItem", {{"TableName", "tab1"},
                               {"Key", {{"pk", s(key)}}},
                               {"UpdateExpression", expression},
                               {"ExpressionAttributeValues", values}})
        .message();
  }
  // Whether `SET b = :pad` and `clause` are accepted with a padding that brings the statement's
  // charge to the limit, and refused with one byte more. `charge` is the clause's.
  void expect_charge(const std::string& clause, Json values, size_t charge,
                     const Json& item = {{"pk", {{"S", "K"}}}}) {
    ASSERT_EQ(put(item), "");
    const size_t padding = kMost - 3 - 19 - 1 - charge;
    const std::string expression = "SET b = :pad" + clause;
    values[":pad"] = s(std::string(padding, 'p'));
    EXPECT_EQ(update(expression, values), "") << clause;
    values[":pad"] = s(std::string(padding + 1, 'p'));
    EXPECT_EQ(update(expression, values),
              "Item size to update has exceeded the maximum allowed size")
        << clause;
  }
  static Json nested(int levels) {
    Json value = {{"S", "leaf"}};
    for (int i = 0; i < levels; ++i) value = {{"M", {{"n", value}}}};
    return value;
  }
};

TEST_F(ItemLimitsTest, ABatchHoldsEachItemToTheLimit) {
  const auto write = [&](size_t size) {  // "pk", "a" and "v" are 4 bytes
    const Json item = {{"pk", s("a")}, {"v", s(std::string(size - 4, 'v'))}};
    return call("BatchWriteItem",
                {{"RequestItems", {{"tab1", Json::array({{{"PutRequest", {{"Item", item}}}}})}}}})
        .message();
  };
  EXPECT_EQ(write(kMost), "");
  EXPECT_EQ(write(kMost + 1), "Item size has exceeded the maximum allowed size");
}

TEST_F(ItemLimitsTest, TransactionsAndStatementsHoldAnItemToTheLimit) {
  ASSERT_EQ(put({{"pk", s("u")}}), "");
  const auto fill = [](size_t size) { return s(std::string(size - 4, 'v')); };  // "pk", key and "v"
  const auto transact = [&](const char* kind, const Json& action) {
    return call("TransactWriteItems", {{"TransactItems", Json::array({{{kind, action}}})}}).ok();
  };
  const auto statement = [&](const char* text, const Json& value) {
    return call("ExecuteStatement", {{"Statement", text}, {"Parameters", Json::array({value})}})
        .ok();
  };
  for (const bool fits : {true, false}) {
    const Json value = fill(fits ? kMost : kMost + 1);
    EXPECT_EQ(transact("Put", {{"TableName", "tab1"}, {"Item", {{"pk", s("t")}, {"v", value}}}}),
              fits);
    EXPECT_EQ(transact("Update", {{"TableName", "tab1"},
                                  {"Key", {{"pk", s("u")}}},
                                  {"UpdateExpression", "SET v = :v"},
                                  {"ExpressionAttributeValues", {{":v", value}}}}),
              fits);
    const char* insert = fits ? "INSERT INTO tab1 VALUE {'pk': 'i', 'v': ?}"
                              : "INSERT INTO tab1 VALUE {'pk': 'j', 'v': ?}";
    EXPECT_EQ(statement(insert, value), fits);
    EXPECT_EQ(statement("UPDATE tab1 SET v = ? WHERE pk = 'u'", value), fits);
  }
}

TEST_F(ItemLimitsTest, ANumberCostsItsDigitsInPairsOnEitherSideOfThePoint) {
  const std::vector<std::pair<std::string, size_t>> costs = {
      {"0", 1},       {"1", 2},   {"12", 2},    {"123", 3},       {"-1", 3},   {"123456", 4},
      {"3.14159", 5}, {"0.1", 2}, {"1E125", 2}, {"0.0000001", 2}, {"-12.5", 4}};
  for (const auto& [literal, cost] : costs) {
    // "pk", "a", "n" and "p" are 5 bytes.
    const auto item = [&, text = literal, bytes = cost](size_t size) {
      return Json{{"pk", s("a")}, {"n", n(text)}, {"p", s(std::string(size - 5 - bytes, 'p'))}};
    };
    EXPECT_EQ(put(item(kMost)), "") << literal;
    EXPECT_EQ(put(item(kMost + 1)), "Item size has exceeded the maximum allowed size") << literal;
  }
}

TEST_F(ItemLimitsTest, AnUpdateChargesItsStatementAndNotItsKey) {
  expect_charge("", Json::object(), 0);
  expect_charge(", c = :c", {{":c", s(std::string(500, 'y'))}}, 19 + 1 + 500);
  expect_charge(" REMOVE r", Json::object(), 2);
  expect_charge(" REMOVE abcdefghij", Json::object(), 11);
  expect_charge(" DELETE s :m", {{":m", {{"SS", {"member"}}}}}, 2);
  expect_charge(" ADD n :one", {{":one", n("1")}}, 19 + 1 + 2);
  expect_charge(", c = if_not_exists(c, :v)", {{":v", s("v")}}, 19 + 1 + 39 + 16 + 1);
  expect_charge(", n = if_not_exists(n, :z) + :one", {{":one", n("1")}, {":z", n("0")}},
                19 + 1 + 34 + 39 + 16 + 1 + 2);
}

TEST_F(ItemLimitsTest, AnUpdateChargesPathsByTheirElements) {
  const Json item = {{"pk", s("K")},
                     {"m", {{"M", {{"z", s("z")}, {"y", s("y")}}}}},
                     {"l", {{"L", Json::array({s("a"), s("b")})}}}};
  const Json none = Json::object();
  const Json v = {{":v", s("v")}};
  expect_charge(", c = m.z", none, 19 + 1 + 1 + 15 + 15, item);
  expect_charge(", c = l[1]", none, 19 + 1 + 1 + 15 + 15, item);
  expect_charge(", m.z = :v", v, 19 + 1 + 5 + 1, item);
  expect_charge(", l[0] = :v", v, 19 + 1 + 5 + 1, item);
}

TEST_F(ItemLimitsTest, TheFinishedItemIsHeldToTheLimitAsWell) {
  const std::string key(100, 'k');
  const size_t beside = 2 + key.size() + 1;
  EXPECT_EQ(update("SET b = :v", {{":v", s(std::string(kMost - beside, 'v'))}}, key), "");
  EXPECT_EQ(update("SET b = :v", {{":v", s(std::string(kMost - beside + 1, 'v'))}}, key),
            "Item size to update has exceeded the maximum allowed size");
}

TEST_F(ItemLimitsTest, ThirtyOneMapsWithinAnAttributeAreTheMost) {
  const std::string message =
      "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels "
      "beyond supported limit";
  EXPECT_EQ(put({{"pk", s("a")}, {"v", nested(31)}}), "");
  EXPECT_EQ(put({{"pk", s("a")}, {"v", nested(32)}}), "1 validation error detected: " + message);
  EXPECT_EQ(update("SET v = :v", {{":v", nested(31)}}), "");
  EXPECT_EQ(update("SET v = :v", {{":v", nested(32)}}), "1 validation error detected: " + message);
  const Json request = {{"PutRequest", {{"Item", {{"pk", s("a")}, {"v", nested(32)}}}}}};
  expect_invalid(call("BatchWriteItem", {{"RequestItems", {{"tab1", Json::array({request})}}}}),
                 message);
}

TEST_F(ItemLimitsTest, AnExpressionIsMeasuredAsItIsWritten) {
  const auto project = [&](const std::string& expression, const Json& names) {
    Json input = {
        {"TableName", "tab1"}, {"Key", {{"pk", s("a")}}}, {"ProjectionExpression", expression}};
    if (!names.empty()) input["ExpressionAttributeNames"] = names;
    return call("GetItem", input).message();
  };
  EXPECT_EQ(project(std::string(4096, 'a'), Json::object()), "");
  EXPECT_EQ(project(std::string(4097, 'a'), Json::object()),
            "Invalid ProjectionExpression: Expression size has exceeded the maximum allowed size; "
            "expression size: 4097");
  Json names = Json::object();
  std::string aliases;
  for (int i = 0; i < 30; ++i) {
    const std::string alias = "#a" + std::to_string(i);
    names[alias] = std::string(246, 'n') + std::to_string(i);
    aliases += (i ? ", " : "") + alias;
  }
  EXPECT_EQ(project(aliases, names), "");
}

}  // namespace paddock::testing
