// Messages that were received too often or have become too old.
#include "services/sqs/service.hpp"

namespace paddock::services::sqs {

Sqs::Live Sqs::dead_letters(const QueueInfo& queue) {
  if (!queue.redrive) return nullptr;
  Live target = queues_.find(queue.account, queue.region, queue.redrive->target);
  return target && target->info()->fifo == queue.fifo ? target : nullptr;
}

std::vector<storage::KeyLocks::Guard> Sqs::lock_with(const LiveQueue& queue, const Live& other) {
  std::vector<std::string> keys{queue.lock_key()};
  if (other) keys.push_back(other->lock_key());
  return platform_.locks.lock_all(keys);
}

bool Sqs::gone(QueueWriter& from, QueueWriter* dead, uint64_t sequence, const State& state,
               Message& message, WorldTime now) {
  const QueueInfo& info = from.info();
  if (now.ms >= kept_from_ms(message, info.fifo) + info.retention_ms()) {
    from.erase(message.group, sequence, state);
    return true;
  }
  if (dead == nullptr || static_cast<int64_t>(state.receives) < info.redrive->max_receives) {
    return false;
  }
  from.erase(message.group, sequence, state);
  message.carried += state.receives;
  if (message.first_received_ms == 0) message.first_received_ms = state.first_ms;
  message.source_arn = info.arn();
  dead->append(next_sequence(info.realm), message, now.ms);
  return true;
}

// Erases the messages at the front that are too old, some at a time, and sets the next timer.
void Sqs::retention_due(const events::Timer& timer) {
  constexpr size_t kAtOnce = 1000;
  const auto realm = platform_.realms.by_id(timer.realm);
  if (!realm) return;
  const Live queue = queues_.find(realm->account, realm->region, timer.id);
  if (!queue) return;
  const auto guard = platform_.locks.lock(queue->lock_key());
  if (queue->ended()) return;
  const WorldTime now = platform_.world.now();
  storage::Batch batch;
  QueueWriter writer(writer_parts(), *queue, now, batch);
  const QueueKeys& keys = writer.keys();
  const std::string all = keys.prefix(kMessageKind);
  auto row = platform_.database.iterate(storage::Family::queue, keys.message(queue->oldest),
                                        storage::prefix_end(all));
  std::optional<WorldTime> next;
  uint64_t oldest = queue->oldest;
  for (size_t erased = 0; row.valid(); row.next(), ++erased) {
    const Message message = decode_message(row.value());
    oldest = last_number(row.key());
    const WorldTime end{kept_from_ms(message, writer.info().fifo) + writer.info().retention_ms()};
    if (end > now || erased == kAtOnce) {
      next = std::max(end, now);
      break;
    }
    const auto placed = writer.info().fifo ? store_.state(keys.member(message.group, oldest))
                                           : store_.state(keys.place(oldest));
    State first;  // of a message that was never received
    first.at_ms = message.ready_ms;
    first.apart = body_is_apart(row.value());
    writer.erase(message.group, oldest, placed.value_or(first));
  }
  writer.finish();
  if (next) platform_.scheduler.set(batch, retention_timer(writer.info(), *next));
  if (!batch.empty()) platform_.database.commit(batch);
  writer.committed();
  queue->oldest = oldest;
  queue->armed = next.has_value();
}

}  // namespace paddock::services::sqs
