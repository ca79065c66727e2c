// Routes and their responses.
#include "models/apigatewayv2.hpp"
#include "services/apigateway/v2_errors.hpp"
#include "services/apigateway/v2_limits.hpp"
#include "services/apigateway/v2_service.hpp"

namespace paddock::services::apigateway::v2 {

namespace m = models::apigatewayv2_members;

namespace {

constexpr Part kRoutePart{kRoutes, m::RouteId, "Route", kMaxRoutes};
constexpr Part kRouteResponsePart{kRouteResponses, m::RouteResponseId, "RouteResponse", kMaxRoutes};

void complete_new_route(const Json& api, Json& route) {
  check_route_key(api, route.at(m::RouteKey), "");
  complete_route(api, route);
}

Json route_view(Json route) {
  route.erase(kRouteResponses);
  return route;
}

}  // namespace

gateway::Output GatewayV2::create_route(Context& context, Json input) {
  return create_part(context, std::move(input), kRoutePart, complete_new_route);
}

gateway::Output GatewayV2::get_route(Context& context, Json input) {
  return get_part(context, input, kRoutePart, kRouteResponses);
}

gateway::Output GatewayV2::get_routes(Context& context, Json input) {
  return get_parts(context, input, kRoutePart, kRouteResponses);
}

gateway::Output GatewayV2::update_route(Context& context, Json input) {
  return change_api(context, input, [&input](Json& api, const std::string&) {
    std::string id = input.at(m::RouteId);
    Json route = part_of(api, kRoutePart, input);
    if (input.contains(m::RouteKey)) check_route_key(api, input[m::RouteKey], id);
    Json changes = input;
    changes.erase(m::ApiId);
    changes.erase(m::RouteId);
    merge_members(route, changes);
    for (const char* member : {m::AuthorizerId, m::Target}) {
      if (route.value(member, "-").empty()) route.erase(member);
    }
    if (route.value(m::AuthorizationType, "") == "NONE") route.erase(m::AuthorizerId);
    complete_route(api, route);
    api[kRoutes][id] = route;
    return route_view(std::move(route));
  });
}

gateway::Output GatewayV2::delete_route(Context& context, Json input) {
  return delete_part(context, input, kRoutePart);
}

gateway::Output GatewayV2::delete_route_parameter(Context& context, Json input) {
  return change_api(context, input, [&input](Json& api, const std::string&) {
    Json& route = part_of(api, kRoutePart, input);
    std::string key = input.at(m::RequestParameterKey);
    if (!route.contains(m::RequestParameters) || !route[m::RequestParameters].contains(key)) {
      throw errors::no_such_part("RequestParameter", key);
    }
    route[m::RequestParameters].erase(key);
    return Json::object();
  });
}

gateway::Output GatewayV2::create_route_response(Context& context, Json input) {
  return create_response(context, std::move(input), kRoutePart, kRouteResponsePart);
}

gateway::Output GatewayV2::get_route_response(Context& context, Json input) {
  return get_response(context, input, kRoutePart, kRouteResponsePart);
}

gateway::Output GatewayV2::get_route_responses(Context& context, Json input) {
  return get_responses(context, input, kRoutePart, kRouteResponsePart);
}

gateway::Output GatewayV2::update_route_response(Context& context, Json input) {
  return update_response(context, std::move(input), kRoutePart, kRouteResponsePart);
}

gateway::Output GatewayV2::delete_route_response(Context& context, Json input) {
  return delete_response(context, input, kRoutePart, kRouteResponsePart);
}

}  // namespace paddock::services::apigateway::v2
