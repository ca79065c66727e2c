#include "events/json_tokens.hpp"

#include <cctype>
#include <charconv>
#include <cmath>

namespace paddock::events {
namespace json_tokens {

bool starts_word(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool in_word(char c) {
  return starts_word(c) || (c >= '0' && c <= '9');
}

void append_utf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

constexpr const char* kValues =
    "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

}  // namespace json_tokens

void JsonTokens::fail(const std::string& message) const {
  throw JsonTokenError(message, line_, column());
}

void JsonTokens::unexpected(const std::string& expected) const {
  const char c = text_[at_];
  const auto code = static_cast<unsigned char>(c);
  std::string shown(1, c);
  if (code < 0x20) shown = "CTRL-CHAR";
  if (code >= 0x80) shown = "?";
  fail("Unexpected character (" + (code < 0x20 ? shown : "'" + shown + "'") + " (code " +
       std::to_string(code) + ")): " + expected);
}

void JsonTokens::cut_off(const std::string& where) const {
  fail("Unexpected end-of-input" + where);
}

void JsonTokens::skip_space() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') return;
    ++at_;
    if (c == '\n') {
      ++line_;
      line_start_ = at_;
    }
  }
}

JsonTokens::Kind JsonTokens::next() {
  if (has_pending_) {
    has_pending_ = false;
    if (!value_text_.empty()) token_ = std::move(value_text_);
    value_text_.clear();
    return last_ = pending_;
  }
  if (unread_string_) finish_string();
  skip_space();
  if (open_.empty()) {
    if (started_) {
      if (at_ < text_.size()) unexpected("Expected end-of-input");
      return last_ = Kind::end;
    }
    if (at_ == text_.size()) cut_off("");
    started_ = true;
    return last_ = value();
  }
  const bool in_object = open_.back() == '{';
  if (at_ == text_.size()) {
    cut_off(std::string(": expected close marker for ") + (in_object ? "Object" : "Array"));
  }
  const char bracket = in_object ? '}' : ']';
  if (text_[at_] == bracket) return last_ = close(bracket);
  if (!first_) {
    if (text_[at_] != ',') {
      unexpected(std::string("was expecting comma to separate ") +
                 (in_object ? "Object entries" : "Array entries"));
    }
    ++at_;
    skip_space();
    if (at_ == text_.size()) cut_off(" within/between entries");
  }
  first_ = false;
  return last_ = in_object ? name() : value();
}

JsonTokens::Kind JsonTokens::close(char bracket) {
  ++at_;
  open_.pop_back();
  first_ = false;
  return bracket == '}' ? Kind::end_object : Kind::end_array;
}

JsonTokens::Kind JsonTokens::name() {
  if (text_[at_] != '"') unexpected("was expecting double-quote to start field name");
  ++at_;
  read_string();
  const std::string found = token_;
  skip_space();
  if (at_ == text_.size()) cut_off(" within/between Object entries");
  if (text_[at_] != ':') {
    unexpected("was expecting a colon to separate field name and value");
  }
  ++at_;
  skip_space();
  if (at_ == text_.size()) cut_off(" within/between Object entries");
  pending_ = value();
  has_pending_ = true;
  const bool has_text =
      pending_ != Kind::begin_object && pending_ != Kind::begin_array && pending_ != Kind::string;
  value_text_ = has_text ? token_ : std::string();
  token_ = found;
  return Kind::name;
}

JsonTokens::Kind JsonTokens::value() {
  const char c = text_[at_];
  if (c == '{' || c == '[') {
    if (open_.size() == kMostDepth) fail("Document nesting depth exceeds the maximum allowed");
    open_ += c;
    first_ = true;
    ++at_;
    return c == '{' ? Kind::begin_object : Kind::begin_array;
  }
  if (c == '"') {
    ++at_;
    unread_string_ = true;
    return Kind::string;
  }
  if (c == '-' || (c >= '0' && c <= '9')) return read_number();
  if (json_tokens::starts_word(c)) return read_word();
  unexpected(std::string("expected a valid value ") + json_tokens::kValues);
}

bool JsonTokens::ends_value() const {
  if (at_ == text_.size()) return true;
  const char c = text_[at_];
  return c == ',' || c == ']' || c == '}' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

JsonTokens::Kind JsonTokens::read_number() {
  const size_t start = at_;
  const auto digits = [this] {
    const size_t from = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return at_ - from;
  };
  if (text_[at_] == '-') ++at_;
  const size_t whole = at_;
  if (digits() == 0) {
    fail("Unexpected character in a number: expected digit (0-9) to follow minus sign");
  }
  if (text_[whole] == '0' && at_ - whole > 1) {
    fail("Invalid numeric value: Leading zeroes not allowed");
  }
  if (at_ < text_.size() && text_[at_] == '.') {
    ++at_;
    if (digits() == 0) fail("Decimal point not followed by a digit");
  }
  if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    ++at_;
    if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
    if (digits() == 0) fail("Exponent indicator not followed by a digit");
  }
  if (!ends_value()) unexpected("Expected space separating root-level values");
  token_ = text_.substr(start, at_ - start);
  const auto [end, error] = std::from_chars(token_.data(), token_.data() + token_.size(), number_);
  if (error == std::errc::result_out_of_range) number_ = token_[0] == '-' ? -HUGE_VAL : HUGE_VAL;
  return Kind::number;
}

JsonTokens::Kind JsonTokens::read_word() {
  const size_t start = at_;
  while (at_ < text_.size() && json_tokens::in_word(text_[at_])) ++at_;
  token_ = text_.substr(start, at_ - start);
  if (token_ == "true") return Kind::true_;
  if (token_ == "false") return Kind::false_;
  if (token_ == "null") return Kind::null;
  constexpr size_t kMostShown = 256;
  fail("Unrecognized token '" + token_.substr(0, kMostShown) + "': was expecting " +
       json_tokens::kValues);
}

const std::string& JsonTokens::text() {
  if (unread_string_ && last_ == Kind::string) finish_string();
  switch (last_) {
    case Kind::begin_object:
      token_ = "{";
      break;
    case Kind::end_object:
      token_ = "}";
      break;
    case Kind::begin_array:
      token_ = "[";
      break;
    case Kind::end_array:
      token_ = "]";
      break;
    default:
      break;
  }
  return token_;
}

void JsonTokens::finish_string() {
  unread_string_ = false;
  read_string();
}

// From behind the opening quote to behind the closing one.
void JsonTokens::read_string() {
  token_.clear();
  while (true) {
    if (at_ == text_.size()) cut_off(" in VALUE_STRING");
    const char c = text_[at_];
    if (c == '"') {
      ++at_;
      return;
    }
    if (static_cast<unsigned char>(c) < 0x20) {
      fail("Illegal unquoted character ((CTRL-CHAR, code " + std::to_string(c) +
           ")): has to be escaped using backslash to be included in string value");
    }
    ++at_;
    if (c == '\\') {
      read_escape();
    } else {
      token_ += c;
    }
  }
}

void JsonTokens::read_escape() {
  if (at_ == text_.size()) cut_off(" in character escape sequence");
  const char c = text_[at_];
  constexpr std::string_view kFrom = "\"\\/bfnrt";
  constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
  const size_t known = kFrom.find(c);
  if (known != std::string_view::npos) {
    token_ += kTo[known];
    ++at_;
    return;
  }
  if (c != 'u') {
    fail("Unrecognized character escape '" + std::string(1, c) + "' (code " +
         std::to_string(static_cast<unsigned char>(c)) + ")");
  }
  ++at_;
  uint32_t code = hex4();
  if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_, 2) == "\\u") {
    at_ += 2;
    const uint32_t low = hex4();
    if (low >= 0xDC00 && low < 0xE000) {
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else {
      code = 0xFFFD;
    }
  }
  if (code >= 0xD800 && code < 0xE000) code = 0xFFFD;
  json_tokens::append_utf8(token_, code);
}

uint32_t JsonTokens::hex4() {
  const std::string_view digits = text_.substr(at_, 4);
  uint32_t code = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
  if (digits.size() < 4 || error != std::errc() || end != digits.data() + 4) {
    fail(
        "Unexpected character in an escape sequence: expected a hex-digit for character escape "
        "sequence");
  }
  at_ += 4;
  return code;
}

}  // namespace paddock::events
