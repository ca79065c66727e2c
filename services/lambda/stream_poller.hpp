// One event source mapping on a stream at work; poller.hpp has the rules, poller.cpp all of them.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "core/activity.hpp"
#include "core/clock.hpp"
#include "core/realm.hpp"
#include "core/task.hpp"
#include "events/log_source.hpp"
#include "gateway/platform.hpp"
#include "services/lambda/filter.hpp"
#include "services/lambda/mapping_poller.hpp"

namespace paddock::services::lambda {

// Its state belongs to its strand.
class StreamPoller : public MappingPoller, public std::enable_shared_from_this<StreamPoller> {
 public:
  StreamPoller(const PollerParts& parts, std::shared_ptr<const Realm> realm,
               const Mapping& mapping);

  void poke() override;
  void reconfigure(const Mapping& mapping) override;
  void retry_now() override;
  bool uses(const std::string& function) override;
  void end() override;

 private:
  using InvocationResult = ::paddock::lambda::InvocationResult;

  struct Settings {
    explicit Settings(const Mapping& mapping);

    bool enabled;
    std::string function;
    std::string qualifier;  // "" if none
    std::string function_arn;
    std::string mapping_arn;
    size_t batch_size;
    Milliseconds window;
    Milliseconds tumbling;     // 0: none
    int64_t most_retries;      // -1: no bound
    int64_t most_age_seconds;  // -1: no bound
    size_t lanes;              // per shard
    bool bisects;
    bool reports_items;
    std::string on_failure;  // ARN, "" if none
    Filter filter;
  };

  // One of a shard's readers (lanes.hpp).
  struct Lane {
    std::string shard;
    std::string parent;
    std::string adjacent_parent;  // of a shard that two were merged into
    size_t index = 0;
    std::string row;
    std::optional<ShardPosition> at;
    bool running = false;
    bool dirty = false;         // woken since it began to read
    int64_t attempts = 0;       // failed runs of the batch at `at`
    std::vector<size_t> parts;  // sizes of what a bisected batch was cut into, next one last
    std::optional<WorldTime> window_end;
    std::optional<OpenWindow> tumbling;
    std::unique_ptr<asio::steady_timer> pause;
  };
  using LaneKey = std::pair<std::string, size_t>;

  // What one look at a lane led to.
  struct Step {
    enum class Kind { rest, again, run } kind = Kind::rest;
    events::LogPage page;
    std::string payload;
    std::shared_ptr<const Runnable> runnable;
    bool ends_window = false;  // the last run of a tumbling window: no records
    Cause cause;
    std::string request;  // id of the run
  };

  // stream_poller.cpp: which lanes there are, and their coroutines.
  void wake();
  void follow(const std::vector<events::LogShard>& found);
  bool regroup();
  bool parent_is_open(const Lane& lane) const;
  bool is_open(const std::string& shard) const;
  static Task<void> run_lane(std::shared_ptr<StreamPoller> self, Lane* lane, Activity busy);
  static Task<void> pause(std::shared_ptr<StreamPoller> self, Lane* lane);
  void load(Lane& lane);
  void drop_gone(const std::vector<events::LogShard>& found);
  // Whether it was subscribed before. Throws AwsError if there is no such stream.
  bool subscribe();
  void hurry();
  Milliseconds pause_after(int64_t attempts) const;

  // stream_look.cpp: what there is to do next.
  Step look(Lane& lane);
  bool read(Lane& lane, Step& step);
  void finish_shard(Lane& lane, Step& step);
  bool drop_expired(Lane& lane, Step& step);
  bool enter_window(Lane& lane, Step& step);
  void run_window_end(Lane& lane, Step& step);
  void forget_window(Lane& lane);
  bool window_is_open(Lane& lane, const Step& step, const events::LogRecord& first, size_t limit);
  void set_timer(const std::string& id, WorldTime due);
  std::shared_ptr<const Runnable> function_for(const Cause& cause);

  // stream_result.cpp: what a run came to. `judge` returns whether a pause should follow.
  bool judge(Lane& lane, const Step& step, const InvocationResult& result);
  bool judge_window(Lane& lane, const Step& step, const InvocationResult& result);
  bool failed(Lane& lane, const Step& step, const InvocationResult& result, size_t first_failed);
  // A position with what is committed beside it.
  struct Move {
    ShardPosition to;
    std::string result;
    std::optional<DestinationMessage> discarded;  // what the destination is told
    Cause cause;
    enum class Window { as_it_is, keep, end } window = Window::as_it_is;
  };
  void move_to(Lane& lane, Move move);
  void discard(Lane& lane, const Step& step, size_t count, const char* condition, bool ran,
               bool function_error);
  std::optional<DestinationMessage> failure_message(const Lane& lane, const Step& step,
                                                    size_t count, const char* condition, bool ran,
                                                    bool function_error);
  void record_batch(const Step& step, const InvocationResult& result);
  void say_not_invoked(const std::string& reason, const Cause& cause,
                       const Runnable* runnable = nullptr);

  PollerParts parts_;
  const std::shared_ptr<const Realm> realm_;
  const std::string uuid_;
  const std::string stream_;
  const std::string source_service_;
  events::LogSource* const source_;
  asio::strand<asio::io_context::executor_type> strand_;
  const Activities::Label label_;
  std::atomic<bool> ended_{false};
  std::atomic<bool> poked_{false};

  std::shared_ptr<const Settings> settings_;
  std::string last_result_;
  size_t lane_count_ = 0;  // of `lanes_`; 0: the rows have not been looked at yet
  std::map<LaneKey, std::unique_ptr<Lane>> lanes_;

  std::mutex mutex_;
  std::shared_ptr<void> subscription_;  // dropped by `end`, not later: its source may go first
  std::string function_;                // for `uses`
};

}  // namespace paddock::services::lambda
