// SNS's quotas: https://docs.aws.amazon.com/general/latest/gr/sns.html and the pages named below.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace paddock::services::sns::limits {

// https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html, API_Publish.html
inline constexpr size_t kMostTopicName = 256;  // characters, with ".fifo"
inline constexpr size_t kMostMessageBytes = 256 * 1024;
inline constexpr size_t kMostSubject = 100;  // characters
inline constexpr size_t kMostBatchEntries = 10;
inline constexpr size_t kMostBatchId = 80;         // characters
inline constexpr size_t kMostAttributeName = 256;  // bytes, of a message's attribute
inline constexpr size_t kMostFifoId = 128;         // characters, of a group or deduplication id
inline constexpr size_t kMostTags = 50;
inline constexpr size_t kMostPolicyBytes = 30720;
inline constexpr size_t kMostProtectionPolicyBytes = 30720;
inline constexpr size_t kMostDisplayName = 100;

inline constexpr size_t kTopicsPerAccount = 100'000;  // standard and FIFO; AWS: 1,000 FIFO
inline constexpr size_t kMostFilterPolicies = 200;    // per topic

// https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
inline constexpr size_t kMostFilterKeys = 5;
inline constexpr size_t kMostFilterCombinations = 150;
inline constexpr size_t kMostFilterBytes = 256 * 1024;
inline constexpr double kMostFilterNumber = 1e9;

// https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html
inline constexpr std::chrono::minutes kDeduplication{5};
// https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.prepare.html
inline constexpr std::chrono::hours kTokenLife{48};
inline constexpr std::chrono::seconds kHttpTimeout{15};
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
inline constexpr size_t kMostHttpRetries = 100;
inline constexpr int64_t kMostHttpDelay_s = 3600;

// Pages of lists: API_ListTopics.html, API_ListSubscriptions.html
inline constexpr size_t kPage = 100;

inline constexpr size_t kMostPlatformName = 256;
inline constexpr size_t kMostUserData = 2048;  // bytes
// The monthly limit of SMS that a new account has, in dollars.
inline constexpr const char* kSpendLimit = "1";
inline constexpr size_t kMostSandboxNumbers = 10;

}  // namespace paddock::services::sns::limits
