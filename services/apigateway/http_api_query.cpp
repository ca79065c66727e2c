#include "services/apigateway/http_api_query.hpp"

#include "core/text.hpp"

namespace paddock::services::apigateway::v2 {

std::vector<std::pair<std::string, std::string>> decoded_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (std::string_view part : split(query, '&')) {
    if (part.empty()) continue;
    size_t equals = part.find('=');
    std::string_view value =
        equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    pairs.emplace_back(url_decode(part.substr(0, equals), true), url_decode(value, true));
  }
  return pairs;
}

}  // namespace paddock::services::apigateway::v2
