// Stream mappings: tumbling windows, lanes, and what becomes of records that fail.
#include <set>

#include "core/text.hpp"
#include "services/lambda/lanes.hpp"
#include "services/lambda/result_records.hpp"
#include "services/lambda/tumbling.hpp"
#include "tests/services/lambda/lambda_fixture.hpp"

namespace paddock::services::lambda::testing {
namespace {

class StreamTest : public LambdaTest {
 protected:
  void SetUp() override {
    LambdaTest::SetUp();
    ASSERT_EQ(create("f", "scripted").error, "");
    platform().world.freeze();
  }
  std::string join(const Json& more) {
    Json input = {{"FunctionName", "f"},
                  {"EventSourceArn", HandStream::kArn},
                  {"StartingPosition", "TRIM_HORIZON"}};
    input.update(more);
    const Answer made = call("CreateEventSourceMapping", input);
    EXPECT_EQ(made.error, "") << made.message;
    return made.body.value("UUID", "");
  }
  // To the start of a window of ten seconds.
  void to_window() {
    const int64_t into = platform().world.now().ms % 10'000;
    advance(std::chrono::milliseconds(10'000 - into));
  }
  // Adds the number of records to the state's "count".
  static invocation_response counting(const invocation_request& request) {
    const Json event = Json::parse(request.payload);
    const size_t count = event["state"].value("count", size_t{0}) + event["Records"].size();
    const Json answer = {{"state", {{"count", count}}}};
    return invocation_response::success(answer.dump(), "application/json");
  }
  static std::vector<Json> events() {
    std::vector<Json> found;
    for (const invocation_request& request : script().requests()) {
      found.push_back(Json::parse(request.payload));
    }
    return found;
  }
  std::vector<std::string> deliveries() {
    events::TimelineFilter filter;
    filter.kind = "delivery";
    std::vector<std::string> found;
    const Json timeline = platform().timeline.read(filter);
    for (const Json& event : timeline.at("Events")) {
      found.push_back(event.at("Outcome").get<std::string>());
    }
    return found;
  }
};

TEST_F(StreamTest, ATumblingWindowHandsItsStateOnAndEnds) {
  script().set(&StreamTest::counting);
  to_window();
  join({{"TumblingWindowInSeconds", 10}});
  stream().put("a");
  wait_quiet();
  advance(std::chrono::seconds(3));
  stream().put("b");
  wait_quiet();
  ASSERT_EQ(events().size(), 2u);
  const Json second = events()[1];
  EXPECT_EQ(second["state"], (Json{{"count", 1}}));
  EXPECT_EQ(second["isFinalInvokeForWindow"], false);
  EXPECT_EQ(second["isWindowTerminatedEarly"], false);
  EXPECT_EQ(second["shardId"], "shardId-1");
  EXPECT_EQ(second["eventSourceARN"], HandStream::kArn);
  const int64_t start = platform().world.now().ms - 3'000;
  EXPECT_EQ(second["window"],
            (Json{{"start", iso8601(start, false)}, {"end", iso8601(start + 10'000, false)}}));
  advance(std::chrono::seconds(7));
  ASSERT_EQ(events().size(), 3u);
  EXPECT_EQ(events()[2]["isFinalInvokeForWindow"], true);
  EXPECT_EQ(events()[2]["state"], (Json{{"count", 2}}));
  EXPECT_TRUE(events()[2]["Records"].empty());
  stream().put("c");
  wait_quiet();
  EXPECT_EQ(events().back()["state"], Json::object());
}

TEST_F(StreamTest, RecordsOfTheNextWindowEndTheFormerOne) {
  script().set(&StreamTest::counting);
  to_window();
  const std::string uuid = join({{"TumblingWindowInSeconds", 10}, {"Enabled", false}});
  stream().put("a");
  advance(std::chrono::seconds(10));
  stream().put("b");
  call("UpdateEventSourceMapping", {{"UUID", uuid}, {"Enabled", true}});
  wait_quiet();
  ASSERT_GE(events().size(), 3u);
  EXPECT_EQ(events()[0]["Records"].size(), 1u);
  EXPECT_EQ(events()[1]["isFinalInvokeForWindow"], true);
  EXPECT_EQ(events()[2]["Records"][0]["id"], "b");
}

TEST_F(StreamTest, AStateThatGrowsTooLargeEndsItsWindowEarly) {
  script().set([](const invocation_request& request) {
    const bool last = Json::parse(request.payload)["isFinalInvokeForWindow"];
    const Json answer = {{"state", {{"x", std::string(last ? 1 : 1'100'000, 'x')}}}};
    return invocation_response::success(answer.dump(), "application/json");
  });
  to_window();
  join({{"TumblingWindowInSeconds", 10}});
  stream().put("a");
  wait_quiet();
  ASSERT_EQ(events().size(), 2u);
  EXPECT_EQ(events()[1]["isFinalInvokeForWindow"], true);
  EXPECT_EQ(events()[1]["isWindowTerminatedEarly"], true);
}

TEST_F(StreamTest, AWindowEndsWithItsShard) {
  script().set(&StreamTest::counting);
  to_window();
  join({{"TumblingWindowInSeconds", 10}});
  stream().put("a");
  stream().split("shardId-1", "shardId-2");
  stream().put("b", "shardId-2");
  wait_quiet();
  ASSERT_EQ(events().size(), 3u);
  EXPECT_EQ(events()[1]["isFinalInvokeForWindow"], true);
  EXPECT_EQ(events()[2]["state"], Json::object());
}

// The first run of each lane waits for the other's, so both only end if they are side by side.
TEST_F(StreamTest, LanesOfAShardRunSideBySideInTheOrderOfEachKey) {
  // Two keys of different lanes.
  const auto lane = [](const std::string& key) {
    events::LogRecord record;
    record.event = {{"kinesis", {{"partitionKey", key}}}};
    return lane_of(record, 2);
  };
  const std::string first = "k";
  std::string second = "l";
  while (lane(second) == lane(first)) second += "l";
  std::mutex mutex;
  std::condition_variable changed;
  std::set<std::string> begun;
  bool met = true;
  script().set([&](const invocation_request& request) {
    const Json event = Json::parse(request.payload);
    std::unique_lock lock(mutex);
    begun.insert(event["Records"][0]["kinesis"]["partitionKey"].get<std::string>());
    changed.notify_all();
    met =
        changed.wait_for(lock, std::chrono::seconds(20), [&] { return begun.size() == 2; }) && met;
    return invocation_response::success("{}", "application/json");
  });
  const std::string uuid =
      join({{"ParallelizationFactor", 2}, {"BatchSize", 1}, {"Enabled", false}});
  for (int i = 0; i < 6; ++i) {
    stream().put_keyed(first, i);
    stream().put_keyed(second, i);
  }
  call("UpdateEventSourceMapping", {{"UUID", uuid}, {"Enabled", true}});
  wait_quiet();
  EXPECT_TRUE(met);
  std::map<std::string, std::vector<int>> seen;
  for (const Json& batch : script().batches()) {
    for (const Json& record : batch) seen[record["kinesis"]["partitionKey"]].push_back(record["n"]);
  }
  EXPECT_EQ(seen[first], (std::vector<int>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(seen[second], (std::vector<int>{0, 1, 2, 3, 4, 5}));
}

TEST_F(StreamTest, AnotherNumberOfLanesLosesNothing) {
  const std::string uuid = join({{"ParallelizationFactor", 4}, {"BatchSize", 1}});
  for (int i = 0; i < 8; ++i) stream().put_keyed("k" + std::to_string(i), i);
  wait_quiet();
  for (const int lanes : {2, 1, 10}) {
    call("UpdateEventSourceMapping", {{"UUID", uuid}, {"ParallelizationFactor", lanes}});
    stream().put_keyed("x", 100 + lanes);
    wait_quiet();
  }
  std::set<int> seen;
  for (const Json& batch : script().batches()) {
    for (const Json& record : batch) seen.insert(record["n"].get<int>());
  }
  EXPECT_EQ(seen, (std::set<int>{0, 1, 2, 3, 4, 5, 6, 7, 101, 102, 110}));
}

// Row of behaviours: malformed answers fail the whole batch, empty ones are a success.
TEST_F(StreamTest, ReportsOfItemsThatFailedAreReadAsAwsReadsThem) {
  const auto runs_with = [this](const std::string& answer) {
    auto first = std::make_shared<std::atomic<bool>>(true);
    script().set([first, answer](const invocation_request&) {
      const bool now = first->exchange(false);
      return invocation_response::success(now ? answer : "{}", "application/json");
    });
    const std::string uuid =
        join({{"FunctionResponseTypes", Json::array({"ReportBatchItemFailures"})},
              {"StartingPosition", "LATEST"},
              {"Enabled", false}});
    for (const char* id : {"a", "b"}) stream().put(id);
    call("UpdateEventSourceMapping", {{"UUID", uuid}, {"Enabled", true}});
    wait_quiet();
    call("DeleteEventSourceMapping", {{"UUID", uuid}});
    size_t records = 0;
    for (const Json& batch : script().batches()) records += batch.size();
    return records;
  };
  for (const char* success :
       {"", "null", "{}", R"({"batchItemFailures":[]})", R"({"batchItemFailures":null})"}) {
    EXPECT_EQ(runs_with(success), 2u) << success;
  }
  for (const char* failure :
       {"\"text\"", R"({"batchItemFailures":"x"})", R"({"batchItemFailures":[{}]})",
        R"({"batchItemFailures":[{"itemIdentifier":""}]})",
        R"({"batchItemFailures":[{"itemIdentifier":null}]})",
        R"({"batchItemFailures":[{"itemIdentifier":"unknown"}]})"}) {
    EXPECT_EQ(runs_with(failure), 4u) << failure;
  }
}

// Row of behaviours: what fails blocks its shard until it is given up; then the destination is
// told, and the shard goes on.
TEST_F(StreamTest, AFailingBatchBlocksItsShardIsReportedAndThenLeft) {
  script().set([](const invocation_request& request) {
    return request.payload.find("poison") != std::string::npos
               ? invocation_response::failure("no", "Broken")
               : invocation_response::success("{}", "application/json");
  });
  const std::string queue = "arn:aws:sqs:us-east-1:000000000000:failed";
  const std::string uuid = join({{"BatchSize", 1},
                                 {"MaximumRetryAttempts", 1},
                                 {"DestinationConfig", {{"OnFailure", {{"Destination", queue}}}}}});
  EXPECT_EQ(call("GetEventSourceMapping", {{"UUID", uuid}})
                .body["DestinationConfig"]["OnFailure"]["Destination"],
            queue);
  stream().put("poison");
  stream().put("good");
  wait_quiet();
  std::vector<std::string> ids;
  for (const Json& batch : script().batches()) ids.push_back(batch[0]["id"]);
  EXPECT_EQ(ids, (std::vector<std::string>{"poison", "poison", "good"}));
  EXPECT_EQ(deliveries(), std::vector<std::string>{"not delivered: InternalFailure: The service "
                                                   "sqs is not emulated here."});
}

TEST_F(StreamTest, AFunctionIsNoDestinationOfAMapping) {
  const Answer made = call(
      "CreateEventSourceMapping",
      {{"FunctionName", "f"},
       {"EventSourceArn", HandStream::kArn},
       {"StartingPosition", "LATEST"},
       {"DestinationConfig",
        {{"OnFailure", {{"Destination", "arn:aws:lambda:us-east-1:000000000000:function:f"}}}}}});
  EXPECT_EQ(made.error, "InvalidParameterValueException");
}

TEST(StreamRecord, SaysWhichRecordsWereGivenUpAndWhy) {
  events::LogRecord first;
  first.sequence_number = "111";
  first.arrived = WorldTime{1'657'720'081'000};
  events::LogRecord last = first;
  last.sequence_number = "222";
  StreamRecord record;
  record.at = WorldTime{1'657'720'082'500};
  record.request_id = "r";
  record.function_arn = "arn";
  record.condition = kRetryAttemptsExhausted;
  record.invoke_count = 2;
  record.ran = record.function_error = true;
  record.source_service = "dynamodb";
  record.stream_arn = "stream";
  record.shard = "shard";
  record.records = {&first, &last};
  const Json expected = {
      {"version", "1.0"},
      {"timestamp", "2022-07-13T13:48:02.500Z"},
      {"requestContext",
       {{"requestId", "r"},
        {"functionArn", "arn"},
        {"condition", "RetryAttemptsExhausted"},
        {"approximateInvokeCount", 2}}},
      {"responseContext",
       {{"statusCode", 200}, {"executedVersion", "$LATEST"}, {"functionError", "Unhandled"}}},
      {"DDBStreamBatchInfo",
       {{"shardId", "shard"},
        {"startSequenceNumber", "111"},
        {"endSequenceNumber", "222"},
        {"approximateArrivalOfFirstRecord", "2022-07-13T13:48:01Z"},
        {"approximateArrivalOfLastRecord", "2022-07-13T13:48:01Z"},
        {"batchSize", 2},
        {"streamArn", "stream"}}}};
  EXPECT_EQ(Json::parse(to_text(record, "")), expected);
  EXPECT_EQ(Json::parse(to_text(record, R"({"Records":[]})"))["payload"]["Records"], Json::array());
  record.function_error = false;
  EXPECT_TRUE(Json::parse(to_text(record, ""))["responseContext"]["functionError"].is_null());
  record.ran = false;
  EXPECT_FALSE(Json::parse(to_text(record, "")).contains("responseContext"));
  EXPECT_EQ(object_key("u", "s", record.at, "i"),
            "aws/lambda/u/s/2022/07/13/2022-07-13T13.48.02-i");
}

TEST(Lanes, AreNamedInTheirRows) {
  EXPECT_EQ(lane_row("shard", 0, 1), "shard");
  EXPECT_EQ(lane_row("shard", 2, 4), "shard#2/4");
  EXPECT_EQ(parse_lane_row("shard")->lanes, 1u);
  EXPECT_EQ(parse_lane_row("shard#2/4")->lane, 2u);
  for (const char* bad : {"shard#", "shard#4/4", "shard#x/4", "shard#1", "shard#1/"}) {
    EXPECT_FALSE(parse_lane_row(bad)) << bad;
  }
}

TEST(Lanes, TogetherStandWhereTheLastOfThemIs) {
  std::map<std::string, ShardPosition> rows;
  rows["a#0/2"] = {7, true};
  rows["a#1/2"] = {5, false};
  rows["b"] = {3, true};
  rows["b#junk"] = {1, false};
  const auto shards = merged(rows);
  EXPECT_EQ(shards.size(), 2u);
  EXPECT_EQ(shards.at("a").position, 5u);
  EXPECT_FALSE(shards.at("a").finished);
  EXPECT_TRUE(shards.at("b").finished);
}

TEST(Tumbling, StatesAreObjectsOrAbsent) {
  EXPECT_EQ(state_of(""), Json::object());
  EXPECT_EQ(state_of("{}"), Json::object());
  EXPECT_EQ(state_of(R"({"state":{"a":1}})"), (Json{{"a", 1}}));
  EXPECT_FALSE(state_of("[]"));
  EXPECT_FALSE(state_of(R"({"state":5})"));
  EXPECT_FALSE(state_of("{oops"));
}

}  // namespace
}  // namespace paddock::services::lambda::testing
