// Quotas of SQS:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-quotas.html
#pragma once

#include <cstddef>
#include <cstdint>

namespace paddock::services::sqs::limits {

inline constexpr size_t kBatchEntries = 10;
inline constexpr int64_t kMessageBytes = 1024 * 1024;  // of a message, and of a batch
inline constexpr size_t kMessageAttributes = 10;
inline constexpr size_t kAttributeNameBytes = 256;  // also of their types
inline constexpr int64_t kInFlightStandard = 120'000;
inline constexpr int64_t kInFlightFifo = 20'000;
inline constexpr int64_t kReceiveMessages = 10;
inline constexpr int64_t kWaitSeconds = 20;
inline constexpr int64_t kVisibilitySeconds = 43'200;
inline constexpr int64_t kDelaySeconds = 900;
inline constexpr int64_t kRetentionLeastSeconds = 60;
inline constexpr int64_t kRetentionMostSeconds = 1'209'600;
inline constexpr int64_t kMaximumMessageSizeLeast = 1024;
inline constexpr int64_t kMaxReceiveCountMost = 1000;
inline constexpr size_t kQueueNameCharacters = 80;
inline constexpr size_t kListedQueues = 1000;
inline constexpr size_t kTagsPerQueue = 50;
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html
inline constexpr size_t kPolicyStatements = 20;
inline constexpr size_t kPermissionActions = 7;
inline constexpr size_t kRedriveSources = 10;  // in sourceQueueArns
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html
inline constexpr int64_t kPurgeEveryMs = 60'000;
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html
inline constexpr int64_t kNameReuseMs = 60'000;
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html
inline constexpr int64_t kDeduplicationMs = 300'000;
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
inline constexpr int64_t kMoveRateMost = 500;
inline constexpr int64_t kMoveTasksListed = 10;

}  // namespace paddock::services::sqs::limits
