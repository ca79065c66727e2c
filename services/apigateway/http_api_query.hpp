// Query strings as HTTP and WebSocket APIs read them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace paddock::services::apigateway::v2 {

// Names and decoded values, in their order.
std::vector<std::pair<std::string, std::string>> decoded_query(std::string_view query);

}  // namespace paddock::services::apigateway::v2
