// What holds for an answer's head in every version of HTTP.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace paddock::http {

// RFC 9110, 5.6.2
inline constexpr std::array<bool, 256> kTokenCharacters = [] {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<size_t>(c)] = true;
  for (const char c :
       {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'}) {
    table[static_cast<size_t>(c)] = true;
  }
  return table;
}();

inline bool is_token(std::string_view text) {
  for (const char c : text) {
    if (!kTokenCharacters[static_cast<unsigned char>(c)]) return false;
  }
  return !text.empty();
}

// Appends a header's value; line breaks and other control characters become spaces.
inline void append_value(std::string& out, std::string_view value) {
  const size_t start = out.size();
  out.append(value);
  // Branchless, so that the compiler takes many bytes at once.
  bool control = false;
  for (const char c : value) control |= static_cast<unsigned char>(c) < 0x20;
  if (!control) return;
  for (size_t i = start; i < out.size(); ++i) {
    if (static_cast<unsigned char>(out[i]) < 0x20 && out[i] != '\t') out[i] = ' ';
  }
}

// RFC 9110: an answer of these has no body and no length.
inline bool never_has_body(int status) {
  return status < 200 || status == 204 || status == 304;
}

// The Content-Length that an answer's headers give.
inline std::optional<uint64_t> length_given(const Headers& headers) {
  const std::string_view text = headers.get("content-length");
  uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return length;
}

}  // namespace paddock::http
