// The plan of a key, for the data plane; GetUsage and UpdateUsage.
#include "services/apigateway/usage.hpp"

#include <charconv>

#include "core/text.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/patch.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace usage_detail {

using Context = gateway::RequestContext;
using gateway::Output;

constexpr int64_t kDayMs = 86'400'000;
constexpr int64_t kMaxDays = 366;

std::optional<Throttle> throttle_of(const Json& settings) {
  if (!settings.is_object()) return std::nullopt;
  Throttle throttle;
  // Zero, which AWS prints for what was not given, does not limit.
  double rate = settings.value(m::rateLimit, 0.0);
  int64_t burst = settings.value(m::burstLimit, int64_t{0});
  if (rate > 0) throttle.rate_per_second = rate;
  if (burst > 0) throttle.burst = burst;
  return throttle;
}

PlanOfKey plan_of(const Json& plan, const std::string& key, const Json& stage) {
  PlanOfKey result;
  result.plan = plan[m::id];
  result.key = key;
  result.throttle = throttle_of(plan.value(m::throttle, Json()));
  const Json methods = stage.value(m::throttle, Json::object());
  for (const auto& [method, settings] : methods.items()) {
    if (auto throttle = throttle_of(settings)) result.method_throttle[method] = *throttle;
  }
  if (plan.contains(m::quota)) {
    const Json& quota = plan[m::quota];
    result.quota = Quota{quota[m::limit].get<int64_t>(), quota.value(m::offset, int64_t{0}),
                         quota[m::period].get<std::string>()};
  }
  return result;
}

// Days since 1970 of "2026-11-20".
int64_t day_of(const std::string& date) {
  auto ms = date.size() == 10 ? parse_iso8601(date + "T00:00:00Z") : std::nullopt;
  if (!ms) throw errors::bad_request("Invalid date specified, must be of the form YYYY-MM-DD");
  return *ms / kDayMs;
}

Json load_plan(const Control& control, const Context& context, const Json& input) {
  auto plan = control.store.row(context.realm->id, kUsagePlanKind,
                                {input[m::usagePlanId].get<std::string>()});
  if (!plan) throw errors::no_such_usage_plan();
  return *std::move(plan);
}

UsageCounters& counters_of(Control& control) {
  if (control.counters == nullptr) throw errors::not_emulated("Counting requests by API key");
  return *control.counters;
}

// [[used, remaining], …], one a day.
Json usage_of_key(Control& control, const Context& context, const Json& plan,
                  const std::string& key, int64_t first, int64_t last) {
  Json days = Json::array();
  PlanOfKey of = plan_of(plan, key, Json::object());
  for (const DayOfUsage& day : counters_of(control).days(context.realm->id, of, first, last)) {
    days.push_back({day.used, day.remaining});
  }
  return days;
}

Output get_usage(Control& control, Context& context, Json input) {
  Json plan = load_plan(control, context, input);
  std::string id = plan[m::id];
  int64_t first = day_of(input[m::startDate]);
  int64_t last = day_of(input[m::endDate]);
  if (last < first || last - first > kMaxDays) {
    throw errors::bad_request("Invalid date range specified");
  }
  std::vector<std::string> keys;
  RealmId realm = context.realm->id;
  if (input.contains(m::keyId)) {
    std::string key = input[m::keyId];
    if (!control.store.row(realm, kUsagePlanKeyKind, {id, key})) throw errors::no_such_plan_key();
    keys.push_back(key);
  } else {
    for (const auto& link : control.store.rows(realm, kUsagePlanKeyKind, {id})) {
      keys.push_back(link[m::keyId]);
    }
  }
  Json names(keys);
  Json page = page_of(std::move(names), input);
  Json items = Json::object();
  for (const auto& key : page[m::items]) {
    std::string name = key;
    items[name] = usage_of_key(control, context, plan, name, first, last);
  }
  Json answer = {{m::usagePlanId, id},
                 {m::startDate, input[m::startDate]},
                 {m::endDate, input[m::endDate]},
                 {m::items, std::move(items)}};
  if (page.contains(m::position)) answer[m::position] = page[m::position];
  return answer;
}

Output update_usage(Control& control, Context& context, Json input) {
  Json plan = load_plan(control, context, input);
  std::string id = plan[m::id];
  std::string key = input[m::keyId];
  RealmId realm = context.realm->id;
  if (!control.store.row(realm, kUsagePlanKeyKind, {id, key})) throw errors::no_such_plan_key();
  if (!plan.contains(m::quota)) {
    throw errors::bad_request("Usage Plan does not have a quota");
  }
  std::optional<int64_t> remaining;
  for (const Patch& patch : patches_of(input.value(m::patchOperations, Json()))) {
    if (patch.path != "/remaining" || patch.op != "replace") {
      throw errors::bad_named_patch(patch.path, patch.op,
                                    patch.op == "replace" ? "/remaining" : "");
    }
    int64_t number = -1;
    const char* end = patch.value.data() + patch.value.size();
    auto [stopped, error] = std::from_chars(patch.value.data(), end, number);
    if (error != std::errc() || stopped != end || number < 0) {
      throw errors::bad_request("Invalid remaining quota specified: " + patch.value);
    }
    remaining = number;
  }
  int64_t today = context.platform.world.now().ms / kDayMs;
  if (remaining) {
    storage::Batch batch;
    counters_of(control).set_remaining(batch, realm, plan_of(plan, key, Json::object()),
                                       *remaining);
    context.commit(batch);
  }
  std::string date = iso8601(today * kDayMs).substr(0, 10);
  Json items = {{key, usage_of_key(control, context, plan, key, today, today)}};
  return Json{
      {m::usagePlanId, id}, {m::startDate, date}, {m::endDate, date}, {m::items, std::move(items)}};
}

}  // namespace usage_detail

KeyLookup look_up_key(const Store& store, RealmId realm, const std::string& value,
                      const std::string& api, const std::string& stage) {
  KeyLookup result;
  auto index = store.row(realm, kApiKeyValueKind, {value});
  if (!index) return result;
  std::string id = (*index)[m::id];
  auto key = store.row(realm, kApiKeyKind, {id});
  if (!key || !key->value(m::enabled, false)) return result;
  result.key = *std::move(key);
  for (const auto& link : store.rows(realm, kPlanOfKeyKind, {id})) {
    auto plan = store.row(realm, kUsagePlanKind, {link[m::usagePlanId].get<std::string>()});
    if (!plan) continue;
    for (const auto& one : (*plan)[m::apiStages]) {
      if (one[m::apiId] != api || one[m::stage] != stage) continue;
      result.plan = usage_detail::plan_of(*plan, id, one);
      return result;
    }
  }
  return result;
}

std::vector<ControlRow> usage_rows() {
  namespace d = usage_detail;
  return {
      {"GetUsage", d::get_usage, "apigateway:GET"},
      {"UpdateUsage", d::update_usage, "apigateway:PATCH"},
  };
}

}  // namespace paddock::services::apigateway
