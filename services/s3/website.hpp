// Websites of buckets: which document or redirect answers a path
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/json.hpp"
#include "http/message.hpp"

namespace paddock::services::s3 {

// What a request to a website endpoint names.
struct WebsiteAddress {
  std::string bucket;
  std::string key;   // decoded, without the first slash; "" for the root
  std::string base;  // path before the site's own: "" for host style, else /_aws/s3-website/BUCKET
};

// `BUCKET.s3-website[-REGION|.REGION].HOST`, or the path /_aws/s3-website/BUCKET/… for machines
// that do not resolve such hosts; nullopt for other requests. `host` in lower case, without a port.
std::optional<WebsiteAddress> website_address(std::string_view host, std::string_view path);

// Throws AwsError for what AWS refuses of a WebsiteConfiguration.
void check_website_rules(const Json& website);

struct Redirect {
  int status;
  std::string location;
};
// The redirect of all requests; nullopt if the site has none.
std::optional<Redirect> redirect_of_all(const Json& website, const WebsiteAddress& address,
                                        std::string_view scheme);
// The first routing rule that fits the key and `error` (0: before anything was looked up).
std::optional<Redirect> routed(const Json& website, const WebsiteAddress& address,
                               std::string_view key, int error, std::string_view scheme,
                               std::string_view authority);

// The page that says what went wrong. `document_error`: why the error document could not be shown,
// nullptr if there is none.
http::Response error_page(const AwsError& error, const AwsError* document_error,
                          const std::string& request_id);

}  // namespace paddock::services::s3
