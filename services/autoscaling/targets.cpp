// Scalable targets and their tags.
#include "core/arn.hpp"
#include "core/caller.hpp"
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

namespace targets {

constexpr std::string_view kTarget = "scalable-target/";

std::string arn(const gateway::RequestContext& context, const Target& target) {
  return make_arn("application-autoscaling", context.region, context.account,
                  std::string(kTarget) + target.id);
}

void set_suspended(Json& suspended, const Json& input) {
  for (const char* member : {m::DynamicScalingInSuspended, m::DynamicScalingOutSuspended,
                             m::ScheduledScalingSuspended}) {
    const bool former = suspended.value(member, false);
    suspended[member] = input.value(member, former);
  }
}

}  // namespace targets

Target AutoScaling::existing_target(const Context& context, const TargetKey& key) const {
  auto target = store_.target(context.realm->id, key);
  if (!target) throw errors::no_target(key);
  return std::move(*target);
}

// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
Output AutoScaling::register_scalable_target(Context& context, Json input) {
  const TargetKey key = target_key(input);
  const RealmId realm = context.realm->id;
  const auto guard = platform_.locks.lock(Store::lock(realm, key));
  auto former = store_.target(realm, key);
  for (const char* member : {m::MinCapacity, m::MaxCapacity}) {
    if (!former && !input.contains(member)) {
      throw errors::invalid(std::string(member) +
                            " must be specified to register a new scalable target");
    }
  }
  Target target = former.value_or(Target());
  target.key = key;
  target.minimum = input.value(m::MinCapacity, target.minimum);
  target.maximum = input.value(m::MaxCapacity, target.maximum);
  if (target.minimum < 0) throw errors::invalid("Minimum capacity cannot be less than 0");
  if (target.maximum < target.minimum) throw errors::maximum_below_minimum();
  targets::set_suspended(target.suspended, input.value(m::SuspendedState, Json::object()));
  if (!former) {
    target.id = platform_.ids.hex(realm, "scalable-target", 34);
    target.created_ms = platform_.world.now().ms;
    target.role_arn = linked_role_arn(context.account, key.service);
  }
  // Other services have roles of their own, which take the place of one that is named.
  if (key.service == "elasticmapreduce") {
    target.role_arn = input.value(m::RoleARN, target.role_arn);
  }
  if (const auto tags = input.find(m::Tags); tags != input.end()) {
    for (const auto& [name, value] : tags->items()) target.tags[name] = value;
  }
  const std::string arn = targets::arn(context, target);
  if (target.tags.size() > kTags) throw errors::too_many_tags(arn);
  storage::Batch batch;
  store_.put(realm, target, batch);
  context.commit(batch);
  return Json{{m::ScalableTargetARN, arn}};
}

Output AutoScaling::describe_scalable_targets(Context& context, Json input) {
  if (input.contains(m::ScalableDimension) && !input.contains(m::ResourceIds)) {
    throw errors::invalid("ResourceIds must be specified when ScalableDimension is specified");
  }
  Page page(input, context.realm->id);
  Json output = {{m::ScalableTargets, Json::array()}};
  store_.targets(
      context.realm->id, input.at(m::ServiceNamespace).get<std::string>(), page.after(),
      [&](const std::string& key, const Target& target) {
        if (!asked_for(input, m::ResourceIds, target.key.resource) ||
            !asked_for_one(input, m::ScalableDimension, target.key.dimension)) {
          return true;
        }
        if (!page.take(key)) return false;
        output[m::ScalableTargets].push_back(describe(target, targets::arn(context, target)));
        return true;
      });
  page.write(output);
  return output;
}

Output AutoScaling::deregister_scalable_target(Context& context, Json input) {
  const TargetKey key = target_key(input);
  const RealmId realm = context.realm->id;
  const auto guard = platform_.locks.lock(Store::lock(realm, key));
  const Target target = existing_target(context, key);
  storage::Batch batch;
  store_.erase(realm, target, batch);
  context.commit(batch);
  return Output();
}

Target AutoScaling::target_of_arn(const Context& context, const Json& input) const {
  const std::string text = input.at(m::ResourceARN);
  const auto arn = Arn::parse(text);
  std::optional<Target> target;
  if (arn && arn->account == context.account && arn->region == context.region &&
      arn->resource.starts_with(targets::kTarget)) {
    target = store_.target_by_id(context.realm->id, arn->resource.substr(targets::kTarget.size()));
  }
  if (!target) throw errors::no_such_arn(text);
  return std::move(*target);
}

Output AutoScaling::list_tags(Context& context, Json input) {
  Json tags = Json::object();
  const Target target = target_of_arn(context, input);
  for (const auto& [key, value] : target.tags) tags[key] = value;
  return Json{{m::Tags, std::move(tags)}};
}

Output AutoScaling::tag_resource(Context& context, Json input) {
  const TargetKey key = target_of_arn(context, input).key;
  const auto guard = platform_.locks.lock(Store::lock(context.realm->id, key));
  Target target = target_of_arn(context, input);
  for (const auto& [name, value] : input.at(m::Tags).items()) target.tags[name] = value;
  if (target.tags.size() > kTags) throw errors::too_many_tags(targets::arn(context, target));
  storage::Batch batch;
  store_.put(context.realm->id, target, batch);
  context.commit(batch);
  return Output();
}

Output AutoScaling::untag_resource(Context& context, Json input) {
  const TargetKey key = target_of_arn(context, input).key;
  const auto guard = platform_.locks.lock(Store::lock(context.realm->id, key));
  Target target = target_of_arn(context, input);
  for (const Json& name : input.at(m::TagKeys)) target.tags.erase(name.get<std::string>());
  storage::Batch batch;
  store_.put(context.realm->id, target, batch);
  context.commit(batch);
  return Output();
}

}  // namespace paddock::services::autoscaling
