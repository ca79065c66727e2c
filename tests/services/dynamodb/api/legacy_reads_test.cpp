// KeyConditions, QueryFilter, ScanFilter, AttributesToGet and ConditionalOperator of reads.
#include <initializer_list>
#include <vector>

#include "fixture.hpp"

namespace paddock::testing {

class LegacyReadsTest : public DynamoDbTest {
 protected:
  void SetUp() override {
    ok("CreateTable", sorted_table("tab1", "N"));
    for (int i = 1; i <= 6; ++i) {
      Json item = {{"pk", s("a")},
                   {"sk", n(std::to_string(i))},
                   {"name", s("item-" + std::to_string(i))},
                   {"tags", {{"SS", {"t" + std::to_string(i % 3)}}}},
                   {"even", {{"BOOL", i % 2 == 0}}}};
      if (i > 4) item["late"] = {{"L", {n("1"), s("x")}}};
      put("tab1", item);
    }
    put("tab1", {{"pk", s("b")}, {"sk", n("1")}, {"a.b", s("dotted")}});
  }

  using Values = std::initializer_list<Json>;  // in braces: {n("1")} is a list of one
  static Json condition(const char* comparison, Values values) {
    return {{"ComparisonOperator", comparison}, {"AttributeValueList", std::vector<Json>(values)}};
  }
  static Json equals(const Json& value) { return condition("EQ", {value}); }
  // Query of partition "a" by KeyConditions.
  Json query(const Json& more = Json::object()) const {
    Json input = {{"TableName", "tab1"}, {"KeyConditions", {{"pk", equals(s("a"))}}}};
    for (const auto& [name, value] : more.items()) input[name] = value;
    return input;
  }
  Json sort_query(const char* comparison, Values values) const {
    return query(
        {{"KeyConditions", {{"pk", equals(s("a"))}, {"sk", condition(comparison, values)}}}});
  }
  Json filter_query(const Json& filter, const Json& more = Json::object()) const {
    Json input = query({{"QueryFilter", filter}});
    for (const auto& [name, value] : more.items()) input[name] = value;
    return input;
  }
  // The sort keys found, "1 2 3".
  std::string found(const Json& input) {
    std::string keys;
    const Json answer = ok("Query", input);
    for (const Json& item : answer.at("Items")) {
      if (!keys.empty()) keys += ' ';
      keys += item.at("sk").at("N").get<std::string>();
    }
    return keys;
  }
};

TEST_F(LegacyReadsTest, KeyConditionsSelectARangeOfTheSortKey) {
  EXPECT_EQ(found(query()), "1 2 3 4 5 6");
  EXPECT_EQ(found(sort_query("EQ", {n("3")})), "3");
  EXPECT_EQ(found(sort_query("LT", {n("3")})), "1 2");
  EXPECT_EQ(found(sort_query("LE", {n("3")})), "1 2 3");
  EXPECT_EQ(found(sort_query("GT", {n("4")})), "5 6");
  EXPECT_EQ(found(sort_query("GE", {n("4")})), "4 5 6");
  EXPECT_EQ(found(sort_query("BETWEEN", {n("2"), n("4")})), "2 3 4");
  EXPECT_EQ(found(query({{"ScanIndexForward", false}, {"Limit", 2}})), "6 5");
}

TEST_F(LegacyReadsTest, KeyConditionsThatNoIndexAnswersAreRefused) {
  expect_invalid(call("Query", sort_query("NE", {n("3")})),
                 "Attempted conditional constraint is not an indexable operation");
  expect_invalid(call("Query", sort_query("NOT_NULL", {})),
                 "Attempted conditional constraint is not an indexable operation");
  expect_invalid(call("Query", sort_query("BEGINS_WITH", {n("3")})),
                 "One or more parameter values were invalid: ComparisonOperator BEGINS_WITH is not "
                 "valid for N AttributeValue type");
  expect_invalid(call("Query", sort_query("EQ", {s("3")})),
                 "One or more parameter values were invalid: Condition parameter type does not "
                 "match schema type");
  expect_invalid(call("Query", sort_query("EQ", {})),
                 "One or more parameter values were invalid: Invalid number of argument(s) for the "
                 "EQ ComparisonOperator");
  const auto conditions = [&](const Json& map) { return query({{"KeyConditions", map}}); };
  expect_invalid(call("Query", conditions({{"pk", condition("LT", {s("a")})}})),
                 "Query key condition not supported");
  expect_invalid(call("Query", conditions({{"sk", equals(n("1"))}})),
                 "Query condition missed key schema element: pk");
  expect_invalid(call("Query", conditions({{"pk", equals(s("a"))}, {"name", equals(s("item-1"))}})),
                 "Query condition missed key schema element: sk");
  expect_invalid(call("Query", conditions(Json::object())),
                 "Conditions can be of length 1 or 2 only");
  expect_invalid(call("Query", conditions({{"pk", condition("eq", {s("a")})}})),
                 "1 validation error detected: Value 'eq' at "
                 "'keyConditions.pk.member.comparisonOperator' failed to satisfy constraint: "
                 "Member must satisfy enum value set: [IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, "
                 "GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, CONTAINS]");
}

TEST_F(LegacyReadsTest, EveryOperatorOfAFilter) {
  const auto by = [&](const char* attribute, const char* comparison, Values values) {
    return found(filter_query({{attribute, condition(comparison, values)}}));
  };
  EXPECT_EQ(by("even", "EQ", {{{"BOOL", true}}}), "2 4 6");
  EXPECT_EQ(by("even", "NE", {{{"BOOL", true}}}), "1 3 5");
  EXPECT_EQ(by("late", "EQ", {{{"L", {n("1.0"), s("x")}}}}), "5 6");
  EXPECT_EQ(by("late", "NE", {n("1")}), "1 2 3 4 5 6");  // also where it is not there
  EXPECT_EQ(by("name", "LT", {s("item-3")}), "1 2");
  EXPECT_EQ(by("name", "LE", {s("item-3")}), "1 2 3");
  EXPECT_EQ(by("name", "GT", {s("item-4")}), "5 6");
  EXPECT_EQ(by("name", "GE", {s("item-4")}), "4 5 6");
  EXPECT_EQ(by("name", "BETWEEN", {s("item-2"), s("item-3")}), "2 3");
  EXPECT_EQ(by("name", "IN", {s("item-2"), s("item-6"), s("item-9")}), "2 6");
  EXPECT_EQ(by("name", "BEGINS_WITH", {s("item-5")}), "5");
  EXPECT_EQ(by("name", "CONTAINS", {s("m-3")}), "3");
  EXPECT_EQ(by("tags", "CONTAINS", {s("t1")}), "1 4");
  EXPECT_EQ(by("late", "CONTAINS", {n("1")}), "5 6");
  EXPECT_EQ(by("tags", "NOT_CONTAINS", {s("t1")}), "2 3 5 6");
  EXPECT_EQ(by("late", "NOT_CONTAINS", {n("2")}), "5 6");  // not where it is not there
  EXPECT_EQ(by("late", "NULL", {}), "1 2 3 4");
  EXPECT_EQ(by("late", "NOT_NULL", {}), "5 6");
  EXPECT_EQ(found(filter_query({{"late", {{"ComparisonOperator", "NULL"}}}})), "1 2 3 4");
}

TEST_F(LegacyReadsTest, AFilterWithOperandsThatCannotBeRightIsRefused) {
  const auto refused = [&](const char* comparison, Values values, std::string_view why) {
    expect_invalid(call("Query", filter_query({{"name", condition(comparison, values)}})), why);
  };
  const std::string prefix = "One or more parameter values were invalid: ";
  refused("LT", {{{"SS", {"a"}}}},
          prefix + "ComparisonOperator LT is not valid for SS AttributeValue type");
  refused("CONTAINS", {{{"L", Json::array()}}},
          prefix + "ComparisonOperator CONTAINS is not valid for L AttributeValue type");
  refused("IN", {{{"BOOL", true}}},
          prefix + "ComparisonOperator IN is not valid for BOOL AttributeValue type");
  refused("IN", {s("a"), n("1")},
          prefix + "AttributeValues inside AttributeValueList must be of same type");
  refused("BETWEEN", {s("b"), s("a")},
          "The BETWEEN condition was provided a range where the lower bound is greater than the "
          "upper bound");
  for (const char* comparison : {"IN", "BETWEEN", "EQ"}) {
    refused(comparison, {},
            prefix + "Invalid number of argument(s) for the " + comparison + " ComparisonOperator");
  }
  refused("NULL", {s("a")},
          prefix + "Invalid number of argument(s) for the NULL ComparisonOperator");
  refused("EQ", {Json::object()},
          "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
  expect_invalid(call("Query", filter_query({{"sk", equals(n("1"))}})),
                 "QueryFilter can only contain non-primary key attributes: Primary key attribute: "
                 "sk");
}

TEST_F(LegacyReadsTest, ConditionalOperatorJoinsTwoOrMoreConditions) {
  const Json two = {{"even", equals({{"BOOL", true}})},
                    {"late", {{"ComparisonOperator", "NOT_NULL"}}}};
  EXPECT_EQ(found(filter_query(two)), "6");
  EXPECT_EQ(found(filter_query(two, {{"ConditionalOperator", "AND"}})), "6");
  EXPECT_EQ(found(filter_query(two, {{"ConditionalOperator", "OR"}})), "2 4 5 6");
  EXPECT_EQ(found(filter_query(Json::object())), "1 2 3 4 5 6");
  const char* const alone = "ConditionalOperator cannot be used without Filter or Expected";
  expect_invalid(call("Query", query({{"ConditionalOperator", "OR"}})), alone);
  expect_invalid(call("Query", {{"TableName", "tab1"}, {"ConditionalOperator", "OR"}}), alone);
  expect_invalid(
      call("Scan",
           {{"TableName", "tab1"}, {"ScanFilter", Json::object()}, {"ConditionalOperator", "OR"}}),
      alone);
  expect_invalid(
      call("Query",
           filter_query({{"even", equals({{"BOOL", true}})}}, {{"ConditionalOperator", "AND"}})),
      "ConditionalOperator can only be used when Filter or Expected has two or more elements");
}

TEST_F(LegacyReadsTest, AScanFilterMayNameKeysAndDottedAttributes) {
  const auto count = [&](const Json& filter) {
    return ok("Scan", {{"TableName", "tab1"}, {"ScanFilter", filter}})["Count"].get<int>();
  };
  EXPECT_EQ(count({{"pk", equals(s("b"))}}), 1);
  EXPECT_EQ(count({{"sk", condition("GE", {n("5")})}}), 2);
  EXPECT_EQ(count({{"a.b", equals(s("dotted"))}}), 1);
}

TEST_F(LegacyReadsTest, AttributesToGetShowsTheNamedAttributesOnly) {
  const Json key = {{"pk", s("b")}, {"sk", n("1")}};
  Json get = {{"TableName", "tab1"}, {"Key", key}, {"AttributesToGet", {"a.b", "none"}}};
  EXPECT_EQ(ok("GetItem", get)["Item"], Json({{"a.b", s("dotted")}}));
  get["AttributesToGet"] = {"none"};
  EXPECT_EQ(ok("GetItem", get)["Item"], Json::object());
  const Json page = ok("Query", query({{"AttributesToGet", {"name"}}, {"Limit", 1}}));
  EXPECT_EQ(page["Items"], Json::array({{{"name", s("item-1")}}}));
  const Json scan = ok("Scan", {{"TableName", "tab1"},
                                {"AttributesToGet", {"name"}},
                                {"ScanFilter", {{"even", equals({{"BOOL", true}})}}}});
  EXPECT_EQ(scan["Items"].size(), 3u);
  EXPECT_EQ(scan["Items"][0].size(), 1u);
  const Json batch =
      ok("BatchGetItem",
         {{"RequestItems", {{"tab1", {{"Keys", {key}}, {"AttributesToGet", {"a.b"}}}}}}});
  EXPECT_EQ(batch["Responses"]["tab1"], Json::array({{{"a.b", s("dotted")}}}));
}

TEST_F(LegacyReadsTest, AttributesToGetNamesEachAttributeOnce) {
  const char* const twice =
      "One or more parameter values were invalid: Duplicate value in attribute name: a";
  expect_invalid(call("GetItem", {{"TableName", "tab1"},
                                  {"Key", {{"pk", s("b")}, {"sk", n("1")}}},
                                  {"AttributesToGet", {"a", "b", "a"}}}),
                 twice);
  expect_invalid(call("Scan", {{"TableName", "tab1"}, {"AttributesToGet", {"a", "a"}}}), twice);
  expect_invalid(call("Query", query({{"AttributesToGet", {"a", "a"}}})), twice);
}

TEST_F(LegacyReadsTest, LegacyParametersAndExpressionsDoNotMix) {
  const auto refused = [&](const char* operation, const Json& input, const std::string& legacy,
                           const std::string& expressions) {
    expect_invalid(call(operation, input),
                   "Can not use both expression and non-expression parameters in the same "
                   "request: Non-expression parameters: {" +
                       legacy + "} Expression parameters: {" + expressions + "}");
  };
  const Json filter = {{"name", equals(s("x"))}};
  refused("Query",
          query({{"QueryFilter", filter},
                 {"ConditionalOperator", "AND"},
                 {"AttributesToGet", {"a"}},
                 {"KeyConditionExpression", "pk = :p"},
                 {"FilterExpression", "a = :v"},
                 {"ProjectionExpression", "b"}}),
          "AttributesToGet, QueryFilter, ConditionalOperator, KeyConditions",
          "ProjectionExpression, FilterExpression, KeyConditionExpression");
  refused("Query", query({{"QueryFilter", filter}, {"ProjectionExpression", "b"}}), "QueryFilter",
          "ProjectionExpression");
  refused("Scan",
          {{"TableName", "tab1"},
           {"ScanFilter", filter},
           {"AttributesToGet", {"a"}},
           {"FilterExpression", "a = :v"}},
          "AttributesToGet, ScanFilter", "FilterExpression");
  const Json key = {{"pk", s("b")}, {"sk", n("1")}};
  refused("GetItem",
          {{"TableName", "tab1"},
           {"Key", key},
           {"AttributesToGet", {"a"}},
           {"ProjectionExpression", "a"}},
          "AttributesToGet", "ProjectionExpression");
  ok("CreateTable", simple_table("tab2"));
  refused("BatchGetItem",
          {{"RequestItems",
            {{"tab1", {{"Keys", {key}}, {"AttributesToGet", {"a"}}}},
             {"tab2", {{"Keys", {{{"pk", s("x")}}}}, {"ProjectionExpression", "a"}}}}}},
          "AttributesToGet", "ProjectionExpression");
}

TEST_F(LegacyReadsTest, KeyConditionsGoWithTheOtherExpressions) {
  EXPECT_EQ(found(query({{"FilterExpression", "even = :t"},
                         {"ExpressionAttributeValues", {{":t", {{"BOOL", true}}}}}})),
            "2 4 6");
  EXPECT_EQ(ok("Query", query({{"ProjectionExpression", "even"}, {"Limit", 1}}))["Items"],
            Json::array({{{"even", {{"BOOL", false}}}}}));
}

}  // namespace paddock::testing
