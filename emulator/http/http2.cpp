// The life of an HTTP/2 connection; http2_exchange.cpp has its exchanges.
#include "http/http2.hpp"

#include <algorithm>

#include <boost/asio/detached.hpp>

#include "http/http2_session.hpp"

namespace paddock::http {
namespace http2_sessions {

constexpr size_t kLeastRead = 2 * 1024;  // of an idle connection
constexpr size_t kMostRead = 64 * 1024;
constexpr size_t kMostOutput = 64 * 1024;  // gathered for one write, with a frame more
constexpr size_t kMostQueued = 1'000;      // frames; beyond them nothing is read
constexpr int kWritesPerFlush = 16;
constexpr size_t kIdleBuffer = 4 * 1024;  // above it, given back when nothing runs

inline Http2Limits limits_of(const Limits& limits) {
  return {limits.header_bytes, limits.streams, limits.stream_resets, limits.control_frames};
}

}  // namespace http2_sessions

Http2Session::Http2Session(IoThread& thread, std::unique_ptr<Transport> transport,
                           std::string_view first, const Peer& peer)
    : Session(thread),
      context_(thread.context()),
      transport_(std::move(transport)),
      peer_(peer),
      first_(first),
      frames_(*this, http2_sessions::limits_of(context_.limits)),
      changed_(thread.io()) {}

Task<void> Http2Session::run() {
  if (thread_.stopping()) co_return transport_->close(false);
  bool going = first_.empty() || frames_.put(first_);
  while (going) {
    collect();
    set_deadline();
    while (frames_.queued() > http2_sessions::kMostQueued && writing_) co_await changed_.wait();
    if (done()) break;
    going = co_await read_frames();
  }
  failed_ = timed_out_ || (!ended_ && !thread_.stopping());
  end_input();
  while (running_ != 0) co_await changed_.wait();
  while (writing_ || (!aborted_ && !out_.empty())) {
    flush();
    while (writing_) co_await changed_.wait();
  }
  co_await close();
  transport_->close(aborted_);
}

// Nothing more is to come and nothing is left to do.
bool Http2Session::done() const {
  if (ended_ || timed_out_ || !frames_.wants_input()) return true;
  return running_ == 0 && thread_.stopping();
}

Task<bool> Http2Session::read_frames() {
  if (in_.empty()) in_.resize(http2_sessions::kLeastRead);
  reading_ = true;
  const auto [error, bytes] = co_await transport_->read(in_.data(), in_.size());
  reading_ = false;
  if (timed_out_) co_return false;
  if (error || bytes == 0) {
    // A read is also cancelled when all is done.
    ended_ = !done();
    co_return false;
  }
  thread_.bytes_in.add(bytes);
  const bool going = frames_.put(std::string_view(in_).substr(0, bytes));
  if (bytes == in_.size() && bytes < http2_sessions::kMostRead) {
    in_.resize(bytes * 2);
  } else if (running_ == 0 && in_.size() > http2_sessions::kIdleBuffer) {
    std::string(http2_sessions::kLeastRead, '\0').swap(in_);
  }
  co_return going;
}

void Http2Session::end_input() {
  ended_ = true;
  // Copies: what is woken may end streams.
  const auto streams = streams_;
  for (const auto& [id, exchange] : streams) {
    exchange->input_ended();
    exchange->fire_cancelled();
  }
  collect();
}

// -- streams --------------------------------------------------------------------------------------

Http2Stream* Http2Session::begin_stream(int32_t id) {
  // Exchanges whose streams were reset may still be running.
  if (running_ >= 2 * context_.limits.streams) return nullptr;
  auto exchange = std::make_shared<Http2Exchange>(*this, id, peer_, transport_->secure());
  Http2Stream* stream = exchange.get();
  streams_.emplace(id, std::move(exchange));
  return stream;
}

void Http2Session::end_stream(Http2Stream& stream) {
  streams_.erase(stream.id());
}

// Counts an exchange's coroutine, also one that is destroyed.
struct Http2Session::Serving {
  explicit Serving(Http2Session& session) : session(session) {}
  ~Serving() {
    --session.running_;
    session.changed_.wake();
  }
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;

  Http2Session& session;
};

void Http2Session::begin_exchange(Http2Exchange& exchange) {
  ++running_;
  set_deadline();
  thread_.requests.add(1);
  auto self = std::static_pointer_cast<Http2Session>(shared_from_this());
  // Not from within the frames, where co_spawn would run it.
  asio::post(thread_.io(), [self, kept = streams_.at(exchange.id())] {
    asio::co_spawn(self->io(), serve(self, kept), asio::detached);
  });
}

Task<void> Http2Session::serve(std::shared_ptr<Http2Session> self,
                               std::shared_ptr<Http2Exchange> exchange) {
  {
    const Serving serving(*self);
    co_await exchange->run();
  }
  self->collect();
  self->set_deadline();
  self->end_if_done();
}

// -- output ---------------------------------------------------------------------------------------

void Http2Session::collect() {
  if (aborted_) return;
  if (!frames_.collect(out_, http2_sessions::kMostOutput)) return lost();
  if (out_.empty() || writing_ || flush_posted_) return;
  flush_posted_ = true;
  // Behind the steps that are ready now: what they answer goes out with it.
  asio::post(thread_.io(),
             [self = shared_from_this()] { static_cast<Http2Session&>(*self).flush(); });
}

void Http2Session::flush() {
  flush_posted_ = false;
  for (int round = 0; round < http2_sessions::kWritesPerFlush; ++round) {
    if (writing_ || aborted_ || out_.empty()) break;
    const auto [error, sent] = transport_->try_write(Pieces(out_));
    if (error) return lost();
    thread_.bytes_out.add(sent);
    if (sent < out_.size()) {
      out_.erase(0, sent);
      writing_ = true;
      auto self = std::static_pointer_cast<Http2Session>(shared_from_this());
      asio::co_spawn(thread_.io(), write_rest(std::move(self)), asio::detached);
      break;
    }
    out_.clear();
    if (!frames_.collect(out_, http2_sessions::kMostOutput)) return lost();
  }
  if (!out_.empty()) return collect();
  if (running_ == 0 && out_.capacity() > http2_sessions::kIdleBuffer) std::string().swap(out_);
  end_if_done();
}

Task<void> Http2Session::write_rest(std::shared_ptr<Http2Session> self) {
  Http2Session& session = *self;
  while (!session.aborted_ && !session.out_.empty()) {
    session.sending_.swap(session.out_);
    session.out_.clear();
    Pieces pieces(session.sending_);
    while (pieces.size() != 0 && !session.aborted_) {
      session.expire_after(session.context_.limits.body_timeout);
      session.waits_for_ = WaitsFor::nothing;
      const auto [error, bytes] = co_await session.transport_->write(pieces);
      if (error) {
        session.lost();
        break;
      }
      session.thread_.bytes_out.add(bytes);
      pieces.consume(bytes);
    }
    if (!session.aborted_) session.frames_.collect(session.out_, http2_sessions::kMostOutput);
  }
  std::string().swap(session.sending_);
  session.writing_ = false;
  session.changed_.wake();
  session.set_deadline();
  session.end_if_done();
}

// The client takes nothing more.
void Http2Session::lost() {
  if (std::exchange(aborted_, true)) return;
  ended_ = true;
  transport_->close(true);
  const auto streams = streams_;
  for (const auto& [id, exchange] : streams) {
    exchange->abort();
    exchange->fire_cancelled();
  }
  changed_.wake();
}

// -- time and the end -----------------------------------------------------------------------------

void Http2Session::set_deadline() {
  if (writing_ || closing_ || ended_) return;
  WaitsFor now = running_ == 0 ? WaitsFor::request : WaitsFor::answers;
  if (!frames_.between_heads()) now = WaitsFor::head;
  if (now == waits_for_) return;  // what comes in small pieces gets no more time
  waits_for_ = now;
  if (now == WaitsFor::answers) return expire_never();
  const Limits& limits = context_.limits;
  expire_after(now == WaitsFor::head ? limits.header_timeout : limits.idle_timeout);
}

// Cancelling may stop neither a write nor a TLS shutdown, both of several steps; a read is one.
void Http2Session::expire() {
  timed_out_ = true;
  if (writing_) return lost();
  if (closing_) return transport_->close(false);
  const auto slow = streams_.find(frames_.head_in_progress());
  if (slow != streams_.end()) slow->second->answer_slow_head();
  collect();
  frames_.terminate(Http2Error::none);
  collect();
  if (reading_) transport_->cancel();
}

void Http2Session::stop() {
  frames_.go_away();
  const auto streams = streams_;
  for (const auto& [id, exchange] : streams) exchange->fire_cancelled();
  collect();
  end_if_done();
}

void Http2Session::cut() {
  lost();
}

// The reading coroutine finds out that it need not read.
void Http2Session::end_if_done() {
  if (reading_ && !writing_ && out_.empty() && done()) transport_->cancel();
}

// Tells the client that nothing more comes; then, if it may still be sending, reads on for a while
// so that a reset does not destroy what is on its way.
Task<void> Http2Session::close() {
  if (aborted_) co_return;
  closing_ = true;
  expire_after(context_.limits.drain_timeout);
  co_await transport_->half_close();
  size_t seen = 0;
  in_.resize(http2_sessions::kLeastRead);
  while (failed_ && seen <= context_.limits.drain_bytes) {
    const auto [error, bytes] = co_await transport_->read(in_.data(), in_.size());
    if (error || bytes == 0) break;
    seen += bytes;
  }
  expire_never();
}

std::shared_ptr<Session> make_http2_session(IoThread& thread, std::unique_ptr<Transport> transport,
                                            std::string_view first, const Peer& peer) {
  return std::make_shared<Http2Session>(thread, std::move(transport), first, peer);
}

}  // namespace paddock::http
