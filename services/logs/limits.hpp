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

inline constexpr std::chrono::milliseconds kOldest{14LL * 24 * 3600 * 1000};
inline constexpr std::chrono::milliseconds kNewest{2LL * 3600 * 1000};
inline constexpr int64_t kMostSpanMs = 24LL * 3600 * 1000;
inline constexpr int64_t kDayMs = 24LL * 3600 * 1000;

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
inline constexpr std::array kRetentionDays = {1,    3,    5,    7,    14,   30,  60,  90,
                                              120,  150,  180,  365,  400,  545, 731, 1096,
                                              1827, 2192, 2557, 2922, 3288, 3653};

}  // namespace paddock::services::logs
