// Requests to function URLs.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
#include <utility>

#include "core/error.hpp"
#include "core/log.hpp"
#include "events/metrics.hpp"
#include "events/timeline.hpp"
#include "identity/identity.hpp"
#include "services/lambda/limits.hpp"
#include "services/lambda/service.hpp"
#include "services/lambda/streaming.hpp"
#include "services/lambda/url_http.hpp"

namespace paddock::services::lambda {
namespace url_serving {

using ::paddock::lambda::InvocationResult;

constexpr std::string_view kWithPrelude = "application/vnd.awslambda.http-integration-response";
constexpr size_t kPreludeEnd = 8;  // NUL bytes
constexpr size_t kMostPrelude = 64 * 1024;

// The answer so far; `rest` is what came behind the prelude.
struct Beginning {
  http::Response head;
  std::string rest;
  bool bad = false;
};

// Until the prelude's end is there.
Task<Beginning> read_prelude(std::shared_ptr<StreamedRun> run) {
  Beginning beginning;
  std::string text;
  const std::string mark(kPreludeEnd, '\0');
  size_t end = std::string::npos;
  while (end == std::string::npos && text.size() <= kMostPrelude) {
    auto next = ::paddock::lambda::ResponseStream::next(run->stream);
    const std::string piece = co_await std::move(next);
    if (piece.empty()) {
      break;
    }
    text += piece;
    end = text.find(mark);
  }
  std::optional<http::Response> head;
  if (end != std::string::npos) {
    head = url_prelude(std::string_view(text).substr(0, end));
    beginning.rest = text.substr(end + kPreludeEnd);
  }
  beginning.bad = !head;
  if (head) {
    beginning.head = *std::move(head);
  }
  co_return beginning;
}

}  // namespace url_serving

Task<void> Lambda::serve_url(http::Exchange& exchange, Context& context) {
  const http::RequestHead& head = exchange.head();
  UrlCall call;
  call.started = platform_.machine.now();
  call.address = *url_address(head.host(), head.path);
  call.served = urls_.find(call.address.id);
  context.model = &::paddock::models::lambda;
  if (!call.served) {
    http::Response refusal = url_error(403, "Forbidden");
    co_await answer_url(exchange, context, call, std::move(refusal));
    co_return;
  }
  context.realm = call.served->realm;
  context.account = call.served->realm->account;
  context.region = call.served->realm->region;
  call.cors = call.served->url.config.value(members::Cors, Json());
  if (!call.cors.is_null() && is_preflight(head)) {
    http::Response allowed = preflight_response(call.cors, head);
    call.cors = nullptr;  // it is in there
    co_await answer_url(exchange, context, call, std::move(allowed));
    co_return;
  }
  std::optional<http::Response> refusal;
  std::string body;
  try {
    body = co_await exchange.read_all(kMostSyncPayloadBytes);
    call.caller = authenticate_url(head, body, *call.served);
  } catch (const http::BodyTooLarge&) {
    refusal = url_error(413, "Request Entity Too Large");
  } catch (const http::BodyBudgetFull&) {
    refusal = url_error(429, "Too Many Requests");
  } catch (const AwsError& error) {
    refusal = url_error(403, error.message());
  }
  if (refusal) {
    co_await answer_url(exchange, context, call, *std::move(refusal));
    co_return;
  }
  UrlRequest request{head,       body, call.address, context.request_id, platform_.world.now().ms,
                     call.caller};
  std::string event = url_event(request).dump(-1, ' ', false, Json::error_handler_t::replace);
  co_await run_url(exchange, context, call, std::move(event));
}

// The caller, if the URL asks for a signature. Throws AwsError for a missing or a wrong one.
std::optional<identity::Principal> Lambda::authenticate_url(const http::RequestHead& head,
                                                            std::string_view body,
                                                            const ServedUrl& served) const {
  if (served.url.config.at(members::AuthType) != "AWS_IAM") {
    return std::nullopt;
  }
  const std::optional<identity::Signature> signature = identity::parse_signature(head);
  if (!signature) {
    throw AwsError("AccessDeniedException", "Forbidden", 403);
  }
  if (signature->service != "lambda") {
    throw AwsError("InvalidSignatureException",
                   "Credential should be scoped to correct service: 'lambda'.", 403);
  }
  return platform_.identity.verified(head, *signature, body);
}

Task<void> Lambda::run_url(http::Exchange& exchange, Context& context, UrlCall& call,
                           std::string event) {
  const FunctionUrl& url = call.served->url;
  const std::shared_ptr<const Runnable> runnable =
      runnables_.find(*context.realm, url.function, url.qualifier);
  if (!runnable || !runnable->runs_here()) {
    invoker_.not_invoked(
        runnable ? runnable->spec.get() : nullptr, *context.realm,
        url.config.at(members::FunctionArn),
        runnable ? "no runtime for " + runnable->missing : "the function does not exist",
        context.cause);
    http::Response failure = url_failure();
    co_await answer_url(exchange, context, call, std::move(failure));
    co_return;
  }
  ::paddock::lambda::Invocation invocation;
  invocation.request_id = context.request_id;
  invocation.payload = std::move(event);
  invocation.invoked_arn = url.config.at(members::FunctionArn);
  invocation.cause = context.cause;
  ++invocation.cause.depth;
  if (url.config.value(members::InvokeMode, "BUFFERED") == "RESPONSE_STREAM") {
    auto started = run_streaming(invoker_, runnable, std::move(invocation));
    std::shared_ptr<StreamedRun> run = co_await std::move(started);
    co_await stream_url(exchange, context, call, std::move(run));
    co_return;
  }
  auto running = invoker_.run(runnable, std::move(invocation));
  const url_serving::InvocationResult result = co_await std::move(running);
  http::Response response = buffered_url_response(result);
  co_await answer_url(exchange, context, call, std::move(response));
}

http::Response Lambda::buffered_url_response(const ::paddock::lambda::InvocationResult& result) {
  using Kind = url_serving::InvocationResult::Kind;
  if (result.kind == Kind::throttled) {
    return url_error(429, "Rate Exceeded.");
  }
  std::optional<http::Response> response;
  if (result.kind == Kind::success) {
    response = url_response(result.payload);
  }
  return response ? *std::move(response) : url_failure();
}

// Sends the answer on while it is made. What fails after the beginning cuts it off.
Task<void> Lambda::stream_url(http::Exchange& exchange, Context& context, UrlCall& call,
                              std::shared_ptr<StreamedRun> run) {
  auto begun = ::paddock::lambda::ResponseStream::begun(run->stream);
  const bool streams = co_await std::move(begun);
  if (!streams) {
    http::Response response = buffered_url_response(*run->result);
    co_await answer_url(exchange, context, call, std::move(response));
    co_return;
  }
  url_serving::Beginning beginning;
  const std::string type = run->stream->content_type();
  if (type == url_serving::kWithPrelude) {
    auto reading = url_serving::read_prelude(run);
    url_serving::Beginning read = co_await std::move(reading);
    beginning = std::move(read);
  } else {
    beginning.head = http::Response(200, type.empty() ? "application/octet-stream" : type, "");
  }
  if (beginning.bad) {
    http::Response failure = url_failure();
    co_await answer_url(exchange, context, call, std::move(failure));
    co_return;
  }
  finish_url_head(exchange.head(), context, call, beginning.head);
  co_await exchange.start(beginning.head.status, std::move(beginning.head.headers));
  std::string piece = std::move(beginning.rest);
  do {
    if (!piece.empty()) {
      co_await exchange.write(std::move(piece));
    }
    auto next = ::paddock::lambda::ResponseStream::next(run->stream);
    piece = co_await std::move(next);
  } while (!piece.empty());
  const bool failed = run->result->kind != url_serving::InvocationResult::Kind::success;
  record_url(context, call, failed ? 502 : beginning.head.status);
  context.activity.release();
  if (failed) {
    exchange.abort();
    co_return;
  }
  http::Headers none;
  co_await exchange.finish(std::move(none));
}

void Lambda::finish_url_head(const http::RequestHead& head, const Context& context,
                             const UrlCall& call, http::Response& response) const {
  if (!call.cors.is_null()) {
    add_cors(call.cors, head, response.headers);
  }
  response.headers.set("x-amzn-RequestId", context.request_id);
}

Task<void> Lambda::answer_url(http::Exchange& exchange, Context& context, UrlCall& call,
                              http::Response response) {
  finish_url_head(exchange.head(), context, call, response);
  record_url(context, call, response.status);
  context.activity.release();
  co_await exchange.respond(std::move(response));
}

// Timeline and metrics (https://docs.aws.amazon.com/lambda/latest/dg/urls-monitoring.html).
void Lambda::record_url(const Context& context, const UrlCall& call, int status) {
  const std::string resource =
      call.served ? call.served->url.config.at(members::FunctionArn).get<std::string>()
                  : call.address.id;
  const auto taken = platform_.machine.now() - call.started;
  events::TimelineEvent event;
  event.at = platform_.world.now();
  event.kind = "call";
  event.what = "lambda-url " + call.address.path;
  event.resource = resource;
  event.outcome = std::to_string(status);
  event.request_id = context.request_id;
  event.cause = context.cause;
  event.account = context.account;
  event.region = context.region;
  event.microseconds = std::chrono::duration_cast<std::chrono::microseconds>(taken).count();
  platform_.timeline.record(std::move(event));
  if (!call.served) {
    return;
  }
  const events::Dimensions dimensions{{"FunctionName", call.served->url.function}};
  const auto add = [&](const char* name, const char* unit, double value) {
    platform_.metrics.add(context.account, context.region, "AWS/Lambda", name, dimensions, unit,
                          value);
  };
  add("UrlRequestCount", "Count", 1);
  add("Url4xxCount", "Count", status >= 400 && status < 500 ? 1 : 0);
  add("Url5xxCount", "Count", status >= 500 ? 1 : 0);
  add("UrlRequestLatency", "Milliseconds",
      std::chrono::duration<double, std::milli>(taken).count());
}

}  // namespace paddock::services::lambda
