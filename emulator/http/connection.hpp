// From an accepted socket to a session: the one place where the protocol is chosen.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "http/io_thread.hpp"
#include "http/peer.hpp"
#include "http/transport.hpp"

namespace paddock::http {

class TlsContext;

// Told by the first bytes a client sends; `unknown` while they are too few. HTTP/2 comes with prior
// knowledge here, or by agreement (ALPN) over TLS.
enum class Protocol { unknown, tls, http1, http2 };
Protocol protocol_of(std::string_view first_bytes);

// A connection whose first bytes have come.
struct Opened {
  Opened(TcpSocket socket, std::string first_bytes, Peer peer)
      : socket(std::move(socket)), first_bytes(std::move(first_bytes)), peer(std::move(peer)) {}

  TcpSocket socket;
  std::string first_bytes;
  Peer peer;
};

// Waits for a client's first bytes, as many as tell the protocol; nullopt if the connection came to
// nothing. `thread`'s own coroutine, as the next one.
Task<std::optional<Opened>> open_connection(IoThread& thread, TcpSocket socket);
// Serves a connection until it ends. The socket must belong to `thread`.
Task<void> serve_connection(IoThread& thread, TlsContext& tls, Opened opened);

// The same socket on another thread's io_context. Nothing may be pending on it.
TcpSocket move_to(IoThread& thread, TcpSocket socket);

}  // namespace paddock::http
