// A server with a handler that does by path what the tests need, and a client that sends bytes as
// they are given.
#pragma once

#include <algorithm>
#include <atomic>
#include <charconv>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "http/client.hpp"
#include "http/server.hpp"

namespace paddock::http::testing {

// Counts that tests wait for.
class Tally {
 public:
  void add(const std::string& name) {
    std::lock_guard lock(mutex_);
    ++counts_[name];
    changed_.notify_all();
  }
  int count(const std::string& name) {
    std::lock_guard lock(mutex_);
    return counts_[name];
  }
  bool wait(const std::string& name, int at_least = 1) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10),
                             [&] { return counts_[name] >= at_least; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, int> counts_;
};

// Does what the path says; the query is a number where one is needed.
class TestHandler {
 public:
  explicit TestHandler(Tally& tally) : tally_(tally) {}

  Task<void> operator()(Exchange& exchange) const { return serve(tally_, exchange); }

 private:
  static Task<void> serve(Tally& tally, Exchange& exchange) {
    const std::string path = exchange.head().path;
    tally.add(path);
    if (path == "/echo") {
      std::string body = co_await exchange.read_all(kEchoLimit);
      Response response(200, "application/octet-stream", std::move(body));
      co_await exchange.respond(std::move(response));
    } else if (path == "/pieces") {
      co_await pieces(exchange);
    } else if (path == "/stream") {
      co_await stream(exchange);
    } else if (path == "/wait") {
      co_await wait(tally, exchange);
    } else if (path == "/too-large") {
      co_await too_large(exchange);
    } else if (path == "/fail") {
      throw std::runtime_error("a failure of the test");
    } else if (path == "/silent") {
      co_return;
    } else if (path == "/half") {
      Headers headers;
      co_await exchange.start(200, headers);
      std::string piece = "some";
      co_await exchange.write(std::move(piece));
      throw std::runtime_error("a failure in the middle");
    } else {
      co_await plain(exchange);
    }
  }

  // "/status?204", "/size?100000": answers without reading the body.
  static Task<void> plain(Exchange& exchange) {
    const RequestHead& head = exchange.head();
    const int status = head.path == "/status" ? std::stoi(head.query) : 200;
    std::string body = head.path == "/size" ? std::string(std::stoul(head.query), 'x') : "hello";
    Response response(status, "text/plain", std::move(body));
    if (head.path == "/inject") response.headers.add("X-Value", "a\r\nX-Injected: b");
    if (head.path == "/close") response.headers.add("Connection", "close");
    co_await exchange.respond(std::move(response));
  }

  static Task<void> pieces(Exchange& exchange) {
    size_t total = 0;
    size_t largest = 0;
    for (;;) {
      const std::string piece = co_await exchange.read();
      if (piece.empty()) break;
      total += piece.size();
      largest = std::max(largest, piece.size());
    }
    Response response(200, "text/plain", std::to_string(total) + " " + std::to_string(largest));
    co_await exchange.respond(std::move(response));
  }

  static Task<void> stream(Exchange& exchange) {
    Headers headers;
    headers.add("Content-Type", "text/plain");
    co_await exchange.start(200, headers);
    for (int i = 0; i < std::stoi(exchange.head().query); ++i) {
      std::string piece(1000, static_cast<char>('a' + i % 26));
      co_await exchange.write(std::move(piece));
    }
    Headers trailers;
    trailers.add("X-Trailer", "end");
    co_await exchange.finish(trailers);
  }

  static Task<void> too_large(Exchange& exchange) {
    bool refused = false;
    try {
      co_await exchange.read_all(10);
    } catch (const BodyTooLarge&) {
      refused = true;
    }
    Response response(refused ? 413 : 200, "text/plain", "judged");
    co_await exchange.respond(std::move(response));
  }

  // Waits until it is cancelled.
  static Task<void> wait(Tally& tally, Exchange& exchange) {
    auto timer = std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor);
    timer->expires_at(asio::steady_timer::time_point::max());
    Cancelled cancelled = exchange.cancelled();
    cancelled.listen([timer] { timer->cancel(); });
    tally.add("waiting");
    if (!cancelled.fired()) co_await timer->async_wait(asio::as_tuple(use_task));
    tally.add("cancelled");
    Response response(200, "text/plain", "waited");
    co_await exchange.respond(std::move(response));
  }

  static constexpr size_t kEchoLimit = 8 * 1024 * 1024;
  Tally& tally_;
};

class TestServer {
 public:
  explicit TestServer(ServerOptions options = {}) {
    options.port = 0;
    server = std::make_unique<Server>(options, clock, log, TestHandler(tally));
    server->start();
  }

  uint16_t port() const { return server->port(); }
  ClientOptions client() const {
    ClientOptions options;
    options.port = server->port();
    return options;
  }

  MachineClock clock;
  Log log{LogLevel::off, 2};
  Tally tally;
  std::unique_ptr<Server> server;
};

struct Answer {
  int status = 0;  // 0: the connection ended before an answer
  std::string head;
  std::string body;

  bool has(const std::string& text) const { return head.find(text) != std::string::npos; }
};

// A blocking connection that sends what it is given. Reads give up after ten seconds.
class RawClient {
 public:
  explicit RawClient(uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval limit{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    connected = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawClient() { close(); }
  RawClient(RawClient&& other) noexcept
      : connected(other.connected), fd_(std::exchange(other.fd_, -1)) {}

  // False if the server has closed.
  bool send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  void half_close() { ::shutdown(fd_, SHUT_WR); }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

  // One answer with a Content-Length, or none.
  Answer answer(bool to_head = false) {
    Answer answer;
    size_t end;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!fill()) return answer;
    }
    answer.head = buffer_.substr(0, end + 4);
    buffer_.erase(0, end + 4);
    answer.status = std::stoi(answer.head.substr(9, 3));
    const size_t at = answer.head.find("Content-Length: ");
    if (to_head || at == std::string::npos) return answer;
    const size_t length = std::stoul(answer.head.substr(at + 16));
    while (buffer_.size() < length && fill()) {
    }
    answer.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
    return answer;
  }
  // Everything until the server closes.
  std::string rest() {
    while (fill()) {
    }
    return std::exchange(buffer_, {});
  }
  // Waits for `text`.
  bool until(const std::string& text) {
    while (buffer_.find(text) == std::string::npos) {
      if (!fill()) return false;
    }
    buffer_.erase(0, buffer_.find(text) + text.size());
    return true;
  }
  // The server has closed in order, and nothing more was sent.
  bool ended() { return buffer_.empty() && !fill() && last_ == 0; }
  // The last read found a broken connection.
  bool broken() const { return last_ < 0; }

  bool connected = false;

 private:
  bool fill() {
    char bytes[16 * 1024];
    last_ = ::recv(fd_, bytes, sizeof bytes, 0);
    if (last_ <= 0) return false;
    buffer_.append(bytes, static_cast<size_t>(last_));
    return true;
  }

  int fd_;
  ssize_t last_ = -1;
  std::string buffer_;
};

inline std::string get(const std::string& target, const std::string& more = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
}
inline std::string post(const std::string& target, const std::string& body,
                        const std::string& more = "") {
  return "POST " + target +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         more + "\r\n" + body;
}

}  // namespace paddock::http::testing
