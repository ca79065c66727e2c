// Throughput under --limits: provisioned, on demand, per index and per partition key, by world
// time.
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "events/metrics.hpp"
#include "fixture.hpp"
#include "gateway/context.hpp"
#include "gateway/platform.hpp"
#include "services/dynamodb/throttle.hpp"

namespace paddock::testing {

class ThroughputTest : public DynamoDbTest {
 protected:
  void SetUp() override {
    EXPECT_EQ(emulator.post("/_paddock/clock", {{"freeze", true}}).status, 200);
    limit("enforce");
  }
  void limit(const char* mode) {
    EXPECT_EQ(emulator.post("/_paddock/settings/dynamodb", {{"limits", mode}}).status, 200);
  }
  static Json provisioned(const std::string& name, int reads, int writes) {
    Json table = simple_table(name);
    table.erase("BillingMode");
    table["ProvisionedThroughput"] = {{"ReadCapacityUnits", reads}, {"WriteCapacityUnits", writes}};
    return table;
  }
  CallResult try_put(const std::string& pk, size_t bytes = 1) {
    return call("PutItem", {{"TableName", "tab1"},
                            {"Item", {{"pk", s(pk)}, {"fill", s(std::string(bytes, 'x'))}}}});
  }
  CallResult try_get(const std::string& pk, bool consistent = true) {
    return call("GetItem",
                {{"TableName", "tab1"}, {"Key", {{"pk", s(pk)}}}, {"ConsistentRead", consistent}});
  }
  // How many puts of new keys succeed until one is refused.
  int puts_until_refused(int most) {
    for (int i = 0; i < most; ++i) {
      if (!try_put("k" + std::to_string(next_key++)).ok()) return i;
    }
    return most;
  }
  static std::string reason(const CallResult& refused, const char* member = "ThrottlingReasons") {
    return refused.body[member][0]["reason"];
  }
  double metric(const std::string& name, const events::Dimensions& dimensions) {
    double sum = 0;
    for (const auto& series :
         emulator.platform().metrics.read("", "AWS/DynamoDB", WorldTime{0}, WorldTime{INT64_MAX})) {
      if (series.name != name || series.dimensions != dimensions) continue;
      for (const auto& minute : series.minutes) sum += minute.sum;
    }
    return sum;
  }
  int next_key = 0;
  static constexpr std::chrono::seconds kSecond{1};
};

TEST_F(ThroughputTest, AProvisionedTableRefusesWhatIsTooMuch) {
  ok("CreateTable", provisioned("tab1", 2, 3));
  EXPECT_EQ(puts_until_refused(10), 3);
  const CallResult refused = try_put("more");
  expect_error(refused, "ProvisionedThroughputExceededException",
               "The level of configured provisioned throughput for the table was exceeded. "
               "Consider increasing your provisioning level with the UpdateTable API.");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(reason(refused), "TableWriteProvisionedThroughputExceeded");
  EXPECT_EQ(refused.body["ThrottlingReasons"][0]["resource"],
            "arn:aws:dynamodb:us-east-1:000000000000:table/tab1");
  EXPECT_FALSE(ok("Scan", {{"TableName", "tab1"}}).empty());
  emulator.advance(kSecond);
  EXPECT_EQ(puts_until_refused(10), 3);
}

// A handler whose commit would wait runs again on the work pool.
TEST_F(ThroughputTest, AWriteThatStartsOverTakesItsUnitsOnce) {
  services::dynamodb::Table table;
  table.realm = 7;
  table.throughput = {1, 3};
  table.created_ms = emulator.platform().world.now().ms;
  services::dynamodb::Throttle throttle(emulator.platform());
  throttle.set(services::dynamodb::Throttle::Mode::enforce);
  const auto take = [&](gateway::RequestContext& context) {
    return !throttle.write(context, table, {{nullptr, 1, "one"}, {nullptr, 1, "two"}}).has_value();
  };
  gateway::RequestContext first(emulator.platform());
  for (int run = 0; run < 5; ++run) {
    EXPECT_TRUE(take(first));
    first.start_over();
  }
  gateway::RequestContext second(emulator.platform());
  EXPECT_TRUE(take(second));
  EXPECT_TRUE(take(second));
  EXPECT_FALSE(take(second));
  second.start_over();  // gives back both
  EXPECT_TRUE(take(first));
  EXPECT_TRUE(take(first));
  EXPECT_FALSE(take(first));
}

// Commits are refused to I/O threads while a realm is reset.
TEST_F(ThroughputTest, WritesBesideResetsAreMadeOnce) {
  limit("off");
  ok("CreateTable", provisioned("tab1", 1, 1));
  ok("PutItem", {{"TableName", "tab1"}, {"Item", {{"pk", s("a")}, {"n", n("0")}}}});
  ok("PutItem", {{"TableName", "tab1"}, {"Item", {{"pk", s("b")}, {"n", n("0")}}}});
  const Json batch = {{"Statements",
                       {{{"Statement", "UPDATE tab1 SET n = n + 1 WHERE pk = 'a'"}},
                        {{"Statement", "UPDATE tab1 SET n = n + 1 WHERE pk = 'b'"}}}}};
  std::atomic<bool> stop{false};
  std::thread resets([&] {
    while (!stop) {
      emulator.call("dynamodb", "CreateTable", provisioned("tab2", 1, 1), {"111122223333"});
      EXPECT_EQ(emulator.post("/_paddock/reset?account=111122223333").status, 200);
    }
  });
  constexpr int kBatches = 40;
  for (int i = 0; i < kBatches; ++i) ok("BatchExecuteStatement", batch);
  stop = true;
  resets.join();
  for (const char* pk : {"a", "b"}) {
    EXPECT_EQ(ok("GetItem", {{"TableName", "tab1"}, {"Key", {{"pk", s(pk)}}}})["Item"]["n"],
              n(std::to_string(kBatches)));
  }
}

TEST_F(ThroughputTest, ReadsHaveTheirOwnBucketAndEventualOnesTakeHalf) {
  ok("CreateTable", provisioned("tab1", 2, 1));
  EXPECT_TRUE(try_put("a").ok());
  EXPECT_TRUE(try_get("a").ok());
  EXPECT_TRUE(try_get("a", false).ok());
  EXPECT_TRUE(try_get("none", false).ok());
  const CallResult refused = try_get("a");
  EXPECT_EQ(refused.error(), "ProvisionedThroughputExceededException");
  EXPECT_EQ(reason(refused), "TableReadProvisionedThroughputExceeded");
  EXPECT_EQ(call("Query", {{"TableName", "tab1"},
                           {"KeyConditionExpression", "pk = :p"},
                           {"ExpressionAttributeValues", {{":p", s("a")}}}})
                .error(),
            "ProvisionedThroughputExceededException");
}

TEST_F(ThroughputTest, UnusedCapacityGathersForFiveMinutes) {
  ok("CreateTable", provisioned("tab1", 1, 1));
  emulator.advance(std::chrono::seconds(10));
  EXPECT_EQ(puts_until_refused(400), 11);
  emulator.advance(std::chrono::seconds(100));
  EXPECT_EQ(puts_until_refused(400), 100);
  emulator.advance(std::chrono::hours(1));
  EXPECT_EQ(puts_until_refused(400), 300);
}

TEST_F(ThroughputTest, ALargeWriteIsADebt) {
  ok("CreateTable", provisioned("tab1", 1, 1));
  EXPECT_TRUE(try_put("large", 4500).ok());  // five units
  emulator.advance(4 * kSecond);
  EXPECT_FALSE(try_put("a").ok());
  emulator.advance(kSecond);
  EXPECT_TRUE(try_put("a").ok());
}

TEST_F(ThroughputTest, AnIndexWithoutCapacityHoldsUpItsTable) {
  Json table = provisioned("tab1", 5, 5);
  table["AttributeDefinitions"].push_back(attribute("tag", "S"));
  table["GlobalSecondaryIndexes"] = {
      {{"IndexName", "by-tag"},
       {"KeySchema", {key("tag", "HASH")}},
       {"Projection", {{"ProjectionType", "KEYS_ONLY"}}},
       {"ProvisionedThroughput", {{"ReadCapacityUnits", 1}, {"WriteCapacityUnits", 1}}}}};
  ok("CreateTable", table);
  const auto put_tag = [&](const char* pk) {
    return call("PutItem", {{"TableName", "tab1"}, {"Item", {{"pk", s(pk)}, {"tag", s("t")}}}});
  };
  EXPECT_TRUE(put_tag("a").ok());
  const CallResult refused = put_tag("b");
  expect_error(refused, "ProvisionedThroughputExceededException",
               "The level of configured provisioned throughput for one or more global secondary "
               "indexes of the table was exceeded. Consider increasing your provisioning level for "
               "the under-provisioned global secondary indexes with the UpdateTable API");
  EXPECT_EQ(reason(refused), "IndexWriteProvisionedThroughputExceeded");
  EXPECT_EQ(refused.body["ThrottlingReasons"][0]["resource"],
            "arn:aws:dynamodb:us-east-1:000000000000:table/tab1/index/by-tag");
  EXPECT_EQ(try_get("b").body.contains("Item"), false);
  EXPECT_TRUE(try_put("untagged").ok());
}

TEST_F(ThroughputTest, APartitionKeyHasItsOwnBound) {
  ok("CreateTable", simple_table("tab1"));
  // 100 units at once: ten of them are the 1,000 of a second.
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(try_put("hot", 102'300).ok()) << i;
  const CallResult refused = try_put("hot");
  expect_error(refused, "ThrottlingException",
               "Throughput exceeds the current capacity of your table or index. DynamoDB is "
               "automatically scaling your table or index so please try again shortly. If "
               "exceptions persist, check if you have a hot key: https://docs.aws.amazon.com/"
               "amazondynamodb/latest/developerguide/bp-partition-key-design.html");
  EXPECT_EQ(reason(refused, "throttlingReasons"), "TableWriteKeyRangeThroughputExceeded");
  EXPECT_TRUE(try_put("cold").ok());
  emulator.advance(kSecond);
  EXPECT_TRUE(try_put("hot").ok());
}

TEST_F(ThroughputTest, AnOnDemandTableHasTheMaximumItWasGiven) {
  Json table = simple_table("tab1");
  table["OnDemandThroughput"] = {{"MaxWriteRequestUnits", 2}};
  ok("CreateTable", table);
  EXPECT_EQ(puts_until_refused(10), 2);
  const CallResult refused = try_put("more");
  expect_error(refused, "ThrottlingException",
               "Throughput exceeds the maximum OnDemandThroughput configured on table or index");
  EXPECT_EQ(reason(refused, "throttlingReasons"), "TableWriteMaxOnDemandThroughputExceeded");
  EXPECT_TRUE(try_get("k0").ok());
}

TEST_F(ThroughputTest, AnIndexHasTheMaximumItWasGiven) {
  Json table = simple_table("tab1");
  table["AttributeDefinitions"].push_back(attribute("tag", "S"));
  table["GlobalSecondaryIndexes"] = {{{"IndexName", "by-tag"},
                                      {"KeySchema", {key("tag", "HASH")}},
                                      {"Projection", {{"ProjectionType", "KEYS_ONLY"}}},
                                      {"OnDemandThroughput", {{"MaxWriteRequestUnits", 1}}}}};
  ok("CreateTable", table);
  const auto put_tag = [&](const char* pk) {
    return call("PutItem", {{"TableName", "tab1"}, {"Item", {{"pk", s(pk)}, {"tag", s(pk)}}}});
  };
  EXPECT_TRUE(put_tag("a").ok());
  EXPECT_EQ(reason(put_tag("b"), "throttlingReasons"), "IndexWriteMaxOnDemandThroughputExceeded");
  EXPECT_TRUE(try_put("c").ok());
}

TEST_F(ThroughputTest, ABatchLeavesWhatThereIsNoThroughputFor) {
  ok("CreateTable", provisioned("tab1", 1, 2));
  Json writes = Json::array({{{"DeleteRequest", {{"Key", {{"pk", s("a")}}}}}}});
  for (const char* pk : {"b", "c"}) {
    writes.push_back({{"PutRequest", {{"Item", {{"pk", s(pk)}, {"b", {{"B", "kA=="}}}}}}}});
  }
  Json answer = ok("BatchWriteItem", {{"RequestItems", {{"tab1", writes}}}});
  EXPECT_EQ(answer["UnprocessedItems"], Json({{"tab1", Json::array({writes[2]})}}));
  expect_error(call("BatchWriteItem", {{"RequestItems", answer["UnprocessedItems"]}}),
               "ProvisionedThroughputExceededException",
               "The level of configured provisioned throughput for the table was exceeded. "
               "Consider increasing your provisioning level with the UpdateTable API.");
  emulator.advance(kSecond);
  answer = ok("BatchWriteItem", {{"RequestItems", answer["UnprocessedItems"]}});
  EXPECT_EQ(answer["UnprocessedItems"], Json::object());

  Json keys = Json::array();
  for (const char* pk : {"a", "b", "c"}) keys.push_back({{"pk", s(pk)}});
  const Json request = {{"Keys", keys}, {"ConsistentRead", true}};
  answer = ok("BatchGetItem", {{"RequestItems", {{"tab1", request}}}});
  EXPECT_EQ(answer["Responses"]["tab1"].size(), 1u);
  EXPECT_EQ(answer["UnprocessedKeys"]["tab1"]["Keys"], Json::array({keys[2]}));
  EXPECT_EQ(call("BatchGetItem", {{"RequestItems", {{"tab1", request}}}}).error(),
            "ProvisionedThroughputExceededException");
}

TEST_F(ThroughputTest, ATransactionIsCancelledAndTakesTwice) {
  ok("CreateTable", provisioned("tab1", 1, 3));
  const auto put_of = [](const char* pk) {
    return Json{{"Put", {{"TableName", "tab1"}, {"Item", {{"pk", s(pk)}}}}}};
  };
  const Json two = {{"TransactItems", Json::array({put_of("a"), put_of("b")})}};
  EXPECT_TRUE(call("TransactWriteItems", {{"TransactItems", Json::array({put_of("c")})}}).ok());
  EXPECT_TRUE(try_put("d").ok());
  const CallResult refused = call("TransactWriteItems", two);
  EXPECT_EQ(refused.error(), "TransactionCanceledException");
  const Json reason = refused.body["CancellationReasons"][0];
  EXPECT_EQ(reason["Code"], "ProvisionedThroughputExceeded");
  EXPECT_EQ(reason["Message"],
            "The level of configured provisioned throughput for the table was exceeded. Consider "
            "increasing your provisioning level with the UpdateTable API.");
  const Json get = {{"Get", {{"TableName", "tab1"}, {"Key", {{"pk", s("d")}}}}}};
  const Json one = {{"TransactItems", Json::array({get})}};
  EXPECT_TRUE(call("TransactGetItems", one).ok());
  EXPECT_EQ(call("TransactGetItems", one).error(), "TransactionCanceledException");
  EXPECT_FALSE(try_get("a").ok());
  emulator.advance(10 * kSecond);
  EXPECT_FALSE(try_get("a").body.contains("Item"));
}

TEST_F(ThroughputTest, ObservingCountsAndRefusesNothing) {
  limit("observe");
  ok("CreateTable", provisioned("tab1", 1, 1));
  EXPECT_EQ(puts_until_refused(5), 5);
  EXPECT_TRUE(try_get("k0").ok());
  EXPECT_TRUE(try_get("k0").ok());
  EXPECT_EQ(metric("ThrottledRequests", {{"Operation", "PutItem"}, {"TableName", "tab1"}}), 4);
  EXPECT_EQ(metric("WriteThrottleEvents", {{"TableName", "tab1"}}), 4);
  EXPECT_EQ(metric("ReadThrottleEvents", {{"TableName", "tab1"}}), 1);
  const Json events = emulator.get("/_paddock/timeline?kind=throttled").body["Events"];
  ASSERT_EQ(events.size(), 5u);
  EXPECT_EQ(events[0]["Outcome"], "observed: ProvisionedThroughputExceededException");
}

TEST_F(ThroughputTest, OffRefusesAndCountsNothing) {
  limit("off");
  ok("CreateTable", provisioned("tab1", 1, 1));
  EXPECT_EQ(puts_until_refused(20), 20);
  EXPECT_EQ(metric("WriteThrottleEvents", {{"TableName", "tab1"}}), 0);
}

}  // namespace paddock::testing
