#include "services/apigateway/store.hpp"

#include "models/apigateway.hpp"
#include "storage/document_row.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace {

// The realm of the partition-wide directory of API ids.
constexpr const char* kService = "apigateway";
constexpr const char* kDirectory = "directory";

storage::Key api_key(RealmId realm, const std::string& api) {
  return storage::Key(realm, kRestApiKind).text(api);
}
storage::Key deployment_key(RealmId realm, const std::string& api, const std::string& id) {
  return storage::Key(realm, kDeploymentKind).text(api).text(id);
}
storage::Key stage_key(RealmId realm, const std::string& api, const std::string& name) {
  return storage::Key(realm, kStageKind).text(api).text(name);
}

storage::Key row_key(RealmId realm, storage::Kind kind, Store::Names names) {
  storage::Key key(realm, kind);
  for (std::string_view name : names) key.text(name);
  return key;
}

}  // namespace

Store::Store(storage::Database& database, storage::Realms& realms)
    : database_(database), realms_(realms) {}

std::optional<Json> Store::read(const storage::Key& key) const {
  auto row = database_.get(storage::Family::meta, key);
  if (!row) return std::nullopt;
  return storage::document_of_row(*row);
}

std::vector<Json> Store::list(const storage::Key& prefix) const {
  std::vector<Json> documents;
  auto rows = database_.iterate_prefix(storage::Family::meta, prefix);
  for (; rows.valid(); rows.next()) documents.push_back(storage::document_of_row(rows.value()));
  return documents;
}

std::optional<Json> Store::api(RealmId realm, const std::string& api) const {
  return read(api_key(realm, api));
}

std::vector<Json> Store::apis(RealmId realm) const {
  return list(storage::Key(realm, kRestApiKind));
}

void Store::put_api(storage::Batch& batch, RealmId realm, const Json& api) const {
  batch.put(storage::Family::meta, api_key(realm, api[m::id].get<std::string>()),
            storage::document_row(api));
}

void Store::erase_api(storage::Batch& batch, RealmId realm, const std::string& api) const {
  batch.erase(storage::Family::meta, api_key(realm, api));
  for (storage::Kind kind : {kDeploymentKind, kStageKind, kDocumentationVersionKind}) {
    storage::Key prefix = storage::Key(realm, kind).text(api);
    batch.erase_range(storage::Family::meta, prefix, storage::prefix_end(prefix));
  }
  erase_owner(batch, api);
}

void Store::erase_owner(storage::Batch& batch, const std::string& api) const {
  auto directory = realms_.find(kService, kDirectory, kGlobalRegion);
  if (directory->id != kNoRealm) {
    batch.erase(storage::Family::meta, storage::Key(directory->id, kApiOwnerKind).text(api));
  }
}

std::shared_ptr<const Realm> Store::owner_in(storage::Kind kind, const std::string& name) const {
  auto directory = realms_.find(kService, kDirectory, kGlobalRegion);
  auto row = database_.get(storage::Family::meta, storage::Key(directory->id, kind).text(name));
  if (!row || row->size() != 4) return nullptr;
  RealmId realm = 0;
  for (char c : *row) realm = realm << 8 | static_cast<unsigned char>(c);
  return realms_.by_id(realm);
}

void Store::put_owner_in(storage::Batch& batch, storage::Kind kind, RealmId realm,
                         const std::string& name) {
  auto directory = realms_.get(kService, kDirectory, kGlobalRegion);
  std::string row;
  storage::append_u32(row, realm);
  batch.put(storage::Family::meta, storage::Key(directory->id, kind).text(name), row);
}

std::shared_ptr<const Realm> Store::owner(const std::string& api) const {
  return owner_in(kApiOwnerKind, api);
}

void Store::put_owner(storage::Batch& batch, RealmId realm, const std::string& api) {
  put_owner_in(batch, kApiOwnerKind, realm, api);
}

std::shared_ptr<const Realm> Store::domain_owner(const std::string& domain) const {
  return owner_in(kDomainOwnerKind, domain);
}

void Store::put_domain_owner(storage::Batch& batch, RealmId realm, const std::string& domain) {
  put_owner_in(batch, kDomainOwnerKind, realm, domain);
}

void Store::erase_domain_owner(storage::Batch& batch, const std::string& domain) const {
  auto directory = realms_.find(kService, kDirectory, kGlobalRegion);
  if (directory->id == kNoRealm) return;
  batch.erase(storage::Family::meta, storage::Key(directory->id, kDomainOwnerKind).text(domain));
}

std::optional<Json> Store::row(RealmId realm, storage::Kind kind, Names names) const {
  return read(row_key(realm, kind, names));
}

std::vector<Json> Store::rows(RealmId realm, storage::Kind kind, Names names) const {
  return list(row_key(realm, kind, names));
}

void Store::put_row(storage::Batch& batch, RealmId realm, storage::Kind kind, Names names,
                    const Json& document) const {
  batch.put(storage::Family::meta, row_key(realm, kind, names), storage::document_row(document));
}

void Store::erase_row(storage::Batch& batch, RealmId realm, storage::Kind kind, Names names) const {
  batch.erase(storage::Family::meta, row_key(realm, kind, names));
}

void Store::erase_rows(storage::Batch& batch, RealmId realm, storage::Kind kind,
                       Names names) const {
  storage::Key prefix = row_key(realm, kind, names);
  batch.erase_range(storage::Family::meta, prefix, storage::prefix_end(prefix));
}

std::optional<Json> Store::deployment(RealmId realm, const std::string& api,
                                      const std::string& id) const {
  return read(deployment_key(realm, api, id));
}

std::vector<Json> Store::deployments(RealmId realm, const std::string& api) const {
  return list(storage::Key(realm, kDeploymentKind).text(api));
}

void Store::put_deployment(storage::Batch& batch, RealmId realm, const std::string& api,
                           const Json& deployment) const {
  batch.put(storage::Family::meta, deployment_key(realm, api, deployment[m::id].get<std::string>()),
            storage::document_row(deployment));
}

void Store::erase_deployment(storage::Batch& batch, RealmId realm, const std::string& api,
                             const std::string& id) const {
  batch.erase(storage::Family::meta, deployment_key(realm, api, id));
}

std::optional<Json> Store::stage(RealmId realm, const std::string& api,
                                 const std::string& name) const {
  return read(stage_key(realm, api, name));
}

std::vector<Json> Store::stages(RealmId realm, const std::string& api) const {
  return list(storage::Key(realm, kStageKind).text(api));
}

void Store::put_stage(storage::Batch& batch, RealmId realm, const std::string& api,
                      const Json& stage) const {
  batch.put(storage::Family::meta, stage_key(realm, api, stage[m::stageName].get<std::string>()),
            storage::document_row(stage));
}

void Store::erase_stage(storage::Batch& batch, RealmId realm, const std::string& api,
                        const std::string& name) const {
  batch.erase(storage::Family::meta, stage_key(realm, api, name));
}

}  // namespace paddock::services::apigateway
