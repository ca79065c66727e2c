// Durable timers by world time: one thread, one ordered family (DESIGN 4.5, 4.8).
//
// Row format, version 1, family timers: the owner's realm starts the key, so that a reset takes its
// timers along. Layout in scheduler.cpp.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/activity.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/realm.hpp"
#include "storage/database.hpp"
#include "storage/realms.hpp"

namespace paddock::events {

// What a timer is for: a fixed name such as "dynamodb:expire"; its handler is registered at start.
struct Timer {
  RealmId realm = kNoRealm;
  std::string target;
  std::string id;  // unique within (realm, target); setting it again replaces it
  WorldTime due;
  std::string payload;  // the target's own format
};

class Scheduler {
 public:
  // Runs on the scheduler's thread when due, with the timer's Activity held. It should commit the
  // timer's removal with its effects: `cancel` erases it, `set` moves it to its next time. A timer
  // that the handler leaves as it was is erased after it. A handler that throws is tried again
  // after one second of machine time, and logged, unless its realm is dead.
  using Handler = std::function<void(const Timer& timer)>;

  Scheduler(storage::Database& database, storage::Realms& realms, WorldClock& world,
            const MachineClock& machine, Activities& activities, Log& log);
  ~Scheduler();

  void handle(std::string target, Handler handler);  // before start
  void start();
  void stop();

  // Adds or replaces within `batch`; takes effect when that commits.
  void set(storage::Batch& batch, const Timer& timer);
  // Erases the timer of that realm, target and id within `batch`, whenever it is due.
  void cancel(storage::Batch& batch, const Timer& timer);

  // Something else that becomes due by world time and fires by itself (the outbox's retries):
  // `next_due` counts it, so that `advance` stops there. Before start; called from any thread.
  void also_due(std::function<std::optional<WorldTime>()> source);

  // When the next timer is due; nullopt if there is none.
  std::optional<WorldTime> next_due();
  // Fires everything due now on the scheduler's thread and waits until it is done (not until what
  // it caused is quiet).
  void run_due();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// Moves world time to `to` as DESIGN 4.8 says: to the next due timer, fires it, waits for quiet,
// and repeats. Returns what is still active when `bound` of machine time ends the wait; empty =
// quiet. May wait; the caller holds no Activity.
std::vector<std::string> advance(WorldClock& world, Scheduler& scheduler, Activities& activities,
                                 WorldTime to, std::chrono::milliseconds bound);

}  // namespace paddock::events
