// Query and Scan through the wire.
#include <algorithm>
#include <set>
#include <vector>

#include "fixture.hpp"

namespace paddock::testing {

class QueryTest : public DynamoDbTest {
 protected:
  void SetUp() override {
    ok("CreateTable", sorted_table("tab1", "N"));
    for (int i = -3; i <= 6; ++i) {
      put("tab1", {{"pk", s("a")}, {"sk", n(std::to_string(i))}, {"even", {{"BOOL", i % 2 == 0}}}});
    }
    put("tab1", {{"pk", s("b")}, {"sk", n("1")}});
  }
  static std::vector<int> numbers(const Json& answer) {
    std::vector<int> result;
    for (const Json& item : answer.at("Items")) {
      result.push_back(std::stoi(item.at("sk").at("N").get<std::string>()));
    }
    return result;
  }
  Json query(const std::string& condition, Json values, const Json& more = Json::object()) {
    values[":pk"] = s("a");
    Json input = {{"TableName", "tab1"},
                  {"KeyConditionExpression", "pk = :pk" + condition},
                  {"ExpressionAttributeValues", values}};
    input.update(more);
    return input;
  }
};

TEST_F(QueryTest, APartitionComesInTheOrderOfItsNumbers) {
  const Json answer = ok("Query", query("", Json::object()));
  EXPECT_EQ(numbers(answer), (std::vector<int>{-3, -2, -1, 0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(answer["Count"], 10);
  EXPECT_EQ(answer["ScannedCount"], 10);
  EXPECT_FALSE(answer.contains("LastEvaluatedKey"));
}

TEST_F(QueryTest, EveryOperatorOfTheSortKeySelectsItsRange) {
  const auto found = [&](const std::string& condition, const Json& values) {
    return numbers(ok("Query", query(" AND " + condition, values)));
  };
  const Json two = {{":v", n("2")}};
  EXPECT_EQ(found("sk = :v", two), (std::vector<int>{2}));
  EXPECT_EQ(found("sk < :v", two), (std::vector<int>{-3, -2, -1, 0, 1}));
  EXPECT_EQ(found("sk <= :v", two), (std::vector<int>{-3, -2, -1, 0, 1, 2}));
  EXPECT_EQ(found("sk > :v", two), (std::vector<int>{3, 4, 5, 6}));
  EXPECT_EQ(found("sk >= :v", two), (std::vector<int>{2, 3, 4, 5, 6}));
  EXPECT_EQ(found(":v <= sk", two), (std::vector<int>{2, 3, 4, 5, 6}));
  EXPECT_EQ(found("sk BETWEEN :v AND :w", {{":v", n("-1")}, {":w", n("1")}}),
            (std::vector<int>{-1, 0, 1}));
}

TEST_F(QueryTest, BeginsWithSelectsByPrefix) {
  ok("CreateTable", sorted_table("tab2"));
  const std::string zero("a\0b", 3);
  for (const std::string& sk : {std::string("a"), zero, std::string("ab"), std::string("b")}) {
    put("tab2", {{"pk", s("p")}, {"sk", s(sk)}});
  }
  const Json answer =
      ok("Query", {{"TableName", "tab2"},
                   {"KeyConditionExpression", "pk = :p AND begins_with(sk, :a)"},
                   {"ExpressionAttributeValues", {{":p", s("p")}, {":a", s("a")}}}});
  ASSERT_EQ(answer["Count"], 3);
  EXPECT_EQ(answer["Items"][0]["sk"], s("a"));
  EXPECT_EQ(answer["Items"][1]["sk"], s(zero));
  EXPECT_EQ(answer["Items"][2]["sk"], s("ab"));
}

TEST_F(QueryTest, BackwardsIsTheSameTurnedRound) {
  const Json answer =
      ok("Query", query(" AND sk <= :v", {{":v", n("0")}}, {{"ScanIndexForward", false}}));
  EXPECT_EQ(numbers(answer), (std::vector<int>{0, -1, -2, -3}));
}

TEST_F(QueryTest, PagesGoOnWhereTheLastOneEnded) {
  for (const bool forward : {true, false}) {
    std::vector<int> all;
    Json more = {{"Limit", 4}, {"ScanIndexForward", forward}};
    for (int pages = 0;; ++pages) {
      ASSERT_LT(pages, 10);
      const Json answer = ok("Query", query("", Json::object(), more));
      for (const int number : numbers(answer)) all.push_back(number);
      if (!answer.contains("LastEvaluatedKey")) break;
      more["ExclusiveStartKey"] = answer["LastEvaluatedKey"];
    }
    std::vector<int> expected{-3, -2, -1, 0, 1, 2, 3, 4, 5, 6};
    if (!forward) std::reverse(expected.begin(), expected.end());
    EXPECT_EQ(all, expected);
  }
}

TEST_F(QueryTest, ALimitThatEndsAtTheLastItemStillGivesAKey) {
  Json answer = ok("Query", query("", Json::object(), {{"Limit", 10}}));
  EXPECT_EQ(answer["LastEvaluatedKey"], Json({{"pk", s("a")}, {"sk", n("6")}}));
  answer = ok("Query", query("", Json::object(), {{"Limit", 11}}));
  EXPECT_FALSE(answer.contains("LastEvaluatedKey"));
}

TEST_F(QueryTest, TheFilterComesAfterTheLimit) {
  const Json answer = ok("Query", query("", {{":yes", {{"BOOL", true}}}},
                                        {{"FilterExpression", "even = :yes"}, {"Limit", 4}}));
  EXPECT_EQ(answer["ScannedCount"], 4);
  EXPECT_EQ(answer["Count"], 2);
  EXPECT_EQ(numbers(answer), (std::vector<int>{-2, 0}));
}

TEST_F(QueryTest, CountGivesNoItems) {
  const Json answer = ok("Query", query("", Json::object(), {{"Select", "COUNT"}}));
  EXPECT_EQ(answer["Count"], 10);
  EXPECT_FALSE(answer.contains("Items"));
}

TEST_F(QueryTest, AProjectionSelectsAttributes) {
  const Json answer =
      ok("Query", query(" AND sk = :v", {{":v", n("2")}}, {{"ProjectionExpression", "even"}}));
  EXPECT_EQ(answer["Items"], Json::array({{{"even", {{"BOOL", true}}}}}));
}

TEST_F(QueryTest, APageEndsAtOneMegabyte) {
  ok("CreateTable", sorted_table("big", "N"));
  for (int i = 0; i < 12; ++i) {
    put("big", {{"pk", s("a")}, {"sk", n(std::to_string(i))}, {"v", s(std::string(100'000, 'v'))}});
  }
  const Json answer = ok("Query", {{"TableName", "big"},
                                   {"KeyConditionExpression", "pk = :pk"},
                                   {"ExpressionAttributeValues", {{":pk", s("a")}}}});
  EXPECT_EQ(answer["Count"], 11);
  EXPECT_EQ(answer["LastEvaluatedKey"]["sk"], n("10"));
}

TEST_F(QueryTest, ReadCapacityCountsAllBytesOfThePageTogether) {
  const Json answer = ok(
      "Query",
      query("", Json::object(), {{"ReturnConsumedCapacity", "TOTAL"}, {"ConsistentRead", true}}));
  EXPECT_EQ(answer["ConsumedCapacity"], Json({{"TableName", "tab1"}, {"CapacityUnits", 1.0}}));
}

TEST_F(QueryTest, BadQueriesAreRefusedInAwssWords) {
  expect_invalid(call("Query", {{"TableName", "tab1"}}),
                 "Either the KeyConditions or KeyConditionExpression parameter must be specified "
                 "in the request.");
  expect_invalid(call("Query", {{"TableName", "tab1"},
                                {"KeyConditionExpression", "sk = :v"},
                                {"ExpressionAttributeValues", {{":v", n("1")}}}}),
                 "Query condition missed key schema element: pk");
  expect_invalid(call("Query", query(" AND sk = :v", {{":v", s("x")}})),
                 "One or more parameter values were invalid: Condition parameter type does not "
                 "match schema type");
  expect_invalid(call("Query", query("", Json::object(), {{"IndexName", "nope"}})),
                 "The table does not have the specified index: nope");
  expect_invalid(call("Query", query("", {{":v", n("1")}}, {{"FilterExpression", "sk = :v"}})),
                 "Filter Expression can only contain non-primary key attributes: Primary key "
                 "attribute: sk");
  expect_invalid(
      call("Query", query("", Json::object(), {{"ExclusiveStartKey", {{"pk", s("a")}}}})),
      "The provided starting key is invalid");
  expect_invalid(call("Query", query("", Json::object(),
                                     {{"ExclusiveStartKey", {{"pk", s("b")}, {"sk", n("1")}}}})),
                 "The provided starting key is outside query boundaries based on provided "
                 "conditions");
  EXPECT_EQ(call("Query", query("", Json::object(), {{"Limit", 0}})).error(),
            "ValidationException");
}

TEST_F(QueryTest, AScanFindsEverythingInAStableOrder) {
  for (int i = 0; i < 60; ++i) {
    put("tab1", {{"pk", s("p" + std::to_string(i))}, {"sk", n("0")}});
  }
  const Json whole = ok("Scan", {{"TableName", "tab1"}});
  EXPECT_EQ(whole["Count"], 71);
  Json paged = Json::array();
  Json input = {{"TableName", "tab1"}, {"Limit", 7}};
  for (;;) {
    const Json answer = ok("Scan", input);
    for (const Json& item : answer["Items"]) paged.push_back(item);
    if (!answer.contains("LastEvaluatedKey")) break;
    input["ExclusiveStartKey"] = answer["LastEvaluatedKey"];
  }
  EXPECT_EQ(paged, whole["Items"]);
}

TEST_F(QueryTest, SegmentsAreDisjointCompleteAndDoNotMove) {
  for (int i = 0; i < 60; ++i) {
    put("tab1", {{"pk", s("p" + std::to_string(i))}, {"sk", n("0")}});
  }
  const auto segment = [&](int number) {
    return ok("Scan", {{"TableName", "tab1"}, {"Segment", number}, {"TotalSegments", 4}})["Items"];
  };
  std::set<std::string> partitions;
  size_t items = 0;
  size_t used = 0;
  for (int number = 0; number < 4; ++number) {
    std::set<std::string> here;
    const Json found = segment(number);
    items += found.size();
    used += !found.empty();
    for (const Json& item : found) here.insert(item["pk"]["S"]);
    for (const std::string& partition : here) EXPECT_TRUE(partitions.insert(partition).second);
  }
  EXPECT_EQ(items, 71u);
  EXPECT_EQ(used, 4u);
  const Json before = segment(2);
  for (const Json& item : segment(1)) {
    ok("DeleteItem", {{"TableName", "tab1"}, {"Key", {{"pk", item["pk"]}, {"sk", item["sk"]}}}});
  }
  EXPECT_EQ(segment(2), before);
  EXPECT_EQ(segment(1), Json::array());
}

TEST_F(QueryTest, BadScansAreRefusedInAwssWords) {
  expect_invalid(call("Scan", {{"TableName", "tab1"}, {"Segment", 1}}),
                 "The TotalSegments parameter is required but was not present in the request when "
                 "Segment parameter is present");
  expect_invalid(call("Scan", {{"TableName", "tab1"}, {"TotalSegments", 1}}),
                 "The Segment parameter is required but was not present in the request when "
                 "parameter TotalSegments is present");
  expect_invalid(call("Scan", {{"TableName", "tab1"}, {"Segment", 2}, {"TotalSegments", 2}}),
                 "The Segment parameter is zero-based and must be less than parameter "
                 "TotalSegments: Segment: 2 is not less than TotalSegments: 2");
  expect_invalid(call("Scan", {{"TableName", "tab1"}, {"Select", "SPECIFIC_ATTRIBUTES"}}),
                 "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
                 "SPECIFIC_ATTRIBUTES");
  expect_error(call("Scan", {{"TableName", "nope"}}), "ResourceNotFoundException",
               "Requested resource not found");
}

TEST_F(QueryTest, ASelectThatContradictsTheRequestIsRefused) {
  expect_invalid(
      call("Scan", {{"TableName", "tab1"}, {"Select", "COUNT"}, {"ProjectionExpression", "sk"}}),
      "1 validation error detected: Cannot specify the ProjectionExpression when choosing to get "
      "only the Count");
  expect_invalid(
      call("Scan",
           {{"TableName", "tab1"}, {"Select", "ALL_ATTRIBUTES"}, {"AttributesToGet", {"sk"}}}),
      "1 validation error detected: Cannot specify the AttributesToGet when choosing to get "
      "ALL_ATTRIBUTES");
  expect_invalid(call("Scan", {{"TableName", "tab1"}, {"Select", "ALL_PROJECTED_ATTRIBUTES"}}),
                 "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
}

}  // namespace paddock::testing
