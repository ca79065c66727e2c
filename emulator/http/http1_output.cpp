// The answers of an HTTP/1 session.
#include <stdexcept>

#include <boost/asio/async_result.hpp>

#include "core/text.hpp"
#include "http/answer_rules.hpp"
#include "http/http1_session.hpp"

namespace paddock::http {
bool Http1Session::keep_alive_after(const Headers& headers) const {
  if (!parser_.keep_alive() || thread_.stopping() || ended_) return false;
  if (equal_ignore_case(headers.get("connection"), "close")) return false;
  if (body_done_) return true;
  // What the client has not sent yet must be short enough to be read and dropped.
  if (continue_pending_ || parser_.chunked()) return false;
  return body_left_ <= context_.limits.drain_bytes + in_.size();
}

void Http1Session::begin_answer(AnswerHead answer, const Headers& headers) {
  if (started_) throw std::logic_error("the exchange was answered twice");
  keep_alive_ = answer.framing != Framing::close && keep_alive_after(headers);
  answer.version = head_.version;
  answer.keep_alive = keep_alive_;
  answer.date = context_.clock.http_date();
  framing_ = answer.framing;
  const size_t mark = out_.size();
  try {
    append_answer_head(out_, answer, headers);
  } catch (...) {
    out_.resize(mark);
    throw;
  }
  started_ = true;
}

// While further requests are at hand, answers gather and go out together.
bool Http1Session::may_defer() const {
  return body_done_ && keep_alive_ && !in_.empty() && out_.size() < kCombined &&
         !transport_->secure();
}

Task<void> Http1Session::respond(Response response) {
  AnswerHead answer;
  answer.status = response.status;
  answer.framing = never_has_body(response.status) ? Framing::none : Framing::length;
  answer.length = response.body.size();
  if (bodiless_ && response.body.empty()) {
    answer.length = length_given(response.headers).value_or(0);
  }
  begin_answer(answer, response.headers);
  finished_ = true;
  if (bodiless_ || framing_ == Framing::none) response.body.clear();
  if (response.body.size() <= kCombined) {
    out_ += response.body;
    response.body.clear();
  }
  if (response.body.empty() && may_defer()) co_return;
  Pieces pieces(out_, response.body);
  if (!try_send(pieces)) co_await send_rest(pieces);
}

Task<void> Http1Session::start(int status, Headers headers) {
  AnswerHead answer;
  answer.status = status;
  if (never_has_body(status)) {
    answer.framing = Framing::none;
  } else if (const auto length = length_given(headers)) {
    answer.length = *length;
  } else {
    answer.framing = head_.version >= 11 ? Framing::chunked : Framing::close;
  }
  begin_answer(answer, headers);
  answer_left_ = answer.length;
  // Over TCP the head goes with the first piece, or as soon as the handler waits.
  if (!transport_->secure()) co_return;
  Pieces pieces(out_);
  co_await send(pieces);
}

Task<void> Http1Session::write(std::string piece) {
  if (!started_ || finished_) throw std::logic_error("write without start, or after finish");
  if (framing_ == Framing::length) {
    if (piece.size() > answer_left_) {
      throw std::logic_error("an answer longer than its Content-Length");
    }
    answer_left_ -= piece.size();
  }
  if (bodiless_ || framing_ == Framing::none || piece.empty()) co_return;
  std::string_view after;
  if (framing_ == Framing::chunked) {
    append_chunk_size(out_, piece.size());
    after = "\r\n";
  }
  Pieces pieces(out_, piece, after);
  co_await send(pieces);
}

Task<void> Http1Session::finish(Headers trailers) {
  if (!started_ || finished_) throw std::logic_error("finish without start, or twice");
  if (framing_ == Framing::length && answer_left_ != 0 && !bodiless_) {
    throw std::logic_error("an answer shorter than its Content-Length");
  }
  if (framing_ == Framing::chunked && !bodiless_) {
    out_ += "0\r\n";
    append_fields(out_, trailers);
    out_ += "\r\n";
  }
  finished_ = true;
  Pieces pieces(out_);
  co_await send(pieces);
}

void Http1Session::abort() {
  aborted_ = true;
  keep_alive_ = false;
  ended_ = true;
  transport_->close(true);
}

// True if all went out at once; else `pieces` is what is left. What was in `out_` is sent or in
// `pieces`; `out_` is emptied by whoever finishes.
bool Http1Session::try_send(Pieces& pieces) {
  if (aborted_) throw ConnectionError("the answer was aborted");
  const size_t total = pieces.size();
  const auto [error, sent] = transport_->try_write(pieces);
  if (error) lost();
  thread_.bytes_out.add(sent);
  if (sent == total) {
    out_.clear();
    return true;
  }
  pieces.consume(sent);
  return false;
}

Task<void> Http1Session::send(Pieces pieces) {
  if (!try_send(pieces)) co_await send_rest(pieces);
}

Task<void> Http1Session::send_rest(Pieces pieces) {
  writing_ = true;
  while (pieces.size() != 0) {
    expire_after(context_.limits.body_timeout);
    const auto [error, bytes] = co_await transport_->write(pieces);
    if (error) {
      writing_ = false;
      lost();
    }
    thread_.bytes_out.add(bytes);
    pieces.consume(bytes);
  }
  writing_ = false;
  expire_never();
  out_.clear();
  suspended_once();
}

void Http1Session::lost() {
  ended_ = true;
  aborted_ = true;
  fire_cancelled();
  throw ConnectionError("the client has gone");
}

}  // namespace paddock::http
