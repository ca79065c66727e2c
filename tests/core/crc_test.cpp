#include "core/crc.hpp"

#include <string>

#include <gtest/gtest.h>

#include "core/digest.hpp"
#include "core/text.hpp"

namespace paddock {
namespace {

// The check values of the catalogue of parametrised CRC algorithms.
TEST(Crc, TheCheckValuesAreRight) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc64nvme("123456789"), 0xAE8B14860A799888u);
  EXPECT_EQ(crc32c(""), 0u);
  EXPECT_EQ(crc64nvme(""), 0u);
}

TEST(Crc, PiecesAreSummedOnAndJoined) {
  std::string text;
  for (int i = 0; i < 1000; i++) text += static_cast<char>(i * 7);
  for (const size_t cut : {size_t{0}, size_t{1}, size_t{9}, size_t{500}, size_t{1000}}) {
    const std::string_view a = std::string_view(text).substr(0, cut);
    const std::string_view b = std::string_view(text).substr(cut);
    EXPECT_EQ(crc32c(b, crc32c(a)), crc32c(text));
    EXPECT_EQ(crc64nvme(b, crc64nvme(a)), crc64nvme(text));
    EXPECT_EQ(crc32_combine(crc32(a), crc32(b), b.size()), crc32(text));
    EXPECT_EQ(crc32c_combine(crc32c(a), crc32c(b), b.size()), crc32c(text));
    EXPECT_EQ(crc64nvme_combine(crc64nvme(a), crc64nvme(b), b.size()), crc64nvme(text));
  }
}

TEST(Hasher, PiecesGiveTheDigestOfTheWhole) {
  for (const auto& [algorithm, hex] :
       {std::pair(Hasher::Algorithm::md5, "5d41402abc4b2a76b9719d911017c592"),
        std::pair(Hasher::Algorithm::sha1, "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"),
        std::pair(Hasher::Algorithm::sha256,
                  "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")}) {
    Hasher hasher(algorithm);
    hasher.update("hel");
    hasher.update("");
    hasher.update("lo");
    EXPECT_EQ(to_hex(hasher.finish()), hex);
  }
}

}  // namespace
}  // namespace paddock
