// Checksums of objects:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/digest.hpp"

namespace paddock::services::s3 {

// The numbers are those of stored rows.
enum class Algorithm : uint8_t {
  none = 0,
  crc32 = 1,
  crc32c = 2,
  crc64nvme = 3,
  sha1 = 4,
  sha256 = 5
};

inline constexpr Algorithm kAlgorithms[] = {
    Algorithm::crc32, Algorithm::crc32c, Algorithm::crc64nvme, Algorithm::sha1, Algorithm::sha256};

std::string_view name_of(Algorithm algorithm);  // "CRC64NVME"
const char* member_of(Algorithm algorithm);     // the model's member: "ChecksumCRC64NVME"
std::string header_of(Algorithm algorithm);     // "x-amz-checksum-crc64nvme"
size_t size_of(Algorithm algorithm);            // bytes of a value
std::optional<Algorithm> algorithm_of(std::string_view name);  // by its name, whatever the case
inline bool is_crc(Algorithm algorithm) {
  return algorithm <= Algorithm::crc64nvme;
}

// What is kept of an object's or a part's checksum.
struct Checksum {
  Algorithm algorithm = Algorithm::none;
  bool composite = false;  // of the parts' checksums
  std::string bytes;       // raw

  // As headers and XML show it; a composite one ends in "-" and the number of parts.
  std::string text(uint32_t parts) const;
  const char* type() const { return composite ? "COMPOSITE" : "FULL_OBJECT"; }
};

// Raw bytes of a value in base64; nullopt if it is no value of that algorithm.
std::optional<std::string> parse_checksum(Algorithm algorithm, std::string_view base64);

// The checksum of two pieces joined, for the CRCs.
std::string join(Algorithm algorithm, std::string_view first, std::string_view second,
                 uint64_t second_bytes);

// Over bytes that come in pieces. For one thread at a time.
class Summer {
 public:
  explicit Summer(Algorithm algorithm);

  Algorithm algorithm() const { return algorithm_; }
  void update(std::string_view data);
  std::string finish();  // raw bytes; once

 private:
  Algorithm algorithm_;
  uint64_t crc_ = 0;
  std::optional<Hasher> hasher_;
};

}  // namespace paddock::services::s3
