#include "services/lambda/queue_poller.hpp"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "core/arn.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "events/log_source.hpp"
#include "events/scheduler.hpp"
#include "lambda/outcome.hpp"
#include "services/lambda/limits.hpp"
#include "services/lambda/poller.hpp"
#include "storage/realms.hpp"

namespace paddock::services::lambda {
namespace queue_polling {

// One call of ReceiveMessage or DeleteMessageBatch takes no more.
constexpr size_t kMostReceived = 10;

// Before a queue is asked again that has messages and gives none: too many are in flight.
constexpr Milliseconds kWithheldPause{1'000};

std::string url_of(const std::string& arn) {
  const Arn queue = Arn::parse(arn).value_or(Arn{});
  return "https://sqs." + queue.region + ".amazonaws.com/" + queue.account + "/" + queue.resource;
}

}  // namespace queue_polling

QueuePoller::Settings::Settings(const Mapping& mapping)
    : enabled(mapping.enabled),
      function(mapping.function_name()),
      qualifier(mapping.function_qualifier()),
      function_arn(mapping.config.at(members::FunctionArn)),
      mapping_arn(mapping.config.at(members::EventSourceMappingArn)),
      batch_size(mapping.config.at(members::BatchSize).get<size_t>()),
      window(std::chrono::seconds(
          mapping.config.at(members::MaximumBatchingWindowInSeconds).get<int64_t>())),
      most_concurrent(mapping.config.value(members::ScalingConfig, Json::object())
                          .value(members::MaximumConcurrency, kMostQueueBatches)),
      reports_items(!mapping.config.at(members::FunctionResponseTypes).empty()),
      filter(mapping.config.value(members::FilterCriteria, Json::object())) {}

QueuePoller::QueuePoller(const PollerParts& parts, std::shared_ptr<const Realm> realm,
                         const Mapping& mapping)
    : parts_(parts),
      realm_(std::move(realm)),
      uuid_(mapping.uuid()),
      queue_(mapping.source_arn()),
      queue_url_(queue_polling::url_of(queue_)),
      source_(parts_.platform.log_sources.queues()),
      strand_(asio::make_strand(parts_.platform.background)),
      label_(parts_.platform.activities.label("poller")),
      settings_(std::make_shared<const Settings>(mapping)),
      concurrency_(kFirstQueueBatches),
      function_(settings_->function) {}

void QueuePoller::poke() {
  if (ended_.load() || poked_.exchange(true)) {
    return;
  }
  asio::post(strand_, [self = shared_from_this(), busy = parts_.platform.activities.begin(label_)] {
    self->poked_.store(false);
    self->wake();
  });
}

void QueuePoller::reconfigure(const Mapping& mapping) {
  auto settings = std::make_shared<const Settings>(mapping);
  {
    std::lock_guard lock(mutex_);
    function_ = settings->function;
  }
  asio::post(strand_, [self = shared_from_this(), settings,
                       busy = parts_.platform.activities.begin(label_)] {
    self->settings_ = settings;
    self->window_end_ =
        std::min(self->window_end_, self->parts_.platform.world.now() + settings->window);
    if (!settings->enabled) {
      self->start_batch();
    }
    self->wake();
  });
}

bool QueuePoller::uses(const std::string& function) {
  std::lock_guard lock(mutex_);
  return function_ == function;
}

void QueuePoller::end() {
  stopped_.store(true);
  std::shared_ptr<void> ending;
  {
    std::lock_guard lock(mutex_);
    ended_.store(true);
    ending.swap(subscription_);
  }
  asio::post(strand_, [self = shared_from_this()] {
    for (asio::steady_timer* pause : self->pauses_) {
      pause->cancel();
    }
  });
}

// What was received already is run: nobody else sees it before its time-out.
void QueuePoller::mapping_deleted() {
  std::shared_ptr<void> ending;
  {
    std::lock_guard lock(mutex_);
    ended_.store(true);
    ending.swap(subscription_);
  }
  asio::post(strand_, [self = shared_from_this(), busy = parts_.platform.activities.begin(label_)] {
    self->start_batch();
  });
}

bool QueuePoller::subscribe() {
  std::lock_guard lock(mutex_);
  if (subscription_ != nullptr || ended_.load()) {
    return true;
  }
  subscription_ = source_->subscribe(queue_, [weak = weak_from_this()] {
    if (auto self = weak.lock()) {
      self->poke();
    }
  });
  return false;
}

void QueuePoller::wake() {
  dirty_ = true;
  if (ended_.load() || polling_ || source_ == nullptr) {
    return;
  }
  const bool notified = subscribe();
  if (!settings_->enabled) {
    if (notified) {
      say_not_invoked("the mapping is disabled", Cause{});
    }
    return;
  }
  polling_ = true;
  // The token is taken here: between this and the start of the coroutine it must not be quiet.
  asio::co_spawn(strand_, poll(shared_from_this(), parts_.platform.activities.begin(label_)),
                 asio::detached);
}

Task<void> QueuePoller::poll(std::shared_ptr<QueuePoller> self, [[maybe_unused]] Activity busy) {
  try {
    while (!self->ended_.load() && self->settings_->enabled) {
      self->dirty_ = false;
      const bool due = self->batch_is_due();
      if (due || self->something_is_there()) {
        self->runnable_ = self->find_function(self->cause_);
        if (!self->runnable_ || !self->may_start()) {
          break;
        }
        if (due) {
          self->start_batch();
        } else {
          co_await receive(self);
        }
      } else if (!self->dirty_) {
        break;
      }
    }
  } catch (const storage::DeadRealm&) {
    self->ended_.store(true);
  } catch (const AwsError& error) {
    self->say_not_invoked("the queue cannot be read: " + error.message(), Cause{});
  } catch (const std::exception& error) {
    self->parts_.platform.log.error("event source mapping " + self->uuid_ + ": " + error.what());
  }
  self->polling_ = false;
  if ((self->ended_.load() || !self->settings_->enabled) && !self->stopped_.load()) {
    self->start_batch();  // with what came in meanwhile
  }
}

// Whether another batch may run. While batches are at their bound and messages wait, the bound
// rises.
bool QueuePoller::may_start() {
  if (running_ < std::min(concurrency_, settings_->most_concurrent)) {
    return true;
  }
  if (running_ >= settings_->most_concurrent || concurrency_ < kFirstQueueBatches) {
    return false;
  }
  const WorldTime now = parts_.platform.world.now();
  if (!full_since_) {
    full_since_ = now;
  }
  const auto more = (now - *full_since_) / kQueueBatchStep;
  concurrency_ += static_cast<size_t>(more);
  full_since_ = *full_since_ + more * kQueueBatchStep;
  return running_ < std::min(concurrency_, settings_->most_concurrent);
}

bool QueuePoller::batch_is_due() const {
  return !gathered_.empty() &&
         (gathered_.size() >= settings_->batch_size || gathered_bytes_ >= kMostBatchBytes ||
          window_end_ <= parts_.platform.world.now());
}

// If not, a timer is set for when there will be.
bool QueuePoller::something_is_there() {
  const WorldTime now = parts_.platform.world.now();
  std::optional<WorldTime> next = source_->next_visible(queue_);
  if (next && *next <= now) {
    if (!withheld_) {
      return true;
    }
    next = now + queue_polling::kWithheldPause;
  }
  withheld_ = false;
  full_since_.reset();
  concurrency_ = std::min(concurrency_, kFirstQueueBatches);
  if (!gathered_.empty() && (!next || window_end_ < *next)) {
    next = window_end_;
  }
  if (next) {
    set_timer(*next);
  }
  return false;
}

// A timer that fires too early does no harm. It is durable, so that advancing the clock goes there.
void QueuePoller::set_timer(WorldTime due) {
  if (armed_ && *armed_ <= due && *armed_ > parts_.platform.world.now()) {
    return;
  }
  events::Timer timer;
  timer.realm = realm_->id;
  timer.target = Pollers::kWindowTarget;
  timer.id = uuid_ + "/queue";
  timer.due = due;
  timer.payload = uuid_;
  storage::Batch batch;
  parts_.platform.scheduler.set(batch, timer);
  parts_.platform.database.commit(batch);
  armed_ = due;
}

CallIdentity QueuePoller::identity(const Runnable& runnable) const {
  CallIdentity identity;
  identity.account = realm_->account;
  identity.region = realm_->region;
  identity.principal_arn = ::paddock::lambda::identity_of(*runnable.spec).principal_arn;
  identity.cause = cause_;
  return identity;
}

Task<void> QueuePoller::receive(std::shared_ptr<QueuePoller> self) {
  const std::shared_ptr<const Runnable> runnable = self->runnable_;
  const size_t most =
      std::min(queue_polling::kMostReceived, self->settings_->batch_size - self->gathered_.size());
  Json input = {{"QueueUrl", self->queue_url_},
                {"MaxNumberOfMessages", most},
                {"WaitTimeSeconds", 0},
                {"AttributeNames", Json::array({"All"})},
                {"MessageAttributeNames", Json::array({"All"})}};
  auto asked = self->parts_.platform.caller.call(self->identity(*runnable), "sqs", "ReceiveMessage",
                                                 std::move(input));
  const Json answer = co_await std::move(asked);
  std::vector<QueuedMessage> unwanted = self->take_in(answer);
  if (!unwanted.empty()) {
    auto removed = remove(self, runnable, std::move(unwanted));
    co_await std::move(removed);
  }
}

// Gathers what passes the filter; returns what does not.
std::vector<QueuedMessage> QueuePoller::take_in(const Json& answer) {
  std::vector<QueuedMessage> unwanted;
  const auto messages = answer.find("Messages");
  withheld_ = messages == answer.end() || messages->empty();
  if (withheld_) {
    return unwanted;
  }
  for (const Json& message : *messages) {
    const Json record =
        queue_record(message, queue_, realm_->region, settings_->window.count() > 0);
    QueuedMessage taken;
    taken.id = message.at("MessageId");
    taken.handle = message.at("ReceiptHandle");
    taken.record = record.dump();
    if (!queue_record_passes(record, settings_->filter)) {
      say_not_invoked("the filter did not match", source_->cause_of(queue_, taken.handle),
                      runnable_.get());
      unwanted.push_back(std::move(taken));
      continue;
    }
    if (gathered_.empty()) {
      cause_ = source_->cause_of(queue_, taken.handle);
      window_end_ = parts_.platform.world.now() + settings_->window;
    }
    // One that came again while its window was open.
    const auto known = std::find_if(gathered_.begin(), gathered_.end(),
                                    [&](const QueuedMessage& one) { return one.id == taken.id; });
    if (known != gathered_.end()) {
      gathered_bytes_ += taken.record.size() - known->record.size();
      *known = std::move(taken);
    } else {
      gathered_bytes_ += taken.record.size();
      gathered_.push_back(std::move(taken));
    }
  }
  return unwanted;
}

std::shared_ptr<const Runnable> QueuePoller::find_function(const Cause& cause) {
  std::shared_ptr<const Runnable> runnable =
      parts_.runnables.find(*realm_, settings_->function, settings_->qualifier);
  if (!runnable) {
    say_not_invoked("the function does not exist", cause);
    return nullptr;
  }
  if (!runnable->runs_here()) {
    say_not_invoked("no runtime for " + runnable->missing, cause, runnable.get());
    return nullptr;
  }
  return runnable;
}

}  // namespace paddock::services::lambda
