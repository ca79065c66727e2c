#include "services/apigateway/http_url.hpp"

#include <algorithm>
#include <charconv>

namespace paddock::services::apigateway {

std::optional<HttpUrl> parse_http_url(std::string_view text) {
  HttpUrl url;
  if (text.starts_with("https://")) {
    url.tls = true;
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
  } else {
    return std::nullopt;
  }
  size_t end = std::min(text.find_first_of("/?#"), text.size());
  std::string_view authority = text.substr(0, end);
  std::string_view rest = text.substr(end);
  rest = rest.substr(0, rest.find('#'));
  // Whatever would end a line or split the request is no address.
  const auto is_bad = [](unsigned char c) { return c <= 0x20 || c == 0x7F; };
  if (authority.empty() || authority.find('@') != std::string_view::npos ||
      std::any_of(text.begin(), text.end(), is_bad)) {
    return std::nullopt;
  }
  url.authority = authority;
  url.target = rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest);
  url.port = url.tls ? 443 : 80;
  size_t bracket = authority.find(']');
  size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    std::string_view port = authority.substr(colon + 1);
    auto [stop, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (error != std::errc() || stop != port.data() + port.size() || url.port == 0) {
      return std::nullopt;
    }
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority = authority.substr(1, authority.size() - 2);
  }
  if (authority.empty()) return std::nullopt;
  url.host = authority;
  return url;
}

}  // namespace paddock::services::apigateway
