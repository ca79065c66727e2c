#include "http/plain_head.hpp"

#include <array>
#include <charconv>

#include "core/text.hpp"

namespace paddock::http {
namespace plain_heads {

constexpr std::string_view kVersion = " HTTP/1.1";
constexpr size_t kMostDigits = 15;  // of a Content-Length

// RFC 9110, 5.6.2
constexpr std::array<bool, 256> characters(std::string_view others) {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<size_t>(c)] = true;
  for (const char c : others) table[static_cast<size_t>(c)] = true;
  return table;
}
constexpr auto kNameCharacters = characters("-_");
constexpr auto kTargetCharacters = characters("-_.~/?&=%+:,;@!$'()*");

bool consists_of(const std::array<bool, 256>& table, std::string_view text) {
  for (const char c : text) {
    if (!table[static_cast<unsigned char>(c)]) return false;
  }
  return !text.empty();
}

// Whether it is printable ASCII.
bool is_printable(std::string_view text) {
  constexpr size_t kBlock = 16;  // that the compiler looks at at once
  const auto special = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return static_cast<unsigned char>((byte < 0x20) | (byte > 0x7e));
  };
  unsigned char found = 0;
  size_t at = 0;
  for (; text.size() - at >= kBlock; at += kBlock) {
    const char* const block = text.data() + at;
    for (size_t i = 0; i < kBlock; ++i) found |= special(block[i]);
  }
  for (; at < text.size(); ++at) found |= special(text[at]);
  return found == 0;
}

// The next line without its end; nullopt if it is not all there or ends otherwise.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const size_t end = rest.find('\n');
  if (end == std::string_view::npos || end == 0 || rest[end - 1] != '\r') return std::nullopt;
  const std::string_view line = rest.substr(0, end - 1);
  rest.remove_prefix(end + 1);
  return line;
}

// "POST /path?query HTTP/1.1"
bool read_request_line(std::string_view line, RequestHead& head) {
  if (!line.ends_with(kVersion)) return false;
  line.remove_suffix(kVersion.size());
  const size_t space = line.find(' ');
  if (space == std::string_view::npos) return false;
  const std::string_view method = line.substr(0, space);
  const std::string_view target = line.substr(space + 1);
  if (!consists_of(kNameCharacters, method) || !consists_of(kTargetCharacters, target))
    return false;
  if (target.front() != '/') return false;
  head.method = method;
  head.set_target(target);
  head.version = 11;
  return true;
}

// What of the headers decides how the request is read.
struct Seen {
  bool host = false;
  int64_t content_length = -1;

  bool take(std::string_view name, std::string_view value);
};

bool Seen::take(std::string_view name, std::string_view value) {
  const auto is = [&](std::string_view other) { return equal_ignore_case(name, other); };
  switch (name.size()) {
    case 4:
      if (!is("host")) return true;
      if (host) return false;
      host = true;
      return true;
    case 6:
      return !is("expect");
    case 7:
      return !is("upgrade");
    case 10:
      return !is("connection") || equal_ignore_case(value, "keep-alive");
    case 14: {
      if (!is("content-length")) return true;
      if (content_length >= 0 || value.size() > kMostDigits || value.empty()) return false;
      const char* const end = value.data() + value.size();
      return value.front() != '-' && std::from_chars(value.data(), end, content_length).ptr == end;
    }
    case 16:
      return !is("proxy-connection");
    case 17:
      return !is("transfer-encoding");
    default:
      return true;
  }
}

}  // namespace plain_heads

std::optional<PlainHead> read_plain_head(std::string_view bytes, size_t limit, RequestHead& head) {
  std::string_view rest = bytes;
  auto line = plain_heads::take_line(rest);
  if (!line || !plain_heads::read_request_line(*line, head)) return std::nullopt;
  plain_heads::Seen seen;
  for (;;) {
    line = plain_heads::take_line(rest);
    if (!line) return std::nullopt;
    if (line->empty()) break;
    const size_t colon = line->find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const std::string_view name = line->substr(0, colon);
    const std::string_view value = trim(line->substr(colon + 1));
    if (!plain_heads::consists_of(plain_heads::kNameCharacters, name) ||
        !plain_heads::is_printable(value) || !seen.take(name, value)) {
      return std::nullopt;
    }
    head.headers.add(name, value);
  }
  const size_t taken = bytes.size() - rest.size();
  if (!seen.host || taken > limit) return std::nullopt;
  return PlainHead{taken, seen.content_length};
}

}  // namespace paddock::http
