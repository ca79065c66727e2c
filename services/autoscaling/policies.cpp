// Scaling policies.
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

Json AutoScaling::make_alarms(const Context& context, const TargetKey& key,
                              const Json& configuration) {
  Json alarms = Json::array();
  for (const std::string_view kind : alarm_kinds(key, configuration)) {
    const std::string name = "TargetTracking-" + key.resource + "-" + std::string(kind) + "-" +
                             platform_.ids.uuid(context.realm->id, "scaling-alarm");
    alarms.push_back(
        {{m::AlarmName, name},
         {m::AlarmARN, make_arn("cloudwatch", context.region, context.account, "alarm:" + name)}});
  }
  return alarms;
}

// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html
Output AutoScaling::put_scaling_policy(Context& context, Json input) {
  if (input.value(m::PolicyType, std::string()) == "PredictiveScaling" ||
      input.contains(m::PredictiveScalingPolicyConfiguration)) {
    throw errors::not_emulated("PredictiveScaling policies");
  }
  const TargetKey key = target_key(input);
  check_policy(key, input);
  const RealmId realm = context.realm->id;
  const auto guard = platform_.locks.lock(Store::lock(realm, key));
  existing_target(context, key);
  const std::string name = input.at(m::PolicyName);
  const bool tracking = input.at(m::PolicyType) == "TargetTrackingScaling";
  const Json& configuration = input.at(tracking ? m::TargetTrackingScalingPolicyConfiguration
                                                : m::StepScalingPolicyConfiguration);
  size_t others = 0;
  store_.policies(realm, key.service, "", [&](const std::string&, const Policy& other) {
    if (other.key.resource != key.resource || other.key.dimension != key.dimension ||
        other.name == name) {
      return true;
    }
    if (tracking && other.type == "TargetTrackingScaling" &&
        same_metric(other.configuration, configuration)) {
      throw errors::one_policy_per_metric();
    }
    ++others;
    return true;
  });
  if (others >= kPoliciesPerTarget) {
    throw errors::limit_exceeded("A scalable target can have at most 50 scaling policies");
  }
  auto former = store_.policy(realm, key, name);
  Policy policy = former.value_or(Policy());
  policy.key = key;
  policy.name = name;
  if (!former) {
    policy.created_ms = platform_.world.now().ms;
    policy.arn =
        make_arn("autoscaling", context.region, context.account,
                 "scalingPolicy:" + platform_.ids.uuid(realm, "scaling-policy") + ":resource/" +
                     key.service + "/" + key.resource + ":policyName/" + name);
  }
  // The same policy again keeps its alarms.
  if (!former || former->configuration != configuration) {
    policy.alarms = tracking ? make_alarms(context, key, configuration) : Json::array();
  }
  policy.type = input.at(m::PolicyType);
  policy.configuration = configuration;
  storage::Batch batch;
  store_.put(realm, policy, batch);
  context.commit(batch);
  return Json{{m::PolicyARN, policy.arn}, {m::Alarms, policy.alarms}};
}

Output AutoScaling::describe_scaling_policies(Context& context, Json input) {
  Page page(input, context.realm->id);
  Json output = {{m::ScalingPolicies, Json::array()}};
  store_.policies(context.realm->id, input.at(m::ServiceNamespace).get<std::string>(), page.after(),
                  [&](const std::string& key, const Policy& policy) {
                    if (!asked_for(input, m::PolicyNames, policy.name) ||
                        !asked_for_one(input, m::ResourceId, policy.key.resource) ||
                        !asked_for_one(input, m::ScalableDimension, policy.key.dimension)) {
                      return true;
                    }
                    if (!page.take(key)) return false;
                    output[m::ScalingPolicies].push_back(describe(policy));
                    return true;
                  });
  page.write(output);
  return output;
}

Output AutoScaling::delete_scaling_policy(Context& context, Json input) {
  const TargetKey key = target_key(input);
  const RealmId realm = context.realm->id;
  const auto guard = platform_.locks.lock(Store::lock(realm, key));
  const std::string name = input.at(m::PolicyName);
  const auto policy = store_.policy(realm, key, name);
  if (!policy) throw errors::no_policy(key, name);
  storage::Batch batch;
  store_.erase(realm, *policy, batch);
  context.commit(batch);
  return Output();
}

}  // namespace paddock::services::autoscaling
