// Function URLs by the label of their host: what a request that names no account is for. In memory;
// the store can make it again.
#pragma once

#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

#include "core/realm.hpp"
#include "services/lambda/invoke_store.hpp"
#include "storage/realms.hpp"

namespace paddock::services::lambda {

struct ServedUrl {
  std::shared_ptr<const Realm> realm;
  FunctionUrl url;
};

// Thread-safe.
class UrlDirectory {
 public:
  // Reads all realms' URLs; once, at the start.
  void load(const storage::Realms& realms, const InvokeStore& store);
  // After the commit that made, changed or dropped URLs.
  void put(std::shared_ptr<const Realm> realm, const FunctionUrl& url);
  void remove(RealmId realm, const std::string& id);
  void remove_function(RealmId realm, const std::string& function);
  void drop_realms(const std::vector<RealmId>& realms);

  // nullptr if there is none.
  std::shared_ptr<const ServedUrl> find(const std::string& id) const;

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::shared_ptr<const ServedUrl>> urls_;
};

}  // namespace paddock::services::lambda
