// Errors of Lambda with their exact messages (recorded from AWS).
#pragma once

#include <string>

#include "core/error.hpp"

namespace paddock::services::lambda::errors {

inline AwsError user(std::string code, std::string message, int status) {
  return AwsError(std::move(code), std::move(message), status).with("Type", "User");
}
inline AwsError invalid_parameter(std::string message) {
  return user("InvalidParameterValueException", std::move(message), 400);
}
// Some of them are recorded without a Type.
inline AwsError untyped_parameter(std::string message) {
  return AwsError("InvalidParameterValueException", std::move(message), 400);
}
// What the model's own constraints answer; these carry no Type.
inline AwsError validation(std::string constraint) {
  return AwsError("ValidationException", "1 validation error detected: " + std::move(constraint));
}
inline AwsError not_found(std::string message) {
  return user("ResourceNotFoundException", std::move(message), 404);
}
inline AwsError function_not_found(const std::string& arn) {
  return not_found("Function not found: " + arn);
}
inline AwsError alias_not_found(const std::string& arn) {
  return not_found("Cannot find alias arn: " + arn);
}
inline AwsError resource_not_found() {
  return not_found("The resource you requested does not exist.");
}
inline AwsError conflict(std::string message) {
  return user("ResourceConflictException", std::move(message), 409);
}
inline AwsError function_exists(const std::string& name) {
  return conflict("Function already exist: " + name);
}
inline AwsError wrong_region(const std::string& asked, const std::string& here) {
  return not_found("Functions from '" + asked + "' are not reachable in this region ('" + here +
                   "')");
}
inline AwsError qualifier_mismatch() {
  return invalid_parameter(
      "The derived qualifier from the function name does not match the specified qualifier.");
}
inline AwsError stale_revision(const char* source) {
  return user("PreconditionFailedException",
              std::string("The Revision Id provided does not match the latest Revision Id. Call "
                          "the ") +
                  source + " API to retrieve the latest Revision Id",
              412);
}
inline AwsError statement_exists(const std::string& sid) {
  return conflict("The statement id (" + sid +
                  ") provided already exists. Please provide a new statement id, or remove the "
                  "existing statement.");
}
inline AwsError no_statement(const std::string& sid) {
  return not_found("Statement " + sid + " is not found in resource policy.");
}
inline AwsError no_policy() {
  return not_found("No policy is associated with the given resource.");
}
// What other accounts have: none of it is here.
inline AwsError foreign(const std::string& principal, const std::string& operation,
                        const std::string& arn) {
  const std::string action = "lambda:" + (operation == "Invoke" ? "InvokeFunction" : operation);
  return AwsError("AccessDeniedException",
                  "User: " + principal + " is not authorized to perform: " + action +
                      " on resource: " + arn + " because no resource-based policy allows the " +
                      action + " action",
                  403);
}
inline AwsError unsupported_in_mapping(const std::string& parameter) {
  return invalid_parameter("Unsupported " + parameter +
                           " parameter for given event source mapping type.");
}
inline AwsError unzip_failed() {
  return invalid_parameter(
      "Could not unzip uploaded file. Please check your file, then try to upload again.");
}
inline AwsError too_large(std::string message) {
  return user("RequestEntityTooLargeException", std::move(message), 413);
}
// Ours: AWS runs them all.
inline AwsError no_runtime(const std::string& what) {
  return user("InvalidRuntimeException",
              "There is no runtime for " + what +
                  " here: Paddock runs functions that are built into it, and packages of "
                  "provided*, nodejs* and python3*.",
              502);
}
inline AwsError throttled(const char* reason) {
  return user("TooManyRequestsException", "Rate Exceeded.", 429)
      .with("Reason", reason)
      .with("retryAfterSeconds", "1");
}
inline AwsError not_emulated(const std::string& what) {
  return invalid_parameter(what + " is not emulated yet.");
}

}  // namespace paddock::services::lambda::errors
