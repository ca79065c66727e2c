// Deployments, which are snapshots of an API's resources, and the stages that serve them.
#include <algorithm>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/limits.hpp"
#include "services/apigateway/patch.hpp"
#include "services/apigateway/service.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace {

void check_deployable(const Json& resources) {
  size_t methods = 0;
  for (const auto& [id, resource] : resources.items()) {
    if (!resource.contains(m::resourceMethods)) continue;
    for (const auto& [name, method] : resource[m::resourceMethods].items()) {
      ++methods;
      if (!method.contains(m::methodIntegration)) throw errors::no_integration();
    }
  }
  if (methods == 0) throw errors::nothing_to_deploy();
}

void check_stage_name(const std::string& name) {
  bool good = !name.empty() && name.size() <= kMaxStageName &&
              std::all_of(name.begin(), name.end(),
                          [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-'; });
  if (!good) throw errors::bad_stage_name();
}

void check_stage_settings(const Json& input) {
  if (input.contains(m::canarySettings)) throw errors::not_emulated("canarySettings of a stage");
  if (input.value(m::cacheClusterEnabled, false)) {
    throw errors::not_emulated("cacheClusterEnabled of a stage");
  }
}

void check_number_of_stages(size_t present) {
  if (present >= kMaxStages) {
    throw errors::limit_exceeded("Maximum number of stages for this API has been reached.");
  }
}

// Names what AWS has and this emulator does not, before `rules` refuse the rest as AWS does.
void check_stage_patches(const Json& operations, const std::map<std::string, PatchRule>& rules) {
  for (const auto& operation : operations) {
    std::string path = operation.value(m::path, "");
    std::string_view rest = std::string_view(path).substr(path.starts_with('/') ? 1 : 0);
    std::string first(rest.substr(0, rest.find('/')));
    if (rules.contains(first)) continue;
    bool is_method_setting = std::count(path.begin(), path.end(), '/') >= 4;
    for (const char* member : {m::cacheClusterEnabled, m::cacheClusterSize, m::clientCertificateId,
                               m::accessLogSettings, m::canarySettings}) {
      if (first == member || is_method_setting) {
        throw errors::not_emulated("UpdateStage of " + path);
      }
    }
    throw errors::bad_stage_path(path);
  }
}

// A deployment as answers show it; with its methods by path if "apisummary" is embedded.
Json deployment_view(Json deployment, const Json& input) {
  Json resources = std::move(deployment[kResources]);
  deployment.erase(kResources);
  Json embed = input.value(m::embed, Json::array());
  if (std::find(embed.begin(), embed.end(), Json("apisummary")) == embed.end()) return deployment;
  Json summary = Json::object();
  for (const auto& [id, resource] : resources.items()) {
    if (!resource.contains(m::resourceMethods)) continue;
    for (const auto& [name, method] : resource[m::resourceMethods].items()) {
      summary[resource[m::path].get<std::string>()][name] = {
          {m::authorizationType, method[m::authorizationType]},
          {m::apiKeyRequired, method[m::apiKeyRequired]}};
    }
  }
  deployment[m::apiSummary] = std::move(summary);
  return deployment;
}

int64_t to_seconds(WorldTime time) {
  return time.ms / 1000 * 1000;
}

}  // namespace

Json ApiGateway::new_stage(const Context& context, const Json& input,
                           const std::string& deployment) const {
  check_stage_settings(input);
  int64_t now = to_seconds(context.platform.world.now());
  Json stage = {{m::stageName, input[m::stageName]},
                {m::deploymentId, deployment},
                {m::cacheClusterEnabled, false},
                {m::cacheClusterStatus, "NOT_AVAILABLE"},
                {m::methodSettings, Json::object()},
                {m::tracingEnabled, input.value(m::tracingEnabled, false)},
                {m::createdDate, now},
                {m::lastUpdatedDate, now}};
  for (const char* member : {m::variables, m::documentationVersion, m::tags}) {
    if (input.contains(member)) stage[member] = input[member];
  }
  return stage;
}

gateway::Output ApiGateway::create_deployment(Context& context, Json input) {
  check_stage_settings(input);
  std::string api_id = input[m::restApiId];
  std::string stage_name = input.value(m::stageName, "");
  if (!stage_name.empty()) check_stage_name(stage_name);
  auto lock = lock_api(context, api_id);
  Json api = load_api(context, input);
  check_deployable(api[kResources]);
  RealmId realm = context.realm->id;
  WorldTime now = context.platform.world.now();
  Json deployment = {{m::id, context.platform.ids.base36(realm, "deployment", 6)},
                     {m::createdDate, to_seconds(now)},
                     {kResources, std::move(api[kResources])}};
  if (input.contains(m::description)) deployment[m::description] = input[m::description];
  storage::Batch batch;
  store_.put_deployment(batch, realm, api_id, deployment);
  if (!stage_name.empty()) {
    std::string id = deployment[m::id];
    auto stage = store_.stage(realm, api_id, stage_name);
    if (!stage) {
      check_number_of_stages(store_.stages(realm, api_id).size());
      stage = new_stage(context, input, id);
      if (input.contains(m::stageDescription)) {
        (*stage)[m::description] = input[m::stageDescription];
      }
    } else {
      (*stage)[m::deploymentId] = id;
      (*stage)[m::lastUpdatedDate] = to_seconds(now);
      if (input.contains(m::variables)) (*stage)[m::variables] = input[m::variables];
    }
    store_.put_stage(batch, realm, api_id, *stage);
  }
  context.commit(batch);
  forget_served(api_id);
  return deployment_view(std::move(deployment), Json::object());
}

gateway::Output ApiGateway::get_deployment(Context& context, Json input) {
  load_api(context, input);
  auto deployment =
      store_.deployment(context.realm->id, input[m::restApiId], input[m::deploymentId]);
  if (!deployment) throw errors::no_such_deployment();
  return deployment_view(*std::move(deployment), input);
}

gateway::Output ApiGateway::get_deployments(Context& context, Json input) {
  load_api(context, input);
  Json items = Json::array();
  for (auto& deployment : store_.deployments(context.realm->id, input[m::restApiId])) {
    items.push_back(deployment_view(std::move(deployment), Json::object()));
  }
  return page_of(std::move(items), input);
}

gateway::Output ApiGateway::update_deployment(Context& context, Json input) {
  static const std::map<std::string, PatchRule> kRules{
      {m::description, {PatchRule::Kind::text, nullptr}}};
  std::string api_id = input[m::restApiId];
  auto lock = lock_api(context, api_id);
  load_api(context, input);
  auto deployment = store_.deployment(context.realm->id, api_id, input[m::deploymentId]);
  if (!deployment) throw errors::no_such_deployment();
  apply_patches(*deployment, input.value(m::patchOperations, Json()), kRules);
  storage::Batch batch;
  store_.put_deployment(batch, context.realm->id, api_id, *deployment);
  context.commit(batch);
  return deployment_view(*std::move(deployment), Json::object());
}

gateway::Output ApiGateway::delete_deployment(Context& context, Json input) {
  std::string api_id = input[m::restApiId];
  std::string id = input[m::deploymentId];
  auto lock = lock_api(context, api_id);
  load_api(context, input);
  RealmId realm = context.realm->id;
  if (!store_.deployment(realm, api_id, id)) throw errors::no_such_deployment();
  for (const auto& stage : store_.stages(realm, api_id)) {
    if (stage[m::deploymentId] == id) throw errors::deployment_in_use();
  }
  storage::Batch batch;
  store_.erase_deployment(batch, realm, api_id, id);
  context.commit(batch);
  return Json::object();
}

gateway::Output ApiGateway::create_stage(Context& context, Json input) {
  std::string api_id = input[m::restApiId];
  std::string name = input[m::stageName];
  check_stage_name(name);
  auto lock = lock_api(context, api_id);
  load_api(context, input);
  RealmId realm = context.realm->id;
  std::string deployment = input[m::deploymentId];
  if (!store_.deployment(realm, api_id, deployment)) {
    throw errors::bad_request("Deployment id does not exist");
  }
  auto stages = store_.stages(realm, api_id);
  for (const auto& stage : stages) {
    if (stage[m::stageName] == name) throw errors::stage_exists();
  }
  check_number_of_stages(stages.size());
  Json stage = new_stage(context, input, deployment);
  if (input.contains(m::description)) stage[m::description] = input[m::description];
  storage::Batch batch;
  store_.put_stage(batch, realm, api_id, stage);
  context.commit(batch);
  forget_served(api_id);
  return stage;
}

gateway::Output ApiGateway::get_stage(Context& context, Json input) {
  load_api(context, input);
  auto stage = store_.stage(context.realm->id, input[m::restApiId], input[m::stageName]);
  if (!stage) throw errors::no_such_stage();
  return *std::move(stage);
}

gateway::Output ApiGateway::get_stages(Context& context, Json input) {
  load_api(context, input);
  Json items = Json::array();
  std::string deployment = input.value(m::deploymentId, "");
  for (auto& stage : store_.stages(context.realm->id, input[m::restApiId])) {
    if (deployment.empty() || stage[m::deploymentId] == deployment) items.push_back(stage);
  }
  return Json{{m::item, std::move(items)}};
}

gateway::Output ApiGateway::update_stage(Context& context, Json input) {
  static const std::map<std::string, PatchRule> kRules{
      {m::deploymentId, {PatchRule::Kind::text, nullptr}},
      {m::description, {PatchRule::Kind::text, nullptr}},
      {m::documentationVersion, {PatchRule::Kind::text, nullptr}},
      {m::tracingEnabled, {PatchRule::Kind::boolean, nullptr, true}},
      {m::variables, {PatchRule::Kind::member, nullptr}},
  };
  std::string api_id = input[m::restApiId];
  auto lock = lock_api(context, api_id);
  load_api(context, input);
  RealmId realm = context.realm->id;
  auto stage = store_.stage(realm, api_id, input[m::stageName]);
  if (!stage) throw errors::no_such_stage();
  check_stage_patches(input.value(m::patchOperations, Json::array()), kRules);
  apply_patches(*stage, input.value(m::patchOperations, Json()), kRules);
  if (!store_.deployment(realm, api_id, stage->value(m::deploymentId, ""))) {
    throw errors::bad_request("Deployment id does not exist");
  }
  (*stage)[m::lastUpdatedDate] = to_seconds(context.platform.world.now());
  storage::Batch batch;
  store_.put_stage(batch, realm, api_id, *stage);
  context.commit(batch);
  forget_served(api_id);
  return *std::move(stage);
}

gateway::Output ApiGateway::delete_stage(Context& context, Json input) {
  std::string api_id = input[m::restApiId];
  std::string name = input[m::stageName];
  auto lock = lock_api(context, api_id);
  load_api(context, input);
  if (!store_.stage(context.realm->id, api_id, name)) throw errors::no_such_stage();
  storage::Batch batch;
  store_.erase_stage(batch, context.realm->id, api_id, name);
  context.commit(batch);
  forget_served(api_id);
  return Json::object();
}

}  // namespace paddock::services::apigateway
