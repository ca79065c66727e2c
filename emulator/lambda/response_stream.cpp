#include "lambda/response_stream.hpp"

#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>

namespace paddock::lambda {

// Makes the reader look again.
void ResponseStream::wake() {
  if (timer_.expired()) return;
  asio::post(executor_, [timer = timer_] {
    if (auto alive = timer.lock()) alive->cancel();
  });
}

void ResponseStream::begin(std::string content_type) {
  std::lock_guard lock(mutex_);
  if (begun_) return;
  begun_ = true;
  content_type_ = std::move(content_type);
  wake();
}

bool ResponseStream::write(std::string piece) {
  std::lock_guard lock(mutex_);
  written_ += piece.size();
  if (written_ > kMostStreamedBytes) return false;
  if (left_ || ended_ || piece.empty()) return true;
  held_ += piece.size();
  pieces_.push_back(std::move(piece));
  wake();
  return true;
}

bool ResponseStream::full() const {
  std::lock_guard lock(mutex_);
  return !left_ && held_ >= kMostHeld;
}

void ResponseStream::on_room(std::function<void()> room) {
  std::lock_guard lock(mutex_);
  room_ = std::move(room);
}

void ResponseStream::end() {
  std::lock_guard lock(mutex_);
  ended_ = true;
  wake();
}

std::string ResponseStream::content_type() const {
  std::lock_guard lock(mutex_);
  return content_type_;
}

void ResponseStream::leave() {
  std::lock_guard lock(mutex_);
  left_ = true;
  pieces_.clear();
  held_ = 0;
  if (room_) room_();
}

// Until something changes. The reader has set `timer_` with the mutex held.
Task<void> ResponseStream::wait(std::shared_ptr<ResponseStream> self,
                                std::shared_ptr<asio::steady_timer> timer) {
  timer->expires_at(asio::steady_timer::time_point::max());
  boost::system::error_code woken;
  auto token = asio::redirect_error(use_task, woken);
  co_await timer->async_wait(token);
  std::lock_guard lock(self->mutex_);
  self->timer_.reset();
}

Task<bool> ResponseStream::begun(std::shared_ptr<ResponseStream> self) {
  const IoExecutor executor = co_await asio::this_coro::executor;
  while (true) {
    auto timer = std::make_shared<asio::steady_timer>(executor);
    {
      std::lock_guard lock(self->mutex_);
      if (self->begun_ || self->ended_) co_return self->begun_;
      self->executor_ = executor;
      self->timer_ = timer;
    }
    auto waiting = wait(self, timer);
    co_await std::move(waiting);
  }
}

Task<std::string> ResponseStream::next(std::shared_ptr<ResponseStream> self) {
  const IoExecutor executor = co_await asio::this_coro::executor;
  while (true) {
    auto timer = std::make_shared<asio::steady_timer>(executor);
    {
      std::lock_guard lock(self->mutex_);
      if (!self->pieces_.empty()) {
        std::string piece = std::move(self->pieces_.front());
        self->pieces_.pop_front();
        const bool was_full = self->held_ >= kMostHeld;
        self->held_ -= piece.size();
        if (was_full && self->held_ < kMostHeld && self->room_) self->room_();
        co_return piece;
      }
      if (self->ended_ || self->left_) co_return std::string();
      self->executor_ = executor;
      self->timer_ = timer;
    }
    auto waiting = wait(self, timer);
    co_await std::move(waiting);
  }
}

}  // namespace paddock::lambda
