#include "http/http1_parser.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "core/text.hpp"
#include "http/plain_head.hpp"

namespace paddock::http {
// Named, not anonymous: Impl has a Message, and unity builds warn.
namespace parser_detail {

namespace beast_http = boost::beast::http;
using ParseError = boost::beast::error_code;
using BeastView = boost::beast::string_view;

inline std::string_view plain(BeastView text) {
  return {text.data(), text.size()};
}

inline Refusal refusal_of(const ParseError& error) {
  switch (static_cast<beast_http::error>(error.value())) {
    case beast_http::error::header_limit:
      return {431, "The request line and headers are too large."};
    case beast_http::error::bad_version:
      return {505, "Only HTTP/1.0 and HTTP/1.1 are spoken here."};
    case beast_http::error::bad_method:
      return {400, "The request's method is malformed."};
    case beast_http::error::bad_target:
      return {400, "The request's target is malformed."};
    case beast_http::error::bad_field:
      return {400, "A header's name is malformed."};
    case beast_http::error::bad_value:
      return {400, "A header's value is malformed."};
    case beast_http::error::multiple_content_length:
      return {400, "The request has several different Content-Length headers."};
    case beast_http::error::bad_content_length:
      return {400, "Content-Length is malformed."};
    case beast_http::error::bad_transfer_encoding:
      return {400, "Transfer-Encoding is malformed, or came together with Content-Length."};
    case beast_http::error::bad_chunk:
    case beast_http::error::bad_chunk_extension:
      return {400, "A chunk of the body is malformed."};
    default:
      return {400, "The request is malformed."};
  }
}

// For what read_plain_head leaves. Writes what Beast's parser finds straight into our types. One
// per message: Beast's parsers cannot begin again.
class Message final : public beast_http::basic_parser<true> {
 public:
  Message(RequestHead& head, size_t trailer_limit) : head_(head), trailer_room_(trailer_limit) {
    body_limit(boost::none);
    // Our own limit counts all bytes of the header, Beast's those of one pass.
    header_limit(std::numeric_limits<std::uint32_t>::max());
  }

  Refusal refusal;
  std::string* body = nullptr;
  bool expects_continue = false;
  Headers trailers;

 private:
  void refuse(int status, std::string_view text, ParseError& error) {
    refusal = Refusal(status, text);
    error = beast_http::error::bad_value;
  }

  void on_request_impl(beast_http::verb, BeastView method, BeastView target, int version,
                       ParseError&) override {
    head_.method = plain(method);
    head_.target = plain(target);
    head_.version = version;
  }
  void on_response_impl(int, BeastView, int, ParseError&) override {}

  void on_field_impl(beast_http::field name, BeastView name_text, BeastView value,
                     ParseError& error) override {
    if (body != nullptr) return keep_trailer(plain(name_text), plain(value), error);
    if (name == beast_http::field::transfer_encoding &&
        !equal_ignore_case(plain(value), "chunked")) {
      return refuse(501, "Of the transfer encodings only \"chunked\" is spoken here.", error);
    }
    if (name == beast_http::field::expect) {
      if (!equal_ignore_case(plain(value), "100-continue")) {
        return refuse(417, "The expectation is unknown; only 100-continue is.", error);
      }
      expects_continue = true;
    }
    head_.headers.add(plain(name_text), plain(value));
  }

  void keep_trailer(std::string_view name, std::string_view value, ParseError& error) {
    const size_t size = name.size() + value.size();
    if (size > trailer_room_) return refuse(431, "The trailers are too large.", error);
    trailer_room_ -= size;
    trailers.add(name, value);
  }

  void on_header_impl(ParseError& error) override {
    if (body != nullptr) return;
    const size_t hosts = static_cast<size_t>(
        std::count_if(head_.headers.begin(), head_.headers.end(),
                      [](const auto& field) { return equal_ignore_case(field.first, "host"); }));
    if (hosts > 1) return refuse(400, "The request has several Host headers.", error);
    if (hosts == 0 && head_.version >= 11) {
      return refuse(400, "The request has no Host header.", error);
    }
    if (chunked() && head_.version < 11) {
      return refuse(400, "HTTP/1.0 has no Transfer-Encoding.", error);
    }
    const std::string target = std::move(head_.target);
    head_.set_target(target);
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>&, ParseError&) override {}
  std::size_t on_body_impl(BeastView text, ParseError&) override { return text.size(); }
  void on_chunk_header_impl(std::uint64_t, BeastView, ParseError&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, BeastView text, ParseError&) override {
    body->append(text.data(), text.size());
    return text.size();
  }
  void on_finish_impl(ParseError&) override {}

  RequestHead& head_;
  size_t trailer_room_;
};

}  // namespace parser_detail

using parser_detail::Message;
using parser_detail::ParseError;
using parser_detail::refusal_of;
namespace beast_http = boost::beast::http;

class Http1Parser::Impl {
 public:
  explicit Impl(size_t header_limit) : header_limit(header_limit) {}

  void begin(RequestHead& its_head) {
    head = &its_head;
    plain.reset();
    message.reset();
    header_bytes = 0;
    in_chunks = false;
    refusal = Refusal();
  }
  // True if all of a head that is nothing special is there, and was read.
  bool put_plain(std::string_view bytes) {
    if (message) return false;
    plain = read_plain_head(bytes, header_limit, *head);
    if (plain) return true;
    head->headers.clear();
    message.emplace(*head, header_limit);
    return false;
  }
  size_t put(std::string_view bytes) {
    ParseError error;
    const size_t taken = message->put(asio_buffer(bytes), error);
    if (error && error != beast_http::error::need_more) {
      refusal = message->refusal ? message->refusal : refusal_of(error);
    }
    return taken;
  }

  const size_t header_limit;
  RequestHead* head = nullptr;
  size_t header_bytes = 0;
  bool in_chunks = false;  // something of a chunked body was taken
  // One of them, once there was something to read.
  std::optional<PlainHead> plain;
  std::optional<Message> message;
  Refusal refusal;

 private:
  static boost::asio::const_buffer asio_buffer(std::string_view bytes) {
    return {bytes.data(), bytes.size()};
  }
};

Http1Parser::Http1Parser(size_t header_limit) : impl_(std::make_unique<Impl>(header_limit)) {}
Http1Parser::~Http1Parser() = default;

void Http1Parser::begin(RequestHead& head) {
  impl_->begin(head);
}

size_t Http1Parser::put_head(std::string_view bytes) {
  if (impl_->put_plain(bytes)) return impl_->plain->bytes;
  const size_t taken = impl_->put(bytes);
  impl_->header_bytes += taken;
  const size_t seen = impl_->header_bytes + (head_done() ? 0 : bytes.size() - taken);
  if (!impl_->refusal && seen > impl_->header_limit) {
    impl_->refusal = refusal_of(ParseError(beast_http::error::header_limit));
  }
  if (head_done() && impl_->message->content_length().value_or(0) >
                         static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    impl_->refusal = refusal_of(ParseError(beast_http::error::bad_content_length));
  }
  return taken;
}

bool Http1Parser::head_done() const {
  return impl_->plain || (impl_->message && impl_->message->is_header_done());
}

size_t Http1Parser::put_chunked(std::string_view bytes, std::string& out) {
  // The shortest body is "0\r\n\r\n"; Beast insists on all of it where it comes first.
  constexpr size_t kLeast = 5;
  if (!impl_->in_chunks && bytes.size() < kLeast) return 0;
  impl_->message->body = &out;
  size_t total = 0;
  // Beast stops after every structured element; an empty rest means that it needs more.
  while (!impl_->message->is_done() && total < bytes.size()) {
    const size_t taken = impl_->put(bytes.substr(total));
    total += taken;
    if (impl_->refusal || taken == 0) break;
  }
  impl_->in_chunks |= total > 0;
  return total;
}

bool Http1Parser::chunked_done() const {
  return impl_->message->is_done();
}
const Headers& Http1Parser::trailers() const {
  return impl_->message->trailers;
}
const Refusal& Http1Parser::refusal() const {
  return impl_->refusal;
}
bool Http1Parser::keep_alive() const {
  return impl_->plain || (impl_->message && impl_->message->keep_alive());
}
bool Http1Parser::chunked() const {
  return impl_->message && impl_->message->chunked();
}

int64_t Http1Parser::content_length() const {
  if (impl_->plain) return impl_->plain->content_length;
  const auto length = impl_->message->content_length();
  return length ? static_cast<int64_t>(*length) : -1;
}

bool Http1Parser::expects_continue() const {
  return impl_->message && impl_->message->expects_continue;
}

}  // namespace paddock::http
