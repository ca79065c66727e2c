// Connections and servers coming and going: time-outs, cancellation, stopping, many at once.
#include <future>
#include <set>
#include <thread>

#include "tests/http/http_test_support.hpp"

namespace paddock::http::testing {
namespace {

using std::chrono::milliseconds;

ServerOptions with_limits(const Limits& limits) {
  ServerOptions options;
  options.limits = limits;
  return options;
}

TEST(HttpLife, ClientThatLeavesCancelsItsWaitingRequest) {
  TestServer server;
  {
    RawClient client(server.port());
    ASSERT_TRUE(client.send(get("/wait")));
    ASSERT_TRUE(server.tally.wait("waiting"));
    EXPECT_EQ(server.tally.count("cancelled"), 0);
  }
  EXPECT_TRUE(server.tally.wait("cancelled"));
}

TEST(HttpLife, HalfCloseCancelsAndTheAnswerStillArrives) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/wait")));
  ASSERT_TRUE(server.tally.wait("waiting"));
  client.half_close();
  EXPECT_EQ(client.answer().body, "waited");
}

TEST(HttpLife, BytesThatComeWhileAHandlerWaitsAreKept) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/wait")));
  ASSERT_TRUE(server.tally.wait("waiting"));
  std::string more;
  for (int i = 0; i < 1500; ++i) more += get("/hello");  // about as much as is read ahead
  ASSERT_TRUE(client.send(more));
  client.half_close();
  EXPECT_EQ(client.answer().body, "waited");
}

TEST(HttpLife, CancellationDoesNotFireForAClientThatStays) {
  TestServer server;
  RawClient staying(server.port());
  ASSERT_TRUE(staying.send(get("/wait")));
  ASSERT_TRUE(server.tally.wait("waiting"));
  RawClient other(server.port());
  ASSERT_TRUE(other.send(get("/hello")));
  EXPECT_EQ(other.answer().body, "hello");
  EXPECT_EQ(server.tally.count("cancelled"), 0);
}

TEST(HttpLife, FrontPathsAreAnsweredWhileEveryIoThreadIsBusy) {
  ServerOptions options = with_limits(Limits());
  options.io_threads = 1;
  options.front_paths = {"/hello"};
  std::promise<void> busy;  // both outlive the server's threads
  std::promise<void> over;
  TestServer server(options);
  asio::post(server.server->io(0), [&] {
    busy.set_value();
    over.get_future().wait();
  });
  busy.get_future().wait();
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/hello?now")));
  EXPECT_EQ(client.answer().body, "hello");
  over.set_value();
}

TEST(HttpLife, SlowHeadersTimeOut) {
  Limits limits;
  limits.header_timeout = milliseconds(20);
  TestServer server(with_limits(limits));
  RawClient client(server.port());
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHo"));
  EXPECT_EQ(client.answer().status, 408);
  EXPECT_TRUE(client.ended());
}

TEST(HttpLife, SlowHandshakeTimesOut) {
  Limits limits;
  limits.header_timeout = milliseconds(20);
  TestServer server(with_limits(limits));
  RawClient client(server.port());
  ASSERT_TRUE(client.send("\x16\x03\x01"));
  EXPECT_EQ(client.rest(), "");
}

TEST(HttpLife, IdleConnectionsTimeOut) {
  Limits limits;
  limits.idle_timeout = milliseconds(20);
  TestServer server(with_limits(limits));
  RawClient silent(server.port());
  EXPECT_TRUE(silent.ended());
  RawClient used(server.port());
  ASSERT_TRUE(used.send(get("/hello")));
  EXPECT_EQ(used.answer().body, "hello");
  EXPECT_TRUE(used.ended());
}

TEST(HttpLife, SilenceInABodyTimesOut) {
  Limits limits;
  limits.body_timeout = milliseconds(20);
  TestServer server(with_limits(limits));
  RawClient client(server.port());
  ASSERT_TRUE(client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc"));
  EXPECT_EQ(client.rest(), "");
}

TEST(HttpLife, ReaderThatStopsReadingTimesOut) {
  Limits limits;
  limits.body_timeout = milliseconds(20);
  TestServer server(with_limits(limits));
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/size?50000000")));
  ASSERT_TRUE(server.tally.wait("/size"));
  while (server.server->counters().open != 0) std::this_thread::yield();
  EXPECT_LT(client.rest().size(), 50'000'000u);
}

TEST(HttpLife, UnreadBodyThatDoesNotComeIsWaitedForNotLong) {
  Limits limits;
  limits.drain_timeout = milliseconds(20);
  TestServer server(with_limits(limits));
  RawClient client(server.port());
  ASSERT_TRUE(client.send("POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nabc"));
  EXPECT_EQ(client.answer().body, "hello");
  EXPECT_TRUE(client.ended());
}

TEST(HttpLife, ConnectionLimitHoldsAtItsEdge) {
  Limits limits;
  limits.connections = 2;
  ServerOptions options = with_limits(limits);
  options.io_threads = 1;
  TestServer server(options);
  RawClient first(server.port());
  RawClient second(server.port());
  for (RawClient* client : {&first, &second}) {
    ASSERT_TRUE(client->send(get("/hello")));
    EXPECT_EQ(client->answer().body, "hello");
  }
  RawClient third(server.port());
  EXPECT_EQ(third.rest(), "");
  EXPECT_EQ(server.server->counters().refused, 1u);
  EXPECT_EQ(server.server->counters().open, 2u);
}

// Begins a body of this many bytes and returns once its room is reserved: the server asks for the
// body after that, never before.
void hold(RawClient& client, size_t bytes) {
  ASSERT_TRUE(
      client.send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: " +
                  std::to_string(bytes) + "\r\n\r\n"));
  ASSERT_EQ(client.answer().status, 100);
}

TEST(HttpLife, FullBodyBudgetIsWaitedForThenRefused) {
  Limits limits;
  limits.body_budget = 1000;
  limits.budget_wait = milliseconds(20);
  TestServer server(with_limits(limits));
  RawClient client(server.port());
  ASSERT_TRUE(client.send(post("/echo", std::string(1000, 'b'))));
  EXPECT_EQ(client.answer().body.size(), 1000u);
  ASSERT_TRUE(client.send(post("/echo", std::string(1001, 'b'))));
  EXPECT_EQ(client.answer().status, 500);  // the handler let BodyBudgetFull pass
  RawClient holding(server.port());
  hold(holding, 600);
  ASSERT_TRUE(client.send(post("/echo", std::string(600, 'b'))));
  EXPECT_EQ(client.answer().status, 500);
  ASSERT_TRUE(holding.send(std::string(600, 'h')));
  EXPECT_EQ(holding.answer().body.size(), 600u);
  ASSERT_TRUE(client.send(post("/echo", std::string(1000, 'b'))));
  EXPECT_EQ(client.answer().body.size(), 1000u);
}

TEST(HttpLife, BodyWaitsForTheBudgetAndGoesOn) {
  Limits limits;
  limits.body_budget = 1000;
  limits.budget_wait = milliseconds(10'000);
  TestServer server(with_limits(limits));
  RawClient holding(server.port());
  hold(holding, 600);
  RawClient waiting(server.port());
  ASSERT_TRUE(waiting.send(post("/echo", std::string(700, 'w'))));
  ASSERT_TRUE(server.tally.wait("/echo", 2));
  ASSERT_TRUE(holding.send(std::string(600, 'h')));
  EXPECT_EQ(holding.answer().body.size(), 600u);
  EXPECT_EQ(waiting.answer().body, std::string(700, 'w'));
}

TEST(HttpLife, StopEndsIdleConnectionsAndCancelsWaitingRequests) {
  TestServer server;
  RawClient idle(server.port());
  ASSERT_TRUE(idle.send(get("/hello")));
  EXPECT_EQ(idle.answer().body, "hello");
  RawClient unused(server.port());
  RawClient waiting(server.port());
  ASSERT_TRUE(waiting.send(get("/wait")));
  ASSERT_TRUE(server.tally.wait("waiting"));
  server.server->stop(milliseconds(10'000));
  EXPECT_TRUE(idle.ended());
  EXPECT_EQ(unused.rest(), "");
  const Answer answer = waiting.answer();
  EXPECT_EQ(answer.body, "waited");
  EXPECT_TRUE(answer.has("Connection: close\r\n"));
  EXPECT_EQ(server.server->counters().open, 0u);
  RawClient late(server.port());
  EXPECT_FALSE(late.connected);
}

TEST(HttpLife, StopCutsWhatDoesNotEndWithinTheGrace) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc"));
  ASSERT_TRUE(server.tally.wait("/echo"));
  server.server->stop(milliseconds(10));
  EXPECT_EQ(server.server->counters().open, 0u);
  EXPECT_EQ(client.rest(), "");
}

TEST(HttpLife, ServersComeAndGo) {
  for (int i = 0; i < 100; ++i) {
    TestServer server;
    RawClient client(server.port());
    ASSERT_TRUE(client.send(get("/hello")));
    ASSERT_EQ(client.answer().body, "hello");
    RawClient waiting(server.port());
    ASSERT_TRUE(waiting.send(get("/wait")));
    if (i % 3 == 0) server.server->stop(milliseconds(5'000));
  }
}

TEST(HttpLife, ServerThatWasNeverStartedEnds) {
  MachineClock clock;
  Log log(LogLevel::off, 2);
  Tally tally;
  ServerOptions options;
  options.port = 0;
  Server server(options, clock, log, TestHandler(tally));
  EXPECT_NE(server.port(), 0);
}

TEST(HttpLife, BothLoopbackAddressesAreServed) {
  ServerOptions options;
  options.addresses = {"127.0.0.1", "::1"};
  TestServer server(options);
  EXPECT_EQ(request(server.client(), "GET", "/hello").body, "hello");
  ClientOptions v6 = server.client();
  v6.host = "::1";
  try {
    EXPECT_EQ(request(v6, "GET", "/hello").body, "hello");
  } catch (const ClientError& error) {
    GTEST_SKIP() << "this host has no IPv6: " << error.what();
  }
}

TEST(HttpLife, AddressesThatTheHostLacksAreSkippedUnlessNoneIsLeft) {
  ServerOptions options;
  options.addresses = {"127.0.0.1", "192.0.2.1"};  // RFC 5737: nobody's
  TestServer server(options);
  EXPECT_EQ(request(server.client(), "GET", "/hello").body, "hello");
  options.addresses = {"192.0.2.1"};
  EXPECT_THROW(TestServer{options}, ListenError);
  options.addresses = {"localhost"};
  EXPECT_THROW(TestServer{options}, ListenError);
  options.addresses = {};
  EXPECT_THROW(TestServer{options}, ListenError);
}

TEST(HttpLife, PortInUseIsSaid) {
  TestServer first;
  ServerOptions options;
  options.port = first.port();
  try {
    Server second(options, first.clock, first.log, TestHandler(first.tally));
    FAIL() << "two servers on one port";
  } catch (const ListenError& error) {
    EXPECT_NE(std::string(error.what()).find("in use"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("--port"), std::string::npos);
  }
}

TEST(HttpLife, ManyConnectionsAtOnce) {
  // Both ends are in this process: two descriptors each, and some for the rest.
  const size_t wanted = std::min<size_t>(10'000, (raise_file_limit() - 100) / 2);
  TestServer server;
  std::vector<RawClient> clients;
  clients.reserve(wanted);
  for (size_t i = 0; i < wanted; ++i) {
    clients.emplace_back(server.port());
    ASSERT_TRUE(clients.back().connected) << i;
    ASSERT_TRUE(clients.back().send(get("/hello")));
  }
  for (RawClient& client : clients) ASSERT_EQ(client.answer().body, "hello");
  EXPECT_EQ(server.server->counters().open, wanted);
  ASSERT_TRUE(clients.front().send(get("/hello")));
  EXPECT_EQ(clients.front().answer().body, "hello");
}

}  // namespace
}  // namespace paddock::http::testing
