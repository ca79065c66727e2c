// A bucket's CORS rules: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "http/message.hpp"

namespace paddock::services::s3 {

// Throws AwsError for what AWS refuses of a CORSConfiguration.
void check_cors_rules(const Json& configuration);

// The headers that the first fitting rule gives to an answer; nullopt if none fits. `preflight`:
// the headers that the page asks for must be allowed as well.
std::optional<http::Headers> cors_headers(const Json& configuration, const http::RequestHead& head,
                                          bool preflight);

}  // namespace paddock::services::s3
