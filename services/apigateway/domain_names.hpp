// Custom domain names, for the data plane.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "services/apigateway/store.hpp"

namespace paddock::services::apigateway {

// Where a request to a custom domain name goes.
struct DomainTarget {
  std::shared_ptr<const Realm> realm;
  std::string api;
  std::string stage;
  std::string path;       // within the stage, as sent: "/" at least
  std::string base_path;  // "" for the mapping "(none)"
};

// The mapping of `host` (lower case, no port) with the longest base path that begins `path`. If it
// names no stage, the first part of what is left is the stage. nullopt if the name is not
// registered or nothing matches. Reads the domain's mappings; any thread.
std::optional<DomainTarget> target_of_domain(const Store& store, const std::string& host,
                                             const std::string& path);

}  // namespace paddock::services::apigateway
