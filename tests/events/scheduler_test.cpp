#include "events/scheduler.hpp"

#include <mutex>
#include <vector>

#include "events/kinds.hpp"
#include "fixture.hpp"

namespace paddock::events {
namespace {

using events_test::Folder;
using events_test::World;

using events_test::kBound;

class Fired {
 public:
  void add(const std::string& id) {
    std::lock_guard lock(mutex_);
    ids_.push_back(id);
  }
  std::vector<std::string> take() {
    std::lock_guard lock(mutex_);
    return std::exchange(ids_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> ids_;
};

// A world with a scheduler whose target "test" notes the ids that fire.
struct Timers {
  explicit Timers(World& its_world)
      : world(its_world),
        scheduler(*world.database, *world.realms, world.clock, world.machine, world.activities,
                  world.log) {
    scheduler.handle("test", [this](const Timer& timer) { fired.add(timer.id); });
  }

  Timer timer(const std::string& id, WorldTime due) const {
    return {world.realm, "test", id, due, "payload of " + id};
  }
  void set(const Timer& timer) {
    storage::Batch batch;
    scheduler.set(batch, timer);
    world.database->commit(batch);
  }
  void cancel(const Timer& timer) {
    storage::Batch batch;
    scheduler.cancel(batch, timer);
    world.database->commit(batch);
  }
  size_t rows() const {
    size_t count = 0;
    for (const auto kind : {kTimerDueKind, kTimerNameKind}) {
      auto row =
          world.database->iterate_prefix(storage::Family::timers, storage::Key(world.realm, kind));
      for (; row.valid(); row.next()) ++count;
    }
    return count;
  }

  World& world;
  Fired fired;
  Scheduler scheduler;
};

using Ids = std::vector<std::string>;

TEST(Scheduler, FiresInOrderOfTimeAcrossRealmsAndErasesWhatFired) {
  World world;
  Timers timers(world);
  const WorldTime now = world.clock.now();
  Timer other = timers.timer("b", now + Milliseconds(20));
  other.realm = world.realms->get("sqs", "111111111111", "eu-west-1")->id;
  timers.set(timers.timer("c", now + Milliseconds(30)));
  timers.set(other);
  timers.set(timers.timer("a", now + Milliseconds(10)));
  timers.scheduler.start();
  timers.scheduler.run_due();
  EXPECT_EQ(timers.fired.take(), Ids{});
  world.clock.advance_to(now + Milliseconds(30));
  timers.scheduler.run_due();
  EXPECT_EQ(timers.fired.take(), (Ids{"a", "b", "c"}));
  EXPECT_EQ(timers.rows(), 0U);
  EXPECT_EQ(timers.scheduler.next_due(), std::nullopt);
}

TEST(Scheduler, IsDueAtTheMillisecondAndNotBefore) {
  World world;
  Timers timers(world);
  timers.scheduler.start();
  const WorldTime due = world.clock.now() + Milliseconds(1000);
  timers.set(timers.timer("a", due));
  EXPECT_EQ(timers.scheduler.next_due(), due);
  world.clock.advance_to(due - Milliseconds(1));
  timers.scheduler.run_due();
  EXPECT_EQ(timers.fired.take(), Ids{});
  EXPECT_TRUE(world.activities.quiet());
  world.clock.advance_to(due);
  timers.scheduler.run_due();
  EXPECT_EQ(timers.fired.take(), Ids{"a"});
}

TEST(Scheduler, SettingAgainReplacesAndCancelErases) {
  World world;
  Timers timers(world);
  timers.scheduler.start();
  const WorldTime now = world.clock.now();
  timers.set(timers.timer("moved", now + Milliseconds(10)));
  timers.set(timers.timer("moved", now + Milliseconds(500)));
  timers.set(timers.timer("cancelled", now + Milliseconds(20)));
  EXPECT_EQ(timers.scheduler.next_due(), now + Milliseconds(20));
  timers.cancel(timers.timer("cancelled", now));
  EXPECT_EQ(timers.scheduler.next_due(), now + Milliseconds(500));
  EXPECT_EQ(timers.rows(), 2U);
  world.clock.advance_to(now + Milliseconds(499));
  timers.scheduler.run_due();
  EXPECT_EQ(timers.fired.take(), Ids{});
  world.clock.advance_to(now + Milliseconds(500));
  timers.scheduler.run_due();
  EXPECT_EQ(timers.fired.take(), Ids{"moved"});
}

TEST(Scheduler, AStaleDueRowIsErasedWithoutFiring) {
  World world;
  Timers timers(world);
  timers.scheduler.start();
  const WorldTime now = world.clock.now();
  // Two batches that replace one timer and neither sees the other's.
  storage::Batch first, second;
  timers.scheduler.set(first, timers.timer("a", now + Milliseconds(10)));
  timers.scheduler.set(second, timers.timer("a", now + Milliseconds(20)));
  world.database->commit(first);
  world.database->commit(second);
  EXPECT_EQ(timers.rows(), 3U);
  world.clock.advance_to(now + Milliseconds(15));
  timers.scheduler.run_due();
  EXPECT_EQ(timers.fired.take(), Ids{});
  world.clock.advance_to(now + Milliseconds(20));
  timers.scheduler.run_due();
  EXPECT_EQ(timers.fired.take(), Ids{"a"});
  EXPECT_EQ(timers.rows(), 0U);
}

TEST(Scheduler, TheHandlerMayMoveItsOwnTimer) {
  World world;
  Timers timers(world);
  timers.scheduler.handle("again", [&](const Timer& timer) {
    timers.fired.add(timer.payload);
    Timer next = timer;
    next.due = timer.due + Milliseconds(60'000);
    next.payload += "+";
    timers.set(next);
  });
  timers.scheduler.start();
  const WorldTime now = world.clock.now();
  timers.set({world.realm, "again", "id", now, "p"});
  timers.scheduler.run_due();
  world.clock.advance_to(now + Milliseconds(60'000));
  timers.scheduler.run_due();
  EXPECT_EQ(timers.fired.take(), (Ids{"p", "p+"}));
  EXPECT_EQ(timers.scheduler.next_due(), now + Milliseconds(120'000));
}

TEST(Scheduler, ADueTimerIsActivityFromTheMomentTheClockReachesIt) {
  World world;
  Timers timers(world);
  std::promise<void> go;
  timers.scheduler.handle("slow",
                          [future = go.get_future().share()](const Timer&) { future.wait(); });
  timers.scheduler.start();
  const WorldTime due = world.clock.now() + Milliseconds(5);
  timers.set({world.realm, "slow", "id", due, ""});
  EXPECT_TRUE(world.activities.quiet());
  world.clock.advance_to(due);
  EXPECT_EQ(world.activities.active(), Ids{"timer"});
  go.set_value();
  EXPECT_TRUE(world.activities.wait_quiet(kBound));
}

TEST(Scheduler, TimersSurviveARestartEvenWhileTheirTimePassed) {
  Folder folder;
  const WorldTime due = [&] {
    World world(folder.data());
    Timers timers(world);
    const WorldTime at = world.clock.now() + Milliseconds(1000);
    timers.set(timers.timer("a", at));
    return at;
  }();
  World world(folder.data());
  world.clock.advance_to(due + Milliseconds(1));
  Timers timers(world);
  EXPECT_EQ(timers.scheduler.next_due(), due);
  timers.scheduler.start();
  EXPECT_TRUE(world.activities.wait_quiet(kBound));
  EXPECT_EQ(timers.fired.take(), Ids{"a"});
}

TEST(Scheduler, AFailingHandlerIsTriedAgainAndHoldsNobodyUp) {
  World world;
  Timers timers(world);
  std::atomic<int> tries{0};
  timers.scheduler.handle("failing", [&](const Timer& timer) {
    if (++tries == 1) throw std::runtime_error("not yet");
    timers.fired.add(timer.id);
  });
  const WorldTime now = world.clock.now();
  timers.set({world.realm, "failing", "failed once", now, ""});
  timers.set(timers.timer("after it", now));
  timers.scheduler.start();
  timers.scheduler.run_due();
  EXPECT_EQ(timers.fired.take(), Ids{"after it"});
  EXPECT_FALSE(world.activities.quiet());
  EXPECT_TRUE(world.activities.wait_quiet(kBound));
  EXPECT_EQ(timers.fired.take(), Ids{"failed once"});
  EXPECT_EQ(timers.rows(), 0U);
}

TEST(Scheduler, ATimerOfADeadRealmDisappears) {
  World world;
  Timers timers(world);
  timers.scheduler.start();
  const WorldTime due = world.clock.now() + Milliseconds(10);
  timers.set(timers.timer("a", due));
  world.realms->reset("", "");
  EXPECT_EQ(timers.scheduler.next_due(), std::nullopt);
  world.clock.advance_to(due);
  timers.scheduler.run_due();
  EXPECT_EQ(timers.fired.take(), Ids{});
  EXPECT_TRUE(world.activities.quiet());
}

TEST(Scheduler, ARunningClockFiresByItself) {
  World world;
  world.clock.set_speed(1);
  Timers timers(world);
  timers.scheduler.start();
  std::promise<void> fired;
  timers.scheduler.stop();
  timers.scheduler.handle("promise", [&](const Timer&) { fired.set_value(); });
  timers.scheduler.start();
  timers.set({world.realm, "promise", "id", world.clock.now() + Milliseconds(20), ""});
  EXPECT_EQ(fired.get_future().wait_for(kBound), std::future_status::ready);
}

TEST(Advance, PassesThroughChainedTimersInOrder) {
  World world;
  Timers timers(world);
  std::vector<int64_t> at;
  const WorldTime begun = world.clock.now();
  timers.scheduler.handle("chain", [&](const Timer& timer) {
    at.push_back(
        world.clock.now() - begun == Milliseconds(0) ? 0 : (world.clock.now() - begun).count());
    if (timer.id == "3") return;
    Timer next = timer;
    next.id = std::to_string(std::stoi(timer.id) + 1);
    next.due = world.clock.now() + Milliseconds(60'000);
    timers.set(next);
  });
  timers.scheduler.start();
  timers.set({world.realm, "chain", "1", begun + Milliseconds(1000), ""});
  const auto active = advance(world.clock, timers.scheduler, world.activities,
                              begun + Milliseconds(3'600'000), kBound);
  EXPECT_EQ(active, Ids{});
  EXPECT_EQ(at, (std::vector<int64_t>{1000, 61'000, 121'000}));
  EXPECT_EQ(world.clock.now(), begun + Milliseconds(3'600'000));
}

TEST(Advance, StopsForOtherThingsThatBecomeDue) {
  World world;
  Timers timers(world);
  const WorldTime begun = world.clock.now();
  const WorldTime due = begun + Milliseconds(500);
  std::vector<WorldTime> changes;
  world.clock.on_change([&] { changes.push_back(world.clock.now()); });
  timers.scheduler.also_due([&]() -> std::optional<WorldTime> {
    if (world.clock.now() < due) return due;
    return std::nullopt;
  });
  timers.scheduler.start();
  EXPECT_EQ(
      advance(world.clock, timers.scheduler, world.activities, begun + Milliseconds(900), kBound),
      Ids{});
  EXPECT_EQ(changes, (std::vector<WorldTime>{due, begun + Milliseconds(900)}));
}

TEST(Advance, NamesWhatIsStillActiveWhenTheBoundIsOver) {
  World world;
  Timers timers(world);
  timers.scheduler.start();
  Activity running = world.activities.begin("function slow");
  EXPECT_EQ(advance(world.clock, timers.scheduler, world.activities,
                    world.clock.now() + Milliseconds(10), Milliseconds(20)),
            Ids{"function slow"});
}

}  // namespace
}  // namespace paddock::events
