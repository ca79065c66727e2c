// The place of a recursive-descent parser in its tokens.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace paddock::services::dynamodb {

// `Token` has a `kind` with an `end`, is(punctuation) and is_word(word); the last token, and only
// that, is the end.
template <class Token>
class TokenCursor {
 protected:
  TokenCursor() = default;
  explicit TokenCursor(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  // The token `ahead` of the present one; the end from there on.
  const Token& peek(size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  // The present token; goes on to the next, but not beyond the end.
  Token take() {
    const Token token = peek();
    if (token.kind != decltype(token.kind)::end) ++at_;
    return token;
  }
  // Whether the present token is this; goes on if so.
  bool accept(std::string_view punctuation) {
    const bool found = peek().is(punctuation);
    if (found) ++at_;
    return found;
  }
  bool accept_word(std::string_view word) {
    const bool found = peek().is_word(word);
    if (found) ++at_;
    return found;
  }

  std::vector<Token> tokens_;
  size_t at_ = 0;
};

}  // namespace paddock::services::dynamodb
