#include "http/frame_guard.hpp"

#include <algorithm>

namespace paddock::http {

// Of what is known of it: two bytes at least.
size_t FrameGuard::header_size() const {
  if (have_ < 2) return 2;
  const unsigned length = header_[1] & 0x7F;
  const size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
  return 2 + extended + ((header_[1] & 0x80) != 0 ? 4 : 0);
}

uint64_t FrameGuard::payload_size() const {
  const unsigned length = header_[1] & 0x7F;
  if (length < 126) return length;
  uint64_t size = 0;
  for (size_t i = 2; i < (length == 126 ? 4U : 10U); ++i) size = size << 8 | header_[i];
  return size;
}

size_t FrameGuard::pass(std::string_view bytes) {
  size_t at = 0;
  size_t frame_start = 0;
  while (at < bytes.size()) {
    if (payload_left_ > 0) {
      const uint64_t skipped = std::min<uint64_t>(payload_left_, bytes.size() - at);
      payload_left_ -= skipped;
      at += static_cast<size_t>(skipped);
      continue;
    }
    if (have_ == 0) frame_start = at;
    header_[have_++] = static_cast<unsigned char>(bytes[at++]);
    if (have_ < header_size()) continue;
    payload_left_ = payload_size();
    have_ = 0;
    if (payload_left_ > most_) {
      violated_ = true;
      return frame_start;
    }
  }
  return bytes.size();
}

}  // namespace paddock::http
