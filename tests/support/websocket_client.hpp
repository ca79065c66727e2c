// A WebSocket client that sends frames as a test gives them, good or bad. Each wait is bounded.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace paddock::testing {

struct Frame {
  int opcode = 0;  // 1 text, 2 binary, 8 close, 9 ping, 10 pong
  std::string payload;
  bool last = true;

  // Of a close frame; 0 without one.
  int close_code() const {
    if (payload.size() < 2) return 0;
    return static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
  }
};

class WebSocketClient {
 public:
  // Connects to 127.0.0.1 and sends the handshake; the answer's head is `head`.
  WebSocketClient(uint16_t port, const std::string& host, const std::string& target,
                  const std::string& more_headers = "")
      : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("the test cannot connect");
    }
    send_raw("GET " + target + " HTTP/1.1\r\nHost: " + host +
             "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
             more_headers + "\r\n");
    while (input_.find("\r\n\r\n") == std::string::npos) {
      if (!fill()) throw std::runtime_error("the handshake has no answer");
    }
    size_t end = input_.find("\r\n\r\n") + 4;
    head = input_.substr(0, end);
    input_.erase(0, end);
  }
  ~WebSocketClient() { drop(); }
  WebSocketClient(const WebSocketClient&) = delete;
  WebSocketClient& operator=(const WebSocketClient&) = delete;

  int status() const { return std::stoi(head.substr(9, 3)); }
  // The body of a refusal.
  std::string rest() {
    size_t length = head.find("Content-Length: ");
    if (length == std::string::npos) throw std::runtime_error("the refusal has no length");
    while (input_.size() < std::stoul(head.substr(length + 16)) && fill()) {
    }
    return input_;
  }

  void send(const std::string& text) { send_frame(1, text); }
  void send_frame(int opcode, const std::string& payload, bool last = true, bool masked = true) {
    std::string frame(1, static_cast<char>((last ? 0x80 : 0) | opcode));
    const char mask_bit = masked ? '\x80' : '\0';
    if (payload.size() < 126) {
      frame += static_cast<char>(mask_bit | static_cast<char>(payload.size()));
    } else {
      const bool wide = payload.size() > 0xFFFF;
      frame += static_cast<char>(mask_bit | (wide ? 127 : 126));
      for (int shift = wide ? 56 : 8; shift >= 0; shift -= 8) {
        frame += static_cast<char>(payload.size() >> shift);
      }
    }
    if (masked) frame.append("\1\2\3\4");
    for (size_t i = 0; i < payload.size(); ++i) {
      frame += static_cast<char>(payload[i] ^ (masked ? "\1\2\3\4"[i % 4] : 0));
    }
    send_raw(frame);
  }
  void send_close(int code) {
    send_frame(8, std::string{static_cast<char>(code >> 8), static_cast<char>(code)});
  }
  void send_raw(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // what it was told tells why
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }

  // The next frame; nullopt at the end of the connection. Throws if nothing comes.
  std::optional<Frame> receive() {
    while (true) {
      if (auto frame = take_frame()) return frame;
      if (!fill()) return std::nullopt;
    }
  }
  // The next message as text; "" at the end.
  std::string message() {
    auto frame = receive();
    return frame && frame->opcode <= 2 ? frame->payload : std::string();
  }
  // Says goodbye and waits for the end; the code of the answer.
  int close(int code = 1000) {
    send_close(code);
    int answer = -1;
    while (auto frame = receive()) {
      if (frame->opcode == 8) answer = frame->close_code();
    }
    return answer;
  }
  // Hangs up.
  void drop() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

  std::string head;

 private:
  // False at the end of the stream, at which it hangs up as clients do.
  bool fill() {
    if (socket_ < 0) return false;
    pollfd waited{socket_, POLLIN, 0};
    if (::poll(&waited, 1, 20'000) != 1) throw std::runtime_error("the server says nothing");
    char bytes[65536];
    const ssize_t size = ::recv(socket_, bytes, sizeof bytes, 0);
    if (size <= 0) {
      drop();
      return false;
    }
    input_.append(bytes, static_cast<size_t>(size));
    return true;
  }
  std::optional<Frame> take_frame() {
    if (input_.size() < 2) return std::nullopt;
    Frame frame;
    frame.opcode = input_[0] & 0x0F;
    frame.last = (input_[0] & 0x80) != 0;
    uint64_t size = static_cast<unsigned char>(input_[1]) & 0x7F;
    size_t start = 2;
    if (size >= 126) {
      const size_t bytes = size == 126 ? 2 : 8;
      if (input_.size() < start + bytes) return std::nullopt;
      size = 0;
      for (size_t i = 0; i < bytes; ++i)
        size = size << 8 | static_cast<unsigned char>(input_[start++]);
    }
    if (input_.size() - start < size) return std::nullopt;
    frame.payload = input_.substr(start, size);
    input_.erase(0, start + size);
    return frame;
  }

  int socket_;
  std::string input_;
};

}  // namespace paddock::testing
