// One request and its answer, whatever the protocol below (HTTP/1.1, HTTP/2).
// Bodies are pulled and pushed in pieces; both sides may be open at once.
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/task.hpp"
#include "http/message.hpp"

namespace paddock::http {

// The client broke the protocol or the connection; the session ends. Handlers let it pass.
class ConnectionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};
// The body is longer than the limit given to read_all.
class BodyTooLarge : public std::runtime_error {
 public:
  BodyTooLarge() : std::runtime_error("the body is too large") {}
};
// The process-wide budget for bodies in memory stayed full; answers the service's throttling error.
class BodyBudgetFull : public std::runtime_error {
 public:
  BodyBudgetFull() : std::runtime_error("the memory for request bodies is full") {}
};

// Implemented by each protocol's session. All members belong to the connection's thread; what a
// Task returns is valid until the next call on the same exchange.
class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual const RequestHead& head() const = 0;

  // -- request body -----------------------------------------------------------------------------
  // The first read sends "100 Continue" if the client waits for it; a refusal comes without it.

  // The next piece, at most 64 KiB; empty at the end. Throws ConnectionError (cut off, malformed
  // framing, idle too long).
  virtual Task<std::string> read() = 0;
  // What is left of the body. Memory is reserved from the process-wide budget before it is taken
  // and given back when the exchange ends. Throws BodyTooLarge, BodyBudgetFull, ConnectionError.
  virtual Task<std::string> read_all(size_t limit) = 0;
  // Content-Length if the client sent one, else -1.
  virtual int64_t content_length() const = 0;

  // -- answer -----------------------------------------------------------------------------------
  // A complete answer; once per exchange, instead of start/write/finish.
  virtual Task<void> respond(Response response) = 0;
  // A streamed answer: head, pieces, end. `write` returns when the piece is out (back-pressure).
  virtual Task<void> start(int status, Headers headers) = 0;
  virtual Task<void> write(std::string piece) = 0;
  virtual Task<void> finish(Headers trailers) = 0;
  // Cuts the connection (or stream) so that the client sees a broken answer.
  virtual void abort() = 0;
  virtual bool responded() const = 0;

  // -- life -------------------------------------------------------------------------------------
  // Fires when the client has gone or the server stops. While a handler waits, the session keeps
  // one bounded read open to notice.
  virtual Cancelled cancelled() const = 0;
};

// Called once per request, on the connection's thread. Must answer through the exchange.
using Handler = std::function<Task<void>(Exchange&)>;

}  // namespace paddock::http
