// Throughput that can be taught (--limits): token buckets by world time for each table, each global
// index and each partition key of both, as
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/burst-adaptive-capacity.html,
// .../bp-partition-key-design.html and .../on-demand-capacity-mode.html describe them:
//
//   provisioned   what is provisioned; up to 300 seconds of it gather while they are not used
//   on demand     OnDemandThroughput if it is set; else the warm throughput that was asked for,
//   else
//                 4,000 writes and 12,000 reads a second
//   partition     1,000 writes and 3,000 reads a second, without burst
//
// A bucket begins with one second's worth when its table is made. A call is admitted while its
// buckets hold one unit (or all it needs, if that is less) and then takes all of its units: what a
// large one takes too much is a debt that time pays off. Local indexes take from their table's
// buckets.
//
// Buckets are in memory only: after a restart, and when the limits are switched on, all that a
// table could have gathered since it was made is there.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "gateway/context.hpp"
#include "options.hpp"
#include "services/dynamodb/model.hpp"

namespace paddock::services::dynamodb {

// Thread-safe. Off, it costs one look at a flag.
class Throttle {
 public:
  using Mode = Options::Limits;

  // What one item's write, or one read, takes of a table or of one of its indexes.
  struct Charge {
    const Index* index = nullptr;  // nullptr: the table
    double units = 0;
    std::string_view partition;  // bytes that name the partition key; "" if there is no one key
  };

  explicit Throttle(gateway::Platform& platform) : platform_(platform) {}

  void set(Mode mode) { mode_ = mode; }
  Mode mode() const { return mode_; }
  bool on() const { return mode_.load(std::memory_order_relaxed) != Mode::off; }

  // Takes the units of all charges, or of none: then counts the refusal and returns the error to
  // throw, which is nullopt if refusals are only observed. `operation` is that of the context.
  // What a write took is given back if its handler starts over.
  std::optional<AwsError> read(const gateway::RequestContext& context, const Table& table,
                               const std::vector<Charge>& charges) {
    return take(context, table, charges, nullptr);
  }
  std::optional<AwsError> write(gateway::RequestContext& context, const Table& table,
                                const std::vector<Charge>& charges) {
    std::vector<Taken> taken;
    auto refused = take(context, table, charges, &taken);
    if (!taken.empty()) {
      context.before_rerun.emplace_back([this, taken = std::move(taken)] { give_back(taken); });
    }
    return refused;
  }

 private:
  struct Bucket {
    double tokens = 0;
    int64_t at_ms = 0;
  };
  // Why a bucket has nothing left, as ThrottlingReasons names it.
  enum class Limit { provisioned, on_demand, on_demand_maximum, partition };
  struct Rate {
    double units_per_second = 0;  // 0: no bound
    double burst_seconds = 1;
    Limit limit = Limit::provisioned;
  };
  struct Taken {
    std::string bucket;
    double units;
  };
  struct Draw {
    std::string key;
    Bucket* bucket;
    double units;
    Limit limit;
    const Index* index;
  };

  // `taken`: where to note what was taken for writes; nullptr: these are reads.
  std::optional<AwsError> take(const gateway::RequestContext& context, const Table& table,
                               const std::vector<Charge>& charges, std::vector<Taken>* taken);
  void give_back(const std::vector<Taken>& taken);
  static Rate rate(const Table& table, const Index* index, bool writes);
  void draw(std::vector<Draw>& draws, std::string key, const Rate& rate, const Charge& charge,
            WorldTime created, WorldTime now);
  void make_room(int64_t now_ms);
  void report(const gateway::RequestContext& context, const Table& table, const Draw& refused,
              bool writes);
  static AwsError refusal(const Table& table, const Draw& refused, bool writes);

  gateway::Platform& platform_;
  std::atomic<Mode> mode_{Mode::off};
  std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;
};

// The code of a TransactWriteItems or TransactGetItems cancellation reason for such a refusal.
std::string_view cancellation_code(const AwsError& refusal);

}  // namespace paddock::services::dynamodb
