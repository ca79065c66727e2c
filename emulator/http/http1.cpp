// The life of a connection and the reading of its requests; http1_output.cpp has the answers.
#include <optional>

#include "http/http1_session.hpp"

namespace paddock::http {
namespace {

constexpr size_t kPiece = 64 * 1024;          // most of a body handed out at once
constexpr size_t kMostPipelined = 64 * 1024;  // read ahead while a handler runs
constexpr size_t kIdleInput = 8 * 1024;       // buffers above these are given back when idle
constexpr size_t kIdleOutput = 4 * 1024;

}  // namespace

Http1Session::Http1Session(IoThread& thread, std::unique_ptr<Transport> transport,
                           std::string_view first, const Peer& peer)
    : Session(thread),
      context_(thread.context()),
      transport_(std::move(transport)),
      parser_(context_.limits.header_bytes) {
  head_.remote_address = peer.remote_address;
  head_.remote_port = peer.remote_port;
  head_.local_port = peer.local_port;
  head_.secure = transport_->secure();
  char* to = in_.prepare(first.size());
  std::copy(first.begin(), first.end(), to);
  in_.commit(first.size());
}

// -- the life of a connection ---------------------------------------------------------------------

Task<void> Http1Session::run() {
  try {
    for (;;) {
      begin_request();
      if (!parse_head() && !co_await receive_head()) break;
      if (parser_.refusal()) {
        co_await refuse(parser_.refusal());
        break;
      }
      accept_head();
      std::exception_ptr failure;
      handling_ = true;
      thread_.watch(*this);
      try {
        co_await context_.handler(*this);
      } catch (...) {
        failure = std::current_exception();
      }
      handling_ = false;
      const bool clean = !failure && finished_ && body_done_ && keep_alive_;
      if (clean) {
        context_.budget.release(std::exchange(reserved_, 0));
      } else if (!co_await settle(failure)) {
        break;
      }
    }
    co_await close();
  } catch (const ConnectionError&) {
    // The client has gone while its last answer was on its way.
  }
  context_.budget.release(std::exchange(reserved_, 0));
  closed_ = true;
  transport_->close(aborted_);
}

void Http1Session::stop() {
  if (idle_ && !writing_) transport_->cancel();
  if (handling_) fire_cancelled();
}

void Http1Session::cut() {
  aborted_ = true;
  ended_ = true;
  transport_->close(true);
  fire_cancelled();
}

// Cancelling may come between two steps of a write or of a TLS shutdown and stop neither; a read is
// one step, and no other begins.
void Http1Session::expire() {
  timed_out_ = true;
  if (writing_ || closing_) {
    transport_->close(writing_);
  } else {
    transport_->cancel();
  }
}

// The handler waits for something: send what was held back for it, and watch for the client's end.
void Http1Session::step_over() {
  if (!handling_ || closed_) return;
  if (!out_.empty() && !writing_ && !transport_->secure()) {
    const auto [error, sent] = transport_->try_write(Pieces(out_));
    thread_.bytes_out.add(sent);
    out_.erase(0, sent);
  }
  arm_watch();  // finds out if that failed
}

void Http1Session::fire_cancelled() {
  if (cancelled_) cancelled_->fire();
}

Cancelled Http1Session::cancelled() const {
  if (!cancelled_) {
    cancelled_.emplace();
    if (ended_ || thread_.stopping()) cancelled_->fire();
  }
  return *cancelled_;
}

// -- input ----------------------------------------------------------------------------------------

void Http1Session::begin_request() {
  head_.headers.clear();
  parser_.begin(head_);
  cancelled_.reset();
  head_begun_ = false;
  continue_pending_ = false;
  body_done_ = true;
  body_malformed_ = false;
  started_ = false;
  finished_ = false;
}

// True when the head is there or refused.
bool Http1Session::parse_head() {
  if (!head_begun_) {
    // RFC 9112, 2.2: empty lines before the request line are ignored.
    while (in_.view().substr(0, 2) == "\r\n") in_.consume(2);
    if (in_.empty() || in_.view() == "\r") return false;
    head_begun_ = true;
  }
  in_.consume(parser_.put_head(in_.view()));
  return parser_.refusal() || parser_.head_done();
}

Task<bool> Http1Session::receive_head() {
  bool first_byte = head_begun_ || !in_.empty();
  if (first_byte) {
    expire_after(context_.limits.header_timeout);
  } else {
    if (thread_.stopping()) co_return false;
    if (!watch_open_) in_.shrink(kIdleInput);
    if (out_.empty() && out_.capacity() > kIdleOutput) std::string().swap(out_);
    expire_after(context_.limits.idle_timeout);
  }
  for (;;) {
    idle_ = !first_byte;
    const bool more = co_await fill(kHeadRead);
    idle_ = false;
    if (!more) break;
    if (!first_byte) {
      first_byte = true;
      expire_after(context_.limits.header_timeout);
    }
    if (parse_head()) {
      expire_never();
      co_return true;
    }
  }
  if (timed_out_ && head_begun_) {
    const Refusal refusal(408, "The request's head took too long.");
    co_await refuse(refusal);
  }
  co_return false;
}

void Http1Session::accept_head() {
  thread_.requests.add(1);
  const int64_t length = parser_.content_length();
  body_left_ = length < 0 ? 0 : static_cast<uint64_t>(length);
  body_done_ = !parser_.chunked() && body_left_ == 0;
  continue_pending_ = parser_.expects_continue() && head_.version >= 11 && !body_done_;
  bodiless_ = head_.method == "HEAD";
}

// Reads more, at least one byte. False at the end of the stream, on errors and when time is up.
Task<bool> Http1Session::fill(size_t least) {
  if (!out_.empty()) {
    Pieces pieces(out_);
    if (!try_send(pieces)) co_await send_rest(pieces);
  }
  if (ended_ || timed_out_ || (idle_ && thread_.stopping())) co_return false;
  reading_ = true;
  if (watch_open_) {
    co_await watch_end();
  } else {
    char* to = in_.prepare(least);
    const auto [error, bytes] = co_await transport_->read(to, in_.room());
    take_read(error, bytes);
  }
  reading_ = false;
  suspended_once();
  co_return !ended_;
}

void Http1Session::take_read(const Transport::Error& error, size_t bytes) {
  if (error || bytes == 0) {
    ended_ = true;
    fire_cancelled();
    return;
  }
  thread_.bytes_in.add(bytes);
  in_.commit(bytes);
}

void Http1Session::arm_watch() {
  if (watch_open_ || reading_ || ended_ || taken_over_) return;
  if (in_.size() >= kMostPipelined) return;
  watch_open_ = true;
  char* to = in_.prepare(kHeadRead);
  // The session must outlive the read, whatever becomes of the coroutine.
  transport_->read_then(
      to, in_.room(),
      [this, self = shared_from_this()](const Transport::Error& error, size_t bytes) {
        watch_done(error, bytes);
      });
}

void Http1Session::watch_done(const Transport::Error& error, size_t bytes) {
  watch_open_ = false;
  if (closed_) {
    wake_ = nullptr;
    return;
  }
  take_read(error, bytes);
  if (wake_) {
    const auto wake = std::exchange(wake_, nullptr);
    wake();
  } else if (handling_) {
    arm_watch();
  }
}

Task<void> Http1Session::watch_end() {
  return asio::async_initiate<const asio::use_awaitable_t<IoExecutor>, void()>(
      [this](auto handler) {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        wake_ = [shared] { std::move (*shared)(); };
      },
      use_task);
}

// Moves what is there of the body, at most a piece, to the end of `out`.
void Http1Session::take_body(std::string& out) {
  const std::string_view there = in_.view().substr(0, kPiece);
  if (parser_.chunked()) {
    in_.consume(parser_.put_chunked(there, out));
    body_done_ = parser_.chunked_done();
    if (parser_.refusal() || (in_.size() >= kPiece && out.empty() && !body_done_)) {
      body_malformed_ = true;
      throw ConnectionError("the body's chunks are malformed");
    }
    return;
  }
  const size_t taken = static_cast<size_t>(std::min<uint64_t>(body_left_, there.size()));
  out.append(there.substr(0, taken));
  in_.consume(taken);
  body_left_ -= taken;
  body_done_ = body_left_ == 0;
}

Task<void> Http1Session::fill_body() {
  if (continue_pending_) {
    continue_pending_ = false;
    out_ += "HTTP/1.1 100 Continue\r\n\r\n";
  }
  expire_after(context_.limits.body_timeout);
  const size_t wanted = parser_.chunked() ? kPiece : std::min<uint64_t>(body_left_, kPiece);
  const bool more = co_await fill(std::max(wanted, kHeadRead));
  expire_never();
  if (!more) {
    throw ConnectionError(timed_out_ ? "the client was silent in the middle of a body"
                                     : "the client closed in the middle of a body");
  }
}

Task<std::string> Http1Session::read() {
  std::string piece;
  while (!body_done_) {
    take_body(piece);
    if (!piece.empty() || body_done_) break;
    co_await fill_body();
  }
  co_return piece;
}

Task<std::string> Http1Session::read_all(size_t limit) {
  std::string body;
  const uint64_t known = body_left_;
  if (known > limit) throw BodyTooLarge();
  size_t reserved = 0;
  while (!body_done_) {
    // A body of unknown length reserves room for one more piece before it takes it.
    const size_t wanted = known != 0 ? static_cast<size_t>(known) : body.size() + kPiece;
    if (wanted > reserved) {
      const size_t more = wanted - reserved;
      if (!context_.budget.try_reserve(more)) {
        const bool got = co_await context_.budget.reserve(more, context_.limits.budget_wait);
        if (!got) throw BodyBudgetFull();
      }
      reserved = wanted;
      reserve(more);
    }
    const size_t before = body.size();
    take_body(body);
    if (body.size() > limit) throw BodyTooLarge();
    if (body.size() == before && !body_done_) co_await fill_body();
  }
  co_return body;
}

// Reads what is left of an unread body, within limits. False if there is more.
Task<bool> Http1Session::drain() {
  std::string dropped;
  size_t seen = 0;
  expire_after(context_.limits.drain_timeout);
  while (seen <= context_.limits.drain_bytes) {
    dropped.clear();
    take_body(dropped);
    seen += dropped.size();
    if (body_done_) {
      expire_never();
      co_return true;
    }
    const bool more = co_await fill(kHeadRead);
    if (!more) co_return false;
  }
  co_return false;
}

// -- the end --------------------------------------------------------------------------------------

// After a handler that failed, left something unread or unsaid, or whose connection closes. True if
// the connection can go on.
Task<bool> Http1Session::settle(std::exception_ptr failure) {
  if (!failure && !started_) {
    failure = std::make_exception_ptr(std::logic_error("the handler gave no answer"));
  }
  if (failure) {
    co_await answer_failure(failure);
  } else if (!finished_) {
    context_.log.error("http: an answer to " + head_.method + " " + head_.path + " has no end");
    abort();
  }
  context_.budget.release(std::exchange(reserved_, 0));
  if (aborted_ || !keep_alive_) co_return false;
  if (body_done_) co_return true;
  const bool drained = co_await drain();
  co_return drained;
}

Task<void> Http1Session::answer_failure(std::exception_ptr failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const ConnectionError&) {
    keep_alive_ = false;
  } catch (const std::exception& error) {
    context_.log.error("http: " + head_.method + " " + head_.path + " failed: " + error.what());
    failure = nullptr;
  } catch (...) {
    context_.log.error("http: " + head_.method + " " + head_.path + " failed");
    failure = nullptr;
  }
  if (failure && body_malformed_ && !started_) {
    const Refusal refusal(400, "The request's body is malformed.");
    co_await refuse(refusal);
  } else if (failure || started_) {
    // The client has gone; or it must see that its answer is broken.
    if (!finished_) abort();
  } else {
    Response response(500, "text/plain", "The server failed to answer this request.\n");
    co_await respond(std::move(response));
  }
}

// Answers what could not be read as a request; the connection ends after it.
Task<void> Http1Session::refuse(Refusal refusal) {
  AnswerHead answer;
  answer.status = refusal.status;
  answer.length = refusal.text.size() + 1;
  answer.keep_alive = false;
  answer.date = context_.clock.http_date();
  Headers headers;
  headers.add("Content-Type", "text/plain");
  append_answer_head(out_, answer, headers);
  out_.append(refusal.text).append("\n");
  body_done_ = false;  // whatever follows is dropped
  started_ = finished_ = true;
  keep_alive_ = false;
  Pieces pieces(out_);
  co_await send(pieces);
}

// Sends what is left; then, if the client may still be sending, reads on for a while so that a
// reset does not destroy the answer on its way.
Task<void> Http1Session::close() {
  if (aborted_ || taken_over_) co_return;
  Pieces pieces(out_);
  co_await send(pieces);
  const bool unread = !body_done_ || !in_.empty();
  if (ended_ && !timed_out_) co_return;
  closing_ = true;
  expire_after(context_.limits.drain_timeout);
  if (watch_open_) {  // closing may have to read as well
    transport_->cancel();
    co_await watch_end();
    ended_ = false;
  }
  co_await transport_->half_close();
  size_t seen = in_.size();
  while (unread && seen <= context_.limits.drain_bytes) {
    if (!watch_open_) in_.consume(in_.size());
    const size_t before = in_.size();
    const bool more = co_await fill(kHeadRead);
    if (!more) break;
    seen += in_.size() - before;
  }
  expire_never();
}

std::shared_ptr<Session> make_http1_session(IoThread& thread, std::unique_ptr<Transport> transport,
                                            std::string_view first, const Peer& peer) {
  return std::make_shared<Http1Session>(thread, std::move(transport), first, peer);
}

}  // namespace paddock::http
