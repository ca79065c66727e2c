#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace paddock {

namespace text_detail {

constexpr std::array<signed char, 256> hex_values() {
  std::array<signed char, 256> table{};
  for (auto& value : table) value = -1;
  for (int i = 0; i < 10; ++i) table[static_cast<size_t>('0' + i)] = static_cast<signed char>(i);
  for (int i = 0; i < 6; ++i) {
    table[static_cast<size_t>('a' + i)] = static_cast<signed char>(10 + i);
    table[static_cast<size_t>('A' + i)] = static_cast<signed char>(10 + i);
  }
  return table;
}
constexpr auto kHexValues = hex_values();

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<unsigned char, 256> base64_values() {
  std::array<unsigned char, 256> table{};
  for (auto& value : table) value = 0xff;
  for (size_t i = 0; i < kBase64.size(); ++i) {
    table[static_cast<unsigned char>(kBase64[i])] = static_cast<unsigned char>(i);
  }
  return table;
}
constexpr auto kBase64Values = base64_values();

int hex_value(char c) {
  return kHexValues[static_cast<unsigned char>(c)];
}
uint32_t base64_value(char c) {
  return kBase64Values[static_cast<unsigned char>(c)];
}

constexpr uint64_t repeat(unsigned char byte) {
  return 0x0101010101010101u * byte;
}

uint64_t load8(const char* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, 8);
  return word;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

// Eight bytes with their capital letters made small.
uint64_t lower8(uint64_t word) {
  const uint64_t low = word & ~repeat(0x80);
  const uint64_t from_a = low + repeat(0x80 - 'A');        // high bit: at least 'A'
  const uint64_t beyond_z = low + repeat(0x80 - 'Z' - 1);  // high bit: above 'Z'
  return word | ((from_a & ~beyond_z & ~word & repeat(0x80)) >> 2);
}

// Nonzero if one of the eight bytes is zero; false alarms only above a true one.
uint64_t has_zero(uint64_t word) {
  return (word - repeat(1)) & ~word & repeat(0x80);
}

// Nonzero if one of the eight bytes needs a JSON escape.
uint64_t needs_escape(uint64_t word) {
  const uint64_t control = (word - repeat(0x20)) & ~word & repeat(0x80);
  return control | has_zero(word ^ repeat('"')) | has_zero(word ^ repeat('\\'));
}

bool escaped_in_json(unsigned char c) {
  return c < 0x20 || c == '"' || c == '\\';
}

// Whether a JSON string of it has no escapes. The last eight bytes may be looked at twice.
bool plain_in_json(std::string_view text) {
  if (text.size() < 8) {
    for (const char c : text) {
      if (escaped_in_json(static_cast<unsigned char>(c))) return false;
    }
    return true;
  }
  const char* const last = text.data() + text.size() - 8;
  for (const char* at = text.data(); at < last; at += 8) {
    if (needs_escape(load8(at)) != 0) return false;
  }
  return needs_escape(load8(last)) == 0;
}

// Length of the well-formed UTF-8 sequence at `at`, 0 if it is malformed (Unicode table 3-7).
size_t utf8_sequence(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const auto tail = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const size_t left = text.size() - at;
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return left >= 2 && tail(1) ? 2 : 0;
  if (first < 0xf0) {
    if (left < 3 || !tail(1) || !tail(2)) return 0;
    if (first == 0xe0 && byte(1) < 0xa0) return 0;
    if (first == 0xed && byte(1) > 0x9f) return 0;
    return 3;
  }
  if (first > 0xf4 || left < 4 || !tail(1) || !tail(2) || !tail(3)) return 0;
  if (first == 0xf0 && byte(1) < 0x90) return 0;
  if (first == 0xf4 && byte(1) > 0x8f) return 0;
  return 4;
}

bool unreserved(unsigned char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace text_detail

std::string to_hex(std::string_view bytes) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string out(bytes.size() * 2, '\0');
  char* to = out.data();
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    *to++ = kDigits[byte >> 4];
    *to++ = kDigits[byte & 15];
  }
  return out;
}

std::optional<std::string> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string out(hex.size() / 2, '\0');
  for (size_t i = 0; i < out.size(); ++i) {
    const int high = text_detail::hex_value(hex[2 * i]);
    const int low = text_detail::hex_value(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out[i] = static_cast<char>(high << 4 | low);
  }
  return out;
}

std::string to_base64(std::string_view bytes) {
  using text_detail::kBase64;
  std::string out((bytes.size() + 2) / 3 * 4, '=');
  const auto* from = reinterpret_cast<const unsigned char*>(bytes.data());
  char* to = out.data();
  size_t left = bytes.size();
  for (; left >= 3; left -= 3, from += 3) {
    const uint32_t group = uint32_t{from[0]} << 16 | uint32_t{from[1]} << 8 | from[2];
    *to++ = kBase64[group >> 18];
    *to++ = kBase64[group >> 12 & 63];
    *to++ = kBase64[group >> 6 & 63];
    *to++ = kBase64[group & 63];
  }
  if (left > 0) {
    const uint32_t group = uint32_t{from[0]} << 16 | (left == 2 ? uint32_t{from[1]} << 8 : 0);
    *to++ = kBase64[group >> 18];
    *to++ = kBase64[group >> 12 & 63];
    if (left == 2) *to++ = kBase64[group >> 6 & 63];
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  using text_detail::base64_value;
  if (text.size() % 4 != 0) return std::nullopt;
  size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  const size_t characters = text.size() - padding;
  std::string out(characters * 6 / 8, '\0');
  char* to = out.data();
  size_t i = 0;
  for (; i + 4 <= characters; i += 4) {
    const uint32_t a = base64_value(text[i]), b = base64_value(text[i + 1]);
    const uint32_t c = base64_value(text[i + 2]), d = base64_value(text[i + 3]);
    if ((a | b | c | d) > 63) return std::nullopt;
    const uint32_t group = a << 18 | b << 12 | c << 6 | d;
    *to++ = static_cast<char>(group >> 16);
    *to++ = static_cast<char>(group >> 8);
    *to++ = static_cast<char>(group);
  }
  if (padding > 0) {
    const uint32_t a = base64_value(text[i]), b = base64_value(text[i + 1]);
    const uint32_t c = padding == 1 ? base64_value(text[i + 2]) : 0;
    if ((a | b | c) > 63) return std::nullopt;
    const uint32_t group = a << 18 | b << 12 | c << 6;
    if ((group & (padding == 1 ? 0xffu : 0xffffu)) != 0) return std::nullopt;
    *to++ = static_cast<char>(group >> 16);
    if (padding == 1) *to++ = static_cast<char>(group >> 8);
  }
  return out;
}

std::string url_encode(std::string_view text, bool keep_slash) {
  constexpr const char* kDigits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size() + 16);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (text_detail::unreserved(byte) || (keep_slash && c == '/')) {
      out += c;
    } else {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

std::string url_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = text_detail::hex_value(text[i + 1]);
      const int low = text_detail::hex_value(text[i + 2]);
      if (high >= 0 && low >= 0) {
        out += static_cast<char>(high << 4 | low);
        i += 2;
        continue;
      }
    }
    out += plus_is_space && text[i] == '+' ? ' ' : text[i];
  }
  return out;
}

bool valid_utf8(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    if (text.size() - at >= 8 &&
        (text_detail::load8(text.data() + at) & text_detail::repeat(0x80)) == 0) {
      at += 8;
      continue;
    }
    const size_t length = text_detail::utf8_sequence(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

size_t utf16_length(std::string_view text) {
  size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80) units += byte >= 0xf0 ? 2 : 1;
  }
  return units;
}

std::string to_lower(std::string_view ascii) {
  std::string out(ascii);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return out;
}

bool equal_ignore_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  size_t at = 0;
  for (; a.size() - at >= 8; at += 8) {
    if (text_detail::lower8(text_detail::load8(a.data() + at)) !=
        text_detail::lower8(text_detail::load8(b.data() + at))) {
      return false;
    }
  }
  for (; at < a.size(); ++at) {
    if (text_detail::lower(a[at]) != text_detail::lower(b[at])) return false;
  }
  return true;
}

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (;;) {
    const size_t end = text.find(separator);
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr const char* kDigits = "0123456789abcdef";
  if (text_detail::plain_in_json(text)) {
    const size_t start = out.size();
    out.resize(start + text.size() + 2);
    out[start] = '"';
    if (!text.empty()) std::memcpy(out.data() + start + 1, text.data(), text.size());
    out.back() = '"';
    return;
  }
  out += '"';
  size_t at = 0;
  while (at < text.size()) {
    size_t end = at;
    while (end + 8 <= text.size() &&
           text_detail::needs_escape(text_detail::load8(text.data() + end)) == 0) {
      end += 8;
    }
    while (end < text.size() &&
           !text_detail::escaped_in_json(static_cast<unsigned char>(text[end]))) {
      ++end;
    }
    out.append(text, at, end - at);
    if (end == text.size()) break;
    const char c = text[end];
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += "\\u00";
        out += kDigits[static_cast<unsigned char>(c) >> 4];
        out += kDigits[static_cast<unsigned char>(c) & 15];
    }
    at = end + 1;
  }
  out += '"';
}

}  // namespace paddock
