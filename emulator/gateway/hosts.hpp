// Which Host and Origin headers are ours (DESIGN 9): the guard against DNS rebinding and drive-by
// pages. Pure and immutable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace paddock::gateway {

class HostRules {
 public:
  // `own_names`: further host names from PADDOCK_HOSTS; each stands for itself and *.itself.
  // `allowed_origins`: further origins from PADDOCK_ALLOWED_ORIGINS, as browsers send them.
  HostRules(std::vector<std::string> own_names, std::vector<std::string> allowed_origins);

  // `host` in lower case and without its port. True for IP literals, names without a dot,
  // localhost, *.localhost, *.localhost.localstack.cloud, *.amazonaws.com, *.lambda-url.*.on.aws,
  // host.docker.internal and the own names.
  bool is_ours(std::string_view host) const;

  // `origin` as a browser sends it: "http://localhost:3000". True for any port of a loopback
  // address, localhost, *.localhost and the own names, for the request's own authority, and for the
  // allowed origins.
  bool origin_allowed(std::string_view origin, std::string_view authority) const;

 private:
  bool is_own_name(std::string_view host) const;

  std::vector<std::string> own_names_;
  std::vector<std::string> allowed_origins_;
};

// "[::1]:4566" -> "::1", "Localhost:80" -> "localhost".
std::string host_of_authority(std::string_view authority);

}  // namespace paddock::gateway
