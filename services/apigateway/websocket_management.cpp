// @connections:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
#include "core/clock.hpp"
#include "core/text.hpp"
#include "models/apigatewaymanagementapi.hpp"
#include "services/apigateway/v2_errors.hpp"
#include "services/apigateway/v2_limits.hpp"
#include "services/apigateway/websocket_connection.hpp"

namespace paddock::services::apigateway::v2 {

namespace mm = models::apigatewaymanagementapi_members;

namespace {

AwsError gone() {
  return AwsError("GoneException", "", 410);
}
AwsError message_too_long() {
  return AwsError("PayloadTooLargeException", "Message too long", 413);
}

AwsError invalid_management_input(const wire::OperationModel&,
                                  const std::vector<wire::Violation>& all) {
  for (const auto& violation : all) {
    if (violation.rule == wire::Violation::Rule::length) return message_too_long();
  }
  return errors::bad_request(wire::summary(all));
}

http::Response error_response(const AwsError& error) {
  Json body = {{"message", error.message().empty() ? Json() : Json(error.message())}};
  http::Response response(error.status(), "application/json", body.dump());
  response.headers.add("x-amzn-ErrorType", error.code());
  return response;
}

}  // namespace

gateway::Api WebSocketApis::management_api() {
  const auto row = [](std::string_view name, std::string_view action,
                      gateway::WaitingHandler handler) {
    gateway::Operation operation;
    operation.name = name;
    operation.handler = std::move(handler);
    operation.action = action;
    return operation;
  };
  gateway::Api api;
  api.model = &models::apigatewaymanagementapi;
  api.operations = {row("PostToConnection", "execute-api:ManageConnections",
                        gateway::waiting(this, &WebSocketApis::post_to_connection)),
                    row("GetConnection", "execute-api:ManageConnections",
                        gateway::waiting(this, &WebSocketApis::get_connection)),
                    row("DeleteConnection", "execute-api:ManageConnections",
                        gateway::waiting(this, &WebSocketApis::delete_connection))};
  api.invalid = invalid_management_input;
  api.throttling_code = "LimitExceededException";
  return api;
}

std::shared_ptr<WebSocketApis::Connection> WebSocketApis::find(const Context& context,
                                                               const Json& input) const {
  const std::string id = input.at(mm::ConnectionId);
  if (!is_websocket_id(id)) throw errors::bad_request("Invalid connectionId: " + id);
  std::lock_guard lock(mutex_);
  auto found = connections_.find(id);
  if (found == connections_.end()) throw gone();
  if (found->second->realm->account != context.account) {
    throw AwsError("ForbiddenException", "Forbidden", 403);
  }
  return found->second;
}

Task<gateway::Output> WebSocketApis::post_to_connection(Context& context, Json input) {
  auto connection = find(context, input);
  const auto& bytes = input.at(mm::Data).get_binary();
  std::string data(bytes.begin(), bytes.end());
  const bool binary = !valid_utf8(data);
  http::WebSocketMessage message(std::move(data), binary);
  enum class Sent { sent, gone, full };
  auto send = [socket = connection->socket(),
               message = std::move(message)]() mutable -> Task<Sent> {
    auto kept = socket.lock();
    if (!kept || !kept->open()) co_return Sent::gone;
    co_return kept->send(std::move(message)) ? Sent::sent : Sent::full;
  };
  const Sent sent = co_await asio::co_spawn(connection->executor, std::move(send), use_task);
  if (sent == Sent::gone) throw gone();
  if (sent == Sent::full) {
    throw AwsError("LimitExceededException", "The client's buffer is full.", 429);
  }
  connection->last_active_ms = platform_.world.now().ms;
  co_return Output();
}

Task<gateway::Output> WebSocketApis::get_connection(Context& context, Json input) {
  auto connection = find(context, input);
  Json identity = {{mm::SourceIp, connection->source_ip}, {mm::UserAgent, connection->user_agent}};
  Json answer = {{mm::ConnectedAt, connection->connected_at.ms},
                 {mm::Identity, std::move(identity)},
                 {mm::LastActiveAt, connection->last_active_ms.load()}};
  co_return Output(std::move(answer));
}

Task<gateway::Output> WebSocketApis::delete_connection(Context& context, Json input) {
  auto connection = find(context, input);
  auto close = [this, connection]() -> Task<bool> {
    auto kept = connection->socket().lock();
    if (!kept || !kept->open()) co_return false;
    connection->ending = platform_.activities.begin(message_label_);
    kept->close(1000, "Connection Closed Normally");
    co_return true;
  };
  const bool closed = co_await asio::co_spawn(connection->executor, std::move(close), use_task);
  if (!closed) throw gone();
  co_return Output();
}

// The same operations below a stage's own address, where the tools call them.
Task<http::Response> WebSocketApis::manage(http::Exchange& exchange, Context& context,
                                           const ServedApi& api, std::string connection_id) {
  const std::string method = exchange.head().method;
  std::string operation;
  if (method == "POST") operation = "PostToConnection";
  if (method == "GET") operation = "GetConnection";
  if (method == "DELETE") operation = "DeleteConnection";
  http::Response response;
  try {
    if (operation.empty()) throw AwsError("ForbiddenException", "Forbidden", 403);
    Json input = Json::object();
    input[mm::ConnectionId] = connection_id;
    if (method == "POST") {
      std::string body = co_await exchange.read_all(kMaxWebSocketMessage);
      input[mm::Data] = Json::binary(std::vector<uint8_t>(body.begin(), body.end()));
    }
    CallIdentity identity;
    identity.account = api.realm->account;
    identity.region = api.realm->region;
    identity.principal_arn = "arn:aws:iam::" + api.realm->account + ":root";
    identity.cause = context.cause;
    auto call = platform_.caller.call(std::move(identity), "apigatewaymanagementapi", operation,
                                      std::move(input));
    Json answer = co_await std::move(call);
    response.status = method == "DELETE" ? 204 : 200;
    if (method == "GET") {
      Json body = {{"connectedAt", iso8601(answer[mm::ConnectedAt].get<int64_t>())},
                   {"identity",
                    {{"sourceIp", answer[mm::Identity][mm::SourceIp]},
                     {"userAgent", answer[mm::Identity][mm::UserAgent]}}},
                   {"lastActiveAt", iso8601(answer[mm::LastActiveAt].get<int64_t>())}};
      response = http::Response(200, "application/json", body.dump());
    }
  } catch (const AwsError& error) {
    response = error_response(error);
  } catch (const http::BodyTooLarge&) {
    response = error_response(message_too_long());
  }
  response.headers.add("x-amzn-RequestId", context.request_id);
  co_return response;
}

}  // namespace paddock::services::apigateway::v2
