#include "services/apigateway/endpoints.hpp"

#include "core/arn.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "gateway/service_caller.hpp"
#include "http/client.hpp"
#include "services/apigateway/http_values.hpp"
#include "services/apigateway/invocation.hpp"
#include "services/apigateway/limits.hpp"
#include "services/apigateway/model.hpp"

namespace paddock::services::apigateway {
namespace endpoints_detail {

constexpr size_t kHttpThreads = 16;

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

gateway::ServiceRequest service_request(const ServiceUri& uri, EndpointRequest request) {
  gateway::ServiceRequest call;
  call.service = uri.service;
  call.head.method = request.method;
  std::string query = encoded_query(request.query);
  if (uri.action) {
    const size_t mark = uri.rest.find_first_of("&?");
    call.action = uri.rest.substr(0, mark);
    if (mark != std::string::npos) {
      query = uri.rest.substr(mark + 1) + (query.empty() ? "" : "&" + query);
    }
    call.head.set_target(query.empty() ? "/" : "/?" + query);
  } else {
    std::string target = "/" + uri.rest;
    if (!query.empty()) target += (target.find('?') == std::string::npos ? "?" : "&") + query;
    call.head.set_target(target);
  }
  call.head.headers.add("Host", uri.service + "." + uri.region + ".amazonaws.com");
  for (const auto& [name, value] : request.headers) call.head.headers.add(name, value);
  call.body = std::move(request.body);
  return call;
}

// One request to an HTTP endpoint; may wait.
struct HttpJob {
  http::ClientOptions options;
  std::string method;
  std::string target;
  http::Headers headers;
  std::string body;
  std::optional<http::Response> response;  // none: see error
  std::string error;
};

void run_http(HttpJob& job) {
  try {
    job.response = http::request(job.options, job.method, job.target, job.headers, job.body);
  } catch (const http::ClientError& error) {
    job.error = error.what();
  }
}

}  // namespace endpoints_detail

CallIdentity gateway_identity(const gateway::RequestContext& context) {
  CallIdentity identity = context.as_caller();
  identity.account = context.account;
  identity.region = context.region;
  identity.principal_arn = "apigateway.amazonaws.com";
  return identity;
}

Task<FunctionAnswer> invoke_function(gateway::RequestContext& context, std::string arn,
                                     std::string payload, bool event,
                                     std::chrono::milliseconds timeout) {
  auto parsed = Arn::parse(arn);
  if (!parsed || parsed->service != "lambda") {
    throw failures::configuration("Invalid ARN: " + arn);
  }
  CallIdentity identity = gateway_identity(context);
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
    auto call =
        context.platform.caller.call(std::move(identity), "lambda", "Invoke", std::move(input));
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

WorkPool* Endpoints::pool() {
  std::lock_guard lock(pool_mutex_);
  if (stopped_) return nullptr;
  if (!pool_) pool_ = std::make_unique<WorkPool>(endpoints_detail::kHttpThreads);
  return pool_.get();
}

void Endpoints::stop() {
  {
    std::lock_guard lock(pool_mutex_);
    stopped_ = true;
  }
  if (pool_) pool_->stop();
}

Task<EndpointAnswer> Endpoints::call_service(gateway::RequestContext& context,
                                             EndpointRequest request,
                                             std::chrono::milliseconds timeout) {
  namespace d = endpoints_detail;
  auto uri = d::parse_service_uri(request.uri);
  if (!uri) throw failures::configuration("Invalid endpoint address");
  EndpointAnswer answer;
  if (auto function = function_of_uri(request.uri)) {
    const std::string* type = last_value(request.headers, "X-Amz-Invocation-Type", true);
    const bool event = type && *type == "Event";
    FunctionAnswer result =
        co_await invoke_function(context, *function, std::move(request.body), event, timeout);
    answer.status = event ? 202 : 200;
    answer.headers.add("Content-Type", "application/json");
    if (result.failed) answer.headers.add("X-Amz-Function-Error", "Unhandled");
    answer.body = std::move(result.payload);
    co_return answer;
  }
  CallIdentity identity = gateway_identity(context);
  identity.region = uri->region;
  gateway::ServiceRequest call = d::service_request(*uri, std::move(request));
  std::string refused;
  std::optional<http::Response> response;
  try {
    auto sent = gateway::service_caller(platform_).send(std::move(identity), std::move(call));
    response = co_await with_timeout(std::move(sent), timeout);
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

Task<EndpointAnswer> Endpoints::call_http(EndpointRequest request,
                                          std::chrono::milliseconds timeout) {
  auto url = parse_http_url(request.uri);
  if (!url) throw failures::configuration("Invalid endpoint address");
  const std::string query = encoded_query(request.query);
  if (!query.empty())
    url->target += (url->target.find('?') == std::string::npos ? "?" : "&") + query;
  http::Headers headers;
  for (const auto& [name, value] : request.headers) headers.add(name, value);
  const bool may_have_body =
      request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS";
  if (!may_have_body) request.body.clear();
  const MachineClock::Steady sent = platform_.machine.now();
  auto work =
      send(*std::move(url), request.method, std::move(headers), std::move(request.body), timeout);
  std::optional<http::Response> response = co_await std::move(work);
  if (!response) {
    if (platform_.machine.now() - sent >= timeout) throw failures::timed_out();
    throw failures::no_connection();
  }
  EndpointAnswer answer;
  answer.status = response->status;
  answer.headers = std::move(response->headers);
  answer.body = std::move(response->body);
  co_return answer;
}

Task<std::optional<http::Response>> Endpoints::send(HttpUrl url, std::string method,
                                                    http::Headers headers, std::string body,
                                                    std::chrono::milliseconds timeout) {
  namespace d = endpoints_detail;
  WorkPool* const threads = pool();
  if (!threads) {
    platform_.log.info("execute-api: " + url.host + " is not called while the server stops");
    co_return std::nullopt;
  }
  auto job = std::make_shared<d::HttpJob>();
  job->options.host = url.host;
  job->options.port = url.port;
  job->options.tls = url.tls;
  job->options.timeout = timeout;
  job->options.answer_limit = kMaxPayload;
  job->method = std::move(method);
  job->target = std::move(url.target);
  job->headers = std::move(headers);
  job->body = std::move(body);
  // The work's own share, since a request may be given up while it runs. It goes in as a plain
  // pointer: GCC 12 destroys twice what a closure within a co_await expression holds (DESIGN 6).
  auto* share = new std::shared_ptr<d::HttpJob>(job);
  auto work = [share] {
    std::unique_ptr<std::shared_ptr<d::HttpJob>> owned(share);
    d::run_http(**owned);
  };
  co_await threads->run(std::move(work));
  if (!job->response) platform_.log.info("execute-api: " + job->error);
  co_return std::move(job->response);
}

}  // namespace paddock::services::apigateway
