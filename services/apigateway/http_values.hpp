// What data planes read from and write into heads: statuses, headers, query strings, times. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.hpp"

namespace paddock::services::apigateway {

// 200 or "200"; nullopt for anything that is no HTTP status of `lowest` or more.
std::optional<int> status_of(const Json& value, int lowest = 200);
// A text, number or boolean as a header's value; nullopt for what cannot be one.
std::optional<std::string> header_text_of(const Json& value);
// A token of RFC 9110, section 5.6.2.
bool is_header_token(std::string_view name);

// Names and decoded values of a query string, in their order; and the other way.
std::vector<std::pair<std::string, std::string>> decoded_query(std::string_view query);
std::string encoded_query(const std::vector<std::pair<std::string, std::string>>& pairs);

// "20/Nov/2026:07:36:00 +0000"
std::string request_time_text(int64_t ms);

}  // namespace paddock::services::apigateway
