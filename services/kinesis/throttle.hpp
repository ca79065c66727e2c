// Throughput of shards that can be taught (--limits): 1,000 records and 1 MiB a second in, 2 MiB
// and five reads a second out, for each shard
// (https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html).
//
// Buckets hold one second's worth, by world time, in memory only. A call takes all it needs while
// the bucket is not empty; what it takes too much is a debt that time pays off.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

#include "core/clock.hpp"
#include "options.hpp"

namespace paddock::services::kinesis {

// Thread-safe. Off, it costs one look at a flag.
class Throttle {
 public:
  using Mode = Options::Limits;

  void set(Mode mode) { mode_ = mode; }
  Mode mode() const { return mode_; }
  bool on() const { return mode_.load(std::memory_order_relaxed) != Mode::off; }

  enum class Kind : char { records_in, bytes_in, bytes_out, reads };
  // True if `shard` (a log's name) has that much left, which is taken then.
  bool take(const std::string& shard, Kind kind, double units, WorldTime now);

 private:
  struct Bucket {
    double tokens = 0;
    int64_t at_ms = 0;
  };

  std::atomic<Mode> mode_{Mode::off};
  std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace paddock::services::kinesis
