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

Task<gateway::Output> Lambda::invoke(Context& context, Json input) {
  const Target target = target_of(context, input);
  for (const char* name : {members::DurableExecutionName, members::TenantId}) {
    if (input.contains(name)) {
      throw errors::not_emulated(name);
    }
  }
  const std::shared_ptr<const Runnable> runnable =
      runnables_.find(*context.realm, target.name, target.qualifier);
  if (!runnable) {
    throw errors::function_not_found(target.qualifier.empty() ? target.arn + ":" + kLatest
                                                              : target.named_arn());
  }
  const std::string type = input.value(members::InvocationType, std::string("RequestResponse"));
  const bool later = type == "Event";
  AsyncInvocation asked;
  asked.function = target.name;
  asked.invoked_arn = target.named_arn();
  asked.request_id = context.request_id;
  asked.client_context = request::client_context(input);
  asked.payload = request::payload(input);
  request::check_size(asked.payload, type, later ? kMostAsyncPayloadBytes : kMostSyncPayloadBytes);
  if (type == "DryRun") {
    co_return gateway::Output(Json{{members::StatusCode, 204}});
  }
  check_payload(asked.payload);
  if (!runnable->runs_here()) {
    throw errors::no_runtime(runnable->missing);
  }
  if (later) {
    co_return co_await invoke_later(context, std::move(asked));
  }
  ::paddock::lambda::Invocation invocation;
  invocation.request_id = asked.request_id;
  invocation.payload = std::move(asked.payload);
  invocation.client_context = std::move(asked.client_context);
  invocation.invoked_arn = std::move(asked.invoked_arn);
  invocation.cause = context.cause;
  ++invocation.cause.depth;
  const ::paddock::lambda::InvocationResult result =
      co_await invoker_.run(runnable, std::move(invocation));
  if (result.kind == ::paddock::lambda::InvocationResult::Kind::throttled) {
    throw errors::throttled(runnable->reserved_concurrency
                                ? "ReservedFunctionConcurrentInvocationLimitExceeded"
                                : "ConcurrentInvocationLimitExceeded");
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
