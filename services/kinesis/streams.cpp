// Streams as resources: made, described, listed and dropped.
#include <algorithm>

#include "core/ids.hpp"
#include "events/log_sequencer.hpp"
#include "events/waiters.hpp"
#include "models/kinesis.hpp"
#include "services/kinesis/errors.hpp"
#include "services/kinesis/limits.hpp"
#include "services/kinesis/service.hpp"
#include "services/kinesis/shapes.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::kinesis {

namespace m = models::kinesis_members;

namespace stream_resources {

Json mode(const StreamInfo& stream) {
  return {{m::StreamMode, stream.on_demand ? "ON_DEMAND" : "PROVISIONED"}};
}

// What DescribeStream and DescribeStreamSummary have in common.
Json description(const StreamInfo& stream) {
  Json metrics = Json::array();
  for (const std::string& name : stream.metrics) metrics.push_back(name);
  Json json = {{m::StreamName, stream.name},
               {m::StreamARN, stream.arn()},
               {m::StreamStatus, "ACTIVE"},
               {m::StreamModeDetails, mode(stream)},
               {m::RetentionPeriodHours, stream.retention_hours},
               {m::StreamCreationTimestamp, stream.created_ms / 1000 * 1000},
               {m::EnhancedMonitoring, {{{m::ShardLevelMetrics, std::move(metrics)}}}},
               {m::EncryptionType, stream.key_id.empty() ? "NONE" : "KMS"}};
  if (!stream.key_id.empty()) json[m::KeyId] = stream.key_id;
  return json;
}

// 20 characters, a dash, and three more.
std::string new_id(Ids& ids, RealmId realm) {
  std::string id = ids.base36(realm, "kinesis-stream", 23);
  return id.insert(20, 1, '-');
}

}  // namespace stream_resources

Json shard_json(const Shard& shard) {
  Json range = {{m::StartingSequenceNumber, starting_number(shard)}};
  if (!shard.open()) range[m::EndingSequenceNumber] = ending_number(shard);
  Json json = {{m::ShardId, shard_id(shard.index)},
               {m::HashKeyRange,
                {{m::StartingHashKey, hash_key_text(shard.first)},
                 {m::EndingHashKey, hash_key_text(shard.last)}}},
               {m::SequenceNumberRange, std::move(range)}};
  if (shard.parent) json[m::ParentShardId] = shard_id(*shard.parent);
  if (shard.adjacent_parent) json[m::AdjacentParentShardId] = shard_id(*shard.adjacent_parent);
  return json;
}

void check_tags(const std::map<std::string, std::string>& tags) {
  for (const auto& [key, value] : tags) {
    for (const std::string* text : {&key, &value}) {
      const bool good = std::all_of(text->begin(), text->end(), [](unsigned char c) {
        return c >= 0x80 || std::isalnum(c) != 0 ||
               std::string_view("_./=+-% @: ").find(static_cast<char>(c)) != std::string_view::npos;
      });
      if (!good) throw errors::bad_tag_characters();
    }
  }
}

void Kinesis::check_shard_limit(const Context& context, const StreamInfo& stream, uint64_t more) {
  uint64_t open = 0;
  for (const StreamPtr& other : streams_of(context)) {
    if (!other->on_demand) open += other->open_shards();
  }
  if (open + more > limits::kShardsPerAccount ||
      stream.open_shards() + more > limits::kMostShards) {
    throw errors::shard_limit(stream, open, limits::kShardsPerAccount, more);
  }
}

Kinesis::Output Kinesis::create_stream(Context& context, Json input) {
  auto stream = std::make_shared<StreamInfo>();
  stream->realm = context.realm->id;
  stream->account = context.account;
  stream->region = context.region;
  stream->name = input.at(m::StreamName);
  stream->on_demand = input.contains(m::StreamModeDetails) &&
                      input[m::StreamModeDetails].at(m::StreamMode) == "ON_DEMAND";
  if (input.contains(m::Tags)) input[m::Tags].get_to(stream->tags);
  check_tags(stream->tags);
  if (stream->tags.size() > limits::kTags) throw errors::too_many_tags(*stream);
  if (stream->on_demand && input.contains(m::ShardCount)) {
    throw errors::validation("Invalid input: ShardCount must not be provided in ON_DEMAND mode.");
  }
  // Without a count it is four shards, as recorded from AWS.
  const uint64_t count = input.value(m::ShardCount, limits::kOnDemandShards);
  stream->warm_mibps = input.value(m::WarmThroughputMiBps, uint64_t{0});
  if (!stream->on_demand && stream->warm_mibps != 0) {
    throw errors::validation("WarmThroughputMiBps is for streams in ON_DEMAND mode.");
  }
  stream->max_record_kib = input.value(m::MaxRecordSizeInKiB, limits::kRecordKiB);
  const auto guard = platform_.locks.lock(stream_lock(stream->realm, stream->name));
  if (catalog_.find(stream->realm, stream->name)) {
    throw errors::stream_exists(stream->name, stream->account);
  }
  check_shard_limit(context, *stream, count);
  stream->created_ms = platform_.world.now().ms;
  stream->number = platform_.database.reserve(stream->realm, "kinesis-stream", 1) + 1;
  stream->id = stream_resources::new_id(platform_.ids, stream->realm);
  add_even_shards(*stream, count, stream->created_ms);
  storage::Batch batch;
  store_.put_stream(*stream, batch);
  set_trim_timer(*stream, WorldTime{stream->created_ms} + stream->retention() + Milliseconds(1),
                 batch);
  context.commit(batch);
  catalog_.publish(stream);
  return {};
}

Kinesis::Output Kinesis::delete_stream(Context& context, Json input) {
  const StreamPtr named = require_stream(context, input);
  const auto guard = platform_.locks.lock(stream_lock(named->realm, named->name));
  const StreamPtr stream = catalog_.find(named->realm, named->name);
  if (!stream) throw errors::no_stream(named->name, named->account);
  if (!input.value(m::EnforceConsumerDeletion, false) && !store_.consumers(*stream).empty()) {
    throw errors::has_consumers(*stream);
  }
  storage::Batch batch;
  store_.erase_stream(*stream, batch);
  events::Timer timer;
  timer.realm = stream->realm;
  timer.target = kTrimTarget;
  timer.id = stream->name;
  platform_.scheduler.cancel(batch, timer);
  context.commit(batch);
  catalog_.forget(*stream);
  for (const Shard& shard : stream->shards) {
    const std::string log = shard_prefix(stream->realm, stream->number, shard.index);
    records_.forget(log);
    notify_stream(log);
    platform_.sequencer.forget(log);
  }
  return {};
}

Kinesis::Output Kinesis::describe_stream(Context& context, Json input) {
  const StreamPtr stream = require_stream(context, input);
  const size_t limit = input.value(m::Limit, limits::kDescribedShards);
  const std::string after = input.value(m::ExclusiveStartShardId, std::string());
  Json description = stream_resources::description(*stream);
  Json shards = Json::array();
  description[m::HasMoreShards] = false;
  for (const Shard& shard : stream->shards) {
    if (shard_id(shard.index) <= after) continue;
    if (shards.size() == limit) {
      description[m::HasMoreShards] = true;
      break;
    }
    shards.push_back(shard_json(shard));
  }
  description[m::Shards] = std::move(shards);
  return Json{{m::StreamDescription, std::move(description)}};
}

Kinesis::Output Kinesis::describe_stream_summary(Context& context, Json input) {
  const StreamPtr stream = require_stream(context, input);
  Json summary = stream_resources::description(*stream);
  summary[m::StreamId] = stream->id;
  summary[m::OpenShardCount] = stream->open_shards();
  summary[m::ConsumerCount] = store_.consumers(*stream).size();
  summary[m::MaxRecordSizeInKiB] = stream->max_record_kib;
  if (stream->on_demand) summary[m::WarmThroughput] = warm_throughput_json(*stream);
  return Json{{m::StreamDescriptionSummary, std::move(summary)}};
}

Kinesis::Output Kinesis::list_streams(Context& context, Json input) {
  const size_t limit = input.value(m::Limit, limits::kListedStreams);
  std::string after = input.value(m::ExclusiveStartStreamName, std::string());
  if (input.contains(m::NextToken)) {
    const auto token = parse_token(input[m::NextToken].get<std::string>(), platform_.ids.seed());
    if (!token || !token->contains("stream")) throw errors::bad_token();
    after = token->at("stream");
  }
  Json names = Json::array();
  Json summaries = Json::array();
  Json output = {{m::HasMoreStreams, false}};
  for (const StreamPtr& stream : streams_of(context)) {
    if (stream->name <= after) continue;
    if (names.size() == limit) {
      output[m::HasMoreStreams] = true;
      output[m::NextToken] = token_text({{"stream", names.back()}}, platform_.ids.seed());
      break;
    }
    names.push_back(stream->name);
    summaries.push_back({{m::StreamName, stream->name},
                         {m::StreamARN, stream->arn()},
                         {m::StreamStatus, "ACTIVE"},
                         {m::StreamModeDetails, stream_resources::mode(*stream)},
                         {m::StreamCreationTimestamp, stream->created_ms / 1000 * 1000}});
  }
  output[m::StreamNames] = std::move(names);
  output[m::StreamSummaries] = std::move(summaries);
  return output;
}

Kinesis::Output Kinesis::describe_limits(Context& context, Json) {
  uint64_t open = 0;
  uint64_t on_demand = 0;
  for (const StreamPtr& stream : streams_of(context)) {
    if (stream->on_demand) {
      ++on_demand;
    } else {
      open += stream->open_shards();
    }
  }
  return Json{{m::ShardLimit, limits::kShardsPerAccount},
              {m::OpenShardCount, open},
              {m::OnDemandStreamCount, on_demand},
              {m::OnDemandStreamCountLimit, limits::kOnDemandStreams}};
}

}  // namespace paddock::services::kinesis
