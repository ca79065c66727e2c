// What happened and why: a ring in memory, of fixed size, that holds ids rather than payloads
// (DESIGN 4.9). Shown by /_paddock/timeline.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "core/caller.hpp"
#include "core/clock.hpp"
#include "core/json.hpp"

namespace paddock::events {

struct TimelineEvent {
  WorldTime at;
  std::string kind;  // "call", "record", "batch", "function", "delivery", "not-invoked", "timer"
  std::string what;  // "dynamodb:PutItem", "function pageviews-record"
  std::string resource;    // an ARN or name; "" if none
  std::string outcome;     // "200", "ConditionalCheckFailedException", "filter did not match"
  std::string request_id;  // its own
  Cause cause;             // of the chain it belongs to
  std::string account;
  std::string region;
  int64_t microseconds = 0;  // how long it took; 0 if it took no time
};

struct TimelineFilter {
  std::string cause;     // request id of the chain; "" = any
  std::string resource;  // substring; "" = any
  std::string kind;      // "" = any
  std::string account;   // "" = any
  uint64_t after = 0;    // only events with a higher number
  size_t limit = 500;    // newest
};

// Thread-safe.
class Timeline {
 public:
  static constexpr size_t kCapacity = 16 * 1024;

  void record(TimelineEvent event);
  // {"Events": [...], "Last": n}, oldest first.
  Json read(const TimelineFilter& filter) const;
  void clear();
  // Turned off (capacity 0) it records nothing; for benchmarks.
  void set_enabled(bool enabled) { enabled_ = enabled; }
  bool enabled() const { return enabled_; }

 private:
  std::atomic<bool> enabled_{true};
  mutable std::mutex mutex_;
  std::deque<TimelineEvent> events_;
  uint64_t first_number_ = 1;  // number of events_.front()
};

}  // namespace paddock::events
