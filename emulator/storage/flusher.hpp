// A thread that calls `flush` when something was committed and then nothing for two seconds, so
// that an idle emulator holds no memtables and has little to replay after a kill. It sleeps while
// there is nothing to flush.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace paddock::storage {

class Flusher {
 public:
  static constexpr std::chrono::milliseconds kIdle{2000};

  // `last_commit` rises with each commit. `dirty`: there is something to flush already.
  Flusher(const std::atomic<uint64_t>& last_commit, bool dirty, std::function<void()> flush,
          std::chrono::milliseconds idle = kIdle);
  ~Flusher();

  // After last_commit rose. Thread-safe.
  void committed() {
    if (sleeping_.load()) {
      wake();
    }
  }

 private:
  void run();
  void wake();

  const std::atomic<uint64_t>& last_commit_;
  const std::function<void()> flush_;
  const std::chrono::milliseconds idle_;
  uint64_t flushed_;  // the commit up to which everything was flushed
  std::atomic<bool> sleeping_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace paddock::storage
