// The errors of HTTP and WebSocket APIs (v2). Texts: README.md tells which are confirmed.
#pragma once

#include <string>

#include "services/apigateway/errors.hpp"

namespace paddock::services::apigateway::v2::errors {

using apigateway::errors::bad_request;
using apigateway::errors::conflict;
using apigateway::errors::deployment_in_use;
using apigateway::errors::no_such_api;
using apigateway::errors::not_emulated;
using apigateway::errors::not_found;

inline AwsError too_many(const std::string& what) {
  return AwsError("TooManyRequestsException",
                  "Maximum number of " + what + " for this API has been reached.", 429);
}
inline AwsError no_such_part(const std::string& kind, const std::string& id) {
  return not_found("Invalid " + kind + " identifier specified " + id);
}
inline AwsError no_such_stage() {
  return not_found("Invalid stage identifier specified");
}
inline AwsError no_such_domain() {
  return not_found("The domain name resource specified in the request was not found.");
}
inline AwsError no_such_mapping() {
  return not_found("The api mapping resource specified in the request was not found.");
}
inline AwsError domain_exists() {
  return conflict("The domain name resource already exists.");
}
inline AwsError bad_protocol() {
  return bad_request("Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]");
}
inline AwsError route_exists(const std::string& key) {
  return conflict("Route with key " + key + " already exists for this API");
}
inline AwsError same_level_variable(const std::string& key, const std::string& other) {
  return conflict("The provided route key \"" + key +
                  "\" has a conflicting variable on the same hierarchical level as \"" + other +
                  "\"");
}
inline AwsError bad_http_route_key() {
  return bad_request(
      "The provided route key is not formatted properly for HTTP protocol. Format should be "
      "\"<HTTP "
      "METHOD> /<RESOURCE PATH>\" or \"$default\"");
}
inline AwsError nothing_to_deploy() {
  return bad_request("Unable to deploy API because no routes exist in this API");
}
inline AwsError no_route_of_settings(const std::string& key) {
  return not_found("Unable to find Route by key " + key + " within the provided RouteSettings");
}
inline AwsError stage_exists() {
  return conflict("Stage already exists");
}
inline AwsError no_payload_version() {
  return bad_request("PayloadFormatVersion is a required parameter for integration");
}

}  // namespace paddock::services::apigateway::v2::errors
