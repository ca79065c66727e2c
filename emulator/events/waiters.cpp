#include "events/waiters.hpp"

#include <algorithm>
#include <atomic>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

namespace paddock::events {

struct Waiter::State {
  State(std::shared_ptr<Waiters::Impl> its_owner, std::string_view its_key)
      : owner(std::move(its_owner)), key(its_key) {}

  const std::shared_ptr<Waiters::Impl> owner;
  const std::string key;
  // The rest is guarded by owner->mutex.
  std::optional<Wake> result;
  bool consumed = false;  // `result` was returned by wait()
  bool listed = false;
  std::list<State*>::iterator position;
  // While wait() runs: where its timer lives. The timer itself is touched on `executor` only.
  IoExecutor executor;
  std::weak_ptr<asio::steady_timer> timer;

  void finish(Wake wake);
  std::optional<Wake> take_result();
};

struct Waiters::Impl {
  explicit Impl(WorldClock& its_world) : world(its_world) {}

  WorldClock& world;
  std::atomic<size_t> listed{0};  // spares notify the lock when nobody waits
  std::mutex mutex;
  std::map<std::string, std::list<Waiter::State*>, std::less<>> by_key;
  bool stopping = false;

  void list(Waiter::State& state);
  void unlist(Waiter::State& state);
  void kick(Waiter::State& state);
  void kick_all();
  void wake(Waiter::State& state, Wake wake);
};

// All of these: with the mutex held.
void Waiters::Impl::list(Waiter::State& state) {
  auto& queue = by_key[state.key];
  state.position = queue.insert(queue.end(), &state);
  state.listed = true;
  ++listed;
}

void Waiters::Impl::unlist(Waiter::State& state) {
  if (!state.listed) return;
  auto queue = by_key.find(state.key);
  queue->second.erase(state.position);
  if (queue->second.empty()) by_key.erase(queue);
  state.listed = false;
  --listed;
}

// Makes a running wait() look at its result and deadline again.
void Waiters::Impl::kick(Waiter::State& state) {
  if (state.timer.expired()) return;
  asio::post(state.executor, [timer = state.timer] {
    if (auto alive = timer.lock()) alive->cancel();
  });
}

void Waiters::Impl::wake(Waiter::State& state, Wake wake) {
  unlist(state);
  if (state.result) return;
  state.result = wake;
  kick(state);
}

void Waiters::Impl::kick_all() {
  std::lock_guard lock(mutex);
  for (auto& [key, queue] : by_key) {
    for (auto* state : queue) kick(*state);
  }
}

void Waiter::State::finish(Wake wake) {
  std::lock_guard lock(owner->mutex);
  owner->wake(*this, wake);
}

std::optional<Wake> Waiter::State::take_result() {
  std::lock_guard lock(owner->mutex);
  consumed = result.has_value();
  return result;
}

namespace waiting {

// Ends the listening when the coroutine ends, however it does.
class Listening {
 public:
  Listening(Cancelled cancelled, std::function<void()> listener)
      : cancelled_(std::move(cancelled)), key_(cancelled_.listen(std::move(listener))) {}
  ~Listening() { cancelled_.forget(key_); }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;

 private:
  Cancelled cancelled_;
  size_t key_;
};

}  // namespace waiting

Waiter::Waiter(std::shared_ptr<State> state) : state_(std::move(state)) {}

Waiter::~Waiter() {
  if (!state_) return;
  Waiters::Impl& owner = *state_->owner;
  std::lock_guard lock(owner.mutex);
  owner.unlist(*state_);
  if (state_->result != Wake::notified || state_->consumed) return;
  auto queue = owner.by_key.find(state_->key);
  if (queue != owner.by_key.end()) owner.wake(*queue->second.front(), Wake::notified);
}

Task<Wake> Waiter::wait(WorldTime deadline, Cancelled cancelled) {
  // The coroutine keeps the state itself, for this object may move meanwhile.
  std::shared_ptr<State> state = state_;
  WorldClock& world = state->owner->world;
  const MachineClock machine;
  const auto machine_deadline = machine.now() + std::max(Milliseconds(0), deadline - world.now());
  IoExecutor executor = co_await asio::this_coro::executor;
  auto timer = std::make_shared<asio::steady_timer>(executor);
  {
    std::lock_guard lock(state->owner->mutex);
    state->executor = executor;
    state->timer = timer;
  }
  waiting::Listening listening(cancelled, [weak = std::weak_ptr<State>(state)] {
    if (auto alive = weak.lock()) alive->finish(Wake::cancelled);
  });
  while (true) {
    // A wake after this look posts its cancel behind us, so the wait below cannot miss it.
    if (auto result = state->take_result()) co_return *result;
    const auto now = machine.now();
    const auto left = world.machine_wait(deadline);
    if (now >= machine_deadline || (left && left->count() == 0)) {
      state->finish(Wake::deadline);
      continue;
    }
    timer->expires_at(left ? std::min(machine_deadline, now + *left) : machine_deadline);
    boost::system::error_code woken;
    auto token = asio::redirect_error(use_task, woken);
    co_await timer->async_wait(token);
  }
}

Waiters::Waiters(WorldClock& world) : impl_(std::make_shared<Impl>(world)) {
  world.on_change([weak = std::weak_ptr<Impl>(impl_)] {
    if (auto alive = weak.lock()) alive->kick_all();
  });
}

Waiters::~Waiters() {
  stop();
}

Waiter Waiters::prepare(std::string_view key) {
  auto state = std::make_shared<Waiter::State>(impl_, key);
  std::lock_guard lock(impl_->mutex);
  if (impl_->stopping) {
    state->result = Wake::stopping;
  } else {
    impl_->list(*state);
  }
  return Waiter(std::move(state));
}

void Waiters::notify_one(std::string_view key) {
  if (impl_->listed == 0) return;
  std::lock_guard lock(impl_->mutex);
  auto queue = impl_->by_key.find(key);
  if (queue != impl_->by_key.end()) impl_->wake(*queue->second.front(), Wake::notified);
}

void Waiters::notify_all(std::string_view key) {
  if (impl_->listed == 0) return;
  std::lock_guard lock(impl_->mutex);
  auto queue = impl_->by_key.find(key);
  if (queue == impl_->by_key.end()) return;
  const std::vector<Waiter::State*> states(queue->second.begin(), queue->second.end());
  for (auto* state : states) impl_->wake(*state, Wake::notified);
}

void Waiters::stop() {
  std::lock_guard lock(impl_->mutex);
  impl_->stopping = true;
  while (!impl_->by_key.empty()) {
    impl_->wake(*impl_->by_key.begin()->second.front(), Wake::stopping);
  }
}

}  // namespace paddock::events
