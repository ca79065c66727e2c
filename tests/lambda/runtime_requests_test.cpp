#include "lambda/runtime_requests.hpp"

#include <gtest/gtest.h>

namespace paddock::lambda::runtime_requests_test {

using Kind = RuntimeRequest::Kind;
constexpr size_t kMostBody = 1000;
const std::string kHost = "Host: 127.0.0.1:9001\r\n";

std::optional<RuntimeRequest> take(const std::string& bytes) {
  RuntimeRequests requests(kMostBody);
  requests.add(bytes);
  return requests.take();
}

std::string post(const std::string& path, const std::string& body) {
  return "POST /2018-06-01/runtime/" + path + " HTTP/1.1\r\n" + kHost +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST(RuntimeRequests, EveryPathIsTold) {
  const auto next = take("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n" + kHost + "\r\n");
  ASSERT_TRUE(next);
  EXPECT_EQ(next->kind, Kind::next);
  EXPECT_TRUE(next->keep_alive);
  const auto response = take(post("invocation/id-1/response", "{}"));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->kind, Kind::response);
  EXPECT_EQ(response->id, "id-1");
  EXPECT_EQ(response->body, "{}");
  EXPECT_EQ(take(post("invocation/id-1/error", "{}"))->kind, Kind::error);
  EXPECT_EQ(take(post("init/error", "{}"))->kind, Kind::init_error);
  for (const char* path : {"", "invocation/next", "invocation//response", "invocation/x/other"}) {
    EXPECT_EQ(take(post(path, ""))->kind, Kind::unknown) << path;
  }
}

TEST(RuntimeRequests, ComeOutWhereverTheBytesAreCut) {
  const std::string chunked =
      "POST /2018-06-01/runtime/invocation/i/response HTTP/1.1\r\n" + kHost +
      "Transfer-Encoding: chunked\r\nTrailer: Lambda-Runtime-Function-Error-Type\r\n\r\n"
      "3\r\nabc\r\n4\r\ndefg\r\n0\r\nLambda-Runtime-Function-Error-Type: Broken\r\n\r\n";
  const std::string both = chunked + post("invocation/i/error", "second");
  for (size_t cut = 0; cut <= both.size(); ++cut) {
    RuntimeRequests requests(kMostBody);
    std::vector<RuntimeRequest> found;
    for (const std::string& piece : {both.substr(0, cut), both.substr(cut)}) {
      requests.add(piece);
      while (auto request = requests.take()) found.push_back(*request);
    }
    ASSERT_EQ(found.size(), 2u) << cut;
    EXPECT_EQ(found[0].body, "abcdefg");
    EXPECT_EQ(found[0].trailers.get("lambda-runtime-function-error-type"), "Broken");
    EXPECT_EQ(found[1].kind, Kind::error);
    EXPECT_EQ(found[1].body, "second");
  }
}

TEST(RuntimeRequests, ABodyBeyondTheLimitIsReadButNotKept) {
  for (const bool chunked : {false, true}) {
    RuntimeRequests requests(kMostBody);
    const std::string large(kMostBody + 1, 'x');
    requests.add(chunked ? "POST /2018-06-01/runtime/invocation/i/response HTTP/1.1\r\n" + kHost +
                               "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + large + "\r\n0\r\n\r\n"
                         : post("invocation/i/response", large));
    const auto request = requests.take();
    ASSERT_TRUE(request) << chunked;
    EXPECT_TRUE(request->body_too_large);
    EXPECT_EQ(request->body, "");
  }
  EXPECT_FALSE(take(post("invocation/i/response", std::string(kMostBody, 'x')))->body_too_large);
}

TEST(RuntimeRequests, WhatIsNoRequestIsRefused) {
  const std::string next = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n";
  EXPECT_EQ(take("garbage\r\n\r\n")->kind, Kind::refused);
  EXPECT_EQ(take(next + kHost + "Origin: http://evil.example\r\n\r\n")->status, 403);
  EXPECT_EQ(take(next + kHost + "X: " + std::string(70'000, 'x') + "\r\n\r\n")->status, 431);
  EXPECT_EQ(take(next + kHost + "Content-Length: -1\r\n\r\n")->status, 400);
  RuntimeRequests requests(kMostBody);
  requests.add("POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n0\r\n");
  for (int i = 0; i < 6; ++i) {
    requests.add("X: " + std::string(50'000, 'x') + "\r\n");
    if (auto request = requests.take()) {
      EXPECT_EQ(request->kind, Kind::refused);
      return;
    }
  }
  FAIL() << "trailers without end are taken";
}

TEST(RuntimeRequests, ABodyThatIsStreamedIsHandedOutAsItComes) {
  const std::string head = "POST /2018-06-01/runtime/invocation/i/response HTTP/1.1\r\n" + kHost +
                           "Lambda-Runtime-Function-Response-Mode: streaming\r\n";
  const std::string chunked = head +
                              "Transfer-Encoding: chunked\r\nTrailer: X-Error\r\n\r\n"
                              "3\r\nabc\r\n4\r\ndefg\r\n0\r\nX-Error: yes\r\n\r\n";
  const std::string sized = head + "Content-Length: 7\r\n\r\nabcdefg";
  for (const std::string& bytes : {chunked, sized}) {
    RuntimeRequests requests(kMostBody);
    requests.hand_out_streams(true);
    std::string text;
    std::optional<RuntimeRequest> request;
    for (const char byte : bytes) {
      requests.add(std::string(1, byte));
      request = requests.take();
      if (request) break;
      if (!requests.streams()) continue;
      EXPECT_EQ(requests.stream_id(), "i");
      text += requests.take_body();
    }
    ASSERT_TRUE(request);
    EXPECT_EQ(text + request->body, "abcdefg");
    EXPECT_FALSE(requests.streams());
    EXPECT_EQ(request->trailers.get("x-error"), bytes == chunked ? "yes" : "");
  }
}

TEST(RuntimeRequests, AStreamThatIsHandedOutMayBeLongerThanAnAnswer) {
  RuntimeRequests requests(kMostBody);
  requests.hand_out_streams(true);
  requests.add("POST /2018-06-01/runtime/invocation/i/response HTTP/1.1\r\n" + kHost +
               "Lambda-Runtime-Function-Response-Mode: streaming\r\nContent-Length: " +
               std::to_string(3 * kMostBody) + "\r\n\r\n");
  size_t total = 0;
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(requests.take());
    total += requests.take_body().size();
    requests.add(std::string(kMostBody, 'x'));
  }
  const auto request = requests.take();
  ASSERT_TRUE(request);
  EXPECT_FALSE(request->body_too_large);
  EXPECT_EQ(total + request->body.size(), 3 * kMostBody);
}

}  // namespace paddock::lambda::runtime_requests_test
