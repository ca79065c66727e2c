#include "lambda/response_stream.hpp"

#include <thread>

#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

namespace paddock::lambda::response_stream_test {

Task<void> read_all(std::shared_ptr<ResponseStream> stream, std::string* text, bool* began) {
  auto begun = ResponseStream::begun(stream);
  *began = co_await std::move(begun);
  while (true) {
    auto next = ResponseStream::next(stream);
    const std::string piece = co_await std::move(next);
    if (piece.empty()) co_return;
    *text += piece;
  }
}

// Reads on a thread of its own until the end.
struct Reader {
  explicit Reader(std::shared_ptr<ResponseStream> stream) {
    asio::co_spawn(io, read_all(std::move(stream), &text, &began), asio::detached);
    thread = std::thread([this] { io.run(); });
  }
  ~Reader() { join(); }
  void join() {
    if (thread.joinable()) thread.join();
  }

  asio::io_context io;
  std::string text;
  bool began = false;
  std::thread thread;
};

TEST(ResponseStream, HandsOnWhatIsWrittenUntilItsEnd) {
  auto stream = std::make_shared<ResponseStream>();
  Reader reader(stream);
  stream->begin("text/plain");
  std::string expected;
  for (int i = 0; i < 2'000; ++i) {
    const std::string piece = std::to_string(i) + ",";
    expected += piece;
    EXPECT_TRUE(stream->write(piece));
  }
  stream->end();
  reader.join();
  EXPECT_TRUE(reader.began);
  EXPECT_EQ(reader.text, expected);
  EXPECT_EQ(stream->content_type(), "text/plain");
}

TEST(ResponseStream, MayEndWithoutABeginning) {
  auto stream = std::make_shared<ResponseStream>();
  Reader reader(stream);
  stream->end();
  reader.join();
  EXPECT_FALSE(reader.began);
  EXPECT_EQ(reader.text, "");
}

TEST(ResponseStream, IsFullUntilItsReaderHasTakenSome) {
  auto stream = std::make_shared<ResponseStream>();
  std::atomic<int> rooms{0};
  stream->on_room([&rooms] { ++rooms; });
  stream->begin("");
  EXPECT_FALSE(stream->full());
  stream->write(std::string(ResponseStream::kMostHeld, 'x'));
  EXPECT_TRUE(stream->full());
  stream->end();
  Reader reader(stream);
  reader.join();
  EXPECT_FALSE(stream->full());
  EXPECT_EQ(rooms, 1);
}

TEST(ResponseStream, NeverWaitsForAReaderThatLeft) {
  auto stream = std::make_shared<ResponseStream>();
  int rooms = 0;
  stream->on_room([&rooms] { ++rooms; });
  stream->write(std::string(ResponseStream::kMostHeld, 'x'));
  stream->leave();
  EXPECT_EQ(rooms, 1);
  EXPECT_FALSE(stream->full());
  EXPECT_TRUE(stream->write(std::string(ResponseStream::kMostHeld, 'x')));
  EXPECT_FALSE(stream->full());
}

TEST(ResponseStream, TakesNoMoreThanAnAnswerMayHave) {
  auto stream = std::make_shared<ResponseStream>();
  stream->leave();
  const std::string piece(1024 * 1024, 'x');
  for (uint64_t i = 0; i < kMostStreamedBytes / piece.size(); ++i) {
    EXPECT_TRUE(stream->write(piece));
  }
  EXPECT_FALSE(stream->write("x"));
}

}  // namespace paddock::lambda::response_stream_test
