// Where requests to custom domain names go, whichever API made the name: domain names with base
// path mappings are API Gateway's, those with API mappings API Gateway v2's
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mappings.html).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "services/apigateway/v2_store.hpp"

namespace paddock::services::apigateway {

struct DomainTarget {
  std::shared_ptr<const Realm> realm;
  std::string api;
  std::string stage;
  std::string path;       // within the stage, as sent: "/" at least
  std::string base_path;  // "/v1", or "" for the mapping of the whole name
};

// Stateless but for its references; thread-safe; reads the database. `host` in lower case, without
// its port.
class Domains {
 public:
  Domains(storage::Database& database, storage::Realms& realms);

  // True if the name is registered, or is a label below a registered "*.name".
  bool owns(std::string_view host) const;

  // The mapping of `host` with the longest base path that begins `path`. If it names no stage, the
  // first part of what is left is the stage. nullopt if the name is not registered or nothing
  // matches.
  std::optional<DomainTarget> target(std::string_view host, std::string_view path) const;

 private:
  struct Name {
    std::shared_ptr<const Realm> realm;  // null: not registered
    std::string name;                    // as registered
  };
  Name registered(std::string_view host) const;

  Store store_;
  v2::V2Store v2_store_;
};

}  // namespace paddock::services::apigateway
