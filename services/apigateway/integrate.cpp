// Integrations: Lambda functions, AWS services, HTTP endpoints, none
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-integration-settings.html).
#include <charconv>

#include "core/arn.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "gateway/service_caller.hpp"
#include "services/apigateway/data_plane.hpp"
#include "services/apigateway/limits.hpp"

namespace paddock::services::apigateway {
namespace integrate_detail {

constexpr size_t kHttpThreads = 16;

std::string event_text(const Json& event) {
  // Headers and decoded query strings may hold any bytes, JSON text may not.
  return event.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string query_text(const vtl::Parameters& query) {
  std::string text;
  for (const auto& [name, value] : query) {
    if (!text.empty()) text += '&';
    text += url_encode(name) + "=" + url_encode(value);
  }
  return text;
}

// "arn:aws:apigateway:REGION:SERVICE:path/PATH" or "…:action/ACTION[&query]"
struct ServiceUri {
  std::string region;
  std::string service;
  bool action = false;
  std::string rest;
};

std::optional<ServiceUri> parse_service_uri(const std::string& uri) {
  auto arn = Arn::parse(uri);
  if (!arn || arn->service != "apigateway") return std::nullopt;
  ServiceUri parsed;
  parsed.region = arn->region;
  parsed.service = arn->account;  // "apigateway:REGION:SERVICE:…"
  // "ACCOUNTORNAME.SERVICE": the service is what counts here.
  const size_t dot = parsed.service.rfind('.');
  if (dot != std::string::npos) parsed.service = parsed.service.substr(dot + 1);
  const size_t slash = arn->resource.find('/');
  if (slash == std::string::npos || parsed.service.empty()) return std::nullopt;
  const std::string kind = arn->resource.substr(0, slash);
  if (kind != "path" && kind != "action") return std::nullopt;
  parsed.action = kind == "action";
  parsed.rest = arn->resource.substr(slash + 1);
  return parsed;
}

struct HttpUri {
  http::ClientOptions options;
  std::string target;
};

std::optional<HttpUri> parse_http_uri(const std::string& uri, const vtl::Parameters& query) {
  HttpUri parsed;
  parsed.options.tls = uri.starts_with("https://");
  if (!parsed.options.tls && !uri.starts_with("http://")) return std::nullopt;
  std::string_view rest = std::string_view(uri).substr(parsed.options.tls ? 8 : 7);
  const size_t slash = rest.find_first_of("/?");
  std::string_view authority = rest.substr(0, slash);
  parsed.target = slash == std::string_view::npos ? "/" : std::string(rest.substr(slash));
  if (parsed.target.front() == '?') parsed.target.insert(0, "/");
  parsed.options.port = parsed.options.tls ? 443 : 80;
  size_t colon = authority.rfind(':');
  if (authority.starts_with('[')) {
    const size_t close = authority.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    parsed.options.host = authority.substr(1, close - 1);
    if (colon < close) colon = std::string_view::npos;
  } else {
    parsed.options.host = authority.substr(0, colon);
  }
  if (colon != std::string_view::npos) {
    std::string_view port = authority.substr(colon + 1);
    auto [end, error] =
        std::from_chars(port.data(), port.data() + port.size(), parsed.options.port);
    if (error != std::errc() || end != port.data() + port.size()) return std::nullopt;
  }
  if (parsed.options.host.empty()) return std::nullopt;
  const std::string more = query_text(query);
  if (!more.empty()) {
    parsed.target += parsed.target.find('?') == std::string::npos ? "?" : "&";
    parsed.target += more;
  }
  const bool safe = parsed.target.find_first_of(" \r\n") == std::string::npos;
  return safe ? std::optional<HttpUri>(std::move(parsed)) : std::nullopt;
}

// One request to an HTTP endpoint; may wait.
struct HttpJob {
  HttpUri uri;
  std::string method;
  http::Headers headers;
  std::string body;
  std::optional<http::Response> response;  // none: see error
  std::string error;
};

void run_http(HttpJob& job) {
  try {
    job.response =
        http::request(job.uri.options, job.method, job.uri.target, job.headers, job.body);
  } catch (const http::ClientError& error) {
    job.error = error.what();
  }
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

WorkPool& DataPlane::http_pool() {
  std::lock_guard lock(pool_mutex_);
  if (!http_pool_) http_pool_ = std::make_unique<WorkPool>(integrate_detail::kHttpThreads);
  return *http_pool_;
}

CallIdentity DataPlane::identity_for(const Context& context, const Invocation& in) const {
  CallIdentity identity = context.as_caller();
  identity.account = in.stage->realm->account;
  identity.region = in.stage->realm->region;
  identity.principal_arn = "apigateway.amazonaws.com";
  return identity;
}

Task<DataPlane::FunctionAnswer> DataPlane::call_function(Context& context, Invocation& in,
                                                         std::string arn, std::string payload,
                                                         bool event,
                                                         std::chrono::milliseconds timeout) {
  auto parsed = Arn::parse(arn);
  if (!parsed) throw failures::configuration("Invalid ARN: " + arn);
  CallIdentity identity = identity_for(context, in);
  identity.account = parsed->account;
  identity.region = parsed->region;
  Json input = Json::object();
  input["FunctionName"] = arn;
  if (event) input["InvocationType"] = "Event";
  input["Payload"] = Json::binary(std::vector<uint8_t>(payload.begin(), payload.end()));
  FunctionAnswer answer;
  std::optional<Json> result;
  std::string refused;
  try {
    auto call = platform_.caller.call(std::move(identity), "lambda", "Invoke", std::move(input));
    result = co_await with_timeout(std::move(call), timeout);
  } catch (const AwsError& error) {
    refused = error.message().empty() ? error.code() : error.message();
  }
  if (!refused.empty()) throw failures::internal(500, refused);
  if (!result) throw failures::timed_out();
  answer.failed = result->contains("FunctionError");
  answer.version = result->value("ExecutedVersion", "$LATEST");
  if (result->contains("Payload") && (*result)["Payload"].is_binary()) {
    const auto& bytes = (*result)["Payload"].get_binary();
    answer.payload.assign(bytes.begin(), bytes.end());
  }
  co_return answer;
}

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
  FunctionAnswer answer = co_await call_function(context, in, *function, std::move(payload), false,
                                                 integration.timeout);
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

Task<EndpointAnswer> DataPlane::call_service(Context& context, Invocation& in,
                                             EndpointRequest request) {
  namespace d = integrate_detail;
  const CompiledIntegration& integration = in.method->integration;
  auto uri = d::parse_service_uri(request.uri);
  if (!uri) throw failures::configuration("Invalid endpoint address");
  EndpointAnswer answer;
  if (auto function = function_of_uri(request.uri)) {
    const std::string* type = last_value(request.headers, "X-Amz-Invocation-Type", true);
    const bool event = type && *type == "Event";
    FunctionAnswer result = co_await call_function(context, in, *function, std::move(request.body),
                                                   event, integration.timeout);
    answer.status = event ? 202 : 200;
    answer.headers.add("Content-Type", "application/json");
    if (result.failed) answer.headers.add("X-Amz-Function-Error", "Unhandled");
    answer.body = std::move(result.payload);
    co_return answer;
  }
  gateway::ServiceRequest call;
  call.service = uri->service;
  call.head.method = request.method;
  std::string query = d::query_text(request.query);
  if (uri->action) {
    const size_t mark = uri->rest.find_first_of("&?");
    call.action = uri->rest.substr(0, mark);
    if (mark != std::string::npos) {
      query = uri->rest.substr(mark + 1) + (query.empty() ? "" : "&" + query);
    }
    call.head.set_target(query.empty() ? "/" : "/?" + query);
  } else {
    std::string target = "/" + uri->rest;
    if (!query.empty()) target += (target.find('?') == std::string::npos ? "?" : "&") + query;
    call.head.set_target(target);
  }
  call.head.headers.add("Host", uri->service + "." + uri->region + ".amazonaws.com");
  for (const auto& [name, value] : request.headers) call.head.headers.add(name, value);
  call.body = std::move(request.body);
  CallIdentity identity = identity_for(context, in);
  identity.region = uri->region;
  std::string refused;
  std::optional<http::Response> response;
  try {
    auto sent = gateway::service_caller(platform_).send(std::move(identity), std::move(call));
    response = co_await with_timeout(std::move(sent), integration.timeout);
  } catch (const AwsError& error) {
    refused = error.message();
  }
  if (!refused.empty()) throw failures::not_emulated(refused);
  if (!response) throw failures::timed_out();
  answer.status = response->status;
  answer.headers = std::move(response->headers);
  answer.body = std::move(response->body);
  co_return answer;
}

Task<EndpointAnswer> DataPlane::call_http(Invocation& in, EndpointRequest request) {
  namespace d = integrate_detail;
  const CompiledIntegration& integration = in.method->integration;
  if (integration.by_vpc_link) throw failures::not_emulated("An integration by a VPC link");
  auto uri = d::parse_http_uri(request.uri, request.query);
  if (!uri) throw failures::configuration("Invalid endpoint address");
  uri->options.timeout = integration.timeout;
  uri->options.answer_limit = kMaxPayload;
  http::Headers headers;
  for (const auto& [name, value] : request.headers) headers.add(name, value);
  const bool may_have_body =
      request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS";
  if (!may_have_body) request.body.clear();
  auto job = std::make_shared<d::HttpJob>();
  job->uri = std::move(*uri);
  job->method = request.method;
  job->headers = std::move(headers);
  job->body = std::move(request.body);
  // The work's own share, since a request may be given up while it runs. It goes in as a plain
  // pointer: GCC 12 destroys twice what a closure within a co_await expression holds (DESIGN 6).
  auto* share = new std::shared_ptr<d::HttpJob>(job);
  auto work = [share] {
    std::unique_ptr<std::shared_ptr<d::HttpJob>> owned(share);
    d::run_http(**owned);
  };
  const MachineClock::Steady sent = platform_.machine.now();
  co_await http_pool().run(std::move(work));
  std::optional<http::Response>& response = job->response;
  if (!response) {
    platform_.log.info("execute-api: " + job->error);
    if (platform_.machine.now() - sent >= integration.timeout) throw failures::timed_out();
    throw failures::no_connection();
  }
  EndpointAnswer answer;
  answer.status = response->status;
  answer.headers = std::move(response->headers);
  answer.body = std::move(response->body);
  co_return answer;
}

Task<EndpointAnswer> DataPlane::call_endpoint(Context& context, Invocation& in,
                                              EndpointRequest request) {
  namespace d = integrate_detail;
  if (in.log.kept()) d::log_request(in, request);
  const MachineClock::Steady sent = platform_.machine.now();
  EndpointAnswer answer;
  if (in.method->integration.type == CompiledIntegration::Type::aws) {
    answer = co_await call_service(context, in, std::move(request));
  } else {
    answer = co_await call_http(in, std::move(request));
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
