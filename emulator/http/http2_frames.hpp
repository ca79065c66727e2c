// The frames of one HTTP/2 connection, the server's side of it (RFC 9113). Plain interface over
// nghttp2 with the guards against floods; no I/O, no coroutines.
//
// Bounded: open streams, a head's size, CONTINUATION frames (8, nghttp2), resets and frames that
// ask for nothing (a burst, then so many a second), acknowledgements that are not sent (1,000,
// nghttp2), and what a client may send unread: 128 KiB a stream, 512 KiB in all.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/http2_head.hpp"
#include "http/message.hpp"

struct nghttp2_session;

namespace paddock::http {

// Of RFC 9113, section 7; those that we send.
enum class Http2Error : uint32_t {
  none = 0,
  protocol = 1,
  internal = 2,
  refused_stream = 7,
  cancel = 8,
  enhance_your_calm = 11,
};

// One stream: what came for it and what is to be sent. Its owner keeps it until `closed`.
// Http2Frames calls it from within `put` and `collect`; it may submit there, and nothing else.
class Http2Stream {
 public:
  // What there is to send of the answer's body. The trailers' names are tokens.
  struct Ready {
    size_t bytes = 0;
    bool last = false;  // nothing comes after these
    const Headers* trailers = nullptr;
  };

  Http2Stream(int32_t id, size_t header_limit) : id_(id), reader_(head_, header_limit) {}
  virtual ~Http2Stream() = default;
  Http2Stream(const Http2Stream&) = delete;
  Http2Stream& operator=(const Http2Stream&) = delete;

  int32_t id() const { return id_; }

  // The head is complete, or refused.
  virtual void head_came(bool body_follows) = 0;
  // A piece of the body; the window stays taken until Http2Frames::consume.
  virtual void body_came(std::string_view bytes) = 0;
  virtual void body_ended() = 0;
  // Nothing more comes or goes.
  virtual void closed() = 0;
  virtual Ready ready() const = 0;
  // Appends that many bytes to `out`. `end`: and then the stream's end is on its way.
  virtual void take(size_t bytes, std::string& out, bool end) = 0;

 protected:
  friend class Http2Frames;
  const int32_t id_;
  RequestHead head_;
  Http2HeadReader reader_;
};

// So many at once, and so many a second after that.
class FloodGuard {
 public:
  using Time = std::chrono::steady_clock::time_point;
  FloodGuard(size_t burst, size_t per_second)
      : burst_(static_cast<double>(burst)),
        per_second_(static_cast<double>(per_second)),
        left_(burst_) {}
  // False if that was one too many.
  bool spend(Time now);

 private:
  const double burst_;
  const double per_second_;
  double left_;
  Time last_{};
};

struct Http2Limits {
  size_t header_bytes;
  size_t streams;
  size_t stream_resets;
  size_t control_frames;
};

class Http2Frames {
 public:
  class Owner {
   public:
    // A stream begins. Null if it is refused; the client may try again.
    virtual Http2Stream* begin_stream(int32_t id) = 0;
    virtual void end_stream(Http2Stream& stream) = 0;  // after its `closed`
    virtual FloodGuard::Time now() const = 0;

   protected:
    ~Owner() = default;
  };

  Http2Frames(Owner& owner, const Http2Limits& limits);
  ~Http2Frames();
  Http2Frames(const Http2Frames&) = delete;
  Http2Frames& operator=(const Http2Frames&) = delete;

  // -- input
  // False if the connection cannot go on; what tells the client why is there to be collected.
  bool put(std::string_view bytes);
  // The client has sent its preface, and no head is half there.
  bool between_heads() const { return settings_came_ && head_in_progress_ == 0; }
  int32_t head_in_progress() const { return head_in_progress_; }  // its stream; 0 = none
  // `bytes` of a body were taken: the client may send as many more.
  void consume(int32_t stream, size_t bytes);
  // The same for those of a stream that is closed.
  void consume_closed(size_t bytes);

  // -- output
  void submit_continue(int32_t stream);
  // `headers` go lower-case and without those that belong to a connection or to the session.
  // Throws std::invalid_argument for a name that is no token.
  struct AnswerStart {
    int status = 200;
    int64_t length = -1;  // told if not negative
    bool body = false;    // follows, from Http2Stream::ready
    std::string_view date;
  };
  void submit_answer(int32_t stream, const AnswerStart& answer, const Headers& headers);
  // There is more to take from the stream.
  void resume(int32_t stream);
  void reset(int32_t stream, Http2Error error);
  // No further streams are taken; those that are open go on.
  void go_away();
  // The connection ends with this.
  void terminate(Http2Error error);
  // Appends what can be sent until `out` has `most` bytes or a frame more. False if the connection
  // cannot go on.
  bool collect(std::string& out, size_t most);

  bool wants_input() const;
  // Frames that wait to be sent, those of bodies not counted.
  size_t queued() const;

 private:
  struct Callbacks;
  void spend(FloodGuard& guard);
  void calm_down();
  bool allows(int result);

  Owner& owner_;
  nghttp2_session* session_ = nullptr;
  FloodGuard resets_;
  FloodGuard controls_;
  int32_t head_in_progress_ = 0;
  bool settings_came_ = false;
  bool terminated_ = false;
  std::string* out_ = nullptr;  // while `collect` runs
  size_t most_ = 0;
};

}  // namespace paddock::http
