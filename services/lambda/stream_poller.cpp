#include "services/lambda/stream_poller.hpp"

#include <algorithm>

#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>

#include "core/arn.hpp"
#include "core/error.hpp"
#include "core/ids.hpp"
#include "core/log.hpp"
#include "services/lambda/lanes.hpp"
#include "services/lambda/limits.hpp"

namespace paddock::services::lambda {

StreamPoller::Settings::Settings(const Mapping& mapping)
    : enabled(mapping.enabled),
      function(mapping.function_name()),
      qualifier(mapping.function_qualifier()),
      function_arn(mapping.config.at(members::FunctionArn)),
      mapping_arn(mapping.config.at(members::EventSourceMappingArn)),
      batch_size(mapping.config.at(members::BatchSize).get<size_t>()),
      window(std::chrono::seconds(
          mapping.config.at(members::MaximumBatchingWindowInSeconds).get<int64_t>())),
      tumbling(
          std::chrono::seconds(mapping.config.at(members::TumblingWindowInSeconds).get<int64_t>())),
      most_retries(mapping.config.at(members::MaximumRetryAttempts)),
      most_age_seconds(mapping.config.at(members::MaximumRecordAgeInSeconds)),
      lanes(mapping.config.at(members::ParallelizationFactor).get<size_t>()),
      bisects(mapping.config.at(members::BisectBatchOnFunctionError)),
      reports_items(!mapping.config.at(members::FunctionResponseTypes).empty()),
      on_failure(mapping.config.at(members::DestinationConfig)
                     .value(members::OnFailure, Json::object())
                     .value(members::Destination, std::string())),
      filter(mapping.config.value(members::FilterCriteria, Json::object())) {}

StreamPoller::StreamPoller(const PollerParts& parts, std::shared_ptr<const Realm> realm,
                           const Mapping& mapping)
    : parts_(parts),
      realm_(std::move(realm)),
      uuid_(mapping.uuid()),
      stream_(mapping.source_arn()),
      source_service_(Arn::parse(stream_).value_or(Arn{}).service),
      source_(parts_.platform.log_sources.find(source_service_)),
      strand_(asio::make_strand(parts_.platform.background)),
      label_(parts_.platform.activities.label("poller")),
      settings_(std::make_shared<const Settings>(mapping)),
      last_result_(parts_.store.result(realm_->id, uuid_)),
      function_(settings_->function) {}

void StreamPoller::poke() {
  if (ended_.load() || poked_.exchange(true)) {
    return;
  }
  asio::post(strand_, [self = shared_from_this(), busy = parts_.platform.activities.begin(label_)] {
    self->poked_.store(false);
    self->wake();
  });
}

void StreamPoller::reconfigure(const Mapping& mapping) {
  auto settings = std::make_shared<const Settings>(mapping);
  {
    std::lock_guard lock(mutex_);
    function_ = settings->function;
  }
  asio::post(strand_, [self = shared_from_this(), settings,
                       busy = parts_.platform.activities.begin(label_)] {
    self->settings_ = settings;
    self->hurry();
    if (settings->enabled) {
      self->wake();
    }
  });
}

void StreamPoller::retry_now() {
  asio::post(strand_, [self = shared_from_this(), busy = parts_.platform.activities.begin(label_)] {
    self->hurry();
    self->wake();
  });
}

bool StreamPoller::uses(const std::string& function) {
  std::lock_guard lock(mutex_);
  return function_ == function;
}

void StreamPoller::end() {
  std::shared_ptr<void> ending;
  {
    std::lock_guard lock(mutex_);
    ended_.store(true);
    ending.swap(subscription_);
  }
  asio::post(strand_, [self = shared_from_this()] { self->hurry(); });
}

void StreamPoller::hurry() {
  for (auto& [key, lane] : lanes_) {
    if (lane->pause) {
      lane->pause->cancel();
    }
  }
}

Milliseconds StreamPoller::pause_after(int64_t attempts) const {
  const Milliseconds pause(kFirstRetryPause.count() << std::clamp<int64_t>(attempts - 1, 0, 10));
  return std::min(pause, kMostRetryPause);
}

void StreamPoller::wake() {
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
  try {
    if (regroup()) {
      follow(found);
    }
  } catch (const storage::DeadRealm&) {
    ended_.store(true);
  }
}

// Starts a coroutine for every lane that may be read and is not.
void StreamPoller::follow(const std::vector<events::LogShard>& found) {
  for (const events::LogShard& one : found) {
    for (size_t index = 0; index < lane_count_; ++index) {
      std::unique_ptr<Lane>& lane = lanes_[{one.id, index}];
      if (!lane) {
        lane = std::make_unique<Lane>();
        lane->shard = one.id;
        lane->parent = one.parent_id;
        lane->adjacent_parent = one.adjacent_parent_id;
        lane->index = index;
        lane->row = lane_row(one.id, index, lane_count_);
        load(*lane);
      }
    }
  }
  drop_gone(found);
  for (auto& [key, lane] : lanes_) {
    lane->dirty = true;
    // A child is read after its parent, so that records of one key stay in order.
    if (lane->running || lane->at->finished || parent_is_open(*lane)) {
      continue;
    }
    lane->running = true;
    // The token is taken here: between this and the start of the coroutine it must not be quiet.
    asio::co_spawn(
        strand_, run_lane(shared_from_this(), lane.get(), parts_.platform.activities.begin(label_)),
        asio::detached);
  }
}

bool StreamPoller::parent_is_open(const Lane& lane) const {
  return is_open(lane.parent) || is_open(lane.adjacent_parent);
}

bool StreamPoller::is_open(const std::string& shard) const {
  for (auto it = lanes_.lower_bound({shard, 0}); it != lanes_.end() && it->first.first == shard;
       ++it) {
    if (!it->second->at->finished) {
      return true;
    }
  }
  return false;
}

// Makes the lanes as many as the settings say, once no lane of the former kind runs. Whether they
// are that many now.
bool StreamPoller::regroup() {
  if (lane_count_ == settings_->lanes) {
    return true;
  }
  if (std::any_of(lanes_.begin(), lanes_.end(),
                  [](const auto& entry) { return entry.second->running; })) {
    return false;
  }
  const auto rows = parts_.store.positions(realm_->id, uuid_);
  const bool fits = std::all_of(rows.begin(), rows.end(), [this](const auto& row) {
    const std::optional<LaneName> name = parse_lane_row(row.first);
    return name && name->lanes == settings_->lanes;
  });
  if (!fits) {
    storage::Batch batch;
    for (const auto& [row, position] : rows) {
      parts_.store.erase_position(realm_->id, uuid_, row, batch);
      parts_.windows.erase_window(realm_->id, uuid_, row, batch);
    }
    for (const auto& [shard, position] : merged(rows)) {
      for (size_t index = 0; index < settings_->lanes; ++index) {
        parts_.store.put_position(realm_->id, uuid_, lane_row(shard, index, settings_->lanes),
                                  position, batch);
      }
    }
    parts_.platform.database.commit(batch);
  }
  lanes_.clear();
  lane_count_ = settings_->lanes;
  return true;
}

bool StreamPoller::subscribe() {
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

void StreamPoller::load(Lane& lane) {
  lane.at = parts_.store.position(realm_->id, uuid_, lane.row);
  lane.tumbling = parts_.windows.window(realm_->id, uuid_, lane.row);
  if (!lane.at) {
    // Made after the mapping, which is why all of it is to be read.
    ShardPosition start;
    start.position =
        source_->start_position(stream_, lane.shard, events::StartAt::trim_horizon, WorldTime{});
    lane.at = start;
  }
}

// Shards that the stream has no more: they were read to their end, or trimmed before that. Their
// children need not wait for them.
void StreamPoller::drop_gone(const std::vector<events::LogShard>& found) {
  storage::Batch batch;
  for (auto known = lanes_.begin(); known != lanes_.end();) {
    const bool there = std::any_of(found.begin(), found.end(),
                                   [&](const auto& one) { return one.id == known->first.first; });
    if (there || known->second->running) {
      ++known;
      continue;
    }
    parts_.store.erase_position(realm_->id, uuid_, known->second->row, batch);
    parts_.windows.erase_window(realm_->id, uuid_, known->second->row, batch);
    known = lanes_.erase(known);
  }
  if (!batch.empty()) {
    parts_.platform.database.commit(batch);
  }
}

Task<void> StreamPoller::run_lane(std::shared_ptr<StreamPoller> self, Lane* lane,
                                  [[maybe_unused]] Activity busy) {
  using ::paddock::lambda::Invocation;
  try {
    while (!self->ended_.load() && self->settings_->enabled &&
           self->settings_->lanes == self->lane_count_) {
      lane->dirty = false;
      Step step = self->look(*lane);
      if (step.kind == Step::Kind::rest) {
        if (lane->dirty) {
          continue;
        }
        break;
      }
      if (step.kind == Step::Kind::again) {
        continue;
      }
      Invocation invocation;
      invocation.request_id = step.request = self->parts_.platform.ids.request_uuid();
      invocation.payload = std::move(step.payload);
      invocation.invoked_arn = self->settings_->function_arn;
      invocation.cause = step.cause;
      ++invocation.cause.depth;
      const InvocationResult result =
          co_await self->parts_.invoker.run(step.runnable, std::move(invocation));
      if (self->ended_.load()) {
        break;
      }
      self->record_batch(step, result);
      if (self->judge(*lane, step, result)) {
        co_await pause(self, lane);
      }
    }
  } catch (const storage::DeadRealm&) {
    self->ended_.store(true);
  } catch (const std::exception& error) {
    self->parts_.platform.log.error("event source mapping " + self->uuid_ + ": " + error.what());
  }
  lane->running = false;
  if (self->settings_->lanes != self->lane_count_) {
    self->poke();
  }
}

Task<void> StreamPoller::pause(std::shared_ptr<StreamPoller> self, Lane* lane) {
  lane->pause = std::make_unique<asio::steady_timer>(self->strand_);
  lane->pause->expires_after(self->pause_after(lane->attempts));
  boost::system::error_code ended_early;
  co_await lane->pause->async_wait(asio::redirect_error(use_task, ended_early));
  lane->pause.reset();
}

}  // namespace paddock::services::lambda
