// A PartiQL statement with its parameters.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "services/dynamodb/condition.hpp"
#include "services/dynamodb/item_write.hpp"
#include "services/dynamodb/partiql_ast.hpp"
#include "services/dynamodb/partiql_keys.hpp"
#include "services/dynamodb/update.hpp"

namespace paddock::services::dynamodb {

// Throws as AWS refuses the values of the Parameters of `request`, whatever its text says.
void check_parameters(const Json& request);

// Stays in place: its expressions refer to its values. Used by one thread at a time.
class BoundStatement {
 public:
  // Parses and binds the Statement and Parameters of `request`. Throws ValidationException as AWS
  // refuses values, the text, its use of parameters and operands that can never be right, in this
  // order.
  explicit BoundStatement(const Json& request);
  BoundStatement(const BoundStatement&) = delete;
  BoundStatement& operator=(const BoundStatement&) = delete;

  const PartiqlStatement& statement() const { return statement_; }
  // nullptr without WHERE.
  const ConditionExpression* where() const { return where_ ? &*where_ : nullptr; }
  const StatementKeys* keys() const { return keys_ ? &*keys_ : nullptr; }
  // The item of an INSERT.
  Item item() const;
  // What is bound to a NextToken: a number for the text and its parameters.
  uint64_t fingerprint() const { return fingerprint_; }
  // What RETURNING shows of an UPDATE or DELETE, as JSON text; "" if nothing.
  std::string returned(const ItemWrite& write, std::string_view before,
                       std::string_view after) const;

 private:
  friend ItemWrite statement_write(const std::shared_ptr<BoundStatement>& bound,
                                   const Table& table);
  const AttributeValue& resolve(const PartiqlValue& value) const;

  std::vector<AttributeValue> parameters_;
  PartiqlStatement statement_;
  ExpressionAttributes attributes_;
  std::optional<ConditionExpression> where_;
  std::optional<StatementKeys> keys_;
  uint64_t fingerprint_ = 0;
};

// The write of an INSERT, UPDATE or DELETE, or the check of an EXISTS, not yet checked against the
// table: the subject has the key attributes that the statement gives. Throws ValidationException
// for a key with two values.
ItemWrite statement_write(const std::shared_ptr<BoundStatement>& bound, const Table& table);

// Throws as AWS refuses a statement of its own (in a transaction the write's own check does):
// a key attribute is missing or of a wrong type.
void check_statement_key(const PartiqlStatement& statement, const Table& table,
                         const ItemWrite& write);

}  // namespace paddock::services::dynamodb
