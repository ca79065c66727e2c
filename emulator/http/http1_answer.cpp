#include "http/http1_answer.hpp"

#include <array>
#include <charconv>
#include <stdexcept>

#include "core/text.hpp"
#include "http/answer_rules.hpp"

namespace paddock::http {
namespace {

bool owned_by_session(std::string_view name) {
  switch (name.size()) {
    case 4:
      return equal_ignore_case(name, "date");
    case 10:
      return equal_ignore_case(name, "connection");
    case 14:
      return equal_ignore_case(name, "content-length");
    case 17:
      return equal_ignore_case(name, "transfer-encoding");
    default:
      return false;
  }
}

template <class Number>
void append_number(std::string& out, Number number, int base = 10) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  out.append(digits.data(), end);
}

}  // namespace

void append_fields(std::string& out, const Headers& headers) {
  for (const auto& [name, value] : headers) {
    if (owned_by_session(name)) continue;
    if (!is_token(name)) throw std::invalid_argument("no header can be named '" + name + "'");
    out.append(name).append(": ");
    append_value(out, value);
    out.append("\r\n");
  }
}

void append_answer_head(std::string& out, const AnswerHead& head, const Headers& headers) {
  if (head.status == 200) {
    out.append("HTTP/1.1 200 OK\r\n");
  } else {
    out.append("HTTP/1.1 ");
    append_number(out, head.status);
    out.append(" ").append(reason_phrase(head.status)).append("\r\n");
  }
  append_fields(out, headers);
  if (head.framing == Framing::length) {
    out.append("Content-Length: ");
    append_number(out, head.length);
    out.append("\r\n");
  } else if (head.framing == Framing::chunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  }
  if (!head.keep_alive) {
    out.append("Connection: close\r\n");
  } else if (head.version < 11) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("Date: ").append(head.date).append("\r\n\r\n");
}

void append_chunk_size(std::string& out, size_t bytes) {
  append_number(out, bytes, 16);
  out.append("\r\n");
}

}  // namespace paddock::http
