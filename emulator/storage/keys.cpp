#include "storage/keys.hpp"

namespace paddock::storage {

namespace {

template <typename Unsigned>
void append_big_endian(std::string& out, Unsigned value) {
  char bytes[sizeof(Unsigned)];
  for (size_t i = 0; i < sizeof(Unsigned); ++i) {
    bytes[i] = static_cast<char>(value >> (8 * (sizeof(Unsigned) - 1 - i)));
  }
  out.append(bytes, sizeof bytes);
}

template <typename Unsigned>
Unsigned parse_big_endian(std::string_view bytes) {
  Unsigned value = 0;
  for (char byte : bytes) {
    value = static_cast<Unsigned>(value << 8) | static_cast<unsigned char>(byte);
  }
  return value;
}

constexpr uint64_t kSignBit = uint64_t{1} << 63;
constexpr char kEscaped = '\xFF';  // after 00: a zero byte of the text
constexpr char kTextEnd = '\x01';  // after 00: the end of the text

}  // namespace

Key::Key(RealmId realm, Kind kind) {
  bytes_.reserve(64);
  append_u32(bytes_, realm);
  bytes_.push_back(static_cast<char>(kind));
}

Key& Key::u8(uint8_t value) & {
  bytes_.push_back(static_cast<char>(value));
  return *this;
}

Key& Key::u32(uint32_t value) & {
  append_u32(bytes_, value);
  return *this;
}

Key& Key::u64(uint64_t value) & {
  append_u64(bytes_, value);
  return *this;
}

Key& Key::i64(int64_t value) & {
  append_i64(bytes_, value);
  return *this;
}

Key& Key::text(std::string_view value) & {
  append_text(bytes_, value);
  return *this;
}

Key& Key::raw(std::string_view value) & {
  bytes_.append(value);
  return *this;
}

void append_u32(std::string& out, uint32_t value) {
  append_big_endian(out, value);
}

void append_u64(std::string& out, uint64_t value) {
  append_big_endian(out, value);
}

void append_i64(std::string& out, int64_t value) {
  append_u64(out, static_cast<uint64_t>(value) ^ kSignBit);
}

void append_text(std::string& out, std::string_view value) {
  while (true) {
    const size_t zero = value.find('\0');
    out.append(value.substr(0, zero));
    if (zero == std::string_view::npos) {
      break;
    }
    out.push_back('\0');
    out.push_back(kEscaped);
    value.remove_prefix(zero + 1);
  }
  out.push_back('\0');
  out.push_back(kTextEnd);
}

KeyReader::KeyReader(std::string_view key) : left_(key) {
  realm_ = u32();
  kind_ = u8();
}

std::string_view KeyReader::take(size_t bytes) {
  if (left_.size() < bytes) {
    throw CorruptKey("a field of a key is cut off");
  }
  const std::string_view taken = left_.substr(0, bytes);
  left_.remove_prefix(bytes);
  return taken;
}

uint8_t KeyReader::u8() {
  return static_cast<uint8_t>(take(1)[0]);
}

uint32_t KeyReader::u32() {
  return parse_big_endian<uint32_t>(take(4));
}

uint64_t KeyReader::u64() {
  return parse_big_endian<uint64_t>(take(8));
}

int64_t KeyReader::i64() {
  return static_cast<int64_t>(u64() ^ kSignBit);
}

std::string KeyReader::text() {
  std::string out;
  while (true) {
    const size_t zero = left_.find('\0');
    if (zero == std::string_view::npos) {
      throw CorruptKey("a text of a key has no end");
    }
    out.append(take(zero));
    const char mark = take(2)[1];
    if (mark == kTextEnd) {
      return out;
    }
    if (mark != kEscaped) {
      throw CorruptKey("a text of a key has an unknown escape");
    }
    out.push_back('\0');
  }
}

std::string_view KeyReader::rest() {
  return take(left_.size());
}

std::string prefix_end(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xFF') {
    end.pop_back();
  }
  if (!end.empty()) {
    end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  }
  return end;
}

}  // namespace paddock::storage
