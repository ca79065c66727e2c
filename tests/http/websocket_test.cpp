// WebSockets as a handler sees them, with a client that sends frames as it likes.
#include "http/websocket.hpp"

#include <gtest/gtest.h>

#include "http/frame_guard.hpp"
#include "tests/http/http_test_support.hpp"
#include "tests/support/websocket_client.hpp"

namespace paddock::http::testing {
namespace {

using ::paddock::testing::Frame;
using ::paddock::testing::WebSocketClient;

// Sends every message back; "close" closes with 4001, "flood" sends until there is no room.
class EchoServer {
 public:
  EchoServer() : log_(LogLevel::warn, 2), server_(options(), clock_, log_, handler()) {
    server_.start();
  }

  uint16_t port() const { return server_.port(); }
  Server& server() { return server_; }
  WebSocketEnd end() {
    EXPECT_TRUE(tally_.wait("end"));
    std::lock_guard lock(mutex_);
    return end_;
  }
  Tally& tally() { return tally_; }

 private:
  static ServerOptions options() {
    ServerOptions options;
    options.port = 0;
    options.addresses = {"127.0.0.1"};
    return options;
  }
  Handler handler() {
    return [this](Exchange& exchange) { return serve(exchange); };
  }
  Task<void> serve(Exchange& exchange) {
    if (!is_websocket_handshake(exchange.head())) {
      Response response(400, "text/plain", "no");
      co_await exchange.respond(std::move(response));
      co_return;
    }
    WebSocketOptions options;
    options.headers.add("X-Mine", "yes");
    options.queued_bytes = 1024 * 1024;
    if (exchange.head().target == "/greeted") {
      options.on_accept = [](const std::shared_ptr<WebSocket>& open) {
        open->send(WebSocketMessage("welcome", false));
      };
    } else if (exchange.head().target == "/shut") {
      options.on_accept = [](const std::shared_ptr<WebSocket>& open) { open->close(4002, "shut"); };
    }
    options.on_frame = [this] { tally_.add("frame"); };
    options.on_closing = [this] { tally_.add("closing"); };
    auto socket = co_await accept_websocket(exchange, std::move(options));
    if (!socket) co_return;
    tally_.add("open");
    for (;;) {
      auto message = co_await socket->read();
      if (!message) break;
      if (message->data == "close") {
        socket->close(4001, "as told");
      } else if (message->data == "flood") {
        WebSocketMessage big(std::string(64 * 1024, 'x'), true);
        while (socket->send(big)) {
        }
        tally_.add("full");
      } else {
        socket->send(*std::move(message));
      }
    }
    {
      std::lock_guard lock(mutex_);
      end_ = socket->end();
    }
    tally_.add("end");
  }

  MachineClock clock_;
  Log log_;
  Tally tally_;
  std::mutex mutex_;
  WebSocketEnd end_;
  Server server_;
};

TEST(WebSocketTest, MessagesOfBothKindsAreSentBack) {
  EchoServer echo;
  WebSocketClient client(echo.port(), "localhost", "/");
  EXPECT_EQ(client.status(), 101);
  EXPECT_NE(client.head.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
            std::string::npos);
  EXPECT_NE(client.head.find("X-Mine: yes"), std::string::npos);
  client.send("hello");
  Frame text = *client.receive();
  EXPECT_EQ(text.opcode, 1);
  EXPECT_EQ(text.payload, "hello");
  client.send_frame(2, std::string("\0\xFF", 2));
  Frame binary = *client.receive();
  EXPECT_EQ(binary.opcode, 2);
  EXPECT_EQ(binary.payload, std::string("\0\xFF", 2));
  EXPECT_EQ(client.close(1000), 1000);
  WebSocketEnd end = echo.end();
  EXPECT_EQ(end.code, 1000);
  EXPECT_TRUE(end.by_client);
  EXPECT_EQ(echo.tally().count("closing"), 1);
}

TEST(WebSocketTest, FragmentsMakeOneMessageWithPingsBetween) {
  EchoServer echo;
  WebSocketClient client(echo.port(), "localhost", "/");
  client.send_frame(1, "one ", false);
  client.send_frame(9, "ping");
  client.send_frame(0, "two", true);
  Frame pong = *client.receive();
  EXPECT_EQ(pong.opcode, 10);
  EXPECT_EQ(pong.payload, "ping");
  EXPECT_EQ(client.message(), "one two");
}

TEST(WebSocketTest, WhatIsSentBeforeTheHandshakeIsAnsweredFollowsIt) {
  EchoServer echo;
  WebSocketClient greeted(echo.port(), "localhost", "/greeted");
  EXPECT_EQ(greeted.status(), 101);
  EXPECT_EQ(greeted.message(), "welcome");
  WebSocketClient shut(echo.port(), "localhost", "/shut");
  EXPECT_EQ(shut.status(), 101);
  Frame close = *shut.receive();
  EXPECT_EQ(close.opcode, 8);
  EXPECT_EQ(close.close_code(), 4002);
}

TEST(WebSocketTest, FramesThatComeWithTheHandshakeAreNotLost) {
  EchoServer echo;
  // Two frames right behind the head: "hi" and a close frame.
  WebSocketClient client(echo.port(), "localhost", "/", "");
  client.send_raw(std::string("\x81\x82\0\0\0\0hi\x88\x80\0\0\0\0", 14));
  EXPECT_EQ(client.message(), "hi");
  EXPECT_EQ(client.receive()->opcode, 8);
  EXPECT_FALSE(client.receive());
  EXPECT_EQ(echo.end().code, 1005);
}

TEST(WebSocketTest, AMessageOf128KiBPassesAndOneMoreByteEndsIt) {
  EchoServer echo;
  WebSocketClient client(echo.port(), "localhost", "/");
  const std::string part(32 * 1024, 'p');
  for (int i = 0; i < 4; ++i) client.send_frame(i == 0 ? 1 : 0, part, i == 3);
  EXPECT_EQ(client.message().size(), 128u * 1024);
  for (int i = 0; i < 4; ++i) client.send_frame(i == 0 ? 1 : 0, part, false);
  client.send_frame(0, "x", true);
  Frame close = *client.receive();
  EXPECT_EQ(close.opcode, 8);
  EXPECT_EQ(close.close_code(), 1009);
  EXPECT_FALSE(client.receive());
  EXPECT_EQ(echo.end().code, 1009);
}

TEST(WebSocketTest, AFrameOfMoreThan32KiBEndsItAfterWhatCameBefore) {
  EchoServer echo;
  WebSocketClient client(echo.port(), "localhost", "/");
  client.send("before");
  EXPECT_EQ(client.message(), "before");
  client.send_frame(1, std::string(32 * 1024 + 1, 'x'));
  Frame close = *client.receive();
  EXPECT_EQ(close.opcode, 8);
  EXPECT_EQ(close.close_code(), 1009);
  EXPECT_FALSE(client.receive());
  EXPECT_EQ(echo.end().code, 1009);
}

TEST(WebSocketTest, BrokenProtocolEndsIt) {
  for (int wrong = 0; wrong < 3; ++wrong) {
    EchoServer echo;
    WebSocketClient client(echo.port(), "localhost", "/");
    if (wrong == 0) client.send_frame(1, "unmasked", true, false);
    if (wrong == 1) client.send_frame(0, "continues nothing");
    if (wrong == 2) client.send_frame(1, "\xFF is no UTF-8");
    Frame close = *client.receive();
    EXPECT_EQ(close.opcode, 8);
    EXPECT_EQ(close.close_code(), wrong == 2 ? 1007 : 1002);
    EXPECT_FALSE(client.receive());
    EXPECT_EQ(echo.end().code, 1002);
  }
}

TEST(WebSocketTest, TheServerClosesWithItsCode) {
  EchoServer echo;
  WebSocketClient client(echo.port(), "localhost", "/");
  client.send("last");
  client.send("close");
  EXPECT_EQ(client.message(), "last");
  Frame close = *client.receive();
  EXPECT_EQ(close.opcode, 8);
  EXPECT_EQ(close.close_code(), 4001);
  EXPECT_EQ(close.payload.substr(2), "as told");
  client.send_close(4001);
  EXPECT_FALSE(client.receive());
  WebSocketEnd end = echo.end();
  EXPECT_EQ(end.code, 4001);
  EXPECT_FALSE(end.by_client);
}

TEST(WebSocketTest, AClientThatHangsUpIsNoticed) {
  EchoServer echo;
  WebSocketClient client(echo.port(), "localhost", "/");
  ASSERT_TRUE(echo.tally().wait("open"));
  client.drop();
  EXPECT_EQ(echo.end().code, 1006);
}

TEST(WebSocketTest, ASlowClientFillsItsQueueAndLosesNothing) {
  EchoServer echo;
  WebSocketClient client(echo.port(), "localhost", "/");
  client.send("flood");
  ASSERT_TRUE(echo.tally().wait("full"));
  for (int i = 0; i < 16; ++i) EXPECT_EQ(client.message().size(), 64u * 1024);
  client.send("still there");
  EXPECT_EQ(client.message(), "still there");
}

TEST(WebSocketTest, AStopOfTheServerSaysGoingAway) {
  EchoServer echo;
  WebSocketClient client(echo.port(), "localhost", "/");
  ASSERT_TRUE(echo.tally().wait("open"));
  std::thread stopping([&echo] { echo.server().stop(std::chrono::seconds(10)); });
  Frame close = *client.receive();
  EXPECT_EQ(close.opcode, 8);
  EXPECT_EQ(close.close_code(), 1001);
  client.send_close(1001);
  EXPECT_FALSE(client.receive());
  stopping.join();
}

TEST(WebSocketTest, OnlyAHandshakeIsOne) {
  const auto head = [](const std::string& name, const std::string& value) {
    RequestHead request;
    request.method = "GET";
    request.headers.add("Upgrade", "WebSocket");
    request.headers.add("Connection", "keep-alive, Upgrade");
    request.headers.add("Sec-WebSocket-Version", "13");
    request.headers.add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    if (!name.empty()) request.headers.set(name, value);
    return request;
  };
  EXPECT_TRUE(is_websocket_handshake(head("", "")));
  EXPECT_FALSE(is_websocket_handshake(head("Upgrade", "h2c")));
  EXPECT_FALSE(is_websocket_handshake(head("Connection", "close")));
  EXPECT_FALSE(is_websocket_handshake(head("Sec-WebSocket-Version", "8")));
  EXPECT_FALSE(is_websocket_handshake(head("Sec-WebSocket-Key", "short")));
  RequestHead post = head("", "");
  post.method = "POST";
  EXPECT_FALSE(is_websocket_handshake(post));
}

TEST(FrameGuardTest, FindsTheHeaderOfALongFrameWhereverItIsCut) {
  // A masked frame of 3 bytes, one of 126 and one of 200 that is too long.
  std::string stream("\x81\x83mask123", 9);
  stream += std::string("\x81\xFE\x00\x7Emask", 8) + std::string(126, 'a');
  const size_t good = stream.size();
  stream += std::string("\x81\xFE\x00\xC8mask", 8) + std::string(200, 'b');
  for (size_t step = 1; step < stream.size(); ++step) {
    FrameGuard guard(126);
    size_t passed = 0;
    for (size_t at = 0; at < stream.size() && !guard.violated(); at += step) {
      passed += guard.pass(std::string_view(stream).substr(at, step));
    }
    EXPECT_TRUE(guard.violated());
    EXPECT_GE(passed, good);
    EXPECT_LE(passed, good + 8);
  }
  FrameGuard huge(126);
  EXPECT_EQ(huge.pass(std::string("\x82\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10)), 0u);
  EXPECT_TRUE(huge.violated());
}

}  // namespace
}  // namespace paddock::http::testing
