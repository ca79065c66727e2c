// Messages of application/vnd.amazon.eventstream
// (https://smithy.io/2.0/aws/amazon-eventstream.html), to bytes and back:
//
//   u32 total length   of the whole message, both checksums included
//   u32 headers length
//   u32 CRC-32         of the eight bytes before it
//   headers            each u8 name length, name, u8 type, value
//   payload
//   u32 CRC-32         of all that is before it
//
// All numbers are big-endian. Types of values: 0 true, 1 false, 2 i8, 3 i16, 4 i32, 5 i64, 6 bytes
// and 7 text (u16 length first), 8 timestamp (i64 milliseconds), 9 UUID (16 bytes).
//
// What an operation's events become in such messages is in wire/typed_events.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace paddock::wire {

// Bounds of both directions, those of the AWS SDKs.
inline constexpr size_t kMostEventBytes = 16 * 1024 * 1024;
inline constexpr size_t kMostEventHeaderBytes = 128 * 1024;  // all headers of a message
inline constexpr size_t kMostEventHeaderName = 127;
inline constexpr size_t kMostEventHeaderValue = 32'767;

// Bytes that are no message, or a message beyond the bounds. Says why.
class BadEventStream : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Headers that are more than text and numbers have types of their own.
struct EventBytes {
  std::string bytes;
  friend bool operator==(const EventBytes&, const EventBytes&) = default;
};
struct EventTime {
  int64_t ms = 0;
  friend bool operator==(const EventTime&, const EventTime&) = default;
};
using EventUuid = std::array<uint8_t, 16>;
using EventHeaderValue = std::variant<bool, int8_t, int16_t, int32_t, int64_t, EventBytes,
                                      std::string, EventTime, EventUuid>;

struct EventHeader {
  std::string name;
  EventHeaderValue value;
  friend bool operator==(const EventHeader&, const EventHeader&) = default;
};

struct EventMessage {
  std::vector<EventHeader> headers;
  std::string payload;

  // The text of a header; "" if it is not there or no text.
  std::string_view text(std::string_view name) const;
  friend bool operator==(const EventMessage&, const EventMessage&) = default;
};

// Throws BadEventStream for a message beyond the bounds, an empty name or one that is there twice.
std::string encode_event(const EventMessage& message);

// Takes a stream in pieces of any size. Not thread-safe.
class EventDecoder {
 public:
  void add(std::string_view bytes) { pending_ += bytes; }
  // The next message; nullopt until it is complete. Throws BadEventStream for what cannot be one,
  // as soon as that is certain: a length is believed only with its checksum. After a throw the
  // stream cannot be read on.
  std::optional<EventMessage> take();
  // True between two messages.
  bool at_boundary() const { return pending_.size() == taken_; }

 private:
  std::string pending_;
  size_t taken_ = 0;  // bytes of pending_ that are messages already handed out
};

}  // namespace paddock::wire
