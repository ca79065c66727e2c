// Invoke, in its three ways.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
#include "core/text.hpp"
#include "events/outbox.hpp"
#include "services/lambda/errors.hpp"
#include "services/lambda/limits.hpp"
#include "services/lambda/service.hpp"

namespace paddock::services::lambda {
namespace request {

using ::paddock::lambda::InvocationResult;

std::string payload(const Json& input) {
  const auto found = input.find(members::Payload);
  if (found == input.end() || !found->is_binary() || found->get_binary().empty()) {
    return "{}";
  }
  const Json::binary_t& bytes = found->get_binary();
  return std::string(bytes.begin(), bytes.end());
}

void check_size(const std::string& payload, const std::string& type, size_t limit) {
  if (payload.size() > limit) {
    throw errors::too_large(std::to_string(payload.size()) + " byte payload is too large for the " +
                            type + " invocation type (limit " + std::to_string(limit) + " bytes)");
  }
}

// X-Amz-Client-Context is base64 of JSON.
std::string client_context(const Json& input) {
  const std::string text = input.value(members::ClientContext, std::string());
  if (text.empty()) {
    return text;
  }
  const std::optional<std::string> decoded = from_base64(text);
  if (!decoded || !Json::accept(*decoded)) {
    throw errors::user("InvalidRequestContentException",
                       "Client context must be a valid Base64-encoded JSON object.", 400);
  }
  if (decoded->size() > kMostClientContextBytes) {
    throw errors::too_large("Client context must be no more than " +
                            std::to_string(kMostClientContextBytes) + " bytes.");
  }
  return *decoded;
}

Json answer(const InvocationResult& result, const std::string& version, bool with_log) {
  Json document = {
      {members::StatusCode, 200},
      {members::ExecutedVersion, version},
      {members::Payload, Json::binary({result.payload.begin(), result.payload.end()})}};
  if (result.kind != InvocationResult::Kind::success) {
    document[members::FunctionError] = "Unhandled";  // "Handled" went with the oldest runtimes
  }
  if (with_log) {
    document[members::LogResult] = to_base64(result.log_tail);
  }
  return document;
}

}  // namespace request

Lambda::Asked Lambda::asked_of(Context& context, const Json& input, size_t event_limit) {
  const Target target = target_of(context, input);
  for (const char* name : {members::DurableExecutionName, members::TenantId}) {
    if (input.contains(name)) {
      throw errors::not_emulated(name);
    }
  }
  Asked asked;
  asked.runnable = runnables_.find(*context.realm, target.name, target.qualifier);
  if (!asked.runnable) {
    throw errors::function_not_found(target.qualifier.empty() ? target.arn + ":" + kLatest
                                                              : target.named_arn());
  }
  asked.type = input.value(members::InvocationType, std::string("RequestResponse"));
  asked.call.function = target.name;
  asked.call.qualifier = target.qualifier;
  asked.call.invoked_arn = target.named_arn();
  asked.call.request_id = context.request_id;
  asked.call.client_context = request::client_context(input);
  asked.call.payload = request::payload(input);
  request::check_size(asked.call.payload, asked.type,
                      asked.type == "Event" ? event_limit : kMostSyncPayloadBytes);
  return asked;
}

void Lambda::require_runnable(const Asked& asked) {
  check_payload(asked.call.payload);
  if (!asked.runnable->runs_here()) {
    throw errors::no_runtime(asked.runnable->missing);
  }
}

::paddock::lambda::Invocation Lambda::invocation_of(const Context& context, Asked asked) {
  ::paddock::lambda::Invocation invocation;
  invocation.request_id = std::move(asked.call.request_id);
  invocation.payload = std::move(asked.call.payload);
  invocation.client_context = std::move(asked.call.client_context);
  invocation.invoked_arn = std::move(asked.call.invoked_arn);
  invocation.cause = context.cause;
  ++invocation.cause.depth;
  return invocation;
}

AwsError Lambda::throttled(const Runnable& runnable) {
  return errors::throttled(runnable.reserved_concurrency
                               ? "ReservedFunctionConcurrentInvocationLimitExceeded"
                               : "ConcurrentInvocationLimitExceeded");
}

Task<gateway::Output> Lambda::invoke(Context& context, Json input) {
  Asked asked = asked_of(context, input, kMostAsyncPayloadBytes);
  if (asked.type == "DryRun") {
    co_return gateway::Output(Json{{members::StatusCode, 204}});
  }
  require_runnable(asked);
  if (asked.type == "Event") {
    co_return co_await invoke_later(context, std::move(asked.call));
  }
  const std::shared_ptr<const Runnable> runnable = asked.runnable;
  auto running = invoker_.run(runnable, invocation_of(context, std::move(asked)));
  const ::paddock::lambda::InvocationResult result = co_await std::move(running);
  if (result.kind == ::paddock::lambda::InvocationResult::Kind::throttled) {
    throw throttled(*runnable);
  }
  const bool with_log = input.value(members::LogType, std::string()) == "Tail";
  co_return gateway::Output(request::answer(result, runnable->spec->version, with_log));
}

// A function of its own: a closure in a coroutine's frame has no linkage in unity builds.
std::function<uint64_t()> Lambda::writing(Context& context, const AsyncInvocation& invocation) {
  events::OutboxEntry entry;
  entry.realm = context.realm->id;
  entry.target = kInvokeTarget;
  entry.payload = invocation.encode();
  entry.cause = context.cause;
  ++entry.cause.depth;
  entry.enqueued = platform_.world.now();
  return [this, &context, entry] {
    storage::Batch batch;
    platform_.outbox.add(batch, entry);
    return context.commit(batch);
  };
}

Task<gateway::Output> Lambda::invoke_later(Context& context, AsyncInvocation invocation) {
  const std::function<uint64_t()> write = writing(context, invocation);
  bool refused = false;
  try {
    write();
  } catch (const storage::CommitWouldWait&) {
    refused = true;
  }
  if (refused) {
    context.commit_mode = storage::CommitMode::may_wait;
    co_await platform_.work.run(write);
  }
  co_return gateway::Output(Json{{members::StatusCode, 202}});
}

}  // namespace paddock::services::lambda
