// Headers and statuses in what functions and mappings say. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "http/message.hpp"

namespace paddock::services::apigateway::v2 {

// 200 or "200"; nullopt for anything that is no HTTP status.
std::optional<int> status_of(const Json& value);
// A text, number or boolean as a header's value; nullopt for what cannot be one.
std::optional<std::string> header_text_of(const Json& value);
// A token of RFC 9110, section 5.6.2.
bool is_header_token(std::string_view name);
// Adds the `headers` of a function's answer, or its `multiValueHeaders`, which replace the former;
// false if they are malformed. Framing headers are left out.
bool add_single_headers(const Json& result, http::Headers& headers);
bool add_multi_headers(const Json& result, http::Headers& headers);

}  // namespace paddock::services::apigateway::v2
