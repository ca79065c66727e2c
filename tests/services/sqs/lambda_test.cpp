// What Lambda sends to queues: dead letters and destinations of asynchronous invocations.
#include <aws/lambda-runtime/runtime.h>

#include "services/sqs/support.hpp"

namespace paddock::services::sqs::tests {

namespace sqs_functions {

using aws::lambda_runtime::invocation_request;
using aws::lambda_runtime::invocation_response;

invocation_response fails(const invocation_request&) {
  return invocation_response::failure("no", "Broken");
}

constexpr lambda::EntryPoint kFunctions[] = {{"fails", &fails}};

}  // namespace sqs_functions

class QueuedResultsTest : public SqsTest {
 protected:
  void SetUp() override {
    emulator = std::make_unique<TestEmulator>(TestEmulator::in_memory_options(),
                                              sqs_functions::kFunctions);
    freeze();
  }
  void make_function(const Json& more) {
    Json input = {{"FunctionName", "f"},
                  {"Runtime", "provided.al2023"},
                  {"Handler", "fails"},
                  {"Role", "arn:aws:iam::000000000000:role/lambda"},
                  {"Code", {{"ZipFile", to_base64("PK\x05\x06" + std::string(18, '\0'))}}}};
    input.update(more);
    const CallResult made = emulator->call("lambda", "CreateFunction", input);
    ASSERT_TRUE(made.ok()) << made.text;
  }
  void invoke_and_give_up() {
    http::Headers headers;
    headers.add("X-Amz-Invocation-Type", "Event");
    const CallResult invoked =
        emulator->request("POST", "/2015-03-31/functions/f/invocations", headers, "{\"n\":1}");
    ASSERT_EQ(invoked.status, 202) << invoked.text;
    emulator->wait_idle();
    advance(minutes(10));
  }
};

// Row 20, the end of it: after the last retry the event itself is in the queue.
TEST_F(QueuedResultsTest, ADeadLetterIsTheEventWithTheErrorAsAttributes) {
  const std::string url = create("dead");
  make_function({{"DeadLetterConfig", {{"TargetArn", arn(url)}}}});
  invoke_and_give_up();
  const Json got = receive(url, {{"MessageAttributeNames", {"All"}}});
  ASSERT_EQ(bodies(got), Texts{"{\"n\":1}"});
  EXPECT_TRUE(got[0]["MessageAttributes"].contains("RequestID")) << got[0];
}

TEST_F(QueuedResultsTest, AFailureDestinationGetsTheRecordOfTheInvocation) {
  const std::string url = create("failures");
  make_function(Json::object());
  const CallResult set =
      emulator->call("lambda", "PutFunctionEventInvokeConfig",
                     {{"FunctionName", "f"},
                      {"MaximumRetryAttempts", 0},
                      {"DestinationConfig", {{"OnFailure", {{"Destination", arn(url)}}}}}});
  ASSERT_TRUE(set.ok()) << set.text;
  invoke_and_give_up();
  const Json got = receive(url);
  ASSERT_EQ(got.size(), 1u);
  const Json record = Json::parse(got[0]["Body"].get<std::string>());
  EXPECT_EQ(record["requestContext"]["condition"], "RetriesExhausted");
  EXPECT_EQ(record["requestPayload"], (Json{{"n", 1}}));
}

}  // namespace paddock::services::sqs::tests
