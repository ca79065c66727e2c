#include "services/lambda/invoker.hpp"

#include <algorithm>

#include "events/metrics.hpp"
#include "events/timeline.hpp"
#include "services/lambda/limits.hpp"
#include "storage/realms.hpp"

namespace paddock::services::lambda {

using ::paddock::lambda::FunctionSpec;
using ::paddock::lambda::Invocation;
using ::paddock::lambda::InvocationResult;

std::string AsyncInvocation::encode() const {
  return Json{{"v", 1},
              {"function", function},
              {"invoked_arn", invoked_arn},
              {"request_id", request_id},
              {"client_context", client_context},
              {"payload", payload}}
      .dump();
}

AsyncInvocation AsyncInvocation::decode(const std::string& text) {
  const Json row = Json::parse(text);
  if (row.at("v") != 1) {
    throw std::runtime_error("an asynchronous invocation has an unknown version");
  }
  AsyncInvocation invocation;
  invocation.function = row.at("function");
  invocation.invoked_arn = row.at("invoked_arn");
  invocation.request_id = row.at("request_id");
  invocation.client_context = row.at("client_context");
  invocation.payload = row.at("payload");
  return invocation;
}

Invoker::Invoker(gateway::Platform& platform, Runnables& runnables)
    : platform_(platform), runnables_(runnables) {}

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

Task<events::Delivered> Invoker::deliver(events::OutboxEntry entry) {
  const std::shared_ptr<const Realm> realm = platform_.realms.by_id(entry.realm);
  if (!realm) {
    co_return events::Delivered::done();
  }
  const AsyncInvocation asked = AsyncInvocation::decode(entry.payload);
  const std::shared_ptr<const Runnable> runnable =
      runnables_.find(*realm, asked.function, parse_function_name(asked.invoked_arn).qualifier);
  if (!runnable) {
    not_invoked(nullptr, *realm, asked.invoked_arn, "the function does not exist", entry.cause);
    co_return events::Delivered::done();
  }
  if (!runnable->runs_here()) {
    not_invoked(runnable->spec.get(), *realm, asked.invoked_arn,
                "no runtime for " + runnable->missing, entry.cause);
    co_return events::Delivered::done();
  }
  Invocation invocation;
  invocation.request_id = asked.request_id;
  invocation.payload = asked.payload;
  invocation.client_context = asked.client_context;
  invocation.invoked_arn = asked.invoked_arn;
  invocation.cause = entry.cause;
  const InvocationResult result = co_await run(runnable, std::move(invocation));
  if (result.kind == InvocationResult::Kind::success) {
    co_return events::Delivered::done();
  }
  const WorldTime now = platform_.world.now();
  if (result.kind == InvocationResult::Kind::throttled) {
    not_invoked(runnable->spec.get(), *realm, asked.invoked_arn, "throttled", entry.cause);
    if (now - entry.enqueued >= kMostAsyncAge) {
      co_return events::Delivered::done();
    }
    const Milliseconds pause(int64_t{1000} << std::min<uint32_t>(entry.attempt, 9));
    co_return events::Delivered::retry(now + std::min(pause, kMostThrottleRetry));
  }
  if (entry.attempt >= kAsyncRetries) {
    not_invoked(runnable->spec.get(), *realm, asked.invoked_arn,
                "dropped: retry attempts exhausted", entry.cause);
    co_return events::Delivered::done();
  }
  co_return events::Delivered::retry(now +
                                     (entry.attempt == 0 ? kFirstAsyncRetry : kSecondAsyncRetry));
}

}  // namespace paddock::services::lambda
