// Records leave a stream when their retention is over, and closed shards after their last record.
// https://docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html
#include <algorithm>

#include "events/log_sequencer.hpp"
#include "services/kinesis/limits.hpp"
#include "services/kinesis/service.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::kinesis {

void Kinesis::set_trim_timer(const StreamInfo& stream, WorldTime due, storage::Batch& batch) {
  events::Timer timer;
  timer.realm = stream.realm;
  timer.target = kTrimTarget;
  timer.id = stream.name;
  timer.due = due;
  platform_.scheduler.set(batch, timer);
}

// Erases a bounded number of expired records; returns when the next one will be.
WorldTime Kinesis::trim_shard(const StreamInfo& stream, const Shard& shard, WorldTime since,
                              storage::Batch& batch,
                              std::vector<std::pair<std::string, std::string>>& consumed) {
  const std::string log = shard_prefix(stream.realm, stream.number, shard.index);
  const WorldTime now = platform_.world.now();
  uint64_t mark = 0;
  WorldTime due = now + stream.retention();
  for (const auto& entry : records_.front(log, limits::kTrimBatch)) {
    const WorldTime arrived = arrival_in(entry.value);
    if (arrived >= since) {
      due = arrived + stream.retention() + Milliseconds(1);
      break;
    }
    batch.erase(storage::Family::log, entry.key);
    mark = position_in(entry.key) + 1;
    due = now;
  }
  if (mark != 0) {
    consumed.emplace_back(log, record_key(stream.realm, stream.number, shard.index, mark).bytes());
  }
  return due;
}

void Kinesis::trim(const events::Timer& timer) {
  const auto guard = platform_.locks.lock(stream_lock(timer.realm, timer.id));
  storage::Batch batch;
  const StreamPtr before = catalog_.find(timer.realm, timer.id);
  if (!before) {
    platform_.scheduler.cancel(batch, timer);
    platform_.database.commit(batch);
    return;
  }
  auto stream = std::make_shared<StreamInfo>(*before);
  const WorldTime now = platform_.world.now();
  const WorldTime since = now - stream->retention();
  WorldTime due = now + stream->retention();
  std::vector<std::pair<std::string, std::string>> consumed;
  for (const Shard& shard : before->shards) {
    due = std::min(due, trim_shard(*stream, shard, since, batch, consumed));
    if (!shard.open()) {
      due = std::min(due, WorldTime{shard.closed_ms} + stream->retention() + Milliseconds(1));
    }
  }
  std::vector<std::string> gone;
  std::erase_if(stream->shards, [&](const Shard& shard) {
    if (shard.open() || WorldTime{shard.closed_ms} >= since) return false;
    gone.push_back(shard_prefix(stream->realm, stream->number, shard.index));
    batch.erase_range(storage::Family::log, gone.back(), storage::prefix_end(gone.back()));
    return true;
  });
  if (!gone.empty()) store_.put_stream(*stream, batch);
  // In batches: at most once a minute.
  set_trim_timer(*stream, std::max(due, now + limits::kTrimPause), batch);
  platform_.database.commit(batch);
  if (!gone.empty()) catalog_.publish(stream);
  for (const auto& [log, next] : consumed) records_.consumed(log, next);
  for (const std::string& log : gone) {
    records_.forget(log);
    notify_stream(log);
    platform_.sequencer.forget(log);
  }
}

}  // namespace paddock::services::kinesis
