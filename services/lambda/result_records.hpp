// What destinations and dead-letter queues are sent about runs of a function. Pure functions.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
// https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-errors.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "events/log_source.hpp"
#include "lambda/functions.hpp"

namespace paddock::services::lambda {

// Why a record is written: the words of AWS.
inline constexpr const char* kSucceeded = "Success";
inline constexpr const char* kRetriesExhausted = "RetriesExhausted";
inline constexpr const char* kEventAgeExceeded = "EventAgeExceeded";
inline constexpr const char* kZeroConcurrency = "ZeroReservedConcurrency";
inline constexpr const char* kRetryAttemptsExhausted = "RetryAttemptsExhausted";  // of a mapping
inline constexpr const char* kRecordAgeExceeded = "RecordAgeExceeded";            // of a mapping

// The end of one asynchronous invocation.
struct AsyncRecord {
  WorldTime at;
  std::string request_id;
  std::string function_arn;  // qualified
  std::string condition;
  uint32_t invoke_count = 0;
  std::string payload;  // what the function was given
  // Of the last run; none if the function never ran.
  std::optional<::paddock::lambda::InvocationResult> result;
  std::string version = "$LATEST";
};
std::string to_text(const AsyncRecord& record);

// Records of a stream that a mapping gave up.
struct StreamRecord {
  WorldTime at;
  std::string request_id;  // of the last run
  std::string function_arn;
  std::string condition;
  int64_t invoke_count = 0;
  bool ran = false;             // false: discarded before any run
  bool function_error = false;  // false: the answer named items that failed
  std::string version = "$LATEST";
  std::string source_service;  // "dynamodb", "kinesis"
  std::string stream_arn;
  std::string shard;
  std::vector<const events::LogRecord*> records;  // in order, at least one
};
// `payload`: also the batch itself, as records in S3 have it; "" for none.
std::string to_text(const StreamRecord& record, const std::string& payload);
// aws/lambda/UUID/SHARD/2026/11/20/2026-11-20T07.36.00-ID
std::string object_key(const std::string& uuid, const std::string& shard, WorldTime at,
                       const std::string& id);

}  // namespace paddock::services::lambda
