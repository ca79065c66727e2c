// The rows that writes leave behind for time to live and point-in-time recovery: their bytes, and
// when an item expires. Pure.
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
#include "services/dynamodb/item.hpp"

namespace paddock::services::dynamodb {

// The second at which an item with this attribute expires: the whole seconds of a number. nullopt
// for items that never do.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
std::optional<int64_t> expiry_of(ItemView item, std::string_view attribute);

// One expiration: what its row says.
struct ExpirationRow {
  int64_t second = 0;
  std::string_view item_rest;    // of the item's key; a view into the row's key
  uint32_t partition_bytes = 0;  // of `item_rest`
};
// Throws storage::CorruptKey, CorruptData.
ExpirationRow decode_expiration(std::string_view key, std::string_view value);
std::string encode_expiration(uint32_t partition_bytes);  // the value

// One step back in time; views into its row.
struct UndoStep {
  WorldTime written;
  std::string_view item_rest;  // of the item's key
  std::string_view before;     // encoded, "" if there was none
};
UndoStep decode_undo(std::string_view value);  // throws CorruptData
std::string encode_undo(const UndoStep& step);

}  // namespace paddock::services::dynamodb
