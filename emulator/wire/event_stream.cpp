#include "wire/event_stream.hpp"

#include <limits>
#include <set>
#include <type_traits>

#include "core/digest.hpp"

namespace paddock::wire {
namespace event_bytes {

constexpr size_t kPrelude = 12;
constexpr size_t kChecksum = 4;

enum class Kind : uint8_t { yes, no, i8, i16, i32, i64, bytes, text, time, uuid };

template <class Number>
void append(std::string& out, Number value) {
  const auto bits = static_cast<std::make_unsigned_t<Number>>(value);
  for (size_t i = sizeof(Number); i > 0; --i) {
    out += static_cast<char>(bits >> (8 * (i - 1)) & 0xff);
  }
}

void append(std::string& out, Kind kind) {
  out += static_cast<char>(kind);
}

void append_sized(std::string& out, Kind kind, std::string_view bytes) {
  if (bytes.size() > kMostEventHeaderValue) throw BadEventStream("a header's value is too long");
  append(out, kind);
  append(out, static_cast<uint16_t>(bytes.size()));
  out += bytes;
}

void append_value(std::string& out, const EventHeaderValue& value) {
  std::visit(
      [&out](const auto& one) {
        using Value = std::decay_t<decltype(one)>;
        if constexpr (std::is_same_v<Value, bool>) {
          append(out, one ? Kind::yes : Kind::no);
        } else if constexpr (std::is_same_v<Value, EventBytes>) {
          append_sized(out, Kind::bytes, one.bytes);
        } else if constexpr (std::is_same_v<Value, std::string>) {
          append_sized(out, Kind::text, one);
        } else if constexpr (std::is_same_v<Value, EventTime>) {
          append(out, Kind::time);
          append(out, one.ms);
        } else if constexpr (std::is_same_v<Value, EventUuid>) {
          append(out, Kind::uuid);
          out.append(reinterpret_cast<const char*>(one.data()), one.size());
        } else {
          append(out, sizeof one == 1   ? Kind::i8
                      : sizeof one == 2 ? Kind::i16
                      : sizeof one == 4 ? Kind::i32
                                        : Kind::i64);
          append(out, one);
        }
      },
      value);
}

// Reads from the front of bytes that end where the headers do.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  bool done() const { return left_.empty(); }

  std::string_view bytes(size_t count) {
    if (count > left_.size()) throw BadEventStream("a header goes beyond the headers' length");
    const std::string_view taken = left_.substr(0, count);
    left_.remove_prefix(count);
    return taken;
  }

  template <class Number>
  Number number() {
    std::make_unsigned_t<Number> bits = 0;
    for (const char byte : bytes(sizeof(Number))) {
      bits = static_cast<decltype(bits)>(static_cast<uint64_t>(bits) << 8 |
                                         static_cast<unsigned char>(byte));
    }
    return static_cast<Number>(bits);
  }

 private:
  std::string_view left_;
};

std::string sized(Reader& reader) {
  const uint16_t size = reader.number<uint16_t>();
  if (size > kMostEventHeaderValue) throw BadEventStream("a header's value is too long");
  return std::string(reader.bytes(size));
}

EventHeaderValue read_value(Reader& reader) {
  switch (static_cast<Kind>(reader.number<uint8_t>())) {
    case Kind::yes:
      return true;
    case Kind::no:
      return false;
    case Kind::i8:
      return reader.number<int8_t>();
    case Kind::i16:
      return reader.number<int16_t>();
    case Kind::i32:
      return reader.number<int32_t>();
    case Kind::i64:
      return reader.number<int64_t>();
    case Kind::bytes:
      return EventBytes{sized(reader)};
    case Kind::text:
      return sized(reader);
    case Kind::time:
      return EventTime{reader.number<int64_t>()};
    case Kind::uuid: {
      EventUuid uuid{};
      const std::string_view bytes = reader.bytes(uuid.size());
      for (size_t i = 0; i < uuid.size(); ++i) uuid[i] = static_cast<uint8_t>(bytes[i]);
      return uuid;
    }
  }
  throw BadEventStream("a header's value is of an unknown type");
}

void check_name(std::string_view name, std::set<std::string_view>& seen) {
  if (name.empty()) throw BadEventStream("a header has no name");
  if (name.size() > kMostEventHeaderName) throw BadEventStream("a header's name is too long");
  if (!seen.insert(name).second) throw BadEventStream("a header is there twice");
}

std::vector<EventHeader> read_headers(std::string_view bytes) {
  std::vector<EventHeader> headers;
  std::set<std::string_view> seen;
  Reader reader(bytes);
  while (!reader.done()) {
    const std::string_view name = reader.bytes(reader.number<uint8_t>());
    check_name(name, seen);
    headers.push_back({std::string(name), read_value(reader)});
  }
  return headers;
}

uint32_t number_at(std::string_view bytes, size_t at) {
  return Reader(bytes.substr(at)).number<uint32_t>();
}

}  // namespace event_bytes

std::string_view EventMessage::text(std::string_view name) const {
  for (const EventHeader& header : headers) {
    const auto* text = std::get_if<std::string>(&header.value);
    if (header.name == name && text != nullptr) return *text;
  }
  return {};
}

std::string encode_event(const EventMessage& message) {
  std::string headers;
  std::set<std::string_view> seen;
  for (const EventHeader& header : message.headers) {
    event_bytes::check_name(header.name, seen);
    event_bytes::append(headers, static_cast<uint8_t>(header.name.size()));
    headers += header.name;
    event_bytes::append_value(headers, header.value);
    if (headers.size() > kMostEventHeaderBytes) throw BadEventStream("the headers are too long");
  }
  const size_t total = event_bytes::kPrelude + headers.size() + event_bytes::kChecksum;
  if (message.payload.size() > kMostEventBytes - total) {
    throw BadEventStream("the message is too long");
  }
  std::string out;
  out.reserve(total + message.payload.size());
  event_bytes::append(out, static_cast<uint32_t>(total + message.payload.size()));
  event_bytes::append(out, static_cast<uint32_t>(headers.size()));
  event_bytes::append(out, crc32(out));
  out += headers;
  out += message.payload;
  event_bytes::append(out, crc32(out));
  return out;
}

std::optional<EventMessage> EventDecoder::take() {
  using event_bytes::kChecksum;
  using event_bytes::kPrelude;
  const std::string_view pending = std::string_view(pending_).substr(taken_);
  if (pending.size() >= kPrelude) {
    if (crc32(pending.substr(0, 8)) != event_bytes::number_at(pending, 8)) {
      throw BadEventStream("the prelude's checksum does not match");
    }
    const size_t total = event_bytes::number_at(pending, 0);
    const size_t headers = event_bytes::number_at(pending, 4);
    if (total > kMostEventBytes) throw BadEventStream("the message is too long");
    if (headers > kMostEventHeaderBytes) throw BadEventStream("the headers are too long");
    if (total < kPrelude + headers + kChecksum) {
      throw BadEventStream("the message is shorter than its headers");
    }
    if (pending.size() >= total) {
      const size_t end = total - kChecksum;
      if (crc32(pending.substr(0, end)) != event_bytes::number_at(pending, end)) {
        throw BadEventStream("the message's checksum does not match");
      }
      EventMessage message;
      message.headers = event_bytes::read_headers(pending.substr(kPrelude, headers));
      message.payload = pending.substr(kPrelude + headers, end - kPrelude - headers);
      taken_ += total;
      return message;
    }
  }
  // What is left is the beginning of one message; what is before it goes.
  pending_.erase(0, taken_);
  taken_ = 0;
  return std::nullopt;
}

}  // namespace paddock::wire
