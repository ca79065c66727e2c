// Built-in functions in processes of their own.
#include "user_code_fixture.hpp"

namespace paddock::services::lambda::testing {
namespace {

class IsolationTest : public UserCodeTest {
 protected:
  void SetUp() override {
    UserCodeTest::SetUp();
    Options isolated = options();
    isolated.isolate_functions = true;
    isolated.program = PADDOCK_TEST_FUNCTIONS;
    emulator_.reset();
    start(isolated);
  }
  void create_with(const std::string& name, const std::string& handler, const Json& more) {
    Json input = function(name, handler);
    input["MemorySize"] = 1024;  // sanitizers need some
    input.update(more);
    ASSERT_EQ(call("CreateFunction", input).message, "");
  }
};

TEST_F(IsolationTest, AFunctionDoesInAProcessWhatItDoesInAThread) {
  create_with("f", "echo", {{"Environment", {{"Variables", {{"COLOUR", "red"}}}}}});
  const Run answer = run(R"({"a":1})");
  EXPECT_FALSE(answer.failed) << answer.text;
  EXPECT_EQ(answer.text, R"({"a":1})");
  EXPECT_NE(answer.log.find("on standard outputCOLOUR is red\nEND"), std::string::npos)
      << answer.log;
  EXPECT_EQ(platform().functions.counters().children, 1u);
}

TEST_F(IsolationTest, ItCrashesAlone) {
  create_with("f", "echo", Json::object());
  create_with("bad", "scripted", {{"Timeout", 1}});
  const Run aborted = run("\"abort\"", "bad");
  EXPECT_EQ(aborted.type(), "Runtime.ExitError");
  EXPECT_NE(aborted.message().find("Runtime exited with error: signal: aborted"),
            std::string::npos);
  const Run hung = run("\"hang\"", "bad");
  EXPECT_EQ(hung.type(), "Sandbox.Timedout") << hung.text << hung.log;
  const Run thrown = run("\"throw\"", "bad");
  EXPECT_EQ(thrown.type(), "std::out_of_range");
  EXPECT_EQ(thrown.message(), "beyond the end");
  EXPECT_EQ(run("2", "bad").text, "1");
  EXPECT_EQ(run("2").text, "2");
}

}  // namespace
}  // namespace paddock::services::lambda::testing
