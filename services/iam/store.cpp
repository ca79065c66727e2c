#include "services/iam/store.hpp"

#include "core/json.hpp"
#include "core/text.hpp"
#include "storage/document_row.hpp"

namespace paddock::services::iam {

namespace rows {

using storage::Family;
using storage::Key;

Json of_tags(const std::vector<Tag>& tags) {
  Json out = Json::array();
  for (const Tag& tag : tags) out.push_back({tag.key, tag.value});
  return out;
}

std::vector<Tag> to_tags(const Json& row) {
  std::vector<Tag> out;
  for (const Json& tag : row) out.push_back({tag[0], tag[1]});
  return out;
}

std::string of(const Role& role) {
  return storage::document_row({{"name", role.name},
                                {"id", role.id},
                                {"path", role.path},
                                {"trust", role.trust_policy},
                                {"description", role.description},
                                {"session", role.max_session_s},
                                {"boundary", role.permissions_boundary},
                                {"tags", of_tags(role.tags)},
                                {"created", role.created.ms}});
}

Role to_role(std::string_view bytes) {
  const Json row = storage::document_of_row(bytes);
  Role role;
  role.name = row.at("name");
  role.id = row.at("id");
  role.path = row.at("path");
  role.trust_policy = row.at("trust");
  role.description = row.at("description");
  role.max_session_s = row.at("session");
  role.permissions_boundary = row.at("boundary");
  role.tags = to_tags(row.at("tags"));
  role.created.ms = row.at("created");
  return role;
}

std::string of(const User& user) {
  return storage::document_row({{"name", user.name},
                                {"id", user.id},
                                {"path", user.path},
                                {"boundary", user.permissions_boundary},
                                {"tags", of_tags(user.tags)},
                                {"created", user.created.ms}});
}

User to_user(std::string_view bytes) {
  const Json row = storage::document_of_row(bytes);
  User user;
  user.name = row.at("name");
  user.id = row.at("id");
  user.path = row.at("path");
  user.permissions_boundary = row.at("boundary");
  user.tags = to_tags(row.at("tags"));
  user.created.ms = row.at("created");
  return user;
}

std::string of(const AccessKey& key) {
  return storage::document_row({{"id", key.id},
                                {"secret", key.secret},
                                {"user", key.user},
                                {"active", key.active},
                                {"created", key.created.ms}});
}

AccessKey to_access_key(std::string_view bytes) {
  const Json row = storage::document_of_row(bytes);
  AccessKey key;
  key.id = row.at("id");
  key.secret = row.at("secret");
  key.user = row.at("user");
  key.active = row.at("active");
  key.created.ms = row.at("created");
  return key;
}

Key named(RealmId realm, storage::Kind kind, std::string_view name) {
  return Key(realm, kind).text(to_lower(name));
}

Key owned(RealmId realm, storage::Kind kind, std::string_view owner, std::string_view member) {
  return named(realm, kind, owner).text(member);
}

// The last field of a key of `owned`.
std::string member_of(std::string_view key) {
  storage::KeyReader reader(key);
  reader.text();
  return reader.text();
}

}  // namespace rows

using storage::Family;
using storage::Key;

void Store::each(const Key& prefix, std::string_view after,
                 const std::function<bool(std::string_view, std::string_view)>& visit) const {
  std::string begin = prefix.bytes();
  if (!after.empty()) {
    storage::append_text(begin, after);
    begin += '\0';  // the first key past that one
  }
  auto row = database_.iterate(Family::meta, begin, storage::prefix_end(prefix.bytes()));
  for (; row.valid(); row.next()) {
    if (!visit(row.key(), row.value())) return;
  }
}

std::string Store::role_lock(RealmId realm, std::string_view role) {
  return rows::named(realm, kRoleKind, role).bytes();
}
std::string Store::user_lock(RealmId realm, std::string_view user) {
  return rows::named(realm, kUserKind, user).bytes();
}
std::string Store::roles_lock(RealmId realm) {
  return Key(realm, kRoleKind).bytes();
}
std::string Store::users_lock(RealmId realm) {
  return Key(realm, kUserKind).bytes();
}

std::optional<Role> Store::role(RealmId realm, std::string_view name) const {
  const auto row = database_.get(Family::meta, rows::named(realm, kRoleKind, name));
  if (!row) return std::nullopt;
  return rows::to_role(*row);
}

void Store::put_role(RealmId realm, const Role& role, storage::Batch& batch) const {
  batch.put(Family::meta, rows::named(realm, kRoleKind, role.name), rows::of(role));
}

void Store::erase_role(RealmId realm, std::string_view name, storage::Batch& batch) const {
  batch.erase(Family::meta, rows::named(realm, kRoleKind, name));
}

void Store::roles(RealmId realm, std::string_view after,
                  const std::function<bool(Role)>& visit) const {
  each(Key(realm, kRoleKind), to_lower(after),
       [&](std::string_view, std::string_view value) { return visit(rows::to_role(value)); });
}

std::optional<std::string> Store::role_policy(RealmId realm, std::string_view role,
                                              std::string_view policy) const {
  return database_.get(Family::meta, rows::owned(realm, kRolePolicyKind, role, policy));
}

void Store::put_role_policy(RealmId realm, std::string_view role, std::string_view policy,
                            std::string_view document, storage::Batch& batch) const {
  batch.put(Family::meta, rows::owned(realm, kRolePolicyKind, role, policy), document);
}

void Store::erase_role_policy(RealmId realm, std::string_view role, std::string_view policy,
                              storage::Batch& batch) const {
  batch.erase(Family::meta, rows::owned(realm, kRolePolicyKind, role, policy));
}

void Store::role_policies(
    RealmId realm, std::string_view role, std::string_view after,
    const std::function<bool(const std::string&, std::string_view)>& visit) const {
  each(rows::named(realm, kRolePolicyKind, role), after,
       [&](std::string_view key, std::string_view value) {
         return visit(rows::member_of(key), value);
       });
}

bool Store::attached(RealmId realm, std::string_view role, std::string_view arn) const {
  return database_.get(Family::meta, rows::owned(realm, kRoleAttachmentKind, role, arn))
      .has_value();
}

void Store::attach(RealmId realm, std::string_view role, std::string_view arn,
                   storage::Batch& batch) const {
  batch.put(Family::meta, rows::owned(realm, kRoleAttachmentKind, role, arn), "");
}

void Store::detach(RealmId realm, std::string_view role, std::string_view arn,
                   storage::Batch& batch) const {
  batch.erase(Family::meta, rows::owned(realm, kRoleAttachmentKind, role, arn));
}

void Store::attachments(RealmId realm, std::string_view role, std::string_view after,
                        const std::function<bool(const std::string&)>& visit) const {
  each(rows::named(realm, kRoleAttachmentKind, role), after,
       [&](std::string_view key, std::string_view) { return visit(rows::member_of(key)); });
}

std::optional<User> Store::user(RealmId realm, std::string_view name) const {
  const auto row = database_.get(Family::meta, rows::named(realm, kUserKind, name));
  if (!row) return std::nullopt;
  return rows::to_user(*row);
}

void Store::put_user(RealmId realm, const User& user, storage::Batch& batch) const {
  batch.put(Family::meta, rows::named(realm, kUserKind, user.name), rows::of(user));
}

void Store::erase_user(RealmId realm, std::string_view name, storage::Batch& batch) const {
  batch.erase(Family::meta, rows::named(realm, kUserKind, name));
}

void Store::users(RealmId realm, std::string_view after,
                  const std::function<bool(User)>& visit) const {
  each(Key(realm, kUserKind), to_lower(after),
       [&](std::string_view, std::string_view value) { return visit(rows::to_user(value)); });
}

std::optional<AccessKey> Store::access_key(RealmId realm, std::string_view id) const {
  const auto row = database_.get(Family::meta, Key(realm, kAccessKeyKind).text(id));
  if (!row) return std::nullopt;
  return rows::to_access_key(*row);
}

void Store::put_access_key(RealmId realm, const AccessKey& key, storage::Batch& batch) const {
  batch.put(Family::meta, Key(realm, kAccessKeyKind).text(key.id), rows::of(key));
  batch.put(Family::meta, rows::owned(realm, kUserKeyKind, key.user, key.id), "");
}

void Store::erase_access_key(RealmId realm, const AccessKey& key, storage::Batch& batch) const {
  batch.erase(Family::meta, Key(realm, kAccessKeyKind).text(key.id));
  batch.erase(Family::meta, rows::owned(realm, kUserKeyKind, key.user, key.id));
}

std::vector<AccessKey> Store::access_keys(RealmId realm, std::string_view user) const {
  std::vector<AccessKey> out;
  each(rows::named(realm, kUserKeyKind, user), {}, [&](std::string_view key, std::string_view) {
    if (auto found = access_key(realm, rows::member_of(key))) out.push_back(std::move(*found));
    return true;
  });
  return out;
}

size_t Store::count(RealmId realm, storage::Kind kind, size_t most) const {
  size_t found = 0;
  each(Key(realm, kind), {}, [&](std::string_view, std::string_view) { return ++found < most; });
  return found;
}

}  // namespace paddock::services::iam
