// Row formats, version 1, family timers:
//   due row   key (realm, kTimerDueKind), i64 due (world milliseconds), text target, raw id
//             value u8 version=1, payload
//   name row  key (realm, kTimerNameKind), text target, raw id
//             value u8 version=1, i64 due: the due row that counts
// A due row that its name row does not point to was replaced by a concurrent `set`; it is erased
// without being fired.
#include "events/scheduler.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "core/text.hpp"
#include "events/kinds.hpp"
#include "storage/queue_index.hpp"

namespace paddock::events {

namespace scheduling {

constexpr char kVersion = 1;
constexpr std::chrono::seconds kRetryAfter{1};
// Bounds the sleep, so that no far-off due time overflows the condition variable's deadline.
constexpr Milliseconds kLongestSleep{3'600'000};

std::string due_prefix(RealmId realm) {
  return storage::Key(realm, kTimerDueKind).bytes();
}

std::string due_key(const Timer& timer, WorldTime due) {
  return storage::Key(timer.realm, kTimerDueKind)
      .i64(due.ms)
      .text(timer.target)
      .raw(timer.id)
      .bytes();
}

std::string name_key(const Timer& timer) {
  return storage::Key(timer.realm, kTimerNameKind).text(timer.target).raw(timer.id).bytes();
}

std::string encode_due(WorldTime due) {
  std::string row(1, kVersion);
  storage::append_i64(row, due.ms);
  return row;
}

WorldTime due_of(std::string_view due_row_key) {
  storage::KeyReader key(due_row_key);
  return WorldTime{key.i64()};
}

Timer decode(const storage::QueueIndex::Entry& entry) {
  storage::KeyReader key(entry.key);
  Timer timer;
  timer.realm = key.realm();
  timer.due = WorldTime{key.i64()};
  timer.target = key.text();
  timer.id = key.rest();
  if (entry.value.empty() || entry.value[0] != kVersion) {
    throw storage::CorruptKey("a timer's row is malformed");
  }
  timer.payload = entry.value.substr(1);
  return timer;
}

}  // namespace scheduling

struct Scheduler::Impl {
  Impl(storage::Database& its_database, storage::Realms& its_realms, WorldClock& its_world,
       const MachineClock& its_machine, Activities& its_activities, Log& its_log)
      : database(its_database),
        realms(its_realms),
        world(its_world),
        machine(its_machine),
        activities(its_activities),
        log(its_log),
        label(activities.label("timer")),
        index(database, storage::Family::timers) {}

  storage::Database& database;
  storage::Realms& realms;
  WorldClock& world;
  const MachineClock& machine;
  Activities& activities;
  Log& log;
  const Activities::Label label;
  std::map<std::string, Handler, std::less<>> handlers;
  std::vector<std::function<std::optional<WorldTime>()>> other_sources;

  std::mutex mutex;  // guards what follows
  std::condition_variable wake;
  std::condition_variable handled;
  storage::QueueIndex index;
  std::map<RealmId, WorldTime> heads;                        // earliest due row of each realm
  std::map<std::string, MachineClock::Steady> failed_until;  // by due key
  Activity due;  // held while a due timer is not handled
  bool running = false;
  bool stopping = false;
  uint64_t rounds_asked = 0;  // by run_due …
  uint64_t rounds_done = 0;   // … and answered by the thread
  std::thread thread;

  void refresh(RealmId realm);
  std::optional<WorldTime> earliest() const;
  void hold_if_due();
  std::optional<storage::QueueIndex::Entry> next_to_fire();
  Milliseconds sleep_time() const;
  void run();
  void fire(const storage::QueueIndex::Entry& entry);
  bool current(const Timer& timer) const;
  void call_handler(const Timer& timer);
  void erase_if_unchanged(const std::string& key, const Timer& timer);
  void drop(const std::vector<RealmId>& dead);
  void added(const std::string& key);
  void removed(RealmId realm);
};

// With the mutex held, as the five below: reads the realm's first due row.
void Scheduler::Impl::refresh(RealmId realm) {
  if (auto first = index.front(scheduling::due_prefix(realm))) {
    heads[realm] = scheduling::due_of(first->key);
  } else {
    heads.erase(realm);
  }
}

std::optional<WorldTime> Scheduler::Impl::earliest() const {
  std::optional<WorldTime> first;
  for (const auto& [realm, head] : heads) {
    if (!first || head < *first) first = head;
  }
  return first;
}

void Scheduler::Impl::hold_if_due() {
  if (due || !running) return;
  const auto first = earliest();
  if (first && *first <= world.now()) due = activities.begin(label);
}

// The earliest due timer of all realms that has not just failed.
std::optional<storage::QueueIndex::Entry> Scheduler::Impl::next_to_fire() {
  const WorldTime now = world.now();
  const auto machine_now = machine.now();
  std::erase_if(failed_until, [&](const auto& entry) { return entry.second <= machine_now; });
  std::vector<std::pair<WorldTime, RealmId>> due_realms;
  for (const auto& [realm, head] : heads) {
    if (head <= now) due_realms.emplace_back(head, realm);
  }
  std::sort(due_realms.begin(), due_realms.end());
  for (const auto& [head, realm] : due_realms) {
    const std::string end = storage::Key(realm, kTimerDueKind).i64(now.ms + 1).bytes();
    auto entries = index.front(scheduling::due_prefix(realm), failed_until.size() + 1, end);
    for (auto& entry : entries) {
      if (failed_until.find(entry.key) == failed_until.end()) return std::move(entry);
    }
    if (entries.empty()) refresh(realm);
  }
  return std::nullopt;
}

Milliseconds Scheduler::Impl::sleep_time() const {
  Milliseconds sleep = scheduling::kLongestSleep;
  const auto first = earliest();
  // With failed timers the first one is due all the time; then the retry is what to wait for.
  if (first && failed_until.empty()) {
    if (auto wait = world.machine_wait(*first)) sleep = std::min(sleep, *wait);
  }
  const auto now = machine.now();
  for (const auto& [key, until] : failed_until) {
    sleep = std::min(sleep, std::chrono::ceil<Milliseconds>(until - now));
  }
  return std::max(sleep, Milliseconds(0));
}

void Scheduler::Impl::run() {
  std::unique_lock lock(mutex);
  while (!stopping) {
    const uint64_t round = rounds_asked;
    hold_if_due();
    try {
      while (!stopping) {
        auto entry = next_to_fire();
        if (!entry) break;
        lock.unlock();
        fire(*entry);
        lock.lock();
        refresh(scheduling::decode(*entry).realm);
      }
    } catch (const std::exception& error) {
      if (!lock.owns_lock()) lock.lock();
      log.error("scheduler: " + std::string(error.what()));
      wake.wait_for(lock, scheduling::kRetryAfter);
      continue;
    }
    if (failed_until.empty()) due.release();
    hold_if_due();
    rounds_done = std::max(rounds_done, round);
    handled.notify_all();
    if (due && failed_until.empty()) continue;  // became due while we looked
    if (rounds_asked == rounds_done && !stopping) wake.wait_for(lock, sleep_time());
  }
}

// True if the due row of `timer` is the one that counts.
bool Scheduler::Impl::current(const Timer& timer) const {
  const auto name = database.get(storage::Family::timers, scheduling::name_key(timer));
  return name && *name == scheduling::encode_due(timer.due);
}

void Scheduler::Impl::fire(const storage::QueueIndex::Entry& entry) {
  const Timer timer = scheduling::decode(entry);
  try {
    if (current(timer)) call_handler(timer);
    erase_if_unchanged(entry.key, timer);
  } catch (const std::exception& error) {
    if (!realms.alive(timer.realm)) return;  // reset meanwhile: the timer is gone with its realm
    log.error("timer " + timer.target + " \"" + timer.id + "\": " + error.what());
    std::lock_guard lock(mutex);
    failed_until[entry.key] = machine.now() + scheduling::kRetryAfter;
  }
}

void Scheduler::Impl::call_handler(const Timer& timer) {
  auto handler = handlers.find(timer.target);
  if (handler == handlers.end()) {
    log.error("timer " + timer.target + " \"" + timer.id + "\": nobody handles it; dropped");
    return;
  }
  handler->second(timer);
}

void Scheduler::Impl::erase_if_unchanged(const std::string& key, const Timer& timer) {
  if (!database.get(storage::Family::timers, key)) return;
  storage::Batch batch;
  batch.erase(storage::Family::timers, key);
  if (current(timer)) batch.erase(storage::Family::timers, scheduling::name_key(timer));
  database.commit(batch);
}

void Scheduler::Impl::drop(const std::vector<RealmId>& dead) {
  std::lock_guard lock(mutex);
  for (const RealmId realm : dead) {
    heads.erase(realm);
    index.forget(scheduling::due_prefix(realm));
    const std::string prefix = scheduling::due_prefix(realm);
    std::erase_if(failed_until, [&](const auto& entry) {
      return entry.first.compare(0, prefix.size(), prefix) == 0;
    });
  }
  wake.notify_all();
}

// After the commit that put the due row.
void Scheduler::Impl::added(const std::string& key) {
  storage::KeyReader reader(key);
  const RealmId realm = reader.realm();
  const WorldTime at{reader.i64()};
  std::lock_guard lock(mutex);
  index.inserted(scheduling::due_prefix(realm), key);
  const auto before = earliest();
  auto [head, fresh] = heads.try_emplace(realm, at);
  if (!fresh) head->second = std::min(head->second, at);
  if (before && *before <= at) return;
  hold_if_due();
  wake.notify_all();
}

// After the commit that erased a timer, so that next_due does not name it.
void Scheduler::Impl::removed(RealmId realm) {
  std::lock_guard lock(mutex);
  if (heads.count(realm) == 0) return;
  try {
    refresh(realm);
  } catch (const std::exception& error) {
    // The head stays too low, which costs one look in vain.
    log.error("scheduler: " + std::string(error.what()));
  }
}

Scheduler::Scheduler(storage::Database& database, storage::Realms& realms, WorldClock& world,
                     const MachineClock& machine, Activities& activities, Log& log)
    : impl_(std::make_shared<Impl>(database, realms, world, machine, activities, log)) {
  for (const auto& realm : realms.all()) {
    std::lock_guard lock(impl_->mutex);
    impl_->refresh(realm->id);
  }
  world.on_change([weak = std::weak_ptr<Impl>(impl_)] {
    auto alive = weak.lock();
    if (!alive) return;
    // Held before the one who moved the clock can ask whether all is quiet.
    std::lock_guard lock(alive->mutex);
    alive->hold_if_due();
    alive->wake.notify_all();
  });
  realms.on_reset([weak = std::weak_ptr<Impl>(impl_)](const std::vector<RealmId>& dead) {
    if (auto alive = weak.lock()) alive->drop(dead);
  });
}

Scheduler::~Scheduler() {
  stop();
}

void Scheduler::handle(std::string target, Handler handler) {
  impl_->handlers.emplace(std::move(target), std::move(handler));
}

void Scheduler::also_due(std::function<std::optional<WorldTime>()> source) {
  impl_->other_sources.push_back(std::move(source));
}

void Scheduler::start() {
  std::lock_guard lock(impl_->mutex);
  if (impl_->running) return;
  impl_->running = true;
  impl_->stopping = false;
  impl_->hold_if_due();
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

void Scheduler::stop() {
  {
    std::lock_guard lock(impl_->mutex);
    if (!impl_->running) return;
    impl_->stopping = true;
    impl_->wake.notify_all();
  }
  impl_->thread.join();
  std::lock_guard lock(impl_->mutex);
  impl_->running = false;
  impl_->due.release();
  impl_->handled.notify_all();
}

void Scheduler::set(storage::Batch& batch, const Timer& timer) {
  const auto name = scheduling::name_key(timer);
  const auto encoded = scheduling::encode_due(timer.due);
  const auto former = impl_->database.get(storage::Family::timers, name);
  const bool moved = former && *former != encoded && former->size() == encoded.size();
  if (moved) {
    std::string former_key = scheduling::due_prefix(timer.realm) + former->substr(1);
    storage::append_text(former_key, timer.target);
    batch.erase(storage::Family::timers, former_key + timer.id);
  }
  const std::string key = scheduling::due_key(timer, timer.due);
  batch.put(storage::Family::timers, name, encoded);
  batch.put(storage::Family::timers, key, std::string(1, scheduling::kVersion) + timer.payload);
  batch.after_commit([impl = impl_, key, realm = timer.realm, moved](uint64_t) {
    impl->added(key);
    if (moved) impl->removed(realm);
  });
}

void Scheduler::cancel(storage::Batch& batch, const Timer& timer) {
  const auto name = scheduling::name_key(timer);
  const auto former = impl_->database.get(storage::Family::timers, name);
  batch.erase(storage::Family::timers, name);
  if (former && former->size() == 1 + sizeof(int64_t)) {
    std::string former_key = scheduling::due_prefix(timer.realm) + former->substr(1);
    storage::append_text(former_key, timer.target);
    batch.erase(storage::Family::timers, former_key + timer.id);
  }
  batch.after_commit([impl = impl_, realm = timer.realm](uint64_t) { impl->removed(realm); });
}

std::optional<WorldTime> Scheduler::next_due() {
  std::optional<WorldTime> first;
  {
    std::lock_guard lock(impl_->mutex);
    first = impl_->earliest();
  }
  for (const auto& source : impl_->other_sources) {
    const auto other = source();
    if (other && (!first || *other < *first)) first = other;
  }
  return first;
}

void Scheduler::run_due() {
  std::unique_lock lock(impl_->mutex);
  const uint64_t round = ++impl_->rounds_asked;
  impl_->wake.notify_all();
  impl_->handled.wait(
      lock, [&] { return !impl_->running || impl_->stopping || impl_->rounds_done >= round; });
}

std::vector<std::string> advance(WorldClock& world, Scheduler& scheduler, Activities& activities,
                                 WorldTime to, std::chrono::milliseconds bound) {
  const MachineClock machine;
  const auto deadline = machine.now() + bound;
  // False when the time is up before all is quiet.
  const auto settle = [&] {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - machine.now());
    return activities.wait_quiet(std::max(left, Milliseconds(0)));
  };
  while (true) {
    if (!settle()) return activities.active();
    const auto next = scheduler.next_due();
    const bool last = !next || *next > to;
    if (!last && machine.now() >= deadline) {
      return {"timers due from " + iso8601(next->ms) + " on"};
    }
    world.advance_to(last ? to : *next);
    scheduler.run_due();
    if (last) return settle() ? std::vector<std::string>{} : activities.active();
  }
}

}  // namespace paddock::events
