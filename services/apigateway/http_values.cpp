#include "services/apigateway/http_values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "core/text.hpp"

namespace paddock::services::apigateway {

std::optional<int> status_of(const Json& value, int lowest) {
  int64_t status = 0;
  if (value.is_number_integer()) {
    status = value.get<int64_t>();
  } else if (value.is_number_float()) {
    double number = value.get<double>();
    if (!(number >= 100 && number < 600) || number != std::floor(number)) return std::nullopt;
    status = static_cast<int64_t>(number);
  } else if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  }
  if (status < lowest || status > 599) return std::nullopt;
  return static_cast<int>(status);
}

std::optional<std::string> header_text_of(const Json& value) {
  if (!value.is_primitive() || value.is_null() || value.is_binary()) return std::nullopt;
  std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  const bool safe = std::none_of(text.begin(), text.end(),
                                 [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
  return safe ? std::optional<std::string>(std::move(text)) : std::nullopt;
}

bool is_header_token(std::string_view name) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

std::vector<std::pair<std::string, std::string>> decoded_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  if (query.empty()) return pairs;
  for (std::string_view part : split(query, '&')) {
    if (part.empty()) continue;
    size_t equals = part.find('=');
    std::string_view value =
        equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    pairs.emplace_back(url_decode(part.substr(0, equals), true), url_decode(value, true));
  }
  return pairs;
}

std::string encoded_query(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::string text;
  for (const auto& [name, value] : pairs) {
    if (!text.empty()) text += '&';
    text += url_encode(name) + "=" + url_encode(value);
  }
  return text;
}

std::string request_time_text(int64_t ms) {
  static constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  CivilTime time = civil_time(ms);
  char text[64];
  std::snprintf(text, sizeof text, "%02d/%s/%04d:%02d:%02d:%02d +0000", time.day,
                kMonths[static_cast<size_t>(time.month - 1)], time.year, time.hour, time.minute,
                time.second);
  return text;
}

}  // namespace paddock::services::apigateway
