// Amazon API Gateway, REST APIs (v1): definitions, deployments as snapshots, and their invocation.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "gateway/service.hpp"
#include "services/apigateway/address.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/model.hpp"
#include "services/apigateway/store.hpp"
#include "services/apigateway/v2_service.hpp"

namespace paddock::services::apigateway {

std::unique_ptr<gateway::Service> make(gateway::Platform& platform);

// What a stage serves: compiled once per deployment, shared by all requests. Immutable.
struct ServedStage {
  ServedStage(std::shared_ptr<const Realm> realm, Json api, Json stage, Json snapshot)
      : realm(std::move(realm)),
        api(std::move(api)),
        stage(std::move(stage)),
        routes(snapshot.at(kResources)),
        snapshot(std::move(snapshot)) {
    this->snapshot.erase(kResources);
  }

  std::shared_ptr<const Realm> realm;
  Json api;  // the members of the model's RestApi
  Json stage;
  RouteTree routes;
  Json snapshot;  // the deployment's models, validators, authorizers, gateway responses (model.hpp)
};

class ApiGateway : public gateway::Service {
 public:
  explicit ApiGateway(gateway::Platform& platform);

  std::string_view name() const override { return "apigateway"; }
  std::vector<std::string> resources(const Realm& realm) const override;
  void stop() override;

 private:
  using Context = gateway::RequestContext;

  // execute.cpp
  Task<void> execute(http::Exchange& exchange, Context& context);
  Task<http::Response> invoke_route(http::Exchange& exchange, Context& context,
                                    const ServedStage& stage, const Address& address);
  // Calls the function of an integration URI with a proxy event; the answer or a gateway error.
  Task<http::Response> call_function(Context& context, std::string uri, std::string event,
                                     std::chrono::milliseconds timeout, bool accepts_binary);

  std::vector<gateway::Operation> operations();
  std::shared_ptr<const ServedStage> served(const std::string& api, const std::string& stage);
  void forget_served(const std::string& api);

  gateway::Platform& platform_;
  Store store_;
  Control control_;
  v2::GatewayV2 v2_;
  std::shared_mutex served_mutex_;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<const ServedStage>> served_;
};

}  // namespace paddock::services::apigateway
