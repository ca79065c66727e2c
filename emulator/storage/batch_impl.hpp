// The inside of a Batch. Private to this folder.
//
// Rows are kept in one buffer until a database with its column families is known, as records of
// (u8 operation, u8 family, u32 key bytes, u32 value bytes, key, value), native byte order.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/database.hpp"

namespace paddock::storage {

struct Batch::Impl {
  enum class Operation : uint8_t { put, erase, erase_range };
  struct Head {
    Operation operation;
    Family family;
    uint32_t key_bytes;
    uint32_t value_bytes;
  };

  void add(Operation operation, Family family, std::string_view key, std::string_view value);
  void note_realm(std::string_view key);
  // After a commit: the batch may be filled again.
  std::vector<std::function<void(uint64_t)>> take_actions_and_clear();

  // Calls `visit(head, key, value)` for every record.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (size_t at = 0; at < records.size();) {
      Head head;
      std::memcpy(&head, records.data() + at, sizeof head);
      at += sizeof head;
      const std::string_view key(records.data() + at, head.key_bytes);
      at += head.key_bytes;
      const std::string_view value(records.data() + at, head.value_bytes);
      at += head.value_bytes;
      visit(head, key, value);
    }
  }

  std::string records;
  size_t count = 0;
  std::vector<RealmId> realms;  // of the keys, without repetitions in a row
  std::vector<std::function<void(uint64_t)>> actions;
};

}  // namespace paddock::storage
