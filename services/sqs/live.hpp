// What memory holds of queues: definitions, and counts that the store can rebuild.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "services/sqs/store.hpp"
#include "storage/realms.hpp"

namespace paddock::services::sqs {

// How many things become visible when. Not thread-safe.
class Deadlines {
 public:
  void add(int64_t at_ms);
  void remove(int64_t at_ms);  // no effect if that time has come
  int64_t later_than(int64_t now_ms);
  void clear();

 private:
  std::map<int64_t, int64_t> counts_;
  int64_t total_ = 0;
};

struct Counts {
  int64_t visible = 0;
  int64_t in_flight = 0;
  int64_t delayed = 0;
};

// A queue that somebody has used since the start. Thread-safe; what changes its messages holds the
// lock of its name.
class LiveQueue {
 public:
  explicit LiveQueue(std::shared_ptr<const QueueInfo> info);

  std::shared_ptr<const QueueInfo> info() const;
  // After the commit that changed the definition; with other data the counts begin at zero.
  void change(std::shared_ptr<const QueueInfo> info);
  // After the commit that deleted it.
  void end();
  bool ended() const;

  const std::string& lock_key() const { return lock_key_; }
  const std::string& waiters_key() const { return waiters_key_; }

  Counts counts(WorldTime now) const;
  // Of a message that comes, goes or becomes visible at another time. A state without receives
  // that is not visible yet is delayed, one with receives is in flight.
  void added(const State& state, WorldTime now);
  void removed(const State& state, WorldTime now);
  void moved(const State& from, const State& to, WorldTime now);
  // What a recount of the messages that were there at the start found.
  void counted(uint64_t data, int64_t messages);
  // Until then the counts lack those.
  void set_counting();
  bool counting() const;

  // Whether a timer for the end of the oldest message's retention is set.
  bool armed = false;   // under the lock of the name
  uint64_t oldest = 0;  // no message of a lower sequence is left; likewise

 private:
  Deadlines& deadlines(const State& state) { return state.receives ? in_flight_ : delayed_; }

  const std::string lock_key_;
  const std::string waiters_key_;
  mutable std::mutex mutex_;
  std::shared_ptr<const QueueInfo> info_;
  bool ended_ = false;
  bool counting_ = false;
  int64_t messages_ = 0;
  mutable Deadlines in_flight_;
  mutable Deadlines delayed_;
};

// All queues of all realms, loaded at first use. Thread-safe.
class Queues {
 public:
  Queues(storage::Database& database, storage::Realms& realms, WorldClock& world, WorkPool& work,
         const Store& store);

  // nullptr: there is no such queue.
  std::shared_ptr<LiveQueue> find(std::string_view account, std::string_view region,
                                  std::string_view name);
  void add(std::shared_ptr<const QueueInfo> info);  // after the commit that made it
  void remove(const QueueInfo& info);               // after the commit that deleted it
  void drop_realms(const std::vector<RealmId>& realms);
  // Saves the counts; nothing may be used after it.
  void save();

 private:
  static std::string key_of(std::string_view account, std::string_view region,
                            std::string_view name);
  std::shared_ptr<LiveQueue> load(const Realm& realm, std::string_view name);
  void load_invisible(LiveQueue& queue, const QueueInfo& info);
  void recount(std::weak_ptr<LiveQueue> queue, std::shared_ptr<const QueueInfo> info,
               storage::Snapshot snapshot);

  storage::Database& database_;
  storage::Realms& realms_;
  WorldClock& world_;
  WorkPool& work_;
  const Store& store_;
  std::shared_mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<LiveQueue>> queues_;
};

}  // namespace paddock::services::sqs
