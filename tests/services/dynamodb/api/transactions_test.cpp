// TransactWriteItems and TransactGetItems through the wire: effects and refusals.
#include <string>

#include "transactions_fixture.hpp"

namespace paddock::testing {

TEST_F(TransactionsTest, AllKindsOfActionsHappenTogether) {
  put("tab1", {{"pk", s("checked")}, {"v", s("yes")}});
  put("tab1", {{"pk", s("counted")}, {"hits", n("4")}});
  put("tab1", {{"pk", s("deleted")}});
  Json in_other_table = put_action("made", {{"sk", n("1")}}, "tab2");
  const CallResult result =
      write(list(check_action("checked", "v <> pk"), put_action("put", {{"b", {{"B", "AAEC"}}}}),
                 add_action("counted"), delete_action("deleted"), in_other_table));
  ASSERT_TRUE(result.ok()) << result.text;
  EXPECT_EQ(result.body, Json::object());
  EXPECT_EQ(item("put"), Json({{"pk", s("put")}, {"b", {{"B", "AAEC"}}}}));
  EXPECT_EQ(item("counted")["hits"], n("5"));
  EXPECT_TRUE(item("deleted").is_null());
  EXPECT_EQ(item("checked")["v"], s("yes"));
  EXPECT_EQ(count("tab2"), 1u);
}

TEST_F(TransactionsTest, ATableMayBeNamedByItsArn) {
  const char* arn = "arn:aws:dynamodb:us-east-1:000000000000:table/tab1";
  EXPECT_TRUE(write(list(put_action("a", Json::object(), arn))).ok());
  const CallResult result = read(list(get_action("a", {{"TableName", arn}})));
  EXPECT_EQ(result.body["Responses"][0]["Item"]["pk"], s("a"));
  // The same item under both names of its table.
  expect_invalid(write(list(put_action("b"), put_action("b", Json::object(), arn))),
                 "Transaction request cannot include multiple operations on one item");
  expect_error(write(list(put_action("a", Json::object(),
                                     "arn:aws:dynamodb:us-east-1:111122223333:table/tab1"))),
               "ResourceNotFoundException", "Requested resource not found");
}

TEST_F(TransactionsTest, OneFailedConditionCancelsEverything) {
  put("tab1", {{"pk", s("there")}, {"v", s("old")}});
  Json guarded = put_action("there");
  guarded["Put"]["ConditionExpression"] = "attribute_not_exists(pk)";
  const CallResult result = write(list(put_action("fresh"), guarded, delete_action("there2")));
  EXPECT_EQ(cancelled(result), "None, ConditionalCheckFailed, None");
  EXPECT_EQ(result.body["__type"], "com.amazonaws.dynamodb.v20120810#TransactionCanceledException");
  EXPECT_EQ(result.body["CancellationReasons"],
            Json::array({{{"Code", "None"}},
                         {{"Code", "ConditionalCheckFailed"},
                          {"Message", "The conditional request failed"}},
                         {{"Code", "None"}}}));
  EXPECT_TRUE(item("fresh").is_null());
  EXPECT_EQ(item("there")["v"], s("old"));
}

TEST_F(TransactionsTest, EveryKindShowsTheItemThatFailedItsCondition) {
  const Json stored = {{"pk", s("there")}, {"b", {{"B", "AAEC"}}}, {"n", n("1")}};
  put("tab1", stored);
  Json put_there = put_action("there");
  Json update = add_action("there");
  Json remove = delete_action("there");
  Json check = check_action("there", "n = pk");
  for (Json* action : {&put_there, &update, &remove, &check}) {
    Json& members = action->begin().value();
    members["ConditionExpression"] = "attribute_not_exists(pk)";
    EXPECT_FALSE(write(list(*action)).body["CancellationReasons"][0].contains("Item"));
    members["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD";
    const CallResult result = write(list(*action, put_action("other")));
    EXPECT_EQ(cancelled(result), "ConditionalCheckFailed, None");
    EXPECT_EQ(result.body["CancellationReasons"][0]["Item"], stored) << *action;
    // There is nothing to show of an item that is not there.
    Json absent = *action;
    Json& names = absent.begin().value();
    names[names.contains("Item") ? "Item" : "Key"]["pk"] = s("absent");
    names["ConditionExpression"] = "attribute_exists(pk)";
    EXPECT_FALSE(write(list(absent)).body["CancellationReasons"][0].contains("Item"));
  }
}

TEST_F(TransactionsTest, TwoActionsOnOneItemAreRefused) {
  const char* message = "Transaction request cannot include multiple operations on one item";
  expect_invalid(write(list(put_action("a"), put_action("a"))), message);
  expect_invalid(write(list(put_action("a"), check_action("a", "attribute_exists(pk)"))), message);
  expect_invalid(write(list(delete_action("a"), add_action("a"))), message);
  expect_invalid(read(list(get_action("a"), get_action("a"))), message);
  // Numbers that are equal are one key.
  expect_invalid(write(list(put_action("a", {{"sk", n("1")}}, "tab2"),
                            put_action("a", {{"sk", n("1.0")}}, "tab2"))),
                 message);
  EXPECT_EQ(count("tab1"), 0u);
}

TEST_F(TransactionsTest, AnActionHasOneKind) {
  Json both = put_action("a");
  both.update(delete_action("b"));
  expect_invalid(write(list(both)),
                 "TransactItems can only contain one of Check, Put, Update or Delete");
  expect_invalid(
      write(list(Json::object())),
      "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request");
}

TEST_F(TransactionsTest, OneToAHundredActions) {
  const std::string rule = " failed to satisfy constraint: Member must have length ";
  expect_invalid(write(Json::array()),
                 "1 validation error detected: Value '[]' at 'transactItems'" + rule +
                     "greater than or equal to 1");
  expect_invalid(read(Json::array()), "1 validation error detected: Value '[]' at 'transactItems'" +
                                          rule + "greater than or equal to 1");
  Json puts = Json::array();
  Json gets = Json::array();
  for (int i = 0; i < 100; ++i) {
    puts.push_back(put_action(std::to_string(i)));
    gets.push_back(get_action(std::to_string(i)));
  }
  EXPECT_TRUE(write(puts).ok());
  EXPECT_EQ(count("tab1"), 100u);
  EXPECT_EQ(read(gets).body["Responses"].size(), 100u);
  puts.push_back(put_action("one more"));
  gets.push_back(get_action("one more"));
  const CallResult refused = write(puts);
  EXPECT_EQ(refused.error(), "ValidationException");
  EXPECT_TRUE(
      refused.message().ends_with("at 'transactItems'" + rule + "less than or equal to 100"))
      << refused.message().substr(refused.message().size() - 200);
  EXPECT_EQ(read(gets).error(), "ValidationException");
}

TEST_F(TransactionsTest, ExpressionsAreCheckedBeforeTheTableIsLookedUp) {
  Json action = delete_action("a", {{"TableName", "none"}, {"ConditionExpression", "size"}});
  EXPECT_EQ(write(list(put_action("b"), action)).error(), "ValidationException");
  action = delete_action("a", {{"TableName", "none"},
                               {"ConditionExpression", "attribute_exists(pk)"},
                               {"ExpressionAttributeValues", {{":unused", s("x")}}}});
  expect_invalid(
      write(list(action)),
      "Value provided in ExpressionAttributeValues unused in expressions: keys: {:unused}");
  action = delete_action("a", {{"TableName", "none"}});
  expect_error(write(list(put_action(""), action)), "ResourceNotFoundException",
               "Requested resource not found");
  expect_invalid(read(list(get_action("a", {{"ProjectionExpression", "!!!"}}))),
                 R"(Invalid ProjectionExpression: Syntax error; token: "!", near: "!!")");
  expect_error(read(list(get_action("a", {{"TableName", "none"}}))), "ResourceNotFoundException",
               "Requested resource not found");
}

TEST_F(TransactionsTest, AnEmptyKeyRefusesTheRequest) {
  const char* message =
      "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
      "contain an empty string value. Key: pk";
  expect_invalid(write(list(put_action("a"), put_action(""))), message);
  expect_invalid(write(list(put_action("a"), add_action(""))), message);
  expect_invalid(write(list(delete_action(""))), message);
  expect_invalid(write(list(check_action("", "attribute_exists(pk)"))), message);
  EXPECT_EQ(count("tab1"), 0u);
  // … of reading it is a reason.
  expect_flaw(read(list(get_action(""))), message);
}

TEST_F(TransactionsTest, AWrongKeyCancels) {
  const char* mismatch = "The provided key element does not match the schema";
  Json action = put_action("a");
  action["Put"]["Item"]["pk"] = n("5");
  expect_flaw(write(list(action)),
              "One or more parameter values were invalid: Type mismatch for key pk expected: S "
              "actual: N");
  action["Put"]["Item"] = {{"other", s("x")}};
  expect_flaw(write(list(action)),
              "One or more parameter values were invalid: Missing the key pk in the item");
  expect_flaw(write(list(delete_action("a", {{"Key", {{"pk", n("5")}}}}))), mismatch);
  // An empty value beside a missing sort key: the key as a whole comes first.
  action = add_action("");
  action["Update"]["TableName"] = "tab2";
  expect_flaw(write(list(action)), mismatch);
  expect_flaw(read(list(get_action("a", {{"Key", Json::object()}}))), mismatch);
  const CallResult two = read(list(get_action("a"), get_action("a", {{"Key", {{"x", s("a")}}}})));
  EXPECT_EQ(cancelled(two), "None, ValidationError");
}

TEST_F(TransactionsTest, ItemsThatNoTableTakesCancel) {
  Json action = put_action("a", {{"tags", {{"SS", {"x", "x"}}}}});
  expect_flaw(write(list(action)),
              "One or more parameter values were invalid: Input collection [x, x] contains "
              "duplicates.");
  const CallResult both = write(list(action, check_action("b", "attribute_exists(pk)")));
  EXPECT_EQ(cancelled(both), "ValidationError, ConditionalCheckFailed");
}

TEST_F(TransactionsTest, ABadOperandOfAnUpdateCancels) {
  put("tab1", {{"pk", s("a")}, {"hits", s("text")}});
  expect_flaw(write(list(add_action("a"))),
              "An operand in the update expression has an incorrect data type");
  expect_flaw(write(list(key_action("Update", "a", {{"UpdateExpression", "SET x = absent"}}))),
              "The provided expression refers to an attribute that does not exist in the item");
  expect_flaw(write(list(key_action("Update", "a",
                                    {{"UpdateExpression", "SET pk = :v"},
                                     {"ExpressionAttributeValues", {{":v", s("b")}}}}))),
              "One or more parameter values were invalid: Cannot update attribute pk. This "
              "attribute is part of the key");
}

TEST_F(TransactionsTest, AnItemTooLargeIsRefusedWhenPutAndCancelsWhenUpdated) {
  const std::string most(409'600 - 4, 'x');  // with the names "pk" and "v", and the key "a"
  expect_invalid(write(list(put_action("a", {{"v", s(most + "x")}}))),
                 "Item size has exceeded the maximum allowed size");
  EXPECT_TRUE(write(list(put_action("a", {{"v", s(most)}}))).ok());
  const Json grow = {{"UpdateExpression", "SET w = :v"},
                     {"ExpressionAttributeValues", {{":v", s("xx")}}}};
  expect_flaw(write(list(key_action("Update", "a", grow))),
              "Item size to update has exceeded the maximum allowed size");
}

TEST_F(TransactionsTest, FourMegabytesAreTheMost) {
  const std::string large(400'000, 'x');
  Json puts = Json::array();
  Json gets = Json::array();
  for (int i = 0; i < 10; ++i) {
    puts.push_back(put_action(std::to_string(i), {{"v", s(large)}}));
    gets.push_back(get_action(std::to_string(i)));
  }
  EXPECT_TRUE(write(puts).ok());
  EXPECT_TRUE(read(gets).ok());
  puts.push_back(put_action("10", {{"v", s(large)}}));
  const char* message = "The aggregate size of the items in the transaction exceeds 4 MB";
  expect_invalid(write(puts), message);
  put("tab1", {{"pk", s("10")}, {"v", s(large)}});
  gets.push_back(get_action("10"));
  expect_invalid(read(gets), message);
  // Updates count with what they leave.
  Json updates = Json::array();
  for (int i = 0; i < 11; ++i) updates.push_back(add_action(std::to_string(i)));
  expect_invalid(write(updates), message);
  EXPECT_FALSE(item("0").contains("hits"));
}

TEST_F(TransactionsTest, ConditionsSeeTheItemsBeforeTheTransaction) {
  put("tab1", {{"pk", s("a")}, {"hits", n("1")}});
  Json update = add_action("a");
  update["Update"]["ConditionExpression"] = "hits = :n";
  EXPECT_TRUE(write(list(update)).ok());
  EXPECT_EQ(cancelled(write(list(update))), "ConditionalCheckFailed");
  // An update makes no item when its condition fails.
  update = add_action("ghost");
  update["Update"]["ConditionExpression"] = "attribute_exists(pk)";
  EXPECT_EQ(cancelled(write(list(update))), "ConditionalCheckFailed");
  EXPECT_TRUE(item("ghost").is_null());
}

TEST_F(TransactionsTest, WrongMembersAreNamed) {
  Json action = delete_action("a", {{"ReturnValuesOnConditionCheckFailure", "ALL_NEW"}});
  EXPECT_EQ(write(list(action)).error(), "ValidationException");
  Json check = check_action("a", "attribute_exists(pk)");
  check["ConditionCheck"].erase("ConditionExpression");
  const CallResult missing = write(list(check));
  EXPECT_EQ(missing.error(), "ValidationException");
  EXPECT_NE(missing.message().find("transactItems.1.member.conditionCheck.conditionExpression"),
            std::string::npos)
      << missing.message();
}

TEST_F(TransactionsTest, GetsAnswerInOrderAndNothingForWhatIsNotThere) {
  put("tab1", {{"pk", s("a")}, {"v", {{"M", {{"x", n("1")}, {"y", n("2")}}}}}, {"w", s("w")}});
  put("tab2", {{"pk", s("b")}, {"sk", n("2")}});
  const CallResult result = read(list(
      get_action("none"),
      get_action(
          "a", {{"ProjectionExpression", "v.x, #w"}, {"ExpressionAttributeNames", {{"#w", "w"}}}}),
      get_action("b", {{"TableName", "tab2"}, {"Key", {{"pk", s("b")}, {"sk", n("2")}}}})));
  ASSERT_TRUE(result.ok()) << result.text;
  EXPECT_EQ(result.body["Responses"],
            Json::array({Json::object(),
                         {{"Item", {{"v", {{"M", {{"x", n("1")}}}}}, {"w", s("w")}}}},
                         {{"Item", {{"pk", s("b")}, {"sk", n("2")}}}}}));
  // A projection without a match leaves the item away.
  EXPECT_EQ(read(list(get_action("a", {{"ProjectionExpression", "zz"}}))).body["Responses"],
            Json::array({Json::object()}));
}

TEST_F(TransactionsTest, EachChangedItemIsOneStreamRecord) {
  ok("CreateTable", with_stream(simple_table("streamed"), "NEW_AND_OLD_IMAGES"));
  put("streamed", {{"pk", s("gone")}});
  put("streamed", {{"pk", s("same")}});
  put("streamed", {{"pk", s("checked")}});
  const auto on_stream = [](Json action) {
    action.begin().value()["TableName"] = "streamed";
    return action;
  };
  ASSERT_TRUE(write(list(on_stream(put_action("new")), on_stream(add_action("new2")),
                         on_stream(delete_action("gone")), on_stream(delete_action("never")),
                         on_stream(put_action("same")),
                         on_stream(check_action("checked", "attribute_exists(pk)"))))
                  .ok());
  Json refused = on_stream(put_action("refused"));
  refused["Put"]["ConditionExpression"] = "attribute_exists(pk)";
  EXPECT_FALSE(write(list(on_stream(put_action("refused too")), refused)).ok());

  const Json table = ok("DescribeTable", {{"TableName", "streamed"}})["Table"];
  const Json stream = ok_streams("DescribeStream", {{"StreamArn", table["LatestStreamArn"]}});
  const Json iterator = ok_streams(
      "GetShardIterator", {{"StreamArn", table["LatestStreamArn"]},
                           {"ShardId", stream["StreamDescription"]["Shards"][0]["ShardId"]},
                           {"ShardIteratorType", "TRIM_HORIZON"}});
  const Json records =
      ok_streams("GetRecords", {{"ShardIterator", iterator["ShardIterator"]}})["Records"];
  std::string seen;
  for (size_t i = 3; i < records.size(); ++i) {
    seen += records[i]["eventName"].get<std::string>() + " " +
            records[i]["dynamodb"]["Keys"]["pk"]["S"].get<std::string>() + ";";
  }
  EXPECT_EQ(seen, "INSERT new;INSERT new2;REMOVE gone;");
}

}  // namespace paddock::testing
