#include "services/kinesis/store.hpp"

#include "storage/document_row.hpp"

namespace paddock::services::kinesis {

using storage::Family;
using storage::Key;

namespace record_rows {

constexpr char kVersion = 1;

void need(std::string_view in, size_t bytes) {
  if (in.size() < bytes) throw storage::CorruptKey("a record of a stream is cut off");
}

uint64_t take(std::string_view& in, size_t bytes) {
  need(in, bytes);
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<unsigned char>(in[i]);
  in.remove_prefix(bytes);
  return value;
}

int64_t take_time(std::string_view& in) {
  return static_cast<int64_t>(take(in, 8) ^ 0x8000000000000000ULL);
}

std::string take_text(std::string_view& in) {
  std::string text;
  for (;;) {
    need(in, 2);
    const size_t end = in.find('\0');
    if (end == std::string_view::npos || end + 1 >= in.size()) {
      throw storage::CorruptKey("a text in a record of a stream does not end");
    }
    text += in.substr(0, end);
    const char mark = in[end + 1];
    in.remove_prefix(end + 2);
    if (mark == '\1') return text;
    if (mark != '\xff') throw storage::CorruptKey("a text in a record of a stream is malformed");
    text += '\0';
  }
}

std::string_view after_version(std::string_view row) {
  if (row.empty() || row.front() != kVersion) {
    throw storage::CorruptKey("a record of a stream has an unknown version");
  }
  return row.substr(1);
}

Consumer to_consumer(std::string_view row) {
  const Json document = storage::document_of_row(row);
  Consumer consumer;
  document.at("name").get_to(consumer.name);
  document.at("created").get_to(consumer.created_ms);
  document.at("tags").get_to(consumer.tags);
  document.at("policy").get_to(consumer.policy);
  return consumer;
}

}  // namespace record_rows

std::string encode_record(const Record& record) {
  std::string row(1, record_rows::kVersion);
  row.reserve(64 + record.partition_key.size() + record.data.size());
  storage::append_i64(row, record.arrived.ms);
  storage::append_text(row, record.cause.request_id);
  storage::append_u32(row, record.cause.depth);
  storage::append_text(row, record.partition_key);
  storage::append_text(row, record.explicit_hash_key);
  row += record.data;
  return row;
}

Record decode_record(std::string_view row) {
  std::string_view in = record_rows::after_version(row);
  Record record;
  record.arrived = WorldTime{record_rows::take_time(in)};
  record.cause.request_id = record_rows::take_text(in);
  record.cause.depth = static_cast<uint32_t>(record_rows::take(in, 4));
  record.partition_key = record_rows::take_text(in);
  record.explicit_hash_key = record_rows::take_text(in);
  record.data = in;
  return record;
}

WorldTime arrival_in(std::string_view row) {
  std::string_view in = record_rows::after_version(row);
  return WorldTime{record_rows::take_time(in)};
}

std::string Consumer::arn(const StreamInfo& stream) const {
  return stream.arn() + "/consumer/" + name + ":" + std::to_string(created_ms / 1000);
}

std::string stream_prefix(RealmId realm, uint64_t stream) {
  return Key(realm, kRecordKind).u64(stream).bytes();
}

std::string shard_prefix(RealmId realm, uint64_t stream, uint32_t shard) {
  return Key(realm, kRecordKind).u64(stream).u32(shard).bytes();
}

Key record_key(RealmId realm, uint64_t stream, uint32_t shard, uint64_t position) {
  return Key(realm, kRecordKind).u64(stream).u32(shard).u64(position);
}

uint64_t position_in(std::string_view record_key) {
  storage::KeyReader reader(record_key);
  reader.u64();
  reader.u32();
  return reader.u64();
}

std::string stream_lock(RealmId realm, std::string_view name) {
  return Key(realm, kStreamKind).text(name).bytes();
}

std::vector<StreamInfo> Store::streams(RealmId realm) const {
  std::vector<StreamInfo> streams;
  auto row = database_.iterate_prefix(Family::meta, Key(realm, kStreamKind));
  for (; row.valid(); row.next()) {
    streams.push_back(stream_of_document(storage::document_of_row(row.value())));
    streams.back().realm = realm;
  }
  return streams;
}

void Store::put_stream(const StreamInfo& stream, storage::Batch& batch) const {
  batch.put(Family::meta, Key(stream.realm, kStreamKind).text(stream.name),
            storage::document_row(stream_document(stream)));
}

void Store::erase_stream(const StreamInfo& stream, storage::Batch& batch) const {
  batch.erase(Family::meta, Key(stream.realm, kStreamKind).text(stream.name));
  const std::string consumers = Key(stream.realm, kConsumerKind).u64(stream.number).bytes();
  batch.erase_range(Family::meta, consumers, storage::prefix_end(consumers));
  const std::string records = stream_prefix(stream.realm, stream.number);
  batch.erase_range(Family::log, records, storage::prefix_end(records));
}

std::optional<Consumer> Store::consumer(const StreamInfo& stream, std::string_view name) const {
  const auto row =
      database_.get(Family::meta, Key(stream.realm, kConsumerKind).u64(stream.number).text(name));
  if (!row) return std::nullopt;
  return record_rows::to_consumer(*row);
}

std::vector<Consumer> Store::consumers(const StreamInfo& stream) const {
  std::vector<Consumer> consumers;
  auto row =
      database_.iterate_prefix(Family::meta, Key(stream.realm, kConsumerKind).u64(stream.number));
  for (; row.valid(); row.next()) consumers.push_back(record_rows::to_consumer(row.value()));
  return consumers;
}

void Store::put_consumer(const StreamInfo& stream, const Consumer& consumer,
                         storage::Batch& batch) const {
  batch.put(Family::meta, Key(stream.realm, kConsumerKind).u64(stream.number).text(consumer.name),
            storage::document_row({{"name", consumer.name},
                                   {"created", consumer.created_ms},
                                   {"tags", consumer.tags},
                                   {"policy", consumer.policy}}));
}

void Store::erase_consumer(const StreamInfo& stream, std::string_view name,
                           storage::Batch& batch) const {
  batch.erase(Family::meta, Key(stream.realm, kConsumerKind).u64(stream.number).text(name));
}

Json Store::account(RealmId realm) const {
  const auto row = database_.get(Family::meta, Key(realm, kAccountKind));
  return row ? storage::document_of_row(*row) : Json::object();
}

void Store::put_account(RealmId realm, const Json& settings, storage::Batch& batch) const {
  batch.put(Family::meta, Key(realm, kAccountKind), storage::document_row(settings));
}

}  // namespace paddock::services::kinesis
