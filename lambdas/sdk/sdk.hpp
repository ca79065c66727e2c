// What a function may use: its environment, its log and AWS calls. In the emulator all three are
// those of its execution environment; in a stand-alone runtime they are the process's own, and
// calls go over HTTP, signed, to AWS_ENDPOINT_URL or else to AWS.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <aws/lambda-runtime/runtime.h>

#include "core/error.hpp"
#include "core/json.hpp"

// A function's file defines its handler under this name; CMake's paddock_add_lambda sets it to one
// that is unique among all functions:
//
//   invocation_response PADDOCK_HANDLER(const invocation_request& request) { … }

namespace paddock::sdk {

using Json = paddock::Json;
using aws::lambda_runtime::invocation_request;
using aws::lambda_runtime::invocation_response;

// What a call that AWS refused throws: code() is "ResourceNotFoundException" and the like.
using Error = paddock::AwsError;

// Calls `operation` of `service` ("dynamodb", "GetItem") with members named as in the AWS API.
// Blobs are given as Json::binary. Waits. Throws Error. Outside the emulator: services of the JSON
// protocol only, and answers hold blobs as base64 and timestamps in seconds.
Json call(const std::string& service, const std::string& operation, Json input);

std::string environment(const std::string& name);  // "" if it is not set
// The same, but throws Error("ConfigurationError") if it is not set.
std::string required_environment(const std::string& name);

// A line in the function's log.
void log(const std::string& text);

// DynamoDB attribute values.
Json text_value(const std::string& text);
Json number_value(int64_t number);
// The number in attribute `name` of an item; `fallback` if there is none.
int64_t number_of(const Json& item, const std::string& name, int64_t fallback);

}  // namespace paddock::sdk
