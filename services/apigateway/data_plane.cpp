#include "services/apigateway/data_plane.hpp"

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/call_record.hpp"
#include "services/apigateway/limits.hpp"
#include "services/apigateway/policy_document.hpp"
#include "wire/codec.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace data_plane_detail {

std::string json_quoted(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

// AWS's own body of a gateway response.
std::string default_body(const GatewayError& error) {
  // Here AWS writes the member with a capital letter.
  const char* member = error.type == "ACCESS_DENIED" ? "Message" : "message";
  return std::string("{\"") + member +
         "\":" + (error.no_message ? "null" : json_quoted(error.message)) + "}";
}

// "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=…;Sampled=0": the client's root, or a new one.
std::string trace_id(const http::RequestHead& head, Ids& ids, int64_t seconds) {
  std::string_view given = head.headers.get("x-amzn-trace-id");
  if (given.find("Root=") != std::string_view::npos && given.size() < 512) {
    return std::string(given);
  }
  char time[16];
  std::snprintf(time, sizeof time, "%08x", static_cast<unsigned>(seconds));
  const std::string digits = ids.hex(kSystemRealm, "trace", 40);
  return std::string("Root=1-") + time + "-" + digits.substr(0, 24) +
         ";Parent=" + digits.substr(24) + ";Sampled=0";
}

}  // namespace data_plane_detail

DataPlane::DataPlane(gateway::Platform& platform, Store& store, const Domains& domains,
                     Endpoints& endpoints)
    : platform_(platform),
      store_(store),
      domains_(domains),
      endpoints_(endpoints),
      usage_(platform.database, platform.world) {}

std::optional<Address> DataPlane::address(std::string_view host, std::string_view path) const {
  if (auto address = address_of(host, path)) return address;
  Address address;
  auto target = domains_.target(host, path);
  if (!target) return domains_.owns(host) ? std::optional(address) : std::nullopt;
  address.api = std::move(target->api);
  address.stage = std::move(target->stage);
  address.path = std::move(target->path);
  address.own_domain = true;
  address.base_path = std::move(target->base_path);
  return address;
}

void DataPlane::forget(const std::string& api) {
  std::unique_lock lock(served_mutex_);
  auto first = served_.lower_bound({api, ""});
  auto last = first;
  while (last != served_.end() && last->first.first == api) ++last;
  served_.erase(first, last);
}

void DataPlane::forget_all() {
  {
    std::unique_lock lock(served_mutex_);
    served_.clear();
  }
  usage_.clear();
  buckets_.clear();
}

std::shared_ptr<const CompiledDeployment> DataPlane::compiled(RealmId realm, const std::string& api,
                                                              const std::string& deployment) {
  auto row = deployment.empty() ? std::nullopt : store_.deployment(realm, api, deployment);
  return row ? std::make_shared<const CompiledDeployment>(*row) : nullptr;
}

std::shared_ptr<const ServedStage> DataPlane::served(const std::string& api,
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
  auto main = compiled(realm->id, api, row->value(m::deploymentId, ""));
  if (!main) return nullptr;
  const Json canary = row->value(m::canarySettings, Json::object());
  auto other =
      canary.is_object() ? compiled(realm->id, api, canary.value(m::deploymentId, "")) : nullptr;
  auto fresh = std::make_shared<const ServedStage>(realm, rest_api_view(*std::move(definition)),
                                                   *std::move(row), main, other);
  served_[{api, stage}] = fresh;
  return fresh;
}

bool DataPlane::is_canary_request(const ServedStage& stage) const {
  if (!stage.canary || stage.canary_percent <= 0) return false;
  const IdBytes dice = platform_.ids.next(kSystemRealm, "canary");
  const unsigned roll = (dice[0] | dice[1] << 8 | dice[2] << 16) % 10'000;
  return roll < stage.canary_percent * 100;
}

Task<void> DataPlane::serve(http::Exchange& exchange, Context& context, Address address) {
  const http::RequestHead& head = exchange.head();
  MachineClock::Steady started = platform_.machine.now();
  auto stage = served(address.api, address.stage);
  context.model = &models::apigateway;
  std::string what = "execute-api " + head.method + " /" + address.stage + address.path;
  std::string resource = address.api;
  if (stage) {
    context.realm = stage->realm;
    context.account = stage->realm->account;
    context.region = stage->realm->region;
  }
  http::Response response = co_await enter(exchange, context, stage, std::move(address));
  response.headers.add("x-amzn-RequestId", context.request_id);
  co_await answer_call(exchange, context, std::move(response), std::move(what), std::move(resource),
                       started);
}

Task<http::Response> DataPlane::enter(http::Exchange& exchange, Context& context,
                                      std::shared_ptr<const ServedStage> stage, Address address) {
  const http::RequestHead& head = exchange.head();
  http::Response response;
  const std::string extended = platform_.ids.base36(kSystemRealm, "apigw", 16);
  if (!stage || (stage->api.value(m::disableExecuteApiEndpoint, false) && !address.own_domain)) {
    response = refusal(nullptr, failures::forbidden());
    response.headers.add("x-amz-apigw-id", extended);
    co_return response;
  }
  Invocation in(head, stage);
  in.canary = is_canary_request(*stage);
  in.deployment = in.canary ? stage->canary.get() : stage->main.get();
  in.path = std::move(address.path);
  in.base_path = std::move(address.base_path);
  in.own_domain = address.own_domain;
  in.request_id = context.request_id;
  in.extended_request_id = extended;
  in.time_ms = platform_.world.now().ms;
  CompiledDeployment::Match match = in.deployment->match(in.path, head.method);
  in.method = match.method;
  for (auto& [name, value] : match.parameters) in.path_parameters.emplace_back(name, value);
  bool too_large = false;
  try {
    if (in.method) in.body = co_await exchange.read_all(kMaxPayload);
  } catch (const http::BodyTooLarge&) {
    too_large = true;
  }
  in.read_head();
  try {
    if (!in.method) throw failures::missing_token();
    if (too_large) throw failures::too_large();
    const auto type = in.method->integration.type;
    if (type != CompiledIntegration::Type::mock) {
      in.trace_id = data_plane_detail::trace_id(head, platform_.ids, in.time_ms / 1000);
    }
    check_resource_policy(in);
    co_await authorize(context, in);
    co_await check_usage(context, in);
    co_await run(context, in, response);
  } catch (const GatewayError& error) {
    if (!error.reason.empty()) platform_.log.info("execute-api: " + error.reason);
    response = refusal(&in, error);
  } catch (const storage::StorageError& error) {
    platform_.log.error(std::string("execute-api: ") + error.what());
    response = refusal(&in, failures::internal(500, error.what()));
  }
  response.headers.add("x-amz-apigw-id", extended);
  co_return response;
}

Task<void> DataPlane::run(Context& context, Invocation& in, http::Response& response) {
  check_request(in);
  if (in.stage->cache_enabled && in.stage->policy_of(*in.method).caching) {
    co_await run_cached(context, in, response);
  } else {
    co_await integrate(context, in, response);
  }
}

// Without another authorization a resource policy must allow; with one it may only deny.
void DataPlane::check_resource_policy(const Invocation& in) const {
  if (!in.stage->policy.is_object()) return;
  const std::string arn = in.method_arn();
  const Decision decision = decide(in.stage->policy, arn, in.head.remote_address);
  const bool open = in.method->authorization == "NONE" || in.method->authorization.empty();
  if (decision == Decision::denied || (open && decision == Decision::none)) {
    throw failures::resource_policy_denied(arn, decision == Decision::denied);
  }
}

Task<void> DataPlane::check_usage(Context& context, Invocation& in) {
  std::optional<PlanOfKey> plan;
  if (in.method->needs_key) {
    std::string key = in.usage_key;
    if (!in.stage->key_by_authorizer) key = std::string(in.head.headers.get("x-api-key"));
    if (key.empty()) throw failures::invalid_api_key();
    KeyLookup found =
        look_up_key(store_, in.stage->realm->id, key, in.stage->api_id, in.stage->stage_name);
    if (!found.key || !found.plan) throw failures::invalid_api_key();
    plan = std::move(found.plan);
    if (!in.identity.is_object()) in.identity = Json::object();
    in.identity["apiKey"] = key;
    in.identity["apiKeyId"] = plan->key;
  }
  check_throttle(in, plan);
  if (!plan) co_return;
  storage::Batch batch;
  if (!usage_.count(batch, in.stage->realm->id, *plan)) throw failures::quota_exceeded();
  co_await commit(context, batch);
}

// A commit that would wait is made on the work pool.
Task<void> DataPlane::commit(Context& context, storage::Batch& batch) {
  bool waits = false;
  context.commit_mode = storage::CommitMode::no_wait;
  try {
    context.commit(batch);
  } catch (const storage::CommitWouldWait&) {
    waits = true;
  }
  if (!waits) co_return;
  context.commit_mode = storage::CommitMode::may_wait;
  auto work = [&context, &batch] { return context.commit(batch); };
  co_await platform_.work.run(std::move(work));
}

// The plan's bucket for the method, else the plan's; then the stage's for the method.
void DataPlane::check_throttle(const Invocation& in, const std::optional<PlanOfKey>& plan) {
  const Throttle& settings = in.stage->policy_of(*in.method).throttle;
  if (!plan && !settings.rate_per_second) return;
  const WorldTime now = platform_.world.now();
  const std::string method = in.method->resource_path + "/" + in.method->http_method;
  const std::string stage = in.stage->api_id + "/" + in.stage->stage_name;
  if (plan) {
    auto own = plan->method_throttle.find(method);
    if (own != plan->method_throttle.end()) {
      const std::string name = plan->plan + " " + plan->key + " " + stage + method;
      if (!buckets_.take(name, own->second, now)) throw failures::throttled();
    } else if (plan->throttle) {
      const std::string name = plan->plan + " " + plan->key;
      if (!buckets_.take(name, *plan->throttle, now)) throw failures::throttled();
    }
  }
  if (settings.rate_per_second && !buckets_.take(stage + method, settings, now)) {
    throw failures::throttled();
  }
}

void DataPlane::check_request(Invocation& in) {
  std::string missing;
  for (const Source& source : in.method->required) {
    if (in.value_of(source)) continue;
    missing += (missing.empty() ? "" : ", ") + source.name;
  }
  if (!missing.empty()) throw failures::missing_parameters(missing);
  if (!in.method->validates_body || in.method->models.empty()) return;
  std::string_view type = in.head.headers.get("content-type");
  type = type.empty() ? "application/json" : trim(type.substr(0, type.find(';')));
  auto model = in.method->models.find(type);
  if (model == in.method->models.end()) model = in.method->models.find("$default");
  // A type without a model is not validated.
  if (model == in.method->models.end()) return;
  Json document;
  try {
    document = wire::parse_json(in.body.empty() ? "{}" : std::string_view(in.body));
  } catch (const std::invalid_argument&) {
    throw failures::invalid_body("[Invalid JSON]");
  }
  const std::vector<std::string> messages = model->second->check(document);
  if (messages.empty()) return;
  std::string all;
  for (const auto& message : messages) all += (all.empty() ? "" : ", ") + message;
  throw failures::invalid_body("[" + all + "]");
}

Task<void> DataPlane::run_cached(Context& context, Invocation& in, http::Response& response) {
  const MethodPolicy& policy = in.stage->policy_of(*in.method);
  std::string name = in.method->resource_path + " " + in.head.method + "\n" +
                     in.method->integration.cache_namespace;
  for (const Source& source : in.method->integration.cache_keys) {
    name += '\n';
    for (const auto& value : in.values_of(source)) name += value + '\0';
  }
  const WorldTime now = platform_.world.now();
  const std::string control = to_lower(in.head.headers.get("cache-control"));
  bool fresh = control.find("max-age=0") != std::string::npos;
  bool warn = false;
  if (fresh && policy.invalidation_needs_authorization) {
    if (policy.unauthorized_invalidation == "FAIL_WITH_403") throw failures::access_denied(false);
    fresh = false;
    warn = policy.unauthorized_invalidation == "SUCCEED_WITH_RESPONSE_HEADER";
  }
  auto known = fresh ? std::nullopt : in.stage->answers.find(name, now);
  if (known) {
    response = **known;
  } else {
    co_await integrate(context, in, response);
    if (response.status < 400 && policy.cache_ttl.count() > 0) {
      in.stage->answers.put(name, std::make_shared<const http::Response>(response),
                            response.body.size() + 1024, now + Milliseconds(policy.cache_ttl));
    }
  }
  if (warn) response.headers.add("Warning", "199 - \"Unauthorized cache control\"");
}

http::Response DataPlane::refusal(Invocation* in, const GatewayError& error) const {
  namespace d = data_plane_detail;
  http::Response response(error.status, "application/json", d::default_body(error));
  const CompiledGatewayResponse* own = in ? in->deployment->gateway_response(error.type) : nullptr;
  if (in && !own) {
    own = in->deployment->gateway_response(error.status < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX");
  }
  if (own) {
    if (own->status != 0) response.status = own->status;
    Json& context = in->context();
    context["error"] = {
        {"message", error.message},
        {"messageString", error.no_message ? "null" : d::json_quoted(error.message)},
        {"responseType", error.type},
        {"validationErrorString", error.validation}};
    try {
      for (const auto& mapping : own->headers) {
        if (auto value = in->value_of(mapping.source)) response.headers.set(mapping.name, *value);
      }
      const CompiledTemplate* text = template_for(own->templates, in->head.headers.get("accept"));
      std::string type = text ? std::string(in->head.headers.get("accept")) : "application/json";
      if (!text) text = template_for(own->templates, type);
      if (!text && !own->templates.empty()) {
        text = &own->templates.begin()->second;
        type = own->templates.begin()->first;
      }
      // The template that AWS itself has says what the default body says.
      if (text && text->text) {
        std::string body = in->render(*text, in->body);
        const std::string plain = "{\"message\":" + d::json_quoted(error.message) + "}";
        if (body != plain || error.type != "ACCESS_DENIED") response.body = std::move(body);
        response.headers.set("Content-Type", type);
      }
    } catch (const GatewayError& failed) {
      platform_.log.info("execute-api: a gateway response: " + failed.reason);
    }
  }
  response.headers.add("x-amzn-ErrorType", error.code);
  return response;
}

}  // namespace paddock::services::apigateway
