// Topics with their subscribers as Publish needs them: read once, kept until one of them changes.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/realm.hpp"
#include "services/sns/filter_policy.hpp"
#include "services/sns/model.hpp"
#include "services/sns/store.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::sns {

// A confirmed subscription. Immutable.
struct Subscriber {
  Subscription subscription;
  std::optional<FilterPolicy> filter;
};

// A topic and its confirmed subscriptions. Immutable.
struct TopicView {
  Topic topic;
  std::vector<std::shared_ptr<const Subscriber>> subscribers;

  // nullptr if it is no more.
  std::shared_ptr<const Subscriber> find(const std::string& subscription_id) const;
};

// Thread-safe.
class Directory {
 public:
  static constexpr size_t kMost = 4096;  // topics kept

  Directory(const Store& store, storage::KeyLocks& locks) : store_(store), locks_(locks) {}

  // nullptr if there is no such topic. Takes the topic's lock when it has to read, so never under
  // a lock.
  std::shared_ptr<const TopicView> find(RealmId realm, const std::string& topic);
  // After a commit that changed the topic or its subscriptions, under the topic's lock.
  void forget(RealmId realm, const std::string& topic);
  void forget_all();

 private:
  std::shared_ptr<const TopicView> read(RealmId realm, const std::string& topic) const;

  const Store& store_;
  storage::KeyLocks& locks_;
  std::mutex mutex_;
  std::map<std::pair<RealmId, std::string>, std::shared_ptr<const TopicView>> views_;
};

// The filter of a subscription's attributes, which were checked when they were set.
std::optional<FilterPolicy> filter_of(const Subscription& subscription);

}  // namespace paddock::services::sns
