// The inline and the attached policies of roles.
#include "core/arn.hpp"
#include "core/text.hpp"
#include "models/iam.hpp"
#include "services/iam/errors.hpp"
#include "services/iam/limits.hpp"
#include "services/iam/managed_policies.hpp"
#include "services/iam/requests.hpp"
#include "services/iam/service.hpp"

namespace paddock::services::iam {

namespace m = models::iam_members;

namespace role_policy_detail {

std::string policy_arn_of(const Json& input) {
  std::string arn = text_of(input, m::PolicyArn);
  if (!Arn::parse(arn)) throw errors::invalid_arn(arn);
  return arn;
}

}  // namespace role_policy_detail

Iam::Operations Iam::role_policy_operations() {
  using gateway::Access;
  using gateway::Fidelity;
  using gateway::plain;
  constexpr auto kOnlyAws = Fidelity::partial("only AWS-managed policies can be attached");
  return {
      {"PutRolePolicy", plain(this, &Iam::put_role_policy), Access::write, Fidelity::full(),
       "iam:PutRolePolicy", role_resource, ""},
      {"GetRolePolicy", plain(this, &Iam::get_role_policy), Access::read, Fidelity::full(),
       "iam:GetRolePolicy", role_resource, ""},
      {"ListRolePolicies", plain(this, &Iam::list_role_policies), Access::read, Fidelity::full(),
       "iam:ListRolePolicies", role_resource, ""},
      {"DeleteRolePolicy", plain(this, &Iam::delete_role_policy), Access::write, Fidelity::full(),
       "iam:DeleteRolePolicy", role_resource, ""},
      {"AttachRolePolicy", plain(this, &Iam::attach_role_policy), Access::write, kOnlyAws,
       "iam:AttachRolePolicy", role_resource, ""},
      {"DetachRolePolicy", plain(this, &Iam::detach_role_policy), Access::write, Fidelity::full(),
       "iam:DetachRolePolicy", role_resource, ""},
      {"ListAttachedRolePolicies", plain(this, &Iam::list_attached_role_policies), Access::read,
       Fidelity::full(), "iam:ListAttachedRolePolicies", role_resource, ""},
  };
}

Iam::Output Iam::put_role_policy(Context& context, Json input) {
  const std::string name = text_of(input, m::PolicyName);
  const std::string document = text_of(input, m::PolicyDocument);
  check_identity_policy(document);
  const RealmId realm = context.realm->id;
  const auto guard = platform_.locks.lock(Store::role_lock(realm, text_of(input, m::RoleName)));
  const Role role = existing_role(context, input);
  size_t size = policy_size(document);
  store_.role_policies(realm, role.name, {}, [&](const std::string& other, std::string_view text) {
    if (other != name) size += policy_size(text);
    return true;
  });
  if (size > limits::kRolePoliciesCharacters) {
    throw errors::role_policies_too_large(role.name, limits::kRolePoliciesCharacters);
  }
  storage::Batch batch;
  store_.put_role_policy(realm, role.name, name, document, batch);
  context.commit(batch);
  return {};
}

Iam::Output Iam::get_role_policy(Context& context, Json input) {
  const Role role = existing_role(context, input);
  const std::string name = text_of(input, m::PolicyName);
  const auto document = store_.role_policy(context.realm->id, role.name, name);
  if (!document) throw errors::no_such_role_policy(name);
  return Json{
      {m::RoleName, role.name}, {m::PolicyName, name}, {m::PolicyDocument, url_encode(*document)}};
}

Iam::Output Iam::list_role_policies(Context& context, Json input) {
  const Role role = existing_role(context, input);
  Paging paging(input);
  Json names = Json::array();
  store_.role_policies(context.realm->id, role.name, paging.after(),
                       [&](const std::string& name, std::string_view) {
                         if (!paging.take(name)) return false;
                         names.push_back(name);
                         return true;
                       });
  Json output = {{m::PolicyNames, std::move(names)}};
  paging.write(output);
  return output;
}

Iam::Output Iam::delete_role_policy(Context& context, Json input) {
  const RealmId realm = context.realm->id;
  const auto guard = platform_.locks.lock(Store::role_lock(realm, text_of(input, m::RoleName)));
  const Role role = existing_role(context, input);
  const std::string name = text_of(input, m::PolicyName);
  if (!store_.role_policy(realm, role.name, name)) throw errors::no_such_role_policy(name);
  storage::Batch batch;
  store_.erase_role_policy(realm, role.name, name, batch);
  context.commit(batch);
  return {};
}

// Attaching what is attached already succeeds.
Iam::Output Iam::attach_role_policy(Context& context, Json input) {
  const std::string arn = role_policy_detail::policy_arn_of(input);
  const RealmId realm = context.realm->id;
  const auto guard = platform_.locks.lock(Store::role_lock(realm, text_of(input, m::RoleName)));
  const Role role = existing_role(context, input);
  if (!find_managed_policy(arn)) throw errors::policy_not_attachable(arn);
  if (store_.attached(realm, role.name, arn)) return {};
  size_t attached = 0;
  store_.attachments(realm, role.name, {}, [&](const std::string&) {
    ++attached;
    return true;
  });
  if (attached >= limits::kManagedPoliciesPerRole) {
    throw errors::quota_exceeded("PoliciesPerRole", limits::kManagedPoliciesPerRole);
  }
  storage::Batch batch;
  store_.attach(realm, role.name, arn, batch);
  context.commit(batch);
  return {};
}

Iam::Output Iam::detach_role_policy(Context& context, Json input) {
  const std::string arn = role_policy_detail::policy_arn_of(input);
  const RealmId realm = context.realm->id;
  const auto guard = platform_.locks.lock(Store::role_lock(realm, text_of(input, m::RoleName)));
  const Role role = existing_role(context, input);
  if (!store_.attached(realm, role.name, arn)) throw errors::policy_not_attached(arn);
  storage::Batch batch;
  store_.detach(realm, role.name, arn, batch);
  context.commit(batch);
  return {};
}

Iam::Output Iam::list_attached_role_policies(Context& context, Json input) {
  const Role role = existing_role(context, input);
  const std::string prefix = text_of(input, m::PathPrefix, "/");
  Paging paging(input);
  Json policies = Json::array();
  store_.attachments(context.realm->id, role.name, paging.after(), [&](const std::string& arn) {
    const ManagedPolicy* policy = find_managed_policy(arn);
    if (!policy || policy->path.substr(0, prefix.size()) != prefix) return true;
    if (!paging.take(arn)) return false;
    policies.push_back({{m::PolicyName, policy->name}, {m::PolicyArn, arn}});
    return true;
  });
  Json output = {{m::AttachedPolicies, std::move(policies)}};
  paging.write(output);
  return output;
}

}  // namespace paddock::services::iam
