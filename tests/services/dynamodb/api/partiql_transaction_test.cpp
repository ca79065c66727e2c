// ExecuteTransaction through the wire.
#include <string>
#include <vector>

#include "fixture.hpp"

namespace paddock::testing {

class PartiqlTransactionTest : public DynamoDbTest {
 protected:
  void SetUp() override {
    ok("CreateTable", sorted_table("tab1"));
    ok("CreateTable", simple_table("tab2"));
    put("tab1", {{"pk", s("a")}, {"sk", s("1")}, {"v", n("1")}});
    put("tab1", {{"pk", s("a")}, {"sk", s("2")}, {"v", n("2")}});
  }
  static Json request(const std::vector<std::string>& statements, const Json& more) {
    Json input = {{"TransactStatements", Json::array()}};
    for (const auto& text : statements)
      input["TransactStatements"].push_back({{"Statement", text}});
    input.update(more);
    return input;
  }
  CallResult run(const std::vector<std::string>& statements, const Json& more = Json::object()) {
    return call("ExecuteTransaction", request(statements, more));
  }
  Json done(const std::vector<std::string>& statements, const Json& more = Json::object()) {
    return ok("ExecuteTransaction", request(statements, more));
  }
  void refused(const std::vector<std::string>& statements, std::string_view message) {
    SCOPED_TRACE(statements.front());
    expect_invalid(run(statements), message);
  }
  // "ConditionalCheckFailed, None"
  static std::string codes(const CallResult& result) {
    std::string out;
    const Json& reasons = result.body.at("CancellationReasons");
    for (const Json& reason : reasons) {
      if (!out.empty()) out += ", ";
      out += reason.at("Code").get<std::string>();
    }
    return out;
  }
  void cancelled(const std::vector<std::string>& statements, const std::string& reasons,
                 const std::string& first_message = "") {
    SCOPED_TRACE(statements.front());
    const CallResult result = run(statements);
    expect_error(result, "TransactionCanceledException",
                 "Transaction cancelled, please refer cancellation reasons for specific reasons [" +
                     reasons + "]");
    EXPECT_EQ(codes(result), reasons);
    if (first_message.empty()) return;
    EXPECT_EQ(result.body["CancellationReasons"][0]["Message"], first_message);
  }
  Json value(const char* sk) { return get("tab1", {{"pk", s("a")}, {"sk", s(sk)}})["Item"]["v"]; }
};

const std::string kUpdate = "UPDATE tab1 SET v = v + 10 WHERE pk = 'a' AND sk = '1'";
const std::string kInvalid = "Validation failed in TransactStatements[0]: ";

TEST_F(PartiqlTransactionTest, WritesOfSeveralTablesHappenTogether) {
  const Json answer = done({"INSERT INTO tab2 VALUE {'pk': 'x'}", kUpdate,
                            "DELETE FROM tab1 WHERE pk = 'a' AND sk = '2'"},
                           {{"ReturnConsumedCapacity", "TOTAL"}});
  EXPECT_EQ(answer["Responses"], Json::array());
  EXPECT_EQ(answer["ConsumedCapacity"][0]["CapacityUnits"], 2.0);
  EXPECT_EQ(answer["ConsumedCapacity"][1]["CapacityUnits"], 4.0);
  EXPECT_EQ(value("1"), n("11"));
  EXPECT_FALSE(get("tab1", {{"pk", s("a")}, {"sk", s("2")}}).contains("Item"));
  EXPECT_TRUE(get("tab2", {{"pk", s("x")}}).contains("Item"));
}

TEST_F(PartiqlTransactionTest, OneThatFailsUndoesAll) {
  cancelled({kUpdate, "INSERT INTO tab1 VALUE {'pk': 'a', 'sk': '2'}"}, "None, DuplicateItem");
  cancelled({"UPDATE tab1 SET v = 0 WHERE pk = 'a' AND sk = '9'", kUpdate},
            "ConditionalCheckFailed, None", "The conditional request failed");
  EXPECT_EQ(value("1"), n("1"));
}

TEST_F(PartiqlTransactionTest, AFailedStatementShowsItsItemIfAsked) {
  Json input = request({"DELETE FROM tab1 WHERE pk = 'a' AND sk = '1' AND v = 5"}, Json::object());
  input["TransactStatements"][0]["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD";
  EXPECT_EQ(call("ExecuteTransaction", input).body["CancellationReasons"][0]["Item"]["v"], n("1"));
}

TEST_F(PartiqlTransactionTest, ExistsIsACheckOfTheItem) {
  const std::string exists = "EXISTS(SELECT * FROM tab1 WHERE pk = 'a' AND sk = '2' AND ";
  done({exists + "w IS MISSING)", kUpdate});
  EXPECT_EQ(value("1"), n("11"));
  cancelled({exists + "v = 3)", kUpdate}, "ConditionalCheckFailed, None");
  cancelled({"EXISTS(SELECT * FROM tab1 WHERE pk = 'a' AND sk = '9' AND w IS MISSING)", kUpdate},
            "ConditionalCheckFailed, None");
  EXPECT_EQ(value("1"), n("11"));
  const std::string refusal =
      kInvalid + "EXISTS() must contain a single item read with additional condition";
  refused({"EXISTS(SELECT * FROM tab1 WHERE pk = 'a' AND sk = '2')", kUpdate}, refusal);
  refused({"EXISTS(SELECT * FROM tab1 WHERE pk IN ['a'] AND sk = '2' AND v = 2)", kUpdate},
          refusal);
}

TEST_F(PartiqlTransactionTest, ReadsComeFromOneMoment) {
  const Json answer = done({"SELECT v FROM tab1 WHERE pk = 'a' AND sk = '1'",
                            "SELECT * FROM tab1 WHERE pk IN ['a'] AND sk = '9'"},
                           {{"ReturnConsumedCapacity", "TOTAL"}});
  EXPECT_EQ(answer["Responses"], Json::parse(R"([{"Item":{"v":{"N":"1"}}},{}])"));
  EXPECT_EQ(answer["ConsumedCapacity"][0]["CapacityUnits"], 4.0);
}

TEST_F(PartiqlTransactionTest, ReadsNameTheirItemByTheKeyAlone) {
  const std::string refusal = kInvalid +
                              "Select statements within ExecuteTransaction must specify the "
                              "primary key in the where clause.";
  for (const char* where :
       {"pk = 'a'", "pk = 'a' AND sk = '1' AND v = 1", "pk = 'a' AND sk = '1' AND pk = 'b'"}) {
    refused({std::string("SELECT * FROM tab1 WHERE ") + where}, refusal);
  }
  refused({"SELECT * FROM tab1.ind WHERE pk = 'a' AND sk = '1'"},
          kInvalid + "Reads on indices are not supported within transactions.");
  refused({"SELECT * FROM tab1 WHERE pk IN ['a', 'a'] AND sk = '1'"},
          kInvalid + "Overlapping conditions with range keys are not supported in where clause");
  cancelled({"SELECT * FROM tab1 WHERE pk = 'a' AND sk = 1"}, "ValidationError",
            "The provided key element does not match the schema");
}

TEST_F(PartiqlTransactionTest, StatementsAreCheckedBeforeAnythingRuns) {
  refused({kUpdate, "SELECT * FROM tab1 WHERE pk = 'a' AND sk = '2'"},
          "ExecuteTransaction API does not support both read and write operations in the same "
          "request.");
  refused({kUpdate, "DELETE FROM tab1 WHERE pk = 'a' AND sk = '1'"},
          "Transaction request cannot include multiple operations on one item");
  refused({kUpdate + " RETURNING ALL OLD *"},
          kInvalid + "RETURNING clause is not supported in ExecuteTransaction.");
  refused({"SELECT * FROM tab1 WHERE"},
          kInvalid + "Statement wasn't well formed, can't be processed: Unexpected term");
  expect_invalid(
      call("ExecuteTransaction",
           {{"TransactStatements",
             {{{"Statement", "nonsense"}, {"Parameters", {n("1")}}},
              {{"Statement", kUpdate}, {"Parameters", {{{"SS", {"a", "a"}}}}}}}}}),
      "One or more parameter values were invalid: Input collection [a, a] contains duplicates.");
  EXPECT_EQ(value("1"), n("1"));
}

TEST_F(PartiqlTransactionTest, KeysThatAreWrongCancelIt) {
  const char* mismatch = "The provided key element does not match the schema";
  const std::string update = "UPDATE tab1 SET v = 1 WHERE ";
  cancelled({update + "pk = 'a'", update + "pk = 'a' AND sk = '1' AND pk = 'b'",
             update + "pk = 'a' AND sk = 1", update + "pk = 'a' AND sk = '1'"},
            "ValidationError, ValidationError, ValidationError, None", mismatch);
  cancelled({"INSERT INTO tab1 VALUE {'pk': 'a'}"}, "ValidationError",
            "One or more parameter values were invalid: Missing the key sk in the item");
}

TEST_F(PartiqlTransactionTest, ATableThatIsNotThereCancelsIt) {
  cancelled({"UPDATE none SET v = 1 WHERE pk = 'a' RETURNING ALL NEW *", kUpdate},
            "ResourceNotFound, None", "Requested resource not found");
  refused({kUpdate + " RETURNING ALL NEW *", "DELETE FROM none WHERE pk = 'a'"},
          kInvalid + "RETURNING clause is not supported in ExecuteTransaction.");
}

TEST_F(PartiqlTransactionTest, ATokenMakesItHappenOnce) {
  const Json token = {{"ClientRequestToken", "once"}};
  done({kUpdate}, token);
  done({kUpdate}, token);
  EXPECT_EQ(value("1"), n("11"));
  EXPECT_EQ(run({"DELETE FROM tab1 WHERE pk = 'a' AND sk = '1'"}, token).error(),
            "IdempotentParameterMismatchException");
  EXPECT_EQ(value("1"), n("11"));
}

}  // namespace paddock::testing
