#include "storage/queue_index.hpp"

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "store_fixture.hpp"

namespace paddock::storage {
namespace {

class QueueIndexTest : public StoreTest {
 protected:
  void SetUp() override { database_ = open(Durability::none); }

  static std::string prefix(uint64_t queue = 1) {
    return Key(kTestRealm, kTestKind).u64(queue).bytes();
  }
  static std::string entry(uint64_t number, uint64_t queue = 1) {
    return Key(kTestRealm, kTestKind).u64(queue).u64(number).bytes();
  }
  void push(QueueIndex& index, uint64_t number, uint64_t queue = 1) {
    put(*database_, Family::queue, entry(number, queue), std::to_string(number));
    index.inserted(prefix(queue), entry(number, queue));
  }
  void erase(uint64_t number) {
    Batch batch;
    batch.erase(Family::queue, entry(number));
    database_->commit(batch);
  }
  static std::string head(QueueIndex& index, uint64_t queue = 1) {
    const auto found = index.front(prefix(queue));
    return found ? found->value : "none";
  }

  std::unique_ptr<Database> database_;
};

TEST_F(QueueIndexTest, GivesTheFirstEntriesInOrder) {
  QueueIndex index(*database_, Family::queue);
  for (uint64_t number : {3, 1, 2}) {
    push(index, number);
  }
  push(index, 9, 2);
  const auto two = index.front(prefix(), 2);
  ASSERT_EQ(two.size(), 2u);
  EXPECT_EQ(two[0].key, entry(1));
  EXPECT_EQ(two[0].value, "1");
  EXPECT_EQ(two[1].key, entry(2));
  EXPECT_EQ(index.front(prefix(), 10).size(), 3u);
  EXPECT_EQ(index.front(prefix(), 0).size(), 0u);
  EXPECT_EQ(index.front(prefix(), 10, entry(3)).size(), 2u);
  EXPECT_EQ(index.front(prefix(), 10, entry(1)).size(), 0u);
  EXPECT_EQ(head(index, 2), "9");
  EXPECT_EQ(head(index, 3), "none");
}

TEST_F(QueueIndexTest, FollowsWhatIsConsumedAndWhatComesInBeforeTheHead) {
  QueueIndex index(*database_, Family::queue);
  for (uint64_t number : {10, 20, 30}) {
    push(index, number);
  }
  EXPECT_EQ(head(index), "10");
  erase(10);
  index.consumed(prefix(), entry(11));
  EXPECT_EQ(head(index), "20");
  push(index, 5);
  EXPECT_EQ(head(index), "5");
  for (uint64_t number : {5, 20, 30}) {
    erase(number);
  }
  index.consumed(prefix(), entry(31));
  EXPECT_EQ(head(index), "none");
  push(index, 1);
  EXPECT_EQ(head(index), "1");
}

TEST_F(QueueIndexTest, FindsWhatCameInBelowAConsumersPosition) {
  QueueIndex index(*database_, Family::queue);
  push(index, 10);
  EXPECT_EQ(head(index), "10");
  push(index, 4);  // while the consumer works on 10
  erase(10);
  index.consumed(prefix(), entry(11));
  EXPECT_EQ(head(index), "4");
}

TEST_F(QueueIndexTest, KeepsEntriesBehindABound) {
  QueueIndex index(*database_, Family::queue);
  push(index, 10);
  EXPECT_TRUE(index.front(prefix(), 1, entry(5)).empty());
  push(index, 3);
  EXPECT_EQ(head(index), "3");
}

TEST_F(QueueIndexTest, StartsAnewAfterAQueueWasForgotten) {
  QueueIndex index(*database_, Family::queue);
  push(index, 10);
  EXPECT_EQ(head(index), "10");
  put(*database_, Family::queue, entry(2), "2");
  index.forget(prefix());
  EXPECT_EQ(head(index), "2");
}

TEST_F(QueueIndexTest, FindsTheHeadAfterAReopenAndAHundredThousandDeletions) {
  constexpr uint64_t kDeleted = 100000;
  database_ = open();
  {
    QueueIndex index(*database_, Family::queue);
    Batch batch;
    for (uint64_t number = 0; number < kDeleted + 2; ++number) {
      batch.put(Family::queue, entry(number), std::to_string(number));
    }
    database_->commit(batch);
    EXPECT_EQ(head(index), "0");
    for (uint64_t number = 0; number < kDeleted; ++number) {
      batch.erase(Family::queue, entry(number));
    }
    database_->commit(batch);
    index.consumed(prefix(), entry(kDeleted));
    EXPECT_EQ(head(index), std::to_string(kDeleted));
  }
  reopen(database_);
  QueueIndex index(*database_, Family::queue);
  EXPECT_EQ(head(index), std::to_string(kDeleted));
  push(index, 17);
  EXPECT_EQ(head(index), "17");
  erase(17);
  EXPECT_EQ(index.front(prefix(), 5).size(), 2u);
}

TEST_F(QueueIndexTest, MissesNothingThatManyWritersInsert) {
  QueueIndex index(*database_, Family::queue);
  constexpr uint64_t kEach = 1500;
  constexpr uint64_t kWriters = 3;
  std::vector<std::thread> writers;
  for (uint64_t writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (uint64_t i = 0; i < kEach; ++i) {
        // Falling and rising, so that many come in before the head.
        const uint64_t number = i % 2 == 0 ? i : 1000000 - i;
        push(index, number * kWriters + writer);
      }
    });
  }
  std::set<std::string> seen;
  while (seen.size() < kEach * kWriters) {
    const auto entries = index.front(prefix(), 10);
    Batch batch;
    for (const auto& found : entries) {
      EXPECT_TRUE(seen.insert(found.key).second);
      batch.erase(Family::queue, found.key);
    }
    if (!entries.empty()) {
      database_->commit(batch);
      index.consumed(prefix(), entries.back().key + '\0');
    } else {
      std::this_thread::yield();
    }
  }
  for (std::thread& writer : writers) {
    writer.join();
  }
  EXPECT_EQ(head(index), "none");
}

}  // namespace
}  // namespace paddock::storage
