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
#include "services/apigateway/model.hpp"
#include "services/apigateway/store.hpp"

namespace paddock::services::apigateway {

std::unique_ptr<gateway::Service> make(gateway::Platform& platform);

// What a stage serves: compiled once per deployment, shared by all requests. Immutable.
struct ServedStage {
  ServedStage(std::shared_ptr<const Realm> realm, Json api, Json stage, const Json& resources)
      : realm(std::move(realm)), api(std::move(api)), stage(std::move(stage)), routes(resources) {}

  std::shared_ptr<const Realm> realm;
  Json api;  // without its resources
  Json stage;
  RouteTree routes;
};

class ApiGateway : public gateway::Service {
 public:
  explicit ApiGateway(gateway::Platform& platform);

  std::string_view name() const override { return "apigateway"; }
  std::vector<std::string> resources(const Realm& realm) const override;

 private:
  using Context = gateway::RequestContext;
  using Output = gateway::Output;

  // rest_apis.cpp
  Output create_rest_api(Context& context, Json input);
  Output get_rest_api(Context& context, Json input);
  Output get_rest_apis(Context& context, Json input);
  Output update_rest_api(Context& context, Json input);
  Output delete_rest_api(Context& context, Json input);
  Output get_account(Context& context, Json input);
  Output get_tags(Context& context, Json input);
  Output tag_resource(Context& context, Json input);
  Output untag_resource(Context& context, Json input);
  // resources.cpp
  Output create_resource(Context& context, Json input);
  Output get_resource(Context& context, Json input);
  Output get_resources(Context& context, Json input);
  Output update_resource(Context& context, Json input);
  Output delete_resource(Context& context, Json input);
  // methods.cpp
  Output put_method(Context& context, Json input);
  Output get_method(Context& context, Json input);
  Output update_method(Context& context, Json input);
  Output delete_method(Context& context, Json input);
  Output put_method_response(Context& context, Json input);
  Output get_method_response(Context& context, Json input);
  Output delete_method_response(Context& context, Json input);
  Output put_integration(Context& context, Json input);
  Output get_integration(Context& context, Json input);
  Output update_integration(Context& context, Json input);
  Output delete_integration(Context& context, Json input);
  // deployments.cpp
  Output create_deployment(Context& context, Json input);
  Output get_deployment(Context& context, Json input);
  Output get_deployments(Context& context, Json input);
  Output update_deployment(Context& context, Json input);
  Output delete_deployment(Context& context, Json input);
  Output create_stage(Context& context, Json input);
  Output get_stage(Context& context, Json input);
  Output get_stages(Context& context, Json input);
  Output update_stage(Context& context, Json input);
  Output delete_stage(Context& context, Json input);
  // execute.cpp
  Task<void> execute(http::Exchange& exchange, Context& context);
  Task<http::Response> invoke_route(http::Exchange& exchange, Context& context,
                                    const ServedStage& stage, const Address& address);
  // Calls the function of an integration URI with a proxy event; the answer or a gateway error.
  Task<http::Response> call_function(Context& context, std::string uri, std::string event,
                                     std::chrono::milliseconds timeout, bool accepts_binary);

  std::vector<gateway::Operation> operations();
  // The API with its resources; throws NotFoundException.
  Json load_api(const Context& context, const Json& input) const;
  // The same for methods and what is below them: throws the error of an unknown resource.
  Json load_api_of_method(const Context& context, const Json& input) const;
  // Serialises changes of one API.
  std::unique_lock<std::mutex> lock_api(const Context& context, const std::string& api) const;
  // Writes the API and answers `output`.
  void save_api(Context& context, const Json& api);
  Json new_stage(const Context& context, const Json& input, const std::string& deployment) const;
  std::shared_ptr<const ServedStage> served(const std::string& api, const std::string& stage);
  void forget_served(const std::string& api);

  gateway::Platform& platform_;
  Store store_;
  std::shared_mutex served_mutex_;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<const ServedStage>> served_;
};

}  // namespace paddock::services::apigateway
