// Rows of published versions and aliases.
#include "core/text.hpp"
#include "services/lambda/store.hpp"
#include "storage/document_row.hpp"

namespace paddock::services::lambda {
namespace version_rows {

using storage::Family;
using storage::Key;

Key version(RealmId realm, std::string_view name, uint64_t number) {
  return Key(realm, kVersionKind).text(name).u64(number);
}

Key alias(RealmId realm, std::string_view function, std::string_view name) {
  return Key(realm, kAliasKind).text(function).text(name);
}

Key number(RealmId realm, std::string_view what, std::string_view name) {
  return Key(realm, kNumberKind).text(what).text(name);
}

Alias alias_of(std::string_view bytes) {
  const Json row = storage::document_of_row(bytes);
  Alias alias;
  alias.config = row.at("config");
  alias.policy = row.at("policy");
  return alias;
}

}  // namespace version_rows

using version_rows::Family;
using version_rows::Key;

std::optional<Function> Store::version(RealmId realm, std::string_view name,
                                       uint64_t number) const {
  storage::Value value;
  if (!database_.get(Family::meta, version_rows::version(realm, name, number), value)) {
    return std::nullopt;
  }
  return function_of_row(value.view());
}

void Store::put_version(RealmId realm, const Function& version, storage::Batch& batch) {
  batch.put(Family::meta,
            version_rows::version(realm, version.name(), version_number(version.version())),
            row_of(version));
}

void Store::erase_version(RealmId realm, std::string_view name, uint64_t number,
                          storage::Batch& batch) {
  batch.erase(Family::meta, version_rows::version(realm, name, number));
}

std::vector<Function> Store::versions(RealmId realm, std::string_view name, uint64_t after,
                                      size_t most) const {
  std::vector<Function> found;
  const std::string begin = version_rows::version(realm, name, after + 1).bytes();
  const std::string end = storage::prefix_end(Key(realm, kVersionKind).text(name).bytes());
  for (auto it = database_.iterate(Family::meta, begin, end); it.valid() && found.size() < most;
       it.next()) {
    found.push_back(function_of_row(it.value()));
  }
  return found;
}

std::optional<Alias> Store::alias(RealmId realm, std::string_view function,
                                  std::string_view name) const {
  storage::Value value;
  if (!database_.get(Family::meta, version_rows::alias(realm, function, name), value)) {
    return std::nullopt;
  }
  return version_rows::alias_of(value.view());
}

void Store::put_alias(RealmId realm, std::string_view function, const Alias& alias,
                      storage::Batch& batch) {
  batch.put(Family::meta, version_rows::alias(realm, function, alias.name()),
            storage::document_row({{"config", alias.config}, {"policy", alias.policy}}));
}

void Store::erase_alias(RealmId realm, std::string_view function, std::string_view name,
                        storage::Batch& batch) {
  batch.erase(Family::meta, version_rows::alias(realm, function, name));
}

std::vector<Alias> Store::aliases(RealmId realm, std::string_view function) const {
  std::vector<Alias> found;
  for (auto it = database_.iterate_prefix(Family::meta, Key(realm, kAliasKind).text(function));
       it.valid(); it.next()) {
    found.push_back(version_rows::alias_of(it.value()));
  }
  return found;
}

void Store::erase_all_of(RealmId realm, std::string_view function, storage::Batch& batch) {
  erase_function(realm, function, batch);
  for (const storage::Kind kind : {kVersionKind, kAliasKind}) {
    const std::string prefix = Key(realm, kind).text(function).bytes();
    batch.erase_range(Family::meta, prefix, storage::prefix_end(prefix));
  }
}

uint64_t Store::last_number(RealmId realm, std::string_view what, std::string_view name) const {
  storage::Value value;
  if (!database_.get(Family::meta, version_rows::number(realm, what, name), value)) {
    return 0;
  }
  return storage::document_of_row(value.view()).at("last");
}

void Store::put_last_number(RealmId realm, std::string_view what, std::string_view name,
                            uint64_t number, storage::Batch& batch) {
  batch.put(Family::meta, version_rows::number(realm, what, name),
            storage::document_row({{"last", number}}));
}

}  // namespace paddock::services::lambda
