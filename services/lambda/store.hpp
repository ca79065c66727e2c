// Where Lambda's rows are: the only file that knows this service's kinds of keys.
//
// Rows, version 1 (fields as in storage/keys.hpp; texts after the version byte are JSON):
//   meta  kFunctionKind  text name                 u8 version=1, Function as JSON
//   meta  kMappingKind   text uuid                 u8 version=1, Mapping as JSON
//   rows  kPositionKind  text uuid, text shard     u8 version=1, u8 finished, u64 position
//   rows  kResultKind    text uuid                 u8 version=1, LastProcessingResult
// JSON of a Function: {"config","tags","policy","reserved","code","blob" (base64 of BlobId),
// "environment"};
// of a Mapping: {"config","tags","enabled"}.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/realm.hpp"
#include "services/lambda/model.hpp"
#include "storage/database.hpp"
#include "storage/keys.hpp"

namespace paddock::services::lambda {

inline constexpr storage::Kind kFunctionKind = 0x30;
inline constexpr storage::Kind kMappingKind = 0x31;
inline constexpr storage::Kind kPositionKind = 0x32;
inline constexpr storage::Kind kResultKind = 0x33;

// Where a mapping stands in one shard.
struct ShardPosition {
  uint64_t position = 0;
  bool finished = false;  // closed, and every record delivered
};

// Thread-safe. Writes go into the caller's batch; reads throw storage::StorageError.
class Store {
 public:
  explicit Store(storage::Database& database) : database_(database) {}

  std::optional<Function> function(RealmId realm, std::string_view name) const;
  void put_function(RealmId realm, const Function& function, storage::Batch& batch);
  void erase_function(RealmId realm, std::string_view name, storage::Batch& batch);
  // Up to `most` functions by name, those after `after`.
  std::vector<Function> functions(RealmId realm, std::string_view after, size_t most) const;

  std::optional<Mapping> mapping(RealmId realm, std::string_view uuid) const;
  void put_mapping(RealmId realm, const Mapping& mapping, storage::Batch& batch);
  // With its positions and its last result.
  void erase_mapping(RealmId realm, std::string_view uuid, storage::Batch& batch);
  std::vector<Mapping> mappings(RealmId realm) const;

  std::optional<ShardPosition> position(RealmId realm, std::string_view uuid,
                                        std::string_view shard) const;
  void put_position(RealmId realm, std::string_view uuid, std::string_view shard,
                    const ShardPosition& position, storage::Batch& batch);
  void erase_position(RealmId realm, std::string_view uuid, std::string_view shard,
                      storage::Batch& batch);
  void put_result(RealmId realm, std::string_view uuid, std::string_view result,
                  storage::Batch& batch);
  // "No records processed" until there is one.
  std::string result(RealmId realm, std::string_view uuid) const;

  // Lock keys for read-modify-write.
  static std::string function_key(RealmId realm, std::string_view name);
  static std::string mapping_key(RealmId realm, std::string_view uuid);

 private:
  storage::Database& database_;
};

// A function as invocations need it, from memory while it does not change.
struct Runnable {
  std::shared_ptr<const ::paddock::lambda::FunctionSpec> spec;
  std::optional<int> reserved_concurrency;
  std::string missing;  // what cannot be run here: "java21", "container images"; "" if it can

  bool runs_here() const { return missing.empty(); }
};

// Thread-safe cache of Runnables over a store.
class Runnables {
 public:
  Runnables(const Store& store, storage::Blobs& blobs) : store_(store), blobs_(blobs) {}

  // nullptr if there is no such function.
  std::shared_ptr<const Runnable> find(const Realm& realm, const std::string& name);
  // To be called after a commit that changed the function.
  void forget(RealmId realm, const std::string& name);
  void forget_all();

 private:
  static constexpr size_t kMost = 4096;
  std::shared_ptr<const ::paddock::lambda::CodePackage> package_of(const Function& function) const;

  const Store& store_;
  storage::Blobs& blobs_;
  std::mutex mutex_;
  uint64_t generation_ = 0;  // rises with every `forget`, so that no stale row is remembered
  std::map<std::pair<RealmId, std::string>, std::shared_ptr<const Runnable>> known_;
};

}  // namespace paddock::services::lambda
