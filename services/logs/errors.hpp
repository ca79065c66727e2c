// Errors of CloudWatch Logs with their exact messages (recorded from AWS).
#pragma once

#include <string>

#include "core/error.hpp"

namespace paddock::services::logs::errors {

inline AwsError invalid(std::string message) {
  return AwsError("InvalidParameterException", std::move(message));
}
inline AwsError no_group() {
  return AwsError("ResourceNotFoundException", "The specified log group does not exist.");
}
inline AwsError no_stream() {
  return AwsError("ResourceNotFoundException", "The specified log stream does not exist.");
}
inline AwsError group_exists() {
  return AwsError("ResourceAlreadyExistsException", "The specified log group already exists");
}
inline AwsError stream_exists() {
  return AwsError("ResourceAlreadyExistsException", "The specified log stream already exists");
}
inline AwsError bad_token() {
  return invalid("The specified nextToken is invalid.");
}
inline AwsError no_subscription_filter() {
  return AwsError("ResourceNotFoundException", "The specified subscription filter does not exist.");
}
inline AwsError no_metric_filter() {
  return AwsError("ResourceNotFoundException", "The specified metric filter does not exist.");
}
inline AwsError no_destination() {
  return AwsError("ResourceNotFoundException", "The specified destination does not exist.");
}
inline AwsError no_policy(const std::string& name) {
  return AwsError("ResourceNotFoundException", "Policy with name [" + name + "] does not exist.");
}
inline AwsError too_many() {
  return AwsError("LimitExceededException", "Resource limit exceeded.");
}
inline AwsError foreign_function() {
  return AwsError("AccessDeniedException",
                  "Cross-account lambda invocation passing is not allowed. You must use "
                  "DestinationPolicies to create cross account lambda triggers.");
}
inline AwsError cannot_invoke() {
  return invalid(
      "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission "
      "to execute your function.");
}
// What AWS has and Paddock has not.
inline AwsError not_emulated(const std::string& what) {
  return AwsError("InternalFailure", what + " is not emulated yet.", 501);
}

}  // namespace paddock::services::logs::errors
