#include "core/log.hpp"

#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

namespace paddock {
namespace {

class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe(ends_), 0); }
  ~Pipe() {
    ::close(ends_[0]);
    close_writer();
  }
  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void close_writer() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  std::string read_all() {
    std::string out;
    char buffer[65536];
    for (ssize_t n; (n = ::read(ends_[0], buffer, sizeof buffer)) > 0;) {
      out.append(buffer, static_cast<size_t>(n));
    }
    return out;
  }

 private:
  int ends_[2] = {-1, -1};
};

TEST(Log, WritesLinesOfItsLevelAndAbove) {
  Pipe pipe;
  {
    Log log(LogLevel::info, pipe.writer());
    log.info("one");
    log.debug("hidden");
    log.error("two");
    log.write(LogLevel::off, "never");
    EXPECT_TRUE(log.enabled(LogLevel::warn));
    EXPECT_FALSE(log.enabled(LogLevel::debug));
  }
  pipe.close_writer();
  EXPECT_EQ(pipe.read_all(), "one\ntwo\n");
}

TEST(Log, FlushWaitsUntilTheLineIsOut) {
  Pipe pipe;
  Log log(LogLevel::info, pipe.writer());
  log.info("line");
  log.flush();
  char buffer[16];
  EXPECT_EQ(::read(pipe.reader(), buffer, sizeof buffer), 5);
}

TEST(Log, DropsAndCountsWhenItsReaderIsStuck) {
  Pipe pipe;
  std::string out;
  uint64_t dropped = 0;
  std::thread reader;
  {
    Log log(LogLevel::info, pipe.writer());
    // The pipe takes 64 KiB, the ring 8,192 lines; the rest must be dropped without waiting.
    for (int i = 0; i < 30'000; ++i) log.info(std::string(99, 'x'));
    dropped = log.dropped();
    EXPECT_GT(dropped, 0u);
    reader = std::thread([&] { out = pipe.read_all(); });
  }
  pipe.close_writer();
  reader.join();
  size_t lines = 0, at = 0;
  const std::string line = std::string(99, 'x') + "\n";
  while ((at = out.find(line, at)) != std::string::npos) {
    ++lines;
    at += line.size();
  }
  EXPECT_EQ(lines, 30'000 - dropped);
  EXPECT_NE(out.find("lines dropped\n"), std::string::npos);
}

TEST(Log, SurvivesABrokenDescriptor) {
  Log log(LogLevel::info, -1);
  log.info("nowhere");
  log.flush();
  EXPECT_EQ(log.dropped(), 0u);
}

}  // namespace
}  // namespace paddock
