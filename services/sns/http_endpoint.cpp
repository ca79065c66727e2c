#include "services/sns/http_endpoint.hpp"

#include <charconv>

#include "core/text.hpp"
#include "services/sns/limits.hpp"

namespace paddock::services::sns {

std::optional<HttpEndpoint> parse_endpoint(const std::string& url) {
  constexpr size_t kMostAnswer = 1024 * 1024;
  HttpEndpoint parsed;
  parsed.options.tls = url.starts_with("https://");
  if (!parsed.options.tls && !url.starts_with("http://")) return std::nullopt;
  if (url.find_first_of(" \r\n") != std::string::npos) return std::nullopt;
  std::string_view rest = std::string_view(url).substr(parsed.options.tls ? 8 : 7);
  rest = rest.substr(0, rest.find('#'));
  const size_t slash = rest.find_first_of("/?");
  std::string_view authority = rest.substr(0, slash);
  parsed.target = slash == std::string_view::npos ? "/" : std::string(rest.substr(slash));
  if (parsed.target.front() == '?') parsed.target.insert(0, "/");
  const size_t at = authority.rfind('@');
  if (at != std::string_view::npos) {
    parsed.authorization = "Basic " + to_base64(url_decode(authority.substr(0, at)));
    authority.remove_prefix(at + 1);
  }
  parsed.options.port = parsed.options.tls ? 443 : 80;
  size_t colon = authority.rfind(':');
  if (authority.starts_with('[')) {
    const size_t close = authority.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    parsed.options.host = authority.substr(1, close - 1);
    if (colon < close) colon = std::string_view::npos;
  } else {
    parsed.options.host = authority.substr(0, colon);
  }
  if (colon != std::string_view::npos) {
    const std::string_view port = authority.substr(colon + 1);
    const auto [end, error] =
        std::from_chars(port.data(), port.data() + port.size(), parsed.options.port);
    if (error != std::errc() || end != port.data() + port.size()) return std::nullopt;
  }
  if (parsed.options.host.empty()) return std::nullopt;
  parsed.options.timeout = limits::kHttpTimeout;
  parsed.options.answer_limit = kMostAnswer;
  return parsed;
}

PostResult post(const HttpEndpoint& endpoint, const http::Headers& headers,
                const std::string& body) {
  PostResult result;
  try {
    result.status = http::request(endpoint.options, "POST", endpoint.target, headers, body).status;
  } catch (const http::ClientError& error) {
    result.problem = error.what();
  }
  return result;
}

}  // namespace paddock::services::sns
