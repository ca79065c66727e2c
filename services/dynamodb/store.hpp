// Where DynamoDB's data lies: the keys of tables, items, index entries and stream records, and what
// one write of an item puts into a batch.
//
// Keys (fields as in storage/keys.hpp; all start with the realm's id and a kind byte):
//   meta   table      text name                                      -> model.cpp
//   meta   stream     text table, text label                         -> model.cpp
//   meta   shards     u64 stream number                              -> shards.cpp
//   meta   trim mark  u64 stream number                              -> u64 big endian, first
//   position
//                                                                       not known to be trimmed
//   rows   item       u64 incarnation, u64 hash, K(partition key) [, K(sort key)] -> item.hpp
//   index  entry      u64 incarnation, u32 index id, u64 hash, K(index partition key)
//                     [, K(index sort key)], K(partition key) [, K(sort key)]     -> item.hpp
//   log    record     u64 stream number, u64 position                -> stream_log.cpp
//   rows   token      u64 period, u8 scope, text token               -> transaction_tokens.hpp
//   stats  counts     u64 incarnation                                -> catalog.cpp
// K(v) is order-preserving and self-delimiting: text for S and B, Number's key form for N. hash is
// SipHash-2-4 under a fixed key of K(the partition key): a table lies in hash order, a partition in
// the order of its sort keys. Where a key of a global index has several attributes, K is that of
// each, one after the other.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/caller.hpp"
#include "core/clock.hpp"
#include "events/log_sequencer.hpp"
#include "events/timeline.hpp"
#include "services/dynamodb/item.hpp"
#include "services/dynamodb/key_condition.hpp"
#include "services/dynamodb/model.hpp"
#include "storage/database.hpp"
#include "storage/keys.hpp"

namespace paddock::services::dynamodb {

class ReadLag;
class Shards;

inline constexpr storage::Kind kTableKind = 0x20;   // meta
inline constexpr storage::Kind kStreamKind = 0x21;  // meta
inline constexpr storage::Kind kTrimKind = 0x22;    // meta
inline constexpr storage::Kind kItemKind = 0x23;    // rows
inline constexpr storage::Kind kEntryKind = 0x24;   // index
inline constexpr storage::Kind kRecordKind = 0x25;  // log
inline constexpr storage::Kind kCountsKind = 0x26;  // stats
inline constexpr storage::Kind kTokenKind = 0x27;   // rows
inline constexpr storage::Kind kExpiryKind = 0x28;  // timers: trails.hpp
inline constexpr storage::Kind kBackupKind = 0x29;  // meta: backups.hpp
inline constexpr storage::Kind kCopyKind = 0x2A;    // rows: backups.hpp
inline constexpr storage::Kind kUndoKind = 0x2B;    // log: trails.hpp
inline constexpr storage::Kind kShardsKind = 0x2C;  // meta

// Whose ClientRequestToken it is: tokens of different operations never meet.
enum class TokenScope : uint8_t { write_items = 'W', execute_transaction = 'E' };

storage::Key table_key(RealmId realm, std::string_view name);
storage::Key tables_prefix(RealmId realm);
storage::Key stream_key(RealmId realm, const Stream& stream);
storage::Key streams_prefix(RealmId realm);
storage::Key shards_key(RealmId realm, uint64_t stream_number);
storage::Key trim_key(RealmId realm, uint64_t stream_number);
storage::Key items_prefix(const Table& table);
storage::Key entries_prefix(const Table& table);  // of all its indexes
storage::Key entries_prefix(const Table& table, const Index& index);
storage::Key records_prefix(RealmId realm, uint64_t stream_number);
storage::Key record_key(RealmId realm, uint64_t stream_number, uint64_t position);
storage::Key counts_key(const Table& table);
// `period` is the ten-minute period in which the token was used.
storage::Key token_key(RealmId realm, uint64_t period, TokenScope scope, std::string_view token);
storage::Key tokens_prefix(RealmId realm);
storage::Key tokens_prefix(RealmId realm, uint64_t period);

// The key of an item's row; its front part is shared by the partition and names its lock.
struct ItemKey {
  std::string bytes;
  size_t partition_bytes = 0;

  std::string_view partition() const { return std::string_view(bytes).substr(0, partition_bytes); }
};

// Throw AwsError as AWS refuses keys. `key` has exactly the key attributes; an item has them among
// others, and the attributes of index keys, if they are there, fit them.
void check_key(const Table& table, const Item& key);
void check_item(const Table& table, ItemView item);
// With the item as it was before an update, what the update leaves alone is not looked at.
void check_index_attributes(const Table& table, const Item& item, const Item* previous = nullptr);
// Of a checked key or item.
ItemKey item_key(const Table& table, const Item& item);
ItemKey item_key(const Table& table, ItemView item);

// The key of the item's entry in an index; nullopt if the item is not in it.
std::optional<std::string> entry_key(const Table& table, const Index& index, ItemView item,
                                     const ItemKey& key);
// What the entry holds: the item, or its projected attributes.
std::string entry_value(const Index& index, ItemView item, std::string_view item_bytes);

// The part [begin, end) of a table (no index) or index that a key condition covers.
struct KeyBounds {
  std::string begin;
  std::string end;
};
KeyBounds bounds(const Table& table, const Index* index, const KeyRange& range);
// The whole table or index, or segment `segment` of `total` of its hash range.
KeyBounds segment_bounds(const Table& table, const Index* index, uint32_t segment, uint32_t total);
// The position of an ExclusiveStartKey, whose attributes were checked.
std::string position_key(const Table& table, const Index* index, const Item& start);
// The key attributes of table and index, as LastEvaluatedKey shows them.
std::vector<std::string> position_attributes(const Table& table, const Index* index);

// One item before and after a write: encoded, empty where there is none.
struct ItemChange {
  std::string_view before;
  std::string_view after;
  bool expired = false;  // deleted by time to live

  bool changes() const { return before != after; }
};

// What a write did beside the item's row.
struct WriteEffect {
  struct IndexCharge {
    const Index* index;
    int64_t units;  // write units for the change of the index's entries
    int64_t items;
    int64_t bytes;
  };
  std::vector<IndexCharge> indexes;  // those whose entries changed
  int64_t items = 0;
  // As AWS counts them; 0 where there is no item.
  size_t size_before = 0;
  size_t size_after = 0;

  size_t larger_size() const { return std::max(size_before, size_after); }
  int64_t bytes() const {
    return static_cast<int64_t>(size_after) - static_cast<int64_t>(size_before);
  }
};

class Trails;

// Puts the change of one item into `batch`: row, index entries, what it leaves for time to live and
// recovery and, if the table's stream is on and something changed, its record. To be called under
// the lock of the item's partition, which is held until the batch has committed.
class ItemWriter {
 public:
  ItemWriter(const WorldClock& world, events::LogSequencer& sequencer, events::Timeline& timeline,
             Trails& trails, Shards& shards, ReadLag& lag)
      : world_(world),
        sequencer_(sequencer),
        timeline_(timeline),
        trails_(trails),
        shards_(shards),
        lag_(lag) {}

  WriteEffect write(storage::Batch& batch, const Table& table, const ItemKey& key,
                    const ItemChange& change, const Cause& cause) const;

 private:
  void write_record(storage::Batch& batch, const Table& table, const ItemChange& change,
                    const Cause& cause) const;

  const WorldClock& world_;
  events::LogSequencer& sequencer_;
  events::Timeline& timeline_;
  Trails& trails_;
  Shards& shards_;
  ReadLag& lag_;
};

// The row and the index entries of an item's change, put into `batch`: the first part of `write`.
WriteEffect put_change(storage::Batch& batch, const Table& table, const ItemKey& key,
                       const ItemChange& change);
// Names the partition, of the table or of an index, that a key of a row or entry lies in.
std::string_view partition_of(const Table& table, const Index* index, std::string_view key);

// Adds a committed write to the derived counts.
void count(const Table& table, const WriteEffect& effect);

inline ItemView view_of(std::string_view bytes) {
  return bytes.empty() ? ItemView() : ItemView(bytes);
}
// Units for writing or reading so many bytes; at least one.
int64_t write_units(size_t bytes);
int64_t read_units(size_t bytes);

}  // namespace paddock::services::dynamodb
