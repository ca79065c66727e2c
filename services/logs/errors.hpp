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
inline AwsError not_emulated(const std::string& what) {
  return invalid(what + " is not emulated yet.");
}

}  // namespace paddock::services::logs::errors
