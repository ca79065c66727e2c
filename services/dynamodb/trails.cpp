#include "services/dynamodb/trails.hpp"

#include "services/dynamodb/limits.hpp"

namespace paddock::services::dynamodb {

using storage::Family;
using storage::Key;

namespace trail_keys {

std::string_view rest_of(const Table& table, const ItemKey& key) {
  return std::string_view(key.bytes).substr(items_prefix(table).bytes().size());
}

std::string expiry_key(const Table& table, int64_t second, const ItemKey& key) {
  return expiries_prefix(table, table.settings.ttl.generation)
      .i64(second)
      .raw(rest_of(table, key))
      .bytes();
}

}  // namespace trail_keys

Key expiries_prefix(const Table& table) {
  return Key(table.realm, kExpiryKind).u64(table.incarnation);
}
Key expiries_prefix(const Table& table, uint32_t generation) {
  return expiries_prefix(table).u32(generation);
}
Key undo_prefix(RealmId realm, uint64_t incarnation) {
  return Key(realm, kUndoKind).u64(incarnation);
}

Expiration read_expiration(const Table& table, std::string_view key, std::string_view value) {
  const ExpirationRow row = decode_expiration(key, value);
  const std::string prefix = items_prefix(table).bytes();
  return {std::string(key),
          row.second,
          {prefix + std::string(row.item_rest), prefix.size() + row.partition_bytes}};
}

void Trails::write(storage::Batch& batch, const Table& table, const ItemKey& key,
                   const ItemChange& change) {
  if (table.settings.recovery.on) write_undo(batch, table, key, change.before);
  const TimeToLive& ttl = table.settings.ttl;
  if (!ttl.on()) return;
  const auto before = expiry_of(view_of(change.before), ttl.attribute);
  const auto after = expiry_of(view_of(change.after), ttl.attribute);
  if (before == after) return;
  if (before) batch.erase(Family::timers, trail_keys::expiry_key(table, *before, key));
  if (after) enter(batch, table, key, *after);
}

void Trails::enter(storage::Batch& batch, const Table& table, const ItemKey& key, int64_t second) {
  const WorldTime oldest = world_.now() - kOldestExpiry;
  if (second * 1000 < oldest.ms) return;  // such an item is taken for a mistake and kept
  const size_t prefix = items_prefix(table).bytes().size();
  const auto partition_bytes = static_cast<uint32_t>(key.partition_bytes - prefix);
  std::string entry = trail_keys::expiry_key(table, second, key);
  batch.put(Family::timers, entry, encode_expiration(partition_bytes));
  // Before the timer is set: it may fire at once, and is to find the entry.
  batch.after_commit([this, prefix = expiries_prefix(table, table.settings.ttl.generation).bytes(),
                      entry = std::move(entry)](uint64_t) { expiries_.inserted(prefix, entry); });
  if (second < table.settings.ttl.armed_s->load()) arm(batch, table, second, WorldTime{0});
}

// Each second has a timer of its own, so that two writers that arm at the same time do not replace
// each other's. Only new lowest seconds are armed, so there are few.
void Trails::arm(storage::Batch& batch, const Table& table, int64_t second, WorldTime not_before) {
  const TimeToLive& ttl = table.settings.ttl;
  events::Timer timer;
  timer.realm = table.realm;
  timer.target = kExpireTarget;
  timer.id = std::to_string(table.incarnation) + "." + std::to_string(ttl.generation) + "." +
             std::to_string(second);
  timer.due = std::max(WorldTime{second * 1000}, not_before);
  timer.payload = table.name;
  batch.after_commit([armed = ttl.armed_s, second](uint64_t) {
    int64_t current = armed->load();
    while (second < current && !armed->compare_exchange_weak(current, second)) {
    }
  });
  scheduler_.set(batch, timer);
}

void Trails::write_undo(storage::Batch& batch, const Table& table, const ItemKey& key,
                        std::string_view before) {
  const Key log = undo_prefix(table.realm, table.incarnation);
  events::Ticket ticket = sequencer_.take(log);
  const UndoStep step{world_.now(), trail_keys::rest_of(table, key), before};
  batch.put(Family::log, Key(log).u64(ticket.first()), encode_undo(step));
  std::move(ticket).attach(batch);
}

}  // namespace paddock::services::dynamodb
