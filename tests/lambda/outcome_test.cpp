#include "lambda/outcome.hpp"

#include <gtest/gtest.h>

#include "core/json.hpp"
#include "lambda/run_log.hpp"

namespace paddock::lambda {
namespace {

using Kind = InvocationResult::Kind;

class OutcomeTest : public ::testing::Test {
 protected:
  OutcomeTest() {
    spec_.arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
    spec_.name = "f";
    spec_.account = "000000000000";
    spec_.region = "us-east-1";
    invocation_.request_id = "id-1";
  }
  std::vector<std::string> log(RunOutcome& run, std::vector<events::LogLine> lines = {}) {
    std::vector<std::string> texts;
    for (auto& line : log_of(spec_, invocation_, run, std::move(lines), WorldTime{1000})) {
      texts.push_back(line.text);
    }
    return texts;
  }
  static void last(RunOutcome& run, std::chrono::nanoseconds duration) {
    run.ended = run.started + std::chrono::duration_cast<MachineClock::Steady::duration>(duration);
  }

  FunctionSpec spec_;
  Invocation invocation_;
};

TEST_F(OutcomeTest, AnAnswerIsPassedOnAsItIs) {
  RunOutcome run = RunOutcome::returned("not JSON", true);
  const auto result = make_result(spec_, invocation_, run);
  EXPECT_EQ(result.kind, Kind::success);
  EXPECT_EQ(result.payload, "not JSON");
  run = RunOutcome::returned("{}", false);
  EXPECT_EQ(make_result(spec_, invocation_, run).kind, Kind::handled);
}

TEST_F(OutcomeTest, AnAnswerAboveTheLimitIsAnError) {
  RunOutcome largest = RunOutcome::returned(std::string(6'291'556, 'x'), true);
  EXPECT_EQ(make_result(spec_, invocation_, largest).kind, Kind::success);
  RunOutcome larger = RunOutcome::returned(std::string(6'291'557, 'x'), true);
  const auto result = make_result(spec_, invocation_, larger);
  EXPECT_EQ(result.kind, Kind::unhandled);
  EXPECT_EQ(Json::parse(result.payload),
            (Json{{"errorType", "Function.ResponseSizeTooLarge"},
                  {"errorMessage",
                   "Response payload size exceeded maximum allowed payload size (6291556 "
                   "bytes)."}}));
}

TEST_F(OutcomeTest, ATimeOutIsAnsweredAndLoggedAsByLambda) {
  RunOutcome run;
  run.end = RunOutcome::End::timed_out;
  const auto result = make_result(spec_, invocation_, run);
  EXPECT_EQ(result.kind, Kind::unhandled);
  EXPECT_EQ(Json::parse(result.payload),
            (Json{{"errorType", "Sandbox.Timedout"},
                  {"errorMessage", "RequestId: id-1 Error: Task timed out after 3.00 seconds"}}));
  const auto lines = log(run, {{WorldTime{}, "before\n"}});
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[1], "before\n");
  EXPECT_EQ(lines[2], "1970-01-01T00:00:01.000Z id-1 Task timed out after 3.00 seconds\n\n");
  EXPECT_EQ(lines[4].find("REPORT RequestId: id-1\tDuration: 3000.00 ms\tBilled Duration: 3000 ms"),
            0U);
  EXPECT_NE(lines[4].find("\tStatus: timeout\n"), std::string::npos);
}

TEST_F(OutcomeTest, AThrownErrorIsItsTypeAndMessage) {
  RunOutcome run = RunOutcome::threw(type_name(std::out_of_range("x")), "beyond");
  const auto result = make_result(spec_, invocation_, run);
  EXPECT_EQ(result.kind, Kind::unhandled);
  EXPECT_EQ(Json::parse(result.payload),
            (Json{{"errorType", "std::out_of_range"}, {"errorMessage", "beyond"}}));
}

TEST_F(OutcomeTest, LinesAreWrittenAsLambdaWritesThem) {
  RunOutcome run = RunOutcome::returned("{}", true);
  last(run, std::chrono::microseconds(1234));
  auto lines = log(run, {{WorldTime{}, "hello\n"}});
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0], "START RequestId: id-1 Version: $LATEST\n");
  EXPECT_EQ(lines[1], "hello\n");
  EXPECT_EQ(lines[2], "END RequestId: id-1\n");
  const std::string head =
      "REPORT RequestId: id-1\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax "
      "Memory Used: ";
  EXPECT_EQ(lines[3].substr(0, head.size()), head);
  EXPECT_EQ(lines[3].substr(lines[3].size() - 5), " MB\t\n");
  run.init = std::chrono::microseconds(900);
  lines = log(run);
  EXPECT_NE(lines[2].find("Billed Duration: 3 ms"), std::string::npos);
  EXPECT_NE(lines[2].find(" MB\tInit Duration: 0.90 ms\t\n"), std::string::npos);
}

TEST_F(OutcomeTest, TheTailIsTheLastFourKilobytes) {
  const std::vector<events::LogLine> lines{{WorldTime{}, std::string(4090, 'a')},
                                           {WorldTime{}, "0123456789"}};
  const std::string tail = tail_of(lines);
  EXPECT_EQ(tail.size(), 4096U);
  EXPECT_EQ(tail.substr(4085), "a0123456789");
  EXPECT_EQ(tail_of({{WorldTime{}, "short"}}), "short");
}

TEST_F(OutcomeTest, LogStreamsAreNamedByDayAndVersion) {
  EXPECT_EQ(log_stream_name(WorldTime{1'795'161'600'000}, "$LATEST", "0a"),
            "2026/11/20/[$LATEST]0a");
}

TEST_F(OutcomeTest, UserVariablesStandBesideThoseOfLambda) {
  spec_.handler = "pageviews-record";
  spec_.memory_mb = 256;
  spec_.variables = {{"TABLE_NAME", "T"}, {"TZ", "Europe/Berlin"}};
  const auto variables = standard_variables(spec_, "stream");
  EXPECT_EQ(variables.at("TABLE_NAME"), "T");
  EXPECT_EQ(variables.at("TZ"), "Europe/Berlin");
  EXPECT_EQ(variables.at("AWS_REGION"), "us-east-1");
  EXPECT_EQ(variables.at("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), "256");
  EXPECT_EQ(variables.at("AWS_LAMBDA_LOG_STREAM_NAME"), "stream");
  EXPECT_EQ(variables.at("_HANDLER"), "pageviews-record");
  spec_.variables.clear();
  EXPECT_EQ(standard_variables(spec_, "stream").at("TZ"), ":UTC");
}

TEST_F(OutcomeTest, CallsAreMadeAsASessionOfTheRole) {
  spec_.role_arn = "arn:aws:iam::111111111111:role/service-role/reader";
  EXPECT_EQ(identity_of(spec_).principal_arn, "arn:aws:sts::111111111111:assumed-role/reader/f");
  spec_.role_arn.clear();
  EXPECT_EQ(identity_of(spec_).principal_arn, "arn:aws:iam::000000000000:root");
}

TEST_F(OutcomeTest, AColdStartHasALineOfItsOwn) {
  RunOutcome run = RunOutcome::returned("{}", true);
  EXPECT_FALSE(init_line(spec_, run));
  run.init = std::chrono::milliseconds(5);
  spec_.runtime = "nodejs20.x";
  spec_.runtime_arn = "arn:aws:lambda:us-east-1::runtime:x";
  EXPECT_EQ(init_line(spec_, run)->text,
            "INIT_START Runtime Version: nodejs:20.v1\tRuntime Version ARN: "
            "arn:aws:lambda:us-east-1::runtime:x\n");
  spec_.runtime = "provided.al2023";
  spec_.json_logs = true;
  const Json line = Json::parse(init_line(spec_, run)->text);
  EXPECT_EQ(line["type"], "platform.initStart");
  EXPECT_EQ(line["record"]["runtimeVersion"], "provided:al2023.v1");
  spec_.system_level = "WARN";
  EXPECT_FALSE(init_line(spec_, run));
}

TEST_F(OutcomeTest, LinesAsJsonFollowTheirLevel) {
  spec_.json_logs = true;
  RunOutcome run = RunOutcome::returned("{}", true);
  last(run, std::chrono::microseconds(1500));
  std::vector<std::string> lines = log(run, {{WorldTime{}, "own\n"}});
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(Json::parse(lines[0]),
            (Json{{"time", "1970-01-01T00:00:00.000Z"},
                  {"type", "platform.start"},
                  {"record", {{"requestId", "id-1"}, {"version", "$LATEST"}}}}));
  EXPECT_EQ(lines[1], "own\n");
  const Json report = Json::parse(lines[2])["record"];
  EXPECT_EQ(report["status"], "success");
  EXPECT_EQ(report["metrics"]["durationMs"], 1.5);
  EXPECT_EQ(report["metrics"]["billedDurationMs"], 2);
  spec_.system_level = "DEBUG";
  EXPECT_EQ(log(run).size(), 3u);
  spec_.system_level = "WARN";
  EXPECT_TRUE(log(run).empty());
  RunOutcome late;
  late.end = RunOutcome::End::timed_out;
  lines = log(late);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(Json::parse(lines[0])["type"], "platform.runtimeDone");
  EXPECT_EQ(Json::parse(lines[1])["record"]["status"], "timeout");
}

}  // namespace
}  // namespace paddock::lambda
