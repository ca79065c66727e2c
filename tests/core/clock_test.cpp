#include "core/clock.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/text.hpp"

namespace paddock {
namespace {

constexpr int64_t kHourMs = 3'600'000;

TEST(WorldClock, FollowsTheMachineUntilChanged) {
  MachineClock machine;
  WorldClock world(machine);
  const int64_t before = machine.wall_ms();
  const int64_t now = world.now().ms;
  EXPECT_LE(before, now);
  EXPECT_LE(now, machine.wall_ms());
  EXPECT_EQ(world.speed(), 1.0);
}

TEST(WorldClock, FrozenStaysAtItsMoment) {
  MachineClock machine;
  WorldClock world(machine);
  world.freeze();
  EXPECT_TRUE(world.frozen());
  const WorldTime moment = world.now();
  const int64_t until = machine.wall_ms() + 5;
  while (machine.wall_ms() < until) EXPECT_EQ(world.now(), moment);
  EXPECT_EQ(world.machine_wait(moment), Milliseconds(0));
  EXPECT_EQ(world.machine_wait(moment + Milliseconds(1)), std::nullopt);
}

TEST(WorldClock, AdvancesWhileFrozenToTheExactMoment) {
  MachineClock machine;
  WorldClock world(machine);
  world.freeze();
  const WorldTime start = world.now();
  world.advance_to(start + Milliseconds(kHourMs));
  EXPECT_EQ(world.now(), start + Milliseconds(kHourMs));
  EXPECT_TRUE(world.frozen());
}

TEST(WorldClock, DoesNotAdvanceBackwards) {
  MachineClock machine;
  WorldClock world(machine);
  world.freeze();
  const WorldTime start = world.now();
  world.advance_to(start - Milliseconds(1));
  EXPECT_EQ(world.now(), start);
}

TEST(WorldClock, RunsAheadAfterAnAdvance) {
  MachineClock machine;
  WorldClock world(machine);
  world.advance_to(world.now() + Milliseconds(kHourMs));
  EXPECT_GE(world.now().ms, machine.wall_ms() + kHourMs - 1000);
  EXPECT_EQ(world.speed(), 1.0);
}

TEST(WorldClock, SpeedScalesTheWaitOfTheMachine) {
  MachineClock machine;
  WorldClock world(machine);
  world.set_speed(60);
  const auto wait = world.machine_wait(world.now() + Milliseconds(kHourMs));
  ASSERT_TRUE(wait);
  EXPECT_LE(*wait, Milliseconds(kHourMs / 60));
  EXPECT_GT(*wait, Milliseconds(kHourMs / 60 - 10'000));
}

TEST(WorldClock, SpeedScalesTime) {
  MachineClock machine;
  WorldClock world(machine);
  world.set_speed(1000);
  const int64_t machine_start = machine.wall_ms();
  const WorldTime start = world.now();
  while (machine.wall_ms() < machine_start + 3) {
  }
  EXPECT_GE(world.now() - start, Milliseconds(2000));
}

TEST(WorldClock, ResetGoesBackToTheMachine) {
  MachineClock machine;
  WorldClock world(machine);
  world.advance_to(world.now() + Milliseconds(kHourMs));
  world.now();
  world.reset();
  EXPECT_LE(world.now().ms, machine.wall_ms());
  EXPECT_EQ(world.speed(), 1.0);
}

TEST(WorldClock, RestoredFrozenStaysAtItsMoment) {
  MachineClock machine;
  WorldClock first(machine);
  first.advance_to(first.now() + Milliseconds(kHourMs));
  first.freeze();
  const WorldTime moment = first.now();
  WorldClock second(machine);
  second.restore(first.state());
  EXPECT_TRUE(second.frozen());
  EXPECT_EQ(second.now(), moment);
}

TEST(WorldClock, RestoredRunningGoesOnAboveTheHighWaterMark) {
  MachineClock machine;
  WorldClock world(machine);
  WorldClock::State state;
  state.offset_ms = kHourMs;
  state.since_ms = machine.wall_ms();
  state.high_water_ms = machine.wall_ms() + 2 * kHourMs;
  world.restore(state);
  EXPECT_EQ(world.now().ms, state.high_water_ms + 1);
  EXPECT_EQ(world.state().offset_ms, kHourMs);
}

TEST(WorldClock, MapsClientTimeThroughTheHistoryOfChanges) {
  MachineClock machine;
  WorldClock world(machine);
  WorldClock::State state;
  state.since_ms = 1'000'000;
  state.offset_ms = 500;
  state.speed = 2.0;
  world.restore(state);
  EXPECT_EQ(world.from_client(1'000'000).ms, 1'000'500);
  EXPECT_EQ(world.from_client(1'000'010).ms, 1'000'520);
  EXPECT_EQ(world.from_client(999'990).ms, 1'000'480);
  world.freeze();
  const WorldTime moment = world.now();
  EXPECT_EQ(world.from_client(1'000'010).ms, 1'000'520);
  EXPECT_EQ(world.from_client(machine.wall_ms() + kHourMs), moment);
}

TEST(WorldClock, KeepsABoundedHistory) {
  MachineClock machine;
  WorldClock world(machine);
  world.freeze();
  const WorldTime start = world.now();
  for (int i = 1; i <= 1000; ++i) world.advance_to(start + Milliseconds(i));
  EXPECT_EQ(world.now(), start + Milliseconds(1000));
  // The oldest entry that is left stands for all before it: one of the last 64 advances.
  EXPECT_EQ(world.from_client(0), start + Milliseconds(937));
}

TEST(WorldClock, CallsListenersAfterEachChange) {
  MachineClock machine;
  WorldClock world(machine);
  int calls = 0;
  world.on_change([&] {
    ++calls;
    world.now();
  });
  world.freeze();
  world.advance_to(world.now() + Milliseconds(1));
  world.set_speed(1);
  world.reset();
  EXPECT_EQ(calls, 4);
}

TEST(WorldClock, NeverRunsBackwardsUnderConcurrentChanges) {
  MachineClock machine;
  WorldClock world(machine);
  std::atomic<bool> done{false};
  std::atomic<int> backwards{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      WorldTime last = world.now();
      while (!done) {
        const WorldTime now = world.now();
        if (now < last) ++backwards;
        last = now;
      }
    });
  }
  for (int i = 0; i < 2000; ++i) {
    world.freeze();
    const WorldTime frozen = world.now();
    EXPECT_EQ(world.now(), frozen);
    world.advance_to(frozen + Milliseconds(3));
    EXPECT_EQ(world.now(), frozen + Milliseconds(3));
    world.set_speed(i % 2 == 0 ? 1 : 10);
  }
  done = true;
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(backwards, 0);
}

TEST(MachineClock, WritesTheDateHeader) {
  MachineClock machine;
  const auto parsed = parse_http_date(machine.http_date());
  ASSERT_TRUE(parsed);
  EXPECT_LE(*parsed, machine.wall_ms());
  EXPECT_GE(*parsed, machine.wall_ms() - 5000);
}

}  // namespace
}  // namespace paddock
