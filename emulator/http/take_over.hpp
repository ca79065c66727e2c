// A connection that another protocol takes over from HTTP (RFC 9110, 7.8).
#pragma once

#include <memory>

namespace paddock::http {

class Transport;

// Implemented by the exchanges of protocols that can do this: HTTP/1.1. All members belong to the
// connection's thread.
class TakeOver {
 public:
  // The bytes below, from the end of the request's head on, for a protocol that answers the request
  // itself. The exchange then counts as answered, and the connection ends when the handler returns.
  // Throws std::logic_error if the request has a body that was not read, or is answered.
  virtual std::shared_ptr<Transport> take_over() = 0;

 protected:
  ~TakeOver() = default;
};

}  // namespace paddock::http
