#include "http/http2_frames.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <stdexcept>
#include <utility>
#include <vector>

#include <nghttp2/nghttp2.h>

#include "core/text.hpp"
#include "http/answer_rules.hpp"

namespace paddock::http {
namespace frames_detail {

constexpr uint32_t kStreamWindow = 128 * 1024;
constexpr int32_t kConnectionWindow = 512 * 1024;
constexpr size_t kLongestAnswerHead = 1024 * 1024;
constexpr size_t kResetsPerSecond = 100;
constexpr size_t kControlsPerSecond = 1'000;

// RFC 9113, 8.2.2; and those that the session writes itself.
inline bool dropped_from_answers(std::string_view name) {
  constexpr std::array<std::string_view, 7> kDropped{
      "connection", "keep-alive", "proxy-connection", "transfer-encoding",
      "upgrade",    "date",       "content-length"};
  return std::any_of(kDropped.begin(), kDropped.end(),
                     [name](std::string_view dropped) { return equal_ignore_case(name, dropped); });
}

// A list of fields as nghttp2 takes it: it copies them.
class FieldList {
 public:
  void add(std::string_view name, std::string_view value) {
    const size_t begin = text_.size();
    for (const char c : name) text_ += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    append_value(text_, value);
    places_.push_back(Place(begin, name.size(), text_.size() - begin - name.size()));
  }
  void add_all(const Headers& headers) {
    for (const auto& [name, value] : headers) {
      if (dropped_from_answers(name)) continue;
      if (!is_token(name)) throw std::invalid_argument("no header can be named '" + name + "'");
      add(name, value);
    }
  }
  const std::vector<nghttp2_nv>& fields() {
    for (const Place& place : places_) {
      auto* name = reinterpret_cast<uint8_t*>(text_.data() + place.begin);
      fields_.push_back({name, name + place.name, place.name, place.value, NGHTTP2_NV_FLAG_NONE});
    }
    return fields_;
  }

 private:
  struct Place {
    Place(size_t begin, size_t name, size_t value) : begin(begin), name(name), value(value) {}
    size_t begin, name, value;
  };
  std::string text_;
  std::vector<Place> places_;
  std::vector<nghttp2_nv> fields_;
};

inline std::string_view text_of(nghttp2_rcbuf* buffer) {
  const nghttp2_vec bytes = nghttp2_rcbuf_get_buf(buffer);
  return {reinterpret_cast<const char*>(bytes.base), bytes.len};
}

inline Http2Stream* stream_of(nghttp2_session* session, int32_t id) {
  return static_cast<Http2Stream*>(nghttp2_session_get_stream_user_data(session, id));
}

}  // namespace frames_detail

bool FloodGuard::spend(Time now) {
  if (last_ != Time()) {
    const std::chrono::duration<double> since = now - last_;
    left_ = std::min(burst_, left_ + since.count() * per_second_);
  }
  last_ = now;
  left_ -= 1;
  return left_ >= 0;
}

// What nghttp2 calls. Nothing may be thrown through it; of what these call only an allocation
// could.
struct Http2Frames::Callbacks {
  static int begin_frame(nghttp2_session*, const nghttp2_frame_hd* head, void* self) noexcept {
    auto& frames = *static_cast<Http2Frames*>(self);
    const bool ends = (head->flags & NGHTTP2_FLAG_END_STREAM) != 0;
    switch (head->type) {
      case NGHTTP2_HEADERS:
      case NGHTTP2_CONTINUATION:
      case NGHTTP2_WINDOW_UPDATE:
        break;
      case NGHTTP2_DATA:
        if (head->length == 0 && !ends) frames.spend(frames.controls_);
        break;
      default:
        frames.spend(frames.controls_);
    }
    return 0;
  }

  static int begin_headers(nghttp2_session* session, const nghttp2_frame* frame,
                           void* self) noexcept {
    auto& frames = *static_cast<Http2Frames*>(self);
    frames.head_in_progress_ = frame->hd.stream_id;
    if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    Http2Stream* stream = frames.owner_.begin_stream(frame->hd.stream_id);
    if (stream == nullptr) {
      frames.reset(frame->hd.stream_id, Http2Error::refused_stream);
    } else {
      nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, stream);
    }
    return 0;
  }

  static int header(nghttp2_session* session, const nghttp2_frame* frame, nghttp2_rcbuf* name,
                    nghttp2_rcbuf* value, uint8_t, void*) noexcept {
    // Trailers are checked by nghttp2 and kept by nobody.
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    Http2Stream* stream = frames_detail::stream_of(session, frame->hd.stream_id);
    if (stream != nullptr) {
      stream->reader_.put(frames_detail::text_of(name), frames_detail::text_of(value));
    }
    return 0;
  }

  static int frame_received(nghttp2_session* session, const nghttp2_frame* frame,
                            void* self) noexcept {
    auto& frames = *static_cast<Http2Frames*>(self);
    if (frame->hd.type == NGHTTP2_SETTINGS) frames.settings_came_ = true;
    if (frame->hd.type == NGHTTP2_RST_STREAM) frames.spend(frames.resets_);
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
    const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    Http2Stream* stream = frames_detail::stream_of(session, frame->hd.stream_id);
    if (frame->hd.type == NGHTTP2_HEADERS) frames.head_in_progress_ = 0;
    if (stream == nullptr) return 0;
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
      stream->reader_.finish();
      stream->head_came(!ends);
    }
    if (ends) stream->body_ended();
    return 0;
  }

  static int data_received(nghttp2_session* session, uint8_t, int32_t id, const uint8_t* data,
                           size_t size, void*) noexcept {
    Http2Stream* stream = frames_detail::stream_of(session, id);
    if (stream != nullptr) {
      stream->body_came({reinterpret_cast<const char*>(data), size});
    } else {
      nghttp2_session_consume(session, id, size);
    }
    return 0;
  }

  static int frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* self) noexcept {
    auto& frames = *static_cast<Http2Frames*>(self);
    // What a client does to have its streams reset costs it the same as resetting them.
    const bool in_order =
        frame->hd.type != NGHTTP2_RST_STREAM || frame->rst_stream.error_code == NGHTTP2_NO_ERROR;
    if (!in_order) frames.spend(frames.resets_);
    return 0;
  }

  static int frame_not_sent(nghttp2_session*, const nghttp2_frame* frame, int error,
                            void* self) noexcept {
    auto& frames = *static_cast<Http2Frames*>(self);
    const bool answer = frame->hd.type == NGHTTP2_HEADERS;
    if (answer && error == NGHTTP2_ERR_FRAME_SIZE_ERROR) {
      frames.reset(frame->hd.stream_id, Http2Error::internal);
    }
    return 0;
  }

  static int stream_closed(nghttp2_session* session, int32_t id, uint32_t, void* self) noexcept {
    auto& frames = *static_cast<Http2Frames*>(self);
    if (frames.head_in_progress_ == id) frames.head_in_progress_ = 0;
    Http2Stream* stream = frames_detail::stream_of(session, id);
    if (stream == nullptr) return 0;
    nghttp2_session_set_stream_user_data(session, id, nullptr);
    stream->closed();
    frames.owner_.end_stream(*stream);
    return 0;
  }

  static ssize_t send(nghttp2_session*, const uint8_t* data, size_t size, int,
                      void* self) noexcept {
    auto& frames = *static_cast<Http2Frames*>(self);
    if (frames.out_->size() >= frames.most_) return NGHTTP2_ERR_WOULDBLOCK;
    frames.out_->append(reinterpret_cast<const char*>(data), size);
    return static_cast<ssize_t>(size);
  }

  // How much of a body goes into the next frame; send_body then takes it.
  static ssize_t next_body(nghttp2_session* session, int32_t id, uint8_t*, size_t most,
                           uint32_t* flags, nghttp2_data_source*, void*) noexcept {
    const Http2Stream* stream = frames_detail::stream_of(session, id);
    if (stream == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const Http2Stream::Ready ready = stream->ready();
    if (ready.bytes == 0 && !ready.last) return NGHTTP2_ERR_DEFERRED;
    const size_t bytes = std::min(ready.bytes, most);
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (!ready.last || bytes < ready.bytes) return static_cast<ssize_t>(bytes);
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (ready.trailers != nullptr && !ready.trailers->empty()) {
      frames_detail::FieldList list;
      list.add_all(*ready.trailers);
      const auto& fields = list.fields();
      if (nghttp2_submit_trailer(session, id, fields.data(), fields.size()) == 0) {
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      }
    }
    return static_cast<ssize_t>(bytes);
  }

  static int send_body(nghttp2_session* session, nghttp2_frame* frame, const uint8_t* frame_head,
                       size_t size, nghttp2_data_source*, void* self) noexcept {
    constexpr size_t kFrameHead = 9;
    auto& frames = *static_cast<Http2Frames*>(self);
    if (frames.out_->size() >= frames.most_) return NGHTTP2_ERR_WOULDBLOCK;
    Http2Stream* stream = frames_detail::stream_of(session, frame->hd.stream_id);
    if (stream == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const Http2Stream::Ready ready = stream->ready();
    frames.out_->append(reinterpret_cast<const char*>(frame_head), kFrameHead);
    stream->take(size, *frames.out_, ready.last && size == ready.bytes);
    return 0;
  }
};

Http2Frames::Http2Frames(Owner& owner, const Http2Limits& limits)
    : owner_(owner),
      resets_(limits.stream_resets, frames_detail::kResetsPerSecond),
      controls_(limits.control_frames, frames_detail::kControlsPerSecond) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_option* options = nullptr;
  if (nghttp2_session_callbacks_new(&callbacks) != 0) throw std::bad_alloc();
  if (nghttp2_option_new(&options) != 0) {
    nghttp2_session_callbacks_del(callbacks);
    throw std::bad_alloc();
  }
  nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, Callbacks::begin_frame);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, Callbacks::begin_headers);
  nghttp2_session_callbacks_set_on_header_callback2(callbacks, Callbacks::header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Callbacks::frame_received);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Callbacks::data_received);
  nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, Callbacks::frame_sent);
  nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, Callbacks::frame_not_sent);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Callbacks::stream_closed);
  nghttp2_session_callbacks_set_send_callback(callbacks, Callbacks::send);
  nghttp2_session_callbacks_set_send_data_callback(callbacks, Callbacks::send_body);
  nghttp2_option_set_no_auto_window_update(options, 1);
  nghttp2_option_set_no_closed_streams(options, 1);
  nghttp2_option_set_max_send_header_block_length(options, frames_detail::kLongestAnswerHead);
  // Ours counts more and says ENHANCE_YOUR_CALM.
  nghttp2_option_set_stream_reset_rate_limit(options, UINT64_MAX, UINT64_MAX);
  const int made = nghttp2_session_server_new2(&session_, callbacks, this, options);
  nghttp2_option_del(options);
  nghttp2_session_callbacks_del(callbacks);
  if (made != 0) throw std::bad_alloc();
  const std::array<nghttp2_settings_entry, 3> settings{{
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, static_cast<uint32_t>(limits.streams)},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, frames_detail::kStreamWindow},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<uint32_t>(limits.header_bytes)},
  }};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0,
                                        frames_detail::kConnectionWindow);
}

Http2Frames::~Http2Frames() {
  nghttp2_session_del(session_);
}

void Http2Frames::spend(FloodGuard& guard) {
  if (!guard.spend(owner_.now())) calm_down();
}
void Http2Frames::calm_down() {
  terminate(Http2Error::enhance_your_calm);
}

bool Http2Frames::allows(int result) {
  if (result >= 0) return true;
  const bool greedy = result == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS || result == NGHTTP2_ERR_FLOODED;
  terminate(greedy ? Http2Error::enhance_your_calm : Http2Error::protocol);
  return false;
}

bool Http2Frames::put(std::string_view bytes) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  const ssize_t taken = nghttp2_session_mem_recv(session_, data, bytes.size());
  return allows(static_cast<int>(std::min<ssize_t>(taken, 0))) && !terminated_ && wants_input();
}

void Http2Frames::consume(int32_t stream, size_t bytes) {
  nghttp2_session_consume(session_, stream, bytes);
}
void Http2Frames::consume_closed(size_t bytes) {
  nghttp2_session_consume_connection(session_, bytes);
}

void Http2Frames::submit_continue(int32_t stream) {
  frames_detail::FieldList list;
  list.add(":status", "100");
  const auto& fields = list.fields();
  nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, stream, nullptr, fields.data(), fields.size(),
                         nullptr);
}

void Http2Frames::submit_answer(int32_t stream, const AnswerStart& answer, const Headers& headers) {
  frames_detail::FieldList list;
  list.add(":status", std::to_string(answer.status));
  list.add_all(headers);
  if (answer.length >= 0) list.add("content-length", std::to_string(answer.length));
  list.add("date", answer.date);
  const auto& fields = list.fields();
  nghttp2_data_provider body{};
  body.read_callback = Callbacks::next_body;
  nghttp2_submit_response(session_, stream, fields.data(), fields.size(),
                          answer.body ? &body : nullptr);
}

void Http2Frames::resume(int32_t stream) {
  nghttp2_session_resume_data(session_, stream);
}
void Http2Frames::reset(int32_t stream, Http2Error error) {
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream, static_cast<uint32_t>(error));
}
void Http2Frames::go_away() {
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_), NGHTTP2_NO_ERROR,
                        nullptr, 0);
}
void Http2Frames::terminate(Http2Error error) {
  if (std::exchange(terminated_, true)) return;
  nghttp2_session_terminate_session(session_, static_cast<uint32_t>(error));
}

bool Http2Frames::collect(std::string& out, size_t most) {
  out_ = &out;
  most_ = most;
  const int result = nghttp2_session_send(session_);
  out_ = nullptr;
  return result == 0;
}

bool Http2Frames::wants_input() const {
  return nghttp2_session_want_read(session_) != 0;
}
size_t Http2Frames::queued() const {
  return nghttp2_session_get_outbound_queue_size(session_);
}

}  // namespace paddock::http
