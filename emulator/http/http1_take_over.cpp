// The raw bytes of a connection that another protocol takes over from HTTP/1.1.
#include <stdexcept>

#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>

#include "http/http1_session.hpp"

namespace paddock::http {

// Keeps the session, whose input may already hold bytes and whose watch may have a read open.
class TakenBytes final : public Transport {
 public:
  explicit TakenBytes(std::shared_ptr<Http1Session> session) : session_(std::move(session)) {}

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
    if (!session_->in_.empty()) {
      const size_t bytes = take(to, size);
      asio::post(session_->thread_.io(), [done = std::move(done), bytes] { done(Error(), bytes); });
    } else if (session_->watch_open_) {
      // What the watch reads is the answer.
      session_->wake_ = [this, to, size, done = std::move(done), kept = session_] {
        const size_t bytes = take(to, size);
        done(bytes == 0 ? Error(asio::error::eof) : Error(), bytes);
      };
    } else {
      session_->in_.shrink(0);
      session_->transport_->read_then(
          to, size, [done = std::move(done), kept = session_](const Error& error, size_t bytes) {
            if (error || bytes == 0) {
              kept->ended_ = true;
              kept->fire_cancelled();
            }
            kept->thread_.bytes_in.add(bytes);
            done(error, bytes);
          });
    }
  }

  Result try_write(const Pieces& pieces) override {
    const Result result = session_->transport_->try_write(pieces);
    session_->thread_.bytes_out.add(std::get<1>(result));
    return result;
  }
  Task<Result> write(Pieces pieces) override {
    const auto kept = session_;
    const Result result = co_await kept->transport_->write(pieces);
    kept->thread_.bytes_out.add(std::get<1>(result));
    co_return result;
  }
  Task<void> half_close() override { return session_->transport_->half_close(); }
  void cancel() override { session_->transport_->cancel(); }
  void close(bool reset) override { session_->transport_->close(reset); }
  bool secure() const override { return session_->transport_->secure(); }

 private:
  size_t take(char* to, size_t size) {
    const std::string_view there = session_->in_.view().substr(0, size);
    std::copy(there.begin(), there.end(), to);
    session_->in_.consume(there.size());
    return there.size();
  }

  const std::shared_ptr<Http1Session> session_;
};

std::shared_ptr<Transport> Http1Session::take_over() {
  if (started_ || !body_done_ || aborted_) {
    throw std::logic_error("only a request without a body that is not answered can be taken over");
  }
  started_ = finished_ = true;
  keep_alive_ = false;
  taken_over_ = true;
  return std::make_shared<TakenBytes>(std::static_pointer_cast<Http1Session>(shared_from_this()));
}

}  // namespace paddock::http
