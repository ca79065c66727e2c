// The answer of one invocation while the function makes it: its environment's thread writes,
// whoever invoked it reads. The writer looks at `full` before it takes more from the function, so a
// slow reader slows the function down.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include <boost/asio/steady_timer.hpp>

#include "core/task.hpp"

namespace paddock::lambda {

// A streamed answer may be this long.
inline constexpr uint64_t kMostStreamedBytes = 20 * 1024 * 1024;

// Thread-safe; one writer, one reader.
class ResponseStream : public std::enable_shared_from_this<ResponseStream> {
 public:
  // What may lie between writer and reader before the writer should wait.
  static constexpr size_t kMostHeld = 256 * 1024;

  // -- the writer ---------------------------------------------------------------------------------
  // The answer has begun. Once; later calls do nothing.
  void begin(std::string content_type);
  // Adds a piece. False once the answer is longer than it may be: the piece is dropped.
  bool write(std::string piece);
  bool full() const;
  // Calls `room` (any thread) when the stream is no longer full. {}: no more.
  void on_room(std::function<void()> room);
  // Nothing follows. The reader still gets what was written.
  void end();

  // -- the reader ---------------------------------------------------------------------------------
  // Each resumes on the caller's executor, whose io_context one thread runs (DESIGN 6).
  // Until the answer has begun or ended; true if it has begun.
  static Task<bool> begun(std::shared_ptr<ResponseStream> self);
  // The next piece; "" at the end.
  static Task<std::string> next(std::shared_ptr<ResponseStream> self);
  std::string content_type() const;
  // Reads no more: what comes is dropped, and the writer never waits.
  void leave();

 private:
  static Task<void> wait(std::shared_ptr<ResponseStream> self,
                         std::shared_ptr<asio::steady_timer> timer);
  void wake();  // with the mutex held

  mutable std::mutex mutex_;  // guards what follows
  std::deque<std::string> pieces_;
  size_t held_ = 0;
  uint64_t written_ = 0;
  bool begun_ = false, ended_ = false, left_ = false;
  std::string content_type_;
  std::function<void()> room_;
  IoExecutor executor_;                      // of the reader that waits
  std::weak_ptr<asio::steady_timer> timer_;  // touched on `executor_` only
};

}  // namespace paddock::lambda
