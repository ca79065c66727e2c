// The service's errors with AWS's messages, as recorded from the real service.
#pragma once

#include <string>

#include "core/error.hpp"

namespace paddock::services::apigateway::errors {

inline AwsError bad_request(std::string message) {
  return AwsError("BadRequestException", std::move(message));
}
inline AwsError not_found(std::string message) {
  return AwsError("NotFoundException", std::move(message), 404);
}
inline AwsError conflict(std::string message) {
  return AwsError("ConflictException", std::move(message), 409);
}
inline AwsError limit_exceeded(std::string message) {
  return AwsError("LimitExceededException", std::move(message), 429);
}

inline AwsError no_such_api(const std::string& account, const std::string& id) {
  return not_found("Invalid API identifier specified " + account + ":" + id);
}
inline AwsError no_such_resource() {
  return not_found("Invalid Resource identifier specified");
}
inline AwsError no_such_method() {
  return not_found("Invalid Method identifier specified");
}
inline AwsError no_such_integration() {
  return not_found("Invalid Integration identifier specified");
}
inline AwsError no_such_status_code() {
  return not_found("Invalid Response status code specified");
}
inline AwsError no_such_deployment() {
  return not_found("Invalid Deployment identifier specified");
}
inline AwsError no_such_stage() {
  return not_found("Invalid stage identifier specified");
}

inline AwsError same_name_resource(const std::string& part) {
  return conflict("Another resource with the same parent already has this name: " + part);
}
inline AwsError second_variable(const std::string& part) {
  return bad_request("A sibling (" + part +
                     ") of this resource already has a variable path part -- only one is allowed");
}
inline AwsError greedy_parent(const std::string& part) {
  return bad_request("Cannot create a child of a resource with a greedy path variable: " + part);
}
inline AwsError bad_path_part() {
  return bad_request(
      "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly "
      "braces at the beginning and the end.");
}
inline AwsError method_exists() {
  return conflict("Method already exists for this resource");
}
inline AwsError response_exists() {
  return conflict("Response already exists for this resource");
}
inline AwsError bad_http_method() {
  return bad_request(
      "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY");
}
inline AwsError bad_patch_path(const std::string& path) {
  return bad_request("Invalid patch path " + path);
}
inline AwsError stage_exists() {
  return conflict("Stage already exists");
}
inline AwsError bad_stage_name() {
  return bad_request("Stage name only allows a-zA-Z0-9_");
}
inline AwsError deployment_in_use() {
  return bad_request("Active stages pointing to this deployment must be moved or deleted");
}
inline AwsError nothing_to_deploy() {
  return bad_request("The REST API doesn't contain any methods");
}
inline AwsError no_integration() {
  return bad_request("No integration defined for method");
}
inline AwsError not_emulated(const std::string& what) {
  return AwsError("InternalFailure",
                  what + " is not emulated yet. What is: GET /_paddock/coverage.", 501);
}

}  // namespace paddock::services::apigateway::errors
