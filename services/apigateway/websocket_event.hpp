// What functions behind a WebSocket API get, and what their answers mean
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-integration-requests.html).
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "http/message.hpp"
#include "http/websocket.hpp"

namespace paddock::services::apigateway::v2 {

// What all events of one connection share.
struct WebSocketEventSource {
  WebSocketEventSource() = default;  // no aggregate: it is passed to coroutines

  std::string api;
  std::string stage;
  std::string domain;  // the host by which the client connected
  std::string connection;
  std::string source_ip;
  std::string user_agent;
  int64_t connected_at_ms = 0;
  Json authorizer;       // what the authorizer of $connect gave; null without one
  Json signer;           // who signed $connect, members of identity; else null
  Json stage_variables;  // object, or null
  // Of the event itself.
  std::string route_key;
  std::string request_id;
  int64_t time_ms = 0;
};

Json websocket_connect_event(const WebSocketEventSource& source, const http::RequestHead& head);
Json websocket_message_event(const WebSocketEventSource& source,
                             const http::WebSocketMessage& message, const std::string& message_id);
Json websocket_disconnect_event(const WebSocketEventSource& source, const http::WebSocketEnd& end);

// The answer of a proxy function: nullopt if it is malformed.
struct WebSocketAnswer {
  int status = 200;
  std::optional<std::string> body;
  http::Headers headers;
};
std::optional<WebSocketAnswer> websocket_answer(std::string_view payload);

// The key of the route for a message: the value that the API's route selection expression takes
// ("$request.body.action"); nullopt if it takes none.
std::optional<std::string> selected_route(const std::string& expression,
                                          const http::WebSocketMessage& message);

// Sixteen characters as AWS writes ids of connections, messages and requests: "L0SM9cOFvHcCIhw=".
std::string websocket_id(std::string_view eleven_bytes);
bool is_websocket_id(std::string_view text);

}  // namespace paddock::services::apigateway::v2
