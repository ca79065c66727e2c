#include "core/activity.hpp"

namespace paddock {

void Activity::release() {
  if (owner_) owner_->end(slot_);
  owner_ = nullptr;
}

// The last slot is for names beyond kMaxLabels.
Activities::Label Activities::label(const std::string& name) {
  std::lock_guard lock(mutex_);
  const auto known = labels_.find(name);
  if (known != labels_.end()) return known->second;
  if (labels_.size() == kMaxLabels - 1) return kMaxLabels - 1;
  const Label made = labels_.size();
  labels_.emplace(name, made);
  return made;
}

Activity Activities::begin(Label label) {
  total_.fetch_add(1);
  counts_[label].fetch_add(1, std::memory_order_relaxed);
  return Activity(this, label);
}

// `waiting_` is read after `total_` reached zero, and a waiter raises it before it reads `total_`:
// one of the two sees the other.
void Activities::end(Label label) {
  counts_[label].fetch_sub(1, std::memory_order_relaxed);
  if (total_.fetch_sub(1) == 1 && waiting_.load() > 0) {
    std::lock_guard lock(mutex_);
    changed_.notify_all();
  }
}

std::vector<std::string> Activities::active() const {
  std::vector<std::string> out;
  const auto add = [&](const std::string& name, Label label) {
    const int64_t count = counts_[label].load(std::memory_order_relaxed);
    if (count == 1) out.push_back(name);
    if (count > 1) out.push_back(std::to_string(count) + " x " + name);
  };
  std::lock_guard lock(mutex_);
  for (const auto& [name, label] : labels_) add(name, label);
  add("other", kMaxLabels - 1);
  return out;
}

bool Activities::wait_quiet(std::chrono::milliseconds bound) {
  std::unique_lock lock(mutex_);
  waiting_.fetch_add(1);
  const bool reached = changed_.wait_for(lock, bound, [this] { return quiet(); });
  waiting_.fetch_sub(1);
  return reached;
}

}  // namespace paddock
