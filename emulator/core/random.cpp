#include "core/random.hpp"

#include <bit>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include <sys/random.h>

namespace paddock {

namespace siphash_detail {

struct SipState {
  uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void absorb(uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

uint64_t load_little_endian(const char* bytes, size_t count) {
  uint64_t word = 0;
  if constexpr (std::endian::native == std::endian::little) {
    if (count > 0) std::memcpy(&word, bytes, count);
  } else {
    for (size_t i = 0; i < count; ++i) {
      word |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    }
  }
  return word;
}

}  // namespace siphash_detail

Seed Seed::random() {
  const std::string bytes = random_bytes(16);
  Seed seed;
  std::memcpy(&seed.high, bytes.data(), 8);
  std::memcpy(&seed.low, bytes.data() + 8, 8);
  return seed;
}

Seed Seed::from_number(uint64_t number) {
  // Spread over both halves, so that neighbouring numbers have unlike keys.
  char bytes[8];
  for (size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(number >> (8 * i));
  const std::string_view data(bytes, sizeof bytes);
  return {siphash({0, 1}, data), siphash({0, 2}, data)};
}

uint64_t siphash(const Seed& key, std::string_view data) {
  siphash_detail::SipState state{0x736f6d6570736575 ^ key.low, 0x646f72616e646f6d ^ key.high,
                                 0x6c7967656e657261 ^ key.low, 0x7465646279746573 ^ key.high};
  const size_t whole = data.size() / 8 * 8;
  for (size_t i = 0; i < whole; i += 8) {
    state.absorb(siphash_detail::load_little_endian(data.data() + i, 8));
  }
  const uint64_t tail =
      siphash_detail::load_little_endian(data.data() + whole, data.size() - whole);
  state.absorb(tail | uint64_t{data.size() & 0xff} << 56);
  state.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

std::string random_bytes(size_t bytes) {
  std::string out(bytes, '\0');
  size_t done = 0;
  while (done < bytes) {
    const ssize_t got = getrandom(out.data() + done, bytes - done, 0);
    if (got > 0) {
      done += static_cast<size_t>(got);
    } else if (errno != EINTR) {
      throw std::runtime_error("no random bytes: " + std::generic_category().message(errno));
    }
  }
  return out;
}

}  // namespace paddock
