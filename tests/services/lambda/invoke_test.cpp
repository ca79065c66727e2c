// Invoke, and what happens after an answer.
#include "core/text.hpp"
#include "events/metrics.hpp"
#include "services/lambda/limits.hpp"
#include "tests/services/lambda/lambda_fixture.hpp"

namespace paddock::services::lambda::testing {
namespace {

TEST_F(LambdaTest, AnInvocationAnswersWhatTheFunctionDid) {
  create("f", "echo");
  const Answer answer = call("Invoke", {{"FunctionName", "f"}, {"Payload", payload(R"({"a":1})")}});
  ASSERT_EQ(answer.error, "") << answer.message;
  EXPECT_EQ(answer.body["StatusCode"], 200);
  EXPECT_EQ(answer.body["ExecutedVersion"], "$LATEST");
  EXPECT_EQ(text_of(answer.body["Payload"]), R"({"a":1})");
  EXPECT_FALSE(answer.body.contains("FunctionError"));
  EXPECT_FALSE(answer.body.contains("LogResult"));
}

TEST_F(LambdaTest, AFunctionWithoutPayloadIsGivenAnEmptyObject) {
  create("f", "echo");
  EXPECT_EQ(text_of(call("Invoke", {{"FunctionName", "f"}}).body["Payload"]), "{}");
}

TEST_F(LambdaTest, AFailedFunctionIsStillAnAnswer) {
  create("f", "failing");
  const Answer answer = call("Invoke", {{"FunctionName", "f"}, {"LogType", "Tail"}});
  ASSERT_EQ(answer.error, "");
  EXPECT_EQ(answer.body["StatusCode"], 200);
  EXPECT_EQ(answer.body["FunctionError"], "Unhandled");
  const Json error = Json::parse(text_of(answer.body["Payload"]));
  EXPECT_EQ(error["errorMessage"], "it broke");
  EXPECT_EQ(error["errorType"], "Broken");
  const std::string log = from_base64(answer.body["LogResult"].get<std::string>()).value();
  EXPECT_TRUE(log.starts_with("START RequestId: ")) << log;
  EXPECT_NE(log.find("REPORT RequestId: "), std::string::npos);
}

TEST_F(LambdaTest, ADryRunDoesNotRun) {
  create("f", "scripted");
  const Answer answer = call("Invoke", {{"FunctionName", "f"}, {"InvocationType", "DryRun"}});
  EXPECT_EQ(answer.body["StatusCode"], 204);
  EXPECT_TRUE(script().requests().empty());
}

TEST_F(LambdaTest, APayloadThatIsNotJsonNeverReachesTheFunction) {
  create("f", "scripted");
  const Answer answer = call("Invoke", {{"FunctionName", "f"}, {"Payload", payload("{oops")}});
  EXPECT_EQ(answer.error, "InvalidRequestContentException");
  EXPECT_TRUE(answer.message.starts_with("Could not parse request body into json: "));
  EXPECT_TRUE(script().requests().empty());
}

TEST_F(LambdaTest, PayloadsEndAtTheirLimits) {
  create("f", "scripted");
  const auto sized = [](size_t size) { return payload("\"" + std::string(size - 2, 'x') + "\""); };
  EXPECT_EQ(
      call("Invoke", {{"FunctionName", "f"}, {"Payload", sized(kMostSyncPayloadBytes)}}).error, "");
  const Answer sync =
      call("Invoke", {{"FunctionName", "f"}, {"Payload", sized(kMostSyncPayloadBytes + 1)}});
  EXPECT_EQ(sync.error, "RequestEntityTooLargeException");
  EXPECT_EQ(sync.message,
            "6291457 byte payload is too large for the RequestResponse invocation type (limit "
            "6291456 bytes)");
  EXPECT_EQ(sync.status, 413);
  const Answer later = call("Invoke", {{"FunctionName", "f"},
                                       {"InvocationType", "Event"},
                                       {"Payload", sized(kMostAsyncPayloadBytes + 1)}});
  EXPECT_EQ(later.message,
            "1048577 byte payload is too large for the Event invocation type (limit 1048576 "
            "bytes)");
}

TEST_F(LambdaTest, AReservedConcurrencyOfNoneThrottles) {
  create("f", "echo");
  call("PutFunctionConcurrency", {{"FunctionName", "f"}, {"ReservedConcurrentExecutions", 0}});
  const Answer answer = call("Invoke", {{"FunctionName", "f"}});
  EXPECT_EQ(answer.error, "TooManyRequestsException");
  EXPECT_EQ(answer.message, "Rate Exceeded.");
  EXPECT_EQ(answer.status, 429);
}

TEST_F(LambdaTest, OtherRuntimesAreCreatedAndSayThatTheyCannotRun) {
  Json input = function("f", "index.handler");
  input["Runtime"] = "java21";
  ASSERT_EQ(call("CreateFunction", input).error, "");
  const Answer answer = call("Invoke", {{"FunctionName", "f"}});
  EXPECT_EQ(answer.error, "InvalidRuntimeException");
  EXPECT_NE(answer.message.find("java21"), std::string::npos);
}

TEST_F(LambdaTest, AnEventInvocationRunsAfterItsAnswer) {
  create("f", "scripted");
  const Answer answer = call(
      "Invoke",
      {{"FunctionName", "f"}, {"InvocationType", "Event"}, {"Payload", payload(R"({"n":1})")}});
  EXPECT_EQ(answer.body["StatusCode"], 202);
  wait_quiet();
  ASSERT_EQ(script().requests().size(), 1u);
  EXPECT_EQ(script().requests()[0].payload, R"({"n":1})");
}

TEST_F(LambdaTest, AFailedEventInvocationIsTriedAfterOneAndTwoMinutesThenDropped) {
  create("f", "scripted");
  script().set(
      [](const invocation_request&) { return invocation_response::failure("no", "Broken"); });
  platform().world.freeze();
  call("Invoke", {{"FunctionName", "f"}, {"InvocationType", "Event"}});
  wait_quiet();
  EXPECT_EQ(script().requests().size(), 1u);
  advance(std::chrono::seconds(59));
  EXPECT_EQ(script().requests().size(), 1u);
  advance(std::chrono::seconds(1));
  EXPECT_EQ(script().requests().size(), 2u);
  advance(std::chrono::seconds(119));
  EXPECT_EQ(script().requests().size(), 2u);
  advance(std::chrono::seconds(1));
  EXPECT_EQ(script().requests().size(), 3u);
  advance(std::chrono::minutes(10));
  EXPECT_EQ(script().requests().size(), 3u);
  EXPECT_EQ(script().requests()[0].request_id, script().requests()[2].request_id);
  EXPECT_EQ(reasons(), std::vector<std::string>{"dropped: retry attempts exhausted"});
}

TEST_F(LambdaTest, AChangedFunctionRunsWithItsNewConfiguration) {
  create("f", "echo");
  call("Invoke", {{"FunctionName", "f"}});
  call("UpdateFunctionConfiguration", {{"FunctionName", "f"}, {"Handler", "failing"}});
  EXPECT_EQ(call("Invoke", {{"FunctionName", "f"}}).body["FunctionError"], "Unhandled");
}

TEST_F(LambdaTest, InvocationsAreCounted) {
  create("f", "failing");
  call("Invoke", {{"FunctionName", "f"}});
  call("Invoke", {{"FunctionName", "f"}});
  WorldTime from{0};
  const auto series = platform().metrics.read("000000000000", "AWS/Lambda", from,
                                              platform().world.now() + std::chrono::hours(1));
  std::map<std::string, double> sums;
  for (const auto& one : series) {
    for (const auto& minute : one.minutes) sums[one.name] += minute.sum;
  }
  EXPECT_EQ(sums["Invocations"], 2);
  EXPECT_EQ(sums["Errors"], 2);
  EXPECT_EQ(sums["Throttles"], 0);
  EXPECT_TRUE(sums.count("Duration"));
}

TEST_F(LambdaTest, WhatAFunctionPrintsIsInTheLogs) {
  create("f", "echo");
  call("Invoke", {{"FunctionName", "f"}});
  wait_quiet();
  const Answer found = call(
      "FilterLogEvents", {{"logGroupName", "/aws/lambda/f"}, {"filterPattern", "REPORT"}}, "logs");
  ASSERT_EQ(found.error, "") << found.message;
  ASSERT_EQ(found.body["events"].size(), 1u);
}

}  // namespace
}  // namespace paddock::services::lambda::testing
