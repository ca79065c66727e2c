// From an accepted socket to a session: the one place where the protocol is chosen.
#pragma once

#include <string_view>

#include "http/io_thread.hpp"
#include "http/transport.hpp"

namespace paddock::http {

class TlsContext;

// Told by the first bytes a client sends. HTTP/2 with prior knowledge begins with "PRI * HTTP/2.0"
// and comes to the HTTP/1 session for now, which answers 505.
enum class Protocol { tls, http1 };
Protocol protocol_of(std::string_view first_bytes);

// Serves one connection until it ends. `thread`'s own coroutine.
Task<void> serve_connection(IoThread& thread, TlsContext& tls, TcpSocket socket);

}  // namespace paddock::http
