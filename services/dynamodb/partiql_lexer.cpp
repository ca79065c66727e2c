#include "services/dynamodb/partiql_lexer.hpp"

#include <algorithm>
#include <iterator>

#include "core/text.hpp"
#include "services/dynamodb/partiql_errors.hpp"

namespace paddock::services::dynamodb {
namespace partiql_lexer_detail {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}
bool in_word(char c) {
  return starts_word(c) || is_digit(c);
}
bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

template <class Accept>
size_t run_length(std::string_view text, size_t from, Accept accept) {
  size_t end = from;
  while (end < text.size() && accept(text[end])) ++end;
  return end - from;
}

// Length of white space and comments at the start of `text`; npos for a comment without an end.
size_t blank_length(std::string_view text) {
  size_t at = 0;
  for (;;) {
    at += run_length(text, at, is_space);
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("--")) {
      const size_t end = rest.find_first_of("\r\n");
      at += end == std::string_view::npos ? rest.size() : end;
    } else if (rest.starts_with("/*")) {
      const size_t end = rest.find("*/", 2);
      if (end == std::string_view::npos) return end;
      at += end + 2;
    } else {
      return at;
    }
  }
}

// Of what stands in quotes, both quotes included; npos if it does not end.
size_t quoted_length(std::string_view text) {
  const char quote = text.front();
  for (size_t at = 1; at < text.size(); ++at) {
    if (text[at] != quote) continue;
    if (at + 1 == text.size() || text[at + 1] != quote) return at + 1;
    ++at;
  }
  return std::string_view::npos;
}

size_t number_length(std::string_view text) {
  size_t at = run_length(text, 0, is_digit);
  if (at < text.size() && text[at] == '.') {
    ++at;
    at += run_length(text, at, is_digit);
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    size_t exponent = at + 1;
    if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) ++exponent;
    const size_t digits = run_length(text, exponent, is_digit);
    if (digits > 0) at = exponent + digits;
  }
  return at;
}

// npos if the text begins no token.
size_t punctuation_length(std::string_view text) {
  const std::string_view pair = text.substr(0, 2);
  for (const std::string_view known : {"<<", ">>", "<>", "!=", "<=", ">=", "||"}) {
    if (pair == known) return 2;
  }
  return std::string_view("()[]{}.,:;?=<>+-*/%").find(text.front()) == std::string_view::npos
             ? std::string_view::npos
             : 1;
}

size_t measure(std::string_view text, PartiqlTokenKind& kind) {
  const char c = text.front();
  if (starts_word(c)) {
    kind = PartiqlTokenKind::identifier;
    return run_length(text, 0, in_word);
  }
  if (is_digit(c) || (c == '.' && text.size() > 1 && is_digit(text[1]))) {
    kind = PartiqlTokenKind::number;
    return number_length(text);
  }
  if (c == '"' || c == '\'') {
    kind = c == '"' ? PartiqlTokenKind::quoted : PartiqlTokenKind::string;
    return quoted_length(text);
  }
  kind = PartiqlTokenKind::punctuation;
  return punctuation_length(text);
}

size_t characters(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) >> 6) != 2; }));
}

// Moves a position over `text`.
void advance(std::string_view text, size_t& line, size_t& column) {
  for (size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n')) {
    ++line;
    column = 1;
    text.remove_prefix(at + 1);
  }
  column += characters(text);
}

// Sorted. The words for parts of a date (YEAR, MONTH …) are names.
constexpr std::string_view kKeywords[] = {"ABSOLUTE",
                                          "ACTION",
                                          "ADD",
                                          "ALL",
                                          "ALLOCATE",
                                          "ALTER",
                                          "AND",
                                          "ANY",
                                          "ARE",
                                          "AS",
                                          "ASC",
                                          "ASSERTION",
                                          "AT",
                                          "AUTHORIZATION",
                                          "AVG",
                                          "BAG",
                                          "BEGIN",
                                          "BETWEEN",
                                          "BIT",
                                          "BIT_LENGTH",
                                          "BLOB",
                                          "BOOL",
                                          "BOOLEAN",
                                          "BOTH",
                                          "BY",
                                          "CASCADE",
                                          "CASCADED",
                                          "CASE",
                                          "CAST",
                                          "CATALOG",
                                          "CHAR",
                                          "CHARACTER",
                                          "CHARACTER_LENGTH",
                                          "CHAR_LENGTH",
                                          "CHECK",
                                          "CLOB",
                                          "CLOSE",
                                          "COALESCE",
                                          "COLLATE",
                                          "COLLATION",
                                          "COLUMN",
                                          "COMMIT",
                                          "CONNECT",
                                          "CONNECTION",
                                          "CONSTRAINT",
                                          "CONSTRAINTS",
                                          "CONTINUE",
                                          "CONVERT",
                                          "CORRESPONDING",
                                          "COUNT",
                                          "CREATE",
                                          "CROSS",
                                          "CURRENT",
                                          "CURRENT_DATE",
                                          "CURRENT_TIME",
                                          "CURRENT_TIMESTAMP",
                                          "CURRENT_USER",
                                          "CURSOR",
                                          "DATE",
                                          "DEALLOCATE",
                                          "DEC",
                                          "DECIMAL",
                                          "DECLARE",
                                          "DEFAULT",
                                          "DEFERRABLE",
                                          "DEFERRED",
                                          "DELETE",
                                          "DESC",
                                          "DESCRIBE",
                                          "DESCRIPTOR",
                                          "DIAGNOSTICS",
                                          "DISCONNECT",
                                          "DISTINCT",
                                          "DOMAIN",
                                          "DOUBLE",
                                          "DROP",
                                          "ELSE",
                                          "END",
                                          "ESCAPE",
                                          "EXCEPT",
                                          "EXCEPTION",
                                          "EXEC",
                                          "EXECUTE",
                                          "EXISTS",
                                          "EXTERNAL",
                                          "EXTRACT",
                                          "FALSE",
                                          "FETCH",
                                          "FIRST",
                                          "FLOAT",
                                          "FOR",
                                          "FOREIGN",
                                          "FOUND",
                                          "FROM",
                                          "FULL",
                                          "GET",
                                          "GLOBAL",
                                          "GO",
                                          "GOTO",
                                          "GRANT",
                                          "GROUP",
                                          "HAVING",
                                          "IDENTITY",
                                          "IMMEDIATE",
                                          "IN",
                                          "INDEX",
                                          "INDICATOR",
                                          "INITIALLY",
                                          "INNER",
                                          "INPUT",
                                          "INSENSITIVE",
                                          "INSERT",
                                          "INT",
                                          "INTEGER",
                                          "INTERSECT",
                                          "INTERVAL",
                                          "INTO",
                                          "IS",
                                          "ISOLATION",
                                          "JOIN",
                                          "KEY",
                                          "LANGUAGE",
                                          "LAST",
                                          "LEADING",
                                          "LEFT",
                                          "LEVEL",
                                          "LIKE",
                                          "LIMIT",
                                          "LIST",
                                          "LOCAL",
                                          "LOWER",
                                          "MATCH",
                                          "MAX",
                                          "MIN",
                                          "MISSING",
                                          "MODULE",
                                          "NAMES",
                                          "NATIONAL",
                                          "NATURAL",
                                          "NCHAR",
                                          "NEXT",
                                          "NO",
                                          "NOT",
                                          "NULL",
                                          "NULLIF",
                                          "NUMERIC",
                                          "OCTET_LENGTH",
                                          "OF",
                                          "ON",
                                          "ONLY",
                                          "OPEN",
                                          "OPTION",
                                          "OR",
                                          "ORDER",
                                          "OUTER",
                                          "OUTPUT",
                                          "OVERLAPS",
                                          "PAD",
                                          "PARTIAL",
                                          "PIVOT",
                                          "POSITION",
                                          "PRECISION",
                                          "PREPARE",
                                          "PRESERVE",
                                          "PRIMARY",
                                          "PRIOR",
                                          "PRIVILEGES",
                                          "PROCEDURE",
                                          "PUBLIC",
                                          "READ",
                                          "REAL",
                                          "REFERENCES",
                                          "RELATIVE",
                                          "REMOVE",
                                          "RESTRICT",
                                          "RETURNING",
                                          "REVOKE",
                                          "RIGHT",
                                          "ROLLBACK",
                                          "ROWS",
                                          "SCHEMA",
                                          "SCROLL",
                                          "SECTION",
                                          "SELECT",
                                          "SESSION",
                                          "SESSION_USER",
                                          "SET",
                                          "SEXP",
                                          "SIZE",
                                          "SMALLINT",
                                          "SOME",
                                          "SPACE",
                                          "SQL",
                                          "SQLCODE",
                                          "SQLERROR",
                                          "SQLSTATE",
                                          "STRING",
                                          "STRUCT",
                                          "SUBSTRING",
                                          "SUM",
                                          "SYMBOL",
                                          "SYSTEM_USER",
                                          "TABLE",
                                          "TEMPORARY",
                                          "THEN",
                                          "TIME",
                                          "TIMESTAMP",
                                          "TO",
                                          "TRAILING",
                                          "TRANSACTION",
                                          "TRANSLATE",
                                          "TRANSLATION",
                                          "TRIM",
                                          "TRUE",
                                          "TUPLE",
                                          "UNION",
                                          "UNIQUE",
                                          "UNKNOWN",
                                          "UNPIVOT",
                                          "UPDATE",
                                          "UPPER",
                                          "USAGE",
                                          "USER",
                                          "USING",
                                          "VALUE",
                                          "VALUES",
                                          "VARCHAR",
                                          "VARYING",
                                          "VIEW",
                                          "WHEN",
                                          "WHENEVER",
                                          "WHERE",
                                          "WITH",
                                          "WORK",
                                          "WRITE",
                                          "ZONE"};

}  // namespace partiql_lexer_detail

bool PartiqlToken::is_word(std::string_view word) const {
  return kind == PartiqlTokenKind::identifier && equal_ignore_case(text, word);
}

std::string PartiqlToken::content() const {
  const char quote = text.front();
  std::string out;
  out.reserve(text.size());
  for (size_t at = 1; at + 1 < text.size(); ++at) {
    out += text[at];
    if (text[at] == quote) ++at;
  }
  return out;
}

std::string PartiqlToken::position() const {
  return std::to_string(line) + ":" + std::to_string(column) + ":" + std::to_string(length);
}

std::vector<PartiqlToken> tokenize_partiql(std::string_view statement) {
  std::vector<PartiqlToken> tokens;
  tokens.reserve(statement.size() / 4 + 2);
  size_t line = 1;
  size_t column = 1;
  for (;;) {
    const size_t blank = partiql_lexer_detail::blank_length(statement);
    if (blank == std::string_view::npos) throw errors::malformed_statement("");
    partiql_lexer_detail::advance(statement.substr(0, blank), line, column);
    statement.remove_prefix(blank);
    PartiqlToken token;
    token.line = line;
    token.column = column;
    if (statement.empty()) {
      tokens.push_back(token);
      return tokens;
    }
    const size_t bytes = partiql_lexer_detail::measure(statement, token.kind);
    if (bytes == std::string_view::npos) throw errors::malformed_statement("");
    token.text = statement.substr(0, bytes);
    token.length = partiql_lexer_detail::characters(token.text);
    partiql_lexer_detail::advance(token.text, line, column);
    statement.remove_prefix(bytes);
    tokens.push_back(token);
  }
}

bool partiql_keyword(std::string_view word) {
  std::string upper(word);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return std::binary_search(std::begin(partiql_lexer_detail::kKeywords),
                            std::end(partiql_lexer_detail::kKeywords), upper);
}

}  // namespace paddock::services::dynamodb
