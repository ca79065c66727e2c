// UpdateExpression.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "services/dynamodb/expression.hpp"

namespace paddock::services::dynamodb {

// Immutable once bound; applying is pure and may be repeated.
class UpdateExpression final : public BoundExpression, public ItemUpdate {
 public:
  // Throws ValidationException for overlapping paths and for operands whose types are wrong
  // whatever the item holds.
  UpdateExpression(ParsedExpressionPtr parsed, ExpressionAttributes& attributes);

  const std::vector<PathHead>& targets() const override { return targets_; }
  std::vector<PathHead> heads() const override { return BoundExpression::heads(); }

  // True if it has a SET or ADD.
  bool creates_item() const override { return creates_item_; }

  // Every right-hand side reads `previous`. Throws ValidationException: invalid path, operand of a
  // wrong type, attribute that does not exist, number out of range, nesting.
  Item apply(const Item& previous) const override;

  // The parts of the previous item at the updated paths.
  Item updated_old(const Item& previous) const override;
  // The parts of the new item at the updated paths.
  Item updated_new(const Item& next) const override;
  size_t charge() const override;  // update_charge.cpp

 private:
  // The value that an action gives its target; nullopt: the target goes.
  struct Change;
  void check_types(const UpdateAction& action) const;
  void check_operand(const ExpressionNode& node) const;
  size_t operand_charge(const ExpressionNode& node) const;
  AttributeValue evaluate(const ExpressionNode& node, const Item& previous) const;
  AttributeValue arithmetic(const ExpressionNode& node, const Item& previous) const;
  AttributeValue joined_lists(const ExpressionNode& node, const Item& previous) const;
  std::optional<AttributeValue> result_of(const UpdateAction& action, const Item& previous) const;

  std::vector<PathHead> targets_;
  bool creates_item_ = false;
};

}  // namespace paddock::services::dynamodb
