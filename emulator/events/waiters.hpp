// Long polls: waiting for something to happen to a key (a queue, a shard), bounded by world time.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "core/clock.hpp"
#include "core/task.hpp"

namespace paddock::events {

enum class Wake { notified, deadline, cancelled, stopping };

class Waiters;

// A registered wait. Made before the lock on what is waited for is released, so that no
// notification is lost; dropped without waiting, it is forgotten.
class Waiter {
 public:
  Waiter(Waiter&&) noexcept = default;
  Waiter& operator=(Waiter&&) = delete;
  // A notification that nobody waited for goes to the next waiter of the key.
  ~Waiter();

  // Returns once: notified (also if that happened before this call), at the world deadline or
  // after the same span of machine time, whichever is first, cancelled, or stopping. Resumes on
  // the caller's executor, whose io_context one thread runs (DESIGN 6). To be awaited at most once.
  Task<Wake> wait(WorldTime deadline, Cancelled cancelled);

 private:
  friend class Waiters;
  struct State;
  explicit Waiter(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

// Thread-safe. An idle waiter costs under 1 KiB and no CPU.
class Waiters {
 public:
  explicit Waiters(WorldClock& world);
  ~Waiters();

  Waiter prepare(std::string_view key);
  // Wakes one waiter of `key` (the longest waiting), or all of them. Any thread.
  void notify_one(std::string_view key);
  void notify_all(std::string_view key);
  // Wakes everything with Wake::stopping; later waits return it at once.
  void stop();

 private:
  friend class Waiter;
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace paddock::events
