// The HTTP/1.x session of one connection.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "http/io_thread.hpp"
#include "http/transport.hpp"

namespace paddock::http {

// Who is connected.
struct Peer {
  std::string remote_address;
  uint16_t remote_port = 0;
  uint16_t local_port = 0;
};

// `first` is what was already read.
std::shared_ptr<Session> make_http1_session(IoThread& thread, std::unique_ptr<Transport> transport,
                                            std::string_view first, const Peer& peer);

}  // namespace paddock::http
