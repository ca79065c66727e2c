#include "services/apigateway/websocket_event.hpp"

#include "core/text.hpp"
#include "services/apigateway/http_api_event.hpp"
#include "services/apigateway/http_api_headers.hpp"
#include "services/apigateway/http_api_jwt.hpp"
#include "services/apigateway/http_api_mapping.hpp"
#include "services/apigateway/http_values.hpp"
#include "wire/codec.hpp"

namespace paddock::services::apigateway::v2 {

namespace {

constexpr size_t kIdBytes = 11;

Json websocket_context(const WebSocketEventSource& source, const char* type) {
  Json identity = {{"sourceIp", source.source_ip}};
  if (!source.user_agent.empty() && valid_utf8(source.user_agent)) {
    identity["userAgent"] = source.user_agent;
  }
  if (source.signer.is_object()) identity.update(source.signer);
  Json context = {{"routeKey", source.route_key},
                  {"eventType", type},
                  {"extendedRequestId", source.request_id},
                  {"requestTime", request_time_text(source.time_ms)},
                  {"messageDirection", "IN"},
                  {"stage", source.stage},
                  {"connectedAt", source.connected_at_ms},
                  {"requestTimeEpoch", source.time_ms},
                  {"identity", std::move(identity)},
                  {"requestId", source.request_id},
                  {"domainName", source.domain},
                  {"connectionId", source.connection},
                  {"apiId", source.api}};
  if (source.authorizer.is_object()) context["authorizer"] = source.authorizer;
  return context;
}

void add_stage_variables(Json& event, const WebSocketEventSource& source) {
  if (source.stage_variables.is_object() && !source.stage_variables.empty()) {
    event["stageVariables"] = source.stage_variables;
  }
}

void add_to_both(Json& event, const char* single, const char* multi, const std::string& name,
                 const std::string& value) {
  if (!valid_utf8(name) || !valid_utf8(value)) return;
  event[single][name] = value;
  event[multi][name].push_back(value);
}

}  // namespace

Json websocket_connect_event(const WebSocketEventSource& source, const http::RequestHead& head) {
  Json event = {{"isBase64Encoded", false},
                {"requestContext", websocket_context(source, "CONNECT")}};
  for (const auto& [name, value] : head.headers) {
    if (equal_ignore_case(name, "connection") || equal_ignore_case(name, "upgrade")) continue;
    add_to_both(event, "headers", "multiValueHeaders", name, value);
  }
  add_to_both(event, "headers", "multiValueHeaders", "X-Forwarded-For", source.source_ip);
  add_to_both(event, "headers", "multiValueHeaders", "X-Forwarded-Port",
              std::to_string(head.local_port));
  add_to_both(event, "headers", "multiValueHeaders", "X-Forwarded-Proto", head.scheme());
  for (const auto& [name, value] : decoded_query(head.query)) {
    add_to_both(event, "queryStringParameters", "multiValueQueryStringParameters", name, value);
  }
  add_stage_variables(event, source);
  return event;
}

Json websocket_message_event(const WebSocketEventSource& source,
                             const http::WebSocketMessage& message, const std::string& message_id) {
  Json event = {{"isBase64Encoded", message.binary},
                {"body", message.binary ? to_base64(message.data) : message.data},
                {"requestContext", websocket_context(source, "MESSAGE")}};
  event["requestContext"]["messageId"] = message_id;
  add_stage_variables(event, source);
  return event;
}

Json websocket_disconnect_event(const WebSocketEventSource& source, const http::WebSocketEnd& end) {
  Json event = {{"isBase64Encoded", false},
                {"requestContext", websocket_context(source, "DISCONNECT")}};
  event["requestContext"]["disconnectStatusCode"] = end.code;
  event["requestContext"]["disconnectReason"] =
      end.code == 1005 ? "Client-side close frame status not set" : end.reason;
  add_to_both(event, "headers", "multiValueHeaders", "Host", source.domain);
  for (const char* name : {"x-api-key", "X-Forwarded-For", "x-restapi"}) {
    add_to_both(event, "headers", "multiValueHeaders", name, "");
  }
  add_stage_variables(event, source);
  return event;
}

std::optional<WebSocketAnswer> websocket_answer(std::string_view payload) {
  Json result;
  try {
    result = wire::parse_json(payload);
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
  if (!result.is_object() || !result.contains("statusCode")) return std::nullopt;
  WebSocketAnswer answer;
  auto status = status_of(result["statusCode"]);
  if (!status || !add_single_headers(result, answer.headers) ||
      !add_multi_headers(result, answer.headers)) {
    return std::nullopt;
  }
  answer.status = *status;
  if (auto body = result.find("body"); body != result.end() && !body->is_null()) {
    answer.body = body->is_string() ? body->get<std::string>() : body->dump();
  }
  return answer;
}

std::optional<std::string> selected_route(const std::string& expression,
                                          const http::WebSocketMessage& message) {
  if (message.binary) return std::nullopt;
  const http::Headers no_headers;
  const std::map<std::string, std::string> no_parameters;
  const Json nothing = Json::object();
  MappingSource source;
  source.headers = &no_headers;
  source.parameters = &no_parameters;
  source.stage_variables = &nothing;
  source.context = &nothing;
  source.body = message.data;
  auto value = mapped_value(expression, source);
  if (value && value->empty()) return std::nullopt;
  return value;
}

std::string websocket_id(std::string_view eleven_bytes) {
  std::string text = to_base64(eleven_bytes.substr(0, kIdBytes));
  for (char& c : text) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  return text;
}

bool is_websocket_id(std::string_view text) {
  if (text.size() != 16 || text.back() != '=') return false;
  auto bytes = from_base64_url(text.substr(0, 15));
  return bytes && bytes->size() == kIdBytes;
}

}  // namespace paddock::services::apigateway::v2
