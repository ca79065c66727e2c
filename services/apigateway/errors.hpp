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
inline AwsError bad_patch_op(const std::string& allowed) {
  return bad_request("Invalid patch operation specified. Must be one of: [" + allowed + "]");
}
inline AwsError bad_patch_op() {
  return bad_request("Invalid patch operation specified. Must be 'add'|'remove'|'replace'");
}
// `allowed`: the paths this op has, "" if it has none. The two blanks are AWS's.
inline AwsError bad_named_patch(const std::string& path, const std::string& op,
                                const std::string& allowed) {
  return bad_request("Invalid patch path  '" + path + "' specified for op '" + op + "'. " +
                     (allowed.empty() ? "Please choose supported operations"
                                      : "Must be one of: [" + allowed + "]"));
}
// As AWS has it, missing commas and all.
inline AwsError bad_stage_path(const std::string& path) {
  return bad_request(
      "Invalid method setting path: " + path +
      ". Must be one of: [/deploymentId, /description, /cacheClusterEnabled, "
      "/cacheClusterSize, /clientCertificateId, /accessLogSettings, "
      "/accessLogSettings/destinationArn, /accessLogSettings/format, "
      "/{resourcePath}/{httpMethod}/metrics/enabled, "
      "/{resourcePath}/{httpMethod}/logging/dataTrace, "
      "/{resourcePath}/{httpMethod}/logging/loglevel, "
      "/{resourcePath}/{httpMethod}/throttling/burstLimit/{resourcePath}/{httpMethod}/throt"
      "tling/rateLimit/{resourcePath}/{httpMethod}/caching/ttlInSeconds, "
      "/{resourcePath}/{httpMethod}/caching/enabled, "
      "/{resourcePath}/{httpMethod}/caching/dataEncrypted, "
      "/{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl, "
      "/{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy, "
      "/*/*/metrics/enabled, /*/*/logging/dataTrace, /*/*/logging/loglevel, "
      "/*/*/throttling/burstLimit /*/*/throttling/rateLimit /*/*/caching/ttlInSeconds, "
      "/*/*/caching/enabled, /*/*/caching/dataEncrypted, "
      "/*/*/caching/requireAuthorizationForCacheControl, "
      "/*/*/caching/unauthorizedCacheControlHeaderStrategy, /variables/{variable_name}, "
      "/tracingEnabled]");
}
inline AwsError no_such_parent_change(const std::string& member) {
  return bad_request("Root resource cannot update its " + member + ".");
}
inline AwsError no_authorizer() {
  return bad_request(
      "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or "
      "COGNITO_USER_POOLS requires a valid authorizer.");
}
inline AwsError bad_validator() {
  return bad_request("Invalid Request Validator identifier specified");
}
inline AwsError no_such_validator() {
  return not_found("Invalid Request Validator identifier specified");
}
inline AwsError no_such_model(const std::string& name) {
  return not_found("Invalid model name specified: " + name);
}
inline AwsError bad_model(const std::string& name) {
  return bad_request("Invalid model identifier specified: " + name);
}
inline AwsError bad_model_schema(const std::string& why) {
  return bad_request("Invalid model specified: Validation Result: warnings : [], errors : [" + why +
                     "]");
}
inline AwsError no_such_authorizer() {
  return not_found("Invalid Authorizer identifier specified");
}
inline AwsError no_such_api_key() {
  return not_found("Invalid API Key identifier specified");
}
inline AwsError no_such_usage_plan() {
  return not_found("Invalid Usage Plan ID specified");
}
inline AwsError no_such_plan_key() {
  return not_found("Invalid API Key identifier specified");
}
inline AwsError no_such_vpc_link() {
  return not_found("Invalid Vpc Link identifier specified");
}
inline AwsError no_such_domain_name() {
  return not_found("Invalid domain name identifier specified");
}
inline AwsError no_such_base_path_mapping() {
  return not_found("Invalid base path mapping identifier specified");
}
inline AwsError no_such_documentation_part() {
  return not_found("Invalid Documentation part identifier specified");
}
inline AwsError bad_importer_input() {
  return bad_request("Unable to build importer with provided input.");
}
inline AwsError no_such_gateway_response() {
  return not_found("Gateway response type not defined on api");
}
// What AWS answers to the creation of an authorizer of an unknown API.
inline AwsError concurrent_modification() {
  return conflict(
      "Unable to complete operation due to concurrent modification. Please try again later.");
}
// Each error of a mapping in its own words, joined by ", ".
inline AwsError bad_mapping(const std::string& errors) {
  return bad_request(
      "Invalid mapping expression specified: Validation Result: warnings : [], errors : [" +
      errors + "]");
}
inline AwsError bad_content_type(const std::string& type) {
  return bad_request(
      "Validation Result: warnings : [], errors : [Invalid content type specified: " + type + "]");
}
inline AwsError no_such_parameter() {
  return not_found("Invalid parameter name specified");
}
inline AwsError bad_compression_size() {
  return bad_request("Invalid minimum compression size, must be between 0 and 10485760");
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
