#include "services/autoscaling/service.hpp"

#include "core/arn.hpp"
#include "models/application_autoscaling.hpp"
#include "services/autoscaling/errors.hpp"

namespace paddock::services::autoscaling {

namespace m = models::application_autoscaling_members;

namespace wiring {

constexpr std::string_view kRecord = "kept as a record; nothing is scaled";

AwsError invalid(const wire::OperationModel&, const std::vector<wire::Violation>& violations) {
  return errors::invalid(wire::summary(violations));
}

std::vector<std::string> tagged(const gateway::RequestContext&, const Json& input) {
  const auto arn = input.find(m::ResourceARN);
  return {arn != input.end() && arn->is_string() ? arn->get<std::string>() : "*"};
}

}  // namespace wiring

AutoScaling::AutoScaling(gateway::Platform& platform)
    : platform_(platform), store_(platform.database) {
  using gateway::Access;
  using gateway::Fidelity;
  using gateway::plain;
  const auto record = Fidelity::partial(wiring::kRecord);
  const auto row = [&](std::string_view name, gateway::HandlerVariant handler, Access access,
                       Fidelity fidelity, std::string_view action,
                       gateway::ResourceArns resources = nullptr) {
    gateway::Operation operation;
    operation.name = name;
    operation.handler = std::move(handler);
    operation.access = access;
    operation.fidelity = fidelity;
    operation.action = action;
    operation.resources = resources;
    return operation;
  };
  using A = AutoScaling;
  gateway::Api api;
  api.model = &models::application_autoscaling;
  api.operations = {
      row("RegisterScalableTarget", plain(this, &A::register_scalable_target), Access::write,
          record, "application-autoscaling:RegisterScalableTarget"),
      row("DescribeScalableTargets", plain(this, &A::describe_scalable_targets), Access::read,
          Fidelity::full(), "application-autoscaling:DescribeScalableTargets"),
      row("DeregisterScalableTarget", plain(this, &A::deregister_scalable_target), Access::write,
          Fidelity::full(), "application-autoscaling:DeregisterScalableTarget"),
      row("PutScalingPolicy", plain(this, &A::put_scaling_policy), Access::write, record,
          "application-autoscaling:PutScalingPolicy"),
      row("DescribeScalingPolicies", plain(this, &A::describe_scaling_policies), Access::read,
          Fidelity::full(), "application-autoscaling:DescribeScalingPolicies"),
      row("DeleteScalingPolicy", plain(this, &A::delete_scaling_policy), Access::write,
          Fidelity::full(), "application-autoscaling:DeleteScalingPolicy"),
      row("PutScheduledAction", plain(this, &A::put_scheduled_action), Access::write, record,
          "application-autoscaling:PutScheduledAction"),
      row("DescribeScheduledActions", plain(this, &A::describe_scheduled_actions), Access::read,
          Fidelity::full(), "application-autoscaling:DescribeScheduledActions"),
      row("DeleteScheduledAction", plain(this, &A::delete_scheduled_action), Access::write,
          Fidelity::full(), "application-autoscaling:DeleteScheduledAction"),
      row("DescribeScalingActivities", plain(this, &A::describe_scaling_activities), Access::read,
          record, "application-autoscaling:DescribeScalingActivities"),
      row("ListTagsForResource", plain(this, &A::list_tags), Access::read, Fidelity::full(),
          "application-autoscaling:ListTagsForResource", wiring::tagged),
      row("TagResource", plain(this, &A::tag_resource), Access::write, Fidelity::full(),
          "application-autoscaling:TagResource", wiring::tagged),
      row("UntagResource", plain(this, &A::untag_resource), Access::write, Fidelity::full(),
          "application-autoscaling:UntagResource", wiring::tagged),
  };
  api.invalid = wiring::invalid;
  apis_.push_back(std::move(api));
}

std::vector<std::string> AutoScaling::resources(const Realm& realm) const {
  constexpr size_t kMostShown = 1000;
  std::vector<std::string> arns;
  store_.targets(realm.id, "dynamodb", "", [&](const std::string&, const Target& target) {
    arns.push_back(make_arn("application-autoscaling", realm.region, realm.account,
                            "scalable-target/" + target.id));
    return arns.size() < kMostShown;
  });
  return arns;
}

std::unique_ptr<gateway::Service> make(gateway::Platform& platform) {
  return std::make_unique<AutoScaling>(platform);
}

}  // namespace paddock::services::autoscaling
