#include "events/metrics.hpp"

#include "fixture.hpp"

namespace paddock::events {
namespace {

using events_test::Folder;
using events_test::World;

constexpr Milliseconds kMinute{60'000};
const Dimensions kTable{{"TableName", "T"}};
const WorldTime kEver{int64_t{1} << 46};

void add(Metrics& metrics, double value, const std::string& account = "000000000000",
         const Dimensions& dimensions = kTable) {
  metrics.add(account, "us-east-1", "AWS/DynamoDB", "ConsumedWriteCapacityUnits", dimensions,
              "Count", value);
}

TEST(Metrics, SumsByMinuteOfWorldTime) {
  World world;
  Metrics metrics(*world.database, *world.realms, world.clock);
  const WorldTime now = world.clock.now();
  const WorldTime minute{now.ms - now.ms % 60'000};
  add(metrics, 2);
  add(metrics, 5);
  world.clock.advance_to(minute + kMinute);
  add(metrics, 1);
  const auto series = metrics.read("", "", WorldTime{}, kEver);
  ASSERT_EQ(series.size(), 1U);
  EXPECT_EQ(series[0].account, "000000000000");
  EXPECT_EQ(series[0].region, "us-east-1");
  EXPECT_EQ(series[0].name_space, "AWS/DynamoDB");
  EXPECT_EQ(series[0].name, "ConsumedWriteCapacityUnits");
  EXPECT_EQ(series[0].unit, "Count");
  EXPECT_EQ(series[0].dimensions, kTable);
  ASSERT_EQ(series[0].minutes.size(), 2U);
  EXPECT_EQ(series[0].minutes[0].minute, minute);
  EXPECT_EQ(series[0].minutes[0].sum, 7);
  EXPECT_EQ(series[0].minutes[0].minimum, 2);
  EXPECT_EQ(series[0].minutes[0].maximum, 5);
  EXPECT_EQ(series[0].minutes[0].samples, 2U);
  EXPECT_EQ(series[0].minutes[1].sum, 1);
  EXPECT_EQ(metrics.read("", "", minute + kMinute, kEver)[0].minutes.size(), 1U);
}

TEST(Metrics, SumsSurviveARestartAndGoOn) {
  Folder folder;
  WorldTime now;
  {
    World world(folder.data());
    now = world.clock.now();
    Metrics metrics(*world.database, *world.realms, world.clock);
    add(metrics, -1.5);
  }
  World world(folder.data());
  Metrics metrics(*world.database, *world.realms, world.clock);
  const auto before = metrics.read("", "", WorldTime{}, kEver);
  ASSERT_EQ(before.size(), 1U);
  EXPECT_EQ(before[0].minutes[0].sum, -1.5);
  EXPECT_EQ(before[0].minutes[0].maximum, -1.5);
  // The second run may have begun in the next minute: then it is a row of its own.
  add(metrics, 4);
  const auto series = metrics.read("", "", WorldTime{}, kEver);
  double sum = 0;
  for (const auto& minute : series.at(0).minutes) sum += minute.sum;
  EXPECT_EQ(sum, 2.5);
}

TEST(Metrics, SeriesDifferByDimensionsAndAreFilteredByAccountAndNamespace) {
  World world;
  Metrics metrics(*world.database, *world.realms, world.clock);
  add(metrics, 1);
  add(metrics, 1, "000000000000", {});
  add(metrics, 1, "111111111111");
  EXPECT_EQ(metrics.read("", "", WorldTime{}, kEver).size(), 3U);
  EXPECT_EQ(metrics.read("000000000000", "", WorldTime{}, kEver).size(), 2U);
  EXPECT_EQ(metrics.read("111111111111", "AWS/DynamoDB", WorldTime{}, kEver).size(), 1U);
  EXPECT_TRUE(metrics.read("", "AWS/Lambda", WorldTime{}, kEver).empty());
}

TEST(Metrics, AResetTakesWrittenAndUnwrittenSums) {
  World world;
  Metrics metrics(*world.database, *world.realms, world.clock);
  add(metrics, 1);
  metrics.flush();
  add(metrics, 1);
  add(metrics, 1, "111111111111");
  world.realms->reset("", "000000000000");
  EXPECT_TRUE(metrics.read("000000000000", "", WorldTime{}, kEver).empty());
  EXPECT_EQ(metrics.read("", "", WorldTime{}, kEver).size(), 1U);
  add(metrics, 3);
  EXPECT_EQ(metrics.read("000000000000", "", WorldTime{}, kEver)[0].minutes[0].sum, 3);
}

TEST(Metrics, MinutesBeyondTheRetentionAreErased) {
  World world;
  Metrics metrics(*world.database, *world.realms, world.clock);
  const WorldTime begun = world.clock.now();
  add(metrics, 1);
  metrics.flush();
  world.clock.advance_to(begun + Metrics::kRetention - kMinute);
  metrics.flush();
  EXPECT_EQ(metrics.read("", "", WorldTime{}, kEver).size(), 1U);
  world.clock.advance_to(begun + Metrics::kRetention + Milliseconds(24 * 3600 * 1000) + kMinute);
  EXPECT_EQ(metrics.read("", "", WorldTime{}, kEver).size(), 0U);
}

TEST(Metrics, ManyThreadsLoseNothing) {
  World world;
  Metrics metrics(*world.database, *world.realms, world.clock);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        add(metrics, 1);
        if (i % 500 == 0) metrics.flush();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const auto series = metrics.read("", "", WorldTime{}, kEver);
  double sum = 0;
  for (const auto& minute : series.at(0).minutes) sum += minute.sum;
  EXPECT_EQ(sum, 8000);
}

}  // namespace
}  // namespace paddock::events
