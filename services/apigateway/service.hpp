// Amazon API Gateway, REST APIs (v1): definitions, deployments as snapshots, and their invocation.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/service.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/data_plane.hpp"
#include "services/apigateway/store.hpp"
#include "services/apigateway/v2_service.hpp"

namespace paddock::services::apigateway {

std::unique_ptr<gateway::Service> make(gateway::Platform& platform);

class ApiGateway : public gateway::Service {
 public:
  explicit ApiGateway(gateway::Platform& platform);

  std::string_view name() const override { return "apigateway"; }
  std::vector<std::string> resources(const Realm& realm) const override;
  void stop() override;

 private:
  using Context = gateway::RequestContext;

  std::vector<gateway::Operation> operations();
  std::vector<gateway::Operation> test_operations();
  // Test invocations: the one kind of operation that waits.
  Task<gateway::Output> test_invoke_method(Context& context, Json input);
  Task<gateway::Output> test_invoke_authorizer(Context& context, Json input);

  gateway::Platform& platform_;
  Store store_;
  Domains domains_;
  Endpoints endpoints_of_apis_;  // what integrations call
  DataPlane data_plane_;
  Control control_;
  v2::GatewayV2 v2_;
};

}  // namespace paddock::services::apigateway
