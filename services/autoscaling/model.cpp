#include "services/autoscaling/model.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/text.hpp"
#include "models/application_autoscaling.hpp"
#include "services/autoscaling/errors.hpp"
#include "services/autoscaling/limits.hpp"

namespace paddock::services::autoscaling {

namespace m = models::application_autoscaling_members;

namespace rules {

// How a resource id begins, by the dimension's first two parts.
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
struct ResourceForm {
  std::string_view kind;
  std::string_view prefix;
};
constexpr std::array<ResourceForm, 18> kForms{{
    {"ecs:service", "service/"},
    {"ec2:spot-fleet-request", "spot-fleet-request/"},
    {"elasticmapreduce:instancegroup", "instancegroup/"},
    {"appstream:fleet", "fleet/"},
    {"dynamodb:table", "table/"},
    {"dynamodb:index", "table/"},
    {"rds:cluster", "cluster:"},
    {"sagemaker:variant", "endpoint/"},
    {"sagemaker:inference-component", "inference-component/"},
    {"comprehend:document-classifier-endpoint", "arn:"},
    {"comprehend:entity-recognizer-endpoint", "arn:"},
    {"lambda:function", "function:"},
    {"cassandra:table", "keyspace/"},
    {"kafka:broker-storage", "arn:"},
    {"elasticache:cache-cluster", "cache-cluster/"},
    {"elasticache:replication-group", "replication-group/"},
    {"neptune:cluster", "cluster:"},
    {"workspaces:workspacespool", "workspacespool/"},
}};

bool fits(const TargetKey& key) {
  const auto parts = split(key.dimension, ':');
  if (parts.size() < 3 || parts[0] != key.service) return false;
  if (key.service == "custom-resource") return true;  // its form is the provider's own
  const std::string kind = std::string(parts[0]) + ":" + std::string(parts[1]);
  for (const ResourceForm& form : kForms) {
    if (form.kind != kind) continue;
    if (!key.resource.starts_with(form.prefix)) return false;
    if (key.service != "dynamodb") return true;
    const bool index = key.resource.find("/index/") != std::string::npos;
    return index == (parts[1] == "index");
  }
  return false;
}

std::string shortest(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  std::string out(text.data(), end);
  if (out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

void check_tracking(const Json& configuration) {
  const double value = configuration.at(m::TargetValue).get<double>();
  if (!(value >= kLeastTarget && value <= kMostTarget)) {
    throw errors::invalid(
        "For target tracking scaling, target value must be between '8.51592E-109' and "
        "'1.174271E108', but was '" +
        shortest(value) + "'.");
  }
  const bool predefined = configuration.contains(m::PredefinedMetricSpecification);
  if (predefined == configuration.contains(m::CustomizedMetricSpecification)) {
    throw errors::invalid(
        "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be "
        "specified");
  }
  if (!predefined) return;
  const std::string metric =
      configuration.at(m::PredefinedMetricSpecification).at(m::PredefinedMetricType);
  if (metric.starts_with("DynamoDB") && (value < kLeastUtilization || value > kMostUtilization)) {
    throw errors::invalid("For predefined metric type " + metric +
                          ", target value must be between '10.0' and '90.0', but was '" +
                          shortest(value) + "'.");
  }
}

void check_steps(const TargetKey& key, const Json& configuration) {
  constexpr std::array<std::string_view, 7> kWithout = {
      "dynamodb", "comprehend", "lambda", "cassandra", "kafka", "elasticache", "neptune"};
  if (std::find(kWithout.begin(), kWithout.end(), key.service) != kWithout.end()) {
    throw errors::invalid("StepScaling policies are not supported for service namespace " +
                          key.service);
  }
  for (const char* member : {m::AdjustmentType, m::StepAdjustments}) {
    if (!configuration.contains(member)) {
      throw errors::invalid("StepScalingPolicyConfiguration must specify " + std::string(member));
    }
  }
  if (configuration.at(m::StepAdjustments).size() > kStepAdjustments) {
    throw errors::limit_exceeded("A step scaling policy can have at most 20 step adjustments");
  }
}

Json named_by(const TargetKey& key) {
  return {{m::ServiceNamespace, key.service},
          {m::ResourceId, key.resource},
          {m::ScalableDimension, key.dimension}};
}

}  // namespace rules

TargetKey target_key(const Json& input) {
  TargetKey key{input.at(m::ServiceNamespace), input.at(m::ResourceId),
                input.at(m::ScalableDimension)};
  if (!rules::fits(key)) throw errors::unsupported_target();
  return key;
}

std::string linked_role_arn(std::string_view account, std::string_view service) {
  struct Role {
    std::string_view service;
    std::string_view name;
  };
  // https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html
  constexpr std::array<Role, 14> kRoles{{{"appstream", "AppStreamFleet"},
                                         {"cassandra", "CassandraTable"},
                                         {"comprehend", "ComprehendEndpoint"},
                                         {"custom-resource", "CustomResource"},
                                         {"dynamodb", "DynamoDBTable"},
                                         {"ec2", "EC2SpotFleetRequest"},
                                         {"ecs", "ECSService"},
                                         {"elasticache", "ElastiCacheRG"},
                                         {"kafka", "KafkaCluster"},
                                         {"lambda", "LambdaConcurrency"},
                                         {"neptune", "NeptuneCluster"},
                                         {"rds", "RDSCluster"},
                                         {"sagemaker", "SageMakerEndpoint"},
                                         {"workspaces", "WorkSpacesPool"}}};
  for (const Role& role : kRoles) {
    if (role.service != service) continue;
    return "arn:aws:iam::" + std::string(account) + ":role/aws-service-role/" +
           std::string(service) + ".application-autoscaling.amazonaws.com/" +
           "AWSServiceRoleForApplicationAutoScaling_" + std::string(role.name);
  }
  return "arn:aws:iam::" + std::string(account) + ":role/EMR_AutoScaling_DefaultRole";
}

Json describe(const Target& target, std::string_view arn) {
  Json json = rules::named_by(target.key);
  json[m::MinCapacity] = target.minimum;
  json[m::MaxCapacity] = target.maximum;
  json[m::RoleARN] = target.role_arn;
  json[m::CreationTime] = target.created_ms;
  json[m::SuspendedState] = target.suspended;
  json[m::ScalableTargetARN] = arn;
  return json;
}

Json describe(const Policy& policy) {
  Json json = rules::named_by(policy.key);
  json[m::PolicyARN] = policy.arn;
  json[m::PolicyName] = policy.name;
  json[m::PolicyType] = policy.type;
  json[policy.type == "StepScaling" ? m::StepScalingPolicyConfiguration
                                    : m::TargetTrackingScalingPolicyConfiguration] =
      policy.configuration;
  json[m::Alarms] = policy.alarms;
  json[m::CreationTime] = policy.created_ms;
  return json;
}

Json describe(const Action& action) {
  Json json = rules::named_by(action.key);
  json[m::ScheduledActionName] = action.name;
  json[m::ScheduledActionARN] = action.arn;
  json[m::Schedule] = action.schedule;
  json[m::CreationTime] = action.created_ms;
  json.update(action.settings);
  return json;
}

void check_policy(const TargetKey& key, const Json& input) {
  const std::string type = input.value(m::PolicyType, std::string());
  if (type.empty()) throw errors::invalid("PolicyType must be specified");
  const bool tracking = type == "TargetTrackingScaling";
  const char* wanted =
      tracking ? m::TargetTrackingScalingPolicyConfiguration : m::StepScalingPolicyConfiguration;
  for (const char* member :
       {m::TargetTrackingScalingPolicyConfiguration, m::StepScalingPolicyConfiguration}) {
    if (input.contains(member) != (member == wanted)) {
      throw errors::invalid("A policy of type " + type + " must specify " + wanted +
                            " and no other configuration");
    }
  }
  if (tracking) {
    rules::check_tracking(input.at(wanted));
  } else {
    rules::check_steps(key, input.at(wanted));
  }
}

void check_schedule(std::string_view schedule) {
  const bool formed =
      schedule.ends_with(')') && (schedule.starts_with("at(") || schedule.starts_with("rate(") ||
                                  schedule.starts_with("cron("));
  if (!formed) {
    throw errors::invalid("Schedule must be an at, rate or cron expression: " +
                          std::string(schedule));
  }
}

bool same_metric(const Json& a, const Json& b) {
  for (const char* member : {m::PredefinedMetricSpecification, m::CustomizedMetricSpecification}) {
    const auto left = a.find(member);
    const auto right = b.find(member);
    if ((left == a.end()) != (right == b.end())) return false;
    if (left != a.end() && *left != *right) return false;
  }
  return true;
}

std::vector<std::string_view> alarm_kinds(const TargetKey& key, const Json& configuration) {
  std::vector<std::string_view> kinds{"AlarmHigh"};
  if (!configuration.value(m::DisableScaleIn, false)) kinds.push_back("AlarmLow");
  if (key.service == "dynamodb" || key.service == "cassandra") {
    kinds.push_back("ProvisionedCapacityHigh");
    kinds.push_back("ProvisionedCapacityLow");
  }
  return kinds;
}

}  // namespace paddock::services::autoscaling
