// The realm directory: (service, account, region) -> realm id, durable, ids never used twice.
//
// Row format, version 1, family meta, key (kSystemRealm, kRealmKind, u32 id):
//   u8 version=1, text service, text account, text region   (fields as in keys.hpp)
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/realm.hpp"
#include "storage/database.hpp"

namespace paddock::storage {

// Thread-safe.
class Realms {
 public:
  explicit Realms(Database& database);  // loads the directory

  // The live realm; its `id` is kNoRealm if nothing was ever written there.
  std::shared_ptr<const Realm> find(std::string_view service, std::string_view account,
                                    std::string_view region) const;
  // The same, made (one row) if it is not there yet.
  std::shared_ptr<const Realm> get(std::string_view service, std::string_view account,
                                   std::string_view region);
  // nullptr for an id that is dead or was never given.
  std::shared_ptr<const Realm> by_id(RealmId id) const;
  bool alive(RealmId id) const { return by_id(id) != nullptr; }
  std::vector<std::shared_ptr<const Realm>> all() const;

  // Forgets every realm of `service` and `account` (an empty one stands for all) with all its
  // rows, then calls the reset listeners with the dead ids. Returns the number of realms dropped.
  size_t reset(std::string_view service, std::string_view account);
  // `listener` drops what memory holds of dead realms; called after the rows are gone.
  void on_reset(std::function<void(const std::vector<RealmId>&)> listener);

 private:
  Database& database_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::shared_ptr<const Realm>, std::less<>> by_name_;
  std::map<RealmId, std::shared_ptr<const Realm>> by_id_;
  std::vector<std::function<void(const std::vector<RealmId>&)>> listeners_;
};

}  // namespace paddock::storage
