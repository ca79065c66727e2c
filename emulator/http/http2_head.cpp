#include "http/http2_head.hpp"

#include <charconv>

#include "core/text.hpp"

namespace paddock::http {
namespace http2_heads {

constexpr size_t kFieldOverhead = 32;  // RFC 9113, 6.5.2

}  // namespace http2_heads

void Http2HeadReader::put(std::string_view name, std::string_view value) {
  if (refusal_) return;
  size_ += name.size() + value.size() + http2_heads::kFieldOverhead;
  if (size_ > limit_) {
    refusal_ = Refusal(431, "The request line and headers are too large.");
  } else if (name.starts_with(':')) {
    put_pseudo(name, value);
  } else if (name == "host") {
    put_host(value);
  } else if (name == "cookie") {
    // RFC 9113, 8.2.3: may come in crumbs.
    if (!cookies_.empty()) cookies_ += "; ";
    cookies_ += value;
  } else {
    if (name == "content-length") put_length(value);
    if (name == "expect") {
      expects_continue_ = equal_ignore_case(value, "100-continue");
      if (!expects_continue_) {
        refusal_ = Refusal(417, "The expectation is unknown; only 100-continue is.");
      }
    }
    head_.headers.add(name, value);
  }
}

void Http2HeadReader::put_pseudo(std::string_view name, std::string_view value) {
  if (name == ":method") {
    head_.method = value;
  } else if (name == ":path") {
    path_ = value;
  } else if (name == ":authority") {
    authority_ = value;
    head_.headers.add("host", value);
  }
}

// Stands for :authority where that is missing, and must not differ from it.
void Http2HeadReader::put_host(std::string_view value) {
  if (!head_.headers.has("host")) {
    head_.headers.add("host", value);
  } else if (!equal_ignore_case(head_.headers.get("host"), value)) {
    refusal_ = Refusal(400, "The request has several Host headers.");
  }
}

void Http2HeadReader::put_length(std::string_view value) {
  const auto [end, error] =
      std::from_chars(value.data(), value.data() + value.size(), content_length_);
  if (error != std::errc() || end != value.data() + value.size() || content_length_ < 0) {
    content_length_ = -1;
    refusal_ = Refusal(400, "Content-Length is malformed.");
  }
}

void Http2HeadReader::finish() {
  if (!cookies_.empty()) head_.headers.add("cookie", cookies_);
  head_.version = 20;
  head_.set_target(path_.empty() ? authority_ : path_);  // CONNECT has an authority only
}

}  // namespace paddock::http
