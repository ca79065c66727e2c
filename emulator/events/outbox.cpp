// Row format, version 1, family queue:
//   key    (realm, kOutboxKind), u64 number
//   value  a tuple as in storage/keys.hpp: u32 realm, u8 version=1, i64 due, i64 enqueued (world
//          milliseconds), u32 attempt, u32 cause depth, text cause request id, text target,
//          raw payload
//
// Memory holds the number of every entry, not its payload: that is read when it is delivered.
#include "events/outbox.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

#include "events/kinds.hpp"

namespace paddock::events {

namespace boxing {

constexpr storage::Kind kVersion = 1;
constexpr uint64_t kNumberBlock = 1024;
constexpr Milliseconds kRetryAfter{1000};
constexpr Milliseconds kLongestSleep{3'600'000};

struct Id {
  RealmId realm = kNoRealm;
  uint64_t number = 0;
  friend auto operator<=>(const Id&, const Id&) = default;
};

storage::Key key_of(Id id) {
  return storage::Key(id.realm, kOutboxKind).u64(id.number);
}

std::string encode(const OutboxEntry& entry, WorldTime due) {
  return storage::Key(entry.realm, kVersion)
      .i64(due.ms)
      .i64(entry.enqueued.ms)
      .u32(entry.attempt)
      .u32(entry.cause.depth)
      .text(entry.cause.request_id)
      .text(entry.target)
      .raw(entry.payload)
      .bytes();
}

struct Stored {
  OutboxEntry entry;
  WorldTime due;
};

Stored decode(std::string_view value) {
  storage::KeyReader reader(value);
  if (reader.kind() != kVersion) throw storage::CorruptKey("an outbox row is malformed");
  Stored stored;
  stored.entry.realm = reader.realm();
  stored.due = WorldTime{reader.i64()};
  stored.entry.enqueued = WorldTime{reader.i64()};
  stored.entry.attempt = reader.u32();
  stored.entry.cause.depth = reader.u32();
  stored.entry.cause.request_id = reader.text();
  stored.entry.target = reader.text();
  stored.entry.payload = reader.rest();
  return stored;
}

// An entry that is to be delivered, or is being.
struct Active {
  Active(Id its_id, Activity its_token) : id(its_id), token(std::move(its_token)) {}
  Id id;
  Activity token;
};

}  // namespace boxing

using boxing::Id;

struct Outbox::Impl : std::enable_shared_from_this<Outbox::Impl> {
  Impl(storage::Database& its_database, storage::Realms& its_realms, WorldClock& its_world,
       Activities& its_activities, Log& its_log)
      : database(its_database),
        realms(its_realms),
        world(its_world),
        activities(its_activities),
        log(its_log),
        label(activities.label("outbox")) {}

  storage::Database& database;
  storage::Realms& realms;
  WorldClock& world;
  Activities& activities;
  Log& log;
  const Activities::Label label;
  std::map<std::string, Target, std::less<>> targets;

  mutable std::mutex mutex;  // guards what follows
  uint64_t next_number = 0;
  uint64_t numbers_end = 0;
  std::deque<boxing::Active> ready;
  std::map<Id, Activity> running;
  std::multimap<WorldTime, Id> waiting;  // for their retry
  asio::io_context* io = nullptr;        // null while not started
  bool stopped = false;
  std::unique_ptr<asio::steady_timer> timer;  // there while `io` is
  size_t settling = 0;                        // results being written
  std::condition_variable settled;

  void load();
  uint64_t take_number();
  void enqueue(Id id, Activity token);
  void move_due();
  void clock_changed();
  void dispatch();
  void arm();
  static Task<void> deliver(std::shared_ptr<Impl> self, Id id);
  static Task<Delivered> run_target(std::shared_ptr<Impl> self, Target target, OutboxEntry entry);
  std::optional<boxing::Stored> read(Id id);
  void settle(Id id, const OutboxEntry& entry, Delivered result);
  void write_result(Id id, OutboxEntry entry, Delivered result);
  void finish(Id id, std::optional<WorldTime> retry_at);
  void drop(const std::vector<RealmId>& dead);
  void stop();
};

// Reads the queue once from its start; from then on memory knows every entry.
void Outbox::Impl::load() {
  std::vector<std::pair<Id, WorldTime>> found;
  for (const auto& realm : realms.all()) {
    const std::string prefix = storage::Key(realm->id, kOutboxKind).bytes();
    for (auto row = database.iterate_prefix(storage::Family::queue, prefix); row.valid();
         row.next()) {
      storage::KeyReader key(row.key());
      found.emplace_back(Id{realm->id, key.u64()}, boxing::decode(row.value()).due);
    }
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first.number < b.first.number; });
  for (const auto& [id, due] : found) waiting.emplace(due, id);
  move_due();
}

// With the mutex held. Numbers are unique among all realms, also after a restart.
uint64_t Outbox::Impl::take_number() {
  if (next_number == numbers_end) {
    next_number = database.reserve(kSystemRealm, "outbox", boxing::kNumberBlock);
    numbers_end = next_number + boxing::kNumberBlock;
  }
  return next_number++;
}

void Outbox::Impl::enqueue(Id id, Activity token) {
  std::lock_guard lock(mutex);
  if (stopped) return;
  ready.emplace_back(id, std::move(token));
  dispatch();
}

// With the mutex held: entries whose retry is due hold a token from here on.
void Outbox::Impl::move_due() {
  const WorldTime now = world.now();
  while (!waiting.empty() && waiting.begin()->first <= now) {
    ready.emplace_back(waiting.begin()->second, activities.begin(label));
    waiting.erase(waiting.begin());
  }
}

void Outbox::Impl::clock_changed() {
  std::lock_guard lock(mutex);
  if (stopped) return;
  move_due();
  dispatch();
}

// With the mutex held: starts deliveries up to the bound and sets the timer for the next retry.
// A delivery starts from the executor's own queue, for it takes the mutex.
void Outbox::Impl::dispatch() {
  if (!io) return;
  while (!ready.empty() && running.size() < kMostDeliveries) {
    const Id id = ready.front().id;
    running.emplace(id, std::move(ready.front().token));
    ready.pop_front();
    asio::post(*io, [self = shared_from_this(), id, executor = IoExecutor(io->get_executor())] {
      asio::co_spawn(executor, deliver(self, id), asio::detached);
    });
  }
  arm();
}

// With the mutex held.
void Outbox::Impl::arm() {
  if (waiting.empty()) return;
  const auto left = world.machine_wait(waiting.begin()->first);
  if (!left) return;  // frozen; a change of the clock comes here again
  timer->expires_after(std::min(boxing::kLongestSleep, *left));
  timer->async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    auto alive = weak.lock();
    if (alive && !error) alive->clock_changed();
  });
}

// The frame may outlive the Outbox until the io_context ends.
Task<void> Outbox::Impl::deliver(std::shared_ptr<Impl> self, Id id) {
  auto stored = self->read(id);
  if (!stored) co_return;
  auto target = self->targets.find(stored->entry.target);
  Delivered result;
  if (target == self->targets.end()) {
    self->log.error("outbox: nobody takes entries for " + stored->entry.target + "; dropped");
  } else {
    OutboxEntry copy = stored->entry;
    result = co_await run_target(self, target->second, std::move(copy));
  }
  self->settle(id, stored->entry, result);
}

// The entry; nullopt if it was reset meanwhile or cannot be read (then it is tried again).
std::optional<boxing::Stored> Outbox::Impl::read(Id id) {
  try {
    auto row = database.get(storage::Family::queue, boxing::key_of(id));
    if (row) return boxing::decode(*row);
    finish(id, std::nullopt);
  } catch (const std::exception& error) {
    log.error("outbox: " + std::string(error.what()));
    finish(id, world.now() + boxing::kRetryAfter);
  }
  return std::nullopt;
}

Task<Delivered> Outbox::Impl::run_target(std::shared_ptr<Impl> self, Target target,
                                         OutboxEntry entry) {
  const std::string name = entry.target;
  try {
    co_return co_await target(std::move(entry));
  } catch (const std::exception& error) {
    self->log.error("outbox: delivery to " + name + " failed: " + error.what());
  }
  co_return Delivered::retry(self->world.now() + boxing::kRetryAfter);
}

// Writes what became of the entry, unless the outbox has stopped: then it runs again.
void Outbox::Impl::settle(Id id, const OutboxEntry& entry, Delivered result) {
  {
    std::lock_guard lock(mutex);
    if (!io) return;
    ++settling;
  }
  try {
    write_result(id, entry, result);
  } catch (const std::exception& error) {
    if (realms.alive(id.realm)) log.error("outbox: " + std::string(error.what()));
    // Kept in the store, so delivered again: at least once. A dead realm's row is gone.
    finish(id, world.now() + boxing::kRetryAfter);
  }
  std::lock_guard lock(mutex);
  --settling;
  settled.notify_all();
}

void Outbox::Impl::write_result(Id id, OutboxEntry entry, Delivered result) {
  storage::Batch batch;
  if (result.kind == Delivered::Kind::done) {
    batch.erase(storage::Family::queue, boxing::key_of(id));
    database.commit(batch);
    finish(id, std::nullopt);
    return;
  }
  ++entry.attempt;
  if (!result.payload.empty()) entry.payload = std::move(result.payload);
  batch.put(storage::Family::queue, boxing::key_of(id), boxing::encode(entry, result.retry_at));
  database.commit(batch);
  finish(id, result.retry_at);
}

void Outbox::Impl::finish(Id id, std::optional<WorldTime> retry_at) {
  std::lock_guard lock(mutex);
  auto entry = running.find(id);
  if (entry == running.end()) return;               // reset meanwhile
  const Activity token = std::move(entry->second);  // released after the retry is in place
  running.erase(entry);
  if (retry_at) {
    waiting.emplace(*retry_at, id);
    move_due();
  }
  dispatch();
}

void Outbox::Impl::drop(const std::vector<RealmId>& dead) {
  const auto is_dead = [&](Id id) {
    return std::find(dead.begin(), dead.end(), id.realm) != dead.end();
  };
  std::lock_guard lock(mutex);
  std::erase_if(ready, [&](const auto& entry) { return is_dead(entry.id); });
  std::erase_if(waiting, [&](const auto& entry) { return is_dead(entry.second); });
  std::erase_if(running, [&](const auto& entry) { return is_dead(entry.first); });
  dispatch();
}

void Outbox::Impl::stop() {
  std::unique_lock lock(mutex);
  stopped = true;
  io = nullptr;
  timer.reset();
  settled.wait(lock, [this] { return settling == 0; });
  // Their rows stay. No token may outlive this, though coroutines do.
  ready.clear();
  running.clear();
  waiting.clear();
}

Outbox::Outbox(storage::Database& database, storage::Realms& realms, WorldClock& world,
               Activities& activities, Log& log)
    : impl_(std::make_shared<Impl>(database, realms, world, activities, log)) {
  impl_->load();
  world.on_change([weak = std::weak_ptr<Impl>(impl_)] {
    if (auto alive = weak.lock()) alive->clock_changed();
  });
  realms.on_reset([weak = std::weak_ptr<Impl>(impl_)](const std::vector<RealmId>& dead) {
    if (auto alive = weak.lock()) alive->drop(dead);
  });
}

Outbox::~Outbox() {
  stop();
}

void Outbox::add_target(std::string name, Target target) {
  impl_->targets.emplace(std::move(name), std::move(target));
}

void Outbox::start(asio::io_context& io) {
  std::lock_guard lock(impl_->mutex);
  impl_->io = &io;
  impl_->timer = std::make_unique<asio::steady_timer>(io);
  impl_->dispatch();
}

void Outbox::stop() {
  impl_->stop();
}

void Outbox::add(storage::Batch& batch, OutboxEntry entry) {
  Id id{entry.realm, 0};
  {
    std::lock_guard lock(impl_->mutex);
    id.number = impl_->take_number();
  }
  batch.put(storage::Family::queue, boxing::key_of(id), boxing::encode(entry, entry.enqueued));
  batch.after_commit([impl = impl_, id](uint64_t commit) {
    auto token = std::make_shared<Activity>(impl->activities.begin(impl->label));
    impl->database.when_durable(commit,
                                [impl, id, token] { impl->enqueue(id, std::move(*token)); });
  });
}

size_t Outbox::pending() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->ready.size() + impl_->running.size() + impl_->waiting.size();
}

std::optional<WorldTime> Outbox::next_due() const {
  std::lock_guard lock(impl_->mutex);
  if (impl_->waiting.empty()) return std::nullopt;
  return impl_->waiting.begin()->first;
}

}  // namespace paddock::events
