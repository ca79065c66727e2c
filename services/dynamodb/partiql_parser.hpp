// The recursive-descent parser behind parse_partiql. Grammar below the statements of
// partiql_ast.hpp (words in any case):
//
//   condition  = and { OR and }             and     = not { AND not }
//   not        = NOT not | comparison
//   comparison = operand [ comparator operand | [NOT] BETWEEN operand AND operand
//                        | [NOT] IN list | IS [NOT] type ]
//   operand    = "(" condition ")" | function "(" operand, … ")" | value | path
//   path       = name { "." name | "[" digits "]" | "[" string "]" }
//   value      = ? | string | [sign…] number | TRUE | FALSE | NULL
//              | "{" string ":" value, … "}" | "[" value, … "]" | "<<" value, … ">>"
//   sum        = term { ("+" | "-") term }
//   term       = "(" sum ")" | value | path | list_append(term, term)
//              | set_add(path, value) | set_delete(path, value)
//
// What is outside the grammar ends the parse at once. What the grammar has and DynamoDB refuses is
// noted; the first such flaw is reported when the whole statement has parsed, as AWS does it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/dynamodb/partiql_ast.hpp"
#include "services/dynamodb/partiql_lexer.hpp"
#include "services/dynamodb/token_cursor.hpp"

namespace paddock::services::dynamodb {

class PartiqlParser : private TokenCursor<PartiqlToken> {
 public:
  explicit PartiqlParser(std::string_view statement);

  // At most once.
  PartiqlStatement parse();

 private:
  enum class Role : uint8_t { operand, condition };
  struct Part {
    uint32_t node = 0;
    Role role = Role::operand;
  };
  // Counts a level of nesting while it lives.
  class Level;

  void note(std::string message);
  [[noreturn]] void fail(std::string_view detail) const;  // outside the grammar
  [[noreturn]] void fail_here() const;                    // at a token that begins no operand

  void expect(std::string_view punctuation);
  bool at_name() const;  // an identifier that is no keyword, or a quoted one
  bool at_any_word(std::initializer_list<std::string_view> words) const;

  // Statements (partiql_parser.cpp).
  void select();
  void projection();
  void column();
  void source();
  void source_path(bool one_component);
  void alias();
  void order_by();
  void refuse_clauses();
  void insert();
  void insert_item();
  void refuse_insert_query();
  void update();
  void remove();
  void where();
  void returning();
  void simple_table();

  // Conditions and paths (partiql_conditions.cpp).
  Part or_parts();
  Part and_parts();
  Part not_part();
  Part comparison();
  Part operand();
  Part group();
  Part call();
  Part between(const Part& left);
  Part in(const Part& left);
  Part is(const Part& left);
  Part compared(Op op, const Part& left);
  Part conjunction(Op op, std::string_view word, Part (PartiqlParser::*parse_part)());
  Part negated(const Part& part);
  Part type_test(const Part& path, std::string_view type);
  void require_condition(const Part& part, std::string_view message);
  void require_operand(const Part& part);
  void refuse_operator() const;
  ParsedPath path();
  std::string path_name();
  void path_tail(ParsedPath& path);
  PathStep path_index();
  Part path_part();

  // Values (partiql_values.cpp). `under` is the way to the value, as messages name it.
  Part value_part();
  bool at_value() const;
  PartiqlValue value();
  AttributeValue literal(const std::string& under, size_t depth);
  AttributeValue number(const std::string& under);
  AttributeValue map(const std::string& under, size_t depth);
  AttributeValue list(const std::string& under, size_t depth);
  AttributeValue set(const std::string& under);
  AttributeValue set_of(std::vector<AttributeValue> members, const std::vector<std::string>& texts,
                        const std::string& under);

  // Updates (partiql_updates.cpp).
  bool clauses();
  void set_clause();
  Part sum();
  Part term();
  Part list_append();
  UpdateAction set_function(uint32_t target);
  bool at_call() const;

  void count_operator();
  uint32_t add_node(Op op, uint32_t index, const std::vector<uint32_t>& children);
  uint32_t add_path(ParsedPath path);
  uint32_t add_value(PartiqlValue value);  // its number in ParsedExpression::values

  size_t depth_ = 0;
  size_t operators_ = 0;
  std::string flaw_;
  std::shared_ptr<ParsedExpression> out_;  // the condition or the update that is being parsed
  PartiqlStatement statement_;
};

// The depth guard of the recursion.
class PartiqlParser::Level {
 public:
  explicit Level(PartiqlParser& parser);
  ~Level() { --parser_.depth_; }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

 private:
  PartiqlParser& parser_;
};

}  // namespace paddock::services::dynamodb
