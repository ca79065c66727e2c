#include "services/apigateway/v2_store.hpp"

#include "models/apigatewayv2.hpp"
#include "storage/document_row.hpp"

namespace paddock::services::apigateway::v2 {

namespace m = models::apigatewayv2_members;

namespace {

constexpr storage::Family kMeta = storage::Family::meta;

std::string id_of(storage::Kind kind, const Json& document) {
  switch (kind) {
    case kV2DeploymentKind:
      return document.at(m::DeploymentId).get<std::string>();
    case kV2StageKind:
      return document.at(m::StageName).get<std::string>();
    case kV2DomainNameKind:
      return document.at(m::DomainName).get<std::string>();
    default:
      return document.at(m::VpcLinkId).get<std::string>();
  }
}

}  // namespace

V2Store::V2Store(storage::Database& database, storage::Realms& realms)
    : database_(database), directory_(database, realms) {}

std::optional<Json> V2Store::read(const storage::Key& key) const {
  auto row = database_.get(kMeta, key);
  if (!row) return std::nullopt;
  return storage::document_of_row(*row);
}

std::vector<Json> V2Store::list(const storage::Key& prefix) const {
  std::vector<Json> documents;
  auto rows = database_.iterate_prefix(kMeta, prefix);
  for (; rows.valid(); rows.next()) documents.push_back(storage::document_of_row(rows.value()));
  return documents;
}

std::optional<Json> V2Store::api(RealmId realm, const std::string& api) const {
  return read(storage::Key(realm, kV2ApiKind).text(api));
}

std::vector<Json> V2Store::apis(RealmId realm) const {
  return list(storage::Key(realm, kV2ApiKind));
}

void V2Store::put_api(storage::Batch& batch, RealmId realm, const Json& api) const {
  batch.put(kMeta, storage::Key(realm, kV2ApiKind).text(api.at(m::ApiId).get<std::string>()),
            storage::document_row(api));
}

void V2Store::put_owner(storage::Batch& batch, RealmId realm, const std::string& api) {
  directory_.put_owner(batch, realm, api);
}

void V2Store::erase_api(storage::Batch& batch, RealmId realm, const std::string& api) const {
  batch.erase(kMeta, storage::Key(realm, kV2ApiKind).text(api));
  for (storage::Kind kind : {kV2DeploymentKind, kV2StageKind}) {
    storage::Key prefix = storage::Key(realm, kind).text(api);
    batch.erase_range(kMeta, prefix, storage::prefix_end(prefix));
  }
  directory_.erase_owner(batch, api);
}

std::shared_ptr<const Realm> V2Store::owner(const std::string& api) const {
  return directory_.owner(api);
}

std::optional<Json> V2Store::of_api(storage::Kind kind, RealmId realm, const std::string& api,
                                    const std::string& id) const {
  return read(storage::Key(realm, kind).text(api).text(id));
}

std::vector<Json> V2Store::all_of_api(storage::Kind kind, RealmId realm,
                                      const std::string& api) const {
  return list(storage::Key(realm, kind).text(api));
}

void V2Store::put_of_api(storage::Batch& batch, storage::Kind kind, RealmId realm,
                         const std::string& api, const Json& document) const {
  batch.put(kMeta, storage::Key(realm, kind).text(api).text(id_of(kind, document)),
            storage::document_row(document));
}

void V2Store::erase_of_api(storage::Batch& batch, storage::Kind kind, RealmId realm,
                           const std::string& api, const std::string& id) const {
  batch.erase(kMeta, storage::Key(realm, kind).text(api).text(id));
}

std::optional<Json> V2Store::one(storage::Kind kind, RealmId realm, const std::string& id) const {
  return read(storage::Key(realm, kind).text(id));
}

std::vector<Json> V2Store::all(storage::Kind kind, RealmId realm) const {
  return list(storage::Key(realm, kind));
}

void V2Store::put(storage::Batch& batch, storage::Kind kind, RealmId realm,
                  const Json& document) const {
  batch.put(kMeta, storage::Key(realm, kind).text(id_of(kind, document)),
            storage::document_row(document));
}

void V2Store::erase(storage::Batch& batch, storage::Kind kind, RealmId realm,
                    const std::string& id) const {
  batch.erase(kMeta, storage::Key(realm, kind).text(id));
}

}  // namespace paddock::services::apigateway::v2
