// The Runtime API of one execution environment: a listener of its own on 127.0.0.1, since
// AWS_LAMBDA_RUNTIME_API is a host and a port without a path. The environment's thread drives it
// with poll(2).
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <poll.h>

#include "http/message.hpp"
#include "lambda/functions.hpp"

namespace paddock::lambda {

// What the runtime said of an invocation, or of its own start.
struct RuntimeAnswer {
  bool success = true;
  std::string payload;
  std::string error_type;    // of an error: the header's, "" if it sent none
  std::string content_type;  // of a streamed response
  bool too_large = false;    // beyond the limit; `payload` is empty
  bool streamed = false;     // it went to the invocation's stream; `payload` is an error's
};

// For one thread.
class RuntimeApi {
 public:
  static constexpr size_t kMostConnections = 32;

  // Listens. Throws std::runtime_error. Bodies above `most_body` are read, but not kept.
  explicit RuntimeApi(size_t most_body);
  ~RuntimeApi();
  RuntimeApi(const RuntimeApi&) = delete;
  RuntimeApi& operator=(const RuntimeApi&) = delete;

  std::string address() const;  // "127.0.0.1:40123"

  // Appends what to wait for …
  void add_polls(std::vector<pollfd>& polls) const;
  // … and does what has become possible, without waiting. Needs no particular descriptors.
  void serve();

  // True while a `next` waits.
  bool ready() const;
  // Answers the waiting `next`. `deadline_ms`: since 1970 by the machine's clock. What the runtime
  // streams goes to the invocation's stream, if it has one, and is read no faster than that takes.
  void deliver(const Invocation& invocation, const std::string& function_arn, int64_t deadline_ms);
  // The answer to what was delivered; nullopt until it is there, and after it was taken.
  std::optional<RuntimeAnswer> take_answer();
  std::optional<RuntimeAnswer> take_init_error();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace paddock::lambda
