// The recursive-descent parser behind parse_expression. Grammar (keywords in any case):
//
//   condition  = and { OR and }            and     = not { AND not }
//   not        = NOT not | comparison
//   comparison = primary [ comparator primary | BETWEEN primary AND primary
//                        | IN "(" primary { "," primary } ")" ]
//   primary    = "(" condition ")" | function | value | path        (operands may be in
//   parentheses) function   = identifier "(" primary { "," primary } ")" path       = step { "."
//   step | "[" digits "]" }                 step = identifier | #name projection = path { "," path
//   } update     = section { section } section    = SET path "=" sum { "," … } | REMOVE path { ","
//   … }
//              | ADD path value { "," … } | DELETE path value { "," … }
//   sum        = term [ ("+" | "-") term ]
//   term       = "(" sum ")" | function | value | path
//
// Syntax errors end the parse. Other errors are noted and reported at the end in AWS's order, which
// is by kind, not by position.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/dynamodb/expression.hpp"
#include "services/dynamodb/expression_lexer.hpp"
#include "services/dynamodb/token_cursor.hpp"

namespace paddock::services::dynamodb {

class ExpressionParser : private TokenCursor<Token> {
 public:
  ExpressionParser(ExpressionKind kind, std::string_view text);

  // At most once.
  ParsedExpressionPtr parse();

 private:
  // What a part may be used as.
  enum class Role : uint8_t { operand, condition, unknown_function };
  struct Part {
    uint32_t node = 0;
    Role role = Role::operand;
    bool parenthesised = false;  // exactly one group in parentheses
    std::string_view function;   // its name, of a call
  };
  // Counts a level of nesting while it lives.
  class Level;

  // Errors that do not stop the parse; the first of each kind is kept.
  enum class Flaw : uint8_t { parentheses, function_name, misuse, reserved, section, kCount };
  void note(Flaw flaw, std::string message);
  void report_flaws() const;
  [[noreturn]] void fail(std::string_view message) const;
  [[noreturn]] void fail_syntax() const;  // at the present token

  void expect(std::string_view punctuation);
  bool is_keyword(const Token& token) const;

  void count_operator();
  uint32_t add_node(Op op, uint32_t index, const std::vector<uint32_t>& children);
  Part value_part();
  Part path_part();
  void path_step(ParsedPath& path);
  void path_tail(ParsedPath& path);
  uint32_t path();

  // Conditions.
  Part or_parts();
  Part and_parts();
  Part not_part();
  Part comparison();
  Part primary();
  Part group();
  Part call();
  Part between(const Part& left);
  Part in(const Part& left);
  Part conjunction(Op op, std::string_view keyword, Part (ExpressionParser::*parse_part)());
  void require_condition(const Part& part);
  void require_operand(const Part& part);

  // Updates.
  void sections();
  void section(UpdateAction::Kind kind);
  UpdateAction action(UpdateAction::Kind kind);
  Part sum();
  Part term();
  Part update_call();

  std::string_view text_;
  size_t operators_ = 0;
  size_t depth_ = 0;
  std::array<std::string, static_cast<size_t>(Flaw::kCount)> flaws_;
  std::shared_ptr<ParsedExpression> out_;
};

}  // namespace paddock::services::dynamodb
