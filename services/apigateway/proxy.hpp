// Lambda proxy integration, format 1.0: the event a function gets and the answer it gives
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html).
// Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "http/message.hpp"

namespace paddock::services::apigateway {

// What the event tells beside the client's own request.
struct ProxyRequest {
  ProxyRequest(const http::RequestHead& head, std::string_view body) : head(head), body(body) {}

  const http::RequestHead& head;
  std::string_view body;
  std::string api;
  std::string account;
  std::string stage;
  std::string deployment;
  Json stage_variables;  // object, or null
  std::string resource_id;
  std::string resource_path;                      // "/tag/{tag}"
  std::string path;                               // within the stage, as sent
  std::string context_path;                       // with the stage; "": made of the two
  std::map<std::string, std::string> parameters;  // as sent
  std::string request_id;
  std::string extended_request_id;
  std::string trace_id;        // "Root=1-…"; "" if there is none
  int64_t time_ms = 0;         // world time
  bool binary = false;         // the body is to be passed as base64
  Json identity;               // what is known of the caller beside the head: an object, or null
  Json authorizer;             // what an authorizer gave: an object, or null
  std::optional<bool> canary;  // of stages with a canary
};

Json proxy_event(const ProxyRequest& request);
// Its requestContext, which is also $context of templates.
Json proxy_context(const ProxyRequest& request);

// The HTTP answer that a function's result stands for; nullopt if it is malformed, which is then a
// 502: no object, a member that is none of the format's, or a value of the wrong kind. No member is
// required. `accepts_binary`: a body marked as base64 is decoded.
std::optional<http::Response> proxy_response(std::string_view payload, bool accepts_binary);

// True if a media type of a header ("image/png, */*;q=0.8") is among `binary_types`, which may hold
// wildcards ("image/*", "*/*").
bool matches_binary_type(std::string_view header, const Json& binary_types);

}  // namespace paddock::services::apigateway
