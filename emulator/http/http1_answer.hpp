// Writes HTTP/1.x answer heads as text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace paddock::http {

// How the end of a body is told.
enum class Framing {
  none,     // no body and no length: 1xx, 204, 304
  length,   // Content-Length
  chunked,  // Transfer-Encoding: chunked
  close,    // the end of the connection
};

struct AnswerHead {
  int status = 200;
  Framing framing = Framing::length;
  uint64_t length = 0;
  int version = 11;  // of the request
  bool keep_alive = true;
  std::string_view date;
};

// Appends status line and headers. Those that the session owns (Content-Length, Date, Connection,
// Transfer-Encoding) are left out of `headers`; line breaks in values become spaces. Throws
// std::invalid_argument for a name that is no token.
void append_answer_head(std::string& out, const AnswerHead& head, const Headers& headers);

// "name: value" lines of a chunked body's end, with the same rules.
void append_fields(std::string& out, const Headers& headers);

// The length of a chunk and its line break.
void append_chunk_size(std::string& out, size_t bytes);

}  // namespace paddock::http
