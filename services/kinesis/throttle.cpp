#include "services/kinesis/throttle.hpp"

#include <algorithm>

#include "services/kinesis/limits.hpp"

namespace paddock::services::kinesis {

namespace throttling {

constexpr size_t kMostBuckets = 100'000;

double rate(Throttle::Kind kind) {
  switch (kind) {
    case Throttle::Kind::records_in:
      return limits::kRecordsIn;
    case Throttle::Kind::bytes_in:
      return limits::kBytesIn;
    case Throttle::Kind::bytes_out:
      return limits::kBytesOut;
    case Throttle::Kind::reads:
      return limits::kReads;
  }
  return 0;
}

}  // namespace throttling

bool Throttle::take(const std::string& shard, Kind kind, double units, WorldTime now) {
  const double rate = throttling::rate(kind);
  const std::lock_guard lock(mutex_);
  if (buckets_.size() >= throttling::kMostBuckets) buckets_.clear();
  const auto [entry, fresh] = buckets_.try_emplace(shard + static_cast<char>(kind));
  Bucket& bucket = entry->second;
  if (fresh) {
    bucket.tokens = rate;
  } else {
    const double seconds = static_cast<double>(now.ms - bucket.at_ms) / 1000;
    bucket.tokens = std::min(rate, bucket.tokens + std::max(0.0, seconds) * rate);
  }
  bucket.at_ms = now.ms;
  if (bucket.tokens < std::min(units, 1.0)) return false;
  bucket.tokens -= units;
  return true;
}

}  // namespace paddock::services::kinesis
