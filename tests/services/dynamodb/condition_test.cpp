#include "services/dynamodb/condition.hpp"

#include "tests/services/dynamodb/rules_support.hpp"

namespace paddock::services::dynamodb {
namespace {

using testing::Attributes;
using testing::item;
using testing::refusal;

constexpr const char* kNames = R"({"#a":"a","#odd":"x.y[0]"})";

bool matches(const std::string& text, const char* document, const char* values = "",
             const char* names = "") {
  Attributes attributes(names, values);
  const ConditionExpression condition(parse_expression(ExpressionKind::condition, text),
                                      *attributes);
  const std::string bytes = encode(item(document));
  return condition.matches(ItemView(bytes));
}

std::string condition_refused(const std::string& text, const char* values = "",
                              const char* names = "") {
  return refusal([&] {
    Attributes attributes(names, values);
    ConditionExpression(parse_expression(ExpressionKind::filter, text), *attributes);
  });
}

constexpr const char* kItem = R"({"id":{"S":"k"},"a":{"N":"5"},"s":{"S":"hello"},"e":{"S":""},
  "t":{"BOOL":true},"z":{"NULL":true},"ss":{"SS":["x","y"]},"ns":{"NS":["1","2"]},
  "l":{"L":[{"S":"x"},{"L":[{"N":"1"}]},{"M":{"k":{"N":"7"}}}]},
  "m":{"M":{"deep":{"M":{"d":{"S":"v"}}}}},
  "x.y[0]":{"S":"odd"},"u":{"S":"aé𝄞"}})";

TEST(DynamoCondition, ComparesScalarsOfOneType) {
  const char* values = R"({":v":{"N":"5.0"}})";
  EXPECT_TRUE(matches("a = :v", kItem, values));
  EXPECT_TRUE(matches("a <= :v and a >= :v", kItem, values));
  EXPECT_FALSE(matches("a < :v or a > :v or a <> :v", kItem, values));
  EXPECT_TRUE(matches(":v < a", kItem, R"({":v":{"N":"-1e5"}})"));
  EXPECT_TRUE(matches("s > :v", kItem, R"({":v":{"S":"hallo"}})"));
  EXPECT_FALSE(matches("s > :v", kItem, R"({":v":{"N":"1"}})"));
  EXPECT_FALSE(matches("t < :v", kItem, R"({":v":{"N":"1"}})"));
  EXPECT_TRUE(matches("t = :v", kItem, R"({":v":{"BOOL":true}})"));
}

TEST(DynamoCondition, ComparesContainersByContent) {
  EXPECT_TRUE(matches("ss = :v", kItem, R"({":v":{"SS":["y","x"]}})"));
  EXPECT_TRUE(matches("ns = :v", kItem, R"({":v":{"NS":["2.0","1e0"]}})"));
  EXPECT_FALSE(matches("ss = :v", kItem, R"({":v":{"SS":["y"]}})"));
  EXPECT_TRUE(matches("m = :v", kItem, R"({":v":{"M":{"deep":{"M":{"d":{"S":"v"}}}}}})"));
}

TEST(DynamoCondition, TreatsMissingAttributesAsUnequal) {
  const char* values = R"({":v":{"N":"5"}})";
  EXPECT_FALSE(matches("q = :v", kItem, values));
  EXPECT_TRUE(matches("q <> :v", kItem, values));
  EXPECT_FALSE(matches("q < :v or q > :v", kItem, values));
  EXPECT_TRUE(matches("NOT q = :v", kItem, values));
  EXPECT_FALSE(matches("q between :v and :v or q in (:v)", kItem, values));
}

TEST(DynamoCondition, FollowsPathsAndAliases) {
  EXPECT_TRUE(matches("m.deep.d = :v", kItem, R"({":v":{"S":"v"}})"));
  EXPECT_TRUE(matches("l[1][0] = :v and l[2].k > :v", kItem, R"({":v":{"N":"1"}})"));
  EXPECT_FALSE(
      matches("l[9] = :v or m.q.d = :v or s.q = :v or a[0] = :v", kItem, R"({":v":{"N":"1"}})"));
  EXPECT_TRUE(
      matches("#a = :v and #odd = :o", kItem, R"({":v":{"N":"5"},":o":{"S":"odd"}})", kNames));
}

TEST(DynamoCondition, EvaluatesBetweenAndIn) {
  const char* values = R"({":l":{"N":"5"},":h":{"N":"6"},":s":{"S":"hello"}})";
  EXPECT_TRUE(matches("a BETWEEN :l AND :h", kItem, values));
  EXPECT_FALSE(matches("s BETWEEN :l AND :h", kItem, values));
  EXPECT_TRUE(matches("s IN (:l, :h, :s)", kItem, values));
  EXPECT_FALSE(matches("s IN (:l, :h)", kItem, values));
}

TEST(DynamoCondition, CombinesWithTheUsualPrecedence) {
  const char* values = R"({":y":{"N":"5"},":n":{"N":"6"}})";
  EXPECT_TRUE(matches("a = :y or a = :n and a = :n", kItem, values));
  EXPECT_FALSE(matches("(a = :y or a = :n) and a = :n", kItem, values));
  EXPECT_TRUE(matches("not a = :n and a = :y", kItem, values));
}

TEST(DynamoCondition, EvaluatesFunctions) {
  EXPECT_TRUE(matches("attribute_exists(e) and attribute_exists(z)", kItem));
  EXPECT_TRUE(matches("attribute_not_exists(q) and attribute_not_exists(m.q)", kItem));
  EXPECT_TRUE(matches("attribute_type(ss, :t)", kItem, R"({":t":{"S":"SS"}})"));
  EXPECT_FALSE(matches("attribute_type(q, :t)", kItem, R"({":t":{"S":"SS"}})"));
  EXPECT_TRUE(matches("begins_with(s, :p)", kItem, R"({":p":{"S":"he"}})"));
  EXPECT_FALSE(matches("begins_with(s, :p)", kItem, R"({":p":{"S":"hello!"}})"));
  EXPECT_FALSE(matches("begins_with(a, :p)", kItem, R"({":p":{"S":"5"}})"));
  EXPECT_TRUE(matches("contains(s, :p)", kItem, R"({":p":{"S":"ell"}})"));
  EXPECT_TRUE(matches("contains(ss, :p) and contains(l, :p)", kItem, R"({":p":{"S":"x"}})"));
  EXPECT_TRUE(matches("contains(ns, :p)", kItem, R"({":p":{"N":"2.0"}})"));
  EXPECT_FALSE(matches("contains(ns, :p)", kItem, R"({":p":{"S":"2"}})"));
  EXPECT_TRUE(matches("contains(l, :p)", kItem, R"({":p":{"L":[{"N":"1"}]}})"));
  EXPECT_TRUE(matches("contains(:p, s)", kItem, R"({":p":{"S":"say hello"}})"));
  EXPECT_TRUE(matches("contains(ns, size(ss))", kItem));
}

TEST(DynamoCondition, MeasuresSize) {
  EXPECT_TRUE(matches("size(s) = :v", kItem, R"({":v":{"N":"5"}})"));
  EXPECT_TRUE(matches("size(u) = :v", kItem, R"({":v":{"N":"4"}})"));  // UTF-16 units
  EXPECT_TRUE(matches("size(l) = :v and size(l) > size(m)", kItem, R"({":v":{"N":"3"}})"));
  EXPECT_TRUE(matches("size(e) < size(ns)", kItem));
  EXPECT_FALSE(matches("size(a) = :v or size(q) = :v", kItem, R"({":v":{"N":"1"}})"));
}

TEST(DynamoCondition, AnAbsentItemHasNoAttributes) {
  Attributes attributes("", R"({":v":{"N":"1"}})");
  const ConditionExpression condition(
      parse_expression(ExpressionKind::condition, "attribute_not_exists(id) and a <> :v"),
      *attributes);
  EXPECT_TRUE(condition.matches(ItemView()));
}

TEST(DynamoCondition, RefusesWrongNumbersOfOperands) {
  const std::string prefix =
      "Invalid FilterExpression: Incorrect number of operands for operator or function; operator "
      "or function: ";
  EXPECT_EQ(condition_refused("attribute_exists(things, a) and a=b"),
            prefix + "attribute_exists, number of operands: 2");
  EXPECT_EQ(condition_refused("begins_with(things, size(a), b)"),
            prefix + "begins_with, number of operands: 3");
  EXPECT_EQ(condition_refused("contains(things)"), prefix + "contains, number of operands: 1");
  EXPECT_EQ(condition_refused("size(things, a) > b"), prefix + "size, number of operands: 2");
}

TEST(DynamoCondition, RefusesOperandsOfWrongTypes) {
  const std::string prefix =
      "Invalid FilterExpression: Incorrect operand type for operator or function; operator or "
      "function: ";
  EXPECT_EQ(condition_refused("attribute_type(a, size(a))"),
            prefix + "attribute_type, operand type: N");
  EXPECT_EQ(condition_refused("attribute_type(a, b)"),
            prefix + "attribute_type, operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}");
  EXPECT_EQ(condition_refused("begins_with(a, :a)", R"({":a":{"SS":["1"]}})"),
            prefix + "begins_with, operand type: SS");
  EXPECT_EQ(condition_refused("size(size(a)) > :a", R"({":a":{"N":"1"}})"),
            prefix + "size, operand type: N");
  EXPECT_EQ(condition_refused("size(:a) > a", R"({":a":{"BOOL":true}})"),
            prefix + "size, operand type: BOOL");
  EXPECT_EQ(condition_refused("a < :a", R"({":a":{"L":[]}})"), prefix + "<, operand type: L");
  EXPECT_EQ(condition_refused("a between :a and :a", R"({":a":{"BOOL":true}})"),
            prefix + "BETWEEN, operand type: BOOL");
  EXPECT_EQ(condition_refused("a = :a", R"({":a":{"L":[]}})"), "accepted");
  EXPECT_EQ(condition_refused("attribute_type(a, :a)", R"({":a":{"S":"1"}})"),
            "Invalid FilterExpression: Invalid attribute type name found; type: 1, valid types: "
            "{B,NULL,SS,BOOL,L,BS,N,NS,S,M}");
  EXPECT_EQ(condition_refused("attribute_exists(:a)", R"({":a":{"S":"1"}})"),
            "Invalid FilterExpression: Operator or function requires a document path; operator or "
            "function: attribute_exists");
}

TEST(DynamoCondition, RefusesTheSamePathTwice) {
  const std::string prefix =
      "Invalid FilterExpression: The first operand must be distinct from the remaining operands "
      "for "
      "this operator or function; operator: ";
  EXPECT_EQ(condition_refused("a <> #a", "", R"({"#a":"a"})"), prefix + "<>, first operand: [a]");
  EXPECT_EQ(condition_refused("contains(ab.bc[1].a, ab.bc[1].#a)", "", R"({"#a":"a"})"),
            prefix + "contains, first operand: [ab, bc, [1], a]");
  EXPECT_EQ(condition_refused(":a > :a", R"({":a":{"N":"1"}})"), "accepted");
}

TEST(DynamoCondition, ChecksTheBoundsOfBetween) {
  EXPECT_EQ(condition_refused("a between :b and :a", R"({":a":{"S":"a"},":b":{"N":"1"}})"),
            "Invalid FilterExpression: The BETWEEN operator requires same data type for lower and "
            "upper bounds; lower bound operand: AttributeValue: {N:1}, upper bound operand: "
            "AttributeValue: {S:a}");
  EXPECT_EQ(
      condition_refused("a between :b and :a", R"({":a":{"N":"9"},":b":{"N":"10"}})"),
      "Invalid FilterExpression: The BETWEEN operator requires upper bound to be greater than "
      "or equal to lower bound; lower bound operand: AttributeValue: {N:10}, upper bound "
      "operand: AttributeValue: {N:9}");
}

TEST(DynamoCondition, TellsTheAttributesItNames) {
  Attributes attributes(R"({"#a":"key"})", R"({":v":{"N":"1"}})");
  const ConditionExpression condition(
      parse_expression(ExpressionKind::filter, "#a = :v and b.c > :v"), *attributes);
  const auto heads = condition.heads();
  ASSERT_EQ(heads.size(), 2U);
  EXPECT_EQ(heads[0].name, "key");
  EXPECT_FALSE(heads[0].nested);
  EXPECT_EQ(heads[1].name, "b");
  EXPECT_TRUE(heads[1].nested);
}

}  // namespace
}  // namespace paddock::services::dynamodb
