#include "services/apigateway/http_api_event.hpp"

#include "core/text.hpp"
#include "services/apigateway/http_api_headers.hpp"
#include "services/apigateway/http_values.hpp"
#include "services/apigateway/v2_limits.hpp"
#include "wire/codec.hpp"

namespace paddock::services::apigateway::v2 {
namespace {

// A header or query value may hold any bytes, JSON text may not.
std::string utf8_of(std::string_view text) {
  if (valid_utf8(text)) return std::string(text);
  std::string clean;
  for (unsigned char c : text) {
    if (c < 0x80) {
      clean += static_cast<char>(c);
    } else {
      clean += "\xEF\xBF\xBD";
    }
  }
  return clean;
}

void set_body(Json& event, const HttpEventSource& source, bool null_if_empty) {
  const bool text =
      is_text_body(source.head.headers.get("content-type")) && valid_utf8(source.body);
  event["isBase64Encoded"] = !source.body.empty() && !text;
  if (source.body.empty()) {
    if (null_if_empty) event["body"] = nullptr;
    return;
  }
  event["body"] = text ? std::string(source.body) : to_base64(source.body);
}

Json parameters_of(const HttpEventSource& source) {
  Json parameters = Json::object();
  for (const auto& [name, value] : source.parameters) parameters[name] = utf8_of(value);
  return parameters;
}

std::string_view prefix_of_domain(std::string_view host) {
  return host.substr(0, host.find('.'));
}

// "GET /pets/{id}" -> "/pets/{id}"; "$default" as it is.
std::string resource_of_route(const std::string& key) {
  size_t space = key.find(' ');
  return space == std::string::npos ? key : key.substr(space + 1);
}

Json context_1_0(const HttpEventSource& source) {
  const http::RequestHead& head = source.head;
  Json identity = Json::object();
  for (const char* member :
       {"accessKey", "accountId", "caller", "cognitoAmr", "cognitoAuthenticationProvider",
        "cognitoAuthenticationType", "cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId",
        "user", "userArn"}) {
    identity[member] = nullptr;
  }
  identity["sourceIp"] = head.remote_address;
  identity["userAgent"] = utf8_of(head.headers.get("user-agent"));
  if (source.signer.is_object()) identity.update(source.signer);
  std::string host = head.host();
  Json context = {{"accountId", source.account},
                  {"apiId", source.api},
                  {"domainName", host},
                  {"domainPrefix", prefix_of_domain(host)},
                  {"extendedRequestId", source.request_id},
                  {"httpMethod", head.method},
                  {"identity", std::move(identity)},
                  {"path", utf8_of(url_decode(source.path))},
                  {"protocol", "HTTP/1.1"},
                  {"requestId", source.request_id},
                  {"requestTime", request_time_text(source.time_ms)},
                  {"requestTimeEpoch", source.time_ms},
                  {"resourceId", source.route_key},
                  {"resourcePath", resource_of_route(source.route_key)},
                  {"stage", source.stage}};
  if (source.authorizer.is_object()) {
    if (auto jwt = source.authorizer.find("jwt"); jwt != source.authorizer.end()) {
      context["authorizer"] = *jwt;
    } else {
      context["authorizer"] = source.authorizer.value("lambda", Json::object());
    }
  }
  return context;
}

Json context_2_0(const HttpEventSource& source) {
  const http::RequestHead& head = source.head;
  std::string host = head.host();
  Json context = {{"accountId", source.account},
                  {"apiId", source.api},
                  {"domainName", host},
                  {"domainPrefix", prefix_of_domain(host)},
                  {"http",
                   {{"method", head.method},
                    {"path", utf8_of(url_decode(source.path))},
                    {"protocol", "HTTP/1.1"},
                    {"sourceIp", head.remote_address},
                    {"userAgent", utf8_of(head.headers.get("user-agent"))}}},
                  {"requestId", source.request_id},
                  {"routeKey", source.route_key},
                  {"stage", source.stage},
                  {"time", request_time_text(source.time_ms)},
                  {"timeEpoch", source.time_ms}};
  if (source.authorizer.is_object()) context["authorizer"] = source.authorizer;
  if (source.signer.is_object()) {
    context["authorizer"]["iam"] = {{"accessKey", source.signer["accessKey"]},
                                    {"accountId", source.signer["accountId"]},
                                    {"callerId", source.signer["caller"]},
                                    {"cognitoIdentity", nullptr},
                                    {"principalOrgId", nullptr},
                                    {"userArn", source.signer["userArn"]},
                                    {"userId", source.signer["user"]}};
  }
  return context;
}

// What both kinds of event of format 2.0 share.
Json common_2_0(const HttpEventSource& source) {
  Json event = {{"version", "2.0"},
                {"routeKey", source.route_key},
                {"rawPath", utf8_of(url_decode(source.path))},
                {"rawQueryString", utf8_of(source.head.query)},
                {"requestContext", context_2_0(source)}};
  Json headers = Json::object();
  for (const auto& [name, value] : joined_headers(source.head, false)) {
    headers[name] = utf8_of(value);
  }
  event["headers"] = std::move(headers);
  Json cookies = Json::array();
  for (std::string_view line : source.head.headers.all("cookie")) {
    for (std::string_view cookie : split(line, ';')) {
      cookie = trim(cookie);
      if (!cookie.empty()) cookies.push_back(utf8_of(cookie));
    }
  }
  if (!cookies.empty()) event["cookies"] = std::move(cookies);
  Json query = Json::object();
  for (const auto& [name, value] : decoded_query(source.head.query)) {
    std::string key = utf8_of(name);
    query[key] =
        query.contains(key) ? query[key].get<std::string>() + "," + utf8_of(value) : utf8_of(value);
  }
  if (!query.empty()) event["queryStringParameters"] = std::move(query);
  if (!source.parameters.empty()) event["pathParameters"] = parameters_of(source);
  if (source.stage_variables.is_object() && !source.stage_variables.empty()) {
    event["stageVariables"] = source.stage_variables;
  }
  return event;
}

Json common_1_0(const HttpEventSource& source) {
  Json event = {
      {"version", "1.0"},
      {"resource", resource_of_route(source.route_key)},
      {"path", utf8_of(url_decode(source.sent_path.empty() ? source.path : source.sent_path))},
      {"httpMethod", source.head.method},
      {"requestContext", context_1_0(source)}};
  Json single = Json::object();
  Json multi = Json::object();
  for (const auto& [name, value] : joined_headers(source.head, true)) {
    single[name] = utf8_of(value);
    multi[name] = Json::array({utf8_of(value)});
  }
  event["headers"] = std::move(single);
  event["multiValueHeaders"] = std::move(multi);
  Json query;
  Json queries;
  for (const auto& [name, value] : decoded_query(source.head.query)) {
    query[utf8_of(name)] = utf8_of(value);
    queries[utf8_of(name)].push_back(utf8_of(value));
  }
  event["queryStringParameters"] = std::move(query);
  event["multiValueQueryStringParameters"] = std::move(queries);
  event["pathParameters"] = source.parameters.empty() ? Json() : parameters_of(source);
  const bool variables = source.stage_variables.is_object() && !source.stage_variables.empty();
  event["stageVariables"] = variables ? source.stage_variables : Json();
  return event;
}

}  // namespace

std::map<std::string, std::string> joined_headers(const http::RequestHead& head, bool cookies) {
  std::map<std::string, std::string> headers;
  const auto append = [&headers](const std::string& name, std::string_view value) {
    auto [place, added] = headers.emplace(name, value);
    if (!added) place->second.append(",").append(value);
  };
  for (const auto& [name, value] : head.headers) {
    std::string lower = to_lower(name);
    // Hop-by-hop headers end at the gateway.
    if (lower == "connection" || lower == "transfer-encoding" || lower == "expect") continue;
    if (lower == "cookie" && !cookies) continue;
    append(lower, value);
  }
  headers.emplace("content-length", "0");
  append("x-forwarded-for", head.remote_address);
  headers["x-forwarded-port"] = std::to_string(head.local_port);
  headers["x-forwarded-proto"] = head.scheme();
  return headers;
}

bool is_text_body(std::string_view content_type) {
  std::string type = to_lower(trim(content_type.substr(0, content_type.find(';'))));
  return type.starts_with("text/") || type == "application/json" || type == "application/xml" ||
         type == "application/javascript";
}

Json http_event_2_0(const HttpEventSource& source) {
  Json event = common_2_0(source);
  set_body(event, source, false);
  return event;
}

Json http_event_1_0(const HttpEventSource& source) {
  Json event = common_1_0(source);
  set_body(event, source, true);
  return event;
}

Json http_authorizer_event_2_0(const HttpEventSource& source, const std::string& route_arn,
                               const std::vector<std::string>& identity) {
  Json event = common_2_0(source);
  event["type"] = "REQUEST";
  event["routeArn"] = route_arn;
  event["identitySource"] = identity.empty() ? Json() : Json(identity);
  return event;
}

Json http_authorizer_event_1_0(const HttpEventSource& source, const std::string& method_arn,
                               const std::vector<std::string>& identity) {
  Json event = source.websocket.is_object() ? source.websocket : common_1_0(source);
  event["type"] = "REQUEST";
  event["methodArn"] = method_arn;
  if (source.websocket.is_object()) return event;
  std::string joined;
  for (const auto& value : identity) joined += (joined.empty() ? "" : ",") + value;
  event["identitySource"] = joined;
  event["authorizationToken"] = joined;
  return event;
}

// -- answers --------------------------------------------------------------------------------------

namespace {

std::optional<Json> parsed_result(std::string_view payload) {
  try {
    return wire::parse_json(payload);
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

bool take_body_of(const Json& result, http::Response& response) {
  auto body = result.find("body");
  if (body != result.end() && !body->is_null()) {
    if (!body->is_string()) return false;
    response.body = body->get<std::string>();
  }
  auto encoded = result.find("isBase64Encoded");
  if (encoded != result.end() && encoded->is_boolean() && encoded->get<bool>()) {
    auto bytes = from_base64(response.body);
    if (!bytes) return false;
    response.body = *std::move(bytes);
  }
  return response.body.size() <= kMaxHttpPayload;
}

void complete_response(http::Response& response) {
  if (!response.headers.has("content-type")) {
    response.headers.add("Content-Type", "text/plain;charset=UTF-8");
  }
}

}  // namespace

std::optional<http::Response> http_response_2_0(std::string_view payload) {
  auto result = parsed_result(payload);
  if (!result) return std::nullopt;
  http::Response response;
  if (!result->is_object() || !result->contains("statusCode")) {
    if (payload.size() > kMaxHttpPayload) return std::nullopt;
    response.headers.add("Content-Type", "application/json");
    response.body = result->is_string() ? result->get<std::string>() : std::string(payload);
    return response;
  }
  auto status = status_of((*result)["statusCode"]);
  if (!status) return std::nullopt;
  response.status = *status;
  if (!add_single_headers(*result, response.headers)) return std::nullopt;
  if (auto cookies = result->find("cookies"); cookies != result->end() && !cookies->is_null()) {
    if (!cookies->is_array()) return std::nullopt;
    for (const auto& cookie : *cookies) {
      auto text = header_text_of(cookie);
      if (!text) return std::nullopt;
      response.headers.add("Set-Cookie", *text);
    }
  }
  if (!take_body_of(*result, response)) return std::nullopt;
  complete_response(response);
  return response;
}

std::optional<http::Response> http_response_1_0(std::string_view payload) {
  auto result = parsed_result(payload);
  if (!result || !result->is_object() || !result->contains("statusCode")) return std::nullopt;
  http::Response response;
  auto status = status_of((*result)["statusCode"]);
  if (!status) return std::nullopt;
  response.status = *status;
  if (!add_single_headers(*result, response.headers) ||
      !add_multi_headers(*result, response.headers) || !take_body_of(*result, response)) {
    return std::nullopt;
  }
  complete_response(response);
  return response;
}

}  // namespace paddock::services::apigateway::v2
