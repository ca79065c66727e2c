#include "services/logs/live_tail.hpp"

#include <algorithm>

#include "services/logs/errors.hpp"
#include "services/logs/limits.hpp"

namespace paddock::services::logs {

bool LiveTail::wants(RealmId realm, uint64_t group, const std::string& stream) const {
  const LiveTailSettings& wanted = settings_;
  if (wanted.realm != realm || !wanted.groups.contains(group)) return false;
  if (wanted.streams.empty() && wanted.prefixes.empty()) return true;
  return std::find(wanted.streams.begin(), wanted.streams.end(), stream) != wanted.streams.end() ||
         std::any_of(wanted.prefixes.begin(), wanted.prefixes.end(),
                     [&stream](const std::string& prefix) { return stream.starts_with(prefix); });
}

void LiveTail::take(const Group& group, const std::string& stream,
                    const std::vector<Event>& events) {
  for (const Event& event : events) {
    if (!settings_.pattern.matches(event.message)) continue;
    const std::lock_guard lock(mutex_);
    if (results_.size() == kMostLiveTailEvents) {
      sampled_ = true;
      return;
    }
    results_.push_back({{members::logStreamName, stream},
                        {members::logGroupIdentifier, settings_.account + ":" + group.name},
                        {members::message, event.message},
                        {members::timestamp, event.at.timestamp_ms},
                        {members::ingestionTime, event.ingested_ms}});
  }
}

Json LiveTail::update() {
  const std::lock_guard lock(mutex_);
  Json update = {{members::sessionMetadata, {{members::sampled, std::exchange(sampled_, false)}}},
                 {members::sessionResults, std::exchange(results_, Json::array())}};
  return update;
}

std::unique_ptr<LiveTails::Entry> LiveTails::add(LiveTailSettings settings) {
  const std::lock_guard lock(mutex_);
  const auto same = [&settings](const auto& tail) {
    return tail->settings().realm == settings.realm;
  };
  if (static_cast<size_t>(std::count_if(tails_.begin(), tails_.end(), same)) >= kMostLiveTails) {
    throw errors::too_many();
  }
  auto tail = std::make_shared<LiveTail>(std::move(settings));
  tails_.push_back(tail);
  count_ = tails_.size();
  return std::make_unique<Entry>(*this, std::move(tail));
}

void LiveTails::remove(const std::shared_ptr<LiveTail>& tail) {
  const std::lock_guard lock(mutex_);
  std::erase(tails_, tail);
  count_ = tails_.size();
}

void LiveTails::publish(RealmId realm, const Group& group, const std::string& stream,
                        const std::vector<Event>& events) {
  if (count_.load(std::memory_order_relaxed) == 0) return;
  std::vector<std::shared_ptr<LiveTail>> wanting;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& tail : tails_) {
      if (tail->wants(realm, group.id, stream)) wanting.push_back(tail);
    }
  }
  for (const auto& tail : wanting) tail->take(group, stream, events);
}

}  // namespace paddock::services::logs
