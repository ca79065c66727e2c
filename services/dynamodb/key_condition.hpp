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

// The same on the values of a sort key; nullopt if a range of them cannot say it.
std::optional<RangeOperator> range_operator(Op op);

// A key attribute of the table or index that is queried.
struct KeyAttribute {
  std::string name;
  AttributeType type = AttributeType::string;  // string, number or binary
};

// The key of a table or index. That of a global index may have up to four attributes on either
// side.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html
struct KeySchema {
  KeyAttribute hash;
  std::optional<KeyAttribute> range;
  std::vector<KeyAttribute> more_hash{};   // those after the first
  std::vector<KeyAttribute> more_range{};  // none without `range`

  bool multi() const { return !more_hash.empty() || !more_range.empty(); }
  // visit(attribute, whether it is of the partition key) in the order of the schema.
  template <class Visit>
  void each(Visit visit) const {
    visit(hash, true);
    for (const KeyAttribute& attribute : more_hash) visit(attribute, true);
    if (range) visit(*range, false);
    for (const KeyAttribute& attribute : more_range) visit(attribute, false);
  }
  bool has(std::string_view attribute) const {
    bool found = false;
    each([&](const KeyAttribute& one, bool) { found |= one.name == attribute; });
    return found;
  }
};

// What a Query asks for. `low` is the operand, or BETWEEN's lower bound; `high` its upper bound.
struct KeyRange {
  AttributeValue hash;
  RangeOperator op = RangeOperator::none;  // on the first attribute of the sort key after `fixed`
  AttributeValue low;
  AttributeValue high;
  std::vector<AttributeValue> more_hash{};  // of a partition key of several attributes
  std::vector<AttributeValue> fixed{};      // the first attributes of such a sort key
};

// The conditions on the key attributes, from whichever parameter. Their operands must outlive it.
class KeyCondition {
 public:
  struct Term {
    std::string attribute;
    RangeOperator op = RangeOperator::none;  // none: an operator that only filters have
    const AttributeValue* low = nullptr;
    const AttributeValue* high = nullptr;
  };

  bool has(std::string_view attribute) const;
  void add(const Term& term) { terms_.push_back(term); }
  // Throws ValidationException unless there are one to `most`.
  void require_count(size_t most) const;

  // Throws ValidationException against the schema: "Query condition missed key schema element: id",
  // "Query key condition not supported", "One or more parameter values were invalid: Condition
  // parameter type does not match schema type", empty key values.
  KeyRange resolve(const KeyAttribute& hash, const std::optional<KeyAttribute>& range) const;
  // The same for any schema. All attributes of the partition key are fixed, those of the sort key
  // from the first on, without a gap; the last one named may have any operator.
  KeyRange resolve(const KeySchema& keys) const;

 private:
  KeyRange resolve_multi(const KeySchema& keys) const;
  const Term* find(const std::string& attribute) const;

  std::vector<Term> terms_;
};

class KeyConditionExpression : public BoundExpression {
 public:
  // Throws ValidationException for operands that do not fit their operator, BETWEEN's bounds.
  KeyConditionExpression(ParsedExpressionPtr parsed, ExpressionAttributes& attributes);

  // After all expressions of the request are bound. Throws ValidationException for what needs no
  // table: operators and forms that key conditions do not have, two conditions on one key.
  KeyCondition condition() const;
  KeyRange resolve(const KeyAttribute& hash, const std::optional<KeyAttribute>& range) const {
    return condition().resolve(hash, range);
  }

 private:
  void collect(const ExpressionNode& node, KeyCondition& out) const;
  void collect_term(const ExpressionNode& node, KeyCondition& out) const;
  void check_form(const ExpressionNode& node) const;
};

}  // namespace paddock::services::dynamodb
