// Hostile bytes as an HTTP/2 connection, in pieces, by a server that echoes what it reads: heads
// are bounded, streams end once, output follows input, and what is collected can be read as frames.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "http/http2_frames.hpp"

namespace http = paddock::http;

namespace {

constexpr http::Http2Limits kLimits{16 * 1024, 8, 50, 500};

class Echo final : public http::Http2Stream {
 public:
  Echo(http::Http2Frames& frames, int32_t id)
      : Http2Stream(id, kLimits.header_bytes), frames_(frames) {}

  void head_came(bool) override {
    size_t size = 0;
    for (const auto& [name, value] : head_.headers) size += name.size() + value.size();
    if (size > 2 * kLimits.header_bytes) std::abort();
    if (reader_.expects_continue()) frames_.submit_continue(id_);
    http::Http2Frames::AnswerStart answer;
    answer.status = reader_.refusal() ? reader_.refusal().status : 200;
    answer.body = head_.method != "HEAD";
    answer.date = "Thu, 01 Jan 1970 00:00:00 GMT";
    frames_.submit_answer(id_, answer, head_.headers);
  }
  void body_came(std::string_view bytes) override {
    if (ended_ || closed_) std::abort();
    text_ += bytes;
    frames_.consume(id_, bytes.size());
    frames_.resume(id_);
  }
  void body_ended() override {
    if (std::exchange(ended_, true)) std::abort();
    frames_.resume(id_);
  }
  void closed() override {
    if (std::exchange(closed_, true)) std::abort();
  }
  Ready ready() const override {
    Ready ready;
    ready.bytes = text_.size();
    ready.last = ended_;
    return ready;
  }
  void take(size_t bytes, std::string& out, bool) override {
    if (bytes > text_.size()) std::abort();
    out.append(text_, 0, bytes);
    text_.erase(0, bytes);
  }

 private:
  http::Http2Frames& frames_;
  std::string text_;
  bool ended_ = false;
  bool closed_ = false;
};

class Owner final : public http::Http2Frames::Owner {
 public:
  http::Http2Stream* begin_stream(int32_t id) override {
    auto& stream = streams_[id];
    if (stream) std::abort();
    if (streams_.size() > kLimits.streams + 1) std::abort();
    stream = std::make_unique<Echo>(frames, id);
    return stream.get();
  }
  void end_stream(http::Http2Stream& stream) override {
    if (streams_.erase(stream.id()) != 1) std::abort();
  }
  http::FloodGuard::Time now() const override { return {}; }

 private:
  std::map<int32_t, std::unique_ptr<Echo>> streams_;

 public:
  http::Http2Frames frames{*this, kLimits};  // goes before its streams
};

void check_frames(std::string_view out) {
  while (!out.empty()) {
    if (out.size() < 9) std::abort();
    const auto byte = [out](size_t i) { return static_cast<size_t>(static_cast<uint8_t>(out[i])); };
    const size_t size = byte(0) << 16 | byte(1) << 8 | byte(2);
    if (out.size() < 9 + size) std::abort();
    out.remove_prefix(9 + size);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  // The first byte says how it is cut, and whether the preface is the fuzzer's own to write.
  std::string bytes = (data[0] & 1) != 0 ? "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" : "";
  bytes.append(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t piece = (data[0] >> 1) * 8u + 1;
  Owner owner;
  std::string out;
  std::string all;
  bool going = true;
  for (size_t at = 0; going && at < bytes.size(); at += piece) {
    going = owner.frames.put(std::string_view(bytes).substr(at, piece));
    do {
      out.clear();
      if (!owner.frames.collect(out, 1024)) return 0;
      all += out;
    } while (!out.empty());
  }
  check_frames(all);
  return 0;
}
