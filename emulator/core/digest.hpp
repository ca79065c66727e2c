// Digests, over OpenSSL and libdeflate. All functions are pure and return raw bytes unless named
// hex.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace paddock {

std::string md5(std::string_view data);
std::string sha256(std::string_view data);
std::string sha256_hex(std::string_view data);
std::string hmac_sha256(std::string_view key, std::string_view data);
std::string hmac_sha1(std::string_view key, std::string_view data);  // of old signatures alone
uint32_t crc32(std::string_view data, uint32_t seed = 0);            // as zlib and x-amz-crc32

// A digest over bytes that come in pieces. For one thread at a time.
class Hasher {
 public:
  enum class Algorithm { md5, sha1, sha256 };
  explicit Hasher(Algorithm algorithm);
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;

  void update(std::string_view data);
  std::string finish();  // raw bytes; once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// True if equal; takes the same time wherever they differ.
bool constant_time_equal(std::string_view a, std::string_view b);

}  // namespace paddock
