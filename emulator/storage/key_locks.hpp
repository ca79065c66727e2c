// Locks for read-modify-write: one array of 1,024 stripes per emulator, by hash of the key. Never
// held across co_await, a call to another service or a body read (DESIGN 5).
#pragma once

#include <array>
#include <mutex>
#include <string_view>
#include <vector>

#include "storage/keys.hpp"

namespace paddock::storage {

class KeyLocks {
 public:
  static constexpr size_t kStripes = 1024;

  using Guard = std::unique_lock<std::mutex>;

  // Locks the stripe of `key`: usually realm, kind, resource and partition key.
  Guard lock(std::string_view key);
  // Locks the stripes of all keys in stripe order, each once, so that callers never deadlock.
  std::vector<Guard> lock_all(const std::vector<std::string>& keys);
  // Waits until every stripe was free once: after a schema was published, no holder of the former
  // schema is left.
  void pass_through_all();

 private:
  size_t stripe(std::string_view key) const;
  struct alignas(64) Stripe {
    std::mutex mutex;
  };
  std::array<Stripe, kStripes> stripes_;
};

}  // namespace paddock::storage
