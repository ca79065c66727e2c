// CloudWatch Logs, called in-process.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "core/caller.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"
#include "emulator.hpp"
#include "events/log_sink.hpp"
#include "events/scheduler.hpp"
#include "services/logs/limits.hpp"
#include "services/logs/service.hpp"

namespace paddock::services::logs {
namespace {

struct Answer {
  Json body;
  std::string error;
  std::string message;
};

class LogsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Options options;
    options.port = 0;
    options.hosts = {"127.0.0.1"};
    options.durability = storage::Durability::none;
    options.access_log = false;
    options.machine_hooks = false;
    options.log_level = LogLevel::error;
    const gateway::ServiceFactory factories[] = {&make};
    emulator_ = std::make_unique<Emulator>(options, factories,
                                           std::span<const ::paddock::lambda::EntryPoint>());
    emulator_->start();
    base_ms_ = platform().world.now().ms;
  }

  gateway::Platform& platform() { return emulator_->platform(); }
  int64_t now() const { return base_ms_; }  // of the test's begin

  Answer call(const std::string& operation, const Json& input) {
    CallIdentity identity;
    identity.account = "000000000000";
    identity.region = "us-east-1";
    Answer answer;
    try {
      answer.body = platform().caller.call_and_wait(identity, "logs", operation, input);
    } catch (const AwsError& error) {
      answer.error = error.code();
      answer.message = error.message();
    }
    return answer;
  }
  void make_stream(const std::string& stream = "s", const std::string& group = "g") {
    call("CreateLogGroup", {{"logGroupName", group}});
    call("CreateLogStream", {{"logGroupName", group}, {"logStreamName", stream}});
  }
  Answer put(const Json& events, const std::string& stream = "s") {
    return call("PutLogEvents",
                {{"logGroupName", "g"}, {"logStreamName", stream}, {"logEvents", events}});
  }
  Json event(const std::string& message, int64_t offset_ms = 0) {
    return {{"timestamp", now() + offset_ms}, {"message", message}};
  }
  Answer get(const Json& more = Json::object()) {
    Json input = {{"logGroupName", "g"}, {"logStreamName", "s"}};
    input.update(more);
    return call("GetLogEvents", input);
  }
  static std::string messages(const Json& body) {
    std::string text;
    for (const Json& event : body.at("events")) text += event.at("message").get<std::string>();
    return text;
  }

  std::unique_ptr<Emulator> emulator_;
  int64_t base_ms_ = 0;
};

TEST_F(LogsTest, GroupsAndStreamsAreMadeOnce) {
  EXPECT_EQ(call("CreateLogStream", {{"logGroupName", "g"}, {"logStreamName", "s"}}).message,
            "The specified log group does not exist.");
  make_stream();
  const Answer group = call("CreateLogGroup", {{"logGroupName", "g"}});
  EXPECT_EQ(group.error, "ResourceAlreadyExistsException");
  EXPECT_EQ(group.message, "The specified log group already exists");
  EXPECT_EQ(call("CreateLogStream", {{"logGroupName", "g"}, {"logStreamName", "s"}}).message,
            "The specified log stream already exists");
  EXPECT_EQ(call("CreateLogGroup", {{"logGroupName", std::string(513, 'x')}}).message,
            "Invalid LogGroup or LogStream, both must have length less than or equal to 512.");
}

TEST_F(LogsTest, GroupsAreDescribedInPages) {
  for (const char* name : {"b/2", "a", "b/1", "b/3"})
    call("CreateLogGroup", {{"logGroupName", name}});
  const Answer first = call("DescribeLogGroups", {{"logGroupNamePrefix", "b/"}, {"limit", 2}});
  ASSERT_EQ(first.body["logGroups"].size(), 2u);
  EXPECT_EQ(first.body["logGroups"][0]["logGroupName"], "b/1");
  EXPECT_EQ(first.body["logGroups"][0]["arn"],
            "arn:aws:logs:us-east-1:000000000000:log-group:b/1:*");
  const Answer second =
      call("DescribeLogGroups",
           {{"logGroupNamePrefix", "b/"}, {"limit", 2}, {"nextToken", first.body["nextToken"]}});
  ASSERT_EQ(second.body["logGroups"].size(), 1u);
  EXPECT_EQ(second.body["logGroups"][0]["logGroupName"], "b/3");
  EXPECT_FALSE(second.body.contains("nextToken"));
  EXPECT_EQ(call("DescribeLogGroups", {{"logGroupNamePrefix", "b"}, {"logGroupNamePattern", "b"}})
                .message,
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
}

TEST_F(LogsTest, StreamsAreOrderedByNameOrByTheirLastEvent) {
  make_stream("b");
  make_stream("a");
  put(Json::array({event("x", 5)}), "a");
  put(Json::array({event("x", 9)}), "b");
  const auto first = [this](const Json& more) {
    Json input = {{"logGroupName", "g"}, {"limit", 1}};
    input.update(more);
    return call("DescribeLogStreams", input).body["logStreams"][0]["logStreamName"];
  };
  EXPECT_EQ(first(Json::object()), "a");
  EXPECT_EQ(first({{"orderBy", "LastEventTime"}, {"descending", true}}), "b");
  EXPECT_EQ(
      call("DescribeLogStreams",
           {{"logGroupName", "g"}, {"orderBy", "LastEventTime"}, {"logStreamNamePrefix", "a"}})
          .message,
      "Cannot order by LastEventTime with a logStreamNamePrefix.");
}

TEST_F(LogsTest, EventsAreReadInOrderOfTimeThenArrival) {
  make_stream();
  put(Json::array({event("b", 10), event("c", 10)}));
  put(Json::array({event("a", 5)}));
  EXPECT_EQ(messages(get({{"startFromHead", true}}).body), "abc");
}

TEST_F(LogsTest, TokensWalkForwardsAndBackwards) {
  make_stream();
  Json events = Json::array();
  for (int i = 0; i < 5; ++i) events.push_back(event(std::to_string(i), i));
  put(events);
  // Without startFromHead the newest come first, in their own order.
  Answer page = get({{"limit", 2}});
  EXPECT_EQ(messages(page.body), "34");
  page = get({{"limit", 2}, {"nextToken", page.body["nextBackwardToken"]}});
  EXPECT_EQ(messages(page.body), "12");
  page = get({{"limit", 2}, {"nextToken", page.body["nextForwardToken"]}});
  EXPECT_EQ(messages(page.body), "34");
  const Json end = page.body["nextForwardToken"];
  page = get({{"nextToken", end}});
  EXPECT_EQ(messages(page.body), "");
  EXPECT_EQ(page.body["nextForwardToken"], end);
  put(Json::array({event("5", 5)}));
  EXPECT_EQ(messages(get({{"nextToken", end}}).body), "5");
  EXPECT_EQ(get({{"nextToken", "f/nonsense"}}).message, "The specified nextToken is invalid.");
}

TEST_F(LogsTest, TimesBoundWhatIsRead) {
  make_stream();
  put(Json::array({event("a", 1), event("b", 2), event("c", 3)}));
  EXPECT_EQ(messages(get({{"startTime", now() + 2}}).body), "bc");
  EXPECT_EQ(messages(get({{"endTime", now() + 2}}).body), "a");  // exclusive
  // … and inclusive when searching.
  EXPECT_EQ(messages(call("FilterLogEvents", {{"logGroupName", "g"}, {"endTime", now() + 2}}).body),
            "ab");
}

TEST_F(LogsTest, UploadsThatBreakTheRulesAreRefused) {
  make_stream();
  EXPECT_EQ(put(Json::array({event("b", 2), event("a", 1)})).message,
            "Log events in a single PutLogEvents request must be in chronological order.");
  EXPECT_EQ(put(Json::array({event("a", -90'000'000), event("b")})).message,
            "The batch of log events in a single PutLogEvents request cannot span more than 24 "
            "hours.");
  EXPECT_EQ(put(Json::array({event("a")}), "none").message,
            "The specified log stream does not exist.");
  const std::string most(kMostEventBytes - kEventOverhead, 'x');
  EXPECT_EQ(put(Json::array({event(most)})).error, "");
  EXPECT_EQ(put(Json::array({event(most + "x")})).message,
            "Log event too large: 1048577 bytes exceeds limit of 1048576");
  EXPECT_EQ(put(Json::array({event(most), event("y")})).message,
            "Upload too large: 1048603 bytes exceeds limit of 1048576");
}

TEST_F(LogsTest, EventsTooOldAreRejectedByIndex) {
  make_stream();
  platform().world.freeze();
  base_ms_ = platform().world.now().ms;
  const int64_t day = 24 * 3600 * 1000;
  Answer old = put(Json::array({event("a", -14 * day - 1), event("b", -14 * day)}));
  EXPECT_EQ(old.body["rejectedLogEventsInfo"], Json::object({{"tooOldLogEventEndIndex", 1}}));
  EXPECT_EQ(messages(get({{"startFromHead", true}}).body), "b");
}

TEST_F(LogsTest, EventsTooNewAreRejectedByIndex) {
  make_stream();
  const int64_t two_hours = 2 * 3600 * 1000;
  const int64_t minute = 60'000;  // the clock runs
  Answer fresh = put(Json::array({event("c", two_hours - minute), event("d", two_hours + minute)}));
  EXPECT_EQ(fresh.body["rejectedLogEventsInfo"], Json::object({{"tooNewLogEventStartIndex", 1}}));
  EXPECT_EQ(messages(get({{"startFromHead", true}}).body), "c");
}

TEST_F(LogsTest, SearchesGoOverAllStreamsByTime) {
  make_stream("s");
  make_stream("t");
  put(Json::array({event("START one", 1), event("END one", 4)}), "s");
  put(Json::array({event("START two", 2), event("END two", 3)}), "t");
  const auto search = [this](const Json& more) {
    Json input = {{"logGroupName", "g"}};
    input.update(more);
    return call("FilterLogEvents", input);
  };
  EXPECT_EQ(messages(search(Json::object()).body), "START oneSTART twoEND twoEND one");
  EXPECT_EQ(messages(search({{"filterPattern", "START -one"}}).body), "START two");
  EXPECT_EQ(messages(search({{"logStreamNames", Json::array({"t"})}}).body), "START twoEND two");
  EXPECT_EQ(messages(search({{"logStreamNamePrefix", "s"}}).body), "START oneEND one");
  const Answer first = search({{"limit", 3}});
  EXPECT_EQ(messages(search({{"nextToken", first.body["nextToken"]}}).body), "END one");
  EXPECT_EQ(search({{"nextToken", "x"}}).message, "The specified nextToken is invalid.");
}

TEST_F(LogsTest, RetentionHidesWhatIsTooOldAndFreesItOnceADay) {
  make_stream();
  const Answer bad = call("PutRetentionPolicy", {{"logGroupName", "g"}, {"retentionInDays", 2}});
  EXPECT_TRUE(
      bad.message.starts_with("1 validation error detected: Value '2' at "
                              "'retentionInDays' failed to satisfy constraint: Member "
                              "must satisfy enum value set: [1, 3, 5, "))
      << bad.message;
  call("PutRetentionPolicy", {{"logGroupName", "g"}, {"retentionInDays", 1}});
  EXPECT_EQ(call("DescribeLogGroups", Json::object()).body["logGroups"][0]["retentionInDays"], 1);
  put(Json::array({event("old")}));
  const auto left =
      events::advance(platform().world, platform().scheduler, platform().activities,
                      platform().world.now() + std::chrono::hours(25), std::chrono::seconds(20));
  EXPECT_TRUE(left.empty());
  EXPECT_EQ(messages(get({{"startFromHead", true}}).body), "");
  // A client stamps with the machine's clock; what it says is taken as the world's time now.
  Json fresh = event("new");
  fresh["timestamp"] = platform().machine.wall_ms();
  put(Json::array({fresh}));
  EXPECT_EQ(messages(get({{"startFromHead", true}}).body), "new");
  call("DeleteRetentionPolicy", {{"logGroupName", "g"}});
  EXPECT_FALSE(
      call("DescribeLogGroups", Json::object()).body["logGroups"][0].contains("retentionInDays"));
}

TEST_F(LogsTest, ADeletedGroupOrStreamLeavesNothing) {
  make_stream();
  put(Json::array({event("a")}));
  call("DeleteLogStream", {{"logGroupName", "g"}, {"logStreamName", "s"}});
  EXPECT_EQ(messages(call("FilterLogEvents", {{"logGroupName", "g"}}).body), "");
  make_stream();
  EXPECT_EQ(messages(get().body), "");
  put(Json::array({event("b")}));
  EXPECT_EQ(call("DeleteLogGroup", {{"logGroupName", "g"}}).error, "");
  EXPECT_EQ(get().message, "The specified log group does not exist.");
  make_stream();
  EXPECT_EQ(messages(call("FilterLogEvents", {{"logGroupName", "g"}}).body), "");
}

TEST_F(LogsTest, TheTwoFormsOfTagsAreOne) {
  call("CreateLogGroup", {{"logGroupName", "g"}, {"tags", {{"env", "test"}}}});
  const std::string arn = "arn:aws:logs:us-east-1:000000000000:log-group:g";
  call("TagResource", {{"resourceArn", arn}, {"tags", {{"a", "1"}}}});
  call("TagLogGroup", {{"logGroupName", "g"}, {"tags", {{"b", "2"}}}});
  call("UntagResource", {{"resourceArn", arn}, {"tagKeys", {"env"}}});
  const Json expected = {{"a", "1"}, {"b", "2"}};
  EXPECT_EQ(call("ListTagsForResource", {{"resourceArn", arn}}).body["tags"], expected);
  EXPECT_EQ(call("ListTagsLogGroup", {{"logGroupName", "g"}}).body["tags"], expected);
}

TEST_F(LogsTest, ARunOfAFunctionMakesItsGroupAndStream) {
  ASSERT_NE(platform().log_sink.sink, nullptr);
  std::vector<events::LogLine> lines(2);
  lines[0].at = lines[1].at = platform().world.now();
  lines[0].text = "START\n";
  lines[1].text = "END\n";
  platform().log_sink.sink->append("000000000000", "us-east-1", "g", "s", lines);
  platform().log_sink.sink->append("000000000000", "us-east-1", "g", "s", lines);
  EXPECT_EQ(messages(get().body), "START\nEND\nSTART\nEND\n");
}

}  // namespace
}  // namespace paddock::services::logs
