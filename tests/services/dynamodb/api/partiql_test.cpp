// ExecuteStatement and BatchExecuteStatement through the wire.
#include <set>
#include <string>
#include <vector>

#include "fixture.hpp"

namespace paddock::testing {

class PartiqlTest : public DynamoDbTest {
 protected:
  void SetUp() override {
    Json table = sorted_table("music");
    table["AttributeDefinitions"] = {attribute("pk", "S"), attribute("sk", "S"),
                                     attribute("genre", "S"), attribute("year", "N")};
    table["GlobalSecondaryIndexes"] = {
        {{"IndexName", "by-genre"},
         {"KeySchema", {key("genre", "HASH")}},
         {"Projection", {{"ProjectionType", "INCLUDE"}, {"NonKeyAttributes", {"title"}}}}}};
    table["LocalSecondaryIndexes"] = {{{"IndexName", "by-year"},
                                       {"KeySchema", {key("pk", "HASH"), key("year", "RANGE")}},
                                       {"Projection", {{"ProjectionType", "KEYS_ONLY"}}}}};
    ok("CreateTable", table);
  }
  // Items a/1 … a/3, b/1 and b/2.
  void fill() {
    for (const char* id : {"a1", "a2", "a3", "b1", "b2"}) {
      put("music", {{"pk", s(std::string(1, id[0]))},
                    {"sk", s(id + 1)},
                    {"genre", s(id[0] == 'a' ? "rock" : "pop")},
                    {"year", n(std::string("200") + id[1])},
                    {"title", s(std::string("title ") + id)},
                    {"text", s(id)}});
    }
  }
  CallResult run(const std::string& statement, const Json& more = Json::object()) {
    Json input = {{"Statement", statement}};
    input.update(more);
    return call("ExecuteStatement", input);
  }
  // Fails the test unless it succeeds.
  Json done(const std::string& statement, const Json& more = Json::object()) {
    const CallResult result = run(statement, more);
    EXPECT_TRUE(result.ok()) << statement << ": " << result.text;
    return result.body;
  }
  void refused(const std::string& statement, std::string_view message,
               const Json& more = Json::object()) {
    SCOPED_TRACE(statement);
    expect_invalid(run(statement, more), message);
  }
  // "a1 a2": the keys of the answer, in order.
  static std::string ids(const Json& answer) {
    std::string out;
    for (const Json& item : answer.at("Items")) {
      if (!out.empty()) out += ' ';
      out += item.at("pk").at("S").get<std::string>() + item.at("sk").at("S").get<std::string>();
    }
    return out;
  }
  std::string selected(const std::string& rest) { return ids(done("SELECT * FROM music " + rest)); }
  std::set<std::string> selected_set(const std::string& rest) {
    std::set<std::string> out;
    const Json answer = done("SELECT * FROM music " + rest);
    for (const Json& item : answer.at("Items")) {
      out.insert(item.at("pk").at("S").get<std::string>() +
                 item.at("sk").at("S").get<std::string>());
    }
    return out;
  }
  Json batch(const std::vector<std::string>& statements, const Json& more = Json::object()) {
    Json input = {{"Statements", Json::array()}};
    for (const auto& statement : statements)
      input["Statements"].push_back({{"Statement", statement}});
    input.update(more);
    return ok("BatchExecuteStatement", input);
  }
};

TEST_F(PartiqlTest, InsertsReadsChangesAndDeletesAnItem) {
  EXPECT_EQ(done("INSERT INTO \"music\" VALUE {'pk': 'a', 'sk': ?, 'n': 1, 't': <<'x'>>}",
                 {{"Parameters", {s("1")}}}),
            Json({{"Items", Json::array()}}));
  EXPECT_EQ(get("music", {{"pk", s("a")}, {"sk", s("1")}})["Item"]["t"]["SS"], Json({"x"}));
  EXPECT_EQ(
      done("UPDATE music SET n = n + 1 SET t = set_add(t, <<'y'>>) REMOVE z WHERE pk = 'a' AND "
           "sk = '1'"),
      Json({{"Items", Json::array()}}));
  const Json item = done("SELECT n, t FROM music WHERE pk = 'a' AND sk = '1'")["Items"][0];
  EXPECT_EQ(item, Json({{"n", n("2")}, {"t", {{"SS", {"x", "y"}}}}}));
  done("DELETE FROM music WHERE pk = 'a' AND sk = '1'");
  EXPECT_EQ(done("SELECT * FROM music"), Json({{"Items", Json::array()}}));
}

TEST_F(PartiqlTest, InsertOfAnItemThatIsThereIsADuplicate) {
  done("INSERT INTO music VALUE {'pk': 'a', 'sk': '1', 'v': 'first'}");
  expect_error(run("INSERT INTO music VALUE {'pk': 'a', 'sk': '1', 'v': 'second'}"),
               "DuplicateItemException", "Duplicate primary key exists in table");
  EXPECT_EQ(get("music", {{"pk", s("a")}, {"sk", s("1")}})["Item"]["v"], s("first"));
}

TEST_F(PartiqlTest, AWriteGoesThroughOnlyIfItsConditionsHold) {
  fill();
  const auto failed = [&](const std::string& statement) {
    SCOPED_TRACE(statement);
    expect_error(run(statement), "ConditionalCheckFailedException",
                 "The conditional request failed");
  };
  failed("UPDATE music SET v = 1 WHERE pk = 'none' AND sk = '1'");
  failed("UPDATE music SET v = 1 WHERE pk = 'a' AND sk = '1' AND text = 'zz'");
  failed("DELETE FROM music WHERE pk = 'a' AND sk = '1' AND text = 'zz'");
  done("DELETE FROM music WHERE pk = 'none' AND sk = '1' AND text = 'zz'");
  EXPECT_EQ(selected_set("WHERE pk = 'none'"), std::set<std::string>());
  done("UPDATE music SET v = 1 WHERE (pk = 'a' AND sk = '1') AND text = 'a1'");

  const CallResult shown = run("UPDATE music SET v = 2 WHERE pk = 'a' AND sk = '1' AND v = 9",
                               {{"ReturnValuesOnConditionCheckFailure", "ALL_OLD"}});
  EXPECT_EQ(shown.error(), "ConditionalCheckFailedException");
  EXPECT_EQ(shown.body["Item"]["v"], n("1"));
}

TEST_F(PartiqlTest, ReturningShowsTheItemOrItsChangedParts) {
  put("music", {{"pk", s("a")},
                {"sk", s("1")},
                {"m", {{"M", {{"x", n("1")}, {"y", n("2")}}}}},
                {"l", {{"L", {n("1"), n("2"), n("3")}}}}});
  const std::string where = " WHERE pk = 'a' AND sk = '1' ";
  EXPECT_EQ(
      done("UPDATE music SET m.x = 5 REMOVE l[1]" + where + "RETURNING MODIFIED OLD *")["Items"],
      Json::parse(R"([{"m":{"M":{"x":{"N":"1"}}},"l":{"L":[{"N":"2"}]}}])"));
  EXPECT_EQ(
      done("UPDATE music SET m.x = 6 REMOVE l[0]" + where + "RETURNING MODIFIED NEW *")["Items"],
      Json::parse(R"([{"m":{"M":{"x":{"N":"6"}}},"l":{"L":[{"N":"3"}]}}])"));
  EXPECT_EQ(done("UPDATE music REMOVE m" + where + "RETURNING MODIFIED NEW *")["Items"],
            Json::array());
  EXPECT_EQ(done("UPDATE music SET v = 1" + where + "RETURNING ALL NEW *")["Items"][0]["v"],
            n("1"));
  EXPECT_EQ(done("DELETE FROM music" + where + "RETURNING ALL OLD *")["Items"][0]["v"], n("1"));
  EXPECT_EQ(done("DELETE FROM music" + where + "RETURNING ALL OLD *")["Items"], Json::array());
}

TEST_F(PartiqlTest, AWriteNamesOneItemByItsWholeKey) {
  const char* no_key = "Where clause does not contain a mandatory equality on all key attributes";
  refused("UPDATE music SET v = 1", no_key);
  refused("UPDATE music SET v = 1 WHERE pk = 'a'", no_key);
  refused("DELETE FROM music WHERE pk = 'a' AND sk > '1'", no_key);
  refused("DELETE FROM music WHERE pk = 'a' OR sk = '1'", no_key);
  refused("FROM music WHERE v = 1 SET v = 2", no_key);
  const char* two =
      "Multiple conditions on same key pk. Only single item Update/Insert/Delete are supported";
  refused("UPDATE music SET v = 1 WHERE pk = 'a' AND sk = '1' AND pk = 'b'", two);
  refused("UPDATE music SET v = 1 WHERE pk = 'a' AND sk = 1",
          "Key attribute's data type should match its data type in table's schema: Key sk");
  refused("INSERT INTO music VALUE {'pk': 'a'}",
          "Key attribute should be present in the item: Key sk");
  refused(
      "UPDATE music SET sk = 'x' WHERE pk = 'a' AND sk = '1'",
      "One or more parameter values were invalid: Cannot update attribute sk. This attribute is "
      "part of the key");
  refused("DELETE FROM none.ind WHERE pk = 'a'", "This operation is not supported on an index");
  expect_error(run("DELETE FROM none WHERE pk = 'a'"), "ResourceNotFoundException",
               "Requested resource not found");
}

TEST_F(PartiqlTest, ASelectReadsByKeyOrEverything) {
  fill();
  EXPECT_EQ(selected("WHERE pk = 'a'"), "a1 a2 a3");
  EXPECT_EQ(selected("WHERE pk = 'a' AND sk > '1' AND sk <> '3'"), "a2");
  EXPECT_EQ(selected("WHERE pk = 'a' AND begins_with(sk, '3')"), "a3");
  EXPECT_EQ(selected("WHERE pk = 'a' AND sk BETWEEN '2' AND '3' AND text = 'a3'"), "a3");
  EXPECT_EQ(selected("WHERE pk IN ['b', 'a']"), "a1 a2 a3 b1 b2");
  EXPECT_EQ(selected("WHERE pk IN ['b', 'a'] AND sk IN ['2', '1']"), "a1 a2 b1 b2");
  EXPECT_EQ(selected("WHERE pk = 'a' AND sk = '1' OR pk = 'b' AND sk = '2'"), "a1 b2");
  EXPECT_EQ(selected("WHERE pk = 'a' AND pk = 'b'"), "");
  EXPECT_EQ(selected("WHERE pk = 'a' AND (sk = '1' OR sk > '2')"), "a1 a3");
  EXPECT_EQ(selected("WHERE pk = 'a' AND NOT sk = '1' OR pk = 'a' AND sk = '1'"), "a1 a2 a3");
  EXPECT_EQ(selected_set("WHERE sk = '1'"), (std::set<std::string>{"a1", "b1"}));
  EXPECT_EQ(selected_set("WHERE pk > 'a'"), (std::set<std::string>{"b1", "b2"}));
  EXPECT_EQ(selected_set("WHERE pk = 'b' OR text = 'a1'"),
            (std::set<std::string>{"a1", "b1", "b2"}));
  EXPECT_EQ(selected_set("").size(), 5U);
}

TEST_F(PartiqlTest, OnlyTheRowsThatTheKeyLeavesArePaidFor) {
  fill();
  const auto units = [&](const std::string& where) {
    return done("SELECT * FROM music " + where,
                {{"ReturnConsumedCapacity", "TOTAL"}})["ConsumedCapacity"]["CapacityUnits"];
  };
  for (int i = 0; i < 8; ++i) {
    put("music",
        {{"pk", s("big")}, {"sk", s(std::to_string(i))}, {"v", s(std::string(4000, 'x'))}});
  }
  EXPECT_EQ(units("WHERE pk = 'big' AND sk = '1'"), 0.5);
  EXPECT_EQ(units("WHERE pk = 'big' AND sk < '2'"), 1.0);
  EXPECT_EQ(units("WHERE pk = 'big' AND v = 'y'"), 4.0);
  EXPECT_EQ(units("WHERE pk IN ['big', 'none'] AND sk = '1'"), 1.0);
  EXPECT_EQ(done("SELECT * FROM music WHERE pk = 'big' AND sk = '1'",
                 {{"ReturnConsumedCapacity", "INDEXES"},
                  {"ConsistentRead", true}})["ConsumedCapacity"]["Table"]["CapacityUnits"],
            1.0);
}

TEST_F(PartiqlTest, ColumnsAreNamedByTheEndOfTheirPaths) {
  put("music", {{"pk", s("a")},
                {"sk", s("1")},
                {"m", {{"M", {{"k", {{"L", {s("c"), s("d")}}}}, {"x y", n("1")}}}}}});
  const std::string where = " FROM music WHERE pk = 'a'";
  EXPECT_EQ(done("SELECT m.k[1], m.\"x y\", none" + where)["Items"],
            Json::parse(R"([{"k[1]":{"S":"d"},"x y":{"N":"1"}}])"));
  EXPECT_EQ(done("SELECT none" + where)["Items"], Json::parse("[{}]"));
}

TEST_F(PartiqlTest, OrderByIsTheOrderOfTheKeys) {
  fill();
  EXPECT_EQ(selected("WHERE pk = 'a' ORDER BY sk DESC"), "a3 a2 a1");
  EXPECT_EQ(selected("WHERE pk = 'a' ORDER BY sk"), "a1 a2 a3");
  EXPECT_EQ(selected("WHERE pk = 'a' ORDER BY pk ASC"), "a3 a2 a1");
  EXPECT_EQ(selected("WHERE pk IN ['a', 'b'] ORDER BY pk DESC, sk ASC"), "b1 b2 a1 a2 a3");
  EXPECT_EQ(selected("WHERE pk = 'a' AND sk IN ['1', '3'] ORDER BY sk DESC"), "a3 a1");
  refused("SELECT * FROM music ORDER BY sk",
          "Must have WHERE clause in the statement when using ORDER BY clause.");
  refused("SELECT * FROM music WHERE pk = 'a' ORDER BY text DESC",
          "Attribute text in ORDER BY clause must be part of the primary key");
  refused("SELECT * FROM music WHERE pk > 'a' ORDER BY sk",
          "Must have at least one non-optional hash key condition in WHERE clause when using ORDER "
          "BY clause.");
  refused(
      "SELECT * FROM music WHERE pk IN ['a', 'b'] ORDER BY sk",
      "Must have hash key in ORDER BY clause when more than one hash key condition specified in "
      "WHERE clause.");
}

TEST_F(PartiqlTest, ConditionsOnKeysThatOverlapOrAreTooManyAreRefused) {
  const char* overlap = "Overlapping conditions with range keys are not supported in where clause";
  for (const char* where :
       {"pk IN ['a', 'a']", "pk = 'a' OR pk = 'a'", "pk = 'a' AND (sk > '0' OR sk < '5')",
        "pk = 'a' AND (sk = '1' OR text = 'x')",
        "pk = 'a' AND x <> '1' OR pk = 'a' AND sk = '2'"}) {
    refused(std::string("SELECT * FROM music WHERE ") + where, overlap);
  }
  const auto texts = [](int count) {
    std::string list;
    for (int i = 0; i < count; ++i) list += (i ? ",'" : "'") + std::to_string(i) + "'";
    return list;
  };
  const char* many = "Too many decomposed read operations for a given query.";
  done("SELECT * FROM music WHERE pk IN [" + texts(50) + "] AND text IN [" + texts(100) + "]");
  done("SELECT * FROM music WHERE pk IN [" + texts(51) + "] OR text = 'x'");
  refused("SELECT * FROM music WHERE pk IN [" + texts(51) + "]", many);
  refused("SELECT * FROM music WHERE pk = 'a' AND sk IN [" + texts(51) + "]", many);
  refused("SELECT * FROM music WHERE pk IN [" + texts(26) + "] AND sk IN ['1', '2']", many);
  refused("SELECT * FROM music WHERE pk = 1 OR pk = 'a'",
          "Key attribute's data type should match its data type in table's schema: Key pk");
  done("SELECT * FROM music WHERE pk > 1");
}

TEST_F(PartiqlTest, PagesFollowEachOther) {
  fill();
  for (const char* rest :
       {"", " WHERE pk IN ['a', 'b']", " WHERE pk IN ['a', 'b'] ORDER BY pk DESC, sk DESC",
        " WHERE text <> 'a2' AND text <> 'b1'"}) {
    const std::string statement = std::string("SELECT * FROM music") + rest;
    const std::string whole = ids(done(statement));
    std::string pages;
    Json more = {{"Limit", 1}};
    int count = 0;
    for (;; ++count) {
      const Json page = done(statement, more);
      if (!page.at("Items").empty()) pages += (pages.empty() ? "" : " ") + ids(page);
      EXPECT_EQ(page.contains("NextToken"), page.contains("LastEvaluatedKey"));
      if (!page.contains("NextToken")) break;
      more["NextToken"] = page["NextToken"];
    }
    EXPECT_EQ(pages, whole) << statement;
    EXPECT_EQ(count, 5) << statement;
  }
}

TEST_F(PartiqlTest, ATokenBelongsToItsStatement) {
  fill();
  const std::string by_key = "SELECT * FROM music WHERE pk = ?";
  const Json token = done(by_key, {{"Limit", 1}, {"Parameters", {s("a")}}})["NextToken"];
  const char* foreign = "NextToken does not match request";
  refused(by_key, foreign, {{"Parameters", {s("b")}}, {"NextToken", token}});
  refused("SELECT * FROM music", foreign, {{"NextToken", token}});
  refused("INSERT INTO music VALUE {'pk': 'z', 'sk': '1'}", foreign, {{"NextToken", token}});
  refused(by_key, "Invalid NextToken", {{"Parameters", {s("a")}}, {"NextToken", "bogus"}});
  EXPECT_EQ(ids(done(by_key, {{"Limit", 2}, {"Parameters", {s("a")}}, {"NextToken", token}})),
            "a2 a3");
}

TEST_F(PartiqlTest, AnIndexGivesWhatItHolds) {
  fill();
  const std::string from = " FROM \"music\".\"by-genre\" ";
  EXPECT_EQ(done("SELECT *" + from + "WHERE genre = 'pop'")["Items"][0],
            Json({{"pk", s("b")}, {"sk", s("1")}, {"genre", s("pop")}, {"title", s("title b1")}}));
  EXPECT_EQ(done("SELECT *" + from + "WHERE sk = '3'")["Items"].size(), 1U);
  EXPECT_EQ(done("SELECT *" + from + "WHERE text = 'a1'")["Items"].size(), 0U);
  refused("SELECT text, year, pk" + from,
          "One or more parameter values were invalid: Global secondary index by-genre does not "
          "project [text, year]");
  refused(
      "SELECT *" + from + "WHERE genre = 'pop' AND text = 'b1'",
      "One or more parameter values were invalid: Secondary index by-genre does not project one "
      "or more filter attributes: [text]");
  refused("SELECT *" + from,
          "Strongly consistent read is not supported on Global Secondary Indexes",
          {{"ConsistentRead", true}});
  refused("SELECT * FROM music.none", "The table does not have the specified index");
  EXPECT_EQ(done("SELECT *" + from + "WHERE genre = 'pop'",
                 {{"ReturnConsumedCapacity", "INDEXES"}})["ConsumedCapacity"],
            Json::parse(R"({"TableName":"music","CapacityUnits":0.5,"Table":{"CapacityUnits":0.0},
                            "GlobalSecondaryIndexes":{"by-genre":{"CapacityUnits":0.5}}})"));
}

TEST_F(PartiqlTest, ALocalIndexFetchesTheColumnsItDoesNotHold) {
  fill();
  const Json answer =
      done("SELECT text FROM music.\"by-year\" WHERE pk = 'a' ORDER BY \"year\" DESC",
           {{"ConsistentRead", true}, {"ReturnConsumedCapacity", "INDEXES"}});
  EXPECT_EQ(answer["Items"],
            Json::parse(R"([{"text":{"S":"a3"}},{"text":{"S":"a2"}},{"text":{"S":"a1"}}])"));
  EXPECT_EQ(answer["ConsumedCapacity"]["Table"]["CapacityUnits"], 3.0);
  EXPECT_EQ(answer["ConsumedCapacity"]["LocalSecondaryIndexes"]["by-year"]["CapacityUnits"], 1.0);
  EXPECT_EQ(done("SELECT * FROM music.\"by-year\" WHERE pk = 'b'")["Items"][0],
            Json({{"pk", s("b")}, {"sk", s("1")}, {"year", n("2001")}}));
}

TEST_F(PartiqlTest, RequestsAreCheckedBeforeTables) {
  refused("SELECT * FROM none WHERE a = ?",
          "Number of parameters in request and statement don't match.");
  refused("SELECT * FROM none WHERE a < ?",
          "Incorrect operand type for operator or function; operator or function: <, operand type: "
          "BOOL",
          {{"Parameters", {{{"BOOL", true}}}}});
  refused(
      "SELECT * FROM none WHERE attribute_type(a, 'X')",
      "Invalid attribute type name found; type: X, valid types: {N,BS,L,B,NULL,M,S,SS,NS,BOOL}");
  refused("SELECT nonsense",
          "One or more parameter values were invalid: Input collection [a, a] contains duplicates.",
          {{"Parameters", {{{"SS", {"a", "a"}}}}}});
  refused("UPDATE none SET a = set_add(a, ?) WHERE pk = 'x'",
          "The second argument to SET_ADD must be a value with type SET at 1:29:1",
          {{"Parameters", {n("1")}}});
  refused("EXISTS(SELECT * FROM music WHERE pk = 'a' AND sk = '1' AND v IS MISSING)",
          "EXISTS can only be used in ExecuteTransaction write requests.");
  refused("SELECT * FROM x",
          "Table name should be within the length [3, 255] and only contain 'a-z', "
          "'A-Z', '0-9', '-', '_', '.'.");
  refused("SELECT * FROM music",
          "1 validation error detected: Value '0' at 'limit' failed to satisfy "
          "constraint: Member must have value greater than or equal to 1",
          {{"Limit", 0}});
  EXPECT_EQ(run(std::string(8193, ' ')).error(), "ValidationException");
}

TEST_F(PartiqlTest, ABatchGivesEachStatementItsResult) {
  fill();
  const Json responses = batch(
      {"INSERT INTO music VALUE {'pk': 'c', 'sk': '1'}",
       "INSERT INTO music VALUE {'pk': 'a', 'sk': '1'}",
       "UPDATE music SET v = 1 WHERE pk = 'a' AND sk = '2' RETURNING ALL NEW *",
       "UPDATE music SET v = 1 WHERE pk = 'a' AND sk = '9'", "DELETE FROM none WHERE pk = 'a'",
       "nonsense",
       "DELETE FROM music WHERE pk = 'a' AND sk = '3' RETURNING MODIFIED OLD *"})["Responses"];
  ASSERT_EQ(responses.size(), 7U);
  EXPECT_EQ(responses[0], Json({{"TableName", "music"}}));
  EXPECT_EQ(responses[1]["Error"], Json({{"Code", "DuplicateItem"},
                                         {"Message", "Duplicate primary key exists in table"}}));
  EXPECT_EQ(responses[1]["TableName"], "music");
  EXPECT_EQ(responses[2]["Item"]["v"], n("1"));
  EXPECT_EQ(responses[3]["Error"]["Code"], "ConditionalCheckFailed");
  EXPECT_EQ(responses[4]["Error"]["Code"], "ResourceNotFound");
  EXPECT_EQ(responses[4]["TableName"], "none");
  EXPECT_EQ(responses[5], Json::parse(R"({"Error":{"Code":"ValidationError","Message":
              "Statement wasn't well formed, can't be processed: Expected data manipulation"}})"));
  EXPECT_EQ(responses[6]["Error"]["Code"], "ValidationError");
  EXPECT_EQ(selected("WHERE pk = 'a'"), "a1 a2 a3");
}

TEST_F(PartiqlTest, ABatchReadsSingleItems) {
  fill();
  const char* refusal =
      "Select statements within BatchExecuteStatement must specify the primary key in the where "
      "clause.";
  const Json answer = batch(
      {"SELECT text FROM music WHERE pk = 'a' AND sk = '1'",
       "SELECT * FROM music WHERE pk IN ['a'] AND sk = '9'", "SELECT * FROM music WHERE pk = 'a'",
       "SELECT * FROM music WHERE pk = 'b' AND sk = '1' AND text = 'b1'",
       "SELECT * FROM music.\"by-year\" WHERE pk = 'a' AND sk = '3'"},
      {{"ReturnConsumedCapacity", "TOTAL"}});
  const Json& responses = answer.at("Responses");
  EXPECT_EQ(responses[0], Json({{"TableName", "music"}, {"Item", {{"text", s("a1")}}}}));
  EXPECT_EQ(responses[1], Json({{"TableName", "music"}}));
  for (int i = 2; i < 5; ++i) {
    EXPECT_EQ(responses[i], Json({{"Error", {{"Code", "ValidationError"}, {"Message", refusal}}}}));
  }
  EXPECT_EQ(answer.at("ConsumedCapacity"),
            Json::parse(R"([{"TableName":"music","CapacityUnits":1.0}])"));
}

TEST_F(PartiqlTest, ABatchOfReadsAndWritesOrOfOneItemTwiceIsRefused) {
  const auto refuse = [&](const std::vector<std::string>& statements, std::string_view message) {
    Json input = {{"Statements", Json::array()}};
    for (const auto& statement : statements)
      input["Statements"].push_back({{"Statement", statement}});
    expect_invalid(call("BatchExecuteStatement", input), message);
  };
  refuse({"SELECT * FROM music WHERE pk = 'a' AND sk = '1'",
          "DELETE FROM music WHERE pk = 'a' AND sk = '2'"},
         "Read and write requests together in the same batch is not supported.");
  refuse({"INSERT INTO music VALUE {'pk': 'a', 'sk': '1'}",
          "DELETE FROM music WHERE pk = 'a' AND sk = '1'"},
         "Provided list of item keys contains duplicates");
  EXPECT_EQ(selected_set("").size(), 0U);
}

TEST_F(PartiqlTest, AFailedConditionInABatchShowsTheItemIfAsked) {
  fill();
  const Json answer =
      ok("BatchExecuteStatement",
         {{"Statements",
           {{{"Statement", "DELETE FROM music WHERE pk = 'a' AND sk = '1' AND text = 'x'"},
             {"ReturnValuesOnConditionCheckFailure", "ALL_OLD"}}}}});
  EXPECT_EQ(answer["Responses"][0]["Error"]["Code"], "ConditionalCheckFailed");
  EXPECT_EQ(answer["Responses"][0]["Error"]["Item"]["text"], s("a1"));
}

TEST_F(PartiqlTest, WritesAreInTheTablesStream) {
  Json table = with_stream(simple_table("streamed"), "NEW_AND_OLD_IMAGES");
  ok("CreateTable", table);
  done("INSERT INTO streamed VALUE {'pk': 'a', 'v': 1}");
  done("UPDATE streamed SET v = 2 WHERE pk = 'a'");
  done("DELETE FROM streamed WHERE pk = 'a'");
  const Json arn = ok("DescribeTable", {{"TableName", "streamed"}})["Table"]["LatestStreamArn"];
  const Json shard = ok_streams("DescribeStream",
                                {{"StreamArn", arn}})["StreamDescription"]["Shards"][0]["ShardId"];
  const Json iterator =
      ok_streams("GetShardIterator",
                 {{"StreamArn", arn}, {"ShardId", shard}, {"ShardIteratorType", "TRIM_HORIZON"}});
  const Json records =
      ok_streams("GetRecords", {{"ShardIterator", iterator.at("ShardIterator")}})["Records"];
  std::vector<std::string> names;
  for (const Json& record : records) names.push_back(record.at("eventName"));
  EXPECT_EQ(names, (std::vector<std::string>{"INSERT", "MODIFY", "REMOVE"}));
}

}  // namespace paddock::testing
