#include "storage/database.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include "store_fixture.hpp"

namespace paddock::storage {
namespace {

using DatabaseTest = StoreTest;

std::vector<std::string> keys_of(Iterator rows) {
  std::vector<std::string> keys;
  for (; rows.valid(); rows.next()) {
    keys.emplace_back(rows.key());
  }
  return keys;
}

std::vector<std::string> test_keys(std::initializer_list<uint64_t> numbers) {
  std::vector<std::string> keys;
  for (uint64_t number : numbers) {
    keys.push_back(test_key(number));
  }
  return keys;
}

std::string noise(size_t bytes, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string out(bytes, '\0');
  for (char& byte : out) {
    byte = static_cast<char>(random());
  }
  return out;
}

TEST_F(DatabaseTest, ReadsWhatWasCommitted) {
  const auto database = open();
  EXPECT_EQ(database->get(Family::rows, test_key(1)), std::nullopt);
  put(*database, Family::rows, test_key(1), "one");
  EXPECT_EQ(database->get(Family::rows, test_key(1)), "one");
  EXPECT_EQ(database->get(Family::log, test_key(1)), std::nullopt);
  Batch batch;
  batch.erase(Family::rows, test_key(1));
  database->commit(batch);
  EXPECT_EQ(database->get(Family::rows, test_key(1)), std::nullopt);
}

TEST_F(DatabaseTest, KeepsEmptyValuesApartFromMissingRows) {
  const auto database = open();
  put(*database, Family::rows, test_key(1), "");
  EXPECT_EQ(database->get(Family::rows, test_key(1)), "");
  Value value;
  EXPECT_TRUE(database->get(Family::rows, test_key(1), value));
  EXPECT_EQ(value.view(), "");
  EXPECT_FALSE(database->get(Family::rows, test_key(2), value));
}

TEST_F(DatabaseTest, KeepsEverythingOverAReopenInEveryFamily) {
  auto database = open();
  for (size_t family = 0; family < kFamilies; ++family) {
    put(*database, static_cast<Family>(family), test_key(family), noise(100000, family));
  }
  reopen(database);
  for (size_t family = 0; family < kFamilies; ++family) {
    const auto key = test_key(family);
    EXPECT_EQ(database->get(static_cast<Family>(family), key), noise(100000, family));
    Value value;
    ASSERT_TRUE(database->get(static_cast<Family>(family), key, value));
    EXPECT_EQ(value.view(), noise(100000, family));
  }
}

TEST_F(DatabaseTest, CommitNumbersRiseAlsoOverAReopen) {
  auto database = open();
  uint64_t last = 0;
  for (int i = 0; i < 10; ++i) {
    Batch batch;
    batch.put(Family::rows, test_key(1), "value");
    const uint64_t number = database->commit(batch);
    EXPECT_GT(number, last);
    EXPECT_EQ(database->durable(), number);
    last = number;
  }
  reopen(database);
  Batch batch;
  batch.put(Family::rows, test_key(1), "value");
  EXPECT_GT(database->commit(batch), last);
}

TEST_F(DatabaseTest, CommitsABatchInTheOrderItWasFilled) {
  const auto database = open();
  put(*database, Family::rows, test_key(2), "old");
  Batch batch;
  EXPECT_TRUE(batch.empty());
  batch.put(Family::rows, test_key(1), "first");
  batch.put(Family::rows, test_key(1), "second");
  batch.erase_range(Family::rows, test_key(2), test_key(3));
  batch.put(Family::log, test_key(2), "new");
  EXPECT_FALSE(batch.empty());
  EXPECT_GT(batch.bytes(), 4 * test_key(1).size());
  database->commit(batch);
  EXPECT_EQ(database->get(Family::rows, test_key(1)), "second");
  EXPECT_EQ(database->get(Family::rows, test_key(2)), std::nullopt);
  EXPECT_EQ(database->get(Family::log, test_key(2)), "new");
  EXPECT_TRUE(batch.empty());
}

TEST_F(DatabaseTest, ShowsReadersABatchWholeOrNotAtAll) {
  const auto database = open();
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int i = 1; i <= 500; ++i) {
      Batch batch;
      batch.put(Family::rows, test_key(1), std::to_string(i));
      batch.put(Family::log, test_key(1), std::to_string(i));
      database->commit(batch);
    }
    done = true;
  });
  while (!done) {
    const Snapshot view = database->snapshot();
    EXPECT_EQ(database->get(Family::rows, test_key(1), &view),
              database->get(Family::log, test_key(1), &view));
  }
  writer.join();
  EXPECT_EQ(database->get(Family::log, test_key(1)), "500");
}

TEST_F(DatabaseTest, RunsActionsInOrderWithTheCommitsNumber) {
  const auto database = open();
  std::vector<std::pair<int, uint64_t>> seen;
  Batch batch;
  batch.put(Family::rows, test_key(1), "x");
  batch.after_commit([&](uint64_t commit) { seen.emplace_back(1, commit); });
  batch.after_commit([&](uint64_t commit) { seen.emplace_back(2, commit); });
  const uint64_t number = database->commit(batch);
  EXPECT_EQ(seen, (std::vector<std::pair<int, uint64_t>>{{1, number}, {2, number}}));
  database->commit(batch);  // empty now: runs nothing again
  EXPECT_EQ(seen.size(), 2u);
}

TEST_F(DatabaseTest, RefusesKeysWithoutARealm) {
  Batch batch;
  EXPECT_THROW(batch.put(Family::rows, "abc", "x"), std::invalid_argument);
  EXPECT_TRUE(batch.empty());
}

TEST_F(DatabaseTest, WalksARangeBothWays) {
  const auto database = open();
  for (uint64_t number : {1, 2, 3, 4, 5}) {
    put(*database, Family::rows, test_key(number), std::to_string(number));
  }
  put(*database, Family::rows, Key(kTestRealm + 1, kTestKind).u64(1), "neighbour");
  const auto walk = [&](uint64_t begin, uint64_t end, Direction direction) {
    return keys_of(database->iterate(Family::rows, test_key(begin), test_key(end), direction));
  };
  EXPECT_EQ(walk(2, 4, Direction::forward), test_keys({2, 3}));
  EXPECT_EQ(walk(2, 4, Direction::backward), test_keys({3, 2}));
  EXPECT_EQ(walk(0, 9, Direction::forward), test_keys({1, 2, 3, 4, 5}));
  EXPECT_EQ(walk(0, 9, Direction::backward), test_keys({5, 4, 3, 2, 1}));
  EXPECT_EQ(walk(6, 9, Direction::backward), test_keys({}));
  EXPECT_EQ(walk(3, 3, Direction::forward), test_keys({}));
  EXPECT_EQ(keys_of(database->iterate(Family::rows, test_key(4), {})).size(), 3u);
}

TEST_F(DatabaseTest, WalksAPrefixAndNothingBehindIt) {
  const auto database = open();
  put(*database, Family::rows, test_key(1), "a");
  put(*database, Family::rows, Key(kTestRealm, kTestKind + 1).u64(1), "b");
  const Key prefix(kTestRealm, kTestKind);
  EXPECT_EQ(keys_of(database->iterate_prefix(Family::rows, prefix)), test_keys({1}));
}

TEST_F(DatabaseTest, SeeksWithinTheBoundsOfAWalk) {
  const auto database = open();
  for (uint64_t number : {1, 3, 5, 7}) {
    put(*database, Family::rows, test_key(number), "x");
  }
  Iterator forward = database->iterate(Family::rows, test_key(3), test_key(7));
  forward.seek(test_key(4));
  ASSERT_TRUE(forward.valid());
  EXPECT_EQ(forward.key(), test_key(5));
  forward.seek(test_key(0));
  ASSERT_TRUE(forward.valid());
  EXPECT_EQ(forward.key(), test_key(3));
  forward.seek(test_key(6));
  EXPECT_FALSE(forward.valid());

  Iterator backward =
      database->iterate(Family::rows, test_key(3), test_key(7), Direction::backward);
  backward.seek(test_key(4));
  ASSERT_TRUE(backward.valid());
  EXPECT_EQ(backward.key(), test_key(3));
  backward.seek(test_key(9));
  ASSERT_TRUE(backward.valid());
  EXPECT_EQ(backward.key(), test_key(5));
  backward.seek(test_key(2));
  EXPECT_FALSE(backward.valid());
}

TEST_F(DatabaseTest, SnapshotsSeeNothingThatCameLater) {
  const auto database = open();
  put(*database, Family::rows, test_key(1), "before");
  const Snapshot view = database->snapshot();
  put(*database, Family::rows, test_key(1), "after");
  put(*database, Family::rows, test_key(2), "new");
  EXPECT_EQ(database->get(Family::rows, test_key(1), &view), "before");
  Value value;
  EXPECT_FALSE(database->get(Family::rows, test_key(2), value, &view));
  EXPECT_EQ(
      keys_of(database->iterate(Family::rows, test_key(0), test_key(9), Direction::forward, &view)),
      test_keys({1}));
  EXPECT_EQ(database->get(Family::rows, test_key(1)), "after");
}

// Keeps RocksDB's flush threads busy while it lives, so that memtables fill up.
class BlockedFlushes {
 public:
  BlockedFlushes() {
    rocksdb::Env* const env = rocksdb::Env::Default();
    const auto wait = [](void* self) {
      auto* const blocked = static_cast<BlockedFlushes*>(self);
      std::unique_lock lock(blocked->mutex_);
      blocked->changed_.wait(lock, [&] { return blocked->released_; });
      --blocked->running_;
      blocked->changed_.notify_all();
    };
    running_ = env->GetBackgroundThreads(rocksdb::Env::HIGH);
    for (int i = running_; i > 0; --i) {
      env->Schedule(wait, this, rocksdb::Env::HIGH);
    }
  }
  ~BlockedFlushes() {
    std::unique_lock lock(mutex_);
    released_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return running_ == 0; });
  }
  BlockedFlushes(const BlockedFlushes&) = delete;
  BlockedFlushes& operator=(const BlockedFlushes&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int running_ = 0;
  bool released_ = false;
};

TEST_F(DatabaseTest, RefusesACommitThatWouldWait) {
  const auto database = open();
  const std::string megabyte = noise(1 << 20, 1);
  constexpr uint64_t kMost = 200;
  uint64_t number = 0;
  bool refused = false;
  bool acted = false;
  {
    const BlockedFlushes blocked;
    while (!refused && ++number < kMost) {
      Batch batch;
      batch.put(Family::rows, test_key(number), megabyte);
      acted = false;
      batch.after_commit([&](uint64_t) { acted = true; });
      try {
        database->commit(batch, CommitMode::no_wait);
      } catch (const CommitWouldWait&) {
        refused = true;
        EXPECT_FALSE(batch.empty());
      }
    }
  }
  ASSERT_TRUE(refused);
  EXPECT_FALSE(acted);
  EXPECT_EQ(database->get(Family::rows, test_key(number)), std::nullopt);
  EXPECT_EQ(database->get(Family::rows, test_key(number - 1)), megabyte);
  put(*database, Family::rows, test_key(number), "waits");
  EXPECT_EQ(database->get(Family::rows, test_key(number)), "waits");
}

TEST_F(DatabaseTest, NeverReservesANumberTwice) {
  auto database = open();
  EXPECT_EQ(database->reserve(kSystemRealm, "a", 10), 0u);
  EXPECT_EQ(database->reserve(kSystemRealm, "a", 1), 10u);
  EXPECT_EQ(database->reserve(kSystemRealm, "b", 5), 0u);
  EXPECT_EQ(database->reserve(kTestRealm, "a", 5), 0u);
  reopen(database);
  EXPECT_EQ(database->reserve(kSystemRealm, "a", 1), 11u);
  EXPECT_EQ(database->reserve(kSystemRealm, "b", 1), 5u);
  EXPECT_EQ(database->reserve(kTestRealm, "a", 1), 5u);
}

TEST_F(DatabaseTest, ReservesForManyThreadsAtOnce) {
  const auto database = open();
  std::vector<std::thread> threads;
  std::vector<std::atomic<int>> taken(400);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 100; ++n) {
        ++taken.at(database->reserve(kSystemRealm, "n", 1));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const auto& count : taken) {
    EXPECT_EQ(count, 1);
  }
}

TEST_F(DatabaseTest, EstimatesTheBytesOfARange) {
  const auto database = open();
  constexpr uint64_t kRows = 2000;
  constexpr uint64_t kBytes = 1000 * kRows;
  for (uint64_t number = 0; number < kRows; ++number) {
    put(*database, Family::rows, test_key(number), noise(kBytes / kRows, number));
  }
  // What is in memtables is estimated from a sample.
  const uint64_t all = database->approximate_bytes(Family::rows, test_key(0), test_key(kRows));
  EXPECT_GT(all, kBytes / 4);
  EXPECT_LT(all, kBytes * 4);
  EXPECT_LT(database->approximate_bytes(Family::rows, test_key(kRows), {}), kBytes / 10);
}

TEST_F(DatabaseTest, ForgetsEverythingWithoutDurability) {
  {
    const auto database = open(Durability::none);
    put(*database, Family::rows, test_key(1), "x");
    EXPECT_EQ(database->get(Family::rows, test_key(1)), "x");
    EXPECT_EQ(database->durability(), Durability::none);
  }
  EXPECT_FALSE(std::filesystem::exists(directory_.path()));
  EXPECT_EQ(open(Durability::none)->get(Family::rows, test_key(1)), std::nullopt);
}

TEST_F(DatabaseTest, TwoOfThemDoNotMeet) {
  for (Durability durability : {Durability::none, Durability::wal}) {
    const auto one = open(directory_.path("one"), durability);
    const auto two = open(directory_.path("two"), durability);
    put(*one, Family::rows, test_key(1), "one");
    put(*two, Family::rows, test_key(1), "two");
    EXPECT_EQ(one->get(Family::rows, test_key(1)), "one");
    EXPECT_EQ(two->get(Family::rows, test_key(1)), "two");
  }
}

TEST_F(DatabaseTest, ACheckpointOpensAsASecondDatabase) {
  for (Durability durability : {Durability::wal, Durability::none}) {
    const std::string name = durability == Durability::none ? "memory" : "disk";
    const std::string copy_path = directory_.path("copies/" + name);
    const auto database = open(directory_.path(name), durability);
    put(*database, Family::rows, test_key(1), "before");
    put(*database, Family::blobs, test_key(1), noise(300000, 1));
    database->checkpoint(copy_path);
    put(*database, Family::rows, test_key(1), "after");

    const auto copy = open(copy_path);
    EXPECT_EQ(copy->get(Family::rows, test_key(1)), "before");
    EXPECT_EQ(copy->get(Family::blobs, test_key(1)), noise(300000, 1));
    put(*copy, Family::rows, test_key(2), "only here");
    EXPECT_EQ(database->get(Family::rows, test_key(2)), std::nullopt);
    EXPECT_THROW(database->checkpoint(copy_path), StorageError);
  }
}

}  // namespace
}  // namespace paddock::storage
