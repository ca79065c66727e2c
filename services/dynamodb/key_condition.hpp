// KeyConditionExpression of Query.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/dynamodb/expression.hpp"

namespace paddock::services::dynamodb {

enum class RangeOperator : uint8_t {
  none,
  equal,
  less,
  less_equal,
  greater,
  greater_equal,
  between,
  begins_with
};

// A key attribute of the table or index that is queried.
struct KeyAttribute {
  std::string name;
  AttributeType type = AttributeType::string;  // string, number or binary
};

// What a Query asks for. `low` is the operand, or BETWEEN's lower bound; `high` its upper bound.
struct KeyRange {
  AttributeValue hash;
  RangeOperator op = RangeOperator::none;
  AttributeValue low;
  AttributeValue high;
};

class KeyConditionExpression : public BoundExpression {
 public:
  // Throws ValidationException for what needs no table: operators and forms that key conditions do
  // not have, two conditions on one key, BETWEEN's bounds.
  KeyConditionExpression(ParsedExpressionPtr parsed, ExpressionAttributes& attributes);

  // Throws ValidationException against the schema: "Query condition missed key schema element: id",
  // "Query key condition not supported", "One or more parameter values were invalid: Condition
  // parameter type does not match schema type", empty key values.
  KeyRange resolve(const KeyAttribute& hash, const std::optional<KeyAttribute>& range) const;

 private:
  struct Term {
    std::string_view attribute;
    RangeOperator op = RangeOperator::none;
    const AttributeValue* low = nullptr;
    const AttributeValue* high = nullptr;
  };
  void collect(const ExpressionNode& node);
  void collect_term(const ExpressionNode& node);
  void check_form(const ExpressionNode& node) const;
  void add_term(std::string_view attribute, const ExpressionNode& node, bool attribute_first);

  std::vector<Term> terms_;
};

}  // namespace paddock::services::dynamodb
