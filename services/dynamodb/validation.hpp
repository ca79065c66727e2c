// How the pure rules of this folder refuse a request.
#pragma once

#include <string>

#include "core/error.hpp"

namespace paddock::services::dynamodb {

// Throws ValidationException (400) with AWS's text.
[[noreturn]] inline void fail_validation(std::string message) {
  throw AwsError("ValidationException", std::move(message));
}

}  // namespace paddock::services::dynamodb
