#include "services/sqs/store.hpp"

#include "storage/document_row.hpp"

namespace paddock::services::sqs {

using storage::Family;
using storage::Key;

namespace rows {

constexpr char kVersion = 1;
constexpr size_t kStateBytes = 1 + 1 + 8 + 4 + 8 + 8;

uint64_t number(std::string_view bytes, size_t at, size_t size) {
  if (bytes.size() < at + size) throw storage::StorageError("a row of a queue is cut off");
  uint64_t value = 0;
  for (const char c : bytes.substr(at, size)) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}
int64_t time(std::string_view bytes, size_t at) {
  return static_cast<int64_t>(number(bytes, at, 8));
}
void append_time(std::string& out, int64_t ms) {
  storage::append_u64(out, static_cast<uint64_t>(ms));
}

std::string of(const QueueInfo& queue) {
  Json document = {{"identity", queue.identity},
                   {"data", queue.data},
                   {"created", queue.created.ms},
                   {"modified", queue.modified.ms},
                   {"scope_is_group", queue.scope_is_group},
                   {"attributes", queue.attributes},
                   {"tags", queue.tags}};
  if (queue.purged) document["purged"] = queue.purged->ms;
  return storage::document_row(document);
}

QueueInfo to_queue(const Realm& realm, std::string_view name, std::string_view bytes) {
  const Json row = storage::document_of_row(bytes);
  QueueInfo queue;
  queue.realm = realm.id;
  queue.account = realm.account;
  queue.region = realm.region;
  queue.name = name;
  queue.identity = row.at("identity");
  queue.data = row.at("data");
  queue.created.ms = row.at("created");
  queue.modified.ms = row.at("modified");
  if (row.contains("purged")) queue.purged = WorldTime{row.at("purged").get<int64_t>()};
  queue.scope_is_group = row.at("scope_is_group");
  queue.tags = row.at("tags").get<std::map<std::string, std::string>>();
  const Json& attributes = row.at("attributes");
  queue.fifo = wants_fifo(attributes);
  set_attributes(queue, attributes);
  return queue;
}

std::string of(const MoveTask& task) {
  return storage::document_row({{"status", task.status},
                                {"source_arn", task.source_arn},
                                {"destination_arn", task.destination_arn},
                                {"rate", task.rate},
                                {"moved", task.moved},
                                {"to_move", task.to_move},
                                {"started", task.started_ms},
                                {"failure", task.failure}});
}

MoveTask to_task(std::string_view key, std::string_view bytes) {
  storage::KeyReader reader(key);
  const Json row = storage::document_of_row(bytes);
  MoveTask task;
  task.source = reader.text();
  task.id = reader.text();
  task.status = row.at("status");
  task.source_arn = row.at("source_arn");
  task.destination_arn = row.at("destination_arn");
  task.rate = row.at("rate");
  task.moved = row.at("moved");
  task.to_move = row.at("to_move");
  task.started_ms = row.at("started");
  task.failure = row.at("failure");
  return task;
}

}  // namespace rows

State State::received(int64_t now_ms) const {
  State next = *this;
  ++next.receives;
  next.last_ms = now_ms;
  if (next.first_ms == 0) next.first_ms = now_ms;
  return next;
}

std::string encode_state(const State& state) {
  std::string out;
  out.reserve(rows::kStateBytes);
  out += rows::kVersion;
  out += state.apart ? '\1' : '\0';
  rows::append_time(out, state.at_ms);
  storage::append_u32(out, state.receives);
  rows::append_time(out, state.first_ms);
  rows::append_time(out, state.last_ms);
  return out;
}

State decode_state(std::string_view bytes) {
  if (bytes.size() != rows::kStateBytes || bytes[0] != rows::kVersion) {
    throw storage::StorageError("the state of a message cannot be read");
  }
  State state;
  state.apart = bytes[1] != '\0';
  state.at_ms = rows::time(bytes, 2);
  state.receives = static_cast<uint32_t>(rows::number(bytes, 10, 4));
  state.first_ms = rows::time(bytes, 14);
  state.last_ms = rows::time(bytes, 22);
  return state;
}

std::string QueueKeys::prefix(storage::Kind kind) const {
  return Key(realm_, kind).u64(data_).bytes();
}
std::string QueueKeys::message(uint64_t sequence) const {
  return Key(realm_, kMessageKind).u64(data_).u64(sequence).bytes();
}
std::string QueueKeys::ready(int64_t at_ms, uint64_t sequence) const {
  return Key(realm_, kReadyKind).u64(data_).i64(at_ms).u64(sequence).bytes();
}
std::string QueueKeys::place(uint64_t sequence) const {
  return Key(realm_, kPlaceKind).u64(data_).u64(sequence).bytes();
}
std::string QueueKeys::group(std::string_view group) const {
  return Key(realm_, kGroupKind).u64(data_).text(group).bytes();
}
std::string QueueKeys::members(std::string_view group) const {
  return Key(realm_, kMemberKind).u64(data_).text(group).bytes();
}
std::string QueueKeys::member(std::string_view group, uint64_t sequence) const {
  return Key(realm_, kMemberKind).u64(data_).text(group).u64(sequence).bytes();
}
std::string QueueKeys::once(std::string_view hash) const {
  return Key(realm_, kOnceKind).u64(data_).raw(hash).bytes();
}
std::string QueueKeys::attempt(std::string_view id) const {
  return Key(realm_, kAttemptKind).u64(data_).text(id).bytes();
}
std::string QueueKeys::forget(int64_t at_ms, uint64_t number) const {
  return Key(realm_, kForgetKind).u64(data_).i64(at_ms).u64(number).bytes();
}

ReadyKey read_ready_key(std::string_view key) {
  storage::KeyReader reader(key);
  reader.u64();
  ReadyKey ready;
  ready.at_ms = reader.i64();
  ready.sequence = reader.u64();
  return ready;
}

uint64_t last_number(std::string_view key) {
  return rows::number(key, key.size() - 8, 8);
}

std::string name_lock(RealmId realm, std::string_view name) {
  return Key(realm, kQueueKind).text(name).bytes();
}

std::optional<QueueInfo> Store::queue(const Realm& realm, std::string_view name) const {
  const auto row = database_.get(Family::meta, Key(realm.id, kQueueKind).text(name));
  if (!row) return std::nullopt;
  return rows::to_queue(realm, name, *row);
}

void Store::put_queue(const QueueInfo& queue, storage::Batch& batch) const {
  batch.put(Family::meta, Key(queue.realm, kQueueKind).text(queue.name), rows::of(queue));
}

void Store::erase_queue(const QueueInfo& queue, storage::Batch& batch) const {
  batch.erase(Family::meta, Key(queue.realm, kQueueKind).text(queue.name));
}

void Store::queues(const Realm& realm, std::string_view prefix, std::string_view after,
                   const std::function<bool(QueueInfo)>& visit) const {
  const Key all(realm.id, kQueueKind);
  std::string begin = all.bytes();
  // Text fields order as the texts do, so the prefix without its end is where the names begin.
  if (after.empty()) {
    begin += prefix;
  } else {
    storage::append_text(begin, after);
    begin += '\0';  // the first key past that one
  }
  auto row = database_.iterate(Family::meta, begin, storage::prefix_end(all.bytes()));
  for (; row.valid(); row.next()) {
    const std::string name = storage::KeyReader(row.key()).text();
    if (!std::string_view(name).starts_with(prefix)) return;
    if (!visit(rows::to_queue(realm, name, row.value()))) return;
  }
}

void Store::erase_data(const QueueInfo& queue, storage::Batch& batch) const {
  const QueueKeys keys(queue.realm, queue.data);
  for (const storage::Kind kind : {kMessageKind, kReadyKind, kPlaceKind, kMemberKind, kGroupKind,
                                   kOnceKind, kAttemptKind, kForgetKind}) {
    const std::string prefix = keys.prefix(kind);
    batch.erase_range(Family::queue, prefix, storage::prefix_end(prefix));
  }
  const std::string bodies = keys.prefix(kMessageKind);
  batch.erase_range(Family::blobs, bodies, storage::prefix_end(bodies));
  erase_count(queue.realm, queue.data, batch);
}

std::optional<WorldTime> Store::deleted(RealmId realm, std::string_view name) const {
  const auto row = database_.get(Family::meta, Key(realm, kDeletedKind).text(name));
  if (!row) return std::nullopt;
  return WorldTime{rows::time(*row, 0)};
}

void Store::put_deleted(RealmId realm, std::string_view name, WorldTime at,
                        storage::Batch& batch) const {
  std::string value;
  rows::append_time(value, at.ms);
  batch.put(Family::meta, Key(realm, kDeletedKind).text(name), value);
}

void Store::erase_deleted(RealmId realm, std::string_view name, storage::Batch& batch) const {
  batch.erase(Family::meta, Key(realm, kDeletedKind).text(name));
}

std::optional<MoveTask> Store::task(RealmId realm, std::string_view source,
                                    std::string_view id) const {
  const Key key = Key(realm, kTaskKind).text(source).text(id);
  const auto row = database_.get(Family::meta, key);
  if (!row) return std::nullopt;
  return rows::to_task(key, *row);
}

void Store::put_task(RealmId realm, const MoveTask& task, storage::Batch& batch) const {
  batch.put(Family::meta, Key(realm, kTaskKind).text(task.source).text(task.id), rows::of(task));
}

void Store::erase_task(RealmId realm, const MoveTask& task, storage::Batch& batch) const {
  batch.erase(Family::meta, Key(realm, kTaskKind).text(task.source).text(task.id));
}

std::vector<MoveTask> Store::tasks(RealmId realm, std::string_view source) const {
  std::vector<MoveTask> tasks;
  auto row = database_.iterate_prefix(Family::meta, Key(realm, kTaskKind).text(source));
  for (; row.valid(); row.next()) tasks.push_back(rows::to_task(row.key(), row.value()));
  return tasks;
}

std::optional<Message> Store::message(const QueueKeys& keys, uint64_t sequence) const {
  const std::string key = keys.message(sequence);
  storage::Value row;
  if (!database_.get(Family::queue, key, row)) return std::nullopt;
  Message message = decode_message(row.view());
  if (body_is_apart(row.view())) {
    auto body = database_.get(Family::blobs, key);
    if (!body) throw storage::StorageError("the body of a message is gone");
    message.body = std::move(*body);
  }
  return message;
}

std::optional<State> Store::state(const std::string& key) const {
  storage::Value row;
  if (!database_.get(Family::queue, key, row)) return std::nullopt;
  return decode_state(row.view());
}

std::optional<GroupPlace> Store::group(const QueueKeys& keys, std::string_view group) const {
  const auto row = database_.get(Family::queue, keys.group(group));
  if (!row) return std::nullopt;
  return GroupPlace{rows::time(*row, 0), rows::number(*row, 8, 8)};
}

std::string Store::group_bytes(const GroupPlace& place) {
  std::string out;
  rows::append_time(out, place.at_ms);
  storage::append_u64(out, place.sequence);
  return out;
}

std::optional<Once> Store::once(const std::string& key) const {
  const auto row = database_.get(Family::queue, key);
  if (!row) return std::nullopt;
  const size_t split = row->find(' ', 8);
  if (split == std::string::npos) {
    throw storage::StorageError("a deduplication id of a queue cannot be read");
  }
  return Once{rows::time(*row, 0), row->substr(8, split - 8), row->substr(split + 1)};
}

std::string Store::once_bytes(const Once& once) {
  std::string out;
  rows::append_time(out, once.sent_ms);
  return out + once.sequence_number + " " + once.message_id;
}

std::optional<int64_t> Store::saved_count(RealmId realm, uint64_t data) const {
  const auto row = database_.get(Family::stats, Key(realm, kCountKind).u64(data));
  if (!row) return std::nullopt;
  return rows::time(*row, 0);
}

void Store::put_count(RealmId realm, uint64_t data, int64_t count, storage::Batch& batch) const {
  std::string value;
  rows::append_time(value, count);
  batch.put(Family::stats, Key(realm, kCountKind).u64(data), value);
}

void Store::erase_count(RealmId realm, uint64_t data, storage::Batch& batch) const {
  batch.erase(Family::stats, Key(realm, kCountKind).u64(data));
}

}  // namespace paddock::services::sqs
