#include "services/lambda/poller.hpp"

#include <algorithm>
#include <utility>

#include "events/scheduler.hpp"
#include "services/lambda/queue_poller.hpp"
#include "services/lambda/stream_poller.hpp"
#include "storage/realms.hpp"

namespace paddock::services::lambda {

Pollers::Pollers(const PollerParts& parts) : parts_(parts) {
  parts_.platform.scheduler.handle(kWindowTarget,
                                   [this](const events::Timer& timer) { window_ended(timer); });
}

Pollers::~Pollers() = default;

void Pollers::start() {
  {
    std::lock_guard lock(mutex_);
    running_ = true;
  }
  for (const std::shared_ptr<const Realm>& realm : parts_.platform.realms.all()) {
    if (realm->service != "lambda") {
      continue;
    }
    for (const Mapping& mapping : parts_.store.mappings(realm->id)) {
      put(realm, mapping);
    }
  }
}

void Pollers::stop() {
  std::map<Id, std::shared_ptr<MappingPoller>> ending;
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
  std::shared_ptr<MappingPoller>& poller = pollers_[{realm->id, mapping.uuid()}];
  if (poller) {
    poller->reconfigure(mapping);
    return;
  }
  if (mapping.is_of_queue()) {
    poller = std::make_shared<QueuePoller>(parts_, realm, mapping);
  } else {
    poller = std::make_shared<StreamPoller>(parts_, realm, mapping);
  }
  poller->poke();
}

void Pollers::remove(RealmId realm, const std::string& uuid) {
  std::lock_guard lock(mutex_);
  if (auto found = pollers_.find({realm, uuid}); found != pollers_.end()) {
    found->second->mapping_deleted();
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
    parts_.platform.scheduler.cancel(batch, timer);
    parts_.platform.database.commit(batch);
  } catch (const storage::DeadRealm&) {
    return;  // its timers are gone with it
  }
  std::lock_guard lock(mutex_);
  if (auto found = pollers_.find({timer.realm, timer.payload}); found != pollers_.end()) {
    found->second->poke();
  }
}

}  // namespace paddock::services::lambda
