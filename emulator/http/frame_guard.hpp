// Watches the frames of a WebSocket (RFC 6455, section 5.2) for payloads that are too long, which
// Beast has no limit for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace paddock::http {

class FrameGuard {
 public:
  explicit FrameGuard(uint64_t most_payload) : most_(most_payload) {}

  // Takes the next bytes of the stream; returns how many of them come before the frame that is too
  // long: all of them if there is none. Then `violated`, and nothing more may follow.
  size_t pass(std::string_view bytes);
  bool violated() const { return violated_; }

 private:
  size_t header_size() const;
  uint64_t payload_size() const;

  const uint64_t most_;
  std::array<unsigned char, 14> header_{};
  size_t have_ = 0;  // bytes of the header
  uint64_t payload_left_ = 0;
  bool violated_ = false;
};

}  // namespace paddock::http
