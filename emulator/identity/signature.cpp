// Reads what the Authorization header or the query string claims.
#include <array>
#include <charconv>

#include "core/digest.hpp"
#include "core/text.hpp"
#include "identity/errors.hpp"
#include "identity/identity.hpp"

namespace paddock::identity {

namespace parse_detail {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr int64_t kMaxExpiresS = 7 * 24 * 3600;
constexpr int64_t kLatestS = 253'402'300'799;  // the end of the year 9999

// S3 has a code of its own for what the query lacks.
[[noreturn]] void query_fault(std::string message) {
  throw AwsError("AuthorizationQueryParametersError", std::move(message), 400);
}

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
  // Its last four parts; what is before them is the key.
  std::array<std::string_view, 4> parts;
  std::string_view key = text;
  size_t found = 0;
  while (found < parts.size()) {
    const size_t slash = key.rfind('/');
    if (slash == std::string_view::npos) break;
    parts[parts.size() - ++found] = key.substr(slash + 1);
    key = key.substr(0, slash);
  }
  if (found < parts.size()) {
    if (out.in_query && text.ends_with("%2Fs3%2Faws4_request")) {
      query_fault(
          "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "
          "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
    }
    incomplete(head, out,
               "Credential must have exactly 5 slash-delimited elements, e.g. "
               "keyid/date/region/service/term, got '" +
                   std::string(text) + "'");
  }
  out.date = parts[0];
  out.region = parts[1];
  out.service = parts[2];
  out.access_key = key;
  if (parts[3] != "aws4_request") {
    throw signature_error(SignatureProblem::invalid,
                          "Credential should be scoped with a valid terminator: 'aws4_request', "
                          "not '" +
                              std::string(parts[3]) + "'.",
                          head, out.service);
  }
}

// X-Amz-Date as it is, or Date in the same form; "" if there is neither.
std::string timestamp_of(const http::RequestHead& head) {
  const std::string_view stamp = head.headers.get("x-amz-date");
  if (!stamp.empty() || head.headers.has("x-amz-date")) return std::string(stamp);
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
  const bool algorithm = rest.substr(0, kAlgorithm.size()) == kAlgorithm;
  if (algorithm) rest.remove_prefix(kAlgorithm.size());
  for (bool more = true; more;) {
    const size_t comma = rest.find(',');
    more = comma != std::string_view::npos;
    const std::string_view part = trim(rest.substr(0, comma));
    if (more) rest.remove_prefix(comma + 1);
    if (part.empty()) continue;
    const size_t equals = part.find('=');
    if (equals == std::string_view::npos && algorithm) {
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
  const bool s3 = out.service == "s3";
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (s3 && !whole) query_fault("X-Amz-Expires should be a number");
  if (s3 && seconds < 0) query_fault("X-Amz-Expires must be non-negative");
  if (s3 && seconds > kMaxExpiresS) {
    query_fault(
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires "
        "must be less than 604800 seconds");
  }
  if (!whole || seconds < 0) {
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
  if (out.service == "s3" && (!missing.empty() || expires.empty())) {
    query_fault(
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
        "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
  }
  if (!missing.empty()) incomplete(head, out, missing + "Re-examine the query-string parameters.");
  if (algorithm != kAlgorithm) {
    incomplete(head, out, "Unsupported AWS 'algorithm': '" + algorithm + "'.");
  }
  if (!expires.empty()) out.expires_s = take_expires(head, expires, out);
  return out;
}

Signature of_version2() {
  Signature out;
  out.version = 2;
  out.service = "s3";
  out.region = kDefaultRegion;
  return out;
}

// "AWS AKID:signature"
Signature from_old_header(std::string_view header) {
  Signature out = of_version2();
  header.remove_prefix(4);
  const size_t colon = header.rfind(':');
  out.access_key = trim(header.substr(0, colon));
  if (colon == std::string_view::npos || out.access_key.empty()) {
    throw AwsError("InvalidArgument",
                   "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature")
        .with("ArgumentName", "Authorization")
        .with("ArgumentValue", "AWS " + std::string(header));
  }
  out.signature = header.substr(colon + 1);
  return out;
}

// AWSAccessKeyId, Signature and Expires in a query that is no call of the query protocol.
std::optional<Signature> from_old_query(const http::RequestHead& head) {
  std::string key, expires;
  Signature out = of_version2();
  out.in_query = true;
  for (const std::string_view part : split(head.query, '&')) {
    const size_t equals = part.find('=');
    const std::string name = url_decode(part.substr(0, equals));
    const std::string value =
        equals == std::string_view::npos ? std::string() : url_decode(part.substr(equals + 1));
    if (name == "SignatureVersion" || name == "Action") return std::nullopt;
    if (name == "AWSAccessKeyId") out.access_key = value;
    if (name == "Signature") out.signature = value;
    if (name == "Expires") expires = value;
  }
  if (out.access_key.empty() || out.signature.empty() || expires.empty()) {
    throw AwsError("AccessDenied",
                   "Query-string authentication requires the Signature, Expires and "
                   "AWSAccessKeyId parameters",
                   403);
  }
  const auto [end, error] =
      std::from_chars(expires.data(), expires.data() + expires.size(), out.expires_at_s);
  if (error != std::errc() || end != expires.data() + expires.size() || out.expires_at_s < 0 ||
      out.expires_at_s > kLatestS) {
    throw AwsError("AccessDenied", "Invalid date (should be seconds since epoch): " + expires, 403);
  }
  return out;
}

}  // namespace parse_detail

std::optional<Signature> parse_signature(const http::RequestHead& head) {
  const std::string_view header = head.headers.get("authorization");
  if (header.starts_with("AWS ")) return parse_detail::from_old_header(header);
  if (!header.empty()) return parse_detail::from_header(head, header);
  if (head.query.find("X-Amz-Algorithm=") != std::string::npos) {
    return parse_detail::from_query(head);
  }
  if (head.query.find("AWSAccessKeyId=") != std::string::npos) {
    return parse_detail::from_old_query(head);
  }
  return std::nullopt;
}

}  // namespace paddock::identity
