#include "lambda/in_process.hpp"

#include <utility>

#include "core/error.hpp"

namespace paddock::lambda {

InProcess::InProcess(std::shared_ptr<const FunctionSpec> spec, const EntryPoint& entry,
                     const std::string& log_stream, Caller& caller, const MachineClock& machine,
                     const WorldClock& world)
    : spec_(std::move(spec)),
      entry_(entry),
      machine_(machine),
      environment_(standard_variables(*spec_, log_stream), identity_of(*spec_), caller, world) {}

RunOutcome InProcess::run(const Invocation& invocation, MachineClock::Steady asked) {
  environment_.begin(invocation.cause);
  const auto started = machine_.now();
  RunOutcome run = call(invocation);
  run.started = started;
  run.ended = machine_.now();
  if (!std::exchange(warm_, true)) run.init = started - asked;
  return run;
}

// Anything the function throws is its error, but Abandoned.
RunOutcome InProcess::call(const Invocation& invocation) {
  aws::lambda_runtime::invocation_request request;
  request.payload = invocation.payload;
  request.request_id = invocation.request_id;
  request.xray_trace_id = invocation.trace_id;
  request.client_context = invocation.client_context;
  request.function_arn = invocation.invoked_arn.empty() ? spec_->arn : invocation.invoked_arn;
  request.deadline = std::chrono::system_clock::time_point(
      std::chrono::milliseconds(machine_.wall_ms()) + spec_->timeout);
  Environment::Scope scope(&environment_);
  try {
    auto response = entry_.handler(request);
    return RunOutcome::returned(response.get_payload(), response.is_success());
  } catch (const AwsError& error) {
    return RunOutcome::threw(error.code(), error.message());
  } catch (const std::exception& error) {
    return RunOutcome::threw(type_name(error), error.what());
  } catch (...) {
    return RunOutcome::threw("Unknown", "the function threw something that is no std::exception");
  }
}

}  // namespace paddock::lambda
