// Quotas of API Gateway REST APIs
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html).
#pragma once

#include <chrono>
#include <cstddef>

namespace paddock::services::apigateway {

inline constexpr size_t kMaxResources = 300;             // per API
inline constexpr size_t kMaxStages = 10;                 // per API
inline constexpr size_t kMaxApis = 600;                  // per account and region
inline constexpr size_t kMaxPayload = 10 * 1024 * 1024;  // bytes, in and out
inline constexpr std::chrono::milliseconds kMaxIntegrationTimeout{29'000};
inline constexpr int kMinIntegrationTimeoutMs = 50;
inline constexpr size_t kMaxPathPart = 1024;
inline constexpr size_t kMaxName = 1024;
inline constexpr size_t kMaxDescription = 1024;
inline constexpr size_t kMaxStageName = 128;
inline constexpr size_t kMaxApiKeys = 10'000;  // per account and region
inline constexpr size_t kMinKeyValue = 20;
inline constexpr size_t kMaxKeyValue = 128;
inline constexpr size_t kMaxKeyDescription = 125'000;
inline constexpr size_t kMaxUsagePlans = 300;  // per account and region
inline constexpr size_t kMaxPlanStages = 1000;
inline constexpr size_t kDefaultPage = 25;  // `limit` of the list operations, and its most
inline constexpr size_t kMaxPage = 500;

}  // namespace paddock::services::apigateway
