#include "storage/key_locks.hpp"

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace paddock::storage {
namespace {

TEST(KeyLocks, KeepReadersAndWritersOfOneKeyApart) {
  KeyLocks locks;
  int64_t counter = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 5000; ++n) {
        const KeyLocks::Guard guard = locks.lock("key");
        ++counter;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(counter, 20000);
}

TEST(KeyLocks, TakenTogetherInAnyOrderNeverDeadlock) {
  KeyLocks locks;
  const std::vector<std::string> forwards = {"a", "b", "c", "d", "a"};
  const std::vector<std::string> backwards = {"d", "c", "b", "a"};
  int64_t counter = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 2000; ++n) {
        const auto guards = locks.lock_all(i % 2 == 0 ? forwards : backwards);
        ++counter;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(counter, 8000);
}

TEST(KeyLocks, TakeAStripeOnceForKeysThatShareIt) {
  KeyLocks locks;
  const auto guards = locks.lock_all({"a", "a", "b"});
  EXPECT_LE(guards.size(), 2u);
  EXPECT_GE(guards.size(), 1u);
  EXPECT_TRUE(locks.lock_all({}).empty());
}

TEST(KeyLocks, PassThroughWaitsForHoldersOfBefore) {
  KeyLocks locks;
  std::atomic<bool> released{false};
  std::promise<void> held;
  std::thread holder([&] {
    KeyLocks::Guard guard = locks.lock("held");
    held.set_value();
    std::this_thread::yield();
    released = true;
  });
  held.get_future().wait();
  locks.pass_through_all();
  EXPECT_TRUE(released);
  holder.join();
}

}  // namespace
}  // namespace paddock::storage
