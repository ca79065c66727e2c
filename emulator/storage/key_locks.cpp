#include "storage/key_locks.hpp"

#include <algorithm>
#include <functional>
#include <string>

namespace paddock::storage {

size_t KeyLocks::stripe(std::string_view key) const {
  return std::hash<std::string_view>{}(key) % kStripes;
}

KeyLocks::Guard KeyLocks::lock(std::string_view key) {
  return Guard(stripes_[stripe(key)].mutex);
}

std::vector<KeyLocks::Guard> KeyLocks::lock_all(const std::vector<std::string>& keys) {
  std::vector<size_t> wanted;
  wanted.reserve(keys.size());
  for (const std::string& key : keys) {
    wanted.push_back(stripe(key));
  }
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());

  std::vector<Guard> guards;
  guards.reserve(wanted.size());
  for (size_t index : wanted) {
    guards.emplace_back(stripes_[index].mutex);
  }
  return guards;
}

void KeyLocks::pass_through_all() {
  for (Stripe& stripe : stripes_) {
    const Guard passed(stripe.mutex);
  }
}

}  // namespace paddock::storage
