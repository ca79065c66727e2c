// Integrations and their responses.
#include "models/apigatewayv2.hpp"
#include "services/apigateway/v2_errors.hpp"
#include "services/apigateway/v2_limits.hpp"
#include "services/apigateway/v2_service.hpp"

namespace paddock::services::apigateway::v2 {

namespace m = models::apigatewayv2_members;

namespace {

constexpr Part kIntegrationPart{kIntegrations, m::IntegrationId, "Integration", kMaxIntegrations};
constexpr Part kIntegrationResponsePart{kIntegrationResponses, m::IntegrationResponseId,
                                        "IntegrationResponse", kMaxIntegrations};

// Routes point at integrations by "integrations/ID".
bool is_target(const Json& api, const std::string& id) {
  for (const auto& [route_id, route] : api.at(kRoutes).items()) {
    if (integration_of_target(route.value(m::Target, "")) == id) return true;
  }
  return false;
}

}  // namespace

gateway::Output GatewayV2::create_integration(Context& context, Json input) {
  return create_part(context, std::move(input), kIntegrationPart, complete_integration);
}

gateway::Output GatewayV2::get_integration(Context& context, Json input) {
  return get_part(context, input, kIntegrationPart, kIntegrationResponses);
}

gateway::Output GatewayV2::get_integrations(Context& context, Json input) {
  return get_parts(context, input, kIntegrationPart, kIntegrationResponses);
}

gateway::Output GatewayV2::update_integration(Context& context, Json input) {
  check_texts(input);
  return change_api(context, input, [&input](Json& api, const std::string&) {
    Json integration = part_of(api, kIntegrationPart, input);
    Json changes = input;
    changes.erase(m::ApiId);
    changes.erase(m::IntegrationId);
    merge_members(integration, changes, {m::RequestParameters, m::ResponseParameters});
    complete_integration(api, integration);
    api[kIntegrations][input.at(m::IntegrationId).get<std::string>()] = integration;
    integration.erase(kIntegrationResponses);
    return integration;
  });
}

gateway::Output GatewayV2::delete_integration(Context& context, Json input) {
  return change_api(context, input, [&input](Json& api, const std::string&) {
    std::string id = input.at(m::IntegrationId);
    part_of(api, kIntegrationPart, input);
    if (is_target(api, id)) {
      throw errors::conflict("Cannot delete Integration '" + id +
                             "' due to it is referenced by the route(s) of this API");
    }
    api[kIntegrations].erase(id);
    return Json::object();
  });
}

gateway::Output GatewayV2::create_integration_response(Context& context, Json input) {
  return create_response(context, std::move(input), kIntegrationPart, kIntegrationResponsePart);
}

gateway::Output GatewayV2::get_integration_response(Context& context, Json input) {
  return get_response(context, input, kIntegrationPart, kIntegrationResponsePart);
}

gateway::Output GatewayV2::get_integration_responses(Context& context, Json input) {
  return get_responses(context, input, kIntegrationPart, kIntegrationResponsePart);
}

gateway::Output GatewayV2::update_integration_response(Context& context, Json input) {
  return update_response(context, std::move(input), kIntegrationPart, kIntegrationResponsePart);
}

gateway::Output GatewayV2::delete_integration_response(Context& context, Json input) {
  return delete_response(context, input, kIntegrationPart, kIntegrationResponsePart);
}

}  // namespace paddock::services::apigateway::v2
