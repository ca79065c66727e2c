// The two clocks of DESIGN 4.2. Nothing else in the tree reads a clock (tests/tidy_test.cpp).
//
// World time drives everything AWS would call time. It is durable and never runs backwards but by
// reset. Machine time drives sockets, time-outs, the Date header and signature skew.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/json.hpp"

namespace paddock {

using Milliseconds = std::chrono::milliseconds;

// Machine time. Stateless; passed by reference so that what uses it says so.
class MachineClock {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  Steady now() const { return std::chrono::steady_clock::now(); }
  // Milliseconds since 1970 (UTC) by the machine's wall clock.
  int64_t wall_ms() const;
  // "Fri, 20 Nov 2026 07:36:00 GMT" for the Date header; cached per second and thread.
  const std::string& http_date() const;
};

// A moment of world time: milliseconds since 1970 (UTC), a type of its own so that the two clocks
// cannot be mixed.
struct WorldTime {
  int64_t ms = 0;

  friend auto operator<=>(WorldTime, WorldTime) = default;
  friend WorldTime operator+(WorldTime t, Milliseconds d) { return {t.ms + d.count()}; }
  friend WorldTime operator-(WorldTime t, Milliseconds d) { return {t.ms - d.count()}; }
  friend Milliseconds operator-(WorldTime a, WorldTime b) { return Milliseconds(a.ms - b.ms); }
};

// World time: world = base + (machine - since) * speed, never below the highest time handed out.
// Thread-safe; `now` takes no lock on the running, unscaled clock.
class WorldClock {
 public:
  // What must survive a restart.
  struct State {
    int64_t offset_ms = 0;      // world minus machine at `since_ms`
    int64_t since_ms = 0;       // machine wall time of the last change
    double speed = 1.0;         // 0 = frozen
    int64_t high_water_ms = 0;  // no time at or below this is given out again
  };

  explicit WorldClock(const MachineClock& machine);

  // Continues from a saved state: a frozen clock stays at its moment, a running one goes on.
  void restore(const State& state);
  State state() const;
  // Back to machine time at speed 1; the only way world time may run backwards.
  void reset();

  WorldTime now() const;
  double speed() const;
  bool frozen() const { return speed() == 0; }

  void freeze();
  // Jumps to `to` if that is later than now; keeps the speed.
  void advance_to(WorldTime to);
  // World milliseconds per machine millisecond; 0 freezes.
  void set_speed(double speed);

  // Machine time until `at` at the present speed: zero when due, nullopt while frozen.
  std::optional<Milliseconds> machine_wait(WorldTime at) const;

  // Maps a moment that a client stamped with its own (machine) clock to world time, through the
  // history of changes (bounded; the oldest entry stands for all before it).
  WorldTime from_client(int64_t machine_wall_ms) const;

  // Called after every change of speed or position, outside the lock, from the changing thread.
  void on_change(std::function<void()> listener);

 private:
  struct Segment {
    int64_t machine_ms;
    int64_t world_ms;
    double speed;
  };
  static constexpr size_t kMaxHistory = 64;

  static int64_t world_at(const Segment& segment, int64_t machine_ms);
  int64_t now_locked(int64_t machine_ms) const;
  void change(double speed, int64_t world_ms, int64_t machine_ms);
  void publish(int64_t high_water_ms, bool may_fall);
  void notify();

  const MachineClock& machine_;
  mutable std::mutex mutex_;      // guards history_ and listeners_, and orders changes
  std::vector<Segment> history_;  // the last one is in force
  // The segment in force for readers without the lock: world minus machine, or kNoOffset while the
  // clock is frozen or scaled.
  std::atomic<int64_t> offset_ms_{0};
  // The highest time handed out (low 48 bits) under the number of the change it belongs to (high
  // 16): a reader that computed its time before a change cannot store it after that.
  mutable std::atomic<uint64_t> high_water_{0};
  std::vector<std::function<void()>> listeners_;
};

}  // namespace paddock
