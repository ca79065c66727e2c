// CloudWatch Logs through the wire, and what functions write there.
#include <iostream>

#include <gtest/gtest.h>

#include "core/clock.hpp"
#include "core/text.hpp"
#include "lambda/stdout_router.hpp"
#include "support/test_emulator.hpp"

namespace paddock::services::logs {
namespace {

using ::paddock::testing::CallResult;
using ::paddock::testing::TestEmulator;

aws::lambda_runtime::invocation_response speaking(const aws::lambda_runtime::invocation_request&) {
  std::cout << "hello from the function" << std::endl;
  return aws::lambda_runtime::invocation_response::success("{}", "application/json");
}

constexpr ::paddock::lambda::EntryPoint kSpeakers[] = {{"speaking", &speaking}};

class LogsWireTest : public ::testing::Test {
 protected:
  LogsWireTest() : emulator_(TestEmulator::in_memory_options(), kSpeakers) {}

  CallResult call(const std::string& operation, const Json& input) {
    return emulator_.call("logs", operation, input);
  }
  Json made(const std::string& operation, const Json& input) {
    CallResult result = call(operation, input);
    EXPECT_EQ(result.status, 200) << operation << ": " << result.text;
    return result.body.is_object() ? result.body : Json::object();
  }
  static std::vector<std::string> wire_messages(const Json& answer) {
    std::vector<std::string> found;
    for (const Json& event : answer.value("events", Json::array()))
      found.push_back(event["message"]);
    return found;
  }
  using Messages = std::vector<std::string>;

  TestEmulator emulator_;
};

TEST_F(LogsWireTest, EventsArePutReadAndSearched) {
  EXPECT_EQ(call("CreateLogGroup", {{"logGroupName", "g"}}).text, "");
  made("CreateLogStream", {{"logGroupName", "g"}, {"logStreamName", "s"}});
  const int64_t now = emulator_.platform().world.now().ms;
  Json put = made("PutLogEvents", {{"logGroupName", "g"},
                                   {"logStreamName", "s"},
                                   {"logEvents",
                                    {{{"timestamp", now - 2}, {"message", "ERROR one"}},
                                     {{"timestamp", now - 1}, {"message", "fine"}},
                                     {{"timestamp", now}, {"message", "ERROR two"}}}}});
  EXPECT_TRUE(put.contains("nextSequenceToken"));
  EXPECT_FALSE(put.contains("rejectedLogEventsInfo"));
  Json got = made("GetLogEvents",
                  {{"logGroupName", "g"}, {"logStreamName", "s"}, {"startFromHead", true}});
  EXPECT_EQ(wire_messages(got), (Messages{"ERROR one", "fine", "ERROR two"}));
  EXPECT_EQ(got["events"][0]["timestamp"], now - 2);
  Json last = made("GetLogEvents", {{"logGroupName", "g"}, {"logStreamName", "s"}, {"limit", 1}});
  EXPECT_EQ(wire_messages(last), Messages{"ERROR two"});
  Json found = made("FilterLogEvents", {{"logGroupName", "g"}, {"filterPattern", "ERROR"}});
  EXPECT_EQ(wire_messages(found), (Messages{"ERROR one", "ERROR two"}));
  EXPECT_EQ(found["events"][0]["logStreamName"], "s");
}

TEST_F(LogsWireTest, ErrorsAreTheServices) {
  CallResult none = call("GetLogEvents", {{"logGroupName", "none"}, {"logStreamName", "s"}});
  EXPECT_EQ(none.status, 400);
  EXPECT_EQ(none.error(), "ResourceNotFoundException");
  EXPECT_EQ(none.message(), "The specified log group does not exist.");
  made("CreateLogGroup", {{"logGroupName", "g"}});
  EXPECT_EQ(call("CreateLogGroup", {{"logGroupName", "g"}}).error(),
            "ResourceAlreadyExistsException");
  EXPECT_EQ(call("GetLogEvents", {{"logGroupName", "g"}, {"logStreamName", "s"}}).message(),
            "The specified log stream does not exist.");
}

TEST_F(LogsWireTest, SearchesArePaged) {
  made("CreateLogGroup", {{"logGroupName", "g"}});
  const int64_t now = emulator_.platform().world.now().ms;
  for (const char* stream : {"a", "b"}) {
    made("CreateLogStream", {{"logGroupName", "g"}, {"logStreamName", stream}});
    Json events = Json::array();
    for (int i = 0; i < 3; ++i) {
      events.push_back({{"timestamp", now + i}, {"message", stream + std::to_string(i)}});
    }
    made("PutLogEvents", {{"logGroupName", "g"}, {"logStreamName", stream}, {"logEvents", events}});
  }
  Messages found;
  Json input = {{"logGroupName", "g"}, {"limit", 4}};
  size_t pages = 0;
  do {
    Json page = made("FilterLogEvents", input);
    for (const std::string& message : wire_messages(page)) found.push_back(message);
    input["nextToken"] = page.value("nextToken", "");
    ++pages;
  } while (!input["nextToken"].get<std::string>().empty() && pages < 5);
  EXPECT_EQ(pages, 2u);
  EXPECT_EQ(found, (Messages{"a0", "b0", "a1", "b1", "a2", "b2"}));
}

TEST_F(LogsWireTest, AccountsAndRegionsAreApart) {
  made("CreateLogGroup", {{"logGroupName", "g"}});
  for (const ::paddock::testing::As& other : {::paddock::testing::As{"111111111111", "us-east-1"},
                                              ::paddock::testing::As{"test", "eu-west-1"}}) {
    CallResult groups = emulator_.call("logs", "DescribeLogGroups", {}, other);
    EXPECT_EQ(groups.body["logGroups"], Json::array()) << groups.text;
  }
  EXPECT_EQ(made("DescribeLogGroups", Json::object())["logGroups"].size(), 1u);
}

TEST_F(LogsWireTest, ARunOfAFunctionIsOneStreamOfItsLines) {
  ::paddock::lambda::StdoutRouter routed;
  const std::string zip = std::string("PK\x05\x06", 4) + std::string(18, '\0');
  CallResult created = emulator_.call("lambda", "CreateFunction",
                                      {{"FunctionName", "f"},
                                       {"Role", "arn:aws:iam::000000000000:role/r"},
                                       {"Runtime", "provided.al2023"},
                                       {"Handler", "speaking"},
                                       {"Code", {{"ZipFile", to_base64(zip)}}}});
  ASSERT_EQ(created.status, 201) << created.text;
  CallResult invoked = emulator_.call("lambda", "Invoke", {{"FunctionName", "f"}});
  ASSERT_EQ(invoked.status, 200) << invoked.text;
  emulator_.wait_idle();
  Json streams = made("DescribeLogStreams", {{"logGroupName", "/aws/lambda/f"}})["logStreams"];
  ASSERT_EQ(streams.size(), 1u);
  EXPECT_NE(streams[0]["logStreamName"].get<std::string>().find("[$LATEST]"), std::string::npos);
  Json events = made("GetLogEvents", {{"logGroupName", "/aws/lambda/f"},
                                      {"logStreamName", streams[0]["logStreamName"]},
                                      {"startFromHead", true}});
  const std::string id(invoked.headers.get("x-amzn-requestid"));
  std::string text;
  for (const std::string& message : wire_messages(events)) text += message + "\n";
  size_t start = text.find("START RequestId: " + id);
  size_t line = text.find("hello from the function");
  size_t end = text.find("END RequestId: " + id);
  size_t report = text.find("REPORT RequestId: " + id + "\tDuration: ");
  ASSERT_NE(report, std::string::npos) << text;
  EXPECT_LT(start, line) << text;
  EXPECT_LT(line, end) << text;
  EXPECT_LT(end, report) << text;
}

}  // namespace
}  // namespace paddock::services::logs
