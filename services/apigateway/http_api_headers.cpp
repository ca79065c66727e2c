#include "services/apigateway/http_api_headers.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/text.hpp"

namespace paddock::services::apigateway::v2 {
namespace {

// How the body travels, and what the connection is, is the gateway's affair.
bool is_framing_header(std::string_view name) {
  return equal_ignore_case(name, "transfer-encoding") || equal_ignore_case(name, "trailer") ||
         equal_ignore_case(name, "content-length") || equal_ignore_case(name, "connection") ||
         equal_ignore_case(name, "date") || equal_ignore_case(name, "upgrade");
}

}  // namespace

std::optional<int> status_of(const Json& value) {
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
  if (status < 200 || status > 599) return std::nullopt;
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

bool add_single_headers(const Json& result, http::Headers& headers) {
  auto single = result.find("headers");
  if (single == result.end() || single->is_null()) return true;
  if (!single->is_object()) return false;
  for (const auto& [name, value] : single->items()) {
    if (value.is_null() || is_framing_header(name)) continue;
    auto text = header_text_of(value);
    if (!text || !is_header_token(name)) return false;
    headers.add(name, *text);
  }
  return true;
}

bool add_multi_headers(const Json& result, http::Headers& headers) {
  auto multi = result.find("multiValueHeaders");
  if (multi == result.end() || multi->is_null()) return true;
  if (!multi->is_object()) return false;
  for (const auto& [name, values] : multi->items()) {
    if (!values.is_array() || !is_header_token(name)) return false;
    if (is_framing_header(name)) continue;
    headers.remove(name);
    for (const auto& value : values) {
      auto text = header_text_of(value);
      if (!text) return false;
      headers.add(name, *text);
    }
  }
  return true;
}

}  // namespace paddock::services::apigateway::v2
