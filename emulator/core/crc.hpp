// The cyclic redundancy checks that libdeflate lacks, and the sum of two joined pieces. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace paddock {

// CRC-32C (Castagnoli, RFC 3720) and CRC-64/NVME (NVM Express base specification). `seed` is the
// value of what came before; 0 to begin.
uint32_t crc32c(std::string_view data, uint32_t seed = 0);
uint64_t crc64nvme(std::string_view data, uint64_t seed = 0);

// The value of two pieces joined, from the values of both and the length of the second.
uint32_t crc32_combine(uint32_t first, uint32_t second, uint64_t second_bytes);
uint32_t crc32c_combine(uint32_t first, uint32_t second, uint64_t second_bytes);
uint64_t crc64nvme_combine(uint64_t first, uint64_t second, uint64_t second_bytes);

}  // namespace paddock
