#include "services/dynamodb/row_read.hpp"

#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/service.hpp"

namespace paddock::services::dynamodb {

using storage::Family;

bool DynamoDb::take_row(const RowRead& read, const storage::Snapshot& snapshot,
                        std::string_view row, RowsRead& page, const TakeItem& take) const {
  const Table& table = *read.table;
  const ItemView entry(row);
  ++page.scanned;
  page.bytes += item_size(entry);
  storage::Value whole;
  ItemView item = entry;
  if (read.fetch) {
    const ItemKey key = item_key(table, entry);
    if (read_row(key.bytes, read.consistent, whole, &snapshot)) {
      item = ItemView(whole.view());
      page.fetch_units += read_units(item_size(item));
    }
  }
  if (!read.filter || read.filter->matches(read.filter_entry ? entry : item)) take(item);
  if (page.scanned < read.limit && page.bytes < kMaxPageBytes) return true;
  page.last = pick_attributes(entry, position_attributes(table, read.index));
  return false;
}

void DynamoDb::read_rows(const storage::Snapshot& snapshot, const RowRead& read, RowsRead& page,
                         const TakeItem& take) const {
  const Family family = read.index ? Family::index : Family::rows;
  const auto of = read.index && read.index->global ? ReadLag::Of::indexes : ReadLag::Of::tables;
  if (read.consistent) require_strong_reads();
  auto row = platform_.database.iterate(family, read.bounds.begin, read.bounds.end, read.direction,
                                        &snapshot);
  if (!read.consistent && lag_.lags(of)) {
    RowsThen then(std::move(row), lag_.then(of, read.bounds.begin, read.bounds.end),
                  read.direction);
    while (then.valid() && take_row(read, snapshot, then.value(), page, take)) then.next();
    return;
  }
  while (row.valid() && take_row(read, snapshot, row.value(), page, take)) row.next();
}

}  // namespace paddock::services::dynamodb
