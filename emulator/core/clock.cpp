#include "core/clock.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/text.hpp"

namespace paddock {

namespace clock_detail {

constexpr int64_t kNoOffset = std::numeric_limits<int64_t>::min();
constexpr unsigned kTimeBits = 48;  // milliseconds until the year 10889
constexpr int64_t kMaxTime = (int64_t{1} << kTimeBits) - 1;

uint64_t change_of(uint64_t high_water) {
  return high_water >> kTimeBits;
}
int64_t time_of(uint64_t high_water) {
  return static_cast<int64_t>(high_water & kMaxTime);
}
uint64_t pack(uint64_t change, int64_t time_ms) {
  return change << kTimeBits | static_cast<uint64_t>(std::clamp<int64_t>(time_ms, 0, kMaxTime));
}
// What readers without the lock add to machine time.
int64_t offset_of(int64_t world_ms, int64_t machine_ms, double speed) {
  return speed == 1.0 ? world_ms - machine_ms : kNoOffset;
}
// Tells readers without the lock of a change. Unless the mark may fall it stays above what they may
// have handed out since `time_ms` was read.
void begin_change(std::atomic<uint64_t>& mark, int64_t time_ms, bool may_fall) {
  uint64_t high = mark.load(std::memory_order_relaxed);
  uint64_t next = 0;
  do {
    next = pack(change_of(high) + 1, may_fall ? time_ms : std::max(time_of(high), time_ms));
  } while (!mark.compare_exchange_weak(high, next, std::memory_order_release,
                                       std::memory_order_relaxed));
}

}  // namespace clock_detail

int64_t MachineClock::wall_ms() const {
  return std::chrono::duration_cast<Milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

const std::string& MachineClock::http_date() const {
  thread_local int64_t second = -1;
  thread_local std::string text;
  const int64_t now_s = wall_ms() / 1000;
  if (now_s != second) {
    text = paddock::http_date(now_s * 1000);
    second = now_s;
  }
  return text;
}

WorldClock::WorldClock(const MachineClock& machine) : machine_(machine) {
  history_.push_back({0, 0, 1.0});
}

int64_t WorldClock::world_at(const Segment& segment, int64_t machine_ms) {
  const int64_t passed = machine_ms - segment.machine_ms;
  if (segment.speed == 1.0) return segment.world_ms + passed;
  const double scaled = std::floor(static_cast<double>(passed) * segment.speed);
  const auto limit = static_cast<double>(clock_detail::kMaxTime);
  return segment.world_ms + static_cast<int64_t>(std::clamp(scaled, -limit, limit));
}

// Makes the last segment the one that readers see. Called with the lock held. The offset goes
// first: who reads the new change number then reads the new offset too.
void WorldClock::publish(int64_t high_water_ms, bool may_fall) {
  const Segment& segment = history_.back();
  offset_ms_.store(clock_detail::offset_of(segment.world_ms, segment.machine_ms, segment.speed),
                   std::memory_order_release);
  clock_detail::begin_change(high_water_, high_water_ms, may_fall);
}

void WorldClock::change(double speed, int64_t world_ms, int64_t machine_ms) {
  history_.push_back({machine_ms, world_ms, speed});
  if (history_.size() > kMaxHistory) history_.erase(history_.begin());
  publish(world_ms, false);
}

void WorldClock::notify() {
  std::vector<std::function<void()>> listeners;
  {
    std::lock_guard lock(mutex_);
    listeners = listeners_;
  }
  for (const auto& listener : listeners) listener();
}

void WorldClock::restore(const State& state) {
  {
    std::lock_guard lock(mutex_);
    history_.assign(1, {state.since_ms, state.since_ms + state.offset_ms, state.speed});
    // A frozen clock has handed out its moment already and stays there.
    const int64_t floor = state.speed == 0 ? std::max(state.high_water_ms, history_[0].world_ms)
                                           : state.high_water_ms + 1;
    publish(floor, true);
  }
  notify();
}

WorldClock::State WorldClock::state() const {
  std::lock_guard lock(mutex_);
  const Segment& segment = history_.back();
  return {segment.world_ms - segment.machine_ms, segment.machine_ms, segment.speed,
          clock_detail::time_of(high_water_.load(std::memory_order_acquire))};
}

void WorldClock::reset() {
  {
    std::lock_guard lock(mutex_);
    history_.assign(1, {0, 0, 1.0});
    publish(0, true);
  }
  notify();
}

WorldTime WorldClock::now() const {
  for (;;) {
    uint64_t high = high_water_.load(std::memory_order_acquire);
    const int64_t offset = offset_ms_.load(std::memory_order_acquire);
    if (offset == clock_detail::kNoOffset) {
      std::lock_guard lock(mutex_);
      return {now_locked(machine_.wall_ms())};
    }
    const int64_t time = machine_.wall_ms() + offset;
    const uint64_t change = clock_detail::change_of(high);
    while (clock_detail::change_of(high) == change) {
      if (clock_detail::time_of(high) >= time) return {clock_detail::time_of(high)};
      if (high_water_.compare_exchange_weak(high, clock_detail::pack(change, time),
                                            std::memory_order_acq_rel, std::memory_order_acquire)) {
        return {time};
      }
    }
  }
}

// Changes are kept out by the lock, readers of the fast path are not.
int64_t WorldClock::now_locked(int64_t machine_ms) const {
  const int64_t time = world_at(history_.back(), machine_ms);
  uint64_t high = high_water_.load(std::memory_order_acquire);
  for (;;) {
    if (clock_detail::time_of(high) >= time) return clock_detail::time_of(high);
    const uint64_t raised = clock_detail::pack(clock_detail::change_of(high), time);
    if (high_water_.compare_exchange_weak(high, raised, std::memory_order_acq_rel)) {
      return clock_detail::time_of(raised);
    }
  }
}

double WorldClock::speed() const {
  std::lock_guard lock(mutex_);
  return history_.back().speed;
}

void WorldClock::freeze() {
  set_speed(0);
}

void WorldClock::advance_to(WorldTime to) {
  {
    std::lock_guard lock(mutex_);
    const int64_t machine_ms = machine_.wall_ms();
    const int64_t target = std::min(to.ms, clock_detail::kMaxTime);
    if (target <= now_locked(machine_ms)) return;
    change(history_.back().speed, target, machine_ms);
  }
  notify();
}

void WorldClock::set_speed(double speed) {
  {
    std::lock_guard lock(mutex_);
    const int64_t machine_ms = machine_.wall_ms();
    change(std::isfinite(speed) ? std::max(speed, 0.0) : 0.0, now_locked(machine_ms), machine_ms);
  }
  notify();
}

std::optional<Milliseconds> WorldClock::machine_wait(WorldTime at) const {
  std::lock_guard lock(mutex_);
  const int64_t machine_ms = machine_.wall_ms();
  if (now_locked(machine_ms) >= at.ms) return Milliseconds(0);
  const Segment& segment = history_.back();
  if (segment.speed == 0) return std::nullopt;
  const auto left = static_cast<double>(at.ms - world_at(segment, machine_ms));
  const double wait = std::ceil(left / segment.speed);
  return Milliseconds(
      static_cast<int64_t>(std::clamp(wait, 1.0, static_cast<double>(clock_detail::kMaxTime))));
}

WorldTime WorldClock::from_client(int64_t machine_wall_ms) const {
  std::lock_guard lock(mutex_);
  const Segment* segment = &history_.front();
  for (const Segment& candidate : history_) {
    if (candidate.machine_ms <= machine_wall_ms) segment = &candidate;
  }
  return {world_at(*segment, machine_wall_ms)};
}

void WorldClock::on_change(std::function<void()> listener) {
  std::lock_guard lock(mutex_);
  listeners_.push_back(std::move(listener));
}

}  // namespace paddock
