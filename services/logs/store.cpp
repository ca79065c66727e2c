#include "services/logs/store.hpp"

#include <algorithm>
#include <array>

#include "services/logs/limits.hpp"
#include "storage/document_row.hpp"

namespace paddock::services::logs {
namespace rows {

using storage::Family;
using storage::Key;
using storage::KeyReader;

constexpr uint8_t kVersion = 1;
constexpr uint8_t kStreamVersion = 2;
constexpr size_t kEventHead = 9;

uint64_t u64_of(std::string_view bytes) {
  uint64_t value = 0;
  for (char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

Group group_of(std::string name, std::string_view bytes) {
  const Json row = storage::document_of_row(bytes);
  Group group;
  group.name = std::move(name);
  group.id = row.at("id");
  group.created_ms = row.at("created");
  group.retention_days = row.at("retention");
  group.log_class = row.at("class");
  group.kms_key = row.at("kms");
  group.deletion_protected = row.at("protected");
  group.tags = row.at("tags");
  group.metric_filters = row.value("metrics", size_t{0});
  group.subscription_filters = row.value("subscriptions", size_t{0});
  return group;
}

// Version 1, as Paddock wrote it once: a document.
Stream stream_of_document(std::string name, std::string_view bytes) {
  const Json row = storage::document_of_row(bytes);
  Stream stream;
  stream.name = std::move(name);
  stream.id = row.at("id");
  stream.created_ms = row.at("created");
  stream.first_ms = row.at("first");
  stream.last_ms = row.at("last");
  stream.ingested_ms = row.at("ingested");
  stream.next_sequence = row.at("next");
  stream.bytes = row.at("bytes");
  return stream;
}

Stream stream_of(std::string name, std::string_view bytes) {
  if (!bytes.empty() && bytes[0] == static_cast<char>(kVersion)) {
    return stream_of_document(std::move(name), bytes);
  }
  std::array<uint64_t, 7> words{};
  if (bytes.size() != 1 + 8 * words.size() || bytes[0] != static_cast<char>(kStreamVersion)) {
    throw storage::StorageError("a stream of logs has an unknown version");
  }
  for (size_t i = 0; i < words.size(); ++i) words[i] = u64_of(bytes.substr(1 + 8 * i, 8));
  Stream stream;
  stream.name = std::move(name);
  stream.id = words[0];
  stream.created_ms = static_cast<int64_t>(words[1]);
  stream.first_ms = static_cast<int64_t>(words[2]);
  stream.last_ms = static_cast<int64_t>(words[3]);
  stream.ingested_ms = static_cast<int64_t>(words[4]);
  stream.next_sequence = words[5];
  stream.bytes = words[6];
  return stream;
}

Event event_of(Position at, std::string_view bytes) {
  if (bytes.size() < kEventHead || bytes[0] != static_cast<char>(kVersion)) {
    throw storage::StorageError("an event of logs has an unknown version");
  }
  Event event;
  event.at = at;
  event.ingested_ms = static_cast<int64_t>(u64_of(bytes.substr(1, 8)));
  event.message = bytes.substr(kEventHead);
  return event;
}

std::string event_key(RealmId realm, uint64_t stream, Position at) {
  return Key(realm, kEventKind).u64(stream).i64(at.timestamp_ms).u64(at.sequence).bytes();
}

std::string by_time_key(RealmId realm, uint64_t group, const GroupPosition& at) {
  return Key(realm, kByTimeKind)
      .u64(group)
      .i64(at.timestamp_ms)
      .u64(at.stream)
      .u64(at.sequence)
      .bytes();
}

std::string filter_key(RealmId realm, storage::Kind kind, uint64_t group, std::string_view name) {
  return Key(realm, kind).u64(group).text(name).bytes();
}

// The prefix of all keys whose text field starts with `text` (that field comes last).
std::string text_prefix(Key key, std::string_view text) {
  std::string bytes = key.text(text).bytes();
  bytes.resize(bytes.size() - 2);  // without the end mark
  return bytes;
}

}  // namespace rows

using rows::Family;
using rows::Key;
using rows::KeyReader;

std::string Store::group_key(RealmId realm, std::string_view name) {
  return Key(realm, kGroupKind).text(name).bytes();
}
std::string Store::stream_key(RealmId realm, uint64_t group, std::string_view name) {
  return Key(realm, kStreamKind).u64(group).text(name).bytes();
}

std::optional<Group> Store::group(RealmId realm, std::string_view name) const {
  storage::Value value;
  if (!database_.get(Family::meta, group_key(realm, name), value)) {
    return std::nullopt;
  }
  return rows::group_of(std::string(name), value.view());
}

void Store::put_group(RealmId realm, const Group& group, storage::Batch& batch) {
  batch.put(Family::meta, group_key(realm, group.name),
            storage::document_row({{"id", group.id},
                                   {"created", group.created_ms},
                                   {"retention", group.retention_days},
                                   {"class", group.log_class},
                                   {"kms", group.kms_key},
                                   {"protected", group.deletion_protected},
                                   {"tags", group.tags},
                                   {"metrics", group.metric_filters},
                                   {"subscriptions", group.subscription_filters}}));
}

void Store::erase_group(RealmId realm, const Group& group, storage::Batch& batch) {
  streams(realm, group.id, "", "", [&](const Stream& stream) {
    const std::string events = Key(realm, kEventKind).u64(stream.id).bytes();
    batch.erase_range(Family::log, events, storage::prefix_end(events));
    return true;
  });
  const std::string streams = Key(realm, kStreamKind).u64(group.id).bytes();
  batch.erase_range(Family::meta, streams, storage::prefix_end(streams));
  const std::string by_time = Key(realm, kByTimeKind).u64(group.id).bytes();
  batch.erase_range(Family::index, by_time, storage::prefix_end(by_time));
  for (const storage::Kind kind : {kSubscriptionKind, kMetricFilterKind}) {
    const std::string filters = Key(realm, kind).u64(group.id).bytes();
    batch.erase_range(Family::meta, filters, storage::prefix_end(filters));
  }
  batch.erase(Family::meta, group_key(realm, group.name));
}

void Store::groups(RealmId realm, std::string_view prefix, std::string_view after,
                   const std::function<bool(const Group&)>& visit) const {
  const std::string bounds = rows::text_prefix(Key(realm, kGroupKind), prefix);
  const std::string begin = after.empty() ? bounds : group_key(realm, after) + '\0';
  for (auto it =
           database_.iterate(Family::meta, std::max(begin, bounds), storage::prefix_end(bounds));
       it.valid(); it.next()) {
    if (!visit(rows::group_of(KeyReader(it.key()).text(), it.value()))) {
      return;
    }
  }
}

std::optional<Stream> Store::stream(RealmId realm, uint64_t group, std::string_view name) const {
  storage::Value value;
  if (!database_.get(Family::meta, stream_key(realm, group, name), value)) {
    return std::nullopt;
  }
  return rows::stream_of(std::string(name), value.view());
}

void Store::put_stream(RealmId realm, uint64_t group, const Stream& stream, storage::Batch& batch) {
  std::string row(1, static_cast<char>(rows::kStreamVersion));
  storage::append_u64(row, stream.id);
  for (const int64_t ms :
       {stream.created_ms, stream.first_ms, stream.last_ms, stream.ingested_ms}) {
    storage::append_u64(row, static_cast<uint64_t>(ms));
  }
  storage::append_u64(row, stream.next_sequence);
  storage::append_u64(row, stream.bytes);
  batch.put(Family::meta, stream_key(realm, group, stream.name), row);
}

void Store::erase_stream(RealmId realm, uint64_t group, const Stream& stream,
                         storage::Batch& batch) {
  const std::string prefix = Key(realm, kEventKind).u64(stream.id).bytes();
  for (auto it = database_.iterate_prefix(Family::log, prefix); it.valid(); it.next()) {
    KeyReader key(it.key());
    key.u64();
    GroupPosition at;
    at.timestamp_ms = key.i64();
    at.stream = stream.id;
    at.sequence = key.u64();
    batch.erase(Family::index, rows::by_time_key(realm, group, at));
  }
  batch.erase_range(Family::log, prefix, storage::prefix_end(prefix));
  batch.erase(Family::meta, stream_key(realm, group, stream.name));
}

void Store::streams(RealmId realm, uint64_t group, std::string_view prefix, std::string_view after,
                    const std::function<bool(const Stream&)>& visit) const {
  const std::string bounds = rows::text_prefix(Key(realm, kStreamKind).u64(group), prefix);
  const std::string begin = after.empty() ? bounds : stream_key(realm, group, after) + '\0';
  for (auto it =
           database_.iterate(Family::meta, std::max(begin, bounds), storage::prefix_end(bounds));
       it.valid(); it.next()) {
    KeyReader key(it.key());
    key.u64();
    if (!visit(rows::stream_of(key.text(), it.value()))) {
      return;
    }
  }
}

void Store::put_event(RealmId realm, uint64_t group, uint64_t stream, const Event& event,
                      storage::Batch& batch) {
  std::string row(1, static_cast<char>(rows::kVersion));
  storage::append_u64(row, static_cast<uint64_t>(event.ingested_ms));
  row += event.message;
  batch.put(Family::log, rows::event_key(realm, stream, event.at), row);
  GroupPosition at;
  at.timestamp_ms = event.at.timestamp_ms;
  at.stream = stream;
  at.sequence = event.at.sequence;
  batch.put(Family::index, rows::by_time_key(realm, group, at), "");
}

std::vector<Event> Store::events(RealmId realm, uint64_t stream, Position begin, Position end,
                                 storage::Direction direction, size_t most,
                                 size_t most_bytes) const {
  std::vector<Event> found;
  if (begin >= end) {
    return found;
  }
  size_t bytes = 0;
  for (auto it = database_.iterate(Family::log, rows::event_key(realm, stream, begin),
                                   rows::event_key(realm, stream, end), direction);
       it.valid() && found.size() < most; it.next()) {
    KeyReader key(it.key());
    key.u64();
    Position at;
    at.timestamp_ms = key.i64();
    at.sequence = key.u64();
    Event event = rows::event_of(at, it.value());
    bytes += event.message.size() + kEventOverhead;
    if (!found.empty() && bytes > most_bytes) {
      break;
    }
    found.push_back(std::move(event));
  }
  return found;
}

std::optional<Event> Store::event(RealmId realm, uint64_t stream, Position at) const {
  storage::Value value;
  if (!database_.get(Family::log, rows::event_key(realm, stream, at), value)) {
    return std::nullopt;
  }
  return rows::event_of(at, value.view());
}

void Store::by_time(RealmId realm, uint64_t group, const GroupPosition& begin, int64_t end_ms,
                    const std::function<bool(const GroupPosition&)>& visit) const {
  if (begin.timestamp_ms >= end_ms) {
    return;
  }
  GroupPosition end;
  end.timestamp_ms = end_ms;
  for (auto it = database_.iterate(Family::index, rows::by_time_key(realm, group, begin),
                                   rows::by_time_key(realm, group, end));
       it.valid(); it.next()) {
    KeyReader key(it.key());
    key.u64();
    GroupPosition at;
    at.timestamp_ms = key.i64();
    at.stream = key.u64();
    at.sequence = key.u64();
    if (!visit(at)) {
      return;
    }
  }
}

void Store::trim(RealmId realm, uint64_t group, int64_t before_ms, storage::Batch& batch) {
  Position before;
  before.timestamp_ms = before_ms;
  streams(realm, group, "", "", [&](const Stream& stream) {
    batch.erase_range(Family::log, Key(realm, kEventKind).u64(stream.id),
                      rows::event_key(realm, stream.id, before));
    return true;
  });
  GroupPosition end;
  end.timestamp_ms = before_ms;
  batch.erase_range(Family::index, Key(realm, kByTimeKind).u64(group),
                    rows::by_time_key(realm, group, end));
}

std::optional<Filter> Store::filter(RealmId realm, storage::Kind kind, uint64_t group,
                                    std::string_view name) const {
  storage::Value value;
  if (!database_.get(Family::meta, rows::filter_key(realm, kind, group, name), value)) {
    return std::nullopt;
  }
  return Filter{std::string(name), storage::document_of_row(value.view())};
}

void Store::put_filter(RealmId realm, storage::Kind kind, uint64_t group, const Filter& filter,
                       storage::Batch& batch) {
  batch.put(Family::meta, rows::filter_key(realm, kind, group, filter.name),
            storage::document_row(filter.described));
}

void Store::erase_filter(RealmId realm, storage::Kind kind, uint64_t group, std::string_view name,
                         storage::Batch& batch) {
  batch.erase(Family::meta, rows::filter_key(realm, kind, group, name));
}

void Store::filters(RealmId realm, storage::Kind kind, uint64_t group, std::string_view prefix,
                    std::string_view after, const std::function<bool(const Filter&)>& visit) const {
  const std::string bounds = rows::text_prefix(Key(realm, kind).u64(group), prefix);
  const std::string begin =
      after.empty() ? bounds : rows::filter_key(realm, kind, group, after) + '\0';
  for (auto it =
           database_.iterate(Family::meta, std::max(begin, bounds), storage::prefix_end(bounds));
       it.valid(); it.next()) {
    KeyReader key(it.key());
    key.u64();
    if (!visit(Filter{key.text(), storage::document_of_row(it.value())})) return;
  }
}

std::string Store::record_key(RealmId realm, storage::Kind kind, std::string_view name) {
  return Key(realm, kind).text(name).bytes();
}

std::optional<Json> Store::record(RealmId realm, storage::Kind kind, std::string_view name) const {
  storage::Value value;
  if (!database_.get(Family::meta, record_key(realm, kind, name), value)) return std::nullopt;
  return storage::document_of_row(value.view());
}

void Store::put_record(RealmId realm, storage::Kind kind, std::string_view name, const Json& record,
                       storage::Batch& batch) {
  batch.put(Family::meta, record_key(realm, kind, name), storage::document_row(record));
}

void Store::erase_record(RealmId realm, storage::Kind kind, std::string_view name,
                         storage::Batch& batch) {
  batch.erase(Family::meta, record_key(realm, kind, name));
}

void Store::records(RealmId realm, storage::Kind kind, std::string_view prefix,
                    std::string_view after,
                    const std::function<bool(const std::string&, const Json&)>& visit) const {
  const std::string bounds = rows::text_prefix(Key(realm, kind), prefix);
  const std::string begin = after.empty() ? bounds : record_key(realm, kind, after) + '\0';
  for (auto it =
           database_.iterate(Family::meta, std::max(begin, bounds), storage::prefix_end(bounds));
       it.valid(); it.next()) {
    if (!visit(KeyReader(it.key()).text(), storage::document_of_row(it.value()))) return;
  }
}

}  // namespace paddock::services::logs
