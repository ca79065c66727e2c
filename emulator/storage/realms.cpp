#include "storage/realms.hpp"

#include <mutex>
#include <utility>

#include "storage/system_kinds.hpp"

namespace paddock::storage {

namespace {

constexpr uint8_t kRealmRowVersion = 1;
constexpr std::string_view kRealmCounter = "realm";

std::string realm_name(std::string_view service, std::string_view account,
                       std::string_view region) {
  std::string name;
  name.reserve(service.size() + account.size() + region.size() + 2);
  name.append(service).push_back('\0');
  name.append(account).push_back('\0');
  name.append(region);
  return name;
}

std::string encode_realm(const Realm& realm) {
  std::string row(1, static_cast<char>(kRealmRowVersion));
  append_text(row, realm.service);
  append_text(row, realm.account);
  append_text(row, realm.region);
  return row;
}

Realm decode_realm(RealmId id, std::string_view row) {
  if (row.empty() || static_cast<uint8_t>(row[0]) != kRealmRowVersion) {
    throw StorageError("the directory row of realm " + std::to_string(id) + " is unreadable");
  }
  // A KeyReader reads any sequence of fields behind a realm and a kind.
  const std::string fields = Key(id, kRealmKind).raw(row.substr(1)).bytes();
  KeyReader reader(fields);
  Realm realm;
  realm.id = id;
  realm.service = reader.text();
  realm.account = reader.text();
  realm.region = reader.text();
  return realm;
}

}  // namespace

Realms::Realms(Database& database) : database_(database) {
  const Key prefix(kSystemRealm, kRealmKind);
  for (Iterator row = database_.iterate_prefix(Family::meta, prefix); row.valid(); row.next()) {
    KeyReader key(row.key());
    auto realm = std::make_shared<const Realm>(decode_realm(key.u32(), row.value()));
    by_name_.emplace(realm_name(realm->service, realm->account, realm->region), realm);
    by_id_.emplace(realm->id, realm);
  }
}

std::shared_ptr<const Realm> Realms::find(std::string_view service, std::string_view account,
                                          std::string_view region) const {
  const std::string name = realm_name(service, account, region);
  {
    const std::shared_lock lock(mutex_);
    const auto found = by_name_.find(name);
    if (found != by_name_.end()) {
      return found->second;
    }
  }
  return std::make_shared<const Realm>(
      Realm{kNoRealm, std::string(service), std::string(account), std::string(region)});
}

std::shared_ptr<const Realm> Realms::get(std::string_view service, std::string_view account,
                                         std::string_view region) {
  std::string name = realm_name(service, account, region);
  {
    const std::shared_lock lock(mutex_);
    const auto found = by_name_.find(name);
    if (found != by_name_.end()) {
      return found->second;
    }
  }
  const std::unique_lock lock(mutex_);
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) {
    return found->second;
  }
  // 0 is the system's, so the counter's first value gives 1.
  const uint64_t id = database_.reserve(kSystemRealm, kRealmCounter, 1) + 1;
  if (id >= kNoRealm) {
    throw StorageError("all realm ids are used: start with a new data directory");
  }
  auto realm = std::make_shared<const Realm>(Realm{static_cast<RealmId>(id), std::string(service),
                                                   std::string(account), std::string(region)});
  Batch batch;
  batch.put(Family::meta, Key(kSystemRealm, kRealmKind).u32(realm->id), encode_realm(*realm));
  database_.commit(batch);
  by_name_.emplace(std::move(name), realm);
  by_id_.emplace(realm->id, realm);
  return realm;
}

std::shared_ptr<const Realm> Realms::by_id(RealmId id) const {
  const std::shared_lock lock(mutex_);
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<const Realm>> Realms::all() const {
  const std::shared_lock lock(mutex_);
  std::vector<std::shared_ptr<const Realm>> realms;
  realms.reserve(by_id_.size());
  for (const auto& [id, realm] : by_id_) {
    realms.push_back(realm);
  }
  return realms;
}

size_t Realms::reset(std::string_view service, std::string_view account) {
  std::vector<RealmId> dead;
  std::vector<std::function<void(const std::vector<RealmId>&)>> listeners;
  {
    // Held while the rows go, so that nobody gets a new realm of a name that is half gone.
    const std::unique_lock lock(mutex_);
    for (const auto& [id, realm] : by_id_) {
      if ((service.empty() || realm->service == service) &&
          (account.empty() || realm->account == account)) {
        dead.push_back(id);
      }
    }
    if (!dead.empty()) {
      database_.kill_realms(dead);
    }
    for (RealmId id : dead) {
      const auto realm = by_id_.find(id);
      by_name_.erase(
          realm_name(realm->second->service, realm->second->account, realm->second->region));
      by_id_.erase(realm);
    }
    listeners = listeners_;
  }
  for (const auto& listener : listeners) {
    listener(dead);
  }
  return dead.size();
}

void Realms::on_reset(std::function<void(const std::vector<RealmId>&)> listener) {
  const std::unique_lock lock(mutex_);
  listeners_.push_back(std::move(listener));
}

}  // namespace paddock::storage
