#include "events/timeline.hpp"

#include <algorithm>
#include <utility>

namespace paddock::events {

namespace timeline {

bool matches(const TimelineEvent& event, const TimelineFilter& filter) {
  if (!filter.kind.empty() && event.kind != filter.kind) return false;
  if (!filter.account.empty() && event.account != filter.account) return false;
  if (!filter.cause.empty() && event.cause.request_id != filter.cause &&
      event.request_id != filter.cause) {
    return false;
  }
  return filter.resource.empty() || event.resource.find(filter.resource) != std::string::npos;
}

Json to_json(uint64_t number, const TimelineEvent& event) {
  Json json{{"Number", number},
            {"At", event.at.ms},
            {"Kind", event.kind},
            {"What", event.what},
            {"Resource", event.resource},
            {"Outcome", event.outcome},
            {"RequestId", event.request_id},
            {"Account", event.account},
            {"Region", event.region},
            {"Microseconds", event.microseconds}};
  json["Cause"] = {{"RequestId", event.cause.request_id}, {"Depth", event.cause.depth}};
  return json;
}

}  // namespace timeline

void Timeline::record(TimelineEvent event) {
  if (!enabled_.load(std::memory_order_relaxed)) return;
  std::lock_guard lock(mutex_);
  events_.push_back(std::move(event));
  if (events_.size() > kCapacity) {
    events_.pop_front();
    ++first_number_;
  }
}

Json Timeline::read(const TimelineFilter& filter) const {
  // The matches are copied out, so that recording never waits for the making of JSON.
  std::vector<std::pair<uint64_t, TimelineEvent>> found;
  uint64_t last = 0;
  {
    std::lock_guard lock(mutex_);
    last = first_number_ + events_.size() - 1;
    for (size_t i = events_.size(); i-- > 0 && found.size() < filter.limit;) {
      const uint64_t number = first_number_ + i;
      if (number <= filter.after) break;
      if (timeline::matches(events_[i], filter)) found.emplace_back(number, events_[i]);
    }
  }
  Json events = Json::array();
  std::for_each(found.rbegin(), found.rend(), [&](const auto& entry) {
    events.push_back(timeline::to_json(entry.first, entry.second));
  });
  return Json{{"Events", std::move(events)}, {"Last", last}};
}

void Timeline::clear() {
  std::lock_guard lock(mutex_);
  first_number_ += events_.size();
  events_.clear();
}

}  // namespace paddock::events
