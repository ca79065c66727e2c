// Quotas of CloudWatch Logs
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html and the
// pages of the operations).
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace paddock::services::logs {

inline constexpr size_t kMostBatchBytes = 1'048'576;  // messages and kEventOverhead each
inline constexpr size_t kMostEventBytes = 1'048'576;  // the same, of one event
inline constexpr size_t kEventOverhead = 26;
inline constexpr size_t kMostPageEvents = 10'000;
inline constexpr size_t kMostPageBytes = 1'048'576;
inline constexpr size_t kMostScanned = 50'000;  // events looked at for one page of a filter
inline constexpr size_t kMostDescribed = 50;
inline constexpr size_t kMostTags = 50;
inline constexpr size_t kMostNameLength = 512;
inline constexpr size_t kMostMetricFilters = 100;      // of a group
inline constexpr size_t kMostSubscriptionFilters = 2;  // of a group
inline constexpr size_t kMostDimensions = 3;           // of a metric filter
inline constexpr size_t kMostResourcePolicies = 10;    // of an account in a region
// What a function can be sent: 1 MiB after compression and base64, which adds a third at worst.
inline constexpr size_t kMostSubscriptionBytes = 700'000;
inline constexpr std::chrono::milliseconds kRetryDelivery{60'000};
inline constexpr std::chrono::milliseconds kLongestRetry{24LL * 3600 * 1000};
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatchLogs_LiveTail.html
inline constexpr size_t kMostLiveTails = 15;        // of an account in a region
inline constexpr size_t kMostLiveTailEvents = 500;  // in one update, each second
inline constexpr std::chrono::milliseconds kLiveTailUpdate{1'000};
inline constexpr std::chrono::milliseconds kLongestLiveTail{3LL * 3600 * 1000};

inline constexpr std::chrono::milliseconds kOldest{14LL * 24 * 3600 * 1000};
inline constexpr std::chrono::milliseconds kNewest{2LL * 3600 * 1000};
inline constexpr int64_t kMostSpanMs = 24LL * 3600 * 1000;
inline constexpr int64_t kDayMs = 24LL * 3600 * 1000;

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
inline constexpr std::array kRetentionDays = {1,    3,    5,    7,    14,   30,  60,  90,
                                              120,  150,  180,  365,  400,  545, 731, 1096,
                                              1827, 2192, 2557, 2922, 3288, 3653};

}  // namespace paddock::services::logs
