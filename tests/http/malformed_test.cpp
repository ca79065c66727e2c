// What is no request, or wants to be two: refused with a status and a closed connection.
#include "tests/http/http_test_support.hpp"

namespace paddock::http::testing {
namespace {

struct Case {
  const char* name;
  std::string request;
  int status;
};

const Case kCases[] = {
    {"no request line", "nonsense\r\n\r\n", 400},
    {"a method that is no token", "G@T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"no target", "GET HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"a control character in the target", "GET /\x01 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: h\r\n\r\n", 505},
    {"HTTP/0.9", "GET / HTTP/0.9\r\nHost: h\r\n\r\n", 505},
    {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
    {"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
    {"a header without a colon", "GET / HTTP/1.1\r\nHost: h\r\nBroken\r\n\r\n", 400},
    {"a space before the colon", "GET / HTTP/1.1\r\nHost: h\r\nA : b\r\n\r\n", 400},
    {"a header name with a comma", "GET / HTTP/1.1\r\nHost: h\r\nA,B: c\r\n\r\n", 400},
    {"an empty header name", "GET / HTTP/1.1\r\nHost: h\r\n: c\r\n\r\n", 400},
    {"a NUL in a value", std::string("GET / HTTP/1.1\r\nHost: h\r\nA: b\0c\r\n\r\n", 35), 400},
    {"a bare line feed", "GET / HTTP/1.1\nHost: h\n\n\r\n\r\n", 505},
    {"a bare carriage return in a value", "GET / HTTP/1.1\r\nHost: h\r\nA: b\rc\r\n\r\n", 400},
    {"length and chunks",
     "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: "
     "chunked\r\n\r\n0\r\n\r\n",
     400},
    {"chunks and length",
     "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
     "Content-Length: 3\r\n\r\n0\r\n\r\n",
     400},
    {"two different lengths",
     "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400},
    {"two different lengths in a list",
     "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 4\r\n\r\nabcd", 400},
    {"a negative length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -3\r\n\r\n", 400},
    {"a signed length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\nabc", 400},
    {"a length in words", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: three\r\n\r\n", 400},
    {"an empty length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n", 400},
    {"a length of more than 63 bits",
     "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551615\r\n\r\n", 400},
    {"an unknown transfer encoding",
     "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
    {"two transfer encodings",
     "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
    {"chunked twice",
     "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
     "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     400},
    {"chunks with HTTP/1.0",
     "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"an unknown expectation", "POST / HTTP/1.1\r\nHost: h\r\nExpect: a-pony\r\n\r\n", 417},
    {"a chunk size that is no number",
     "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
    {"a chunk size of more than 64 bits",
     "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
     "chunked\r\n\r\n11111111111111111\r\n",
     400},
    {"a chunk longer than its size",
     "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
     "chunked\r\n\r\n2\r\nabcdef\r\n0\r\n\r\n",
     400},
};

TEST(HttpMalformed, IsRefusedAndTheConnectionClosed) {
  TestServer server;
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    RawClient client(server.port());
    ASSERT_TRUE(client.send(c.request + get("/smuggled")));
    client.half_close();
    const Answer answer = client.answer();
    EXPECT_EQ(answer.status, c.status);
    EXPECT_TRUE(answer.has("Connection: close\r\n"));
    EXPECT_FALSE(answer.body.empty());
    EXPECT_EQ(client.rest(), "");
  }
  EXPECT_EQ(server.tally.count("/smuggled"), 0);
}

TEST(HttpMalformed, EqualLengthsAndEmptyLinesBeforeARequestAreNoFault) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(
      client.send("\r\n\r\nPOST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
                  "Content-Length: 3\r\n\r\nabc"));
  EXPECT_EQ(client.answer().body, "abc");
}

// A request whose head has exactly `size` bytes.
std::string head_of(size_t size) {
  const std::string frame = get("/hello", "X-Filler: \r\n");
  return get("/hello", "X-Filler: " + std::string(size - frame.size(), 'f') + "\r\n");
}

TEST(HttpMalformed, HeaderLimitHoldsAtItsEdge) {
  ServerOptions options;
  options.limits.header_bytes = 10'000;
  TestServer server(options);
  RawClient client(server.port());
  ASSERT_TRUE(client.send(head_of(10'000)));
  EXPECT_EQ(client.answer().status, 200);
  ASSERT_TRUE(client.send(head_of(10'001)));
  EXPECT_EQ(client.answer().status, 431);
  EXPECT_TRUE(client.ended());
}

TEST(HttpMalformed, EndlessHeadersAreRefusedWithoutTheirEnd) {
  TestServer server;
  RawClient lines(server.port());
  std::string text = "GET / HTTP/1.1\r\nHost: h\r\n";
  while (text.size() <= 64 * 1024) text += "X-Header: value\r\n";
  ASSERT_TRUE(lines.send(text));
  EXPECT_EQ(lines.answer().status, 431);
  RawClient target(server.port());
  ASSERT_TRUE(target.send("GET /" + std::string(64 * 1024, 't')));
  EXPECT_EQ(target.answer().status, 431);
}

TEST(HttpMalformed, EndlessChunkExtensionIsRefused) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;" +
                          std::string(200 * 1024, 'e')));
  EXPECT_EQ(client.answer().status, 400);
}

TEST(HttpMalformed, BodyCutOffEndsTheConnection) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc"));
  client.half_close();
  EXPECT_EQ(client.rest(), "");
  EXPECT_TRUE(server.tally.wait("/echo"));
}

}  // namespace
}  // namespace paddock::http::testing
