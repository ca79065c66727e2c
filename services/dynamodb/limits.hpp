// DynamoDB's quotas, each with its source:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html (Q),
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html (C) and the
// API reference (A).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace paddock::services::dynamodb {

inline constexpr size_t kMinNameLength = 3;            // C, table and index names
inline constexpr size_t kMaxNameLength = 255;          // C
inline constexpr size_t kMaxPartitionKeyBytes = 2048;  // C
inline constexpr size_t kMaxSortKeyBytes = 1024;       // C
inline constexpr size_t kMaxItemBytes = 409'600;       // C
inline constexpr size_t kMaxLocalIndexes = 5;          // Q
inline constexpr size_t kMaxKeyAttributes =
    4;  // HASH or RANGE, of a global index: DG, GSI.MultiAttributeKeys
inline constexpr size_t kMaxGlobalIndexes = 20;                // Q
inline constexpr size_t kMaxProjectedAttributes = 100;         // Q, all indexes of a table together
inline constexpr int64_t kMaxThroughput = 1'000'000'000'000;   // recorded: "is out of bounds"
inline constexpr size_t kMaxTablesPerAccount = 2500;           // Q
inline constexpr size_t kMaxTags = 50;                         // Q
inline constexpr size_t kMaxTagKeyLength = 128;                // A, Tag
inline constexpr size_t kMaxTagValueLength = 256;              // A, Tag
inline constexpr size_t kMaxPolicyBytes = 20'480;              // Q, resource-based policies
inline constexpr size_t kMaxBatchGetKeys = 100;                // A, BatchGetItem
inline constexpr size_t kMaxBatchGetBytes = 16 * 1024 * 1024;  // A, BatchGetItem
inline constexpr size_t kMaxBatchWrites = 25;                  // A, BatchWriteItem
inline constexpr size_t kMaxPageBytes = 1024 * 1024;           // A, Query and Scan
inline constexpr size_t kReadUnitBytes = 4096;                 // C, read request units
inline constexpr size_t kWriteUnitBytes = 1024;                // C, write request units
inline constexpr size_t kListTablesPage = 100;                 // A, ListTables
inline constexpr size_t kListStreamsPage = 100;                // A, ListStreams
inline constexpr size_t kGetRecordsPage = 1000;                // A, GetRecords
inline constexpr size_t kMaxGetRecordsBytes = 1024 * 1024;     // A, GetRecords
inline constexpr std::chrono::hours kStreamRetention{24};      // A, DescribeStream
inline constexpr std::chrono::hours kShardLife{4};             // observed: about four hours
inline constexpr size_t kDescribeStreamPage = 100;             // A, DescribeStream
inline constexpr std::chrono::minutes kShardIteratorLife{15};  // A, GetShardIterator
inline constexpr int64_t kAccountMaxCapacityUnits = 80'000;    // A, DescribeLimits
inline constexpr int64_t kTableMaxCapacityUnits = 40'000;      // A, DescribeLimits
inline constexpr int64_t kPartitionReads = 3000;               // developer guide, partition keys
inline constexpr int64_t kPartitionWrites = 1000;              // developer guide, partition keys
inline constexpr int64_t kBurstSeconds = 300;                  // developer guide, burst capacity
inline constexpr int64_t kOnDemandWarmReads = 12'000;          // recorded, new on-demand tables
inline constexpr int64_t kOnDemandWarmWrites = 4'000;          // recorded, new on-demand tables

inline constexpr int64_t kFreeDecreases = 4;  // Q, of throughput in a day

// Time to live: items whose time passed longer ago are ignored (developer guide, "Computing TTL").
inline constexpr std::chrono::hours kOldestExpiry{5 * 365 * 24};
// The API reference says an hour; measured: refused after 1,811 seconds, accepted after 1,872.
inline constexpr std::chrono::minutes kTimeToLiveRest{31};

inline constexpr size_t kMaxTransactionBytes = 4 * 1024 * 1024;   // A, TransactWriteItems
inline constexpr std::chrono::minutes kTransactionTokenLife{10};  // A, TransactWriteItems
inline constexpr size_t kListBackupsPage = 100;                   // A, ListBackups
inline constexpr int64_t kRecoveryDays = 35;                      // A, RecoveryPeriodInDays
inline constexpr std::chrono::minutes kRecoveryLag{5};            // A, LatestRestorableDateTime
inline constexpr std::chrono::hours kSystemBackupLife{35 * 24};   // developer guide, DeleteTable

inline constexpr std::chrono::hours kTransferLife{90 * 24};  // developer guide, exports listed
inline constexpr std::chrono::hours kTransferTokenLife{8};   // A, ExportTableToPointInTime
inline constexpr size_t kMaxExportsUnderWay = 300;           // Q, export to S3
inline constexpr size_t kMaxImportsUnderWay = 50;            // Q, import from S3
inline constexpr size_t kMaxImportObjects = 50'000;          // Q, import from S3

// Our own bounds for one step of background work, so that no lock and no batch grows large.
inline constexpr size_t kExpireBatch = 64;
inline constexpr size_t kExpireRounds = 64;  // batches in one go of the timer
inline constexpr size_t kBackfillBatch = 64;
inline constexpr size_t kTrimBatch = 1000;
inline constexpr size_t kCopyBatchBytes = 256 * 1024;
// Tables of so many items are backed up and restored before the call is answered.
inline constexpr int64_t kCopyWhileAsked = 1000;

}  // namespace paddock::services::dynamodb
