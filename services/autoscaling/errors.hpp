// Errors of Application Auto Scaling with their messages.
#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"
#include "services/autoscaling/model.hpp"

namespace paddock::services::autoscaling::errors {

inline AwsError invalid(std::string message) {
  return AwsError("ValidationException", std::move(message));
}
inline AwsError unsupported_target() {
  return invalid("Unsupported service namespace, resource type or scalable dimension");
}
inline AwsError maximum_below_minimum() {
  return invalid("Maximum capacity cannot be less than minimum capacity");
}
inline AwsError one_policy_per_metric() {
  return invalid(
      "Only one TargetTrackingScaling policy for a given metric specification is allowed.");
}
inline AwsError not_found(std::string message) {
  return AwsError("ObjectNotFoundException", std::move(message));
}
inline std::string named(const TargetKey& key) {
  return "service namespace: " + key.service + ", resource ID: " + key.resource +
         ", scalable dimension: " + key.dimension;
}
inline AwsError no_target(const TargetKey& key) {
  return not_found("No scalable target registered for " + named(key));
}
inline AwsError no_policy(const TargetKey& key, std::string_view name) {
  return not_found("No scaling policy found for " + named(key) +
                   ", policy name: " + std::string(name));
}
inline AwsError no_action(const TargetKey& key, std::string_view name) {
  return not_found("No scheduled action found for " + named(key) +
                   ", scheduled action name: " + std::string(name));
}
inline AwsError limit_exceeded(std::string message) {
  return AwsError("LimitExceededException", std::move(message));
}
inline AwsError bad_token() {
  return AwsError("InvalidNextTokenException", "Invalid next token");
}
inline AwsError no_such_arn(std::string_view arn) {
  return AwsError("ResourceNotFoundException", "Resource not found for ARN " + std::string(arn))
      .with("ResourceName", std::string(arn));
}
inline AwsError too_many_tags(std::string_view arn) {
  return AwsError("TooManyTagsException", "Too many tags: at most 50 are allowed per resource")
      .with("ResourceName", std::string(arn));
}
inline AwsError not_emulated(const std::string& what) {
  return AwsError("InternalFailure", "not supported yet by this emulator: " + what, 501);
}

}  // namespace paddock::services::autoscaling::errors
