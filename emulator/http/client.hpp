// A small blocking HTTP/1.1 client: for tests, the command line, and a function's SDK outside the
// emulator. http, and https with a given CA or without verification.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

#include "http/message.hpp"

namespace paddock::http {

// No connection, a broken one, no answer in time, or an answer that is no HTTP. Says which host.
class ClientError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct ClientOptions {
  std::string host = "127.0.0.1";  // name or address
  uint16_t port = 80;
  bool tls = false;
  std::string ca_certificate;                 // PEM; "" = the server's certificate is not verified
  std::string server_name;                    // for SNI and verification; "" = host
  std::chrono::milliseconds timeout{30'000};  // for connecting, and for each request as a whole
  size_t answer_limit = 256 * 1024 * 1024;    // bytes of an answer's body
};

// One connection, opened by the first request, kept alive, and opened again when the server had
// closed it between two requests. For one thread at a time.
class ClientConnection {
 public:
  explicit ClientConnection(ClientOptions options);
  ~ClientConnection();
  ClientConnection(ClientConnection&&) noexcept;
  ClientConnection& operator=(ClientConnection&&) noexcept;

  // Host (unless given), Content-Length and Connection are added. The answer's headers are as sent;
  // its body is decoded from chunks. Throws ClientError.
  Response request(const std::string& method, const std::string& target, const Headers& headers,
                   const std::string& body);
  void close();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One request on a connection of its own.
Response request(const ClientOptions& options, const std::string& method, const std::string& target,
                 const Headers& headers = {}, const std::string& body = {});

}  // namespace paddock::http
