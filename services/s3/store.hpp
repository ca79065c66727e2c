// The rows of S3: the only file that knows their kinds and bytes (store.cpp). All objects of a
// bucket lie in its owner's realm; the directory of names is one for all.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/s3/model.hpp"
#include "storage/database.hpp"

namespace paddock::services::s3 {

inline constexpr storage::Kind kBucketKind = 0x48;       // meta: (directory realm, name)
inline constexpr storage::Kind kObjectKind = 0x49;       // rows: (realm, bucket, key, …)
inline constexpr storage::Kind kObjectPartsKind = 0x4A;  // rows: (realm, bucket, order)
inline constexpr storage::Kind kUploadKind = 0x4B;       // rows: (realm, bucket, key, upload id)
inline constexpr storage::Kind kPartKind = 0x4C;         // rows: (realm, bucket, upload id, number)

// Where a bucket's rows are.
struct BucketRef {
  RealmId realm = kNoRealm;
  uint64_t incarnation = 0;

  BucketRef(const Bucket& bucket)  // NOLINT: a bucket stands for its place
      : realm(bucket.realm), incarnation(bucket.incarnation) {}
};

// Walks the versions of a bucket in the order of keys, of one key the newest first. Views are valid
// until the next move.
class ObjectCursor {
 public:
  ObjectCursor(const storage::Database& database, const BucketRef& bucket, std::string_view prefix);

  bool valid() const { return walk_.valid(); }
  const std::string& key() const { return key_; }
  bool current() const { return current_; }  // the key's newest version
  Object object() const;

  void next();
  void seek_after_key(std::string_view key);        // behind all versions of it
  void seek_after_prefix(std::string_view prefix);  // behind all keys that start with it
  // Behind one version of a key; `current`: it is the key's newest.
  void seek_after_version(std::string_view key, bool current, uint64_t order);

 private:
  void read_key();

  BucketRef bucket_;
  std::string start_;
  storage::Iterator walk_;
  std::string key_;
  bool current_ = false;
};

// Thread-safe. Writes go to the caller's batch; reads throw StorageError.
class Store {
 public:
  explicit Store(storage::Database& database) : database_(database) {}

  // -- buckets ----------------------------------------------------------------------------------
  void put_bucket(RealmId directory, const Bucket& bucket, storage::Batch& batch) const;
  void erase_bucket(RealmId directory, const std::string& name, storage::Batch& batch) const;
  // Names from `after` on (not itself), in order, until `take` returns false.
  void buckets(RealmId directory, std::string_view prefix, std::string_view after,
               const std::function<bool(Bucket)>& take) const;

  // -- objects ----------------------------------------------------------------------------------
  // What to lock before a key's versions are changed.
  static std::string lock_name(const BucketRef& bucket, std::string_view key);
  // The newest version; a delete marker is one.
  std::optional<Object> current(const BucketRef& bucket, std::string_view key) const;
  std::optional<Object> older(const BucketRef& bucket, std::string_view key, uint64_t order) const;
  // The newest of the older ones.
  std::optional<Object> newest_older(const BucketRef& bucket, std::string_view key) const;
  void put_current(const BucketRef& bucket, std::string_view key, const Object& object,
                   storage::Batch& batch) const;
  void put_older(const BucketRef& bucket, std::string_view key, const Object& object,
                 storage::Batch& batch) const;
  void erase_current(const BucketRef& bucket, std::string_view key, storage::Batch& batch) const;
  void erase_older(const BucketRef& bucket, std::string_view key, uint64_t order,
                   storage::Batch& batch) const;
  bool has_objects(const BucketRef& bucket) const;
  ObjectCursor objects(const BucketRef& bucket, std::string_view prefix) const {
    return ObjectCursor(database_, bucket, prefix);
  }

  // The parts of a multipart object, by its order.
  std::vector<Part> object_parts(const BucketRef& bucket, uint64_t order) const;
  void put_object_parts(const BucketRef& bucket, uint64_t order, const std::vector<Part>& parts,
                        storage::Batch& batch) const;
  void erase_object_parts(const BucketRef& bucket, uint64_t order, storage::Batch& batch) const;

  // -- multipart uploads ------------------------------------------------------------------------
  std::optional<Upload> upload(const BucketRef& bucket, std::string_view key,
                               std::string_view id) const;
  void put_upload(const BucketRef& bucket, const Upload& upload, storage::Batch& batch) const;
  void erase_upload(const BucketRef& bucket, std::string_view key, std::string_view id,
                    storage::Batch& batch) const;
  // From behind (`key`, `id`) on, in that order; "" and "" from the start; an `id` of "" behind all
  // uploads of the key. `take` returns where to go on: nothing to end, "" for the next one, else
  // behind all keys with that prefix.
  void uploads(const BucketRef& bucket, std::string_view prefix, std::string_view key,
               std::string_view id,
               const std::function<std::optional<std::string>(Upload)>& take) const;
  std::optional<Part> part(const BucketRef& bucket, std::string_view upload, uint32_t number) const;
  void put_part(const BucketRef& bucket, std::string_view upload, const Part& part,
                storage::Batch& batch) const;
  void erase_part(const BucketRef& bucket, std::string_view upload, uint32_t number,
                  storage::Batch& batch) const;
  // Parts with numbers above `after`, in order, at most `most`.
  std::vector<Part> parts(const BucketRef& bucket, std::string_view upload, uint32_t after,
                          size_t most) const;

 private:
  storage::Database& database_;
};

// The bytes of rows, for tests.
std::string encode_object(const Object& object);
Object decode_object(std::string_view row);
std::string encode_part(const Part& part);
Part decode_part(std::string_view row);

}  // namespace paddock::services::s3
