// Running functions: execution environments made on demand, one thread each, reused while warm,
// abandoned at the time-out (DESIGN 7). What a function is (versions, roles, mappings) belongs to
// services/lambda.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "core/activity.hpp"
#include "core/caller.hpp"
#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/log.hpp"
#include "core/task.hpp"
#include "events/log_sink.hpp"
#include "events/timeline.hpp"
#include "lambda/entry_points.hpp"

namespace paddock::lambda {

// One configuration of one function: what an execution environment is made for. Immutable; a new
// revision gets new environments.
struct FunctionSpec {
  std::string arn;  // unqualified
  std::string name;
  std::string version = "$LATEST";
  std::string revision;  // environments are shared by equal (arn, version, revision)
  std::string account, region;
  std::string handler;  // name in the entry-point table
  std::string role_arn;
  std::map<std::string, std::string, std::less<>> variables;  // as configured by the user
  std::chrono::milliseconds timeout{3000};
  int memory_mb = 128;
  std::string log_group;  // "/aws/lambda/NAME"
};

struct Invocation {
  std::string request_id;
  std::string payload;         // JSON text
  std::string client_context;  // JSON text, "" if none
  std::string invoked_arn;     // as the caller named it
  std::string trace_id;
  Cause cause;
};

struct InvocationResult {
  enum class Kind {
    success,
    handled,    // the function reported an error: payload is its error document
    unhandled,  // it threw, timed out or crashed: payload is the runtime's error document
    throttled,  // no environment was free within the limit; nothing ran
  } kind = Kind::success;
  std::string payload;
  std::string log_tail;  // last 4 KiB of output, with START, END and REPORT
  std::chrono::microseconds duration{0};
  bool cold = false;
};

struct FunctionsOptions {
  size_t most_concurrent = 1000;  // AWS's account limit
  std::chrono::milliseconds keep_warm{600'000};
  std::chrono::milliseconds stop_grace{2'000};
  // With a seed: one function runs at a time, and the others wait for their turn instead of being
  // throttled. A function that invokes another and waits for it then runs into its time-out.
  bool one_at_a_time = false;
};

// Thread-safe.
class Functions {
 public:
  Functions(FunctionsOptions options, std::span<const EntryPoint> table, Caller& caller,
            const MachineClock& machine, WorldClock& world, Ids& ids, Activities& activities,
            events::LogSinkSlot& logs, events::Timeline& timeline, Log& log);
  ~Functions();  // stops

  std::span<const EntryPoint> entry_points() const;

  // Runs one invocation and returns its result; never throws for what the function does. START,
  // END and REPORT lines and the function's own go to the log sink as one batch.
  // `most` bounds the function's concurrent environments (reserved concurrency). Resumes on the
  // caller's executor, whose io_context one thread runs (DESIGN 6).
  Task<InvocationResult> invoke(std::shared_ptr<const FunctionSpec> spec, Invocation invocation,
                                size_t most = SIZE_MAX);

  // Ends the idle environments of a function that changed or is gone; busy ones end after their
  // run.
  void retire(const std::string& arn);

  struct Counters {
    size_t environments, busy;
    uint64_t abandoned;  // given up at a time-out or at stop, so far
  };
  Counters counters() const;
  // Gives running functions the grace, then abandons them.
  void stop();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace paddock::lambda
