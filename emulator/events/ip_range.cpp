#include "events/ip_range.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include <arpa/inet.h>

namespace paddock::events {
namespace ip_ranges {

// The address family; 0 if the text is no address.
int parse(const std::string& text, std::array<uint8_t, 16>& bytes) {
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return AF_INET;
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return AF_INET6;
  return 0;
}

}  // namespace ip_ranges

IpRange::IpRange(const std::string& text) {
  const size_t slash = text.find('/');
  if (slash != text.rfind('/')) throw std::invalid_argument("Malformed CIDR, one '/' required");
  const std::string address = text.substr(0, slash);
  family_ = text.find('\0') == std::string::npos ? ip_ranges::parse(address, address_) : 0;
  const unsigned most = family_ == AF_INET6 ? 128 : 32;
  bits_ = most;
  if (slash != std::string::npos) {
    const char* begin = text.data() + slash + 1;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(begin, end, bits_);
    if (error != std::errc() || stop != end || begin == end) {
      throw std::invalid_argument("Malformed CIDR, mask bits must be an integer");
    }
  }
  if (family_ == 0) throw std::invalid_argument("Nonstandard IP address: " + address);
  if (bits_ > most) {
    throw std::invalid_argument(std::string(most == 32 ? "IPv4" : "IPv6") +
                                " mask bits must be < " + std::to_string(most));
  }
}

bool IpRange::contains(const std::string& address) const {
  std::array<uint8_t, 16> other{};
  if (address.find('\0') != std::string::npos || ip_ranges::parse(address, other) != family_) {
    return false;
  }
  const size_t whole = bits_ / 8;
  if (!std::equal(address_.begin(), address_.begin() + whole, other.begin())) return false;
  const unsigned left = bits_ % 8;
  if (left == 0) return true;
  const auto mask = static_cast<uint8_t>(0xFF << (8 - left));
  return (address_[whole] & mask) == (other[whole] & mask);
}

}  // namespace paddock::events
