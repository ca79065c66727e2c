// Expected, ConditionalOperator and AttributeUpdates of writes.
#include <initializer_list>
#include <vector>

#include "fixture.hpp"

namespace paddock::testing {

class LegacyWritesTest : public DynamoDbTest {
 protected:
  void SetUp() override { ok("CreateTable", simple_table("tab1")); }

  static Json key() { return {{"pk", s("k")}}; }
  using Values = std::initializer_list<Json>;  // in braces: {n("1")} is a list of one
  static Json condition(const char* comparison, Values values) {
    return {{"ComparisonOperator", comparison}, {"AttributeValueList", std::vector<Json>(values)}};
  }
  static Json update(const Json& updates, const Json& more = Json::object()) {
    Json input = {{"TableName", "tab1"}, {"Key", key()}, {"AttributeUpdates", updates}};
    for (const auto& [name, value] : more.items()) input[name] = value;
    return input;
  }
  static Json action(const char* name, const Json& value) {
    return {{"Action", name}, {"Value", value}};
  }
  // A put of {pk, a: 1, s: "cat"} under the condition.
  static Json expecting(const Json& expected, const Json& more = Json::object()) {
    Json input = {{"TableName", "tab1"},
                  {"Item", {{"pk", s("k")}, {"a", n("1")}, {"s", s("cat")}}},
                  {"Expected", expected}};
    for (const auto& [name, value] : more.items()) input[name] = value;
    return input;
  }
  bool allowed(const Json& expected, const Json& more = Json::object()) {
    const CallResult result = call("PutItem", expecting(expected, more));
    if (!result.ok()) {
      EXPECT_EQ(result.error(), "ConditionalCheckFailedException") << result.text;
    }
    return result.ok();
  }
  Json stored() { return get("tab1", key()).value("Item", Json()); }
};

TEST_F(LegacyWritesTest, ExpectedComparesOrAsksForExistence) {
  EXPECT_TRUE(allowed({{"pk", {{"Exists", false}}}}));
  EXPECT_FALSE(allowed({{"pk", {{"Exists", false}}}}));
  EXPECT_TRUE(allowed({{"a", {{"Value", n("1.0")}}}}));
  EXPECT_TRUE(allowed({{"a", {{"Value", n("1")}, {"Exists", true}}}}));
  EXPECT_FALSE(allowed({{"a", {{"Value", s("1")}}}}));
  EXPECT_FALSE(allowed({{"z", {{"Value", n("1")}}}}));
  EXPECT_TRUE(allowed({{"a", {{"ComparisonOperator", "GE"}, {"Value", n("1")}}}}));
  EXPECT_TRUE(allowed({{"s", condition("BEGINS_WITH", {s("ca")})}}));
  EXPECT_FALSE(allowed({{"a", condition("BEGINS_WITH", {s("ca")})}}));
  EXPECT_TRUE(allowed({{"z", condition("NE", {n("1")})}}));
  EXPECT_FALSE(allowed({{"z", condition("NOT_CONTAINS", {n("1")})}}));
  EXPECT_TRUE(allowed({{"s", condition("NOT_CONTAINS", {n("1")})}}));
  EXPECT_TRUE(allowed({{"z", {{"ComparisonOperator", "NULL"}}}}));
}

TEST_F(LegacyWritesTest, ConditionsAreJoinedByAndUnlessItSaysOr) {
  put("tab1", {{"pk", s("k")}, {"a", n("1")}, {"s", s("cat")}});
  const Json one_holds = {{"a", {{"Value", n("1")}}}, {"s", {{"Value", s("dog")}}}};
  EXPECT_FALSE(allowed(one_holds));
  EXPECT_FALSE(allowed(one_holds, {{"ConditionalOperator", "AND"}}));
  EXPECT_TRUE(allowed(one_holds, {{"ConditionalOperator", "OR"}}));
  expect_invalid(call("PutItem", expecting(Json::object(), {{"ConditionalOperator", "OR"}})),
                 "ConditionalOperator cannot be used without Filter or Expected");
  expect_invalid(call("UpdateItem", update(Json::object(), {{"ConditionalOperator", "OR"}})),
                 "ConditionalOperator cannot be used without Filter or Expected");
  expect_invalid(
      call("PutItem", expecting({{"a", {{"Value", n("1")}}}}, {{"ConditionalOperator", "OR"}})),
      "ConditionalOperator can only be used when Filter or Expected has two or more elements");
}

TEST_F(LegacyWritesTest, DeleteItemTakesExpected) {
  put("tab1", {{"pk", s("k")}, {"a", n("1")}});
  Json remove = {{"TableName", "tab1"}, {"Key", key()}, {"Expected", {{"a", {{"Value", n("2")}}}}}};
  expect_error(call("DeleteItem", remove), "ConditionalCheckFailedException",
               "The conditional request failed");
  remove["Expected"] = {{"a", {{"Value", n("1")}}}};
  ok("DeleteItem", remove);
  EXPECT_EQ(stored(), Json());
}

TEST_F(LegacyWritesTest, ExpectedThatContradictsItselfIsRefused) {
  const auto refused = [&](const Json& entry, const std::string& why) {
    expect_invalid(call("PutItem", expecting({{"a", entry}})),
                   "One or more parameter values were invalid: " + why);
  };
  refused(Json::object(), "Value must be provided when Exists is null for Attribute: a");
  refused({{"Exists", true}}, "Value must be provided when Exists is true for Attribute: a");
  refused({{"Exists", false}, {"Value", n("1")}},
          "Value cannot be used when Exists is false for Attribute: a");
  refused({{"Value", n("1")}, {"AttributeValueList", {n("1")}}, {"ComparisonOperator", "EQ"}},
          "Value and AttributeValueList cannot be used together for Attribute: a");
  refused({{"Exists", false}, {"AttributeValueList", {n("1")}}, {"ComparisonOperator", "EQ"}},
          "Exists and ComparisonOperator cannot be used together for Attribute: a");
  refused({{"ComparisonOperator", "LT"}},
          "Value or AttributeValueList must be used with ComparisonOperator: LT for Attribute: a");
  refused({{"AttributeValueList", {n("1")}}},
          "AttributeValueList can only be used with a ComparisonOperator for Attribute: a");
  refused(condition("LE", {{{"L", {n("1")}}}}),
          "ComparisonOperator LE is not valid for L AttributeValue type");
  refused(condition("NE", {n("1"), n("2")}),
          "Invalid number of argument(s) for the NE ComparisonOperator");
}

TEST_F(LegacyWritesTest, AttributeUpdatesPutAddAndDelete) {
  ok("UpdateItem", update({{"n", {{"Value", n("1")}}},  // PUT unless it says otherwise
                           {"set", action("PUT", {{"SS", {"a", "b"}}})},
                           {"list", action("ADD", {{"L", {n("1")}}})},
                           {"gone", action("PUT", s("x"))},
                           {"a.b", action("PUT", s("dotted"))}}));
  ok("UpdateItem", update({{"n", action("ADD", n("2"))},
                           {"set", action("DELETE", {{"SS", {"b", "c"}}})},
                           {"more", action("ADD", {{"NS", {"1"}}})},
                           {"list", action("ADD", {{"L", {s("x"), n("1")}}})},
                           {"gone", {{"Action", "DELETE"}}}}));
  EXPECT_EQ(stored(), Json({{"pk", s("k")},
                            {"n", n("3")},
                            {"set", {{"SS", {"a"}}}},
                            {"more", {{"NS", {"1"}}}},
                            {"list", {{"L", {n("1"), s("x"), n("1")}}}},
                            {"a.b", s("dotted")}}));
  ok("UpdateItem", update({{"set", action("DELETE", {{"SS", {"a"}}})}}));
  EXPECT_FALSE(stored().contains("set"));
}

TEST_F(LegacyWritesTest, OnlyPutAndAddCreateAnItem) {
  ok("UpdateItem", update({{"a", {{"Action", "DELETE"}}}}));
  EXPECT_EQ(stored(), Json());
  ok("UpdateItem", update(Json::object()));
  EXPECT_EQ(stored(), key());
}

TEST_F(LegacyWritesTest, UpdatesReturnTheUpdatedAttributes) {
  put("tab1", {{"pk", s("k")}, {"n", n("1")}, {"x", s("x")}});
  const Json updates = {{"n", action("ADD", n("2"))}, {"y", action("PUT", s("y"))}};
  EXPECT_EQ(ok("UpdateItem", update(updates, {{"ReturnValues", "UPDATED_OLD"}}))["Attributes"],
            Json({{"n", n("1")}}));
  EXPECT_EQ(ok("UpdateItem", update(updates, {{"ReturnValues", "UPDATED_NEW"}}))["Attributes"],
            Json({{"n", n("5")}, {"y", s("y")}}));
}

TEST_F(LegacyWritesTest, UpdatesThatCannotBeRightAreRefused) {
  const auto refused = [&](const Json& updates, const std::string& why) {
    expect_invalid(call("UpdateItem", update(updates)), why);
  };
  const std::string prefix = "One or more parameter values were invalid: ";
  refused({{"a", {{"Action", "PUT"}}}},
          prefix + "Only DELETE action is allowed when no attribute value is specified");
  refused({{"a", Json::object()}},
          prefix + "Only DELETE action is allowed when no attribute value is specified");
  refused({{"a", action("ADD", s("x"))}}, prefix + "ADD action is not supported for the type S");
  refused({{"a", action("DELETE", n("1"))}},
          prefix + "DELETE action with value is not supported for the type N");
  refused({{"pk", action("PUT", s("x"))}},
          prefix + "Cannot update attribute pk. This attribute is part of the key");
  put("tab1", {{"pk", s("k")}, {"n", n("1")}, {"x", s("x")}});
  for (const Json& mismatch :
       {Json({{"x", action("ADD", n("1"))}}), Json({{"n", action("ADD", {{"L", {n("1")}}})}}),
        Json({{"n", action("DELETE", {{"NS", {"1"}}})}})}) {
    refused(mismatch, "Type mismatch for attribute to update");
  }
}

TEST_F(LegacyWritesTest, LegacyParametersAndExpressionsDoNotMix) {
  const auto refused = [&](const char* operation, const Json& input, const std::string& legacy,
                           const std::string& expressions) {
    expect_invalid(call(operation, input),
                   "Can not use both expression and non-expression parameters in the same "
                   "request: Non-expression parameters: {" +
                       legacy + "} Expression parameters: {" + expressions + "}");
  };
  const Json expected = {{"a", {{"Value", n("1")}}}};
  refused("UpdateItem",
          update({{"a", action("PUT", n("1"))}}, {{"Expected", expected},
                                                  {"ConditionalOperator", "AND"},
                                                  {"UpdateExpression", "SET a = :v"},
                                                  {"ConditionExpression", "a = :v"}}),
          "AttributeUpdates, Expected, ConditionalOperator",
          "UpdateExpression, ConditionExpression");
  refused("PutItem", expecting(expected, {{"ConditionExpression", "attribute_exists(pk)"}}),
          "Expected", "ConditionExpression");
  refused("DeleteItem",
          {{"TableName", "tab1"},
           {"Key", key()},
           {"ConditionalOperator", "AND"},
           {"ConditionExpression", "attribute_exists(pk)"}},
          "ConditionalOperator", "ConditionExpression");
}

}  // namespace paddock::testing
