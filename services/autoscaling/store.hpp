// Where the rows of Application Auto Scaling are: the only file that knows its kinds of keys.
//
// Rows, version 1, family meta (storage/document_row.hpp; N = text namespace, text resource, text
// dimension):
//   kTargetKind  N               {"id","min","max","role","created","suspended","tags"}
//   kPolicyKind  N, text name    {"arn","type","configuration","alarms","created"}
//   kActionKind  N, text name    {"arn","schedule","settings","created"}
//   kTargetIdKind  text id       [namespace, resource, dimension]: targets by their ARN
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/realm.hpp"
#include "services/autoscaling/model.hpp"
#include "storage/database.hpp"
#include "storage/keys.hpp"

namespace paddock::services::autoscaling {

inline constexpr storage::Kind kTargetKind = 0x70;
inline constexpr storage::Kind kPolicyKind = 0x71;
inline constexpr storage::Kind kActionKind = 0x72;
inline constexpr storage::Kind kTargetIdKind = 0x73;

// Thread-safe. Writes go into the caller's batch; reads throw storage::StorageError. Lists visit
// what a namespace has in order of keys, from the first one after `after` (a key as the visitor was
// given it, "" = from the start), until the visitor returns false.
class Store {
 public:
  explicit Store(const storage::Database& database) : database_(database) {}

  // What a read-modify-write of a target, its policies and actions locks.
  static std::string lock(RealmId realm, const TargetKey& key);

  std::optional<Target> target(RealmId realm, const TargetKey& key) const;
  std::optional<Target> target_by_id(RealmId realm, std::string_view id) const;
  void put(RealmId realm, const Target& target, storage::Batch& batch) const;
  // With its policies and actions.
  void erase(RealmId realm, const Target& target, storage::Batch& batch) const;
  void targets(RealmId realm, std::string_view service, std::string_view after,
               const std::function<bool(const std::string& key, Target)>& visit) const;

  std::optional<Policy> policy(RealmId realm, const TargetKey& key, std::string_view name) const;
  void put(RealmId realm, const Policy& policy, storage::Batch& batch) const;
  void erase(RealmId realm, const Policy& policy, storage::Batch& batch) const;
  void policies(RealmId realm, std::string_view service, std::string_view after,
                const std::function<bool(const std::string& key, Policy)>& visit) const;

  std::optional<Action> action(RealmId realm, const TargetKey& key, std::string_view name) const;
  void put(RealmId realm, const Action& action, storage::Batch& batch) const;
  void erase(RealmId realm, const Action& action, storage::Batch& batch) const;
  void actions(RealmId realm, std::string_view service, std::string_view after,
               const std::function<bool(const std::string& key, Action)>& visit) const;

 private:
  void each(const storage::Key& prefix, std::string_view after,
            const std::function<bool(std::string_view key, std::string_view row)>& visit) const;

  const storage::Database& database_;
};

}  // namespace paddock::services::autoscaling
