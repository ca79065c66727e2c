// API keys and usage plans as the data plane sees them: which plan holds a request with a key, and
// who counts. The plans are kept by usage_plans.cpp, the counters by the data plane.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/realm.hpp"
#include "services/apigateway/store.hpp"

namespace paddock::services::apigateway {

// A token bucket's settings. A member that is not there does not limit.
struct Throttle {
  std::optional<double> rate_per_second;
  std::optional<int64_t> burst;
};

struct Quota {
  int64_t limit = 0;   // requests per period
  int64_t offset = 0;  // requests taken off the first period
  std::string period;  // "DAY", "WEEK", "MONTH"
};

// What a request with an API key is held to on one stage of one API.
struct PlanOfKey {
  std::string plan;  // id of the usage plan
  std::string key;   // id of the API key: $context.identity.apiKeyId
  std::optional<Throttle> throttle;
  // Of single methods on this stage, by "/resource/path/METHOD"; they come before `throttle`.
  std::map<std::string, Throttle> method_throttle;
  std::optional<Quota> quota;
};

struct KeyLookup {
  // The key's record (the model's ApiKey) if a key of this value exists and is enabled.
  std::optional<Json> key;
  // Its plan that holds the stage; nullopt: the key is valid, but not for this stage.
  std::optional<PlanOfKey> plan;
};

// The key of this value and the plan it has for `stage` of `api`. Reads three rows at most, plus
// one per plan of the key. Any thread.
KeyLookup look_up_key(const Store& store, RealmId realm, const std::string& value,
                      const std::string& api, const std::string& stage);

// Requests of one day: how many there were, and how many the quota left at its end.
struct DayOfUsage {
  int64_t used = 0;
  int64_t remaining = 0;
};

// Counts requests by (plan, key); implemented by the data plane. Thread-safe.
class UsageCounters {
 public:
  virtual ~UsageCounters() = default;

  // One entry for every day from `first_day` to `last_day`, both included (days since 1970, UTC).
  virtual std::vector<DayOfUsage> days(RealmId realm, const PlanOfKey& plan, int64_t first_day,
                                       int64_t last_day) = 0;
  // UpdateUsage: what the quota leaves in the present period. Written with `batch`, in force at
  // once.
  virtual void set_remaining(storage::Batch& batch, RealmId realm, const PlanOfKey& plan,
                             int64_t remaining) = 0;
  // The key has left the plan, or one of the two is gone.
  virtual void forget(storage::Batch& batch, RealmId realm, const std::string& plan,
                      const std::string& key) = 0;
};

}  // namespace paddock::services::apigateway
