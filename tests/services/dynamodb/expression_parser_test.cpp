#include "services/dynamodb/condition.hpp"
#include "services/dynamodb/update.hpp"
#include "tests/services/dynamodb/rules_support.hpp"

namespace paddock::services::dynamodb {
namespace {

using testing::Attributes;
using testing::refusal;

std::string parse(ExpressionKind kind, const std::string& text) {
  return refusal([&] { parse_expression(kind, text); });
}
std::string filter(const std::string& text) {
  return parse(ExpressionKind::filter, text);
}
std::string update(const std::string& text) {
  return parse(ExpressionKind::update, text);
}

TEST(DynamoExpression, NamesTheTokenAndItsNeighboursInSyntaxErrors) {
  const std::string prefix = "Invalid FilterExpression: Syntax error; ";
  EXPECT_EQ(filter("a ="), prefix + R"(token: "<EOF>", near: "=")");
  EXPECT_EQ(filter("foo"), prefix + R"(token: "<EOF>", near: "foo")");
  EXPECT_EQ(filter("contains(a, :b"), prefix + R"(token: "<EOF>", near: ":b")");
  EXPECT_EQ(filter("a > 4"), prefix + R"(token: "4", near: "> 4")");
  EXPECT_EQ(filter("foo-bar = :a"), prefix + R"(token: "-", near: "foo-bar")");
  EXPECT_EQ(update("INVALID SYNTAX"),
            "Invalid UpdateExpression: Syntax error; "
            R"(token: "INVALID", near: "INVALID SYNTAX")");
  EXPECT_EQ(parse(ExpressionKind::projection, "!!!"),
            "Invalid ProjectionExpression: Syntax error; "
            R"(token: "!", near: "!!")");
  EXPECT_EQ(update("REMOVE a,"),
            R"(Invalid UpdateExpression: Syntax error; token: "<EOF>", near: ",")");
}

TEST(DynamoExpression, NamesBeginWithALetter) {
  EXPECT_EQ(update("SET _123 = :v"),
            R"(Invalid UpdateExpression: Syntax error; token: "_", near: "SET _123")");
  EXPECT_EQ(update("SET a = _f(b)"),
            R"(Invalid UpdateExpression: Syntax error; token: "_", near: "= _f")");
  EXPECT_EQ(update("SET a_1 = :_v, #_b = :1"), "accepted");
}

TEST(DynamoExpression, RefusesEveryMalformedCondition) {
  for (const char* text : {"things are not gonna be ok",
                           "a > 4",
                           "attribute_exists(a-b)",
                           "attribute_exists(\"a.b\")",
                           "attribute_exists(a..b)",
                           "attribute_exists(Pi#ctures.b)",
                           "attribute_exists(asdf[a])",
                           "a in b, c",
                           "a > between",
                           "a in b",
                           "a in (b,c,)",
                           "(a)between(b.(c.d))and(c)",
                           "(a)between(b.c.d)and((c)",
                           "#$.b > a",
                           "a > :things.stuff",
                           "b[:a] > a",
                           "b[#_] > a",
                           "\xC3\xBC > a",
                           "(a)between(b.c[4.5].#d)and(:a)",
                           "size(a).b > a",
                           "(size(a)).b > a",
                           "size(a)[0] > a",
                           "(size(a))[0] > a",
                           "a = b = c",
                           "a AND b",
                           "NOT a",
                           "(a = b",
                           "a = b)",
                           "attribute_exists()",
                           "(a = b) = c",
                           "a = (b = c)",
                           "and = a",
                           "a.or = b",
                           "=",
                           "(",
                           ")"})
    EXPECT_THAT(filter(text), ::testing::StartsWith("Invalid FilterExpression: Syntax error; "))
        << text;
}

TEST(DynamoExpression, AcceptsWhatAwsAccepts) {
  for (const char* text :
       {"a = :b", "(a) between (b) and (c)", "(b.c).d = :a", "NOT (a = b)", "not not a = b",
        "a=b and(c<>d)or e<f", "((a=b) and (c=d))",
        "( ( ( size ( #a )) < #b.Maximum ) AND ( c > :v ) )", "a[0][1].b IN (:a, (:b))",
        "attribute_exists(a) OR attribute_type(a, :t)", "size((a)) > size(b)",
        "a BETWEEN :x AND :y AND c = d", "a1_ = :_"})
    EXPECT_EQ(filter(text), "accepted") << text;
  for (const char* text :
       {"SET a = :v", "set a=:v,b.c[2]=a+:v remove d add e :e delete f :f",
        "SET a = if_not_exists(a, :z) + :one", "SET a = (b - c)", "SET a = b + (c - d)",
        "SET l = list_append(if_not_exists(l, :a), :b)", "REMOVE a[1], #b.c"})
    EXPECT_EQ(update(text), "accepted") << text;
  EXPECT_EQ(parse(ExpressionKind::projection, "a, #b.c[0], d"), "accepted");
}

TEST(DynamoExpression, RefusesMalformedUpdates) {
  for (const char* text : {"SET a = :v b = :c", "SET a", "SET a = ", "SET", "REMOVE", "ADD a b",
                           "ADD a = :v", "DELETE a", "SET set = :v", "SET a = b + c + d",
                           "SET a = 1", "SET :a = b", "a = b", "SET a == b", "SET a = :v,"})
    EXPECT_THAT(update(text), ::testing::StartsWith("Invalid UpdateExpression: Syntax error; "))
        << text;
}

TEST(DynamoExpression, RefusesRedundantParentheses) {
  for (const char* text :
       {"a=a and a > ((b))", "(a)between(((b.c)).d)and(c)", "a > whatever((:t), ((a)))",
        "a=a AND ((a=a AND a=a)) AND a=a", "a=a OR ((a=a OR (a=a OR a=a)))", "((a = b))"})
    EXPECT_EQ(filter(text), "Invalid FilterExpression: The expression has redundant parentheses;")
        << text;
}

TEST(DynamoExpression, NamesUnknownAndMisplacedFunctions) {
  EXPECT_EQ(filter("a=a and whatever((:things)) > a"),
            "Invalid FilterExpression: Invalid function name; function: whatever");
  EXPECT_EQ(filter("attRIbute_exIsts((views), #a)"),
            "Invalid FilterExpression: Invalid function name; function: attRIbute_exIsts");
  EXPECT_EQ(filter("if_not_exists(a, b)"),
            "Invalid FilterExpression: The function is not allowed in a condition expression; "
            "function: if_not_exists");
  EXPECT_EQ(update("SET a = size(b)"),
            "Invalid UpdateExpression: The function is not allowed in an update expression; "
            "function: size");
  EXPECT_EQ(update("SET a = foo(b)"),
            "Invalid UpdateExpression: Invalid function name; function: foo");
  const std::string misuse =
      "Invalid FilterExpression: The function is not allowed to be used this way in an expression; "
      "function: ";
  EXPECT_EQ(filter("a=a and attribute_exists((views), (#a)) > b"), misuse + "attribute_exists");
  EXPECT_EQ(filter("size(contains(a, b)) > a"), misuse + "contains");
  EXPECT_EQ(filter("size(things)"), misuse + "size");
  EXPECT_EQ(filter("a between b and attribute_exists(things)"), misuse + "attribute_exists");
  EXPECT_EQ(filter("a in (b, attribute_exists(things))"), misuse + "attribute_exists");
}

TEST(DynamoExpression, RefusesReservedWordsInAnyCase) {
  EXPECT_EQ(filter(":a < abOrT"),
            "Invalid FilterExpression: Attribute name is a reserved keyword; reserved keyword: "
            "abOrT");
  EXPECT_EQ(update("SET Count = :v"),
            "Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: "
            "Count");
  EXPECT_EQ(parse(ExpressionKind::projection, "a.name"),
            "Invalid ProjectionExpression: Attribute name is a reserved keyword; reserved keyword: "
            "name");
  EXPECT_TRUE(reserved_word("zone"));
  EXPECT_TRUE(reserved_word("ABORT"));
  EXPECT_TRUE(reserved_word("authorization"));
  EXPECT_FALSE(reserved_word("visits"));
  EXPECT_FALSE(reserved_word(""));
}

TEST(DynamoExpression, LimitsTheSizeOfTheTextAtTheEdge) {
  EXPECT_EQ(filter(""), "Invalid FilterExpression: The expression can not be empty;");
  const std::string longest = "a = :v" + std::string(4090, ' ');
  EXPECT_EQ(filter(longest), "accepted");
  EXPECT_EQ(parse(ExpressionKind::condition, longest + " "),
            "Invalid ConditionExpression: Expression size has exceeded the maximum allowed size; "
            "expression size: 4097");
}

TEST(DynamoExpression, LimitsOperatorsAtTheEdge) {
  const auto chain = [](size_t comparisons) {
    std::string text = "a=b";
    for (size_t i = 1; i < comparisons; ++i) text += " OR a=b";
    return text;
  };
  EXPECT_EQ(filter(chain(150)), "accepted");  // 299 operators
  EXPECT_EQ(filter(chain(150) + " OR NOT a=b"),
            "Invalid FilterExpression: The expression contains too many operators; operator count: "
            "301");
  EXPECT_EQ(filter("NOT " + chain(150)), "accepted");
}

TEST(DynamoExpression, LimitsNestingWithoutCrashing) {
  const auto nested = [](size_t levels) {
    std::string text;
    for (size_t i = 0; i < levels; ++i) text += "a<b and (";
    text += "a<b";
    return text + std::string(levels, ')');
  };
  EXPECT_EQ(filter(nested(149)), "accepted");
  EXPECT_THAT(filter(nested(150)), ::testing::HasSubstr("too many operators; operator count: 301"));
  EXPECT_EQ(filter(std::string(4000, '(')),
            "Invalid FilterExpression: The expression has redundant parentheses;");
  EXPECT_THAT(filter(std::string(2000, '(') + "a=b" + std::string(2000, ')')),
              ::testing::HasSubstr("redundant parentheses"));
  std::string nots;
  for (int i = 0; i < 1000; ++i) nots += "NOT ";
  EXPECT_THAT(filter(nots), ::testing::HasSubstr("too many operators"));
  std::string calls;
  for (int i = 0; i < 800; ++i) calls += "size(";
  EXPECT_THAT(filter(calls), ::testing::HasSubstr("too many operators"));
  EXPECT_THAT(update("SET a = " + std::string(4000, '(')),
              ::testing::HasSubstr("redundant parentheses"));
}

TEST(DynamoExpression, LimitsPathsIndicesAndInLists) {
  std::string path = "a";
  for (int i = 0; i < 31; ++i) path += ".a";
  EXPECT_EQ(parse(ExpressionKind::projection, path), "accepted");
  EXPECT_EQ(parse(ExpressionKind::projection, path + "[0]"),
            "Invalid ProjectionExpression: The document path has too many nesting levels; nesting "
            "levels: 33");
  EXPECT_EQ(parse(ExpressionKind::projection, "a[2147483647]"), "accepted");
  EXPECT_EQ(parse(ExpressionKind::projection, "a[2147483648]"),
            "Invalid ProjectionExpression: List index is not within the allowable range; index: "
            "[2147483648]");
  const auto in_list = [](int operands) {
    std::string text = "a IN (:v";
    for (int i = 1; i < operands; ++i) text += ", :v";
    return text + ")";
  };
  EXPECT_EQ(filter(in_list(100)), "accepted");
  EXPECT_EQ(filter(in_list(101)),
            "Invalid FilterExpression: The IN operator is provided with too many operands; number "
            "of operands: 101");
}

TEST(DynamoExpression, AllowsEachSectionOnce) {
  EXPECT_EQ(update("SET a = :v REMOVE b SET c = :v"),
            "Invalid UpdateExpression: The \"SET\" section can only be used once in an update "
            "expression;");
  EXPECT_EQ(update("remove a remove b"),
            "Invalid UpdateExpression: The \"REMOVE\" section can only be used once in an update "
            "expression;");
}

TEST(DynamoExpression, ChecksThePlaceholdersOfARequest) {
  const auto names = [](const char* text) { return refusal([&] { Attributes(text, ""); }); };
  const auto values = [](const char* text) { return refusal([&] { Attributes("", text); }); };
  EXPECT_EQ(names("{}"), "ExpressionAttributeNames must not be empty");
  EXPECT_EQ(values("{}"), "ExpressionAttributeValues must not be empty");
  EXPECT_EQ(names(R"({"a":"b"})"),
            R"(ExpressionAttributeNames contains invalid key: Syntax error; key: "a")");
  EXPECT_EQ(values(R"({":a-b":{"S":"x"}})"),
            R"(ExpressionAttributeValues contains invalid key: Syntax error; key: ":a-b")");
  EXPECT_EQ(
      values(R"({":a":{"N":"x"}})"),
      "ExpressionAttributeValues contains invalid value: The parameter cannot be converted to "
      "a numeric value: x for key :a");
}

TEST(DynamoExpression, RefusesUndefinedAndUnusedPlaceholders) {
  const auto bind = [](const char* text, const char* names, const char* values) {
    return refusal([&] {
      Attributes attributes(names, values);
      const ConditionExpression bound(parse_expression(ExpressionKind::condition, text),
                                      *attributes);
      (*attributes).require_all_used();
    });
  };
  EXPECT_EQ(
      bind("#x = :v", R"({"#y":"a"})", R"({":v":{"S":"a"}})"),
      "Invalid ConditionExpression: An expression attribute name used in the document path is "
      "not defined; attribute name: #x");
  EXPECT_EQ(bind("a = :v", "", ""),
            "Invalid ConditionExpression: An expression attribute value used in expression is not "
            "defined; attribute value: :v");
  EXPECT_EQ(bind("a = :v", R"({"#x":"a"})", R"({":v":{"S":"a"}})"),
            "Value provided in ExpressionAttributeNames unused in expressions: keys: {#x}");
  EXPECT_EQ(bind("a = :v", "", R"({":v":{"S":"a"},":w":{"S":"a"},":x":{"S":"a"}})"),
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:w, :x}");
  EXPECT_EQ(bind("#x = :v and #x > :v", R"({"#x":"a.b"})", R"({":v":{"S":"a"}})"), "accepted");
}

}  // namespace
}  // namespace paddock::services::dynamodb
