// UpdateExpression.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "services/dynamodb/expression.hpp"

namespace paddock::services::dynamodb {

// Immutable once bound; applying is pure and may be repeated.
class UpdateExpression : public BoundExpression {
 public:
  // Throws ValidationException for overlapping paths and for operands whose types are wrong
  // whatever the item holds.
  UpdateExpression(ParsedExpressionPtr parsed, ExpressionAttributes& attributes);

  // Top-level attributes that it changes, in order of appearance: none may be part of the key.
  // `nested` is true for a path below the attribute.
  const std::vector<Head>& targets() const { return targets_; }

  // True if it has a SET or ADD: only then an update of an item that is not there creates one.
  bool creates_item() const { return creates_item_; }

  // The item after the update. Every right-hand side reads `previous`; an item that is not there is
  // given by its key attributes. Throws ValidationException: invalid path, operand of a wrong type,
  // attribute that does not exist, number out of range, nesting.
  Item apply(const Item& previous) const;

  // ReturnValues UPDATED_OLD: the parts of the previous item at the updated paths.
  Item updated_old(const Item& previous) const;
  // UPDATED_NEW: the parts of the new item at the paths of SET, ADD and DELETE.
  Item updated_new(const Item& next) const;

 private:
  // The value that an action gives its target; nullopt: the target goes.
  struct Change;
  void check_types(const UpdateAction& action) const;
  void check_operand(const ExpressionNode& node) const;
  AttributeValue evaluate(const ExpressionNode& node, const Item& previous) const;
  AttributeValue arithmetic(const ExpressionNode& node, const Item& previous) const;
  AttributeValue joined_lists(const ExpressionNode& node, const Item& previous) const;
  std::optional<AttributeValue> result_of(const UpdateAction& action, const Item& previous) const;

  std::vector<Head> targets_;
  bool creates_item_ = false;
};

}  // namespace paddock::services::dynamodb
