// Shards: listed, split and merged.
// https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-resharding.html
#include <algorithm>

#include "core/ids.hpp"
#include "events/log_sequencer.hpp"
#include "models/kinesis.hpp"
#include "services/kinesis/errors.hpp"
#include "services/kinesis/limits.hpp"
#include "services/kinesis/service.hpp"
#include "services/kinesis/shapes.hpp"

namespace paddock::services::kinesis {

namespace m = models::kinesis_members;

namespace resharding {

// The shard of that name. Throws ResourceNotFoundException.
Shard& require(StreamInfo& stream, const std::string& name) {
  const auto index = shard_index(name);
  if (!index) throw errors::could_not_find_shard(name, stream);
  if (stream.find(*index) == nullptr) {
    throw errors::could_not_find_shard(shard_id(*index), stream);
  }
  return stream.at(*index);
}

void require_open(const Shard& shard, const StreamInfo& stream) {
  if (!shard.open()) throw errors::shard_closed(shard_id(shard.index), stream);
}

// The shards of a filter, of which AWS says which it means for each type
// (https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ShardFilter.html).
std::function<bool(const Shard&)> wanted(const StreamInfo& stream, const Json& filter,
                                         int64_t now_ms) {
  const std::string type = filter.at(m::Type);
  if (type == "AFTER_SHARD_ID") {
    if (!filter.contains(m::ShardId)) {
      throw errors::invalid_argument("ShardId must be specified for filter type AFTER_SHARD_ID.");
    }
    const std::string after = filter[m::ShardId];
    return [after](const Shard& shard) { return shard_id(shard.index) > after; };
  }
  if (type == "AT_LATEST") return [](const Shard& shard) { return shard.open(); };
  int64_t at = now_ms - stream.retention().count();
  if (type.ends_with("TIMESTAMP")) {
    if (!filter.contains(m::Timestamp)) {
      throw errors::invalid_argument("Timestamp must be specified for filter type " + type + ".");
    }
    at = filter[m::Timestamp].get<int64_t>();
  }
  at = std::max(at, stream.created_ms);
  if (type.starts_with("FROM")) {
    return [at](const Shard& shard) { return shard.open() || shard.closed_ms >= at; };
  }
  return [at](const Shard& shard) {
    return shard.opened_ms <= at && (shard.open() || shard.closed_ms > at);
  };
}

}  // namespace resharding

Kinesis::Output Kinesis::list_shards(Context& context, Json input) {
  const WorldTime now = platform_.world.now();
  std::string after = input.value(m::ExclusiveStartShardId, std::string());
  Json filter = input.value(m::ShardFilter, Json());
  StreamPtr stream;
  if (input.contains(m::NextToken)) {
    if (input.contains(m::StreamName) || input.contains(m::StreamARN)) {
      throw errors::token_and_name();
    }
    const auto token = parse_token(input[m::NextToken].get<std::string>(), platform_.ids.seed());
    if (!token || !token->contains("shards_of")) throw errors::bad_token();
    if (now - WorldTime{token->at("issued").get<int64_t>()} > limits::kTokenLife) {
      throw errors::expired_token();
    }
    stream = require_arn(token->at("shards_of").get<std::string>());
    after = token->at("after");
    filter = token->at("filter");
  } else {
    stream = require_stream(context, input);
  }
  const auto wanted = filter.is_null()
                          ? std::function<bool(const Shard&)>([](const Shard&) { return true; })
                          : resharding::wanted(*stream, filter, now.ms);
  const size_t limit = input.value(m::MaxResults, limits::kListedShards);
  Json output = {{m::Shards, Json::array()}};
  Json& shards = output[m::Shards];
  for (const Shard& shard : stream->shards) {
    if (shard_id(shard.index) <= after || !wanted(shard)) continue;
    if (shards.size() == limit) {
      output[m::NextToken] = token_text({{"shards_of", stream->arn()},
                                         {"issued", now.ms},
                                         {"after", shards.back()[m::ShardId]},
                                         {"filter", filter}},
                                        platform_.ids.seed());
      break;
    }
    shards.push_back(shard_json(shard));
  }
  return output;
}

void Kinesis::close_shard(StreamInfo& stream, uint32_t index, int64_t now_ms,
                          storage::Batch& batch) {
  const std::string log = shard_prefix(stream.realm, stream.number, index);
  events::Ticket ticket = platform_.sequencer.take(log);
  Shard& shard = stream.at(index);
  shard.closed_ms = std::max(now_ms, shard.opened_ms + 1);
  shard.end = ticket.first();
  // Released by the commit, it wakes who waits at the end of the shard.
  std::move(ticket).attach(batch);
}

std::pair<uint32_t, uint32_t> Kinesis::split(StreamInfo& stream, uint32_t index, HashKey at,
                                             int64_t now_ms, storage::Batch& batch) {
  close_shard(stream, index, now_ms, batch);
  const Shard parent = stream.at(index);
  const uint32_t low = stream.add_shard(parent.first, at - 1, now_ms);
  const uint32_t high = stream.add_shard(at, parent.last, now_ms);
  stream.at(low).parent = stream.at(high).parent = index;
  return {low, high};
}

uint32_t Kinesis::merge(StreamInfo& stream, uint32_t one, uint32_t other, int64_t now_ms,
                        storage::Batch& batch) {
  close_shard(stream, one, now_ms, batch);
  close_shard(stream, other, now_ms, batch);
  const HashKey first = std::min(stream.at(one).first, stream.at(other).first);
  const HashKey last = std::max(stream.at(one).last, stream.at(other).last);
  const uint32_t merged = stream.add_shard(first, last, now_ms);
  stream.at(merged).parent = one;
  stream.at(merged).adjacent_parent = other;
  return merged;
}

Kinesis::Output Kinesis::split_shard(Context& context, Json input) {
  const std::string name = input.at(m::ShardToSplit);
  const std::string key_text = input.at(m::NewStartingHashKey);
  const StreamPtr after =
      change_stream(context, input, [&](StreamInfo& stream, storage::Batch& batch) {
        const Shard& shard = resharding::require(stream, name);
        resharding::require_open(shard, stream);
        check_shard_limit(context, stream, 1);
        const auto key = parse_hash_key(key_text);
        if (!key || shard.last - shard.first < 2 || *key <= shard.first + 1 || *key >= shard.last) {
          throw errors::bad_split(key_text, shard, stream);
        }
        split(stream, shard.index, *key, platform_.world.now().ms, batch);
      });
  return {};
}

Kinesis::Output Kinesis::merge_shards(Context& context, Json input) {
  const std::string one = input.at(m::ShardToMerge);
  const std::string other = input.at(m::AdjacentShardToMerge);
  change_stream(context, input, [&](StreamInfo& stream, storage::Batch& batch) {
    const Shard& first = resharding::require(stream, one);
    const Shard& second = resharding::require(stream, other);
    resharding::require_open(first, stream);
    resharding::require_open(second, stream);
    const bool adjacent = (first.last != kMostHashKey && first.last + 1 == second.first) ||
                          (second.last != kMostHashKey && second.last + 1 == first.first);
    if (!adjacent) {
      throw errors::not_adjacent(shard_id(first.index), shard_id(second.index), stream);
    }
    merge(stream, first.index, second.index, platform_.world.now().ms, batch);
  });
  return {};
}

// Reaches even ranges by splits at, and merges up to, the bounds of the shards that are wanted: so
// every shard has a lineage, as with AWS.
Kinesis::Output Kinesis::update_shard_count(Context& context, Json input) {
  const uint64_t target = input.at(m::TargetShardCount);
  size_t before = 0;
  const StreamPtr after =
      change_stream(context, input, [&](StreamInfo& stream, storage::Batch& batch) {
        before = stream.open_shards();
        if (stream.on_demand) {
          throw errors::validation("Request is invalid. Stream " +
                                   errors::of_account(stream.name, stream.account) +
                                   " is in On-Demand mode.");
        }
        if (target > 2 * before) {
          throw errors::invalid_argument(
              "UpdateShardCount cannot scale up over double your current open shard count. Current "
              "open shard count: " +
              std::to_string(before) + " Target shard count: " + std::to_string(target));
        }
        if (target < (before + 1) / 2) {
          throw errors::invalid_argument(
              "UpdateShardCount cannot scale down below half your current open shard count. "
              "Current open shard count: " +
              std::to_string(before) + " Target shard count: " + std::to_string(target));
        }
        if (target > before) check_shard_limit(context, stream, target - before);
        const int64_t now = platform_.world.now().ms;
        StreamInfo even;
        add_even_shards(even, target, now);
        for (const Shard& wanted : even.shards) {
          if (wanted.first != 0 && stream.shard_of(wanted.first).first != wanted.first) {
            split(stream, stream.shard_of(wanted.first).index, wanted.first, now, batch);
          }
        }
        for (const Shard& wanted : even.shards) {
          uint32_t merged = stream.shard_of(wanted.first).index;
          while (stream.at(merged).last != wanted.last) {
            const uint32_t next = stream.shard_of(stream.at(merged).last + 1).index;
            merged = merge(stream, merged, next, now, batch);
          }
        }
      });
  return Json{{m::StreamName, after->name},
              {m::StreamARN, after->arn()},
              {m::CurrentShardCount, before},
              {m::TargetShardCount, target}};
}

}  // namespace paddock::services::kinesis
