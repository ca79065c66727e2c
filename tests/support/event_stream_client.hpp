// Reads the messages of an answer that goes on, one by one as they come.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/json.hpp"
#include "wire/event_stream.hpp"

namespace paddock::testing {

// One call on a connection of its own, over HTTP/1.1. Gives up after 30 s of silence.
class EventStreamClient {
 public:
  // `target` is the X-Amz-Target of an awsJson 1.1 service whose signing name is `service`.
  EventStreamClient(uint16_t port, const std::string& service, const std::string& target,
                    const Json& input) {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    const timeval patience{30, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("cannot connect");
    }
    const std::string body = input.dump();
    const std::string request =
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\n"
        "X-Amz-Target: " +
        target +
        "\r\nX-Amz-Date: 20261120T000000Z\r\n"
        "Authorization: AWS4-HMAC-SHA256 Credential=test/20261120/us-east-1/" +
        service +
        "/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + std::string(64, '0') +
        "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size())) {
      throw std::runtime_error("cannot send");
    }
    read_until("\r\n\r\n");
    head_ = take(in_.find("\r\n\r\n") + 4);
  }
  ~EventStreamClient() { close(); }
  EventStreamClient(const EventStreamClient&) = delete;
  EventStreamClient& operator=(const EventStreamClient&) = delete;

  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }
  int status() const { return std::stoi(head_.substr(9, 3)); }
  const std::string& head() const { return head_; }

  // The next message; nullopt when the answer has ended. Throws for a broken one.
  std::optional<wire::EventMessage> next() {
    for (;;) {
      if (std::optional<wire::EventMessage> message = decoder_.take()) return message;
      read_until("\r\n");
      const size_t line = in_.find("\r\n");
      const size_t size = std::stoul(take(line + 2), nullptr, 16);
      if (size == 0) return std::nullopt;
      while (in_.size() < size + 2) read();
      decoder_.add(take(size));
      take(2);
    }
  }

 private:
  void read() {
    char buffer[16 * 1024];
    const ssize_t got = ::recv(socket_, buffer, sizeof buffer, 0);
    if (got <= 0) throw std::runtime_error("the connection ended, or was silent for 30 s");
    in_.append(buffer, static_cast<size_t>(got));
  }
  void read_until(std::string_view mark) {
    while (in_.find(mark) == std::string::npos) read();
  }
  std::string take(size_t count) {
    std::string taken = in_.substr(0, count);
    in_.erase(0, count);
    return taken;
  }

  int socket_ = -1;
  std::string in_;
  std::string head_;
  wire::EventDecoder decoder_;
};

}  // namespace paddock::testing
