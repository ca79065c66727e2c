#include "services/lambda/url_directory.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace paddock::services::lambda {

void UrlDirectory::load(const storage::Realms& realms, const InvokeStore& store) {
  for (const std::shared_ptr<const Realm>& realm : realms.all()) {
    if (realm->service != "lambda") {
      continue;
    }
    for (const FunctionUrl& url : store.urls(realm->id, "")) {
      put(realm, url);
    }
  }
}

void UrlDirectory::put(std::shared_ptr<const Realm> realm, const FunctionUrl& url) {
  auto served = std::make_shared<const ServedUrl>(ServedUrl{std::move(realm), url});
  std::unique_lock lock(mutex_);
  urls_[url.id] = std::move(served);
}

void UrlDirectory::remove(RealmId realm, const std::string& id) {
  std::unique_lock lock(mutex_);
  const auto found = urls_.find(id);
  if (found != urls_.end() && found->second->realm->id == realm) {
    urls_.erase(found);
  }
}

void UrlDirectory::remove_function(RealmId realm, const std::string& function) {
  std::unique_lock lock(mutex_);
  std::erase_if(urls_, [&](const auto& entry) {
    return entry.second->realm->id == realm && entry.second->url.function == function;
  });
}

void UrlDirectory::drop_realms(const std::vector<RealmId>& realms) {
  std::unique_lock lock(mutex_);
  std::erase_if(urls_, [&](const auto& entry) {
    return std::find(realms.begin(), realms.end(), entry.second->realm->id) != realms.end();
  });
}

std::shared_ptr<const ServedUrl> UrlDirectory::find(const std::string& id) const {
  std::shared_lock lock(mutex_);
  const auto found = urls_.find(id);
  return found == urls_.end() ? nullptr : found->second;
}

}  // namespace paddock::services::lambda
