// Stages and deployments.
#include "core/clock.hpp"
#include "models/apigatewayv2.hpp"
#include "services/apigateway/v2_errors.hpp"
#include "services/apigateway/v2_limits.hpp"
#include "services/apigateway/v2_service.hpp"

namespace paddock::services::apigateway::v2 {

namespace m = models::apigatewayv2_members;

namespace {

void check_stage(const Json& api, const Json& stage) {
  if (stage.contains(m::ClientCertificateId)) {
    throw errors::not_emulated("ClientCertificateId of a stage");
  }
  check_texts(stage);
  if (!stage.contains(m::RouteSettings)) return;
  for (const auto& [key, settings] : stage[m::RouteSettings].items()) {
    bool known = false;
    for (const auto& [id, route] : api.at(kRoutes).items()) {
      known = known || route.at(m::RouteKey) == key;
    }
    if (!known) throw errors::no_route_of_settings(key);
  }
}

Json deployment_view(Json deployment) {
  deployment.erase(kSnapshot);
  return deployment;
}

AwsError auto_deployed_stage() {
  return errors::bad_request("Deployment ID cannot be set on Stage with AutoDeploy enabled");
}

}  // namespace

gateway::Output GatewayV2::create_stage(Context& context, Json input) {
  std::string api_id = input[m::ApiId];
  std::string name = input[m::StageName];
  auto held = lock(context, kV2ApiKind, api_id);
  Json api = load_api(context, input);
  RealmId realm = context.realm->id;
  check_stage_name(api, name);
  check_stage(api, input);
  auto stages = store_.all_of_api(kV2StageKind, realm, api_id);
  for (const auto& stage : stages) {
    if (stage[m::StageName] == name) throw errors::stage_exists();
  }
  if (stages.size() >= kMaxStages) throw errors::too_many("Stages");
  int64_t now = context.platform.world.now().ms;
  Json stage = {{m::CreatedDate, whole_seconds(now)},
                {m::LastUpdatedDate, whole_seconds(now)},
                {m::AutoDeploy, false},
                {m::DefaultRouteSettings, {{m::DetailedMetricsEnabled, false}}},
                {m::RouteSettings, Json::object()},
                {m::StageVariables, Json::object()},
                {m::Tags, Json::object()}};
  Json given = input;
  given.erase(m::ApiId);
  merge_members(stage, given, {m::DefaultRouteSettings});
  storage::Batch batch;
  if (stage[m::AutoDeploy].get<bool>()) {
    if (input.contains(m::DeploymentId)) throw auto_deployed_stage();
    if (!api[kRoutes].empty()) {
      Json more = {
          {m::AutoDeployed, true},
          {m::Description, "Automatic deployment triggered by changes to the Api configuration"}};
      point_stage(stage, deploy(context, batch, api, more)[m::DeploymentId], now);
    }
  } else if (input.contains(m::DeploymentId)) {
    std::string id = input[m::DeploymentId];
    if (!store_.of_api(kV2DeploymentKind, realm, api_id, id)) {
      throw errors::no_such_part("Deployment", id);
    }
    point_stage(stage, id, now);
  }
  store_.put_of_api(batch, kV2StageKind, realm, api_id, stage);
  context.commit(batch);
  served_.forget(api_id);
  return stage;
}

gateway::Output GatewayV2::get_stage(Context& context, Json input) {
  load_api(context, input);
  auto stage = store_.of_api(kV2StageKind, context.realm->id, input[m::ApiId], input[m::StageName]);
  if (!stage) throw errors::no_such_stage();
  return *std::move(stage);
}

gateway::Output GatewayV2::get_stages(Context& context, Json input) {
  load_api(context, input);
  return page(store_.all_of_api(kV2StageKind, context.realm->id, input[m::ApiId]), m::StageName,
              input);
}

gateway::Output GatewayV2::change_stage(Context& context, const Json& input,
                                        const std::function<void(const Json&, Json&)>& change) {
  std::string api_id = input.at(m::ApiId);
  auto held = lock(context, kV2ApiKind, api_id);
  Json api = load_api(context, input);
  RealmId realm = context.realm->id;
  auto stage = store_.of_api(kV2StageKind, realm, api_id, input.at(m::StageName));
  if (!stage) throw errors::no_such_stage();
  change(api, *stage);
  (*stage)[m::LastUpdatedDate] = whole_seconds(context.platform.world.now().ms);
  storage::Batch batch;
  store_.put_of_api(batch, kV2StageKind, realm, api_id, *stage);
  context.commit(batch);
  served_.forget(api_id);
  return *std::move(stage);
}

gateway::Output GatewayV2::update_stage(Context& context, Json input) {
  Output answer =
      change_stage(context, input, [this, &context, &input](const Json& api, Json& stage) {
        Json changes = input;
        changes.erase(m::ApiId);
        merge_members(stage, changes,
                      {m::StageVariables, m::DefaultRouteSettings, m::RouteSettings});
        check_stage(api, stage);
        if (!input.contains(m::DeploymentId)) return;
        if (stage[m::AutoDeploy].get<bool>()) throw auto_deployed_stage();
        std::string id = input[m::DeploymentId];
        if (!store_.of_api(kV2DeploymentKind, context.realm->id, api.at(m::ApiId), id)) {
          throw errors::no_such_part("Deployment", id);
        }
        point_stage(stage, id, context.platform.world.now().ms);
      });
  if (!input.value(m::AutoDeploy, false)) return answer;
  // From now on it follows the API, at once.
  change_api(context, input, [](Json&, const std::string&) { return Json(); });
  return get_stage(context, std::move(input));
}

gateway::Output GatewayV2::delete_stage(Context& context, Json input) {
  std::string api_id = input[m::ApiId];
  std::string name = input[m::StageName];
  auto held = lock(context, kV2ApiKind, api_id);
  load_api(context, input);
  RealmId realm = context.realm->id;
  if (!store_.of_api(kV2StageKind, realm, api_id, name)) throw errors::no_such_stage();
  storage::Batch batch;
  store_.erase_of_api(batch, kV2StageKind, realm, api_id, name);
  context.commit(batch);
  served_.forget(api_id);
  return Json::object();
}

gateway::Output GatewayV2::delete_route_settings(Context& context, Json input) {
  change_stage(context, input, [&input](const Json&, Json& stage) {
    std::string key = input.at(m::RouteKey);
    if (stage[m::RouteSettings].erase(key) == 0) throw errors::no_route_of_settings(key);
  });
  return Json::object();
}

gateway::Output GatewayV2::delete_access_log_settings(Context& context, Json input) {
  change_stage(context, input, [](const Json&, Json& stage) { stage.erase(m::AccessLogSettings); });
  return Json::object();
}

gateway::Output GatewayV2::create_deployment(Context& context, Json input) {
  check_texts(input);
  std::string api_id = input[m::ApiId];
  auto held = lock(context, kV2ApiKind, api_id);
  Json api = load_api(context, input);
  RealmId realm = context.realm->id;
  std::optional<Json> stage;
  if (input.contains(m::StageName)) {
    stage = store_.of_api(kV2StageKind, realm, api_id, input[m::StageName]);
    if (!stage) throw errors::no_such_stage();
    if (stage->value(m::AutoDeploy, false)) throw auto_deployed_stage();
  }
  if (store_.all_of_api(kV2DeploymentKind, realm, api_id).size() >= kMaxDeployments) {
    throw errors::too_many("Deployments");
  }
  storage::Batch batch;
  Json more = Json::object();
  if (input.contains(m::Description)) more[m::Description] = input[m::Description];
  Json deployment = deploy(context, batch, api, more);
  if (stage) {
    point_stage(*stage, deployment[m::DeploymentId], context.platform.world.now().ms);
    store_.put_of_api(batch, kV2StageKind, realm, api_id, *stage);
  }
  context.commit(batch);
  served_.forget(api_id);
  return deployment_view(std::move(deployment));
}

gateway::Output GatewayV2::get_deployment(Context& context, Json input) {
  load_api(context, input);
  auto deployment =
      store_.of_api(kV2DeploymentKind, context.realm->id, input[m::ApiId], input[m::DeploymentId]);
  if (!deployment) throw errors::no_such_part("Deployment", input[m::DeploymentId]);
  return deployment_view(*std::move(deployment));
}

gateway::Output GatewayV2::get_deployments(Context& context, Json input) {
  load_api(context, input);
  std::vector<Json> deployments;
  for (Json& one : store_.all_of_api(kV2DeploymentKind, context.realm->id, input[m::ApiId])) {
    deployments.push_back(deployment_view(std::move(one)));
  }
  return page(std::move(deployments), m::DeploymentId, input);
}

gateway::Output GatewayV2::update_deployment(Context& context, Json input) {
  check_texts(input);
  std::string api_id = input[m::ApiId];
  auto held = lock(context, kV2ApiKind, api_id);
  load_api(context, input);
  auto deployment =
      store_.of_api(kV2DeploymentKind, context.realm->id, api_id, input[m::DeploymentId]);
  if (!deployment) throw errors::no_such_part("Deployment", input[m::DeploymentId]);
  if (input.contains(m::Description)) (*deployment)[m::Description] = input[m::Description];
  storage::Batch batch;
  store_.put_of_api(batch, kV2DeploymentKind, context.realm->id, api_id, *deployment);
  context.commit(batch);
  return deployment_view(*std::move(deployment));
}

gateway::Output GatewayV2::delete_deployment(Context& context, Json input) {
  std::string api_id = input[m::ApiId];
  std::string id = input[m::DeploymentId];
  auto held = lock(context, kV2ApiKind, api_id);
  load_api(context, input);
  RealmId realm = context.realm->id;
  if (!store_.of_api(kV2DeploymentKind, realm, api_id, id)) {
    throw errors::no_such_part("Deployment", id);
  }
  for (const auto& stage : store_.all_of_api(kV2StageKind, realm, api_id)) {
    if (stage.value(m::DeploymentId, "") == id) throw errors::deployment_in_use();
  }
  storage::Batch batch;
  store_.erase_of_api(batch, kV2DeploymentKind, realm, api_id, id);
  context.commit(batch);
  return Json::object();
}

}  // namespace paddock::services::apigateway::v2
