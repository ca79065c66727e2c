// The functions that are built into this process: a table that CMake's paddock_add_lambda
// generates, so that no static registration can be dropped by the linker.
#pragma once

#include <span>
#include <string_view>

#include <aws/lambda-runtime/runtime.h>

namespace paddock::lambda {

using HandlerFunction =
    aws::lambda_runtime::invocation_response (*)(const aws::lambda_runtime::invocation_request&);

struct EntryPoint {
  std::string_view name;  // what Handler names: "pageviews-record"
  HandlerFunction handler;
};

// nullptr if there is none of that name.
const EntryPoint* find_entry_point(std::span<const EntryPoint> table, std::string_view name);

}  // namespace paddock::lambda
