#include "core/crc.hpp"

#include <array>
#include <cstring>

namespace paddock {
namespace crc_detail {

// Polynomials with their bits reversed, as these checks take the lowest bit first.
constexpr uint32_t kCrc32 = 0xEDB88320;
constexpr uint32_t kCrc32c = 0x82F63B78;
constexpr uint64_t kCrc64Nvme = 0x9A6C9329AC4BC9B5;

// Eight bytes at a time: table n is a byte's effect when n bytes follow it.
template <class Word>
using Tables = std::array<std::array<Word, 256>, 8>;

template <class Word>
constexpr Tables<Word> make_tables(Word polynomial) {
  Tables<Word> tables{};
  for (size_t byte = 0; byte < 256; byte++) {
    Word value = static_cast<Word>(byte);
    for (int bit = 0; bit < 8; bit++) value = (value >> 1) ^ ((value & 1) != 0 ? polynomial : 0);
    tables[0][byte] = value;
  }
  for (size_t n = 1; n < 8; n++) {
    for (size_t byte = 0; byte < 256; byte++) {
      const Word before = tables[n - 1][byte];
      tables[n][byte] = (before >> 8) ^ tables[0][before & 0xFF];
    }
  }
  return tables;
}

constexpr Tables<uint32_t> kTables32c = make_tables(kCrc32c);
constexpr Tables<uint64_t> kTables64 = make_tables(kCrc64Nvme);

template <class Word>
Word crc(const Tables<Word>& tables, std::string_view data, Word seed) {
  Word value = static_cast<Word>(~seed);
  const char* at = data.data();
  size_t left = data.size();
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t word = 0;
    std::memcpy(&word, at, 8);
    word ^= value;
    Word next = 0;
    for (size_t n = 0; n < 8; n++) next ^= tables[7 - n][(word >> (8 * n)) & 0xFF];
    value = next;
  }
  for (; left > 0; ++at, --left) {
    value = (value >> 8) ^ tables[0][(value ^ static_cast<unsigned char>(*at)) & 0xFF];
  }
  return static_cast<Word>(~value);
}

// Multiplies two polynomials modulo the check's own; the highest coefficient is the lowest bit.
template <class Word>
Word multiply(Word a, Word b, Word polynomial) {
  constexpr Word kTop = Word{1} << (sizeof(Word) * 8 - 1);
  Word product = 0;
  for (Word bit = kTop; bit != 0; bit >>= 1) {
    if ((a & bit) != 0) product ^= b;
    b = (b & 1) != 0 ? (b >> 1) ^ polynomial : b >> 1;
  }
  return product;
}

// x to the power of 8 * bytes moves the first piece's remainder past the second piece.
template <class Word>
Word combine(Word first, Word second, uint64_t bytes, Word polynomial) {
  constexpr Word kTop = Word{1} << (sizeof(Word) * 8 - 1);
  Word power = kTop >> 8;  // x^8
  Word shift = kTop;       // 1
  for (; bytes != 0; bytes >>= 1) {
    if ((bytes & 1) != 0) shift = multiply(shift, power, polynomial);
    power = multiply(power, power, polynomial);
  }
  return multiply(shift, first, polynomial) ^ second;
}

}  // namespace crc_detail

uint32_t crc32c(std::string_view data, uint32_t seed) {
  return crc_detail::crc(crc_detail::kTables32c, data, seed);
}

uint64_t crc64nvme(std::string_view data, uint64_t seed) {
  return crc_detail::crc(crc_detail::kTables64, data, seed);
}

uint32_t crc32_combine(uint32_t first, uint32_t second, uint64_t second_bytes) {
  return crc_detail::combine(first, second, second_bytes, crc_detail::kCrc32);
}

uint32_t crc32c_combine(uint32_t first, uint32_t second, uint64_t second_bytes) {
  return crc_detail::combine(first, second, second_bytes, crc_detail::kCrc32c);
}

uint64_t crc64nvme_combine(uint64_t first, uint64_t second, uint64_t second_bytes) {
  return crc_detail::combine(first, second, second_bytes, crc_detail::kCrc64Nvme);
}

}  // namespace paddock
