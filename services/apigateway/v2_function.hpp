// Calling the Lambda function that an integration or an authorizer names.
#pragma once

#include <chrono>
#include <string>

#include "core/json.hpp"
#include "core/task.hpp"
#include "gateway/service.hpp"

namespace paddock::services::apigateway::v2 {

struct FunctionAnswer {
  FunctionAnswer() = default;

  // failed: there is no such function, or it answered with an error.
  enum class Kind { answered, failed, timed_out } kind = Kind::failed;
  std::string payload;
};

// `uri`: a function's ARN, or the invocation path that REST APIs use. Its stage variables are
// filled in from `variables`. Never throws.
Task<FunctionAnswer> call_function(gateway::RequestContext& context, std::string uri,
                                   Json variables, Json event, std::chrono::milliseconds timeout);

}  // namespace paddock::services::apigateway::v2
