// Deployments: snapshots of an API's definition that stages serve.
#include <algorithm>

#include "models/apigateway.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/limits.hpp"
#include "services/apigateway/patch.hpp"
#include "services/apigateway/stages.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace deployments_detail {

using Context = gateway::RequestContext;
using gateway::Output;
using Kind = PatchRule::Kind;

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

// A deployment as answers show it; with its methods by path if "apisummary" is embedded.
Json deployment_view(Json deployment, const Json& input) {
  Json resources = std::move(deployment[kResources]);
  for (const char* part : kSnapshot) deployment.erase(part);
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

void check_canary_stage(const Control& control, const Context& context, const Json& input) {
  if (!input.contains(m::canarySettings)) return;
  static const std::string kInvalid = "Invalid deployment content specified.";
  std::string name = input.value(m::stageName, "");
  if (name.empty()) {
    throw errors::bad_request(
        kInvalid +
        "Non null and non empty stageName must be provided for canary deployment. Provided value "
        "is " +
        (input.contains(m::stageName) ? "" : "null"));
  }
  if (!control.store.stage(context.realm->id, input[m::restApiId], name)) {
    throw errors::bad_request(kInvalid + "Stage " + name +
                              " must already be created before making a canary release deployment");
  }
}

// What a deployment to a stage leaves of it: a canary deployment leaves what most requests see.
void deploy_to(Json& stage, const Json& input, const std::string& deployment) {
  if (input.contains(m::canarySettings)) {
    Json settings = input[m::canarySettings];
    settings[m::deploymentId] = deployment;
    stage[m::canarySettings] = new_canary_settings(settings, stage);
  } else {
    stage[m::deploymentId] = deployment;
  }
  if (input.contains(m::variables)) stage[m::variables] = input[m::variables];
  if (input.contains(m::stageDescription)) stage[m::description] = input[m::stageDescription];
  if (input.contains(m::tracingEnabled)) stage[m::tracingEnabled] = input[m::tracingEnabled];
  if (input.contains(m::cacheClusterEnabled)) {
    stage[m::cacheClusterEnabled] = input[m::cacheClusterEnabled];
  }
  if (input.contains(m::cacheClusterSize)) {
    stage[m::cacheClusterSize] = input[m::cacheClusterSize];
  }
  settle_cache_cluster(stage);
}

Output create_deployment(Control& control, Context& context, Json input) {
  std::string api_id = input[m::restApiId];
  auto lock = control.lock_api(context, api_id);
  Json api = control.load_api(context, input);
  std::string stage_name = input.value(m::stageName, "");
  check_canary_stage(control, context, input);
  if (!stage_name.empty()) check_stage_name(stage_name);
  check_stage_variables(input.value(m::variables, Json()));
  check_deployable(api[kResources]);
  RealmId realm = context.realm->id;
  std::string id = control.new_id(context, "deployment", 6);
  Json deployment = {{m::id, id}, {m::createdDate, control.now_seconds()}};
  for (const char* part : kSnapshot) {
    if (api.contains(part)) deployment[part] = std::move(api[part]);
  }
  if (input.contains(m::description)) deployment[m::description] = input[m::description];
  storage::Batch batch;
  control.store.put_deployment(batch, realm, api_id, deployment);
  if (!stage_name.empty()) {
    auto stage = control.store.stage(realm, api_id, stage_name);
    if (!stage) {
      check_number_of_stages(control.store.stages(realm, api_id).size());
      stage = new_stage(control, input, id);
    }
    deploy_to(*stage, input, id);
    (*stage)[m::lastUpdatedDate] = control.now_seconds();
    control.store.put_stage(batch, realm, api_id, *stage);
  }
  context.commit(batch);
  control.changed(api_id);
  return deployment_view(std::move(deployment), Json::object());
}

Json load_deployment(const Control& control, const Context& context, const Json& input) {
  control.load_api(context, input);
  auto deployment =
      control.store.deployment(context.realm->id, input[m::restApiId], input[m::deploymentId]);
  if (!deployment) throw errors::no_such_deployment();
  return *std::move(deployment);
}

Output get_deployment(Control& control, Context& context, Json input) {
  return deployment_view(load_deployment(control, context, input), input);
}

Output get_deployments(Control& control, Context& context, Json input) {
  control.load_api(context, input);
  Json items = Json::array();
  for (auto& deployment : control.store.deployments(context.realm->id, input[m::restApiId])) {
    items.push_back(deployment_view(std::move(deployment), Json::object()));
  }
  return page_of(std::move(items), input);
}

Output update_deployment(Control& control, Context& context, Json input) {
  static const std::map<std::string, PatchRule> kRules{{m::description, {Kind::text}}};
  std::string api_id = input[m::restApiId];
  auto lock = control.lock_api(context, api_id);
  Json deployment = load_deployment(control, context, input);
  apply_patches(deployment, input.value(m::patchOperations, Json()), kRules);
  storage::Batch batch;
  control.store.put_deployment(batch, context.realm->id, api_id, deployment);
  context.commit(batch);
  return deployment_view(std::move(deployment), Json::object());
}

Output delete_deployment(Control& control, Context& context, Json input) {
  std::string api_id = input[m::restApiId];
  std::string id = input[m::deploymentId];
  auto lock = control.lock_api(context, api_id);
  load_deployment(control, context, input);
  RealmId realm = context.realm->id;
  for (const auto& stage : control.store.stages(realm, api_id)) {
    const Json canary = stage.value(m::canarySettings, Json::object());
    if (stage[m::deploymentId] == id || canary.value(m::deploymentId, "") == id) {
      throw errors::deployment_in_use();
    }
  }
  storage::Batch batch;
  control.store.erase_deployment(batch, realm, api_id, id);
  context.commit(batch);
  return Json::object();
}

}  // namespace deployments_detail

std::vector<ControlRow> deployment_rows() {
  namespace d = deployments_detail;
  return {
      {"CreateDeployment", d::create_deployment, "apigateway:POST"},
      {"GetDeployment", d::get_deployment, "apigateway:GET"},
      {"GetDeployments", d::get_deployments, "apigateway:GET"},
      {"UpdateDeployment", d::update_deployment, "apigateway:PATCH"},
      {"DeleteDeployment", d::delete_deployment, "apigateway:DELETE"},
  };
}

}  // namespace paddock::services::apigateway
