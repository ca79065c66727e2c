// Reads that lag and reads in an outage, as the switches of /_paddock/settings/dynamodb teach them.
#include <chrono>
#include <string>
#include <vector>

#include "fixture.hpp"

namespace paddock::testing {

class ConsistencyTest : public DynamoDbTest {
 protected:
  void SetUp() override {
    EXPECT_EQ(emulator.post("/_paddock/clock", {{"freeze", true}}).status, 200);
    Json table = sorted_table("tab1");
    table["AttributeDefinitions"].push_back(attribute("tag", "S"));
    table["GlobalSecondaryIndexes"] = {{{"IndexName", "by-tag"},
                                        {"KeySchema", {key("tag", "HASH"), key("sk", "RANGE")}},
                                        {"Projection", {{"ProjectionType", "ALL"}}}}};
    table["LocalSecondaryIndexes"] = {{{"IndexName", "local"},
                                       {"KeySchema", {key("pk", "HASH"), key("tag", "RANGE")}},
                                       {"Projection", {{"ProjectionType", "KEYS_ONLY"}}}}};
    ok("CreateTable", table);
  }
  Json set(const Json& changes) {
    const CallResult result = emulator.post("/_paddock/settings/dynamodb", changes);
    EXPECT_EQ(result.status, 200) << result.text;
    return result.body;
  }
  static Json item(const std::string& sk, const std::string& v, const std::string& tag = "t") {
    return {{"pk", s("p")}, {"sk", s(sk)}, {"tag", s(tag)}, {"v", s(v)}};
  }
  // Its "v"; "" if there is no item.
  std::string read(const std::string& sk, bool consistent = false) {
    const Json found = ok("GetItem", {{"TableName", "tab1"},
                                      {"Key", {{"pk", s("p")}, {"sk", s(sk)}}},
                                      {"ConsistentRead", consistent}});
    return found.contains("Item") ? found["Item"]["v"]["S"].get<std::string>() : "";
  }
  // "sk=v" of all items, through a table or an index.
  std::vector<std::string> query(const Json& more = Json::object()) {
    Json input = {{"TableName", "tab1"},
                  {"KeyConditionExpression", "pk = :p"},
                  {"ExpressionAttributeValues", {{":p", s("p")}}}};
    input.update(more);
    return shown(ok("Query", input));
  }
  std::vector<std::string> by_tag(const std::string& tag) {
    return shown(ok("Query", {{"TableName", "tab1"},
                              {"IndexName", "by-tag"},
                              {"KeyConditionExpression", "tag = :t"},
                              {"ExpressionAttributeValues", {{":t", s(tag)}}}}));
  }
  static std::vector<std::string> shown(const Json& answer) {
    std::vector<std::string> items;
    for (const Json& one : answer["Items"]) {
      items.push_back(one["sk"]["S"].get<std::string>() + "=" + one["v"]["S"].get<std::string>());
    }
    return items;
  }
  void remove(const std::string& sk) {
    ok("DeleteItem", {{"TableName", "tab1"}, {"Key", {{"pk", s("p")}, {"sk", s(sk)}}}});
  }
  using Items = std::vector<std::string>;
  static constexpr std::chrono::milliseconds kSecond{1000};
};

TEST_F(ConsistencyTest, AnEventualReadAnswersWhatWasThereThen) {
  put("tab1", item("a", "1"));
  set({{"read_lag_ms", 2000}});
  EXPECT_EQ(read("a"), "1");
  put("tab1", item("a", "2"));
  put("tab1", item("b", "new"));
  EXPECT_EQ(read("a"), "1");
  EXPECT_EQ(read("b"), "");
  EXPECT_EQ(read("a", true), "2");
  EXPECT_EQ(read("b", true), "new");
  emulator.advance(kSecond);
  put("tab1", item("a", "3"));
  remove("b");
  EXPECT_EQ(read("a"), "1");
  emulator.advance(kSecond);
  EXPECT_EQ(read("a"), "2");
  EXPECT_EQ(read("b"), "new");
  EXPECT_EQ(read("b", true), "");
  emulator.advance(kSecond);
  EXPECT_EQ(read("a"), "3");
  EXPECT_EQ(read("b"), "");
}

TEST_F(ConsistencyTest, PagesLagInBothDirections) {
  for (const char* sk : {"a", "c", "e"}) put("tab1", item(sk, "1"));
  set({{"read_lag_ms", 1000}});
  put("tab1", item("b", "new"));
  put("tab1", item("c", "2"));
  remove("e");
  remove("a");
  put("tab1", item("f", "new"));
  const Items then{"a=1", "c=1", "e=1"};
  const Items now{"b=new", "c=2", "f=new"};
  EXPECT_EQ(query(), then);
  EXPECT_EQ(query({{"ScanIndexForward", false}}), (Items{"e=1", "c=1", "a=1"}));
  EXPECT_EQ(query({{"ConsistentRead", true}}), now);
  EXPECT_EQ(shown(ok("Scan", {{"TableName", "tab1"}})), then);
  EXPECT_EQ(shown(ok("Scan", {{"TableName", "tab1"}, {"ConsistentRead", true}})), now);
  const Json page = ok("Scan", {{"TableName", "tab1"}, {"Limit", 1}});
  EXPECT_EQ(shown(page), Items{"a=1"});
  EXPECT_EQ(
      shown(ok("Scan", {{"TableName", "tab1"}, {"ExclusiveStartKey", page["LastEvaluatedKey"]}})),
      (Items{"c=1", "e=1"}));
  emulator.advance(kSecond);
  EXPECT_EQ(query(), now);
}

TEST_F(ConsistencyTest, ABatchReadsEachTableAsItWasAskedTo) {
  put("tab1", item("a", "1"));
  set({{"read_lag_ms", 1000}});
  put("tab1", item("a", "2"));
  const auto value = [&](bool consistent) {
    const Json keys = Json::array({{{"pk", s("p")}, {"sk", s("a")}}});
    const Json answer =
        ok("BatchGetItem",
           {{"RequestItems", {{"tab1", {{"Keys", keys}, {"ConsistentRead", consistent}}}}}});
    return answer["Responses"]["tab1"][0]["v"]["S"].get<std::string>();
  };
  EXPECT_EQ(value(false), "1");
  EXPECT_EQ(value(true), "2");
}

TEST_F(ConsistencyTest, GlobalIndexesLagByTheirOwnTime) {
  put("tab1", item("a", "1", "red"));
  set({{"index_lag_ms", 1000}});
  put("tab1", item("a", "2", "blue"));
  put("tab1", item("b", "3", "red"));
  EXPECT_EQ(read("a"), "2");
  EXPECT_EQ(by_tag("red"), Items{"a=1"});
  EXPECT_EQ(by_tag("blue"), Items{});
  emulator.advance(kSecond);
  EXPECT_EQ(by_tag("red"), Items{"b=3"});
  EXPECT_EQ(by_tag("blue"), Items{"a=2"});
}

TEST_F(ConsistencyTest, LocalIndexesLagWithTheirTable) {
  put("tab1", item("a", "1"));
  set({{"read_lag_ms", 1000}});
  put("tab1", item("a", "2"));
  const Json local = {{"IndexName", "local"}, {"Select", "ALL_ATTRIBUTES"}};
  EXPECT_EQ(query(local), Items{"a=1"});
  Json strong = local;
  strong["ConsistentRead"] = true;
  EXPECT_EQ(query(strong), Items{"a=2"});
}

TEST_F(ConsistencyTest, ASwitchTurnedOffForgetsThePast) {
  put("tab1", item("a", "1"));
  set({{"read_lag_ms", 60'000}});
  put("tab1", item("a", "2"));
  set({{"read_lag_ms", 0}});
  EXPECT_EQ(read("a"), "2");
  set({{"read_lag_ms", 60'000}});
  EXPECT_EQ(read("a"), "2");
}

TEST_F(ConsistencyTest, InAnOutageStrongReadsFailAndEventualOnesGoOn) {
  put("tab1", item("a", "1"));
  set({{"outage", true}});
  EXPECT_EQ(read("a"), "1");
  EXPECT_EQ(query(), Items{"a=1"});
  const Json key = {{"pk", s("p")}, {"sk", s("a")}};
  const Json batch = {
      {"RequestItems", {{"tab1", {{"Keys", Json::array({key})}, {"ConsistentRead", true}}}}}};
  for (const auto& [operation, input] : std::vector<std::pair<std::string, Json>>{
           {"GetItem", {{"TableName", "tab1"}, {"Key", key}, {"ConsistentRead", true}}},
           {"Scan", {{"TableName", "tab1"}, {"ConsistentRead", true}}},
           {"TransactGetItems",
            {{"TransactItems", Json::array({{{"Get", {{"TableName", "tab1"}, {"Key", key}}}}})}}},
           {"BatchGetItem", batch}}) {
    const CallResult result = call(operation, input);
    EXPECT_EQ(result.status, 500) << operation;
    EXPECT_EQ(result.error(), "InternalServerError") << operation;
  }
  put("tab1", item("a", "2"));
  set({{"outage", false}});
  EXPECT_EQ(read("a", true), "2");
}

TEST_F(ConsistencyTest, AGlobalIndexIsNeverReadConsistently) {
  expect_invalid(call("Query", {{"TableName", "tab1"},
                                {"IndexName", "by-tag"},
                                {"ConsistentRead", true},
                                {"KeyConditionExpression", "tag = :t"},
                                {"ExpressionAttributeValues", {{":t", s("t")}}}}),
                 "Consistent reads are not supported on global secondary indexes");
}

TEST_F(ConsistencyTest, SettingsAreShownCheckedAndReset) {
  const Json off = {{"read_lag_ms", 0}, {"index_lag_ms", 0}, {"outage", false}, {"limits", "off"}};
  EXPECT_EQ(emulator.get("/_paddock/settings").body["dynamodb"], off);
  Json on = off;
  on["outage"] = true;
  on["limits"] = "observe";
  EXPECT_EQ(set({{"outage", true}, {"limits", "observe"}}), on);
  for (const Json& bad :
       {Json{{"read_lag_ms", -1}}, Json{{"read_lag_ms", "1s"}}, Json{{"index_lag_ms", 3'600'001}},
        Json{{"outage", 1}}, Json{{"limits", "on"}}, Json{{"unknown", 1}}, Json::array()}) {
    Json with_good = bad;
    if (bad.is_object()) with_good["outage_"] = false;
    EXPECT_EQ(emulator.post("/_paddock/settings/dynamodb", bad).status, 400) << bad;
    EXPECT_EQ(emulator.post("/_paddock/settings/dynamodb", with_good).status, 400) << bad;
  }
  EXPECT_EQ(emulator.post("/_paddock/settings/nobody", Json::object()).status, 400);
  EXPECT_EQ(emulator.get("/_paddock/settings").body["dynamodb"], on);
  EXPECT_EQ(emulator.post("/_paddock/reset").status, 200);
  EXPECT_EQ(emulator.get("/_paddock/settings").body["dynamodb"], off);
}

TEST(ConsistencyFlags, SetHowItBegins) {
  Options options = TestEmulator::in_memory_options();
  options.dynamodb_read_lag_ms = 100;
  options.limits = Options::Limits::enforce;
  TestEmulator emulator(options);
  const Json settings = emulator.get("/_paddock/settings").body["dynamodb"];
  EXPECT_EQ(settings["read_lag_ms"], 100);
  EXPECT_EQ(settings["limits"], "enforce");
}

}  // namespace paddock::testing
