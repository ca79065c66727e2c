#include "services/apigateway/proxy.hpp"

#include <algorithm>
#include <array>

#include "core/text.hpp"
#include "services/apigateway/http_values.hpp"
#include "services/apigateway/limits.hpp"
#include "wire/codec.hpp"

namespace paddock::services::apigateway {
namespace {

// Name -> last value, and name -> all values; both null if there is none.
void set_single_and_multi(Json& event, const char* single, const char* multi,
                          const std::vector<std::pair<std::string, std::string>>& pairs) {
  Json last;
  Json all;
  for (const auto& [name, value] : pairs) {
    last[name] = value;
    all[name].push_back(value);
  }
  event[single] = std::move(last);
  event[multi] = std::move(all);
}

// The edge in front of API Gateway writes some names its own way.
std::string edge_name(const std::string& name) {
  if (equal_ignore_case(name, "authorization")) return "Authorization";
  return equal_ignore_case(name, "user-agent") ? "User-Agent" : name;
}

std::vector<std::pair<std::string, std::string>> event_headers(const ProxyRequest& request) {
  std::vector<std::pair<std::string, std::string>> headers;
  for (const auto& [name, value] : request.head.headers) {
    // Hop-by-hop headers end at the gateway.
    if (equal_ignore_case(name, "connection") || equal_ignore_case(name, "transfer-encoding") ||
        equal_ignore_case(name, "content-length") || equal_ignore_case(name, "expect")) {
      continue;
    }
    headers.emplace_back(edge_name(name), value);
  }
  if (!request.trace_id.empty()) headers.emplace_back("X-Amzn-Trace-Id", request.trace_id);
  headers.emplace_back("X-Forwarded-For", request.head.remote_address);
  headers.emplace_back("X-Forwarded-Port", std::to_string(request.head.local_port));
  headers.emplace_back("X-Forwarded-Proto", request.head.scheme());
  // Several values of one name keep their order.
  std::stable_sort(headers.begin(), headers.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  return headers;
}

// How the body travels is the gateway's affair.
bool is_framing(const std::string& name) {
  return equal_ignore_case(name, "transfer-encoding") || equal_ignore_case(name, "trailer");
}

// Headers that API Gateway sets itself; a function's own come out under another name.
std::string outgoing_name(const std::string& name) {
  for (std::string_view own : {"connection", "content-length", "date", "server", "expect", "host",
                               "te", "upgrade", "user-agent", "www-authenticate"}) {
    if (equal_ignore_case(name, own)) return "x-amzn-Remapped-" + name;
  }
  return name;
}

bool add_response_headers(const Json& result, http::Headers& headers) {
  if (auto single = result.find("headers"); single != result.end() && !single->is_null()) {
    if (!single->is_object()) return false;
    for (const auto& [name, value] : single->items()) {
      if (value.is_null() || is_framing(name)) continue;
      std::optional<std::string> text = header_text_of(value);
      if (!text || !is_header_token(name)) return false;
      headers.add(outgoing_name(name), *text);
    }
  }
  if (auto multi = result.find("multiValueHeaders"); multi != result.end() && !multi->is_null()) {
    if (!multi->is_object()) return false;
    for (const auto& [name, values] : multi->items()) {
      if (!values.is_array() || !is_header_token(name)) return false;
      if (is_framing(name)) continue;
      headers.remove(outgoing_name(name));
      for (const auto& value : values) {
        std::optional<std::string> text = header_text_of(value);
        if (!text) return false;
        headers.add(outgoing_name(name), *text);
      }
    }
  }
  return true;
}

bool has_known_members(const Json& result) {
  static constexpr std::array<std::string_view, 5> kMembers{"body", "headers", "isBase64Encoded",
                                                            "multiValueHeaders", "statusCode"};
  const auto& members = result.get_ref<const Json::object_t&>();
  return std::all_of(members.begin(), members.end(), [](const auto& member) {
    return std::find(kMembers.begin(), kMembers.end(), member.first) != kMembers.end();
  });
}

bool media_type_matches(std::string_view type, std::string_view pattern) {
  if (pattern == "*/*") return true;
  if (pattern.ends_with("/*")) return type.starts_with(pattern.substr(0, pattern.size() - 1));
  return type == pattern;
}

}  // namespace

Json proxy_context(const ProxyRequest& request) {
  std::string user_agent(request.head.headers.get("user-agent"));
  Json identity = Json::object();
  for (const char* member : {"accessKey", "accountId", "caller", "cognitoAuthenticationProvider",
                             "cognitoAuthenticationType", "cognitoIdentityId",
                             "cognitoIdentityPoolId", "principalOrgId", "user", "userArn"}) {
    identity[member] = nullptr;
  }
  identity["sourceIp"] = request.head.remote_address;
  identity["userAgent"] = user_agent.empty() ? Json() : Json(user_agent);
  if (request.identity.is_object()) identity.update(request.identity);
  std::string host = request.head.host();
  std::string path = request.context_path;
  if (path.empty()) path = "/" + request.stage + request.path;
  // Member by member: a list of pairs would be built first, for every request.
  Json context = Json::object();
  context["accountId"] = request.account;
  context["apiId"] = request.api;
  context["deploymentId"] = request.deployment;
  context["domainPrefix"] = host.substr(0, host.find('.'));
  context["domainName"] = std::move(host);
  context["extendedRequestId"] = request.extended_request_id;
  context["httpMethod"] = request.head.method;
  context["identity"] = std::move(identity);
  context["path"] = std::move(path);
  context["protocol"] = "HTTP/1.1";
  context["requestId"] = request.request_id;
  context["requestTime"] = request_time_text(request.time_ms);
  context["requestTimeEpoch"] = request.time_ms;
  context["resourceId"] = request.resource_id;
  context["resourcePath"] = request.resource_path;
  context["stage"] = request.stage;
  if (request.authorizer.is_object()) context["authorizer"] = request.authorizer;
  if (request.canary) context["isCanaryRequest"] = *request.canary;
  return context;
}

Json proxy_event(const ProxyRequest& request) {
  Json event;
  event["resource"] = request.resource_path;
  event["path"] = request.path;
  event["httpMethod"] = request.head.method;
  set_single_and_multi(event, "headers", "multiValueHeaders", event_headers(request));
  set_single_and_multi(event, "queryStringParameters", "multiValueQueryStringParameters",
                       decoded_query(request.head.query));
  event["pathParameters"] = request.parameters.empty() ? Json() : Json(request.parameters);
  bool has_variables = request.stage_variables.is_object() && !request.stage_variables.empty();
  event["stageVariables"] = has_variables ? request.stage_variables : Json();
  event["requestContext"] = proxy_context(request);
  // Bytes that are no text can only travel as base64.
  bool encoded = request.binary || !valid_utf8(request.body);
  event["isBase64Encoded"] = encoded && !request.body.empty();
  if (request.body.empty()) {
    event["body"] = nullptr;
  } else {
    event["body"] = encoded ? to_base64(request.body) : std::string(request.body);
  }
  return event;
}

std::optional<http::Response> proxy_response(std::string_view payload, bool accepts_binary) {
  Json result;
  try {
    result = wire::parse_json(payload);
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
  if (!result.is_object() || !has_known_members(result)) return std::nullopt;
  http::Response response;
  if (auto code = result.find("statusCode"); code != result.end() && !code->is_null()) {
    auto status = status_of(*code, 100);
    if (!status) return std::nullopt;
    response.status = *status;
  }
  if (!add_response_headers(result, response.headers)) return std::nullopt;
  if (auto body = result.find("body"); body != result.end() && !body->is_null()) {
    if (!body->is_string()) return std::nullopt;
    response.body = body->get<std::string>();
  }
  auto encoded = result.find("isBase64Encoded");
  if (encoded != result.end() && encoded->is_boolean() && encoded->get<bool>() && accepts_binary) {
    auto bytes = from_base64(response.body);
    if (!bytes) return std::nullopt;
    response.body = *std::move(bytes);
  }
  if (response.body.size() > kMaxPayload) return std::nullopt;
  if (!response.headers.has("content-type")) {
    response.headers.add("Content-Type", "application/json");
  }
  return response;
}

bool matches_binary_type(std::string_view header, const Json& binary_types) {
  if (!binary_types.is_array()) return false;
  for (std::string_view part : split(header, ',')) {
    std::string type = to_lower(trim(part.substr(0, part.find(';'))));
    for (const auto& pattern : binary_types) {
      if (!type.empty() && media_type_matches(type, pattern.get<std::string>())) return true;
    }
  }
  return false;
}

}  // namespace paddock::services::apigateway
