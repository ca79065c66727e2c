// Tokens of the expression language.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace paddock::services::dynamodb {

enum class TokenKind : uint8_t {
  identifier,   // a, a_1; keywords too
  name,         // #a
  value,        // :a
  number,       // digits
  punctuation,  // ( ) [ ] . , = <> < <= > >= + -
  unknown,      // one character that no token begins with
  end
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;  // of the expression; "<EOF>" at the end

  bool is(std::string_view punctuation) const {
    return kind == TokenKind::punctuation && text == punctuation;
  }
  // True for this word (given in upper case) in any case.
  bool is_word(std::string_view word) const;
};

// The tokens of `text` with `end` last; they are views into it. Never fails.
std::vector<Token> tokenize(std::string_view text);

}  // namespace paddock::services::dynamodb
