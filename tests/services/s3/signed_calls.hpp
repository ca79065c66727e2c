// Calls that are really signed.
#pragma once

#include <string>

#include "core/text.hpp"
#include "fixture.hpp"
#include "identity/identity.hpp"

namespace paddock::testing {

class S3SignedTest : public S3Test {
 protected:
  void verify_signatures() {
    Options options;
    options.verify_signatures = true;
    start(options);
  }
  std::string authority() { return "127.0.0.1:" + std::to_string(emulator_->port()); }
  static std::string stamp_of(int64_t ms) {
    std::string stamp;
    for (const char c : iso8601(ms, false)) {
      if (c != '-' && c != ':') stamp += c;
    }
    return stamp;
  }
  // A URL of version 4 with the keys test/test.
  std::string presigned(const std::string& method, const std::string& target,
                        const std::string& expires_s, const std::string& more = "") {
    identity::Signature scope;
    scope.timestamp = stamp_of(platform().machine.wall_ms());
    scope.date = scope.timestamp.substr(0, 8);
    scope.region = "us-east-1";
    scope.service = "s3";
    scope.signed_headers = "host";
    scope.in_query = true;
    http::RequestHead head;
    head.method = method;
    head.headers.add("Host", authority());
    head.set_target(target + (target.find('?') == std::string::npos ? "?" : "&") +
                    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F" + scope.date +
                    "%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=" + scope.timestamp +
                    "&X-Amz-Expires=" + expires_s + "&X-Amz-SignedHeaders=host" + more);
    return head.target +
           "&X-Amz-Signature=" + identity::sign_v4(head, "UNSIGNED-PAYLOAD", scope, "test");
  }
  // One of version 2.
  std::string presigned_v2(const std::string& method, const std::string& target,
                           int64_t expires_at_s) {
    const std::string expires = std::to_string(expires_at_s);
    const std::string signature =
        identity::sign_text_v2(method + "\n\n\n" + expires + "\n" + target, "test");
    return target + (target.find('?') == std::string::npos ? "?" : "&") +
           "AWSAccessKeyId=test&Expires=" + expires + "&Signature=" + url_encode(signature);
  }
  // A request as it is, without a header of ours.
  S3Answer plain(const std::string& method, const std::string& target, const std::string& body = "",
                 const Fields& fields = {}) {
    http::Headers headers;
    headers.add("Host", authority());
    for (const auto& [name, value] : fields) headers.set(name, value);
    http::ClientOptions client;
    client.port = emulator_->port();
    http::Response response = http::request(client, method, target, headers, body);
    return {response.status, std::move(response.headers), std::move(response.body)};
  }
};

}  // namespace paddock::testing
