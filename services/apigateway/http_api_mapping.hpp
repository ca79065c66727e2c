// Parameter mapping of HTTP APIs
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html).
// Pure.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.hpp"
#include "http/message.hpp"

namespace paddock::services::apigateway::v2 {

// What expressions may refer to; the strings are the caller's.
struct MappingSource {
  const http::Headers* headers = nullptr;
  std::string_view query;  // encoded
  std::string_view body;
  std::string path;                                                // without the stage, decoded
  const std::map<std::string, std::string>* parameters = nullptr;  // of the path
  const Json* stage_variables = nullptr;
  const Json* context = nullptr;  // $context
  bool response = false;          // "$response.…" instead of "$request.…"
  // Of WebSocket APIs, which write "route.request.…" and "integration.response.…", also with
  // "multivalueheader" and "multivaluequerystring".
  bool websocket = false;
  int status = 0;  // of the response, for "integration.response.statuscode"
};

// A request on its way to an HTTP integration.
struct MappedRequest {
  http::Headers headers;
  std::vector<std::pair<std::string, std::string>> query;  // decoded
  std::optional<std::string> path;                         // if a mapping replaces it
};

// The value of "$request.header.a", "${context.b}-text" …; nullopt if it refers to nothing that is
// there.
std::optional<std::string> mapped_value(const std::string& expression, const MappingSource& source);

void apply_request_mapping(const Json& parameters, const MappingSource& source,
                           MappedRequest& request);
void apply_response_mapping(const Json& parameters, const MappingSource& source,
                            http::Response& response);

// Throw BadRequestException for what is no mapping.
void check_request_mapping(const Json& parameters);
void check_response_mapping(const std::string& status, const Json& parameters);

// The member of a JSON text that "a.b[0].c" names, as text; nullopt if there is none.
std::optional<std::string> json_member_text(const Json& document, std::string_view path);

}  // namespace paddock::services::apigateway::v2
