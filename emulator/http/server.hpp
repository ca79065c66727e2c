// The listener and its connections: HTTP/1.1, HTTP/2 and TLS on one port, told apart by the first
// bytes.
//
// A connection stays on one I/O thread. Limits are constants in limits below; every one is tested
// at its edge.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/activity.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/task.hpp"
#include "http/exchange.hpp"

namespace paddock::http {

struct Limits {
  size_t header_bytes = 64 * 1024;         // request line and headers; then 431
  size_t connections = 16 * 1024;          // further ones are closed at once and counted
  size_t body_budget = 256 * 1024 * 1024;  // bytes of bodies in memory, all connections together
  size_t streams = 128;                    // of one HTTP/2 connection, open at a time
  size_t stream_resets = 1'000;  // of one connection at once, 100 a second after that; then it ends
  size_t control_frames = 10'000;  // HTTP/2 frames that ask for nothing: the same, 1,000 a second
  std::chrono::milliseconds header_timeout{30'000};  // first byte to end of headers
  std::chrono::milliseconds body_timeout{60'000};    // between two pieces of a body
  std::chrono::milliseconds idle_timeout{350'000};  // between two requests, as AWS's load balancers
  std::chrono::milliseconds drain_timeout{1'000};   // reading what is left of an unread body
  size_t drain_bytes = 256 * 1024;                  // of an unread body, read and dropped
  std::chrono::milliseconds budget_wait{2'000};     // for room in the body budget
};

struct ServerOptions {
  std::vector<std::string> addresses{"127.0.0.1", "::1"};  // those that the host lacks are skipped
                                                           // if at least one can be bound
  uint16_t port = 4566;  // 0: any free one, the same for all addresses
  // A second port, served by the same threads; RequestHead::local_port tells them apart.
  std::optional<uint16_t> second_port;
  size_t io_threads = 2;
  // Connections whose first request is a GET of one of these are served by the accepting thread, so
  // that they are answered however busy the I/O threads are.
  std::vector<std::string> front_paths;
  std::string tls_directory;  // where the local CA is kept; "" = in memory only
  Limits limits;
};

// A port in use, an address that is not ours. The message names the remedy.
class ListenError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class TlsContext;

// Lives from construction (listening) to `stop`. Thread-safe but for construction.
class Server {
 public:
  // Binds and listens, accepting nothing yet. Throws ListenError.
  Server(ServerOptions options, const MachineClock& clock, Log& log, Handler handler);
  ~Server();  // stops

  void start();
  // Accepts no further connections; those that are open go on. Before stop, or not at all.
  void stop_listening();
  // Stops accepting, ends idle connections, fires `cancelled` of running requests, waits up to
  // `grace` for them, cuts the rest, joins the threads.
  void stop(std::chrono::milliseconds grace);

  uint16_t port() const;
  uint16_t second_port() const;  // 0 if there is none
  // The I/O threads' executors, for what runs beside connections (pollers, timers).
  asio::io_context& io(size_t thread);
  size_t io_threads() const;
  // The CA's certificate (PEM), made if it is not there yet.
  std::string ca_certificate();

  struct Counters {
    uint64_t accepted, refused, open, requests, bytes_in, bytes_out;
  };
  Counters counters() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Raises the soft limit of open files to the hard one; returns what is in force.
uint64_t raise_file_limit();

}  // namespace paddock::http
