// Receiving from FIFO queues. A group can be received when its first message is visible, so a
// message in flight holds back all that come after it.
#include "services/sqs/errors.hpp"
#include "services/sqs/limits.hpp"
#include "services/sqs/service.hpp"
#include "storage/keys.hpp"

namespace paddock::services::sqs {

namespace fifo_rows {

uint64_t number(std::string_view bytes, size_t at, size_t size) {
  uint64_t value = 0;
  for (const char c : bytes.substr(at, size)) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

}  // namespace fifo_rows

std::optional<std::vector<Sqs::Taken>> Sqs::take_again(QueueWriter& writer,
                                                       const ReceiveInput& input, WorldTime now) {
  if (input.attempt.empty()) return std::nullopt;
  const auto row =
      platform_.database.get(storage::Family::queue, writer.keys().attempt(input.attempt));
  if (!row || row->size() < 8) return std::nullopt;
  const auto at = static_cast<int64_t>(fifo_rows::number(*row, 0, 8));
  if (now.ms >= at + limits::kDeduplicationMs) return std::nullopt;
  std::vector<Taken> taken;
  for (size_t i = 8; i + 12 <= row->size(); i += 12) {
    Taken one;
    one.sequence = fifo_rows::number(*row, i, 8);
    auto message = store_.message(writer.keys(), one.sequence);
    if (!message) return std::nullopt;
    const auto state = store_.state(writer.keys().member(message->group, one.sequence));
    if (!state || state->at_ms <= now.ms || state->receives != fifo_rows::number(*row, i + 8, 4)) {
      return std::nullopt;
    }
    one.state = *state;
    one.message = std::move(*message);
    taken.push_back(std::move(one));
  }
  if (taken.empty()) return std::nullopt;
  // The same messages with the same handles; their time begins anew.
  for (Taken& one : taken) {
    const State before = one.state;
    one.state.at_ms = now.ms + input.visibility_ms;
    writer.move(one.message.group, one.sequence, before, one.state);
  }
  return taken;
}

void Sqs::keep_attempt(const QueueWriter& writer, const ReceiveInput& input,
                       const std::vector<Taken>& taken, WorldTime now, storage::Batch& batch) {
  if (input.attempt.empty() || taken.empty()) return;
  std::string value;
  storage::append_u64(value, static_cast<uint64_t>(now.ms));
  for (const Taken& one : taken) {
    storage::append_u64(value, one.sequence);
    storage::append_u32(value, one.state.receives);
  }
  const std::string key = writer.keys().attempt(input.attempt);
  batch.put(storage::Family::queue, key, value);
  forget_due(writer.keys(), now, batch);
  const std::string forget =
      writer.keys().forget(now.ms + limits::kDeduplicationMs, next_sequence(writer.info().realm));
  batch.put(storage::Family::queue, forget, key);
  batch.after_commit([this, prefix = writer.keys().prefix(kForgetKind), forget](uint64_t) {
    index_.inserted(prefix, forget);
  });
}

// What one group has to give.
void Sqs::take_group(QueueWriter& writer, QueueWriter* dead, const std::string& group,
                     const ReceiveInput& input, WorldTime now, std::vector<Taken>& taken) {
  const auto place = store_.group(writer.keys(), group);
  if (!place) return;
  // Bounds a group full of messages that are too old; the rest goes with the next look.
  size_t looks = 100;
  const std::string all = writer.keys().members(group);
  auto row = platform_.database.iterate(storage::Family::queue,
                                        writer.keys().member(group, place->sequence),
                                        storage::prefix_end(all));
  for (; row.valid() && taken.size() < input.most && looks > 0; row.next(), --looks) {
    const State before = decode_state(row.value());
    if (before.at_ms > now.ms) return;
    const uint64_t sequence = last_number(row.key());
    auto message = store_.message(writer.keys(), sequence);
    if (!message) throw storage::StorageError("a message of a queue is gone");
    if (gone(writer, dead, sequence, before, *message, now)) continue;
    State state = before.received(now.ms);
    state.at_ms = now.ms + input.visibility_ms;
    writer.move(group, sequence, before, state);
    taken.push_back({sequence, state, std::move(*message)});
  }
}

std::vector<Sqs::Taken> Sqs::take_fifo(Context& context, LiveQueue& queue,
                                       const ReceiveInput& input, bool& more) {
  const Live dead = dead_letters(*queue.info());
  const auto guards = lock_with(queue, dead);
  check_alive(context, queue);
  const WorldTime now = platform_.world.now();
  storage::Batch batch;
  QueueWriter writer(writer_parts(), queue, now, batch);
  std::optional<QueueWriter> to_dead;
  if (dead && !dead->ended()) to_dead.emplace(writer_parts(), *dead, now, batch);
  more = false;
  std::vector<Taken> taken;
  if (auto again = take_again(writer, input, now)) {
    taken = std::move(*again);
  } else if (!over_limit(queue, writer.info(), now)) {
    const QueueKeys& keys = writer.keys();
    const auto groups =
        index_.front(keys.prefix(kReadyKind), input.most, keys.ready(now.ms + 1, 0));
    for (const auto& entry : groups) {
      if (taken.size() == input.most) break;
      take_group(writer, to_dead ? &*to_dead : nullptr, entry.value, input, now, taken);
    }
    more = taken.empty() && !groups.empty() && !writer.empty();
    keep_attempt(writer, input, taken, now, batch);
  }
  writer.finish();
  if (to_dead) to_dead->finish();
  if (!batch.empty()) context.commit(batch);
  writer.committed();
  if (to_dead) to_dead->committed();
  return taken;
}

}  // namespace paddock::services::sqs
