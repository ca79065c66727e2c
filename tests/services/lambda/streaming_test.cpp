// Streamed answers of functions in Node.js: as events, and by URL.
#include "support/test_emulator.hpp"
#include "tests/services/lambda/user_code_fixture.hpp"
#include "wire/event_stream.hpp"

namespace paddock::services::lambda::testing {
namespace {

using ::paddock::testing::CallResult;
using ::paddock::testing::TestEmulator;

class StreamingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::paddock::lambda::find_program("node", Options().search_path).empty()) {
      GTEST_SKIP() << "no Node.js here";
    }
    script().set({});
    emulator_ = std::make_unique<TestEmulator>(TestEmulator::in_memory_options(), kFunctions);
  }
  void make_function(const std::string& source, const std::string& runtime = "nodejs20.x") {
    const std::string zip = ::paddock::testing::make_zip({{"index.js", source}});
    const CallResult made =
        emulator_->call("lambda", "CreateFunction",
                        {{"FunctionName", "f"},
                         {"Role", "arn:aws:iam::000000000000:role/r"},
                         {"Runtime", runtime},
                         {"Handler", runtime == "nodejs20.x" ? "index.handler" : "echo"},
                         {"Timeout", 20},
                         {"Code", {{"ZipFile", to_base64(zip)}}}});
    ASSERT_EQ(made.status, 201) << made.text;
  }
  struct Streamed {
    int status = 0;
    std::string payload;
    size_t chunks = 0;
    Json complete;
  };
  Streamed invoke(const std::string& payload = "{}") {
    http::Headers headers;
    headers.set("X-Amz-Log-Type", "Tail");
    const CallResult got = emulator_->request(
        "POST", "/2021-11-15/functions/f/response-streaming-invocations", headers, payload);
    Streamed streamed;
    streamed.status = got.status;
    if (got.status != 200) {
      streamed.payload = got.text;
      return streamed;
    }
    wire::EventDecoder decoder;
    decoder.add(got.text);
    while (const auto message = decoder.take()) {
      if (message->text(":event-type") == "PayloadChunk") {
        streamed.payload += message->payload;
        ++streamed.chunks;
      } else {
        EXPECT_EQ(message->text(":event-type"), "InvokeComplete");
        streamed.complete = Json::parse(message->payload);
      }
    }
    EXPECT_TRUE(decoder.at_boundary());
    return streamed;
  }
  CallResult ask(const std::string& mode) {
    const CallResult made =
        emulator_->call("lambda", "CreateFunctionUrlConfig",
                        {{"FunctionName", "f"}, {"AuthType", "NONE"}, {"InvokeMode", mode}});
    EXPECT_EQ(made.status, 201) << made.text;
    EXPECT_EQ(made.body["InvokeMode"], mode);
    const std::string url = made.body["FunctionUrl"];
    const std::string id = url.substr(7, url.find('.') - 7);
    return emulator_->get("/_aws/lambda-url/" + id + "/");
  }

  std::unique_ptr<TestEmulator> emulator_;
};

TEST_F(StreamingTest, PiecesComeAsEventsWithACompletion) {
  make_function(R"js(
    exports.handler = awslambda.streamifyResponse(async (event, out) => {
      out.setContentType('text/plain');
      out.write('one ');
      await new Promise(done => setTimeout(done, 20));
      out.write('two');
      out.end();
    });)js");
  const Streamed got = invoke();
  EXPECT_EQ(got.status, 200) << got.payload;
  EXPECT_EQ(got.payload, "one two");
  EXPECT_GE(got.chunks, 2u);
  EXPECT_FALSE(got.complete.contains("ErrorCode"));
  const std::string log = from_base64(got.complete["LogResult"].get<std::string>()).value();
  EXPECT_NE(log.find("REPORT RequestId: "), std::string::npos);
}

TEST_F(StreamingTest, AnAnswerThatIsNotStreamedIsOnePiece) {
  make_function("exports.handler = async event => ({got: event})");
  const Streamed got = invoke(R"({"a":1})");
  EXPECT_EQ(got.payload, R"({"got":{"a":1}})");
  EXPECT_EQ(got.chunks, 1u);
}

TEST_F(StreamingTest, AnErrorAfterTheBeginningIsInTheCompletion) {
  make_function(R"js(
    exports.handler = awslambda.streamifyResponse(async (event, out) => {
      out.write('half');
      await new Promise(done => setTimeout(done, 20));
      throw new RangeError('it broke');
    });)js");
  const Streamed got = invoke();
  EXPECT_EQ(got.payload, "half");
  EXPECT_EQ(got.complete["ErrorCode"], "Unhandled");
  EXPECT_EQ(Json::parse(got.complete["ErrorDetails"].get<std::string>())["errorMessage"],
            "it broke");
}

TEST_F(StreamingTest, AStreamMayBeLongerThanAnAnswerButNotEndless) {
  make_function(R"js(
    exports.handler = awslambda.streamifyResponse(async (event, out) => {
      const piece = Buffer.alloc(1024 * 1024, 'x');
      for (let i = 0; i < event.megabytes; ++i) {
        if (!out.write(piece)) await new Promise(done => out.once('drain', done));
      }
      out.end();
    });)js");
  const Streamed long_one = invoke(R"({"megabytes":8})");
  EXPECT_EQ(long_one.payload.size(), 8u * 1024 * 1024);
  EXPECT_FALSE(long_one.complete.contains("ErrorCode"));
  const Streamed too_long = invoke(R"({"megabytes":22})");
  EXPECT_LE(too_long.payload.size(), 20u * 1024 * 1024);
  EXPECT_EQ(Json::parse(too_long.complete["ErrorDetails"].get<std::string>())["errorType"],
            "Function.ResponseSizeTooLarge");
}

TEST_F(StreamingTest, AUrlStreamsWithTheFunctionsHead) {
  make_function(R"js(
    exports.handler = awslambda.streamifyResponse(async (event, out) => {
      out = awslambda.HttpResponseStream.from(out, {statusCode: 201,
        headers: {'Content-Type': 'text/html', 'X-Own': 'yes'}, cookies: ['a=1']});
      out.write('<p>');
      out.write('streamed');
      out.end();
    });)js");
  const CallResult got = ask("RESPONSE_STREAM");
  EXPECT_EQ(got.status, 201);
  EXPECT_EQ(got.text, "<p>streamed");
  EXPECT_EQ(got.headers.get("content-type"), "text/html");
  EXPECT_EQ(got.headers.get("x-own"), "yes");
  EXPECT_EQ(got.headers.get("set-cookie"), "a=1");
  EXPECT_EQ(got.headers.get("transfer-encoding"), "chunked");
}

TEST_F(StreamingTest, AUrlStreamsWithoutAHead) {
  make_function(R"js(
    exports.handler = awslambda.streamifyResponse(async (event, out) => {
      out.setContentType('text/plain');
      out.end('plain');
    });)js");
  const CallResult got = ask("RESPONSE_STREAM");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.text, "plain");
  EXPECT_EQ(got.headers.get("content-type"), "text/plain");
}

TEST_F(StreamingTest, AUrlThatBuffersHasTheWholeAnswer) {
  make_function(R"js(
    exports.handler = awslambda.streamifyResponse(async (event, out) => {
      out.write('{"a":');
      out.end('1}');
    });)js");
  EXPECT_EQ(ask("BUFFERED").text, R"({"a":1})");
}

TEST_F(StreamingTest, AFunctionThatFailsFirstIsABadGateway) {
  make_function("exports.handler = async () => { throw new Error('no'); }");
  EXPECT_EQ(ask("RESPONSE_STREAM").status, 502);
  const Streamed got = invoke();
  EXPECT_EQ(got.chunks, 0u);
  EXPECT_EQ(got.complete["ErrorCode"], "Unhandled");
}

TEST_F(StreamingTest, WhatCannotRunIsRefusedBeforeTheStream) {
  EXPECT_EQ(invoke().status, 404);
  make_function("exports.handler = async () => 1");
  EXPECT_EQ(invoke("{oops").status, 400);
  emulator_->call("lambda", "PutFunctionConcurrency",
                  {{"FunctionName", "f"}, {"ReservedConcurrentExecutions", 0}});
  EXPECT_EQ(invoke().status, 429);
}

}  // namespace
}  // namespace paddock::services::lambda::testing
