// Makes a request's head out of the fields that nghttp2 has decoded and checked (RFC 9113, 8.3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "http/refusal.hpp"

namespace paddock::http {

class Http2HeadReader {
 public:
  // Writes into `head`, which must outlive it. `limit`: bytes of names and values, with 32 for each
  // field as RFC 9113, 6.5.2 counts them; beyond it nothing more is kept.
  Http2HeadReader(RequestHead& head, size_t limit) : head_(head), limit_(limit) {}

  void put(std::string_view name, std::string_view value);
  void finish();

  const Refusal& refusal() const { return refusal_; }
  bool expects_continue() const { return expects_continue_; }
  int64_t content_length() const { return content_length_; }  // -1 if not given

 private:
  void put_pseudo(std::string_view name, std::string_view value);
  void put_host(std::string_view value);
  void put_length(std::string_view value);

  RequestHead& head_;
  const size_t limit_;
  size_t size_ = 0;
  std::string path_;
  std::string authority_;
  std::string cookies_;
  Refusal refusal_;
  bool expects_continue_ = false;
  int64_t content_length_ = -1;
};

}  // namespace paddock::http
