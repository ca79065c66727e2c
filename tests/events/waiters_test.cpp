#include "events/waiters.hpp"

#include "fixture.hpp"

namespace paddock::events {
namespace {

using events_test::Io;

constexpr Milliseconds kFar{3'600'000};

class WaitersTest : public ::testing::Test {
 protected:
  WaitersTest() { clock_.freeze(); }

  static Task<Wake> wait(std::shared_ptr<Waiter> waiter, WorldTime deadline, Cancelled cancelled) {
    co_return co_await waiter->wait(deadline, cancelled);
  }
  std::future<Wake> start(Milliseconds span = kFar, const std::string& key = "queue") {
    auto waiter = std::make_shared<Waiter>(waiters_.prepare(key));
    return io_.spawn(wait(waiter, clock_.now() + span, cancelled_));
  }
  static bool pending(const std::future<Wake>& future) {
    return future.wait_for(std::chrono::seconds(0)) == std::future_status::timeout;
  }

  MachineClock machine_;
  WorldClock clock_{machine_};
  Waiters waiters_{clock_};
  Cancelled cancelled_;
  Io io_;
};

TEST_F(WaitersTest, ANotificationBeforeTheWaitIsNotLost) {
  auto waiter = std::make_shared<Waiter>(waiters_.prepare("queue"));
  waiters_.notify_one("queue");
  EXPECT_EQ(io_.spawn(wait(waiter, clock_.now() + kFar, cancelled_)).get(), Wake::notified);
}

TEST_F(WaitersTest, NotifyOneWakesTheLongestWaiting) {
  auto first = start();
  auto second = start();
  io_.pass();
  waiters_.notify_one("queue");
  EXPECT_EQ(first.get(), Wake::notified);
  EXPECT_TRUE(pending(second));
  waiters_.notify_one("queue");
  EXPECT_EQ(second.get(), Wake::notified);
}

TEST_F(WaitersTest, NotifyAllWakesAllOfTheKeyAndNoOther) {
  auto first = start();
  auto second = start();
  auto other = start(kFar, "another queue");
  waiters_.notify_all("queue");
  EXPECT_EQ(first.get(), Wake::notified);
  EXPECT_EQ(second.get(), Wake::notified);
  io_.pass();
  EXPECT_TRUE(pending(other));
  waiters_.stop();
  EXPECT_EQ(other.get(), Wake::stopping);
}

TEST_F(WaitersTest, AnUnusedNotificationGoesToTheNext) {
  auto dropped = std::make_unique<Waiter>(waiters_.prepare("queue"));
  auto next = start();
  waiters_.notify_one("queue");
  dropped.reset();
  EXPECT_EQ(next.get(), Wake::notified);
}

TEST_F(WaitersTest, AForgottenWaiterTakesNoNotification) {
  { Waiter forgotten = waiters_.prepare("queue"); }
  auto next = start();
  waiters_.notify_one("queue");
  EXPECT_EQ(next.get(), Wake::notified);
}

TEST_F(WaitersTest, CancellationEndsTheWaitAlsoBeforeItBegins) {
  auto waiting = start();
  io_.pass();
  cancelled_.fire();
  EXPECT_EQ(waiting.get(), Wake::cancelled);
  EXPECT_EQ(start().get(), Wake::cancelled);
}

TEST_F(WaitersTest, StopEndsWaitsAndLaterOnesAtOnce) {
  auto waiting = start();
  io_.pass();
  waiters_.stop();
  EXPECT_EQ(waiting.get(), Wake::stopping);
  EXPECT_EQ(start().get(), Wake::stopping);
}

TEST_F(WaitersTest, AdvancingTheFrozenWorldReachesTheDeadline) {
  const WorldTime begun = clock_.now();
  auto waiting = start(Milliseconds(60'000));
  io_.pass();
  clock_.advance_to(begun + Milliseconds(59'999));
  io_.pass();
  io_.pass();
  EXPECT_TRUE(pending(waiting));
  clock_.advance_to(begun + Milliseconds(60'000));
  EXPECT_EQ(waiting.get(), Wake::deadline);
}

TEST_F(WaitersTest, AFrozenWorldDoesNotHoldTheWaitLongerThanMachineTime) {
  const auto begun = machine_.now();
  EXPECT_EQ(start(Milliseconds(30)).get(), Wake::deadline);
  EXPECT_GE(machine_.now() - begun, Milliseconds(30));
}

TEST_F(WaitersTest, AFastWorldReachesTheDeadlineEarly) {
  const auto begun = machine_.now();
  clock_.set_speed(100'000);
  EXPECT_EQ(start(kFar).get(), Wake::deadline);
  EXPECT_LT(machine_.now() - begun, kFar);
}

TEST_F(WaitersTest, ManyNotifiersLoseNothing) {
  constexpr int kRounds = 2000;
  std::atomic<int> waiting{0};
  std::thread notifier([&] {
    for (int i = 0; i < kRounds; ++i) {
      while (waiting.load() <= i) std::this_thread::yield();
      waiters_.notify_one("queue");
    }
  });
  int woken = 0;
  for (int i = 0; i < kRounds; ++i) {
    auto waiter = std::make_shared<Waiter>(waiters_.prepare("queue"));
    ++waiting;
    woken += io_.spawn(wait(waiter, clock_.now() + kFar, cancelled_)).get() == Wake::notified;
  }
  notifier.join();
  EXPECT_EQ(woken, kRounds);
}

}  // namespace
}  // namespace paddock::events
