// Log lines of one emulator: a bounded ring and one writer thread (DESIGN 4.1). When the ring is
// full, lines are dropped and counted; a caller never waits.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace paddock {

enum class LogLevel { off, error, warn, info, debug };

class Log {
 public:
  // Writes to file descriptor `fd` (not owned), lines of `level` and above.
  Log(LogLevel level, int fd);
  ~Log();  // writes what is queued
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  bool enabled(LogLevel level) const { return level <= level_; }
  // One line, without its newline. Thread-safe; never waits.
  void write(LogLevel level, std::string line);
  void error(std::string line) { write(LogLevel::error, std::move(line)); }
  void warn(std::string line) { write(LogLevel::warn, std::move(line)); }
  void info(std::string line) { write(LogLevel::info, std::move(line)); }
  void debug(std::string line) { write(LogLevel::debug, std::move(line)); }

  uint64_t dropped() const { return dropped_; }
  // Waits until everything written before the call is out.
  void flush();

 private:
  void run();
  void put(std::string_view bytes) const;

  static constexpr size_t kMaxLines = 8192;
  const LogLevel level_;
  const int fd_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable drained_;
  std::deque<std::string> lines_;
  bool stopping_ = false;
  uint64_t queued_ = 0;   // lines taken in, ever
  uint64_t written_ = 0;  // lines put out, ever
  std::atomic<uint64_t> dropped_{0};
  std::thread thread_;
};

}  // namespace paddock
