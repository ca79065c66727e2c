// Who may send how much: token buckets by world time, and the requests counted against quotas.
//
// Counts are rows, in family meta, version 2, so that a quota survives a restart:
//   (realm, kUsageKind, text plan, text key, i64 day)
//       u8 version=2, u64 used, i64 remaining, i64 limit
// `day`: days since 1970 (UTC); `remaining`: what the quota left after the day's last request,
// below 0 if it was lowered since; `limit`: the quota's at that time. Rows of version 1 lack the
// limit and are read.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <unordered_map>

#include "core/clock.hpp"
#include "services/apigateway/usage.hpp"
#include "storage/database.hpp"

namespace paddock::services::apigateway {

inline constexpr storage::Kind kUsageKind = 0x0f;

// Buckets by name. In memory: a restart fills them. Thread-safe.
class TokenBuckets {
 public:
  // Takes a token; false if there is none. A bucket without a rate does not limit.
  bool take(const std::string& name, const Throttle& throttle, WorldTime now);
  void clear();

 private:
  struct Bucket {
    double tokens = 0;
    WorldTime filled;
  };
  static constexpr size_t kMost = 100'000;  // beyond, all are forgotten
  std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;
};

// Thread-safe.
class DurableUsage : public UsageCounters {
 public:
  DurableUsage(storage::Database& database, const WorldClock& world)
      : database_(database), world_(world) {}

  // Counts a request in `batch`; false if the quota is used up, and nothing is counted then.
  bool count(storage::Batch& batch, RealmId realm, const PlanOfKey& plan);

  std::vector<DayOfUsage> days(RealmId realm, const PlanOfKey& plan, int64_t first_day,
                               int64_t last_day) override;
  void set_remaining(storage::Batch& batch, RealmId realm, const PlanOfKey& plan,
                     int64_t remaining) override;
  void forget(storage::Batch& batch, RealmId realm, const std::string& plan,
              const std::string& key) override;
  // Drops what memory holds, after a reset.
  void clear();

 private:
  struct Count {
    int64_t day = 0;
    int64_t used = 0;       // on that day
    int64_t remaining = 0;  // in the period of that day; may be below 0
    int64_t limit = 0;      // of the quota that `remaining` is of
    bool first = true;      // the key's first period: the offset counts
  };
  using Name = std::tuple<RealmId, std::string, std::string>;

  Count& load(RealmId realm, const PlanOfKey& plan);
  void put(storage::Batch& batch, RealmId realm, const PlanOfKey& plan, const Count& count) const;

  storage::Database& database_;
  const WorldClock& world_;
  std::mutex mutex_;
  std::map<Name, Count> counts_;
};

// The first day of the quota period that `day` is in: the day, its Sunday, or the first of its
// month.
int64_t period_start(const std::string& period, int64_t day);

}  // namespace paddock::services::apigateway
