#include "services/apigateway/http_api.hpp"

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/log.hpp"
#include "core/realm.hpp"
#include "core/text.hpp"
#include "models/apigatewayv2.hpp"
#include "services/apigateway/call_record.hpp"
#include "services/apigateway/http_api_cors.hpp"
#include "services/apigateway/http_api_mapping.hpp"
#include "services/apigateway/http_api_service_call.hpp"
#include "services/apigateway/http_url.hpp"
#include "services/apigateway/http_values.hpp"
#include "services/apigateway/model.hpp"
#include "services/apigateway/signed_identity.hpp"
#include "services/apigateway/v2_function.hpp"
#include "services/apigateway/v2_limits.hpp"

namespace paddock::services::apigateway::v2 {

namespace m = models::apigatewayv2_members;

// One request on its way to its integration.
struct HttpApis::Call {
  Call(const http::RequestHead& head, std::string_view body) : source(head, body) {}

  HttpEventSource source;
  const ServedStageV2* stage = nullptr;
  const Json* integration = nullptr;
  std::string path;  // without the stage; encoded
  Json context;      // $context of mappings
};

namespace {

http::Response http_not_found() {
  return http_api_error(404, "Not Found");
}
http::Response http_internal_error() {
  return http_api_error(500, "Internal Server Error");
}

std::chrono::milliseconds timeout_of(const Json& integration) {
  return std::chrono::milliseconds(
      integration.value(m::TimeoutInMillis, int64_t{kMaxHttpTimeoutMs}));
}

// What $context refers to in mappings of HTTP APIs.
Json mapping_context(const HttpEventSource& source) {
  Json context = {{"accountId", source.account},
                  {"apiId", source.api},
                  {"domainName", source.head.host()},
                  {"httpMethod", source.head.method},
                  {"identity",
                   {{"sourceIp", source.head.remote_address},
                    {"userAgent", std::string(source.head.headers.get("user-agent"))}}},
                  {"path", url_decode(source.path)},
                  {"protocol", "HTTP/1.1"},
                  {"requestId", source.request_id},
                  {"extendedRequestId", source.request_id},
                  {"requestTime", request_time_text(source.time_ms)},
                  {"requestTimeEpoch", source.time_ms},
                  {"routeKey", source.route_key},
                  {"stage", source.stage}};
  if (source.authorizer.is_object()) {
    const Json claims = source.authorizer.value("jwt", Json::object());
    context["authorizer"] = source.authorizer.value("lambda", claims);
  }
  if (source.signer.is_object()) context["identity"].update(source.signer);
  return context;
}

// "https://host/{proxy}" with the parameters of the path; each keeps its slashes.
std::string with_path_parameters(std::string uri, const std::map<std::string, std::string>& all) {
  for (const auto& [name, value] : all) {
    const std::string place = "{" + name + "}";
    for (size_t at = uri.find(place); at != std::string::npos; at = uri.find(place, at)) {
      std::string encoded = url_encode(value, true);
      uri.replace(at, place.size(), encoded);
      at += encoded.size();
    }
  }
  return uri;
}

http::Headers forwarded_headers(const http::RequestHead& head, const std::string& authority) {
  http::Headers headers;
  for (const auto& [name, value] : head.headers) {
    std::string lower = to_lower(name);
    if (lower == "connection" || lower == "transfer-encoding" || lower == "expect" ||
        lower == "host" || lower == "content-length" || lower == "upgrade") {
      continue;
    }
    headers.add(name, value);
  }
  headers.set("Host", authority);
  headers.set("Forwarded", "for=" + head.remote_address + ";host=" + std::string(head.authority()) +
                               ";proto=" + head.scheme());
  return headers;
}

// An integration's answer without what belonged to its connection.
http::Response passed_on(http::Response answer) {
  http::Response response;
  response.status = answer.status;
  response.body = std::move(answer.body);
  for (const auto& [name, value] : answer.headers) {
    std::string lower = to_lower(name);
    if (lower == "connection" || lower == "transfer-encoding" || lower == "content-length" ||
        lower == "date" || lower == "keep-alive" || lower == "trailer") {
      continue;
    }
    response.headers.add(name, value);
  }
  return response;
}

}  // namespace

http::Response http_api_error(int status, std::string_view message) {
  Json body = {{"message", message}};
  return http::Response(status, "application/json", body.dump());
}

HttpApis::HttpApis(gateway::Platform& platform, ServedApis& served, Endpoints& endpoints)
    : platform_(platform), served_(served), endpoints_(endpoints), authorizers_(platform) {}

Task<void> HttpApis::execute(http::Exchange& exchange, Context& context, V2Address address) {
  const http::RequestHead& head = exchange.head();
  MachineClock::Steady started = platform_.machine.now();
  auto api = served_.find(address.api);
  context.model = &models::apigatewayv2;
  http::Response response;
  if (api) {
    context.realm = api->realm;
    context.account = api->realm->account;
    context.region = api->realm->region;
    try {
      ServedApi::Choice choice = api->choose(address);
      response = co_await answer(exchange, context, *api, std::move(choice));
    } catch (const storage::StorageError& error) {
      platform_.log.error(std::string("execute-api: ") + error.what());
      response = http_internal_error();
    }
  } else {
    response = http_not_found();
  }
  response.headers.add("Apigw-Requestid", context.request_id);
  std::string what = "execute-api " + head.method + " " + address.path;
  co_await answer_call(exchange, context, std::move(response), std::move(what),
                       std::move(address.api), started);
}

Task<http::Response> HttpApis::answer(http::Exchange& exchange, Context& context,
                                      const ServedApi& api, ServedApi::Choice choice) {
  const http::RequestHead& head = exchange.head();
  if (!choice.stage) co_return http_not_found();
  const ServedStageV2& stage = *choice.stage;
  const Json cors = stage.snapshot.value(m::CorsConfiguration, Json());
  if (cors.is_object() && is_preflight(head)) co_return preflight_answer(cors, head);
  std::string body;
  bool too_large = false;
  try {
    body = co_await exchange.read_all(kMaxHttpPayload);
  } catch (const http::BodyTooLarge&) {
    too_large = true;
  }
  http::Response response;
  auto match = stage.routes.match(head.method, choice.path);
  if (too_large) {
    response = http_api_error(413, "Request Entity Too Large");
  } else if (!match) {
    response = http_not_found();
  } else {
    Call call(head, body);
    call.stage = &stage;
    call.path = choice.path;
    call.integration = stage.integration_of(*match->route);
    HttpEventSource& source = call.source;
    source.api = api.id;
    source.account = context.account;
    source.stage = stage.name();
    source.path = source.stage == "$default" ? choice.path : "/" + source.stage + choice.path;
    source.sent_path = choice.sent_path;
    source.route_key = match->route->at(m::RouteKey);
    source.parameters = std::move(match->parameters);
    source.stage_variables = stage.stage.value(m::StageVariables, Json());
    source.request_id = context.request_id;
    source.time_ms = platform_.world.now().ms;
    const std::string bucket = api.id + "/" + source.stage + "/" + source.route_key;
    if (!throttle_.take(bucket, stage.settings_of(source.route_key), platform_.world.now())) {
      response = http_api_error(429, "Too Many Requests");
    } else {
      Authorization authorization = signed_by_caller(*match->route, source);
      const Json* authorizer = stage.authorizer_of(*match->route);
      if (authorizer && !authorization.refusal) {
        authorization =
            co_await authorizers_.authorize(context, *match->route, *authorizer, source);
      }
      if (authorization.refusal) {
        response = *std::move(authorization.refusal);
      } else {
        source.authorizer = std::move(authorization.authorizer);
        response = co_await invoke(context, call);
      }
    }
  }
  if (cors.is_object()) apply_cors(cors, head, response);
  co_return response;
}

// AWS_IAM: the caller must have signed the request.
Authorization HttpApis::signed_by_caller(const Json& route, HttpEventSource& source) const {
  if (route.value(m::AuthorizationType, "") != "AWS_IAM") return Authorization();
  try {
    source.signer = signed_identity(platform_.identity, source.head, source.body);
  } catch (const GatewayError& error) {
    platform_.log.info("execute-api: " + error.message);
    return Authorization(http_api_error(403, "Forbidden"));
  }
  return Authorization();
}

Task<http::Response> HttpApis::invoke(Context& context, Call& call) {
  if (!call.integration) co_return http_internal_error();
  const Json& integration = *call.integration;
  call.context = mapping_context(call.source);
  http::Response response;
  if (integration.contains(m::IntegrationSubtype)) {
    ServiceCall service = service_call(integration, mapping_source(call));
    auto run = run_service_call(context, std::move(service), timeout_of(integration));
    response = co_await std::move(run);
  } else if (integration.at(m::IntegrationType) == "AWS_PROXY") {
    response = co_await invoke_lambda(context, call);
  } else if (integration.value(m::ConnectionType, "") == "VPC_LINK") {
    const GatewayError error = failures::not_emulated("An integration by a VPC link");
    response = http_api_error(error.status, error.message);
  } else {
    response = co_await invoke_http(call);
  }
  auto mappings = integration.find(m::ResponseParameters);
  if (mappings == integration.end()) co_return response;
  auto mapping = mappings->find(std::to_string(response.status));
  if (mapping == mappings->end()) co_return response;
  MappingSource source;
  source.response = true;
  source.headers = &response.headers;
  source.body = response.body;
  source.stage_variables = &call.source.stage_variables;
  source.context = &call.context;
  apply_response_mapping(*mapping, source, response);
  co_return response;
}

MappingSource HttpApis::mapping_source(const Call& call) {
  MappingSource source;
  source.headers = &call.source.head.headers;
  source.query = call.source.head.query;
  source.body = call.source.body;
  source.path = url_decode(call.path);
  source.parameters = &call.source.parameters;
  source.stage_variables = &call.source.stage_variables;
  source.context = &call.context;
  return source;
}

Task<http::Response> HttpApis::invoke_lambda(Context& context, Call& call) {
  const Json& integration = *call.integration;
  const bool old_format = integration.value(m::PayloadFormatVersion, "1.0") == "1.0";
  Json event = old_format ? http_event_1_0(call.source) : http_event_2_0(call.source);
  std::string uri = integration.at(m::IntegrationUri);
  Json variables = call.source.stage_variables;
  const std::chrono::milliseconds timeout = timeout_of(integration);
  FunctionAnswer answer = co_await call_function(context, std::move(uri), std::move(variables),
                                                 std::move(event), timeout);
  if (answer.kind == FunctionAnswer::Kind::timed_out) {
    co_return http_api_error(503, "Service Unavailable");
  }
  if (answer.kind == FunctionAnswer::Kind::failed) co_return http_internal_error();
  auto response =
      old_format ? http_response_1_0(answer.payload) : http_response_2_0(answer.payload);
  co_return response ? *std::move(response) : http_internal_error();
}

Task<http::Response> HttpApis::invoke_http(Call& call) {
  const Json& integration = *call.integration;
  const http::RequestHead& head = call.source.head;
  std::string uri = with_stage_variables(integration.at(m::IntegrationUri).get<std::string>(),
                                         call.source.stage_variables);
  auto url = parse_http_url(with_path_parameters(std::move(uri), call.source.parameters));
  if (!url) co_return http_internal_error();
  MappedRequest mapped;
  mapped.headers = forwarded_headers(head, url->authority);
  mapped.query = decoded_query(head.query);
  const MappingSource source = mapping_source(call);
  const Json parameters = integration.value(m::RequestParameters, Json::object());
  apply_request_mapping(parameters, source, mapped);
  std::string target = url->target;
  if (mapped.path) {
    target = url_encode(*mapped.path, true);
    if (!target.starts_with('/')) target = "/" + target;
  }
  if (!mapped.query.empty()) {
    target += (target.find('?') == std::string::npos ? "?" : "&") + encoded_query(mapped.query);
  }
  std::string method = integration.value(m::IntegrationMethod, "ANY");
  if (method == "ANY") method = head.method;
  url->target = std::move(target);
  auto sent = endpoints_.send(*std::move(url), std::move(method), std::move(mapped.headers),
                              std::string(call.source.body), timeout_of(integration));
  std::optional<http::Response> answer = co_await std::move(sent);
  if (!answer) co_return http_api_error(503, "Service Unavailable");
  co_return passed_on(*std::move(answer));
}

}  // namespace paddock::services::apigateway::v2
