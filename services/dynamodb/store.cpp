#include "services/dynamodb/store.hpp"

#include <algorithm>

#include "core/random.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/read_lag.hpp"
#include "services/dynamodb/shards.hpp"
#include "services/dynamodb/stream_log.hpp"
#include "services/dynamodb/trails.hpp"

namespace paddock::services::dynamodb {

using storage::Family;
using storage::Key;

Key table_key(RealmId realm, std::string_view name) {
  return Key(realm, kTableKind).text(name);
}
Key tables_prefix(RealmId realm) {
  return Key(realm, kTableKind);
}
Key stream_key(RealmId realm, const Stream& stream) {
  return Key(realm, kStreamKind).text(stream.table_name).text(stream.label);
}
Key streams_prefix(RealmId realm) {
  return Key(realm, kStreamKind);
}
Key shards_key(RealmId realm, uint64_t stream_number) {
  return Key(realm, kShardsKind).u64(stream_number);
}
Key trim_key(RealmId realm, uint64_t stream_number) {
  return Key(realm, kTrimKind).u64(stream_number);
}
Key items_prefix(const Table& table) {
  return Key(table.realm, kItemKind).u64(table.incarnation);
}
Key entries_prefix(const Table& table) {
  return Key(table.realm, kEntryKind).u64(table.incarnation);
}
Key entries_prefix(const Table& table, const Index& index) {
  return Key(table.realm, kEntryKind).u64(table.incarnation).u32(index.id);
}
Key records_prefix(RealmId realm, uint64_t stream_number) {
  return Key(realm, kRecordKind).u64(stream_number);
}
Key record_key(RealmId realm, uint64_t stream_number, uint64_t position) {
  return Key(realm, kRecordKind).u64(stream_number).u64(position);
}
Key counts_key(const Table& table) {
  return Key(table.realm, kCountsKind).u64(table.incarnation);
}
Key token_key(RealmId realm, uint64_t period, TokenScope scope, std::string_view token) {
  return tokens_prefix(realm, period).u8(static_cast<uint8_t>(scope)).text(token);
}
Key tokens_prefix(RealmId realm) {
  return Key(realm, kTokenKind);
}
Key tokens_prefix(RealmId realm, uint64_t period) {
  return Key(realm, kTokenKind).u64(period);
}

namespace layout {

// Fixed for ever: it orders every table.
constexpr Seed kHashKey{0x70616464'6f636b31ULL, 0x64796e61'6d6f6462ULL};

void append_key_value(std::string& out, const AttributeValue& value) {
  switch (value.type()) {
    case AttributeType::string:
      storage::append_text(out, value.as_string());
      break;
    case AttributeType::binary:
      storage::append_text(out, value.as_binary());
      break;
    default:
      value.as_number().append_key(out);
  }
}

void append_key_value(std::string& out, ValueView value) {
  if (value.is(AttributeType::number)) {
    value.number().append_key(out);
  } else {
    storage::append_text(out, value.text());
  }
}

// Hash and partition key; `more`: its further attributes.
template <class Value>
void append_partition(std::string& out, const Value& value, const std::vector<Value>& more = {}) {
  const size_t start = out.size();
  storage::append_u64(out, 0);  // its place
  append_key_value(out, value);
  for (const Value& one : more) append_key_value(out, one);
  const uint64_t hash = siphash(kHashKey, std::string_view(out).substr(start + sizeof(uint64_t)));
  for (size_t i = 0; i < sizeof hash; ++i) {
    out[start + i] = static_cast<char>(hash >> (8 * (sizeof hash - 1 - i)));
  }
}

std::string prefix(const Table& table, const Index* index) {
  return (index ? entries_prefix(table, *index) : items_prefix(table)).bytes();
}

const KeySchema& schema(const Table& table, const Index* index) {
  return index ? index->keys : table.keys;
}

// The bytes that all texts with this beginning start with.
std::string open_ended(const AttributeValue& value) {
  std::string out;
  append_key_value(out, value);
  out.resize(out.size() - 2);  // a text's end mark
  return out;
}

// Bytes of a string or binary; nullopt for values of other types.
std::optional<size_t> text_bytes(const AttributeValue& value) {
  if (value.is(AttributeType::string)) return value.as_string().size();
  if (value.is(AttributeType::binary)) return value.as_binary().size();
  return std::nullopt;
}

std::optional<size_t> text_bytes(ValueView value) {
  if (!value.is(AttributeType::string) && !value.is(AttributeType::binary)) return std::nullopt;
  return value.text().size();
}

void check_length(std::optional<size_t> bytes, bool hash) {
  if (hash && bytes > kMaxPartitionKeyBytes) throw errors::partition_key_too_long();
  if (!hash && bytes > kMaxSortKeyBytes) throw errors::sort_key_too_long();
}

template <class Value>
void check_scalar(const KeyAttribute& attribute, const Value& value, bool hash) {
  const auto bytes = text_bytes(value);
  if (bytes == 0U) {
    throw errors::empty_key(attribute.name, attribute.type == AttributeType::binary);
  }
  check_length(bytes, hash);
}

// `value`: of an item that is put, or updated and had another value before.
template <class Value>
void check_index_value(const Index& index, const KeyAttribute& attribute, const Value& value,
                       bool updated, bool hash) {
  if (value.type() != attribute.type) {
    throw errors::index_key_type_mismatch(attribute.name, type_name(attribute.type),
                                          type_name(value.type()), index.name);
  }
  const auto bytes = text_bytes(value);
  if (bytes == 0U) {
    if (updated) throw errors::empty_updated_index_key(attribute.type == AttributeType::binary);
    throw errors::empty_index_key(attribute.name, index.name,
                                  attribute.type == AttributeType::binary);
  }
  check_length(bytes, hash);
}

// Calls `check(index, attribute, whether it is the partition key)` for the keys of all indexes.
template <class Check>
void for_index_keys(const Table& table, Check check) {
  for (const Index& index : table.indexes) {
    index.keys.each(
        [&](const KeyAttribute& attribute, bool hash) { check(index, attribute, hash); });
  }
}

template <class AnyItem>
ItemKey row_key(const Table& table, const AnyItem& item) {
  ItemKey key;
  key.bytes = items_prefix(table).bytes();
  append_partition(key.bytes, *item.find(table.keys.hash.name));
  key.partition_bytes = key.bytes.size();
  if (table.keys.range) append_key_value(key.bytes, *item.find(table.keys.range->name));
  return key;
}

}  // namespace layout

void check_key(const Table& table, const Item& key) {
  const size_t wanted = table.keys.range ? 2 : 1;
  if (key.size() != wanted) throw errors::key_mismatch();
  const auto check = [&](const KeyAttribute& attribute, bool hash) {
    const AttributeValue* value = key.find(attribute.name);
    if (!value || value->type() != attribute.type) throw errors::key_mismatch();
    layout::check_scalar(attribute, *value, hash);
  };
  check(table.keys.hash, true);
  if (table.keys.range) check(*table.keys.range, false);
}

void check_item(const Table& table, ItemView item) {
  const auto check = [&](const KeyAttribute& attribute, bool hash) {
    const auto value = item.find(attribute.name);
    if (!value) throw errors::missing_key(attribute.name);
    if (value->type() != attribute.type) {
      throw errors::key_type_mismatch(attribute.name, type_name(attribute.type),
                                      type_name(value->type()));
    }
    layout::check_scalar(attribute, *value, hash);
  };
  check(table.keys.hash, true);
  if (table.keys.range) check(*table.keys.range, false);
  layout::for_index_keys(table, [&](const Index& index, const KeyAttribute& attribute, bool hash) {
    const auto value = item.find(attribute.name);
    if (value) layout::check_index_value(index, attribute, *value, false, hash);
  });
}

void check_index_attributes(const Table& table, const Item& item, const Item* previous) {
  layout::for_index_keys(table, [&](const Index& index, const KeyAttribute& attribute, bool hash) {
    const AttributeValue* value = item.find(attribute.name);
    if (!value) return;
    const AttributeValue* old = previous ? previous->find(attribute.name) : nullptr;
    if (old && *old == *value) return;
    layout::check_index_value(index, attribute, *value, previous != nullptr, hash);
  });
}

ItemKey item_key(const Table& table, const Item& item) {
  return layout::row_key(table, item);
}
ItemKey item_key(const Table& table, ItemView item) {
  return layout::row_key(table, item);
}

std::string_view partition_of(const Table& table, const Index* index, std::string_view key) {
  return key.substr(0, layout::prefix(table, index).size() + sizeof(uint64_t));
}

std::optional<std::string> entry_key(const Table& table, const Index& index, ItemView item,
                                     const ItemKey& key) {
  // Items written before the index was made may have attributes that cannot be its keys.
  const auto fits = [](const std::optional<ValueView>& value, AttributeType type) {
    return value && value->is(type) && (type == AttributeType::number || !value->text().empty());
  };
  const auto hash = item.find(index.keys.hash.name);
  if (!fits(hash, index.keys.hash.type)) return std::nullopt;
  std::vector<ValueView> more;
  for (const KeyAttribute& attribute : index.keys.more_hash) {
    const auto value = item.find(attribute.name);
    if (!fits(value, attribute.type)) return std::nullopt;
    more.push_back(*value);
  }
  std::string bytes = entries_prefix(table, index).bytes();
  layout::append_partition(bytes, *hash, more);
  const auto append = [&](const KeyAttribute& attribute) {
    const auto value = item.find(attribute.name);
    if (!fits(value, attribute.type)) return false;
    layout::append_key_value(bytes, *value);
    return true;
  };
  if (index.keys.range && !append(*index.keys.range)) return std::nullopt;
  for (const KeyAttribute& attribute : index.keys.more_range) {
    if (!append(attribute)) return std::nullopt;
  }
  // K(partition key), K(sort key) of the item: what its row's key has after prefix and hash.
  bytes.append(key.bytes, items_prefix(table).bytes().size() + sizeof(uint64_t));
  return bytes;
}

std::string entry_value(const Index& index, ItemView item, std::string_view item_bytes) {
  if (index.projection == Projection::all) return std::string(item_bytes);
  return pick_attributes(item, index.projected);
}

KeyBounds bounds(const Table& table, const Index* index, const KeyRange& range) {
  std::string partition = layout::prefix(table, index);
  layout::append_partition(partition, range.hash, range.more_hash);
  for (const AttributeValue& value : range.fixed) layout::append_key_value(partition, value);
  const auto at = [&](const AttributeValue& value) {
    std::string key = partition;
    layout::append_key_value(key, value);
    return key;
  };
  const auto after = [&](const AttributeValue& value) { return storage::prefix_end(at(value)); };
  const std::string end = storage::prefix_end(partition);
  switch (range.op) {
    case RangeOperator::none:
      return {partition, end};
    case RangeOperator::equal:
      return {at(range.low), after(range.low)};
    case RangeOperator::less:
      return {partition, at(range.low)};
    case RangeOperator::less_equal:
      return {partition, after(range.low)};
    case RangeOperator::greater:
      return {after(range.low), end};
    case RangeOperator::greater_equal:
      return {at(range.low), end};
    case RangeOperator::between:
      return {at(range.low), after(range.high)};
    case RangeOperator::begins_with: {
      const std::string prefix = partition + layout::open_ended(range.low);
      return {prefix, storage::prefix_end(prefix)};
    }
  }
  return {partition, end};
}

KeyBounds segment_bounds(const Table& table, const Index* index, uint32_t segment, uint32_t total) {
  const std::string prefix = layout::prefix(table, index);
  KeyBounds result{prefix, storage::prefix_end(prefix)};
  const uint64_t width = UINT64_MAX / total;
  if (segment > 0) storage::append_u64(result.begin, width * segment);
  if (segment + 1 < total) {
    result.end = prefix;
    storage::append_u64(result.end, width * (segment + 1));
  }
  return result;
}

std::string position_key(const Table& table, const Index* index, const Item& start) {
  if (!index) return item_key(table, start).bytes;
  std::string key = layout::prefix(table, index);
  std::vector<AttributeValue> more;
  for (const KeyAttribute& attribute : index->keys.more_hash) {
    more.push_back(*start.find(attribute.name));
  }
  layout::append_partition(key, *start.find(index->keys.hash.name), more);
  index->keys.each([&](const KeyAttribute& attribute, bool hash) {
    if (!hash) layout::append_key_value(key, *start.find(attribute.name));
  });
  layout::append_key_value(key, *start.find(table.keys.hash.name));
  if (table.keys.range) layout::append_key_value(key, *start.find(table.keys.range->name));
  return key;
}

std::vector<std::string> position_attributes(const Table& table, const Index* index) {
  std::vector<std::string> names;
  const auto add = [&](const KeySchema& keys) {
    keys.each([&](const KeyAttribute& attribute, bool) { names.push_back(attribute.name); });
  };
  add(table.keys);
  if (index) add(index->keys);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

namespace writes {

// Whether an update leaves an index's key attributes alone, so that its entry keeps its key.
bool same_keys(const Index& index, ItemView before, ItemView after) {
  if (before.empty() || after.empty()) return false;
  const auto same = [&](const std::string& name) {
    const auto one = before.find(name);
    const auto other = after.find(name);
    return one && other && one->bytes() == other->bytes();
  };
  bool all_same = true;
  index.keys.each([&](const KeyAttribute& attribute, bool) { all_same &= same(attribute.name); });
  return all_same;
}

// What the change of an item does to one of its indexes.
std::optional<WriteEffect::IndexCharge> write_entry(storage::Batch& batch, const Table& table,
                                                    const Index& index, const ItemKey& key,
                                                    const ItemChange& change,
                                                    const WriteEffect& effect) {
  const ItemView before = view_of(change.before);
  const ItemView after = view_of(change.after);
  const auto old_key = entry_key(table, index, before, key);
  const auto new_key =
      same_keys(index, before, after) ? old_key : entry_key(table, index, after, key);
  if (!old_key && !new_key) return std::nullopt;
  WriteEffect::IndexCharge charge{&index, 0, 0, 0};
  const bool whole = index.projection == Projection::all;
  std::string picked_before;
  std::string picked_after;
  std::string_view old_value = change.before;
  std::string_view new_value = change.after;
  size_t old_size = effect.size_before;
  size_t new_size = effect.size_after;
  if (!whole && old_key) {
    old_value = picked_before = entry_value(index, before, change.before);
    old_size = item_size(ItemView(old_value));
  }
  if (!whole && new_key) {
    new_value = picked_after = entry_value(index, after, change.after);
    new_size = item_size(ItemView(new_value));
  }
  if (!old_key) old_size = 0;
  if (!new_key) new_size = 0;
  charge.items = int64_t{new_key.has_value()} - int64_t{old_key.has_value()};
  charge.bytes = static_cast<int64_t>(new_size) - static_cast<int64_t>(old_size);
  if (old_key == new_key) {
    if (old_value == new_value) return std::nullopt;
    batch.put(Family::index, *new_key, new_value);
    charge.units = write_units(std::max(old_size, new_size));
    return charge;
  }
  if (old_key) {
    batch.erase(Family::index, *old_key);
    charge.units += write_units(old_size);
  }
  if (new_key) {
    batch.put(Family::index, *new_key, new_value);
    charge.units += write_units(new_size);
  }
  return charge;
}

}  // namespace writes

WriteEffect put_change(storage::Batch& batch, const Table& table, const ItemKey& key,
                       const ItemChange& change) {
  WriteEffect effect;
  if (!change.before.empty()) effect.size_before = item_size(ItemView(change.before));
  if (!change.changes()) {
    effect.size_after = effect.size_before;
    return effect;
  }
  if (!change.after.empty()) effect.size_after = item_size(ItemView(change.after));
  if (change.after.empty()) {
    batch.erase(Family::rows, key.bytes);
  } else {
    batch.put(Family::rows, key.bytes, change.after);
  }
  effect.items = int64_t{!change.after.empty()} - int64_t{!change.before.empty()};
  for (const Index& index : table.indexes) {
    if (auto charge = writes::write_entry(batch, table, index, key, change, effect)) {
      effect.indexes.push_back(*charge);
    }
  }
  return effect;
}

WriteEffect ItemWriter::write(storage::Batch& batch, const Table& table, const ItemKey& key,
                              const ItemChange& change, const Cause& cause) const {
  WriteEffect effect = put_change(batch, table, key, change);
  if (!change.changes()) return effect;
  lag_.remember(table, key, change);
  if (table.settings.leaves_trails()) trails_.write(batch, table, key, change);
  if (table.stream) write_record(batch, table, change, cause);
  return effect;
}

void ItemWriter::write_record(storage::Batch& batch, const Table& table, const ItemChange& change,
                              const Cause& cause) const {
  const Stream& stream = *table.stream;
  StreamRecord record;
  record.event = change.before.empty()  ? StreamEvent::insert
                 : change.expired       ? StreamEvent::expire
                 : change.after.empty() ? StreamEvent::remove
                                        : StreamEvent::modify;
  record.created = world_.now();
  record.cause = cause;
  std::vector<std::string> names{table.keys.hash.name};
  if (table.keys.range) names.push_back(table.keys.range->name);
  const std::string keys =
      pick_attributes(view_of(change.after.empty() ? change.before : change.after), names);
  record.keys = keys;
  if (stream.wants_new_image()) record.new_image = change.after;
  if (stream.wants_old_image()) record.old_image = change.before;
  shards_.roll(table.realm, stream, record.created);
  events::Ticket ticket = sequencer_.take(records_prefix(table.realm, stream.number));
  batch.put(Family::log, record_key(table.realm, stream.number, ticket.first()),
            encode_record(record));
  events::TimelineEvent event;
  event.at = record.created;
  event.kind = "record";
  event.what = "dynamodb stream " + std::string(event_name(record.event));
  event.resource = table.latest_stream.first;
  event.outcome = sequence_number(ticket.first());
  event.cause = cause;
  event.account = table.account;
  event.region = table.region;
  batch.after_commit([&timeline = timeline_, event = std::move(event)](uint64_t) mutable {
    timeline.record(std::move(event));
  });
  std::move(ticket).attach(batch);
}

void count(const Table& table, const WriteEffect& effect) {
  if (effect.items) table.counts->items.fetch_add(effect.items, std::memory_order_relaxed);
  if (const int64_t bytes = effect.bytes()) {
    table.counts->bytes.fetch_add(bytes, std::memory_order_relaxed);
  }
  for (const auto& charge : effect.indexes) {
    charge.index->counts->items.fetch_add(charge.items, std::memory_order_relaxed);
    charge.index->counts->bytes.fetch_add(charge.bytes, std::memory_order_relaxed);
  }
}

int64_t write_units(size_t bytes) {
  return static_cast<int64_t>(std::max<size_t>(1, (bytes + kWriteUnitBytes - 1) / kWriteUnitBytes));
}

int64_t read_units(size_t bytes) {
  return static_cast<int64_t>(std::max<size_t>(1, (bytes + kReadUnitBytes - 1) / kReadUnitBytes));
}

}  // namespace paddock::services::dynamodb
