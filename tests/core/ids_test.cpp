#include "core/ids.hpp"

#include <set>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace paddock {
namespace {

// Counts what is asked of it.
class CountingStore : public MemoryCounters {
 public:
  uint64_t reserve(uint32_t realm, std::string_view kind, uint64_t count) override {
    ++calls;
    return MemoryCounters::reserve(realm, kind, count);
  }
  int calls = 0;
};

constexpr Seed kSeed{1, 2};

TEST(SipHash, MatchesThePublishedVectors) {
  // Key 00 01 … 0f, input 00 01 … (appendix A of the paper and its reference vectors).
  const Seed key{0x0f0e0d0c0b0a0908, 0x0706050403020100};
  std::string input;
  EXPECT_EQ(siphash(key, input), 0x726fdb47dd0e0e31u);
  for (char i = 0; i < 15; ++i) input += i;
  EXPECT_EQ(siphash(key, input), 0xa129ca6149be45e5u);
}

TEST(Seed, DiffersByNumberAndRun) {
  EXPECT_EQ(Seed::from_number(7).high, Seed::from_number(7).high);
  EXPECT_NE(Seed::from_number(7).high, Seed::from_number(8).high);
  EXPECT_NE(Seed::from_number(7).low, Seed::from_number(8).low);
  EXPECT_NE(Seed::random().low, Seed::random().low);
}

TEST(Ids, AreAFunctionOfSeedRealmKindAndCounter) {
  MemoryCounters a, b;
  Ids first(kSeed, a), second(kSeed, b);
  const IdBytes one = first.next(5, "table");
  first.next(6, "table");  // another realm's traffic changes nothing
  first.next(5, "index");
  EXPECT_EQ(second.next(5, "table"), one);
  EXPECT_EQ(second.next(5, "table"), first.next(5, "table"));
  EXPECT_NE(second.next(6, "table"), one);
  EXPECT_NE(second.next(5, "index"), one);
  MemoryCounters c;
  EXPECT_NE(Ids({1, 3}, c).next(5, "table"), one);
}

TEST(Ids, OfLongKindsDifferWhereverTheKindsDo) {
  MemoryCounters counters;
  Ids ids(kSeed, counters);
  const std::string kind(200, 'k');
  EXPECT_NE(ids.hex(1, kind + "a", 64), ids.hex(1, kind + "b", 64));
}

TEST(Ids, ReserveCountersInBlocks) {
  CountingStore store;
  Ids ids(kSeed, store);
  for (int i = 0; i < 1024; ++i) ids.next(1, "x");
  EXPECT_EQ(store.calls, 1);
  ids.next(1, "x");
  EXPECT_EQ(store.calls, 2);
}

TEST(Ids, AreNotRepeatedAfterARestart) {
  MemoryCounters store;
  std::set<std::string> seen;
  for (int run = 0; run < 3; ++run) {
    Ids ids(kSeed, store);
    EXPECT_TRUE(seen.insert(ids.uuid(1, "x")).second);
    EXPECT_TRUE(seen.insert(ids.request_id52()).second);
    EXPECT_TRUE(seen.insert(ids.request_uuid()).second);
  }
}

TEST(Ids, HaveTheFormsOfAws) {
  MemoryCounters store;
  Ids ids(kSeed, store);
  EXPECT_EQ(ids.hex(1, "x", 0), "");
  EXPECT_THAT(ids.hex(1, "x", 64), ::testing::MatchesRegex("[0-9a-f]{64}"));
  EXPECT_THAT(ids.base36(1, "x", 10), ::testing::MatchesRegex("[a-z0-9]{10}"));
  EXPECT_THAT(ids.upper36(1, "x", 32), ::testing::MatchesRegex("[A-Z0-9]{32}"));
  const char* uuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
  for (int i = 0; i < 20; ++i) EXPECT_THAT(ids.uuid(1, "x"), ::testing::MatchesRegex(uuid));
  EXPECT_THAT(ids.request_uuid(), ::testing::MatchesRegex(uuid));
  EXPECT_THAT(ids.request_id52(),
              ::testing::MatchesRegex("[0-9A-V]{26}VV4KQNSO5AEMVJF66Q9ASUAAJG"));
}

TEST(Ids, OfRequestsAreUniqueAcrossThreadsAndReserveOnceInABlock) {
  CountingStore store;
  Ids ids(kSeed, store);
  std::vector<std::vector<std::string>> made(4);
  std::vector<std::thread> threads;
  for (auto& own : made) {
    threads.emplace_back([&ids, &own] {
      for (int i = 0; i < 20'000; ++i) own.push_back(ids.request_id52());
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<std::string> all;
  for (const auto& own : made) all.insert(own.begin(), own.end());
  EXPECT_EQ(all.size(), 80'000u);
  EXPECT_EQ(store.calls, (80'000 + 1023) / 1024);
}

}  // namespace
}  // namespace paddock
