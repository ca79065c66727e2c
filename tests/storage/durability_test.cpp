#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "storage/flusher.hpp"
#include "storage/syncer.hpp"
#include "store_fixture.hpp"

namespace paddock::storage {
namespace {

using DurabilityTest = StoreTest;

TEST_F(DurabilityTest, FsyncRunsWhatWaitsOnceItsCommitIsCovered) {
  const auto database = open(Durability::fsync);
  for (int i = 0; i < 20; ++i) {
    Batch batch;
    batch.put(Family::rows, test_key(1), std::to_string(i));
    const uint64_t number = database->commit(batch);
    std::promise<uint64_t> covered;
    database->when_durable(number, [&] { covered.set_value(database->durable()); });
    EXPECT_GE(covered.get_future().get(), number);
  }
}

TEST_F(DurabilityTest, FsyncCoversManyWriters) {
  const auto database = open(Durability::fsync);
  constexpr int kWriters = 4;
  constexpr int kCommits = 200;
  std::atomic<int> covered{0};
  std::promise<void> all;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < kCommits; ++i) {
        Batch batch;
        batch.put(Family::rows, test_key(writer), std::to_string(i));
        database->when_durable(database->commit(batch), [&] {
          if (++covered == kWriters * kCommits) {
            all.set_value();
          }
        });
      }
    });
  }
  for (std::thread& writer : writers) {
    writer.join();
  }
  all.get_future().wait();
  EXPECT_EQ(covered, kWriters * kCommits);
}

TEST_F(DurabilityTest, WithoutFsyncNothingWaits) {
  for (Durability durability : {Durability::none, Durability::wal}) {
    const auto database = open(durability);
    Batch batch;
    batch.put(Family::rows, test_key(1), "x");
    const uint64_t number = database->commit(batch);
    EXPECT_EQ(database->durable(), number);
    bool ran = false;
    database->when_durable(number, [&] { ran = true; });
    EXPECT_TRUE(ran);
  }
}

// A disk whose syncs end when the test says so.
class SlowDisk {
 public:
  bool sync() {
    started_.release();
    finish_.acquire();
    return works_;
  }
  void await_sync() { started_.acquire(); }
  void finish(bool works = true) {
    works_ = works;
    finish_.release();
  }

 private:
  class Gate {
   public:
    void release() {
      {
        const std::lock_guard lock(mutex_);
        ++count_;
      }
      changed_.notify_one();
    }
    void acquire() {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return count_ > 0; });
      --count_;
    }

   private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int count_ = 0;
  };
  Gate started_;
  Gate finish_;
  std::atomic<bool> works_{true};
};

TEST(Syncer, HoldsWhatIsNotSyncedYet) {
  SlowDisk disk;
  std::atomic<uint64_t> last_commit{10};
  Syncer syncer(last_commit, [&] { return disk.sync(); });
  EXPECT_EQ(syncer.durable(), 10u);

  last_commit = 11;
  syncer.committed();
  disk.await_sync();
  std::promise<void> first;
  std::promise<void> second;
  std::atomic<bool> second_ran{false};
  syncer.when_durable(11, [&] { first.set_value(); });
  last_commit = 12;  // while the first sync runs: it may not cover this one
  syncer.committed();
  syncer.when_durable(12, [&] {
    second_ran = true;
    second.set_value();
  });
  EXPECT_EQ(syncer.durable(), 10u);
  disk.finish();
  first.get_future().wait();
  disk.await_sync();
  EXPECT_EQ(syncer.durable(), 11u);
  EXPECT_FALSE(second_ran);
  disk.finish();
  second.get_future().wait();
  EXPECT_EQ(syncer.durable(), 12u);
}

TEST(Syncer, CallsNothingDurableAfterAFailedSync) {
  SlowDisk disk;
  std::atomic<uint64_t> last_commit{0};
  bool ran = false;
  {
    Syncer syncer(last_commit, [&] { return disk.sync(); });
    last_commit = 1;
    syncer.committed();
    disk.await_sync();
    syncer.when_durable(1, [&] { ran = true; });
    disk.finish(false);
    while (!syncer.failed()) {
      std::this_thread::yield();
    }
    EXPECT_EQ(syncer.durable(), 0u);
  }
  EXPECT_FALSE(ran);
}

TEST(Syncer, SyncsWhatIsLeftBeforeItEnds) {
  std::atomic<uint64_t> last_commit{0};
  bool ran = false;
  {
    Syncer syncer(last_commit, [] { return true; });
    last_commit = 1;
    syncer.when_durable(1, [&] { ran = true; });
  }
  EXPECT_TRUE(ran);
}

TEST(Flusher, FlushesOnceWhenCommitsHaveStopped) {
  std::atomic<uint64_t> last_commit{5};
  std::atomic<int> flushes{0};
  std::promise<void> first;
  std::promise<void> second;
  Flusher flusher(
      last_commit, false,
      [&] {
        const int count = ++flushes;
        if (count <= 2) {
          (count == 1 ? first : second).set_value();
        }
      },
      std::chrono::milliseconds(1));
  last_commit = 6;
  flusher.committed();
  first.get_future().wait();
  EXPECT_EQ(flushes, 1);
  last_commit = 7;
  flusher.committed();
  second.get_future().wait();
  EXPECT_EQ(flushes, 2);
}

TEST(Flusher, FlushesWhatWasThereAtOpen) {
  const std::atomic<uint64_t> last_commit{0};
  std::promise<void> flushed;
  std::atomic<bool> once{false};
  const Flusher flusher(
      last_commit, true,
      [&] {
        if (!once.exchange(true)) {
          flushed.set_value();
        }
      },
      std::chrono::milliseconds(1));
  flushed.get_future().wait();
  EXPECT_TRUE(once);
}

}  // namespace
}  // namespace paddock::storage
