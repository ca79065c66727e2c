// A stream's shards row, version 1 (family meta): a document row (storage/document_row.hpp), the
// list of shards, oldest first, each [id, parent's id or "", begin, end or 0, opened, closed or 0],
// times in milliseconds. A stream without the row (made before there was one) has one shard, named
// in its own row.
#include "services/dynamodb/shards.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "core/random.hpp"
#include "core/text.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/store.hpp"
#include "storage/document_row.hpp"

namespace paddock::services::dynamodb {

using storage::Family;

namespace sharding {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
constexpr int64_t kLifeMs = std::chrono::milliseconds(kShardLife).count();
constexpr int64_t kRetentionMs = std::chrono::milliseconds(kStreamRetention).count();

int64_t next_roll(const std::vector<Shard>& shards) {
  const Shard& last = shards.back();
  return last.open() ? last.opened_ms + kLifeMs : kNever;
}

bool gone(const Shard& shard, int64_t now_ms) {
  return !shard.open() && shard.closed_ms + kRetentionMs < now_ms;
}

void erase_gone(std::vector<Shard>& shards, int64_t now_ms) {
  std::erase_if(shards, [now_ms](const Shard& shard) { return gone(shard, now_ms); });
}

}  // namespace sharding

std::string encode_shards(const std::vector<Shard>& shards) {
  Json list = Json::array();
  for (const Shard& shard : shards) {
    list.push_back(Json::array(
        {shard.id, shard.parent, shard.begin, shard.end, shard.opened_ms, shard.closed_ms}));
  }
  return storage::document_row(list);
}

std::vector<Shard> decode_shards(std::string_view text) {
  const Json list = storage::document_of_row(text);
  std::vector<Shard> shards;
  for (const Json& row : list) {
    shards.push_back({row.at(0).get<std::string>(), row.at(1).get<std::string>(),
                      row.at(2).get<uint64_t>(), row.at(3).get<uint64_t>(),
                      row.at(4).get<int64_t>(), row.at(5).get<int64_t>()});
  }
  if (shards.empty()) throw std::runtime_error("a shards row is empty");
  return shards;
}

Shards::Shards(const WorldClock& world, events::LogSequencer& sequencer,
               storage::Database& database, const Ids& ids)
    : world_(world), sequencer_(sequencer), database_(database), ids_(ids) {}

// Not a counted id: what rolls a shard, a reader or a writer, must not change it.
std::string Shards::id_at(RealmId realm, const Stream& stream, int64_t opened_ms) const {
  std::string input = shards_key(realm, stream.number).bytes();
  storage::append_i64(input, opened_ms);
  std::string hash;
  storage::append_u64(hash, siphash(ids_.seed(), input));
  const std::string digits = std::to_string(opened_ms);
  return "shardId-" + std::string(20 - digits.size(), '0') + digits + "-" +
         to_hex(hash).substr(0, 8);
}

std::shared_ptr<ShardList> Shards::create(storage::Batch& batch, RealmId realm,
                                          const Stream& stream) {
  auto list = std::make_shared<ShardList>();
  list->shards.push_back({id_at(realm, stream, stream.created_ms), "", 1, 0, stream.created_ms, 0});
  list->next_roll_ms = sharding::next_roll(list->shards);
  batch.put(Family::meta, shards_key(realm, stream.number), encode_shards(list->shards));
  // Known before the commit, so that whoever reads the stream's row finds this list. If there is no
  // commit, the number is never used again.
  std::lock_guard lock(mutex_);
  lists_[{realm, stream.number}] = list;
  return list;
}

std::shared_ptr<ShardList> Shards::attach(RealmId realm, const Stream& stream) {
  std::shared_ptr<ShardList> list;
  {
    std::lock_guard lock(mutex_);
    auto& known = lists_[{realm, stream.number}];
    if (known) return known;
    list = std::make_shared<ShardList>();
    const auto row = database_.get(Family::meta, shards_key(realm, stream.number));
    if (row) {
      list->shards = decode_shards(*row);
    } else {
      list->shards.push_back({stream.first_shard_id, "", 1, 0, stream.created_ms, 0});
    }
    list->next_roll_ms = sharding::next_roll(list->shards);
    known = list;
  }
  if (!stream.enabled() && list->shards.back().open()) {
    Stream attached = stream;
    attached.shards = list;
    close(realm, attached);
  }
  return list;
}

void Shards::close(RealmId realm, const Stream& stream) {
  roll(realm, stream, WorldTime{stream.disabled_ms});
  // The position that ends the shard; released after the lock, because that calls readers.
  events::Ticket ticket = sequencer_.take(records_prefix(realm, stream.number));
  ShardList& list = *stream.shards;
  std::lock_guard lock(list.mutex);
  if (!list.shards.back().open()) return;
  std::vector<Shard> shards = list.shards;
  shards.back().end = ticket.first() + 1;
  shards.back().closed_ms = stream.disabled_ms;
  save(realm, stream, shards);
  list.shards = std::move(shards);
  list.next_roll_ms.store(sharding::kNever, std::memory_order_release);
}

void Shards::forget(RealmId realm, uint64_t stream_number) {
  std::lock_guard lock(mutex_);
  lists_.erase({realm, stream_number});
}

void Shards::forget_realm(RealmId realm) {
  std::lock_guard lock(mutex_);
  lists_.erase(lists_.lower_bound({realm, 0}), lists_.lower_bound({realm + 1, 0}));
}

void Shards::save(RealmId realm, const Stream& stream, const std::vector<Shard>& shards) {
  storage::Batch batch;
  batch.put(Family::meta, shards_key(realm, stream.number), encode_shards(shards));
  database_.commit(batch);
}

// Shards of past spans in which nobody came by are made too, with one unused position each, but for
// those that would be gone by now.
void Shards::roll_now(RealmId realm, const Stream& stream, WorldTime now) {
  events::Ticket ticket;  // outlives the lock: releasing it calls readers
  ShardList& list = *stream.shards;
  std::lock_guard lock(list.mutex);
  std::vector<Shard> shards = list.shards;
  if (now.ms < sharding::next_roll(shards)) return;
  const int64_t first_opened = shards.back().opened_ms + sharding::kLifeMs;
  const int64_t last_opened =
      first_opened + (now.ms - first_opened) / sharding::kLifeMs * sharding::kLifeMs;
  int64_t opened = first_opened;
  const int64_t too_old = now.ms - sharding::kRetentionMs - sharding::kLifeMs;
  if (opened < too_old) {
    opened += (too_old - opened + sharding::kLifeMs - 1) / sharding::kLifeMs * sharding::kLifeMs;
  }
  const auto count = static_cast<uint64_t>((last_opened - opened) / sharding::kLifeMs) + 2;
  ticket = sequencer_.take(records_prefix(realm, stream.number), count);
  uint64_t position = ticket.first();
  shards.back().end = ++position;
  shards.back().closed_ms = first_opened;
  for (; opened <= last_opened; opened += sharding::kLifeMs) {
    Shard shard{id_at(realm, stream, opened),
                opened == first_opened ? shards.back().id
                                       : id_at(realm, stream, opened - sharding::kLifeMs),
                position,
                0,
                opened,
                0};
    if (opened != last_opened) {
      shard.end = ++position;
      shard.closed_ms = opened + sharding::kLifeMs;
    }
    shards.push_back(std::move(shard));
  }
  sharding::erase_gone(shards, now.ms);
  save(realm, stream, shards);
  list.next_roll_ms.store(sharding::next_roll(shards), std::memory_order_release);
  list.shards = std::move(shards);
}

std::vector<Shard> Shards::list(RealmId realm, const Stream& stream) {
  const WorldTime now = world_.now();
  if (stream.enabled()) roll(realm, stream, now);
  std::vector<Shard> shards;
  {
    std::lock_guard lock(stream.shards->mutex);
    shards = stream.shards->shards;
  }
  sharding::erase_gone(shards, now.ms);
  return shards;
}

}  // namespace paddock::services::dynamodb
