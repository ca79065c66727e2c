#include "services/apigateway/v2_model.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/text.hpp"
#include "models/apigatewayv2.hpp"
#include "services/apigateway/http_api_mapping.hpp"
#include "services/apigateway/http_api_services.hpp"
#include "services/apigateway/integration_rules.hpp"
#include "services/apigateway/v2_errors.hpp"
#include "services/apigateway/v2_limits.hpp"

namespace paddock::services::apigateway::v2 {

namespace m = models::apigatewayv2_members;

namespace {

bool is_http_method(std::string_view method) {
  static constexpr std::array<std::string_view, 8> kMethods{"ANY",  "DELETE",  "GET",   "HEAD",
                                                            "POST", "OPTIONS", "PATCH", "PUT"};
  return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

bool is_variable_part(std::string_view part) {
  return part.size() > 2 && part.front() == '{' && part.back() == '}';
}

// A path of literals and variables; a greedy variable may only be the last part.
bool is_route_path(std::string_view path) {
  if (!path.starts_with('/')) return false;
  std::vector<std::string_view> parts = split(path.substr(1), '/');
  for (size_t i = 0; i < parts.size(); ++i) {
    std::string_view part = parts[i];
    bool last = i + 1 == parts.size();
    if (part.empty() && !last) return false;
    if (part.find_first_of("{}") == std::string_view::npos) continue;
    if (!is_variable_part(part)) return false;
    std::string_view name = part.substr(1, part.size() - 2);
    if (name.ends_with('+') && (!last || name.size() == 1)) return false;
    if (name.find_first_of("{}") != std::string_view::npos) return false;
  }
  return true;
}

// True if the paths have the same parts up to a place where both have a variable of other names.
bool variables_differ(std::string_view a, std::string_view b) {
  std::vector<std::string_view> left = split(a, '/');
  std::vector<std::string_view> right = split(b, '/');
  for (size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    if (left[i] == right[i]) continue;
    return is_variable_part(left[i]) && is_variable_part(right[i]) &&
           left[i].ends_with("+}") == right[i].ends_with("+}");
  }
  return false;
}

void set_default(Json& document, const char* member, Json value) {
  if (!document.contains(member)) document[member] = std::move(value);
}

void check_timeout(const Json& integration, int most) {
  int64_t timeout = integration.value(m::TimeoutInMillis, int64_t{most});
  if (timeout < kMinTimeoutMs || timeout > most) {
    throw errors::bad_request("Timeout should be between " + std::to_string(kMinTimeoutMs) +
                              " ms and " + std::to_string(most) + " ms");
  }
}

void check_response_mappings(const Json& integration) {
  const Json responses = integration.value(m::ResponseParameters, Json::object());
  for (const auto& [status, parameters] : responses.items()) {
    check_response_mapping(status, parameters);
  }
}

void check_vpc_link(const Json& integration) {
  if (integration.value(m::ConnectionType, "") != "VPC_LINK") return;
  if (integration.value(m::ConnectionId, "").empty()) {
    throw errors::bad_request("ConnectionId is a required parameter for VPC_LINK connections");
  }
}

void complete_http_integration(Json& integration) {
  std::string type = integration.value(m::IntegrationType, "");
  if (type != "AWS_PROXY" && type != "HTTP_PROXY") {
    throw errors::bad_request("Integration type " + type +
                              " is not supported for HTTP protocol. Must be one of [AWS_PROXY, "
                              "HTTP_PROXY]");
  }
  check_vpc_link(integration);
  check_response_mappings(integration);
  if (integration.contains(m::IntegrationSubtype)) {
    if (type != "AWS_PROXY") {
      throw errors::bad_request("IntegrationSubtype is only supported for AWS_PROXY integrations");
    }
    set_default(integration, m::PayloadFormatVersion, "1.0");
    if (integration[m::PayloadFormatVersion] != "1.0") {
      throw errors::bad_request("PayloadFormatVersion must be one of [1.0]");
    }
    set_default(integration, m::TimeoutInMillis, kMaxHttpTimeoutMs);
    check_timeout(integration, kMaxHttpTimeoutMs);
    return check_service_integration(integration);
  }
  bool function = type == "AWS_PROXY";
  if (function && !integration.contains(m::PayloadFormatVersion))
    throw errors::no_payload_version();
  set_default(integration, m::PayloadFormatVersion, "1.0");
  std::string version = integration[m::PayloadFormatVersion];
  if (version != "1.0" && version != "2.0") {
    throw errors::bad_request("PayloadFormatVersion must be one of [1.0, 2.0]");
  }
  if (integration.value(m::IntegrationUri, "").empty()) {
    throw errors::bad_request("IntegrationUri is a required parameter for integration");
  }
  if (!function && !integration.contains(m::IntegrationMethod)) {
    throw errors::bad_request("IntegrationMethod is a required parameter for HTTP_PROXY");
  }
  if (function) set_default(integration, m::IntegrationMethod, "POST");
  set_default(integration, m::TimeoutInMillis, kMaxHttpTimeoutMs);
  check_timeout(integration, kMaxHttpTimeoutMs);
  check_request_mapping(integration.value(m::RequestParameters, Json::object()));
}

void complete_websocket_integration(Json& integration) {
  std::string type = integration.value(m::IntegrationType, "");
  if (type.empty()) throw errors::bad_request("IntegrationType is a required parameter");
  check_vpc_link(integration);
  if (type != "MOCK" && integration.value(m::IntegrationUri, "").empty()) {
    throw errors::bad_request("IntegrationUri is a required parameter for integration");
  }
  // A proxy may name its function by its own ARN.
  if (type != "AWS_PROXY") {
    integration_rules::check_uri(type, integration.value(m::IntegrationUri, ""));
  }
  set_default(integration, m::PayloadFormatVersion, "1.0");
  set_default(integration, m::PassthroughBehavior, "WHEN_NO_MATCH");
  set_default(integration, m::IntegrationResponseSelectionExpression,
              type == "AWS" ? "${integration.response.body.errorMessage}"
                            : "${integration.response.statuscode}");
  if (type != "MOCK") set_default(integration, m::IntegrationMethod, "POST");
  set_default(integration, m::TimeoutInMillis, kMaxWebSocketTimeoutMs);
  check_timeout(integration, kMaxWebSocketTimeoutMs);
}

void check_model_name(const Json& api, const std::string& name) {
  for (const auto& [id, model] : api.at(kModels).items()) {
    if (model.at(m::Name) == name) return;
  }
  throw apigateway::errors::bad_model(name);
}

}  // namespace

bool is_websocket(const Json& api) {
  return api.value(m::ProtocolType, "") == "WEBSOCKET";
}

RouteKey::RouteKey(std::string_view key) {
  size_t space = key.find(' ');
  if (space == std::string_view::npos) return;
  method = key.substr(0, space);
  path = key.substr(space + 1);
}

void check_route_key(const Json& api, const std::string& key, const std::string& self) {
  RouteKey parts(key);
  if (is_websocket(api)) {
    if (key.empty()) throw errors::bad_request("RouteKey is a required parameter");
  } else if (key != "$default" && (!is_http_method(parts.method) || !is_route_path(parts.path))) {
    throw errors::bad_http_route_key();
  }
  for (const auto& [id, route] : api.at(kRoutes).items()) {
    if (id == self) continue;
    const auto& other = route.at(m::RouteKey).get_ref<const std::string&>();
    if (other == key) throw errors::route_exists(key);
    if (!is_websocket(api) && variables_differ(parts.path, RouteKey(other).path)) {
      throw errors::same_level_variable(key, other);
    }
  }
}

void check_stage_name(const Json& api, const std::string& name) {
  bool good = !name.empty() && name.size() <= kMaxStageName &&
              std::all_of(name.begin(), name.end(), [](unsigned char c) {
                return std::isalnum(c) != 0 || c == '_' || c == '-';
              });
  if (!is_websocket(api) && name == "$default") good = true;
  if (!good) throw errors::bad_request("Stage name only allows a-zA-Z0-9_-");
}

void check_texts(const Json& input) {
  if (auto name = input.find(m::Name); name != input.end()) {
    const auto& text = name->get_ref<const std::string&>();
    if (text.empty() || utf16_length(text) > kMaxName) {
      throw errors::bad_request("Name must have length between 1 and " + std::to_string(kMaxName));
    }
  }
  if (auto text = input.find(m::Description); text != input.end()) {
    if (utf16_length(text->get_ref<const std::string&>()) > kMaxDescription) {
      throw errors::bad_request("Description must have length less than or equal to " +
                                std::to_string(kMaxDescription));
    }
  }
  if (auto tags = input.find(m::Tags); tags != input.end() && tags->size() > kMaxTags) {
    throw errors::bad_request("Number of tags exceeds " + std::to_string(kMaxTags));
  }
}

void complete_integration(const Json& api, Json& integration) {
  set_default(integration, m::ConnectionType, "INTERNET");
  if (is_websocket(api)) {
    complete_websocket_integration(integration);
  } else {
    complete_http_integration(integration);
  }
}

void complete_authorizer(const Json& api, Json& authorizer) {
  bool jwt = authorizer.value(m::AuthorizerType, "") == "JWT";
  if (jwt) {
    if (is_websocket(api)) {
      throw errors::bad_request("JWT authorizers are only supported for HTTP protocol");
    }
    Json configuration = authorizer.value(m::JwtConfiguration, Json::object());
    if (configuration.value(m::Issuer, "").empty()) {
      throw errors::bad_request(
          "JwtConfiguration.Issuer is a required parameter for JWT authorizer");
    }
    if (configuration.value(m::Audience, Json::array()).empty()) {
      throw errors::bad_request(
          "JwtConfiguration.Audience is a required parameter for JWT authorizer");
    }
    if (authorizer.value(m::IdentitySource, Json::array()).size() != 1) {
      throw errors::bad_request("A JWT authorizer has exactly one identity source");
    }
    return;
  }
  if (authorizer.value(m::AuthorizerUri, "").empty()) {
    throw errors::bad_request("AuthorizerUri is a required parameter for REQUEST authorizer");
  }
  if (is_websocket(api)) return;
  std::string version = authorizer.value(m::AuthorizerPayloadFormatVersion, "");
  if (version != "1.0" && version != "2.0") {
    throw errors::bad_request(
        "AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizer. Supported "
        "values are 1.0 and 2.0");
  }
  set_default(authorizer, m::EnableSimpleResponses, false);
  if (authorizer[m::EnableSimpleResponses].get<bool>() && version == "1.0") {
    throw errors::bad_request("EnableSimpleResponses requires AuthorizerPayloadFormatVersion 2.0");
  }
  bool sources = !authorizer.value(m::IdentitySource, Json::array()).empty();
  set_default(authorizer, m::AuthorizerResultTtlInSeconds, sources ? 300 : 0);
  if (!sources && authorizer[m::AuthorizerResultTtlInSeconds].get<int64_t>() > 0) {
    throw errors::bad_request("An authorizer that caches its results needs an identity source");
  }
}

void complete_route(const Json& api, Json& route) {
  set_default(route, m::ApiKeyRequired, false);
  set_default(route, m::AuthorizationType, "NONE");
  std::string type = route[m::AuthorizationType];
  const bool websocket = is_websocket(api);
  if (websocket && type == "JWT") {
    throw errors::bad_request("AuthorizationType JWT is not supported for WEBSOCKET protocol");
  }
  if (route[m::ApiKeyRequired].get<bool>()) {
    if (!websocket) {
      throw errors::bad_request("ApiKeyRequired is not currently supported for HTTP APIs");
    }
    throw errors::not_emulated("ApiKeyRequired of a WebSocket route");
  }
  if (websocket && type != "NONE" && route.at(m::RouteKey) != "$connect") {
    throw errors::bad_request("Currently, authorization is restricted to the $connect route only");
  }
  if (type == "JWT" || type == "CUSTOM") {
    std::string id = route.value(m::AuthorizerId, "");
    auto found = api.at(kAuthorizers).find(id);
    if (found == api.at(kAuthorizers).end()) {
      throw errors::bad_request(
          "Invalid authorizer ID specified. Setting the authorization type to " + type +
          " requires a valid authorizer.");
    }
    if ((found->at(m::AuthorizerType) == "JWT") != (type == "JWT")) {
      throw errors::bad_request("The authorizer " + id +
                                " is not of the route's authorization type");
    }
  }
  const Json models = websocket ? route.value(m::RequestModels, Json::object()) : Json::object();
  for (const auto& [key, name] : models.items()) check_model_name(api, name.get<std::string>());
  if (auto target = route.find(m::Target); target != route.end()) {
    std::string id = integration_of_target(target->get_ref<const std::string&>());
    if (!api.at(kIntegrations).contains(id)) throw errors::no_such_part("Integration", id);
  }
}

void check_api(const Json& api) {
  check_texts(api);
  if (is_websocket(api)) {
    if (api.value(m::RouteSelectionExpression, "").empty()) {
      throw errors::bad_request("RouteSelectionExpression is a required parameter for WEBSOCKET");
    }
    if (api.contains(m::CorsConfiguration)) {
      throw errors::bad_request("CORS configuration is not supported for WEBSOCKET protocol");
    }
  } else if (api.at(m::RouteSelectionExpression) != kHttpRouteSelection) {
    throw errors::bad_request("RouteSelectionExpression must be " +
                              std::string(kHttpRouteSelection) + " for HTTP protocol");
  }
  if (api.contains(m::CorsConfiguration)) check_cors(api[m::CorsConfiguration]);
}

void check_cors(const Json& cors) {
  if (!cors.value(m::AllowCredentials, false)) return;
  for (const char* member : {m::AllowOrigins, m::AllowHeaders, m::AllowMethods, m::ExposeHeaders}) {
    Json values = cors.value(member, Json::array());
    if (std::find(values.begin(), values.end(), Json("*")) != values.end()) {
      throw errors::bad_request("With AllowCredentials, " + std::string(member) +
                                " cannot have the wildcard *");
    }
  }
}

std::string integration_of_target(std::string_view target) {
  constexpr std::string_view kPrefix = "integrations/";
  return target.starts_with(kPrefix) ? std::string(target.substr(kPrefix.size())) : std::string();
}

void merge_members(Json& document, const Json& changes, std::initializer_list<const char*> merged) {
  for (const auto& [name, value] : changes.items()) {
    bool merge = std::find(merged.begin(), merged.end(), name) != merged.end();
    if (!merge || !value.is_object() || !document.contains(name)) {
      document[name] = value;
      continue;
    }
    for (const auto& [key, element] : value.items()) document[name][key] = element;
  }
  for (const char* name : merged) {
    auto map = document.find(name);
    if (map == document.end() || !map->is_object()) continue;
    for (auto entry = map->begin(); entry != map->end();) {
      bool empty = (entry->is_string() && entry->get_ref<const std::string&>().empty()) ||
                   (entry->is_object() && entry->empty());
      entry = empty ? map->erase(entry) : std::next(entry);
    }
  }
}

Json snapshot_of(const Json& api) {
  Json snapshot = Json::object();
  for (const char* member : {kRoutes, kIntegrations, kAuthorizers, kModels, m::CorsConfiguration,
                             m::RouteSelectionExpression}) {
    if (api.contains(member)) snapshot[member] = api[member];
  }
  return snapshot;
}

void point_stage(Json& stage, const std::string& deployment, int64_t now_ms) {
  stage[m::DeploymentId] = deployment;
  stage[m::LastDeploymentStatusMessage] =
      "Successfully deployed stage with deployment ID '" + deployment + "'";
  stage[m::LastUpdatedDate] = whole_seconds(now_ms);
}

Json page(std::vector<Json> items, const char* id, const Json& input) {
  size_t most = kDefaultPage;
  if (auto given = input.find(m::MaxResults); given != input.end()) {
    const auto& text = given->get_ref<const std::string&>();
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), most);
    if (error != std::errc() || end != text.data() + text.size() || most == 0) {
      throw errors::bad_request("Invalid value for MaxResults: " + text);
    }
    most = std::min(most, kMaxPage);
  }
  std::sort(items.begin(), items.end(), [id](const Json& a, const Json& b) {
    return a.at(id).get_ref<const std::string&>() < b.at(id).get_ref<const std::string&>();
  });
  auto first = items.begin();
  if (auto token = input.find(m::NextToken); token != input.end()) {
    auto start = from_base64(token->get_ref<const std::string&>());
    if (!start) throw errors::bad_request("Invalid NextToken");
    first = std::find_if(items.begin(), items.end(), [id, &start](const Json& item) {
      return item.at(id).get_ref<const std::string&>() >= *start;
    });
  }
  Json answer = {{m::Items, Json::array()}};
  for (; first != items.end() && answer[m::Items].size() < most; ++first) {
    answer[m::Items].push_back(std::move(*first));
  }
  if (first != items.end()) {
    answer[m::NextToken] = to_base64(first->at(id).get_ref<const std::string&>());
  }
  return answer;
}

std::vector<Json> values_of(const Json& map, const char* hidden) {
  std::vector<Json> values;
  for (const auto& [id, value] : map.items()) {
    values.push_back(value);
    if (hidden) values.back().erase(hidden);
  }
  return values;
}

}  // namespace paddock::services::apigateway::v2
