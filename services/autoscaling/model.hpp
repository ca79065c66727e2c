// Scalable targets, scaling policies and scheduled actions, and the pure rules about them. No I/O.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"

namespace paddock::services::autoscaling {

// What names a scalable target.
struct TargetKey {
  std::string service;    // ServiceNamespace: "dynamodb"
  std::string resource;   // ResourceId: "table/Tracks"
  std::string dimension;  // ScalableDimension: "dynamodb:table:ReadCapacityUnits"
};

struct Target {
  TargetKey key;
  std::string id;  // in its ARN
  int64_t minimum = 0;
  int64_t maximum = 0;
  std::string role_arn;
  int64_t created_ms = 0;
  Json suspended = Json::object();  // SuspendedState, all three members
  std::map<std::string, std::string> tags;
};

struct Policy {
  TargetKey key;
  std::string name;
  std::string arn;
  std::string type;    // "TargetTrackingScaling" or "StepScaling"
  Json configuration;  // as it was put
  Json alarms;         // [{"AlarmName", "AlarmARN"} …]
  int64_t created_ms = 0;
};

struct Action {
  TargetKey key;
  std::string name;
  std::string arn;
  std::string schedule;
  Json settings;  // Timezone, StartTime, EndTime, ScalableTargetAction, as far as they were put
  int64_t created_ms = 0;
};

// The key that an input names, checked: the dimension is of the namespace and the resource of the
// dimension's kind. Throws AwsError.
TargetKey target_key(const Json& input);
// The role that the service takes on; for DynamoDB
// ".../AWSServiceRoleForApplicationAutoScaling_DynamoDBTable".
std::string linked_role_arn(std::string_view account, std::string_view service);

Json describe(const Target& target, std::string_view arn);
Json describe(const Policy& policy);
Json describe(const Action& action);

// Throw AwsError.
void check_policy(const TargetKey& key, const Json& input);
void check_schedule(std::string_view schedule);
// True if both policies track the same metric.
bool same_metric(const Json& a, const Json& b);
// The endings of the names of the alarms that a target tracking policy makes: "AlarmHigh" …
std::vector<std::string_view> alarm_kinds(const TargetKey& key, const Json& configuration);

}  // namespace paddock::services::autoscaling
