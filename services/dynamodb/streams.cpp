// DynamoDB Streams: the four operations, and the trimming of what is older than a day. The log
// source behind event source mappings is in stream_source.cpp.
//
// A stream's records are numbered by the log sequencer and read only up to its watermark; its
// shards (shards.hpp) are consecutive parts of that log. A disabled stream, and that of a deleted
// table, stays readable for a day.
#include <algorithm>

#include "core/arn.hpp"
#include "core/ids.hpp"
#include "core/random.hpp"
#include "core/text.hpp"
#include "models/dynamodbstreams.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/request.hpp"
#include "services/dynamodb/service.hpp"
#include "services/dynamodb/stream_log.hpp"

namespace paddock::services::dynamodb {

namespace ms = models::dynamodbstreams_members;
using gateway::Output;
using storage::Family;

namespace stream_reads {

constexpr const char* kTrimTarget = "dynamodb:trim";

std::string arn_of(const gateway::RequestContext& context, const Stream& stream) {
  return make_arn("dynamodb", context.region, context.account,
                  "table/" + stream.table_name + "/stream/" + stream.label);
}

size_t limit(const Json& input, size_t most) {
  const Json& given = member_or_null(input, ms::Limit);
  if (given.is_null()) return most;
  if (given.get<size_t>() > most) {
    throw errors::constraint(
        given.dump(), "limit",
        "Member must have value less than or equal to " + std::to_string(most));
  }
  return given.get<size_t>();
}

uint64_t position_in_key(std::string_view key) {
  storage::KeyReader reader(key);
  reader.u64();
  return reader.u64();
}

uint64_t number_from(std::string_view bytes) {
  uint64_t value = 0;
  for (const char c : bytes.substr(0, 8)) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

// One past the last position of the shard, whether it was written or not.
uint64_t bound(const Shard& shard) {
  return shard.open() ? UINT64_MAX : shard.end;
}

Json shard_json(const Shard& shard) {
  Json range = {{ms::StartingSequenceNumber, sequence_number(shard.begin)}};
  if (!shard.open()) range[ms::EndingSequenceNumber] = sequence_number(shard.end - 1);
  Json json = {{ms::ShardId, shard.id}, {ms::SequenceNumberRange, std::move(range)}};
  if (!shard.parent.empty()) json[ms::ParentShardId] = shard.parent;
  return json;
}

// Table and label of a stream's ARN; nullopt if it is none.
std::optional<std::pair<std::string, std::string>> parse_stream_arn(std::string_view text) {
  const auto arn = Arn::parse(text);
  constexpr std::string_view kTable = "table/";
  constexpr std::string_view kStream = "/stream/";
  if (!arn || arn->service != "dynamodb" || !arn->resource.starts_with(kTable)) return std::nullopt;
  const size_t middle = arn->resource.find(kStream);
  if (middle == std::string::npos) return std::nullopt;
  return std::pair(arn->resource.substr(kTable.size(), middle - kTable.size()),
                   arn->resource.substr(middle + kStream.size()));
}

}  // namespace stream_reads

std::shared_ptr<const StreamHandle> DynamoDb::stream_of(const std::string& arn) {
  auto handle = catalog_.find_stream(arn);
  if (!handle) throw errors::no_such_stream(arn);
  return handle;
}

// For a call: only streams of its own account and region.
std::shared_ptr<const StreamHandle> DynamoDb::stream_of(const Context& context,
                                                        const std::string& arn) {
  if (!stream_reads::parse_stream_arn(arn)) throw errors::bad_stream_arn();
  auto handle = stream_of(arn);
  if (handle->realm != context.realm->id) throw errors::no_such_stream(arn);
  return handle;
}

WorldTime DynamoDb::horizon() const {
  return platform_.world.now() - kStreamRetention;
}

std::string DynamoDb::event_id(uint64_t stream_number, uint64_t position) const {
  std::string input;
  storage::append_u64(input, stream_number);
  storage::append_u64(input, position);
  std::string id;
  storage::append_u64(id, siphash(platform_.ids.seed(), input));
  storage::append_u64(id, siphash(platform_.ids.seed(), input + 'x'));
  return to_hex(id);
}

uint64_t DynamoDb::end_position(const StreamHandle& handle) const {
  return std::max<uint64_t>(1, platform_.sequencer.readable_end(handle.log));
}

// Only up to the watermark: below it nothing is added any more, so the queue's head stays right.
std::vector<storage::QueueIndex::Entry> DynamoDb::oldest_records(const StreamHandle& handle,
                                                                 size_t limit) {
  const auto end = record_key(handle.realm, handle.stream->number, end_position(handle));
  return records_.front(handle.log, limit, end);
}

// Records lie in the order of their times (to a few milliseconds, between writers), so the first
// one within the horizon is found by halving.
uint64_t DynamoDb::first_position(const StreamHandle& handle) {
  const uint64_t end = end_position(handle);
  const auto oldest = oldest_records(handle, 1);
  if (oldest.empty()) return end;
  uint64_t low = stream_reads::position_in_key(oldest.front().key);
  uint64_t high = end;
  const WorldTime since = horizon();
  if (decode_record(oldest.front().value).created >= since) return low;
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    bool expired = false;
    uint64_t found = high;
    walk(handle, middle, end, [&](uint64_t position, std::string_view bytes) {
      found = position;
      expired = decode_record(bytes).created < since;
      return false;
    });
    if (expired) {
      low = found + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

bool DynamoDb::trimmed(const StreamHandle& handle, const Shard& shard, uint64_t position) {
  if (position >= stream_reads::bound(shard)) return false;  // all of it was read
  bool expired = false;
  const WorldTime since = horizon();
  walk(handle, position, stream_reads::bound(shard), [&](uint64_t, std::string_view bytes) {
    expired = decode_record(bytes).created < since;
    return false;
  });
  if (expired) return true;
  const auto mark =
      platform_.database.get(Family::meta, trim_key(handle.realm, handle.stream->number));
  return mark && position < stream_reads::number_from(*mark);
}

uint64_t DynamoDb::walk(
    const StreamHandle& handle, uint64_t position, uint64_t bound,
    const std::function<bool(uint64_t position, std::string_view bytes)>& visit) {
  const uint64_t end = std::min(end_position(handle), bound);
  if (position >= end) return position;
  const auto from = record_key(handle.realm, handle.stream->number, position);
  const auto to = record_key(handle.realm, handle.stream->number, end);
  for (auto row = platform_.database.iterate(Family::log, from, to); row.valid(); row.next()) {
    const uint64_t at = stream_reads::position_in_key(row.key());
    if (!visit(at, row.value())) return at;
  }
  return end;
}

std::vector<Shard> DynamoDb::shards_of(const StreamHandle& handle) {
  return shards_.list(handle.realm, *handle.stream);
}

Shard DynamoDb::shard_of(const StreamHandle& handle, std::string_view id) {
  for (Shard& shard : shards_of(handle)) {
    if (shard.id == id) return std::move(shard);
  }
  throw errors::no_such_shard();
}

// Takes the new version of the stream's row; nobody writes to it any more.
void DynamoDb::close_stream(const Table& before) {
  const std::string& arn = before.latest_stream.first;
  catalog_.forget_stream(arn);
  const auto handle = catalog_.find_stream(arn);
  if (!handle) return;
  shards_.close(handle->realm, *handle->stream);
  notify_stream(handle->log);
}

Output DynamoDb::list_streams(Context& context, Json input) {
  const size_t limit = stream_reads::limit(input, kListStreamsPage);
  const std::string_view name_or_arn = text_member(input, ms::TableName);
  const std::string table =
      name_or_arn.empty() ? std::string() : parse_table_name(name_or_arn).name;
  const std::string_view after = text_member(input, ms::ExclusiveStartStreamArn);
  std::pair<std::string, std::string> start;
  if (!after.empty()) {
    auto parsed = stream_reads::parse_stream_arn(after);
    if (!parsed) throw errors::bad_stream_arn();
    start = std::move(*parsed);
  }
  Json output = {{ms::Streams, Json::array()}};
  Json& streams = output[ms::Streams];
  for (const auto& stream : catalog_.streams(context.realm->id)) {
    if (std::pair(stream->table_name, stream->label) <= start) continue;
    if (!table.empty() && stream->table_name != table) continue;
    if (streams.size() == limit) {
      output[ms::LastEvaluatedStreamArn] = streams.back()[ms::StreamArn];
      break;
    }
    streams.push_back({{ms::StreamArn, stream_reads::arn_of(context, *stream)},
                       {ms::TableName, stream->table_name},
                       {ms::StreamLabel, stream->label}});
  }
  return output;
}

Output DynamoDb::describe_stream(Context& context, Json input) {
  const size_t limit = stream_reads::limit(input, kDescribeStreamPage);
  const auto handle = stream_of(context, input.at(ms::StreamArn).get<std::string>());
  const Stream& stream = *handle->stream;
  const std::string_view after = text_member(input, ms::ExclusiveStartShardId);
  const Json& filter = member_or_null(input, ms::ShardFilter);  // its one type: children
  const std::string_view parent = text_member(filter, ms::ShardId);
  Json description = {{ms::StreamArn, handle->arn},
                      {ms::StreamLabel, stream.label},
                      {ms::StreamStatus, stream.enabled() ? "ENABLED" : "DISABLED"},
                      {ms::StreamViewType, stream.view_type},
                      {ms::CreationRequestDateTime, stream.created_ms},
                      {ms::TableName, stream.table_name},
                      {ms::KeySchema, key_schema_json(stream.keys)},
                      {ms::Shards, Json::array()}};
  Json& shown = description[ms::Shards];
  for (const Shard& shard : shards_of(*handle)) {
    if (shard.id <= after || (!filter.is_null() && shard.parent != parent)) continue;
    if (shown.size() == limit) {
      description[ms::LastEvaluatedShardId] = shown.back()[ms::ShardId];
      break;
    }
    shown.push_back(stream_reads::shard_json(shard));
  }
  return Json{{ms::StreamDescription, std::move(description)}};
}

// Where an iterator of that type begins.
uint64_t DynamoDb::iterator_position(const StreamHandle& handle, const Shard& shard,
                                     std::string_view type, std::string_view number) {
  if (type == "AT_SEQUENCE_NUMBER" || type == "AFTER_SEQUENCE_NUMBER") {
    if (number.empty()) throw errors::sequence_number_needed(type);
    const auto given = position_of(number);
    if (!given || *given < shard.begin || *given >= stream_reads::bound(shard)) {
      throw errors::bad_sequence_number(number);
    }
    const uint64_t position = *given + (type == "AFTER_SEQUENCE_NUMBER" ? 1 : 0);
    if (position < end_position(handle) && trimmed(handle, shard, position)) {
      throw errors::trimmed();
    }
    return position;
  }
  if (!number.empty()) throw errors::sequence_number_unwanted(type);
  const uint64_t position = type == "LATEST" ? end_position(handle) : first_position(handle);
  return std::clamp(position, shard.begin, stream_reads::bound(shard));
}

Output DynamoDb::get_shard_iterator(Context& context, Json input) {
  const auto handle = stream_of(context, input.at(ms::StreamArn).get<std::string>());
  const Shard shard = shard_of(*handle, text_member(input, ms::ShardId));
  ShardIterator iterator;
  iterator.stream_arn = handle->arn;
  iterator.shard_id = shard.id;
  iterator.issued = platform_.world.now();
  iterator.position = iterator_position(*handle, shard, text_member(input, ms::ShardIteratorType),
                                        text_member(input, ms::SequenceNumber));
  return Json{{ms::ShardIterator, iterator.text()}};
}

Output DynamoDb::get_records(Context& context, Json input) {
  auto iterator = ShardIterator::parse(text_member(input, ms::ShardIterator));
  if (!iterator) throw errors::bad_shard_iterator();
  const size_t limit = stream_reads::limit(input, kGetRecordsPage);
  const auto handle = stream_of(context, iterator->stream_arn);
  const WorldTime now = platform_.world.now();
  if (now - iterator->issued > kShardIteratorLife) throw errors::iterator_expired();
  const Shard shard = shard_of(*handle, iterator->shard_id);
  const uint64_t bound = stream_reads::bound(shard);
  if (iterator->position < shard.begin || iterator->position > bound) {
    throw errors::bad_shard_iterator();
  }
  if (trimmed(*handle, shard, iterator->position)) throw errors::trimmed();

  AnswerText answer;
  std::string& text = answer.member(ms::Records);
  text += '[';
  size_t count = 0;
  const size_t begin = text.size();
  iterator->position =
      walk(*handle, iterator->position, bound, [&](uint64_t position, std::string_view bytes) {
        if (count == limit) return false;
        const size_t before = text.size();
        if (count) text += ',';
        append_record_json(text, decode_record(bytes), *handle->stream, position,
                           event_id(handle->stream->number, position), context.region, "");
        if (count && text.size() - begin > kMaxGetRecordsBytes) {
          text.resize(before);
          return false;
        }
        ++count;
        return true;
      });
  text += ']';
  if (iterator->position < bound) {
    iterator->issued = now;
    answer.member(ms::NextShardIterator, Json(iterator->text()));
  }
  return Output::text(std::move(answer).finish());
}

void DynamoDb::set_trim_timer(storage::Batch& batch, RealmId realm, const std::string& arn,
                              WorldTime due) {
  platform_.scheduler.set(batch, {realm, stream_reads::kTrimTarget, arn, due, ""});
}

// Erases a bounded number of records that are older than a day, and the stream itself a day after
// it was disabled. Comes back when the oldest record left will be due.
void DynamoDb::trim(const events::Timer& timer) {
  storage::Batch batch;
  const auto handle = catalog_.find_stream(timer.id);
  if (!handle) {
    platform_.scheduler.cancel(batch, timer);
    platform_.database.commit(batch);
    return;
  }
  const uint64_t number = handle->stream->number;
  const WorldTime now = platform_.world.now();
  const WorldTime since = horizon();
  WorldTime due = now + kStreamRetention;
  std::string next;  // key of the first record that stays
  uint64_t mark = 0;
  for (const auto& entry : oldest_records(*handle, kTrimBatch)) {
    const WorldTime created = decode_record(entry.value).created;
    if (created >= since) {
      due = created + kStreamRetention + Milliseconds(1);
      next = entry.key;
      break;
    }
    batch.erase(Family::log, entry.key);
    mark = stream_reads::position_in_key(entry.key) + 1;
    due = now + Milliseconds(1);
  }
  bool over = false;
  if (!handle->stream->enabled()) {
    const WorldTime end = WorldTime{handle->stream->disabled_ms} + kStreamRetention;
    over = end < now;
    due = std::min(due, end + Milliseconds(1));
  }
  if (over) {
    const auto records = records_prefix(handle->realm, number);
    batch.erase_range(Family::log, records, storage::prefix_end(records));
    batch.erase(Family::meta, stream_key(handle->realm, *handle->stream));
    batch.erase(Family::meta, trim_key(handle->realm, number));
    batch.erase(Family::meta, shards_key(handle->realm, number));
    platform_.scheduler.cancel(batch, timer);
  } else {
    if (mark) {
      std::string bytes;
      storage::append_u64(bytes, mark);
      batch.put(Family::meta, trim_key(handle->realm, number), bytes);
    }
    // At most once a minute, so that a busy stream is trimmed in batches; after a full batch
    // sooner.
    set_trim_timer(batch, handle->realm, timer.id,
                   std::max(due, now + Milliseconds(mark && next.empty() ? 1000 : 60'000)));
  }
  platform_.database.commit(batch);
  if (over) {
    catalog_.forget_stream(timer.id);
    shards_.forget(handle->realm, number);
    records_.forget(handle->log);
    platform_.sequencer.forget(handle->log);
  } else if (mark) {
    records_.consumed(handle->log, record_key(handle->realm, number, mark));
  }
}

}  // namespace paddock::services::dynamodb
