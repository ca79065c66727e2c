// Row format, version 1, family stats, one row for one minute of one series.
//   key    (realm, kMetricKind), text namespace, text name, text unit, u32 number of dimensions,
//          then text name and text value of each, i64 minute (world milliseconds)
//   value  u8 version=1, u64 samples, f64 sum, f64 minimum, f64 maximum
// f64 is the IEEE 754 bit pattern, big endian.
#include "events/metrics.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <mutex>
#include <unordered_map>

#include "events/kinds.hpp"

namespace paddock::events {

namespace metering {

constexpr char kVersion = 1;
constexpr int64_t kMinuteMs = 60'000;
constexpr int64_t kDayMs = 24 * 60 * kMinuteMs;
constexpr size_t kShards = 16;
constexpr size_t kRowsPerBatch = 1000;
constexpr size_t kRowBytes = 1 + 4 * 8;

struct Sum {
  uint64_t samples = 0;
  double sum = 0, minimum = 0, maximum = 0;

  void merge(const Sum& other) {
    if (other.samples == 0) return;
    minimum = samples == 0 ? other.minimum : std::min(minimum, other.minimum);
    maximum = samples == 0 ? other.maximum : std::max(maximum, other.maximum);
    sum += other.sum;
    samples += other.samples;
  }
};

void append_double(std::string& out, double value) {
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  storage::append_u64(out, bits);
}

std::string encode(const Sum& sum) {
  std::string row(1, kVersion);
  storage::append_u64(row, sum.samples);
  append_double(row, sum.sum);
  append_double(row, sum.minimum);
  append_double(row, sum.maximum);
  return row;
}

Sum decode(std::string_view row) {
  if (row.size() != kRowBytes || row[0] != kVersion) {
    throw storage::CorruptKey("a metric's row is malformed");
  }
  std::array<uint64_t, 4> words{};
  for (size_t i = 0; i + 1 < row.size(); ++i) {
    words[i / 8] = words[i / 8] << 8 | static_cast<unsigned char>(row[i + 1]);
  }
  Sum sum;
  sum.samples = words[0];
  std::memcpy(&sum.sum, &words[1], sizeof sum.sum);
  std::memcpy(&sum.minimum, &words[2], sizeof sum.minimum);
  std::memcpy(&sum.maximum, &words[3], sizeof sum.maximum);
  return sum;
}

// What was added to one series since the last flush, by minute.
struct Pending {
  RealmId realm = kNoRealm;
  std::string prefix;  // the rows' key without the minute
  std::map<int64_t, Sum> minutes;
};

// Series by a text that names them: the parts of the name, each followed by a byte that none has.
struct alignas(64) Shard {
  std::mutex mutex;
  std::unordered_map<std::string, Pending> series;
};

void append_part(std::string& name, std::string_view part) {
  name += part;
  name += '\xFF';
}

std::string series_prefix(RealmId realm, std::string_view name_space, std::string_view name,
                          const Dimensions& dimensions, std::string_view unit) {
  storage::Key key(realm, kMetricKind);
  key.text(name_space).text(name).text(unit).u32(static_cast<uint32_t>(dimensions.size()));
  for (const auto& [dimension, value] : dimensions) key.text(dimension).text(value);
  return std::move(key).bytes();
}

// Reads the name of a series back from the key of one of its rows; leaves the minute unread.
Metrics::Series parse_name(storage::KeyReader& key) {
  Metrics::Series series;
  series.name_space = key.text();
  series.name = key.text();
  series.unit = key.text();
  for (uint32_t left = key.u32(); left > 0; --left) {
    std::string dimension = key.text();
    series.dimensions.emplace_back(std::move(dimension), key.text());
  }
  return series;
}

}  // namespace metering

struct Metrics::Impl {
  Impl(storage::Database& its_database, storage::Realms& its_realms, WorldClock& its_world)
      : database(its_database), realms(its_realms), world(its_world) {}

  storage::Database& database;
  storage::Realms& realms;
  WorldClock& world;
  std::array<metering::Shard, metering::kShards> shards;
  std::mutex flushing;
  int64_t swept_day = 0;  // guarded by flushing

  void drop(const std::vector<RealmId>& dead);
  std::map<RealmId, std::vector<metering::Pending>> take_pending();
  void give_back(const std::vector<metering::Pending>& pending);
  void write(const std::vector<metering::Pending>& pending);
  void sweep();
  void read_realm(const Realm& realm, std::string_view name_space, int64_t from_ms, int64_t to_ms,
                  std::map<std::string, Series>& found);
};

void Metrics::Impl::drop(const std::vector<RealmId>& dead) {
  for (auto& shard : shards) {
    std::lock_guard lock(shard.mutex);
    std::erase_if(shard.series, [&](const auto& entry) {
      return std::find(dead.begin(), dead.end(), entry.second.realm) != dead.end();
    });
  }
}

std::map<RealmId, std::vector<metering::Pending>> Metrics::Impl::take_pending() {
  std::map<RealmId, std::vector<metering::Pending>> taken;
  for (auto& shard : shards) {
    std::lock_guard lock(shard.mutex);
    for (auto& [name, pending] : shard.series) taken[pending.realm].push_back(std::move(pending));
    shard.series.clear();
  }
  return taken;
}

// Puts sums that could not be written back under names that no `add` uses; the next flush merges
// them, for the rows are the same.
void Metrics::Impl::give_back(const std::vector<metering::Pending>& pending) {
  for (const auto& series : pending) {
    auto& shard = shards[std::hash<std::string>{}(series.prefix) % metering::kShards];
    std::lock_guard lock(shard.mutex);
    auto& target = shard.series["\xFF" + series.prefix];
    target.realm = series.realm;
    target.prefix = series.prefix;
    for (const auto& [minute, sum] : series.minutes) target.minutes[minute].merge(sum);
  }
}

// Adds the sums of one realm to their rows. One flush runs at a time, so nobody else writes them.
void Metrics::Impl::write(const std::vector<metering::Pending>& pending) {
  // Two entries may name one row: one from give_back and one from add.
  std::map<std::string, metering::Sum> rows;
  for (const auto& series : pending) {
    for (const auto& [minute, sum] : series.minutes) {
      std::string key = series.prefix;
      storage::append_i64(key, minute);
      rows[std::move(key)].merge(sum);
    }
  }
  storage::Batch batch;
  for (auto& [key, sum] : rows) {
    if (auto row = database.get(storage::Family::stats, key)) {
      metering::Sum stored = metering::decode(*row);
      stored.merge(sum);
      sum = stored;
    }
    batch.put(storage::Family::stats, key, metering::encode(sum));
  }
  if (!batch.empty()) database.commit(batch);
}

// Once a day of world time: erases what is older than the retention.
void Metrics::Impl::sweep() {
  const int64_t now_ms = world.now().ms;
  if (now_ms / metering::kDayMs == swept_day) return;
  swept_day = now_ms / metering::kDayMs;
  const int64_t oldest = now_ms - kRetention.count();
  for (const auto& realm : realms.all()) {
    if (realm->service != "cloudwatch") continue;
    const std::string prefix = storage::Key(realm->id, kMetricKind).bytes();
    storage::Batch batch;
    size_t rows = 0;
    for (auto row = database.iterate_prefix(storage::Family::stats, prefix); row.valid();
         row.next()) {
      storage::KeyReader key(row.key());
      metering::parse_name(key);
      if (key.i64() >= oldest) continue;
      batch.erase(storage::Family::stats, row.key());
      if (++rows % metering::kRowsPerBatch != 0) continue;
      database.commit(batch);
      batch = storage::Batch();
    }
    if (!batch.empty()) database.commit(batch);
  }
}

void Metrics::Impl::read_realm(const Realm& realm, std::string_view name_space, int64_t from_ms,
                               int64_t to_ms, std::map<std::string, Series>& found) {
  storage::Key prefix(realm.id, kMetricKind);
  if (!name_space.empty()) prefix.text(name_space);
  for (auto row = database.iterate_prefix(storage::Family::stats, prefix); row.valid();
       row.next()) {
    storage::KeyReader key(row.key());
    Series name = metering::parse_name(key);
    const int64_t minute = key.i64();
    if (minute < from_ms || minute >= to_ms) continue;
    const std::string id(row.key().substr(0, row.key().size() - sizeof minute));
    auto [series, added] = found.try_emplace(id, std::move(name));
    if (added) {
      series->second.account = realm.account;
      series->second.region = realm.region;
    }
    const metering::Sum sum = metering::decode(row.value());
    series->second.minutes.push_back(
        {WorldTime{minute}, sum.sum, sum.minimum, sum.maximum, sum.samples});
  }
}

Metrics::Metrics(storage::Database& database, storage::Realms& realms, WorldClock& world)
    : impl_(std::make_shared<Impl>(database, realms, world)) {
  realms.on_reset([weak = std::weak_ptr<Impl>(impl_)](const std::vector<RealmId>& dead) {
    if (auto alive = weak.lock()) alive->drop(dead);
  });
}

Metrics::~Metrics() {
  try {
    flush();
  } catch (const std::exception&) {
    // A full disk at the end loses the last minute's sums, as a kill would.
  }
}

void Metrics::add(std::string_view account, std::string_view region, std::string_view name_space,
                  std::string_view name, const Dimensions& dimensions, std::string_view unit,
                  double value) {
  std::string id;
  id.reserve(160);
  for (const auto part : {account, region, name_space, name, unit}) metering::append_part(id, part);
  for (const auto& [dimension, text] : dimensions) {
    metering::append_part(id, dimension);
    metering::append_part(id, text);
  }
  const int64_t now_ms = impl_->world.now().ms;
  const int64_t minute = now_ms - now_ms % metering::kMinuteMs;
  const metering::Sum sum{1, value, value, value};
  auto& shard = impl_->shards[std::hash<std::string>{}(id) % metering::kShards];
  {
    std::lock_guard lock(shard.mutex);
    auto found = shard.series.find(id);
    if (found != shard.series.end()) {
      found->second.minutes[minute].merge(sum);
      return;
    }
    if (shard.series.size() >= kMostSeries / metering::kShards) return;
  }
  // Seen for the first time since the last flush: its realm is looked up outside the lock.
  const RealmId realm = impl_->realms.get("cloudwatch", account, region)->id;
  std::string prefix = metering::series_prefix(realm, name_space, name, dimensions, unit);
  std::lock_guard lock(shard.mutex);
  auto& pending = shard.series[std::move(id)];
  pending.realm = realm;
  pending.prefix = std::move(prefix);
  pending.minutes[minute].merge(sum);
}

std::vector<Metrics::Series> Metrics::read(std::string_view account, std::string_view name_space,
                                           WorldTime from, WorldTime to) {
  flush();
  std::map<std::string, Series> found;
  for (const auto& realm : impl_->realms.all()) {
    if (realm->service != "cloudwatch") continue;
    if (!account.empty() && realm->account != account) continue;
    impl_->read_realm(*realm, name_space, from.ms, to.ms, found);
  }
  std::vector<Series> all;
  all.reserve(found.size());
  for (auto& [id, series] : found) all.push_back(std::move(series));
  return all;
}

void Metrics::flush() {
  std::lock_guard lock(impl_->flushing);
  auto taken = impl_->take_pending();
  for (auto entry = taken.begin(); entry != taken.end(); ++entry) {
    try {
      impl_->write(entry->second);
    } catch (const storage::DeadRealm&) {
      continue;  // reset meanwhile: its sums go with it
    } catch (...) {
      for (; entry != taken.end(); ++entry) impl_->give_back(entry->second);
      throw;
    }
  }
  impl_->sweep();
}

}  // namespace paddock::events
