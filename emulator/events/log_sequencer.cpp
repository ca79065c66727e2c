// Row format, version 1, family meta, key (realm, kLogReservationKind, raw log name after its
// realm's id):
//   u8 version=1, u64 end     no number at or above `end` was ever given out
#include "events/log_sequencer.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "events/kinds.hpp"

namespace paddock::events {

namespace sequencing {

constexpr char kVersion = 1;
// Numbers reserved by one row write; a restart skips what is left of them.
constexpr uint64_t kBlock = 4096;
constexpr uint64_t kFirstNumber = 1;

struct Open {
  uint64_t first;
  bool released;
};

// One log. `open` holds the tickets not yet released, by number, and released ones behind them.
struct LogState {
  explicit LogState(std::string its_name) : name(std::move(its_name)) {}

  const std::string name;
  std::mutex mutex;
  bool loaded = false;
  bool forgotten = false;
  uint64_t next = kFirstNumber;
  uint64_t reserved_end = kFirstNumber;
  std::deque<Open> open;

  uint64_t readable_end() const { return open.empty() ? next : open.front().first; }
};

using Listener = std::function<void(const std::string& log)>;
using Listeners = std::vector<Listener>;

struct NameHash {
  using is_transparent = void;
  size_t operator()(std::string_view name) const { return std::hash<std::string_view>{}(name); }
};
using LogMap =
    std::unordered_map<std::string, std::shared_ptr<LogState>, NameHash, std::equal_to<>>;

storage::Key reservation_key(std::string_view log) {
  storage::KeyReader name(log);
  std::string rest(1, static_cast<char>(name.kind()));
  rest += name.rest();
  return storage::Key(name.realm(), kLogReservationKind).raw(rest);
}

uint64_t decode_reservation(std::string_view row) {
  if (row.size() != 9 || row[0] != kVersion) {
    throw storage::CorruptKey("a log's reservation row is malformed");
  }
  uint64_t end = 0;
  for (const char byte : row.substr(1)) end = end << 8 | static_cast<unsigned char>(byte);
  return end;
}

}  // namespace sequencing

using sequencing::LogState;

struct LogSequencer::Impl {
  explicit Impl(storage::Database& its_database)
      : database(its_database), listeners(std::make_shared<sequencing::Listeners>()) {}

  storage::Database& database;
  mutable std::shared_mutex mutex;
  sequencing::LogMap logs;                                 // guarded by mutex
  std::shared_ptr<const sequencing::Listeners> listeners;  // guarded by mutex

  std::shared_ptr<LogState> find(std::string_view name);
  void load(LogState& log);
  void reserve(LogState& log, uint64_t count);
  void release(LogState& log, uint64_t first);
};

// Shared by a ticket and the batch it is attached to; whoever is last releases the numbers.
struct Ticket::State {
  State(std::shared_ptr<LogSequencer::Impl> its_owner, std::shared_ptr<LogState> its_log,
        uint64_t its_first)
      : owner(std::move(its_owner)), log(std::move(its_log)), first(its_first) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { release(); }

  void release() {
    if (!std::exchange(released, true)) owner->release(*log, first);
  }

  const std::shared_ptr<LogSequencer::Impl> owner;
  const std::shared_ptr<LogState> log;
  const uint64_t first;
  bool released = false;
};

std::shared_ptr<LogState> LogSequencer::Impl::find(std::string_view name) {
  {
    std::shared_lock lock(mutex);
    auto found = logs.find(name);
    if (found != logs.end()) return found->second;
  }
  std::unique_lock lock(mutex);
  auto found = logs.find(name);
  if (found == logs.end()) {
    auto log = std::make_shared<LogState>(std::string(name));
    found = logs.emplace(log->name, log).first;
  }
  return found->second;
}

// With the log's mutex held. All numbers below the reservation's end may have been used.
void LogSequencer::Impl::load(LogState& log) {
  if (log.loaded) return;
  auto row = database.get(storage::Family::meta, sequencing::reservation_key(log.name));
  if (row) log.next = log.reserved_end = sequencing::decode_reservation(*row);
  log.loaded = true;
}

// With the log's mutex held. The reservation is in the write-ahead log before any row that uses it.
void LogSequencer::Impl::reserve(LogState& log, uint64_t count) {
  const uint64_t end = log.next + std::max(count, sequencing::kBlock);
  std::string row(1, sequencing::kVersion);
  storage::append_u64(row, end);
  storage::Batch batch;
  batch.put(storage::Family::meta, sequencing::reservation_key(log.name), row);
  database.commit(batch);
  log.reserved_end = end;
}

void LogSequencer::Impl::release(LogState& log, uint64_t first) {
  {
    std::lock_guard lock(log.mutex);
    auto ticket = std::lower_bound(
        log.open.begin(), log.open.end(), first,
        [](const sequencing::Open& open, uint64_t number) { return open.first < number; });
    ticket->released = true;
    if (ticket != log.open.begin()) return;
    while (!log.open.empty() && log.open.front().released) log.open.pop_front();
  }
  std::shared_ptr<const sequencing::Listeners> to_call;
  {
    std::shared_lock lock(mutex);
    to_call = listeners;
  }
  for (const auto& listener : *to_call) listener(log.name);
}

Ticket::Ticket(Ticket&& other) noexcept
    : state_(std::move(other.state_)),
      first_(std::exchange(other.first_, 0)),
      count_(std::exchange(other.count_, 0)) {}

Ticket& Ticket::operator=(Ticket&& other) noexcept {
  state_ = std::move(other.state_);
  first_ = std::exchange(other.first_, 0);
  count_ = std::exchange(other.count_, 0);
  return *this;
}

Ticket::~Ticket() = default;

void Ticket::attach(storage::Batch& batch) && {
  if (!state_) return;
  first_ = count_ = 0;
  batch.after_commit([state = std::exchange(state_, nullptr)](uint64_t commit) {
    storage::Database& database = state->owner->database;
    if (database.durability() == storage::Durability::fsync) {
      database.when_durable(commit, [state] { state->release(); });
    } else {
      state->release();
    }
  });
}

LogSequencer::LogSequencer(storage::Database& database) : impl_(std::make_shared<Impl>(database)) {}

LogSequencer::~LogSequencer() = default;

Ticket LogSequencer::take(std::string_view log, uint64_t count) {
  while (true) {
    std::shared_ptr<LogState> state = impl_->find(log);
    std::lock_guard lock(state->mutex);
    if (state->forgotten) continue;  // a new state took its place
    impl_->load(*state);
    if (state->next + count > state->reserved_end) impl_->reserve(*state, count);
    Ticket ticket;
    ticket.first_ = state->next;
    ticket.count_ = count;
    ticket.state_ = std::make_shared<Ticket::State>(impl_, state, ticket.first_);
    state->open.push_back({ticket.first_, false});
    state->next += count;
    return ticket;
  }
}

uint64_t LogSequencer::readable_end(std::string_view log) const {
  std::shared_ptr<LogState> state = impl_->find(log);
  std::lock_guard lock(state->mutex);
  impl_->load(*state);
  return state->readable_end();
}

void LogSequencer::on_readable(std::function<void(const std::string& log)> listener) {
  std::unique_lock lock(impl_->mutex);
  auto listeners = std::make_shared<sequencing::Listeners>(*impl_->listeners);
  listeners->push_back(std::move(listener));
  impl_->listeners = std::move(listeners);
}

void LogSequencer::forget(std::string_view log) {
  std::shared_ptr<LogState> state;
  {
    std::unique_lock lock(impl_->mutex);
    auto found = impl_->logs.find(log);
    if (found == impl_->logs.end()) return;
    state = found->second;
    impl_->logs.erase(found);
  }
  std::lock_guard lock(state->mutex);
  state->forgotten = true;
}

}  // namespace paddock::events
