#include "services/apigateway/http_api_mapping.hpp"

#include <algorithm>
#include <charconv>

#include "core/text.hpp"
#include "services/apigateway/http_values.hpp"
#include "services/apigateway/v2_errors.hpp"
#include "wire/codec.hpp"

namespace paddock::services::apigateway::v2 {
namespace {

// "append:header.name" cut in three; `name` is empty for "overwrite:path".
struct MappingKey {
  explicit MappingKey(std::string_view key) {
    size_t colon = key.find(':');
    if (colon == std::string_view::npos) return;
    action = key.substr(0, colon);
    place = key.substr(colon + 1);
    size_t dot = place.find('.');
    if (dot == std::string_view::npos) return;
    name = place.substr(dot + 1);
    place = place.substr(0, dot);
  }

  std::string_view action;
  std::string_view place;
  std::string_view name;
};

bool is_action(std::string_view action) {
  return action == "append" || action == "overwrite" || action == "remove";
}

AwsError bad_mapping(const std::string& key) {
  return errors::bad_request(
      "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid "
      "mapping expression parameter specified: " +
      key + "]");
}

// Headers that a mapping may not touch.
bool is_reserved_header(std::string_view name) {
  std::string lower = to_lower(name);
  if (lower.starts_with("access-control-") || lower.starts_with("apigw-") ||
      lower.starts_with("x-amz-") || lower.starts_with("x-amzn-") || lower.starts_with("proxy-")) {
    return true;
  }
  for (std::string_view reserved :
       {"authorization", "connection", "content-encoding", "content-length", "content-location",
        "forwarded", "keep-alive", "origin", "te", "trailers", "transfer-encoding", "upgrade",
        "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "via"}) {
    if (lower == reserved) return true;
  }
  return false;
}

std::string text_of_json(const Json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<std::string> from_headers(const http::Headers& headers, std::string_view name) {
  std::optional<std::string> joined;
  for (std::string_view value : headers.all(name)) {
    joined = joined ? *joined + "," + std::string(value) : std::string(value);
  }
  return joined;
}

std::optional<std::string> from_query(std::string_view query, std::string_view name) {
  std::optional<std::string> joined;
  for (const auto& [key, value] : decoded_query(query)) {
    if (key == name) joined = joined ? *joined + "," + value : value;
  }
  return joined;
}

std::optional<std::string> from_body(std::string_view body, std::string_view rest) {
  if (rest.empty()) return std::string(body);
  try {
    return json_member_text(wire::parse_json(body), rest);
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

// `reference` without its "$": "request.header.a", "context.requestId", "stageVariables.v".
std::optional<std::string> referred(std::string_view reference, const MappingSource& source) {
  const auto rest_after = [&reference](std::string_view prefix) -> std::optional<std::string_view> {
    if (!reference.starts_with(prefix)) return std::nullopt;
    std::string_view rest = reference.substr(prefix.size());
    if (rest.empty()) return rest;
    if (rest[0] != '.') return std::nullopt;
    return rest.substr(1);
  };
  if (auto name = rest_after("context"); name && source.context) {
    return json_member_text(*source.context, *name);
  }
  if (auto name = rest_after("stageVariables"); name && source.stage_variables) {
    return json_member_text(*source.stage_variables, *name);
  }
  for (std::string_view own : {"route.", "integration."}) {
    if (source.websocket && reference.starts_with(own)) reference.remove_prefix(own.size());
  }
  const std::string side = source.response ? "response." : "request.";
  if (!reference.starts_with(side)) return std::nullopt;
  reference.remove_prefix(side.size());
  if (source.websocket) {
    if (reference.starts_with("multivalue")) reference.remove_prefix(10);
    if (source.response && reference == "statuscode") return std::to_string(source.status);
  }
  if (auto name = rest_after("header")) return from_headers(*source.headers, *name);
  if (auto name = rest_after("body")) return from_body(source.body, *name);
  if (source.response) return std::nullopt;
  if (auto name = rest_after("querystring")) return from_query(source.query, *name);
  if (auto name = rest_after("path")) {
    if (name->empty()) return source.path;
    auto found = source.parameters->find(std::string(*name));
    if (found != source.parameters->end()) return found->second;
  }
  return std::nullopt;
}

bool is_safe_value(const std::string& value) {
  return std::none_of(value.begin(), value.end(),
                      [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

void map_header(const MappingKey& key, const std::optional<std::string>& value,
                http::Headers& headers) {
  if (key.action == "remove") {
    headers.remove(key.name);
  } else if (value && is_safe_value(*value)) {
    if (key.action == "overwrite") headers.remove(key.name);
    headers.add(key.name, *value);
  }
}

}  // namespace

std::optional<std::string> json_member_text(const Json& document, std::string_view path) {
  const Json* value = &document;
  while (!path.empty()) {
    size_t end = path.find_first_of(".[");
    if (end == 0 && path[0] == '[') {
      size_t close = path.find(']');
      size_t index = 0;
      const char* last = path.data() + (close == std::string_view::npos ? path.size() : close);
      auto [stop, error] = std::from_chars(path.data() + 1, last, index);
      if (close == std::string_view::npos || error != std::errc() || stop != last ||
          !value->is_array() || index >= value->size()) {
        return std::nullopt;
      }
      value = &(*value)[index];
      path.remove_prefix(close + 1);
      if (path.starts_with('.')) path.remove_prefix(1);
      continue;
    }
    std::string name(path.substr(0, end));
    if (!value->is_object() || !value->contains(name)) return std::nullopt;
    value = &(*value)[name];
    path.remove_prefix(std::min(path.size(), end));
    if (path.starts_with('.')) path.remove_prefix(1);
  }
  if (value->is_null()) return std::nullopt;
  return text_of_json(*value);
}

std::optional<std::string> mapped_value(const std::string& expression,
                                        const MappingSource& source) {
  std::string_view text = expression;
  if (text.starts_with('$') && !text.starts_with("${")) return referred(text.substr(1), source);
  std::string value;
  while (!text.empty()) {
    size_t start = text.find("${");
    value += text.substr(0, start);
    if (start == std::string_view::npos) break;
    size_t end = text.find('}', start);
    if (end == std::string_view::npos) {
      value += text.substr(start);
      break;
    }
    value += referred(text.substr(start + 2, end - start - 2), source).value_or("");
    text.remove_prefix(end + 1);
  }
  return value;
}

void apply_request_mapping(const Json& parameters, const MappingSource& source,
                           MappedRequest& request) {
  for (const auto& [name, expression] : parameters.items()) {
    MappingKey key(name);
    std::optional<std::string> value;
    if (key.action != "remove") value = mapped_value(expression.get<std::string>(), source);
    if (key.place == "header") {
      map_header(key, value, request.headers);
    } else if (key.place == "path") {
      if (value) request.path = *value;
    } else if (key.place == "querystring") {
      const bool replaces = key.action == "remove" || (value && key.action == "overwrite");
      if (replaces) {
        std::erase_if(request.query, [&key](const auto& pair) { return pair.first == key.name; });
      }
      if (value && key.action != "remove") request.query.emplace_back(key.name, *value);
    }
  }
}

void apply_response_mapping(const Json& parameters, const MappingSource& source,
                            http::Response& response) {
  http::Headers headers = response.headers;  // what `source` refers to stays as it is
  for (const auto& [name, expression] : parameters.items()) {
    MappingKey key(name);
    std::optional<std::string> value;
    if (key.action != "remove") value = mapped_value(expression.get<std::string>(), source);
    if (key.place == "header") {
      map_header(key, value, headers);
    } else if (key.place == "statuscode" && value) {
      if (auto status = status_of(*value)) response.status = *status;
    }
  }
  response.headers = std::move(headers);
}

void check_request_mapping(const Json& parameters) {
  for (const auto& [name, expression] : parameters.items()) {
    MappingKey key(name);
    bool good = is_action(key.action);
    if (key.place == "header") {
      good = good && is_header_token(key.name) && !is_reserved_header(key.name);
    } else if (key.place == "querystring") {
      good = good && !key.name.empty();
    } else {
      good = key.action == "overwrite" && key.place == "path" && key.name.empty();
    }
    if (!good) throw bad_mapping(name);
  }
}

void check_response_mapping(const std::string& status, const Json& parameters) {
  if (!status_of(status)) throw bad_mapping(status);
  for (const auto& [name, expression] : parameters.items()) {
    MappingKey key(name);
    bool good = is_action(key.action) && key.place == "header" && is_header_token(key.name) &&
                !is_reserved_header(key.name);
    if (key.place == "statuscode") good = key.action == "overwrite" && key.name.empty();
    if (!good || !expression.is_string()) throw bad_mapping(name);
  }
}

}  // namespace paddock::services::apigateway::v2
