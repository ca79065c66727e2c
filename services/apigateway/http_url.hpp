// Addresses of HTTP integrations and of issuers of tokens. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace paddock::services::apigateway {

struct HttpUrl {
  HttpUrl() = default;  // no aggregate: it is passed to coroutines by value

  bool tls = false;
  std::string host;  // without brackets
  uint16_t port = 0;
  std::string target;     // "/path?query", "/" at least
  std::string authority;  // as written: "host:port"
};

// nullopt for anything but http://… and https://… with a host.
std::optional<HttpUrl> parse_http_url(std::string_view text);

}  // namespace paddock::services::apigateway
