// Reads what the Authorization header or the query string claims.
#include <charconv>

#include "core/digest.hpp"
#include "core/text.hpp"
#include "identity/errors.hpp"
#include "identity/identity.hpp"

namespace paddock::identity {

namespace parse_detail {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr int64_t kMaxExpiresS = 7 * 24 * 3600;

[[noreturn]] void incomplete(const http::RequestHead& head, const Signature& so_far,
                             std::string message) {
  throw signature_error(SignatureProblem::incomplete, std::move(message), head, so_far.service);
}

// AWS shows headers that may hold secrets only as a digest.
std::string hashed(std::string_view header) {
  return to_base64(sha256(header));
}

// AKID/20261120/us-east-1/dynamodb/aws4_request. The key itself may contain slashes.
void take_credential(const http::RequestHead& head, std::string_view text, Signature& out) {
  const auto parts = split(text, '/');
  if (parts.size() < 5) {
    incomplete(head, out,
               "Credential must have exactly 5 slash-delimited elements, e.g. "
               "keyid/date/region/service/term, got '" +
                   std::string(text) + "'");
  }
  const size_t tail = parts.size() - 4;
  out.date = parts[tail];
  out.region = parts[tail + 1];
  out.service = parts[tail + 2];
  const size_t scope_size =
      parts[tail].size() + parts[tail + 1].size() + parts[tail + 2].size() + parts[tail + 3].size();
  out.access_key = text.substr(0, text.size() - scope_size - 4);
  if (parts[tail + 3] != "aws4_request") {
    throw signature_error(SignatureProblem::invalid,
                          "Credential should be scoped with a valid terminator: 'aws4_request', "
                          "not '" +
                              std::string(parts[tail + 3]) + "'.",
                          head, out.service);
  }
}

// X-Amz-Date as it is, or Date in the same form; "" if there is neither.
std::string timestamp_of(const http::RequestHead& head) {
  if (head.headers.has("x-amz-date")) return std::string(head.headers.get("x-amz-date"));
  const std::string_view date = head.headers.get("date");
  const auto moment = parse_http_date(date);
  if (!moment) return std::string(date);
  std::string out;
  for (const char c : iso8601(*moment, false)) {
    if (c != '-' && c != ':') out += c;
  }
  return out;
}

Signature from_header(const http::RequestHead& head, std::string_view header) {
  Signature out;
  std::string_view credential, rest = header;
  if (rest.substr(0, kAlgorithm.size()) == kAlgorithm) rest.remove_prefix(kAlgorithm.size());
  for (std::string_view part : split(rest, ',')) {
    part = trim(part);
    if (part.empty()) continue;
    const size_t equals = part.find('=');
    if (equals == std::string_view::npos && rest.size() != header.size()) {
      incomplete(head, out,
                 "Invalid key=value pair (missing equal-sign) in Authorization header (hashed "
                 "with SHA-256 and encoded with Base64): '" +
                     hashed(header) + "'.");
    }
    const std::string_view name = part.substr(0, equals);
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    if (name == "Credential") credential = value;
    if (name == "SignedHeaders") out.signed_headers = value;
    if (name == "Signature") out.signature = value;
  }
  out.timestamp = timestamp_of(head);
  std::string missing;
  if (credential.empty()) missing += "Authorization header requires 'Credential' parameter. ";
  if (out.signature.empty()) missing += "Authorization header requires 'Signature' parameter. ";
  if (out.signed_headers.empty()) {
    missing += "Authorization header requires 'SignedHeaders' parameter. ";
  }
  if (out.timestamp.empty()) {
    missing +=
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
  }
  if (!credential.empty()) take_credential(head, credential, out);
  if (!missing.empty()) {
    incomplete(
        head, out,
        missing + "(Hashed with SHA-256 and encoded with Base64) Authorization=" + hashed(header));
  }
  return out;
}

int64_t take_expires(const http::RequestHead& head, std::string_view text, const Signature& out) {
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0) {
    incomplete(head, out, "X-Amz-Expires should be a number");
  }
  if (seconds > kMaxExpiresS) {
    incomplete(head, out,
               "X-Amz-Expires must be less than a week (in seconds); that is, the given "
               "X-Amz-Expires must be less than 604800 seconds");
  }
  return seconds;
}

Signature from_query(const http::RequestHead& head) {
  Signature out;
  out.in_query = true;
  std::string algorithm, credential, expires;
  for (const std::string_view part : split(head.query, '&')) {
    const size_t equals = part.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string name = url_decode(part.substr(0, equals));
    std::string value = url_decode(part.substr(equals + 1));
    if (name == "X-Amz-Algorithm")
      algorithm = std::move(value);
    else if (name == "X-Amz-Credential")
      credential = std::move(value);
    else if (name == "X-Amz-Date")
      out.timestamp = std::move(value);
    else if (name == "X-Amz-Expires")
      expires = std::move(value);
    else if (name == "X-Amz-SignedHeaders")
      out.signed_headers = std::move(value);
    else if (name == "X-Amz-Signature")
      out.signature = std::move(value);
  }
  std::string missing;
  if (credential.empty())
    missing += "AWS query-string parameters must include 'X-Amz-Credential'. ";
  if (out.signature.empty()) {
    missing += "AWS query-string parameters must include 'X-Amz-Signature'. ";
  }
  if (out.signed_headers.empty()) {
    missing += "AWS query-string parameters must include 'X-Amz-SignedHeaders'. ";
  }
  if (out.timestamp.empty()) missing += "AWS query-string parameters must include 'X-Amz-Date'. ";
  if (!credential.empty()) take_credential(head, credential, out);
  if (!missing.empty()) incomplete(head, out, missing + "Re-examine the query-string parameters.");
  if (algorithm != kAlgorithm) {
    incomplete(head, out, "Unsupported AWS 'algorithm': '" + algorithm + "'.");
  }
  if (!expires.empty()) out.expires_s = take_expires(head, expires, out);
  return out;
}

}  // namespace parse_detail

std::optional<Signature> parse_signature(const http::RequestHead& head) {
  const std::string_view header = head.headers.get("authorization");
  if (!header.empty()) return parse_detail::from_header(head, header);
  if (head.query.find("X-Amz-Algorithm=") != std::string::npos) {
    return parse_detail::from_query(head);
  }
  return std::nullopt;
}

}  // namespace paddock::identity
