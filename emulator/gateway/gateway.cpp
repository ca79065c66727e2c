#include "gateway/gateway.hpp"

#include <future>

#include <boost/asio/use_future.hpp>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "events/timeline.hpp"
#include "gateway/call.hpp"
#include "gateway/cors.hpp"
#include "gateway/errors.hpp"
#include "identity/errors.hpp"
#include "options.hpp"
#include "storage/realms.hpp"
#include "wire/json_document.hpp"
#include "wire/validate.hpp"

namespace paddock::gateway {
namespace {

// For requests whose service only their body can tell.
constexpr size_t kUnroutedBodyLimit = 1024 * 1024;

identity::Principal in_process_principal(const CallIdentity& identity) {
  identity::Principal principal;
  principal.kind = identity.principal_arn.find(":assumed-role/") == std::string::npos
                       ? identity::Principal::Kind::root
                       : identity::Principal::Kind::role;
  principal.account = identity.account;
  principal.arn = identity.principal_arn;
  return principal;
}

}  // namespace

Gateway::Gateway(HostRules hosts) : hosts_(std::move(hosts)) {}
Gateway::~Gateway() = default;

void Gateway::attach(Platform& platform, std::vector<std::unique_ptr<Service>> services) {
  platform_ = &platform;
  services_ = std::move(services);
  router_ = std::make_unique<Router>(services_);
  request_label_ = platform.activities.label("request");
}

void Gateway::start_services() {
  for (const auto& service : services_) service->start();
}

void Gateway::stop_services() {
  for (const auto& service : services_) service->stop();
}

void Gateway::pin(uint16_t port, std::string service) {
  pinned_port_ = port;
  pinned_service_ = std::move(service);
}

// The service's endpoint that this request is for; nullptr if it is a call of an operation.
const Endpoint* Gateway::endpoint_of(std::string_view host, const http::RequestHead& head) const {
  for (const auto& service : services_) {
    for (const auto& endpoint : service->endpoints()) {
      if (endpoint.matches(host, head)) return &endpoint;
    }
  }
  return nullptr;
}

bool Gateway::is_given_to_service(std::string_view host) const {
  for (const auto& service : services_) {
    for (const auto& endpoint : service->endpoints()) {
      if (endpoint.owns_host && endpoint.owns_host(host)) return true;
    }
  }
  return false;
}

// The CORS headers of a resource that has rules of its own; nullopt if it is none.
std::optional<http::Headers> Gateway::cors_of_resource(const http::RequestHead& head,
                                                       std::string_view host) const {
  if (!head.headers.has("origin")) return std::nullopt;
  std::optional<identity::Signature> signature;
  try {
    signature = identity::parse_signature(head);
  } catch (const AwsError&) {
    // Answered later, by whoever it is for.
  }
  const RoutedApi* api = router_->route_api(head, host, signature);
  if (api == nullptr || !api->api().cors) return std::nullopt;
  return api->api().cors(head);
}

Task<void> Gateway::handle(http::Exchange& exchange) {
  const http::RequestHead& head = exchange.head();
  std::string host = host_of_authority(head.authority());
  const bool pinned = pinned_port_ != 0 && head.local_port == pinned_port_;
  const bool ours = hosts_.is_ours(host);
  if (!ours && (pinned || !is_given_to_service(host))) {
    auto refusal = foreign_host_response(host);
    co_await exchange.respond(std::move(refusal));
    co_return;
  }
  // The front page and /health give way to what is addressed by a host of its own.
  if (!pinned && ours && control_.matches && control_.matches(host, head) &&
      (head.path.starts_with("/_") || !endpoint_of(host, head))) {
    RequestContext context(*platform_);
    if (foreign_origin(hosts_, head)) {
      auto refusal = foreign_origin_response(head.headers.get("origin"));
      co_await exchange.respond(std::move(refusal));
      co_return;
    }
    co_await control_.handle(exchange, context);
    co_return;
  }
  Call call(*platform_, platform_->machine.now());
  call.host = std::move(host);
  call.pinned = pinned;
  call.fill_from(head);
  if (const Endpoint* endpoint = pinned ? nullptr : endpoint_of(call.host, head)) {
    call.context.activity = platform_->activities.begin(request_label_);
    call.context.request_id = platform_->ids.request_uuid();
    call.context.cause.request_id = call.context.request_id;
    call.context.cancelled = exchange.cancelled();
    co_await endpoint->handle(exchange, call.context);
    co_return;
  }
  const std::optional<http::Headers> own_cors = cors_of_resource(head, call.host);
  if (!own_cors && foreign_origin(hosts_, head)) {
    auto refusal = foreign_origin_response(head.headers.get("origin"));
    co_await exchange.respond(std::move(refusal));
    co_return;
  }
  if (auto answer = preflight(head)) {
    co_await exchange.respond(std::move(*answer));
    co_return;
  }
  call.context.activity = platform_->activities.begin(request_label_);
  http::Response response = co_await answer(exchange, call);
  if (own_cors) {
    for (const auto& [name, value] : *own_cors) response.headers.add(name, value);
  } else {
    add_cors_headers(head, response.headers);
  }
  // Before the answer goes out, so that who reads it finds the call in the timeline.
  record(call);
  if (call.events) {
    co_await stream(exchange, call, std::move(response));
    co_return;
  }
  if (call.bytes) {
    co_await stream_bytes(exchange, call, std::move(response));
    co_return;
  }
  call.context.activity.release();
  co_await exchange.respond(std::move(response));
}

Task<http::Response> Gateway::answer(http::Exchange& exchange, Call& call) {
  http::Response response;
  try {
    const size_t limit = route_head(exchange.head(), call);
    if (!route_stream(exchange, call)) call.body = co_await exchange.read_all(limit);
    call.context.body = call.body;
    route_body(exchange.head(), call);
    prepare(call);
    std::optional<Output> output = invoke_raw(call);
    if (!output) {
      call.context.cancelled = exchange.cancelled();
      std::function<Json()> input = [this, &call] { return checked(call, decode(call)); };
      output = co_await invoke(call, input);
    }
    response = encode(call, std::move(*output));
    if (call.context.last_commit > platform_->database.durable()) {
      co_await hold(call.context.last_commit);
    }
  } catch (const http::ConnectionError&) {
    throw;
  } catch (...) {
    call.events.reset();
    call.bytes.reset();
    response = encode_error(call, std::current_exception());
  }
  call.status = response.status;
  co_return response;
}

// Step 2. The service is known before the body is read, but for unsigned awsQuery calls. Returns
// how long the body may be.
size_t Gateway::route_head(const http::RequestHead& head, Call& call) const {
  std::exception_ptr malformed;
  try {
    call.signature = identity::parse_signature(head);
  } catch (const AwsError&) {
    malformed = std::current_exception();  // answered in the service's protocol, once that is known
  }
  call.api = router_->route_api(head, call.host, call.signature);
  call.set_request_id();
  if (malformed) std::rethrow_exception(malformed);
  return call.api ? call.api->api().body_limit : kUnroutedBodyLimit;
}

// True if the operation is known from the head and takes its body as a stream, which is then left
// to the handler.
bool Gateway::route_stream(http::Exchange& exchange, Call& call) const {
  if (!call.api || !call.api->api().addressing.find) return false;
  Route route = router_->route_operation(*call.api, exchange.head(), "");
  call.operation = route.operation;
  call.labels = std::move(route.labels);
  const wire::Shape* input = call.operation->model->input;
  if (!input || !input->payload || input->payload->shape->type != wire::Type::blob) return false;
  call.context.upload = &exchange;
  return true;
}

// Steps 3 and 4.
void Gateway::route_body(const http::RequestHead& head, Call& call) const {
  if (!call.api && !call.signature) {
    call.api = router_->route_query(query_version(head, call.body));
    call.set_request_id();
  }
  if (call.pinned && call.api && call.api->service().name() != pinned_service_) call.api = nullptr;
  if (!call.api) throw unknown_service(head, call.signature, call.host);
  identify(call, head, call.body);
  if (call.operation) return;
  Route route = router_->route_operation(*call.api, head, call.body);
  call.operation = route.operation;
  call.labels = std::move(route.labels);
}

void Gateway::identify(Call& call, const http::RequestHead& head, std::string_view body) const {
  RequestContext& context = call.context;
  const bool body_follows = context.upload != nullptr;
  context.principal = platform_->identity.authenticate(head, call.signature, body, body_follows);
  if (context.principal.kind == identity::Principal::Kind::anonymous &&
      !call.api->api().anonymous) {
    throw identity::missing_token(head, call.api->model().signing_name);
  }
  if (call.pinned) {
    context.account = identity::kDefaultAccount;
    context.region = identity::kDefaultRegion;
    return;
  }
  context.account = context.principal.account;
  if (call.signature) {
    context.region = call.signature->region;
  } else {
    context.region = region_of_host(call.host);
  }
}

// The context of a handler: operation, realm, cause.
void Gateway::prepare(Call& call) const {
  RequestContext& context = call.context;
  if (!call.operation->row) throw not_implemented(call.api->model(), call.operation->model->name);
  context.model = &call.api->model();
  context.operation = call.operation->model;
  bool global = call.api->api().global;
  std::string_view region = global ? std::string_view(kGlobalRegion) : context.region;
  std::string_view name = call.api->service().name();
  context.realm = call.operation->row->access == Access::write
                      ? platform_->realms.get(name, context.account, region)
                      : platform_->realms.find(name, context.account, region);
  if (context.cause.request_id.empty()) context.cause.request_id = context.request_id;
}

// Step 6.
Json Gateway::checked(const Call& call, Json input) {
  const wire::Shape* shape = call.operation->model->input;
  if (!shape) return input;
  const Api& api = call.api->api();
  wire::ValidateOptions options = api.validate_options;
  options.patterns = &patterns_;
  auto violations = wire::validate(*shape, input, options);
  if (!violations.empty()) throw api.invalid(*call.operation->model, violations);
  return input;
}

// Step 5.
Json Gateway::decode(const Call& call) const {
  const wire::WireRequest request{*call.head, call.body, call.labels};
  return wire::codec(call.api->model().protocol)
      ->decode(call.api->model(), *call.operation->model, request);
}

// Steps 5 to 8 in one, for what is called most; nullopt: not for this call.
std::optional<Output> Gateway::invoke_raw(Call& call) const {
  const RawHandler& raw = call.operation->row->raw;
  const wire::Protocol protocol = call.api->model().protocol;
  const bool json =
      protocol == wire::Protocol::aws_json_1_0 || protocol == wire::Protocol::aws_json_1_1;
  if (!raw || !json) return std::nullopt;
  call.context.commit_mode = storage::CommitMode::no_wait;
  try {
    return raw(call.context, call.body);
  } catch (const storage::CommitWouldWait&) {
    call.context.start_over();
    return std::nullopt;
  }
}

// Step 8. A plain handler runs here; one whose commit would wait runs again on the work pool.
Task<Output> Gateway::invoke(Call& call, const std::function<Json()>& input) {
  RequestContext& context = call.context;
  const HandlerVariant& handler = call.operation->row->handler;
  if (const auto* waiting = std::get_if<WaitingHandler>(&handler)) {
    co_return co_await (*waiting)(context, input());
  }
  const auto* plain = std::get_if<PlainHandler>(&handler);
  if (plain) {
    context.commit_mode = storage::CommitMode::no_wait;
    try {
      co_return (*plain)(context, input());
    } catch (const storage::CommitWouldWait&) {
      context.start_over();
    }
  }
  context.commit_mode = storage::CommitMode::may_wait;
  const auto& run = plain ? *plain : std::get<SlowHandler>(handler).run;
  auto work = [&run, &context, &input] { return run(context, input()); };
  co_return co_await platform_->work.run(std::move(work));
}

// Until `commit` is as durable as promised (DESIGN 5).
Task<void> Gateway::hold(uint64_t commit) {
  storage::Database& database = platform_->database;
  auto initiate = [&database, commit](auto handler) {
    auto executor = asio::get_associated_executor(handler);
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    database.when_durable(
        commit, [shared, executor] { asio::post(executor, [shared] { std::move (*shared)(); }); });
  };
  co_await asio::async_initiate<decltype(use_task), void()>(initiate, use_task);
}

http::Response Gateway::encode(Call& call, Output output) const {
  const wire::Codec& codec = *wire::codec(call.api->model().protocol);
  const wire::ServiceModel& model = call.api->model();
  const wire::OperationModel& operation = *call.operation->model;
  const std::string& request_id = call.context.request_id;
  http::Response response;
  if (output.is_events()) {
    call.events = std::move(output.events());
    response = codec.encode_stream_head(model, operation, call.events->head, request_id);
  } else if (output.is_body()) {
    response = codec.encode(model, operation, output.body().head, request_id);
    if (output.body().run) {
      call.bytes = std::move(output.body());
    } else {
      response.body = std::move(output.body().bytes);
    }
  } else if (output.is_text()) {
    response = codec.encode_text(model, operation, std::move(output.text()), request_id);
  } else {
    response = codec.encode(model, operation, output.document(), request_id);
  }
  if (output.status != 0) response.status = output.status;
  for (const auto& [name, value] : output.headers) response.headers.set(name, value);
  const Fidelity& fidelity = call.operation->row->fidelity;
  if (fidelity.level == Fidelity::Level::partial) {
    response.headers.add("x-paddock-fidelity", "partial; " + std::string(fidelity.reason));
  }
  if (!call.events && !call.bytes) wire::finish(response, call.api->api().error_style);
  return response;
}

http::Response Gateway::encode_error(Call& call, std::exception_ptr thrown) const {
  AwsError error = to_aws_error(thrown, call, platform_->log);
  call.error_code = error.code();
  if (!call.api) return protocol_neutral_error(*call.head, error, call.context.request_id);
  const wire::ServiceModel& model = call.api->model();
  const wire::ErrorStyle& style = call.api->api().error_style;
  http::Response response =
      wire::codec(model.protocol)->encode_error(model, error, style, call.context.request_id);
  for (const auto& [name, value] : error.headers()) response.headers.set(name, value);
  wire::finish(response, style);
  return response;
}

// Step 10: access log line, counters, timeline.
void Gateway::record(Call& call) const {
  auto microseconds =
      std::chrono::duration_cast<std::chrono::microseconds>(platform_->machine.now() - call.started)
          .count();
  if (call.operation) {
    call.operation->calls.fetch_add(1, std::memory_order_relaxed);
    call.operation->microseconds.fetch_add(microseconds, std::memory_order_relaxed);
    if (call.status >= 400) call.operation->errors.fetch_add(1, std::memory_order_relaxed);
  }
  if (platform_->options.access_log && call.head) {
    platform_->log.info(access_line(call, platform_->machine.wall_ms(), microseconds));
  }
  if (platform_->timeline.enabled()) {
    platform_->timeline.record(timeline_event(call, platform_->world.now(), microseconds));
  }
}

Call Gateway::begin_internal(const CallIdentity& identity, const std::string& service,
                             const std::string& operation) const {
  Call call(*platform_, platform_->machine.now());
  call.api = router_->find(service);
  if (!call.api) {
    throw AwsError("InternalFailure", "The service " + service + " is not emulated here.", 501);
  }
  call.operation = call.api->find(operation);
  if (!call.operation) throw not_implemented(call.api->model(), operation);
  begin_for(call, identity);
  call.set_request_id();
  prepare(call);
  return call;
}

void Gateway::begin_for(Call& call, const CallIdentity& identity) const {
  RequestContext& context = call.context;
  context.account = identity.account;
  context.region = identity.region;
  context.principal = in_process_principal(identity);
  context.cause = identity.cause;
  context.cause.depth++;
  context.activity = platform_->activities.begin(request_label_);
}

Json Gateway::to_document(const Call& call, Output output) const {
  if (output.is_events()) {
    throw AwsError("InternalFailure",
                   "The operation " + std::string(call.operation->model->name) +
                       " answers with a stream of events, which only callers over HTTP can take.",
                   501);
  }
  if (output.is_body()) {
    BodyStream& body = output.body();
    const wire::Member* payload = call.operation->model->output->payload;
    body.head[std::string(payload->name)] =
        Json::binary(Json::binary_t::container_type(body.bytes.begin(), body.bytes.end()));
    return std::move(body.head);
  }
  if (!output.is_text()) return std::move(output.document());
  Json document = wire::parse_json(output.text());
  const wire::JsonReadContext json{call.api->model(), wire::Wording::token};
  if (call.operation->model->output) {
    wire::read_json(json, *call.operation->model->output, document);
  }
  return document;
}

Task<Json> Gateway::call(CallIdentity identity, std::string service, std::string operation,
                         Json input) {
  Call call = begin_internal(identity, service, operation);
  std::exception_ptr failure;
  Json document;
  try {
    // A copy, because a handler whose commit would wait runs a second time.
    std::function<Json()> copy = [this, &call, &input] { return checked(call, input); };
    Output output = co_await invoke(call, copy);
    document = co_await collected(call, std::move(output));
    if (call.context.last_commit > platform_->database.durable()) {
      co_await hold(call.context.last_commit);
    }
    call.status = 200;
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    AwsError error = to_aws_error(failure, call, platform_->log);
    call.error_code = error.code();
    call.status = error.status();
    record(call);
    throw error;
  }
  record(call);
  co_return document;
}

Json Gateway::call_and_wait(CallIdentity identity, std::string service, std::string operation,
                            Json input) {
  Call call = begin_internal(identity, service, operation);
  if (std::holds_alternative<WaitingHandler>(call.operation->row->handler)) {
    call.context.activity.release();
    return asio::co_spawn(platform_->background,
                          this->call(std::move(identity), std::move(service), std::move(operation),
                                     std::move(input)),
                          asio::use_future)
        .get();
  }
  try {
    const HandlerVariant& handler = call.operation->row->handler;
    const auto* plain = std::get_if<PlainHandler>(&handler);
    const auto& run = plain ? *plain : std::get<SlowHandler>(handler).run;
    Json document = to_document(call, run(call.context, checked(call, std::move(input))));
    if (call.context.last_commit > platform_->database.durable()) {
      std::promise<void> durable;
      platform_->database.when_durable(call.context.last_commit,
                                       [&durable] { durable.set_value(); });
      durable.get_future().wait();
    }
    call.status = 200;
    record(call);
    return document;
  } catch (...) {
    AwsError error = to_aws_error(std::current_exception(), call, platform_->log);
    call.error_code = error.code();
    call.status = error.status();
    record(call);
    throw error;
  }
}

}  // namespace paddock::gateway
