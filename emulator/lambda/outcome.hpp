// What a run of a function comes to, and what the function sees of its configuration. Pure; the
// lines of its log are run_log.hpp's.
#pragma once

#include <chrono>
#include <exception>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/caller.hpp"
#include "core/clock.hpp"
#include "events/timeline.hpp"
#include "lambda/functions.hpp"

namespace paddock::lambda {

// The largest answer that Lambda passes on.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (6 MB, and the error's
// text)
inline constexpr size_t kMostResponseBytes = 6'291'556;
inline constexpr size_t kLogTailBytes = 4096;

// How one invocation went.
struct RunOutcome {
  enum class End { returned, threw, exited, timed_out, stopped } end = End::returned;
  bool success = true;       // returned: what the function said
  std::string payload;       // returned
  std::string content_type;  // returned: of an answer that was streamed
  bool streamed = false;     // returned: it is in the invocation's stream
  std::string error_type;    // threw, exited
  std::string error_message;
  WorldTime begun;
  MachineClock::Steady started, ended;
  std::chrono::nanoseconds init{0};  // of a cold start
  uint64_t memory_bytes = 0;         // at most; 0: the emulator's own stands for it

  static RunOutcome returned(std::string payload, bool success);
  static RunOutcome threw(std::string type, std::string message);
  // The runtime's process ended, or never was.
  static RunOutcome exited(std::string type, std::string message);
};

InvocationResult make_result(const FunctionSpec& spec, const Invocation& invocation,
                             RunOutcome& run);
// "Task timed out after 3.00 seconds"
std::string timed_out_text(const FunctionSpec& spec);
void record_run(events::Timeline& timeline, WorldTime at, const FunctionSpec& spec,
                const Invocation& invocation, const RunOutcome& run,
                const InvocationResult& result);

// "2026/11/20/[$LATEST]0123456789abcdef0123456789abcdef"
std::string log_stream_name(WorldTime now, std::string_view version, std::string_view hex);
// What Lambda sets, under the user's own variables.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
std::map<std::string, std::string, std::less<>> standard_variables(const FunctionSpec& spec,
                                                                   const std::string& log_stream);
// The session of the function's role, under which it calls AWS.
CallIdentity identity_of(const FunctionSpec& spec);
// "std::runtime_error"
std::string type_name(const std::exception& error);

}  // namespace paddock::lambda
