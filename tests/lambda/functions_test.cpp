#include "lambda/functions.hpp"

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/json.hpp"
#include "fake_caller.hpp"
#include "lambda/environment.hpp"

namespace paddock::lambda {
namespace {

using aws::lambda_runtime::invocation_request;
using aws::lambda_runtime::invocation_response;
using lambda_test::FakeCaller;
using Kind = InvocationResult::Kind;

invocation_response echo(const invocation_request& request) {
  return invocation_response::success(request.payload, "application/json");
}

invocation_response describe(const invocation_request& request) {
  auto* environment = Environment::current();
  environment->log("looking");
  const Json seen{{"id", request.request_id},
                  {"arn", request.function_arn},
                  {"context", request.client_context},
                  {"stream", environment->variable("AWS_LAMBDA_LOG_STREAM_NAME")},
                  {"left", request.get_time_remaining().count()}};
  return invocation_response::success(seen.dump(), "application/json");
}

invocation_response report_error(const invocation_request&) {
  return invocation_response::failure("no such tag", "NotFound");
}

invocation_response throw_error(const invocation_request&) {
  throw std::out_of_range("beyond the end");
}

invocation_response throw_aws_error(const invocation_request&) {
  throw AwsError("ResourceNotFoundException", "no table");
}

// Goes on until it is abandoned, as a function that polls would.
invocation_response poll_forever(const invocation_request&) {
  while (true) Environment::current()->call("sqs", "ReceiveMessage", Json::object());
}

// Calls the API once, which the test may block.
invocation_response call_once(const invocation_request&) {
  Environment::current()->call("gate", "Pass", Json::object());
  return invocation_response::success("{}", "application/json");
}

constexpr EntryPoint kTable[] = {{"echo", echo},
                                 {"describe", describe},
                                 {"report-error", report_error},
                                 {"throw-error", throw_error},
                                 {"throw-aws-error", throw_aws_error},
                                 {"poll-forever", poll_forever},
                                 {"call-once", call_once}};

// Blocks callers of service "gate" until it opens.
class Gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    --waiting_;
  }
  void await_waiting(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ == count; });
  }
  void open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t waiting_ = 0;
  bool open_ = false;
};

struct Appended {
  std::string group, stream;
  std::vector<events::LogLine> lines;
};

class NotingSink : public events::LogSink {
 public:
  void append(const std::string&, const std::string&, const std::string& group,
              const std::string& stream, std::vector<events::LogLine> lines) override {
    std::lock_guard lock(mutex_);
    appended_.push_back({group, stream, std::move(lines)});
  }
  std::vector<Appended> take() {
    std::lock_guard lock(mutex_);
    return std::exchange(appended_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<Appended> appended_;
};

class FunctionsTest : public ::testing::Test {
 protected:
  FunctionsTest() : work_(asio::make_work_guard(io_)), io_thread_([this] { io_.run(); }) {
    slot_.sink = &sink_;
    options_.stop_grace = std::chrono::milliseconds(100);
  }
  ~FunctionsTest() override {
    gate_.open();
    if (functions_) functions_->stop();
    work_.reset();
    io_.stop();
    io_thread_.join();
  }

  Functions& functions() {
    if (!functions_) {
      functions_ = std::make_unique<Functions>(options_, kTable, caller_, machine_, world_, ids_,
                                               activities_, slot_, timeline_, log_);
    }
    return *functions_;
  }
  static std::shared_ptr<FunctionSpec> spec(const std::string& handler,
                                            const std::string& name = "f") {
    auto made = std::make_shared<FunctionSpec>();
    made->name = name;
    made->arn = "arn:aws:lambda:us-east-1:000000000000:function:" + name;
    made->revision = handler;
    made->account = "000000000000";
    made->region = "us-east-1";
    made->handler = handler;
    made->log_group = "/aws/lambda/" + name;
    return made;
  }
  std::future<InvocationResult> start(std::shared_ptr<const FunctionSpec> spec,
                                      const std::string& payload = "{}", size_t most = SIZE_MAX) {
    Invocation invocation;
    invocation.request_id = "id-1";
    invocation.payload = payload;
    invocation.cause = {"chain-1", 1};
    auto promise = std::make_shared<std::promise<InvocationResult>>();
    auto future = promise->get_future();
    asio::co_spawn(
        IoExecutor(io_.get_executor()), functions().invoke(std::move(spec), invocation, most),
        [this, promise](std::exception_ptr error, InvocationResult result) {
          resumed_on_io_ = resumed_on_io_ && std::this_thread::get_id() == io_thread_.get_id();
          if (error) {
            promise->set_exception(error);
          } else {
            promise->set_value(std::move(result));
          }
        });
    return future;
  }
  InvocationResult run(std::shared_ptr<const FunctionSpec> spec,
                       const std::string& payload = "{}") {
    return start(std::move(spec), payload).get();
  }

  Gate gate_;
  FakeCaller caller_{[this](const FakeCaller::Call& call) {
    if (call.service == "gate") gate_.pass();
    return Json::object();
  }};
  Log log_{LogLevel::off, 2};
  MachineClock machine_;
  WorldClock world_{machine_};
  MemoryCounters counters_;
  Ids ids_{Seed::from_number(1), counters_};
  Activities activities_;
  NotingSink sink_;
  events::LogSinkSlot slot_;
  events::Timeline timeline_;
  FunctionsOptions options_;
  std::unique_ptr<Functions> functions_;
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  bool resumed_on_io_ = true;
  std::thread io_thread_;
};

TEST_F(FunctionsTest, RunsAFunctionAndResumesTheCallerOnItsExecutor) {
  const auto result = run(spec("echo"), R"({"a": 1})");
  EXPECT_EQ(result.kind, Kind::success);
  EXPECT_EQ(result.payload, R"({"a": 1})");
  EXPECT_TRUE(result.cold);
  EXPECT_TRUE(resumed_on_io_);
  EXPECT_TRUE(activities_.quiet());
}

TEST_F(FunctionsTest, TheFunctionSeesItsRequestAndEnvironment) {
  const auto result = run(spec("describe"));
  const Json seen = Json::parse(result.payload);
  EXPECT_EQ(seen.at("id"), "id-1");
  EXPECT_EQ(seen.at("arn"), "arn:aws:lambda:us-east-1:000000000000:function:f");
  EXPECT_GT(seen.at("left").get<int>(), 0);
  EXPECT_LE(seen.at("left").get<int>(), 3000);
  const auto appended = sink_.take();
  ASSERT_EQ(appended.size(), 1U);
  EXPECT_EQ(appended[0].group, "/aws/lambda/f");
  EXPECT_EQ(appended[0].stream, seen.at("stream"));
  const std::vector<events::LogLine>& lines = appended[0].lines;
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_TRUE(lines[0].text.starts_with("INIT_START Runtime Version: ")) << lines[0].text;
  EXPECT_EQ(lines[1].text, "START RequestId: id-1 Version: $LATEST\n");
  EXPECT_EQ(lines[2].text, "looking\n");
  EXPECT_EQ(lines[3].text, "END RequestId: id-1\n");
  EXPECT_EQ(result.log_tail, lines[1].text + lines[2].text + lines[3].text + lines[4].text);
}

TEST_F(FunctionsTest, AWarmEnvironmentIsUsedAgain) {
  const auto function = spec("describe");
  const auto first = run(function);
  const auto second = run(function);
  EXPECT_TRUE(first.cold);
  EXPECT_FALSE(second.cold);
  EXPECT_NE(first.log_tail.find("Init Duration"), std::string::npos);
  EXPECT_EQ(second.log_tail.find("Init Duration"), std::string::npos);
  EXPECT_EQ(functions().counters().environments, 1U);
  EXPECT_EQ(Json::parse(first.payload).at("stream"), Json::parse(second.payload).at("stream"));
}

TEST_F(FunctionsTest, ANewRevisionGetsANewEnvironment) {
  run(spec("echo"));
  auto changed = spec("echo");
  changed->revision = "2";
  EXPECT_TRUE(run(changed).cold);
  EXPECT_EQ(functions().counters().environments, 2U);
}

TEST_F(FunctionsTest, ErrorsAreToldApart) {
  const auto reported = run(spec("report-error"));
  EXPECT_EQ(reported.kind, Kind::handled);
  EXPECT_EQ(Json::parse(reported.payload).at("errorType"), "NotFound");
  const auto thrown = run(spec("throw-error", "g"));
  EXPECT_EQ(thrown.kind, Kind::unhandled);
  EXPECT_EQ(Json::parse(thrown.payload),
            (Json{{"errorType", "std::out_of_range"}, {"errorMessage", "beyond the end"}}));
  const auto aws = run(spec("throw-aws-error", "h"));
  EXPECT_EQ(Json::parse(aws.payload).at("errorType"), "ResourceNotFoundException");
  EXPECT_FALSE(run(spec("throw-error", "g")).cold);
}

TEST_F(FunctionsTest, ATimeOutAnswersTheCallerAndAbandonsTheEnvironment) {
  auto function = spec("poll-forever");
  function->timeout = std::chrono::milliseconds(50);
  const auto result = run(function);
  EXPECT_EQ(result.kind, Kind::unhandled);
  EXPECT_EQ(Json::parse(result.payload).at("errorMessage"),
            "RequestId: id-1 Error: Task timed out after 0.05 seconds");
  EXPECT_EQ(functions().counters().abandoned, 1U);
  EXPECT_EQ(functions().counters().busy, 0U);
  const auto appended = sink_.take();
  ASSERT_EQ(appended.size(), 1U);
  EXPECT_NE(appended[0].lines.back().text.find("Status: timeout"), std::string::npos);
  // Its next call threw, so the thread ends and the next run is cold.
  while (functions().counters().environments > 0) std::this_thread::yield();
  EXPECT_TRUE(run(spec("echo")).cold);
}

TEST_F(FunctionsTest, BeyondTheLimitInvocationsAreThrottled) {
  options_.most_concurrent = 2;
  auto first = start(spec("call-once"));
  auto second = start(spec("call-once"));
  gate_.await_waiting(2);
  EXPECT_EQ(functions().counters().busy, 2U);
  EXPECT_EQ(run(spec("echo")).kind, Kind::throttled);
  gate_.open();
  EXPECT_EQ(first.get().kind, Kind::success);
  EXPECT_EQ(second.get().kind, Kind::success);
  // Both environments are idle; one makes room for another function.
  EXPECT_EQ(run(spec("echo", "g")).kind, Kind::success);
}

TEST_F(FunctionsTest, ReservedConcurrencyBoundsOneFunction) {
  auto first = start(spec("call-once"), "{}", 1);
  gate_.await_waiting(1);
  EXPECT_EQ(start(spec("call-once"), "{}", 1).get().kind, Kind::throttled);
  EXPECT_EQ(run(spec("echo", "g")).kind, Kind::success);
  EXPECT_EQ(start(spec("echo", "h"), "{}", 0).get().kind, Kind::throttled);
  gate_.open();
  EXPECT_EQ(first.get().kind, Kind::success);
}

TEST_F(FunctionsTest, OneAtATimeTheOthersWaitForTheirTurnInOrder) {
  options_.one_at_a_time = true;
  options_.most_concurrent = 1;
  auto first = start(spec("call-once"));
  auto second = start(spec("describe"));
  auto third = start(spec("echo", "g"));
  gate_.await_waiting(1);
  EXPECT_EQ(functions().counters().busy, 1U);
  gate_.open();
  EXPECT_EQ(first.get().kind, Kind::success);
  EXPECT_EQ(second.get().kind, Kind::success);
  EXPECT_EQ(third.get().kind, Kind::success);
  const auto appended = sink_.take();
  ASSERT_EQ(appended.size(), 3U);
  EXPECT_EQ(appended[1].lines.size(), 5U);
  EXPECT_EQ(appended[2].group, "/aws/lambda/g");
}

TEST_F(FunctionsTest, RetiredAndColdEnvironmentsEnd) {
  run(spec("echo"));
  auto busy = start(spec("call-once"));
  gate_.await_waiting(1);
  functions().retire(spec("echo")->arn);
  while (functions().counters().environments > 1) std::this_thread::yield();
  gate_.open();
  busy.get();
  while (functions().counters().environments > 0) std::this_thread::yield();
  EXPECT_TRUE(run(spec("echo")).cold);
}

TEST_F(FunctionsTest, AnIdleEnvironmentEndsAfterItsTime) {
  options_.keep_warm = std::chrono::milliseconds(10);
  run(spec("echo"));
  while (functions().counters().environments > 0) std::this_thread::yield();
  EXPECT_TRUE(run(spec("echo")).cold);
}

TEST_F(FunctionsTest, ARunIsActivityUnderTheFunctionsName) {
  auto running = start(spec("call-once"));
  gate_.await_waiting(1);
  EXPECT_EQ(activities_.active(), std::vector<std::string>{"function f"});
  gate_.open();
  running.get();
  EXPECT_TRUE(activities_.quiet());
}

TEST_F(FunctionsTest, RunsAreOnTheTimeline) {
  run(spec("echo"));
  run(spec("throw-error", "g"));
  const Json events = timeline_.read({}).at("Events");
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].at("Kind"), "function");
  EXPECT_EQ(events[0].at("What"), "function f");
  EXPECT_EQ(events[0].at("Outcome"), "success");
  EXPECT_EQ(events[0].at("Cause").at("RequestId"), "chain-1");
  EXPECT_EQ(events[1].at("Outcome"), "std::out_of_range");
}

TEST_F(FunctionsTest, StopAbandonsWhatRunsOverTheGrace) {
  auto running = start(spec("poll-forever"));
  while (functions().counters().busy == 0) std::this_thread::yield();
  functions().stop();
  const auto result = running.get();
  EXPECT_EQ(result.kind, Kind::unhandled);
  EXPECT_EQ(Json::parse(result.payload).at("errorType"), "Runtime.ExitError");
  EXPECT_EQ(functions().counters().abandoned, 1U);
  EXPECT_TRUE(activities_.quiet());
  EXPECT_EQ(run(spec("echo")).kind, Kind::throttled);
}

TEST_F(FunctionsTest, ManyInvocationsAtOnceAllGetTheirOwnAnswer) {
  std::vector<std::future<InvocationResult>> results;
  for (int i = 0; i < 500; ++i) {
    results.push_back(start(spec("echo", "f" + std::to_string(i % 3)), std::to_string(i)));
  }
  for (int i = 0; i < 500; ++i) EXPECT_EQ(results[i].get().payload, std::to_string(i));
  EXPECT_EQ(functions().counters().busy, 0U);
}

TEST(EntryPoints, AreFoundByTheirWholeName) {
  EXPECT_EQ(find_entry_point(kTable, "echo"), &kTable[0]);
  EXPECT_EQ(find_entry_point(kTable, "ech"), nullptr);
}

}  // namespace
}  // namespace paddock::lambda
