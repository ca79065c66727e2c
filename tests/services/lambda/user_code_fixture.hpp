// Functions as students bring them: packages in Node.js, Python or with a bootstrap of their own.
#pragma once

#include <cerrno>
#include <csignal>
#include <string>
#include <vector>

#include <poll.h>

#include "core/text.hpp"
#include "lambda/child_process.hpp"
#include "lambda_fixture.hpp"
#include "support/test_emulator.hpp"
#include "support/zip_maker.hpp"

namespace paddock::services::lambda::testing {

class UserCodeTest : public LambdaTest {
 protected:
  static bool has(const char* program) {
    return !::paddock::lambda::find_program(program, Options().search_path).empty();
  }
  static Json package(const std::vector<::paddock::testing::ZipEntry>& entries) {
    const std::string zip = ::paddock::testing::make_zip(entries);
    return Json::binary({zip.begin(), zip.end()});
  }
  static Json input_of(const std::string& name, const std::string& runtime,
                       const std::string& handler,
                       const std::vector<::paddock::testing::ZipEntry>& entries) {
    Json input = function(name, handler);
    input["Runtime"] = runtime;
    input["Timeout"] = 20;
    input["Code"]["ZipFile"] = package(entries);
    return input;
  }
  // A function "f" of one file.
  void node(const std::string& source, const Json& more = Json::object()) {
    Json input = input_of("f", "nodejs20.x", "index.handler", {{"index.js", source}});
    input.update(more);
    ASSERT_EQ(call("CreateFunction", input).message, "");
  }
  void python(const std::string& source, const Json& more = Json::object()) {
    Json input = input_of("f", "python3.11", "main.handler", {{"main.py", source}});
    input.update(more);
    ASSERT_EQ(call("CreateFunction", input).message, "");
  }

  struct Run {
    std::string text;  // the payload
    Json body;         // parsed; null if it is no JSON
    bool failed = false;
    std::string log;

    std::string type() const { return member("errorType"); }
    std::string message() const { return member("errorMessage"); }
    // "" unless the payload is an object that has it.
    std::string member(const char* name) const {
      return body.is_object() ? body.value(name, "") : std::string();
    }
  };
  Run run(const std::string& event = "{}", const std::string& name = "f") {
    const Answer answer =
        call("Invoke", {{"FunctionName", name}, {"LogType", "Tail"}, {"Payload", payload(event)}});
    Run run;
    EXPECT_EQ(answer.error, "") << answer.message;
    if (!answer.body.contains("Payload")) return run;
    run.text = text_of(answer.body["Payload"]);
    run.body = Json::parse(run.text, nullptr, false);
    if (run.body.is_discarded()) run.body = nullptr;
    run.failed = answer.body.contains("FunctionError");
    run.log = from_base64(answer.body["LogResult"].get<std::string>()).value_or("");
    return run;
  }

  static bool is_gone(pid_t pid) {
    for (int i = 0; i < 2'000; ++i) {
      if (kill(pid, 0) != 0 && errno == ESRCH) return true;
      poll(nullptr, 0, 10);
    }
    return false;
  }
};

}  // namespace paddock::services::lambda::testing
