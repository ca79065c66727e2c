// Lets a coroutine wait for another step of its thread.
#pragma once

#include <chrono>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>

#include "core/task.hpp"

namespace paddock::http {

// One thread's; one coroutine waits at a time. It looks at what it waits for before each wait, as a
// wake that finds nobody is forgotten.
class Wakeup {
 public:
  explicit Wakeup(asio::io_context& io) : timer_(io) {}

  // True if the time was up before `wake`. The waiting coroutine must keep this alive.
  Task<bool> wait(std::chrono::milliseconds bound) {
    timer_.expires_after(bound);
    auto [error] = co_await timer_.async_wait(asio::as_tuple(use_task));
    co_return !error;
  }
  Task<void> wait() {
    timer_.expires_at(asio::steady_timer::time_point::max());
    co_await timer_.async_wait(asio::as_tuple(use_task));
  }
  // It resumes in a later step.
  void wake() { timer_.cancel(); }

 private:
  asio::steady_timer timer_;
};

}  // namespace paddock::http
