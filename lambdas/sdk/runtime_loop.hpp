// A custom runtime around one function, for a process of its own.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
#pragma once

#include "lambda/entry_points.hpp"

namespace paddock::sdk {

// Asks the Runtime API that AWS_LAMBDA_RUNTIME_API names for invocations and answers them, until it
// fails several times in a row; returns the process's exit status.
int serve_runtime_api(lambda::HandlerFunction handler);

}  // namespace paddock::sdk
