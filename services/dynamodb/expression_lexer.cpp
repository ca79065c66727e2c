#include "services/dynamodb/expression_lexer.hpp"

#include "core/text.hpp"

namespace paddock::services::dynamodb {
namespace lexer_detail {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool in_word(char c) {
  return starts_word(c) || is_digit(c) || c == '_';
}

template <class Accept>
size_t run_length(std::string_view text, size_t from, Accept accept) {
  size_t end = from;
  while (end < text.size() && accept(text[end])) ++end;
  return end - from;
}

// A character that begins no token, with the rest of its UTF-8 sequence.
size_t unknown_length(std::string_view text) {
  return 1 + run_length(text, 1, [](char c) { return (static_cast<unsigned char>(c) >> 6) == 2; });
}

Token next_token(std::string_view text) {
  const char c = text.front();
  if (starts_word(c)) return {TokenKind::identifier, text.substr(0, run_length(text, 0, in_word))};
  if (is_digit(c)) return {TokenKind::number, text.substr(0, run_length(text, 0, is_digit))};
  if (c == '#' || c == ':') {
    const size_t length = 1 + run_length(text, 1, in_word);
    if (length == 1) return {TokenKind::unknown, text.substr(0, 1)};
    return {c == '#' ? TokenKind::name : TokenKind::value, text.substr(0, length)};
  }
  const std::string_view pair = text.substr(0, 2);
  if (pair == "<>" || pair == "<=" || pair == ">=") return {TokenKind::punctuation, pair};
  if (std::string_view("()[].,=<>+-").find(c) != std::string_view::npos)
    return {TokenKind::punctuation, text.substr(0, 1)};
  return {TokenKind::unknown, text.substr(0, unknown_length(text))};
}

}  // namespace lexer_detail

bool Token::is_word(std::string_view keyword) const {
  return kind == TokenKind::identifier && equal_ignore_case(text, keyword);
}

std::vector<Token> tokenize(std::string_view text) {
  std::vector<Token> tokens;
  tokens.reserve(text.size() / 3 + 2);
  for (size_t at = 0; at < text.size();) {
    if (lexer_detail::is_space(text[at])) {
      ++at;
      continue;
    }
    tokens.push_back(lexer_detail::next_token(text.substr(at)));
    at += tokens.back().text.size();
  }
  tokens.push_back({TokenKind::end, "<EOF>"});
  return tokens;
}

}  // namespace paddock::services::dynamodb
