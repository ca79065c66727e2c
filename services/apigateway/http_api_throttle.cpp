#include "services/apigateway/http_api_throttle.hpp"

#include <algorithm>

#include "models/apigatewayv2.hpp"

namespace paddock::services::apigateway::v2 {

namespace m = models::apigatewayv2_members;

bool HttpApiThrottle::take(const std::string& key, const Json& settings, WorldTime now) {
  auto rate = settings.find(m::ThrottlingRateLimit);
  auto burst = settings.find(m::ThrottlingBurstLimit);
  if (rate == settings.end() && burst == settings.end()) return true;
  // AWS's account-wide limits stand in for the one that is missing.
  const double per_second = rate == settings.end() ? 10'000 : rate->get<double>();
  const double most = burst == settings.end() ? 5'000 : burst->get<double>();
  std::lock_guard lock(mutex_);
  if (buckets_.size() >= kMostBuckets) buckets_.clear();
  auto [place, added] = buckets_.try_emplace(key);
  Bucket& bucket = place->second;
  if (added) {
    bucket.tokens = most;
    bucket.filled = now;
  }
  const double seconds = static_cast<double>((now - bucket.filled).count()) / 1000;
  bucket.tokens = std::min(most, bucket.tokens + std::max(0.0, seconds) * per_second);
  bucket.filled = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

}  // namespace paddock::services::apigateway::v2
