// SubscribeToShard: records pushed as they come, for five minutes.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShard.html
#include <algorithm>

#include "core/text.hpp"
#include "events/waiters.hpp"
#include "models/kinesis.hpp"
#include "services/kinesis/errors.hpp"
#include "services/kinesis/limits.hpp"
#include "services/kinesis/service.hpp"

namespace paddock::services::kinesis {

namespace m = models::kinesis_members;

struct Kinesis::Subscription {
  StreamPtr stream;
  std::string consumer_arn;
  std::string consumer;
  std::string log;
  std::string name;  // in subscriptions_
  uint64_t number = 0;
  uint32_t shard = 0;
  uint64_t position = 0;
  int64_t reached_s = 0;  // time in the continuation number
  WorldTime end;
  bool over = false;  // the shard's end was sent
};

namespace pushing {

Json record_json(const StreamInfo& stream, const Shard& shard, uint64_t position,
                 const Record& record) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(record.data.data());
  Json json = {
      {m::SequenceNumber, sequence_number(shard, position, record.arrived.ms)},
      {m::ApproximateArrivalTimestamp, record.arrived.ms},
      {m::Data, Json::binary(Json::binary_t::container_type(bytes, bytes + record.data.size()))},
      {m::PartitionKey, record.partition_key}};
  if (!stream.key_id.empty()) json[m::EncryptionType] = "KMS";
  return json;
}

}  // namespace pushing

Kinesis::Output Kinesis::subscribe_to_shard(Context& context, Json input) {
  auto [stream, consumer] = require_consumer(context, input);
  const Shard& shard = require_shard(*stream, input.at(m::ShardId).get_ref<const std::string&>());
  const Json& start = input.at(m::StartingPosition);
  auto subscription = std::make_shared<Subscription>();
  subscription->stream = stream;
  subscription->consumer = consumer.name;
  subscription->consumer_arn = consumer.arn(*stream);
  subscription->shard = shard.index;
  subscription->log = shard_prefix(stream->realm, stream->number, shard.index);
  subscription->position =
      start_of(*stream, shard, "SubscribeToShard", start.at(m::Type).get_ref<const std::string&>(),
               start.value(m::SequenceNumber, Json()), start.value(m::Timestamp, Json()));
  const WorldTime now = platform_.world.now();
  subscription->end = now + limits::kSubscription;
  subscription->reached_s = now.ms / 1000;
  subscription->name = subscription->consumer_arn + " " + shard_id(shard.index);
  {
    const std::lock_guard lock(subscriptions_mutex_);
    // A later call takes the place of one that is older than five seconds.
    const auto present = subscriptions_.find(subscription->name);
    if (present != subscriptions_.end() && now - present->second.at < limits::kSubscribeAgain) {
      throw errors::active_subscription(*stream, shard.index, consumer.name);
    }
    subscription->number = next_subscription_++;
    std::erase_if(subscriptions_, [now](const auto& entry) {
      return now - entry.second.at > limits::kSubscription;
    });
    subscriptions_[subscription->name] = {now, subscription->number};
  }
  platform_.waiters.notify_all(subscription->log);
  return gateway::EventStream(Json(), [this, &context, subscription](gateway::EventWriter& writer) {
    return serve(context, subscription, writer);
  });
}

// The next event, which has no records if there are none; throws what ends the stream.
Json Kinesis::next_event(Subscription& subscription) {
  const StreamPtr stream = catalog_.find(subscription.stream->realm, subscription.stream->name);
  const Shard* shard = stream && stream->number == subscription.stream->number
                           ? stream->find(subscription.shard)
                           : nullptr;
  if (shard == nullptr) {
    throw errors::no_stream(subscription.stream->name, subscription.stream->account);
  }
  const auto consumer = store_.consumer(*stream, subscription.consumer);
  if (!consumer || consumer->arn(*stream) != subscription.consumer_arn) {
    throw errors::no_consumer(subscription.consumer, *stream);
  }
  Json records = Json::array();
  const Page page = walk(*stream, *shard, subscription.position, limits::kEventRecords,
                         limits::kEventBytes, [&](uint64_t at, const Record& record) {
                           records.push_back(pushing::record_json(*stream, *shard, at, record));
                         });
  subscription.position = page.next;
  if (page.records > 0) subscription.reached_s = page.last.ms / 1000;
  Json event = {{m::Records, std::move(records)}, {m::MillisBehindLatest, behind(page)}};
  if (page.end_of_shard) {
    subscription.over = true;
    event[m::ChildShards] = children_json(*stream, subscription.shard);
    return event;  // without a number to go on from
  }
  // What AFTER_SEQUENCE_NUMBER of it goes on with is the next record.
  event[m::ContinuationSequenceNumber] =
      sequence_number(*shard, page.next - 1, subscription.reached_s * 1000);
  return event;
}

Task<void> Kinesis::serve(Context& context, std::shared_ptr<Subscription> subscription,
                          gateway::EventWriter& writer) {
  WorldTime heartbeat = platform_.world.now();
  for (;;) {
    events::Waiter waiter = platform_.waiters.prepare(subscription->log);
    const WorldTime now = platform_.world.now();
    if (now >= subscription->end) co_return;
    {
      const std::lock_guard lock(subscriptions_mutex_);
      const auto present = subscriptions_.find(subscription->name);
      if (present == subscriptions_.end() || present->second.number != subscription->number) {
        co_return;  // another call took its place
      }
    }
    Json event = next_event(*subscription);
    const bool has_records = !event[m::Records].empty();
    if (has_records || subscription->over || now >= heartbeat) {
      heartbeat = now + limits::kHeartbeat;
      co_await writer.send("SubscribeToShardEvent", std::move(event));
      if (subscription->over) co_return;
      if (has_records) continue;
    }
    // A subscriber that waits keeps nothing from being quiet.
    context.activity.release();
    const WorldTime until = std::min(heartbeat, subscription->end);
    const events::Wake wake = co_await waiter.wait(until, context.cancelled);
    if (wake == events::Wake::cancelled || wake == events::Wake::stopping) co_return;
  }
}

}  // namespace paddock::services::kinesis
