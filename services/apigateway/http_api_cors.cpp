#include "services/apigateway/http_api_cors.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "core/text.hpp"
#include "models/apigatewayv2.hpp"

namespace paddock::services::apigateway::v2 {

namespace m = models::apigatewayv2_members;

namespace {

std::string joined_texts(const Json& list) {
  std::string text;
  for (const auto& value : list) {
    if (!text.empty()) text += ',';
    text += value.get_ref<const std::string&>();
  }
  return text;
}

// What Access-Control-Allow-Origin says for this origin; nullopt if it is not allowed. "https://*"
// stands for every origin of that scheme.
std::optional<std::string> allowed_origin(const Json& cors, std::string_view origin) {
  if (origin.empty() || !cors.contains(m::AllowOrigins)) return std::nullopt;
  for (const auto& value : cors[m::AllowOrigins]) {
    const auto& allowed = value.get_ref<const std::string&>();
    if (allowed == "*") return "*";
    if (equal_ignore_case(allowed, origin)) return std::string(origin);
    const bool scheme = allowed == "https://*" || allowed == "http://*";
    if (scheme && origin.starts_with(std::string_view(allowed).substr(0, allowed.size() - 1))) {
      return std::string(origin);
    }
  }
  return std::nullopt;
}

void set_list(const Json& cors, const char* member, const char* header, http::Headers& headers) {
  auto list = cors.find(member);
  if (list != cors.end() && !list->empty()) headers.set(header, joined_texts(*list));
}

}  // namespace

bool is_preflight(const http::RequestHead& head) {
  return head.method == "OPTIONS" && head.headers.has("origin") &&
         head.headers.has("access-control-request-method");
}

http::Response preflight_answer(const Json& cors, const http::RequestHead& head) {
  http::Response response;
  response.status = 204;
  auto origin = allowed_origin(cors, head.headers.get("origin"));
  if (!origin) return response;
  http::Headers& headers = response.headers;
  headers.set("Access-Control-Allow-Origin", *origin);
  if (cors.value(m::AllowCredentials, false)) {
    headers.set("Access-Control-Allow-Credentials", "true");
  }
  set_list(cors, m::AllowMethods, "Access-Control-Allow-Methods", headers);
  set_list(cors, m::AllowHeaders, "Access-Control-Allow-Headers", headers);
  set_list(cors, m::ExposeHeaders, "Access-Control-Expose-Headers", headers);
  if (cors.contains(m::MaxAge)) {
    headers.set("Access-Control-Max-Age", std::to_string(cors[m::MaxAge].get<int64_t>()));
  }
  return response;
}

void apply_cors(const Json& cors, const http::RequestHead& head, http::Response& response) {
  for (const char* header : {"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials",
                             "Access-Control-Allow-Methods", "Access-Control-Allow-Headers",
                             "Access-Control-Expose-Headers", "Access-Control-Max-Age"}) {
    response.headers.remove(header);
  }
  auto origin = allowed_origin(cors, head.headers.get("origin"));
  if (!origin) return;
  response.headers.set("Access-Control-Allow-Origin", *origin);
  if (cors.value(m::AllowCredentials, false)) {
    response.headers.set("Access-Control-Allow-Credentials", "true");
  }
  set_list(cors, m::ExposeHeaders, "Access-Control-Expose-Headers", response.headers);
}

}  // namespace paddock::services::apigateway::v2
