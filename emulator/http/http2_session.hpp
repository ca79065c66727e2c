// The HTTP/2 session and its exchanges; used by http2*.cpp only.
//
// One coroutine reads frames (`run`), each exchange has one of its own (`serve`), and what they
// submit is gathered and written together once the steps that are ready have run (`flush`).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "http/exchange.hpp"
#include "http/http2.hpp"
#include "http/http2_frames.hpp"
#include "http/input_buffer.hpp"
#include "http/io_thread.hpp"
#include "http/transport.hpp"
#include "http/wakeup.hpp"

namespace paddock::http {

class Http2Session;

// One stream's request and answer.
class Http2Exchange final : public Exchange, public Http2Stream {
 public:
  Http2Exchange(Http2Session& session, int32_t id, const Peer& peer, bool secure);

  const RequestHead& head() const override { return head_; }
  Task<std::string> read() override;
  Task<std::string> read_all(size_t limit) override;
  int64_t content_length() const override { return reader_.content_length(); }
  Task<void> respond(Response response) override;
  Task<void> start(int status, Headers headers) override;
  Task<void> write(std::string piece) override;
  Task<void> finish(Headers trailers) override;
  void abort() override;
  bool responded() const override { return started_; }
  Cancelled cancelled() const override;

  void head_came(bool body_follows) override;
  void body_came(std::string_view bytes) override;
  void body_ended() override;
  void closed() override;
  Ready ready() const override;
  void take(size_t bytes, std::string& out, bool end) override;

  // -- of the session
  // Handler or refusal, then whatever is left open. The session outlives it.
  Task<void> run();
  // The connection brings nothing more: whoever waits for it fails.
  void input_ended();
  // The handler's answer is no longer wanted.
  void fire_cancelled();
  // Answers a head that does not come to its end.
  void answer_slow_head();

 private:
  // -- request body
  bool body_over() const { return body_done_ && in_.empty(); }
  void take_body(std::string& out);
  Task<void> more_body();
  Task<void> drain();
  // -- answer
  void begin_answer(int status, int64_t length, bool body, const Headers& headers);
  Response answer_to(Refusal refusal) const;
  bool answer_out() const { return piece_at_ == piece_.size() && (!last_ || end_taken_); }
  bool answer_lost() const { return aborted_ || (closed_ && !end_taken_); }
  Task<void> drained();
  Task<void> settle(std::exception_ptr failure);
  Task<void> answer_failure(std::exception_ptr failure);

  Http2Session& session_;
  // Of its own coroutine, or of two: one may read while the other answers.
  Wakeup body_moved_;
  Wakeup answer_moved_;
  mutable std::optional<Cancelled> cancelled_;
  // Of the request.
  InputBuffer in_;
  uint64_t received_ = 0;
  size_t dropped_ = 0;
  size_t reserved_ = 0;
  bool continue_pending_ = false;
  bool body_done_ = false;
  bool dropping_ = false;  // nobody reads the rest of the body
  bool input_ended_ = false;
  // Of the answer.
  std::string piece_;
  size_t piece_at_ = 0;
  uint64_t taken_ = 0;  // bytes of all pieces
  Headers trailers_;
  bool started_ = false;
  bool finished_ = false;
  bool bodiless_ = false;  // whatever the head says
  bool last_ = false;      // nothing comes after the piece
  bool end_taken_ = false;
  bool aborted_ = false;
  bool closed_ = false;
  int64_t answer_left_ = -1;  // of a streamed answer with a length
};

class Http2Session final : public Session, public Http2Frames::Owner {
 public:
  Http2Session(IoThread& thread, std::unique_ptr<Transport> transport, std::string_view first,
               const Peer& peer);

  Task<void> run() override;
  void stop() override;
  void cut() override;
  void step_over() override {}

  Http2Stream* begin_stream(int32_t id) override;
  void end_stream(Http2Stream& stream) override;
  FloodGuard::Time now() const override { return context_.clock.now(); }

  // -- of the exchanges
  ServerContext& context() { return context_; }
  asio::io_context& io() { return thread_.io(); }
  Http2Frames& frames() { return frames_; }
  bool stopping() const { return thread_.stopping(); }
  void begin_exchange(Http2Exchange& exchange);
  // Moves what was submitted to the output, which goes out soon.
  void collect();
  // No answer can move on: the client sends no windows any more.
  bool stuck() const { return ended_ && !writing_ && out_.empty(); }

 protected:
  void expire() override;

 private:
  struct Serving;
  static Task<void> serve(std::shared_ptr<Http2Session> self,
                          std::shared_ptr<Http2Exchange> exchange);
  static Task<void> write_rest(std::shared_ptr<Http2Session> self);
  Task<bool> read_frames();
  Task<void> close();
  bool done() const;
  void flush();
  void lost();
  void end_input();
  void set_deadline();
  void end_if_done();

  ServerContext& context_;
  const std::unique_ptr<Transport> transport_;
  const Peer peer_;
  const std::string first_;
  std::unordered_map<int32_t, std::shared_ptr<Http2Exchange>> streams_;
  Http2Frames frames_;
  std::string in_;
  std::string out_;      // to be sent
  std::string sending_;  // while a coroutine writes
  Wakeup changed_;       // the reading coroutine's
  size_t running_ = 0;   // coroutines of exchanges
  // What the deadline is for.
  enum class WaitsFor { nothing, head, request, answers };
  WaitsFor waits_for_ = WaitsFor::nothing;
  bool reading_ = false;
  bool writing_ = false;
  bool flush_posted_ = false;
  bool ended_ = false;  // nothing more is read
  bool timed_out_ = false;
  bool failed_ = false;  // by the client's doing: it may still be sending
  bool aborted_ = false;
  bool closing_ = false;
};

}  // namespace paddock::http
