#include "services/sqs/writer.hpp"

#include <algorithm>

#include "events/waiters.hpp"

namespace paddock::services::sqs {

using storage::Family;

events::Timer retention_timer(const QueueInfo& queue, WorldTime due) {
  events::Timer timer;
  timer.realm = queue.realm;
  timer.target = QueueWriter::kRetentionTarget;
  timer.id = queue.name;
  timer.due = due;
  return timer;
}

QueueWriter::QueueWriter(const WriterParts& parts, LiveQueue& queue, WorldTime now,
                         storage::Batch& batch)
    : parts_(parts),
      queue_(queue),
      info_(queue.info()),
      keys_(info_->realm, info_->data),
      now_(now),
      batch_(batch),
      ready_prefix_(keys_.prefix(kReadyKind)) {}

void QueueWriter::put_ready(int64_t at_ms, uint64_t sequence, const std::string& value) {
  inserted_.push_back(keys_.ready(at_ms, sequence));
  batch_.put(Family::queue, inserted_.back(), value);
  if (at_ms <= now_.ms) ++visible_;
}

void QueueWriter::put_message(uint64_t sequence, const Message& message) {
  const std::string key = keys_.message(sequence);
  batch_.put(Family::queue, key, encode_message(message));
  if (message.body.size() >= kBodyApart) batch_.put(Family::blobs, key, message.body);
}

void QueueWriter::arm(const Message& message) {
  if (queue_.armed || armed_) return;
  const WorldTime due{
      std::max(now_.ms, kept_from_ms(message, info_->fifo) + info_->retention_ms())};
  parts_.platform.scheduler.set(batch_, retention_timer(*info_, due));
  armed_ = true;
}

void QueueWriter::append(uint64_t sequence, Message& message, int64_t at_ms) {
  ++changes_;
  message.ready_ms = at_ms;
  put_message(sequence, message);
  State state;
  state.at_ms = at_ms;
  state.apart = message.body.size() >= kBodyApart;
  added_.push_back(state);
  if (info_->fifo) {
    batch_.put(Family::queue, keys_.member(message.group, sequence), encode_state(state));
    group(message.group).members[sequence] = state;
  } else {
    put_ready(at_ms, sequence, encode_state(state));
  }
  arm(message);
}

void QueueWriter::move(const std::string& group_name, uint64_t sequence, const State& from,
                       const State& to) {
  ++changes_;
  moved_.emplace_back(from, to);
  const std::string bytes = encode_state(to);
  if (info_->fifo) {
    batch_.put(Family::queue, keys_.member(group_name, sequence), bytes);
    group(group_name).members[sequence] = to;
    return;
  }
  if (from.at_ms != to.at_ms) batch_.erase(Family::queue, keys_.ready(from.at_ms, sequence));
  put_ready(to.at_ms, sequence, bytes);
  batch_.put(Family::queue, keys_.place(sequence), bytes);
}

void QueueWriter::erase(const std::string& group_name, uint64_t sequence, const State& state) {
  ++changes_;
  removed_.push_back(state);
  const std::string key = keys_.message(sequence);
  batch_.erase(Family::queue, key);
  if (state.apart) batch_.erase(Family::blobs, key);
  if (info_->fifo) {
    batch_.erase(Family::queue, keys_.member(group_name, sequence));
    group(group_name).members[sequence] = std::nullopt;
    return;
  }
  batch_.erase(Family::queue, keys_.ready(state.at_ms, sequence));
  if (state.receives > 0) batch_.erase(Family::queue, keys_.place(sequence));
}

QueueWriter::Group& QueueWriter::group(const std::string& name) {
  const auto [found, fresh] = groups_.try_emplace(name);
  if (fresh) found->second.before = parts_.store.group(keys_, name);
  return found->second;
}

// The first message that is left, as the batch leaves it. Nothing lies before the former first.
std::optional<GroupPlace> QueueWriter::first_of(const std::string& name, const Group& group) const {
  if (group.before) {
    const std::string all = keys_.members(name);
    auto row = parts_.store.database().iterate(
        Family::queue, keys_.member(name, group.before->sequence), storage::prefix_end(all));
    for (; row.valid(); row.next()) {
      const uint64_t sequence = last_number(row.key());
      const auto changed = group.members.find(sequence);
      if (changed == group.members.end()) {
        return GroupPlace{decode_state(row.value()).at_ms, sequence};
      }
      if (changed->second) return GroupPlace{changed->second->at_ms, sequence};
    }
  }
  for (const auto& [sequence, state] : group.members) {
    if (state) return GroupPlace{state->at_ms, sequence};
  }
  return std::nullopt;
}

void QueueWriter::finish() {
  for (const auto& [name, group] : groups_) {
    const std::optional<GroupPlace> first = first_of(name, group);
    const std::optional<GroupPlace>& before = group.before;
    if (first && before && first->at_ms == before->at_ms && first->sequence == before->sequence) {
      // More of a group that can be received already: somebody may wait for it.
      if (first->at_ms <= now_.ms) ++visible_;
      continue;
    }
    if (before) batch_.erase(Family::queue, keys_.ready(before->at_ms, before->sequence));
    if (first) {
      put_ready(first->at_ms, first->sequence, name);
      batch_.put(Family::queue, keys_.group(name), Store::group_bytes(*first));
    } else if (before) {
      batch_.erase(Family::queue, keys_.group(name));
    }
  }
}

void QueueWriter::committed() {
  for (const std::string& key : inserted_) parts_.index.inserted(ready_prefix_, key);
  for (const State& state : added_) queue_.added(state, now_);
  for (const auto& [from, to] : moved_) queue_.moved(from, to, now_);
  for (const State& state : removed_) queue_.removed(state, now_);
  if (armed_) queue_.armed = true;
  for (size_t i = 0; i < visible_; ++i) {
    parts_.platform.waiters.notify_one(queue_.waiters_key());
  }
  // One of those who wait has to know when the next message becomes visible.
  if (visible_ == 0 && !inserted_.empty()) {
    parts_.platform.waiters.notify_one(queue_.waiters_key());
  }
  if ((visible_ > 0 || !inserted_.empty()) && parts_.listeners.any()) {
    parts_.listeners.notify(info_->arn());
  }
}

}  // namespace paddock::services::sqs
