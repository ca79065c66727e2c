// One I/O thread: its io_context, the connections that live on it, and the sweep that ends those
// whose time is up. A session has no timer of its own: setting a deadline is one store.
#pragma once

#include <atomic>
#include <chrono>
#include <list>
#include <memory>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/task.hpp"
#include "http/budget.hpp"
#include "http/exchange.hpp"
#include "http/server.hpp"

namespace paddock::http {

class IoThread;

// What the connections of one server share.
struct ServerContext {
  ServerContext(const Limits& limits, const MachineClock& clock, Log& log, Handler handler)
      : limits(limits),
        clock(clock),
        log(log),
        handler(std::move(handler)),
        budget(limits.body_budget) {}

  const Limits limits;
  const MachineClock& clock;
  Log& log;
  const Handler handler;
  BodyBudget budget;
  std::atomic<size_t> open{0};  // connections, from accept to their end
};

// One connection of an I/O thread, in whatever protocol it speaks. All members but the destructor
// belong to that thread.
class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(IoThread& thread);
  virtual ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Serves until the connection ends. The caller holds the session by shared_ptr.
  virtual Task<void> run() = 0;
  // Ends as soon as the running request is answered; at once if there is none.
  virtual void stop() = 0;
  // Ends now.
  virtual void cut() = 0;
  // The step in which the session announced itself with IoThread::watch is over.
  virtual void step_over() = 0;

 protected:
  // Calls `expire` unless changed within that time (and at most one sweep later).
  void expire_after(std::chrono::milliseconds time);
  void expire_never() { deadline_ = MachineClock::Steady::max(); }
  virtual void expire() = 0;

  IoThread& thread_;

 private:
  friend class IoThread;
  MachineClock::Steady deadline_ = MachineClock::Steady::max();
  bool watched_ = false;
  std::list<Session*>::iterator place_;
};

// Made and destroyed by the server's thread; `run` by its own. Counters may be read by any.
class IoThread {
 public:
  explicit IoThread(ServerContext& context);
  ~IoThread();

  asio::io_context& io() { return io_; }
  ServerContext& context() { return context_; }

  // Runs until `end`.
  void run();
  // Runs what is ready; for a test or fuzzer that has no thread. Returns how many steps there were.
  size_t poll();
  void end() { io_.stop(); }

  // Called once the step of the io_context that runs now is over, `session.step_over()` tells
  // whether a handler is suspended. Costs nothing else.
  void watch(Session& session) {
    if (session.watched_) return;
    session.watched_ = true;
    watched_.push_back(&session);
  }

  // On this thread: tells every session, and those that begin later.
  void stop_sessions();
  void cut_sessions();
  bool stopping() const { return stopping_; }

  // Written by this thread alone, read by any.
  struct Counter {
    std::atomic<uint64_t> value{0};
    void add(uint64_t n) {
      value.store(value.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
  };
  Counter requests, bytes_in, bytes_out;

 private:
  friend class Session;
  void sweep();
  void arm_sweep();
  void finish_step();

  ServerContext& context_;
  const std::chrono::milliseconds sweep_interval_;
  MachineClock::Steady tick_;  // the time of the last sweep or first connection
  std::list<Session*> sessions_;
  std::vector<Session*> watched_;
  bool stopping_ = false;
  bool sweeping_ = false;
  // Last, so that suspended coroutines are destroyed while the rest still lives.
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  std::unique_ptr<asio::steady_timer> sweep_timer_;
};

}  // namespace paddock::http
