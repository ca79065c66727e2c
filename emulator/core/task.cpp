#include "core/task.hpp"

#include <algorithm>

namespace paddock {

void Cancelled::fire() {
  std::vector<std::pair<size_t, std::function<void()>>> listeners;
  {
    std::lock_guard lock(state_->mutex);
    if (state_->fired.exchange(true, std::memory_order_acq_rel)) return;
    listeners.swap(state_->listeners);
  }
  for (auto& [key, listener] : listeners) listener();
}

size_t Cancelled::listen(std::function<void()> listener) {
  {
    std::lock_guard lock(state_->mutex);
    if (!state_->fired.load(std::memory_order_relaxed)) {
      state_->listeners.emplace_back(state_->next_key, std::move(listener));
      return state_->next_key++;
    }
  }
  listener();
  return 0;
}

void Cancelled::forget(size_t key) {
  std::lock_guard lock(state_->mutex);
  std::erase_if(state_->listeners, [key](const auto& entry) { return entry.first == key; });
}

}  // namespace paddock
