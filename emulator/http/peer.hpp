// Who is connected.
#pragma once

#include <cstdint>
#include <string>

namespace paddock::http {

struct Peer {
  std::string remote_address;
  uint16_t remote_port = 0;
  uint16_t local_port = 0;
};

}  // namespace paddock::http
