// The data plane: requests to a deployed stage.
#include "core/arn.hpp"
#include "core/clock.hpp"
#include "core/ids.hpp"
#include "events/timeline.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/address.hpp"
#include "services/apigateway/limits.hpp"
#include "services/apigateway/proxy.hpp"
#include "services/apigateway/service.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace {

// The gateway's own answers
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html).
http::Response gateway_error(int status, std::string_view type, std::string_view message) {
  Json body = {{"message", message}};
  http::Response response(status, "application/json", body.dump());
  response.headers.add("x-amzn-ErrorType", type);
  return response;
}

http::Response forbidden() {
  return gateway_error(403, "ForbiddenException", "Forbidden");
}
http::Response no_route() {
  return gateway_error(403, "MissingAuthenticationTokenException", "Missing Authentication Token");
}
http::Response internal_server_error(int status) {
  return gateway_error(status, "InternalServerErrorException", "Internal server error");
}
http::Response timed_out() {
  return gateway_error(504, "InternalServerErrorException", "Endpoint request timed out");
}

// Headers and decoded query strings may hold any bytes, JSON text may not.
std::string text_of(const Json& event) {
  return event.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::shared_ptr<const ServedStage> ApiGateway::served(const std::string& api,
                                                      const std::string& stage) {
  {
    std::shared_lock lock(served_mutex_);
    auto found = served_.find({api, stage});
    if (found != served_.end()) return found->second;
  }
  // Taken before reading, so that a change between read and insert is not overwritten.
  std::unique_lock lock(served_mutex_);
  auto realm = store_.owner(api);
  if (!realm) return nullptr;
  auto definition = store_.api(realm->id, api);
  auto row = store_.stage(realm->id, api, stage);
  if (!definition || !row) return nullptr;
  auto deployment = store_.deployment(realm->id, api, row->value(m::deploymentId, ""));
  if (!deployment) return nullptr;
  auto fresh = std::make_shared<const ServedStage>(realm, rest_api_view(*std::move(definition)),
                                                   *std::move(row), *std::move(deployment));
  served_[{api, stage}] = fresh;
  return fresh;
}

Task<void> ApiGateway::execute(http::Exchange& exchange, Context& context) {
  const http::RequestHead& head = exchange.head();
  MachineClock::Steady started = platform_.machine.now();
  Address address = *address_of(head.host(), head.path);
  auto stage = served(address.api, address.stage);
  context.model = &models::apigateway;
  http::Response response;
  events::TimelineEvent event;
  event.kind = "call";
  event.what = "execute-api " + head.method + " /" + address.stage + address.path;
  event.resource = address.api;
  if (stage && !stage->api.value(m::disableExecuteApiEndpoint, false)) {
    context.realm = stage->realm;
    context.account = stage->realm->account;
    context.region = stage->realm->region;
    try {
      response = co_await invoke_route(exchange, context, *stage, address);
    } catch (const storage::StorageError& error) {
      platform_.log.error(std::string("execute-api: ") + error.what());
      response = internal_server_error(500);
    }
  } else {
    response = forbidden();
  }
  response.headers.add("x-amzn-RequestId", context.request_id);
  response.headers.add("x-amz-apigw-id", context.platform.ids.base36(kSystemRealm, "apigw", 16));
  event.at = platform_.world.now();
  event.outcome = std::to_string(response.status);
  event.request_id = context.request_id;
  event.cause = context.cause;
  event.account = context.account;
  event.region = context.region;
  event.microseconds =
      std::chrono::duration_cast<std::chrono::microseconds>(platform_.machine.now() - started)
          .count();
  platform_.timeline.record(std::move(event));
  context.activity.release();
  co_await exchange.respond(std::move(response));
}

Task<http::Response> ApiGateway::invoke_route(http::Exchange& exchange, Context& context,
                                              const ServedStage& stage, const Address& address) {
  const http::RequestHead& head = exchange.head();
  auto match = stage.routes.match(address.path);
  const Json* method = match ? method_of(*match->resource, head.method) : nullptr;
  if (!method) co_return no_route();
  // No API key can exist before usage plans do, so a method that asks for one refuses every call.
  if (method->value(m::apiKeyRequired, false)) co_return forbidden();
  if (method->value(m::authorizationType, "NONE") != "NONE" ||
      (*method)[m::methodIntegration].value(m::type, "") != "AWS_PROXY") {
    co_return gateway_error(501, "NotImplementedException",
                            "This method's authorization or integration is not emulated yet.");
  }
  std::string body;
  bool too_large = false;
  try {
    body = co_await exchange.read_all(kMaxPayload);
  } catch (const http::BodyTooLarge&) {
    too_large = true;
  }
  if (too_large) {
    co_return gateway_error(413, "RequestTooLargeException",
                            "HTTP content length exceeded 10485760 bytes.");
  }
  Json variables = stage.stage.value(m::variables, Json());
  Json binary_types = stage.api.value(m::binaryMediaTypes, Json());
  ProxyRequest request(head, body);
  request.api = address.api;
  request.account = context.account;
  request.stage = address.stage;
  request.deployment = stage.stage.value(m::deploymentId, "");
  request.stage_variables = variables;
  request.resource_id = (*match->resource)[m::id];
  request.resource_path = (*match->resource)[m::path];
  request.path = address.path;
  request.parameters = std::move(match->parameters);
  request.request_id = context.request_id;
  request.extended_request_id = context.platform.ids.base36(kSystemRealm, "apigw", 16);
  request.time_ms = context.platform.world.now().ms;
  request.binary = matches_binary_type(head.headers.get("content-type"), binary_types);
  const Json& integration = (*method)[m::methodIntegration];
  std::string uri = with_stage_variables(integration[m::uri], variables);
  std::chrono::milliseconds timeout(integration[m::timeoutInMillis].get<int64_t>());
  std::string event = text_of(proxy_event(request));
  bool accepts_binary = matches_binary_type(head.headers.get("accept"), binary_types);
  co_return co_await call_function(context, std::move(uri), std::move(event), timeout,
                                   accepts_binary);
}

Task<http::Response> ApiGateway::call_function(Context& context, std::string uri, std::string event,
                                               std::chrono::milliseconds timeout,
                                               bool accepts_binary) {
  auto function = function_of_uri(uri);
  auto arn = function ? Arn::parse(*function) : std::nullopt;
  if (!arn) co_return internal_server_error(500);
  CallIdentity identity = context.as_caller();
  identity.account = arn->account;
  identity.region = arn->region;
  identity.principal_arn = "apigateway.amazonaws.com";
  Json input = Json::object();
  input["FunctionName"] = *function;
  input["Payload"] = Json::binary(std::vector<uint8_t>(event.begin(), event.end()));
  http::Response response;
  try {
    auto call = platform_.caller.call(std::move(identity), "lambda", "Invoke", std::move(input));
    std::optional<Json> result = co_await with_timeout(std::move(call), timeout);
    if (!result) co_return timed_out();
    if (result->contains("FunctionError")) co_return internal_server_error(502);
    const auto& payload = result->at("Payload").get_binary();
    auto answer = proxy_response(
        std::string_view(reinterpret_cast<const char*>(payload.data()), payload.size()),
        accepts_binary);
    response = answer ? *std::move(answer) : internal_server_error(502);
  } catch (const AwsError&) {
    response = internal_server_error(500);
  }
  co_return response;
}

}  // namespace paddock::services::apigateway
