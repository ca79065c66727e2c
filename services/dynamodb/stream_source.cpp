// DynamoDB's streams as log sources: what event source mappings read.
#include <algorithm>

#include "core/arn.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/service.hpp"
#include "services/dynamodb/stream_log.hpp"

namespace paddock::services::dynamodb {

namespace log_reads {

uint64_t bound(const Shard& shard) {
  return shard.open() ? UINT64_MAX : shard.end;
}

}  // namespace log_reads

std::vector<events::LogShard> DynamoDb::shards(const std::string& stream_arn) {
  const auto handle = stream_of(stream_arn);
  std::vector<events::LogShard> found;
  for (const Shard& shard : shards_of(*handle)) {
    found.push_back({shard.id, shard.parent, !shard.open()});
  }
  return found;
}

uint64_t DynamoDb::start_position(const std::string& stream_arn, const std::string& shard_id,
                                  events::StartAt start, WorldTime timestamp) {
  const auto handle = stream_of(stream_arn);
  const Shard shard = shard_of(*handle, shard_id);
  const uint64_t bound = log_reads::bound(shard);
  if (start == events::StartAt::latest) {
    return std::clamp(end_position(*handle), shard.begin, bound);
  }
  const uint64_t position = std::clamp(first_position(*handle), shard.begin, bound);
  if (start == events::StartAt::trim_horizon) return position;
  return walk(*handle, position, bound, [&](uint64_t, std::string_view bytes) {
    return decode_record(bytes).created < timestamp;
  });
}

events::LogPage DynamoDb::read(const std::string& stream_arn, const std::string& shard_id,
                               uint64_t position, size_t most_records, size_t most_bytes) {
  const auto handle = stream_of(stream_arn);
  const Shard shard = shard_of(*handle, shard_id);
  const uint64_t bound = log_reads::bound(shard);
  const auto arn = Arn::parse(stream_arn);
  events::LogPage page;
  size_t bytes = 0;
  const WorldTime since = horizon();
  page.next_position = walk(*handle, position, bound, [&](uint64_t at, std::string_view row) {
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
  page.end_of_shard = page.next_position >= bound;
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

}  // namespace paddock::services::dynamodb
