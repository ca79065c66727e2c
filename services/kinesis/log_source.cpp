// Streams as log sources: what event source mappings read.
#include <algorithm>

#include "core/text.hpp"
#include "events/log_sequencer.hpp"
#include "services/kinesis/errors.hpp"
#include "services/kinesis/service.hpp"

namespace paddock::services::kinesis {

namespace source_records {

// A record as Lambda shows it:
// https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
Json event(const StreamInfo& stream, const Shard& shard, const std::string& number,
           const Record& record, const std::string& source_arn) {
  return {{"kinesis",
           {{"kinesisSchemaVersion", "1.0"},
            {"partitionKey", record.partition_key},
            {"sequenceNumber", number},
            {"data", to_base64(record.data)},
            {"approximateArrivalTimestamp", static_cast<double>(record.arrived.ms) / 1000}}},
          {"eventSource", "aws:kinesis"},
          {"eventVersion", "1.0"},
          {"eventID", shard_id(shard.index) + ":" + number},
          {"eventName", "aws:kinesis:record"},
          {"awsRegion", stream.region},
          {"eventSourceARN", source_arn}};
}

}  // namespace source_records

std::vector<events::LogShard> Kinesis::shards(const std::string& stream_arn) {
  const StreamPtr stream = require_arn(stream_arn);
  std::vector<events::LogShard> found;
  for (const Shard& shard : stream->shards) {
    events::LogShard one;
    one.id = shard_id(shard.index);
    if (shard.parent) one.parent_id = shard_id(*shard.parent);
    if (shard.adjacent_parent) one.adjacent_parent_id = shard_id(*shard.adjacent_parent);
    one.closed = !shard.open();
    found.push_back(std::move(one));
  }
  return found;
}

uint64_t Kinesis::start_position(const std::string& stream_arn, const std::string& id,
                                 events::StartAt start, WorldTime timestamp) {
  const StreamPtr stream = require_arn(stream_arn);
  const Shard& shard = require_shard(*stream, id);
  if (start == events::StartAt::latest) return readable_end(*stream, shard);
  const WorldTime horizon = platform_.world.now() - stream->retention();
  return first_since(*stream, shard,
                     start == events::StartAt::timestamp ? std::max(timestamp, horizon) : horizon);
}

events::LogPage Kinesis::read(const std::string& stream_arn, const std::string& id,
                              uint64_t position, size_t most_records, size_t most_bytes) {
  const StreamPtr stream = require_arn(stream_arn);
  const Shard& shard = require_shard(*stream, id);
  events::LogPage page;
  // In events the data is base64: four bytes for three.
  const Page walked = walk(*stream, shard, position, most_records, most_bytes / 4 * 3,
                           [&](uint64_t at, const Record& row) {
                             events::LogRecord& record = page.records.emplace_back();
                             record.sequence_number = sequence_number(shard, at, row.arrived.ms);
                             record.position = at;
                             record.event = source_records::event(
                                 *stream, shard, record.sequence_number, row, stream_arn);
                             record.bytes = row.data.size();
                             record.arrived = row.arrived;
                             record.cause = row.cause;
                           });
  page.next_position = walked.next;
  page.end_of_shard = walked.end_of_shard;
  return page;
}

std::shared_ptr<void> Kinesis::subscribe(const std::string& stream_arn,
                                         std::function<void()> listener) {
  const StreamPtr stream = require_arn(stream_arn);
  auto kept = std::make_shared<std::function<void()>>(std::move(listener));
  const std::lock_guard lock(listeners_mutex_);
  listeners_.emplace(stream_prefix(stream->realm, stream->number), kept);
  return kept;
}

}  // namespace paddock::services::kinesis
