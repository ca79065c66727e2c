// The requests of an HTTP/2 session and their answers.
#include <algorithm>
#include <stdexcept>
#include <utility>

#include "http/answer_rules.hpp"
#include "http/http2_session.hpp"

namespace paddock::http {
namespace http2_exchanges {

constexpr size_t kPiece = 64 * 1024;  // most of a body handed out at once

}  // namespace http2_exchanges

Http2Exchange::Http2Exchange(Http2Session& session, int32_t id, const Peer& peer, bool secure)
    : Http2Stream(id, session.context().limits.header_bytes),
      session_(session),
      body_moved_(session.io()),
      answer_moved_(session.io()) {
  head_.remote_address = peer.remote_address;
  head_.remote_port = peer.remote_port;
  head_.local_port = peer.local_port;
  head_.secure = secure;
}

// -- what the frames bring ------------------------------------------------------------------------

void Http2Exchange::head_came(bool body_follows) {
  body_done_ = !body_follows;
  continue_pending_ = reader_.expects_continue() && body_follows;
  bodiless_ = head_.method == "HEAD";
  session_.begin_exchange(*this);
}

void Http2Exchange::body_came(std::string_view bytes) {
  received_ += bytes.size();
  if (dropping_) {
    dropped_ += bytes.size();
    session_.frames().consume(id_, bytes.size());
    if (dropped_ > session_.context().limits.drain_bytes) body_moved_.wake();
    return;
  }
  char* to = in_.prepare(bytes.size());
  std::copy(bytes.begin(), bytes.end(), to);
  in_.commit(bytes.size());
  body_moved_.wake();
}

void Http2Exchange::body_ended() {
  body_done_ = true;
  body_moved_.wake();
}

void Http2Exchange::closed() {
  closed_ = true;
  if (!in_.empty()) session_.frames().consume_closed(in_.size());
  if (!end_taken_) fire_cancelled();
  body_moved_.wake();
  answer_moved_.wake();
}

Http2Stream::Ready Http2Exchange::ready() const {
  Ready ready;
  ready.bytes = piece_.size() - piece_at_;
  ready.last = last_;
  ready.trailers = &trailers_;
  return ready;
}

void Http2Exchange::take(size_t bytes, std::string& out, bool end) {
  out.append(piece_, piece_at_, bytes);
  piece_at_ += bytes;
  taken_ += bytes;
  end_taken_ = end;
  if (answer_out()) answer_moved_.wake();
}

// -- what the session tells -----------------------------------------------------------------------

void Http2Exchange::input_ended() {
  input_ended_ = true;
  body_moved_.wake();
  answer_moved_.wake();
}

void Http2Exchange::fire_cancelled() {
  if (!cancelled_) return;
  // In a step of its own: whoever listens may do anything.
  asio::post(session_.io(), [cancelled = *cancelled_]() mutable { cancelled.fire(); });
}

Cancelled Http2Exchange::cancelled() const {
  if (!cancelled_) {
    cancelled_.emplace();
    if (input_ended_ || closed_ || aborted_ || session_.stopping()) cancelled_->fire();
  }
  return *cancelled_;
}

// -- request body ---------------------------------------------------------------------------------

// Moves what is there of the body, at most a piece, to the end of `out`.
void Http2Exchange::take_body(std::string& out) {
  const std::string_view there = in_.view().substr(0, http2_exchanges::kPiece);
  out.append(there);
  in_.consume(there.size());
  if (there.empty() || closed_) return;
  session_.frames().consume(id_, there.size());
  session_.collect();
}

// Waits until there is more of the body, or its end.
Task<void> Http2Exchange::more_body() {
  if (continue_pending_ && !closed_) {
    continue_pending_ = false;
    session_.frames().submit_continue(id_);
    session_.collect();
  }
  bool expired = false;
  while (in_.empty() && !body_done_) {
    if (expired) throw ConnectionError("the client was silent in the middle of a body");
    if (closed_ || input_ended_ || aborted_) {
      throw ConnectionError("the client closed in the middle of a body");
    }
    expired = co_await body_moved_.wait(session_.context().limits.body_timeout);
  }
}

Task<std::string> Http2Exchange::read() {
  std::string piece;
  while (!body_over()) {
    take_body(piece);
    if (!piece.empty()) break;
    co_await more_body();
  }
  if (body_over()) in_.shrink(0);
  co_return piece;
}

Task<std::string> Http2Exchange::read_all(size_t limit) {
  ServerContext& context = session_.context();
  std::string body;
  // What is left of a body of known length.
  const uint64_t seen = received_ - in_.size();
  const auto length = static_cast<uint64_t>(std::max<int64_t>(content_length(), 0));
  const uint64_t known = length > seen ? length - seen : 0;
  if (known > limit) throw BodyTooLarge();
  size_t reserved = 0;
  while (!body_over()) {
    // A body of unknown length reserves room for one more piece before it takes it.
    const size_t wanted =
        known != 0 ? static_cast<size_t>(known) : body.size() + http2_exchanges::kPiece;
    if (wanted > reserved) {
      const size_t more = wanted - reserved;
      if (!context.budget.try_reserve(more)) {
        const bool got = co_await context.budget.reserve(more, context.limits.budget_wait);
        if (!got) throw BodyBudgetFull();
      }
      reserved = wanted;
      reserved_ += more;
    }
    take_body(body);
    if (body.size() > limit) throw BodyTooLarge();
    if (in_.empty() && !body_done_) co_await more_body();
  }
  in_.shrink(0);
  co_return body;
}

// Reads what is left of an unread body, within limits; then the client is told to stop.
Task<void> Http2Exchange::drain() {
  const Limits& limits = session_.context().limits;
  dropping_ = true;
  dropped_ = in_.size();
  if (!in_.empty() && !closed_) session_.frames().consume(id_, in_.size());
  in_.consume(in_.size());
  in_.shrink(0);
  session_.collect();
  bool expired = false;
  while (!body_done_ && !closed_ && !input_ended_ && !expired && dropped_ <= limits.drain_bytes) {
    expired = co_await body_moved_.wait(limits.drain_timeout);
  }
  if (!body_done_ && !closed_) session_.frames().reset(id_, Http2Error::none);
}

// -- answer ---------------------------------------------------------------------------------------

void Http2Exchange::begin_answer(int status, int64_t length, bool body, const Headers& headers) {
  if (started_) throw std::logic_error("the exchange was answered twice");
  Http2Frames::AnswerStart answer;
  answer.status = status;
  answer.length = length;
  answer.body = body;
  answer.date = session_.context().clock.http_date();
  if (!closed_ && !aborted_) session_.frames().submit_answer(id_, answer, headers);
  started_ = true;
  if (!body) last_ = end_taken_ = true;
}

Task<void> Http2Exchange::respond(Response response) {
  const bool none = never_has_body(response.status);
  int64_t length = none ? -1 : static_cast<int64_t>(response.body.size());
  if (bodiless_ && !none && response.body.empty()) {
    length = static_cast<int64_t>(length_given(response.headers).value_or(0));
  }
  const bool body = !none && !bodiless_ && !response.body.empty();
  begin_answer(response.status, length, body, response.headers);
  if (body) piece_ = std::move(response.body);
  last_ = true;
  finished_ = true;
  co_await drained();
}

Task<void> Http2Exchange::start(int status, Headers headers) {
  const bool none = never_has_body(status);
  if (const auto length = length_given(headers); length && !none) {
    answer_left_ = static_cast<int64_t>(*length);
  }
  bodiless_ = bodiless_ || none;
  begin_answer(status, answer_left_, !bodiless_, headers);
  session_.collect();
  co_return;
}

Task<void> Http2Exchange::write(std::string piece) {
  if (!started_ || finished_) throw std::logic_error("write without start, or after finish");
  if (answer_left_ >= 0) {
    if (piece.size() > static_cast<uint64_t>(answer_left_)) {
      throw std::logic_error("an answer longer than its Content-Length");
    }
    answer_left_ -= static_cast<int64_t>(piece.size());
  }
  if (bodiless_ || piece.empty()) co_return;
  piece_ = std::move(piece);
  piece_at_ = 0;
  if (!closed_) session_.frames().resume(id_);
  co_await drained();
}

Task<void> Http2Exchange::finish(Headers trailers) {
  if (!started_ || finished_) throw std::logic_error("finish without start, or twice");
  if (answer_left_ > 0 && !bodiless_) {
    throw std::logic_error("an answer shorter than its Content-Length");
  }
  for (const auto& [name, value] : trailers) {
    if (!is_token(name)) throw std::invalid_argument("no header can be named '" + name + "'");
  }
  trailers_ = std::move(trailers);
  finished_ = true;
  if (bodiless_) co_return;
  last_ = true;
  if (!closed_) session_.frames().resume(id_);
  co_await drained();
}

// Until all that there is to send is on its way.
Task<void> Http2Exchange::drained() {
  session_.collect();
  bool expired = false;
  uint64_t before = taken_;
  while (!answer_out()) {
    if (answer_lost() || session_.stuck()) throw ConnectionError("the client has gone");
    if (expired && taken_ == before) {
      abort();
      throw ConnectionError("the client stopped reading");
    }
    before = taken_;
    expired = co_await answer_moved_.wait(session_.context().limits.body_timeout);
  }
  if (answer_lost()) throw ConnectionError("the client has gone");
  piece_ = std::string();
  piece_at_ = 0;
}

void Http2Exchange::abort() {
  aborted_ = true;
  if (!closed_) session_.frames().reset(id_, Http2Error::internal);
  body_moved_.wake();
  answer_moved_.wake();
}

// -- the whole ------------------------------------------------------------------------------------

Response Http2Exchange::answer_to(Refusal refusal) const {
  return Response(refusal.status, "text/plain", std::string(refusal.text) + "\n");
}

Task<void> Http2Exchange::run() {
  std::exception_ptr failure;
  try {
    if (reader_.refusal()) {
      Response response = answer_to(reader_.refusal());
      co_await respond(std::move(response));
    } else {
      co_await session_.context().handler(*this);
    }
  } catch (...) {
    failure = std::current_exception();
  }
  try {
    co_await settle(failure);
  } catch (const ConnectionError&) {
    // The client has gone while its last answer was on its way.
  }
  session_.context().budget.release(std::exchange(reserved_, 0));
}

// After a handler that may have failed or left something unread or unsaid.
Task<void> Http2Exchange::settle(std::exception_ptr failure) {
  if (!failure && !started_) {
    failure = std::make_exception_ptr(std::logic_error("the handler gave no answer"));
  }
  if (failure) {
    co_await answer_failure(failure);
  } else if (!finished_) {
    session_.context().log.error("http: an answer to " + head_.method + " " + head_.path +
                                 " has no end");
    abort();
  }
  session_.context().budget.release(std::exchange(reserved_, 0));
  if (!body_done_ && !aborted_) co_await drain();
}

Task<void> Http2Exchange::answer_failure(std::exception_ptr failure) {
  const std::string what = "http: " + head_.method + " " + head_.path + " failed";
  bool gone = false;
  try {
    std::rethrow_exception(failure);
  } catch (const ConnectionError&) {
    gone = true;
  } catch (const std::exception& error) {
    session_.context().log.error(what + ": " + error.what());
  } catch (...) {
    session_.context().log.error(what);
  }
  if (gone || started_) {
    // The client has gone; or it must see that its answer is broken.
    if (!finished_) abort();
  } else {
    Response response(500, "text/plain", "The server failed to answer this request.\n");
    co_await respond(std::move(response));
  }
}

void Http2Exchange::answer_slow_head() {
  if (started_) return;
  const Response response = answer_to(Refusal(408, "The request's head took too long."));
  const auto length = static_cast<int64_t>(response.body.size());
  begin_answer(response.status, length, true, response.headers);
  piece_ = response.body;
  last_ = true;
}

}  // namespace paddock::http
