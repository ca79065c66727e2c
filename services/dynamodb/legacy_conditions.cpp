// Expected, QueryFilter, ScanFilter and KeyConditions.
#include <algorithm>
#include <array>
#include <optional>

#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/legacy.hpp"
#include "services/dynamodb/legacy_builder.hpp"
#include "services/dynamodb/model.hpp"

namespace paddock::services::dynamodb::legacy {

namespace m = models::dynamodb_members;

namespace condition_parts {

enum class Operands : uint8_t { any, ordered, text };  // types that an operator takes

struct Comparison {
  std::string_view name;
  Op op;
  RangeOperator range;
  size_t fewest;
  size_t most;
  Operands operands;
};
// NULL and NOT_CONTAINS are special: the first has its own function, the second is more than a NOT.
constexpr std::array<Comparison, 13> kComparisons = {{
    {"EQ", Op::equal, RangeOperator::equal, 1, 1, Operands::any},
    {"NE", Op::not_equal, RangeOperator::none, 1, 1, Operands::any},
    {"LE", Op::less_equal, RangeOperator::less_equal, 1, 1, Operands::ordered},
    {"LT", Op::less, RangeOperator::less, 1, 1, Operands::ordered},
    {"GE", Op::greater_equal, RangeOperator::greater_equal, 1, 1, Operands::ordered},
    {"GT", Op::greater, RangeOperator::greater, 1, 1, Operands::ordered},
    {"NOT_NULL", Op::attribute_exists, RangeOperator::none, 0, 0, Operands::any},
    {"NULL", Op::attribute_not_exists, RangeOperator::none, 0, 0, Operands::any},
    {"CONTAINS", Op::contains, RangeOperator::none, 1, 1, Operands::ordered},
    {"NOT_CONTAINS", Op::logical_not, RangeOperator::none, 1, 1, Operands::ordered},
    {"BEGINS_WITH", Op::begins_with, RangeOperator::begins_with, 1, 1, Operands::text},
    {"IN", Op::in, RangeOperator::none, 1, SIZE_MAX, Operands::ordered},
    {"BETWEEN", Op::between, RangeOperator::between, 2, 2, Operands::ordered},
}};

// The model has refused all other names.
const Comparison& comparison(std::string_view name) {
  return *std::find_if(kComparisons.begin(), kComparisons.end(),
                       [&](const Comparison& known) { return known.name == name; });
}

bool takes(Operands operands, AttributeType type) {
  switch (operands) {
    case Operands::any:
      return true;
    case Operands::ordered:
      return type == AttributeType::string || type == AttributeType::number ||
             type == AttributeType::binary;
    case Operands::text:
      return type == AttributeType::string || type == AttributeType::binary;
  }
  return false;
}

bool greater(const AttributeValue& a, const AttributeValue& b) {
  if (a.is(AttributeType::number)) return a.as_number() > b.as_number();
  if (a.is(AttributeType::string)) return a.as_string() > b.as_string();
  return a.as_binary() > b.as_binary();
}

// An attribute's condition as it was asked for.
struct Condition {
  std::string attribute;
  const Comparison* comparison = nullptr;
  std::vector<AttributeValue> operands;
};

void check_operands(const Condition& condition) {
  const Comparison& comparison = *condition.comparison;
  const auto& operands = condition.operands;
  if (operands.size() < comparison.fewest || operands.size() > comparison.most) {
    throw errors::bad_argument_count(comparison.name);
  }
  for (const AttributeValue& operand : operands) {
    if (operand.type() != operands.front().type()) throw errors::arguments_of_several_types();
  }
  for (const AttributeValue& operand : operands) {
    if (!takes(comparison.operands, operand.type())) {
      throw errors::bad_argument_type(comparison.name, type_name(operand.type()));
    }
  }
  if (comparison.op == Op::between && greater(operands[0], operands[1])) {
    throw errors::bounds_turned_round();
  }
}

void read_operands(const Json& list, std::vector<AttributeValue>& operands) {
  if (list.is_null()) return;
  operands.reserve(list.size());
  for (const Json& value : list) operands.push_back(value_from_document(value));
}

// Of a filter or key condition.
Condition read_condition(const std::string& attribute, const Json& document) {
  Condition out;
  out.attribute = attribute;
  out.comparison = &comparison(document.at(m::ComparisonOperator).get_ref<const std::string&>());
  read_operands(member_or_null(document, m::AttributeValueList), out.operands);
  check_operands(out);
  return out;
}

// The older form of Expected: Value and Exists alone.
void read_exists(const Json& document, Condition& out) {
  const Json& exists = member_or_null(document, m::Exists);
  const bool wanted = exists.is_null() || exists.get<bool>();
  if (wanted && out.operands.empty()) {
    throw errors::value_missing(exists.is_null() ? "null" : "true", out.attribute);
  }
  if (!wanted && !out.operands.empty()) throw errors::value_unwanted(out.attribute);
  out.comparison = &comparison(wanted ? "EQ" : "NULL");
}

Condition read_expected(const std::string& attribute, const Json& document) {
  Condition out;
  out.attribute = attribute;
  const Json& list = member_or_null(document, m::AttributeValueList);
  const Json& value = member_or_null(document, m::Value);
  const Json& name = member_or_null(document, m::ComparisonOperator);
  if (!list.is_null() && !value.is_null()) throw errors::value_and_list(attribute);
  if (name.is_null() && !list.is_null()) throw errors::list_without_operator(attribute);
  if (!name.is_null()) {
    out.comparison = &comparison(name.get_ref<const std::string&>());
    if (!member_or_null(document, m::Exists).is_null()) {
      throw errors::exists_and_operator(attribute);
    }
    if (out.comparison->fewest > 0 && list.is_null() && value.is_null()) {
      throw errors::operator_without_value(out.comparison->name, attribute);
    }
  }
  if (!value.is_null()) {
    out.operands.push_back(value_from_document(value));
  } else {
    read_operands(list, out.operands);
  }
  if (name.is_null()) {
    read_exists(document, out);
  } else {
    check_operands(out);
  }
  return out;
}

uint32_t build(Builder& builder, Condition& condition) {
  const uint32_t path = builder.path(std::move(condition.attribute));
  std::vector<uint32_t> parts = {builder.path_node(path)};
  for (AttributeValue& operand : condition.operands) {
    parts.push_back(builder.value_node(std::move(operand)));
  }
  if (condition.comparison->op != Op::logical_not) {
    return builder.node(condition.comparison->op, parts);
  }
  // NOT_CONTAINS is false for an attribute that is not there.
  const uint32_t exists = builder.node(Op::attribute_exists, {builder.path_node(path)});
  const uint32_t contains = builder.node(Op::contains, parts);
  return builder.node(Op::logical_and, {exists, builder.node(Op::logical_not, {contains})});
}

template <class Read>
ParsedExpressionPtr parse(ExpressionKind kind, const Json& entries, Join join,
                          ExpressionAttributes& attributes, Read read) {
  std::vector<Condition> conditions;
  conditions.reserve(entries.size());
  for (const auto& [attribute, document] : entries.items()) {
    conditions.push_back(read(attribute, document));
  }
  if (conditions.empty()) return nullptr;
  Builder builder(kind, &attributes);
  std::vector<uint32_t> nodes;
  nodes.reserve(conditions.size());
  for (Condition& condition : conditions) nodes.push_back(build(builder, condition));
  if (nodes.size() == 1) return builder.finish(nodes.front());
  const uint32_t root = builder.node(join == Join::all ? Op::logical_and : Op::logical_or, nodes);
  return builder.finish(root);
}

}  // namespace condition_parts

ParsedExpressionPtr parse_expected(const Json& expected, Join join,
                                   ExpressionAttributes& attributes) {
  return condition_parts::parse(ExpressionKind::condition, expected, join, attributes,
                                condition_parts::read_expected);
}

ParsedExpressionPtr parse_filter(const Json& conditions, Join join,
                                 ExpressionAttributes& attributes) {
  return condition_parts::parse(ExpressionKind::filter, conditions, join, attributes,
                                condition_parts::read_condition);
}

KeyCondition parse_key_conditions(const Json& conditions, ExpressionAttributes& attributes) {
  std::vector<condition_parts::Condition> read;
  for (const auto& [attribute, document] : conditions.items()) {
    read.push_back(condition_parts::read_condition(attribute, document));
  }
  // First all operands, then pointers to them.
  for (auto& condition : read) {
    for (AttributeValue& operand : condition.operands) attributes.add_value({}, std::move(operand));
  }
  KeyCondition out;
  size_t next = 0;
  for (auto& condition : read) {
    KeyCondition::Term term;
    term.attribute = std::move(condition.attribute);
    term.op = condition.comparison->range;
    const size_t count = condition.operands.size();
    if (count > 0) term.low = &attributes.value(next).value;
    if (count > 1) term.high = &attributes.value(next + 1).value;
    next += count;
    out.add(std::move(term));
  }
  return out;
}

}  // namespace paddock::services::dynamodb::legacy
