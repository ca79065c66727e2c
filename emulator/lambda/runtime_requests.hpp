// What a runtime sends to its Runtime API, read from the bytes of one connection. Plain: no I/O.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/http1_parser.hpp"
#include "http/message.hpp"

namespace paddock::lambda {

// One request, complete.
struct RuntimeRequest {
  enum class Kind {
    next,        // GET  …/invocation/next
    response,    // POST …/invocation/ID/response
    error,       // POST …/invocation/ID/error
    init_error,  // POST …/init/error
    unknown,     // another path or method
    refused,     // no HTTP that we take: `status` says why, and the connection must end
  } kind = Kind::unknown;
  std::string id;  // of response and error
  http::Headers headers;
  http::Headers trailers;
  std::string body;
  bool body_too_large = false;  // beyond the limit; it was read, but not kept
  bool keep_alive = true;
  int status = 0;
};

// Takes bytes, gives requests, one after the other.
class RuntimeRequests {
 public:
  static constexpr size_t kMostHeaderBytes = 64 * 1024;

  explicit RuntimeRequests(size_t most_body);

  // Adds what came in. Not after `refused`.
  void add(std::string_view bytes);
  // The next complete request, if it is there.
  std::optional<RuntimeRequest> take();

  // With `on`, the body of an answer that the runtime streams is not kept until it is complete, but
  // handed out as it comes, without a limit of ours; `take` then returns what is left of it.
  void hand_out_streams(bool on) { hands_out_ = on; }
  // While such a body comes in.
  bool streams() const;
  const std::string& stream_id() const { return request_.id; }
  const http::Headers& stream_headers() const { return head_.headers; }
  std::string take_body();
  // True once, when the client waits for "100 Continue".
  bool wants_continue();

 private:
  bool read_head();
  bool read_sized_body();
  bool read_chunked_body();
  std::optional<RuntimeRequest> refuse(int status);
  RuntimeRequest finish();

  const size_t most_body_;
  http::Http1Parser parser_;
  http::RequestHead head_;
  std::string bytes_;  // not yet taken
  std::string body_;
  RuntimeRequest request_;  // of a head that is there: kind and id
  uint64_t taken_ = 0;      // bytes of the body that were handed out
  uint64_t skipped_ = 0;    // bytes of the body that were not kept
  bool begun_ = false;
  bool hands_out_ = false;
  bool expects_continue_ = false;
};

}  // namespace paddock::lambda
