// ClientRequestToken and the capacity of transactions, through the wire.
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "transactions_fixture.hpp"

namespace paddock::testing {

class TransactionTokensTest : public TransactionsTest {
 protected:
  CallResult write_once(const Json& actions, const std::string& token,
                        const Json& more = Json::object()) {
    Json members = {{"ClientRequestToken", token}};
    members.update(more);
    return write(actions, members);
  }
  void expect_mismatch(const CallResult& result) {
    EXPECT_EQ(result.status, 400);
    EXPECT_EQ(result.body,
              Json({{"__type",
                     "com.amazonaws.dynamodb.v20120810#"
                     "IdempotentParameterMismatchException"},
                    {"Message",
                     "DynamoDB rejected the request because you retried a request with a different "
                     "payload but with an idempotent token that was already used."}}));
  }
};

TEST_F(TransactionTokensTest, ARequestThatComesAgainIsNotRunAgain) {
  const CallResult first = write_once(list(add_action("a")), "t1");
  EXPECT_TRUE(first.ok()) << first.text;
  const CallResult again = write_once(list(add_action("a")), "t1");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(item("a")["hits"], n("1"));
  EXPECT_TRUE(write_once(list(add_action("a")), "t2").ok());
  EXPECT_EQ(item("a")["hits"], n("2"));
}

TEST_F(TransactionTokensTest, ARepetitionNeedsNoConditionToHold) {
  Json guarded = put_action("a");
  guarded["Put"]["ConditionExpression"] = "attribute_not_exists(pk)";
  EXPECT_TRUE(write_once(list(guarded), "t1").ok());
  EXPECT_TRUE(write_once(list(guarded), "t1").ok());
  EXPECT_EQ(cancelled(write_once(list(guarded), "t2")), "ConditionalCheckFailed");
}

TEST_F(TransactionTokensTest, AnotherRequestUnderTheSameTokenIsRefused) {
  EXPECT_TRUE(write_once(list(add_action("a")), "t1").ok());
  expect_mismatch(write_once(list(add_action("a", "2")), "t1"));
  expect_mismatch(write_once(list(add_action("b")), "t1"));
  expect_mismatch(write_once(list(add_action("a"), put_action("b")), "t1"));
  expect_mismatch(write_once(list(delete_action("a")), "t1"));
  EXPECT_EQ(item("a")["hits"], n("1"));
}

TEST_F(TransactionTokensTest, RequestsAreComparedByWhatTheySay) {
  http::Headers headers;
  headers.add("Content-Type", "application/x-amz-json-1.0");
  headers.add("X-Amz-Target", "DynamoDB_20120810.TransactWriteItems");
  const auto send = [&](const std::string& body) {
    return emulator.request("POST", "/", headers, body);
  };
  EXPECT_EQ(send(R"({"ClientRequestToken":"t1","TransactItems":[{"Put":{"TableName":"tab1",)"
                 R"("Item":{"pk":{"S":"a"},"n":{"N":"100"},"t":{"SS":["x","y"]}}}}]})")
                .status,
            200);
  EXPECT_EQ(send(R"({ "TransactItems": [ {"Put": {"Item": {"t": {"SS": ["y", "x"]},)"
                 R"( "n": {"N": "1e2"}, "pk": {"S": "a"}}, "TableName": "tab1"}} ],)"
                 R"( "ReturnConsumedCapacity": "TOTAL", "ClientRequestToken": "t1"})")
                .status,
            200);
}

TEST_F(TransactionTokensTest, AFailedRequestLeavesItsTokenFree) {
  Json guarded = add_action("a");
  guarded["Update"]["ConditionExpression"] = "attribute_exists(pk)";
  EXPECT_EQ(cancelled(write_once(list(guarded), "t1")), "ConditionalCheckFailed");
  EXPECT_TRUE(write_once(list(add_action("a", "5")), "t1").ok());
  EXPECT_EQ(item("a")["hits"], n("5"));
}

TEST_F(TransactionTokensTest, TokensLastTenMinutesOfWorldTime) {
  EXPECT_TRUE(write_once(list(add_action("a")), "t1").ok());
  emulator.advance(std::chrono::minutes(9));
  expect_mismatch(write_once(list(add_action("b")), "t1"));
  EXPECT_TRUE(write_once(list(add_action("a")), "t1").ok());
  EXPECT_EQ(item("a")["hits"], n("1"));
  emulator.advance(std::chrono::minutes(2));
  EXPECT_TRUE(write_once(list(add_action("b")), "t1").ok());
  EXPECT_EQ(item("b")["hits"], n("1"));
  // Again and again: whatever period the token was written in.
  for (int i = 2; i < 8; ++i) {
    EXPECT_TRUE(write_once(list(add_action("b")), "t1").ok());
    EXPECT_EQ(item("b")["hits"], n(std::to_string(i - 1)));
    emulator.advance(std::chrono::minutes(i % 2 ? 10 : 25));
    EXPECT_TRUE(write_once(list(add_action("b")), "t1").ok());
    EXPECT_EQ(item("b")["hits"], n(std::to_string(i)));
  }
}

TEST_F(TransactionTokensTest, AccountsAndRegionsHaveTokensOfTheirOwn) {
  EXPECT_TRUE(write_once(list(add_action("a")), "t1").ok());
  const As other{"111122223333", "us-east-1"};
  emulator.call("dynamodb", "CreateTable", simple_table("tab1"), other);
  const CallResult result = emulator.call(
      "dynamodb", "TransactWriteItems",
      {{"TransactItems", list(put_action("x"))}, {"ClientRequestToken", "t1"}}, other);
  EXPECT_TRUE(result.ok()) << result.text;
}

TEST_F(TransactionTokensTest, ATokenHasOneTo36Characters) {
  EXPECT_EQ(write_once(list(put_action("a")), "").error(), "ValidationException");
  EXPECT_EQ(write_once(list(put_action("a")), std::string(37, 't')).error(), "ValidationException");
  EXPECT_TRUE(write_once(list(put_action("a")), std::string(36, 't')).ok());
}

TEST_F(TransactionTokensTest, RequestsAtOnceUnderOneTokenRunOnce) {
  std::atomic<int> done{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      for (;;) {
        const CallResult result = write_once(list(add_action("a")), "t1");
        if (result.error() == "TransactionInProgressException") {
          EXPECT_EQ(result.body["Message"],
                    "Transaction from previous request is still in progress");
          continue;
        }
        EXPECT_TRUE(result.ok()) << result.text;
        ++done;
        return;
      }
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(done, 8);
  EXPECT_EQ(item("a")["hits"], n("1"));
}

TEST(TransactionTokensDurable, ATokenOutlivesTheProcess) {
  const TempDir directory;
  const Json table = {{"TableName", "tab1"},
                      {"AttributeDefinitions", {{{"AttributeName", "pk"}, {"AttributeType", "S"}}}},
                      {"KeySchema", {{{"AttributeName", "pk"}, {"KeyType", "HASH"}}}},
                      {"BillingMode", "PAY_PER_REQUEST"}};
  const Json update = {{"TableName", "tab1"},
                       {"Key", {{"pk", {{"S", "a"}}}}},
                       {"UpdateExpression", "ADD hits :n"},
                       {"ExpressionAttributeValues", {{":n", {{"N", "1"}}}}}};
  const Json request = {{"ClientRequestToken", "t1"},
                        {"TransactItems", Json::array({{{"Update", update}}})}};
  for (int run = 0; run < 2; ++run) {
    TestEmulator emulator(TestEmulator::durable_options(directory.path()));
    if (run == 0) emulator.call("dynamodb", "CreateTable", table);
    EXPECT_TRUE(emulator.call("dynamodb", "TransactWriteItems", request).ok());
    const Json key = {{"TableName", "tab1"}, {"Key", {{"pk", {{"S", "a"}}}}}};
    EXPECT_EQ(emulator.call("dynamodb", "GetItem", key).body["Item"]["hits"]["N"], "1");
  }
}

class TransactionCapacityTest : public TransactionTokensTest {
 protected:
  void SetUp() override {
    TransactionTokensTest::SetUp();
    Json table = sorted_table("indexed");
    table["AttributeDefinitions"].push_back(attribute("g", "S"));
    table["AttributeDefinitions"].push_back(attribute("l", "S"));
    table["GlobalSecondaryIndexes"] = Json::array(
        {{{"IndexName", "by-g"},
          {"KeySchema", Json::array({key("g", "HASH")})},
          {"Projection", {{"ProjectionType", "INCLUDE"}, {"NonKeyAttributes", {"in"}}}}}});
    table["LocalSecondaryIndexes"] =
        Json::array({{{"IndexName", "by-l"},
                      {"KeySchema", Json::array({key("pk", "HASH"), key("l", "RANGE")})},
                      {"Projection", {{"ProjectionType", "ALL"}}}}});
    ok("CreateTable", table);
  }
  Json indexed(const std::string& pk, Json more) {
    more["sk"] = s("1");
    return put_action(pk, more, "indexed");
  }
  static Json units(const char* axis, double amount) {
    return {{"CapacityUnits", amount}, {axis, amount}};
  }
  static Json written(double amount) { return units("WriteCapacityUnits", amount); }
  static Json was_read(double amount) { return units("ReadCapacityUnits", amount); }
  static Json of_table(const char* name, Json amount) {
    amount["TableName"] = name;
    return amount;
  }
  Json consumed(const Json& actions, const char* mode = "INDEXES") {
    const CallResult result = write(actions, {{"ReturnConsumedCapacity", mode}});
    EXPECT_TRUE(result.ok()) << result.text;
    return result.body["ConsumedCapacity"];
  }
};

TEST_F(TransactionCapacityTest, TablesCostTwiceAndIndexesOnce) {
  Json expected = of_table("indexed", written(4.0));
  expected["Table"] = written(2.0);
  expected["GlobalSecondaryIndexes"] = {{"by-g", written(1.0)}};
  expected["LocalSecondaryIndexes"] = {{"by-l", written(1.0)}};
  EXPECT_EQ(consumed(list(indexed("a", {{"g", s("1")}, {"l", s("1")}}))), Json::array({expected}));
  // Nothing changes, so no index is written.
  expected = of_table("indexed", written(2.0));
  expected["Table"] = written(2.0);
  EXPECT_EQ(consumed(list(indexed("a", {{"g", s("1")}, {"l", s("1")}}))), Json::array({expected}));
  // The entry moves: it goes and comes. 1,500 bytes are two units.
  const std::string text(1500, 'x');
  consumed(list(indexed("b", {{"g", s("1")}, {"in", s(text)}})));
  expected = of_table("indexed", written(8.0));
  expected["Table"] = written(4.0);
  expected["GlobalSecondaryIndexes"] = {{"by-g", written(4.0)}};
  EXPECT_EQ(consumed(list(indexed("b", {{"g", s("2")}, {"in", s(text)}}))),
            Json::array({expected}));
}

TEST_F(TransactionCapacityTest, EveryActionCostsAndTablesAreSummed) {
  put("tab2", {{"pk", s("c")}, {"sk", n("1")}});
  Json check = check_action("c", "attribute_exists(pk)");
  check["ConditionCheck"]["TableName"] = "tab2";
  check["ConditionCheck"]["Key"]["sk"] = n("1");
  EXPECT_EQ(consumed(list(put_action("a", {{"v", s(std::string(1100, 'x'))}}), check,
                          delete_action("none")),
                     "TOTAL"),
            Json::array({of_table("tab1", written(6.0)), of_table("tab2", written(2.0))}));
  EXPECT_FALSE(write(list(put_action("a"))).body.contains("ConsumedCapacity"));
}

TEST_F(TransactionCapacityTest, ReadsCostTwiceByTheWholeItem) {
  put("tab1", {{"pk", s("a")}, {"v", s(std::string(5000, 'x'))}});
  const CallResult result =
      read(list(get_action("a", {{"ProjectionExpression", "pk"}}), get_action("none")),
           {{"ReturnConsumedCapacity", "INDEXES"}});
  Json expected = of_table("tab1", was_read(6.0));
  expected["Table"] = was_read(6.0);
  EXPECT_EQ(result.body["ConsumedCapacity"], Json::array({expected}));
}

TEST_F(TransactionCapacityTest, ARepetitionCostsReads) {
  const Json actions = list(indexed("a", {{"g", s("1")}, {"in", s(std::string(1500, 'x'))}}),
                            check_action("none", "attribute_not_exists(pk)"));
  write_once(actions, "t1");
  // A later change of the item changes nothing in that.
  put("indexed", {{"pk", s("a")}, {"sk", s("1")}, {"in", s(std::string(9000, 'x'))}});
  const CallResult again = write_once(actions, "t1", {{"ReturnConsumedCapacity", "TOTAL"}});
  EXPECT_EQ(again.body["ConsumedCapacity"],
            Json::array({of_table("indexed", was_read(2.0)), of_table("tab1", was_read(2.0))}));
}

TEST_F(TransactionCapacityTest, ItemCollectionsAreShownByTable) {
  const CallResult result =
      write(list(indexed("a", {{"g", s("1")}}), put_action("a", {{"sk", s("2")}}, "indexed"),
                 put_action("b")),
            {{"ReturnItemCollectionMetrics", "SIZE"}});
  ASSERT_TRUE(result.ok()) << result.text;
  EXPECT_EQ(result.body["ItemCollectionMetrics"],
            Json({{"indexed", Json::array({{{"ItemCollectionKey", {{"pk", s("a")}}},
                                            {"SizeEstimateRangeGB", Json::array({0.0, 1.0})}}})}}));
  EXPECT_FALSE(write(list(put_action("c")), {{"ReturnItemCollectionMetrics", "SIZE"}})
                   .body.contains("ItemCollectionMetrics"));
}

}  // namespace paddock::testing
