#include "services/apigateway/stages.hpp"

#include <algorithm>

#include "models/apigateway.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/limits.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

void check_stage_name(const std::string& name) {
  bool good = !name.empty() && name.size() <= kMaxStageName &&
              std::all_of(name.begin(), name.end(),
                          [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-'; });
  if (!good) throw errors::bad_stage_name();
}

void check_stage_variables(const Json& variables) {
  static constexpr std::string_view kSymbols = "-._~:/?#&=, ";
  if (!variables.is_object()) return;
  for (const auto& [name, value] : variables.items()) {
    bool good_name = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
      return std::isalnum(c) || c == '_';
    });
    if (!good_name) {
      throw errors::bad_request(
          "Stage variable names can only contain alphanumeric and underscore "
          "characters: " +
          name);
    }
    const std::string text = value.is_string() ? value.get<std::string>() : "";
    bool good = std::all_of(text.begin(), text.end(), [](unsigned char c) {
      return (c < 128 && std::isalnum(c)) ||
             kSymbols.find(static_cast<char>(c)) != std::string_view::npos;
    });
    if (!good) {
      throw errors::bad_request(
          "Invalid stage variable value: " + text +
          ". Please use values with alphanumeric characters and the symbols ' ', -', '.', '_', "
          "':', '/', '?', '&', '=', and ','.");
    }
  }
}

void check_number_of_stages(size_t present) {
  if (present >= kMaxStages) {
    throw errors::limit_exceeded("Maximum number of stages for this API has been reached.");
  }
}

void settle_cache_cluster(Json& stage) {
  bool enabled = stage.value(m::cacheClusterEnabled, false);
  stage[m::cacheClusterEnabled] = enabled;
  stage[m::cacheClusterStatus] = enabled ? "AVAILABLE" : "NOT_AVAILABLE";
  if (enabled && !stage.contains(m::cacheClusterSize)) stage[m::cacheClusterSize] = "0.5";
}

Json new_canary_settings(const Json& given, const Json& stage) {
  double percent = given.value(m::percentTraffic, 0.0);
  if (!(percent >= 0 && percent <= 100)) {
    throw errors::bad_request("Invalid percentTraffic, must be between 0.0 and 100.0");
  }
  Json canary = {{m::percentTraffic, percent},
                 {m::deploymentId, given.value(m::deploymentId, stage[m::deploymentId])},
                 {m::useStageCache, given.value(m::useStageCache, false)}};
  const Json overrides = given.value(m::stageVariableOverrides, Json());
  check_stage_variables(overrides);
  if (overrides.is_object() && !overrides.empty()) canary[m::stageVariableOverrides] = overrides;
  return canary;
}

Json new_stage(const Control& control, const Json& input, const std::string& deployment) {
  check_stage_variables(input.value(m::variables, Json()));
  int64_t now = control.now_seconds();
  Json stage = {{m::stageName, input[m::stageName]},
                {m::deploymentId, deployment},
                {m::methodSettings, Json::object()},
                {m::tracingEnabled, input.value(m::tracingEnabled, false)},
                {m::createdDate, now},
                {m::lastUpdatedDate, now}};
  for (const char* member : {m::variables, m::documentationVersion, m::tags, m::cacheClusterEnabled,
                             m::cacheClusterSize}) {
    if (input.contains(member)) stage[member] = input[member];
  }
  settle_cache_cluster(stage);
  return stage;
}

namespace stages_detail {

using Context = gateway::RequestContext;
using gateway::Output;

Json load_stage(const Control& control, const Context& context, const Json& input) {
  control.load_api(context, input);
  auto stage = control.store.stage(context.realm->id, input[m::restApiId], input[m::stageName]);
  if (!stage) throw errors::no_such_stage();
  return *std::move(stage);
}

void save_stage(Control& control, Context& context, const std::string& api, const Json& stage) {
  storage::Batch batch;
  control.store.put_stage(batch, context.realm->id, api, stage);
  context.commit(batch);
  control.changed(api);
}

Output create_stage(Control& control, Context& context, Json input) {
  std::string api_id = input[m::restApiId];
  std::string name = input[m::stageName];
  check_stage_name(name);
  auto lock = control.lock_api(context, api_id);
  control.load_api(context, input);
  RealmId realm = context.realm->id;
  auto check_deployment = [&](const std::string& id) {
    if (!control.store.deployment(realm, api_id, id)) {
      throw errors::bad_request("Deployment id does not exist");
    }
  };
  std::string deployment = input[m::deploymentId];
  check_deployment(deployment);
  auto stages = control.store.stages(realm, api_id);
  for (const auto& stage : stages) {
    if (stage[m::stageName] == name) throw errors::stage_exists();
  }
  check_number_of_stages(stages.size());
  Json stage = new_stage(control, input, deployment);
  if (input.contains(m::description)) stage[m::description] = input[m::description];
  if (input.contains(m::canarySettings)) {
    stage[m::canarySettings] = new_canary_settings(input[m::canarySettings], stage);
    check_deployment(stage[m::canarySettings][m::deploymentId]);
  }
  save_stage(control, context, api_id, stage);
  return stage;
}

Output get_stage(Control& control, Context& context, Json input) {
  return load_stage(control, context, input);
}

Output get_stages(Control& control, Context& context, Json input) {
  control.load_api(context, input);
  Json items = Json::array();
  std::string deployment = input.value(m::deploymentId, "");
  for (auto& stage : control.store.stages(context.realm->id, input[m::restApiId])) {
    if (deployment.empty() || stage[m::deploymentId] == deployment) items.push_back(stage);
  }
  return Json{{m::item, std::move(items)}};
}

Output update_stage(Control& control, Context& context, Json input) {
  std::string api_id = input[m::restApiId];
  auto lock = control.lock_api(context, api_id);
  Json stage = load_stage(control, context, input);
  apply_stage_patches(stage, input.value(m::patchOperations, Json()), [&](const std::string& id) {
    return control.store.deployment(context.realm->id, api_id, id).has_value();
  });
  stage[m::lastUpdatedDate] = control.now_seconds();
  save_stage(control, context, api_id, stage);
  return stage;
}

Output delete_stage(Control& control, Context& context, Json input) {
  std::string api_id = input[m::restApiId];
  auto lock = control.lock_api(context, api_id);
  load_stage(control, context, input);
  storage::Batch batch;
  control.store.erase_stage(batch, context.realm->id, api_id, input[m::stageName]);
  context.commit(batch);
  control.changed(api_id);
  return Json::object();
}

// The cache of a stage lives with what it serves.
Output flush_stage_cache(Control& control, Context& context, Json input) {
  load_stage(control, context, input);
  control.changed(input[m::restApiId]);
  return Json::object();
}

}  // namespace stages_detail

std::vector<ControlRow> stage_rows() {
  namespace d = stages_detail;
  return {
      {"CreateStage", d::create_stage, "apigateway:POST"},
      {"GetStage", d::get_stage, "apigateway:GET"},
      {"GetStages", d::get_stages, "apigateway:GET"},
      {"UpdateStage", d::update_stage, "apigateway:PATCH"},
      {"DeleteStage", d::delete_stage, "apigateway:DELETE"},
      {"FlushStageCache", d::flush_stage_cache, "apigateway:DELETE"},
  };
}

}  // namespace paddock::services::apigateway
