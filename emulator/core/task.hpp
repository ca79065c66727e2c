// Coroutines and the threads they run on.
//
// A `Task<T>` is lazy, moves between threads only where it says so (`on_pool`), and is cancelled
// through its `Cancelled` token, never by force. GCC 12's coroutine rules are in DESIGN 6.
#pragma once

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace paddock {

namespace asio = boost::asio;

// Every coroutine of the emulator runs on an io_context's threads.
using IoExecutor = asio::any_io_executor;
template <class T = void>
using Task = asio::awaitable<T, IoExecutor>;
inline constexpr asio::use_awaitable_t<IoExecutor> use_task{};

// Says that nobody waits for the answer any more: the client closed, the stream was reset, or the
// server stops. Copies share one state; thread-safe.
class Cancelled {
 public:
  Cancelled() : state_(std::make_shared<State>()) {}

  bool fired() const { return state_->fired.load(std::memory_order_acquire); }
  // Runs every listener once, on the calling thread; later calls do nothing.
  void fire();
  // Calls `listener` when fired, at once if it already was. Returns a key for `forget`.
  size_t listen(std::function<void()> listener);
  void forget(size_t key);

 private:
  struct State {
    std::atomic<bool> fired{false};
    std::mutex mutex;
    size_t next_key = 1;
    std::vector<std::pair<size_t, std::function<void()>>> listeners;
  };
  std::shared_ptr<State> state_;
};

// Threads for work that may wait for the disk or takes more than a millisecond.
class WorkPool {
 public:
  explicit WorkPool(size_t threads) : pool_(threads) {}
  ~WorkPool() { stop(); }

  template <class Function>
  void post(Function function) {
    asio::post(pool_, std::move(function));
  }
  // Finishes what is queued and joins.
  void stop() { pool_.join(); }

  // Runs `function` on the pool and resumes the caller on its own executor with the result.
  // Exceptions pass through.
  template <class Function>
  Task<std::invoke_result_t<Function>> run(Function function) {
    // Named: GCC 12 destroys the captures of a closure within a co_await expression twice.
    auto on_pool = [f = std::move(function)]() mutable -> Task<std::invoke_result_t<Function>> {
      co_return f();
    };
    co_return co_await asio::co_spawn(pool_.get_executor(), std::move(on_pool), use_task);
  }

 private:
  asio::thread_pool pool_;
};

// Runs `task` for at most `span` of machine time: its result, or nullopt when the time is up; the
// task then goes on by itself and its result is dropped. Exceptions pass through.
template <class T>
Task<std::optional<T>> with_timeout(Task<T> task, std::chrono::milliseconds span) {
  struct State {
    explicit State(IoExecutor executor) : timer(std::move(executor)) {}
    asio::steady_timer timer;
    std::exception_ptr failure;
    std::optional<T> result;
  };
  IoExecutor executor = co_await asio::this_coro::executor;
  auto state = std::make_shared<State>(executor);
  state->timer.expires_after(span);
  asio::co_spawn(executor, std::move(task), [state](std::exception_ptr failure, T result) {
    state->failure = failure;
    if (!failure) state->result = std::move(result);
    state->timer.cancel();
  });
  boost::system::error_code cancelled;
  if (!state->result && !state->failure) {
    co_await state->timer.async_wait(asio::redirect_error(use_task, cancelled));
  }
  if (state->failure) std::rethrow_exception(state->failure);
  co_return std::move(state->result);
}

}  // namespace paddock
