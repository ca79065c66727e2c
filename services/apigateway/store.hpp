// API Gateway's rows, all in family meta. Version 1: u8 1, then the document as JSON text.
//
//   (realm, kRestApiKind, text api)                      definition: model.hpp
//   (realm, kDeploymentKind, text api, text deployment)  {id, description, createdDate, resources}
//   (realm, kStageKind, text api, text stage)            the model's Stage
//   (directory, kApiOwnerKind, text api)                 u32 realm: API ids are unique over
//   accounts
//   (realm, kApiKeyKind, text id)                        the model's ApiKey
//   (realm, kApiKeyValueKind, text value)                {id}
//   (realm, kUsagePlanKind, text id)                     the model's UsagePlan
//   (realm, kUsagePlanKeyKind, text plan, text key)      {keyId, usagePlanId, number}
//   (realm, kPlanOfKeyKind, text key, text plan)         the same
//   (realm, kDocumentationVersionKind, text api, text version)  {…, parts}
//   (realm, kRecordKind, text kClientCertificates, text id)     the model's ClientCertificate
//   (realm, kRecordKind, text kVpcLinks, text id)       the model's VpcLink
//   (realm, kRecordKind, text kDomainAccesses, text arn) the model's DomainNameAccessAssociation
//   (realm, kRecordKind, text kAccount)                 the model's Account
//   (realm, kDomainNameKind, text name)                  the model's DomainName
//   (realm, kBasePathMappingKind, text name, text path)  the model's BasePathMapping
//   (directory, kDomainOwnerKind, text name)             u32 realm
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
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
inline constexpr storage::Kind kApiKeyKind = 0x05;
inline constexpr storage::Kind kApiKeyValueKind = 0x06;
inline constexpr storage::Kind kUsagePlanKind = 0x07;
inline constexpr storage::Kind kUsagePlanKeyKind = 0x08;
inline constexpr storage::Kind kPlanOfKeyKind = 0x09;
inline constexpr storage::Kind kDocumentationVersionKind = 0x0a;
inline constexpr storage::Kind kRecordKind = 0x0b;
inline constexpr storage::Kind kDomainNameKind = 0x0c;
inline constexpr storage::Kind kBasePathMappingKind = 0x0d;
inline constexpr storage::Kind kDomainOwnerKind = 0x0e;
// What a record is: the first text of its key, as in the paths of the API.
inline constexpr std::string_view kClientCertificates = "clientcertificates";
inline constexpr std::string_view kVpcLinks = "vpclinks";
inline constexpr std::string_view kDomainAccesses = "domainnameaccessassociations";
inline constexpr std::string_view kAccount = "account";

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

  // The same of a custom domain name, in lower case.
  std::shared_ptr<const Realm> domain_owner(const std::string& domain) const;
  void put_domain_owner(storage::Batch& batch, RealmId realm, const std::string& domain);
  void erase_domain_owner(storage::Batch& batch, const std::string& domain) const;

  // Definitions that are one document each: by kind and the texts of their key.
  using Names = std::initializer_list<std::string_view>;
  std::optional<Json> row(RealmId realm, storage::Kind kind, Names names) const;
  // All whose key begins with `names`, in the order of their keys.
  std::vector<Json> rows(RealmId realm, storage::Kind kind, Names names) const;
  void put_row(storage::Batch& batch, RealmId realm, storage::Kind kind, Names names,
               const Json& document) const;
  void erase_row(storage::Batch& batch, RealmId realm, storage::Kind kind, Names names) const;
  void erase_rows(storage::Batch& batch, RealmId realm, storage::Kind kind, Names names) const;

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
  std::shared_ptr<const Realm> owner_in(storage::Kind kind, const std::string& name) const;
  void put_owner_in(storage::Batch& batch, storage::Kind kind, RealmId realm,
                    const std::string& name);
  std::optional<Json> read(const storage::Key& key) const;
  std::vector<Json> list(const storage::Key& prefix) const;

  storage::Database& database_;
  storage::Realms& realms_;
};

}  // namespace paddock::services::apigateway
