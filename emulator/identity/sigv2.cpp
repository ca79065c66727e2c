// Signature Version 2 of S3, which old clients and presigned URLs still have
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html).
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/digest.hpp"
#include "core/text.hpp"
#include "identity/identity.hpp"

namespace paddock::identity {
namespace sigv2_detail {

// Parameters that are part of what is signed.
bool is_signed(const std::string& name) {
  static const std::set<std::string_view> kSigned{"accelerate",
                                                  "acl",
                                                  "analytics",
                                                  "cors",
                                                  "delete",
                                                  "encryption",
                                                  "inventory",
                                                  "legal-hold",
                                                  "lifecycle",
                                                  "location",
                                                  "logging",
                                                  "metrics",
                                                  "notification",
                                                  "object-lock",
                                                  "ownershipControls",
                                                  "partNumber",
                                                  "policy",
                                                  "policyStatus",
                                                  "publicAccessBlock",
                                                  "replication",
                                                  "requestPayment",
                                                  "response-cache-control",
                                                  "response-content-disposition",
                                                  "response-content-encoding",
                                                  "response-content-language",
                                                  "response-content-type",
                                                  "response-expires",
                                                  "restore",
                                                  "retention",
                                                  "select",
                                                  "select-type",
                                                  "tagging",
                                                  "torrent",
                                                  "uploadId",
                                                  "uploads",
                                                  "versionId",
                                                  "versioning",
                                                  "versions",
                                                  "website"};
  return kSigned.count(name) > 0;
}

struct Query {
  std::string resource;                       // "?acl&versionId=…" or ""
  std::map<std::string, std::string> amazon;  // x-amz-… parameters stand for headers
};

Query read_query(std::string_view query) {
  Query read;
  std::vector<std::string> parts;
  for (const std::string_view part : split(query, '&')) {
    const size_t equals = part.find('=');
    const std::string name = url_decode(part.substr(0, equals));
    const std::string value =
        equals == std::string_view::npos ? "" : url_decode(part.substr(equals + 1), true);
    if (to_lower(name).starts_with("x-amz-")) read.amazon[to_lower(name)] = value;
    if (!is_signed(name)) continue;
    parts.push_back(equals == std::string_view::npos ? name : name + "=" + value);
  }
  std::sort(parts.begin(), parts.end());
  for (const std::string& part : parts) {
    read.resource += read.resource.empty() ? '?' : '&';
    read.resource += part;
  }
  return read;
}

std::string amazon_headers(const http::RequestHead& head, const Query& query, bool in_query) {
  std::map<std::string, std::string> headers;
  if (in_query) headers = query.amazon;
  for (const auto& [name, value] : head.headers) {
    const std::string lower = to_lower(name);
    if (!lower.starts_with("x-amz-")) continue;
    std::string& all = headers[lower];
    if (!all.empty()) all += ',';
    all += trim(value);
  }
  std::string out;
  for (const auto& [name, value] : headers) out += name + ":" + value + "\n";
  return out;
}

}  // namespace sigv2_detail

std::string sign_text_v2(std::string_view text, std::string_view secret) {
  return to_base64(hmac_sha1(secret, text));
}

bool matches_v2(const http::RequestHead& head, const Signature& signature,
                std::string_view secret) {
  const sigv2_detail::Query query = sigv2_detail::read_query(head.query);
  const http::Headers& headers = head.headers;
  std::string before = head.method;
  before.append(1, '\n').append(headers.get("content-md5"));
  before.append(1, '\n').append(headers.get("content-type")).append(1, '\n');
  if (signature.in_query) {
    before += std::to_string(signature.expires_at_s);
  } else if (!headers.has("x-amz-date")) {
    before += headers.get("date");
  }
  before += "\n" + sigv2_detail::amazon_headers(head, query, signature.in_query);
  // The resource begins with the bucket, which the host may hold. Here nobody knows where its name
  // ends: every way to read the host is tried.
  const std::string host = head.host();
  std::vector<std::string> buckets{""};
  for (size_t dot = host.find('.'); dot != std::string::npos; dot = host.find('.', dot + 1)) {
    buckets.push_back("/" + host.substr(0, dot));
  }
  bool matches = false;
  for (const std::string& bucket : buckets) {
    const std::string text = before + bucket + head.path + query.resource;
    matches |= constant_time_equal(sign_text_v2(text, secret), signature.signature);
  }
  return matches;
}

}  // namespace paddock::identity
