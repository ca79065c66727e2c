// Quotas of Kinesis Data Streams:
// https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/clock.hpp"

namespace paddock::services::kinesis::limits {

inline constexpr uint64_t kShardsPerAccount = 20'000;  // open, provisioned; us-east-1's default
inline constexpr uint64_t kMostShards = 10'000;        // of one stream, by CreateStream and updates
inline constexpr uint64_t kOnDemandStreams = 50;
inline constexpr uint64_t kOnDemandShards = 4;  // of a new on-demand stream
inline constexpr int64_t kLeastRetentionHours = 24;
inline constexpr int64_t kMostRetentionHours = 8'760;
inline constexpr uint64_t kRecordKiB = 1'024;          // unless the stream allows more
inline constexpr size_t kPutBytes = 10 * 1024 * 1024;  // of a PutRecords, keys included
inline constexpr size_t kGetBytes = 10 * 1024 * 1024;  // of a GetRecords
inline constexpr size_t kGetRecords = 10'000;          // of a GetRecords
inline constexpr Milliseconds kIteratorLife{5 * 60 * 1000};
inline constexpr Milliseconds kTokenLife{5 * 60 * 1000};
inline constexpr size_t kListedShards = 1'000;   // by default
inline constexpr size_t kDescribedShards = 100;  // by default
inline constexpr size_t kListedStreams = 100;    // by default
inline constexpr size_t kListedConsumers = 100;  // by default
inline constexpr size_t kConsumers = 20;         // of a stream
inline constexpr size_t kTags = 50;
inline constexpr Milliseconds kSubscription{5 * 60 * 1000};
inline constexpr Milliseconds kSubscribeAgain{5 * 1000};
// SubscribeToShard sends an event without records when there were none for so long.
inline constexpr Milliseconds kHeartbeat{5 * 1000};
inline constexpr size_t kEventBytes = 1024 * 1024;  // of records of one event
inline constexpr size_t kEventRecords = 1'000;
// A reader of an empty shard gets its next answer after so long, or when a record comes: AWS allows
// five reads a second.
inline constexpr Milliseconds kEmptyReadPace{200};

// Of a shard, by the second.
inline constexpr double kRecordsIn = 1'000;
inline constexpr double kBytesIn = 1024 * 1024;
inline constexpr double kBytesOut = 2 * 1024 * 1024;
inline constexpr double kReads = 5;

// Of trimming.
inline constexpr size_t kTrimBatch = 10'000;
inline constexpr Milliseconds kTrimPause{60 * 1000};

}  // namespace paddock::services::kinesis::limits
