#include "services/dynamodb/update.hpp"

#include "tests/services/dynamodb/rules_support.hpp"

namespace paddock::services::dynamodb {
namespace {

using testing::Attributes;
using testing::item;
using testing::json_text;
using testing::refusal;

constexpr const char* kPath =
    "The document path provided in the update expression is invalid for update";
constexpr const char* kType = "An operand in the update expression has an incorrect data type";
constexpr const char* kMissing =
    "The provided expression refers to an attribute that does not exist in the item";
constexpr const char* kValues = R"({":n":{"N":"1"},":s":{"S":"x"},":l":{"L":[{"S":"p"}]},
  ":ss":{"SS":["a","b"]},":ns":{"NS":["1"]},":m":{"M":{}},":e":{"L":[]}})";
constexpr const char* kNames = R"({"#c":"c","#d":"[3]","#1":"1"})";

// Applies and returns the new item's wire text.
std::string apply(const std::string& text, const char* document) {
  // Values and names that an expression leaves unused do not matter here.
  Attributes attributes(kNames, kValues);
  const UpdateExpression update(parse_expression(ExpressionKind::update, text), *attributes);
  return json_text(update.apply(item(document)));
}

std::string update_refused(const std::string& text, const char* document = R"({"id":{"S":"k"}})") {
  return refusal([&] { apply(text, document); });
}

TEST(DynamoUpdate, SetsAttributesAndNestedPlaces) {
  EXPECT_EQ(apply("SET a = :n, b = :s", R"({"id":{"S":"k"}})"),
            R"({"a":{"N":"1"},"b":{"S":"x"},"id":{"S":"k"}})");
  EXPECT_EQ(apply("SET m.x = :n, l[0] = :s", R"({"l":{"L":[{"N":"9"},{"N":"8"}]},"m":{"M":{}}})"),
            R"({"l":{"L":[{"S":"x"},{"N":"8"}]},"m":{"M":{"x":{"N":"1"}}}})");
}

TEST(DynamoUpdate, CountsExactly) {
  EXPECT_EQ(apply("SET n = n + :n", R"({"n":{"N":"41"}})"), R"({"n":{"N":"42"}})");
  EXPECT_EQ(apply("SET n = if_not_exists(n, :n) + :n", R"({})"), R"({"n":{"N":"2"}})");
  EXPECT_EQ(apply("SET n = :n - n", R"({"n":{"N":"0.5"}})"), R"({"n":{"N":"0.5"}})");
  EXPECT_EQ(apply("ADD n :n", R"({})"), R"({"n":{"N":"1"}})");
  EXPECT_EQ(apply("ADD n :n", R"({"n":{"N":"-1"}})"), R"({"n":{"N":"0"}})");
}

TEST(DynamoUpdate, EveryRightHandSideReadsTheOldItem) {
  EXPECT_EQ(apply("SET a = b, b = a", R"({"a":{"N":"1"},"b":{"N":"2"}})"),
            R"({"a":{"N":"2"},"b":{"N":"1"}})");
  EXPECT_EQ(apply("REMOVE a SET b = a", R"({"a":{"N":"1"}})"), R"({"b":{"N":"1"}})");
}

TEST(DynamoUpdate, JoinsListsAndAppendsPastTheEnd) {
  EXPECT_EQ(apply("SET l = list_append(l, :l)", R"({"l":{"L":[{"N":"1"}]}})"),
            R"({"l":{"L":[{"N":"1"},{"S":"p"}]}})");
  EXPECT_EQ(apply("SET l = list_append(if_not_exists(l, :e), :l)", "{}"),
            R"({"l":{"L":[{"S":"p"}]}})");
  EXPECT_EQ(apply("SET l[20] = :s, l[10] = :n", R"({"l":{"L":[{"N":"0"}]}})"),
            R"({"l":{"L":[{"N":"0"},{"N":"1"},{"S":"x"}]}})");
}

TEST(DynamoUpdate, RemovesByOriginalIndices) {
  const char* list = R"({"l":{"L":[{"N":"0"},{"N":"1"},{"N":"2"},{"N":"3"}]}})";
  EXPECT_EQ(apply("REMOVE l[0], l[2]", list), R"({"l":{"L":[{"N":"1"},{"N":"3"}]}})");
  EXPECT_EQ(apply("REMOVE l[3], l[0] SET l[1] = :s", list), R"({"l":{"L":[{"S":"x"},{"N":"2"}]}})");
  EXPECT_EQ(apply("REMOVE l[9]", list), json_text(item(list)));
  EXPECT_EQ(apply("SET l[7] = :s REMOVE l[4], l[0]", list),
            R"({"l":{"L":[{"N":"1"},{"N":"2"},{"N":"3"},{"S":"x"}]}})");
  EXPECT_EQ(apply("REMOVE l[0], l[1].a",
                  R"({"l":{"L":[{"N":"0"},{"M":{"a":{"N":"1"},"b":{"N":"2"}}}]}})"),
            R"({"l":{"L":[{"M":{"b":{"N":"2"}}}]}})");
  EXPECT_EQ(apply("REMOVE a, m.b, m.q", R"({"a":{"N":"1"},"m":{"M":{"b":{"N":"1"}}}})"),
            R"({"m":{"M":{}}})");
}

TEST(DynamoUpdate, AddsToAndDeletesFromSets) {
  EXPECT_EQ(apply("ADD s :ss", R"({"s":{"SS":["b","c"]}})"), R"({"s":{"SS":["a","b","c"]}})");
  EXPECT_EQ(apply("DELETE s :ss", R"({"s":{"SS":["b","c"]}})"), R"({"s":{"SS":["c"]}})");
  EXPECT_EQ(apply("DELETE s :ss", R"({"s":{"SS":["a","b"]}})"), "{}");
  EXPECT_EQ(apply("DELETE s :ss", "{}"), "{}");
  EXPECT_EQ(apply("ADD s :ns", R"({"s":{"NS":["1.0"]}})"), R"({"s":{"NS":["1"]}})");
}

TEST(DynamoUpdate, RefusesPathsThatLeadNowhere) {
  const char* document =
      R"({"b":{"S":"k"},"c":{"M":{"1":{"S":"a"}}},"d":{"L":[{"S":"a"},{"S":"b"}]}})";
  for (const char* text :
       {"SET b.a = :s", "SET b[1] = :s", "SET y.a = :s", "SET y[1] = :s", "SET c[1] = :s",
        "SET d.#1 = :s", "REMOVE b.a", "REMOVE y.a", "REMOVE c[1]", "REMOVE d.#1", "DELETE b.a :ss",
        "DELETE y[1] :ss", "ADD y.a :ss", "ADD d.#1 :ss"})
    EXPECT_EQ(update_refused(text, document), kPath) << text;
}

TEST(DynamoUpdate, RefusesOperandsOfWrongTypes) {
  const char* document = R"({"b":{"M":{"a":{"SS":["1"]}}},"c":{"N":"1"},"d":{"NS":["1"]},
    "a":{"S":"x"}})";
  for (const char* text :
       {"DELETE d :ss", "DELETE b :ns", "DELETE b.a :ns", "DELETE c :ns", "ADD b :ns", "ADD d :n",
        "SET e = a + :n", "SET e = b - :n", "SET e = list_append(d, if_not_exists(f, :l))"})
    EXPECT_EQ(update_refused(text, document), kType) << text;
  EXPECT_EQ(update_refused("SET c = b"), kMissing);
  EXPECT_EQ(update_refused("SET e = list_append(b, c)"), kMissing);
  EXPECT_THAT(update_refused("SET n = n + :n", R"({"n":{"N":"1E50"}})"),
              ::testing::StartsWith("Number overflow"));
}

TEST(DynamoUpdate, RefusesOperandsThatCanNeverFit) {
  const std::string prefix =
      "Invalid UpdateExpression: Incorrect operand type for operator or function; ";
  EXPECT_EQ(update_refused("ADD a :s"),
            prefix + "operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND");
  EXPECT_EQ(update_refused("ADD a :m"),
            prefix + "operator: ADD, operand type: MAP, typeSet: ALLOWED_FOR_ADD_OPERAND");
  EXPECT_EQ(update_refused("DELETE a :n"),
            prefix + "operator: DELETE, operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND");
  EXPECT_EQ(update_refused("SET a = list_append(:m, a)"),
            prefix + "operator or function: list_append, operand type: M");
  EXPECT_EQ(update_refused("SET a = a + :s"), prefix + "operator or function: +, operand type: S");
  EXPECT_EQ(update_refused("SET a = :l - a"), prefix + "operator or function: -, operand type: L");
  EXPECT_EQ(update_refused("SET a = if_not_exists(:s, c)"),
            "Invalid UpdateExpression: Operator or function requires a document path; operator or "
            "function: if_not_exists");
  EXPECT_EQ(update_refused("SET a = if_not_exists(c)"),
            "Invalid UpdateExpression: Incorrect number of operands for operator or function; "
            "operator or function: if_not_exists, number of operands: 1");
}

TEST(DynamoUpdate, RefusesTargetsThatTouch) {
  EXPECT_EQ(update_refused("SET d[1] = a, d.b = a, c[1].a = a, #c = if_not_exists(a, a)"),
            "Invalid UpdateExpression: Two document paths overlap with each other; must remove or "
            "rewrite one of these paths; path one: [c, [1], a], path two: [c]");
  EXPECT_EQ(update_refused("SET #c[3].#d = a, #c[3] = a"),
            "Invalid UpdateExpression: Two document paths overlap with each other; must remove or "
            "rewrite one of these paths; path one: [c, [3], [3]], path two: [c, [3]]");
  EXPECT_EQ(update_refused("REMOVE a.#c SET a[1] = :n"),
            "Invalid UpdateExpression: Two document paths conflict with each other; must remove or "
            "rewrite one of these paths; path one: [a, c], path two: [a, [1]]");
  EXPECT_EQ(update_refused("SET a = :n, a = :n"),
            "Invalid UpdateExpression: Two document paths overlap with each other; must remove or "
            "rewrite one of these paths; path one: [a], path two: [a]");
}

TEST(DynamoUpdate, RefusesNestingBeyondTheLimitAtTheEdge) {
  std::string path = "m";
  std::string document = R"({"M":{}})";
  for (int i = 1; i < 31; ++i) {
    path += ".a";
    document = R"({"M":{"a":)" + document + "}}";
  }
  document = R"({"m":)" + document + "}";
  EXPECT_EQ(update_refused("SET " + path + ".b = :n", document.c_str()), "accepted");
  EXPECT_EQ(update_refused("SET " + path + ".b = :m", document.c_str()), "accepted");
  EXPECT_THAT(update_refused("SET " + path + ".b = :l", document.c_str()),
              ::testing::StartsWith("Nesting Levels have exceeded supported limits"));
}

TEST(DynamoUpdate, ReturnsOnlyWhatTheUpdateTouches) {
  Attributes attributes("", kValues);
  const UpdateExpression update(
      parse_expression(ExpressionKind::update, "SET m.x = :n, y = :s REMOVE z, w ADD k :n"),
      *attributes);
  const Item old =
      item(R"({"m":{"M":{"x":{"N":"7"},"o":{"N":"8"}}},"z":{"N":"9"},"id":{"S":"k"}})");
  EXPECT_EQ(json_text(update.updated_old(old)), R"({"m":{"M":{"x":{"N":"7"}}},"z":{"N":"9"}})");
  EXPECT_EQ(json_text(update.updated_new(update.apply(old))),
            R"({"k":{"N":"1"},"m":{"M":{"x":{"N":"1"}}},"y":{"S":"x"}})");
  ASSERT_EQ(update.targets().size(), 5U);
  EXPECT_EQ(update.targets()[0].name, "m");
  EXPECT_TRUE(update.targets()[0].nested);
  EXPECT_TRUE(update.creates_item());
}

TEST(DynamoUpdate, ShowsWhatStandsWhereAListElementWasRemoved) {
  Attributes attributes("", kValues);
  const UpdateExpression update(parse_expression(ExpressionKind::update, "REMOVE l[1], a"),
                                *attributes);
  const Item old = item(R"({"a":{"N":"1"},"l":{"L":[{"N":"1"},{"N":"2"},{"N":"3"}]}})");
  EXPECT_EQ(json_text(update.updated_new(update.apply(old))), R"({"l":{"L":[{"N":"3"}]}})");
  const Item short_list = item(R"({"l":{"L":[{"N":"1"},{"N":"2"}]}})");
  EXPECT_EQ(json_text(update.updated_new(update.apply(short_list))), "{}");
}

TEST(DynamoUpdate, ListAppendIsNoOperandOfItself) {
  EXPECT_EQ(update_refused("SET a = list_append(list_append(:l, :e), :l)"),
            "Invalid UpdateExpression: The function is not allowed to be used this way in an "
            "expression; function: list_append");
  EXPECT_EQ(apply("SET a = list_append(if_not_exists(a, :l), :l)", "{}"),
            R"({"a":{"L":[{"S":"p"},{"S":"p"}]}})");
}

TEST(DynamoUpdate, OnlySetAndAddCreateAnItem) {
  const auto creates = [](const char* text) {
    Attributes attributes("", kValues);
    return UpdateExpression(parse_expression(ExpressionKind::update, text), *attributes)
        .creates_item();
  };
  EXPECT_FALSE(creates("REMOVE a DELETE b :ss"));
  EXPECT_TRUE(creates("REMOVE a ADD b :ss"));
}

}  // namespace
}  // namespace paddock::services::dynamodb
