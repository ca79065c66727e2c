#include "services/lambda/invoker.hpp"

#include "events/metrics.hpp"
#include "events/timeline.hpp"
#include "services/lambda/limits.hpp"

namespace paddock::services::lambda {

using ::paddock::lambda::FunctionSpec;
using ::paddock::lambda::Invocation;
using ::paddock::lambda::InvocationResult;

Task<InvocationResult> Invoker::run(std::shared_ptr<const Runnable> runnable,
                                    Invocation invocation) {
  InvocationResult result;
  if (runnable->reserved_concurrency == 0) {
    result.kind = InvocationResult::Kind::throttled;
  } else {
    const size_t most = runnable->reserved_concurrency
                            ? static_cast<size_t>(*runnable->reserved_concurrency)
                            : SIZE_MAX;
    result = co_await platform_.functions.invoke(runnable->spec, std::move(invocation), most);
  }
  if (result.payload.size() > kMostResponseBytes) {
    const std::string size = std::to_string(result.payload.size());
    result.kind = InvocationResult::Kind::unhandled;
    result.payload = Json{{"errorMessage", "Response payload size (" + size +
                                               " bytes) exceeded maximum allowed payload size (" +
                                               std::to_string(kMostResponseBytes) + " bytes)."},
                          {"errorType", "Function.ResponseSizeTooLarge"}}
                         .dump();
  }
  count(*runnable->spec, result);
  co_return result;
}

// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
void Invoker::count(const FunctionSpec& spec, const InvocationResult& result) {
  const events::Dimensions dimensions{{"FunctionName", spec.name}};
  const auto add = [&](std::string_view name, std::string_view unit, double value) {
    platform_.metrics.add(spec.account, spec.region, "AWS/Lambda", name, dimensions, unit, value);
  };
  if (result.kind == InvocationResult::Kind::throttled) {
    add("Throttles", "Count", 1);
    return;
  }
  add("Throttles", "Count", 0);
  add("Invocations", "Count", 1);
  add("Errors", "Count", result.kind == InvocationResult::Kind::success ? 0 : 1);
  add("Duration", "Milliseconds", static_cast<double>(result.duration.count()) / 1000.0);
}

void Invoker::not_invoked(const FunctionSpec* spec, const Realm& realm, std::string resource,
                          std::string reason, const Cause& cause) {
  events::TimelineEvent event;
  event.at = platform_.world.now();
  event.kind = "not-invoked";
  event.what = spec != nullptr ? "function " + spec->name : "function";
  event.resource = std::move(resource);
  event.outcome = std::move(reason);
  event.cause = cause;
  event.account = realm.account;
  event.region = realm.region;
  platform_.timeline.record(std::move(event));
}

}  // namespace paddock::services::lambda
