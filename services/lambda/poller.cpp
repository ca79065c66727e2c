#include "services/lambda/poller.hpp"

#include <algorithm>
#include <atomic>
#include <optional>

#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "core/activity.hpp"
#include "core/arn.hpp"
#include "core/error.hpp"
#include "core/ids.hpp"
#include "core/log.hpp"
#include "events/log_source.hpp"
#include "events/scheduler.hpp"
#include "events/timeline.hpp"
#include "services/lambda/batch.hpp"
#include "services/lambda/filter.hpp"
#include "services/lambda/limits.hpp"
#include "storage/key_locks.hpp"
#include "storage/realms.hpp"

namespace paddock::services::lambda {

using ::paddock::lambda::Invocation;
using ::paddock::lambda::InvocationResult;

// One mapping. Its state belongs to its strand; `poke`, `reconfigure` and `end` may be called from
// any thread.
class Poller : public std::enable_shared_from_this<Poller> {
 public:
  Poller(gateway::Platform& platform, Store& store, Runnables& runnables, Invoker& invoker,
         std::shared_ptr<const Realm> realm, const Mapping& mapping)
      : platform_(platform),
        store_(store),
        runnables_(runnables),
        invoker_(invoker),
        realm_(std::move(realm)),
        uuid_(mapping.uuid()),
        stream_(mapping.source_arn()),
        source_(platform.log_sources.find(Arn::parse(stream_).value_or(Arn{}).service)),
        strand_(asio::make_strand(platform.background)),
        label_(platform.activities.label("poller")),
        settings_(std::make_shared<const Settings>(mapping)),
        last_result_(store.result(realm_->id, uuid_)),
        function_(settings_->function) {}

  // Something may be there to read.
  void poke() {
    if (ended_.load() || poked_.exchange(true)) {
      return;
    }
    asio::post(strand_, [self = shared_from_this(), busy = platform_.activities.begin(label_)] {
      self->poked_.store(false);
      self->wake();
    });
  }

  void reconfigure(const Mapping& mapping) {
    auto settings = std::make_shared<const Settings>(mapping);
    {
      std::lock_guard lock(mutex_);
      function_ = settings->function;
    }
    asio::post(strand_,
               [self = shared_from_this(), settings, busy = platform_.activities.begin(label_)] {
                 self->settings_ = settings;
                 self->hurry();
                 if (settings->enabled) {
                   self->wake();
                 }
               });
  }

  // The function may work now: ends pauses between attempts.
  void retry_now() {
    asio::post(strand_, [self = shared_from_this(), busy = platform_.activities.begin(label_)] {
      self->hurry();
      self->wake();
    });
  }

  bool uses(const std::string& function) {
    std::lock_guard lock(mutex_);
    return function_ == function;
  }

  void end() {
    std::shared_ptr<void> ending;
    {
      std::lock_guard lock(mutex_);
      ended_.store(true);
      ending.swap(subscription_);
    }
    asio::post(strand_, [self = shared_from_this()] { self->hurry(); });
  }

 private:
  struct Settings {
    explicit Settings(const Mapping& mapping)
        : enabled(mapping.enabled),
          function(mapping.function_name()),
          qualifier(mapping.function_qualifier()),
          function_arn(mapping.config.at(members::FunctionArn)),
          mapping_arn(mapping.config.at(members::EventSourceMappingArn)),
          batch_size(mapping.config.at(members::BatchSize).get<size_t>()),
          window(std::chrono::seconds(
              mapping.config.at(members::MaximumBatchingWindowInSeconds).get<int64_t>())),
          most_retries(mapping.config.at(members::MaximumRetryAttempts)),
          most_age_seconds(mapping.config.at(members::MaximumRecordAgeInSeconds)),
          bisects(mapping.config.at(members::BisectBatchOnFunctionError)),
          reports_items(!mapping.config.at(members::FunctionResponseTypes).empty()),
          filter(mapping.config.value(members::FilterCriteria, Json::object())) {}

    bool enabled;
    std::string function;
    std::string qualifier;  // "" if none
    std::string function_arn;
    std::string mapping_arn;
    size_t batch_size;
    Milliseconds window;
    int64_t most_retries;      // -1: no bound
    int64_t most_age_seconds;  // -1: no bound
    bool bisects;
    bool reports_items;
    Filter filter;
  };

  struct Shard {
    std::string id;
    std::string parent;
    std::optional<ShardPosition> at;
    bool running = false;
    bool dirty = false;         // woken since it began to read
    int64_t attempts = 0;       // failed runs of the batch at `at`
    std::vector<size_t> parts;  // sizes of what a bisected batch was cut into, next one last
    std::optional<WorldTime> window_end;
    std::unique_ptr<asio::steady_timer> pause;
  };

  // What one look at a shard led to.
  struct Step {
    enum class Kind { rest, again, run } kind = Kind::rest;
    events::LogPage page;
    std::string payload;
    std::shared_ptr<const Runnable> runnable;
  };

  void wake();
  static Task<void> run_shard(std::shared_ptr<Poller> self, Shard* shard, Activity busy);
  Step look(Shard& shard);
  bool drop_expired(Shard& shard, events::LogPage& page, const Runnable& runnable);
  bool window_is_open(Shard& shard, const events::LogPage& page, const events::LogRecord& first,
                      size_t limit);
  std::shared_ptr<const Runnable> function_for(const events::LogRecord& first);
  // Whether a pause should follow.
  bool judge(Shard& shard, const Step& step, const InvocationResult& result);
  bool failed(Shard& shard, const Step& step, size_t first_failed);
  void move_to(Shard& shard, ShardPosition position, const std::string& result);
  void record_batch(const Step& step, const InvocationResult& result, const std::string& request);
  void say_not_invoked(const std::string& reason, const Cause& cause,
                       const Runnable* runnable = nullptr) {
    invoker_.not_invoked(runnable != nullptr ? runnable->spec.get() : nullptr, *realm_,
                         settings_->mapping_arn, reason, cause);
  }
  void load(Shard& shard);
  void drop_gone(const std::vector<events::LogShard>& found);
  // Whether it was subscribed before. Throws AwsError if there is no such stream.
  bool subscribe();
  void hurry() {
    for (auto& [id, shard] : shards_) {
      if (shard->pause) {
        shard->pause->cancel();
      }
    }
  }
  Milliseconds pause_after(int64_t attempts) const {
    const Milliseconds pause(kFirstRetryPause.count() << std::clamp<int64_t>(attempts - 1, 0, 10));
    return std::min(pause, kMostRetryPause);
  }

  gateway::Platform& platform_;
  Store& store_;
  Runnables& runnables_;
  Invoker& invoker_;
  const std::shared_ptr<const Realm> realm_;
  const std::string uuid_;
  const std::string stream_;
  events::LogSource* const source_;
  asio::strand<asio::io_context::executor_type> strand_;
  const Activities::Label label_;
  std::atomic<bool> ended_{false};
  std::atomic<bool> poked_{false};

  std::shared_ptr<const Settings> settings_;
  std::string last_result_;
  std::map<std::string, std::unique_ptr<Shard>> shards_;

  std::mutex mutex_;
  std::shared_ptr<void> subscription_;  // dropped by `end`, not later: its source may go first
  std::string function_;                // for `uses`
};

void Poller::wake() {
  if (ended_.load() || source_ == nullptr) {
    return;
  }
  std::vector<events::LogShard> found;
  try {
    const bool notified = subscribe();
    if (!settings_->enabled) {
      if (notified) {
        say_not_invoked("the mapping is disabled", Cause{});
      }
      return;
    }
    found = source_->shards(stream_);
  } catch (const AwsError& error) {
    say_not_invoked("the stream cannot be read: " + error.message(), Cause{});
    return;
  }
  for (const events::LogShard& one : found) {
    std::unique_ptr<Shard>& shard = shards_[one.id];
    if (!shard) {
      shard = std::make_unique<Shard>();
      shard->id = one.id;
      shard->parent = one.parent_id;
      load(*shard);
    }
  }
  drop_gone(found);
  for (auto& [id, shard] : shards_) {
    shard->dirty = true;
    // A child is read after its parent, so that records of one key stay in order.
    const auto parent = shards_.find(shard->parent);
    if (shard->running || shard->at->finished ||
        (parent != shards_.end() && !parent->second->at->finished)) {
      continue;
    }
    shard->running = true;
    // The token is taken here: between this and the start of the coroutine it must not be quiet.
    asio::co_spawn(strand_,
                   run_shard(shared_from_this(), shard.get(), platform_.activities.begin(label_)),
                   asio::detached);
  }
}

bool Poller::subscribe() {
  std::lock_guard lock(mutex_);
  if (subscription_ != nullptr || ended_.load()) {
    return true;
  }
  subscription_ = source_->subscribe(stream_, [weak = weak_from_this()] {
    if (auto self = weak.lock()) {
      self->poke();
    }
  });
  return false;
}

void Poller::load(Shard& shard) {
  shard.at = store_.position(realm_->id, uuid_, shard.id);
  if (!shard.at) {
    // Made after the mapping, which is why all of it is to be read.
    ShardPosition start;
    start.position =
        source_->start_position(stream_, shard.id, events::StartAt::trim_horizon, WorldTime{});
    shard.at = start;
  }
}

// Shards that the stream has no more: they were read to their end, or trimmed before that. Their
// children need not wait for them.
void Poller::drop_gone(const std::vector<events::LogShard>& found) {
  storage::Batch batch;
  for (auto known = shards_.begin(); known != shards_.end();) {
    const bool there = std::any_of(found.begin(), found.end(),
                                   [&](const auto& one) { return one.id == known->first; });
    if (there || known->second->running) {
      ++known;
      continue;
    }
    store_.erase_position(realm_->id, uuid_, known->first, batch);
    known = shards_.erase(known);
  }
  try {
    if (!batch.empty()) {
      platform_.database.commit(batch);
    }
  } catch (const storage::DeadRealm&) {
    ended_.store(true);
  }
}

Task<void> Poller::run_shard(std::shared_ptr<Poller> self, Shard* shard,
                             [[maybe_unused]] Activity busy) {
  try {
    while (!self->ended_.load() && self->settings_->enabled) {
      shard->dirty = false;
      Step step = self->look(*shard);
      if (step.kind == Step::Kind::rest) {
        if (shard->dirty) {
          continue;
        }
        break;
      }
      if (step.kind == Step::Kind::again) {
        continue;
      }
      Invocation invocation;
      invocation.request_id = self->platform_.ids.request_uuid();
      invocation.payload = std::move(step.payload);
      invocation.invoked_arn = self->settings_->function_arn;
      invocation.cause = step.page.records.front().cause;
      ++invocation.cause.depth;
      const std::string request = invocation.request_id;
      const InvocationResult result =
          co_await self->invoker_.run(step.runnable, std::move(invocation));
      if (self->ended_.load()) {
        break;
      }
      self->record_batch(step, result, request);
      if (self->judge(*shard, step, result)) {
        shard->pause = std::make_unique<asio::steady_timer>(self->strand_);
        shard->pause->expires_after(self->pause_after(shard->attempts));
        boost::system::error_code ended_early;
        co_await shard->pause->async_wait(asio::redirect_error(use_task, ended_early));
        shard->pause.reset();
      }
    }
  } catch (const storage::DeadRealm&) {
    self->ended_.store(true);
  } catch (const std::exception& error) {
    self->platform_.log.error("event source mapping " + self->uuid_ + ": " + error.what());
  }
  shard->running = false;
}

Poller::Step Poller::look(Shard& shard) {
  Step step;
  const size_t limit = shard.parts.empty() ? settings_->batch_size : shard.parts.back();
  try {
    step.page = source_->read(stream_, shard.id, shard.at->position, limit, kMostBatchBytes);
  } catch (const AwsError& error) {
    say_not_invoked("the stream cannot be read: " + error.message(), Cause{});
    if (error.code() == "ResourceNotFoundException") {
      poke();  // a trimmed shard holds up its children no longer
    }
    return step;
  }
  if (step.page.records.empty()) {
    if (step.page.end_of_shard) {
      ShardPosition last{step.page.next_position, true};
      move_to(shard, last, last_result_);
      poke();  // for the children
    } else {
      shard.at->position = std::max(shard.at->position, step.page.next_position);
    }
    return step;
  }
  step.runnable = function_for(step.page.records.front());
  if (!step.runnable) {
    return step;
  }
  if (drop_expired(shard, step.page, *step.runnable)) {
    step.kind = Step::Kind::again;
    return step;
  }
  const std::vector<const events::LogRecord*> passed = select(step.page, settings_->filter);
  if (passed.empty()) {
    say_not_invoked("the filter did not match", step.page.records.front().cause,
                    step.runnable.get());
    ShardPosition next{step.page.next_position, false};
    move_to(shard, next, last_result_);
    step.kind = Step::Kind::again;
    return step;
  }
  if (window_is_open(shard, step.page, *passed.front(), limit)) {
    return step;
  }
  step.payload = event_of(passed, stream_, realm_->region);
  step.kind = Step::Kind::run;
  return step;
}

std::shared_ptr<const Runnable> Poller::function_for(const events::LogRecord& first) {
  std::shared_ptr<const Runnable> runnable =
      runnables_.find(*realm_, settings_->function, settings_->qualifier);
  if (!runnable) {
    say_not_invoked("the function does not exist", first.cause);
    return nullptr;
  }
  if (!runnable->runs_here()) {
    say_not_invoked("no runtime for " + runnable->missing, first.cause, runnable.get());
    return nullptr;
  }
  if (runnable->reserved_concurrency == 0) {
    say_not_invoked("throttled: the reserved concurrency is 0", first.cause, runnable.get());
    return nullptr;
  }
  return runnable;
}

bool Poller::drop_expired(Shard& shard, events::LogPage& page, const Runnable& runnable) {
  if (settings_->most_age_seconds < 0) {
    return false;
  }
  const WorldTime oldest =
      platform_.world.now() - std::chrono::seconds(settings_->most_age_seconds);
  size_t expired = 0;
  while (expired < page.records.size() && page.records[expired].arrived < oldest) {
    ++expired;
  }
  if (expired == 0) {
    return false;
  }
  say_not_invoked("the record is older than MaximumRecordAgeInSeconds", page.records.front().cause,
                  &runnable);
  shard.attempts = 0;
  shard.parts.clear();
  ShardPosition next{position_after(page, expired), false};
  move_to(shard, next, last_result_);
  return true;
}

// True if the batch may still grow. The end of the window is a durable timer, so that advancing the
// clock goes there.
bool Poller::window_is_open(Shard& shard, const events::LogPage& page,
                            const events::LogRecord& first, size_t limit) {
  if (settings_->window.count() == 0 || page.records.size() >= limit || page.end_of_shard ||
      shard.attempts > 0 || !shard.parts.empty()) {
    return false;
  }
  const WorldTime end = first.arrived + settings_->window;
  if (end <= platform_.world.now()) {
    return false;
  }
  if (shard.window_end != end) {
    shard.window_end = end;
    say_not_invoked("the batching window is open", first.cause);
    events::Timer timer;
    timer.realm = realm_->id;
    timer.target = Pollers::kWindowTarget;
    timer.id = uuid_ + "/" + shard.id;
    timer.due = end;
    timer.payload = uuid_;
    storage::Batch batch;
    platform_.scheduler.set(batch, timer);
    platform_.database.commit(batch);
  }
  return true;
}

bool Poller::judge(Shard& shard, const Step& step, const InvocationResult& result) {
  if (result.kind == InvocationResult::Kind::throttled) {
    say_not_invoked("throttled", step.page.records.front().cause, step.runnable.get());
    shard.attempts = std::max<int64_t>(shard.attempts, 1);  // a pause, but no use of the retries
    return true;
  }
  size_t first_failed = 0;
  if (result.kind == InvocationResult::Kind::success) {
    first_failed = settings_->reports_items ? first_failure(result.payload, step.page)
                                            : step.page.records.size();
  }
  if (first_failed < step.page.records.size()) {
    return failed(shard, step, first_failed);
  }
  shard.attempts = 0;
  if (!shard.parts.empty()) {
    shard.parts.pop_back();
  }
  ShardPosition next{step.page.next_position, false};
  move_to(shard, next, "OK");
  return false;
}

bool Poller::failed(Shard& shard, const Step& step, size_t first_failed) {
  const std::string problem = "PROBLEM: Function call failed";
  const size_t size = step.page.records.size();
  if (first_failed > 0) {  // what came before it is done
    shard.attempts = 1;
    shard.parts.clear();
    ShardPosition next{step.page.records[first_failed].position, false};
    move_to(shard, next, problem);
    return true;
  }
  if (settings_->bisects && size > 1) {  // cutting does not use up retries
    if (!shard.parts.empty()) {
      shard.parts.pop_back();
    }
    shard.parts.push_back(size - size / 2);
    shard.parts.push_back(size / 2);
    move_to(shard, *shard.at, problem);
    return false;
  }
  ++shard.attempts;
  if (settings_->most_retries < 0 || shard.attempts <= settings_->most_retries) {
    move_to(shard, *shard.at, problem);
    return true;
  }
  say_not_invoked("retry attempts exhausted: the batch was dropped",
                  step.page.records.front().cause, step.runnable.get());
  shard.attempts = 0;
  if (!shard.parts.empty()) {
    shard.parts.pop_back();
  }
  ShardPosition next{step.page.next_position, false};
  move_to(shard, next, problem);
  return false;
}

// Commits where the mapping stands, unless it was dropped meanwhile.
void Poller::move_to(Shard& shard, ShardPosition position, const std::string& result) {
  const bool moves = position.position != shard.at->position || position.finished;
  if (!moves && result == last_result_) {
    return;
  }
  const auto guard = platform_.locks.lock(Store::mapping_key(realm_->id, uuid_));
  if (ended_.load()) {
    return;
  }
  storage::Batch batch;
  store_.put_position(realm_->id, uuid_, shard.id, position, batch);
  if (result != last_result_) {
    store_.put_result(realm_->id, uuid_, result, batch);
  }
  platform_.database.commit(batch);
  shard.at = position;
  if (moves) {
    shard.window_end.reset();
  }
  last_result_ = result;
}

void Poller::record_batch(const Step& step, const InvocationResult& result,
                          const std::string& request) {
  events::TimelineEvent event;
  event.at = platform_.world.now();
  event.kind = "batch";
  event.what =
      std::to_string(step.page.records.size()) + " records for function " + settings_->function;
  event.resource = settings_->mapping_arn;
  event.outcome = result.kind == InvocationResult::Kind::success     ? "OK"
                  : result.kind == InvocationResult::Kind::throttled ? "throttled"
                                                                     : "failed";
  event.request_id = request;
  event.cause = step.page.records.front().cause;
  event.account = realm_->account;
  event.region = realm_->region;
  event.microseconds = result.duration.count();
  platform_.timeline.record(std::move(event));
}

Pollers::Pollers(gateway::Platform& platform, Store& store, Runnables& runnables, Invoker& invoker)
    : platform_(platform), store_(store), runnables_(runnables), invoker_(invoker) {
  platform_.scheduler.handle(kWindowTarget,
                             [this](const events::Timer& timer) { window_ended(timer); });
}

Pollers::~Pollers() = default;

void Pollers::start() {
  {
    std::lock_guard lock(mutex_);
    running_ = true;
  }
  for (const std::shared_ptr<const Realm>& realm : platform_.realms.all()) {
    if (realm->service != "lambda") {
      continue;
    }
    for (const Mapping& mapping : store_.mappings(realm->id)) {
      put(realm, mapping);
    }
  }
}

void Pollers::stop() {
  std::map<Id, std::shared_ptr<Poller>> ending;
  {
    std::lock_guard lock(mutex_);
    running_ = false;
    ending.swap(pollers_);
  }
  for (auto& [id, poller] : ending) {
    poller->end();
  }
}

void Pollers::put(std::shared_ptr<const Realm> realm, const Mapping& mapping) {
  std::lock_guard lock(mutex_);
  if (!running_) {
    return;
  }
  std::shared_ptr<Poller>& poller = pollers_[{realm->id, mapping.uuid()}];
  if (poller) {
    poller->reconfigure(mapping);
    return;
  }
  poller = std::make_shared<Poller>(platform_, store_, runnables_, invoker_, realm, mapping);
  poller->poke();
}

void Pollers::remove(RealmId realm, const std::string& uuid) {
  std::lock_guard lock(mutex_);
  if (auto found = pollers_.find({realm, uuid}); found != pollers_.end()) {
    found->second->end();
    pollers_.erase(found);
  }
}

void Pollers::function_changed(RealmId realm, const std::string& function) {
  std::lock_guard lock(mutex_);
  for (auto it = pollers_.lower_bound({realm, ""});
       it != pollers_.end() && it->first.first == realm; ++it) {
    if (it->second->uses(function)) {
      it->second->retry_now();
    }
  }
}

void Pollers::drop_realms(const std::vector<RealmId>& realms) {
  std::lock_guard lock(mutex_);
  for (auto it = pollers_.begin(); it != pollers_.end();) {
    if (std::find(realms.begin(), realms.end(), it->first.first) == realms.end()) {
      ++it;
      continue;
    }
    it->second->end();
    it = pollers_.erase(it);
  }
}

void Pollers::window_ended(const events::Timer& timer) {
  try {
    storage::Batch batch;
    platform_.scheduler.cancel(batch, timer);
    platform_.database.commit(batch);
  } catch (const storage::DeadRealm&) {
    return;  // its timers are gone with it
  }
  std::lock_guard lock(mutex_);
  if (auto found = pollers_.find({timer.realm, timer.payload}); found != pollers_.end()) {
    found->second->poke();
  }
}

}  // namespace paddock::services::lambda
