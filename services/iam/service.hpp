// IAM and STS: one service with two APIs. IAM is global, so both keep what they know in the realm
// of the account's region "global".
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/service.hpp"
#include "identity/identity.hpp"
#include "services/iam/model.hpp"
#include "services/iam/store.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::iam {

// Also the source of the keys it issued: they authenticate calls at once.
class Iam : public gateway::Service, public identity::KeySource {
 public:
  explicit Iam(gateway::Platform& platform);

  std::string_view name() const override { return "iam"; }
  std::vector<std::string> resources(const Realm& realm) const override;

  // identity::KeySource (access_keys.cpp). Thread-safe; reads the store.
  std::optional<identity::KnownKey> find_key(std::string_view access_key) const override;

 private:
  using Context = gateway::RequestContext;
  using Output = gateway::Output;
  using Operations = std::vector<gateway::Operation>;
  using Guards = std::vector<storage::KeyLocks::Guard>;

  // roles.cpp
  Operations role_operations();
  Output create_role(Context& context, Json input);
  Output get_role(Context& context, Json input);
  Output list_roles(Context& context, Json input);
  Output delete_role(Context& context, Json input);
  Output update_assume_role_policy(Context& context, Json input);
  Role existing_role(const Context& context, const Json& input) const;

  // role_policies.cpp
  Operations role_policy_operations();
  Output put_role_policy(Context& context, Json input);
  Output get_role_policy(Context& context, Json input);
  Output list_role_policies(Context& context, Json input);
  Output delete_role_policy(Context& context, Json input);
  Output attach_role_policy(Context& context, Json input);
  Output detach_role_policy(Context& context, Json input);
  Output list_attached_role_policies(Context& context, Json input);

  // users.cpp
  Operations user_operations();
  Output create_user(Context& context, Json input);
  Output get_user(Context& context, Json input);
  Output list_users(Context& context, Json input);
  Output delete_user(Context& context, Json input);
  User existing_user(const Context& context, const std::string& name) const;

  // access_keys.cpp
  Operations access_key_operations();
  Output create_access_key(Context& context, Json input);
  Output list_access_keys(Context& context, Json input);
  Output update_access_key(Context& context, Json input);
  Output delete_access_key(Context& context, Json input);
  std::string key_owner(const Context& context, const Json& input) const;
  AccessKey existing_key(const Context& context, const std::string& owner, const Json& input) const;

  // sts.cpp
  Operations sts_operations();
  Output get_caller_identity(Context& context, Json input);
  Output get_access_key_info(Context& context, Json input);

  gateway::Platform& platform_;
  const Store store_;
};

// How services/all.cpp makes it.
std::unique_ptr<gateway::Service> make(gateway::Platform& platform);

}  // namespace paddock::services::iam
