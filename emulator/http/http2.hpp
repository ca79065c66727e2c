// The HTTP/2 session of one connection (RFC 9113): many exchanges at a time.
#pragma once

#include <memory>
#include <string_view>

#include "http/io_thread.hpp"
#include "http/peer.hpp"
#include "http/transport.hpp"

namespace paddock::http {

// What a client with prior knowledge begins with, as far as it tells HTTP/2 from HTTP/1.
inline constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n";

// `first` is what was already read: the client's preface or its beginning.
std::shared_ptr<Session> make_http2_session(IoThread& thread, std::unique_ptr<Transport> transport,
                                            std::string_view first, const Peer& peer);

}  // namespace paddock::http
