// A transport without a socket: the test holds the other end. One thread.
#pragma once

#include <algorithm>
#include <memory>
#include <string>

#include "http/transport.hpp"

namespace paddock::http::testing {

// What both ends share.
struct MemoryWire {
  std::string to_session;
  std::string from_session;
  bool client_ended = false;
  bool session_ended = false;  // half-closed or closed
  bool reset = false;
  size_t most_at_once = SIZE_MAX;  // that a write without waiting takes
  std::function<void()> readable;  // set while a read waits
};

class MemoryTransport final : public Transport {
 public:
  MemoryTransport(asio::io_context& io, std::shared_ptr<MemoryWire> wire)
      : io_(io), wire_(std::move(wire)) {}

  Task<Result> read(char* to, size_t size) override {
    return asio::async_initiate<const asio::use_awaitable_t<IoExecutor>, void(Result)>(
        [this, to, size](auto handler) {
          auto shared = std::make_shared<decltype(handler)>(std::move(handler));
          read_then(to, size, [shared](Error error, size_t bytes) {
            std::move (*shared)(Result(error, bytes));
          });
        },
        use_task);
  }

  void read_then(char* to, size_t size, ReadDone done) override {
    wire_->readable = [this, to, size, done = std::move(done)] {
      const size_t bytes = std::min(size, wire_->to_session.size());
      std::copy_n(wire_->to_session.begin(), bytes, to);
      wire_->to_session.erase(0, bytes);
      asio::post(io_, [done, bytes, error = cancelled_] { done(error, bytes); });
    };
    announce();
  }

  Result try_write(const Pieces& pieces) override {
    size_t room = wire_->most_at_once;
    const size_t before = wire_->from_session.size();
    for (const asio::const_buffer& piece : pieces) {
      const size_t taken = std::min(room, piece.size());
      wire_->from_session.append(static_cast<const char*>(piece.data()), taken);
      room -= taken;
    }
    return {Error(), wire_->from_session.size() - before};
  }

  Task<Result> write(Pieces pieces) override {
    co_await asio::post(io_, use_task);
    wire_->most_at_once = std::max<size_t>(wire_->most_at_once, 1);
    co_return try_write(pieces);
  }

  Task<void> half_close() override {
    wire_->session_ended = true;
    co_return;
  }

  void cancel() override {
    cancelled_ = asio::error::operation_aborted;
    announce();
  }
  void close(bool reset) override {
    wire_->session_ended = true;
    wire_->reset = reset;
    cancel();
  }
  bool secure() const override { return false; }

  // Completes the read that waits, if there is something for it.
  void announce() {
    if (wire_->to_session.empty() && !wire_->client_ended && !cancelled_) return;
    if (const auto readable = std::exchange(wire_->readable, nullptr)) readable();
  }

 private:
  asio::io_context& io_;
  const std::shared_ptr<MemoryWire> wire_;
  Error cancelled_;
};

}  // namespace paddock::http::testing
