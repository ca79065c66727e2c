// Event source mappings on queues: what fails, what runs side by side, and what goes on after
// changes.
#include <atomic>
#include <set>

#include "tests/services/lambda/queue_mapping_fixture.hpp"

namespace paddock::services::lambda::testing {
namespace queue_mapping_tests {

TEST_F(QueueMappingTest, WhatFailsComesBackAfterItsTimeOut) {
  make_function();
  const std::string arn = make_queue("queue", {{"VisibilityTimeout", "40"}});
  std::atomic<int> runs{0};
  script().set([&runs](const invocation_request&) {
    return ++runs == 1 ? invocation_response::failure("no", "Broken")
                       : invocation_response::success("null", "application/json");
  });
  join(arn);
  send(arn, "m");
  wait_idle();
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(counts(arn), (Texts{"0", "1", "0"}));
  advance(seconds(39));
  EXPECT_EQ(runs, 1);
  advance(seconds(1));
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(script().batches().at(1)[0]["attributes"]["ApproximateReceiveCount"], "2");
  EXPECT_EQ(counts(arn), (Texts{"0", "0", "0"}));
}

// Row 5 too: as many deliveries as maxReceiveCount says.
TEST_F(QueueMappingTest, WhatFailsTooOftenIsADeadLetter) {
  make_function("f", 3, "failing");
  const std::string dead = make_queue("dead");
  const std::string arn = make_queue(
      "queue",
      {{"RedrivePolicy", Json{{"deadLetterTargetArn", dead}, {"maxReceiveCount", 2}}.dump()}});
  join(arn);
  send(arn, "m");
  wait_idle();
  EXPECT_EQ(counts(dead), (Texts{"0", "0", "0"}));
  advance(seconds(30));
  EXPECT_EQ(counts(dead), (Texts{"0", "0", "0"}));
  advance(seconds(30));
  EXPECT_EQ(counts(arn), (Texts{"0", "0", "0"}));
  EXPECT_EQ(counts(dead), (Texts{"1", "0", "0"}));
  events::TimelineFilter filter;
  filter.kind = "batch";
  EXPECT_EQ(emulator_->platform().timeline.read(filter)["Events"].size(), 2u);
}

TEST_F(QueueMappingTest, AThrottledFunctionLeavesTheMessages) {
  make_function();
  const std::string arn = make_queue("queue");
  ASSERT_TRUE(
      lambda("PutFunctionConcurrency", {{"FunctionName", "f"}, {"ReservedConcurrentExecutions", 0}})
          .ok());
  join(arn);
  send(arn, "m");
  wait_idle();
  EXPECT_EQ(delivered(), Texts{});
  EXPECT_EQ(counts(arn), (Texts{"0", "1", "0"}));
  ASSERT_TRUE(lambda("DeleteFunctionConcurrency", {{"FunctionName", "f"}}).ok());
  advance(seconds(30));
  EXPECT_EQ(delivered(), Texts{"m"});
}

// Row 17.
TEST_F(QueueMappingTest, OnlyReportedMessagesComeBack) {
  make_function();
  const std::string arn = make_queue("queue");
  std::atomic<int> runs{0};
  script().set([&runs](const invocation_request& request) {
    Json failures = Json::array();
    const Json records = Json::parse(request.payload)["Records"];
    for (const Json& record : records) {
      if (runs == 0 && record["body"] == "bad") {
        failures.push_back({{"itemIdentifier", record["messageId"]}});
      }
    }
    ++runs;
    return invocation_response::success(Json{{"batchItemFailures", failures}}.dump(),
                                        "application/json");
  });
  for (const char* body : {"good", "bad", "fine"}) send(arn, body);
  join(arn, {{"FunctionResponseTypes", {"ReportBatchItemFailures"}}});
  wait_idle();
  EXPECT_EQ(counts(arn), (Texts{"0", "1", "0"}));
  advance(seconds(30));
  EXPECT_EQ(bodies(script().batches().at(1)), Texts{"bad"});
  EXPECT_EQ(counts(arn), (Texts{"0", "0", "0"}));
}

TEST_F(QueueMappingTest, AMalformedReportFailsTheWholeBatch) {
  make_function();
  // The function answers with the body of the message.
  script().set([](const invocation_request& request) {
    const std::string body = Json::parse(request.payload)["Records"][0]["body"];
    return invocation_response::success(body == "nothing" ? "" : body, "application/json");
  });
  const std::string arn = make_queue("queue");
  join(arn, {{"BatchSize", 1}, {"FunctionResponseTypes", {"ReportBatchItemFailures"}}});
  const Texts malformed = {R"({"batchItemFailures":[{"itemIdentifier":"unknown"}]})",
                           R"({"batchItemFailures":[{"itemIdentifier":""}]})",
                           R"({"batchItemFailures":[{"itemIdentifier":null}]})",
                           R"({"batchItemFailures":[{"foo":"notvalid"}]})",
                           R"({"batchItemFailures":["x"]})",
                           R"({"batchItemFailures":"x"})",
                           R"("text")"};
  for (const char* body :
       {"{}", "null", "nothing", R"({"batchItemFailures":[]})", R"({"batchItemFailures":null})"}) {
    send(arn, body);
    wait_idle();
    EXPECT_EQ(counts(arn), (Texts{"0", "0", "0"})) << body;
  }
  for (size_t i = 0; i < malformed.size(); ++i) {
    send(arn, malformed[i]);
    wait_idle();
    EXPECT_EQ(counts(arn), (Texts{"0", std::to_string(i + 1), "0"})) << malformed[i];
  }
}

// Row 19.
TEST_F(QueueMappingTest, BatchesRunSideBySideUpToTheMaximum) {
  make_function();
  const std::string arn = make_queue("queue");
  Door door;
  std::atomic<int> most{0};
  script().set([&](const invocation_request&) {
    door.pass();
    return invocation_response::success("null", "application/json");
  });
  join(arn, {{"BatchSize", 1}, {"ScalingConfig", {{"MaximumConcurrency", 2}}}});
  for (int i = 0; i < 6; ++i) send(arn, std::to_string(i));
  door.await(2);
  // A third would have been started by the time that this one's message is seen.
  EXPECT_EQ(counts(arn), (Texts{"4", "2", "0"}));
  EXPECT_EQ(script().requests().size(), 2u);
  door.open();
  wait_idle();
  EXPECT_EQ(delivered().size(), 6u);
  EXPECT_EQ(counts(arn), (Texts{"0", "0", "0"}));
}

TEST_F(QueueMappingTest, FiveBatchesRunSideBySideAtFirst) {
  make_function();
  const std::string arn = make_queue("queue");
  Door door;
  script().set([&](const invocation_request&) {
    door.pass();
    return invocation_response::success("null", "application/json");
  });
  for (int i = 0; i < 8; ++i) send(arn, std::to_string(i));
  join(arn, {{"BatchSize", 1}});
  door.await(5);
  EXPECT_EQ(counts(arn), (Texts{"3", "5", "0"}));
  door.open();
  wait_idle();
  EXPECT_EQ(delivered().size(), 8u);
}

// Row 19, and row 1: one batch of a group at a time, in order.
TEST_F(QueueMappingTest, OneBatchOfAGroupRunsAtATime) {
  make_function();
  const std::string arn = make_queue("queue.fifo");
  Door door;
  std::mutex mutex;
  std::map<std::string, int> inside;
  bool shared = false;
  script().set([&](const invocation_request& request) {
    const std::string group =
        Json::parse(request.payload)["Records"][0]["attributes"]["MessageGroupId"];
    {
      std::lock_guard lock(mutex);
      shared = shared || ++inside[group] > 1;
    }
    door.pass();
    std::lock_guard lock(mutex);
    --inside[group];
    return invocation_response::success("null", "application/json");
  });
  for (int i = 0; i < 4; ++i) {
    send_fifo(arn, "a" + std::to_string(i), "a");
    send_fifo(arn, "b" + std::to_string(i), "b");
  }
  join(arn, {{"BatchSize", 1}});
  door.await(2);  // both groups
  EXPECT_EQ(script().requests().size(), 2u);
  door.open();
  wait_idle();
  EXPECT_FALSE(shared);
  std::map<char, Texts> by_group;
  for (const std::string& body : delivered()) by_group[body[0]].push_back(body);
  EXPECT_EQ(by_group['a'], (Texts{"a0", "a1", "a2", "a3"}));
  EXPECT_EQ(by_group['b'], (Texts{"b0", "b1", "b2", "b3"}));
}

TEST_F(QueueMappingTest, AFailedMessageHoldsItsGroupAndNoOther) {
  make_function();
  const std::string arn = make_queue("queue.fifo");
  std::atomic<bool> broken{true};
  script().set([&](const invocation_request& request) {
    const std::string body = Json::parse(request.payload)["Records"][0]["body"];
    return broken && body == "a0" ? invocation_response::failure("no", "Broken")
                                  : invocation_response::success("null", "application/json");
  });
  for (int i = 0; i < 2; ++i) {
    send_fifo(arn, "a" + std::to_string(i), "a");
    send_fifo(arn, "b" + std::to_string(i), "b");
  }
  join(arn, {{"BatchSize", 1}});
  wait_idle();
  Texts first = delivered();
  std::sort(first.begin(), first.end());
  EXPECT_EQ(first, (Texts{"a0", "b0", "b1"}));
  broken = false;
  advance(seconds(30));
  const Texts all = delivered();
  EXPECT_EQ(Texts(all.end() - 2, all.end()), (Texts{"a0", "a1"}));
}

TEST_F(QueueMappingTest, ADisabledMappingLeavesTheMessages) {
  make_function();
  const std::string arn = make_queue("queue");
  const CallResult made = lambda("CreateEventSourceMapping", mapping(arn, {{"Enabled", false}}));
  EXPECT_EQ(made.body["State"], "Disabled");
  const std::string uuid = made.body["UUID"];
  send(arn, "m");
  wait_idle();
  EXPECT_EQ(counts(arn), (Texts{"1", "0", "0"}));
  EXPECT_EQ(lambda("UpdateEventSourceMapping", {{"UUID", uuid}, {"Enabled", true}}).body["State"],
            "Enabling");
  wait_idle();
  EXPECT_EQ(delivered(), Texts{"m"});
  EXPECT_EQ(lambda("UpdateEventSourceMapping", {{"UUID", uuid}, {"Enabled", false}}).body["State"],
            "Disabling");
  send(arn, "n");
  wait_idle();
  EXPECT_EQ(delivered(), Texts{"m"});
}

TEST_F(QueueMappingTest, ADeletedMappingRunsWhatItHasAndTakesNoMore) {
  make_function();
  const std::string arn = make_queue("queue");
  const std::string uuid = join(arn, {{"MaximumBatchingWindowInSeconds", 100}});
  send(arn, "m");
  wait_idle();
  EXPECT_EQ(lambda("DeleteEventSourceMapping", {{"UUID", uuid}}).body["State"], "Deleting");
  wait_idle();
  EXPECT_EQ(delivered(), Texts{"m"});
  send(arn, "n");
  wait_idle();
  EXPECT_EQ(counts(arn), (Texts{"1", "0", "0"}));
  EXPECT_EQ(lambda("GetEventSourceMapping", {{"UUID", uuid}}).error(), "ResourceNotFoundException");
}

TEST_F(QueueMappingTest, AFunctionThatIsMadeAgainGoesOn) {
  make_function();
  const std::string arn = make_queue("queue");
  join(arn);
  ASSERT_TRUE(lambda("DeleteFunction", {{"FunctionName", "f"}}).ok());
  send(arn, "m");
  wait_idle();
  EXPECT_EQ(counts(arn), (Texts{"1", "0", "0"}));
  make_function();
  wait_idle();
  EXPECT_EQ(delivered(), Texts{"m"});
}

TEST_F(QueueMappingTest, AQueueThatIsMadeAgainGoesOn) {
  make_function();
  const std::string arn = make_queue("queue");
  join(arn);
  sqs("DeleteQueue", {{"QueueUrl", url(arn)}});
  make_queue("queue");
  send(arn, "m");
  wait_idle();
  EXPECT_EQ(delivered(), Texts{"m"});
}

TEST_F(QueueMappingTest, AQueueWithoutATimeOutIsNotAskedAllTheTime) {
  make_function();
  const std::string arn = make_queue("queue");
  std::atomic<int> runs{0};
  script().set([&runs](const invocation_request&) {
    return ++runs < 3 ? invocation_response::failure("no", "Broken")
                      : invocation_response::success("null", "application/json");
  });
  join(arn);
  sqs("SetQueueAttributes", {{"QueueUrl", url(arn)}, {"Attributes", {{"VisibilityTimeout", "0"}}}});
  send(arn, "m");
  wait_idle();
  EXPECT_GE(runs, 3);
  EXPECT_LT(runs, 20);
  EXPECT_EQ(counts(arn), (Texts{"0", "0", "0"}));
}

TEST_F(QueueMappingTest, MappingsAndMessagesInFlightOutliveARestart) {
  const TempDir dir;
  start(TestEmulator::durable_options(dir.path()));
  make_function();
  const std::string arn = make_queue("queue");
  join(arn, {{"MaximumBatchingWindowInSeconds", 25}});
  send(arn, "gathered");
  wait_idle();
  EXPECT_EQ(counts(arn), (Texts{"0", "1", "0"}));
  start(TestEmulator::durable_options(dir.path()));
  wait_idle();
  EXPECT_EQ(delivered(), Texts{});
  advance(seconds(60));  // its time-out, then the window
  EXPECT_EQ(delivered(), Texts{"gathered"});
  EXPECT_EQ(script().batches()[0][0]["attributes"]["ApproximateReceiveCount"], "2");
  EXPECT_EQ(counts(arn), (Texts{"0", "0", "0"}));
  emulator_.reset();  // before its directory
}

TEST_F(QueueMappingTest, AVersionAndAnAliasAreInvoked) {
  make_function();
  const std::string version =
      lambda("PublishVersion", {{"FunctionName", "f"}}).body.value("Version", "");
  ASSERT_TRUE(
      lambda("CreateAlias", {{"FunctionName", "f"}, {"Name", "live"}, {"FunctionVersion", version}})
          .ok());
  const std::string arn = make_queue("queue");
  const CallResult made =
      lambda("CreateEventSourceMapping", mapping(arn, {{"FunctionName", "f:live"}}));
  EXPECT_EQ(made.body["FunctionArn"], "arn:aws:lambda:us-east-1:000000000000:function:f:live");
  send(arn, "m");
  wait_idle();
  ASSERT_EQ(script().requests().size(), 1u);
  EXPECT_EQ(script().requests()[0].function_arn,
            "arn:aws:lambda:us-east-1:000000000000:function:f:live");
}

}  // namespace queue_mapping_tests
}  // namespace paddock::services::lambda::testing
