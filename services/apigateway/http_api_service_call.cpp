#include "services/apigateway/http_api_service_call.hpp"

#include "core/log.hpp"
#include "services/apigateway/endpoints.hpp"
#include "services/apigateway/http_api.hpp"

namespace paddock::services::apigateway::v2 {

Task<http::Response> run_service_call(gateway::RequestContext& context, ServiceCall call,
                                      std::chrono::milliseconds timeout) {
  Log& log = context.platform.log;
  if (!call.unresolved.empty()) {
    log.info("execute-api: " + call.subtype + ": " + call.unresolved);
    co_return http_api_error(400, "Bad Request");
  }
  CallIdentity identity = gateway_identity(context);
  if (!call.region.empty()) identity.region = call.region;
  std::optional<Json> output;
  std::optional<AwsError> refused;
  try {
    auto sent = context.platform.caller.call(std::move(identity), call.service, call.operation,
                                             std::move(call.input));
    output = co_await with_timeout(std::move(sent), timeout);
  } catch (const AwsError& error) {
    refused = error;
  }
  if (refused && refused->status() == 501) {
    log.info("execute-api: " + call.subtype + " needs " + call.service + ": " + refused->message());
    co_return http_api_error(500, "Internal Server Error");
  }
  if (refused) co_return service_error(call, *refused, context.request_id);
  if (!output) co_return http_api_error(503, "Service Unavailable");
  co_return service_answer(call, *std::move(output), context.request_id);
}

}  // namespace paddock::services::apigateway::v2
