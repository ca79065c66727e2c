// Where Lambda's rows are, but for those of invocations (invoke_store.hpp): the only two files that
// know this service's kinds of keys.
//
// Rows (fields as in storage/keys.hpp). Documents are storage/document_row.hpp's:
//   meta  kFunctionKind  text name                      Function, $LATEST
//   meta  kMappingKind   text uuid                      Mapping
//   rows  kPositionKind  text uuid, text shard          u8 version=1, u8 finished, u64 position
//   rows  kResultKind    text uuid                      u8 version=1, LastProcessingResult
//   meta  kNumberKind    text what, text name           {"last"}: the highest version of it ever
//   meta  kVersionKind   text function, u64 version     Function, a published version
//   meta  kAliasKind     text function, text name       Alias
//   meta  kLayerKind     text layer, u64 version        LayerVersion
//   meta  kSigningKind   text id                        CodeSigning
// A position's shard is a lane's name (lanes.hpp) if several lanes read the shard.
// Documents: of a Function {"config","tags","policy","reserved","code","blob" (base64 of BlobId),
// "environment","made_of","settings"}; of a Mapping {"config","tags","enabled"}; of an Alias
// {"config","policy"}; of a LayerVersion {"config","policy","revision","blob","bytes","bootstrap",
// "deleted"}; of a CodeSigning {"config","tags"}. Several Functions of a name may share a blob: it
// is erased with the last.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ids.hpp"
#include "core/realm.hpp"
#include "services/lambda/model.hpp"
#include "storage/database.hpp"
#include "storage/keys.hpp"

namespace paddock::services::lambda {

inline constexpr storage::Kind kFunctionKind = 0x30;
inline constexpr storage::Kind kMappingKind = 0x31;
inline constexpr storage::Kind kPositionKind = 0x32;
inline constexpr storage::Kind kResultKind = 0x33;
inline constexpr storage::Kind kNumberKind = 0x34;
inline constexpr storage::Kind kVersionKind = 0x35;
inline constexpr storage::Kind kAliasKind = 0x36;
inline constexpr storage::Kind kLayerKind = 0x37;
inline constexpr storage::Kind kSigningKind = 0x38;

// Where a mapping stands in one shard.
struct ShardPosition {
  uint64_t position = 0;
  bool finished = false;  // closed, and every record delivered
};

// A row of a function or a version, and back.
std::string row_of(const Function& function);
Function function_of_row(std::string_view bytes);

// Thread-safe. Writes go into the caller's batch; reads throw storage::StorageError.
class Store {
 public:
  explicit Store(storage::Database& database) : database_(database) {}

  std::optional<Function> function(RealmId realm, std::string_view name) const;
  void put_function(RealmId realm, const Function& function, storage::Batch& batch);
  void erase_function(RealmId realm, std::string_view name, storage::Batch& batch);
  // Up to `most` functions by name, those after `after`.
  std::vector<Function> functions(RealmId realm, std::string_view after, size_t most) const;

  // Published versions, in store_versions.cpp.
  std::optional<Function> version(RealmId realm, std::string_view name, uint64_t number) const;
  void put_version(RealmId realm, const Function& version, storage::Batch& batch);
  void erase_version(RealmId realm, std::string_view name, uint64_t number, storage::Batch& batch);
  // Up to `most` versions by number, those after `after`.
  std::vector<Function> versions(RealmId realm, std::string_view name, uint64_t after,
                                 size_t most = SIZE_MAX) const;
  std::optional<Alias> alias(RealmId realm, std::string_view function, std::string_view name) const;
  void put_alias(RealmId realm, std::string_view function, const Alias& alias,
                 storage::Batch& batch);
  void erase_alias(RealmId realm, std::string_view function, std::string_view name,
                   storage::Batch& batch);
  std::vector<Alias> aliases(RealmId realm, std::string_view function) const;
  // With its versions and aliases; what they were numbered up to is kept.
  void erase_all_of(RealmId realm, std::string_view function, storage::Batch& batch);
  // The highest number of a version so far, 0 if none; `what` is "function" or "layer". Numbers
  // are not used twice, not even by a function that was deleted and made again
  // (https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html).
  uint64_t last_number(RealmId realm, std::string_view what, std::string_view name) const;
  void put_last_number(RealmId realm, std::string_view what, std::string_view name, uint64_t number,
                       storage::Batch& batch);

  // Layers and code signing configurations, in store_layers.cpp. Deleted versions are found as
  // well.
  std::optional<LayerVersion> layer(RealmId realm, std::string_view name, uint64_t version) const;
  void put_layer(RealmId realm, std::string_view name, const LayerVersion& layer,
                 storage::Batch& batch);
  void erase_layer(RealmId realm, std::string_view name, uint64_t version, storage::Batch& batch);
  // By version; of all layers for "", by name and version.
  std::vector<LayerVersion> layer_versions(RealmId realm, std::string_view name) const;
  // Whether a function or one of its versions has it. Reads all of them.
  bool layer_in_use(RealmId realm, std::string_view arn) const;
  std::optional<CodeSigning> code_signing(RealmId realm, std::string_view id) const;
  void put_code_signing(RealmId realm, const CodeSigning& signing, storage::Batch& batch);
  void erase_code_signing(RealmId realm, std::string_view id, storage::Batch& batch);
  std::vector<CodeSigning> code_signings(RealmId realm) const;

  std::optional<Mapping> mapping(RealmId realm, std::string_view uuid) const;
  void put_mapping(RealmId realm, const Mapping& mapping, storage::Batch& batch);
  // With its positions and its last result.
  void erase_mapping(RealmId realm, std::string_view uuid, storage::Batch& batch);
  std::vector<Mapping> mappings(RealmId realm) const;

  std::optional<ShardPosition> position(RealmId realm, std::string_view uuid,
                                        std::string_view shard) const;
  // All of a mapping, by the name of their row.
  std::map<std::string, ShardPosition> positions(RealmId realm, std::string_view uuid) const;
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
  static std::string layer_key(RealmId realm, std::string_view name);
  static std::string code_signing_key(RealmId realm, std::string_view id);

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
  Runnables(const Store& store, storage::Blobs& blobs, Ids& ids)
      : store_(store), blobs_(blobs), ids_(ids) {}

  // The function, its version or what its alias points to, as `qualifier` says ("": $LATEST). An
  // alias of two versions draws one of them by its weights at each call; `spec->version` says
  // which. nullptr if there is no such function, version or alias.
  std::shared_ptr<const Runnable> find(const Realm& realm, const std::string& name,
                                       const std::string& qualifier = "");
  // To be called after a commit that changed the function, one of its versions or aliases.
  void forget(RealmId realm, const std::string& name);
  void forget_all();

 private:
  static constexpr size_t kMost = 4096;
  using Key = std::pair<RealmId, std::string>;  // "name:qualifier"
  struct Route {
    std::shared_ptr<const Runnable> first, second;  // second: null but for an alias of two versions
    double second_weight = 0;
  };
  std::shared_ptr<const Runnable> draw(RealmId realm, const Route& route) const;
  Route route_of(const Realm& realm, const std::string& name, const std::string& qualifier) const;
  std::shared_ptr<const Runnable> runnable_of(const Realm& realm, const std::string& name,
                                              const std::string& version) const;
  std::shared_ptr<const ::paddock::lambda::CodePackage> package_of(const Function& function) const;
  std::vector<std::shared_ptr<const ::paddock::lambda::CodePackage>> layers_of(
      RealmId realm, const Function& function) const;

  const Store& store_;
  storage::Blobs& blobs_;
  Ids& ids_;
  std::mutex mutex_;
  uint64_t generation_ = 0;  // rises with every `forget`, so that no stale row is remembered
  std::map<Key, Route> known_;
};

}  // namespace paddock::services::lambda
