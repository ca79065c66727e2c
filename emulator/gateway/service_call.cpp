// Calls in a service's own protocol that come from within.
#include "core/clock.hpp"
#include "gateway/call.hpp"
#include "gateway/errors.hpp"
#include "gateway/gateway.hpp"

namespace paddock::gateway {
namespace service_call_detail {

// Of a service that speaks the query protocol and JSON: the request is in the latter.
bool is_json(const ServiceRequest& request) {
  const http::Headers& headers = request.head.headers;
  return headers.has("x-amz-target") ||
         (!request.action.empty() &&
          headers.get("content-type").find("json") != std::string_view::npos);
}

const RoutedApi* find_api(const Router& router, const ServiceRequest& request) {
  std::vector<const RoutedApi*> named;
  std::vector<const RoutedApi*> found;
  for (const auto& api : router.apis()) {
    const wire::ServiceModel& model = api->model();
    if (model.name == request.service) {
      named.push_back(api.get());
    } else if (model.endpoint_prefix == request.service || model.signing_name == request.service) {
      found.push_back(api.get());
    }
  }
  for (const RoutedApi* api : named) {
    const bool query = api->model().protocol == wire::Protocol::aws_query;
    if (named.size() == 1 || query != is_json(request)) return api;
  }
  // Several APIs may share a name: the one that has the operation.
  for (const RoutedApi* api : found) {
    if (!request.action.empty() && api->find(request.action)) return api;
  }
  return found.empty() ? nullptr : found.front();
}

// Says in the protocol's way which operation is meant.
void name_action(const wire::ServiceModel& model, ServiceRequest& request) {
  using wire::Protocol;
  const std::string& action = request.action;
  if (model.protocol == Protocol::aws_json_1_0 || model.protocol == Protocol::aws_json_1_1) {
    request.head.headers.set("X-Amz-Target", std::string(model.target_prefix) + "." + action);
  } else if (model.protocol == Protocol::aws_query) {
    std::string form = "Action=" + action + "&Version=" + std::string(model.api_version);
    for (const std::string& part : {request.head.query, request.body}) {
      if (!part.empty()) form += "&" + part;
    }
    request.head.method = "POST";
    request.head.set_target("/");
    request.head.headers.set("Content-Type", "application/x-www-form-urlencoded");
    request.body = std::move(form);
  } else {
    throw AwsError("InternalFailure",
                   "Actions of " + std::string(model.name) + " are called by path only.", 501);
  }
}

}  // namespace service_call_detail

ServiceCaller& service_caller(Platform& platform) {
  return static_cast<Gateway&>(platform.caller);
}

Task<http::Response> Gateway::send(CallIdentity identity, ServiceRequest request) {
  Call call(*platform_, platform_->machine.now());
  call.api = service_call_detail::find_api(*router_, request);
  if (!call.api) {
    throw AwsError("InternalFailure", "The service " + request.service + " is not emulated here.",
                   501);
  }
  if (!request.action.empty()) service_call_detail::name_action(call.api->model(), request);
  call.fill_from(request.head);
  call.host = host_of_authority(request.head.authority());
  call.body = std::move(request.body);
  call.context.body = call.body;
  call.set_request_id();
  begin_for(call, identity);
  http::Response response;
  try {
    Route route = router_->route_operation(*call.api, request.head, call.body);
    call.operation = route.operation;
    call.labels = std::move(route.labels);
    prepare(call);
    std::function<Json()> input = [this, &call] { return checked(call, decode(call)); };
    Output output = co_await invoke(call, input);
    response = encode(call, std::move(output));
    if (call.bytes) co_await gather(call, response);
    if (call.context.last_commit > platform_->database.durable()) {
      co_await hold(call.context.last_commit);
    }
  } catch (...) {
    response = encode_error(call, std::current_exception());
  }
  call.status = response.status;
  record(call);
  co_return response;
}

}  // namespace paddock::gateway
