// Posting to the HTTP endpoints of subscriptions.
// https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html
#pragma once

#include <optional>
#include <string>

#include "http/client.hpp"
#include "http/message.hpp"

namespace paddock::services::sns {

struct HttpEndpoint {
  http::ClientOptions options;
  std::string target;         // path and query
  std::string authorization;  // of user and password in the URL; "" if there are none
};

// nullopt for a text that is no URL of http or https.
std::optional<HttpEndpoint> parse_endpoint(const std::string& url);

// One POST; waits. `status` 0: no answer, and `problem` says why.
struct PostResult {
  PostResult() = default;  // no aggregate: it is returned by coroutines
  int status = 0;
  std::string problem;
};
PostResult post(const HttpEndpoint& endpoint, const http::Headers& headers,
                const std::string& body);

}  // namespace paddock::services::sns
