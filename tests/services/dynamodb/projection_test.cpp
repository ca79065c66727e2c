#include "services/dynamodb/projection.hpp"

#include "tests/services/dynamodb/rules_support.hpp"

namespace paddock::services::dynamodb {
namespace {

using testing::Attributes;
using testing::item;
using testing::json_text;
using testing::refusal;

constexpr const char* kProjected =
    R"({"id":{"S":"k"},"n":{"N":"1"},"m":{"M":{"a":{"M":{"x":{"N":"1"},
  "y":{"N":"2"}}},"b":{"N":"3"}}},"l":{"L":[{"N":"0"},{"M":{"p":{"N":"1"},"q":{"N":"2"}}},{"N":"2"},
  {"L":[{"N":"30"},{"N":"31"}]}]},"a.b":{"S":"dotted"}})";

// Selects in both ways and checks that they agree.
std::string select(const std::string& text, const char* names = "") {
  Attributes attributes(names);
  const ProjectionExpression projection(parse_expression(ExpressionKind::projection, text),
                                        *attributes);
  const std::string bytes = encode(item(kProjected));
  const std::string selected = json_text(projection.select(ItemView(bytes)));
  std::string direct;
  projection.append_json(direct, ItemView(bytes));
  EXPECT_EQ(direct, selected) << text;
  return selected;
}

std::string projection_refused(const std::string& text, const char* names = "") {
  return refusal([&] { select(text, names); });
}

TEST(DynamoProjection, SelectsTopLevelAttributes) {
  EXPECT_EQ(select("n, id"), R"({"id":{"S":"k"},"n":{"N":"1"}})");
  EXPECT_EQ(select("nothing"), "{}");
  EXPECT_EQ(select("#d", R"({"#d":"a.b"})"), R"({"a.b":{"S":"dotted"}})");
}

TEST(DynamoProjection, MergesSharedPrefixes) {
  EXPECT_EQ(select("m.b, m.a.y"), R"({"m":{"M":{"a":{"M":{"y":{"N":"2"}}},"b":{"N":"3"}}}})");
  EXPECT_EQ(select("l[1].q, l[1].p"), R"({"l":{"L":[{"M":{"p":{"N":"1"},"q":{"N":"2"}}}]}})");
}

TEST(DynamoProjection, CompactsListsInIndexOrder) {
  EXPECT_EQ(select("l[2], l[0], l[9]"), R"({"l":{"L":[{"N":"0"},{"N":"2"}]}})");
  EXPECT_EQ(select("l[3][1], id"), R"({"id":{"S":"k"},"l":{"L":[{"L":[{"N":"31"}]}]}})");
}

TEST(DynamoProjection, IgnoresPathsThatLeadNowhere) {
  EXPECT_EQ(select("m.q, l[9], n.x"), "{}");
  EXPECT_EQ(select("n[0], m[0], l.p, id"), R"({"id":{"S":"k"}})");
}

TEST(DynamoProjection, SelectsFromDecodedItemsAlike) {
  const Item decoded = item(kProjected);
  PathTree tree;
  tree.add({{"m", 0}, {"a", 0}, {"x", 0}});
  tree.add({{"l", 0}, {{}, 3}, {{}, 0}});
  EXPECT_EQ(json_text(tree.select(decoded)),
            R"({"l":{"L":[{"L":[{"N":"30"}]}]},"m":{"M":{"a":{"M":{"x":{"N":"1"}}}}}})");
  EXPECT_EQ(tree.select(ItemView(encode(decoded))), tree.select(decoded));
}

TEST(DynamoProjection, RefusesOverlapsAndConflicts) {
  EXPECT_EQ(projection_refused("a, b, a.b"),
            "Invalid ProjectionExpression: Two document paths overlap with each other; must remove "
            "or rewrite one of these paths; path one: [a], path two: [a, b]");
  EXPECT_EQ(projection_refused("a[1], a[1]"),
            "Invalid ProjectionExpression: Two document paths overlap with each other; must remove "
            "or rewrite one of these paths; path one: [a, [1]], path two: [a, [1]]");
  EXPECT_EQ(projection_refused("#a, a", R"({"#a":"a"})"),
            "Invalid ProjectionExpression: Two document paths overlap with each other; must remove "
            "or rewrite one of these paths; path one: [a], path two: [a]");
  EXPECT_EQ(
      projection_refused("a.b, c, a[0]"),
      "Invalid ProjectionExpression: Two document paths conflict with each other; must remove "
      "or rewrite one of these paths; path one: [a, b], path two: [a, [0]]");
  EXPECT_EQ(projection_refused("a.b.c, a.b.d, a.c, b"), "accepted");
}

}  // namespace
}  // namespace paddock::services::dynamodb
