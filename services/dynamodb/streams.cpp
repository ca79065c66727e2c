// DynamoDB Streams: the four operations, the log source behind event source mappings, and the
// trimming of what is older than a day.
//
// A stream has one shard. Its records are numbered by the log sequencer and read only up to its
// watermark. A disabled stream, and that of a deleted table, stays readable for a day.
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

}  // namespace stream_reads

std::shared_ptr<const StreamHandle> DynamoDb::stream_of(const std::string& arn) {
  auto handle = catalog_.find_stream(arn);
  if (!handle) throw errors::no_such_stream(arn);
  return handle;
}

// For a call: only streams of its own account and region.
std::shared_ptr<const StreamHandle> DynamoDb::stream_of(const Context& context,
                                                        const std::string& arn) {
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
    walk(handle, middle, [&](uint64_t position, std::string_view bytes) {
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

bool DynamoDb::trimmed(const StreamHandle& handle, uint64_t position) {
  bool expired = false;
  const WorldTime since = horizon();
  walk(handle, position, [&](uint64_t, std::string_view bytes) {
    expired = decode_record(bytes).created < since;
    return false;
  });
  if (expired) return true;
  const auto mark =
      platform_.database.get(Family::meta, trim_key(handle.realm, handle.stream->number));
  return mark && position < stream_reads::number_from(*mark);
}

uint64_t DynamoDb::walk(
    const StreamHandle& handle, uint64_t position,
    const std::function<bool(uint64_t position, std::string_view bytes)>& visit) {
  const uint64_t end = end_position(handle);
  if (position >= end) return position;
  const auto from = record_key(handle.realm, handle.stream->number, position);
  const auto to = record_key(handle.realm, handle.stream->number, end);
  for (auto row = platform_.database.iterate(Family::log, from, to); row.valid(); row.next()) {
    const uint64_t at = stream_reads::position_in_key(row.key());
    if (!visit(at, row.value())) return at;
  }
  return end;
}

bool DynamoDb::read_to_end(const StreamHandle& handle, uint64_t position) const {
  return !handle.stream->enabled() && position >= end_position(handle);
}

Output DynamoDb::list_streams(Context& context, Json input) {
  const size_t limit = stream_reads::limit(input, kListStreamsPage);
  const std::string_view name_or_arn = text_member(input, ms::TableName);
  const std::string table =
      name_or_arn.empty() ? std::string() : parse_table_name(name_or_arn).name;
  const std::string_view after = text_member(input, ms::ExclusiveStartStreamArn);
  Json output = {{ms::Streams, Json::array()}};
  Json& streams = output[ms::Streams];
  bool skipping = !after.empty();
  for (const auto& stream : catalog_.streams(context.realm->id)) {
    const std::string arn = stream_reads::arn_of(context, *stream);
    if (skipping) {
      skipping = arn != after;
      continue;
    }
    if (!table.empty() && stream->table_name != table) continue;
    if (streams.size() == limit) {
      output[ms::LastEvaluatedStreamArn] = streams.back()[ms::StreamArn];
      break;
    }
    streams.push_back({{ms::StreamArn, arn},
                       {ms::TableName, stream->table_name},
                       {ms::StreamLabel, stream->label}});
  }
  return output;
}

Output DynamoDb::describe_stream(Context& context, Json input) {
  const auto handle = stream_of(context, input.at(ms::StreamArn).get<std::string>());
  const Stream& stream = *handle->stream;
  Json range = {{ms::StartingSequenceNumber, sequence_number(1)}};
  if (!stream.enabled()) {
    range[ms::EndingSequenceNumber] =
        sequence_number(std::max<uint64_t>(1, end_position(*handle) - 1));
  }
  Json shards = Json::array();
  const bool children_only = input.contains(ms::ShardFilter);  // of a shard that has none
  if (text_member(input, ms::ExclusiveStartShardId) != stream.shard_id && !children_only) {
    shards.push_back({{ms::ShardId, stream.shard_id}, {ms::SequenceNumberRange, range}});
  }
  return Json{{ms::StreamDescription,
               {{ms::StreamArn, handle->arn},
                {ms::StreamLabel, stream.label},
                {ms::StreamStatus, stream.enabled() ? "ENABLED" : "DISABLED"},
                {ms::StreamViewType, stream.view_type},
                {ms::CreationRequestDateTime, stream.created_ms},
                {ms::TableName, stream.table_name},
                {ms::KeySchema, key_schema_json(stream.keys)},
                {ms::Shards, std::move(shards)}}}};
}

Output DynamoDb::get_shard_iterator(Context& context, Json input) {
  const auto handle = stream_of(context, input.at(ms::StreamArn).get<std::string>());
  const std::string_view shard = text_member(input, ms::ShardId);
  if (shard != handle->stream->shard_id) throw errors::no_such_shard(shard, handle->arn);
  const std::string_view type = text_member(input, ms::ShardIteratorType);
  const std::string_view number = text_member(input, ms::SequenceNumber);
  ShardIterator iterator;
  iterator.stream_arn = handle->arn;
  iterator.shard_id = std::string(shard);
  iterator.issued = platform_.world.now();
  const bool by_number = type == "AT_SEQUENCE_NUMBER" || type == "AFTER_SEQUENCE_NUMBER";
  if (by_number) {
    if (number.empty()) throw errors::sequence_number_needed(type);
    const auto position = position_of(number);
    if (!position || *position == UINT64_MAX) throw errors::bad_sequence_number(number);
    iterator.position = *position + (type == "AFTER_SEQUENCE_NUMBER" ? 1 : 0);
    if (iterator.position < end_position(*handle) && trimmed(*handle, iterator.position)) {
      throw errors::trimmed();
    }
  } else {
    if (!number.empty()) throw errors::sequence_number_unwanted(type);
    iterator.position = type == "LATEST" ? end_position(*handle) : first_position(*handle);
  }
  return Json{{ms::ShardIterator, iterator.text()}};
}

Output DynamoDb::get_records(Context& context, Json input) {
  auto iterator = ShardIterator::parse(text_member(input, ms::ShardIterator));
  if (!iterator) throw errors::bad_shard_iterator();
  const auto handle = stream_of(context, iterator->stream_arn);
  if (iterator->shard_id != handle->stream->shard_id) {
    throw errors::no_such_shard(iterator->shard_id, handle->arn);
  }
  const WorldTime now = platform_.world.now();
  if (now - iterator->issued > kShardIteratorLife) throw errors::iterator_expired();
  if (trimmed(*handle, iterator->position)) throw errors::trimmed();

  const size_t limit = stream_reads::limit(input, kGetRecordsPage);
  AnswerText answer;
  std::string& text = answer.member(ms::Records);
  text += '[';
  size_t count = 0;
  const size_t begin = text.size();
  iterator->position =
      walk(*handle, iterator->position, [&](uint64_t position, std::string_view bytes) {
        if (count == limit || text.size() - begin >= kMaxGetRecordsBytes) return false;
        if (count++) text += ',';
        append_record_json(text, decode_record(bytes), *handle->stream, position,
                           event_id(handle->stream->number, position), context.region, "");
        return true;
      });
  text += ']';
  if (!read_to_end(*handle, iterator->position)) {
    iterator->issued = now;
    answer.member(ms::NextShardIterator, Json(iterator->text()));
  }
  return Output::text(std::move(answer).finish());
}

std::vector<events::LogShard> DynamoDb::shards(const std::string& stream_arn) {
  const auto handle = stream_of(stream_arn);
  return {{handle->stream->shard_id, "", !handle->stream->enabled()}};
}

uint64_t DynamoDb::start_position(const std::string& stream_arn, const std::string& shard_id,
                                  events::StartAt start, WorldTime timestamp) {
  const auto handle = stream_of(stream_arn);
  if (shard_id != handle->stream->shard_id) throw errors::no_such_shard(shard_id, stream_arn);
  if (start == events::StartAt::latest) return end_position(*handle);
  uint64_t position = first_position(*handle);
  if (start == events::StartAt::timestamp) {
    position = walk(*handle, position, [&](uint64_t, std::string_view bytes) {
      return decode_record(bytes).created < timestamp;
    });
  }
  return position;
}

events::LogPage DynamoDb::read(const std::string& stream_arn, const std::string& shard_id,
                               uint64_t position, size_t most_records, size_t most_bytes) {
  const auto handle = stream_of(stream_arn);
  if (shard_id != handle->stream->shard_id) throw errors::no_such_shard(shard_id, stream_arn);
  const auto arn = Arn::parse(stream_arn);
  events::LogPage page;
  size_t bytes = 0;
  const WorldTime since = horizon();
  page.next_position = walk(*handle, position, [&](uint64_t at, std::string_view row) {
    const StreamRecord content = decode_record(row);
    if (content.created < since) return true;  // a reader that fell behind goes on at the horizon
    if (page.records.size() == most_records) return false;
    std::string text;
    append_record_json(text, content, *handle->stream, at, event_id(handle->stream->number, at),
                       arn->region, stream_arn);
    if (!page.records.empty() && bytes + text.size() > most_bytes) return false;
    bytes += text.size();
    events::LogRecord& record = page.records.emplace_back();
    record.sequence_number = sequence_number(at);
    record.position = at;
    record.event = Json::parse(text);
    record.bytes = text.size();
    record.arrived = content.created;
    record.cause = content.cause;
    return true;
  });
  page.end_of_shard = read_to_end(*handle, page.next_position);
  return page;
}

std::shared_ptr<void> DynamoDb::subscribe(const std::string& stream_arn,
                                          std::function<void()> listener) {
  const auto handle = stream_of(stream_arn);
  auto kept = std::make_shared<std::function<void()>>(std::move(listener));
  std::lock_guard lock(listeners_mutex_);
  listeners_.emplace(handle->log, kept);
  return kept;
}

void DynamoDb::notify_stream(const std::string& log) {
  std::vector<std::shared_ptr<std::function<void()>>> due;
  {
    std::lock_guard lock(listeners_mutex_);
    for (auto [entry, end] = listeners_.equal_range(log); entry != end;) {
      if (auto listener = entry->second.lock()) {
        due.push_back(std::move(listener));
        ++entry;
      } else {
        entry = listeners_.erase(entry);
      }
    }
  }
  for (const auto& listener : due) (*listener)();
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
    records_.forget(handle->log);
    platform_.sequencer.forget(handle->log);
  } else if (mark) {
    records_.consumed(handle->log, record_key(handle->realm, number, mark));
  }
}

}  // namespace paddock::services::dynamodb
