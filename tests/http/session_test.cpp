// The HTTP/1 session over a transport of the test's: every way to cut its input and output.
#include <boost/asio/detached.hpp>

#include "http/http1.hpp"
#include "http/io_thread.hpp"
#include "tests/http/http_test_support.hpp"
#include "tests/http/memory_transport.hpp"

namespace paddock::http::testing {
namespace {

class HttpSession : public ::testing::Test {
 protected:
  // Begins a session; what it reads first is `first`.
  void begin(std::string_view first = "") {
    wire_ = std::make_shared<MemoryWire>();
    auto transport = std::make_unique<MemoryTransport>(thread_.io(), wire_);
    transport_ = transport.get();
    Peer peer;
    peer.remote_address = "192.0.2.7";
    const auto session = make_http1_session(thread_, std::move(transport), first, peer);
    over_ = false;
    asio::co_spawn(thread_.io(), serve(session), asio::detached);
    settle();
  }
  void feed(std::string_view text) {
    wire_->to_session += text;
    transport_->announce();
    settle();
  }
  void end() {
    wire_->client_ended = true;
    transport_->announce();
    settle();
  }
  void settle() {
    while (thread_.poll() != 0) {
    }
  }
  std::string taken() { return std::exchange(wire_->from_session, {}); }

  Task<void> serve(std::shared_ptr<Session> session) {
    co_await session->run();
    over_ = true;
  }

  static int answers_in(const std::string& text) {
    int count = 0;
    for (size_t at = text.find("HTTP/1.1 200"); at != std::string::npos;
         at = text.find("HTTP/1.1 200", at + 1)) {
      ++count;
    }
    return count;
  }

  MachineClock clock_;
  Log log_{LogLevel::off, 2};
  Tally tally_;
  Limits limits_;
  ServerContext context_{limits_, clock_, log_, TestHandler(tally_)};
  IoThread thread_{context_};
  std::shared_ptr<MemoryWire> wire_;
  MemoryTransport* transport_ = nullptr;
  bool over_ = false;
};

TEST_F(HttpSession, InputCutAnywhereIsTheSame) {
  const std::string text =
      post("/echo", "one") +
      "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n" +
      post("/hello", "unread") + get("/hello");
  begin(text);
  std::string whole = taken();
  EXPECT_EQ(answers_in(whole), 4);
  end();
  EXPECT_TRUE(over_);
  for (size_t cut = 0; cut < text.size(); ++cut) {
    SCOPED_TRACE(cut);
    begin(text.substr(0, cut));
    feed(text.substr(cut));
    std::string got = taken();
    // The second in which an answer is written may differ, the length not.
    ASSERT_EQ(got.size(), whole.size());
    end();
    ASSERT_TRUE(over_);
  }
}

TEST_F(HttpSession, OneByteAtATime) {
  begin();
  for (const char c : post("/echo", "slowly") + post("/pieces", "again")) {
    feed(std::string_view(&c, 1));
  }
  const std::string got = taken();
  EXPECT_EQ(answers_in(got), 2);
  EXPECT_NE(got.find("slowly"), std::string::npos);
  end();
}

TEST_F(HttpSession, OutputTakenInAnyPieces) {
  begin(get("/stream?3"));
  const std::string whole = taken();
  end();
  for (const size_t most : {0u, 1u, 7u, 150u, 1100u}) {
    SCOPED_TRACE(most);
    begin();
    wire_->most_at_once = most;
    feed(get("/stream?3"));
    EXPECT_EQ(taken().size(), whole.size());
    feed(get("/size?40000"));
    const std::string got = taken();
    EXPECT_EQ(got.substr(got.size() - 40000), std::string(40000, 'x'));
    end();
  }
}

TEST_F(HttpSession, AnswersWaitForOneAnotherWhileMoreIsAtHand) {
  begin(get("/hello") + get("/hello") + get("/wait"));
  EXPECT_EQ(answers_in(taken()), 2);
  EXPECT_EQ(tally_.count("cancelled"), 0);
  end();
  EXPECT_EQ(tally_.count("cancelled"), 1);
  EXPECT_EQ(answers_in(taken()), 1);
  EXPECT_TRUE(over_);
}

TEST_F(HttpSession, ReadsAheadNoMoreThanItMay) {
  begin(get("/wait"));
  feed(std::string(1'000'000, 'm'));
  EXPECT_GT(wire_->to_session.size(), 800'000u);
  thread_.cut_sessions();
  settle();
  EXPECT_TRUE(over_);
}

TEST_F(HttpSession, StopEndsTheIdleAndTellsTheWaiting) {
  begin();
  thread_.stop_sessions();
  settle();
  EXPECT_TRUE(over_);
  EXPECT_EQ(taken(), "");
}

}  // namespace
}  // namespace paddock::http::testing
