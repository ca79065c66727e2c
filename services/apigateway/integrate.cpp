// Integrations: Lambda functions, AWS services, HTTP endpoints, none
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-integration-settings.html).
#include "core/clock.hpp"
#include "services/apigateway/data_plane.hpp"
#include "services/apigateway/limits.hpp"

namespace paddock::services::apigateway {
namespace integrate_detail {

std::string event_text(const Json& event) {
  // Headers and decoded query strings may hold any bytes, JSON text may not.
  return event.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void log_request(Invocation& in, const EndpointRequest& request) {
  in.log.add("Endpoint request URI: " + request.uri);
  in.log.add("Endpoint request headers: " + shown(request.headers));
  in.log.add("Endpoint request body after transformations: " + request.body);
  in.log.add("Sending request to " + request.uri);
}

void log_answer(Invocation& in, const EndpointAnswer& answer, int64_t latency_ms) {
  vtl::Parameters headers;
  for (const auto& [name, value] : answer.headers) headers.emplace_back(name, value);
  in.log.add("Received response. Status: " + std::to_string(answer.status) +
             ", Integration latency: " + std::to_string(latency_ms) + " ms");
  in.log.add("Endpoint response headers: " + shown(headers));
  in.log.add("Endpoint response body before transformations: " + answer.body);
}

// Where a function's integration is really sent to, for the log.
std::string function_url(const std::string& arn, const std::string& region) {
  return "https://lambda." + region + ".amazonaws.com/2015-03-31/functions/" + arn + "/invocations";
}

}  // namespace integrate_detail

Task<void> DataPlane::call_proxy_function(Context& context, Invocation& in,
                                          http::Response& response) {
  namespace d = integrate_detail;
  const CompiledIntegration& integration = in.method->integration;
  const std::string uri = with_stage_variables(integration.uri, in.variables());
  auto function = function_of_uri(uri);
  if (!function) throw failures::configuration("Invalid endpoint address");
  std::string payload = d::event_text(proxy_event(in.proxy_request()));
  if (in.log.kept()) {
    EndpointRequest request;
    request.uri = d::function_url(*function, in.stage->realm->region);
    request.headers = {{"x-amzn-lambda-integration-tag", in.request_id},
                       {"x-amzn-apigateway-api-id", in.stage->api_id},
                       {"Accept", "application/json"},
                       {"User-Agent", "AmazonAPIGateway_" + in.stage->api_id},
                       {"X-Amzn-Trace-Id", in.trace_id},
                       {"Content-Type", "application/json"}};
    request.body = payload;
    d::log_request(in, request);
  }
  const MachineClock::Steady sent = platform_.machine.now();
  FunctionAnswer answer =
      co_await invoke_function(context, *function, std::move(payload), false, integration.timeout);
  if (in.log.kept()) {
    EndpointAnswer shown_answer;
    shown_answer.headers.add("Content-Type", "application/json");
    shown_answer.headers.add("X-Amz-Executed-Version", answer.version);
    shown_answer.body = answer.payload;
    const auto latency = std::chrono::duration_cast<Milliseconds>(platform_.machine.now() - sent);
    d::log_answer(in, shown_answer, latency.count());
  }
  if (answer.failed) {
    throw failures::bad_proxy_answer(
        "Lambda execution failed with status 200 due to customer "
        "function error");
  }
  auto parsed = proxy_response(answer.payload, in.accepts_binary);
  if (!parsed) {
    throw failures::bad_proxy_answer("configuration error: Malformed Lambda proxy response");
  }
  response = *std::move(parsed);
}

Task<EndpointAnswer> DataPlane::call_endpoint(Context& context, Invocation& in,
                                              EndpointRequest request) {
  namespace d = integrate_detail;
  if (in.log.kept()) d::log_request(in, request);
  const MachineClock::Steady sent = platform_.machine.now();
  EndpointAnswer answer;
  const CompiledIntegration& integration = in.method->integration;
  if (integration.type == CompiledIntegration::Type::aws) {
    answer = co_await endpoints_.call_service(context, std::move(request), integration.timeout);
  } else if (integration.by_vpc_link) {
    throw failures::not_emulated("An integration by a VPC link");
  } else {
    answer = co_await endpoints_.call_http(std::move(request), integration.timeout);
  }
  if (in.log.kept()) {
    const auto latency = std::chrono::duration_cast<Milliseconds>(platform_.machine.now() - sent);
    d::log_answer(in, answer, latency.count());
  }
  co_return answer;
}

Task<void> DataPlane::integrate(Context& context, Invocation& in, http::Response& response) {
  using Type = CompiledIntegration::Type;
  const CompiledIntegration& integration = in.method->integration;
  if (integration.type == Type::aws_proxy) {
    co_await call_proxy_function(context, in, response);
  } else if (integration.type == Type::http_proxy) {
    EndpointRequest request = map_http_proxy_request(in);
    EndpointAnswer answer = co_await call_endpoint(context, in, std::move(request));
    response = map_http_proxy_answer(std::move(answer));
  } else if (integration.type == Type::mock) {
    EndpointRequest request = map_request(in);
    EndpointAnswer answer;
    auto status = mock_status(request.body);
    if (!status) {
      throw failures::configuration(
          "Unable to parse statusCode. It should be an integer that is defined in the request "
          "template.");
    }
    answer.status = *status;
    response = map_answer(in, answer);
  } else {
    EndpointRequest request = map_request(in);
    EndpointAnswer answer = co_await call_endpoint(context, in, std::move(request));
    response = map_answer(in, answer);
  }
  if (response.body.size() > kMaxPayload) throw failures::internal(500, "the answer is too long");
  if (integration.type != Type::http_proxy && integration.type != Type::mock) {
    if (!in.trace_id.empty()) response.headers.add("X-Amzn-Trace-Id", in.trace_id);
  }
}

}  // namespace paddock::services::apigateway
