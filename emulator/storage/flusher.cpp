#include "storage/flusher.hpp"

#include <utility>

namespace paddock::storage {

Flusher::Flusher(const std::atomic<uint64_t>& last_commit, bool dirty, std::function<void()> flush,
                 std::chrono::milliseconds idle)
    : last_commit_(last_commit),
      flush_(std::move(flush)),
      idle_(idle),
      flushed_(dirty ? last_commit.load() - 1 : last_commit.load()),
      thread_([this] { run(); }) {}

Flusher::~Flusher() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Flusher::wake() {
  { const std::lock_guard lock(mutex_); }
  wake_.notify_one();
}

void Flusher::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    sleeping_.store(true);
    wake_.wait(lock, [this] { return stopping_ || last_commit_.load() != flushed_; });
    sleeping_.store(false);

    uint64_t seen = last_commit_.load();
    while (!wake_.wait_for(lock, idle_, [this] { return stopping_; })) {
      const uint64_t now = last_commit_.load();
      if (now == seen) {
        lock.unlock();
        flush_();
        lock.lock();
        flushed_ = seen;
        break;
      }
      seen = now;
    }
  }
}

}  // namespace paddock::storage
