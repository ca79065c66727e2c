#include "services/lambda/url_http.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <utility>
#include <vector>

#include "core/text.hpp"
#include "models/lambda.hpp"

namespace paddock::services::lambda {
namespace url_text {

namespace members = ::paddock::models::lambda_members;

constexpr std::string_view kLabel = ".lambda-url.";
constexpr std::string_view kPathForm = "/_aws/lambda-url/";

// "20/Nov/2026:07:36:00 +0000"
std::string request_time(int64_t ms) {
  static constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const CivilTime time = civil_time(ms);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%02d/%s/%04d:%02d:%02d:%02d +0000", time.day,
                kMonths[static_cast<size_t>(time.month - 1)], time.year, time.hour, time.minute,
                time.second);
  return text.data();
}

// Several of one name are joined by a comma.
void join(Json& object, const std::string& name, const std::string& value) {
  Json& member = object[name];
  member = member.is_null() ? value : member.get<std::string>() + "," + value;
}

Json query_parameters(std::string_view query) {
  Json parameters = Json::object();
  for (const std::string_view part : split(query, '&')) {
    if (part.empty()) continue;
    const size_t equals = part.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    join(parameters, url_decode(part.substr(0, equals), true), url_decode(value, true));
  }
  return parameters;
}

Json event_headers(const http::RequestHead& head) {
  Json headers = Json::object();
  for (const auto& [name, value] : head.headers) {
    const std::string lower = to_lower(name);
    if (lower == "connection" || lower == "transfer-encoding" || lower == "expect" ||
        lower == "keep-alive") {
      continue;
    }
    join(headers, lower, value);
  }
  if (!headers.contains("x-forwarded-for")) headers["x-forwarded-for"] = head.remote_address;
  if (!headers.contains("x-forwarded-proto")) headers["x-forwarded-proto"] = head.scheme();
  if (!headers.contains("x-forwarded-port")) {
    headers["x-forwarded-port"] = std::to_string(head.local_port);
  }
  return headers;
}

Json cookies(const http::RequestHead& head) {
  Json found = Json::array();
  for (const std::string_view line : head.headers.all("cookie")) {
    for (const std::string_view part : split(line, ';')) {
      if (!trim(part).empty()) found.push_back(std::string(trim(part)));
    }
  }
  return found;
}

bool is_text(const http::RequestHead& head, std::string_view body) {
  if (head.headers.has("content-encoding") || !valid_utf8(body)) return false;
  std::string type = to_lower(head.headers.get("content-type"));
  type = std::string(trim(std::string_view(type).substr(0, type.find(';'))));
  return type.starts_with("text/") || type == "application/json" || type == "application/xml" ||
         type == "application/javascript" || type.ends_with("+json") || type.ends_with("+xml");
}

Json authorizer(const identity::Principal& caller) {
  return {{"iam",
           {{"accessKey", caller.access_key},
            {"accountId", caller.account},
            {"callerId", caller.user_id},
            {"cognitoIdentity", nullptr},
            {"principalOrgId", nullptr},
            {"userArn", caller.arn},
            {"userId", caller.user_id}}}};
}

Json request_context(const UrlRequest& request) {
  const http::RequestHead& head = request.head;
  Json context = {{"accountId", request.caller ? request.caller->account : "anonymous"},
                  {"apiId", request.address.id},
                  {"domainName", head.host()},
                  {"domainPrefix", request.address.id},
                  {"http",
                   {{"method", head.method},
                    {"path", url_decode(request.address.path)},
                    {"protocol", "HTTP/1.1"},
                    {"sourceIp", head.remote_address},
                    {"userAgent", std::string(head.headers.get("user-agent"))}}},
                  {"requestId", request.request_id},
                  {"routeKey", "$default"},
                  {"stage", "$default"},
                  {"time", request_time(request.time_ms)},
                  {"timeEpoch", request.time_ms}};
  if (request.caller) {
    context["authentication"] = nullptr;
    context["authorizer"] = authorizer(*request.caller);
  }
  return context;
}

// 200 or "200"; nullopt for anything that is no HTTP status.
std::optional<int> status_of(const Json& value) {
  int64_t status = 0;
  if (value.is_number_integer()) {
    status = value.get<int64_t>();
  } else if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  }
  if (status < 100 || status > 599) return std::nullopt;
  return static_cast<int>(status);
}

// A token of RFC 9110, section 5.6.2.
bool is_header_name(std::string_view name) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

// False for a value that no header can have.
bool add_header(http::Headers& headers, const std::string& name, const Json& value) {
  if (!is_header_name(name) || !value.is_primitive()) return false;
  if (value.is_null()) return true;
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  if (text.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) return false;
  // How the body travels is the server's affair.
  for (const std::string_view own : {"transfer-encoding", "content-length", "connection"}) {
    if (equal_ignore_case(name, own)) return true;
  }
  headers.add(name, text);
  return true;
}

// Status, headers and cookies of a document that has them.
bool read_head(const Json& document, http::Response& response) {
  if (const auto code = document.find("statusCode"); code != document.end()) {
    const std::optional<int> status = status_of(*code);
    if (!status) return false;
    response.status = *status;
  }
  const auto headers = document.find("headers");
  if (headers != document.end() && !headers->is_null()) {
    if (!headers->is_object()) return false;
    for (const auto& [name, value] : headers->items()) {
      if (!add_header(response.headers, name, value)) return false;
    }
  }
  const auto cookies = document.find("cookies");
  if (cookies != document.end() && !cookies->is_null()) {
    if (!cookies->is_array()) return false;
    for (const Json& cookie : *cookies) {
      if (!cookie.is_string() || !add_header(response.headers, "set-cookie", cookie)) return false;
    }
  }
  if (!response.headers.has("content-type")) {
    response.headers.add("content-type", "application/json");
  }
  return true;
}

std::string joined(const Json& list) {
  std::string text;
  for (const Json& one : list) text += (text.empty() ? "" : ",") + one.get<std::string>();
  return text;
}

bool lists(const Json& cors, const char* member, std::string_view wanted) {
  const Json list = cors.value(member, Json::array());
  return std::any_of(list.begin(), list.end(), [wanted](const Json& one) {
    const auto& text = one.get_ref<const std::string&>();
    return text == "*" || equal_ignore_case(text, wanted);
  });
}

// The origin to answer with; "" if the request's is not allowed.
std::string allowed_origin(const Json& cors, const http::RequestHead& head) {
  const std::string origin(head.headers.get("origin"));
  if (origin.empty() || !lists(cors, members::AllowOrigins, origin)) return "";
  const Json origins = cors.value(members::AllowOrigins, Json::array());
  const bool any = std::find(origins.begin(), origins.end(), "*") != origins.end();
  return any && !cors.value(members::AllowCredentials, false) ? "*" : origin;
}

}  // namespace url_text

std::optional<UrlAddress> url_address(std::string_view host, std::string_view path) {
  UrlAddress address;
  if (path.starts_with(url_text::kPathForm)) {
    path.remove_prefix(url_text::kPathForm.size());
    const size_t slash = path.find('/');
    address.id = path.substr(0, slash);
    address.path = slash == std::string_view::npos ? "/" : path.substr(slash);
  } else {
    const size_t label = host.find(url_text::kLabel);
    if (label == std::string_view::npos || label != host.find('.')) return std::nullopt;
    address.id = host.substr(0, label);
    address.path = path.empty() ? "/" : path;
  }
  if (address.id.empty()) return std::nullopt;
  return address;
}

std::string url_of(const std::string& id, const std::string& region, std::string_view scheme,
                   std::string_view authority) {
  const size_t colon = authority.rfind(':');
  const bool has_port = colon != std::string_view::npos && !authority.ends_with(']');
  const std::string port(has_port ? authority.substr(colon) : std::string_view());
  const std::string host = to_lower(authority.substr(0, has_port ? colon : authority.size()));
  if (host.ends_with(".amazonaws.com"))
    return "https://" + id + ".lambda-url." + region + ".on.aws/";
  std::string base = "localhost";
  if (host.ends_with("localhost.localstack.cloud")) base = "localhost.localstack.cloud";
  std::string url(scheme);
  return url += "://" + id + ".lambda-url." + region + "." + base + port + "/";
}

bool is_url_id(std::string_view id) {
  return !id.empty() && id.size() <= 63 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

Json url_event(const UrlRequest& request) {
  const http::RequestHead& head = request.head;
  Json event = {{"version", "2.0"},
                {"routeKey", "$default"},
                {"rawPath", request.address.path},
                {"rawQueryString", head.query},
                {"headers", url_text::event_headers(head)},
                {"requestContext", url_text::request_context(request)},
                {"isBase64Encoded", false}};
  Json cookies = url_text::cookies(head);
  if (!cookies.empty()) event["cookies"] = std::move(cookies);
  Json parameters = url_text::query_parameters(head.query);
  if (!parameters.empty()) event["queryStringParameters"] = std::move(parameters);
  if (!request.body.empty()) {
    const bool text = url_text::is_text(head, request.body);
    event["body"] = text ? std::string(request.body) : to_base64(request.body);
    event["isBase64Encoded"] = !text;
  }
  return event;
}

std::optional<http::Response> url_response(const std::string& payload) {
  const Json document = Json::parse(payload, nullptr, false);
  if (document.is_discarded()) {  // of a runtime that answers anything
    return http::Response(200, "application/octet-stream", payload);
  }
  if (!document.is_object() || !document.contains("statusCode")) {
    return http::Response(200, "application/json",
                          document.is_string() ? document.get<std::string>() : payload);
  }
  http::Response response;
  if (!url_text::read_head(document, response)) return std::nullopt;
  const auto body = document.find("body");
  if (body != document.end() && !body->is_null()) {
    response.body = body->is_string() ? body->get<std::string>() : body->dump();
  }
  const auto encoded = document.find("isBase64Encoded");
  if (encoded != document.end() && encoded->is_boolean() && encoded->get<bool>()) {
    std::optional<std::string> bytes = from_base64(response.body);
    if (!bytes) return std::nullopt;
    response.body = *std::move(bytes);
  }
  return response;
}

std::optional<http::Response> url_prelude(std::string_view text) {
  const Json document = Json::parse(text, nullptr, false);
  http::Response response;
  if (!document.is_object() || !url_text::read_head(document, response)) return std::nullopt;
  return response;
}

http::Response url_error(int status, std::string_view message) {
  const Json body = {{"Message", message}};
  http::Response response(status, "application/json", body.dump());
  if (status == 403) response.headers.add("x-amzn-ErrorType", "AccessDeniedException");
  return response;
}

http::Response url_failure() {
  return http::Response(502, "application/json", "Internal Server Error");
}

bool is_preflight(const http::RequestHead& head) {
  return head.method == "OPTIONS" && head.headers.has("origin") &&
         head.headers.has("access-control-request-method");
}

http::Response preflight_response(const Json& cors, const http::RequestHead& head) {
  namespace members = url_text::members;
  http::Response response;
  add_cors(cors, head, response.headers);
  if (!response.headers.has("access-control-allow-origin")) return response;
  const std::string_view method = head.headers.get("access-control-request-method");
  if (url_text::lists(cors, members::AllowMethods, method)) {
    response.headers.add("access-control-allow-methods",
                         url_text::joined(cors[members::AllowMethods]));
  }
  if (cors.contains(members::AllowHeaders)) {
    response.headers.add("access-control-allow-headers",
                         url_text::joined(cors[members::AllowHeaders]));
  }
  if (cors.contains(members::MaxAge)) {
    response.headers.add("access-control-max-age", cors[members::MaxAge].dump());
  }
  return response;
}

void add_cors(const Json& cors, const http::RequestHead& head, http::Headers& headers) {
  namespace members = url_text::members;
  for (const char* name : {"access-control-allow-origin", "access-control-allow-credentials",
                           "access-control-expose-headers", "access-control-allow-methods",
                           "access-control-allow-headers", "access-control-max-age"}) {
    headers.remove(name);
  }
  const std::string origin = url_text::allowed_origin(cors, head);
  if (origin.empty()) return;
  headers.add("access-control-allow-origin", origin);
  headers.add("vary", "Origin");
  if (cors.value(members::AllowCredentials, false)) {
    headers.add("access-control-allow-credentials", "true");
  }
  if (cors.contains(members::ExposeHeaders)) {
    headers.add("access-control-expose-headers", url_text::joined(cors[members::ExposeHeaders]));
  }
}

}  // namespace paddock::services::lambda
