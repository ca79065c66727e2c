#include "http/client.hpp"

#include "tests/http/http_test_support.hpp"

namespace paddock::http::testing {
namespace {

TEST(HttpClient, OpensAgainWhatTheServerClosedBetweenTwoRequests) {
  ServerOptions options;
  options.limits.idle_timeout = std::chrono::milliseconds(20);
  TestServer server(options);
  ClientConnection client(server.client());
  EXPECT_EQ(client.request("GET", "/hello", {}, "").body, "hello");
  while (server.server->counters().open != 0) std::this_thread::yield();
  EXPECT_EQ(client.request("GET", "/hello", {}, "").body, "hello");
  EXPECT_EQ(server.server->counters().accepted, 2u);
}

TEST(HttpClient, SendsWhatItIsGiven) {
  TestServer server;
  Headers headers;
  headers.add("Host", "somewhere.localhost");
  headers.add("X-Value", "v");
  const Response answer = request(server.client(), "PUT", "/echo?a=b", headers, "body");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.get("content-type"), "application/octet-stream");
  EXPECT_EQ(answer.body, "body");
  EXPECT_EQ(request(server.client(), "HEAD", "/size?100").headers.get("content-length"), "100");
}

TEST(HttpClient, SaysWhichHostDidNotAnswer) {
  uint16_t port;
  {
    TestServer server;
    port = server.port();
  }
  ClientOptions options;
  options.port = port;
  try {
    request(options, "GET", "/");
    FAIL() << "an answer from nobody";
  } catch (const ClientError& error) {
    EXPECT_NE(std::string(error.what()).find("127.0.0.1:" + std::to_string(port)),
              std::string::npos);
  }
}

TEST(HttpClient, GivesUpInTime) {
  TestServer server;
  ClientOptions options = server.client();
  options.timeout = std::chrono::milliseconds(50);
  EXPECT_THROW(request(options, "GET", "/wait"), ClientError);
}

TEST(HttpClient, BoundsTheAnswer) {
  TestServer server;
  ClientOptions options = server.client();
  options.answer_limit = 100;
  EXPECT_EQ(request(options, "GET", "/size?100").body.size(), 100u);
  EXPECT_THROW(request(options, "GET", "/size?101"), ClientError);
}

}  // namespace
}  // namespace paddock::http::testing
