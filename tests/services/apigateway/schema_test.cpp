// Models of request bodies, and small pure rules of the data plane.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/apigateway/data_plane.hpp"
#include "services/apigateway/java_regex.hpp"
#include "services/apigateway/json_schema.hpp"

namespace paddock::services::apigateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> schema_messages(const std::string& schema, const std::string& document,
                                         const Json& models = Json()) {
  return JsonSchema(schema, models).check(Json::parse(document));
}

TEST(JsonSchema, TypesMustFit) {
  EXPECT_THAT(schema_messages(R"({"type": "integer"})", "1.0"), IsEmpty());
  EXPECT_THAT(schema_messages(R"({"type": "number"})", "1"), IsEmpty());
  EXPECT_THAT(schema_messages(R"({"type": ["string", "null"]})", "null"), IsEmpty());
  EXPECT_THAT(schema_messages(R"({"type": ["string", "null"]})", "[]"),
              ElementsAre("instance type (array) does not match any allowed primitive type "
                          "(allowed: [\"null\",\"string\"])"));
}

TEST(JsonSchema, ObjectsHaveTheirMembers) {
  const std::string schema = R"({"type": "object", "required": ["b", "a"],
      "properties": {"a": {"type": "string", "minLength": 2}}, "additionalProperties": false,
      "patternProperties": {"^x-": {"type": "boolean"}}})";
  EXPECT_THAT(schema_messages(schema, R"({"a": "ok", "x-b": true})"),
              ElementsAre("object has missing required properties ([\"b\"])"));
  EXPECT_THAT(
      schema_messages(schema, R"({"a": "o", "b": 1})"),
      ElementsAre("string \"o\" is too short (length: 1, required minimum: 2)",
                  "object instance has properties which are not allowed by the schema: [\"b\"]"));
}

TEST(JsonSchema, ListsNumbersAndTextsHaveTheirBounds) {
  const std::string schema = R"({"type": "array", "minItems": 1, "maxItems": 3,
      "uniqueItems": true, "items": {"minimum": 2, "maximum": 8, "exclusiveMaximum": true,
      "multipleOf": 0.5, "pattern": "^[a-z]+$"}})";
  EXPECT_THAT(schema_messages(schema, R"([2, 7.5, "abc"])"), IsEmpty());
  EXPECT_EQ(schema_messages(schema, "[]").size(), 1u);
  EXPECT_EQ(schema_messages(schema, "[2, 3, 4, 4]").size(), 2u);
  EXPECT_EQ(schema_messages(schema, "[1, 8, 2.2]").size(), 3u);
  EXPECT_THAT(schema_messages(schema, R"(["A1"])"),
              ElementsAre("ECMA 262 regex \"^[a-z]+$\" does not match input string \"A1\""));
}

TEST(JsonSchema, SchemasAreCombined) {
  const std::string schema = R"({"allOf": [{"type": "integer"}, {"minimum": 5}],
      "anyOf": [{"enum": [6]}, {"enum": [7]}], "oneOf": [{"multipleOf": 2}, {"multipleOf": 3}],
      "not": {"enum": [9]}})";
  EXPECT_THAT(schema_messages(schema, "7"),
              ElementsAre("instance failed to match exactly one schema (matched 0 out of 2)"));
  EXPECT_EQ(schema_messages(schema, "9").size(), 2u);
}

TEST(JsonSchema, ReferencesLeadToDefinitionsAndModels) {
  const Json models = {
      {"Pet", {{"schema", R"({"properties": {"kind": {"$ref": "#/definitions/kind"},
          "friend": {"$ref": "https://apigateway.amazonaws.com/restapis/x/models/Pet"}},
          "definitions": {"kind": {"enum": ["cat", "dog"]}}})"}}}};
  const std::string schema =
      R"({"items": {"$ref": "https://apigateway.amazonaws.com/restapis/x/models/Pet"}})";
  EXPECT_THAT(schema_messages(schema, R"([{"kind": "cat", "friend": {"kind": "dog"}}])", models),
              IsEmpty());
  EXPECT_THAT(schema_messages(schema, R"([{"friend": {"friend": {"kind": "cow"}}}])", models),
              ElementsAre("instance value (\"cow\") not found in enum (possible values: "
                          "[\"cat\",\"dog\"])"));
  EXPECT_EQ(schema_messages(R"({"$ref": "#/nowhere"})", "1").size(), 1u);
}

TEST(JsonSchema, HostileSchemasEnd) {
  EXPECT_EQ(schema_messages(R"({"$ref": "#"})", "1").size(), 1u);
  EXPECT_EQ(schema_messages("no json", "{}").size(), 1u);
  std::string wide = "[";
  for (int i = 0; i < 1000; ++i) wide += (i ? "," : "") + std::to_string(i);
  EXPECT_EQ(schema_messages(R"({"items": {"type": "string"}})", wide + "]").size(),
            JsonSchema::kMaxMessages);
  // Each level tries the next one twice.
  const std::string doubling = R"({"anyOf": [{"not": {"$ref": "#"}}, {"not": {"$ref": "#"}}]})";
  schema_messages(doubling, "1");
}

TEST(JavaRegex, IsJavas) {
  EXPECT_TRUE(JavaRegex("a.c").matches("abc"));
  EXPECT_FALSE(JavaRegex("a.c").matches("a\nc"));
  EXPECT_TRUE(JavaRegex("(?s)a.c").matches("a\nc"));
  EXPECT_FALSE(JavaRegex("^b").found_in("a\nb"));
  EXPECT_EQ(JavaRegex("(a)(b)?").replace("abac", "[$1]\\$", true), "[a]$[a]$c");
  EXPECT_THAT(JavaRegex(",").split("a,,b,,"), ElementsAre("a", "", "b"));
  EXPECT_THAT(JavaRegex(",").split("a,b,c", 2), ElementsAre("a", "b,c"));
  EXPECT_THROW(JavaRegex("("), RegexError);
  EXPECT_THROW(JavaRegex("(a+)+b").matches(std::string(60, 'a')), RegexError);
}

TEST(MockStatus, IsReadFromJsonAndFromWhatLooksLikeIt) {
  EXPECT_EQ(mock_status("{\"statusCode\": 201}"), 201);
  EXPECT_EQ(mock_status(" {statusCode : 202, }"), 202);
  EXPECT_EQ(mock_status("{'statusCode': 203}"), 203);
  EXPECT_EQ(mock_status("{\"statusCode\": \"200\"}"), std::nullopt);
  EXPECT_EQ(mock_status("{}"), std::nullopt);
  EXPECT_EQ(mock_status(""), std::nullopt);
  EXPECT_EQ(mock_status("statusCode: 200"), std::nullopt);
}

}  // namespace
}  // namespace paddock::services::apigateway
