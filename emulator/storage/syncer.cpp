#include "storage/syncer.hpp"

#include <utility>
#include <vector>

namespace paddock::storage {

Syncer::Syncer(const std::atomic<uint64_t>& last_commit, std::function<bool()> sync)
    : last_commit_(last_commit),
      sync_(std::move(sync)),
      durable_(last_commit.load()),
      thread_([this] { run(); }) {}

Syncer::~Syncer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Syncer::wake() {
  // The lock orders this after the thread's check of last_commit_, so no wake is lost.
  { const std::lock_guard lock(mutex_); }
  wake_.notify_one();
}

void Syncer::when_durable(uint64_t commit, std::function<void()> action) {
  {
    const std::lock_guard lock(mutex_);
    if (durable_.load() < commit) {
      waiting_.emplace(commit, std::move(action));
      return;
    }
  }
  action();
}

void Syncer::advance(uint64_t commit) {
  std::vector<std::function<void()>> due;
  {
    const std::lock_guard lock(mutex_);
    durable_.store(commit);
    const auto end = waiting_.upper_bound(commit);
    for (auto entry = waiting_.begin(); entry != end; ++entry) {
      due.push_back(std::move(entry->second));
    }
    waiting_.erase(waiting_.begin(), end);
  }
  for (const auto& action : due) {
    action();
  }
}

void Syncer::run() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      sleeping_.store(true);
      wake_.wait(lock, [this] { return stopping_ || last_commit_.load() > durable_.load(); });
      sleeping_.store(false);
      if (last_commit_.load() <= durable_.load()) {
        return;  // stopping
      }
    }
    const uint64_t covered = last_commit_.load();
    if (!sync_()) {
      failed_.store(true);
      return;
    }
    advance(covered);
  }
}

}  // namespace paddock::storage
