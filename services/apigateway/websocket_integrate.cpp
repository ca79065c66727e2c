// What happens to an event of a connection once its route is known: validation and integration.
#include "core/log.hpp"
#include "models/apigatewayv2.hpp"
#include "services/apigateway/v2_function.hpp"
#include "services/apigateway/v2_limits.hpp"
#include "services/apigateway/websocket_connection.hpp"
#include "services/apigateway/websocket_integration.hpp"
#include "wire/codec.hpp"

namespace paddock::services::apigateway::v2 {

namespace m = models::apigatewayv2_members;

namespace {

// Names of parameters that the route requires and the event lacks, joined; "" if there are none.
std::string missing_parameters(const Json& route, const WebSocketRequest& in) {
  std::string missing;
  const Json parameters = route.value(m::RequestParameters, Json::object());
  for (const auto& [name, constraints] : parameters.items()) {
    if (!constraints.value(m::Required, false)) continue;
    auto value = parameter_value(name, in.source());
    if (value && !value->empty()) continue;
    missing += (missing.empty() ? "" : ", ") + name.substr(name.rfind('.') + 1);
  }
  return missing;
}

// What is wrong with a message by the models of its route; "" if nothing is. A route without a
// model selection expression takes everything.
std::string body_error(const ServedStageV2& stage, const Json& route, const WebSocketRequest& in) {
  const std::string expression = route.value(m::ModelSelectionExpression, "");
  if (expression.empty() || !in.has_body) return "";
  const std::string key = selected_key(expression, in.source());
  const Json models = route.value(m::RequestModels, Json::object());
  std::string name = models.value(key, "");
  if (name.empty()) name = models.value("$default", "");
  const JsonSchema* model = stage.model(name);
  if (!model) return "no model for " + key;
  try {
    const std::vector<std::string> messages = model->check(wire::parse_json(in.body));
    return messages.empty() ? "" : messages.front();
  } catch (const std::invalid_argument&) {
    return "Invalid JSON";
  }
}

}  // namespace

Task<WebSocketApis::Outcome> WebSocketApis::integrate(Context& context, const ServedStageV2& stage,
                                                      const Json& route,
                                                      WebSocketEventSource source, Json event) {
  Outcome outcome;
  WebSocketRequest in(event, source.stage_variables);
  const std::string missing = missing_parameters(route, in);
  const std::string wrong = body_error(stage, route, in);
  if (!missing.empty() || !wrong.empty()) {
    outcome.fail(missing.empty() ? "Bad request body"
                                 : "Missing required request parameters: [" + missing + "]",
                 400);
    platform_.log.info("execute-api: " + source.route_key + ": " + wrong + missing);
    co_return outcome;
  }
  const Json* integration = stage.integration_of(route);
  if (!integration) {
    outcome.fail("Internal server error", 500);
    co_return outcome;
  }
  if (const WebSocketIntegration* compiled = stage.websocket_integration_of(route)) {
    co_await run_integration(context, *compiled, in, source.api, outcome);
    co_return outcome;
  }
  const std::chrono::milliseconds timeout(
      integration->value(m::TimeoutInMillis, int64_t{kMaxWebSocketTimeoutMs}));
  std::string uri = integration->at(m::IntegrationUri);
  Json variables = source.stage_variables;
  FunctionAnswer answer = co_await call_function(context, std::move(uri), std::move(variables),
                                                 std::move(event), timeout);
  const bool failed = answer.kind == FunctionAnswer::Kind::failed;
  if (answer.kind == FunctionAnswer::Kind::timed_out) {
    outcome.fail("Endpoint request timed out", 504);
  } else if (auto told = failed ? std::nullopt : websocket_answer(answer.payload)) {
    outcome.status = told->status;
    outcome.body = std::move(told->body);
    outcome.headers = std::move(told->headers);
  } else {
    outcome.fail("Internal server error", 502);
  }
  co_return outcome;
}

Task<void> WebSocketApis::run_integration(Context& context, const WebSocketIntegration& integration,
                                          WebSocketRequest& in, const std::string& api,
                                          Outcome& outcome) {
  using Type = CompiledIntegration::Type;
  try {
    EndpointRequest request = integration.request(in, api);
    EndpointAnswer answer;
    if (integration.type() == Type::mock) {
      answer = integration.mocked(request);
    } else if (integration.type() == Type::aws) {
      answer = co_await endpoints_.call_service(context, std::move(request), integration.timeout());
    } else if (integration.by_vpc_link()) {
      throw failures::not_emulated("An integration by a VPC link");
    } else {
      answer = co_await endpoints_.call_http(std::move(request), integration.timeout());
    }
    WebSocketReply reply = integration.reply(in, answer);
    outcome.status = reply.status;
    outcome.body = std::move(reply.body);
    outcome.binary = reply.binary;
    outcome.headers = std::move(reply.headers);
  } catch (const GatewayError& error) {
    platform_.log.info("execute-api: " + (error.reason.empty() ? error.message : error.reason));
    outcome.fail(error.message, error.status);
  }
}

}  // namespace paddock::services::apigateway::v2
