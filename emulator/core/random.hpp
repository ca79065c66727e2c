// The process's source of seeds, and the keyed function behind every id (SipHash-2-4).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace paddock {

// A 128-bit key. All ids of an emulator derive from one of these.
struct Seed {
  uint64_t high = 0;
  uint64_t low = 0;
  // From the operating system.
  static Seed random();
  // From the value of --seed.
  static Seed from_number(uint64_t number);
};

// SipHash-2-4 of `data` under `key` (https://www.aumasson.jp/siphash/siphash.pdf).
uint64_t siphash(const Seed& key, std::string_view data);

// `bytes` bytes from the operating system's generator; throws std::runtime_error if it fails.
std::string random_bytes(size_t bytes);

}  // namespace paddock
