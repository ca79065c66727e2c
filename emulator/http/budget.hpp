// How many bytes of request bodies one server holds in memory, all connections together.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "core/task.hpp"

namespace paddock::http {

// Thread-safe; takes no lock while there is room.
class BodyBudget {
 public:
  explicit BodyBudget(size_t bytes) : total_(bytes) {}

  bool try_reserve(size_t bytes);
  // Waits up to `bound` for room; false if there was none, at once if there never can be.
  Task<bool> reserve(size_t bytes, std::chrono::milliseconds bound);
  void release(size_t bytes);
  size_t used() const { return used_.load(); }

 private:
  struct Waiter;
  class Place;

  const size_t total_;
  std::atomic<size_t> used_{0};
  std::atomic<size_t> waiting_{0};
  std::mutex mutex_;
  std::vector<std::shared_ptr<Waiter>> waiters_;
};

}  // namespace paddock::http
