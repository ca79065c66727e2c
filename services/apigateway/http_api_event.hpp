// Lambda proxy integration of HTTP APIs: the events of formats 1.0 and 2.0 and the answers
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html).
// Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "http/message.hpp"

namespace paddock::services::apigateway::v2 {

// What an event tells beside the client's own request.
struct HttpEventSource {
  HttpEventSource(const http::RequestHead& head, std::string_view body) : head(head), body(body) {}

  const http::RequestHead& head;
  std::string_view body;
  std::string api;
  std::string account;
  std::string stage;
  std::string path;       // with the stage, unless that is $default; still encoded
  std::string sent_path;  // by a custom domain name: with its mapping, without the stage; or ""
  std::string route_key;  // "GET /pets/{id}"
  std::map<std::string, std::string> parameters;
  Json stage_variables;  // object, or null
  Json authorizer;       // of format 2.0: {"jwt": …} or {"lambda": …}; null without one
  Json signer;           // of AWS_IAM: members of identity (signed_identity.hpp); else null
  std::string request_id;
  int64_t time_ms = 0;  // world time
  Json websocket;       // of a WebSocket API: its $connect event; else null
};

Json http_event_1_0(const HttpEventSource& source);
Json http_event_2_0(const HttpEventSource& source);
// The event of a Lambda authorizer: the same with what it decides on, without a body.
Json http_authorizer_event_1_0(const HttpEventSource& source, const std::string& method_arn,
                               const std::vector<std::string>& identity);
Json http_authorizer_event_2_0(const HttpEventSource& source, const std::string& route_arn,
                               const std::vector<std::string>& identity);

// The HTTP answer that a function's result stands for; nullopt if it is malformed, which is then a
// 500. Format 2.0 takes any JSON without a `statusCode` for a body of its own.
std::optional<http::Response> http_response_1_0(std::string_view payload);
std::optional<http::Response> http_response_2_0(std::string_view payload);

// The headers that an integration gets: in lower case, the values of one name joined by commas,
// with those that the gateway adds; without `cookie` for format 2.0.
std::map<std::string, std::string> joined_headers(const http::RequestHead& head, bool cookies);
// True if a body of this content type is passed as text, as recorded from AWS: text/*, and JSON,
// XML and JavaScript under their own names; all others are base64, so are those without a type.
bool is_text_body(std::string_view content_type);

}  // namespace paddock::services::apigateway::v2
