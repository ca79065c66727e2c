#include "lambda/outcome.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <typeinfo>
#include <utility>

#include <cxxabi.h>
#include <sys/resource.h>

#include "core/arn.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

namespace paddock::lambda {

namespace outcome {

double milliseconds(std::chrono::nanoseconds span) {
  return std::chrono::duration<double, std::milli>(span).count();
}

std::string two_digits(double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.2f", value);
  return text.data();
}

std::string error_document(const std::string& type, const std::string& message) {
  const Json error{{"errorType", type}, {"errorMessage", message}};
  return error.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string timed_out_text(const FunctionSpec& spec) {
  const double seconds = milliseconds(spec.timeout) / 1000;
  return "Task timed out after " + two_digits(seconds) + " seconds";
}

// Functions in the process share it, so its peak stands for each of theirs, within their memory
// setting.
int64_t memory_used_mb(const FunctionSpec& spec, const RunOutcome& run) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto megabytes = run.memory_bytes > 0
                             ? static_cast<int64_t>(run.memory_bytes / (1024 * 1024))
                             : static_cast<int64_t>(usage.ru_maxrss / 1024);
  return std::clamp<int64_t>(megabytes, 1, spec.memory_mb);
}

std::string report_line(const FunctionSpec& spec, const Invocation& invocation,
                        const RunOutcome& run) {
  const bool timed_out = run.end == RunOutcome::End::timed_out;
  // A run that was stopped at its time-out took that long, however late it was noticed.
  const double duration = milliseconds(timed_out ? spec.timeout : run.ended - run.started);
  const double init = milliseconds(run.init);
  std::string line = "REPORT RequestId: " + invocation.request_id;
  line += "\tDuration: " + two_digits(duration) + " ms";
  line += "\tBilled Duration: " + std::to_string(static_cast<int64_t>(std::ceil(duration + init))) +
          " ms";
  line += "\tMemory Size: " + std::to_string(spec.memory_mb) + " MB";
  line += "\tMax Memory Used: " + std::to_string(memory_used_mb(spec, run)) + " MB";
  if (init > 0) line += "\tInit Duration: " + two_digits(init) + " ms";
  line += timed_out ? "\tStatus: timeout" : "\t";
  if (run.end == RunOutcome::End::exited) line += "Status: error\tError Type: " + run.error_type;
  line += "\n";
  return line;
}

}  // namespace outcome

RunOutcome RunOutcome::returned(std::string payload, bool success) {
  RunOutcome run;
  run.success = success;
  run.payload = std::move(payload);
  return run;
}

RunOutcome RunOutcome::threw(std::string type, std::string message) {
  RunOutcome run;
  run.end = End::threw;
  run.error_type = std::move(type);
  run.error_message = std::move(message);
  return run;
}

RunOutcome RunOutcome::exited(std::string type, std::string message) {
  RunOutcome run = threw(std::move(type), std::move(message));
  run.end = End::exited;
  return run;
}

InvocationResult make_result(const FunctionSpec& spec, const Invocation& invocation,
                             RunOutcome& run) {
  using Kind = InvocationResult::Kind;
  InvocationResult result;
  result.duration = std::chrono::duration_cast<std::chrono::microseconds>(run.ended - run.started);
  const std::string request = "RequestId: " + invocation.request_id + " Error: ";
  switch (run.end) {
    case RunOutcome::End::returned:
      if (run.payload.size() > kMostResponseBytes) {
        result.kind = Kind::unhandled;
        result.payload = outcome::error_document(
            "Function.ResponseSizeTooLarge",
            "Response payload size exceeded maximum allowed payload size (" +
                std::to_string(kMostResponseBytes) + " bytes).");
        break;
      }
      result.kind = run.success ? Kind::success : Kind::handled;
      result.payload = std::move(run.payload);
      result.content_type = std::move(run.content_type);
      break;
    case RunOutcome::End::exited:
      result.kind = Kind::unhandled;
      result.payload = outcome::error_document(run.error_type, request + run.error_message);
      break;
    case RunOutcome::End::threw:
      result.kind = Kind::unhandled;
      result.payload = outcome::error_document(run.error_type, run.error_message);
      break;
    case RunOutcome::End::timed_out:
      result.kind = Kind::unhandled;
      result.payload =
          outcome::error_document("Sandbox.Timedout", request + outcome::timed_out_text(spec));
      break;
    case RunOutcome::End::stopped:
      result.kind = Kind::unhandled;
      result.payload = outcome::error_document(
          "Runtime.ExitError", request + "Runtime exited without providing a reason");
      break;
  }
  return result;
}

std::vector<events::LogLine> log_of(const FunctionSpec& spec, const Invocation& invocation,
                                    const RunOutcome& run, std::vector<events::LogLine> lines,
                                    WorldTime ended) {
  const std::string& id = invocation.request_id;
  std::vector<events::LogLine> all;
  all.reserve(lines.size() + 4);
  all.push_back({run.begun, "START RequestId: " + id + " Version: " + spec.version + "\n"});
  std::move(lines.begin(), lines.end(), std::back_inserter(all));
  if (run.end == RunOutcome::End::timed_out) {
    all.push_back(
        {ended, iso8601(ended.ms) + " " + id + " " + outcome::timed_out_text(spec) + "\n\n"});
  } else if (run.end == RunOutcome::End::exited) {
    all.push_back({ended, "RequestId: " + id + " Error: " + run.error_message + "\n"});
    all.push_back({ended, run.error_type + "\n"});
  } else if (run.end == RunOutcome::End::threw) {
    // What a runtime prints of an error that the function did not catch.
    all.push_back({ended, "[ERROR] " + run.error_type + ": " + run.error_message + "\n"});
  }
  all.push_back({ended, "END RequestId: " + id + "\n"});
  all.push_back({ended, outcome::report_line(spec, invocation, run)});
  return all;
}

std::string tail_of(const std::vector<events::LogLine>& lines) {
  auto first = lines.end();
  size_t bytes = 0;
  while (first != lines.begin() && bytes < kLogTailBytes) bytes += (--first)->text.size();
  std::string tail;
  tail.reserve(bytes);
  for (; first != lines.end(); ++first) tail += first->text;
  if (tail.size() > kLogTailBytes) tail.erase(0, tail.size() - kLogTailBytes);
  return tail;
}

void record_run(events::Timeline& timeline, WorldTime at, const FunctionSpec& spec,
                const Invocation& invocation, const RunOutcome& run,
                const InvocationResult& result) {
  using Kind = InvocationResult::Kind;
  events::TimelineEvent event;
  event.at = at;
  event.kind = "function";
  event.what = "function " + spec.name;
  event.resource = spec.arn;
  if (result.kind == Kind::success) event.outcome = "success";
  if (result.kind == Kind::handled) event.outcome = "error reported by the function";
  if (result.kind == Kind::throttled) event.outcome = "throttled";
  if (result.kind == Kind::unhandled) {
    event.outcome = run.end == RunOutcome::End::threw       ? run.error_type
                    : run.end == RunOutcome::End::exited    ? run.error_type
                    : run.end == RunOutcome::End::timed_out ? "timed out"
                    : run.end == RunOutcome::End::stopped   ? "stopped"
                                                            : "response too large";
  }
  event.request_id = invocation.request_id;
  event.cause = invocation.cause;
  event.account = spec.account;
  event.region = spec.region;
  event.microseconds = result.duration.count();
  timeline.record(std::move(event));
}

std::string log_stream_name(WorldTime now, std::string_view version, std::string_view hex) {
  const CivilTime day = civil_time(now.ms);
  std::array<char, 64> date{};
  std::snprintf(date.data(), date.size(), "%04d/%02d/%02d/", day.year, day.month, day.day);
  std::string name = date.data();
  name += '[';
  name += version;
  name += ']';
  name += hex;
  return name;
}

std::map<std::string, std::string, std::less<>> standard_variables(const FunctionSpec& spec,
                                                                   const std::string& log_stream) {
  // AWS_EXECUTION_ENV is not among them: AWS does not define it for OS-only runtimes.
  std::map<std::string, std::string, std::less<>> variables{
      {"AWS_DEFAULT_REGION", spec.region},
      {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", std::to_string(spec.memory_mb)},
      {"AWS_LAMBDA_FUNCTION_NAME", spec.name},
      {"AWS_LAMBDA_FUNCTION_VERSION", spec.version},
      {"AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"},
      {"AWS_LAMBDA_LOG_GROUP_NAME", spec.log_group},
      {"AWS_LAMBDA_LOG_STREAM_NAME", log_stream},
      {"AWS_REGION", spec.region},
      {"LAMBDA_RUNTIME_DIR", "/var/runtime"},
      {"LAMBDA_TASK_ROOT", "/var/task"},
      {"LANG", "en_US.UTF-8"},
      {"TZ", ":UTC"},
      {"_HANDLER", spec.handler}};
  for (const auto& [name, value] : spec.variables) variables.insert_or_assign(name, value);
  return variables;
}

CallIdentity identity_of(const FunctionSpec& spec) {
  CallIdentity identity;
  identity.account = spec.account;
  identity.region = spec.region;
  identity.principal_arn = make_arn("iam", "", spec.account, "root");
  if (const auto role = Arn::parse(spec.role_arn)) {
    const std::string name = role->resource.substr(role->resource.rfind('/') + 1);
    identity.principal_arn =
        make_arn("sts", "", role->account, "assumed-role/" + name + "/" + spec.name);
  }
  return identity;
}

std::string type_name(const std::exception& error) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, &status), &std::free);
  return status == 0 ? name.get() : typeid(error).name();
}

}  // namespace paddock::lambda
