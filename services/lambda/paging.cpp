#include "services/lambda/paging.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "services/lambda/errors.hpp"
#include "services/lambda/model.hpp"

namespace paddock::services::lambda::pages {

std::string marker_after(const std::string& key) {
  return to_base64(key);
}

std::string decode_marker(const Json& input) {
  const std::string text = input.value(members::Marker, std::string());
  const std::optional<std::string> key = from_base64(text);
  if (!key) {
    throw errors::invalid_parameter("The Marker provided is invalid.");
  }
  return *key;
}

size_t size(const Json& input, size_t most) {
  return std::min<size_t>(input.value(members::MaxItems, most), most);
}

Json of(const Json& input, const char* member, std::vector<std::pair<std::string, Json>> items,
        size_t most) {
  const std::string after = decode_marker(input);
  const size_t page = size(input, most);
  Json answer = {{member, Json::array()}};
  Json& found = answer[member];
  std::string last;
  for (auto& [key, item] : items) {
    if (!after.empty() && key <= after) {
      continue;
    }
    if (found.size() == page) {
      answer[members::NextMarker] = marker_after(last);
      break;
    }
    last = key;
    found.push_back(std::move(item));
  }
  return answer;
}

}  // namespace paddock::services::lambda::pages
