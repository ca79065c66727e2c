// A parsed PartiQL statement.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/dynamodb/expression.hpp"
#include "services/dynamodb/item.hpp"

namespace paddock::services::dynamodb {

// A literal, or the parameter that a ? stands for.
struct PartiqlValue {
  AttributeValue literal{};
  std::optional<size_t> parameter{};  // from 0
};

// One column of a SELECT, with the name of its value in the answer: the last name of the path and
// the indices after it ("a.b[0]" gives "b[0]").
struct PartiqlColumn {
  ParsedPath path{};
  std::string name{};
};

struct PartiqlOrder {
  std::string attribute{};
  bool descending = false;
};

// The operand of set_add or set_delete, which must be a set.
struct PartiqlSetOperand {
  size_t value = 0;        // in PartiqlStatement::values
  std::string function{};  // "SET_ADD", "SET_DELETE"
  std::string position{};  // for the message
};

enum class PartiqlReturning : uint8_t { none, all_old, modified_old, all_new, modified_new };

struct PartiqlStatement {
  enum class Kind : uint8_t {
    select,
    insert,
    update,
    remove,  // DELETE
    exists   // EXISTS(SELECT …), the condition check of a transaction
  };
  Kind kind = Kind::select;
  std::string table{};
  std::optional<std::string> index{};
  std::vector<PartiqlColumn> columns{};  // empty: all
  std::vector<PartiqlOrder> order{};
  std::vector<std::pair<std::string, PartiqlValue>> item{};  // of INSERT; names are distinct
  // Of kind ExpressionKind::partiql, names in place, values ":n" for values[n].
  ParsedExpressionPtr where{};
  ParsedExpressionPtr update{};
  std::vector<PartiqlValue> values{};
  std::vector<PartiqlSetOperand> set_operands{};
  PartiqlReturning returning = PartiqlReturning::none;
  size_t parameters = 0;  // number of ?

  bool reads() const { return kind == Kind::select; }
};

// Throws ValidationException in AWS's words: "Statement wasn't well formed, can't be processed: …"
// for a text outside the grammar, and the texts of what AWS parses and refuses (aliases, clauses,
// functions, literals). `statement` is well-formed UTF-8 of at most kMaxStatementBytes.
//
//   SELECT (* | path, …) FROM table[.index] [WHERE condition] [ORDER BY key [ASC|DESC], …]
//   INSERT INTO table VALUE {'name': value, …}
//   UPDATE table (SET path = sum, … | REMOVE path, …)… [WHERE condition] [RETURNING …]
//   FROM table [WHERE condition] (SET … | REMOVE …)… [RETURNING …]
//   DELETE FROM table [WHERE condition] [RETURNING …]
//   EXISTS(SELECT …)
//   returning = (ALL | MODIFIED) (OLD | NEW) *
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.statements.html
PartiqlStatement parse_partiql(std::string_view statement);

}  // namespace paddock::services::dynamodb
