// ConditionExpression and FilterExpression.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
#pragma once

#include <optional>

#include "services/dynamodb/expression.hpp"

namespace paddock::services::dynamodb {

// Immutable once bound; `matches` is pure and may be called from several threads.
class ConditionExpression final : public BoundExpression, public ItemCondition {
 public:
  // `parsed` is of kind condition or filter. Throws ValidationException for operands that can never
  // be right (types of :values, order of BETWEEN's bounds, the same path twice …).
  ConditionExpression(ParsedExpressionPtr parsed, ExpressionAttributes& attributes);

  bool matches(ItemView item) const override;
  std::vector<PathHead> heads() const override { return BoundExpression::heads(); }

 private:
  struct Operand;
  bool evaluate(const ExpressionNode& node, const ItemView& item) const;
  bool evaluate_comparison(const ExpressionNode& node, const ItemView& item) const;
  bool evaluate_function(const ExpressionNode& node, const ItemView& item) const;
  Operand operand(const ExpressionNode& node, const ItemView& item) const;
};

// The stored value at a bound path.
std::optional<ValueView> find_at(const ItemView& item, const BoundPath& path);

}  // namespace paddock::services::dynamodb
