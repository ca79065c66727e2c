// What a run came to: where its lane goes on, and what is kept or told of records that failed.
#include <algorithm>

#include "core/error.hpp"
#include "core/ids.hpp"
#include "events/outbox.hpp"
#include "events/timeline.hpp"
#include "lambda/outcome.hpp"
#include "services/lambda/batch.hpp"
#include "services/lambda/result_records.hpp"
#include "services/lambda/stream_poller.hpp"
#include "services/lambda/tumbling.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::lambda {
namespace stream_results {

constexpr const char* kProblem = "PROBLEM: Function call failed";

}  // namespace stream_results

void StreamPoller::say_not_invoked(const std::string& reason, const Cause& cause,
                                   const Runnable* runnable) {
  parts_.invoker.not_invoked(runnable != nullptr ? runnable->spec.get() : nullptr, *realm_,
                             settings_->mapping_arn, reason, cause);
}

bool StreamPoller::judge(Lane& lane, const Step& step, const InvocationResult& result) {
  if (result.kind == InvocationResult::Kind::throttled) {
    say_not_invoked("throttled", step.cause, step.runnable.get());
    lane.attempts = std::max<int64_t>(lane.attempts, 1);  // a pause, but no use of the retries
    return true;
  }
  if (step.ends_window) {
    return judge_window(lane, step, result);
  }
  const bool success = result.kind == InvocationResult::Kind::success;
  size_t first_failed = 0;
  if (success) {
    first_failed = settings_->reports_items ? first_failure(result.payload, step.page)
                                            : step.page.records.size();
  }
  Move move;
  if (success && lane.tumbling && first_failed > 0) {
    std::optional<Json> state = state_of(result.payload);
    if (!state) {
      return failed(lane, step, result, 0);
    }
    lane.tumbling->early = is_too_large(*state);
    lane.tumbling->state = *std::move(state);
    move.window = Move::Window::keep;
  }
  if (first_failed < step.page.records.size()) {
    return failed(lane, step, result, first_failed);
  }
  lane.attempts = 0;
  if (!lane.parts.empty()) {
    lane.parts.pop_back();
  }
  move.to = {step.page.next_position, false};
  move.result = "OK";
  move_to(lane, std::move(move));
  return false;
}

// Of the last run of a tumbling window. Its retries are those of a batch; then the state is gone.
bool StreamPoller::judge_window(Lane& lane, const Step& step, const InvocationResult& result) {
  const bool success = result.kind == InvocationResult::Kind::success;
  Move move;
  move.to = *lane.at;
  move.result = success ? "OK" : stream_results::kProblem;
  if (!success) {
    ++lane.attempts;
    if (settings_->most_retries < 0 || lane.attempts <= settings_->most_retries) {
      move_to(lane, std::move(move));
      return true;
    }
    say_not_invoked("retry attempts exhausted: the window's state was dropped", step.cause,
                    step.runnable.get());
  }
  lane.attempts = 0;
  move.window = Move::Window::end;
  move_to(lane, std::move(move));
  return false;
}

bool StreamPoller::failed(Lane& lane, const Step& step, const InvocationResult& result,
                          size_t first_failed) {
  const size_t size = step.page.records.size();
  Move move;
  move.to = *lane.at;
  move.result = stream_results::kProblem;
  if (first_failed > 0) {  // what came before it is done
    lane.attempts = 1;
    lane.parts.clear();
    move.to = {step.page.records[first_failed].position, false};
    move.window = lane.tumbling ? Move::Window::keep : Move::Window::as_it_is;
    move_to(lane, std::move(move));
    return true;
  }
  if (settings_->bisects && size > 1) {  // cutting does not use up retries
    if (!lane.parts.empty()) {
      lane.parts.pop_back();
    }
    lane.parts.push_back(size - size / 2);
    lane.parts.push_back(size / 2);
    move_to(lane, std::move(move));
    return false;
  }
  ++lane.attempts;
  if (settings_->most_retries < 0 || lane.attempts <= settings_->most_retries) {
    move_to(lane, std::move(move));
    return true;
  }
  say_not_invoked("retry attempts exhausted: the batch was dropped", step.cause,
                  step.runnable.get());
  const bool function_error = result.kind != InvocationResult::Kind::success;
  discard(lane, step, size, kRetryAttemptsExhausted, true, function_error);
  return false;
}

// Goes on behind the first `count` records of the page and lets the destination know.
void StreamPoller::discard(Lane& lane, const Step& step, size_t count, const char* condition,
                           bool ran, bool function_error) {
  Move move;
  move.discarded = failure_message(lane, step, count, condition, ran, function_error);
  move.cause = step.cause;
  move.result = ran ? stream_results::kProblem : last_result_;
  move.to = {position_after(step.page, count), false};
  lane.attempts = 0;
  if (count < step.page.records.size()) {
    lane.parts.clear();
  } else if (!lane.parts.empty()) {
    lane.parts.pop_back();
  }
  move_to(lane, std::move(move));
}

std::optional<DestinationMessage> StreamPoller::failure_message(const Lane& lane, const Step& step,
                                                                size_t count, const char* condition,
                                                                bool ran, bool function_error) {
  if (settings_->on_failure.empty()) {
    return std::nullopt;
  }
  StreamRecord record;
  record.at = parts_.platform.world.now();
  // A batch that expired before it ran has no request.
  record.request_id = step.request.empty() ? parts_.platform.ids.request_uuid() : step.request;
  record.function_arn = settings_->function_arn;
  record.condition = condition;
  record.invoke_count = lane.attempts;
  record.ran = ran;
  record.function_error = function_error;
  record.version = step.runnable->spec->version;
  record.source_service = source_service_;
  record.stream_arn = stream_;
  record.shard = lane.shard;
  for (size_t i = 0; i < count; ++i) {
    record.records.push_back(&step.page.records[i]);
  }
  DestinationMessage message;
  message.target = settings_->on_failure;
  message.principal = ::paddock::lambda::identity_of(*step.runnable->spec).principal_arn;
  message.source = settings_->mapping_arn;
  const bool to_bucket = message.target.starts_with("arn:aws:s3:");
  message.body = to_text(record, to_bucket ? event_of(record.records, stream_, realm_->region,
                                                      step.runnable->spec->role_arn)
                                           : "");
  message.object_key = object_key(uuid_, lane.shard, record.at, record.request_id);
  return message;
}

// Commits where the lane stands, unless the mapping was dropped meanwhile.
void StreamPoller::move_to(Lane& lane, Move move) {
  const bool moves = move.to.position != lane.at->position || move.to.finished;
  if (!moves && move.result == last_result_ && move.window == Move::Window::as_it_is) {
    return;
  }
  const auto guard = parts_.platform.locks.lock(Store::mapping_key(realm_->id, uuid_));
  if (ended_.load()) {
    return;
  }
  storage::Batch batch;
  parts_.store.put_position(realm_->id, uuid_, lane.row, move.to, batch);
  if (move.result != last_result_) {
    parts_.store.put_result(realm_->id, uuid_, move.result, batch);
  }
  if (move.window == Move::Window::keep) {
    parts_.windows.put_window(realm_->id, uuid_, lane.row, *lane.tumbling, batch);
  } else if (move.window == Move::Window::end) {
    parts_.windows.erase_window(realm_->id, uuid_, lane.row, batch);
  }
  if (move.discarded) {
    parts_.platform.outbox.add(batch,
                               parts_.destinations.entry(*realm_, *move.discarded, move.cause));
  }
  parts_.platform.database.commit(batch);
  lane.at = move.to;
  if (moves || move.window == Move::Window::end) {
    lane.window_end.reset();
  }
  if (move.window == Move::Window::end) {
    lane.tumbling.reset();
  }
  last_result_ = move.result;
}

void StreamPoller::record_batch(const Step& step, const InvocationResult& result) {
  events::TimelineEvent event;
  event.at = parts_.platform.world.now();
  event.kind = "batch";
  event.what =
      std::to_string(step.page.records.size()) + " records for function " + settings_->function;
  event.resource = settings_->mapping_arn;
  event.outcome = result.kind == InvocationResult::Kind::success     ? "OK"
                  : result.kind == InvocationResult::Kind::throttled ? "throttled"
                                                                     : "failed";
  event.request_id = step.request;
  event.cause = step.cause;
  event.account = realm_->account;
  event.region = realm_->region;
  event.microseconds = result.duration.count();
  parts_.platform.timeline.record(std::move(event));
}

}  // namespace paddock::services::lambda
