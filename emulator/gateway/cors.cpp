#include "gateway/cors.hpp"

namespace paddock::gateway {

bool foreign_origin(const HostRules& rules, const http::RequestHead& head) {
  std::string_view origin = head.headers.get("origin");
  return !origin.empty() && !rules.origin_allowed(origin, head.authority());
}

std::optional<http::Response> preflight(const http::RequestHead& head) {
  if (head.method != "OPTIONS" || !head.headers.has("origin") ||
      !head.headers.has("access-control-request-method")) {
    return std::nullopt;
  }
  http::Response response;
  response.status = 204;
  add_cors_headers(head, response.headers);
  response.headers.add("Access-Control-Allow-Methods", "HEAD,GET,PUT,POST,DELETE,OPTIONS,PATCH");
  std::string_view asked = head.headers.get("access-control-request-headers");
  if (!asked.empty()) response.headers.add("Access-Control-Allow-Headers", asked);
  response.headers.add("Access-Control-Max-Age", "600");
  return response;
}

void add_cors_headers(const http::RequestHead& head, http::Headers& headers) {
  std::string_view origin = head.headers.get("origin");
  if (origin.empty()) return;
  headers.add("Access-Control-Allow-Origin", origin);
  headers.add("Vary", "Origin");
  headers.add("Access-Control-Expose-Headers",
              "x-amzn-RequestId,x-amz-request-id,x-amz-id-2,x-amz-crc32,x-amzn-ErrorType,"
              "x-amz-function-error,x-amz-log-result,x-amz-executed-version,ETag,Date,"
              "x-paddock-fidelity");
}

}  // namespace paddock::gateway
