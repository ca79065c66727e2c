#include "events/outbox.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>

#include <boost/asio/steady_timer.hpp>

#include "events/kinds.hpp"
#include "events/scheduler.hpp"
#include "fixture.hpp"

namespace paddock::events {
namespace {

using events_test::Folder;
using events_test::Io;
using events_test::World;

using events_test::kBound;

struct Notes {
  std::mutex mutex;
  std::vector<OutboxEntry> delivered;

  void add(const OutboxEntry& entry) {
    std::lock_guard lock(mutex);
    delivered.push_back(entry);
  }
  std::vector<std::string> payloads() {
    std::lock_guard lock(mutex);
    std::vector<std::string> found;
    for (const auto& entry : delivered) found.push_back(entry.payload);
    return found;
  }
};

Task<Delivered> note(Notes* notes, OutboxEntry entry) {
  notes->add(entry);
  co_return Delivered::done();
}

struct Box {
  explicit Box(World& its_world)
      : world(its_world),
        outbox(*world.database, *world.realms, world.clock, world.activities, world.log) {
    outbox.add_target("note", [this](OutboxEntry entry) { return note(&notes, std::move(entry)); });
  }
  ~Box() { outbox.stop(); }

  void add(const std::string& payload, const std::string& target = "note") {
    OutboxEntry entry;
    entry.realm = world.realm;
    entry.target = target;
    entry.payload = payload;
    entry.cause = {"request", 2};
    entry.enqueued = world.clock.now();
    storage::Batch batch;
    outbox.add(batch, std::move(entry));
    world.database->commit(batch);
  }
  bool quiet() { return world.activities.wait_quiet(kBound); }
  size_t rows() {
    size_t count = 0;
    auto row = world.database->iterate_prefix(storage::Family::queue,
                                              storage::Key(world.realm, kOutboxKind));
    for (; row.valid(); row.next()) ++count;
    return count;
  }

  World& world;
  Notes notes;
  Outbox outbox;
};

using Payloads = std::vector<std::string>;

TEST(Outbox, DeliversAfterTheCommitAndErasesWhatIsDone) {
  World world;
  Io io;
  Box box(world);
  box.outbox.start(io.context);
  box.add("hello");
  ASSERT_TRUE(box.quiet());
  ASSERT_EQ(box.notes.delivered.size(), 1U);
  const OutboxEntry& entry = box.notes.delivered[0];
  EXPECT_EQ(entry.payload, "hello");
  EXPECT_EQ(entry.realm, world.realm);
  EXPECT_EQ(entry.cause.request_id, "request");
  EXPECT_EQ(entry.cause.depth, 2U);
  EXPECT_EQ(entry.enqueued, world.clock.now());
  EXPECT_EQ(entry.attempt, 0U);
  EXPECT_EQ(box.outbox.pending(), 0U);
  EXPECT_EQ(box.rows(), 0U);
}

TEST(Outbox, AnEntryOfADroppedBatchIsNeverDelivered) {
  World world;
  Io io;
  Box box(world);
  box.outbox.start(io.context);
  {
    storage::Batch dropped;
    OutboxEntry entry;
    entry.realm = world.realm;
    entry.target = "note";
    box.outbox.add(dropped, entry);
  }
  EXPECT_EQ(box.outbox.pending(), 0U);
  box.add("kept");
  ASSERT_TRUE(box.quiet());
  EXPECT_EQ(box.notes.payloads(), Payloads{"kept"});
}

TEST(Outbox, AnEntryHoldsActivityFromItsCommit) {
  World world;
  Io io;
  Box box(world);
  box.add("waits for the start");
  EXPECT_EQ(world.activities.active(), Payloads{"outbox"});
  EXPECT_EQ(box.outbox.pending(), 1U);
  box.outbox.start(io.context);
  EXPECT_TRUE(box.quiet());
}

TEST(Outbox, WhatWasNotDeliveredIsDeliveredAfterARestart) {
  Folder folder;
  {
    World world(folder.data());
    Box box(world);
    for (int i = 0; i < 100; ++i) box.add(std::to_string(i));
  }
  World world(folder.data());
  Io io;
  Box box(world);
  EXPECT_EQ(box.outbox.pending(), 100U);
  EXPECT_FALSE(world.activities.quiet());
  box.outbox.start(io.context);
  ASSERT_TRUE(box.quiet());
  const auto payloads = box.notes.payloads();
  EXPECT_EQ(payloads.size(), 100U);
  EXPECT_EQ(std::set<std::string>(payloads.begin(), payloads.end()).size(), 100U);
}

Task<Delivered> retry_twice(WorldClock* clock, Notes* notes, OutboxEntry entry) {
  notes->add(entry);
  if (entry.attempt < 2) co_return Delivered::retry(clock->now() + Milliseconds(60'000));
  co_return Delivered::done();
}

TEST(Outbox, ARetryWaitsQuietlyForItsWorldTime) {
  World world;
  Io io;
  Box box(world);
  box.outbox.add_target("retry", [&](OutboxEntry entry) {
    return retry_twice(&world.clock, &box.notes, std::move(entry));
  });
  box.outbox.start(io.context);
  const WorldTime begun = world.clock.now();
  box.add("again", "retry");
  ASSERT_TRUE(box.quiet());
  EXPECT_EQ(box.outbox.pending(), 1U);
  EXPECT_EQ(box.outbox.next_due(), begun + Milliseconds(60'000));
  world.clock.advance_to(begun + Milliseconds(59'999));
  EXPECT_TRUE(world.activities.quiet());
  world.clock.advance_to(begun + Milliseconds(60'000));
  EXPECT_FALSE(box.notes.payloads().empty());
  ASSERT_TRUE(box.quiet());
  EXPECT_EQ(box.notes.delivered.size(), 2U);
  EXPECT_EQ(box.notes.delivered[1].attempt, 1U);
  world.clock.advance_to(begun + Milliseconds(120'000));
  ASSERT_TRUE(box.quiet());
  EXPECT_EQ(box.notes.delivered.size(), 3U);
  EXPECT_EQ(box.outbox.pending(), 0U);
}

TEST(Outbox, ARetryKeepsItsTimeAndAttemptOverARestart) {
  Folder folder;
  WorldTime due;
  {
    World world(folder.data());
    Io io;
    Box box(world);
    box.outbox.add_target("retry", [&](OutboxEntry entry) {
      return retry_twice(&world.clock, &box.notes, std::move(entry));
    });
    box.outbox.start(io.context);
    box.add("again", "retry");
    ASSERT_TRUE(box.quiet());
    due = *box.outbox.next_due();
    box.outbox.stop();
  }
  World world(folder.data());
  Io io;
  Box box(world);
  box.outbox.add_target("retry", [&](OutboxEntry entry) { return note(&box.notes, entry); });
  box.outbox.start(io.context);
  EXPECT_EQ(box.outbox.next_due(), due);
  world.clock.advance_to(due);
  ASSERT_TRUE(box.quiet());
  ASSERT_EQ(box.notes.delivered.size(), 1U);
  EXPECT_EQ(box.notes.delivered[0].attempt, 1U);
}

TEST(Outbox, AdvancingTheClockRunsEveryRetryAtItsTime) {
  World world;
  Io io;
  Box box(world);
  Scheduler scheduler(*world.database, *world.realms, world.clock, world.machine, world.activities,
                      world.log);
  box.outbox.add_target("retry", [&](OutboxEntry entry) {
    return retry_twice(&world.clock, &box.notes, std::move(entry));
  });
  scheduler.also_due([&] { return box.outbox.next_due(); });
  scheduler.start();
  box.outbox.start(io.context);
  box.add("again", "retry");
  const WorldTime to = world.clock.now() + Milliseconds(3'600'000);
  EXPECT_EQ(advance(world.clock, scheduler, world.activities, to, kBound), Payloads{});
  EXPECT_EQ(box.notes.delivered.size(), 3U);
  EXPECT_EQ(box.outbox.pending(), 0U);
}

Task<Delivered> fail_once(std::atomic<int>* tries, OutboxEntry) {
  if (++*tries == 1) throw std::runtime_error("not now");
  co_return Delivered::done();
}

TEST(Outbox, AThrowingTargetIsTriedAgainAfterASecond) {
  World world;
  Io io;
  Box box(world);
  std::atomic<int> tries{0};
  box.outbox.add_target("fail",
                        [&](OutboxEntry entry) { return fail_once(&tries, std::move(entry)); });
  box.outbox.start(io.context);
  const WorldTime begun = world.clock.now();
  box.add("x", "fail");
  ASSERT_TRUE(box.quiet());
  EXPECT_EQ(box.outbox.next_due(), begun + Milliseconds(1000));
  world.clock.set_speed(1000);
  while (box.outbox.pending() > 0) io.pass();
  EXPECT_EQ(tries, 2);
}

TEST(Outbox, AnUnknownTargetIsDropped) {
  World world;
  Io io;
  Box box(world);
  box.outbox.start(io.context);
  box.add("x", "nobody");
  ASSERT_TRUE(box.quiet());
  EXPECT_EQ(box.outbox.pending(), 0U);
  EXPECT_EQ(box.rows(), 0U);
}

// Deliveries that wait until the gate opens, and count how many are at it.
struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  size_t waiting = 0;
  size_t most = 0;
  bool open = false;
};

Task<Delivered> pass_gate(Gate* gate, OutboxEntry) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  {
    std::lock_guard lock(gate->mutex);
    gate->most = std::max(gate->most, ++gate->waiting);
    gate->changed.notify_all();
  }
  while (true) {
    {
      std::lock_guard lock(gate->mutex);
      if (gate->open) break;
    }
    timer.expires_after(Milliseconds(1));
    co_await timer.async_wait(use_task);
  }
  std::lock_guard lock(gate->mutex);
  --gate->waiting;
  co_return Delivered::done();
}

TEST(Outbox, AtMostSixtyFourDeliveriesRunAtOnce) {
  World world;
  Io io;
  Box box(world);
  Gate gate;
  box.outbox.add_target("gate",
                        [&](OutboxEntry entry) { return pass_gate(&gate, std::move(entry)); });
  box.outbox.start(io.context);
  for (size_t i = 0; i < 2 * Outbox::kMostDeliveries; ++i) box.add("x", "gate");
  {
    std::unique_lock lock(gate.mutex);
    gate.changed.wait(lock, [&] { return gate.waiting == Outbox::kMostDeliveries; });
  }
  io.pass();
  {
    std::lock_guard lock(gate.mutex);
    gate.open = true;
  }
  ASSERT_TRUE(box.quiet());
  EXPECT_EQ(gate.most, Outbox::kMostDeliveries);
}

TEST(Outbox, AResetDropsEntriesAndTheirTokens) {
  World world;
  Io io;
  Box box(world);
  box.add("gone");
  world.realms->reset("", "");
  EXPECT_EQ(box.outbox.pending(), 0U);
  EXPECT_TRUE(world.activities.quiet());
  box.outbox.start(io.context);
  io.pass();
  EXPECT_TRUE(box.notes.payloads().empty());
}

TEST(Outbox, ADeliveryThatWasRunningAtStopRunsAgain) {
  Folder folder;
  {
    World world(folder.data());
    Io io;
    Box box(world);
    Gate gate;
    box.outbox.add_target("gate",
                          [&](OutboxEntry entry) { return pass_gate(&gate, std::move(entry)); });
    box.outbox.start(io.context);
    box.add("x", "gate");
    {
      std::unique_lock lock(gate.mutex);
      gate.changed.wait(lock, [&] { return gate.waiting == 1; });
    }
    box.outbox.stop();
    EXPECT_TRUE(world.activities.quiet());
    io.stop();
  }
  World world(folder.data());
  Box box(world);
  EXPECT_EQ(box.outbox.pending(), 1U);
}

}  // namespace
}  // namespace paddock::events
