// Rows of HTTP and WebSocket APIs, all in family meta. Version 1: u8 1, then the document as JSON
// text. They share the realm and the directory of API ids with REST APIs (store.hpp).
//
//   (realm, kV2ApiKind, text api)                     the model's Api with what v2_model.hpp adds
//   (realm, kV2DeploymentKind, text api, text id)     the model's Deployment and a snapshot
//   (realm, kV2StageKind, text api, text stage)       the model's Stage
//   (realm, kV2DomainNameKind, text domain)             the model's DomainName with its `mappings`
//   (realm, kV2VpcLinkKind, text id)                    the model's VpcLink
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/apigateway/store.hpp"

namespace paddock::services::apigateway::v2 {

inline constexpr storage::Kind kV2ApiKind = 0x78;
inline constexpr storage::Kind kV2DeploymentKind = 0x79;
inline constexpr storage::Kind kV2StageKind = 0x7A;
inline constexpr storage::Kind kV2DomainNameKind = 0x7B;
inline constexpr storage::Kind kV2VpcLinkKind = 0x7C;

// Stateless but for its references; thread-safe. A document is found under the member that names
// it: ApiId, DeploymentId, StageName, DomainName, VpcLinkId.
class V2Store {
 public:
  V2Store(storage::Database& database, storage::Realms& realms);

  std::optional<Json> api(RealmId realm, const std::string& api) const;
  std::vector<Json> apis(RealmId realm) const;
  void put_api(storage::Batch& batch, RealmId realm, const Json& api) const;
  // Enters the id in the directory of all APIs.
  void put_owner(storage::Batch& batch, RealmId realm, const std::string& api);
  // With its deployments, stages and directory entry.
  void erase_api(storage::Batch& batch, RealmId realm, const std::string& api) const;
  // The realm of an API id, be it of v1 or v2; nullptr if there is none (any more).
  std::shared_ptr<const Realm> owner(const std::string& api) const;

  // Deployments and stages of an API.
  std::optional<Json> of_api(storage::Kind kind, RealmId realm, const std::string& api,
                             const std::string& id) const;
  std::vector<Json> all_of_api(storage::Kind kind, RealmId realm, const std::string& api) const;
  void put_of_api(storage::Batch& batch, storage::Kind kind, RealmId realm, const std::string& api,
                  const Json& document) const;
  void erase_of_api(storage::Batch& batch, storage::Kind kind, RealmId realm,
                    const std::string& api, const std::string& id) const;

  // What belongs to both versions: the directories of APIs and domain names, and REST APIs.
  Store& directory() { return directory_; }
  const Store& directory() const { return directory_; }

  // Domain names and VPC links.
  std::optional<Json> one(storage::Kind kind, RealmId realm, const std::string& id) const;
  std::vector<Json> all(storage::Kind kind, RealmId realm) const;
  void put(storage::Batch& batch, storage::Kind kind, RealmId realm, const Json& document) const;
  void erase(storage::Batch& batch, storage::Kind kind, RealmId realm, const std::string& id) const;

 private:
  std::optional<Json> read(const storage::Key& key) const;
  std::vector<Json> list(const storage::Key& prefix) const;

  storage::Database& database_;
  Store directory_;
};

}  // namespace paddock::services::apigateway::v2
