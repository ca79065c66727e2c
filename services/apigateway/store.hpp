// API Gateway's rows, all in family meta. Version 1: u8 1, then the document as JSON text.
//
//   (realm, kRestApiKind, text api)                      definition: model.hpp
//   (realm, kDeploymentKind, text api, text deployment)  {id, description, createdDate, resources}
//   (realm, kStageKind, text api, text stage)            the model's Stage
//   (directory, kApiOwnerKind, text api)                 u32 realm: API ids are unique over
//   accounts
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "core/realm.hpp"
#include "storage/database.hpp"
#include "storage/realms.hpp"

namespace paddock::services::apigateway {

inline constexpr storage::Kind kRestApiKind = 0x01;
inline constexpr storage::Kind kDeploymentKind = 0x02;
inline constexpr storage::Kind kStageKind = 0x03;
inline constexpr storage::Kind kApiOwnerKind = 0x04;

// Stateless but for its references; thread-safe.
class Store {
 public:
  Store(storage::Database& database, storage::Realms& realms);

  std::optional<Json> api(RealmId realm, const std::string& api) const;
  std::vector<Json> apis(RealmId realm) const;
  void put_api(storage::Batch& batch, RealmId realm, const Json& api) const;
  // With its deployments, stages and directory entry.
  void erase_api(storage::Batch& batch, RealmId realm, const std::string& api) const;

  // The realm that owns an API id; nullptr if there is none (any more).
  std::shared_ptr<const Realm> owner(const std::string& api) const;
  void put_owner(storage::Batch& batch, RealmId realm, const std::string& api);
  void erase_owner(storage::Batch& batch, const std::string& api) const;

  std::optional<Json> deployment(RealmId realm, const std::string& api,
                                 const std::string& id) const;
  std::vector<Json> deployments(RealmId realm, const std::string& api) const;
  void put_deployment(storage::Batch& batch, RealmId realm, const std::string& api,
                      const Json& deployment) const;
  void erase_deployment(storage::Batch& batch, RealmId realm, const std::string& api,
                        const std::string& id) const;

  std::optional<Json> stage(RealmId realm, const std::string& api, const std::string& name) const;
  std::vector<Json> stages(RealmId realm, const std::string& api) const;
  void put_stage(storage::Batch& batch, RealmId realm, const std::string& api,
                 const Json& stage) const;
  void erase_stage(storage::Batch& batch, RealmId realm, const std::string& api,
                   const std::string& name) const;

 private:
  std::optional<Json> read(const storage::Key& key) const;
  std::vector<Json> list(const storage::Key& prefix) const;

  storage::Database& database_;
  storage::Realms& realms_;
};

}  // namespace paddock::services::apigateway
