// Functions in Node.js.
#include <fstream>
#include <thread>

#include "core/text.hpp"
#include "user_code_fixture.hpp"

namespace paddock::services::lambda::testing {
namespace {

class NodeTest : public UserCodeTest {
 protected:
  void SetUp() override {
    if (!has("node")) GTEST_SKIP() << "no Node.js here";
    UserCodeTest::SetUp();
  }
};

TEST_F(NodeTest, AHandlerGetsEventContextAndEnvironment) {
  Json more = {{"Environment", {{"Variables", {{"COLOUR", "red"}}}}}};
  node(R"js(
    exports.handler = async (event, context) => {
      console.log('two\nlines', event);
      console.error('wrong');
      return {event, context, left: context.getRemainingTimeInMillis(), pid: process.pid,
              cwd: process.cwd() === process.env.LAMBDA_TASK_ROOT,
              env: [process.env.COLOUR, process.env.AWS_REGION, process.env.TZ,
                    process.env._HANDLER, process.env.AWS_LAMBDA_FUNCTION_NAME,
                    process.env.AWS_EXECUTION_ENV]};
    };)js",
       more);
  const Run first = run(R"({"a":[1,"é"]})");
  ASSERT_FALSE(first.failed) << first.text;
  EXPECT_EQ(first.body["event"], Json::parse(R"({"a":[1,"é"]})"));
  EXPECT_EQ(first.body["env"],
            Json({"red", "us-east-1", ":UTC", "index.handler", "f", "AWS_Lambda_nodejs20.x"}));
  const Json& context = first.body["context"];
  EXPECT_EQ(context["functionName"], "f");
  EXPECT_EQ(context["functionVersion"], "$LATEST");
  EXPECT_EQ(context["memoryLimitInMB"], "128");
  EXPECT_EQ(context["logGroupName"], "/aws/lambda/f");
  EXPECT_EQ(context["invokedFunctionArn"], "arn:aws:lambda:us-east-1:000000000000:function:f");
  EXPECT_EQ(context["callbackWaitsForEmptyEventLoop"], true);
  EXPECT_GT(first.body["left"], 0);
  EXPECT_EQ(first.body["cwd"], true);
  const std::string id = context["awsRequestId"];
  EXPECT_NE(first.log.find("START RequestId: " + id + " Version: $LATEST\n"), std::string::npos);
  EXPECT_NE(first.log.find("\t" + id + "\tINFO\ttwo\nlines { a: [ 1, 'é' ] }\n"), std::string::npos)
      << first.log;
  EXPECT_NE(first.log.find("\t" + id + "\tERROR\twrong\n"), std::string::npos);
  EXPECT_NE(first.log.find("\tInit Duration: "), std::string::npos);
  // The second finds the same process.
  const Run second = run();
  EXPECT_EQ(second.body["pid"], first.body["pid"]);
  EXPECT_EQ(second.log.find("Init Duration"), std::string::npos);
}

TEST_F(NodeTest, EveryStyleOfHandlerAnswers) {
  const std::vector<std::tuple<std::string, std::string, std::string, std::string>> styles{
      {"index.handler", "index.js", "exports.handler = (e, c, done) => done(null, 1)", "1"},
      {"src/a.b.c", "src/a.js",
       "exports.b = {c: (e, x, done) => { setTimeout(() => done(null, 2), 5) }}", "2"},
      {"index.handler", "index.js", "exports.handler = (e, c) => { c.succeed({n: 3}) }",
       R"({"n":3})"},
      {"index.handler", "index.js", "exports.handler = (e, c) => { c.done(null, 4) }", "4"},
      {"index.handler", "index.mjs", "import 'fs'; export const handler = async () => 5", "5"},
      {"index.handler", "index.cjs", "exports.handler = async () => undefined", "null"},
      {"index.handler", "index.js", "exports.handler = () => {}", "null"},
      {"index.handler", "index.js",
       "exports.handler = (e, c, done) => { c.callbackWaitsForEmptyEventLoop = false;"
       " setInterval(() => {}, 1000); done(null, 6) }",
       "6"},
      {"index.handler", "index.js",
       "exports.handler = awslambda.streamifyResponse(async (e, out) => {"
       " out.write('a'); out.write('b'); out.end('c') })",
       "abc"},
  };
  int number = 0;
  for (const auto& [handler, file, source, expected] : styles) {
    const std::string name = "f" + std::to_string(number++);
    ASSERT_EQ(call("CreateFunction", input_of(name, "nodejs4.3", handler, {{file, source}})).error,
              "");
    const Run answer = run("{}", name);
    EXPECT_EQ(answer.text, expected) << source << "\n" << answer.log;
    EXPECT_FALSE(answer.failed);
  }
}

TEST_F(NodeTest, ErrorsComeAsTheRuntimeWritesThem) {
  node(R"js(
    exports.handler = (event, context, callback) => {
      switch (event.how) {
        case 'throw': throw new TypeError('thrown');
        case 'callback': return callback(new RangeError('called back'));
        case 'text': return callback('just text');
        case 'fail': return context.fail(new Error('failed'));
        case 'reject': return Promise.reject(new Error('rejected'));
        case 'circle': { const o = {}; o.o = o; return callback(null, o); }
        case 'loose': setTimeout(() => { throw new Error('nobody catches') }, 1); return;
        case 'lost': Promise.reject(new Error('nobody waits')); setTimeout(() => {}, 1000); return;
      }
      callback(null, 'fine');
    };)js");
  const auto expect = [&](const char* how, const char* type, const char* message) {
    const Run answer = run(Json{{"how", how}}.dump());
    EXPECT_TRUE(answer.failed) << how;
    EXPECT_EQ(answer.type(), type) << how;
    EXPECT_EQ(answer.message(), message) << how;
    EXPECT_TRUE(answer.body["trace"].is_array()) << how;
    EXPECT_NE(answer.log.find("\tERROR\t"), std::string::npos) << how;
  };
  expect("throw", "TypeError", "thrown");
  expect("callback", "RangeError", "called back");
  expect("text", "string", "just text");
  expect("fail", "Error", "failed");
  expect("reject", "Error", "rejected");
  expect("circle", "Error", "Unable to stringify response body");
  expect("loose", "Error", "nobody catches");
  expect("lost", "Runtime.UnhandledPromiseRejection", "Error: nobody waits");
  EXPECT_EQ(run().text, "\"fine\"");
}

TEST_F(NodeTest, AStreamedAnswerHasItsPreludeAndTellsOfAnError) {
  node(R"js(
    exports.handler = awslambda.streamifyResponse(async (event, out) => {
      if (event.early) throw new TypeError('before');
      const page = awslambda.HttpResponseStream.from(out, {statusCode: 201});
      page.write('some text');
      if (event.late) throw new RangeError('after');
      page.end();
    });)js");
  EXPECT_EQ(run().text, R"({"statusCode":201})" + std::string(8, '\0') + "some text");
  for (const char* when : {"early", "late"}) {
    const Run broken = run(Json{{when, true}}.dump());
    EXPECT_TRUE(broken.failed);
    EXPECT_EQ(broken.type(), when == std::string("early") ? "TypeError" : "RangeError");
  }
}

TEST_F(NodeTest, LinesAsJsonHaveTheirLevelAndFollowIt) {
  node(R"js(
    exports.handler = async () => {
      console.debug('hidden');
      console.log('one', 2);
      console.warn({a: 1});
      console.error(new RangeError('bad'));
      process.stdout.write('raw\n');
    };)js",
       {{"LoggingConfig", {{"LogFormat", "JSON"}}}});
  const Run got = run();
  ASSERT_FALSE(got.failed) << got.text;
  std::vector<Json> lines;
  for (const std::string_view line : split(got.log, '\n')) {
    if (!line.empty()) lines.push_back(Json::parse(line, nullptr, false));
  }
  ASSERT_EQ(lines.size(), 6u) << got.log;
  EXPECT_EQ(lines[0]["type"], "platform.start");
  EXPECT_EQ(lines[1]["message"], "one 2");
  EXPECT_EQ(lines[1]["level"], "INFO");
  EXPECT_EQ(lines[1]["requestId"], lines[0]["record"]["requestId"]);
  EXPECT_EQ(lines[2]["message"], (Json{{"a", 1}}));
  EXPECT_EQ(lines[3]["message"]["errorType"], "RangeError");
  EXPECT_TRUE(lines[4].is_discarded());  // what is written past the console stays as it is
  EXPECT_EQ(lines[5]["type"], "platform.report");
  EXPECT_TRUE(lines[5]["record"]["metrics"].contains("initDurationMs"));
}

TEST_F(NodeTest, TheStartOfAnEnvironmentIsInTheLogAlone) {
  node("exports.handler = async () => 1");
  EXPECT_TRUE(run().log.starts_with("START RequestId: "));
  wait_quiet();
  const Answer found =
      call("FilterLogEvents", {{"logGroupName", "/aws/lambda/f"}, {"filterPattern", "INIT_START"}},
           "logs");
  ASSERT_EQ(found.body["events"].size(), 1u) << found.message;
  EXPECT_TRUE(found.body["events"][0]["message"].get<std::string>().starts_with(
      "INIT_START Runtime Version: nodejs:20.v1\tRuntime Version ARN: arn:aws:lambda:us-east-1::"));
}

TEST_F(NodeTest, TheClientContextReachesTheFunction) {
  node("exports.handler = async (event, context) => context.clientContext");
  const Answer answer = call(
      "Invoke", {{"FunctionName", "f"}, {"ClientContext", to_base64(R"({"custom":{"a":1}})")}});
  EXPECT_EQ(text_of(answer.body["Payload"]), R"({"custom":{"a":1}})");
  EXPECT_EQ(call("Invoke", {{"FunctionName", "f"}, {"ClientContext", "?"}}).error,
            "InvalidRequestContentException");
}

// It fills the disk, prints without end, starts children that fork on, and answers garbage: its own
// calls fail, and other functions go on.
TEST_F(NodeTest, AHostileFunctionHarmsNobodyElse) {
  ASSERT_EQ(create("other", "echo").error, "");
  Json more = {{"EphemeralStorage", {{"Size", 512}}}, {"Timeout", 2}};
  node(R"js(
    const fs = require('fs');
    const { spawn } = require('child_process');
    exports.handler = async event => {
      if (event.fill) {
        const file = `${require('os').tmpdir()}/paddock-hostile-${process.pid}`;
        const fd = fs.openSync(file, 'w');
        fs.unlinkSync(file);
        fs.ftruncateSync(fd, 600 * 1024 * 1024);
      }
      if (event.fork) {
        spawn('/bin/sh', ['-c', 'while :; do sleep 60 & wait; done'], {detached: true});
        for (;;) {}
      }
      if (event.shout) for (;;) process.stdout.write('x'.repeat(65536) + '\n');
      if (event.garbage) {
        process.stdout.write(Buffer.from([0xff, 0xfe, 0, 10]));
        return '\ud800';
      }
      return 1;
    };)js",
       more);
  for (const char* event : {R"({"fill":1})", R"({"fork":1})", R"({"shout":1})"}) {
    EXPECT_TRUE(run(event).failed) << event;
    EXPECT_EQ(run(R"({"a":1})", "other").text, R"({"a":1})");
  }
  EXPECT_FALSE(run(R"({"garbage":1})").failed);
  EXPECT_EQ(run().text, "1");
}

TEST_F(NodeTest, WhatCannotBeLoadedIsNamed) {
  const auto expect = [&](const char* name, const char* handler, const char* source,
                          const char* type, const std::string& part) {
    ASSERT_EQ(
        call("CreateFunction", input_of(name, "nodejs20.x", handler, {{"index.js", source}})).error,
        "");
    const Run answer = run("{}", name);
    EXPECT_TRUE(answer.failed);
    EXPECT_EQ(answer.type(), type) << answer.text;
    EXPECT_NE(answer.message().find(part), std::string::npos) << answer.text;
  };
  expect("a", "index.other", "exports.handler = 1", "Runtime.HandlerNotFound",
         "index.other is undefined or not exported");
  expect("b", "absent.handler", "", "Runtime.ImportModuleError", "Cannot find module 'absent'");
  expect("c", "index.handler", "require('no-such-package')", "Runtime.ImportModuleError",
         "Cannot find module 'no-such-package'");
  expect("d", "index.handler", "exports.handler = (", "Runtime.UserCodeSyntaxError", "SyntaxError");
  expect("e", "index", "", "Runtime.MalformedHandlerName", "Bad handler");
}

TEST_F(NodeTest, ATimeOutKillsWhatTheFunctionLeft) {
  node(R"js(
    const { spawn } = require('child_process');
    exports.handler = event => {
      if (!event.hang) return Promise.resolve(process.pid);
      const child = spawn('sleep', ['1000']);
      console.log(`child ${child.pid} of ${process.pid}.`);
      for (;;) {}
    };)js",
       {{"Timeout", 2}});
  const Run hung = run(R"({"hang":true})");
  EXPECT_EQ(hung.type(), "Sandbox.Timedout");
  EXPECT_NE(hung.message().find(" Error: Task timed out after 2.00 seconds"), std::string::npos);
  EXPECT_NE(hung.log.find("Status: timeout"), std::string::npos);
  const size_t at = hung.log.find("child ");
  ASSERT_NE(at, std::string::npos) << hung.log;
  EXPECT_TRUE(is_gone(std::stoi(hung.log.substr(at + 6))));
  EXPECT_FALSE(run().failed);
}

TEST_F(NodeTest, ACrashIsThatFunctionsAlone) {
  create("steady", "echo");
  node(R"js(
    exports.handler = async event => {
      if (event.exit !== undefined) process.exit(event.exit);
      if (event.kill) process.kill(process.pid, event.kill);
      if (event.eat) { const all = []; for (;;) all.push(Buffer.alloc(8 << 20, 1)); }
      return 'alive';
    };)js");
  const auto message = [&](const char* event) {
    const Run answer = run(event);
    EXPECT_EQ(answer.type(), "Runtime.ExitError") << answer.text;
    EXPECT_NE(answer.log.find("Runtime.ExitError\nEND RequestId"), std::string::npos);
    return answer.message().substr(answer.message().find("Error: "));
  };
  EXPECT_EQ(message(R"({"exit":3})"), "Error: Runtime exited with error: exit status 3");
  EXPECT_EQ(message(R"({"exit":0})"), "Error: Runtime exited without providing a reason");
  EXPECT_EQ(message(R"({"kill":"SIGSEGV"})"),
            "Error: Runtime exited with error: signal: segmentation fault");
  EXPECT_EQ(message(R"({"eat":true})"), "Error: Runtime exited with error: signal: killed");
  EXPECT_EQ(run().text, "\"alive\"");
  EXPECT_EQ(run(R"({"still":"here"})", "steady").text, R"({"still":"here"})");
}

TEST_F(NodeTest, OddAnswersAreHeldInBounds) {
  node(R"js(
    const net = require('net');
    exports.handler = async event => {
      if (event.print) for (let i = 0; i < 90000; i++) console.log('x'.repeat(100));
      if (event.bytes) process.stdout.write(Buffer.from([0xff, 0xfe, 10]));
      if (event.large) return 'x'.repeat(7 << 20);
      if (event.garbage) {
        const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
        return await new Promise(resolve => {
          const socket = net.connect(port, host, () => socket.write('\x00\x01 rubbish\r\n\r\n'));
          let text = '';
          socket.on('data', piece => { text += piece; });
          socket.on('close', () => resolve(text.split('\r\n')[0]));
        });
      }
      return 'done';
    };)js");
  const Run printed = run(R"({"print":true})");
  EXPECT_EQ(printed.text, "\"done\"");
  EXPECT_NE(printed.log.find("[further output of this invocation is dropped]\n"),
            std::string::npos);
  EXPECT_NE(run(R"({"bytes":true})").log.find("\xEF\xBF\xBD\xEF\xBF\xBD\n"), std::string::npos);
  const Run large = run(R"({"large":true})");
  EXPECT_EQ(large.type(), "Function.ResponseSizeTooLarge");
  EXPECT_EQ(large.message(),
            "Response payload size exceeded maximum allowed payload size (6291556 bytes).");
  EXPECT_EQ(run(R"({"garbage":true})").text, "\"HTTP/1.1 400 Bad Request\"");
  EXPECT_EQ(run().text, "\"done\"");
}

TEST_F(NodeTest, InvocationsAtOnceRunInProcessesOfTheirOwn) {
  const ::paddock::testing::TempDir meeting;
  node(R"js(
    const fs = require('fs');
    exports.handler = async ({folder}) => {
      fs.writeFileSync(`${folder}/${process.pid}`, '');
      while (fs.readdirSync(folder).length < 2) await new Promise(done => setTimeout(done, 2));
      return process.pid;
    };)js");
  const std::string event = Json{{"folder", meeting.path()}}.dump();
  Run first, second;
  std::thread other([&] { first = run(event); });
  second = run(event);
  other.join();
  EXPECT_FALSE(first.failed || second.failed) << first.text << second.text;
  EXPECT_NE(first.text, second.text);
}

TEST_F(NodeTest, NothingOutlivesTheEmulator) {
  node(R"js(
    const { spawn } = require('child_process');
    exports.handler = async () => {
      const near = spawn('sleep', ['1000'], {stdio: 'ignore'});
      const far = spawn('sleep', ['1000'], {stdio: 'ignore', detached: true});
      return [process.pid, near.pid, far.pid];
    };)js");
  const Run started = run();
  ASSERT_EQ(started.body.size(), 3u) << started.text;
  emulator_.reset();
  for (const Json& pid : started.body) EXPECT_TRUE(is_gone(pid.get<pid_t>())) << pid;
}

TEST_F(NodeTest, AHotFolderIsFollowed) {
  const ::paddock::testing::TempDir folder;
  const auto write = [&](const std::string& text) {
    std::ofstream(folder.path() + "/index.js") << "exports.handler = async () => " << text;
  };
  write("1");
  Json input = function("f", "index.handler");
  input["Runtime"] = "nodejs20.x";
  input["Code"] = {{"S3Bucket", "hot-reload"}, {"S3Key", "relative"}};
  EXPECT_EQ(call("CreateFunction", input).error, "InvalidParameterValueException");
  input["Code"]["S3Key"] = folder.path();
  ASSERT_EQ(call("CreateFunction", input).message, "");
  EXPECT_EQ(run().text, "1");
  write("22");
  EXPECT_EQ(run().text, "22");
}

TEST_F(NodeTest, CodeSurvivesARestart) {
  const ::paddock::testing::TempDir data;
  Options durable = options();
  durable.durability = storage::Durability::wal;
  durable.data_dir = data.path();
  emulator_.reset();
  start(durable);
  node("exports.handler = async () => 'kept'");
  EXPECT_EQ(run().text, "\"kept\"");
  emulator_.reset();
  start(durable);
  EXPECT_EQ(run().text, "\"kept\"");
  Json update = {{"FunctionName", "f"}};
  update["ZipFile"] = package({{"index.js", "exports.handler = async () => 'new'"}});
  ASSERT_EQ(call("UpdateFunctionCode", update).error, "");
  EXPECT_EQ(run().text, "\"new\"");
  emulator_.reset();
}

TEST_F(NodeTest, AMissingInterpreterIsNamed) {
  Options without = options();
  without.search_path = "/nowhere";
  emulator_.reset();
  start(without);
  node("");
  const Run answer = run();
  EXPECT_EQ(answer.type(), "Runtime.InvalidEntrypoint");
  EXPECT_NE(answer.message().find("functions of nodejs20.x need Node.js on this machine"),
            std::string::npos);
}

}  // namespace
}  // namespace paddock::services::lambda::testing
