// StartLiveTail through the wire: a session sees what is written while it lasts.
#include <gtest/gtest.h>

#include "core/clock.hpp"
#include "services/logs/limits.hpp"
#include "support/event_stream_client.hpp"
#include "support/test_emulator.hpp"

namespace paddock::services::logs {
namespace live_tail_test {

using ::paddock::testing::CallResult;
using ::paddock::testing::EventStreamClient;
using ::paddock::testing::TestEmulator;
using Texts = std::vector<std::string>;

class LiveTailTest : public ::testing::Test {
 protected:
  LiveTailTest() : emulator_(std::make_unique<TestEmulator>()) {
    for (const char* group : {"g", "h"}) {
      made("CreateLogGroup", {{"logGroupName", group}});
      for (const char* stream : {"one", "other"}) {
        made("CreateLogStream", {{"logGroupName", group}, {"logStreamName", stream}});
      }
    }
  }

  void made(const std::string& operation, const Json& input) {
    const CallResult result = emulator_->call("logs", operation, input);
    ASSERT_EQ(result.status, 200) << operation << ": " << result.text;
  }
  static std::string arn(const std::string& group) {
    return "arn:aws:logs:us-east-1:000000000000:log-group:" + group;
  }
  static Json groups(const Texts& names) {
    Json input = {{"logGroupIdentifiers", Json::array()}};
    for (const std::string& name : names) input["logGroupIdentifiers"].push_back(arn(name));
    return input;
  }
  std::unique_ptr<EventStreamClient> start(const Json& input) {
    return std::make_unique<EventStreamClient>(emulator_->port(), "logs",
                                               "Logs_20140328.StartLiveTail", input);
  }
  // A session whose beginning has been read.
  std::unique_ptr<EventStreamClient> begun(const Json& input) {
    auto tail = start(input);
    EXPECT_EQ(tail->status(), 200) << tail->head();
    EXPECT_EQ(tail->next()->text(":event-type"), "initial-response");
    EXPECT_EQ(tail->next()->text(":event-type"), "sessionStart");
    return tail;
  }
  void put(const std::string& group, const std::string& stream, const Texts& messages) {
    Json events = Json::array();
    const int64_t now = emulator_->platform().machine.wall_ms();
    for (const std::string& message : messages) {
      events.push_back({{"timestamp", now}, {"message", message}});
    }
    made("PutLogEvents",
         {{"logGroupName", group}, {"logStreamName", stream}, {"logEvents", events}});
  }
  // Updates up to the first that shows something; time is helped along.
  Json results(EventStreamClient& tail) {
    emulator_->advance(kLiveTailUpdate);
    for (;;) {
      const auto message = tail.next();
      if (!message || message->text(":event-type") != "sessionUpdate") return nullptr;
      Json update = Json::parse(message->payload);
      if (!update["sessionResults"].empty()) return update;
    }
  }
  static Texts messages(const Json& update) {
    Texts found;
    for (const Json& event : update.at("sessionResults")) found.push_back(event.at("message"));
    return found;
  }
  std::string refusal(const Json& input) {
    const CallResult result = emulator_->call("logs", "StartLiveTail", input);
    return result.error() + ": " + result.message();
  }

  std::unique_ptr<TestEmulator> emulator_;
};

TEST_F(LiveTailTest, ASessionBeginsWithWhatItWasAskedFor) {
  Json input = groups({"g"});
  input["logStreamNames"] = {"one"};
  input["logEventFilterPattern"] = "ERROR";
  const auto tail = start(input);
  EXPECT_NE(tail->head().find("application/vnd.amazon.eventstream"), std::string::npos);
  tail->next();
  const Json begin = Json::parse(tail->next()->payload);
  EXPECT_EQ(begin["logGroupIdentifiers"], Json::array({arn("g")}));
  EXPECT_EQ(begin["logStreamNames"], Json::array({"one"}));
  EXPECT_EQ(begin["logEventFilterPattern"], "ERROR");
  EXPECT_EQ(begin["sessionId"].get<std::string>().size(), 36u);
  EXPECT_NE(tail->head().find(begin["requestId"].get<std::string>()), std::string::npos);
}

TEST_F(LiveTailTest, ASessionSeesWhatIsWrittenWhileItLasts) {
  put("g", "one", {"before"});
  const auto tail = begun(groups({"g", "h"}));
  put("g", "one", {"first"});
  const Json update = results(*tail);
  ASSERT_EQ(messages(update), Texts{"first"});
  EXPECT_EQ(update["sessionMetadata"], Json({{"sampled", false}}));
  const Json& event = update["sessionResults"][0];
  EXPECT_EQ(event["logStreamName"], "one");
  EXPECT_EQ(event["logGroupIdentifier"], "000000000000:g");
  EXPECT_TRUE(event["timestamp"].is_number());
  EXPECT_TRUE(event["ingestionTime"].is_number());
  put("h", "other", {"second"});
  EXPECT_EQ(messages(results(*tail)), Texts{"second"});
}

TEST_F(LiveTailTest, AnUpdateComesEachSecondAlsoWithoutEvents) {
  const auto tail = begun(groups({"g"}));
  emulator_->advance(kLiveTailUpdate);
  const auto update = tail->next();
  EXPECT_EQ(update->text(":event-type"), "sessionUpdate");
  EXPECT_EQ(Json::parse(update->payload)["sessionResults"], Json::array());
}

TEST_F(LiveTailTest, PatternsAndStreamsNarrowASession) {
  Json by_pattern = groups({"g"});
  by_pattern["logEventFilterPattern"] = "{ $.level = ERROR }";
  Json by_name = groups({"g"});
  by_name["logStreamNames"] = {"other"};
  Json by_prefix = groups({"g"});
  by_prefix["logStreamNamePrefixes"] = {"on"};
  const auto pattern = begun(by_pattern);
  const auto name = begun(by_name);
  const auto prefix = begun(by_prefix);
  put("h", "one", {"elsewhere"});
  put("g", "one", {R"({"level":"ERROR"})", "one"});
  put("g", "other", {"other"});
  EXPECT_EQ(messages(results(*pattern)), Texts{R"({"level":"ERROR"})"});
  EXPECT_EQ(messages(results(*name)), Texts{"other"});
  EXPECT_EQ(messages(results(*prefix)), (Texts{R"({"level":"ERROR"})", "one"}));
}

TEST_F(LiveTailTest, ASecondShows500EventsAtMost) {
  const auto tail = begun(groups({"g"}));
  put("g", "one", Texts(kMostLiveTailEvents + 1, "x"));
  const Json update = results(*tail);
  EXPECT_EQ(update["sessionResults"].size(), kMostLiveTailEvents);
  EXPECT_EQ(update["sessionMetadata"]["sampled"], true);
  put("g", "one", {"y"});
  const Json next = results(*tail);
  EXPECT_EQ(messages(next), Texts{"y"});
  EXPECT_EQ(next["sessionMetadata"]["sampled"], false);
}

TEST_F(LiveTailTest, ASessionEndsAfterThreeHours) {
  const auto tail = begun(groups({"g"}));
  emulator_->advance(kLongestLiveTail);
  std::string exception;
  while (const auto message = tail->next()) exception = message->text(":exception-type");
  EXPECT_EQ(exception, "SessionTimeoutException");
}

TEST_F(LiveTailTest, AClientThatLeavesMakesRoom) {
  std::vector<std::unique_ptr<EventStreamClient>> tails;
  for (size_t i = 0; i < kMostLiveTails; ++i) tails.push_back(begun(groups({"g"})));
  EXPECT_EQ(refusal(groups({"g"})), "LimitExceededException: Resource limit exceeded.");
  tails.front()->close();
  // The server notices by itself, soon.
  const MachineClock& clock = emulator_->platform().machine;
  const auto end = clock.now() + std::chrono::seconds(30);
  std::unique_ptr<EventStreamClient> next;
  do next = start(groups({"g"}));
  while (next->status() != 200 && clock.now() < end);
  EXPECT_EQ(next->status(), 200);
}

TEST_F(LiveTailTest, AnOpenSessionIsQuiet) {
  const auto tail = begun(groups({"g"}));
  emulator_->wait_idle();
}

TEST_F(LiveTailTest, AStoppingEmulatorEndsItsSessions) {
  const auto tail = begun(groups({"g"}));
  emulator_.reset();
  EXPECT_NO_THROW(while (tail->next()){});
}

TEST_F(LiveTailTest, WhatCannotBeTailedIsRefused) {
  EXPECT_EQ(refusal(groups({"none"})),
            "ResourceNotFoundException: The specified log group does not exist.");
  Json bad = groups({"g"});
  bad["logEventFilterPattern"] = "{";
  EXPECT_EQ(refusal(bad), "InvalidParameterException: Invalid filter pattern");
  Json both = groups({"g"});
  both["logStreamNames"] = {"one"};
  both["logStreamNamePrefixes"] = {"o"};
  EXPECT_TRUE(refusal(both).starts_with("InvalidParameterException: ")) << refusal(both);
  Json two = groups({"g", "h"});
  two["logStreamNames"] = {"one"};
  EXPECT_TRUE(refusal(two).starts_with("InvalidParameterException: ")) << refusal(two);
  EXPECT_NE(refusal(groups(Texts(11, "g"))).find("less than or equal to 10"), std::string::npos);
  made("CreateLogGroup", {{"logGroupName", "rare"}, {"logGroupClass", "INFREQUENT_ACCESS"}});
  EXPECT_TRUE(refusal(groups({"rare"})).starts_with("InvalidOperationException: "));
}

}  // namespace live_tail_test
}  // namespace paddock::services::logs
