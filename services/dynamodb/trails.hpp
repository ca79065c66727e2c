// What a write leaves beside row, index entries and stream record, in the same batch: the item's
// expiration, if the table has time to live, and its former state, if it has point-in-time
// recovery. (Their bytes: trail_rows.hpp.)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "events/log_sequencer.hpp"
#include "events/scheduler.hpp"
#include "services/dynamodb/model.hpp"
#include "services/dynamodb/store.hpp"
#include "services/dynamodb/trail_rows.hpp"
#include "storage/database.hpp"
#include "storage/queue_index.hpp"

namespace paddock::services::dynamodb {

inline constexpr const char* kExpireTarget = "dynamodb:expire";  // timers
inline constexpr const char* kUndoTarget = "dynamodb:undo-trim";

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
Expiration read_expiration(const Table& table, std::string_view key, std::string_view value);

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
