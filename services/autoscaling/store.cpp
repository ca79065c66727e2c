#include "services/autoscaling/store.hpp"

#include "storage/document_row.hpp"

namespace paddock::services::autoscaling {

using storage::Family;
using storage::Key;

namespace rows {

Key of(RealmId realm, storage::Kind kind, const TargetKey& key) {
  return Key(realm, kind).text(key.service).text(key.resource).text(key.dimension);
}

TargetKey key_in(storage::KeyReader& reader) {
  TargetKey key;
  key.service = reader.text();
  key.resource = reader.text();
  key.dimension = reader.text();
  return key;
}

Target target(const TargetKey& key, std::string_view row) {
  const Json json = storage::document_of_row(row);
  Target target;
  target.key = key;
  target.id = json.at("id").get<std::string>();
  target.minimum = json.at("min").get<int64_t>();
  target.maximum = json.at("max").get<int64_t>();
  target.role_arn = json.at("role").get<std::string>();
  target.created_ms = json.at("created").get<int64_t>();
  target.suspended = json.at("suspended");
  json.at("tags").get_to(target.tags);
  return target;
}

Policy policy(const TargetKey& key, std::string name, std::string_view row) {
  const Json json = storage::document_of_row(row);
  Policy policy;
  policy.key = key;
  policy.name = std::move(name);
  policy.arn = json.at("arn").get<std::string>();
  policy.type = json.at("type").get<std::string>();
  policy.configuration = json.at("configuration");
  policy.alarms = json.at("alarms");
  policy.created_ms = json.at("created").get<int64_t>();
  return policy;
}

Action action(const TargetKey& key, std::string name, std::string_view row) {
  const Json json = storage::document_of_row(row);
  Action action;
  action.key = key;
  action.name = std::move(name);
  action.arn = json.at("arn").get<std::string>();
  action.schedule = json.at("schedule").get<std::string>();
  action.settings = json.at("settings");
  action.created_ms = json.at("created").get<int64_t>();
  return action;
}

}  // namespace rows

void Store::each(const Key& prefix, std::string_view after,
                 const std::function<bool(std::string_view, std::string_view)>& visit) const {
  const std::string begin = after.empty() ? prefix.bytes() : std::string(after) + '\0';
  if (begin < prefix.bytes()) return;
  for (auto row = database_.iterate(Family::meta, begin, storage::prefix_end(prefix)); row.valid();
       row.next()) {
    if (!visit(row.key(), row.value())) return;
  }
}

std::string Store::lock(RealmId realm, const TargetKey& key) {
  return rows::of(realm, kTargetKind, key).bytes();
}

std::optional<Target> Store::target(RealmId realm, const TargetKey& key) const {
  const auto row = database_.get(Family::meta, rows::of(realm, kTargetKind, key));
  if (!row) return std::nullopt;
  return rows::target(key, *row);
}

std::optional<Target> Store::target_by_id(RealmId realm, std::string_view id) const {
  const auto row = database_.get(Family::meta, Key(realm, kTargetIdKind).text(id));
  if (!row) return std::nullopt;
  const Json names = storage::document_of_row(*row);
  return target(realm, TargetKey{names.at(0), names.at(1), names.at(2)});
}

void Store::put(RealmId realm, const Target& target, storage::Batch& batch) const {
  const TargetKey& key = target.key;
  batch.put(Family::meta, rows::of(realm, kTargetKind, key),
            storage::document_row({{"id", target.id},
                                   {"min", target.minimum},
                                   {"max", target.maximum},
                                   {"role", target.role_arn},
                                   {"created", target.created_ms},
                                   {"suspended", target.suspended},
                                   {"tags", target.tags}}));
  batch.put(Family::meta, Key(realm, kTargetIdKind).text(target.id),
            storage::document_row(Json::array({key.service, key.resource, key.dimension})));
}

void Store::erase(RealmId realm, const Target& target, storage::Batch& batch) const {
  batch.erase(Family::meta, rows::of(realm, kTargetKind, target.key));
  batch.erase(Family::meta, Key(realm, kTargetIdKind).text(target.id));
  for (const storage::Kind kind : {kPolicyKind, kActionKind}) {
    each(rows::of(realm, kind, target.key), "", [&](std::string_view key, std::string_view) {
      batch.erase(Family::meta, key);
      return true;
    });
  }
}

void Store::targets(RealmId realm, std::string_view service, std::string_view after,
                    const std::function<bool(const std::string&, Target)>& visit) const {
  each(Key(realm, kTargetKind).text(service), after,
       [&](std::string_view key, std::string_view row) {
         storage::KeyReader reader(key);
         return visit(std::string(key), rows::target(rows::key_in(reader), row));
       });
}

std::optional<Policy> Store::policy(RealmId realm, const TargetKey& key,
                                    std::string_view name) const {
  const auto row = database_.get(Family::meta, rows::of(realm, kPolicyKind, key).text(name));
  if (!row) return std::nullopt;
  return rows::policy(key, std::string(name), *row);
}

void Store::put(RealmId realm, const Policy& policy, storage::Batch& batch) const {
  batch.put(Family::meta, rows::of(realm, kPolicyKind, policy.key).text(policy.name),
            storage::document_row({{"arn", policy.arn},
                                   {"type", policy.type},
                                   {"configuration", policy.configuration},
                                   {"alarms", policy.alarms},
                                   {"created", policy.created_ms}}));
}

void Store::erase(RealmId realm, const Policy& policy, storage::Batch& batch) const {
  batch.erase(Family::meta, rows::of(realm, kPolicyKind, policy.key).text(policy.name));
}

void Store::policies(RealmId realm, std::string_view service, std::string_view after,
                     const std::function<bool(const std::string&, Policy)>& visit) const {
  each(Key(realm, kPolicyKind).text(service), after,
       [&](std::string_view key, std::string_view row) {
         storage::KeyReader reader(key);
         const TargetKey target = rows::key_in(reader);
         return visit(std::string(key), rows::policy(target, reader.text(), row));
       });
}

std::optional<Action> Store::action(RealmId realm, const TargetKey& key,
                                    std::string_view name) const {
  const auto row = database_.get(Family::meta, rows::of(realm, kActionKind, key).text(name));
  if (!row) return std::nullopt;
  return rows::action(key, std::string(name), *row);
}

void Store::put(RealmId realm, const Action& action, storage::Batch& batch) const {
  batch.put(Family::meta, rows::of(realm, kActionKind, action.key).text(action.name),
            storage::document_row({{"arn", action.arn},
                                   {"schedule", action.schedule},
                                   {"settings", action.settings},
                                   {"created", action.created_ms}}));
}

void Store::erase(RealmId realm, const Action& action, storage::Batch& batch) const {
  batch.erase(Family::meta, rows::of(realm, kActionKind, action.key).text(action.name));
}

void Store::actions(RealmId realm, std::string_view service, std::string_view after,
                    const std::function<bool(const std::string&, Action)>& visit) const {
  each(Key(realm, kActionKind).text(service), after,
       [&](std::string_view key, std::string_view row) {
         storage::KeyReader reader(key);
         const TargetKey target = rows::key_in(reader);
         return visit(std::string(key), rows::action(target, reader.text(), row));
       });
}

}  // namespace paddock::services::autoscaling
