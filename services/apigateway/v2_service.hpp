// HTTP and WebSocket APIs (API Gateway v2): definitions, deployments, and their invocation. Part of
// the service `apigateway`, which owns the one object of this class.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "gateway/service.hpp"
#include "services/apigateway/domains.hpp"
#include "services/apigateway/http_api.hpp"
#include "services/apigateway/openapi_document.hpp"
#include "services/apigateway/v2_model.hpp"
#include "services/apigateway/v2_served.hpp"
#include "services/apigateway/v2_store.hpp"
#include "services/apigateway/websocket_api.hpp"

namespace paddock::services::apigateway::v2 {

class GatewayV2 {
 public:
  GatewayV2(gateway::Platform& platform, const Domains& domains, Endpoints& endpoints);
  ~GatewayV2();

  gateway::Api api();             // apigatewayv2
  gateway::Api management_api();  // apigatewaymanagementapi
  // True if a request by host, path or custom domain name is for an API of this kind; any thread,
  // costs a look-up.
  bool serves(std::string_view host, const http::RequestHead& head);
  Task<void> execute(http::Exchange& exchange, gateway::RequestContext& context);
  std::vector<std::string> resources(const Realm& realm) const;
  // Connections end, further ones are refused.
  void stop();

 private:
  using Context = gateway::RequestContext;
  using Output = gateway::Output;

  // v2_apis.cpp
  Output create_api(Context& context, Json input);
  Output get_api(Context& context, Json input);
  Output get_apis(Context& context, Json input);
  Output update_api(Context& context, Json input);
  Output delete_api(Context& context, Json input);
  Output delete_cors(Context& context, Json input);
  Output get_tags(Context& context, Json input);
  Output tag_resource(Context& context, Json input);
  Output untag_resource(Context& context, Json input);
  // v2_imports.cpp
  Output import_api(Context& context, Json input);
  Output reimport_api(Context& context, Json input);
  Output export_api(Context& context, Json input);
  std::vector<std::string> fill_from(Context& context, const OpenapiDocument& document,
                                     const Json& input, Json& api) const;
  // v2_routes.cpp
  Output create_route(Context& context, Json input);
  Output get_route(Context& context, Json input);
  Output get_routes(Context& context, Json input);
  Output update_route(Context& context, Json input);
  Output delete_route(Context& context, Json input);
  Output delete_route_parameter(Context& context, Json input);
  Output create_route_response(Context& context, Json input);
  Output get_route_response(Context& context, Json input);
  Output get_route_responses(Context& context, Json input);
  Output update_route_response(Context& context, Json input);
  Output delete_route_response(Context& context, Json input);
  // v2_integrations.cpp
  Output create_integration(Context& context, Json input);
  Output get_integration(Context& context, Json input);
  Output get_integrations(Context& context, Json input);
  Output update_integration(Context& context, Json input);
  Output delete_integration(Context& context, Json input);
  Output create_integration_response(Context& context, Json input);
  Output get_integration_response(Context& context, Json input);
  Output get_integration_responses(Context& context, Json input);
  Output update_integration_response(Context& context, Json input);
  Output delete_integration_response(Context& context, Json input);
  // v2_authorizers.cpp: authorizers and models
  Output create_authorizer(Context& context, Json input);
  Output get_authorizer(Context& context, Json input);
  Output get_authorizers(Context& context, Json input);
  Output update_authorizer(Context& context, Json input);
  Output delete_authorizer(Context& context, Json input);
  Output reset_authorizers_cache(Context& context, Json input);
  Output create_model(Context& context, Json input);
  Output get_model(Context& context, Json input);
  Output get_models(Context& context, Json input);
  Output get_model_template(Context& context, Json input);
  Output update_model(Context& context, Json input);
  Output delete_model(Context& context, Json input);
  // v2_stages.cpp: stages and deployments
  Output create_stage(Context& context, Json input);
  Output get_stage(Context& context, Json input);
  Output get_stages(Context& context, Json input);
  Output update_stage(Context& context, Json input);
  Output delete_stage(Context& context, Json input);
  Output delete_route_settings(Context& context, Json input);
  Output delete_access_log_settings(Context& context, Json input);
  Output create_deployment(Context& context, Json input);
  Output get_deployment(Context& context, Json input);
  Output get_deployments(Context& context, Json input);
  Output update_deployment(Context& context, Json input);
  Output delete_deployment(Context& context, Json input);
  // v2_domains.cpp: domain names, API mappings, VPC links
  Output create_domain_name(Context& context, Json input);
  Output get_domain_name(Context& context, Json input);
  Output get_domain_names(Context& context, Json input);
  Output update_domain_name(Context& context, Json input);
  Output delete_domain_name(Context& context, Json input);
  Output create_api_mapping(Context& context, Json input);
  Output get_api_mapping(Context& context, Json input);
  Output get_api_mappings(Context& context, Json input);
  Output update_api_mapping(Context& context, Json input);
  Output delete_api_mapping(Context& context, Json input);
  Output create_vpc_link(Context& context, Json input);
  Output get_vpc_link(Context& context, Json input);
  Output get_vpc_links(Context& context, Json input);
  Output update_vpc_link(Context& context, Json input);
  Output delete_vpc_link(Context& context, Json input);
  // v2_service.cpp
  std::optional<V2Address> address(std::string_view host, std::string_view path) const;
  std::vector<gateway::Operation> definitions();   // apis, routes, integrations
  std::vector<gateway::Operation> surroundings();  // the rest
  // The API with all that belongs to it; throws NotFoundException.
  Json load_api(const Context& context, const Json& input) const;
  // Changes an API under its lock: `change` edits the document and returns the answer. What the
  // stages that deploy by themselves serve is deployed.
  Output change_api(Context& context, const Json& input,
                    const std::function<Json(Json& api, std::string id)>& change);
  // The same for a stage of an API; answers the stage.
  Output change_stage(Context& context, const Json& input,
                      const std::function<void(const Json& api, Json& stage)>& change);
  // Writes the API and deploys, within `batch`.
  void put_api(Context& context, storage::Batch& batch, const Json& api);
  void deploy_stages(Context& context, storage::Batch& batch, const Json& api);
  Json deploy(Context& context, storage::Batch& batch, const Json& api, const Json& more);
  Json api_view(const Context& context, Json api) const;
  // The defaults of an API's members.
  Json new_api(const Context& context) const;
  // Keeps a new API: gives it an id, lets `fill` complete it and add to the batch, commits; answers
  // the API.
  Json add_api(Context& context, Json api,
               const std::function<void(storage::Batch& batch, Json& api)>& fill);
  // What CreateApi makes of a `Target`: an integration, a route, both managed. Returns the stage.
  Json quick_create(Context& context, Json& api, const Json& input) const;
  // A part by its id in `input`; throws NotFoundException.
  static Json& part_of(Json& owner, const Part& part, const Json& input);
  Output create_part(Context& context, Json input, const Part& part,
                     void (*complete)(const Json& api, Json& document));
  Output get_part(Context& context, const Json& input, const Part& part, const char* hidden);
  Output get_parts(Context& context, const Json& input, const Part& part, const char* hidden);
  Output delete_part(Context& context, const Json& input, const Part& part);
  Output create_response(Context& context, Json input, const Part& owner, const Part& part);
  Output get_response(Context& context, const Json& input, const Part& owner, const Part& part);
  Output get_responses(Context& context, const Json& input, const Part& owner, const Part& part);
  Output update_response(Context& context, Json input, const Part& owner, const Part& part);
  Output delete_response(Context& context, const Json& input, const Part& owner, const Part& part);
  std::string new_id(const Context& context, const char* kind) const;
  std::unique_lock<std::mutex> lock(const Context& context, storage::Kind kind,
                                    const std::string& id) const;
  // Reads or, under its lock, changes the tags of what an ARN names; throws NotFoundException.
  Json tags_of(const Context& context, const std::string& arn) const;
  void change_tags(Context& context, const std::string& arn,
                   const std::function<void(Json& tags)>& change);
  Json load_domain(const Context& context, const Json& input) const;
  // Throws unless API and stage of a mapping are there and its key is free; `self` is its own id.
  void check_mapping(const Context& context, const Json& domain, const Json& mapping,
                     const std::string& self) const;

  gateway::Platform& platform_;
  const Domains& domains_;
  V2Store store_;
  ServedApis served_;
  HttpApis http_apis_;
  WebSocketApis websockets_;
};

}  // namespace paddock::services::apigateway::v2
