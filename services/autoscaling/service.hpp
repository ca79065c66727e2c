// Application Auto Scaling: scalable targets, scaling policies and scheduled actions as records.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/service.hpp"
#include "services/autoscaling/model.hpp"
#include "services/autoscaling/store.hpp"

namespace paddock::services::autoscaling {

class AutoScaling : public gateway::Service {
 public:
  explicit AutoScaling(gateway::Platform& platform);

  std::string_view name() const override { return "autoscaling"; }
  std::vector<std::string> resources(const Realm& realm) const override;

 private:
  using Context = gateway::RequestContext;
  using Output = gateway::Output;

  // targets.cpp
  Output register_scalable_target(Context& context, Json input);
  Output describe_scalable_targets(Context& context, Json input);
  Output deregister_scalable_target(Context& context, Json input);
  Output list_tags(Context& context, Json input);
  Output tag_resource(Context& context, Json input);
  Output untag_resource(Context& context, Json input);
  Target existing_target(const Context& context, const TargetKey& key) const;
  Target target_of_arn(const Context& context, const Json& input) const;

  // policies.cpp
  Output put_scaling_policy(Context& context, Json input);
  Output describe_scaling_policies(Context& context, Json input);
  Output delete_scaling_policy(Context& context, Json input);
  Json make_alarms(const Context& context, const TargetKey& key, const Json& configuration);

  // scheduled_actions.cpp
  Output put_scheduled_action(Context& context, Json input);
  Output describe_scheduled_actions(Context& context, Json input);
  Output delete_scheduled_action(Context& context, Json input);
  Output describe_scaling_activities(Context& context, Json input);

  gateway::Platform& platform_;
  const Store store_;
};

// How services/all.cpp makes it.
std::unique_ptr<gateway::Service> make(gateway::Platform& platform);

}  // namespace paddock::services::autoscaling
