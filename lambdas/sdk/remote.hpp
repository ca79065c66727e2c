// AWS calls over HTTP with Signature Version 4, for functions outside the emulator.
#pragma once

#include <string>

#include "core/json.hpp"
#include "http/client.hpp"

namespace paddock::sdk {

// Region, credentials and endpoint come from the process's environment, as in every AWS SDK:
// AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_ENDPOINT_URL.
// Throws AwsError.
Json call_remote(const std::string& service, const std::string& operation, Json input);

// Where "http://host:port" or "https://host" leads. Throws AwsError("ConfigurationError") for
// anything else.
http::ClientOptions parse_endpoint(const std::string& url);

}  // namespace paddock::sdk
