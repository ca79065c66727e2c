// What a write leaves beside row, index entries and stream record, in the same batch: the item's
// expiration, if the table has time to live, and its former state, if it has point-in-time
// recovery.
//
// Keys (fields as in storage/keys.hpp; all start with the realm's id and a kind byte):
//   timers  expiration  u64 incarnation, u32 generation, i64 second, raw rest   -> u8 version=1,
//                                                                          u32 partition bytes
//   log     undo        u64 incarnation, u64 position       -> u8 version=1, i64 world time of the
//                       write, u32 length and rest of the item's key, raw item before it (nothing:
//                       there was none)
// `rest` is what an item's row key has after realm, kind and incarnation; `partition bytes` counts
// those of its front part that name the partition. (Test vectors: trails_test.cpp.)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "events/log_sequencer.hpp"
#include "events/scheduler.hpp"
#include "services/dynamodb/model.hpp"
#include "services/dynamodb/store.hpp"
#include "storage/database.hpp"
#include "storage/queue_index.hpp"

namespace paddock::services::dynamodb {

inline constexpr const char* kExpireTarget = "dynamodb:expire";  // timers
inline constexpr const char* kUndoTarget = "dynamodb:undo-trim";

// The second at which an item with this attribute expires: the whole seconds of a number. nullopt
// for items that never do.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
std::optional<int64_t> expiry_of(ItemView item, std::string_view attribute);

storage::Key expiries_prefix(const Table& table);  // of all generations
storage::Key expiries_prefix(const Table& table, uint32_t generation);
storage::Key undo_prefix(RealmId realm, uint64_t incarnation);

// One expiration, read back.
struct Expiration {
  std::string entry;  // its own key
  int64_t second = 0;
  ItemKey item;
};
// Throws storage::CorruptKey, CorruptData.
Expiration decode_expiration(const Table& table, std::string_view key, std::string_view value);

// One step back in time; views into its row.
struct UndoStep {
  WorldTime written;
  std::string_view item_rest;  // of the item's key
  std::string_view before;     // encoded, "" if there was none
};
UndoStep decode_undo(std::string_view value);  // throws CorruptData
std::string encode_undo(const UndoStep& step);

// Thread-safe. To be called under the lock of the item's partition, which the caller holds until
// its batch has committed.
class Trails {
 public:
  Trails(storage::Database& database, const WorldClock& world, events::LogSequencer& sequencer,
         events::Scheduler& scheduler)
      : world_(world),
        sequencer_(sequencer),
        scheduler_(scheduler),
        expiries_(database, storage::Family::timers) {}

  void write(storage::Batch& batch, const Table& table, const ItemKey& key,
             const ItemChange& change);
  // Enters an item that was there before time to live was enabled.
  void enter(storage::Batch& batch, const Table& table, const ItemKey& key, int64_t second);
  // Sets the timer for the first expiration at `second`, no earlier than `not_before`.
  void arm(storage::Batch& batch, const Table& table, int64_t second, WorldTime not_before);

  // The heads of the expirations, by their prefix.
  storage::QueueIndex& expiries() { return expiries_; }

 private:
  void write_undo(storage::Batch& batch, const Table& table, const ItemKey& key,
                  std::string_view before);

  const WorldClock& world_;
  events::LogSequencer& sequencer_;
  events::Scheduler& scheduler_;
  storage::QueueIndex expiries_;
};

}  // namespace paddock::services::dynamodb
