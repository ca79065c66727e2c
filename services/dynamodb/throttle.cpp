#include "services/dynamodb/throttle.hpp"

#include <algorithm>

#include "events/metrics.hpp"
#include "events/timeline.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/limits.hpp"
#include "storage/keys.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;

namespace throttling {

constexpr size_t kMostBuckets = 64 * 1024;
constexpr double kRounding = 1e-6;

// A bound in OnDemandThroughput: -1 and absent mean none.
double maximum(const Json& limits, bool writes) {
  const Json& most =
      member_or_null(limits, writes ? m::MaxWriteRequestUnits : m::MaxReadRequestUnits);
  return most.is_number() && most.get<int64_t>() > 0 ? most.get<double>() : 0;
}

double warm(const Json& asked, bool writes) {
  const Json& units =
      member_or_null(asked, writes ? m::WriteUnitsPerSecond : m::ReadUnitsPerSecond);
  const auto least = static_cast<double>(writes ? kOnDemandWarmWrites : kOnDemandWarmReads);
  return units.is_number() ? std::max(units.get<double>(), least) : least;
}

std::string bucket_key(const Table& table, const Index* index, bool writes) {
  std::string key(1, writes ? 'w' : 'r');
  storage::append_u32(key, table.realm);
  storage::append_u64(key, table.incarnation);
  storage::append_u32(key, index ? index->id : 0);
  return key;
}

std::string reason(bool index, bool writes, std::string_view limit) {
  return std::string(index ? "Index" : "Table") + (writes ? "Write" : "Read") + std::string(limit) +
         "Exceeded";
}

}  // namespace throttling

std::string_view cancellation_code(const AwsError& refusal) {
  return refusal.code() == "ThrottlingException" ? "ThrottlingError"
                                                 : "ProvisionedThroughputExceeded";
}

Throttle::Rate Throttle::rate(const Table& table, const Index* index, bool writes) {
  if (!table.on_demand) {
    const Throughput& t = index ? index->throughput : table.throughput;
    return {static_cast<double>(writes ? t.write : t.read), kBurstSeconds, Limit::provisioned};
  }
  const Json& limits = index ? index->on_demand_limits : table.on_demand_limits;
  const double most = throttling::maximum(limits, writes);
  if (most > 0) return {most, 1, Limit::on_demand_maximum};
  return {throttling::warm(index ? index->warm : table.warm, writes), 1, Limit::on_demand};
}

// With the mutex held: the bucket, filled up to now.
void Throttle::draw(std::vector<Draw>& draws, std::string key, const Rate& rate,
                    const Charge& charge, WorldTime created, WorldTime now) {
  const auto [entry, fresh] = buckets_.try_emplace(key);
  Bucket& bucket = entry->second;
  if (fresh) bucket = {rate.units_per_second, created.ms};
  const double seconds = static_cast<double>(std::max<int64_t>(now.ms - bucket.at_ms, 0)) / 1000;
  bucket.tokens = std::min(bucket.tokens + seconds * rate.units_per_second,
                           rate.units_per_second * rate.burst_seconds);
  bucket.at_ms = now.ms;
  draws.push_back({std::move(key), &bucket, charge.units, rate.limit, charge.index});
}

// Partitions that nobody used for a second are full again, as new ones are.
void Throttle::make_room(int64_t now_ms) {
  if (buckets_.size() < throttling::kMostBuckets) return;
  std::erase_if(buckets_, [now_ms](const auto& entry) {
    const Bucket& bucket = entry.second;
    return bucket.tokens >= 0 && now_ms - bucket.at_ms > kBurstSeconds * 1000;
  });
  if (buckets_.size() >= throttling::kMostBuckets) buckets_.clear();
}

std::optional<AwsError> Throttle::take(const gateway::RequestContext& context, const Table& table,
                                       const std::vector<Charge>& charges,
                                       std::vector<Taken>* taken) {
  const Mode mode = mode_;
  if (mode == Mode::off) return std::nullopt;
  const bool writes = taken != nullptr;
  std::optional<Draw> refused;
  {
    const WorldTime now = platform_.world.now();
    const WorldTime created{table.created_ms};
    std::lock_guard lock(mutex_);
    make_room(now.ms);
    std::vector<Draw> draws;
    for (const Charge& charge : charges) {
      if (charge.units <= 0) continue;
      std::string key = throttling::bucket_key(table, charge.index, writes);
      const Rate partition{static_cast<double>(writes ? kPartitionWrites : kPartitionReads), 1,
                           Limit::partition};
      draw(draws, key, rate(table, charge.index, writes), charge, created, now);
      if (!charge.partition.empty()) {
        draw(draws, key + std::string(charge.partition), partition, charge, created, now);
      }
    }
    for (const Draw& one : draws) {
      if (one.bucket->tokens + throttling::kRounding >= std::min(one.units, 1.0)) continue;
      refused = one;
      break;
    }
    if (!refused || mode == Mode::observe) {
      for (Draw& one : draws) {
        one.bucket->tokens -= one.units;
        if (taken) taken->push_back({std::move(one.key), one.units});
      }
    }
  }
  if (!refused) return std::nullopt;
  report(context, table, *refused, writes);
  if (mode == Mode::observe) return std::nullopt;
  return refusal(table, *refused, writes);
}

void Throttle::give_back(const std::vector<Taken>& taken) {
  std::lock_guard lock(mutex_);
  for (const Taken& one : taken) {
    const auto bucket = buckets_.find(one.bucket);
    if (bucket != buckets_.end()) bucket->second.tokens += one.units;
  }
}

void Throttle::report(const gateway::RequestContext& context, const Table& table,
                      const Draw& refused, bool writes) {
  const std::string operation(context.operation ? context.operation->name : std::string_view());
  const auto add = [&](std::string_view name, const events::Dimensions& dimensions) {
    platform_.metrics.add(context.account, context.region, "AWS/DynamoDB", name, dimensions,
                          "Count", 1);
  };
  add("ThrottledRequests", {{"Operation", operation}, {"TableName", table.name}});
  events::Dimensions of{{"TableName", table.name}};
  if (refused.index) of.insert(of.begin(), {"GlobalSecondaryIndexName", refused.index->name});
  add(writes ? "WriteThrottleEvents" : "ReadThrottleEvents", of);
  const AwsError error = refusal(table, refused, writes);
  events::TimelineEvent event;
  event.at = platform_.world.now();
  event.kind = "throttled";
  event.what = "dynamodb:" + operation;
  event.resource = refused.index ? table.index_arn(*refused.index) : table.arn;
  event.outcome = mode_ == Mode::observe ? "observed: " + error.code() : error.code();
  event.request_id = context.request_id;
  event.cause = context.cause;
  event.account = context.account;
  event.region = context.region;
  platform_.timeline.record(std::move(event));
}

AwsError Throttle::refusal(const Table& table, const Draw& refused, bool writes) {
  const bool index = refused.index != nullptr;
  const auto reasons = [&](std::string_view limit) {
    return Json::array({{{m::reason, throttling::reason(index, writes, limit)},
                         {m::resource, index ? table.index_arn(*refused.index) : table.arn}}});
  };
  switch (refused.limit) {
    case Limit::provisioned:
      return errors::provisioned_throughput_exceeded(index, reasons("ProvisionedThroughput"));
    case Limit::partition:
      return table.on_demand
                 ? errors::on_demand_throttled(index, reasons("KeyRangeThroughput"))
                 : errors::provisioned_throughput_exceeded(index, reasons("KeyRangeThroughput"));
    case Limit::on_demand:
      return errors::on_demand_throttled(index, reasons("KeyRangeThroughput"));
    case Limit::on_demand_maximum:
      return errors::on_demand_maximum_exceeded(reasons("MaxOnDemandThroughput"));
  }
  throw std::logic_error("a limit without an error");
}

}  // namespace paddock::services::dynamodb
