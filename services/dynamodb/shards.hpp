// The shards of streams. A stream's records are one log; its shards are consecutive parts of it, of
// which one is open. About every four hours of world time AWS closes a shard and opens its child
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html); here a shard
// lasts exactly four hours, counted from the stream's beginning, and is rolled by whoever comes
// first: a writer, or a reader. So an idle stream costs nothing, and the same world times give the
// same shards.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "events/log_sequencer.hpp"
#include "services/dynamodb/model.hpp"
#include "storage/database.hpp"

namespace paddock::services::dynamodb {

// The records at positions [begin, end) of the stream's log.
struct Shard {
  std::string id;      // "shardId-" 20 digits "-" 8 hex digits; later shards have greater ids
  std::string parent;  // "" if it is the stream's first
  uint64_t begin = 0;
  uint64_t end = 0;  // 0 while it is open; a closed one has at least one position
  int64_t opened_ms = 0;
  int64_t closed_ms = 0;  // 0 while it is open

  bool open() const { return end == 0; }
};

// What a stream's shards row holds; format in shards.cpp. `decode_shards` throws std::exception if
// malformed.
std::string encode_shards(const std::vector<Shard>& shards);
std::vector<Shard> decode_shards(std::string_view text);

// The shards of one stream in memory, shared by all versions of its definition.
struct ShardList {
  std::mutex mutex;
  std::vector<Shard> shards;             // oldest first, never empty; guarded by mutex
  std::atomic<int64_t> next_roll_ms{0};  // when the open shard is to be closed; never if all are
};

// Thread-safe.
class Shards {
 public:
  Shards(const WorldClock& world, events::LogSequencer& sequencer, storage::Database& database,
         const Ids& ids);

  // The list of a stream that is made in `batch`.
  std::shared_ptr<ShardList> create(storage::Batch& batch, RealmId realm, const Stream& stream);
  // The list of a stream that was read from its row. Called for a table's stream before anybody
  // writes to it, so a disabled stream that comes here first has no writers: its shard is closed.
  std::shared_ptr<ShardList> attach(RealmId realm, const Stream& stream);
  // Closes the last shard, once nobody can write to the stream any more.
  void close(RealmId realm, const Stream& stream);
  void forget(RealmId realm, uint64_t stream_number);
  void forget_realm(RealmId realm);

  // Closes and opens the shards that are due. To be called before a record's position is taken. May
  // commit a row (once in four hours), as the sequencer does.
  void roll(RealmId realm, const Stream& stream, WorldTime now) {
    if (now.ms >= stream.shards->next_roll_ms.load(std::memory_order_acquire)) {
      roll_now(realm, stream, now);
    }
  }
  // The shards that there are now, oldest first: a closed one stays a day.
  std::vector<Shard> list(RealmId realm, const Stream& stream);

 private:
  void roll_now(RealmId realm, const Stream& stream, WorldTime now);
  std::string id_at(RealmId realm, const Stream& stream, int64_t opened_ms) const;
  void save(RealmId realm, const Stream& stream, const std::vector<Shard>& shards);

  const WorldClock& world_;
  events::LogSequencer& sequencer_;
  storage::Database& database_;
  const Ids& ids_;
  std::mutex mutex_;
  std::map<std::pair<RealmId, uint64_t>, std::shared_ptr<ShardList>> lists_;
};

}  // namespace paddock::services::dynamodb
