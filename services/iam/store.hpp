// Where IAM's rows are: the only file that knows this service's kinds of keys.
//
// Rows, version 1, family meta; names in lower case, since IAM does not tell them by case:
//   kRoleKind            text role               u8 version=1, Role as JSON
//   kRolePolicyKind      text role, text policy  the document as given
//   kRoleAttachmentKind  text role, text ARN     empty
//   kUserKind            text user               u8 version=1, User as JSON
//   kAccessKeyKind       text key id             u8 version=1, AccessKey as JSON
//   kUserKeyKind         text user, text key id  empty ("" is the root user)
// JSON of a Role: {"name","id","path","trust","description","session","boundary","tags","created"};
// of a User: {"name","id","path","boundary","tags","created"}; of an AccessKey:
// {"id","secret","user","active","created"}. Tags are [[key, value] …], times world milliseconds.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/realm.hpp"
#include "services/iam/model.hpp"
#include "storage/database.hpp"
#include "storage/keys.hpp"

namespace paddock::services::iam {

inline constexpr storage::Kind kRoleKind = 0x60;
inline constexpr storage::Kind kRolePolicyKind = 0x61;
inline constexpr storage::Kind kRoleAttachmentKind = 0x62;
inline constexpr storage::Kind kUserKind = 0x63;
inline constexpr storage::Kind kAccessKeyKind = 0x64;
inline constexpr storage::Kind kUserKeyKind = 0x65;

// Thread-safe. Writes go into the caller's batch; reads throw storage::StorageError. Lists call
// `visit` in order of names, from the first one after `after`, until it returns false.
class Store {
 public:
  explicit Store(const storage::Database& database) : database_(database) {}

  // What a read-modify-write of a role, a user, or a whole collection locks.
  static std::string role_lock(RealmId realm, std::string_view role);
  static std::string user_lock(RealmId realm, std::string_view user);
  static std::string roles_lock(RealmId realm);
  static std::string users_lock(RealmId realm);

  std::optional<Role> role(RealmId realm, std::string_view name) const;
  void put_role(RealmId realm, const Role& role, storage::Batch& batch) const;
  void erase_role(RealmId realm, std::string_view name, storage::Batch& batch) const;
  void roles(RealmId realm, std::string_view after, const std::function<bool(Role)>& visit) const;

  std::optional<std::string> role_policy(RealmId realm, std::string_view role,
                                         std::string_view policy) const;
  void put_role_policy(RealmId realm, std::string_view role, std::string_view policy,
                       std::string_view document, storage::Batch& batch) const;
  void erase_role_policy(RealmId realm, std::string_view role, std::string_view policy,
                         storage::Batch& batch) const;
  void role_policies(
      RealmId realm, std::string_view role, std::string_view after,
      const std::function<bool(const std::string& name, std::string_view document)>& visit) const;

  bool attached(RealmId realm, std::string_view role, std::string_view arn) const;
  void attach(RealmId realm, std::string_view role, std::string_view arn,
              storage::Batch& batch) const;
  void detach(RealmId realm, std::string_view role, std::string_view arn,
              storage::Batch& batch) const;
  void attachments(RealmId realm, std::string_view role, std::string_view after,
                   const std::function<bool(const std::string& arn)>& visit) const;

  std::optional<User> user(RealmId realm, std::string_view name) const;
  void put_user(RealmId realm, const User& user, storage::Batch& batch) const;
  void erase_user(RealmId realm, std::string_view name, storage::Batch& batch) const;
  void users(RealmId realm, std::string_view after, const std::function<bool(User)>& visit) const;

  std::optional<AccessKey> access_key(RealmId realm, std::string_view id) const;
  void put_access_key(RealmId realm, const AccessKey& key, storage::Batch& batch) const;
  void erase_access_key(RealmId realm, const AccessKey& key, storage::Batch& batch) const;
  std::vector<AccessKey> access_keys(RealmId realm, std::string_view user) const;
  // Of roles or users; stops counting at `most`.
  size_t count(RealmId realm, storage::Kind kind, size_t most) const;

 private:
  // Visits the rows whose keys start with `prefix`, after the key (prefix, after).
  void each(const storage::Key& prefix, std::string_view after,
            const std::function<bool(std::string_view key, std::string_view value)>& visit) const;

  const storage::Database& database_;
};

}  // namespace paddock::services::iam
