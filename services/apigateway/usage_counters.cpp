#include "services/apigateway/usage_counters.hpp"

#include <algorithm>
#include <cmath>

#include "core/text.hpp"

namespace paddock::services::apigateway {
namespace usage_counters_detail {

constexpr int64_t kDayMs = 86'400'000;

constexpr size_t kFirstRow = 17;  // of version 1
constexpr size_t kRow = 25;
constexpr int64_t kUnknown = -1;  // the limit of a row of version 1

std::string row_of(int64_t used, int64_t remaining, int64_t limit) {
  std::string row(1, '\x02');
  storage::append_u64(row, static_cast<uint64_t>(used));
  storage::append_i64(row, remaining);
  storage::append_i64(row, limit);
  return row;
}

bool read_row(std::string_view row, int64_t& used, int64_t& remaining, int64_t& limit) {
  const bool first = row.size() == kFirstRow && row[0] == '\x01';
  if (!first && (row.size() != kRow || row[0] != '\x02')) return false;
  auto number = [&](size_t at) {
    uint64_t value = 0;
    for (size_t i = 0; i < 8; ++i) value = value << 8 | static_cast<unsigned char>(row[at + i]);
    return value;
  };
  constexpr uint64_t kSign = uint64_t{1} << 63;
  used = static_cast<int64_t>(number(1));
  remaining = static_cast<int64_t>(number(9) ^ kSign);
  limit = first ? kUnknown : static_cast<int64_t>(number(kFirstRow) ^ kSign);
  return true;
}

storage::Key prefix_of(RealmId realm, const std::string& plan, const std::string& key) {
  return storage::Key(realm, kUsageKind).text(plan).text(key);
}

int64_t limit_of(const PlanOfKey& plan) {
  return plan.quota ? plan.quota->limit : 0;
}

int64_t full(const PlanOfKey& plan, bool first) {
  if (!plan.quota) return 0;
  return std::max<int64_t>(0, plan.quota->limit - (first ? plan.quota->offset : 0));
}

}  // namespace usage_counters_detail

int64_t period_start(const std::string& period, int64_t day) {
  if (period == "WEEK") return day - (day + 4) % 7;  // 1970-01-01 was a Thursday
  if (period != "MONTH") return day;
  const CivilTime time = civil_time(day * usage_counters_detail::kDayMs);
  return day - (time.day - 1);
}

bool TokenBuckets::take(const std::string& name, const Throttle& throttle, WorldTime now) {
  if (!throttle.rate_per_second) return true;
  const double rate = *throttle.rate_per_second;
  const double most = static_cast<double>(
      throttle.burst.value_or(std::max<int64_t>(1, static_cast<int64_t>(std::ceil(rate)))));
  std::lock_guard lock(mutex_);
  if (buckets_.size() > kMost) buckets_.clear();
  auto [entry, fresh] = buckets_.try_emplace(name);
  Bucket& bucket = entry->second;
  if (fresh) {
    bucket.tokens = most;
  } else {
    const double seconds = static_cast<double>((now - bucket.filled).count()) / 1000.0;
    bucket.tokens = std::min(most, bucket.tokens + std::max(0.0, seconds) * rate);
  }
  bucket.filled = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

void TokenBuckets::clear() {
  std::lock_guard lock(mutex_);
  buckets_.clear();
}

// The present count of a key: today's, and what its period still holds. Under the lock.
DurableUsage::Count& DurableUsage::load(RealmId realm, const PlanOfKey& plan) {
  namespace d = usage_counters_detail;
  const int64_t today = world_.now().ms / d::kDayMs;
  const std::string period = plan.quota ? plan.quota->period : "DAY";
  auto [entry, fresh] = counts_.try_emplace(Name(realm, plan.plan, plan.key));
  Count& count = entry->second;
  if (fresh) {
    const storage::Key prefix = d::prefix_of(realm, plan.plan, plan.key);
    auto rows = database_.iterate(storage::Family::meta, prefix, storage::prefix_end(prefix),
                                  storage::Direction::backward);
    count.day = -1;
    if (rows.valid() && d::read_row(rows.value(), count.used, count.remaining, count.limit)) {
      storage::KeyReader reader(rows.key());
      reader.text();
      reader.text();
      count.day = reader.i64();
    }
    if (count.day < 0) {
      count = Count{today, 0, d::full(plan, true), d::limit_of(plan), true};
    }
  }
  // A quota that was raised or lowered leaves so many more or fewer at once.
  if (count.limit != d::kUnknown) count.remaining += d::limit_of(plan) - count.limit;
  count.limit = d::limit_of(plan);
  if (count.day != today) {
    if (period_start(period, count.day) != period_start(period, today)) {
      count.first = false;
      count.remaining = d::full(plan, false);
    }
    count.day = today;
    count.used = 0;
  }
  return count;
}

void DurableUsage::put(storage::Batch& batch, RealmId realm, const PlanOfKey& plan,
                       const Count& count) const {
  namespace d = usage_counters_detail;
  batch.put(storage::Family::meta, d::prefix_of(realm, plan.plan, plan.key).i64(count.day),
            d::row_of(count.used, count.remaining, count.limit));
}

bool DurableUsage::count(storage::Batch& batch, RealmId realm, const PlanOfKey& plan) {
  std::lock_guard lock(mutex_);
  Count& count = load(realm, plan);
  if (plan.quota) {
    if (count.remaining <= 0) return false;
    --count.remaining;
  }
  ++count.used;
  put(batch, realm, plan, count);
  return true;
}

std::vector<DayOfUsage> DurableUsage::days(RealmId realm, const PlanOfKey& plan, int64_t first_day,
                                           int64_t last_day) {
  namespace d = usage_counters_detail;
  std::map<int64_t, DayOfUsage> known;
  const storage::Key prefix = d::prefix_of(realm, plan.plan, plan.key);
  std::lock_guard lock(mutex_);
  auto rows = database_.iterate_prefix(storage::Family::meta, prefix);
  for (; rows.valid(); rows.next()) {
    storage::KeyReader reader(rows.key());
    reader.text();
    reader.text();
    DayOfUsage day;
    int64_t limit = 0;
    if (d::read_row(rows.value(), day.used, day.remaining, limit)) known[reader.i64()] = day;
  }
  const Count& now = load(realm, plan);
  known[now.day] = DayOfUsage{now.used, now.remaining};
  const std::string period = plan.quota ? plan.quota->period : "DAY";
  std::vector<DayOfUsage> days;
  for (int64_t day = first_day; day <= last_day; ++day) {
    auto found = known.find(day);
    if (found != known.end()) {
      days.push_back(found->second);
      continue;
    }
    // A day without requests keeps what the last one of its period left.
    DayOfUsage quiet{0, d::full(plan, known.empty() || day < known.begin()->first)};
    auto later = known.upper_bound(day);
    if (later != known.begin()) {
      auto former = std::prev(later);
      if (period_start(period, former->first) == period_start(period, day)) {
        quiet.remaining = former->second.remaining;
      } else {
        quiet.remaining = d::full(plan, false);
      }
    }
    days.push_back(quiet);
  }
  for (DayOfUsage& day : days) day.remaining = std::max<int64_t>(0, day.remaining);
  return days;
}

void DurableUsage::set_remaining(storage::Batch& batch, RealmId realm, const PlanOfKey& plan,
                                 int64_t remaining) {
  std::lock_guard lock(mutex_);
  Count& count = load(realm, plan);
  count.remaining = remaining;
  put(batch, realm, plan, count);
}

void DurableUsage::forget(storage::Batch& batch, RealmId realm, const std::string& plan,
                          const std::string& key) {
  const storage::Key prefix = usage_counters_detail::prefix_of(realm, plan, key);
  batch.erase_range(storage::Family::meta, prefix, storage::prefix_end(prefix));
  std::lock_guard lock(mutex_);
  counts_.erase(Name(realm, plan, key));
}

void DurableUsage::clear() {
  std::lock_guard lock(mutex_);
  counts_.clear();
}

}  // namespace paddock::services::apigateway
