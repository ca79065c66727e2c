// The HTTP/1 session; used by http1*.cpp only.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "http/exchange.hpp"
#include "http/http1.hpp"
#include "http/http1_answer.hpp"
#include "http/http1_parser.hpp"
#include "http/input_buffer.hpp"
#include "http/io_thread.hpp"
#include "http/take_over.hpp"
#include "http/transport.hpp"

namespace paddock::http {

inline constexpr size_t kCombined = 16 * 1024;  // bodies up to this are copied behind their head
inline constexpr size_t kHeadRead = 2 * 1024;

// One connection and its requests, one after the other.
class Http1Session final : public Session, public Exchange, public TakeOver {
 public:
  Http1Session(IoThread& thread, std::unique_ptr<Transport> transport, std::string_view first,
               const Peer& peer);

  Task<void> run() override;
  void stop() override;
  void cut() override;
  void step_over() override;

  const RequestHead& head() const override { return head_; }
  Task<std::string> read() override;
  Task<std::string> read_all(size_t limit) override;
  int64_t content_length() const override { return parser_.content_length(); }
  Task<void> respond(Response response) override;
  Task<void> start(int status, Headers headers) override;
  Task<void> write(std::string piece) override;
  Task<void> finish(Headers trailers) override;
  void abort() override;
  bool responded() const override { return started_; }
  std::shared_ptr<Transport> take_over() override;  // http1_take_over.cpp
  Cancelled cancelled() const override;

 protected:
  void expire() override;

 private:
  friend class TakenBytes;
  // -- input
  void begin_request();
  bool parse_head();
  Task<bool> receive_head();
  void accept_head();
  Task<bool> fill(size_t least);
  void take_read(const Transport::Error& error, size_t bytes);
  void take_body(std::string& out);
  Task<void> fill_body();
  Task<bool> drain();
  void reserve(size_t bytes) { reserved_ += bytes; }
  // -- the read that stays open while a handler waits
  void arm_watch();
  void watch_done(const Transport::Error& error, size_t bytes);
  Task<void> watch_end();
  // -- output
  void begin_answer(AnswerHead answer, const Headers& headers);
  bool keep_alive_after(const Headers& headers) const;
  bool may_defer() const;
  bool try_send(Pieces& pieces);
  Task<void> send(Pieces pieces);
  Task<void> send_rest(Pieces pieces);
  void lost();
  // -- the end of a request and of the connection
  Task<bool> settle(std::exception_ptr failure);
  Task<void> answer_failure(std::exception_ptr failure);
  Task<void> refuse(Refusal refusal);
  Task<void> close();
  void fire_cancelled();
  void suspended_once() {
    if (handling_) thread_.watch(*this);
  }

  ServerContext& context_;
  const std::unique_ptr<Transport> transport_;
  InputBuffer in_;
  std::string out_;  // not sent yet
  Http1Parser parser_;
  RequestHead head_;
  mutable std::optional<Cancelled> cancelled_;
  std::function<void()> wake_;  // of a coroutine that waits for the watch's read
  // Of the connection.
  bool idle_ = false;     // between two requests, nothing received yet
  bool reading_ = false;  // a coroutine waits in fill
  bool writing_ = false;  // a coroutine waits in send_rest
  bool watch_open_ = false;
  bool ended_ = false;  // nothing more can be read
  bool timed_out_ = false;
  bool aborted_ = false;
  bool closing_ = false;  // the last answer is out
  bool taken_over_ = false;
  bool closed_ = false;
  // Of the request.
  bool head_begun_ = false;
  bool handling_ = false;
  bool continue_pending_ = false;
  bool body_done_ = true;
  bool body_malformed_ = false;
  bool started_ = false;
  bool finished_ = false;
  bool keep_alive_ = true;
  bool bodiless_ = false;  // the answer has no body whatever its head says
  Framing framing_ = Framing::none;
  uint64_t body_left_ = 0;    // of a request body with a length
  uint64_t answer_left_ = 0;  // of a streamed answer with a length
  size_t reserved_ = 0;
};

}  // namespace paddock::http
