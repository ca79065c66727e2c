// Digests, over OpenSSL and libdeflate. All functions are pure and return raw bytes unless named
// hex.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace paddock {

std::string md5(std::string_view data);
std::string sha256(std::string_view data);
std::string sha256_hex(std::string_view data);
std::string hmac_sha256(std::string_view key, std::string_view data);
uint32_t crc32(std::string_view data, uint32_t seed = 0);  // as zlib and x-amz-crc32

// True if equal; takes the same time wherever they differ.
bool constant_time_equal(std::string_view a, std::string_view b);

}  // namespace paddock
