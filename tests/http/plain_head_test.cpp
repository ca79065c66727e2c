// What read_plain_head takes, Beast's parser reads in the same way: a head that comes in two pieces
// is Beast's.
#include "http/plain_head.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "http/http1_parser.hpp"

namespace paddock::http {
namespace {

constexpr size_t kLimit = 8192;

const std::vector<std::string> kPlainHeads = {
    "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: localhost:4566\r\nContent-Length: 12\r\n\r\n",
    "POST /a/b.c?d=e&f=%20+ HTTP/1.1\r\nhost:h\r\nConnection: Keep-Alive\r\nEmpty:\r\n"
    "X-Amz-Target:\t DynamoDB_20120810.GetItem \t\r\nX-Quote: \"a\", b; c=d\r\n\r\n",
    "DELETE //x HTTP/1.1\r\nA: 1\r\nHost: h\r\nA: 2\r\ncontent-length: 0\r\n\r\n",
};

// Everything that a parser says of a head.
std::string parsed(std::string_view text, size_t cut) {
  RequestHead head;
  Http1Parser parser(kLimit);
  parser.begin(head);
  size_t taken = parser.put_head(text.substr(0, cut));
  if (!parser.refusal() && !parser.head_done()) taken += parser.put_head(text.substr(taken));
  if (parser.refusal()) return "refused " + std::to_string(parser.refusal().status);
  if (!parser.head_done()) return "not done";
  std::string out = head.method + ' ' + head.target + ' ' + head.path + ' ' + head.query + ' ' +
                    std::to_string(head.version) + '\n';
  for (const auto& [name, value] : head.headers) out += name + '=' + value + '\n';
  return out + std::to_string(taken) + ' ' + std::to_string(parser.content_length()) +
         (parser.keep_alive() ? " keep" : " close") + (parser.chunked() ? " chunked" : "") +
         (parser.expects_continue() ? " expects" : "");
}

TEST(HttpPlainHead, IsReadAsInPieces) {
  for (const std::string& text : kPlainHeads) {
    RequestHead head;
    const auto plain = read_plain_head(text + "body", kLimit, head);
    ASSERT_TRUE(plain) << text;
    EXPECT_EQ(plain->bytes, text.size());
    const std::string whole = parsed(text + "body", text.size() + 4);
    for (size_t cut = 1; cut < text.size(); ++cut) {
      ASSERT_EQ(parsed(text + "body", cut), whole) << text << " cut at " << cut;
    }
  }
}

TEST(HttpPlainHead, LeavesEverythingElse) {
  for (const std::string_view text : {
           "",
           "GET / HTTP/1.1\r\n",
           "GET / HTTP/1.1\r\nHost: h\r\n",
           "GET / HTTP/1.1\r\n\r\n",
           "GET / HTTP/1.0\r\nHost: h\r\n\r\n",
           "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n",
           "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
           "GET / x HTTP/1.1\r\nHost: h\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n",
           "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: h\r\nA: \xC3\xBC\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: h\r\nA: b\tc\r\n\r\n",
           "GET / HTTP/1.1\nHost: h\n\n",
           "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: h\r\nProxy-Connection: close\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1 2\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999999999999\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
       }) {
    RequestHead head;
    EXPECT_FALSE(read_plain_head(text, kLimit, head)) << text;
  }
  RequestHead head;
  EXPECT_FALSE(read_plain_head(kPlainHeads[0], kPlainHeads[0].size() - 1, head));
}

TEST(HttpPlainHead, EveryChangedByteIsReadAsInPieces) {
  for (const std::string& text : kPlainHeads) {
    for (size_t at = 0; at < text.size(); ++at) {
      for (const char byte :
           {'\0', '\t', '\n', '\r', ' ', '"', '-', '/', ':', '0', 'C', '\x7f', '\xC3'}) {
        std::string changed = text;
        changed[at] = byte;
        changed += "body";
        ASSERT_EQ(parsed(changed, changed.size()), parsed(changed, 1))
            << "byte " << int{byte} << " at " << at << " of\n"
            << text;
      }
    }
  }
}

}  // namespace
}  // namespace paddock::http
