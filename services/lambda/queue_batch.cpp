// Running a batch of messages, and what it came to.
#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>

#include "core/error.hpp"
#include "core/ids.hpp"
#include "core/log.hpp"
#include "events/timeline.hpp"
#include "services/lambda/limits.hpp"
#include "services/lambda/queue_poller.hpp"
#include "storage/realms.hpp"

namespace paddock::services::lambda {
namespace queue_batches {

constexpr size_t kMostDeleted = 10;  // by one call

}  // namespace queue_batches

// Of what is gathered, as much as a batch may have; the rest is the next one's.
void QueuePoller::start_batch() {
  const std::shared_ptr<const Runnable> runnable =
      gathered_.empty() ? nullptr : find_function(cause_);
  if (!runnable) {
    return;
  }
  size_t count = 0;
  size_t bytes = 0;
  while (count < gathered_.size() && count < settings_->batch_size &&
         (count == 0 || bytes + gathered_[count].record.size() <= kMostBatchBytes)) {
    bytes += gathered_[count++].record.size();
  }
  auto batch = std::make_unique<Batch>();
  const auto end = gathered_.begin() + static_cast<std::ptrdiff_t>(count);
  batch->messages.assign(std::make_move_iterator(gathered_.begin()), std::make_move_iterator(end));
  gathered_.erase(gathered_.begin(), end);
  gathered_bytes_ -= bytes;
  batch->runnable = runnable;
  batch->settings = settings_;
  batch->request = parts_.platform.ids.request_uuid();
  batch->cause = cause_;
  if (!gathered_.empty()) {
    cause_ = source_->cause_of(queue_, gathered_.front().handle);
  }
  ++running_;
  asio::co_spawn(
      strand_,
      run_batch(shared_from_this(), std::move(batch), parts_.platform.activities.begin(label_)),
      asio::detached);
}

Task<void> QueuePoller::run_batch(std::shared_ptr<QueuePoller> self, std::unique_ptr<Batch> batch,
                                  [[maybe_unused]] Activity busy) {
  using ::paddock::lambda::Invocation;
  try {
    Invocation invocation;
    invocation.request_id = batch->request;
    invocation.payload = queue_event(batch->messages);
    invocation.invoked_arn = batch->settings->function_arn;
    invocation.cause = batch->cause;
    ++invocation.cause.depth;
    const InvocationResult result =
        co_await self->parts_.invoker.run(batch->runnable, std::move(invocation));
    if (!self->stopped_.load()) {
      self->record_batch(*batch, result);
      std::vector<QueuedMessage> done = self->judge(*batch, result);
      const bool failed = done.empty();
      if (!failed) {
        auto removed = remove(self, batch->runnable, std::move(done));
        co_await std::move(removed);
      } else if (self->comes_back_at_once()) {
        co_await pause(self);
      }
    }
  } catch (const storage::DeadRealm&) {
    self->ended_.store(true);
  } catch (const std::exception& error) {
    self->parts_.platform.log.error("event source mapping " + self->uuid_ + ": " + error.what());
  }
  --self->running_;
  self->wake();
}

// The messages that are done with. Failures lower how many batches run side by side, successes
// raise it again.
std::vector<QueuedMessage> QueuePoller::judge(Batch& batch, const InvocationResult& result) {
  std::vector<QueuedMessage> done;
  if (result.kind == InvocationResult::Kind::throttled) {
    say_not_invoked("throttled", batch.cause, batch.runnable.get());
  }
  if (result.kind == InvocationResult::Kind::success) {
    if (!batch.settings->reports_items) {
      done = std::move(batch.messages);
    } else {
      const std::vector<bool> succeeded = succeeded_messages(result.payload, batch.messages);
      for (size_t i = 0; i < succeeded.size(); ++i) {
        if (succeeded[i]) {
          done.push_back(std::move(batch.messages[i]));
        }
      }
    }
  }
  if (done.empty()) {
    ++failures_;
    concurrency_ = std::max<size_t>(1, concurrency_ - 1);
  } else {
    failures_ = 0;
    concurrency_ = std::max(concurrency_, std::min(concurrency_ + 1, kFirstQueueBatches));
  }
  return done;
}

// What cannot be deleted comes again, as it does on AWS; the timeline says so.
Task<void> QueuePoller::remove(std::shared_ptr<QueuePoller> self,
                               std::shared_ptr<const Runnable> runnable,
                               std::vector<QueuedMessage> messages) {
  for (size_t first = 0; first < messages.size(); first += queue_batches::kMostDeleted) {
    Json entries = Json::array();
    const size_t end = std::min(messages.size(), first + queue_batches::kMostDeleted);
    for (size_t i = first; i < end; ++i) {
      entries.push_back({{"Id", std::to_string(i)}, {"ReceiptHandle", messages[i].handle}});
    }
    Json input = {{"QueueUrl", self->queue_url_}, {"Entries", std::move(entries)}};
    std::string problem;
    try {
      auto asked = self->parts_.platform.caller.call(self->identity(*runnable), "sqs",
                                                     "DeleteMessageBatch", std::move(input));
      const Json answer = co_await std::move(asked);
      if (const Json failed = answer.value("Failed", Json::array()); !failed.empty()) {
        problem = failed.front().value("Message", std::string());
      }
    } catch (const AwsError& error) {
      problem = error.message();
    }
    if (!problem.empty()) {
      self->say_not_invoked("messages were not deleted: " + problem, Cause{}, runnable.get());
    }
  }
}

// The queue's time-out is what keeps a failing batch from running all the time.
bool QueuePoller::comes_back_at_once() const {
  const auto facts = source_->facts(queue_);
  return facts && facts->visibility.count() == 0;
}

Task<void> QueuePoller::pause(std::shared_ptr<QueuePoller> self) {
  const int64_t doublings = std::clamp<int64_t>(self->failures_ - 1, 0, 10);
  asio::steady_timer timer(self->strand_);
  timer.expires_after(
      std::min(Milliseconds(kFirstRetryPause.count() << doublings), kMostRetryPause));
  self->pauses_.insert(&timer);
  boost::system::error_code ended_early;
  co_await timer.async_wait(asio::redirect_error(use_task, ended_early));
  self->pauses_.erase(&timer);
}

void QueuePoller::record_batch(const Batch& batch, const InvocationResult& result) {
  events::TimelineEvent event;
  event.at = parts_.platform.world.now();
  event.kind = "batch";
  event.what =
      std::to_string(batch.messages.size()) + " messages for function " + batch.settings->function;
  event.resource = batch.settings->mapping_arn;
  event.outcome = result.kind == InvocationResult::Kind::success     ? "OK"
                  : result.kind == InvocationResult::Kind::throttled ? "throttled"
                                                                     : "failed";
  event.request_id = batch.request;
  event.cause = batch.cause;
  event.account = realm_->account;
  event.region = realm_->region;
  event.microseconds = result.duration.count();
  parts_.platform.timeline.record(std::move(event));
}

void QueuePoller::say_not_invoked(const std::string& reason, const Cause& cause,
                                  const Runnable* runnable) {
  parts_.invoker.not_invoked(runnable != nullptr ? runnable->spec.get() : nullptr, *realm_,
                             settings_->mapping_arn, reason, cause);
}

}  // namespace paddock::services::lambda
