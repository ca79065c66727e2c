// One event source mapping on a queue at work; poller.hpp has the rules, poller.cpp all of them.
//
// Messages are received as soon as there are some, ten at a time, and gathered until the batch is
// full or its window is over. Batches run side by side: five at first, then up to 300 more a minute
// while messages wait, as AWS does it; of FIFO queues as many as there are groups, for a group in
// flight gives nothing. What succeeded is deleted. What failed is left: the queue shows it again
// after its visibility time-out and moves it to its dead letters in the end.
//
// Nothing of this is stored here: a message in flight when the process dies is the queue's to show
// again.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "core/activity.hpp"
#include "core/clock.hpp"
#include "core/realm.hpp"
#include "core/task.hpp"
#include "events/queue_source.hpp"
#include "services/lambda/filter.hpp"
#include "services/lambda/mapping_poller.hpp"
#include "services/lambda/queue_events.hpp"

namespace paddock::services::lambda {

// Its state belongs to its strand.
class QueuePoller : public MappingPoller, public std::enable_shared_from_this<QueuePoller> {
 public:
  QueuePoller(const PollerParts& parts, std::shared_ptr<const Realm> realm, const Mapping& mapping);

  void poke() override;
  void reconfigure(const Mapping& mapping) override;
  void retry_now() override { poke(); }
  bool uses(const std::string& function) override;
  void end() override;
  void mapping_deleted() override;

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
    size_t most_concurrent;
    bool reports_items;
    Filter filter;
  };
  struct Batch {
    std::vector<QueuedMessage> messages;
    std::shared_ptr<const Runnable> runnable;
    std::shared_ptr<const Settings> settings;
    std::string request;  // id of the run
    Cause cause;
  };

  // queue_poller.cpp: what there is to receive, and when.
  void wake();
  bool subscribe();
  static Task<void> poll(std::shared_ptr<QueuePoller> self, Activity busy);
  static Task<void> receive(std::shared_ptr<QueuePoller> self);
  bool may_start();
  size_t most_now();
  bool batch_is_due() const;
  bool something_is_there();
  void set_timer(WorldTime due);
  std::vector<QueuedMessage> take_in(const Json& answer);
  CallIdentity identity(const Runnable& runnable) const;
  std::shared_ptr<const Runnable> find_function(const Cause& cause);

  // queue_batch.cpp: running a batch, and what it came to.
  void start_batch();
  static Task<void> run_batch(std::shared_ptr<QueuePoller> self, std::unique_ptr<Batch> batch,
                              Activity busy);
  static Task<void> remove(std::shared_ptr<QueuePoller> self,
                           std::shared_ptr<const Runnable> runnable,
                           std::vector<QueuedMessage> messages);
  static Task<void> pause(std::shared_ptr<QueuePoller> self);
  std::vector<QueuedMessage> judge(Batch& batch, const InvocationResult& result);
  bool comes_back_at_once() const;
  void record_batch(const Batch& batch, const InvocationResult& result);
  void say_not_invoked(const std::string& reason, const Cause& cause,
                       const Runnable* runnable = nullptr);

  PollerParts parts_;
  const std::shared_ptr<const Realm> realm_;
  const std::string uuid_;
  const std::string queue_;  // ARN
  const std::string queue_url_;
  events::QueueSource* const source_;
  asio::strand<asio::io_context::executor_type> strand_;
  const Activities::Label label_;
  std::atomic<bool> ended_{false};    // nothing more is received
  std::atomic<bool> stopped_{false};  // and nothing is deleted
  std::atomic<bool> poked_{false};

  std::shared_ptr<const Settings> settings_;
  std::vector<QueuedMessage> gathered_;  // for the next batch
  size_t gathered_bytes_ = 0;
  Cause cause_;           // of the first of them
  WorldTime window_end_;  // if something is gathered
  std::shared_ptr<const Runnable> runnable_;
  bool polling_ = false;
  bool dirty_ = false;     // woken since it began to look
  bool withheld_ = false;  // the last receive gave nothing
  size_t running_ = 0;
  size_t concurrency_;
  std::optional<WorldTime> full_since_;
  std::optional<WorldTime> armed_;  // the timer is set for then
  int64_t failures_ = 0;            // in a row
  std::set<asio::steady_timer*> pauses_;

  std::mutex mutex_;
  std::shared_ptr<void> subscription_;  // dropped by `end`, not later: its source may go first
  std::string function_;                // for `uses`
};

}  // namespace paddock::services::lambda
