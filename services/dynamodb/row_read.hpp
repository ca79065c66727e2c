// Reading a table or an index row by row: one page of Query, Scan and PartiQL's SELECT.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "services/dynamodb/item.hpp"
#include "services/dynamodb/model.hpp"
#include "services/dynamodb/store.hpp"
#include "services/dynamodb/write_rules.hpp"
#include "storage/database.hpp"

namespace paddock::services::dynamodb {

// What to read. All pointers must outlive the reading.
struct RowRead {
  const Table* table = nullptr;
  const Index* index = nullptr;  // nullptr: the table
  KeyBounds bounds{};
  storage::Direction direction = storage::Direction::forward;
  bool consistent = false;
  const ItemCondition* filter = nullptr;
  bool fetch = false;  // each row's item from the table, for what a local index does not hold
  bool filter_entry = false;  // the filter sees the index's entry, not the item that was fetched
  size_t limit = SIZE_MAX;    // rows of a page, those that the filter drops among them
};

// What was read of a page so far. A page may take several reads one after the other.
struct RowsRead {
  size_t scanned = 0;
  size_t bytes = 0;         // of the rows, before filter and projection
  int64_t fetch_units = 0;  // read units of what was fetched from the table
  std::string last;  // encoded key attributes where the page ended; "" if the read came to its end
};

}  // namespace paddock::services::dynamodb
