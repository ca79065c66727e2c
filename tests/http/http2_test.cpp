// HTTP/2 as clients speak it: requests, bodies, streams side by side, their ends.
#include <thread>

#include "tests/http/http2_client.hpp"

namespace paddock::http::testing {
namespace {

using std::chrono::milliseconds;

ServerOptions limited(const Limits& limits) {
  ServerOptions options;
  options.limits = limits;
  return options;
}

TEST(Http2, SpokenOnTheSamePort) {
  TestServer server;
  Http2Client client(server.port());
  const Http2Answer answer = client.request("GET", "/hello");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.headers.at("content-type"), "text/plain");
  EXPECT_EQ(answer.headers.at("content-length"), "5");
  EXPECT_EQ(answer.headers.count("date"), 1u);
  EXPECT_EQ(request(server.client(), "GET", "/hello").body, "hello");
  EXPECT_EQ(server.server->counters().requests, 2u);
}

TEST(Http2, AgreedOnOverTls) {
  TestServer server;
  Http2Client::Options options;
  options.tls = true;
  Http2Client client(server.port(), options);
  EXPECT_EQ(client.protocol, "h2");
  const std::string body(300'000, 't');
  EXPECT_EQ(client.request("POST", "/echo", body).body, body);
  EXPECT_EQ(client.request("GET", "/stream?100").body.size(), 100'000u);
  ClientOptions older = server.client();
  older.tls = true;
  older.server_name = "localhost";
  older.ca_certificate = server.server->ca_certificate();
  EXPECT_EQ(request(older, "GET", "/hello").body, "hello");
}

TEST(Http2, BodiesOfEverySize) {
  TestServer server;
  Http2Client client(server.port());
  for (const size_t size : {1u, 16'384u, 65'535u, 65'536u, 131'073u, 3'000'000u}) {
    SCOPED_TRACE(size);
    const std::string body(size, 'b');
    EXPECT_EQ(client.request("POST", "/echo", body).body.size(), size);
    Headers length;
    length.add("content-length", std::to_string(size));
    EXPECT_EQ(client.request("POST", "/echo", body, length).body.size(), size);
  }
  EXPECT_EQ(client.request("POST", "/pieces", std::string(1'000'000, 'p')).body.substr(0, 8),
            "1000000 ");
}

TEST(Http2, StreamedAnswerHasTrailersAndNoLength) {
  TestServer server;
  Http2Client client(server.port());
  const Http2Answer answer = client.request("GET", "/stream?300");
  EXPECT_EQ(answer.body.size(), 300'000u);
  EXPECT_EQ(answer.headers.count("content-length"), 0u);
  EXPECT_EQ(answer.headers.count("transfer-encoding"), 0u);
  EXPECT_EQ(answer.trailers.at("x-trailer"), "end");
}

TEST(Http2, TrailersOfARequestAreRead) {
  TestServer server;
  Http2Client client(server.port());
  Http2Body body;
  body.text = "with trailers";
  body.trailers.add("x-checksum", "1");
  const int32_t id = client.begin("POST", "/echo", {}, &body);
  ASSERT_TRUE(client.wait_closed(id));
  EXPECT_EQ(client.answers[id].body, "with trailers");
}

TEST(Http2, AnswersWithoutABody) {
  TestServer server;
  Http2Client client(server.port());
  const Http2Answer head = client.request("HEAD", "/size?1000");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-length"), "1000");
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(client.request("HEAD", "/stream?3").body, "");
  const Http2Answer none = client.request("GET", "/status?204");
  EXPECT_EQ(none.status, 204);
  EXPECT_EQ(none.headers.count("content-length"), 0u);
  EXPECT_EQ(none.body, "");
}

TEST(Http2, HeadersOfAConnectionAreLeftOutAndLineBreaksBecomeSpaces) {
  TestServer server;
  Http2Client client(server.port());
  const Http2Answer closing = client.request("GET", "/close");
  EXPECT_EQ(closing.headers.count("connection"), 0u);
  EXPECT_EQ(client.request("GET", "/inject").headers.at("x-value"), "a  X-Injected: b");
}

TEST(Http2, ContinueIsSentWhenTheBodyIsWanted) {
  TestServer server;
  Http2Client client(server.port());
  Headers expects;
  expects.add("expect", "100-continue");
  Http2Body body;
  body.open = true;
  const int32_t read = client.begin("POST", "/echo", expects, &body);
  ASSERT_TRUE(client.until([&] { return client.answers[read].continues == 1; }));
  body.text = "wanted";
  body.open = false;
  client.resume(read);
  ASSERT_TRUE(client.wait_closed(read));
  EXPECT_EQ(client.answers[read].body, "wanted");

  Http2Body unwanted;
  unwanted.open = true;
  const int32_t refused = client.begin("POST", "/hello", expects, &unwanted);
  ASSERT_TRUE(client.until([&] { return client.answers[refused].ended; }));
  EXPECT_EQ(client.answers[refused].continues, 0);
  expects.set("expect", "miracles");
  EXPECT_EQ(client.request("POST", "/echo", "x", expects).status, 417);
}

TEST(Http2, ManyStreamsSideBySide) {
  TestServer server;
  Http2Client client(server.port());
  std::vector<int32_t> waiting;
  for (int i = 0; i < 100; ++i) waiting.push_back(client.begin("GET", "/wait"));
  client.send();
  ASSERT_TRUE(server.tally.wait("waiting", 100));
  EXPECT_EQ(client.request("POST", "/echo", "meanwhile").body, "meanwhile");
  EXPECT_EQ(server.tally.count("cancelled"), 0);
  for (const int32_t id : waiting) client.reset(id);
  EXPECT_TRUE(server.tally.wait("cancelled", 100));
  EXPECT_EQ(client.request("GET", "/hello").body, "hello");
}

TEST(Http2, StreamLimitHoldsAtItsEdge) {
  Limits limits;
  limits.streams = 2;
  TestServer server(limited(limits));
  RawClient client(server.port());
  ASSERT_TRUE(client.send(opening() + get2(1, "/wait") + get2(3, "/wait")));
  ASSERT_TRUE(server.tally.wait("waiting", 2));
  ASSERT_TRUE(client.send(get2(5, "/hello")));
  // RST_STREAM of stream 5: REFUSED_STREAM.
  EXPECT_TRUE(client.until(frame(3, 0, 5, number(7, 4))));
  EXPECT_EQ(server.tally.count("/hello"), 0);
}

TEST(Http2, ResetCancelsItsOwnExchangeOnly) {
  TestServer server;
  Http2Client client(server.port());
  const int32_t first = client.begin("GET", "/wait");
  client.begin("GET", "/wait");
  ASSERT_TRUE(server.tally.wait("waiting", 2));
  client.reset(first);
  EXPECT_TRUE(server.tally.wait("cancelled"));
  client.ping();
  ASSERT_TRUE(client.until([&] { return client.pings == 1; }));
  EXPECT_EQ(server.tally.count("cancelled"), 1);
}

TEST(Http2, ClientThatLeavesCancelsAll) {
  TestServer server;
  {
    Http2Client client(server.port());
    for (int i = 0; i < 3; ++i) client.begin("GET", "/wait");
    ASSERT_TRUE(server.tally.wait("waiting", 3));
  }
  EXPECT_TRUE(server.tally.wait("cancelled", 3));
}

TEST(Http2, HalfCloseCancelsAndTheAnswerStillArrives) {
  TestServer server;
  Http2Client client(server.port());
  const int32_t id = client.begin("GET", "/wait");
  ASSERT_TRUE(server.tally.wait("waiting"));
  client.half_close();
  client.until([&] { return client.answers[id].ended; });
  EXPECT_EQ(client.answers[id].body, "waited");
}

TEST(Http2, FailuresAreSeenByTheirStreamOnly) {
  TestServer server;
  Http2Client client(server.port());
  EXPECT_EQ(client.request("GET", "/fail").status, 500);
  EXPECT_EQ(client.request("GET", "/silent").status, 500);
  const Http2Answer half = client.request("GET", "/half");
  EXPECT_EQ(half.error, static_cast<uint32_t>(NGHTTP2_INTERNAL_ERROR));
  EXPECT_FALSE(half.ended);
  EXPECT_EQ(client.request("GET", "/hello").body, "hello");
}

TEST(Http2, UnreadBodyIsDroppedAndTheConnectionGoesOn) {
  TestServer server;
  Http2Client client(server.port());
  const Http2Answer small = client.request("POST", "/hello", std::string(100'000, 'u'));
  EXPECT_EQ(small.body, "hello");
  EXPECT_EQ(small.error, 0u);
  const Http2Answer large = client.request("POST", "/hello", std::string(5'000'000, 'u'));
  EXPECT_EQ(large.body, "hello");
  EXPECT_EQ(client.request("POST", "/too-large", std::string(5'000'000, 'u')).status, 413);
  EXPECT_EQ(client.request("POST", "/echo", std::string(600'000, 'e')).body.size(), 600'000u);
}

// The client gives no windows: of what is not read no more is sent than it allows.
TEST(Http2, AnswersWaitForTheClientsWindow) {
  TestServer server;
  Http2Client::Options options;
  options.read_bodies = false;
  options.window = 1'000;
  Http2Client client(server.port(), options);
  const int32_t id = client.begin("GET", "/stream?5");
  ASSERT_TRUE(client.until([&] { return client.answers[id].body.size() == 1'000; }));
  client.ping();
  ASSERT_TRUE(client.until([&] { return client.pings == 1; }));
  EXPECT_EQ(client.answers[id].body.size(), 1'000u);
  for (size_t seen = 0; !client.answers[id].ended;) {
    const size_t more = client.answers[id].body.size() - seen;
    seen += more;
    client.consume(id, more);
    const size_t before = seen;
    ASSERT_TRUE(client.until(
        [&] { return client.answers[id].body.size() > before || client.answers[id].ended; }));
  }
  EXPECT_EQ(client.answers[id].body.size(), 5'000u);
}

// A handler that reads nothing is sent no more than one window.
TEST(Http2, BodyNobodyReadsStopsAtItsWindow) {
  TestServer server;
  Http2Client client(server.port());
  Http2Body body;
  body.text.assign(1'000'000, 'w');
  client.begin("POST", "/wait", {}, &body);
  ASSERT_TRUE(server.tally.wait("waiting"));
  client.ping();
  ASSERT_TRUE(client.until([&] { return client.pings == 1; }));
  EXPECT_GE(body.at, 65'535u);
  EXPECT_LE(body.at, 128u * 1024);
  EXPECT_EQ(client.request("POST", "/echo", std::string(200'000, 'e')).body.size(), 200'000u);
}

TEST(Http2, BodyBudgetIsRespected) {
  Limits limits;
  limits.body_budget = 100'000;
  limits.budget_wait = milliseconds(5);
  TestServer server(limited(limits));
  Http2Client client(server.port());
  EXPECT_EQ(client.request("POST", "/echo", std::string(150'000, 'b')).status, 500);
  Headers length;
  length.add("content-length", "50000");
  EXPECT_EQ(client.request("POST", "/echo", std::string(30'000, 'b')).status, 200);
  EXPECT_EQ(client.request("POST", "/echo", std::string(50'000, 'b'), length).status, 200);
  EXPECT_EQ(client.request("POST", "/echo", std::string(50'000, 'b'), length).status, 200);
}

TEST(Http2, StopAnswersWhatWaitsAndSaysGoodbye) {
  TestServer server;
  Http2Client client(server.port());
  const int32_t id = client.begin("GET", "/wait");
  Http2Client idle(server.port());
  EXPECT_EQ(idle.request("GET", "/hello").status, 200);
  ASSERT_TRUE(server.tally.wait("waiting"));
  std::thread stopping([&] { server.server->stop(milliseconds(10'000)); });
  client.ended();
  idle.ended();
  stopping.join();
  EXPECT_EQ(client.answers[id].body, "waited");
  EXPECT_TRUE(client.goaway);
  EXPECT_EQ(client.goaway_error, 0u);
  EXPECT_TRUE(idle.goaway);
}

TEST(Http2, IdleConnectionsTimeOut) {
  Limits limits;
  limits.idle_timeout = milliseconds(20);
  TestServer server(limited(limits));
  Http2Client client(server.port());
  EXPECT_EQ(client.request("GET", "/hello").status, 200);
  client.ended();
  EXPECT_TRUE(client.goaway);
  EXPECT_EQ(client.goaway_error, 0u);
}

TEST(Http2, SilenceInABodyTimesOut) {
  Limits limits;
  limits.body_timeout = milliseconds(20);
  TestServer server(limited(limits));
  Http2Client client(server.port());
  Http2Body body;
  body.open = true;
  const int32_t id = client.begin("POST", "/echo", {}, &body);
  ASSERT_TRUE(client.wait_closed(id));
  EXPECT_NE(client.answers[id].error, 0u);
}

TEST(Http2, ReaderThatGivesNoWindowTimesOut) {
  Limits limits;
  limits.body_timeout = milliseconds(20);
  TestServer server(limited(limits));
  Http2Client::Options options;
  options.read_bodies = false;
  options.window = 100;
  Http2Client client(server.port(), options);
  const int32_t id = client.begin("GET", "/size?50000000");
  ASSERT_TRUE(client.wait_closed(id));
  EXPECT_NE(client.answers[id].error, 0u);
  EXPECT_EQ(client.answers[id].body.size(), 100u);
}

TEST(Http2, ReaderThatStopsReadingTheSocketTimesOut) {
  Limits limits;
  limits.body_timeout = milliseconds(20);
  TestServer server(limited(limits));
  RawClient client(server.port());
  // A window of 2 GiB: it is the socket that fills.
  const std::string window = frame(4, 0, 0, number(4, 2) + number(0x7fffffff, 4)) +
                             frame(8, 0, 0, number(0x7fff0000 - 1, 4));
  ASSERT_TRUE(client.send(opening() + window + get2(1, "/size?50000000")));
  ASSERT_TRUE(server.tally.wait("/size"));
  while (server.server->counters().open != 0) std::this_thread::yield();
  EXPECT_LT(client.rest().size(), 50'000'000u);
}

}  // namespace
}  // namespace paddock::http::testing
