// The data plane of REST APIs: a request's way through a deployed stage.
//
//   address -> stage -> route -> resource policy -> authorizer -> API key -> throttle and quota
//     -> request validation -> cache -> integration -> answer
//
// and from any of them to a gateway response.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-method-settings.html
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <utility>

#include "gateway/service.hpp"
#include "services/apigateway/address.hpp"
#include "services/apigateway/domains.hpp"
#include "services/apigateway/endpoints.hpp"
#include "services/apigateway/invocation.hpp"
#include "services/apigateway/store.hpp"
#include "services/apigateway/usage_counters.hpp"

namespace paddock::services::apigateway {

// What TestInvokeMethod and TestInvokeAuthorizer answer with.
struct TestOutcome {
  TestOutcome() = default;

  http::Response response;
  std::string log;
  int64_t latency_ms = 0;
};

// Thread-safe. References outlive it.
class DataPlane {
 public:
  using Context = gateway::RequestContext;

  DataPlane(gateway::Platform& platform, Store& store, const Domains& domains,
            Endpoints& endpoints);

  // Where a request is addressed to, by host, path or custom domain name; nullopt: not to a stage.
  // Of a name that maps nothing to the path, the address has no API.
  std::optional<Address> address(std::string_view host, std::string_view path) const;

  // A request to a stage; answers the exchange.
  Task<void> serve(http::Exchange& exchange, Context& context, Address address);
  // An API's definition or stage has changed.
  void forget(const std::string& api);
  // Realms were reset.
  void forget_all();
  UsageCounters& counters() { return usage_; }

  // test_invoke.cpp: `input` in the shape of TestInvokeMethodRequest; `api`: the definition as
  // Control loads it. Throws NotFoundException for an unknown resource or method.
  Task<TestOutcome> test_method(Context& context, Json api, Json input);
  // `input` in the shape of TestInvokeAuthorizerRequest; the answer in that of its response.
  Task<Json> test_authorizer(Context& context, Json api, Json input);

 private:
  // data_plane.cpp
  std::shared_ptr<const ServedStage> served(const std::string& api, const std::string& stage);
  std::shared_ptr<const CompiledDeployment> compiled(RealmId realm, const std::string& api,
                                                     const std::string& deployment);
  bool is_canary_request(const ServedStage& stage) const;
  Task<http::Response> enter(http::Exchange& exchange, Context& context,
                             std::shared_ptr<const ServedStage> stage, Address address);
  Task<void> run(Context& context, Invocation& in, http::Response& response);
  void check_resource_policy(const Invocation& in) const;
  Task<void> check_usage(Context& context, Invocation& in);
  Task<void> commit(Context& context, storage::Batch& batch);
  void check_throttle(const Invocation& in, const std::optional<PlanOfKey>& plan);
  static void check_request(Invocation& in);
  http::Response refusal(Invocation* in, const GatewayError& error) const;
  Task<void> run_cached(Context& context, Invocation& in, http::Response& response);

  // authorize.cpp
  Task<void> authorize(Context& context, Invocation& in);
  Task<std::shared_ptr<const Grant>> ask_authorizer(Context& context, Invocation& in,
                                                    const CompiledAuthorizer& authorizer);
  Task<std::shared_ptr<const Grant>> call_authorizer(Context& context, Invocation& in,
                                                     const CompiledAuthorizer& authorizer,
                                                     std::string token);

  // integrate.cpp
  Task<void> integrate(Context& context, Invocation& in, http::Response& response);
  Task<void> call_proxy_function(Context& context, Invocation& in, http::Response& response);
  Task<EndpointAnswer> call_endpoint(Context& context, Invocation& in, EndpointRequest request);

  gateway::Platform& platform_;
  Store& store_;
  const Domains& domains_;
  Endpoints& endpoints_;
  DurableUsage usage_;
  TokenBuckets buckets_;
  std::shared_mutex served_mutex_;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<const ServedStage>> served_;
};

// request_mapping.cpp, pure.

// The request to an integration that is no proxy, and to an HTTP proxy. Throws GatewayError.
EndpointRequest map_request(Invocation& in);
EndpointRequest map_http_proxy_request(Invocation& in);
// The client's answer from an integration's. Throws GatewayError.
http::Response map_answer(Invocation& in, const EndpointAnswer& answer);
http::Response map_http_proxy_answer(EndpointAnswer answer);
// The status that a MOCK integration's request names; nullopt if there is none.
std::optional<int> mock_status(std::string_view body);
// Of several templates the one for a media type (parameters of it do not count).
const CompiledTemplate* template_for(const CompiledTemplates& templates, std::string_view type);
// "{a=b, c=d}", cut as AWS cuts it.
std::string shown(const vtl::Parameters& parameters);

}  // namespace paddock::services::apigateway
