// Where an invocation is addressed to: by host or by path (DESIGN 9; users.md V25). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace paddock::services::apigateway {

struct Address {
  Address() = default;  // no aggregate: it is passed to coroutines by value

  std::string api;
  std::string stage;
  std::string path;         // within the stage, as sent: "/tag/home"; "/" at least
  bool own_domain = false;  // came by a custom domain
  std::string base_path;    // of its mapping: "/v1", or ""
};

// Recognises, for API "abc" and stage "Prod":
//   abc.execute-api.REST-OF-HOST       /Prod/tag/home
//   any host   /restapis/abc/Prod/_user_request_/tag/home
//   any host   /_aws/execute-api/abc/Prod/tag/home
// nullopt for anything else. `host` in lower case, `path` still encoded.
std::optional<Address> address_of(std::string_view host, std::string_view path);

}  // namespace paddock::services::apigateway
