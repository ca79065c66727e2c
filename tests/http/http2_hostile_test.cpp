// Frames that no client should send: each ends in an error that names itself, and nothing else
// ends.
#include <boost/asio/detached.hpp>

#include "http/http2.hpp"
#include "http/io_thread.hpp"
#include "tests/http/http2_client.hpp"
#include "tests/http/memory_transport.hpp"

namespace paddock::http::testing {
namespace {

using std::chrono::milliseconds;

// The GOAWAY that bytes are answered with, from a server that then still serves others.
int goaway_of(const std::string& bytes, const Limits& limits = {}) {
  ServerOptions options;
  options.limits = limits;
  TestServer server(options);
  RawClient client(server.port());
  client.send(bytes);
  const int error = goaway_in(client.rest());
  Http2Client other(server.port());
  EXPECT_EQ(other.request("GET", "/hello").body, "hello");
  return error;
}

TEST(Http2Hostile, BrokenFramesEndTheConnection) {
  EXPECT_EQ(goaway_of(opening() + frame(0, 0, 1, "data of no stream")), NGHTTP2_PROTOCOL_ERROR);
  EXPECT_EQ(goaway_of(opening() + frame(6, 0, 0, "short")), NGHTTP2_FRAME_SIZE_ERROR);
  EXPECT_EQ(goaway_of(opening() + frame(8, 0, 0, number(0, 4))), NGHTTP2_PROTOCOL_ERROR);
  EXPECT_EQ(goaway_of(opening() + frame(4, 0, 0, "odd")), NGHTTP2_FRAME_SIZE_ERROR);
  EXPECT_EQ(goaway_of(opening() + get2(2, "/hello")), NGHTTP2_PROTOCOL_ERROR);
  EXPECT_EQ(goaway_of(opening() + frame(9, 4, 1, "alone")), NGHTTP2_PROTOCOL_ERROR);
  EXPECT_EQ(goaway_of(opening() + frame(1, 5, 1, "\xff\xff\xff\xff\xff\xff\xff")),
            NGHTTP2_COMPRESSION_ERROR);
  EXPECT_EQ(goaway_of(opening() + number(0xffffff, 3) + std::string(6, '\0')),
            NGHTTP2_FRAME_SIZE_ERROR);
  EXPECT_EQ(goaway_of("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n" + frame(4, 0, 0, "")),
            NGHTTP2_PROTOCOL_ERROR);
  EXPECT_EQ(goaway_of(kClientPreface + get2(1, "/hello")), NGHTTP2_PROTOCOL_ERROR);
}

TEST(Http2Hostile, MalformedHeadsEndTheirStream) {
  const std::vector<std::string> heads{
      field(":method", "GET") + field(":path", "/hello"),
      head_of("GET", "/hello") + field("Upper-Case", "x"),
      head_of("GET", "/hello") + field("connection", "close"),
      head_of("GET", "/hello") + field("transfer-encoding", "chunked"),
      head_of("GET", "/hello") + field("te", "gzip"),
      head_of("GET", "/hello") + field("x-value", "a\r\nb"),
      head_of("GET", "/hello") + field(":path", "/twice"),
      head_of("GET", "/hello") + field(":unknown", "x"),
      head_of("GET", "hello"),
      head_of("G T", "/hello"),
      field("x-first", "x") + head_of("GET", "/hello"),
      field(":method", "GET") + field(":scheme", "http") + field(":path", "/hello"),
      head_of("POST", "/hello") + field("content-length", "5"),
      head_of("POST", "/hello") + field("content-length", "-1"),
  };
  TestServer server;
  for (const std::string& head : heads) {
    SCOPED_TRACE(head);
    RawClient client(server.port());
    ASSERT_TRUE(client.send(opening() + frame(1, 5, 1, head)));
    EXPECT_TRUE(client.until(frame(3, 0, 1, number(NGHTTP2_PROTOCOL_ERROR, 4))));
  }
  EXPECT_EQ(server.tally.count("/hello"), 0);
}

TEST(Http2Hostile, HeadsThatAreTooLargeAreAnswered) {
  Limits limits;
  limits.header_bytes = 4096;
  ServerOptions options;
  options.limits = limits;
  TestServer server(options);
  Http2Client client(server.port());
  Headers large;
  large.add("x-large", std::string(4096, 'l'));
  const Http2Answer refused = client.request("GET", "/hello", "", large);
  EXPECT_EQ(refused.status, 431);
  EXPECT_EQ(refused.body, "The request line and headers are too large.\n");
  Headers at_the_edge;
  // Names, values and 32 for each of :method, :scheme, :authority, :path and x-large.
  const size_t others = 5 * 32 + 7 + 3 + 7 + 4 + 10 + 14 + 5 + 6 + 7;
  at_the_edge.add("x-large", std::string(4096 - others, 'l'));
  EXPECT_EQ(client.request("GET", "/hello", "", at_the_edge).status, 200);
  at_the_edge.set("x-large", std::string(4096 - others + 1, 'l'));
  EXPECT_EQ(client.request("GET", "/hello", "", at_the_edge).status, 431);
}

TEST(Http2Hostile, HeaderBombIsRefusedAndTheConnectionGoesOn) {
  TestServer server;
  RawClient client(server.port());
  // One entry of the table, then 15,000 references to it: 60 MB of headers.
  const std::string entry = std::string("\x40") + literal("x") + literal(std::string(4000, 'v'));
  const std::string bomb = head_of("GET", "/hello") + entry + std::string(10'000, '\xbe');
  ASSERT_TRUE(client.send(opening() + frame(1, 5, 1, bomb)));
  EXPECT_TRUE(client.until("The request line and headers are too large."));
  ASSERT_TRUE(client.send(get2(3, "/hello")));
  EXPECT_TRUE(client.until("hello"));
}

TEST(Http2Hostile, ContinuationFloodEndsTheConnection) {
  std::string flood = opening() + frame(1, 1, 1, head_of("GET", "/hello"));
  for (int i = 0; i < 100; ++i) flood += frame(9, 0, 1, "");
  EXPECT_EQ(goaway_of(flood), NGHTTP2_ENHANCE_YOUR_CALM);
}

TEST(Http2Hostile, RapidResetsEndTheConnection) {
  Limits limits;
  limits.stream_resets = 50;
  std::string flood = opening();
  for (uint32_t id = 1; id < 4000; id += 2) {
    flood += get2(id, "/wait") + frame(3, 0, id, number(NGHTTP2_CANCEL, 4));
  }
  EXPECT_EQ(goaway_of(flood, limits), NGHTTP2_ENHANCE_YOUR_CALM);
}

TEST(Http2Hostile, ResetsThatAreProvokedCount) {
  Limits limits;
  limits.stream_resets = 50;
  std::string flood = opening();
  for (uint32_t id = 1; id < 4000; id += 2) {
    flood += frame(1, 5, id, head_of("POST", "/wait") + field("content-length", "5"));
  }
  EXPECT_EQ(goaway_of(flood, limits), NGHTTP2_ENHANCE_YOUR_CALM);
}

TEST(Http2Hostile, ResetsWithinBoundsAreFine) {
  Limits limits;
  limits.stream_resets = 50;
  ServerOptions options;
  options.limits = limits;
  TestServer server(options);
  Http2Client client(server.port());
  for (int i = 0; i < 50; ++i) {
    const int32_t id = client.begin("GET", "/wait");
    client.reset(id);
  }
  EXPECT_EQ(client.request("GET", "/hello").status, 200);
}

TEST(Http2Hostile, FloodsOfFramesThatAskForNothingEndTheConnection) {
  Limits limits;
  limits.control_frames = 50;
  const std::vector<std::string> kinds{
      frame(4, 0, 0, ""),                           // SETTINGS
      frame(6, 0, 0, "12345678"),                   // PING
      frame(2, 0, 1, number(0, 4) + number(1, 1)),  // PRIORITY
  };
  for (const std::string& kind : kinds) {
    std::string flood = opening();
    for (int i = 0; i < 3000; ++i) flood += kind;
    EXPECT_EQ(goaway_of(flood, limits), NGHTTP2_ENHANCE_YOUR_CALM);
  }
  std::string empty = opening() + frame(1, 4, 1, head_of("POST", "/echo"));
  for (int i = 0; i < 3000; ++i) empty += frame(0, 0, 1, "");
  EXPECT_EQ(goaway_of(empty, limits), NGHTTP2_ENHANCE_YOUR_CALM);
}

TEST(Http2Hostile, SlowHeadsAreAnsweredAndTheConnectionEnds) {
  Limits limits;
  limits.header_timeout = milliseconds(20);
  ServerOptions options;
  options.limits = limits;
  TestServer server(options);
  RawClient slow(server.port());
  ASSERT_TRUE(slow.send(opening() + frame(1, 1, 1, head_of("GET", "/hello"))));
  const std::string got = slow.rest();
  EXPECT_NE(got.find("The request's head took too long."), std::string::npos);
  EXPECT_EQ(goaway_in(got), NGHTTP2_NO_ERROR);
  for (const std::string& start : {std::string("P"), std::string("PRI * HT"), kClientPreface}) {
    RawClient client(server.port());
    ASSERT_TRUE(client.send(start));
    client.rest();
  }
  EXPECT_EQ(server.tally.count("/hello"), 0);
}

TEST(Http2Hostile, DifferentHostsAreRefused) {
  TestServer server;
  Http2Client client(server.port());
  Headers host;
  host.add("host", "elsewhere");
  EXPECT_EQ(client.request("GET", "/hello", "", host).status, 400);
  host.set("host", "LOCALHOST:4566");
  EXPECT_EQ(client.request("GET", "/hello", "", host).status, 200);
}

// -- over a transport of the test's
// -----------------------------------------------------------------

class Http2Wire : public ::testing::Test {
 protected:
  void begin(std::string_view first) {
    wire_ = std::make_shared<MemoryWire>();
    auto transport = std::make_unique<MemoryTransport>(thread_.io(), wire_);
    transport_ = transport.get();
    const auto session = make_http2_session(thread_, std::move(transport), first, Peer());
    over_ = false;
    asio::co_spawn(thread_.io(), serve(session), asio::detached);
    settle();
  }
  void feed(std::string_view text) {
    wire_->to_session += text;
    transport_->announce();
    settle();
  }
  void settle() {
    while (thread_.poll() != 0) {
    }
  }
  void end() {
    wire_->client_ended = true;
    transport_->announce();
    settle();
  }
  Task<void> serve(std::shared_ptr<Session> session) {
    co_await session->run();
    over_ = true;
  }
  // How many streams were answered to their end.
  int answered() const {
    int count = 0;
    for (const ReceivedFrame& frame : frames_in(wire_->from_session)) {
      if (frame.type <= 1 && (frame.flags & 1) != 0) ++count;
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

TEST_F(Http2Wire, InputCutAnywhereIsTheSame) {
  const std::string text = opening() + get2(1, "/hello") +
                           frame(1, 4, 3, head_of("POST", "/echo")) + frame(0, 0, 3, "one") +
                           frame(0, 1, 3, "two") + get2(5, "/stream?2") +
                           frame(1, 4, 7, head_of("POST", "/hello")) + frame(0, 1, 7, "unread");
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    SCOPED_TRACE(cut);
    begin(text.substr(0, cut));
    feed(text.substr(cut));
    ASSERT_EQ(answered(), 4);
    ASSERT_NE(wire_->from_session.find("onetwo"), std::string::npos);
    end();
    ASSERT_TRUE(over_);
  }
}

TEST_F(Http2Wire, OutputTakenInAnyPieces) {
  for (const size_t most : {0u, 1u, 7u, 150u, 1100u, 20'000u}) {
    SCOPED_TRACE(most);
    begin(opening());
    wire_->most_at_once = most;
    feed(get2(1, "/stream?3") + get2(3, "/size?40000") + get2(5, "/hello"));
    EXPECT_EQ(answered(), 3);
    end();
    EXPECT_TRUE(over_);
  }
}

TEST_F(Http2Wire, CutEndsWhatWaits) {
  begin(opening() + get2(1, "/wait"));
  EXPECT_EQ(tally_.count("waiting"), 1);
  thread_.cut_sessions();
  settle();
  EXPECT_TRUE(over_);
  EXPECT_EQ(tally_.count("cancelled"), 1);
  EXPECT_TRUE(wire_->reset);
}

}  // namespace
}  // namespace paddock::http::testing
