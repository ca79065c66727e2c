#include "http/message.hpp"

#include <gtest/gtest.h>

#include "http/http1_answer.hpp"
#include "http/http1_parser.hpp"

namespace paddock::http {
namespace {

TEST(HttpHeaders, CompareWithoutCaseAndKeepDuplicates) {
  Headers headers;
  headers.add("X-One", "1");
  headers.add("x-one", "2");
  headers.add("Empty", "");
  EXPECT_EQ(headers.get("X-ONE"), "1");
  EXPECT_EQ(headers.all("x-One"), (std::vector<std::string_view>{"1", "2"}));
  EXPECT_TRUE(headers.has("empty"));
  EXPECT_FALSE(headers.has("absent"));
  headers.set("x-one", headers.get("x-one"));
  EXPECT_EQ(headers.all("x-one"), (std::vector<std::string_view>{"1"}));
  headers.remove("X-One");
  EXPECT_EQ(headers.size(), 1u);
}

TEST(HttpRequestHead, TargetIsSplit) {
  RequestHead head;
  head.set_target("/a%20b/c?x=1&y=?");
  EXPECT_EQ(head.path, "/a%20b/c");
  EXPECT_EQ(head.query, "x=1&y=?");
  head.set_target("/plain");
  EXPECT_EQ(head.path, "/plain");
  EXPECT_EQ(head.query, "");
}

TEST(HttpRequestHead, AbsoluteTargetReplacesTheHost) {
  RequestHead head;
  head.headers.add("Host", "proxy:3128");
  head.set_target("http://bucket.localhost:4566/key?x=http://other/");
  EXPECT_EQ(head.path, "/key");
  EXPECT_EQ(head.query, "x=http://other/");
  EXPECT_EQ(head.authority(), "bucket.localhost:4566");
  head.set_target("http://localhost");
  EXPECT_EQ(head.path, "/");
  head.set_target("/redirect?to=http://x/");
  EXPECT_EQ(head.path, "/redirect");
}

TEST(HttpRequestHead, HostLosesItsPortAndItsCase) {
  RequestHead head;
  for (const auto& [sent, host] :
       std::vector<std::pair<std::string, std::string>>{{"LocalHost:4566", "localhost"},
                                                        {"localhost", "localhost"},
                                                        {"[::1]:4566", "[::1]"},
                                                        {"[::1]", "[::1]"},
                                                        {"", ""}}) {
    head.headers.set("Host", sent);
    EXPECT_EQ(head.host(), host);
  }
}

TEST(HttpAnswerHead, NamesThatAreNoTokensAreRefused) {
  std::string out;
  Headers headers;
  headers.add("Bad Name", "v");
  EXPECT_THROW(append_answer_head(out, AnswerHead(), headers), std::invalid_argument);
}

TEST(HttpAnswerHead, WhatTheSessionOwnsIsLeftOut) {
  std::string out;
  Headers headers;
  headers.add("content-length", "999");
  headers.add("Transfer-Encoding", "gzip");
  headers.add("connection", "upgrade");
  headers.add("DATE", "never");
  headers.add("ETag", "\"e\"");
  AnswerHead head;
  head.status = 404;
  head.length = 3;
  head.date = "now";
  append_answer_head(out, head, headers);
  EXPECT_EQ(out, "HTTP/1.1 404 Not Found\r\nETag: \"e\"\r\nContent-Length: 3\r\nDate: now\r\n\r\n");
}

// However the bytes are cut, the parser finds the same.
TEST(HttpParser, CutAnywhere) {
  const std::string head_text =
      "POST /path?q HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n";
  const std::string text = head_text + "3\r\nabc\r\n4\r\ndefg\r\n0\r\nTrailer: t\r\n\r\n";
  for (size_t cut = 1; cut < text.size(); ++cut) {
    SCOPED_TRACE(cut);
    Http1Parser parser(1000);
    RequestHead head;
    parser.begin(head);
    std::string body;
    std::string held;
    for (const std::string& part : {text.substr(0, cut), text.substr(cut)}) {
      held += part;
      if (!parser.head_done()) held.erase(0, parser.put_head(held));
      if (parser.head_done()) held.erase(0, parser.put_chunked(held, body));
      ASSERT_FALSE(parser.refusal()) << parser.refusal().text;
    }
    EXPECT_TRUE(parser.chunked_done());
    EXPECT_EQ(held, "");
    EXPECT_EQ(body, "abcdefg");
    EXPECT_EQ(head.method, "POST");
    EXPECT_EQ(head.path, "/path");
    EXPECT_EQ(head.headers.size(), 3u);
  }
}

TEST(HttpParser, HeaderLimitCountsEveryByteOnce) {
  const std::string text = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  for (const bool fits : {true, false}) {
    Http1Parser parser(fits ? text.size() : text.size() - 1);
    RequestHead head;
    parser.begin(head);
    std::string held;
    for (const char c : text) {
      held += c;
      held.erase(0, parser.put_head(held));
      if (parser.refusal()) break;
    }
    EXPECT_EQ(parser.refusal().status, fits ? 0 : 431);
  }
}

}  // namespace
}  // namespace paddock::http
