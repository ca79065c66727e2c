#include <stdexcept>

#include "core/text.hpp"
#include "wire/codec.hpp"

namespace paddock::wire {
namespace {

int form_hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decode_form_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? form_hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? form_hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) throw std::invalid_argument("malformed escape in a parameter");
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  if (!valid_utf8(out)) throw std::invalid_argument("a parameter is not UTF-8");
  return out;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> parse_form(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> out;
  while (!text.empty()) {
    const size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (pair.empty()) continue;
    if (out.size() == kMaxFormFields) throw std::invalid_argument("too many parameters");
    const size_t equals = pair.find('=');
    out.emplace_back(
        decode_form_text(pair.substr(0, equals)),
        equals == std::string_view::npos ? "" : decode_form_text(pair.substr(equals + 1)));
  }
  return out;
}

}  // namespace paddock::wire
