#include "http/io_thread.hpp"

#include <algorithm>

namespace paddock::http {
namespace {

// A quarter of the shortest time limit: what a deadline may be late by.
std::chrono::milliseconds sweep_interval_for(const Limits& limits) {
  const auto shortest = std::min(
      {limits.header_timeout, limits.body_timeout, limits.idle_timeout, limits.drain_timeout});
  return std::clamp(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(250));
}

}  // namespace

Session::Session(IoThread& thread) : thread_(thread) {
  thread_.sessions_.push_back(this);
  place_ = std::prev(thread_.sessions_.end());
  thread_.arm_sweep();
}

Session::~Session() {
  thread_.sessions_.erase(place_);
  if (watched_) std::erase(thread_.watched_, this);
}

void Session::expire_after(std::chrono::milliseconds time) {
  deadline_ = thread_.tick_ + thread_.sweep_interval_ + time;
}

IoThread::IoThread(ServerContext& context)
    : context_(context),
      sweep_interval_(sweep_interval_for(context.limits)),
      tick_(context.clock.now()),
      sweep_timer_(std::make_unique<asio::steady_timer>(io_)) {}

IoThread::~IoThread() {
  sweep_timer_.reset();
}

void IoThread::run() {
  while (io_.run_one() != 0) {
    if (!watched_.empty()) finish_step();
  }
}

size_t IoThread::poll() {
  size_t steps = 0;
  for (; io_.poll_one() != 0; ++steps) finish_step();
  return steps;
}

void IoThread::finish_step() {
  // A session may announce itself again, or end, while it is told.
  while (!watched_.empty()) {
    Session* session = watched_.back();
    watched_.pop_back();
    session->watched_ = false;
    session->step_over();
  }
}

void IoThread::stop_sessions() {
  stopping_ = true;
  for (auto place = sessions_.begin(); place != sessions_.end();) {
    const auto kept = (*place++)->shared_from_this();
    kept->stop();
  }
}

void IoThread::cut_sessions() {
  stopping_ = true;
  for (auto place = sessions_.begin(); place != sessions_.end();) {
    const auto kept = (*place++)->shared_from_this();
    kept->cut();
  }
}

void IoThread::arm_sweep() {
  if (sweeping_) return;
  sweeping_ = true;
  tick_ = context_.clock.now();
  sweep_timer_->expires_after(sweep_interval_);
  sweep_timer_->async_wait([this](const boost::system::error_code& error) {
    if (!error) sweep();
  });
}

void IoThread::sweep() {
  sweeping_ = false;
  tick_ = context_.clock.now();
  for (Session* session : sessions_) {
    if (session->deadline_ > tick_) continue;
    session->expire_never();
    session->expire();  // only cancels or closes: the session itself ends in a later step
  }
  if (!sessions_.empty()) arm_sweep();
}

}  // namespace paddock::http
