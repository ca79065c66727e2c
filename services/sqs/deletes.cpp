// What is done with receipt handles: deleting, and changing visibility.
#include "models/sqs.hpp"
#include "services/sqs/batch.hpp"
#include "services/sqs/errors.hpp"
#include "services/sqs/handles.hpp"
#include "services/sqs/limits.hpp"
#include "services/sqs/service.hpp"

namespace paddock::services::sqs {

namespace m = models::sqs_members;

namespace handle_rules {

int64_t seconds_of(const Json& input) {
  const auto found = input.find(m::VisibilityTimeout);
  if (found == input.end()) throw errors::missing(m::VisibilityTimeout);
  const int64_t seconds = *found;
  if (seconds < 0 || seconds > limits::kVisibilitySeconds) {
    throw errors::invalid_value(std::to_string(seconds), m::VisibilityTimeout,
                                "Must be between 0 and 43200.");
  }
  return seconds;
}

}  // namespace handle_rules

Sqs::Held Sqs::held(const QueueWriter& writer, const std::string& handle) const {
  const auto receipt = decode_receipt(platform_.ids.seed(), handle);
  if (!receipt || receipt->queue != writer.info().identity) {
    throw errors::bad_receipt_handle(handle);
  }
  Held held;
  held.sequence = receipt->sequence;
  held.receive = receipt->receive;
  if (!writer.info().fifo) {
    held.state = store_.state(writer.keys().place(receipt->sequence));
    return held;
  }
  storage::Value row;
  const std::string key = writer.keys().message(receipt->sequence);
  if (platform_.database.get(storage::Family::queue, key, row)) {
    held.group = decode_message(row.view()).group;
    held.state = store_.state(writer.keys().member(held.group, receipt->sequence));
  }
  return held;
}

void Sqs::erase_by_handle(QueueWriter& writer, const std::string& handle, WorldTime now) {
  const Held found = held(writer, handle);
  if (!found.state) return;  // deleted before
  // In a FIFO queue a handle is good as long as its receive is in flight.
  if (writer.info().fifo &&
      (found.state->at_ms <= now.ms || found.state->receives != found.receive)) {
    throw errors::expired_receipt_handle(handle);
  }
  writer.erase(found.group, found.sequence, *found.state);
}

void Sqs::change_by_handle(QueueWriter& writer, const std::string& handle, int64_t seconds,
                           WorldTime now) {
  const Held found = held(writer, handle);
  if (!found.state) throw errors::not_available(handle);
  if (writer.info().fifo && found.state->receives != found.receive) {
    throw errors::not_available(handle);
  }
  if (found.state->at_ms <= now.ms) return;  // not in flight any more: nothing to change (recorded)
  State state = *found.state;
  state.at_ms = now.ms + seconds * 1000;
  if (state.at_ms > state.last_ms + limits::kVisibilitySeconds * 1000) {
    throw errors::invalid_value(std::to_string(seconds), m::VisibilityTimeout,
                                "Total VisibilityTimeout for the message is beyond the limit "
                                "[43200 seconds]");
  }
  writer.move(found.group, found.sequence, *found.state, state);
}

void Sqs::by_handles(Context& context, const Live& queue,
                     const std::function<void(QueueWriter&, WorldTime)>& step) {
  const auto guard = platform_.locks.lock(queue->lock_key());
  check_alive(context, *queue);
  const WorldTime now = platform_.world.now();
  storage::Batch batch;
  QueueWriter writer(writer_parts(), *queue, now, batch);
  step(writer, now);
  writer.finish();
  if (!batch.empty()) context.commit(batch);
  writer.committed();
}

Sqs::Output Sqs::delete_message(Context& context, Json input) {
  const Live queue = require_queue(context, input);
  const std::string handle = input.at(m::ReceiptHandle);
  by_handles(context, queue,
             [&](QueueWriter& writer, WorldTime now) { erase_by_handle(writer, handle, now); });
  return {};
}

Sqs::Output Sqs::change_message_visibility(Context& context, Json input) {
  const Live queue = require_queue(context, input);
  const std::string handle = input.at(m::ReceiptHandle);
  const int64_t seconds = handle_rules::seconds_of(input);
  by_handles(context, queue, [&](QueueWriter& writer, WorldTime now) {
    change_by_handle(writer, handle, seconds, now);
  });
  return {};
}

// A message that two entries name is handled once: the second entry finds it done.
Sqs::Output Sqs::delete_message_batch(Context& context, Json input) {
  const Live queue = require_queue(context, input);
  const Json& entries = input.at(m::Entries);
  check_batch(entries, "DeleteMessageBatchRequestEntry");
  BatchAnswer answer;
  by_handles(context, queue, [&](QueueWriter& writer, WorldTime now) {
    std::set<uint64_t> done;
    for (const Json& entry : entries) {
      const bool good = answer.attempt(entry, [&] {
        const std::string handle = entry.at(m::ReceiptHandle);
        const Held found = held(writer, handle);
        if (done.insert(found.sequence).second) erase_by_handle(writer, handle, now);
      });
      if (good) answer.succeeded(Json{{m::Id, entry.at(m::Id)}});
    }
  });
  return answer.document();
}

Sqs::Output Sqs::change_message_visibility_batch(Context& context, Json input) {
  const Live queue = require_queue(context, input);
  const Json& entries = input.at(m::Entries);
  check_batch(entries, "ChangeMessageVisibilityBatchRequestEntry");
  BatchAnswer answer;
  by_handles(context, queue, [&](QueueWriter& writer, WorldTime now) {
    std::set<uint64_t> done;
    for (const Json& entry : entries) {
      const bool good = answer.attempt(entry, [&] {
        const std::string handle = entry.at(m::ReceiptHandle);
        const int64_t seconds = handle_rules::seconds_of(entry);
        const Held found = held(writer, handle);
        if (done.insert(found.sequence).second) change_by_handle(writer, handle, seconds, now);
      });
      if (good) answer.succeeded(Json{{m::Id, entry.at(m::Id)}});
    }
  });
  return answer.document();
}

}  // namespace paddock::services::sqs
