#include "models/iam.hpp"
#include "services/iam/errors.hpp"
#include "services/iam/limits.hpp"
#include "services/iam/requests.hpp"
#include "services/iam/service.hpp"
#include "storage/realms.hpp"

namespace paddock::services::iam {

namespace m = models::iam_members;

namespace key_detail {

// What every operation shows of a key: all but the secret.
Json document(const AccessKey& key) {
  Json out = {{m::AccessKeyId, key.id},
              {m::Status, key.active ? "Active" : "Inactive"},
              {m::CreateDate, key.created.ms}};
  if (!key.user.empty()) out[m::UserName] = key.user;
  return out;
}

}  // namespace key_detail

Iam::Operations Iam::access_key_operations() {
  using gateway::Access;
  using gateway::Fidelity;
  using gateway::plain;
  return {
      {"CreateAccessKey", plain(this, &Iam::create_access_key), Access::write, Fidelity::full(),
       "iam:CreateAccessKey", user_resource, ""},
      {"ListAccessKeys", plain(this, &Iam::list_access_keys), Access::read, Fidelity::full(),
       "iam:ListAccessKeys", user_resource, ""},
      {"UpdateAccessKey", plain(this, &Iam::update_access_key), Access::write, Fidelity::full(),
       "iam:UpdateAccessKey", user_resource, ""},
      {"DeleteAccessKey", plain(this, &Iam::delete_access_key), Access::write, Fidelity::full(),
       "iam:DeleteAccessKey", user_resource, ""},
  };
}

// The user whose keys are meant, as it is written in the store; "" for the root user.
std::string Iam::key_owner(const Context& context, const Json& input) const {
  const std::string name =
      input.contains(m::UserName) ? text_of(input, m::UserName) : calling_user(context);
  return name.empty() ? name : existing_user(context, name).name;
}

AccessKey Iam::existing_key(const Context& context, const std::string& owner,
                            const Json& input) const {
  const std::string id = text_of(input, m::AccessKeyId);
  auto key = store_.access_key(context.realm->id, id);
  if (!key || key->user != owner) throw errors::no_such_access_key(id);
  return std::move(*key);
}

Iam::Output Iam::create_access_key(Context& context, Json input) {
  const RealmId realm = context.realm->id;
  AccessKey key;
  key.user = key_owner(context, input);
  const auto guard = platform_.locks.lock(Store::user_lock(realm, key.user));
  // Once more, now that the user cannot be deleted meanwhile.
  if (!key.user.empty()) existing_user(context, key.user);
  if (store_.access_keys(realm, key.user).size() >= limits::kAccessKeysPerUser) {
    throw errors::quota_exceeded("AccessKeysPerUser", limits::kAccessKeysPerUser);
  }
  key.id = access_key_id(context.account, platform_.ids.next(realm, "access-key"));
  key.secret = secret_access_key(platform_.ids.next(realm, "secret-key"));
  key.created = platform_.world.now();
  storage::Batch batch;
  store_.put_access_key(realm, key, batch);
  context.commit(batch);

  Json shown = key_detail::document(key);
  shown[m::SecretAccessKey] = key.secret;
  return Json{{m::AccessKey, std::move(shown)}};
}

Iam::Output Iam::list_access_keys(Context& context, Json input) {
  const std::string owner = key_owner(context, input);
  Paging paging(input);
  Json keys = Json::array();
  for (const AccessKey& key : store_.access_keys(context.realm->id, owner)) {
    if (key.id <= paging.after()) continue;
    if (!paging.take(key.id)) break;
    keys.push_back(key_detail::document(key));
  }
  Json output = {{m::AccessKeyMetadata, std::move(keys)}};
  paging.write(output);
  return output;
}

Iam::Output Iam::update_access_key(Context& context, Json input) {
  const RealmId realm = context.realm->id;
  const std::string owner = key_owner(context, input);
  const std::string status = text_of(input, m::Status);
  // The enum names Expired too, which no caller may set.
  if (status == "Expired") throw errors::invalid_input("Status must be Active or Inactive.");
  const auto guard = platform_.locks.lock(Store::user_lock(realm, owner));
  AccessKey key = existing_key(context, owner, input);
  key.active = status == "Active";
  storage::Batch batch;
  store_.put_access_key(realm, key, batch);
  context.commit(batch);
  return {};
}

Iam::Output Iam::delete_access_key(Context& context, Json input) {
  const RealmId realm = context.realm->id;
  const std::string owner = key_owner(context, input);
  const auto guard = platform_.locks.lock(Store::user_lock(realm, owner));
  const AccessKey key = existing_key(context, owner, input);
  storage::Batch batch;
  store_.erase_access_key(realm, key, batch);
  context.commit(batch);
  return {};
}

std::optional<identity::KnownKey> Iam::find_key(std::string_view access_key) const {
  const auto account = account_of_access_key(access_key);
  if (!account) return std::nullopt;
  const auto realm = platform_.realms.find(name(), *account, kGlobalRegion);
  const auto key = store_.access_key(realm->id, access_key);
  if (!key) return std::nullopt;
  identity::KnownKey known;
  known.access_key = key->id;
  known.secret = key->secret;
  known.active = key->active;
  known.principal = identity::root_principal(*account);
  known.principal.access_key = key->id;
  if (key->user.empty()) return known;
  const auto user = store_.user(realm->id, key->user);
  if (!user) return std::nullopt;
  known.principal.kind = identity::Principal::Kind::user;
  known.principal.arn = user_arn(*account, user->path, user->name);
  known.principal.user_id = user->id;
  return known;
}

}  // namespace paddock::services::iam
