// Event source mappings on queues: as resources, and delivering messages.
#include <atomic>
#include <set>

#include "tests/services/lambda/queue_mapping_fixture.hpp"

namespace paddock::services::lambda::testing {
namespace queue_mapping_tests {

TEST_F(QueueMappingTest, IsAnsweredWithWhatQueuesHave) {
  make_function();
  const std::string arn = make_queue("queue");
  const CallResult made = lambda("CreateEventSourceMapping", mapping(arn));
  ASSERT_EQ(made.status, 202) << made.text;
  Json body = made.body;
  EXPECT_EQ(body["State"], "Creating");
  const std::string uuid = body["UUID"];
  body.erase("LastModified");
  EXPECT_EQ(body, (Json{{"UUID", uuid},
                        {"BatchSize", 10},
                        {"MaximumBatchingWindowInSeconds", 0},
                        {"EventSourceArn", arn},
                        {"EventSourceMappingArn",
                         "arn:aws:lambda:us-east-1:000000000000:event-source-mapping:" + uuid},
                        {"FunctionArn", "arn:aws:lambda:us-east-1:000000000000:function:f"},
                        {"FunctionResponseTypes", Json::array()},
                        {"State", "Creating"},
                        {"StateTransitionReason", "USER_INITIATED"}}));
  EXPECT_EQ(lambda("GetEventSourceMapping", {{"UUID", uuid}}).body["State"], "Enabled");
  const CallResult again = lambda("CreateEventSourceMapping", mapping(arn));
  EXPECT_EQ(again.error(), "ResourceConflictException");
  EXPECT_EQ(again.message(), "An event source mapping with SQS arn (\" " + arn +
                                 " \") and function (\" f \") already exists. Please update or "
                                 "delete the existing mapping with UUID " +
                                 uuid);
}

TEST_F(QueueMappingTest, IsListedByItsQueue) {
  make_function();
  const std::string uuid = join(make_queue("one"));
  const std::string disabled = join(make_queue("two"), {{"Enabled", false}});
  const auto listed = [this](const std::string& arn) {
    return emulator_->get("/2015-03-31/event-source-mappings?EventSourceArn=" + arn)
        .body["EventSourceMappings"];
  };
  const Json one = listed("arn:aws:sqs:us-east-1:000000000000:one");
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0]["UUID"], uuid);
  const Json two = listed("arn:aws:sqs:us-east-1:000000000000:two");
  ASSERT_EQ(two.size(), 1u);
  EXPECT_EQ(two[0]["State"], "Disabled");
  EXPECT_EQ(listed("arn:aws:sqs:us-east-1:000000000000:three"), Json::array());
}

TEST_F(QueueMappingTest, WhatDoesNotFitIsRefused) {
  make_function();
  make_function("slow", 31);
  const std::string arn = make_queue("queue");
  const std::string fifo = make_queue("queue.fifo");
  EXPECT_EQ(refusal("arn:aws:sqs:us-east-1:000000000000:none"),
            "Error occurred while ReceiveMessage. SQS Error Code: "
            "AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does "
            "not exist.");
  EXPECT_EQ(refusal(arn, {{"FunctionName", "none"}}), "Function does not exist");
  EXPECT_EQ(refusal(arn, {{"FunctionName", "slow"}}),
            "Queue visibility timeout: 30 seconds is less than Function timeout: 31 seconds");
  const std::string window =
      "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater "
      "than 10";
  EXPECT_EQ(refusal(arn, {{"BatchSize", 11}}), window);
  EXPECT_EQ(refusal(fifo, {{"BatchSize", 11}}), window);
  EXPECT_EQ(refusal(fifo, {{"BatchSize", 11}, {"MaximumBatchingWindowInSeconds", 1}}),
            "Batching window is not supported for FIFO queues");
  EXPECT_EQ(refusal(arn, {{"StartingPosition", "LATEST"}}),
            "StartingPosition is not valid for SQS event sources.");
  EXPECT_EQ(refusal(arn, {{"ParallelizationFactor", 2}}),
            "Unsupported ParallelizationFactor parameter for given event source mapping type.");
  EXPECT_EQ(refusal(arn, {{"MaximumRetryAttempts", 2}}),
            "Unsupported MaximumRetryAttempts parameter for given event source mapping type.");
  EXPECT_EQ(refusal(arn, {{"DestinationConfig", {{"OnFailure", {{"Destination", arn}}}}}}),
            "Unsupported DestinationConfig parameter for given event source mapping type.");
  for (const char* pattern : {"", "simple string", "{\"body\": \"text\"}"}) {
    EXPECT_EQ(
        refusal(arn, {{"FilterCriteria", {{"Filters", Json::array({{{"Pattern", pattern}}})}}}}),
        "Invalid filter pattern definition.");
  }
  EXPECT_EQ(lambda("CreateEventSourceMapping",
                   mapping(arn, {{"ScalingConfig", {{"MaximumConcurrency", 1}}}}))
                .error(),
            "ValidationException");
}

TEST_F(QueueMappingTest, AnUpdateIsHeldToTheSameRules) {
  make_function();
  make_function("slow", 31);
  const std::string uuid = join(make_queue("queue"));
  const auto update = [&](Json input) {
    input["UUID"] = uuid;
    return lambda("UpdateEventSourceMapping", input);
  };
  EXPECT_EQ(update({{"BatchSize", 20}}).error(), "InvalidParameterValueException");
  EXPECT_EQ(update({{"FunctionName", "slow"}}).error(), "InvalidParameterValueException");
  EXPECT_EQ(update({{"TumblingWindowInSeconds", 5}}).error(), "InvalidParameterValueException");
  const CallResult windowed = update({{"BatchSize", 20}, {"MaximumBatchingWindowInSeconds", 5}});
  EXPECT_EQ(windowed.body["State"], "Updating") << windowed.text;
  EXPECT_EQ(windowed.body["BatchSize"], 20);
  EXPECT_EQ(windowed.body["MaximumBatchingWindowInSeconds"], 5);
  EXPECT_EQ(update({{"ScalingConfig", {{"MaximumConcurrency", 7}}}}).body["ScalingConfig"],
            (Json{{"MaximumConcurrency", 7}}));
  EXPECT_FALSE(update({{"ScalingConfig", Json::object()}}).body.contains("ScalingConfig"));
}

TEST_F(QueueMappingTest, ARecordShowsTheMessage) {
  make_function();
  const std::string arn = make_queue("queue");
  join(arn);
  send(arn, "hello",
       {{"MessageAttributes",
         {{"n", {{"DataType", "Number"}, {"StringValue", "6"}}},
          {"b", {{"DataType", "Binary"}, {"BinaryValue", to_base64("\x01\x02")}}}}}});
  wait_idle();
  ASSERT_EQ(script().batches().size(), 1u);
  Json record = script().batches()[0].at(0);
  EXPECT_TRUE(record["messageId"].is_string());
  EXPECT_TRUE(record["receiptHandle"].is_string());
  EXPECT_EQ(record["md5OfMessageAttributes"].get<std::string>().size(), 32u);
  EXPECT_EQ(record["attributes"]["ApproximateReceiveCount"], "1");
  for (const char* name : {"SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp"}) {
    EXPECT_TRUE(record["attributes"].contains(name)) << name;
  }
  for (const char* name : {"messageId", "receiptHandle", "md5OfMessageAttributes", "attributes"}) {
    record.erase(name);
  }
  EXPECT_EQ(record, Json::parse(R"({
    "body": "hello",
    "messageAttributes": {
      "n": {"stringValue": "6", "stringListValues": [], "binaryListValues": [],
            "dataType": "Number"},
      "b": {"binaryValue": "AQI=", "stringListValues": [], "binaryListValues": [],
            "dataType": "Binary"}},
    "md5OfBody": "5d41402abc4b2a76b9719d911017c592",
    "eventSource": "aws:sqs",
    "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:queue",
    "awsRegion": "us-east-1"})"));
  EXPECT_EQ(counts(arn), (Texts{"0", "0", "0"}));
}

// Recorded: a mapping with a batching window names the digest also where there are no attributes.
TEST_F(QueueMappingTest, WithoutAttributesTheirDigestIsAbsentOrNull) {
  make_function();
  const std::string plain = make_queue("plain");
  const std::string windowed = make_queue("windowed");
  join(plain);
  join(windowed, {{"MaximumBatchingWindowInSeconds", 1}});
  send(plain, "m");
  wait_idle();
  EXPECT_FALSE(script().batches().at(0)[0].contains("md5OfMessageAttributes"));
  EXPECT_EQ(script().batches().at(0)[0]["messageAttributes"], Json::object());
  send(windowed, "m");
  advance(seconds(2));
  EXPECT_TRUE(script().batches().at(1)[0].at("md5OfMessageAttributes").is_null());
}

TEST_F(QueueMappingTest, AFunctionKnowsWhatSentTheMessage) {
  make_function();
  const std::string arn = make_queue("queue");
  const std::string uuid = join(arn);
  const CallResult sent =
      emulator_->call("sqs", "SendMessage", {{"QueueUrl", url(arn)}, {"MessageBody", "m"}});
  wait_idle();
  events::TimelineFilter filter;
  filter.kind = "batch";
  filter.cause = std::string(sent.headers.get("x-amzn-requestid"));
  EXPECT_EQ(emulator_->platform().timeline.read(filter)["Events"].size(), 1u);
}

TEST_F(QueueMappingTest, MessagesThatWereThereBeforeAreDelivered) {
  make_function();
  const std::string arn = make_queue("queue");
  for (int i = 0; i < 25; ++i) send(arn, std::to_string(i));
  join(arn);
  wait_idle();
  const Texts all = delivered();
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 25u);
  EXPECT_EQ(all.size(), 25u);
  for (const Json& batch : script().batches()) EXPECT_LE(batch.size(), 10u);
  EXPECT_EQ(counts(arn), (Texts{"0", "0", "0"}));
}

TEST_F(QueueMappingTest, ADelayedMessageIsDeliveredWhenItsTimeComes) {
  make_function();
  const std::string arn = make_queue("queue");
  join(arn);
  send(arn, "later", {{"DelaySeconds", 60}});
  wait_idle();
  EXPECT_EQ(delivered(), Texts{});
  advance(seconds(59));
  EXPECT_EQ(delivered(), Texts{});
  advance(seconds(1));
  EXPECT_EQ(delivered(), Texts{"later"});
}

TEST_F(QueueMappingTest, AWindowGathersABatchOfMoreThanTen) {
  make_function();
  const std::string arn = make_queue("queue");
  join(arn, {{"BatchSize", 15}, {"MaximumBatchingWindowInSeconds", 20}});
  for (int i = 0; i < 14; ++i) send(arn, std::to_string(i));
  wait_idle();
  EXPECT_EQ(delivered(), Texts{});
  EXPECT_EQ(counts(arn), (Texts{"0", "14", "0"}));  // out of sight from the receive on
  send(arn, "14");
  wait_idle();
  ASSERT_EQ(script().batches().size(), 1u);  // full: the window need not end
  EXPECT_EQ(script().batches()[0].size(), 15u);
  send(arn, "15");
  wait_idle();
  EXPECT_EQ(script().batches().size(), 1u);
  advance(seconds(20));
  ASSERT_EQ(script().batches().size(), 2u);
  EXPECT_EQ(bodies(script().batches()[1]), Texts{"15"});
  EXPECT_EQ(counts(arn), (Texts{"0", "0", "0"}));
}

TEST_F(QueueMappingTest, ABatchIsNoLargerThanAPayloadMayBe) {
  make_function();
  const std::string arn = make_queue("queue");
  const std::string large(1'000'000, 'x');
  for (int i = 0; i < 7; ++i) send(arn, large);
  join(arn, {{"MaximumBatchingWindowInSeconds", 5}});
  wait_idle();
  advance(seconds(5));
  ASSERT_EQ(script().requests().size(), 2u);
  size_t bytes = 0;
  for (const auto& request : script().requests()) {
    EXPECT_LE(request.payload.size(), 6'291'456u);
    bytes += request.payload.size();
  }
  EXPECT_GT(bytes, 7'000'000u);
  EXPECT_EQ(counts(arn), (Texts{"0", "0", "0"}));
}

TEST_F(QueueMappingTest, WhatDoesNotPassTheFilterIsDeleted) {
  make_function();
  const std::string arn = make_queue("queue");
  join(arn, with_pattern({{"body", {{"kind", {"wanted"}}}}}));
  send(arn, R"({"kind":"other"})");
  send(arn, "not json");
  send(arn, R"({"kind":"wanted"})");
  wait_idle();
  EXPECT_EQ(delivered(), Texts{R"({"kind":"wanted"})"});
  EXPECT_EQ(counts(arn), (Texts{"0", "0", "0"}));
}

TEST_F(QueueMappingTest, FiltersSeeTextAndAttributes) {
  make_function();
  const std::string text = make_queue("text");
  const std::string named = make_queue("named");
  join(text, with_pattern({{"body", {"exactly"}}}));
  join(named, with_pattern({{"messageAttributes", {{"to", {{"stringValue", {"me"}}}}}}}));
  send(text, "not exactly");
  send(text, "exactly");
  send(text, R"({"exactly":1})");
  send(named, "mine",
       {{"MessageAttributes", {{"to", {{"DataType", "String"}, {"StringValue", "me"}}}}}});
  send(named, "yours",
       {{"MessageAttributes", {{"to", {{"DataType", "String"}, {"StringValue", "you"}}}}}});
  wait_idle();
  const Texts all = delivered();
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()),
            (std::set<std::string>{"exactly", "mine"}));
}

}  // namespace queue_mapping_tests
}  // namespace paddock::services::lambda::testing
