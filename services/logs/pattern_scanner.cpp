#include "services/logs/pattern_scanner.hpp"

#include <charconv>

namespace paddock::services::logs {
namespace scanning {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Values that stand without quotes.
constexpr std::string_view kBareMarks = "*.-+";

}  // namespace scanning

void PatternScanner::skip_space() {
  while (!left_.empty() && scanning::is_space(left_.front())) left_.remove_prefix(1);
}

bool PatternScanner::take(std::string_view token) {
  skip_space();
  if (!left_.starts_with(token)) return false;
  left_.remove_prefix(token.size());
  return true;
}

bool PatternScanner::take_word(std::string_view word) {
  skip_space();
  if (!left_.starts_with(word)) return false;
  if (left_.size() > word.size() && scanning::is_word(left_[word.size()])) return false;
  left_.remove_prefix(word.size());
  return true;
}

void PatternScanner::expect(std::string_view token) {
  if (!take(token)) fail();
}

std::string PatternScanner::word(std::string_view more) {
  size_t size = 0;
  while (size < left_.size() &&
         (scanning::is_word(left_[size]) || more.find(left_[size]) != std::string_view::npos)) {
    ++size;
  }
  std::string word(left_.substr(0, size));
  left_.remove_prefix(size);
  return word;
}

std::string PatternScanner::quoted() {
  std::string text;
  for (size_t i = 1; i < left_.size(); ++i) {
    if (left_[i] == '\\' && i + 1 < left_.size()) {
      text += left_[++i];
    } else if (left_[i] == '"') {
      left_.remove_prefix(i + 1);
      return text;
    } else {
      text += left_[i];
    }
  }
  fail();
}

Regex PatternScanner::regex() {
  const size_t end = left_.find('%', 1);
  if (end == std::string_view::npos || end == 1 || ++regexes_ > kMostRegexes) fail();
  const std::string_view text = left_.substr(1, end - 1);
  if (const char bad = Regex::unsupported(text)) fail_at(std::string_view(&bad, 1));
  std::optional<Regex> regex = Regex::make(text);
  if (!regex) fail();
  left_.remove_prefix(end + 1);
  return *std::move(regex);
}

void PatternScanner::fail_at(std::string_view term) {
  throw BadPattern("Invalid character(s) in term '" + std::string(term) + "'");
}

void PatternScanner::fail_here() const {
  if (left_.empty()) fail();
  // AWS shows what is no ASCII as a question mark.
  const bool ascii = static_cast<unsigned char>(left_.front()) < 0x80;
  fail_at(ascii ? left_.substr(0, 1) : "?");
}

Comparison Comparison::parse(PatternScanner& scanner) {
  Comparison comparison;
  Operator& op = comparison.operator_;
  if (scanner.take("!=")) {
    op = Operator::not_equal;
  } else if (scanner.take("<=")) {
    op = Operator::less_equal;
  } else if (scanner.take(">=")) {
    op = Operator::greater_equal;
  } else if (scanner.take("<")) {
    op = Operator::less;
  } else if (scanner.take(">")) {
    op = Operator::greater;
  } else {
    scanner.expect("=");
  }
  const bool ordering = op != Operator::equal && op != Operator::not_equal;
  scanner.skip_space();
  if (scanner.peek() == '%') {
    if (ordering) PatternScanner::fail();
    comparison.regex_ = scanner.regex();
    return comparison;
  }
  if (scanner.peek() == '"') {
    comparison.text_ = scanner.quoted();
  } else {
    comparison.text_ = scanner.word(scanning::kBareMarks);
    if (comparison.text_.empty()) scanner.fail_here();
    comparison.number_ = number_of(comparison.text_);
  }
  if (ordering && !comparison.number_) PatternScanner::fail_at('"' + comparison.text_ + '"');
  return comparison;
}

bool Comparison::equals(std::string_view text, std::optional<double> number) const {
  if (regex_) return regex_->found_in(text);
  if (number_ && number) return *number_ == *number;
  return like(text_, text);
}

bool Comparison::holds(std::string_view text, std::optional<double> number) const {
  switch (operator_) {
    case Operator::equal:
      return equals(text, number);
    case Operator::not_equal:
      return !equals(text, number);
    case Operator::less:
      return number && *number < *number_;
    case Operator::less_equal:
      return number && *number <= *number_;
    case Operator::greater:
      return number && *number > *number_;
    case Operator::greater_equal:
      return number && *number >= *number_;
  }
  return false;
}

bool like(std::string_view pattern, std::string_view text) {
  size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  text.remove_prefix(star);
  while (star != std::string_view::npos) {
    pattern.remove_prefix(star + 1);
    star = pattern.find('*');
    const std::string_view part = pattern.substr(0, star);
    if (part.empty() && star == std::string_view::npos) return true;
    const size_t found = text.find(part);
    if (found == std::string_view::npos) return false;
    text.remove_prefix(found + part.size());
  }
  return text.empty();
}

std::optional<double> number_of(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  // from_chars also knows "inf" and "nan", and would take a second sign.
  const size_t first = text.starts_with('-') ? 1 : 0;
  if (text.size() == first || !((text[first] >= '0' && text[first] <= '9') || text[first] == '.')) {
    return std::nullopt;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace paddock::services::logs
