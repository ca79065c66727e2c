// Reads HTTP/1.x requests out of bytes, with the guards against request smuggling. Plain interface
// over Beast's parser; no I/O.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "http/refusal.hpp"

namespace paddock::http {

class Http1Parser {
 public:
  explicit Http1Parser(size_t header_limit);
  ~Http1Parser();

  // Begins the next request; its head is written into `head` as it is parsed.
  void begin(RequestHead& head);

  // Takes what it can from `bytes`, which must hold whatever an earlier call left; returns how many
  // it took. Stops after the header.
  size_t put_head(std::string_view bytes);
  bool head_done() const;
  // The same for a chunked body: at least one call's data is appended to `out`. Trailers are kept
  // within the header's limit.
  size_t put_chunked(std::string_view bytes, std::string& out);
  bool chunked_done() const;
  const Headers& trailers() const;  // of a chunked body that is done
  // Set when a put failed; the connection cannot go on.
  const Refusal& refusal() const;

  // Of a header that is done.
  bool keep_alive() const;
  bool chunked() const;
  int64_t content_length() const;  // -1 if not given
  bool expects_continue() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace paddock::http
