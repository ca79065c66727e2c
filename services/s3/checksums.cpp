#include "services/s3/checksums.hpp"

#include "core/crc.hpp"
#include "core/text.hpp"
#include "models/s3.hpp"

namespace paddock::services::s3 {
namespace checksum_forms {

namespace members = ::paddock::models::s3_members;

std::string big_endian(uint64_t value, size_t bytes) {
  std::string out;
  for (size_t i = bytes; i-- > 0;) out += static_cast<char>((value >> (8 * i)) & 0xFF);
  return out;
}

uint64_t number(std::string_view bytes) {
  uint64_t value = 0;
  for (const char c : bytes) value = (value << 8) | static_cast<unsigned char>(c);
  return value;
}

}  // namespace checksum_forms

std::string_view name_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::crc32:
      return "CRC32";
    case Algorithm::crc32c:
      return "CRC32C";
    case Algorithm::crc64nvme:
      return "CRC64NVME";
    case Algorithm::sha1:
      return "SHA1";
    case Algorithm::sha256:
      return "SHA256";
    case Algorithm::none:
      break;
  }
  return "";
}

const char* member_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::crc32:
      return checksum_forms::members::ChecksumCRC32;
    case Algorithm::crc32c:
      return checksum_forms::members::ChecksumCRC32C;
    case Algorithm::crc64nvme:
      return checksum_forms::members::ChecksumCRC64NVME;
    case Algorithm::sha1:
      return checksum_forms::members::ChecksumSHA1;
    case Algorithm::sha256:
      return checksum_forms::members::ChecksumSHA256;
    case Algorithm::none:
      break;
  }
  return "";
}

std::string header_of(Algorithm algorithm) {
  return "x-amz-checksum-" + to_lower(name_of(algorithm));
}

size_t size_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::crc32:
    case Algorithm::crc32c:
      return 4;
    case Algorithm::crc64nvme:
      return 8;
    case Algorithm::sha1:
      return 20;
    case Algorithm::sha256:
      return 32;
    case Algorithm::none:
      break;
  }
  return 0;
}

std::optional<Algorithm> algorithm_of(std::string_view name) {
  for (const Algorithm algorithm : kAlgorithms) {
    if (equal_ignore_case(name, name_of(algorithm))) return algorithm;
  }
  return std::nullopt;
}

std::string Checksum::text(uint32_t parts) const {
  std::string out = to_base64(bytes);
  if (composite) out += "-" + std::to_string(parts);
  return out;
}

std::optional<std::string> parse_checksum(Algorithm algorithm, std::string_view base64) {
  auto bytes = from_base64(base64);
  if (!bytes || bytes->size() != size_of(algorithm)) return std::nullopt;
  return bytes;
}

std::string join(Algorithm algorithm, std::string_view first, std::string_view second,
                 uint64_t second_bytes) {
  const uint64_t a = checksum_forms::number(first);
  const uint64_t b = checksum_forms::number(second);
  if (algorithm == Algorithm::crc64nvme) {
    return checksum_forms::big_endian(crc64nvme_combine(a, b, second_bytes), 8);
  }
  const auto a32 = static_cast<uint32_t>(a);
  const auto b32 = static_cast<uint32_t>(b);
  return checksum_forms::big_endian(algorithm == Algorithm::crc32
                                        ? crc32_combine(a32, b32, second_bytes)
                                        : crc32c_combine(a32, b32, second_bytes),
                                    4);
}

Summer::Summer(Algorithm algorithm) : algorithm_(algorithm) {
  if (algorithm == Algorithm::sha1) hasher_.emplace(Hasher::Algorithm::sha1);
  if (algorithm == Algorithm::sha256) hasher_.emplace(Hasher::Algorithm::sha256);
}

void Summer::update(std::string_view data) {
  if (hasher_) {
    hasher_->update(data);
  } else if (algorithm_ == Algorithm::crc32) {
    crc_ = crc32(data, static_cast<uint32_t>(crc_));
  } else if (algorithm_ == Algorithm::crc32c) {
    crc_ = crc32c(data, static_cast<uint32_t>(crc_));
  } else if (algorithm_ == Algorithm::crc64nvme) {
    crc_ = crc64nvme(data, crc_);
  }
}

std::string Summer::finish() {
  return hasher_ ? hasher_->finish() : checksum_forms::big_endian(crc_, size_of(algorithm_));
}

}  // namespace paddock::services::s3
