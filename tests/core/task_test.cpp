#include "core/task.hpp"

#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace paddock {
namespace {

TEST(Cancelled, FiresEachListenerOnce) {
  Cancelled cancelled;
  int calls = 0;
  cancelled.listen([&] { ++calls; });
  const size_t forgotten = cancelled.listen([&] { calls += 100; });
  cancelled.forget(forgotten);
  Cancelled copy = cancelled;
  copy.fire();
  copy.fire();
  EXPECT_TRUE(cancelled.fired());
  EXPECT_EQ(calls, 1);
}

TEST(Cancelled, CallsALateListenerAtOnce) {
  Cancelled cancelled;
  cancelled.fire();
  bool called = false;
  cancelled.listen([&] { called = true; });
  EXPECT_TRUE(called);
}

Task<std::string> on_the_pool(WorkPool& pool, bool fail) {
  const auto home = std::this_thread::get_id();
  auto work = [fail]() -> std::thread::id {
    if (fail) throw std::runtime_error("failed there");
    return std::this_thread::get_id();
  };
  std::string said;
  try {
    const auto there = co_await pool.run(work);
    said = there != home ? "elsewhere" : "here";
  } catch (const std::runtime_error& error) {
    said = error.what();
  }
  co_return said + (std::this_thread::get_id() == home ? ", back home" : ", lost");
}

std::string run(bool fail) {
  asio::io_context io;
  WorkPool pool(1);
  std::string said;
  asio::co_spawn(io, on_the_pool(pool, fail),
                 [&](std::exception_ptr, std::string text) { said = std::move(text); });
  io.run();
  return said;
}

TEST(WorkPool, RunsElsewhereAndResumesAtHome) {
  EXPECT_EQ(run(false), "elsewhere, back home");
}

TEST(WorkPool, PassesExceptionsThrough) {
  EXPECT_EQ(run(true), "failed there, back home");
}

}  // namespace
}  // namespace paddock
