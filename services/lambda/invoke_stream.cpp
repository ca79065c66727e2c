// InvokeWithResponseStream: the answer comes as events while the function makes it.
// https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
#include "core/text.hpp"
#include "services/lambda/errors.hpp"
#include "services/lambda/limits.hpp"
#include "services/lambda/service.hpp"
#include "services/lambda/streaming.hpp"

namespace paddock::services::lambda {
namespace response_events {

using ::paddock::lambda::InvocationResult;
using ::paddock::lambda::ResponseStream;

Json chunk(const std::string& bytes) {
  return {{members::Payload, Json::binary({bytes.begin(), bytes.end()})}};
}

Json completion(const InvocationResult& result, bool with_log) {
  Json event = Json::object();
  if (result.kind != InvocationResult::Kind::success) {
    event[members::ErrorCode] = "Unhandled";
    event[members::ErrorDetails] = result.payload;
  }
  if (with_log) {
    event[members::LogResult] = to_base64(result.log_tail);
  }
  return event;
}

Task<void> nothing() {
  co_return;
}

Task<void> send(std::shared_ptr<StreamedRun> run, gateway::EventWriter* writer, bool with_log) {
  while (true) {
    auto next = ResponseStream::next(run->stream);
    const std::string piece = co_await std::move(next);
    if (piece.empty()) {
      break;
    }
    Json event = chunk(piece);
    co_await writer->send("PayloadChunk", std::move(event));
  }
  const InvocationResult& result = *run->result;
  // A runtime that does not stream has its answer complete.
  const bool collected = result.kind == InvocationResult::Kind::success && !result.streamed;
  if (collected && !result.payload.empty()) {
    Json event = chunk(result.payload);
    co_await writer->send("PayloadChunk", std::move(event));
  }
  Json last = completion(result, with_log);
  co_await writer->send("InvokeComplete", std::move(last));
}

}  // namespace response_events

Task<gateway::Output> Lambda::invoke_with_response_stream(Context& context, Json input) {
  Asked asked = asked_of(context, input, kMostSyncPayloadBytes);
  if (asked.type == "DryRun") {
    const Json status = {{members::StatusCode, 204}};
    gateway::EventStream none(status,
                              [](gateway::EventWriter&) { return response_events::nothing(); });
    co_return gateway::Output(std::move(none));
  }
  require_runnable(asked);
  const std::shared_ptr<const Runnable> runnable = asked.runnable;
  auto started = run_streaming(invoker_, runnable, invocation_of(context, std::move(asked)));
  const std::shared_ptr<StreamedRun> run = co_await std::move(started);
  auto begun = response_events::ResponseStream::begun(run->stream);
  const bool streams = co_await std::move(begun);
  if (!streams && run->result->kind == response_events::InvocationResult::Kind::throttled) {
    throw throttled(*runnable);
  }
  const bool with_log = input.value(members::LogType, std::string()) == "Tail";
  const Json head = {{members::StatusCode, 200},
                     {members::ExecutedVersion, runnable->spec->version}};
  gateway::EventStream events(head, [run, with_log](gateway::EventWriter& writer) {
    return response_events::send(run, &writer, with_log);
  });
  co_return gateway::Output(std::move(events));
}

}  // namespace paddock::services::lambda
