// The one thread that makes commits durable with Durability::fsync: while it syncs, further commits
// gather, and the next sync covers them all.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace paddock::storage {

// Thread-safe. `last_commit` is the number of the newest commit that is in the log; `sync` forces
// the log to the disk and returns false if that failed: from then on nothing more becomes durable,
// since nobody knows what a failed fsync has lost.
class Syncer {
 public:
  Syncer(const std::atomic<uint64_t>& last_commit, std::function<bool()> sync);
  ~Syncer();  // after a last sync

  // After last_commit rose.
  void committed() {
    if (sleeping_.load()) {
      wake();
    }
  }
  uint64_t durable() const { return durable_.load(); }
  bool failed() const { return failed_.load(); }
  void when_durable(uint64_t commit, std::function<void()> action);

 private:
  void run();
  void wake();
  void advance(uint64_t commit);

  const std::atomic<uint64_t>& last_commit_;
  const std::function<bool()> sync_;
  std::atomic<uint64_t> durable_;
  std::atomic<bool> sleeping_{false};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::multimap<uint64_t, std::function<void()>> waiting_;
  std::thread thread_;
};

}  // namespace paddock::storage
