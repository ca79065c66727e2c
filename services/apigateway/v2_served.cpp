#include "services/apigateway/v2_served.hpp"

#include "core/text.hpp"
#include "models/apigatewayv2.hpp"

namespace paddock::services::apigateway::v2 {

namespace m = models::apigatewayv2_members;

std::optional<V2Address> v2_address_of(std::string_view host, std::string_view path) {
  constexpr std::string_view kMark = ".execute-api.";
  constexpr std::string_view kPath = "/_aws/execute-api/";
  V2Address address;
  size_t mark = host.find(kMark);
  if (mark != std::string_view::npos && mark > 0 && host.find('.') == mark) {
    address.api = host.substr(0, mark);
  } else if (path.starts_with(kPath)) {
    path.remove_prefix(kPath.size());
    size_t slash = path.find('/');
    address.api = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
  }
  if (address.api.empty()) return std::nullopt;
  address.path = path.empty() ? "/" : path;
  return address;
}

ServedStageV2::ServedStageV2(Json given_stage, Json given_snapshot)
    : stage(std::move(given_stage)),
      snapshot(std::move(given_snapshot)),
      routes(snapshot.at(kRoutes)) {
  for (const auto& [id, integration] : snapshot.at(kIntegrations).items()) {
    if (integration.at(m::IntegrationType) == "AWS_PROXY") continue;
    websocket_integrations_.try_emplace(id, integration);
  }
  // As the schemas of REST APIs know their models: by name.
  Json schemas = Json::object();
  const Json models = snapshot.value(kModels, Json::object());
  for (const auto& [id, model] : models.items()) {
    schemas[model.at(m::Name).get<std::string>()]["schema"] = model.at(m::Schema);
  }
  for (const auto& [name, model] : schemas.items()) {
    models_.try_emplace(name, model["schema"].get_ref<const std::string&>(), schemas);
  }
}

std::string ServedStageV2::name() const {
  return stage.at(m::StageName).get<std::string>();
}

const Json* ServedStageV2::integration_of(const Json& route) const {
  auto target = route.find(m::Target);
  if (target == route.end()) return nullptr;
  const Json& integrations = snapshot.at(kIntegrations);
  auto found = integrations.find(integration_of_target(target->get_ref<const std::string&>()));
  return found == integrations.end() ? nullptr : &*found;
}

const WebSocketIntegration* ServedStageV2::websocket_integration_of(const Json& route) const {
  auto found = websocket_integrations_.find(integration_of_target(route.value(m::Target, "")));
  return found == websocket_integrations_.end() ? nullptr : &found->second;
}

const JsonSchema* ServedStageV2::model(const std::string& name) const {
  auto found = models_.find(name);
  return found == models_.end() ? nullptr : &found->second;
}

const Json* ServedStageV2::authorizer_of(const Json& route) const {
  auto id = route.find(m::AuthorizerId);
  if (id == route.end()) return nullptr;
  const Json& authorizers = snapshot.at(kAuthorizers);
  auto found = authorizers.find(id->get_ref<const std::string&>());
  return found == authorizers.end() ? nullptr : &*found;
}

Json ServedStageV2::settings_of(const std::string& route_key) const {
  Json settings = stage.value(m::DefaultRouteSettings, Json::object());
  auto own = stage.find(m::RouteSettings);
  if (own != stage.end() && own->contains(route_key)) settings.update((*own)[route_key]);
  return settings;
}

ServedApi::Choice ServedApi::choose(const V2Address& address) const {
  Choice choice;
  const std::string_view path = address.path;
  if (address.own_domain) {
    if (auto mapped = stages.find(address.stage); mapped != stages.end()) {
      choice.stage = mapped->second;
      choice.path = path;
      choice.sent_path = address.base_path + address.path;
    }
    return choice;
  }
  if (api.value(m::DisableExecuteApiEndpoint, false)) return choice;
  std::string_view rest = path.substr(path.starts_with('/') ? 1 : 0);
  size_t slash = rest.find('/');
  std::string first = url_decode(rest.substr(0, slash));
  if (auto named = stages.find(first); named != stages.end()) {
    choice.stage = named->second;
    choice.path = slash == std::string_view::npos ? "/" : rest.substr(slash);
    return choice;
  }
  if (auto fallback = stages.find(std::string_view("$default")); fallback != stages.end()) {
    choice.stage = fallback->second;
  }
  choice.path = path;
  return choice;
}

bool ServedApis::is_v2(const std::string& api) {
  return find(api) != nullptr;
}

std::shared_ptr<const ServedApi> ServedApis::find(const std::string& api) {
  {
    std::shared_lock lock(mutex_);
    auto found = apis_.find(api);
    if (found != apis_.end()) return found->second;
  }
  // Taken before reading, so that a change between read and insert is not overwritten.
  std::unique_lock lock(mutex_);
  if (!store_.owner(api)) return nullptr;
  if (apis_.size() >= kMostKept) apis_.clear();
  return apis_[api] = load(api);
}

std::shared_ptr<const ServedApi> ServedApis::load(const std::string& api) const {
  auto realm = store_.owner(api);
  auto definition = realm ? store_.api(realm->id, api) : std::nullopt;
  if (!definition) return nullptr;
  auto served = std::make_shared<ServedApi>();
  served->realm = realm;
  served->id = api;
  for (Json& stage : store_.all_of_api(kV2StageKind, realm->id, api)) {
    auto deployment =
        store_.of_api(kV2DeploymentKind, realm->id, api, stage.value(m::DeploymentId, ""));
    if (!deployment) continue;
    std::string name = stage.at(m::StageName);
    served->stages[name] = std::make_shared<const ServedStageV2>(
        std::move(stage), std::move((*deployment)[kSnapshot]));
  }
  for (const char* section : {kRoutes, kIntegrations, kAuthorizers, kModels}) {
    definition->erase(section);
  }
  served->api = *std::move(definition);
  return served;
}

void ServedApis::forget(const std::string& api) {
  std::unique_lock lock(mutex_);
  apis_.erase(api);
}

void ServedApis::clear() {
  std::unique_lock lock(mutex_);
  apis_.clear();
}

}  // namespace paddock::services::apigateway::v2
