// The HTTP/1.x session of one connection.
#pragma once

#include <memory>
#include <string_view>

#include "http/io_thread.hpp"
#include "http/peer.hpp"
#include "http/transport.hpp"

namespace paddock::http {

// `first` is what was already read.
std::shared_ptr<Session> make_http1_session(IoThread& thread, std::unique_ptr<Transport> transport,
                                            std::string_view first, const Peer& peer);

}  // namespace paddock::http
