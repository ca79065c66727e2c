// Packages in Python and with a runtime of their own, and what is refused at creation.
#include "user_code_fixture.hpp"

namespace paddock::services::lambda::testing {
namespace {

class PythonTest : public UserCodeTest {
 protected:
  void SetUp() override {
    if (!has("python3")) GTEST_SKIP() << "no Python here";
    UserCodeTest::SetUp();
  }
};

TEST_F(PythonTest, AHandlerGetsEventAndContext) {
  python(R"py(
import logging, os
def handler(event, context):
    print("printed")
    logging.getLogger().warning("two\nlines")
    return {"event": event, "name": context.function_name, "arn": context.invoked_function_arn,
            "memory": context.memory_limit_in_mb, "left": context.get_remaining_time_in_millis(),
            "id": context.aws_request_id, "region": os.environ["AWS_REGION"], "é": "ü"}
)py");
  const Run answer = run(R"({"n":1})");
  ASSERT_FALSE(answer.failed) << answer.text;
  EXPECT_EQ(answer.body["event"], Json({{"n", 1}}));
  EXPECT_EQ(answer.body["name"], "f");
  EXPECT_EQ(answer.body["memory"], "128");
  EXPECT_EQ(answer.body["region"], "us-east-1");
  EXPECT_EQ(answer.body["é"], "ü");
  EXPECT_GT(answer.body["left"], 0);
  EXPECT_NE(answer.log.find("printed\n[WARNING]\t"), std::string::npos) << answer.log;
  EXPECT_NE(answer.log.find("Z\t" + answer.body["id"].get<std::string>() + "\ttwo\nlines\n"),
            std::string::npos);
}

TEST_F(PythonTest, ErrorsComeAsTheRuntimeWritesThem) {
  python(R"py(
import sys
def handler(event, context):
    if event.get("exit"): sys.exit(7)
    if event.get("set"): return {1}
    raise ValueError("bad value")
)py");
  const Run thrown = run();
  EXPECT_TRUE(thrown.failed);
  EXPECT_EQ(thrown.type(), "ValueError");
  EXPECT_EQ(thrown.message(), "bad value");
  EXPECT_EQ(thrown.body["requestId"].get<std::string>().size(), 36u);
  ASSERT_EQ(thrown.body["stackTrace"].size(), 1u);
  EXPECT_NE(thrown.body["stackTrace"][0].get<std::string>().find("main.py\", line 6, in handler\n"),
            std::string::npos);
  EXPECT_NE(thrown.log.find("[ERROR] ValueError: bad value\nTraceback (most recent call last):\n"),
            std::string::npos);
  const Run set = run(R"({"set":true})");
  EXPECT_EQ(set.type(), "Runtime.MarshalError");
  EXPECT_EQ(set.message(),
            "Unable to marshal response: Object of type set is not JSON serializable");
  EXPECT_EQ(run(R"({"exit":true})").type(), "Runtime.ExitError");
}

TEST_F(PythonTest, LinesAsJsonHaveTheirLevelAndFollowIt) {
  python(R"py(
import logging
def handler(event, context):
    logging.debug("hidden")
    logging.warning("seen %s", 1, extra={"colour": "red"})
    try:
        raise ValueError("bad")
    except ValueError:
        logging.exception("caught")
)py",
         {{"LoggingConfig", {{"LogFormat", "JSON"}, {"ApplicationLogLevel", "INFO"}}}});
  const Run got = run();
  ASSERT_FALSE(got.failed) << got.text;
  std::vector<Json> lines;
  for (const std::string_view line : split(got.log, '\n')) {
    if (!line.empty()) lines.push_back(Json::parse(line));
  }
  ASSERT_EQ(lines.size(), 4u) << got.log;
  EXPECT_EQ(lines[1]["level"], "WARNING");
  EXPECT_EQ(lines[1]["message"], "seen 1");
  EXPECT_EQ(lines[1]["colour"], "red");
  EXPECT_EQ(lines[1]["logger"], "root");
  EXPECT_EQ(lines[1]["requestId"], lines[0]["record"]["requestId"]);
  EXPECT_EQ(lines[2]["errorType"], "ValueError");
  EXPECT_EQ(lines[2]["errorMessage"], "bad");
}

TEST_F(PythonTest, WhatCannotBeLoadedIsNamed) {
  const auto expect = [&](const char* name, const char* handler, const char* source,
                          const char* type, const char* message) {
    ASSERT_EQ(
        call("CreateFunction", input_of(name, "python3.9", handler, {{"main.py", source}})).error,
        "");
    const Run answer = run("{}", name);
    EXPECT_EQ(answer.type(), type) << answer.text;
    EXPECT_EQ(answer.message(), message);
  };
  expect("a", "main.other", "", "Runtime.HandlerNotFound",
         "Handler 'other' missing on module 'main'");
  expect("b", "absent.handler", "", "Runtime.ImportModuleError",
         "Unable to import module 'absent': No module named 'absent'");
  expect("c", "main.handler", "import no_such_package", "Runtime.ImportModuleError",
         "Unable to import module 'main': No module named 'no_such_package'");
  expect("d", "main", "", "Runtime.MalformedHandlerName",
         "Bad handler 'main': not enough values to unpack (expected 2, got 1)");
}

TEST_F(PythonTest, ItsCallsReachUsWhateverEndpointTheyName) {
  python(R"py(
import boto3
def handler(event, context):
    here = boto3.client("lambda")
    far = boto3.client("lambda", endpoint_url="https://lambda.eu-west-1.amazonaws.com")
    odd = boto3.client("lambda", endpoint_url="http://somewhere.invalid:1234")
    return [[f["FunctionName"] for f in client.list_functions()["Functions"]]
            for client in (here, far, odd)]
)py",
         {{"MemorySize", 512}});
  const Run answer = run();
  if (answer.message().find("No module named 'boto3'") != std::string::npos) GTEST_SKIP();
  EXPECT_EQ(answer.text, R"([["f"], ["f"], ["f"]])") << answer.log;
}

class PackageTest : public UserCodeTest {};

// A runtime in a dozen lines, as AWS's tutorial writes it, but without curl.
constexpr const char* kShellRuntime = R"sh(#!/bin/sh
api=$AWS_LAMBDA_RUNTIME_API
exec python3 -S - "$api" <<'END'
import http.client, sys
api = http.client.HTTPConnection(sys.argv[1])
while True:
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    answer = api.getresponse()
    event = answer.read()
    if event == b'"early"':
        break
    path = "/2018-06-01/runtime/invocation/" + answer.getheader("lambda-runtime-aws-request-id")
    if event == b'"wrong id"':
        api.request("POST", path + "x/response", b"lost")
        print(api.getresponse().read().decode(), flush=True)
    if event == b'"again"':
        api.request("GET", "/2018-06-01/runtime/invocation/next")
        print(api.getresponse().read().decode(), flush=True)
    kind = "/error" if event == b'"error"' else "/response"
    api.request("POST", path + kind, b"not JSON", {"Lambda-Runtime-Function-Error-Type": "Odd"})
    said = api.getresponse()
    print(said.status, said.read().decode(), flush=True)
END
)sh";

TEST_F(PackageTest, ABootstrapIsARuntimeOfItsOwn) {
  if (!has("python3")) GTEST_SKIP() << "no Python here";
  ASSERT_EQ(call("CreateFunction", input_of("f", "provided.al2023", "whatever",
                                            {{"bootstrap", kShellRuntime, 0100755}}))
                .message,
            "");
  const Run raw = run("1");
  EXPECT_FALSE(raw.failed);
  EXPECT_EQ(raw.text, "not JSON");
  const Run error = run("\"error\"");
  EXPECT_TRUE(error.failed);
  EXPECT_EQ(error.text, R"({"errorMessage":"not JSON","errorType":"Odd"})");
  const Run wrong = run("\"wrong id\"");
  EXPECT_NE(wrong.log.find(R"("errorType":"InvalidRequestID")"), std::string::npos);
  // What is printed after an answer is in its log or in the next one.
  EXPECT_NE((error.log + wrong.log).find(R"(202 {"status":"OK"})"), std::string::npos);
  EXPECT_NE(run("\"again\"").log.find(R"("errorType":"InvalidStateTransition")"),
            std::string::npos);
  EXPECT_TRUE(
      run("\"early\"").message().ends_with(" Error: Runtime exited without providing a reason"));
}

TEST_F(PackageTest, ABootstrapThatCannotRunIsSaid) {
  ASSERT_EQ(
      call("CreateFunction", input_of("f", "provided.al2", "x", {{"bootstrap", "text", 0100644}}))
          .error,
      "");
  const Run answer = run();
  EXPECT_EQ(answer.type(), "Runtime.InvalidEntrypoint");
  EXPECT_NE(answer.message().find("/bootstrap: permission denied"), std::string::npos);
}

TEST_F(PackageTest, WhatWouldLeaveItsFolderIsRefusedAndNothingChanges) {
  const std::vector<std::vector<::paddock::testing::ZipEntry>> bad{
      {{"../index.js", ""}},
      {{"/index.js", ""}},
      {{"out", "../..", 0120777}},
      {{"out", "/etc", 0120777}, {"out/passwd", ""}}};
  for (const auto& entries : bad) {
    const Answer answer =
        call("CreateFunction", input_of("f", "nodejs20.x", "index.handler", entries));
    EXPECT_EQ(answer.error, "InvalidParameterValueException");
    EXPECT_EQ(answer.message,
              "Could not unzip uploaded file. Please check your file, then try to upload again.");
  }
  EXPECT_EQ(call("GetFunction", {{"FunctionName", "f"}}).error, "ResourceNotFoundException");
  const Answer bomb = call("CreateFunction", input_of("f", "nodejs20.x", "index.handler",
                                                      {{"x", "", 0100644, false, 300'000'000}}));
  EXPECT_EQ(bomb.message, "Unzipped size must be smaller than 262144000 bytes");
  EXPECT_EQ(call("ListFunctions", {}).body["Functions"].size(), 0u);
}

TEST_F(PackageTest, APackageInS3SaysThatItIsNotHere) {
  Json input = function("f", "index.handler");
  input["Runtime"] = "nodejs20.x";
  input["Code"] = {{"S3Bucket", "bucket"}, {"S3Key", "code.zip"}};
  ASSERT_EQ(call("CreateFunction", input).error, "");
  const Answer answer = call("Invoke", {{"FunctionName", "f"}});
  EXPECT_EQ(answer.error, "InvalidRuntimeException");
  EXPECT_NE(answer.message.find("a package in S3"), std::string::npos);
}

}  // namespace
}  // namespace paddock::services::lambda::testing
