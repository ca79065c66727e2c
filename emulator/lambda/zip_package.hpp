// Deployment packages: zip archives from outside, read with libzip. What is unpacked stays within
// its folder and within a size, whatever the archive says of itself.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace paddock::lambda {

// The bytes are no archive that can be unpacked: malformed, a wrong checksum, encrypted, or an
// entry that would leave the folder (an absolute path, "..", a link out of it, an entry below a
// link).
class BadPackage : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};
// It unpacks to more than the limit.
class PackageTooLarge : public std::runtime_error {
 public:
  PackageTooLarge() : std::runtime_error("the package unpacks to too many bytes") {}
};

inline constexpr size_t kMostPackageEntries = 100'000;

struct PackageFacts {
  uint64_t bytes = 0;          // unpacked
  bool has_bootstrap = false;  // a file "bootstrap" at the top: a custom runtime
};

// Unpacks everything into nothing: what passes can be unpacked. May take a second for the largest.
// Throws BadPackage, PackageTooLarge.
PackageFacts check_package(std::string_view zip, uint64_t most_bytes);

// Unpacks into `folder`, which must exist and be empty. Permissions are the archive's, but owners
// may always read and write. Throws the same, and std::runtime_error when the disk refuses.
void unpack_package(std::string_view zip, const std::string& folder, uint64_t most_bytes);

}  // namespace paddock::lambda
