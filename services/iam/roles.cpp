#include "core/text.hpp"
#include "models/iam.hpp"
#include "services/iam/errors.hpp"
#include "services/iam/limits.hpp"
#include "services/iam/requests.hpp"
#include "services/iam/service.hpp"

namespace paddock::services::iam {

namespace m = models::iam_members;

namespace role_detail {

// What every operation shows of a role.
Json document(const std::string& account, const Role& role) {
  Json out = {{m::Path, role.path},
              {m::RoleName, role.name},
              {m::RoleId, role.id},
              {m::Arn, role_arn(account, role.path, role.name)},
              {m::CreateDate, role.created.ms},
              {m::AssumeRolePolicyDocument, url_encode(role.trust_policy)}};
  if (!role.description.empty()) out[m::Description] = role.description;
  return out;
}

void add_tags_and_boundary(Json& out, const Role& role) {
  if (!role.tags.empty()) out[m::Tags] = tags_document(role.tags);
  if (!role.permissions_boundary.empty()) {
    out[m::PermissionsBoundary] = boundary_document(role.permissions_boundary);
  }
}

void check_trust(const std::string& document) {
  check_trust_policy(document);
  if (policy_size(document) > limits::kTrustPolicyCharacters) {
    throw errors::quota_exceeded("ACLSizePerRole", limits::kTrustPolicyCharacters);
  }
}

}  // namespace role_detail

Iam::Operations Iam::role_operations() {
  using gateway::Access;
  using gateway::Fidelity;
  using gateway::plain;
  return {
      {"CreateRole", plain(this, &Iam::create_role), Access::write, Fidelity::full(),
       "iam:CreateRole", role_resource, ""},
      {"GetRole", plain(this, &Iam::get_role), Access::read, Fidelity::full(), "iam:GetRole",
       role_resource, ""},
      {"ListRoles", plain(this, &Iam::list_roles), Access::read, Fidelity::full(), "iam:ListRoles",
       roles_resource, ""},
      {"DeleteRole", plain(this, &Iam::delete_role), Access::write, Fidelity::full(),
       "iam:DeleteRole", role_resource, ""},
      {"UpdateAssumeRolePolicy", plain(this, &Iam::update_assume_role_policy), Access::write,
       Fidelity::full(), "iam:UpdateAssumeRolePolicy", role_resource, ""},
  };
}

Role Iam::existing_role(const Context& context, const Json& input) const {
  const std::string name = text_of(input, m::RoleName);
  auto role = store_.role(context.realm->id, name);
  if (!role) throw errors::no_such_role(name);
  return std::move(*role);
}

Iam::Output Iam::create_role(Context& context, Json input) {
  Role role;
  role.name = text_of(input, m::RoleName);
  role.path = text_of(input, m::Path, "/");
  role.trust_policy = text_of(input, m::AssumeRolePolicyDocument);
  role.description = text_of(input, m::Description);
  role.max_session_s = input.value(m::MaxSessionDuration, role.max_session_s);
  role_detail::check_trust(role.trust_policy);
  role.tags = tags_of(input);
  role.permissions_boundary = boundary_of(input);

  const RealmId realm = context.realm->id;
  const Guards guards =
      platform_.locks.lock_all({Store::roles_lock(realm), Store::role_lock(realm, role.name)});
  if (store_.role(realm, role.name)) throw errors::role_exists(role.name);
  if (store_.count(realm, kRoleKind, limits::kRolesPerAccount) == limits::kRolesPerAccount) {
    throw errors::quota_exceeded("RolesPerAccount", limits::kRolesPerAccount);
  }
  role.id = unique_id("AROA", platform_.ids.next(realm, "role"));
  role.created = platform_.world.now();
  storage::Batch batch;
  store_.put_role(realm, role, batch);
  context.commit(batch);

  Json shown = role_detail::document(context.account, role);
  role_detail::add_tags_and_boundary(shown, role);
  return Json{{m::Role, std::move(shown)}};
}

Iam::Output Iam::get_role(Context& context, Json input) {
  const Role role = existing_role(context, input);
  Json shown = role_detail::document(context.account, role);
  role_detail::add_tags_and_boundary(shown, role);
  shown[m::MaxSessionDuration] = role.max_session_s;
  shown[m::RoleLastUsed] = Json::object();
  return Json{{m::Role, std::move(shown)}};
}

Iam::Output Iam::list_roles(Context& context, Json input) {
  const std::string prefix = text_of(input, m::PathPrefix, "/");
  Paging paging(input);
  Json roles = Json::array();
  store_.roles(context.realm->id, paging.after(), [&](const Role& role) {
    if (role.path.compare(0, prefix.size(), prefix) != 0) return true;
    if (!paging.take(role.name)) return false;
    Json shown = role_detail::document(context.account, role);
    shown[m::MaxSessionDuration] = role.max_session_s;
    roles.push_back(std::move(shown));
    return true;
  });
  Json output = {{m::Roles, std::move(roles)}};
  paging.write(output);
  return output;
}

Iam::Output Iam::delete_role(Context& context, Json input) {
  const RealmId realm = context.realm->id;
  const std::string name = text_of(input, m::RoleName);
  const auto guard = platform_.locks.lock(Store::role_lock(realm, name));
  const Role role = existing_role(context, input);
  store_.attachments(realm, name, {}, [](const std::string&) -> bool {
    throw errors::delete_conflict("detach all policies");
  });
  store_.role_policies(realm, name, {}, [](const std::string&, std::string_view) -> bool {
    throw errors::delete_conflict("delete policies");
  });
  storage::Batch batch;
  store_.erase_role(realm, role.name, batch);
  context.commit(batch);
  return {};
}

Iam::Output Iam::update_assume_role_policy(Context& context, Json input) {
  const std::string document = text_of(input, m::PolicyDocument);
  role_detail::check_trust(document);
  const RealmId realm = context.realm->id;
  const auto guard = platform_.locks.lock(Store::role_lock(realm, text_of(input, m::RoleName)));
  Role role = existing_role(context, input);
  role.trust_policy = document;
  storage::Batch batch;
  store_.put_role(realm, role, batch);
  context.commit(batch);
  return {};
}

}  // namespace paddock::services::iam
