#include "http/budget.hpp"

#include <algorithm>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

namespace paddock::http {

struct BodyBudget::Waiter {
  explicit Waiter(IoExecutor executor) : timer(std::move(executor)) {}
  asio::steady_timer timer;
};

// A waiter's place in the list, also given up when its coroutine is destroyed while it waits.
class BodyBudget::Place {
 public:
  Place(BodyBudget& budget, std::shared_ptr<Waiter> waiter)
      : budget_(budget), waiter_(std::move(waiter)) {
    std::lock_guard lock(budget_.mutex_);
    budget_.waiters_.push_back(waiter_);
    ++budget_.waiting_;
  }
  ~Place() {
    std::lock_guard lock(budget_.mutex_);
    std::erase(budget_.waiters_, waiter_);
    --budget_.waiting_;
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  BodyBudget& budget_;
  const std::shared_ptr<Waiter> waiter_;
};

bool BodyBudget::try_reserve(size_t bytes) {
  size_t used = used_.load(std::memory_order_relaxed);
  do {
    if (bytes > total_ - used) return false;
  } while (!used_.compare_exchange_weak(used, used + bytes));
  return true;
}

Task<bool> BodyBudget::reserve(size_t bytes, std::chrono::milliseconds bound) {
  if (bytes > total_) co_return false;
  if (try_reserve(bytes)) co_return true;
  auto waiter = std::make_shared<Waiter>(co_await asio::this_coro::executor);
  waiter->timer.expires_after(bound);
  const auto deadline = waiter->timer.expiry();
  const Place place(*this, waiter);
  // A release that came before we were counted woke nobody: look again before each wait.
  bool reserved = try_reserve(bytes);
  bool expired = false;
  while (!reserved && !expired) {
    waiter->timer.expires_at(deadline);
    auto [error] = co_await waiter->timer.async_wait(asio::as_tuple(use_task));
    expired = !error;
    reserved = try_reserve(bytes);
  }
  co_return reserved;
}

void BodyBudget::release(size_t bytes) {
  used_ -= bytes;
  if (waiting_.load() == 0) return;
  std::lock_guard lock(mutex_);
  for (const auto& waiter : waiters_) {
    asio::post(waiter->timer.get_executor(), [waiter] { waiter->timer.cancel(); });
  }
}

}  // namespace paddock::http
