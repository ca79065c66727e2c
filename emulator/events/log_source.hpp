// Logs that others read in order: streams of DynamoDB and of Kinesis. The service that
// owns the log implements LogSource; event source mappings and pipes read through it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/caller.hpp"
#include "core/clock.hpp"
#include "core/json.hpp"

namespace paddock::events {

class QueueSource;

struct LogShard {
  std::string id;         // "shardId-…"
  std::string parent_id;  // "" if it has none
  bool closed = false;
  std::string adjacent_parent_id = {};  // of a shard that two were merged into
};

struct LogRecord {
  std::string sequence_number;  // in the service's own form; compares by value as text of equal
                                // length or by `position`
  uint64_t position = 0;        // rises within the shard; what a reader remembers
  Json event;                   // the record as a Lambda event shows it
  size_t bytes = 0;
  WorldTime arrived;
  Cause cause;
};

struct LogPage {
  std::vector<LogRecord> records;
  uint64_t next_position = 0;  // where the next read starts
  bool end_of_shard = false;   // closed, and all read
};

enum class StartAt { trim_horizon, latest, timestamp };

// Thread-safe.
class LogSource {
 public:
  virtual ~LogSource() = default;

  // Throws AwsError(ResourceNotFoundException) if there is no such stream (any more).
  virtual std::vector<LogShard> shards(const std::string& stream_arn) = 0;
  // Where a reader that starts now begins in the shard.
  virtual uint64_t start_position(const std::string& stream_arn, const std::string& shard_id,
                                  StartAt start, WorldTime timestamp) = 0;
  // Records from `position` on, never past the watermark; empty if there are none yet.
  virtual LogPage read(const std::string& stream_arn, const std::string& shard_id,
                       uint64_t position, size_t most_records, size_t most_bytes) = 0;
  // Calls `listener` (any thread, must not wait) whenever the stream may have new records or
  // shards. Dropping the returned object ends it.
  virtual std::shared_ptr<void> subscribe(const std::string& stream_arn,
                                          std::function<void()> listener) = 0;
};

// Log sources by the ARN's service ("dynamodb"), and the source of queues (queue_source.hpp).
// Filled at construction, then read only.
class LogSources {
 public:
  void add(std::string service, LogSource& source) {
    sources_.emplace(std::move(service), &source);
  }
  LogSource* find(std::string_view service) const {
    auto found = sources_.find(service);
    return found == sources_.end() ? nullptr : found->second;
  }
  void set_queues(QueueSource& queues) { queues_ = &queues; }
  QueueSource* queues() const { return queues_; }  // nullptr: there are none

 private:
  std::map<std::string, LogSource*, std::less<>> sources_;
  QueueSource* queues_ = nullptr;
};

}  // namespace paddock::events
