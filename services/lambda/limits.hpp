// Quotas of AWS Lambda
// (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace paddock::services::lambda {

inline constexpr int kMostTimeoutSeconds = 900;
inline constexpr int kDefaultTimeoutSeconds = 3;
inline constexpr int kDefaultMemoryMb = 128;
inline constexpr int kMostMemoryMb = 10240;
inline constexpr int kDefaultEphemeralMb = 512;
inline constexpr size_t kMostFunctionName = 64;
inline constexpr size_t kMostEnvironmentBytes = 4096;  // of the variables as JSON
inline constexpr size_t kMostZippedBytes = 52'428'800;
inline constexpr uint64_t kMostUnzippedBytes = 262'144'000;
inline constexpr uint64_t kMostTotalCodeBytes = 80'530'636'800;
inline constexpr size_t kMostRequestBytes = 70'167'211;  // of a CreateFunction call, recorded
inline constexpr size_t kMostLayers = 5;                 // of a function
inline constexpr size_t kMostTags = 50;
inline constexpr size_t kMostPolicyBytes = 20'480;

// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
inline constexpr size_t kMostSyncPayloadBytes = 6'291'456;
inline constexpr size_t kMostAsyncPayloadBytes = 1'048'576;
inline constexpr size_t kMostResponseBytes = 6'291'556;
inline constexpr size_t kMostClientContextBytes = 3583;  // before base64

// Concurrency: of an account, and what reservations must leave over.
inline constexpr int kAccountConcurrency = 1000;
inline constexpr int kLeastUnreservedConcurrency = 100;

// Asynchronous invocation
// (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html).
inline constexpr uint32_t kAsyncRetries = 2;
inline constexpr std::chrono::milliseconds kFirstAsyncRetry{60'000};
inline constexpr std::chrono::milliseconds kSecondAsyncRetry{120'000};
inline constexpr std::chrono::milliseconds kMostAsyncAge{6 * 3600 * 1000};
inline constexpr std::chrono::milliseconds kMostThrottleRetry{300'000};
// Of the error's message, in a dead letter.
inline constexpr size_t kMostDeadLetterText = 1024;

// Event source mappings on streams
// (https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html).
inline constexpr int kDefaultStreamBatch = 100;
inline constexpr size_t kMostBatchBytes = 6'000'000;  // of records, below the payload limit
inline constexpr size_t kMostFilters = 5;
// https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-windows.html
inline constexpr size_t kMostWindowStateBytes = 1'048'576;
// Mappings on queues (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html):
// batches that run side by side at first and at most, and how soon one more may.
inline constexpr int kDefaultQueueBatch = 10;
inline constexpr int kMostUnwindowedQueueBatch = 10;  // without a batching window
inline constexpr size_t kFirstQueueBatches = 5;
inline constexpr size_t kMostQueueBatches = 1250;
inline constexpr std::chrono::milliseconds kQueueBatchStep{200};  // 300 a minute

inline constexpr size_t kMostListed = 50;  // functions on one page
inline constexpr size_t kMostMappingsListed = 100;

// Pause between attempts on a failing batch, in machine time: doubled from the first to the last.
inline constexpr std::chrono::milliseconds kFirstRetryPause{50};
inline constexpr std::chrono::milliseconds kMostRetryPause{10'000};

}  // namespace paddock::services::lambda
