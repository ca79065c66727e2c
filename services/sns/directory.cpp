#include "services/sns/directory.hpp"

#include <algorithm>

namespace paddock::services::sns {

std::optional<FilterPolicy> filter_of(const Subscription& subscription) {
  const std::string text = subscription.attribute("FilterPolicy");
  if (text.empty()) return std::nullopt;
  const bool body = subscription.attribute("FilterPolicyScope") == "MessageBody";
  return FilterPolicy(text, body ? FilterPolicy::Scope::body : FilterPolicy::Scope::attributes,
                      false);
}

std::shared_ptr<const Subscriber> TopicView::find(const std::string& subscription_id) const {
  const auto found = std::find_if(
      subscribers.begin(), subscribers.end(),
      [&](const auto& subscriber) { return subscriber->subscription.id == subscription_id; });
  return found == subscribers.end() ? nullptr : *found;
}

std::shared_ptr<const TopicView> Directory::find(RealmId realm, const std::string& topic) {
  const std::pair<RealmId, std::string> key(realm, topic);
  {
    const std::lock_guard lock(mutex_);
    const auto known = views_.find(key);
    if (known != views_.end()) return known->second;
  }
  const auto guard = locks_.lock(Store::topic_lock(realm, topic));
  auto view = read(realm, topic);
  if (!view) return nullptr;
  const std::lock_guard lock(mutex_);
  if (views_.size() >= kMost) views_.clear();
  views_[key] = view;
  return view;
}

std::shared_ptr<const TopicView> Directory::read(RealmId realm, const std::string& topic) const {
  auto found = store_.topic(realm, topic);
  if (!found) return nullptr;
  auto view = std::make_shared<TopicView>();
  view->topic = *std::move(found);
  store_.subscriptions(realm, topic, {}, [&](Subscription subscription) {
    if (subscription.topic_id != view->topic.id || subscription.pending) return true;
    auto subscriber = std::make_shared<Subscriber>();
    subscriber->filter = filter_of(subscription);
    subscriber->subscription = std::move(subscription);
    view->subscribers.push_back(std::move(subscriber));
    return true;
  });
  return view;
}

void Directory::forget(RealmId realm, const std::string& topic) {
  const std::lock_guard lock(mutex_);
  views_.erase({realm, topic});
}

void Directory::forget_all() {
  const std::lock_guard lock(mutex_);
  views_.clear();
}

}  // namespace paddock::services::sns
