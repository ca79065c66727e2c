#include "core/log.hpp"

#include <cerrno>

#include <poll.h>
#include <unistd.h>

namespace paddock {

Log::Log(LogLevel level, int fd) : level_(level), fd_(fd), thread_([this] { run(); }) {}

Log::~Log() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Log::write(LogLevel level, std::string line) {
  if (!enabled(level) || level == LogLevel::off) return;
  {
    std::lock_guard lock(mutex_);
    if (lines_.size() >= kMaxLines) {
      ++dropped_;
      return;
    }
    lines_.push_back(std::move(line));
    ++queued_;
  }
  wake_.notify_one();
}

void Log::flush() {
  std::unique_lock lock(mutex_);
  const uint64_t until = queued_;
  drained_.wait(lock, [&] { return written_ >= until; });
}

void Log::run() {
  std::string text;
  uint64_t reported = 0;
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !lines_.empty(); });
    if (lines_.empty()) return;
    std::deque<std::string> taken;
    taken.swap(lines_);
    lock.unlock();
    text.clear();
    for (const std::string& line : taken) text.append(line).append(1, '\n');
    const uint64_t dropped = dropped_;
    if (dropped != reported) {
      text.append("log: ").append(std::to_string(dropped - reported)).append(" lines dropped\n");
      reported = dropped;
    }
    put(text);
    lock.lock();
    written_ += taken.size();
    drained_.notify_all();
  }
}

// A descriptor that is broken swallows the lines: a log must never stop the server.
void Log::put(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
    if (count > 0) {
      bytes.remove_prefix(static_cast<size_t>(count));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd ready{fd_, POLLOUT, 0};
      ::poll(&ready, 1, 1000);
    } else if (errno != EINTR) {
      return;
    }
  }
}

}  // namespace paddock
