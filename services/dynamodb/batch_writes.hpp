// The writes of one BatchWriteItem, whether they came as a document or as text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/error.hpp"
#include "services/dynamodb/item.hpp"
#include "services/dynamodb/model.hpp"
#include "services/dynamodb/store.hpp"

namespace paddock::services::dynamodb::batches {

// One request of a batch, before its table is known.
struct AskedWrite {
  std::string table;  // as the request names it
  bool put = false;
  std::string image{};  // the item to put, encoded
  Item key{};           // to delete
};

// One put or delete on its way. `asked` outlives it.
struct BatchWrite {
  const AskedWrite* asked = nullptr;
  TablePtr table{};
  ItemKey key{};
  WriteEffect effect{};
  int64_t units = 0;                  // of the table's own rows
  std::optional<AwsError> refused{};  // there was no throughput for it

  std::string_view after() const { return asked->image; }  // "" to delete
};

}  // namespace paddock::services::dynamodb::batches
