// Usage plans, their keys, and what was used of them.
#include <charconv>
#include <set>

#include "core/text.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/limits.hpp"
#include "services/apigateway/patch.hpp"
#include "services/apigateway/plans.hpp"
#include "services/apigateway/usage.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace usage_plans_detail {

using Context = gateway::RequestContext;
using gateway::Output;
using Kind = PatchRule::Kind;

Json load_plan(const Control& control, const Context& context, const Json& input) {
  auto plan = control.store.row(context.realm->id, kUsagePlanKind,
                                {input[m::usagePlanId].get<std::string>()});
  if (!plan) throw errors::no_such_usage_plan();
  return *std::move(plan);
}

void check_quota(const Json& quota) {
  static const std::set<std::string> kPeriods{"DAY", "WEEK", "MONTH"};
  std::string period = quota.value(m::period, "");
  if (!kPeriods.contains(period)) {
    throw errors::bad_request("Invalid quota period specified. Valid options are DAY,WEEK,MONTH");
  }
  int64_t limit = quota.value(m::limit, int64_t{0});
  int64_t offset = quota.value(m::offset, int64_t{0});
  if (limit < 1) throw errors::bad_request("Usage Plan quota limit must be greater than zero");
  int64_t most = period == "DAY" ? 0 : period == "WEEK" ? 6 : 27;
  if (offset < 0 || offset > most) {
    throw errors::bad_request("Usage Plan quota offset must be between 0 and " +
                              std::to_string(most) + " for the period " + period);
  }
}

void check_throttle(const Json& throttle) {
  if (throttle.value(m::burstLimit, int64_t{0}) < 0 || throttle.value(m::rateLimit, 0.0) < 0) {
    throw errors::bad_request("Usage Plan throttle rate and burst limits must not be negative");
  }
}

void settle_throttle(Json& throttle) {
  check_throttle(throttle);
  throttle[m::burstLimit] = throttle.value(m::burstLimit, int64_t{0});
  throttle[m::rateLimit] = throttle.value(m::rateLimit, 0.0);
}

void check_stage(const Control& control, const Context& context, const Json& stage,
                 const std::string& plan) {
  std::string api = stage.value(m::apiId, "");
  std::string name = stage.value(m::stage, "");
  if (!control.store.stage(context.realm->id, api, name)) {
    throw errors::not_found("Invalid API Stage {api: " + api + ", stage: " + name +
                            "} specified for usageplan " + plan);
  }
}

// Limits and name of a plan as a whole.
void check_plan(Json& plan) {
  if (plan.value(m::name, "").empty()) {
    throw errors::bad_request("Usage Plan name cannot be blank");
  }
  if (plan.contains(m::quota)) {
    plan[m::quota][m::offset] = plan[m::quota].value(m::offset, int64_t{0});
    check_quota(plan[m::quota]);
  }
  if (plan.contains(m::throttle)) settle_throttle(plan[m::throttle]);
  if (plan[m::apiStages].size() > kMaxPlanStages) {
    throw errors::limit_exceeded("Maximum number of stages for this usage plan has been reached.");
  }
  for (auto& stage : plan[m::apiStages]) {
    if (!stage.contains(m::throttle)) continue;
    for (auto& [method, throttle] : stage[m::throttle].items()) settle_throttle(throttle);
  }
}

Json plan_view(Json plan) {
  if (!plan.contains(m::tags)) plan[m::tags] = Json::object();
  return plan;
}

void save_plan(Control& control, Context& context, const Json& plan) {
  storage::Batch batch;
  control.store.put_row(batch, context.realm->id, kUsagePlanKind, {plan[m::id].get<std::string>()},
                        plan);
  context.commit(batch);
}

Output create_usage_plan(Control& control, Context& context, Json input) {
  auto lock = control.lock_row(context, kApiKeyKind, "");
  if (control.store.rows(context.realm->id, kUsagePlanKind, {}).size() >= kMaxUsagePlans) {
    throw errors::limit_exceeded("Maximum number of usage plans has been reached.");
  }
  Json plan = {{m::id, control.new_id(context, "usage-plan", 6)},
               {m::apiStages, input.value(m::apiStages, Json::array())}};
  for (const char* member : {m::name, m::description, m::throttle, m::quota, m::tags}) {
    if (input.contains(member)) plan[member] = input[member];
  }
  check_plan(plan);
  for (const auto& stage : plan[m::apiStages]) check_stage(control, context, stage, plan[m::id]);
  save_plan(control, context, plan);
  return plan;
}

Output get_usage_plan(Control& control, Context& context, Json input) {
  return plan_view(load_plan(control, context, input));
}

Output get_usage_plans(Control& control, Context& context, Json input) {
  Json items = Json::array();
  RealmId realm = context.realm->id;
  if (!input.contains(m::keyId)) {
    for (auto& plan : control.store.rows(realm, kUsagePlanKind, {})) items.push_back(plan);
    return page_of(std::move(items), input);
  }
  for (const auto& link :
       control.store.rows(realm, kPlanOfKeyKind, {input[m::keyId].get<std::string>()})) {
    auto plan = control.store.row(realm, kUsagePlanKind, {link[m::usagePlanId].get<std::string>()});
    if (plan) items.push_back(*std::move(plan));
  }
  return page_of(std::move(items), input);
}

// "api:stage" of a patch's value.
Json stage_of_patch(const Patch& patch, const std::string& text) {
  size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size() || !patch.has_value) {
    throw errors::bad_request("Invalid API Stage specified");
  }
  return {{m::apiId, text.substr(0, colon)}, {m::stage, text.substr(colon + 1)}};
}

Json::iterator find_stage(Json& plan, const Json& stage) {
  Json& all = plan[m::apiStages];
  for (auto at = all.begin(); at != all.end(); ++at) {
    if ((*at)[m::apiId] == stage[m::apiId] && (*at)[m::stage] == stage[m::stage]) return at;
  }
  return all.end();
}

void patch_stages(const Control& control, const Context& context, Json& plan, const Patch& patch) {
  Json stage = stage_of_patch(patch, patch.value);
  auto found = find_stage(plan, stage);
  if (patch.op == "remove") {
    if (found == plan[m::apiStages].end()) {
      throw errors::not_found("Invalid API Stage {api: " + stage[m::apiId].get<std::string>() +
                              ", stage: " + stage[m::stage].get<std::string>() +
                              "} specified for usageplan " + plan[m::id].get<std::string>());
    }
    plan[m::apiStages].erase(found);
    return;
  }
  check_stage(control, context, stage, plan[m::id]);
  if (found == plan[m::apiStages].end()) plan[m::apiStages].push_back(std::move(stage));
}

// "/apiStages/{api:stage}/throttle/{path}/{METHOD}/rateLimit"; a removal may end before the limit
// or at "throttle".
void patch_stage_throttle(Json& plan, const Patch& patch) {
  Patch stage_patch = patch;
  stage_patch.has_value = true;
  auto stage = find_stage(plan, stage_of_patch(stage_patch, patch.parts[1]));
  if (stage == plan[m::apiStages].end()) throw errors::bad_request("Invalid API Stage specified");
  if (patch.parts[2] != m::throttle) throw errors::bad_patch_path(patch.path);
  if (patch.op == "remove" && patch.parts.size() == 3) {
    stage->erase(m::throttle);
    return;
  }
  if (patch.parts.size() < 5) throw errors::bad_patch_path(patch.path);
  std::string method = patch.parts[3] + "/" + patch.parts[4];
  if (patch.op == "remove" && patch.parts.size() == 5) {
    if (!stage->contains(m::throttle) || (*stage)[m::throttle].erase(method) == 0) {
      throw errors::bad_patch_path(patch.path);
    }
    if ((*stage)[m::throttle].empty()) stage->erase(m::throttle);
    return;
  }
  bool is_rate = patch.parts.size() == 6 && patch.parts[5] == m::rateLimit;
  bool is_burst = patch.parts.size() == 6 && patch.parts[5] == m::burstLimit;
  if (!is_rate && !is_burst) throw errors::bad_patch_path(patch.path);
  Patch one = patch;
  one.parts = {patch.parts[5]};
  Json& throttle = (*stage)[m::throttle][method];
  apply_patch(throttle, one, {is_rate ? Kind::real : Kind::number});
  settle_throttle(throttle);
}

void patch_plan(const Control& control, const Context& context, Json& plan, const Patch& patch) {
  static const std::map<std::string, PatchRule> kRules{
      {"/name", {Kind::text, nullptr, true}},   {"/description", {Kind::text}},
      {"/productCode", {Kind::text}},           {"/throttle/rateLimit", {Kind::real}},
      {"/throttle/burstLimit", {Kind::number}}, {"/quota/limit", {Kind::number}},
      {"/quota/offset", {Kind::number}},        {"/quota/period", {Kind::text}},
  };
  auto rule = kRules.find(patch.path);
  if (patch.path == "/apiStages") {
    patch_stages(control, context, plan, patch);
  } else if (patch.parts[0] == m::apiStages && patch.parts.size() >= 3) {
    patch_stage_throttle(plan, patch);
  } else if (patch.op == "remove" && (patch.path == "/throttle" || patch.path == "/quota")) {
    plan.erase(patch.parts[0]);
  } else if (rule == kRules.end()) {
    throw errors::bad_patch_path(patch.path);
  } else {
    Json& object = patch.parts.size() == 1 ? plan : plan[patch.parts[0]];
    if (!object.is_object()) object = Json::object();
    Patch one = patch;
    one.parts = {patch.parts.back()};
    apply_patch(object, one, rule->second);
    if (object.empty()) plan.erase(patch.parts[0]);
  }
}

Output update_usage_plan(Control& control, Context& context, Json input) {
  auto lock = control.lock_row(context, kApiKeyKind, "");
  Json plan = load_plan(control, context, input);
  for (const Patch& patch : patches_of(input.value(m::patchOperations, Json()))) {
    patch_plan(control, context, plan, patch);
  }
  check_plan(plan);
  save_plan(control, context, plan);
  return plan_view(std::move(plan));
}

Output delete_usage_plan(Control& control, Context& context, Json input) {
  auto lock = control.lock_row(context, kApiKeyKind, "");
  Json plan = load_plan(control, context, input);
  if (!plan[m::apiStages].empty()) {
    throw errors::bad_request(
        "Cannot delete a Usage Plan that is still associated with an API Stage. Please first "
        "remove the API Stage from the Usage Plan.");
  }
  RealmId realm = context.realm->id;
  std::string id = plan[m::id];
  storage::Batch batch;
  control.store.erase_row(batch, realm, kUsagePlanKind, {id});
  for (const auto& link : control.store.rows(realm, kUsagePlanKeyKind, {id})) {
    std::string key = link[m::keyId];
    control.store.erase_row(batch, realm, kPlanOfKeyKind, {key, id});
    if (control.counters != nullptr) control.counters->forget(batch, realm, id, key);
  }
  control.store.erase_rows(batch, realm, kUsagePlanKeyKind, {id});
  context.commit(batch);
  return Json::object();
}

Json key_view(const Json& key) {
  Json view = {{m::id, key[m::id]}, {m::type, "API_KEY"}, {m::value, key[m::value]}};
  if (key.contains(m::name)) view[m::name] = key[m::name];
  return view;
}

Json load_key(const Control& control, const Context& context, const std::string& id) {
  auto key = control.store.row(context.realm->id, kApiKeyKind, {id});
  if (!key) throw errors::no_such_api_key();
  return *std::move(key);
}

// A key may have one plan for a stage.
void check_other_plans(const Control& control, const Context& context, const Json& plan,
                       const std::string& key) {
  RealmId realm = context.realm->id;
  for (const auto& link : control.store.rows(realm, kPlanOfKeyKind, {key})) {
    auto other =
        control.store.row(realm, kUsagePlanKind, {link[m::usagePlanId].get<std::string>()});
    if (!other || (*other)[m::id] == plan[m::id]) continue;
    for (const auto& stage : plan[m::apiStages]) {
      if (find_stage(*other, stage) != (*other)[m::apiStages].end()) {
        throw errors::conflict(
            "Usage Plan Keys cannot be part of multiple Usage Plans with the same API Stage");
      }
    }
  }
}

Output create_usage_plan_key(Control& control, Context& context, Json input) {
  if (input[m::keyType] != "API_KEY") {
    throw errors::bad_request("Usage Plan Key type must be API_KEY");
  }
  auto lock = control.lock_row(context, kApiKeyKind, "");
  load_plan(control, context, input);
  Json key = load_key(control, context, input[m::keyId]);
  storage::Batch batch;
  add_key_to_plan(control, context, batch, input[m::usagePlanId], key);
  context.commit(batch);
  return key_view(key);
}

Output get_usage_plan_key(Control& control, Context& context, Json input) {
  load_plan(control, context, input);
  std::string id = input[m::keyId];
  auto link = control.store.row(context.realm->id, kUsagePlanKeyKind,
                                {input[m::usagePlanId].get<std::string>(), id});
  if (!link) throw errors::no_such_plan_key();
  return key_view(load_key(control, context, id));
}

// An unknown plan has no keys; AWS says nothing else of it here.
Output get_usage_plan_keys(Control& control, Context& context, Json input) {
  RealmId realm = context.realm->id;
  auto links =
      control.store.rows(realm, kUsagePlanKeyKind, {input[m::usagePlanId].get<std::string>()});
  newest_first(links);
  std::string query = input.value(m::nameQuery, "");
  Json items = Json::array();
  for (const auto& link : links) {
    auto key = control.store.row(realm, kApiKeyKind, {link[m::keyId].get<std::string>()});
    if (key && key->value(m::name, "").starts_with(query)) items.push_back(key_view(*key));
  }
  return page_of(std::move(items), input);
}

Output delete_usage_plan_key(Control& control, Context& context, Json input) {
  auto lock = control.lock_row(context, kApiKeyKind, "");
  load_plan(control, context, input);
  RealmId realm = context.realm->id;
  std::string plan = input[m::usagePlanId];
  std::string key = input[m::keyId];
  if (!control.store.row(realm, kUsagePlanKeyKind, {plan, key})) throw errors::no_such_plan_key();
  storage::Batch batch;
  control.store.erase_row(batch, realm, kUsagePlanKeyKind, {plan, key});
  control.store.erase_row(batch, realm, kPlanOfKeyKind, {key, plan});
  if (control.counters != nullptr) control.counters->forget(batch, realm, plan, key);
  context.commit(batch);
  return Json::object();
}

}  // namespace usage_plans_detail

void add_key_to_plan(Control& control, const gateway::RequestContext& context,
                     storage::Batch& batch, const std::string& plan, const Json& key) {
  RealmId realm = context.realm->id;
  auto row = control.store.row(realm, kUsagePlanKind, {plan});
  if (!row) throw errors::no_such_usage_plan();
  std::string id = key[m::id];
  if (control.store.row(realm, kUsagePlanKeyKind, {plan, id})) {
    throw errors::conflict("Usage Plan Key already exists");
  }
  usage_plans_detail::check_other_plans(control, context, *row, id);
  Json link = {{m::keyId, id},
               {m::usagePlanId, plan},
               {kNumber, control.next_number(context, "usage-plan-key")}};
  control.store.put_row(batch, realm, kUsagePlanKeyKind, {plan, id}, link);
  control.store.put_row(batch, realm, kPlanOfKeyKind, {id, plan}, link);
}

std::vector<ControlRow> usage_plan_rows() {
  namespace d = usage_plans_detail;
  return {
      {"CreateUsagePlan", d::create_usage_plan, "apigateway:POST"},
      {"GetUsagePlan", d::get_usage_plan, "apigateway:GET"},
      {"GetUsagePlans", d::get_usage_plans, "apigateway:GET"},
      {"UpdateUsagePlan", d::update_usage_plan, "apigateway:PATCH"},
      {"DeleteUsagePlan", d::delete_usage_plan, "apigateway:DELETE"},
      {"CreateUsagePlanKey", d::create_usage_plan_key, "apigateway:POST"},
      {"GetUsagePlanKey", d::get_usage_plan_key, "apigateway:GET"},
      {"GetUsagePlanKeys", d::get_usage_plan_keys, "apigateway:GET"},
      {"DeleteUsagePlanKey", d::delete_usage_plan_key, "apigateway:DELETE"},
  };
}

}  // namespace paddock::services::apigateway
