#include "services/sqs/live.hpp"

#include <algorithm>
#include <utility>

namespace paddock::services::sqs {

void Deadlines::add(int64_t at_ms) {
  ++counts_[at_ms];
  ++total_;
}

void Deadlines::remove(int64_t at_ms) {
  const auto found = counts_.find(at_ms);
  if (found == counts_.end()) return;
  --total_;
  if (--found->second == 0) counts_.erase(found);
}

int64_t Deadlines::later_than(int64_t now_ms) {
  while (!counts_.empty() && counts_.begin()->first <= now_ms) {
    total_ -= counts_.begin()->second;
    counts_.erase(counts_.begin());
  }
  return total_;
}

void Deadlines::clear() {
  counts_.clear();
  total_ = 0;
}

LiveQueue::LiveQueue(std::shared_ptr<const QueueInfo> info)
    : lock_key_(name_lock(info->realm, info->name)),
      waiters_key_("sqs " + std::to_string(info->realm) + " " + std::to_string(info->identity)),
      info_(std::move(info)) {}

std::shared_ptr<const QueueInfo> LiveQueue::info() const {
  const std::lock_guard lock(mutex_);
  return info_;
}

void LiveQueue::change(std::shared_ptr<const QueueInfo> info) {
  const std::lock_guard lock(mutex_);
  if (info->data != info_->data) {
    messages_ = 0;
    in_flight_.clear();
    delayed_.clear();
    armed = false;
    oldest = 0;
  }
  info_ = std::move(info);
}

void LiveQueue::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
}

bool LiveQueue::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

Counts LiveQueue::counts(WorldTime now) const {
  const std::lock_guard lock(mutex_);
  Counts counts;
  counts.in_flight = in_flight_.later_than(now.ms);
  counts.delayed = delayed_.later_than(now.ms);
  counts.visible = std::max<int64_t>(0, messages_ - counts.in_flight - counts.delayed);
  return counts;
}

void LiveQueue::added(const State& state, WorldTime now) {
  const std::lock_guard lock(mutex_);
  ++messages_;
  if (state.at_ms > now.ms) deadlines(state).add(state.at_ms);
}

void LiveQueue::removed(const State& state, WorldTime now) {
  const std::lock_guard lock(mutex_);
  --messages_;
  if (state.at_ms > now.ms) deadlines(state).remove(state.at_ms);
}

void LiveQueue::moved(const State& from, const State& to, WorldTime now) {
  const std::lock_guard lock(mutex_);
  if (from.at_ms > now.ms) deadlines(from).remove(from.at_ms);
  if (to.at_ms > now.ms) deadlines(to).add(to.at_ms);
}

void LiveQueue::counted(uint64_t data, int64_t messages) {
  const std::lock_guard lock(mutex_);
  if (info_->data == data) messages_ += messages;
  counting_ = false;
}

void LiveQueue::set_counting() {
  const std::lock_guard lock(mutex_);
  counting_ = true;
}

bool LiveQueue::counting() const {
  const std::lock_guard lock(mutex_);
  return counting_;
}

Queues::Queues(storage::Database& database, storage::Realms& realms, WorldClock& world,
               WorkPool& work, const Store& store)
    : database_(database), realms_(realms), world_(world), work_(work), store_(store) {}

std::string Queues::key_of(std::string_view account, std::string_view region,
                           std::string_view name) {
  std::string key;
  key.reserve(account.size() + region.size() + name.size() + 2);
  ((((key += account) += '/') += region) += '/') += name;
  return key;
}

std::shared_ptr<LiveQueue> Queues::find(std::string_view account, std::string_view region,
                                        std::string_view name) {
  const std::string key = key_of(account, region, name);
  {
    const std::shared_lock lock(mutex_);
    const auto found = queues_.find(key);
    if (found != queues_.end()) return found->second;
  }
  const auto realm = realms_.find("sqs", account, region);
  if (realm->id == kNoRealm) return nullptr;
  const std::lock_guard lock(mutex_);
  const auto found = queues_.find(key);
  if (found != queues_.end()) return found->second;
  auto queue = load(*realm, name);
  if (queue) queues_.emplace(key, queue);
  return queue;
}

void Queues::add(std::shared_ptr<const QueueInfo> info) {
  const std::lock_guard lock(mutex_);
  auto& slot = queues_[key_of(info->account, info->region, info->name)];
  slot = std::make_shared<LiveQueue>(std::move(info));
}

void Queues::remove(const QueueInfo& info) {
  const std::lock_guard lock(mutex_);
  const auto found = queues_.find(key_of(info.account, info.region, info.name));
  if (found == queues_.end()) return;
  found->second->end();
  queues_.erase(found);
}

void Queues::drop_realms(const std::vector<RealmId>& realms) {
  const std::lock_guard lock(mutex_);
  for (auto it = queues_.begin(); it != queues_.end();) {
    const RealmId realm = it->second->info()->realm;
    if (std::find(realms.begin(), realms.end(), realm) == realms.end()) {
      ++it;
      continue;
    }
    it->second->end();
    it = queues_.erase(it);
  }
}

// Nobody writes to a queue that is not loaded, so what is read here is whole.
std::shared_ptr<LiveQueue> Queues::load(const Realm& realm, std::string_view name) {
  auto found = store_.queue(realm, name);
  if (!found) return nullptr;
  const auto info = std::make_shared<const QueueInfo>(std::move(*found));
  auto queue = std::make_shared<LiveQueue>(info);
  const std::string messages = QueueKeys(realm.id, info->data).prefix(kMessageKind);
  const auto first = database_.iterate_prefix(storage::Family::queue, messages);
  if (!first.valid()) return queue;
  queue->armed = true;
  queue->oldest = last_number(first.key());
  load_invisible(*queue, *info);
  if (const auto saved = store_.saved_count(realm.id, info->data)) {
    queue->counted(info->data, *saved);
    storage::Batch batch;  // true only until something changes
    store_.erase_count(realm.id, info->data, batch);
    database_.commit(batch);
    return queue;
  }
  queue->set_counting();
  work_.post([this, weak = std::weak_ptr<LiveQueue>(queue), info, snapshot = database_.snapshot()] {
    recount(weak, info, snapshot);
  });
  return queue;
}

// What is in flight or delayed. In FIFO queues only the beginnings of groups can be: a walk ends at
// a message that has not been received and waits for nothing.
void Queues::load_invisible(LiveQueue& queue, const QueueInfo& info) {
  const WorldTime now = world_.now();
  const QueueKeys keys(info.realm, info.data);
  const std::string all = keys.prefix(kReadyKind);
  auto row = database_.iterate(storage::Family::queue, keys.ready(now.ms + 1, 0),
                               storage::prefix_end(all));
  for (; row.valid(); row.next()) {
    if (!info.fifo) {
      queue.moved(State(), decode_state(row.value()), now);
      continue;
    }
    auto member = database_.iterate_prefix(storage::Family::queue, keys.members(row.value()));
    for (; member.valid(); member.next()) {
      const State state = decode_state(member.value());
      if (state.receives == 0 && state.at_ms <= now.ms) break;
      queue.moved(State(), state, now);
    }
  }
}

void Queues::recount(std::weak_ptr<LiveQueue> weak, std::shared_ptr<const QueueInfo> info,
                     storage::Snapshot snapshot) {
  int64_t messages = 0;
  const std::string prefix = QueueKeys(info->realm, info->data).prefix(kMessageKind);
  auto row = database_.iterate_prefix(storage::Family::queue, prefix, &snapshot);
  for (; row.valid(); row.next()) ++messages;
  if (const auto queue = weak.lock()) queue->counted(info->data, messages);
}

void Queues::save() {
  const std::lock_guard lock(mutex_);
  storage::Batch batch;
  for (const auto& [key, queue] : queues_) {
    const auto info = queue->info();
    const Counts counts = queue->counts(world_.now());
    if (!queue->ended() && !queue->counting() && realms_.alive(info->realm)) {
      store_.put_count(info->realm, info->data, counts.visible + counts.in_flight + counts.delayed,
                       batch);
    }
  }
  if (!batch.empty()) database_.commit(batch);
}

}  // namespace paddock::services::sqs
