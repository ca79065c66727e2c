// The data plane of WebSocket APIs: connections, their routes, and @connections.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "gateway/service.hpp"
#include "http/websocket.hpp"
#include "services/apigateway/endpoints.hpp"
#include "services/apigateway/http_api_authorizers.hpp"
#include "services/apigateway/v2_served.hpp"
#include "services/apigateway/websocket_event.hpp"
#include "services/apigateway/websocket_integration.hpp"

namespace paddock::services::apigateway::v2 {

// Thread-safe. References must outlive it. Connections live as long as their sockets: they are no
// durable state, and a restart ends them without $disconnect, as a crash of AWS's would.
class WebSocketApis {
 public:
  WebSocketApis(gateway::Platform& platform, ServedApis& served, Endpoints& endpoints);

  gateway::Api management_api();  // apigatewaymanagementapi
  // Answers a request whose address is one of a WebSocket API: a handshake or @connections.
  Task<void> execute(http::Exchange& exchange, gateway::RequestContext& context, V2Address address);
  void forget_authorizations(const std::string& api) { authorizers_.forget(api); }
  // From now on ends of connections are nobody's business.
  void stop() { stopping_ = true; }
  size_t connections() const;

 private:
  using Context = gateway::RequestContext;
  using Output = gateway::Output;
  struct Connection;
  // What an integration gave for one event.
  struct Outcome;

  Task<http::Response> connect(http::Exchange& exchange, Context& context, const ServedApi& api,
                               const ServedStageV2& stage, std::shared_ptr<Connection> connection);
  Task<Authorization> authorize(http::Exchange& exchange, Context& context,
                                const ServedStageV2& stage, const Json& route,
                                const Connection& connection);
  Task<void> serve(http::Exchange& exchange, std::shared_ptr<Connection> connection,
                   http::Headers headers);
  Task<void> expire(std::shared_ptr<Connection> connection, std::weak_ptr<http::WebSocket> socket);
  Task<void> take_message(std::shared_ptr<Connection> connection,
                          std::weak_ptr<http::WebSocket> socket, http::WebSocketMessage message);
  Task<void> disconnect(std::shared_ptr<Connection> connection, http::WebSocketEnd end);
  Task<Outcome> integrate(Context& context, const ServedStageV2& stage, const Json& route,
                          WebSocketEventSource source, Json event);
  // An integration that is no proxy of a function.
  Task<void> run_integration(Context& context, const WebSocketIntegration& integration,
                             WebSocketRequest& in, const std::string& api, Outcome& outcome);
  std::unique_ptr<Context> new_context(const Connection& connection);
  WebSocketEventSource event_source(const Connection& connection, const ServedStageV2& stage,
                                    std::string route_key);
  void record(const Context& context, const Connection& connection, const std::string& route,
              const std::string& outcome);
  std::string new_id(const char* kind);

  Task<http::Response> manage(http::Exchange& exchange, Context& context, const ServedApi& api,
                              std::string connection_id);
  Task<Output> post_to_connection(Context& context, Json input);
  Task<Output> get_connection(Context& context, Json input);
  Task<Output> delete_connection(Context& context, Json input);
  // Throws what @connections answers for an id that is none, or not there.
  std::shared_ptr<Connection> find(const Context& context, const Json& input) const;

  gateway::Platform& platform_;
  ServedApis& served_;
  Endpoints& endpoints_;
  HttpApiAuthorizers authorizers_;
  size_t message_label_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Connection>, std::less<>> connections_;
};

}  // namespace paddock::services::apigateway::v2
