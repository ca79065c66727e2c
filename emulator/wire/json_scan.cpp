#include "wire/json_scan.hpp"

#include <cstring>

#include "core/text.hpp"

namespace paddock::wire {
namespace scan_detail {

constexpr size_t kMostDigits = 18;

constexpr uint64_t repeat(uint8_t byte) {
  return 0x0101010101010101ULL * byte;
}

// The high bit of the first byte that is a quote, a backslash, a control character or not ASCII;
// bits above it mean nothing. 0 if there is none.
inline uint64_t special(uint64_t word) {
  const uint64_t quote = word ^ repeat('"');
  const uint64_t slash = word ^ repeat('\\');
  return (((quote - repeat(1)) & ~quote) | ((slash - repeat(1)) & ~slash) |
          ((word - repeat(0x20)) & ~word) | word) &
         repeat(0x80);
}

// From `at` on, the first such byte, or `end`.
inline const char* skip_plain(const char* at, const char* end) {
  for (; end - at >= 8; at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, at, 8);
    if (const uint64_t found = special(word)) return at + __builtin_ctzll(found) / 8;
  }
  for (; at != end; ++at) {
    const auto byte = static_cast<unsigned char>(*at);
    if (byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\') break;
  }
  return at;
}

void append_utf8(std::string& out, uint32_t code) {
  const auto put = [&out](uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

}  // namespace scan_detail

bool JsonScan::fail() {
  failed_ = true;
  at_ = end_;
  return false;
}

char JsonScan::next() {
  while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  return at_ == end_ ? '\0' : *at_;
}

bool JsonScan::open(char bracket) {
  if (next() != bracket) return fail();
  ++at_;
  fresh_ = true;
  return true;
}

bool JsonScan::open_object() {
  return open('{');
}
bool JsonScan::open_array() {
  return open('[');
}

bool JsonScan::more(char bracket) {
  const char found = next();
  const bool first = fresh_;
  fresh_ = false;
  if (found == bracket) {
    ++at_;
    return false;
  }
  if (first) return !failed_;
  if (found != ',') return fail();
  ++at_;
  return true;
}

bool JsonScan::next_member(std::string_view& name) {
  if (!more('}') || !string(name)) return false;
  if (next() != ':') return fail();
  ++at_;
  return true;
}

bool JsonScan::next_element() {
  return more(']');
}

bool JsonScan::string(std::string_view& value) {
  if (next() != '"') return fail();
  const char* const start = ++at_;
  bool ascii = true;
  for (;;) {
    at_ = scan_detail::skip_plain(at_, end_);
    if (at_ == end_) return fail();
    if (*at_ == '"') break;
    if (*at_ == '\\') return unescape(start, value);
    if (static_cast<unsigned char>(*at_) < 0x20) return fail();
    ascii = false;
    ++at_;
  }
  value = {start, static_cast<size_t>(at_ - start)};
  ++at_;
  return ascii || valid_utf8(value) || fail();
}

// The rest of a string, from its first escape on.
bool JsonScan::unescape(const char* start, std::string_view& value) {
  // What a text decodes to is never longer than the text, so views into it stay valid.
  if (texts_.empty()) texts_.reserve(static_cast<size_t>(end_ - start));
  const size_t begin = texts_.size();
  texts_.append(start, at_);
  for (;;) {
    const char* const plain = at_;
    at_ = scan_detail::skip_plain(at_, end_);
    texts_.append(plain, at_);
    if (at_ == end_) return fail();
    if (*at_ == '"') break;
    if (*at_ == '\\') {
      if (!unescape_one()) return fail();
      continue;
    }
    if (static_cast<unsigned char>(*at_) < 0x20) return fail();
    texts_ += *at_++;
  }
  ++at_;
  value = std::string_view(texts_).substr(begin);
  return valid_utf8(value) || fail();
}

bool JsonScan::unescape_one() {
  if (end_ - at_ < 2) return false;
  const char kind = at_[1];
  at_ += 2;
  switch (kind) {
    case '"':
    case '\\':
    case '/':
      texts_ += kind;
      return true;
    case 'b':
      texts_ += '\b';
      return true;
    case 'f':
      texts_ += '\f';
      return true;
    case 'n':
      texts_ += '\n';
      return true;
    case 'r':
      texts_ += '\r';
      return true;
    case 't':
      texts_ += '\t';
      return true;
    case 'u':
      break;
    default:
      return false;
  }
  uint32_t code = 0;
  if (!unescape_unit(code)) return false;
  if (code >= 0xD800 && code < 0xE000) {
    uint32_t low = 0;
    if (code >= 0xDC00 || end_ - at_ < 2 || at_[0] != '\\' || at_[1] != 'u') return false;
    at_ += 2;
    if (!unescape_unit(low) || low < 0xDC00 || low >= 0xE000) return false;
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  scan_detail::append_utf8(texts_, code);
  return true;
}

bool JsonScan::unescape_unit(uint32_t& unit) {
  if (end_ - at_ < 4) return false;
  for (int i = 0; i < 4; ++i, ++at_) {
    const char c = *at_;
    uint32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<uint32_t>(c - '0');
    } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
      digit = static_cast<uint32_t>((c | 0x20) - 'a' + 10);
    } else {
      return false;
    }
    unit = unit << 4 | digit;
  }
  return true;
}

bool JsonScan::word(std::string_view expected) {
  if (static_cast<size_t>(end_ - at_) < expected.size()) return fail();
  if (std::string_view(at_, expected.size()) != expected) return fail();
  at_ += expected.size();
  return true;
}

bool JsonScan::boolean(bool& value) {
  value = next() == 't';
  return word(value ? "true" : "false");
}

bool JsonScan::natural(uint64_t& value) {
  next();
  const char* const start = at_;
  value = 0;
  for (; at_ != end_ && *at_ >= '0' && *at_ <= '9'; ++at_) {
    value = value * 10 + static_cast<uint64_t>(*at_ - '0');
    if (static_cast<size_t>(at_ - start) >= scan_detail::kMostDigits) return fail();
  }
  const bool leading_zero = at_ - start > 1 && *start == '0';
  const bool goes_on = at_ != end_ && (*at_ == '.' || *at_ == 'e' || *at_ == 'E');
  return (at_ != start && !leading_zero && !goes_on) || fail();
}

bool JsonScan::finish() {
  return (!failed_ && next() == '\0' && at_ == end_) || fail();
}

}  // namespace paddock::wire
