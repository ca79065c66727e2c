// Token buckets of routes with throttling settings, by world time.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "core/clock.hpp"
#include "core/json.hpp"

namespace paddock::services::apigateway::v2 {

// Thread-safe.
class HttpApiThrottle {
 public:
  // Takes a token of the bucket `key` under the settings of its route; false: there is none left.
  // Settings without limits always pass.
  bool take(const std::string& key, const Json& settings, WorldTime now);

 private:
  struct Bucket {
    double tokens = 0;
    WorldTime filled;
  };
  static constexpr size_t kMostBuckets = 10'000;  // then all begin anew
  std::mutex mutex_;
  std::map<std::string, Bucket> buckets_;
};

}  // namespace paddock::services::apigateway::v2
