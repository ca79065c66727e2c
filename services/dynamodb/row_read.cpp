#include "services/dynamodb/row_read.hpp"

#include "services/dynamodb/limits.hpp"

namespace paddock::services::dynamodb {

using storage::Family;

void read_rows(const storage::Database& database, const storage::Snapshot& snapshot,
               const RowRead& read, RowsRead& page, const std::function<void(ItemView)>& take) {
  const Table& table = *read.table;
  const Family family = read.index ? Family::index : Family::rows;
  for (auto row =
           database.iterate(family, read.bounds.begin, read.bounds.end, read.direction, &snapshot);
       row.valid(); row.next()) {
    const ItemView entry(row.value());
    ++page.scanned;
    page.bytes += item_size(entry);
    storage::Value whole;
    ItemView item = entry;
    if (read.fetch) {
      const ItemKey key = item_key(table, entry.decode());
      if (database.get(Family::rows, key.bytes, whole, &snapshot)) {
        item = ItemView(whole.view());
        page.fetch_units += read_units(item_size(item));
      }
    }
    if (!read.filter || read.filter->matches(read.filter_entry ? entry : item)) take(item);
    if (page.scanned >= read.limit || page.bytes >= kMaxPageBytes) {
      page.last = pick_attributes(entry, position_attributes(table, read.index));
      return;
    }
  }
}

}  // namespace paddock::services::dynamodb
