// Asynchronous invocations: event invoke configs, retries, ages, destinations and dead letters.
#include "services/lambda/async.hpp"

#include "tests/services/lambda/lambda_fixture.hpp"

namespace paddock::services::lambda::testing {
namespace {

constexpr const char* kAsyncArn = "arn:aws:lambda:us-east-1:000000000000:function:";

class AsyncTest : public LambdaTest {
 protected:
  void SetUp() override {
    LambdaTest::SetUp();
    ASSERT_EQ(create("f", "failing").error, "");
    ASSERT_EQ(create("target", "scripted").error, "");
    platform().world.freeze();
  }
  Answer put(const Json& more, const std::string& operation = "PutFunctionEventInvokeConfig") {
    Json input = {{"FunctionName", "f"}};
    input.update(more);
    return call(operation, input);
  }
  static Json to(const std::string& direction, const std::string& arn) {
    return {{"DestinationConfig", {{direction, {{"Destination", arn}}}}}};
  }
  void invoke_event(const std::string& name = "f", const std::string& text = R"({"n":1})") {
    const Answer answer =
        call("Invoke",
             {{"FunctionName", name}, {"InvocationType", "Event"}, {"Payload", payload(text)}});
    ASSERT_EQ(answer.body["StatusCode"], 202);
    wait_quiet();
  }
  // What the function "target" was given.
  static std::vector<Json> records() {
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
    const Json events = platform().timeline.read(filter);
    for (const Json& event : events.at("Events")) {
      found.push_back(event.at("What").get<std::string>() + ": " +
                      event.at("Outcome").get<std::string>());
    }
    return found;
  }
  std::string lambda_arn(const std::string& name) { return kAsyncArn + name; }
};

TEST_F(AsyncTest, AConfigIsPutReplacedUpdatedAndDeleted) {
  const Answer made = put({{"MaximumRetryAttempts", 2}, {"MaximumEventAgeInSeconds", 60}});
  ASSERT_EQ(made.error, "") << made.message;
  EXPECT_EQ(made.body["FunctionArn"], lambda_arn("f") + ":$LATEST");
  EXPECT_EQ(made.body["DestinationConfig"],
            (Json{{"OnFailure", Json::object()}, {"OnSuccess", Json::object()}}));
  const Answer updated = put({{"MaximumRetryAttempts", 0}}, "UpdateFunctionEventInvokeConfig");
  EXPECT_EQ(updated.body["MaximumRetryAttempts"], 0);
  EXPECT_EQ(updated.body["MaximumEventAgeInSeconds"], 60);
  const Answer replaced = put({{"MaximumRetryAttempts", 1}});
  EXPECT_FALSE(replaced.body.contains("MaximumEventAgeInSeconds"));
  EXPECT_EQ(
      call("GetFunctionEventInvokeConfig", {{"FunctionName", "f"}, {"Qualifier", "$LATEST"}}).body,
      replaced.body);
  EXPECT_EQ(call("ListFunctionEventInvokeConfigs", {{"FunctionName", "f"}})
                .body["FunctionEventInvokeConfigs"],
            Json::array({replaced.body}));
  EXPECT_EQ(call("DeleteFunctionEventInvokeConfig", {{"FunctionName", "f"}}).error, "");
  const Answer gone = call("GetFunctionEventInvokeConfig", {{"FunctionName", "f"}});
  EXPECT_EQ(gone.error, "ResourceNotFoundException");
  EXPECT_EQ(gone.message,
            "The function " + lambda_arn("f") + ":$LATEST doesn't have an EventInvokeConfig");
}

TEST_F(AsyncTest, AConfigThatCannotBeIsRefused) {
  EXPECT_EQ(put(Json::object()).message,
            "You must specify at least one of error handling or destination setting.");
  EXPECT_EQ(put({{"FunctionName", "none"}, {"MaximumRetryAttempts", 1}}).message,
            "The function doesn't exist.");
  EXPECT_EQ(put(to("OnSuccess", lambda_arn("f"))).message,
            "You can't specify the function as a destination for itself.");
  EXPECT_EQ(put(to("OnSuccess", lambda_arn("none"))).message,
            "The destination ARN " + lambda_arn("none") + " is invalid.");
  const std::string role = "arn:aws:iam:us-east-1:000000000000:function:f";
  EXPECT_EQ(put(to("OnSuccess", role)).message,
            "The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=" +
                role + "), onFailure=null) is invalid.");
  EXPECT_EQ(put({{"MaximumRetryAttempts", 1}}, "UpdateFunctionEventInvokeConfig").message,
            "The function " + lambda_arn("f") + ":$LATEST doesn't have an EventInvokeConfig");
  EXPECT_EQ(call("ListFunctionEventInvokeConfigs", {{"FunctionName", "none"}}).message,
            "The function doesn't exist.");
}

TEST_F(AsyncTest, AFunctionTakesItsConfigAlong) {
  put({{"MaximumRetryAttempts", 0}});
  call("DeleteFunction", {{"FunctionName", "f"}});
  create("f", "failing");
  EXPECT_EQ(call("GetFunctionEventInvokeConfig", {{"FunctionName", "f"}}).error,
            "ResourceNotFoundException");
}

TEST_F(AsyncTest, AFunctionIsToldOfAFailureAfterTheLastRetry) {
  put(to("OnFailure", lambda_arn("target")));
  invoke_event();
  advance(std::chrono::seconds(60));
  EXPECT_TRUE(records().empty());
  advance(std::chrono::seconds(120));
  ASSERT_EQ(records().size(), 1u);
  const Json record = records()[0];
  EXPECT_EQ(record["version"], "1.0");
  EXPECT_EQ(record["requestContext"]["functionArn"], lambda_arn("f") + ":$LATEST");
  EXPECT_EQ(record["requestContext"]["condition"], "RetriesExhausted");
  EXPECT_EQ(record["requestContext"]["approximateInvokeCount"], 3);
  EXPECT_EQ(record["requestPayload"], (Json{{"n", 1}}));
  EXPECT_EQ(
      record["responseContext"],
      (Json{{"statusCode", 200}, {"executedVersion", "$LATEST"}, {"functionError", "Unhandled"}}));
  EXPECT_EQ(record["responsePayload"]["errorMessage"], "it broke");
}

TEST_F(AsyncTest, AFunctionIsToldOfASuccess) {
  create("good", "echo");
  put({{"FunctionName", "good"},
       {"DestinationConfig", {{"OnSuccess", {{"Destination", lambda_arn("target")}}}}}});
  invoke_event("good");
  ASSERT_EQ(records().size(), 1u);
  EXPECT_EQ(records()[0]["requestContext"]["condition"], "Success");
  EXPECT_EQ(records()[0]["requestContext"]["approximateInvokeCount"], 1);
  EXPECT_EQ(records()[0]["responseContext"],
            (Json{{"statusCode", 200}, {"executedVersion", "$LATEST"}}));
  EXPECT_EQ(records()[0]["responsePayload"], (Json{{"n", 1}}));
  EXPECT_EQ(deliveries(),
            std::vector<std::string>{"result to " + lambda_arn("target") + ": delivered"});
}

TEST_F(AsyncTest, TheConfigSetsTheNumberOfRetries) {
  Json config = to("OnFailure", lambda_arn("target"));
  config["MaximumRetryAttempts"] = 0;
  put(config);
  invoke_event();
  ASSERT_EQ(records().size(), 1u);
  EXPECT_EQ(records()[0]["requestContext"]["approximateInvokeCount"], 1);
}

TEST_F(AsyncTest, VersionsAndAliasesHaveConfigsOfTheirOwn) {
  call("PublishVersion", {{"FunctionName", "f"}});
  call("CreateAlias", {{"FunctionName", "f"}, {"Name", "live"}, {"FunctionVersion", "1"}});
  Json config = to("OnFailure", lambda_arn("target"));
  config["MaximumRetryAttempts"] = 0;
  config["Qualifier"] = "live";
  EXPECT_EQ(put(config).body["FunctionArn"], lambda_arn("f") + ":live");
  EXPECT_EQ(put({{"Qualifier", "1"}, {"MaximumRetryAttempts", 1}}).body["FunctionArn"],
            lambda_arn("f") + ":1");
  EXPECT_EQ(put({{"Qualifier", "none"}, {"MaximumRetryAttempts", 1}}).message,
            "The function doesn't exist.");
  EXPECT_EQ(call("ListFunctionEventInvokeConfigs", {{"FunctionName", "f"}})
                .body["FunctionEventInvokeConfigs"]
                .size(),
            2u);
  invoke_event("f:live");
  ASSERT_EQ(records().size(), 1u);
  EXPECT_EQ(records()[0]["requestContext"]["functionArn"], lambda_arn("f") + ":live");
  EXPECT_EQ(records()[0]["responseContext"]["executedVersion"], "1");
  call("DeleteAlias", {{"FunctionName", "f"}, {"Name", "live"}});
  EXPECT_EQ(
      call("GetFunctionEventInvokeConfig", {{"FunctionName", "f"}, {"Qualifier", "live"}}).error,
      "ResourceNotFoundException");
}

TEST_F(AsyncTest, AnEventEndsWithItsAge) {
  Json config = to("OnFailure", lambda_arn("target"));
  config["MaximumEventAgeInSeconds"] = 90;
  put(config);
  invoke_event();
  advance(std::chrono::seconds(60));
  ASSERT_EQ(records().size(), 1u);  // the second retry would come too late
  EXPECT_EQ(records()[0]["requestContext"]["condition"], "EventAgeExceeded");
  EXPECT_EQ(records()[0]["requestContext"]["approximateInvokeCount"], 2);
  EXPECT_EQ(reasons(),
            std::vector<std::string>{"dropped: the event is older than MaximumEventAgeInSeconds"});
}

TEST_F(AsyncTest, WithoutConcurrencyAnEventIsDroppedAtOnce) {
  put(to("OnFailure", lambda_arn("target")));
  call("PutFunctionConcurrency", {{"FunctionName", "f"}, {"ReservedConcurrentExecutions", 0}});
  invoke_event();
  ASSERT_EQ(records().size(), 1u);
  EXPECT_EQ(records()[0]["requestContext"]["condition"], "ZeroReservedConcurrency");
  EXPECT_EQ(records()[0]["requestContext"]["approximateInvokeCount"], 0);
  EXPECT_FALSE(records()[0].contains("responseContext"));
}

TEST_F(AsyncTest, ADeadLetterForAServiceThatIsNotHereIsTold) {
  const std::string queue = "arn:aws:sqs:us-east-1:000000000000:dead";
  const Answer changed =
      call("UpdateFunctionConfiguration",
           {{"FunctionName", "f"}, {"DeadLetterConfig", {{"TargetArn", queue}}}});
  ASSERT_EQ(changed.error, "") << changed.message;
  EXPECT_EQ(changed.body["DeadLetterConfig"]["TargetArn"], queue);
  put({{"MaximumRetryAttempts", 0}});
  invoke_event();
  EXPECT_EQ(deliveries(),
            std::vector<std::string>{"result to " + queue +
                                     ": not delivered: InternalFailure: The service sqs is not "
                                     "emulated here."});
  call("UpdateFunctionConfiguration",
       {{"FunctionName", "f"}, {"DeadLetterConfig", {{"TargetArn", ""}}}});
  EXPECT_FALSE(
      call("GetFunctionConfiguration", {{"FunctionName", "f"}}).body.contains("DeadLetterConfig"));
}

TEST(AsyncInvocation, IsReadBackAndInItsFirstVersionToo) {
  AsyncInvocation asked;
  asked.function = "f";
  asked.qualifier = "live";
  asked.payload = "{}";
  asked.failures = 2;
  EXPECT_EQ(asked.encode(),
            R"({"client_context":"","failures":2,"function":"f","invoked_arn":"","payload":"{}",)"
            R"("qualifier":"live","request_id":"","v":2})");
  EXPECT_EQ(AsyncInvocation::decode(asked.encode()).failures, 2u);
  const AsyncInvocation old = AsyncInvocation::decode(
      R"({"v":1,"function":"f","invoked_arn":"a","request_id":"r","client_context":"",)"
      R"("payload":"{}"})");
  EXPECT_EQ(old.qualifier, "");
  EXPECT_EQ(old.failures, 0u);
  EXPECT_ANY_THROW(AsyncInvocation::decode(R"({"v":3})"));
  EXPECT_ANY_THROW(AsyncInvocation::decode("garbage"));
}

TEST(DestinationCall, GoesToTheServiceOfTheArn) {
  DestinationMessage message;
  message.body = "{}";
  message.target = "arn:aws:sqs:eu-west-1:000000000000:q";
  message.attributes = {{"RequestID", "r"}, {"ErrorCode", "200"}};
  const DestinationCall queue = call_of(DestinationMessage::decode(message.encode()));
  EXPECT_EQ(queue.operation, "SendMessage");
  EXPECT_EQ(queue.region, "eu-west-1");
  EXPECT_EQ(queue.input["QueueUrl"], "https://sqs.eu-west-1.amazonaws.com/000000000000/q");
  EXPECT_EQ(queue.input["MessageAttributes"]["ErrorCode"],
            (Json{{"DataType", "Number"}, {"StringValue", "200"}}));
  message.target = "arn:aws:sns:eu-west-1:000000000000:t";
  EXPECT_EQ(call_of(message).input["TopicArn"], message.target);
  message.target = "arn:aws:events:eu-west-1:000000000000:event-bus/default";
  message.detail_type = "Lambda Function Invocation Result - Success";
  EXPECT_EQ(call_of(message).input["Entries"][0]["Source"], "lambda");
  message.target = "arn:aws:s3:::bucket";
  message.object_key = "aws/lambda/k";
  EXPECT_EQ(call_of(message).input["Bucket"], "bucket");
  message.target = "arn:aws:iam::000000000000:role/r";
  EXPECT_THROW(call_of(message), AwsError);
}

}  // namespace
}  // namespace paddock::services::lambda::testing
