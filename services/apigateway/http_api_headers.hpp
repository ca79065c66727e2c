// Headers in what functions answer. Pure.
#pragma once

#include "core/json.hpp"
#include "http/message.hpp"

namespace paddock::services::apigateway::v2 {

// Adds the `headers` of a function's answer, or its `multiValueHeaders`, which replace the former;
// false if they are malformed. Framing headers are left out.
bool add_single_headers(const Json& result, http::Headers& headers);
bool add_multi_headers(const Json& result, http::Headers& headers);

}  // namespace paddock::services::apigateway::v2
