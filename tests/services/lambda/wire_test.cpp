// Lambda through the wire, with DynamoDB's own streams.
#include "core/text.hpp"
#include "support/test_emulator.hpp"
#include "tests/services/lambda/lambda_fixture.hpp"

namespace paddock::services::lambda::testing {
namespace {

using ::paddock::testing::CallResult;
using ::paddock::testing::TempDir;
using ::paddock::testing::TestEmulator;

class WireTest : public ::testing::Test {
 protected:
  void SetUp() override {
    script().set({});
    start(TestEmulator::in_memory_options());
  }
  void TearDown() override { emulator_.reset(); }

  void start(const Options& options) {
    emulator_.reset();
    emulator_ = std::make_unique<TestEmulator>(options, kFunctions);
  }
  CallResult call(const std::string& operation, const Json& input,
                  const std::string& service = "lambda") {
    return emulator_->call(service, operation, input);
  }
  Json made(const std::string& operation, const Json& input,
            const std::string& service = "lambda") {
    CallResult result = call(operation, input, service);
    EXPECT_TRUE(result.ok()) << operation << ": " << result.text;
    return result.body.is_object() ? result.body : Json::object();
  }
  static Json wire_function(const std::string& name, const std::string& handler) {
    const std::string zip = std::string("PK\x05\x06", 4) + std::string(18, '\0');
    return {{"FunctionName", name},
            {"Role", "arn:aws:iam::000000000000:role/r"},
            {"Runtime", "provided.al2023"},
            {"Handler", handler},
            {"Code", {{"ZipFile", to_base64(zip)}}}};
  }
  void create_function(const std::string& name, const std::string& handler) {
    CallResult result = call("CreateFunction", wire_function(name, handler));
    ASSERT_EQ(result.status, 201) << result.text;
  }

  // A table with a stream, the function "scripted" and their mapping.
  void join(const Json& more = Json::object()) {
    create_function("reader", "scripted");
    Json table =
        made("CreateTable",
             {{"TableName", "visits"},
              {"BillingMode", "PAY_PER_REQUEST"},
              {"KeySchema", {{{"AttributeName", "id"}, {"KeyType", "HASH"}}}},
              {"AttributeDefinitions", {{{"AttributeName", "id"}, {"AttributeType", "S"}}}},
              {"StreamSpecification",
               {{"StreamEnabled", true}, {"StreamViewType", "NEW_AND_OLD_IMAGES"}}}},
             "dynamodb");
    stream_ = table["TableDescription"].value("LatestStreamArn", "");
    Json input = {{"FunctionName", "reader"},
                  {"EventSourceArn", stream_},
                  {"StartingPosition", "TRIM_HORIZON"}};
    input.update(more);
    CallResult result = call("CreateEventSourceMapping", input);
    ASSERT_EQ(result.status, 202) << result.text;
    mapping_ = result.body["UUID"];
  }
  CallResult put(const std::string& id) {
    CallResult result =
        call("PutItem", {{"TableName", "visits"}, {"Item", {{"id", {{"S", id}}}}}}, "dynamodb");
    EXPECT_EQ(result.status, 200) << result.text;
    return result;
  }
  // The keys of all records that reached the function, in order; a failed batch counts each time.
  static std::vector<std::string> wire_delivered() {
    std::vector<std::string> ids;
    for (const Json& batch : script().batches()) {
      for (const Json& record : batch) {
        ids.push_back(record.at("dynamodb").at("Keys").at("id").at("S"));
      }
    }
    return ids;
  }
  using Ids = std::vector<std::string>;

  std::unique_ptr<TestEmulator> emulator_;
  std::string stream_;
  std::string mapping_;
};

TEST_F(WireTest, AFunctionLives) {
  create_function("f", "echo");
  Json got = made("GetFunction", {{"FunctionName", "f"}});
  EXPECT_EQ(got["Configuration"]["State"], "Active");
  EXPECT_EQ(got["Configuration"]["Handler"], "echo");
  EXPECT_EQ(got["Configuration"]["FunctionArn"],
            "arn:aws:lambda:us-east-1:000000000000:function:f");
  Json changed = made("UpdateFunctionConfiguration",
                      {{"FunctionName", "f"}, {"Timeout", 7}, {"Description", "new"}});
  EXPECT_EQ(changed["Timeout"], 7);
  EXPECT_EQ(made("GetFunctionConfiguration", {{"FunctionName", "f"}})["Description"], "new");
  EXPECT_EQ(made("ListFunctions", Json::object())["Functions"].size(), 1u);
  EXPECT_EQ(call("CreateFunction", wire_function("f", "echo")).status, 409);
  EXPECT_TRUE(call("DeleteFunction", {{"FunctionName", "f"}}).ok());
  CallResult gone = call("GetFunction", {{"FunctionName", "f"}});
  EXPECT_EQ(gone.status, 404);
  EXPECT_EQ(gone.error(), "ResourceNotFoundException");
  EXPECT_EQ(gone.message(), "Function not found: arn:aws:lambda:us-east-1:000000000000:function:f");
}

TEST_F(WireTest, AnInvocationAnswersWithItsPayload) {
  create_function("f", "echo");
  CallResult result = call("Invoke", {{"FunctionName", "f"}, {"Payload", R"({"a":1})"}});
  EXPECT_EQ(result.status, 200);
  EXPECT_EQ(result.text, R"({"a":1})");
  EXPECT_EQ(result.headers.get("x-amz-executed-version"), "$LATEST");
  EXPECT_FALSE(result.headers.has("x-amz-function-error"));
  EXPECT_FALSE(result.headers.has("x-amz-log-result"));
}

TEST_F(WireTest, TheTailOfTheLogIsAHeader) {
  create_function("f", "failing");
  CallResult result =
      call("Invoke", {{"FunctionName", "f"}, {"LogType", "Tail"}, {"Payload", "{}"}});
  EXPECT_EQ(result.status, 200);
  EXPECT_EQ(result.headers.get("x-amz-function-error"), "Unhandled");
  EXPECT_EQ(result.body["errorMessage"], "it broke");
  const std::string log = from_base64(result.headers.get("x-amz-log-result")).value_or("");
  for (const char* line : {"START RequestId: ", "END RequestId: ", "REPORT RequestId: "}) {
    EXPECT_NE(log.find(line + std::string(result.headers.get("x-amzn-requestid"))),
              std::string::npos)
        << line << log;
  }
}

TEST_F(WireTest, OtherKindsOfInvocationsAnswerAtOnce) {
  create_function("f", "scripted");
  CallResult dry = call("Invoke", {{"FunctionName", "f"}, {"InvocationType", "DryRun"}});
  EXPECT_EQ(dry.status, 204);
  emulator_->wait_idle();
  EXPECT_TRUE(script().requests().empty());
  CallResult later = call(
      "Invoke", {{"FunctionName", "f"}, {"InvocationType", "Event"}, {"Payload", R"({"n":1})"}});
  EXPECT_EQ(later.status, 202);
  EXPECT_EQ(later.text, "");
  emulator_->wait_idle();
  ASSERT_EQ(script().requests().size(), 1u);
  EXPECT_EQ(script().requests()[0].payload, R"({"n":1})");
  EXPECT_EQ(script().requests()[0].request_id, later.headers.get("x-amzn-requestid"));
}

TEST_F(WireTest, BadInvocationsAreRefused) {
  create_function("f", "scripted");
  CallResult bad = call("Invoke", {{"FunctionName", "f"}, {"Payload", "{oops"}});
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(bad.error(), "InvalidRequestContentException");
  EXPECT_EQ(call("Invoke", {{"FunctionName", "none"}}).status, 404);
  EXPECT_EQ(call("Invoke", {{"FunctionName", "f"}, {"InvocationType", "Sometimes"}}).status, 400);
  EXPECT_TRUE(script().requests().empty());
}

TEST_F(WireTest, ABatchOfATablesStreamIsDelivered) {
  join();
  put("one");
  emulator_->wait_idle();
  ASSERT_EQ(wire_delivered(), Ids{"one"});
  const Json record = script().batches()[0][0];
  EXPECT_EQ(record["eventName"], "INSERT");
  EXPECT_EQ(record["eventSource"], "aws:dynamodb");
  EXPECT_EQ(record["eventVersion"], "1.1");
  EXPECT_EQ(record["eventSourceARN"], stream_);
  EXPECT_EQ(record["awsRegion"], "us-east-1");
  EXPECT_FALSE(record["eventID"].get<std::string>().empty());
  EXPECT_EQ(record["dynamodb"]["NewImage"], (Json{{"id", {{"S", "one"}}}}));
  EXPECT_EQ(record["dynamodb"]["StreamViewType"], "NEW_AND_OLD_IMAGES");
  EXPECT_FALSE(record["dynamodb"]["SequenceNumber"].get<std::string>().empty());
  EXPECT_TRUE(record["dynamodb"]["ApproximateCreationDateTime"].is_number());
  EXPECT_EQ(made("GetEventSourceMapping", {{"UUID", mapping_}})["LastProcessingResult"], "OK");
}

TEST_F(WireTest, RecordsWrittenBeforeTheMappingAreReadFromTheHorizon) {
  join();
  made("DeleteEventSourceMapping", {{"UUID", mapping_}});
  EXPECT_EQ(call("GetEventSourceMapping", {{"UUID", mapping_}}).status, 404);
  put("one");
  put("two");
  emulator_->wait_idle();
  EXPECT_TRUE(script().requests().empty());
  CallResult again = call("CreateEventSourceMapping", {{"FunctionName", "reader"},
                                                       {"EventSourceArn", stream_},
                                                       {"BatchSize", 1},
                                                       {"StartingPosition", "TRIM_HORIZON"}});
  ASSERT_EQ(again.status, 202) << again.text;
  emulator_->wait_idle();
  EXPECT_EQ(wire_delivered().size(), 2u);
  EXPECT_EQ(script().batches().size(), 2u);
}

TEST_F(WireTest, ADisabledMappingWaits) {
  join({{"Enabled", false}});
  put("one");
  emulator_->wait_idle();
  EXPECT_TRUE(script().requests().empty());
  EXPECT_EQ(made("GetEventSourceMapping", {{"UUID", mapping_}})["State"], "Disabled");
  made("UpdateEventSourceMapping", {{"UUID", mapping_}, {"Enabled", true}});
  emulator_->wait_idle();
  EXPECT_EQ(wire_delivered(), Ids{"one"});
}

TEST_F(WireTest, AFailedBatchIsTriedAgain) {
  join();
  script().set([](const invocation_request&) {
    return script().requests().size() == 1 ? invocation_response::failure("no", "Broken")
                                           : invocation_response::success("{}", "application/json");
  });
  put("one");
  emulator_->wait_idle();
  EXPECT_EQ(wire_delivered(), (Ids{"one", "one"}));
}

TEST_F(WireTest, ThePositionOutlivesARestart) {
  TempDir directory;
  start(TestEmulator::durable_options(directory.path()));
  join();
  put("one");
  emulator_->wait_idle();
  EXPECT_EQ(wire_delivered(), Ids{"one"});
  script().set({});
  start(TestEmulator::durable_options(directory.path()));
  emulator_->wait_idle();
  EXPECT_TRUE(script().requests().empty());
  put("two");
  emulator_->wait_idle();
  EXPECT_EQ(wire_delivered(), Ids{"two"});
  emulator_.reset();  // before its directory
}

TEST_F(WireTest, AFunctionIsCalledByEveryFormOfItsName) {
  create_function("f", "echo");
  for (const char* name : {"f", "f:$LATEST", "000000000000:function:f",
                           "arn:aws:lambda:us-east-1:000000000000:function:f",
                           "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST"}) {
    CallResult result = call("Invoke", {{"FunctionName", name}, {"Payload", "7"}});
    EXPECT_EQ(result.status, 200) << name << result.text;
    EXPECT_EQ(result.text, "7") << name;
  }
}

TEST_F(WireTest, ARetryOutlivesARestart) {
  TempDir directory;
  start(TestEmulator::durable_options(directory.path()));
  script().set(
      [](const invocation_request&) { return invocation_response::failure("no", "Broken"); });
  create_function("f", "scripted");
  emulator_->platform().world.freeze();
  CallResult later = call(
      "Invoke", {{"FunctionName", "f"}, {"InvocationType", "Event"}, {"Payload", R"({"n":1})"}});
  emulator_->wait_idle();
  EXPECT_EQ(script().requests().size(), 1u);
  script().set({});
  start(TestEmulator::durable_options(directory.path()));
  emulator_->wait_idle();
  EXPECT_TRUE(script().requests().empty());
  emulator_->advance(std::chrono::minutes(1));
  ASSERT_EQ(script().requests().size(), 1u);
  EXPECT_EQ(script().requests()[0].payload, R"({"n":1})");
  EXPECT_EQ(script().requests()[0].request_id, later.headers.get("x-amzn-requestid"));
  emulator_.reset();  // before its directory
}

TEST_F(WireTest, ADeletedTableLeavesAQuietMapping) {
  join();
  put("one");
  emulator_->wait_idle();
  made("DeleteTable", {{"TableName", "visits"}}, "dynamodb");
  emulator_->wait_idle();
  EXPECT_EQ(call("GetEventSourceMapping", {{"UUID", mapping_}}).status, 200);
  EXPECT_EQ(wire_delivered(), Ids{"one"});
  EXPECT_TRUE(call("DeleteEventSourceMapping", {{"UUID", mapping_}}).ok());
}

TEST_F(WireTest, AResetEndsFunctionsAndMappings) {
  join();
  ASSERT_EQ(emulator_->post("/_paddock/reset").status, 200);
  EXPECT_EQ(call("GetFunction", {{"FunctionName", "reader"}}).status, 404);
  EXPECT_EQ(call("GetEventSourceMapping", {{"UUID", mapping_}}).status, 404);
  join();
  put("again");
  emulator_->wait_idle();
  EXPECT_EQ(wire_delivered(), Ids{"again"});
}

TEST_F(WireTest, AnEventInvocationKeepsItsCause) {
  create_function("f", "scripted");
  const std::string id(call("Invoke", {{"FunctionName", "f"}, {"InvocationType", "Event"}})
                           .headers.get("x-amzn-requestid"));
  emulator_->wait_idle();
  Json events = emulator_->get("/_paddock/timeline?cause=" + id + "&kind=function").body["Events"];
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]["What"], "function f");
}

TEST_F(WireTest, TheTimelineTellsTheChainFromTheCallToTheFunction) {
  join();
  const std::string id(put("one").headers.get("x-amzn-requestid"));
  emulator_->wait_idle();
  Json events = emulator_->get("/_paddock/timeline?cause=" + id).body.at("Events");
  std::vector<std::string> kinds;
  for (const Json& event : events) {
    EXPECT_EQ(event.at("Cause").at("RequestId"), id);
    kinds.push_back(event.at("Kind"));
  }
  std::sort(kinds.begin(), kinds.end());
  EXPECT_EQ(kinds, (std::vector<std::string>{"batch", "call", "function", "record"}))
      << events.dump(1);
}

}  // namespace
}  // namespace paddock::services::lambda::testing
