// The metric sink: what services report in CloudWatch's terms, kept as one-minute sums by world
// time, durable (written behind, at most one minute late; exact at a clean stop). CloudWatch reads
// it when it comes; /_paddock/metrics shows the process's own counters beside it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "core/realm.hpp"
#include "storage/database.hpp"
#include "storage/realms.hpp"

namespace paddock::events {

using Dimensions = std::vector<std::pair<std::string, std::string>>;  // sorted by name

// One statistic set of one minute.
struct MetricSum {
  WorldTime minute;
  double sum = 0, minimum = 0, maximum = 0;
  uint64_t samples = 0;
};

// Thread-safe. `add` takes no lock longer than a hash insert. The sums lie in the realms of service
// "cloudwatch", so that a reset of that service or of an account takes them along.
class Metrics {
 public:
  static constexpr size_t kMostSeries =
      20'000;  // touched within a minute; further ones are dropped
  static constexpr Milliseconds kRetention{15 * 24 * 3600 * 1000LL};  // as CloudWatch keeps minutes

  Metrics(storage::Database& database, storage::Realms& realms, WorldClock& world);
  ~Metrics();  // flushes

  // namespace "AWS/DynamoDB", name "ConsumedWriteCapacityUnits", unit "Count".
  void add(std::string_view account, std::string_view region, std::string_view name_space,
           std::string_view name, const Dimensions& dimensions, std::string_view unit,
           double value);

  struct Series {
    std::string account, region, name_space, name, unit;
    Dimensions dimensions;
    std::vector<MetricSum> minutes;
  };
  // Series whose account and namespace match ("" = any), with minutes in [from, to).
  std::vector<Series> read(std::string_view account, std::string_view name_space, WorldTime from,
                           WorldTime to);
  // Writes what is due; called each minute and at stop. May wait: work threads only. Throws
  // StorageError; what was not written is written by the next call.
  void flush();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace paddock::events
