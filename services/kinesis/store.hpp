// Where Kinesis's rows are: the only file that knows this service's kinds of keys.
//
// Rows, version 1. `number` is StreamInfo::number, times are world milliseconds.
//   meta  kStreamKind    text name                              the stream as a document row
//   meta  kConsumerKind  u64 number, text name                  a consumer as a document row
//   meta  kAccountKind   -                                      account settings as a document row
//   log   kRecordKind    u64 number, u32 shard, u64 position    a record
// A record: u8 version=1, i64 arrived, text request id of its cause, u32 depth of its cause,
// text partition key, text explicit hash key ("" if none), then the data. Fields as in
// storage/keys.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/caller.hpp"
#include "core/clock.hpp"
#include "core/realm.hpp"
#include "services/kinesis/model.hpp"
#include "storage/database.hpp"
#include "storage/keys.hpp"

namespace paddock::services::kinesis {

inline constexpr storage::Kind kStreamKind = 0x66;
inline constexpr storage::Kind kConsumerKind = 0x67;
inline constexpr storage::Kind kAccountKind = 0x68;
inline constexpr storage::Kind kRecordKind = 0x69;

// A record's content. Decoded, the data is a view into the row.
struct Record {
  WorldTime arrived;
  Cause cause;
  std::string partition_key;
  std::string explicit_hash_key;
  std::string_view data;
};

std::string encode_record(const Record& record);
// Throws storage::CorruptKey.
Record decode_record(std::string_view row);
// Only when it arrived. Throws storage::CorruptKey.
WorldTime arrival_in(std::string_view row);

struct Consumer {
  std::string name;
  int64_t created_ms = 0;
  std::map<std::string, std::string> tags;
  std::string policy;

  // arn:…:stream/NAME/consumer/CONSUMER:SECONDS
  std::string arn(const StreamInfo& stream) const;
};

// Also the name of the shard's log, for the sequencer.
std::string shard_prefix(RealmId realm, uint64_t stream, uint32_t shard);
std::string stream_prefix(RealmId realm, uint64_t stream);
storage::Key record_key(RealmId realm, uint64_t stream, uint32_t shard, uint64_t position);
uint64_t position_in(std::string_view record_key);
std::string stream_lock(RealmId realm, std::string_view name);

// Thread-safe; writes go into the caller's batch.
class Store {
 public:
  explicit Store(storage::Database& database) : database_(database) {}

  std::vector<StreamInfo> streams(RealmId realm) const;
  void put_stream(const StreamInfo& stream, storage::Batch& batch) const;
  // With its consumers and records.
  void erase_stream(const StreamInfo& stream, storage::Batch& batch) const;

  std::optional<Consumer> consumer(const StreamInfo& stream, std::string_view name) const;
  std::vector<Consumer> consumers(const StreamInfo& stream) const;
  void put_consumer(const StreamInfo& stream, const Consumer& consumer,
                    storage::Batch& batch) const;
  void erase_consumer(const StreamInfo& stream, std::string_view name, storage::Batch& batch) const;

  Json account(RealmId realm) const;  // an empty object if nothing was set
  void put_account(RealmId realm, const Json& settings, storage::Batch& batch) const;

 private:
  storage::Database& database_;
};

}  // namespace paddock::services::kinesis
