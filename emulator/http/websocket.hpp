// WebSockets (RFC 6455) over an exchange that a handler takes over. Text and binary messages, pings
// answered by themselves, no compression (an idle connection would cost 300 KiB).
//
// An idle connection holds no buffers of messages: together with its HTTP session it takes less
// than 16 KiB, TLS not counted.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/task.hpp"
#include "http/exchange.hpp"
#include "http/message.hpp"

namespace paddock::http {

struct WebSocketMessage {
  WebSocketMessage() = default;
  WebSocketMessage(std::string data, bool binary) : data(std::move(data)), binary(binary) {}

  std::string data;
  bool binary = false;
};

// How a connection ended. Codes of RFC 6455, section 7.4.
struct WebSocketEnd {
  WebSocketEnd() = default;  // no aggregate: it is passed to coroutines

  uint16_t code = 1006;  // 1005: the client's close frame has none; 1006: there was no close frame
  std::string reason;
  bool by_client = true;
};

class WebSocket;

struct WebSocketOptions {
  WebSocketOptions() = default;  // no aggregate: it is passed to coroutines

  size_t message_bytes = 128 * 1024;  // of one message; a longer one ends the connection with 1009
  size_t frame_bytes = 32 * 1024;     // of one frame's payload; likewise
  size_t queued_bytes = 512 * 1024;   // waiting to be sent; then `send` refuses
  Headers headers;                    // of the 101 answer
  // All three on the connection's thread. The 101 is about to go out: what is sent from here on
  // follows it. A client that has the 101 may rely on what this did.
  std::function<void(const std::shared_ptr<WebSocket>&)> on_accept;
  // A frame came from the client, pings and pongs included.
  std::function<void()> on_frame;
  // The client's close frame came; nothing has been answered yet.
  std::function<void()> on_closing;
};

// All members belong to the connection's thread; so does the last reference. Another thread may
// keep a weak one and post to the executor.
class WebSocket {
 public:
  virtual ~WebSocket() = default;

  // The next message; nullopt once the connection has ended, and `end` tells how. One at a time.
  virtual Task<std::optional<WebSocketMessage>> read() = 0;
  // Puts a message behind those that wait to be sent. False if there is no room (the client reads
  // too slowly) or the connection has ended.
  virtual bool send(WebSocketMessage message) = 0;
  // Sends what waits and a close frame; the connection ends when the client answers it, or after
  // five seconds. `read` then returns nullopt. Does nothing the second time.
  virtual void close(uint16_t code, std::string_view reason) = 0;
  virtual bool open() const = 0;
  virtual const WebSocketEnd& end() const = 0;
};

// True for a handshake that `accept_websocket` takes: GET, HTTP/1.1, Upgrade, Connection, version
// 13 and a key of 16 bytes.
bool is_websocket_handshake(const RequestHead& head);

// Answers the handshake with 101 and takes the connection over; it ends when the handler returns.
// When the server stops, or the exchange is cancelled, it is closed with 1001. nullptr if the
// client has gone. Throws std::logic_error unless is_websocket_handshake(exchange.head()).
Task<std::shared_ptr<WebSocket>> accept_websocket(Exchange& exchange, WebSocketOptions options);

}  // namespace paddock::http
