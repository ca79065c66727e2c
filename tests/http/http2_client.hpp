// A blocking HTTP/2 client over TCP or TLS, and frames written by hand.
#pragma once

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <openssl/ssl.h>

#include "tests/http/http_test_support.hpp"

namespace paddock::http::testing {

// What came for a stream.
struct Http2Answer {
  int status = 0;
  int continues = 0;
  std::map<std::string, std::string> headers;
  std::map<std::string, std::string> trailers;
  std::string body;
  bool ended = false;   // the answer is complete
  bool closed = false;  // the stream is
  uint32_t error = 0;   // of a reset
};

// A request's body, given piece by piece.
struct Http2Body {
  std::string text;
  size_t at = 0;
  bool open = false;  // more may come
  Headers trailers;
};

class Http2Client {
 public:
  struct Options {
    bool tls = false;
    bool read_bodies = true;  // else no window is given back
    uint32_t window = 65535;  // of each stream
  };

  explicit Http2Client(uint16_t port) : Http2Client(port, Options()) {}
  Http2Client(uint16_t port, Options options)
      : fd_(::socket(AF_INET, SOCK_STREAM, 0)), options_(options) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval limit{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    if (options.tls) shake_hands();
    begin_session();
  }
  ~Http2Client() {
    nghttp2_session_del(session_);
    if (ssl_) SSL_free(ssl_);
    if (tls_) SSL_CTX_free(tls_);
    close();
  }
  Http2Client(const Http2Client&) = delete;
  Http2Client& operator=(const Http2Client&) = delete;

  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  void half_close() { ::shutdown(fd_, SHUT_WR); }

  // Begins a request; `body` is the caller's and outlives the stream.
  int32_t begin(const std::string& method, const std::string& path, const Headers& headers = {},
                Http2Body* body = nullptr) {
    Headers all;
    all.add(":method", method);
    all.add(":scheme", options_.tls ? "https" : "http");
    all.add(":authority", "localhost:4566");
    all.add(":path", path);
    for (const auto& [name, value] : headers) all.add(name, value);
    nghttp2_data_provider provider{};
    provider.source.ptr = body;
    provider.read_callback = read_body;
    const auto fields = fields_of(all);
    const int32_t id = nghttp2_submit_request(session_, nullptr, fields.data(), fields.size(),
                                              body != nullptr ? &provider : nullptr, nullptr);
    answers[id];
    send();
    return id;
  }
  Http2Answer request(const std::string& method, const std::string& path,
                      const std::string& text = "", const Headers& headers = {}) {
    Http2Body body;
    body.text = text;
    const int32_t id = begin(method, path, headers, text.empty() ? nullptr : &body);
    wait_closed(id);
    return answers[id];
  }
  void resume(int32_t id) {
    nghttp2_session_resume_data(session_, id);
    send();
  }
  void reset(int32_t id) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
    send();
  }
  void ping() {
    nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
    send();
  }
  // Gives back the window of what was received.
  void consume(int32_t id, size_t bytes) {
    nghttp2_session_consume(session_, id, bytes);
    send();
  }

  bool wait_closed(int32_t id) {
    return until([&] { return answers[id].closed; });
  }
  // False if the connection ended before.
  template <class Condition>
  bool until(Condition condition) {
    while (!condition()) {
      if (!receive()) return condition();
    }
    return true;
  }
  bool ended() {
    return until([] { return false; }) || true;
  }
  void send() {
    if (nghttp2_session_send(session_) != 0) gone_ = true;
  }

  std::map<int32_t, Http2Answer> answers;
  bool goaway = false;
  uint32_t goaway_error = 0;
  int pings = 0;         // answered
  std::string protocol;  // agreed on by ALPN

 private:
  void shake_hands() {
    tls_ = SSL_CTX_new(TLS_client_method());
    ssl_ = SSL_new(tls_);
    const unsigned char protocols[] = "\x08http/1.1\x02h2";
    SSL_set_alpn_protos(ssl_, protocols, sizeof protocols - 1);
    SSL_set_fd(ssl_, fd_);
    ASSERT_EQ(SSL_connect(ssl_), 1);
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_, &chosen, &size);
    protocol.assign(reinterpret_cast<const char*>(chosen), size);
  }

  void begin_session() {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_send_callback(callbacks, send_bytes);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, stream_closed);
    nghttp2_option* options = nullptr;
    nghttp2_option_new(&options);
    nghttp2_option_set_no_auto_window_update(options, options_.read_bodies ? 0 : 1);
    nghttp2_session_client_new2(&session_, callbacks, this, options);
    nghttp2_option_del(options);
    nghttp2_session_callbacks_del(callbacks);
    const nghttp2_settings_entry setting{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, options_.window};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &setting, 1);
    send();
  }

  bool receive() {
    char bytes[16 * 1024];
    const ssize_t got =
        ssl_ ? SSL_read(ssl_, bytes, sizeof bytes) : ::recv(fd_, bytes, sizeof bytes, 0);
    if (got <= 0) return false;
    const auto* from = reinterpret_cast<const uint8_t*>(bytes);
    if (nghttp2_session_mem_recv(session_, from, static_cast<size_t>(got)) < 0) return false;
    send();
    return true;
  }

  static std::vector<nghttp2_nv> fields_of(const Headers& headers) {
    std::vector<nghttp2_nv> fields;
    for (const auto& [name, value] : headers) {
      auto* n = reinterpret_cast<uint8_t*>(const_cast<char*>(name.data()));
      auto* v = reinterpret_cast<uint8_t*>(const_cast<char*>(value.data()));
      fields.push_back({n, v, name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    return fields;
  }

  static Http2Client& of(void* self) { return *static_cast<Http2Client*>(self); }
  static ssize_t send_bytes(nghttp2_session*, const uint8_t* data, size_t size, int, void* self) {
    Http2Client& client = of(self);
    const ssize_t sent = client.ssl_ ? SSL_write(client.ssl_, data, static_cast<int>(size))
                                     : ::send(client.fd_, data, size, MSG_NOSIGNAL);
    return sent > 0 ? sent : ssize_t{NGHTTP2_ERR_CALLBACK_FAILURE};
  }
  static int header(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name,
                    size_t name_size, const uint8_t* value, size_t value_size, uint8_t,
                    void* self) {
    Http2Answer& answer = of(self).answers[frame->hd.stream_id];
    const std::string n(reinterpret_cast<const char*>(name), name_size);
    const std::string v(reinterpret_cast<const char*>(value), value_size);
    if (n == ":status" && v == "100") {
      ++answer.continues;
    } else if (n == ":status") {
      answer.status = std::stoi(v);
    } else {
      (frame->headers.cat == NGHTTP2_HCAT_HEADERS && answer.status != 0 &&
               !answer.headers.empty() && answer.headers.count("date") != 0
           ? answer.trailers
           : answer.headers)[n] = v;
    }
    return 0;
  }
  static int frame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    Http2Client& client = of(self);
    if (frame->hd.type == NGHTTP2_GOAWAY) {
      client.goaway = true;
      client.goaway_error = frame->goaway.error_code;
    } else if (frame->hd.type == NGHTTP2_PING) {
      ++client.pings;
    } else if ((frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS) &&
               (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
      client.answers[frame->hd.stream_id].ended = true;
    }
    return 0;
  }
  static int data(nghttp2_session*, uint8_t, int32_t id, const uint8_t* bytes, size_t size,
                  void* self) {
    of(self).answers[id].body.append(reinterpret_cast<const char*>(bytes), size);
    return 0;
  }
  static int stream_closed(nghttp2_session*, int32_t id, uint32_t error, void* self) {
    of(self).answers[id].closed = true;
    of(self).answers[id].error = error;
    return 0;
  }
  static ssize_t read_body(nghttp2_session* session, int32_t id, uint8_t* to, size_t most,
                           uint32_t* flags, nghttp2_data_source* source, void*) {
    auto& body = *static_cast<Http2Body*>(source->ptr);
    const size_t bytes = std::min(most, body.text.size() - body.at);
    if (bytes == 0 && body.open) return NGHTTP2_ERR_DEFERRED;
    std::memcpy(to, body.text.data() + body.at, bytes);
    body.at += bytes;
    if (body.at == body.text.size() && !body.open) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
      if (!body.trailers.empty()) {
        const auto fields = fields_of(body.trailers);
        nghttp2_submit_trailer(session, id, fields.data(), fields.size());
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      }
    }
    return static_cast<ssize_t>(bytes);
  }

  int fd_;
  const Options options_;
  bool gone_ = false;
  SSL_CTX* tls_ = nullptr;
  SSL* ssl_ = nullptr;
  nghttp2_session* session_ = nullptr;
};

// -- frames by hand -------------------------------------------------------------------------------

inline const std::string kClientPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

inline std::string number(uint32_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>((value >> (8 * i)) & 0xFF);
  return text;
}
inline std::string frame(uint8_t type, uint8_t flags, uint32_t stream, const std::string& payload) {
  return number(static_cast<uint32_t>(payload.size()), 3) + number(type, 1) + number(flags, 1) +
         number(stream, 4) + payload;
}
// A field of a head without compression. Texts of up to 126 bytes, or up to 16,000.
inline std::string literal(const std::string& text) {
  if (text.size() < 127) return number(static_cast<uint32_t>(text.size()), 1) + text;
  const auto rest = static_cast<uint32_t>(text.size() - 127);
  return std::string("\x7f") + static_cast<char>(0x80 | (rest & 0x7F)) +
         static_cast<char>(rest >> 7) + text;
}
inline std::string field(const std::string& name, const std::string& value) {
  return std::string(1, '\0') + literal(name) + literal(value);
}
inline std::string head_of(const std::string& method, const std::string& path) {
  return field(":method", method) + field(":scheme", "http") + field(":path", path) +
         field(":authority", "localhost");
}
inline std::string opening() {
  return kClientPreface + frame(4, 0, 0, "");
}
// HEADERS that end the stream.
inline std::string get2(uint32_t stream, const std::string& path) {
  return frame(1, 5, stream, head_of("GET", path));
}

struct ReceivedFrame {
  int type = -1;
  int flags = 0;
  uint32_t stream = 0;
  std::string payload;

  uint32_t error() const {  // of RST_STREAM and GOAWAY
    const size_t at = type == 7 ? 4 : 0;
    uint32_t value = 0;
    for (size_t i = at; i < at + 4 && i < payload.size(); ++i) {
      value = value << 8 | static_cast<unsigned char>(payload[i]);
    }
    return value;
  }
};
inline std::vector<ReceivedFrame> frames_in(const std::string& text) {
  std::vector<ReceivedFrame> frames;
  size_t at = 0;
  const auto byte = [&](size_t i) {
    return static_cast<uint32_t>(static_cast<unsigned char>(text[i]));
  };
  while (at + 9 <= text.size()) {
    const size_t size = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
    if (at + 9 + size > text.size()) break;
    ReceivedFrame frame;
    frame.type = static_cast<int>(byte(at + 3));
    frame.flags = static_cast<int>(byte(at + 4));
    frame.stream = byte(at + 5) << 24 | byte(at + 6) << 16 | byte(at + 7) << 8 | byte(at + 8);
    frame.payload = text.substr(at + 9, size);
    frames.push_back(frame);
    at += 9 + size;
  }
  return frames;
}
// The error of the first GOAWAY; -1 if there is none.
inline int goaway_in(const std::string& text) {
  for (const ReceivedFrame& frame : frames_in(text)) {
    if (frame.type == 7) return static_cast<int>(frame.error());
  }
  return -1;
}

}  // namespace paddock::http::testing
