#include "lambda/outcome.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <typeinfo>
#include <utility>

#include <cxxabi.h>

#include "core/arn.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

namespace paddock::lambda {

namespace outcome {

std::string error_document(const std::string& type, const std::string& message) {
  const Json error{{"errorType", type}, {"errorMessage", message}};
  return error.dump(-1, ' ', false, Json::error_handler_t::replace);
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

std::string timed_out_text(const FunctionSpec& spec) {
  std::array<char, 64> seconds{};
  std::snprintf(seconds.data(), seconds.size(), "%.2f",
                std::chrono::duration<double>(spec.timeout).count());
  return std::string("Task timed out after ") + seconds.data() + " seconds";
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
      result.streamed = run.streamed;
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
      result.payload = outcome::error_document("Sandbox.Timedout", request + timed_out_text(spec));
      break;
    case RunOutcome::End::stopped:
      result.kind = Kind::unhandled;
      result.payload = outcome::error_document(
          "Runtime.ExitError", request + "Runtime exited without providing a reason");
      break;
  }
  return result;
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
  if (spec.json_logs) {
    variables["AWS_LAMBDA_LOG_FORMAT"] = "JSON";
    variables["AWS_LAMBDA_LOG_LEVEL"] = spec.application_level;
  }
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
