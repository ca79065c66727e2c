#include "gateway/hosts.hpp"

#include <algorithm>

#include <boost/asio/ip/address.hpp>

#include "core/text.hpp"

namespace paddock::gateway {
namespace {

bool ends_with_domain(std::string_view host, std::string_view domain) {
  return host.size() > domain.size() + 1 && host.ends_with(domain) &&
         host[host.size() - domain.size() - 1] == '.';
}

// "abc.lambda-url.us-east-1.on.aws"
bool is_function_url(std::string_view host) {
  return ends_with_domain(host, "on.aws") && host.find(".lambda-url.") != std::string_view::npos;
}

bool is_ip_literal(std::string_view host) {
  boost::system::error_code error;
  boost::asio::ip::make_address(std::string(host), error);
  return !error;
}

bool is_loopback_name(std::string_view host) {
  if (host == "localhost" || ends_with_domain(host, "localhost")) return true;
  if (ends_with_domain(host, "localhost.localstack.cloud")) return true;
  if (host == "localhost.localstack.cloud") return true;
  boost::system::error_code error;
  auto address = boost::asio::ip::make_address(std::string(host), error);
  return !error && address.is_loopback();
}

}  // namespace

HostRules::HostRules(std::vector<std::string> own_names, std::vector<std::string> allowed_origins)
    : own_names_(std::move(own_names)), allowed_origins_(std::move(allowed_origins)) {
  for (auto& name : own_names_) name = host_of_authority(name);
}

bool HostRules::is_own_name(std::string_view host) const {
  return std::any_of(own_names_.begin(), own_names_.end(), [host](const std::string& name) {
    return host == name || ends_with_domain(host, name);
  });
}

bool HostRules::is_ours(std::string_view host) const {
  if (host.empty()) return false;
  if (host.find('.') == std::string_view::npos || host == "127.0.0.1") return true;
  return is_loopback_name(host) || ends_with_domain(host, "amazonaws.com") ||
         is_function_url(host) || host == "host.docker.internal" || is_own_name(host) ||
         is_ip_literal(host);
}

bool HostRules::origin_allowed(std::string_view origin, std::string_view authority) const {
  if (std::find(allowed_origins_.begin(), allowed_origins_.end(), origin) !=
      allowed_origins_.end()) {
    return true;
  }
  size_t scheme_end = origin.find("://");
  if (scheme_end == std::string_view::npos) return false;
  std::string_view scheme = origin.substr(0, scheme_end);
  if (scheme != "http" && scheme != "https") return false;
  std::string_view origin_authority = origin.substr(scheme_end + 3);
  if (origin_authority == authority) return true;
  std::string host = host_of_authority(origin_authority);
  return is_loopback_name(host) || is_own_name(host);
}

std::string host_of_authority(std::string_view authority) {
  if (!authority.empty() && authority.front() == '[') {
    size_t end = authority.find(']');
    return to_lower(authority.substr(1, end == std::string_view::npos ? end : end - 1));
  }
  size_t colon = authority.find(':');
  // A bare IPv6 address has several colons and no port.
  if (colon != std::string_view::npos && authority.find(':', colon + 1) == std::string_view::npos) {
    authority = authority.substr(0, colon);
  }
  if (authority.ends_with('.')) authority.remove_suffix(1);
  return to_lower(authority);
}

}  // namespace paddock::gateway
