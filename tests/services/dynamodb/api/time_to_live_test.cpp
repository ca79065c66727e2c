// Time to live: its setting, and items that go when world time has passed their second.
#include <chrono>

#include "core/clock.hpp"
#include "fixture.hpp"
#include "gateway/platform.hpp"

namespace paddock::testing {

using namespace std::chrono_literals;

class TimeToLiveTest : public DynamoDbTest {
 protected:
  CallResult set(bool enabled, const std::string& attribute = "expires") {
    return call("UpdateTimeToLive", {{"TableName", "visits"},
                                     {"TimeToLiveSpecification",
                                      {{"Enabled", enabled}, {"AttributeName", attribute}}}});
  }
  void enable(const std::string& attribute = "expires") {
    const CallResult result = set(true, attribute);
    ASSERT_TRUE(result.ok()) << result.text;
    emulator.wait_idle();
  }
  int64_t now_s() { return emulator.platform().world.now().ms / 1000; }
  Json in(std::chrono::seconds span) { return n(std::to_string(now_s() + span.count())); }
  bool there(const std::string& pk) { return get("visits", {{"pk", s(pk)}}).contains("Item"); }
  Json records() {
    const std::string arn =
        ok("DescribeTable", {{"TableName", "visits"}})["Table"]["LatestStreamArn"];
    const Json stream = ok_streams("DescribeStream", {{"StreamArn", arn}})["StreamDescription"];
    const Json iterator =
        ok_streams("GetShardIterator", {{"StreamArn", arn},
                                        {"ShardId", stream["Shards"][0]["ShardId"]},
                                        {"ShardIteratorType", "TRIM_HORIZON"}})["ShardIterator"];
    return ok_streams("GetRecords", {{"ShardIterator", iterator}})["Records"];
  }
};

TEST_F(TimeToLiveTest, TheSettingIsEchoedAndDescribed) {
  ok("CreateTable", simple_table("visits"));
  const CallResult result = set(true);
  EXPECT_EQ(result.body,
            Json({{"TimeToLiveSpecification", {{"Enabled", true}, {"AttributeName", "expires"}}}}));
  EXPECT_EQ(ok("DescribeTimeToLive", {{"TableName", "visits"}})["TimeToLiveDescription"],
            Json({{"TimeToLiveStatus", "ENABLED"}, {"AttributeName", "expires"}}));
  emulator.advance(32min);
  ASSERT_TRUE(set(false).ok());
  EXPECT_EQ(ok("DescribeTimeToLive", {{"TableName", "visits"}})["TimeToLiveDescription"],
            Json({{"TimeToLiveStatus", "DISABLED"}}));
}

TEST_F(TimeToLiveTest, ChangesThatChangeNothingAreRefused) {
  ok("CreateTable", simple_table("visits"));
  expect_invalid(set(false), "TimeToLive is already disabled");
  enable();
  expect_invalid(set(true), "TimeToLive is already enabled");
  const char* elsewhere =
      "TimeToLive is active on a different AttributeName: current AttributeName is expires";
  expect_invalid(set(true, "other"), elsewhere);
  expect_invalid(set(false, "other"), elsewhere);
  expect_error(call("UpdateTimeToLive",
                    {{"TableName", "none"},
                     {"TimeToLiveSpecification", {{"Enabled", true}, {"AttributeName", "e"}}}}),
               "ResourceNotFoundException", "Requested resource not found: Table: none not found");
  expect_error(call("DescribeTimeToLive", {{"TableName", "none"}}), "ResourceNotFoundException",
               "Requested resource not found: Table: none not found");
}

TEST_F(TimeToLiveTest, TheSettingRestsAfterAChange) {
  ok("CreateTable", simple_table("visits"));
  enable();
  const char* lately = "Time to live has been modified multiple times within a fixed interval";
  expect_invalid(set(false), lately);
  emulator.advance(30min);
  expect_invalid(set(false), lately);
  emulator.advance(2min);
  EXPECT_TRUE(set(false).ok());
  expect_invalid(set(true), lately);
}

TEST_F(TimeToLiveTest, ItemsGoWhenTheirSecondHasPassed) {
  ok("CreateTable", simple_table("visits"));
  enable();
  put("visits", {{"pk", s("soon")}, {"expires", in(1min)}});
  put("visits", {{"pk", s("later")}, {"expires", in(2h)}});
  put("visits", {{"pk", s("never")}});
  put("visits", {{"pk", s("text")}, {"expires", s(in(1min)["N"])}});
  put("visits", {{"pk", s("ancient")}, {"expires", n("162777600")}});
  put("visits", {{"pk", s("fraction")}, {"expires", n(in(1min)["N"].get<std::string>() + ".75")}});
  put("visits", {{"pk", s("huge")}, {"expires", n("1e30")}});
  EXPECT_TRUE(there("soon"));
  emulator.advance(2min);
  EXPECT_FALSE(there("soon"));
  EXPECT_FALSE(there("fraction"));
  for (const char* kept : {"later", "never", "text", "ancient", "huge"}) {
    EXPECT_TRUE(there(kept)) << kept;
  }
  emulator.advance(2h);
  EXPECT_FALSE(there("later"));
  EXPECT_EQ(ok("DescribeTable", {{"TableName", "visits"}})["Table"]["ItemCount"], 4);
}

TEST_F(TimeToLiveTest, AnItemWhoseSecondHasPassedAlreadyGoesAtOnce) {
  ok("CreateTable", simple_table("visits"));
  enable();
  put("visits", {{"pk", s("past")}, {"expires", in(-60s)}});
  emulator.wait_idle();
  EXPECT_FALSE(there("past"));
}

TEST_F(TimeToLiveTest, ItemsFromBeforeItWasEnabledExpireToo) {
  ok("CreateTable", simple_table("visits"));
  for (int i = 0; i < 200; ++i) {
    put("visits", {{"pk", s("i" + std::to_string(i))}, {"expires", in(i < 150 ? 1min : 100h)}});
  }
  enable();
  emulator.advance(2min);
  EXPECT_EQ(ok("Scan", {{"TableName", "visits"}})["Count"], 50);
}

TEST_F(TimeToLiveTest, AnItemThatWasChangedKeepsToItsNewSecond) {
  ok("CreateTable", simple_table("visits"));
  enable();
  put("visits", {{"pk", s("moved")}, {"expires", in(1min)}});
  put("visits", {{"pk", s("freed")}, {"expires", in(1min)}});
  put("visits", {{"pk", s("sooner")}, {"expires", in(10h)}});
  put("visits", {{"pk", s("moved")}, {"expires", in(3h)}});
  ok("UpdateItem", {{"TableName", "visits"},
                    {"Key", {{"pk", s("freed")}}},
                    {"UpdateExpression", "REMOVE expires"}});
  put("visits", {{"pk", s("sooner")}, {"expires", in(30s)}});
  emulator.advance(2min);
  EXPECT_TRUE(there("moved"));
  EXPECT_TRUE(there("freed"));
  EXPECT_FALSE(there("sooner"));
  emulator.advance(3h);
  EXPECT_FALSE(there("moved"));
  EXPECT_TRUE(there("freed"));
}

TEST_F(TimeToLiveTest, ThousandsOfItemsOfOneSecondGoTogether) {
  ok("CreateTable", sorted_table("visits"));
  enable();
  const Json at = in(1min);
  for (int i = 0; i < 200; ++i) {
    Json writes = Json::array();
    for (int j = 0; j < 25; ++j) {
      const Json item = {{"pk", s("p" + std::to_string(i % 7))},
                         {"sk", s(std::to_string(i * 25 + j))},
                         {"expires", at}};
      writes.push_back({{"PutRequest", {{"Item", item}}}});
    }
    ok("BatchWriteItem", {{"RequestItems", {{"visits", writes}}}});
  }
  emulator.advance(1min);
  EXPECT_EQ(ok("Scan", {{"TableName", "visits"}})["Count"], 0);
}

TEST_F(TimeToLiveTest, IndexEntriesGoWithTheItem) {
  Json table = simple_table("visits");
  table["AttributeDefinitions"].push_back(attribute("expires", "N"));
  table["GlobalSecondaryIndexes"] = Json::array({{{"IndexName", "by-expiry"},
                                                  {"KeySchema", {key("expires", "HASH")}},
                                                  {"Projection", {{"ProjectionType", "ALL"}}}}});
  ok("CreateTable", table);
  enable();
  put("visits", {{"pk", s("a")}, {"expires", in(1min)}});
  emulator.advance(2min);
  EXPECT_EQ(ok("Scan", {{"TableName", "visits"}, {"IndexName", "by-expiry"}})["Count"], 0);
}

TEST_F(TimeToLiveTest, AKeyAttributeCanBeTheTimeToLive) {
  ok("CreateTable", sorted_table("visits", "N"));
  enable("sk");
  const Json item = {{"pk", s("a")}, {"sk", in(1min)}};
  put("visits", item);
  emulator.advance(2min);
  EXPECT_FALSE(get("visits", item).contains("Item"));
}

TEST_F(TimeToLiveTest, TheStreamSaysWhoRemovedAnItem) {
  ok("CreateTable", with_stream(simple_table("visits"), "NEW_AND_OLD_IMAGES"));
  enable();
  const Json item = {{"pk", s("a")}, {"animal", s("dog")}, {"expires", in(1min)}};
  put("visits", item);
  put("visits", {{"pk", s("b")}});
  ok("DeleteItem", {{"TableName", "visits"}, {"Key", {{"pk", s("b")}}}});
  emulator.advance(2min);
  const Json found = records();
  ASSERT_EQ(found.size(), 4u);
  EXPECT_FALSE(found[2].contains("userIdentity"));
  const Json& removal = found[3];
  EXPECT_EQ(removal["eventName"], "REMOVE");
  EXPECT_EQ(removal["userIdentity"],
            Json({{"Type", "Service"}, {"PrincipalId", "dynamodb.amazonaws.com"}}));
  EXPECT_EQ(removal["dynamodb"]["OldImage"], item);
  EXPECT_FALSE(removal["dynamodb"].contains("NewImage"));
}

TEST_F(TimeToLiveTest, NothingExpiresOnceItIsDisabled) {
  ok("CreateTable", simple_table("visits"));
  enable();
  put("visits", {{"pk", s("a")}, {"expires", in(2h)}});
  emulator.advance(1h);
  ASSERT_TRUE(set(false).ok());
  emulator.advance(3h);
  EXPECT_TRUE(there("a"));
  // Enabled on another attribute, the old one means nothing.
  enable("other");
  emulator.advance(3h);
  EXPECT_TRUE(there("a"));
}

TEST_F(TimeToLiveTest, ATableMadeAgainStartsWithoutIt) {
  ok("CreateTable", simple_table("visits"));
  enable();
  put("visits", {{"pk", s("a")}, {"expires", in(1min)}});
  ok("DeleteTable", {{"TableName", "visits"}});
  ok("CreateTable", simple_table("visits"));
  put("visits", {{"pk", s("a")}, {"expires", in(1min)}});
  emulator.advance(2min);
  EXPECT_TRUE(there("a"));
  EXPECT_EQ(ok("DescribeTimeToLive", {{"TableName", "visits"}})["TimeToLiveDescription"],
            Json({{"TimeToLiveStatus", "DISABLED"}}));
}

TEST(DurableTimeToLive, ExpirationsSurviveARestart) {
  TempDir directory;
  const auto stamp = [](TestEmulator& emulator, int64_t seconds) {
    return Json({{"N", std::to_string(emulator.platform().world.now().ms / 1000 + seconds)}});
  };
  {
    TestEmulator emulator(TestEmulator::durable_options(directory.path()));
    const Json table = {
        {"TableName", "visits"},
        {"AttributeDefinitions", Json::array({{{"AttributeName", "pk"}, {"AttributeType", "S"}}})},
        {"KeySchema", Json::array({{{"AttributeName", "pk"}, {"KeyType", "HASH"}}})},
        {"BillingMode", "PAY_PER_REQUEST"}};
    ASSERT_TRUE(emulator.call("dynamodb", "CreateTable", table).ok());
    const Json setting = {{"Enabled", true}, {"AttributeName", "expires"}};
    ASSERT_TRUE(emulator
                    .call("dynamodb", "UpdateTimeToLive",
                          {{"TableName", "visits"}, {"TimeToLiveSpecification", setting}})
                    .ok());
    emulator.wait_idle();
    for (int hour = 1; hour <= 3; ++hour) {
      const Json item = {{"pk", {{"S", std::to_string(hour)}}},
                         {"expires", stamp(emulator, hour * 3600)}};
      ASSERT_TRUE(
          emulator.call("dynamodb", "PutItem", {{"TableName", "visits"}, {"Item", item}}).ok());
    }
  }
  TestEmulator emulator(TestEmulator::durable_options(directory.path()));
  emulator.advance(150min);
  const Json left = emulator.call("dynamodb", "Scan", {{"TableName", "visits"}}).body;
  ASSERT_EQ(left["Count"], 1);
  EXPECT_EQ(left["Items"][0]["pk"]["S"], "3");
}

}  // namespace paddock::testing
