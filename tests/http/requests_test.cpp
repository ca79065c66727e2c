// Requests and answers over one connection: keep-alive, pipelining, bodies both ways, refusals.
#include "tests/http/http_test_support.hpp"

namespace paddock::http::testing {
namespace {

TEST(HttpRequests, SeveralOnOneConnection) {
  TestServer server;
  RawClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    const std::string body(static_cast<size_t>(i) * 700, 'b');
    ASSERT_TRUE(client.send(post("/echo", body)));
    const Answer answer = client.answer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, body);
    EXPECT_TRUE(answer.has("\r\nDate: "));
    EXPECT_FALSE(answer.has("Connection:"));
  }
  EXPECT_EQ(server.server->counters().accepted, 1u);
  EXPECT_EQ(server.server->counters().requests, 3u);
}

TEST(HttpRequests, PipelinedAreAnsweredInOrder) {
  TestServer server;
  RawClient client(server.port());
  std::string all;
  for (int i = 0; i < 200; ++i) all += post("/echo", "number " + std::to_string(i));
  ASSERT_TRUE(client.send(all));
  for (int i = 0; i < 200; ++i) EXPECT_EQ(client.answer().body, "number " + std::to_string(i));
}

TEST(HttpRequests, PipelinedAnswerIsNotHeldBackByAWaitingOne) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/hello") + get("/wait")));
  EXPECT_EQ(client.answer().body, "hello");
}

TEST(HttpRequests, ConnectionCloseIsKept) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/hello", "Connection: close\r\n")));
  EXPECT_TRUE(client.answer().has("Connection: close\r\n"));
  EXPECT_TRUE(client.ended());
  RawClient by_handler(server.port());
  ASSERT_TRUE(by_handler.send(get("/close")));
  EXPECT_TRUE(by_handler.answer().has("Connection: close\r\n"));
  EXPECT_TRUE(by_handler.ended());
}

TEST(HttpRequests, Http10ClosesUnlessAskedToKeepAlive) {
  TestServer server;
  RawClient closing(server.port());
  ASSERT_TRUE(closing.send("GET /hello HTTP/1.0\r\n\r\n"));
  EXPECT_EQ(closing.answer().body, "hello");
  EXPECT_TRUE(closing.ended());
  RawClient keeping(server.port());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(keeping.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    EXPECT_TRUE(keeping.answer().has("Connection: keep-alive\r\n"));
  }
}

TEST(HttpRequests, Http10StreamEndsWithTheConnection) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.send("GET /stream?2 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  const Answer answer = client.answer();
  EXPECT_TRUE(answer.has("Connection: close\r\n"));
  EXPECT_FALSE(answer.has("Transfer-Encoding"));
  EXPECT_EQ(client.rest(), std::string(1000, 'a') + std::string(1000, 'b'));
}

TEST(HttpRequests, HeadHasNoBody) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.send("HEAD /size?100 HTTP/1.1\r\nHost: localhost\r\n\r\n" + get("/hello")));
  EXPECT_TRUE(client.answer(true).has("Content-Length: 100\r\n"));
  EXPECT_EQ(client.answer().body, "hello");
  ASSERT_TRUE(client.send("HEAD /stream?3 HTTP/1.1\r\nHost: localhost\r\n\r\n" + get("/hello")));
  EXPECT_EQ(client.answer(true).status, 200);
  EXPECT_EQ(client.answer().body, "hello");
}

TEST(HttpRequests, NoContentAndNotModifiedHaveNoBody) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/status?204") + get("/status?304") + get("/hello")));
  const Answer none = client.answer();
  EXPECT_EQ(none.status, 204);
  EXPECT_FALSE(none.has("Content-Length"));
  EXPECT_EQ(client.answer().status, 304);
  EXPECT_EQ(client.answer().body, "hello");
}

TEST(HttpRequests, ChunkedBodiesAreRead) {
  TestServer server;
  RawClient client(server.port());
  const std::string head =
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  ASSERT_TRUE(client.send(
      head + "5\r\nhello\r\n6;name=value\r\n world\r\n0\r\nX-Trailer: t\r\n\r\n" + get("/hello")));
  EXPECT_EQ(client.answer().body, "hello world");
  EXPECT_EQ(client.answer().body, "hello");
}

TEST(HttpRequests, ChunkedBodyOfMegabytesIsRead) {
  TestServer server;
  RawClient client(server.port());
  std::string text = "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 30; ++i) text += "186a0\r\n" + std::string(100000, 'c') + "\r\n";
  ASSERT_TRUE(client.send(text + "0\r\n\r\n"));
  EXPECT_EQ(client.answer().body, std::string(3000000, 'c'));
}

TEST(HttpRequests, BodiesComeInPieces) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.send(post("/pieces", std::string(1000000, 'p'))));
  const std::string body = client.answer().body;
  EXPECT_EQ(body.substr(0, body.find(' ')), "1000000");
  EXPECT_LE(std::stoul(body.substr(body.find(' '))), 64u * 1024);
}

TEST(HttpRequests, StreamsAreChunkedWithTrailers) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/stream?2", "Connection: close\r\n")));
  EXPECT_TRUE(client.answer().has("Transfer-Encoding: chunked\r\n"));
  EXPECT_EQ(client.rest(), "3e8\r\n" + std::string(1000, 'a') + "\r\n3e8\r\n" +
                               std::string(1000, 'b') + "\r\n0\r\nX-Trailer: end\r\n\r\n");
}

TEST(HttpRequests, LargeStreamsWaitForTheReader) {
  TestServer server;
  ClientConnection client(server.client());
  const Response response = client.request("GET", "/stream?5000", {}, "");
  EXPECT_EQ(response.body.size(), 5000000u);
  EXPECT_EQ(client.request("GET", "/hello", {}, "").body, "hello");
}

TEST(HttpRequests, LargeAnswersArriveWhole) {
  TestServer server;
  ClientConnection client(server.client());
  for (const size_t size : {16u * 1024, 16u * 1024 + 1, 20'000'000u}) {
    EXPECT_EQ(client.request("GET", "/size?" + std::to_string(size), {}, "").body.size(), size);
  }
}

TEST(HttpRequests, ContinueIsSentOnlyWhenTheBodyIsRead) {
  TestServer server;
  RawClient reading(server.port());
  const std::string expect = "Expect: 100-continue\r\nContent-Length: 5\r\n";
  ASSERT_TRUE(reading.send("POST /echo HTTP/1.1\r\nHost: localhost\r\n" + expect + "\r\n"));
  EXPECT_EQ(reading.answer().head, "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(reading.send("after"));
  EXPECT_EQ(reading.answer().body, "after");

  RawClient refused(server.port());
  ASSERT_TRUE(refused.send("POST /status?403 HTTP/1.1\r\nHost: localhost\r\n" + expect + "\r\n"));
  const Answer answer = refused.answer();
  EXPECT_EQ(answer.status, 403);
  EXPECT_TRUE(answer.has("Connection: close\r\n"));
  EXPECT_TRUE(refused.ended());
}

TEST(HttpRequests, BodyLimitOfTheHandlerHoldsAtItsEdge) {
  TestServer server;
  RawClient client(server.port());
  const std::string chunked =
      "POST /too-large HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  ASSERT_TRUE(client.send(post("/too-large", std::string(10, 'x'))));
  EXPECT_EQ(client.answer().status, 200);
  ASSERT_TRUE(client.send(post("/too-large", std::string(11, 'x'))));
  EXPECT_EQ(client.answer().status, 413);
  ASSERT_TRUE(client.send(chunked + "a\r\n0123456789\r\n0\r\n\r\n"));
  EXPECT_EQ(client.answer().status, 200);
  ASSERT_TRUE(client.send(chunked + "b\r\n01234567890\r\n0\r\n\r\n"));
  EXPECT_EQ(client.answer().status, 413);
}

TEST(HttpRequests, UnreadShortBodyIsDrainedAndTheConnectionGoesOn) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.send(post("/hello", std::string(200 * 1024, 'u')) + get("/hello")));
  EXPECT_FALSE(client.answer().has("Connection: close"));
  EXPECT_EQ(client.answer().body, "hello");
}

TEST(HttpRequests, UnreadLongBodyIsAnsweredBeforeTheConnectionEnds) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.send("POST /status?403 HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
                          std::to_string(1 << 30) + "\r\n\r\n" + std::string(100 * 1024, 'u')));
  const Answer answer = client.answer();
  EXPECT_EQ(answer.status, 403);
  EXPECT_TRUE(answer.has("Connection: close\r\n"));
  EXPECT_TRUE(client.ended());  // half-closed, though the body has not come
}

TEST(HttpRequests, HandlerFailuresAre500AndTheConnectionGoesOn) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/fail") + get("/silent") + get("/hello")));
  EXPECT_EQ(client.answer().status, 500);
  EXPECT_EQ(client.answer().status, 500);
  EXPECT_EQ(client.answer().body, "hello");
}

TEST(HttpRequests, FailureInTheMiddleOfAStreamBreaksIt) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/half")));
  const std::string all = client.rest();
  EXPECT_EQ(all.find("0\r\n\r\n"), std::string::npos);
  EXPECT_TRUE(client.broken());
}

TEST(HttpRequests, HeaderValuesCannotInjectHeaders) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/inject")));
  const Answer answer = client.answer();
  EXPECT_TRUE(answer.has("X-Value: a  X-Injected: b\r\n"));
  EXPECT_FALSE(answer.has("\r\nX-Injected"));
}

TEST(HttpRequests, HalfClosedClientGetsItsAnswer) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.send(post("/echo", "last words")));
  client.half_close();
  EXPECT_EQ(client.answer().body, "last words");
  EXPECT_TRUE(client.ended());
}

}  // namespace
}  // namespace paddock::http::testing
