// Signature Version 4: canonical request, string to sign, signature
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html).
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/digest.hpp"
#include "core/text.hpp"
#include "identity/identity.hpp"

namespace paddock::identity {

namespace sigv4_detail {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kTerminator = "aws4_request";

// RFC 3986 without dot segments and empty ones; a trailing slash stays.
std::string normalized_path(std::string_view path) {
  std::vector<std::string_view> kept;
  for (const std::string_view segment : split(path, '/')) {
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!segment.empty() && segment != ".") {
      kept.push_back(segment);
    }
  }
  std::string out;
  for (const std::string_view segment : kept) out.append(1, '/').append(segment);
  if (kept.empty() || path.back() == '/') out += '/';
  return out;
}

// S3 encodes a path once and never normalizes it; the others encode what was sent once more.
std::string canonical_path(std::string_view sent, std::string_view service) {
  if (sent.empty()) return "/";
  if (service == "s3") return url_encode(url_decode(sent), true);
  return url_encode(normalized_path(sent), true);
}

std::string canonical_query(std::string_view query, bool without_signature) {
  std::vector<std::pair<std::string, std::string>> parameters;
  for (const std::string_view part : split(query, '&')) {
    if (part.empty()) continue;
    const size_t equals = part.find('=');
    const std::string name = url_decode(part.substr(0, equals));
    if (without_signature && name == "X-Amz-Signature") continue;
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    parameters.emplace_back(url_encode(name), url_encode(url_decode(value)));
  }
  std::sort(parameters.begin(), parameters.end());
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (!out.empty()) out += '&';
    out.append(name).append(1, '=').append(value);
  }
  return out;
}

// Without blanks around it, runs of blanks within as one.
void append_header_value(std::string& out, std::string_view value) {
  bool blank = false;
  for (const char c : trim(value)) {
    if (c == ' ' && blank) continue;
    blank = c == ' ';
    out += c;
  }
}

std::string canonical_headers(const http::Headers& headers, std::string_view signed_headers) {
  std::string out;
  for (const std::string_view name : split(signed_headers, ';')) {
    out.append(name).append(1, ':');
    bool first = true;
    for (const std::string_view value : headers.all(name)) {
      if (!first) out += ',';
      append_header_value(out, value);
      first = false;
    }
    out += '\n';
  }
  return out;
}

}  // namespace sigv4_detail

std::string sign_v4(const http::RequestHead& head, std::string_view payload_hash,
                    const Signature& scope, std::string_view secret) {
  using sigv4_detail::kTerminator;
  std::string canonical = head.method;
  canonical.append(1, '\n').append(sigv4_detail::canonical_path(head.path, scope.service));
  canonical.append(1, '\n').append(sigv4_detail::canonical_query(head.query, scope.in_query));
  canonical.append(1, '\n').append(
      sigv4_detail::canonical_headers(head.headers, scope.signed_headers));
  canonical.append(1, '\n').append(scope.signed_headers).append(1, '\n').append(payload_hash);

  std::string to_sign(sigv4_detail::kAlgorithm);
  to_sign.append(1, '\n').append(scope.timestamp).append(1, '\n').append(scope.date);
  to_sign.append(1, '/').append(scope.region).append(1, '/').append(scope.service);
  to_sign.append(1, '/').append(kTerminator).append(1, '\n').append(sha256_hex(canonical));

  return sign_text_v4(to_sign, scope, secret);
}

std::string sign_text_v4(std::string_view text, const Signature& scope, std::string_view secret) {
  std::string key = hmac_sha256("AWS4" + std::string(secret), scope.date);
  key = hmac_sha256(key, scope.region);
  key = hmac_sha256(key, scope.service);
  key = hmac_sha256(key, sigv4_detail::kTerminator);
  return to_hex(hmac_sha256(key, text));
}

}  // namespace paddock::identity
