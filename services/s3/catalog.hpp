// The buckets that there are, in memory: one partition-wide directory of names (DESIGN 4.4).
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "services/s3/store.hpp"
#include "storage/realms.hpp"

namespace paddock::services::s3 {

using BucketPtr = std::shared_ptr<const Bucket>;

// Thread-safe. Changes are made by `change` alone: commit, then publish, one at a time.
class Catalog {
 public:
  Catalog(const Store& store, storage::Realms& realms);  // loads the directory

  // nullptr if there is none of that name.
  BucketPtr find(std::string_view name) const;
  // Of one account, in the order of names, behind `after`, at most `most`.
  std::vector<BucketPtr> of_account(std::string_view account, std::string_view prefix,
                                    std::string_view after, std::string_view region,
                                    size_t most) const;
  size_t count(std::string_view account) const;

  // Held while a bucket is made, changed or dropped; never while a key is locked.
  std::unique_lock<std::mutex> lock_changes() { return std::unique_lock(changes_); }
  // The realm of the directory, made at the first bucket.
  RealmId directory();
  void publish(BucketPtr bucket);
  void forget(const std::string& name);

 private:
  void load();

  const Store& store_;
  storage::Realms& realms_;
  std::mutex changes_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, BucketPtr, std::less<>> buckets_;
};

}  // namespace paddock::services::s3
