#include "services/apigateway/http_api_headers.hpp"

#include "core/text.hpp"
#include "services/apigateway/http_values.hpp"

namespace paddock::services::apigateway::v2 {
namespace {

// How the body travels, and what the connection is, is the gateway's affair.
bool is_framing_header(std::string_view name) {
  return equal_ignore_case(name, "transfer-encoding") || equal_ignore_case(name, "trailer") ||
         equal_ignore_case(name, "content-length") || equal_ignore_case(name, "connection") ||
         equal_ignore_case(name, "date") || equal_ignore_case(name, "upgrade");
}

}  // namespace

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
