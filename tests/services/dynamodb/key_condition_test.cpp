#include "services/dynamodb/key_condition.hpp"

#include "tests/services/dynamodb/rules_support.hpp"

namespace paddock::services::dynamodb {
namespace {

using testing::Attributes;
using testing::refusal;
using testing::value;

constexpr const char* kValues = R"({":h":{"S":"k"},":a":{"N":"1"},":b":{"N":"2"},":s":{"S":"x"},
  ":e":{"S":""},":l":{"L":[]}})";
const KeyAttribute kHash{"id", AttributeType::string};
const KeyAttribute kNumberRange{"ts", AttributeType::number};
const KeyAttribute kTextRange{"ts", AttributeType::string};

KeyRange resolve(const std::string& text, const std::optional<KeyAttribute>& range = kNumberRange) {
  Attributes attributes("", kValues);
  return KeyConditionExpression(parse_expression(ExpressionKind::key_condition, text), *attributes)
      .resolve(kHash, range);
}

std::string key_condition_refused(const std::string& text,
                                  const std::optional<KeyAttribute>& range = kNumberRange) {
  return refusal([&] { resolve(text, range); });
}

TEST(DynamoKeyCondition, TakesEqualityOfTheHashKey) {
  for (const char* text : {"id = :h", ":h = id", "(id = :h)"}) {
    const KeyRange range = resolve(text);
    EXPECT_EQ(range.hash, value(R"({"S":"k"})")) << text;
    EXPECT_EQ(range.op, RangeOperator::none) << text;
  }
}

TEST(DynamoKeyCondition, TakesEveryRangeOperatorOnEitherSide) {
  const std::vector<std::pair<const char*, RangeOperator>> cases = {
      {"ts = :a", RangeOperator::equal},          {":a = ts", RangeOperator::equal},
      {"ts < :a", RangeOperator::less},           {":a > ts", RangeOperator::less},
      {"ts <= :a", RangeOperator::less_equal},    {":a >= ts", RangeOperator::less_equal},
      {"ts > :a", RangeOperator::greater},        {":a < ts", RangeOperator::greater},
      {"ts >= :a", RangeOperator::greater_equal}, {":a <= ts", RangeOperator::greater_equal}};
  for (const auto& [text, op] : cases) {
    for (const std::string& whole :
         {"id = :h AND " + std::string(text), "(" + std::string(text) + ") and (id = :h)"}) {
      const KeyRange range = resolve(whole);
      EXPECT_EQ(range.op, op) << whole;
      EXPECT_EQ(range.low, value(R"({"N":"1"})")) << whole;
    }
  }
  const KeyRange between = resolve("id = :h AND ts BETWEEN :a AND :b");
  EXPECT_EQ(between.op, RangeOperator::between);
  EXPECT_EQ(between.low, value(R"({"N":"1"})"));
  EXPECT_EQ(between.high, value(R"({"N":"2"})"));
  const KeyRange prefix = resolve("id = :h AND begins_with(ts, :s)", kTextRange);
  EXPECT_EQ(prefix.op, RangeOperator::begins_with);
  EXPECT_EQ(prefix.low, value(R"({"S":"x"})"));
}

TEST(DynamoKeyCondition, RefusesOtherOperators) {
  const std::string prefix = "Invalid operator used in KeyConditionExpression: ";
  EXPECT_EQ(key_condition_refused("id = :h or ts = :a"), prefix + "OR");
  EXPECT_EQ(key_condition_refused("id in (:h)"), prefix + "IN");
  EXPECT_EQ(key_condition_refused("not id = :h"), prefix + "NOT");
  EXPECT_EQ(key_condition_refused("id <> :h"), prefix + "<>");
  EXPECT_EQ(key_condition_refused("attribute_exists(id)"), prefix + "attribute_exists");
  EXPECT_EQ(key_condition_refused("contains(id, :h)"), prefix + "contains");
  EXPECT_EQ(key_condition_refused("size(id) > :a"),
            "KeyConditionExpressions cannot contain nested operations");
}

TEST(DynamoKeyCondition, RefusesFormsThatKeysDoNotHave) {
  EXPECT_EQ(key_condition_refused("begins_with(:h, id)"),
            "Invalid condition in KeyConditionExpression: begins_with operator must have the key "
            "attribute as its first operand");
  EXPECT_EQ(key_condition_refused(":a between id and ts"),
            "Invalid condition in KeyConditionExpression: BETWEEN operator must have the key "
            "attribute as its first operand");
  EXPECT_EQ(key_condition_refused("id = ts"),
            "Invalid condition in KeyConditionExpression: Multiple attribute names used in one "
            "condition");
  EXPECT_EQ(key_condition_refused("id.x = :h"),
            "KeyConditionExpressions cannot have conditions on nested attributes");
  EXPECT_EQ(key_condition_refused(":a = :b"),
            "Invalid condition in KeyConditionExpression: No key attribute specified");
  EXPECT_EQ(key_condition_refused("id = :h AND ts > :a AND ts < :b"),
            "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one "
            "condition per key");
  EXPECT_EQ(key_condition_refused("id = :h and ts = :a and c = :a"),
            "The number of query conditions (3) exceeds the number of key attributes defined in "
            "the schema (2)");
  EXPECT_EQ(
      key_condition_refused("id = :h and ts between :b and :a"),
      "Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater "
      "than or equal to lower bound; lower bound operand: AttributeValue: {N:2}, upper bound "
      "operand: AttributeValue: {N:1}");
  EXPECT_EQ(key_condition_refused("id = :h and begins_with(ts, :a)"),
            "Invalid KeyConditionExpression: Incorrect operand type for operator or function; "
            "operator or function: begins_with, operand type: N");
}

TEST(DynamoKeyCondition, ChecksAgainstTheSchema) {
  EXPECT_EQ(key_condition_refused("zed = :h"), "Query condition missed key schema element: id");
  EXPECT_EQ(key_condition_refused("ts = :a"), "Query condition missed key schema element: id");
  EXPECT_EQ(key_condition_refused("id = :h and zed = :a"),
            "Query condition missed key schema element: ts");
  EXPECT_EQ(key_condition_refused("id > :h"), "Query key condition not supported");
  EXPECT_EQ(key_condition_refused("id = :h and ts = :a", std::nullopt),
            "Query key condition not supported");
  const std::string mismatch =
      "One or more parameter values were invalid: Condition parameter type does not match schema "
      "type";
  EXPECT_EQ(key_condition_refused("id = :a"), mismatch);
  EXPECT_EQ(key_condition_refused("id = :l"), mismatch);
  EXPECT_EQ(key_condition_refused("id = :h and ts = :s"), mismatch);
  EXPECT_EQ(key_condition_refused("id = :h and begins_with(ts, :s)"), mismatch);
  EXPECT_EQ(key_condition_refused("id = :e"),
            "One or more parameter values are not valid. The AttributeValue for a key attribute "
            "cannot contain an empty string value. Key: id");
  EXPECT_EQ(key_condition_refused("id = :h and ts >= :e", kTextRange),
            "One or more parameter values are not valid. The AttributeValue for a key attribute "
            "cannot contain an empty string value. Key: ts");
}

}  // namespace
}  // namespace paddock::services::dynamodb
