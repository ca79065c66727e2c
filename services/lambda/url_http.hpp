// Function URLs on the wire: which requests are theirs, the event a function is given, and the
// answer that is made of what it returns. Pure functions.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "http/message.hpp"
#include "identity/identity.hpp"

namespace paddock::services::lambda {

// Where a request is addressed to.
struct UrlAddress {
  std::string id;
  std::string path;  // as sent; "/" at least
};
// Recognises, for the URL "abc":
//   abc.lambda-url.REGION.REST-OF-HOST   /path
//   any host                             /_aws/lambda-url/abc/path
// nullopt for anything else. `host` in lower case, without its port.
std::optional<UrlAddress> url_address(std::string_view host, std::string_view path);
// The URL as callers of this authority ("localhost:4566") reach it, with a slash at the end.
std::string url_of(const std::string& id, const std::string& region, std::string_view scheme,
                   std::string_view authority);
// Whether an id that a user chose can be a label of a host.
bool is_url_id(std::string_view id);

struct UrlRequest {
  const http::RequestHead& head;
  std::string_view body;
  UrlAddress address;
  std::string request_id;
  int64_t time_ms = 0;
  std::optional<identity::Principal> caller;  // of a signed request to a URL that asks for it
};
// The event, payload format 2.0. Bytes that are no text are replaced or travel as base64.
Json url_event(const UrlRequest& request);

// The answer of a function that returned, payload format 2.0; nullopt for one that cannot be sent.
std::optional<http::Response> url_response(const std::string& payload);
// The beginning of a streamed answer: JSON, then eight NUL bytes, which `text` is without.
std::optional<http::Response> url_prelude(std::string_view text);
http::Response url_error(int status, std::string_view message);
http::Response url_failure();  // 502: the function failed

// CORS as a URL's configuration says; `cors` is a Cors document.
bool is_preflight(const http::RequestHead& head);
http::Response preflight_response(const Json& cors, const http::RequestHead& head);
// Takes the place of what the function said itself.
void add_cors(const Json& cors, const http::RequestHead& head, http::Headers& headers);

}  // namespace paddock::services::lambda
