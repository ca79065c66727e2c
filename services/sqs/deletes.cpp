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

void Sqs::erase_held(QueueWriter& writer, const Held& found, const std::string& handle,
                     WorldTime now) {
  if (!found.state) return;  // deleted before
  // In a FIFO queue a handle is good as long as its receive is in flight.
  if (writer.info().fifo &&
      (found.state->at_ms <= now.ms || found.state->receives != found.receive)) {
    throw errors::expired_receipt_handle(handle);
  }
  writer.erase(found.group, found.sequence, *found.state);
}

void Sqs::change_held(QueueWriter& writer, const Held& found, const std::string& handle,
                      int64_t seconds, WorldTime now) {
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
  by_handles(context, queue, [&](QueueWriter& writer, WorldTime now) {
    erase_held(writer, held(writer, handle), handle, now);
  });
  return {};
}

Sqs::Output Sqs::change_message_visibility(Context& context, Json input) {
  const Live queue = require_queue(context, input);
  const std::string handle = input.at(m::ReceiptHandle);
  const int64_t seconds = handle_rules::seconds_of(input);
  by_handles(context, queue, [&](QueueWriter& writer, WorldTime now) {
    change_held(writer, held(writer, handle), handle, seconds, now);
  });
  return {};
}

// `prepare` checks an entry and gives what is to be done with its message. A message that two
// entries name is handled once: the second entry finds it done.
Sqs::Output Sqs::by_handle_entries(Context& context, const Json& input, std::string_view type,
                                   const std::function<HandleStep(const Json&)>& prepare) {
  const Live queue = require_queue(context, input);
  const Json& entries = input.at(m::Entries);
  check_batch(entries, type);
  BatchAnswer answer;
  by_handles(context, queue, [&](QueueWriter& writer, WorldTime now) {
    std::set<uint64_t> done;
    for (const Json& entry : entries) {
      const bool good = answer.attempt(entry, [&] {
        const std::string handle = entry.at(m::ReceiptHandle);
        const HandleStep step = prepare(entry);
        const Held found = held(writer, handle);
        if (done.insert(found.sequence).second) step(writer, found, handle, now);
      });
      if (good) answer.succeeded(Json{{m::Id, entry.at(m::Id)}});
    }
  });
  return answer.document();
}

Sqs::Output Sqs::delete_message_batch(Context& context, Json input) {
  return by_handle_entries(context, input, "DeleteMessageBatchRequestEntry",
                           [](const Json&) -> HandleStep { return &Sqs::erase_held; });
}

Sqs::Output Sqs::change_message_visibility_batch(Context& context, Json input) {
  return by_handle_entries(context, input, "ChangeMessageVisibilityBatchRequestEntry",
                           [](const Json& entry) -> HandleStep {
                             const int64_t seconds = handle_rules::seconds_of(entry);
                             return [seconds](QueueWriter& writer, const Held& found,
                                              const std::string& handle, WorldTime now) {
                               change_held(writer, found, handle, seconds, now);
                             };
                           });
}

}  // namespace paddock::services::sqs
