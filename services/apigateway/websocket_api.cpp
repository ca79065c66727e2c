#include "services/apigateway/websocket_api.hpp"

#include <boost/asio/detached.hpp>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "events/waiters.hpp"
#include "models/apigatewayv2.hpp"
#include "services/apigateway/call_record.hpp"
#include "services/apigateway/http_api.hpp"
#include "services/apigateway/signed_identity.hpp"
#include "services/apigateway/v2_limits.hpp"
#include "services/apigateway/websocket_connection.hpp"

namespace paddock::services::apigateway::v2 {

namespace m = models::apigatewayv2_members;

namespace {

constexpr const char* kConnectRoute = "$connect";
constexpr const char* kDisconnectRoute = "$disconnect";
constexpr const char* kDefaultRoute = "$default";

// {"message": …, "connectionId": …, "requestId": …}, as a refused handshake and a failed message
// are told.
std::string told_error(std::string_view message, const std::string& connection,
                       const std::string& request) {
  Json body = {{"message", message}, {"connectionId", connection}, {"requestId", request}};
  return body.dump();
}

http::Response refused_handshake(int status, std::string_view message,
                                 const std::string& connection, const std::string& request) {
  return http::Response(status, "application/json", told_error(message, connection, request));
}

std::string_view message_of_status(int status) {
  switch (status) {
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 502:
    case 500:
      return "Internal server error";
    default:
      return http::reason_phrase(status);
  }
}

const Json* route_of_key(const ServedStageV2& stage, std::string_view key) {
  for (const auto& [id, route] : stage.snapshot.at(kRoutes).items()) {
    if (route.at(m::RouteKey).get_ref<const std::string&>() == key) return &route;
  }
  return nullptr;
}

// True if what the integration gives is sent back to the client.
bool answers_client(const Json& route) {
  if (route.value(m::RouteResponseSelectionExpression, "").empty()) return false;
  auto responses = route.find(kRouteResponses);
  return responses != route.end() && !responses->empty();
}

}  // namespace

WebSocketApis::WebSocketApis(gateway::Platform& platform, ServedApis& served, Endpoints& endpoints)
    : platform_(platform),
      served_(served),
      endpoints_(endpoints),
      authorizers_(platform),
      message_label_(platform.activities.label("websocket message")) {}

size_t WebSocketApis::connections() const {
  std::lock_guard lock(mutex_);
  return connections_.size();
}

std::string WebSocketApis::new_id(const char* kind) {
  IdBytes bytes = platform_.ids.next(kSystemRealm, kind);
  bytes[0] &= 0x7F;  // a leading "-" would be a flag on a command line
  return websocket_id({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::unique_ptr<gateway::RequestContext> WebSocketApis::new_context(const Connection& connection) {
  auto context = std::make_unique<Context>(platform_);
  context->model = &models::apigatewayv2;
  context->realm = connection.realm;
  context->account = connection.realm->account;
  context->region = connection.realm->region;
  context->request_id = platform_.ids.request_uuid();
  context->cause.request_id = context->request_id;
  context->source_ip = connection.source_ip;
  context->user_agent = connection.user_agent;
  context->activity = platform_.activities.begin(message_label_);
  return context;
}

WebSocketEventSource WebSocketApis::event_source(const Connection& connection,
                                                 const ServedStageV2& stage,
                                                 std::string route_key) {
  WebSocketEventSource source;
  source.api = connection.api;
  source.stage = connection.stage;
  source.domain = connection.domain;
  source.connection = connection.id;
  source.source_ip = connection.source_ip;
  source.user_agent = connection.user_agent;
  source.connected_at_ms = connection.connected_at.ms;
  source.authorizer = connection.authorizer;
  source.signer = connection.signer;
  source.stage_variables = stage.stage.value(m::StageVariables, Json());
  source.route_key = std::move(route_key);
  source.request_id = new_id("ws-request");
  source.time_ms = platform_.world.now().ms;
  return source;
}

void WebSocketApis::record(const Context& context, const Connection& connection,
                           const std::string& route, const std::string& outcome) {
  record_call(context, "execute-api " + route + " of connection " + connection.id, connection.api,
              outcome);
}

Task<void> WebSocketApis::execute(http::Exchange& exchange, Context& context, V2Address address) {
  const http::RequestHead& head = exchange.head();
  auto api = served_.find(address.api);
  ServedApi::Choice choice;
  if (api) choice = api->choose(address);
  http::Response response;
  constexpr std::string_view kManaged = "/@connections/";
  const bool managed = choice.path.starts_with(kManaged);
  const bool handshake = http::is_websocket_handshake(head);
  if (!choice.stage || (!managed && handshake && choice.path != "/")) {
    response = http_api_error(403, "Forbidden");
  } else if (managed) {
    std::string id = url_decode(std::string_view(choice.path).substr(kManaged.size()));
    response = co_await manage(exchange, context, *api, std::move(id));
  } else if (!handshake) {
    response = http_api_error(426, "Upgrade Required");
    response.headers.add("Upgrade", "websocket");
  } else {
    context.realm = api->realm;
    context.account = api->realm->account;
    context.region = api->realm->region;
    auto connection = std::make_shared<Connection>();
    connection->realm = api->realm;
    connection->api = api->id;
    connection->stage = choice.stage->name();
    connection->domain = head.host();
    connection->id = new_id("ws-connection");
    connection->source_ip = head.remote_address;
    connection->user_agent = head.headers.get("user-agent");
    connection->connected_at = platform_.world.now();
    connection->last_active_ms = connection->connected_at.ms;
    response = co_await connect(exchange, context, *api, *choice.stage, connection);
    record(context, *connection, kConnectRoute, std::to_string(response.status));
    if (response.status < 300) {
      http::Headers headers = std::move(response.headers);
      context.activity.release();  // an open connection by itself is quiet
      co_await serve(exchange, std::move(connection), std::move(headers));
      co_return;
    }
  }
  context.activity.release();
  co_await exchange.respond(std::move(response));
}

Task<Authorization> WebSocketApis::authorize(http::Exchange& exchange, Context& context,
                                             const ServedStageV2& stage, const Json& route,
                                             const Connection& connection) {
  const Json* authorizer = stage.authorizer_of(route);
  if (!authorizer) co_return Authorization();
  HttpEventSource source(exchange.head(), "");
  source.api = connection.api;
  source.account = context.account;
  source.stage = connection.stage;
  source.path = "/" + connection.stage;
  source.route_key = kConnectRoute;
  source.stage_variables = stage.stage.value(m::StageVariables, Json());
  source.request_id = context.request_id;
  source.time_ms = platform_.world.now().ms;
  source.websocket =
      websocket_connect_event(event_source(connection, stage, kConnectRoute), exchange.head());
  co_return co_await authorizers_.authorize(context, route, *authorizer, source);
}

// The answer to a handshake: below 300 with headers for the 101, or a refusal.
Task<http::Response> WebSocketApis::connect(http::Exchange& exchange, Context& context,
                                            const ServedApi&, const ServedStageV2& stage,
                                            std::shared_ptr<Connection> connection) {
  http::Response accepted;
  const Json* route = route_of_key(stage, kConnectRoute);
  if (!route) co_return accepted;
  if (route->value(m::AuthorizationType, "") == "AWS_IAM") {
    try {
      connection->signer = signed_identity(platform_.identity, exchange.head(), "");
    } catch (const GatewayError& error) {
      co_return refused_handshake(error.status, error.message, connection->id, context.request_id);
    }
  }
  Authorization authorization = co_await authorize(exchange, context, stage, *route, *connection);
  if (authorization.refusal) {
    const int status = authorization.refusal->status;
    co_return refused_handshake(status, message_of_status(status), connection->id,
                                context.request_id);
  }
  if (authorization.authorizer.is_object()) {
    connection->authorizer = authorization.authorizer.value("lambda", Json::object());
    connection->authorizer["principalId"] = authorization.principal_id;
  }
  WebSocketEventSource source = event_source(*connection, stage, kConnectRoute);
  Json event = websocket_connect_event(source, exchange.head());
  Outcome outcome = co_await integrate(context, stage, *route, std::move(source), std::move(event));
  if (outcome.error || outcome.status >= 300) {
    const int status = outcome.error ? outcome.error_status : outcome.status;
    co_return refused_handshake(status, message_of_status(status), connection->id,
                                context.request_id);
  }
  // A function may choose among the subprotocols that the client offers.
  for (std::string_view protocol : outcome.headers.all("sec-websocket-protocol")) {
    accepted.headers.add("Sec-WebSocket-Protocol", protocol);
  }
  co_return accepted;
}

Task<void> WebSocketApis::serve(http::Exchange& exchange, std::shared_ptr<Connection> connection,
                                http::Headers headers) {
  connection->executor = co_await asio::this_coro::executor;
  http::WebSocketOptions options;
  options.message_bytes = kMaxWebSocketMessage;
  options.frame_bytes = kMaxWebSocketFrame;
  options.queued_bytes = kMaxWebSocketQueue;
  options.headers = std::move(headers);
  options.on_frame = [this, connection] { connection->last_active_ms = platform_.world.now().ms; };
  // From the client's close frame to the end of $disconnect the world is not quiet.
  options.on_closing = [this, connection] {
    connection->ending = platform_.activities.begin(message_label_);
  };
  options.on_accept = [this, connection](const std::shared_ptr<http::WebSocket>& open) {
    connection->attach(open);
    std::lock_guard lock(mutex_);
    connections_[connection->id] = connection;
  };
  auto socket = co_await http::accept_websocket(exchange, std::move(options));
  http::WebSocketEnd end;
  if (socket) {
    asio::co_spawn(connection->executor, expire(connection, socket), asio::detached);
    for (;;) {
      auto message = co_await socket->read();
      if (!message) break;
      auto work = take_message(connection, socket, *std::move(message));
      if (connection->at_work < kMaxMessagesAtWork) {
        asio::co_spawn(connection->executor, std::move(work), asio::detached);
      } else {
        co_await std::move(work);
      }
    }
    end = socket->end();
  }
  if (!connection->ending) connection->ending = platform_.activities.begin(message_label_);
  {
    std::lock_guard lock(mutex_);
    connections_.erase(connection->id);
  }
  connection->ended = true;
  platform_.waiters.notify_all(connection->waiting_key());
  if (!stopping_) co_await disconnect(connection, std::move(end));
  connection->ending.release();
}

// Ends a connection that is idle, or too old.
Task<void> WebSocketApis::expire(std::shared_ptr<Connection> connection,
                                 std::weak_ptr<http::WebSocket> socket) {
  const WorldTime life_end = connection->connected_at + Milliseconds(kWebSocketLife);
  for (;;) {
    events::Waiter waiter = platform_.waiters.prepare(connection->waiting_key());
    if (connection->ended) co_return;
    const WorldTime last_active{connection->last_active_ms.load()};
    const WorldTime idle_end = last_active + Milliseconds(kWebSocketIdle);
    const events::Wake wake = co_await waiter.wait(std::min(life_end, idle_end), Cancelled());
    if (connection->ended || wake == events::Wake::stopping) co_return;
    const WorldTime now = platform_.world.now();
    const WorldTime idle_since{connection->last_active_ms.load()};
    if (now < life_end && now < idle_since + Milliseconds(kWebSocketIdle)) continue;
    auto kept = socket.lock();
    if (!kept) co_return;
    connection->ending = platform_.activities.begin(message_label_);
    kept->close(1001, "Going away");
    co_return;
  }
}

Task<void> WebSocketApis::take_message(std::shared_ptr<Connection> connection,
                                       std::weak_ptr<http::WebSocket> socket,
                                       http::WebSocketMessage message) {
  ++connection->at_work;
  std::unique_ptr<Context> context = new_context(*connection);
  std::string outcome_text = "error";
  std::string key = kDefaultRoute;
  std::optional<std::string> reply;
  bool binary = false;
  try {
    auto api = served_.find(connection->api);
    auto stage = api ? api->stages.find(connection->stage) : decltype(api->stages.end())();
    if (!api || stage == api->stages.end()) {
      reply = told_error("Forbidden", connection->id, context->request_id);
    } else {
      const ServedStageV2& served = *stage->second;
      const std::string expression = served.snapshot.value(m::RouteSelectionExpression, "");
      auto selected = selected_route(expression, message);
      const Json* route = nullptr;
      // The names of the three fixed routes select nothing but $default.
      const bool fixed = selected && (*selected == kConnectRoute || *selected == kDisconnectRoute);
      if (selected && !fixed) route = route_of_key(served, *selected);
      if (route) key = *selected;
      if (!route) route = route_of_key(served, kDefaultRoute);
      WebSocketEventSource source = event_source(*connection, served, key);
      const std::string request_id = source.request_id;
      if (!route) {
        reply = told_error("Forbidden", connection->id, request_id);
      } else {
        Json event = websocket_message_event(source, message, new_id("ws-message"));
        Outcome outcome =
            co_await integrate(*context, served, *route, std::move(source), std::move(event));
        outcome_text = std::to_string(outcome.error ? outcome.error_status : outcome.status);
        if (outcome.error) {
          reply = told_error(*outcome.error, connection->id, request_id);
        } else if (answers_client(*route)) {
          reply = std::move(outcome.body);
          binary = outcome.binary;
        }
      }
    }
  } catch (const std::exception& error) {
    platform_.log.error(std::string("execute-api: a WebSocket message failed: ") + error.what());
    reply = told_error("Internal server error", connection->id, context->request_id);
  }
  record(*context, *connection, key, outcome_text);
  if (auto kept = socket.lock(); kept && reply) {
    kept->send(http::WebSocketMessage(*std::move(reply), binary));
  }
  --connection->at_work;
}

Task<void> WebSocketApis::disconnect(std::shared_ptr<Connection> connection,
                                     http::WebSocketEnd end) {
  try {
    auto api = served_.find(connection->api);
    if (!api) co_return;
    auto stage = api->stages.find(connection->stage);
    if (stage == api->stages.end()) co_return;
    const Json* route = route_of_key(*stage->second, kDisconnectRoute);
    if (!route) co_return;
    std::unique_ptr<Context> context = new_context(*connection);
    WebSocketEventSource source = event_source(*connection, *stage->second, kDisconnectRoute);
    Json event = websocket_disconnect_event(source, end);
    Outcome outcome =
        co_await integrate(*context, *stage->second, *route, std::move(source), std::move(event));
    record(*context, *connection, kDisconnectRoute,
           std::to_string(outcome.error ? outcome.error_status : outcome.status));
  } catch (const std::exception& error) {
    platform_.log.error(std::string("execute-api: $disconnect failed: ") + error.what());
  }
}

}  // namespace paddock::services::apigateway::v2
