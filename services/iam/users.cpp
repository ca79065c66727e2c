#include "models/iam.hpp"
#include "services/iam/errors.hpp"
#include "services/iam/limits.hpp"
#include "services/iam/requests.hpp"
#include "services/iam/service.hpp"

namespace paddock::services::iam {

namespace m = models::iam_members;

namespace user_detail {

// What every operation shows of a user.
Json document(const std::string& account, const User& user) {
  return {{m::Path, user.path},
          {m::UserName, user.name},
          {m::UserId, user.id},
          {m::Arn, user_arn(account, user.path, user.name)},
          {m::CreateDate, user.created.ms}};
}

void add_tags_and_boundary(Json& out, const User& user) {
  if (!user.tags.empty()) out[m::Tags] = tags_document(user.tags);
  if (!user.permissions_boundary.empty()) {
    out[m::PermissionsBoundary] = boundary_document(user.permissions_boundary);
  }
}

// The root user has no name and was always there.
Json root_document(const std::string& account) {
  return {
      {m::UserId, account}, {m::Arn, identity::root_principal(account).arn}, {m::CreateDate, 0}};
}

}  // namespace user_detail

Iam::Operations Iam::user_operations() {
  using gateway::Access;
  using gateway::Fidelity;
  using gateway::plain;
  return {
      {"CreateUser", plain(this, &Iam::create_user), Access::write, Fidelity::full(),
       "iam:CreateUser", user_resource, ""},
      {"GetUser", plain(this, &Iam::get_user), Access::read, Fidelity::full(), "iam:GetUser",
       user_resource, ""},
      {"ListUsers", plain(this, &Iam::list_users), Access::read, Fidelity::full(), "iam:ListUsers",
       users_resource, ""},
      {"DeleteUser", plain(this, &Iam::delete_user), Access::write, Fidelity::full(),
       "iam:DeleteUser", user_resource, ""},
  };
}

User Iam::existing_user(const Context& context, const std::string& name) const {
  auto user = store_.user(context.realm->id, name);
  if (!user) throw errors::no_such_user(name);
  return std::move(*user);
}

Iam::Output Iam::create_user(Context& context, Json input) {
  User user;
  user.name = text_of(input, m::UserName);
  user.path = text_of(input, m::Path, "/");
  user.tags = tags_of(input);
  user.permissions_boundary = boundary_of(input);

  const RealmId realm = context.realm->id;
  const Guards guards =
      platform_.locks.lock_all({Store::users_lock(realm), Store::user_lock(realm, user.name)});
  if (store_.user(realm, user.name)) throw errors::user_exists(user.name);
  if (store_.count(realm, kUserKind, limits::kUsersPerAccount) == limits::kUsersPerAccount) {
    throw errors::quota_exceeded("UsersPerAccount", limits::kUsersPerAccount);
  }
  user.id = unique_id("AIDA", platform_.ids.next(realm, "user"));
  user.created = platform_.world.now();
  storage::Batch batch;
  store_.put_user(realm, user, batch);
  context.commit(batch);

  Json shown = user_detail::document(context.account, user);
  user_detail::add_tags_and_boundary(shown, user);
  return Json{{m::User, std::move(shown)}};
}

Iam::Output Iam::get_user(Context& context, Json input) {
  const std::string name =
      input.contains(m::UserName) ? text_of(input, m::UserName) : calling_user(context);
  if (name.empty()) return Json{{m::User, user_detail::root_document(context.account)}};
  const User user = existing_user(context, name);
  Json shown = user_detail::document(context.account, user);
  user_detail::add_tags_and_boundary(shown, user);
  return Json{{m::User, std::move(shown)}};
}

Iam::Output Iam::list_users(Context& context, Json input) {
  const std::string prefix = text_of(input, m::PathPrefix, "/");
  Paging paging(input);
  Json users = Json::array();
  store_.users(context.realm->id, paging.after(), [&](const User& user) {
    if (user.path.compare(0, prefix.size(), prefix) != 0) return true;
    if (!paging.take(user.name)) return false;
    users.push_back(user_detail::document(context.account, user));
    return true;
  });
  Json output = {{m::Users, std::move(users)}};
  paging.write(output);
  return output;
}

Iam::Output Iam::delete_user(Context& context, Json input) {
  const RealmId realm = context.realm->id;
  const std::string name = text_of(input, m::UserName);
  const auto guard = platform_.locks.lock(Store::user_lock(realm, name));
  const User user = existing_user(context, name);
  if (!store_.access_keys(realm, user.name).empty()) {
    throw errors::delete_conflict("delete access keys");
  }
  storage::Batch batch;
  store_.erase_user(realm, user.name, batch);
  context.commit(batch);
  return {};
}

}  // namespace paddock::services::iam
