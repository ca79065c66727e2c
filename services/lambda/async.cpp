#include "services/lambda/async.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "core/text.hpp"
#include "events/metrics.hpp"
#include "lambda/outcome.hpp"
#include "services/lambda/limits.hpp"
#include "services/lambda/qualifiers.hpp"
#include "services/lambda/result_records.hpp"
#include "storage/realms.hpp"

namespace paddock::services::lambda {
namespace async {

using ::paddock::lambda::Invocation;
using ::paddock::lambda::InvocationResult;

// How a dropped event is told in the timeline.
std::string reason_of(const std::string& condition) {
  if (condition == kRetriesExhausted) {
    return "dropped: retry attempts exhausted";
  }
  if (condition == kEventAgeExceeded) {
    return "dropped: the event is older than MaximumEventAgeInSeconds";
  }
  return "dropped: the reserved concurrency is 0";
}

std::string destination_in(const Json& config, const char* which) {
  return config.value(members::DestinationConfig, Json::object())
      .value(which, Json::object())
      .value(members::Destination, std::string());
}

std::string error_message(const std::optional<InvocationResult>& result) {
  if (!result) {
    return "";
  }
  const Json document = Json::parse(result->payload, nullptr, false);
  if (!document.is_object()) {
    return "";
  }
  const auto message = document.find("errorMessage");
  return message != document.end() && message->is_string() ? message->get<std::string>() : "";
}

}  // namespace async

using async::Invocation;
using async::InvocationResult;

std::string AsyncInvocation::encode() const {
  return Json{{"v", 2},
              {"function", function},
              {"qualifier", qualifier},
              {"invoked_arn", invoked_arn},
              {"request_id", request_id},
              {"client_context", client_context},
              {"payload", payload},
              {"failures", failures}}
      .dump();
}

AsyncInvocation AsyncInvocation::decode(const std::string& text) {
  const Json row = Json::parse(text);
  if (row.at("v") != 1 && row.at("v") != 2) {
    throw std::runtime_error("an asynchronous invocation has an unknown version");
  }
  AsyncInvocation invocation;
  invocation.function = row.at("function");
  invocation.qualifier = row.value("qualifier", std::string());
  invocation.invoked_arn = row.at("invoked_arn");
  invocation.request_id = row.at("request_id");
  invocation.client_context = row.at("client_context");
  invocation.payload = row.at("payload");
  invocation.failures = row.value("failures", 0U);
  return invocation;
}

AsyncPolicy async_policy(const std::optional<Json>& config) {
  AsyncPolicy policy{kAsyncRetries, kMostAsyncAge, "", ""};
  if (!config) {
    return policy;
  }
  policy.retries = config->value(members::MaximumRetryAttempts, policy.retries);
  if (config->contains(members::MaximumEventAgeInSeconds)) {
    policy.age = std::chrono::seconds(config->at(members::MaximumEventAgeInSeconds).get<int64_t>());
  }
  policy.on_success = async::destination_in(*config, members::OnSuccess);
  policy.on_failure = async::destination_in(*config, members::OnFailure);
  return policy;
}

Task<events::Delivered> AsyncInvocations::deliver(events::OutboxEntry entry) {
  auto delivery = std::make_shared<Delivery>();
  delivery->realm = platform_.realms.by_id(entry.realm);
  if (!delivery->realm) {
    co_return events::Delivered::done();
  }
  delivery->asked = AsyncInvocation::decode(entry.payload);
  delivery->entry = std::move(entry);
  const AsyncInvocation& asked = delivery->asked;
  delivery->runnable = runnables_.find(*delivery->realm, asked.function, asked.qualifier);
  if (!delivery->runnable) {
    say(*delivery, "the function does not exist");
    co_return events::Delivered::done();
  }
  if (!delivery->runnable->runs_here()) {
    say(*delivery, "no runtime for " + delivery->runnable->missing);
    co_return events::Delivered::done();
  }
  delivery->policy = async_policy(configs_.event_invoke(
      delivery->realm->id, asked.function, asked.qualifier.empty() ? kLatest : asked.qualifier));
  if (platform_.world.now() >= delivery->expires()) {
    co_return co_await end(delivery, kEventAgeExceeded);
  }
  if (delivery->runnable->reserved_concurrency == 0) {
    co_return co_await end(delivery, kZeroConcurrency);
  }
  Invocation invocation;
  invocation.request_id = asked.request_id;
  invocation.payload = asked.payload;
  invocation.client_context = asked.client_context;
  invocation.invoked_arn = asked.invoked_arn;
  invocation.cause = delivery->entry.cause;
  delivery->result = co_await invoker_.run(delivery->runnable, std::move(invocation));
  co_return co_await judge(delivery);
}

Task<events::Delivered> AsyncInvocations::judge(std::shared_ptr<Delivery> delivery) {
  using Kind = InvocationResult::Kind;
  if (delivery->result->kind == Kind::success) {
    co_return co_await end(delivery, kSucceeded);
  }
  const WorldTime now = platform_.world.now();
  if (delivery->result->kind == Kind::throttled) {
    say(*delivery, "throttled");
    const Milliseconds pause(int64_t{1000} << std::min<uint32_t>(delivery->entry.attempt, 9));
    const WorldTime due = now + std::min(pause, kMostThrottleRetry);
    delivery->result.reset();
    if (due >= delivery->expires()) {
      co_return co_await end(delivery, kEventAgeExceeded);
    }
    co_return events::Delivered::retry(due);
  }
  AsyncInvocation& asked = delivery->asked;
  const WorldTime due = now + (asked.failures == 0 ? kFirstAsyncRetry : kSecondAsyncRetry);
  if (asked.failures >= delivery->policy.retries) {
    co_return co_await end(delivery, kRetriesExhausted);
  }
  if (due >= delivery->expires()) {
    co_return co_await end(delivery, kEventAgeExceeded);
  }
  ++asked.failures;
  co_return events::Delivered::retry(due, asked.encode());
}

Task<events::Delivered> AsyncInvocations::end(std::shared_ptr<Delivery> delivery,
                                              std::string condition) {
  const bool failed = condition != kSucceeded;
  if (failed) {
    say(*delivery, async::reason_of(condition));
    count(*delivery, "AsyncEventsDropped");
  }
  if (auto message = destination_message(*delivery, condition)) {
    auto sent = destinations_.send(delivery->realm, *std::move(message), delivery->entry.cause);
    const bool taken = co_await std::move(sent);
    if (!taken) {
      count(*delivery, "DestinationDeliveryFailures");
    }
  }
  std::optional<DestinationMessage> letter;
  if (failed) {
    letter = dead_letter(*delivery);
  }
  if (letter) {
    auto sent = destinations_.send(delivery->realm, *std::move(letter), delivery->entry.cause);
    const bool taken = co_await std::move(sent);
    if (!taken) {
      count(*delivery, "DeadLetterErrors");
    }
  }
  co_return events::Delivered::done();
}

std::optional<DestinationMessage> AsyncInvocations::destination_message(
    const Delivery& delivery, const std::string& condition) const {
  const bool failed = condition != kSucceeded;
  const std::string& target = failed ? delivery.policy.on_failure : delivery.policy.on_success;
  if (target.empty()) {
    return std::nullopt;
  }
  const ::paddock::lambda::FunctionSpec& spec = *delivery.runnable->spec;
  AsyncRecord record;
  record.at = platform_.world.now();
  record.request_id = delivery.asked.request_id;
  record.function_arn =
      spec.arn + ":" + (delivery.asked.qualifier.empty() ? spec.version : delivery.asked.qualifier);
  record.condition = condition;
  record.invoke_count = delivery.asked.failures + (delivery.result ? 1 : 0);
  record.payload = delivery.asked.payload;
  record.result = delivery.result;
  record.version = spec.version;
  DestinationMessage message;
  message.target = target;
  message.principal = ::paddock::lambda::identity_of(spec).principal_arn;
  message.source = record.function_arn;
  message.body = to_text(record);
  message.detail_type =
      std::string("Lambda Function Invocation Result - ") + (failed ? "Failure" : "Success");
  message.object_key = object_key(record.request_id, "async", record.at, record.request_id);
  return message;
}

// The event itself, with attributes that tell of the error.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq
std::optional<DestinationMessage> AsyncInvocations::dead_letter(const Delivery& delivery) const {
  const auto found =
      resolve(store_, delivery.realm->id, delivery.asked.function, delivery.asked.qualifier);
  if (!found) {
    return std::nullopt;
  }
  DestinationMessage message;
  message.target = found->function.config.value(members::DeadLetterConfig, Json::object())
                       .value(members::TargetArn, std::string());
  if (message.target.empty()) {
    return std::nullopt;
  }
  const ::paddock::lambda::FunctionSpec& spec = *delivery.runnable->spec;
  message.principal = ::paddock::lambda::identity_of(spec).principal_arn;
  message.source = spec.arn;
  message.body = delivery.asked.payload;
  message.attributes = {{"RequestID", delivery.asked.request_id},
                        {"ErrorCode", delivery.result ? "200" : "429"}};
  std::string text = async::error_message(delivery.result);
  if (!delivery.result) {
    text = "Rate Exceeded.";
  }
  text.resize(std::min(text.size(), kMostDeadLetterText));
  while (!valid_utf8(text)) {
    text.pop_back();  // what the cut has left of a character
  }
  if (!text.empty()) {
    message.attributes["ErrorMessage"] = text;
  }
  return message;
}

void AsyncInvocations::say(const Delivery& delivery, const std::string& reason) {
  invoker_.not_invoked(delivery.runnable ? delivery.runnable->spec.get() : nullptr, *delivery.realm,
                       delivery.asked.invoked_arn, reason, delivery.entry.cause);
}

void AsyncInvocations::count(const Delivery& delivery, const char* metric) {
  const ::paddock::lambda::FunctionSpec& spec = *delivery.runnable->spec;
  const events::Dimensions dimensions{{"FunctionName", spec.name}};
  platform_.metrics.add(spec.account, spec.region, "AWS/Lambda", metric, dimensions, "Count", 1);
}

}  // namespace paddock::services::lambda
