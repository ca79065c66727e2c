// From an accepted socket to a session: the one place where the protocol is chosen.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "http/http1.hpp"
#include "http/io_thread.hpp"
#include "http/transport.hpp"

namespace paddock::http {

class TlsContext;

// Told by the first bytes a client sends. HTTP/2 with prior knowledge begins with "PRI * HTTP/2.0"
// and comes to the HTTP/1 session for now, which answers 505.
enum class Protocol { tls, http1 };
Protocol protocol_of(std::string_view first_bytes);

// A connection whose first bytes have come.
struct Opened {
  Opened(TcpSocket socket, std::string first_bytes, Peer peer)
      : socket(std::move(socket)), first_bytes(std::move(first_bytes)), peer(std::move(peer)) {}

  TcpSocket socket;
  std::string first_bytes;
  Peer peer;
};

// Waits for a client's first bytes; nullopt if the connection came to nothing. `thread`'s own
// coroutine, as the next one.
Task<std::optional<Opened>> open_connection(IoThread& thread, TcpSocket socket);
// Serves a connection until it ends. The socket must belong to `thread`.
Task<void> serve_connection(IoThread& thread, TlsContext& tls, Opened opened);

// The same socket on another thread's io_context. Nothing may be pending on it.
TcpSocket move_to(IoThread& thread, TcpSocket socket);

}  // namespace paddock::http
