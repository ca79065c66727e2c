// Two tables and the actions of transactions.
#pragma once

#include <string>

#include "fixture.hpp"

namespace paddock::testing {

class TransactionsTest : public DynamoDbTest {
 protected:
  void SetUp() override {
    ok("CreateTable", simple_table("tab1"));
    ok("CreateTable", sorted_table("tab2", "N"));
  }

  static Json put_action(const std::string& pk, const Json& more = Json::object(),
                         const char* table = "tab1") {
    Json members = {{"TableName", table}, {"Item", {{"pk", s(pk)}}}};
    members["Item"].update(more);
    return {{"Put", members}};
  }
  // `more` are members of the action.
  static Json key_action(const char* kind, const std::string& pk, const Json& more) {
    Json members = {{"TableName", "tab1"}, {"Key", {{"pk", s(pk)}}}};
    members.update(more);
    return {{kind, members}};
  }
  static Json delete_action(const std::string& pk, const Json& more = Json::object()) {
    return key_action("Delete", pk, more);
  }
  static Json check_action(const std::string& pk, const char* condition) {
    return key_action("ConditionCheck", pk, {{"ConditionExpression", condition}});
  }
  static Json add_action(const std::string& pk, const char* amount = "1") {
    return key_action(
        "Update", pk,
        {{"UpdateExpression", "ADD hits :n"}, {"ExpressionAttributeValues", {{":n", n(amount)}}}});
  }
  static Json get_action(const std::string& pk, const Json& more = Json::object()) {
    return key_action("Get", pk, more);
  }

  CallResult write(const Json& actions, const Json& more = Json::object()) {
    Json input = {{"TransactItems", actions}};
    input.update(more);
    return call("TransactWriteItems", input);
  }
  CallResult read(const Json& actions, const Json& more = Json::object()) {
    Json input = {{"TransactItems", actions}};
    input.update(more);
    return call("TransactGetItems", input);
  }
  template <class... Actions>
  static Json list(const Actions&... actions) {
    Json array = Json::array();
    (array.push_back(actions), ...);
    return array;
  }
  Json item(const std::string& pk) {
    const Json answer = get("tab1", {{"pk", s(pk)}});
    return answer.contains("Item") ? answer["Item"] : Json();
  }
  size_t count(const char* table) { return ok("Scan", {{"TableName", table}})["Count"]; }

  // The codes of the reasons, after checking status, message and the length of the list.
  static std::string cancelled(const CallResult& result) {
    EXPECT_EQ(result.status, 400);
    EXPECT_EQ(result.error(), "TransactionCanceledException") << result.text;
    std::string codes;
    if (!result.body.contains("CancellationReasons")) return codes;
    for (const Json& reason : result.body["CancellationReasons"]) {
      codes += (codes.empty() ? "" : ", ") + reason["Code"].get<std::string>();
    }
    EXPECT_EQ(result.body["Message"],
              "Transaction cancelled, please refer cancellation reasons for specific reasons [" +
                  codes + "]");
    return codes;
  }
  static void expect_flaw(const CallResult& result, const char* message) {
    EXPECT_EQ(cancelled(result), "ValidationError");
    EXPECT_EQ(result.body["CancellationReasons"][0],
              Json({{"Code", "ValidationError"}, {"Message", message}}));
  }
};

}  // namespace paddock::testing
