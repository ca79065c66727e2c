#include "services/dynamodb/trails.hpp"

#include "services/dynamodb/limits.hpp"

namespace paddock::services::dynamodb {

using storage::Family;
using storage::Key;

namespace trail_rows {

constexpr uint8_t kVersion = 1;
constexpr int64_t kLastSecond = 253'402'300'799;  // of the year 9999

std::string_view rest_of(const Table& table, const ItemKey& key) {
  return std::string_view(key.bytes).substr(items_prefix(table).bytes().size());
}

std::string expiry_key(const Table& table, int64_t second, const ItemKey& key) {
  return expiries_prefix(table, table.settings.ttl.generation)
      .i64(second)
      .raw(rest_of(table, key))
      .bytes();
}

uint64_t take_unsigned(std::string_view& in, size_t bytes) {
  if (in.size() < bytes) throw CorruptData("a trail's row is cut off");
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<unsigned char>(in[i]);
  in.remove_prefix(bytes);
  return value;
}

void check_version(std::string_view& in) {
  if (take_unsigned(in, 1) != kVersion) throw CorruptData("a trail's row has an unknown version");
}

}  // namespace trail_rows

std::optional<int64_t> expiry_of(ItemView item, std::string_view attribute) {
  const auto value = item.find(attribute);
  if (!value || !value->is(AttributeType::number)) return std::nullopt;
  const Number number = value->number();
  if (number.negative() || number > Number(trail_rows::kLastSecond)) return std::nullopt;
  if (const auto whole = number.to_int64()) return whole;
  const std::string text = number.text();
  return std::stoll(text.substr(0, text.find('.')));
}

Key expiries_prefix(const Table& table) {
  return Key(table.realm, kExpiryKind).u64(table.incarnation);
}
Key expiries_prefix(const Table& table, uint32_t generation) {
  return expiries_prefix(table).u32(generation);
}
Key undo_prefix(RealmId realm, uint64_t incarnation) {
  return Key(realm, kUndoKind).u64(incarnation);
}

Expiration decode_expiration(const Table& table, std::string_view key, std::string_view value) {
  storage::KeyReader reader(key);
  reader.u64();
  reader.u32();
  Expiration expiration;
  expiration.entry = std::string(key);
  expiration.second = reader.i64();
  const std::string prefix = items_prefix(table).bytes();
  expiration.item.bytes = prefix + std::string(reader.rest());
  trail_rows::check_version(value);
  expiration.item.partition_bytes = prefix.size() + trail_rows::take_unsigned(value, 4);
  if (expiration.item.partition_bytes > expiration.item.bytes.size()) {
    throw CorruptData("an expiration names no item");
  }
  return expiration;
}

std::string encode_undo(const UndoStep& step) {
  std::string out;
  out.reserve(16 + step.item_rest.size() + step.before.size());
  out.push_back(static_cast<char>(trail_rows::kVersion));
  storage::append_i64(out, step.written.ms);
  storage::append_u32(out, static_cast<uint32_t>(step.item_rest.size()));
  out.append(step.item_rest);
  out.append(step.before);
  return out;
}

UndoStep decode_undo(std::string_view value) {
  trail_rows::check_version(value);
  UndoStep step;
  step.written.ms =
      static_cast<int64_t>(trail_rows::take_unsigned(value, 8) ^ 0x8000000000000000ULL);
  const uint64_t length = trail_rows::take_unsigned(value, 4);
  if (length > value.size()) throw CorruptData("a step of an undo log is cut off");
  step.item_rest = value.substr(0, length);
  step.before = value.substr(length);
  return step;
}

void Trails::write(storage::Batch& batch, const Table& table, const ItemKey& key,
                   const ItemChange& change) {
  if (table.settings.recovery.on) write_undo(batch, table, key, change.before);
  const TimeToLive& ttl = table.settings.ttl;
  if (!ttl.on()) return;
  const auto before = expiry_of(view_of(change.before), ttl.attribute);
  const auto after = expiry_of(view_of(change.after), ttl.attribute);
  if (before == after) return;
  if (before) batch.erase(Family::timers, trail_rows::expiry_key(table, *before, key));
  if (after) enter(batch, table, key, *after);
}

void Trails::enter(storage::Batch& batch, const Table& table, const ItemKey& key, int64_t second) {
  const WorldTime oldest = world_.now() - kOldestExpiry;
  if (second * 1000 < oldest.ms) return;  // such an item is taken for a mistake and kept
  std::string value(1, static_cast<char>(trail_rows::kVersion));
  const size_t prefix = items_prefix(table).bytes().size();
  storage::append_u32(value, static_cast<uint32_t>(key.partition_bytes - prefix));
  std::string entry = trail_rows::expiry_key(table, second, key);
  batch.put(Family::timers, entry, value);
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
  const UndoStep step{world_.now(), trail_rows::rest_of(table, key), before};
  batch.put(Family::log, Key(log).u64(ticket.first()), encode_undo(step));
  std::move(ticket).attach(batch);
}

}  // namespace paddock::services::dynamodb
