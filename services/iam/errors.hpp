// IAM's and STS's errors with AWS's messages. Codes are the shapes' names; the wire layer knows
// what they are called there ("NoSuchEntity").
#pragma once

#include <string>

#include "core/error.hpp"

namespace paddock::services::iam::errors {

inline AwsError no_such_entity(std::string message) {
  return AwsError("NoSuchEntityException", std::move(message), 404);
}
inline AwsError no_such_role(const std::string& name) {
  return no_such_entity("The role with name " + name + " cannot be found.");
}
inline AwsError no_such_user(const std::string& name) {
  return no_such_entity("The user with name " + name + " cannot be found.");
}
inline AwsError no_such_role_policy(const std::string& name) {
  return no_such_entity("The role policy with name " + name + " cannot be found.");
}
inline AwsError no_such_access_key(const std::string& id) {
  return no_such_entity("The Access Key with id " + id + " cannot be found.");
}
inline AwsError policy_not_attachable(const std::string& arn) {
  return no_such_entity("Policy " + arn + " does not exist or is not attachable.");
}
inline AwsError policy_not_attached(const std::string& arn) {
  return no_such_entity("Policy " + arn + " was not found.");
}
inline AwsError no_such_boundary(const std::string& arn) {
  return no_such_entity("Scope ARN: " + arn + " does not exist or is not attachable.");
}

inline AwsError role_exists(const std::string& name) {
  return AwsError("EntityAlreadyExistsException", "Role with name " + name + " already exists.",
                  409);
}
inline AwsError user_exists(const std::string& name) {
  return AwsError("EntityAlreadyExistsException", "User with name " + name + " already exists.",
                  409);
}

inline AwsError delete_conflict(const std::string& first) {
  return AwsError("DeleteConflictException", "Cannot delete entity, must " + first + " first.",
                  409);
}

inline AwsError quota_exceeded(const std::string& quota, size_t limit) {
  return AwsError("LimitExceededException",
                  "Cannot exceed quota for " + quota + ": " + std::to_string(limit), 409);
}
inline AwsError role_policies_too_large(const std::string& role, size_t limit) {
  return AwsError(
      "LimitExceededException",
      "Maximum policy size of " + std::to_string(limit) + " bytes exceeded for role " + role, 409);
}

inline AwsError malformed_policy(std::string message) {
  return AwsError("MalformedPolicyDocumentException", std::move(message));
}
inline AwsError invalid_input(std::string message) {
  return AwsError("InvalidInputException", std::move(message));
}
inline AwsError invalid_arn(const std::string& arn) {
  return invalid_input("ARN " + arn + " is not valid.");
}
inline AwsError duplicate_tags() {
  return invalid_input("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
}

inline AwsError validation(std::string message) {
  return AwsError("ValidationError", std::move(message));
}
inline AwsError invalid_marker() {
  return validation("Invalid Marker.");
}
inline AwsError user_name_needed() {
  return validation("Must specify userName when calling with non-User credentials");
}

}  // namespace paddock::services::iam::errors
