// Integrations of WebSocket APIs that are no proxies of functions: what they are asked, by
// templates and mappings, and what becomes of their answers
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-data-transformations.html,
// https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-data-mapping.html).
// Templates are rendered and functions, services and endpoints called as for REST APIs. Pure.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.hpp"
#include "http/message.hpp"
#include "services/apigateway/compiled.hpp"
#include "services/apigateway/endpoints.hpp"
#include "services/apigateway/http_api_mapping.hpp"

namespace paddock::services::apigateway::v2 {

// An event of a connection as templates, mappings and models see it.
class WebSocketRequest {
 public:
  // `event`: what a proxy function would get; `variables`: of the stage, an object or null.
  WebSocketRequest(const Json& event, Json variables);
  WebSocketRequest(const WebSocketRequest&) = delete;  // sources point into it
  WebSocketRequest& operator=(const WebSocketRequest&) = delete;

  // What expressions refer to: the event, or the integration's answer to it.
  MappingSource source() const;
  MappingSource source(const EndpointAnswer& answer) const;
  // Throws GatewayError for a template that fails.
  std::string render(const CompiledTemplate& text, std::string_view body);

  bool has_body = false;  // it is a message
  std::string body;
  bool binary = false;
  vtl::Parameters headers;  // of $connect
  vtl::Parameters query;
  Json variables;  // an object

 private:
  Json context_;  // $context
  http::Headers head_;
  std::string query_text_;
  std::map<std::string, std::string> no_parameters_;
};

// The key that a selection expression gives; "\$default" is that key itself, "" what leads nowhere.
std::string selected_key(const std::string& expression, const MappingSource& source);
// The value of "route.request.body.a", "integration.response.header.b", "context.c", "'text'" …;
// nullopt if there is none.
std::optional<std::string> parameter_value(const std::string& expression,
                                           const MappingSource& source);

// What a client gets back.
struct WebSocketReply {
  int status = 200;
  std::optional<std::string> body;
  bool binary = false;
  http::Headers headers;  // of the handshake
};

// One integration with its responses, compiled. Immutable.
class WebSocketIntegration {
 public:
  explicit WebSocketIntegration(const Json& integration);

  CompiledIntegration::Type type() const { return type_; }
  bool by_vpc_link() const { return by_vpc_link_; }
  std::chrono::milliseconds timeout() const { return timeout_; }

  // What the integration is asked. Throws GatewayError.
  EndpointRequest request(WebSocketRequest& in, const std::string& api) const;
  // What a MOCK integration answers to `request`. Throws GatewayError.
  EndpointAnswer mocked(const EndpointRequest& request) const;
  // What the client gets. Throws GatewayError.
  WebSocketReply reply(WebSocketRequest& in, const EndpointAnswer& answer) const;

 private:
  struct Response {
    std::string key;                   // "$default", "/regex/" or a text
    std::optional<JavaRegex> pattern;  // of "/regex/"
    std::string selection;             // of its template
    CompiledTemplates templates;
    std::string content_handling;
    Json parameters;
  };
  void map_parameters(const WebSocketRequest& in, EndpointRequest& request) const;
  std::string request_body(WebSocketRequest& in) const;
  const Response* response_for(const std::string& key) const;

  CompiledIntegration::Type type_ = CompiledIntegration::Type::mock;
  bool by_vpc_link_ = false;
  std::chrono::milliseconds timeout_{0};
  std::string method_;
  std::string uri_;
  std::string passthrough_;
  std::string content_handling_;
  std::string selection_;  // of the request's template
  CompiledTemplates templates_;
  Json parameters_;
  std::string response_selection_;
  std::vector<Response> responses_;
};

}  // namespace paddock::services::apigateway::v2
