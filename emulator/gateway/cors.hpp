// CORS of the service APIs and control paths. Endpoints (execute-api, websites, buckets) answer
// their own.
#pragma once

#include <optional>

#include "gateway/hosts.hpp"
#include "http/message.hpp"

namespace paddock::gateway {

// True if the request comes from a page that may not talk to us.
bool foreign_origin(const HostRules& rules, const http::RequestHead& head);
// The answer to a preflight of an allowed origin; nullopt if it is none.
std::optional<http::Response> preflight(const http::RequestHead& head);
// Lets the page read the answer; does nothing without an Origin.
void add_cors_headers(const http::RequestHead& head, http::Headers& headers);

}  // namespace paddock::gateway
