// Tokens of PartiQL statements.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace paddock::services::dynamodb {

inline constexpr size_t kMaxStatementBytes = 8192;  // API reference, ExecuteStatement

enum class PartiqlTokenKind : uint8_t {
  identifier,   // a, _a1, $a; keywords too
  quoted,       // "a": text has the quotes
  string,       // 'a': text has the quotes
  number,       // 1, 1.5, .5, 1e-5; never signed
  punctuation,  // ( ) [ ] { } << >> . , : ; ? = <> != < <= > >= + - * / % ||
  end
};

struct PartiqlToken {
  PartiqlTokenKind kind = PartiqlTokenKind::end;
  std::string_view text;  // of the statement
  size_t line = 1;        // from 1, as messages count
  size_t column = 1;      // in characters, from 1
  size_t length = 0;      // in characters

  bool is(std::string_view punctuation) const {
    return kind == PartiqlTokenKind::punctuation && text == punctuation;
  }
  // True for this word (given in upper case) in any case, unless it is quoted.
  bool is_word(std::string_view word) const;
  // What a quoted identifier or a string says: doubled quotes count once.
  std::string content() const;
  // "1:8:5": line, column and length, as AWS ends some messages.
  std::string position() const;
};

// The tokens of `statement`, well-formed UTF-8, with `end` last; they are views into it. White
// space and comments (-- to the end of the line, /* */) are left out. Throws ValidationException
// "Statement wasn't well formed, can't be processed: " for what begins no token or does not end.
std::vector<PartiqlToken> tokenize_partiql(std::string_view statement);

// True for a word that is no name unless it is quoted: the keywords of SQL-92 and of PartiQL.
bool partiql_keyword(std::string_view word);

}  // namespace paddock::services::dynamodb
