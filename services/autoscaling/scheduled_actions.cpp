// Scheduled actions, and the activities that there are none of.
#include "core/arn.hpp"
#include "core/clock.hpp"
#include "core/ids.hpp"
#include "models/application_autoscaling.hpp"
#include "services/autoscaling/errors.hpp"
#include "services/autoscaling/limits.hpp"
#include "services/autoscaling/pages.hpp"
#include "services/autoscaling/service.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::autoscaling {

namespace m = models::application_autoscaling_members;
using gateway::Output;

// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html
Output AutoScaling::put_scheduled_action(Context& context, Json input) {
  const TargetKey key = target_key(input);
  const std::string name = input.at(m::ScheduledActionName);
  const RealmId realm = context.realm->id;
  const auto guard = platform_.locks.lock(Store::lock(realm, key));
  existing_target(context, key);
  auto former = store_.action(realm, key, name);
  Action action = former.value_or(Action());
  if (!former) {
    size_t others = 0;
    store_.actions(realm, key.service, "", [&](const std::string&, const Action& other) {
      others += other.key.resource == key.resource && other.key.dimension == key.dimension;
      return true;
    });
    if (others >= kActionsPerTarget) {
      throw errors::limit_exceeded("A scalable target can have at most 200 scheduled actions");
    }
    if (!input.contains(m::Schedule)) throw errors::invalid("Schedule must be specified");
    action.created_ms = platform_.world.now().ms;
    action.arn =
        make_arn("autoscaling", context.region, context.account,
                 "scheduledAction:" + platform_.ids.uuid(realm, "scheduled-action") + ":resource/" +
                     key.service + "/" + key.resource + ":scheduledActionName/" + name);
    action.settings = Json::object();
  }
  action.key = key;
  action.name = name;
  action.schedule = input.value(m::Schedule, action.schedule);
  check_schedule(action.schedule);
  for (const char* member : {m::Timezone, m::StartTime, m::EndTime, m::ScalableTargetAction}) {
    if (const auto value = input.find(member); value != input.end()) {
      action.settings[member] = *value;
    }
  }
  const Json capacity = action.settings.value(m::ScalableTargetAction, Json::object());
  if (capacity.contains(m::MinCapacity) && capacity.contains(m::MaxCapacity) &&
      capacity[m::MaxCapacity].get<int64_t>() < capacity[m::MinCapacity].get<int64_t>()) {
    throw errors::maximum_below_minimum();
  }
  storage::Batch batch;
  store_.put(realm, action, batch);
  context.commit(batch);
  return Output();
}

Output AutoScaling::describe_scheduled_actions(Context& context, Json input) {
  Page page(input, context.realm->id);
  Json output = {{m::ScheduledActions, Json::array()}};
  store_.actions(context.realm->id, input.at(m::ServiceNamespace).get<std::string>(), page.after(),
                 [&](const std::string& key, const Action& action) {
                   if (!asked_for(input, m::ScheduledActionNames, action.name) ||
                       !asked_for_one(input, m::ResourceId, action.key.resource) ||
                       !asked_for_one(input, m::ScalableDimension, action.key.dimension)) {
                     return true;
                   }
                   if (!page.take(key)) return false;
                   output[m::ScheduledActions].push_back(describe(action));
                   return true;
                 });
  page.write(output);
  return output;
}

Output AutoScaling::delete_scheduled_action(Context& context, Json input) {
  const TargetKey key = target_key(input);
  const RealmId realm = context.realm->id;
  const auto guard = platform_.locks.lock(Store::lock(realm, key));
  const std::string name = input.at(m::ScheduledActionName);
  const auto action = store_.action(realm, key, name);
  if (!action) throw errors::no_action(key, name);
  storage::Batch batch;
  store_.erase(realm, *action, batch);
  context.commit(batch);
  return Output();
}

// Nothing is ever scaled, so nothing is ever told.
Output AutoScaling::describe_scaling_activities(Context& context, Json input) {
  const Page page(input, context.realm->id);
  return Json{{m::ScalingActivities, Json::array()}};
}

}  // namespace paddock::services::autoscaling
