// The shards of a stream through the wire: how they roll, close and vanish by world time.
#include <chrono>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "events/log_source.hpp"
#include "gateway/platform.hpp"
#include "streams_fixture.hpp"

namespace paddock::testing {

using std::chrono::hours;
using std::chrono::minutes;

class ShardsTest : public StreamsTest {
 protected:
  void SetUp() override {
    freeze(emulator);
    StreamsTest::SetUp();
  }
  static void freeze(TestEmulator& which) {
    EXPECT_EQ(which.post("/_paddock/clock", {{"freeze", true}}).status, 200);
  }
  static std::string begin_of(const Json& shard) {
    return shard["SequenceNumberRange"]["StartingSequenceNumber"];
  }
  static std::string end_of(const Json& shard) {
    return shard["SequenceNumberRange"].value("EndingSequenceNumber", "");
  }
  static std::vector<std::string> ids_of(const Json& shards) {
    std::vector<std::string> ids;
    for (const Json& one : shards) ids.push_back(one["ShardId"]);
    return ids;
  }
  // The partition keys of a shard's records.
  std::vector<std::string> keys_in(const Json& shard) {
    std::vector<std::string> keys;
    const Json page = records(iterator_of(shard["ShardId"], "TRIM_HORIZON"));
    for (const Json& record : page["Records"]) {
      keys.push_back(record["dynamodb"]["Keys"]["pk"]["S"]);
      const std::string number = record["dynamodb"]["SequenceNumber"];
      EXPECT_GE(number, begin_of(shard));
      if (!end_of(shard).empty()) {
        EXPECT_LE(number, end_of(shard));
      }
    }
    return keys;
  }
  using Keys = std::vector<std::string>;
};

TEST_F(ShardsTest, AfterFourHoursAShardIsClosedAndItsChildIsOpen) {
  put("tab1", {{"pk", s("a")}});
  emulator.advance(hours(4) - std::chrono::milliseconds(1));
  put("tab1", {{"pk", s("b")}});
  EXPECT_EQ(shards().size(), 1u);
  emulator.advance(std::chrono::milliseconds(1));
  put("tab1", {{"pk", s("c")}});
  const Json found = shards();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_FALSE(found[0].contains("ParentShardId"));
  EXPECT_EQ(found[1]["ParentShardId"], found[0]["ShardId"]);
  EXPECT_EQ(end_of(found[0]).size(), 21u);
  EXPECT_LT(end_of(found[0]), begin_of(found[1]));
  EXPECT_EQ(end_of(found[1]), "");
  EXPECT_LT(found[0]["ShardId"], found[1]["ShardId"]);
  EXPECT_EQ(found[1]["ShardId"].get<std::string>().size(), 37u);
  EXPECT_EQ(keys_in(found[0]), (Keys{"a", "b"}));
  EXPECT_EQ(keys_in(found[1]), Keys{"c"});
}

TEST_F(ShardsTest, AnIteratorOfTheParentEndsAndTheChildGoesOn) {
  emulator.advance(hours(4) - minutes(5));
  std::string next = iterator("LATEST");
  put("tab1", {{"pk", s("a")}});
  emulator.advance(minutes(10));
  put("tab1", {{"pk", s("b")}});
  const Json page = records(next);
  EXPECT_EQ(page["Records"].size(), 1u);
  EXPECT_FALSE(page.contains("NextShardIterator"));
  const Json open = records(iterator("TRIM_HORIZON"));
  EXPECT_EQ(open["Records"].size(), 1u);
  EXPECT_TRUE(open.contains("NextShardIterator"));
}

TEST_F(ShardsTest, AReaderAloneRollsAnIdleStream) {
  emulator.advance(hours(4) - minutes(5));
  const std::string next = iterator("LATEST");
  emulator.advance(minutes(10));
  const Json page = records(next);
  EXPECT_EQ(page["Records"], Json::array());
  EXPECT_FALSE(page.contains("NextShardIterator"));
  emulator.advance(hours(9));
  const Json found = shards();
  ASSERT_EQ(found.size(), 4u);
  for (size_t i = 1; i < found.size(); ++i) {
    EXPECT_EQ(found[i]["ParentShardId"], found[i - 1]["ShardId"]);
    EXPECT_LT(end_of(found[i - 1]), begin_of(found[i]));
    EXPECT_GE(end_of(found[i - 1]), begin_of(found[i - 1]));
  }
  EXPECT_EQ(end_of(found[3]), "");
}

TEST_F(ShardsTest, WhoLooksWhenDoesNotChangeTheShards) {
  Options options = TestEmulator::in_memory_options();
  options.seed = 7;
  std::vector<std::vector<std::string>> ids;
  for (const bool looks : {false, true}) {
    TestEmulator other(options);
    freeze(other);
    EXPECT_EQ(other.post("/_paddock/clock", {{"to", "2100-01-01T00:00:00Z"}}).status, 200);
    const Json made =
        other.call("dynamodb", "CreateTable", with_stream(simple_table("tab"), "KEYS_ONLY")).body;
    const Json input = {{"StreamArn", made["TableDescription"]["LatestStreamArn"]}};
    for (int hour = 0; hour < 50; ++hour) {
      other.advance(hours(1));
      if (looks) other.call("dynamodbstreams", "DescribeStream", input);
    }
    ids.push_back(ids_of(other.call("dynamodbstreams", "DescribeStream", input)
                             .body["StreamDescription"]["Shards"]));
  }
  EXPECT_EQ(ids[0], ids[1]);
  EXPECT_EQ(ids[0].size(), 7u);
}

TEST_F(ShardsTest, AClosedShardVanishesADayLater) {
  put("tab1", {{"pk", s("a")}});
  const std::string first = shard();
  emulator.advance(hours(28));
  EXPECT_EQ(shards().front()["ShardId"], first);
  emulator.advance(std::chrono::milliseconds(1));
  const Json left = shards();
  EXPECT_NE(left.front()["ShardId"], first);
  EXPECT_EQ(left.front()["ParentShardId"], first);
  expect_error(streams("GetShardIterator", iterator_input(first, "TRIM_HORIZON")),
               "ResourceNotFoundException", "Requested resource not found: Shard does not exist");
}

TEST_F(ShardsTest, AStreamLeftAloneForAYearHasADaysShards) {
  put("tab1", {{"pk", s("a")}});
  emulator.advance(hours(24 * 365 + 1));
  put("tab1", {{"pk", s("b")}});
  const Json found = shards();
  EXPECT_EQ(found.size(), 7u);
  EXPECT_EQ(keys_in(found.back()), Keys{"b"});
  for (size_t i = 1; i < found.size(); ++i) {
    EXPECT_EQ(found[i]["ParentShardId"], found[i - 1]["ShardId"]);
  }
}

TEST_F(ShardsTest, DescribeStreamPages) {
  emulator.advance(hours(10));
  const auto ids = ids_of(shards());
  ASSERT_EQ(ids.size(), 3u);
  const Json first = describe({{"Limit", 2}});
  EXPECT_EQ(ids_of(first["Shards"]), (Keys{ids[0], ids[1]}));
  EXPECT_EQ(first["LastEvaluatedShardId"], ids[1]);
  const Json second = describe({{"Limit", 2}, {"ExclusiveStartShardId", ids[1]}});
  EXPECT_EQ(ids_of(second["Shards"]), Keys{ids[2]});
  EXPECT_FALSE(second.contains("LastEvaluatedShardId"));
  const std::string beyond(40, 'z');
  EXPECT_EQ(describe({{"ExclusiveStartShardId", beyond}})["Shards"], Json::array());
}

TEST_F(ShardsTest, AFilterShowsTheChildrenOfAShard) {
  emulator.advance(hours(10));
  const auto ids = ids_of(shards());
  const auto children = [&](const std::string& of) {
    const Json filter = {{"Type", "CHILD_SHARDS"}, {"ShardId", of}};
    return ids_of(describe({{"ShardFilter", filter}})["Shards"]);
  };
  EXPECT_EQ(children(ids[0]), Keys{ids[1]});
  EXPECT_EQ(children(ids[1]), Keys{ids[2]});
  EXPECT_EQ(children(ids[2]), Keys{});
}

TEST_F(ShardsTest, ASequenceNumberMustBeTheShardsOwn) {
  put("tab1", {{"pk", s("a")}});
  const Json parent = shards()[0];
  const std::string number = all()[0]["dynamodb"]["SequenceNumber"];
  emulator.advance(hours(5));
  put("tab1", {{"pk", s("b")}});
  EXPECT_EQ(
      streams("GetShardIterator", iterator_input(shard(), "AT_SEQUENCE_NUMBER", number)).error(),
      "ValidationException");
  const Json closed = shards()[0];
  for (const char* type : {"AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"}) {
    const Json page = records(iterator_of(closed["ShardId"], type, end_of(closed)));
    EXPECT_EQ(page["Records"], Json::array());
    EXPECT_FALSE(page.contains("NextShardIterator"));
    EXPECT_TRUE(streams("GetShardIterator", iterator_input(closed["ShardId"], type, number)).ok());
  }
  EXPECT_EQ(records(iterator_of(closed["ShardId"], "LATEST"))["Records"], Json::array());
}

TEST_F(ShardsTest, DisablingClosesTheShardAndEnablingBeginsAnew) {
  put("tab1", {{"pk", s("a")}});
  emulator.advance(hours(5));
  disable();
  const Json ended = shards();
  ASSERT_EQ(ended.size(), 2u);
  for (const Json& one : ended) EXPECT_GE(end_of(one), begin_of(one));
  emulator.advance(hours(9));
  EXPECT_EQ(shards(), ended);  // a disabled stream does not roll
  const Json again =
      ok("UpdateTable",
         {{"TableName", "tab1"},
          {"StreamSpecification", {{"StreamEnabled", true}, {"StreamViewType", "KEYS_ONLY"}}}});
  arn = again["TableDescription"]["LatestStreamArn"];
  const Json fresh = shards();
  ASSERT_EQ(fresh.size(), 1u);
  EXPECT_FALSE(fresh[0].contains("ParentShardId"));
  EXPECT_NE(fresh[0]["ShardId"], ended[1]["ShardId"]);
}

TEST_F(ShardsTest, TheShardsOfADeletedTableAreClosed) {
  put("tab1", {{"pk", s("a")}});
  ok("DeleteTable", {{"TableName", "tab1"}});
  const Json found = shards();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(keys_in(found[0]), Keys{"a"});
  EXPECT_NE(end_of(found[0]), "");
}

TEST_F(ShardsTest, AsALogSourceAClosedShardEndsAndItsChildFollows) {
  events::LogSource* source = emulator.platform().log_sources.find("dynamodb");
  put("tab1", {{"pk", s("a")}});
  emulator.advance(hours(5));
  put("tab1", {{"pk", s("b")}});
  const auto found = source->shards(arn);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_TRUE(found[0].closed);
  EXPECT_FALSE(found[1].closed);
  EXPECT_EQ(found[1].parent_id, found[0].id);
  const auto start = [&](const std::string& id, events::StartAt at) {
    return source->start_position(arn, id, at, {});
  };
  events::LogPage page = source->read(
      arn, found[0].id, start(found[0].id, events::StartAt::trim_horizon), 10, 1'000'000);
  EXPECT_EQ(page.records.size(), 1u);
  EXPECT_TRUE(page.end_of_shard);
  page = source->read(arn, found[0].id, start(found[0].id, events::StartAt::latest), 10, 1'000'000);
  EXPECT_TRUE(page.records.empty());
  EXPECT_TRUE(page.end_of_shard);
  page = source->read(arn, found[1].id, start(found[1].id, events::StartAt::trim_horizon), 10,
                      1'000'000);
  EXPECT_EQ(page.records.size(), 1u);
  EXPECT_FALSE(page.end_of_shard);
}

TEST_F(ShardsTest, WritersThatRollTogetherKeepTheOrderOfEachItem) {
  constexpr int kWriters = 4;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::thread> writers;
    for (int w = 0; w < kWriters; ++w) {
      writers.emplace_back([&, w] {
        for (int i = 0; i < 10; ++i) {
          put("tab1", {{"pk", s(std::to_string(w))}, {"v", n(std::to_string(round * 10 + i))}});
        }
      });
    }
    for (auto& writer : writers) writer.join();
    emulator.advance(hours(4));
  }
  std::map<std::string, int> next;
  for (const Json& record : all()) {
    const Json& image = record["dynamodb"]["NewImage"];
    EXPECT_EQ(image["v"]["N"], std::to_string(next[image["pk"]["S"]]++));
  }
  EXPECT_EQ(shards().size(), 4u);
  for (int w = 0; w < kWriters; ++w) EXPECT_EQ(next[std::to_string(w)], 30);
}

namespace rolled {

std::mutex mutex;
std::vector<std::string> seen;

aws::lambda_runtime::invocation_response collect(
    const aws::lambda_runtime::invocation_request& request) {
  const Json event = Json::parse(request.payload);
  const std::lock_guard lock(mutex);
  for (const Json& record : event["Records"]) {
    seen.push_back(record["dynamodb"]["Keys"]["pk"]["S"]);
  }
  return aws::lambda_runtime::invocation_response::success("{}", "application/json");
}

constexpr lambda::EntryPoint kFunctions[] = {{"collect", &collect}};

}  // namespace rolled

TEST(ShardsOfAMapping, AFunctionReadsChildrenAfterTheirParents) {
  rolled::seen.clear();
  TestEmulator emulator(TestEmulator::in_memory_options(), rolled::kFunctions);
  EXPECT_EQ(emulator.post("/_paddock/clock", {{"freeze", true}}).status, 200);
  const auto ok = [&](std::string_view service, std::string_view operation, const Json& input) {
    const CallResult result = emulator.call(service, operation, input);
    EXPECT_TRUE(result.ok()) << result.text;
    return result.body;
  };
  const Json table = {
      {"TableName", "tab"},
      {"AttributeDefinitions", {{{"AttributeName", "pk"}, {"AttributeType", "S"}}}},
      {"KeySchema", {{{"AttributeName", "pk"}, {"KeyType", "HASH"}}}},
      {"BillingMode", "PAY_PER_REQUEST"},
      {"StreamSpecification", {{"StreamEnabled", true}, {"StreamViewType", "KEYS_ONLY"}}}};
  const std::string arn =
      ok("dynamodb", "CreateTable", table)["TableDescription"]["LatestStreamArn"];
  ok("lambda", "CreateFunction",
     {{"FunctionName", "f"},
      {"Role", "arn:aws:iam::000000000000:role/r"},
      {"Runtime", "provided.al2023"},
      {"Handler", "collect"},
      {"Code", {{"ZipFile", "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="}}}});
  ok("lambda", "CreateEventSourceMapping",
     {{"FunctionName", "f"}, {"EventSourceArn", arn}, {"StartingPosition", "LATEST"}});
  std::vector<std::string> expected;
  for (int i = 0; i < 12; ++i) {
    expected.push_back(std::to_string(i));
    ok("dynamodb", "PutItem",
       {{"TableName", "tab"}, {"Item", {{"pk", {{"S", std::to_string(i)}}}}}});
    emulator.wait_idle();
    emulator.advance(i == 8 ? hours(40) : hours(3));
  }
  const std::lock_guard lock(rolled::mutex);
  EXPECT_EQ(rolled::seen, expected);
}

TEST(ShardsOnDisk, ARestartKeepsThem) {
  const TempDir directory;
  std::string arn;
  Json before;
  const Json table = {
      {"TableName", "tab"},
      {"AttributeDefinitions", {{{"AttributeName", "pk"}, {"AttributeType", "S"}}}},
      {"KeySchema", {{{"AttributeName", "pk"}, {"KeyType", "HASH"}}}},
      {"BillingMode", "PAY_PER_REQUEST"},
      {"StreamSpecification", {{"StreamEnabled", true}, {"StreamViewType", "KEYS_ONLY"}}}};
  const auto shards = [&](TestEmulator& emulator) {
    return emulator.call("dynamodbstreams", "DescribeStream", {{"StreamArn", arn}})
        .body["StreamDescription"]["Shards"];
  };
  {
    TestEmulator emulator(TestEmulator::durable_options(directory.path()));
    EXPECT_EQ(emulator.post("/_paddock/clock", {{"freeze", true}}).status, 200);
    arn =
        emulator.call("dynamodb", "CreateTable", table).body["TableDescription"]["LatestStreamArn"];
    emulator.advance(hours(9));
    before = shards(emulator);
    EXPECT_EQ(before.size(), 3u);
  }
  {
    TestEmulator emulator(TestEmulator::durable_options(directory.path()));
    EXPECT_EQ(shards(emulator), before);
    emulator.advance(hours(4));
    EXPECT_EQ(shards(emulator).size(), 4u);
    emulator.call("dynamodb", "DeleteTable", {{"TableName", "tab"}});
    before = shards(emulator);
  }
  TestEmulator emulator(TestEmulator::durable_options(directory.path()));
  EXPECT_EQ(shards(emulator), before);
}

}  // namespace paddock::testing
