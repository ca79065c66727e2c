#include "services/s3/catalog.hpp"

namespace paddock::services::s3 {
namespace directory_place {

// The directory belongs to no account.
constexpr const char* kService = "s3";
constexpr const char* kAccount = "directory";

}  // namespace directory_place

Catalog::Catalog(const Store& store, storage::Realms& realms) : store_(store), realms_(realms) {
  load();
  realms_.on_reset([this](const std::vector<RealmId>&) {
    const std::unique_lock lock(mutex_);
    for (auto bucket = buckets_.begin(); bucket != buckets_.end();) {
      bucket = realms_.alive(bucket->second->realm) ? std::next(bucket) : buckets_.erase(bucket);
    }
  });
}

void Catalog::load() {
  const auto realm =
      realms_.find(directory_place::kService, directory_place::kAccount, kGlobalRegion);
  if (realm->id == kNoRealm) return;
  store_.buckets(realm->id, "", "", [this](Bucket bucket) {
    // A name whose owner was reset is free again.
    if (realms_.alive(bucket.realm)) {
      buckets_.emplace(bucket.name, std::make_shared<const Bucket>(bucket));
    }
    return true;
  });
}

BucketPtr Catalog::find(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto found = buckets_.find(name);
  return found == buckets_.end() ? nullptr : found->second;
}

std::vector<BucketPtr> Catalog::of_account(std::string_view account, std::string_view prefix,
                                           std::string_view after, std::string_view region,
                                           size_t most) const {
  std::vector<BucketPtr> found;
  const std::shared_lock lock(mutex_);
  auto bucket = after >= prefix && !after.empty() ? buckets_.upper_bound(after)
                                                  : buckets_.lower_bound(prefix);
  for (; bucket != buckets_.end() && found.size() < most; ++bucket) {
    if (!bucket->first.starts_with(prefix)) break;
    if (bucket->second->account != account) continue;
    if (!region.empty() && bucket->second->region != region) continue;
    found.push_back(bucket->second);
  }
  return found;
}

size_t Catalog::count(std::string_view account) const {
  size_t count = 0;
  const std::shared_lock lock(mutex_);
  for (const auto& [name, bucket] : buckets_) count += bucket->account == account ? 1 : 0;
  return count;
}

RealmId Catalog::directory() {
  return realms_.get(directory_place::kService, directory_place::kAccount, kGlobalRegion)->id;
}

void Catalog::publish(BucketPtr bucket) {
  const std::unique_lock lock(mutex_);
  buckets_.insert_or_assign(bucket->name, bucket);
}

void Catalog::forget(const std::string& name) {
  const std::unique_lock lock(mutex_);
  buckets_.erase(name);
}

}  // namespace paddock::services::s3
