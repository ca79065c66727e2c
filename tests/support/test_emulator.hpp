// An emulator for one test: in memory (or in a directory), on a free port, called through a real
// socket.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "emulator.hpp"
#include "http/client.hpp"
#include "http/message.hpp"
#include "lambda/entry_points.hpp"

namespace paddock::testing {

// What came back from a call. `body` is the parsed document (null if the body is empty or no JSON);
// blobs and timestamps are as on the wire (base64 text, seconds).
struct CallResult {
  int status = 0;
  Json body;
  std::string text;
  http::Headers headers;

  bool ok() const { return status >= 200 && status < 300; }
  // The error's code without its namespace: "ResourceNotFoundException"; "" on success.
  std::string error() const;
  std::string message() const;
};

// Who calls: written into a SigV4 Authorization header (the signature itself is not checked).
struct As {
  std::string account = "test";  // access key; 12 digits are an account
  std::string region = "us-east-1";
  uint16_t port = 0;  // 0: the main one
};

class TestEmulator {
 public:
  TestEmulator() : TestEmulator(in_memory_options()) {}
  explicit TestEmulator(Options options);
  // With functions of the test's own in place of the workshops'.
  TestEmulator(Options options, std::span<const lambda::EntryPoint> functions);
  ~TestEmulator();

  // In memory, any free port, no access log, no hooks of the machine.
  static Options in_memory_options();
  // The same, durable in `directory`.
  static Options durable_options(const std::string& directory);

  // A call in the service's own protocol: JSON target, awsQuery form or REST, built from the model.
  // `service` is the model's name. `input` is on-wire JSON (blobs as base64 text).
  CallResult call(std::string_view service, std::string_view operation, const Json& input = {},
                  const As& as = {});
  // Any request.
  CallResult request(std::string_view method, std::string_view target, const http::Headers& headers,
                     std::string_view body = {}, uint16_t at_port = 0);
  CallResult get(std::string_view target) { return request("GET", target, {}); }
  CallResult post(std::string_view target, const Json& body = {});

  // Waits until nothing is active; fails the test if that takes more than 30 s.
  void wait_idle();
  // Moves world time, firing timers on the way, and waits for quiet.
  void advance(std::chrono::milliseconds by);

  Emulator& emulator() { return *emulator_; }
  gateway::Platform& platform() { return emulator_->platform(); }
  uint16_t port() const { return emulator_->port(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }
  // Stops it; the directory can then be opened by another.
  void stop() { emulator_.reset(); }

 private:
  const wire::ServiceModel* find_model(std::string_view service);
  std::unique_ptr<Emulator> emulator_;
};

// A directory that is removed at the end.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace paddock::testing
