// Quotas of HTTP and WebSocket APIs
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html,
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html).
#pragma once

#include <chrono>
#include <cstddef>

namespace paddock::services::apigateway::v2 {

inline constexpr size_t kMaxApis = 600;  // per account and region
inline constexpr size_t kMaxRoutes = 300;
inline constexpr size_t kMaxIntegrations = 300;
inline constexpr size_t kMaxAuthorizers = 10;
inline constexpr size_t kMaxModels = 300;  // no quota is published: as routes
inline constexpr size_t kMaxStages = 10;
inline constexpr size_t kMaxDeployments = 300;  // no quota is published
inline constexpr size_t kMaxDomainNames = 120;
inline constexpr size_t kMaxMappings = 200;  // of one domain name
inline constexpr size_t kMaxVpcLinks = 10;
inline constexpr size_t kMaxName = 128;
inline constexpr size_t kMaxDescription = 1024;
inline constexpr size_t kMaxStageName = 128;
inline constexpr size_t kMaxTags = 50;
inline constexpr size_t kDefaultPage = 100;  // of the list operations
inline constexpr size_t kMaxPage = 1000;
inline constexpr int kMinTimeoutMs = 50;
inline constexpr int kMaxHttpTimeoutMs = 30'000;
inline constexpr int kMaxWebSocketTimeoutMs = 29'000;

// HTTP APIs.
inline constexpr size_t kMaxHttpPayload = 10 * 1024 * 1024;  // in and out
inline constexpr size_t kMaxPathSegments = 256;              // of a request; a bound of our own

// WebSocket APIs.
inline constexpr size_t kMaxWebSocketMessage = 128 * 1024;
inline constexpr size_t kMaxWebSocketFrame = 32 * 1024;
inline constexpr size_t kMaxWebSocketQueue = 512 * 1024;  // waiting for a slow client; then 429
inline constexpr std::chrono::minutes kWebSocketIdle{10};
inline constexpr std::chrono::hours kWebSocketLife{2};
inline constexpr size_t kMaxMessagesAtWork = 16;  // of one connection; a bound of our own

}  // namespace paddock::services::apigateway::v2
