// An IP address, or a range of them as "10.0.0.0/24", for the cidr rule of event patterns.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace paddock::events {

// Immutable.
class IpRange {
 public:
  // Throws std::invalid_argument in the words of the services.
  explicit IpRange(const std::string& text);

  // False too for a text that is no address, or one of the other family.
  bool contains(const std::string& address) const;

 private:
  std::array<uint8_t, 16> address_{};
  int family_ = 0;
  unsigned bits_ = 0;
};

}  // namespace paddock::events
