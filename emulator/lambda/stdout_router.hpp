// std::cout of functions goes to their log. Process-wide, so main.cpp alone installs it.
#pragma once

#include <iosfwd>
#include <memory>

namespace paddock::lambda {

// While it lives, what a thread of an execution environment writes to std::cout becomes lines of
// that environment's log; other threads write where they did. One per process.
class StdoutRouter {
 public:
  StdoutRouter();
  ~StdoutRouter();
  StdoutRouter(const StdoutRouter&) = delete;
  StdoutRouter& operator=(const StdoutRouter&) = delete;

 private:
  class Buffer;
  std::unique_ptr<Buffer> buffer_;
};

}  // namespace paddock::lambda
