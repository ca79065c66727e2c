// The checks of conditions that need the values of the request but no item.
#include <algorithm>
#include <array>

#include "core/text.hpp"
#include "services/dynamodb/expression.hpp"

namespace paddock::services::dynamodb {
namespace operand_detail {

bool ordered(AttributeType type) {
  return type == AttributeType::string || type == AttributeType::number ||
         type == AttributeType::binary;
}

// "AttributeValue: {S:a}"
std::string shown(const AttributeValue& value) {
  std::string out = "AttributeValue: {" + std::string(type_name(value.type())) + ":";
  if (value.is(AttributeType::string))
    out += value.as_string();
  else if (value.is(AttributeType::number))
    out += value.as_number().text();
  else if (value.is(AttributeType::binary))
    out += to_base64(value.as_binary());
  return out + "}";
}

// Of two scalars of one type.
bool greater(const AttributeValue& a, const AttributeValue& b) {
  if (a.is(AttributeType::number)) return a.as_number() > b.as_number();
  if (a.is(AttributeType::string)) return a.as_string() > b.as_string();
  return a.as_binary() > b.as_binary();
}

bool same_path(const BoundPath& a, const BoundPath& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const BoundStep& left, const BoundStep& right) {
                      return left.is_index() == right.is_index() && left.name == right.name &&
                             left.index == right.index;
                    });
}

}  // namespace operand_detail

std::string_view op_name(Op op) {
  static constexpr std::array<std::string_view, 23> kNames = {"path",
                                                              "value",
                                                              "=",
                                                              "<>",
                                                              "<",
                                                              "<=",
                                                              ">",
                                                              ">=",
                                                              "BETWEEN",
                                                              "IN",
                                                              "AND",
                                                              "OR",
                                                              "NOT",
                                                              "attribute_exists",
                                                              "attribute_not_exists",
                                                              "attribute_type",
                                                              "begins_with",
                                                              "contains",
                                                              "size",
                                                              "+",
                                                              "-",
                                                              "if_not_exists",
                                                              "list_append"};
  return kNames[static_cast<size_t>(op)];
}

std::optional<AttributeType> BoundExpression::static_type(const ExpressionNode& node) const {
  if (node.op == Op::value) return value_at(node).type();
  if (node.op == Op::size) return AttributeType::number;
  return std::nullopt;
}

void BoundExpression::fail_operand_type(std::string_view function, AttributeType type) const {
  fail("Incorrect operand type for operator or function; operator or function: " +
       std::string(function) + ", operand type: " + std::string(type_name(type)));
}

void BoundExpression::require_operand_count(const ExpressionNode& node, uint32_t count) const {
  if (node.count == count) return;
  fail("Incorrect number of operands for operator or function; operator or function: " +
       std::string(op_name(node.op)) + ", number of operands: " + std::to_string(node.count));
}

void BoundExpression::require_distinct(const ExpressionNode& node) const {
  const ExpressionNode& first = child(node, 0);
  const ExpressionNode& second = child(node, 1);
  if (first.op != Op::path || second.op != Op::path) return;
  if (!operand_detail::same_path(paths_[first.index], paths_[second.index])) return;
  fail(
      "The first operand must be distinct from the remaining operands for this operator or "
      "function; operator: " +
      std::string(op_name(node.op)) + ", first operand: " + path_text(paths_[first.index]));
}

void BoundExpression::check_condition(const ExpressionNode& node) const {
  switch (node.op) {
    case Op::path:
    case Op::value:
      return;
    case Op::equal:
    case Op::not_equal:
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal:
    case Op::between:
      check_comparison(node);
      return;
    case Op::in:
    case Op::logical_and:
    case Op::logical_or:
    case Op::logical_not:
      for (uint32_t i = 0; i < node.count; ++i) check_condition(child(node, i));
      return;
    default:
      check_function(node);
  }
}

void BoundExpression::check_comparison(const ExpressionNode& node) const {
  for (uint32_t i = 0; i < node.count; ++i) check_condition(child(node, i));
  if (node.op != Op::between) require_distinct(node);
  if (node.op != Op::equal && node.op != Op::not_equal) {
    for (uint32_t i = 0; i < node.count; ++i) {
      const auto type = static_type(child(node, i));
      if (type && !operand_detail::ordered(*type)) fail_operand_type(op_name(node.op), *type);
    }
  }
  if (node.op == Op::between) check_bounds(child(node, 1), child(node, 2));
}

void BoundExpression::check_bounds(const ExpressionNode& low, const ExpressionNode& high) const {
  if (low.op != Op::value || high.op != Op::value) return;
  const AttributeValue& lower = value_at(low);
  const AttributeValue& upper = value_at(high);
  const std::string bounds = "lower bound operand: " + operand_detail::shown(lower) +
                             ", upper bound operand: " + operand_detail::shown(upper);
  if (lower.type() != upper.type())
    fail("The BETWEEN operator requires same data type for lower and upper bounds; " + bounds);
  if (operand_detail::greater(lower, upper))
    fail("The BETWEEN operator requires upper bound to be greater than or equal to lower bound; " +
         bounds);
}

void BoundExpression::check_function(const ExpressionNode& node) const {
  for (uint32_t i = 0; i < node.count; ++i) check_condition(child(node, i));
  const bool unary =
      node.op == Op::attribute_exists || node.op == Op::attribute_not_exists || node.op == Op::size;
  require_operand_count(node, unary ? 1 : 2);
  if (!unary) require_distinct(node);
  const ExpressionNode& first = child(node, 0);
  const auto type = static_type(first);
  switch (node.op) {
    case Op::attribute_exists:
    case Op::attribute_not_exists:
      if (first.op != Op::path)
        fail("Operator or function requires a document path; operator or function: " +
             std::string(op_name(node.op)));
      break;
    case Op::size:
      if (type && (*type == AttributeType::number || *type == AttributeType::boolean ||
                   *type == AttributeType::null))
        fail_operand_type("size", *type);
      break;
    case Op::begins_with:
      for (uint32_t i = 0; i < 2; ++i) {
        const auto operand = static_type(child(node, i));
        if (operand && *operand != AttributeType::string && *operand != AttributeType::binary)
          fail_operand_type("begins_with", *operand);
      }
      break;
    case Op::attribute_type: {
      const ExpressionNode& name = child(node, 1);
      const auto name_type = static_type(name);
      if (!name_type)
        fail(
            "Incorrect operand type for operator or function; operator or function: "
            "attribute_type, operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}");
      if (*name_type != AttributeType::string) fail_operand_type("attribute_type", *name_type);
      if (!type_of_name(value_at(name).as_string()))
        fail("Invalid attribute type name found; type: " + value_at(name).as_string() +
             ", valid types: " +
             (parsed_->kind == ExpressionKind::partiql ? "{N,BS,L,B,NULL,M,S,SS,NS,BOOL}"
                                                       : "{B,NULL,SS,BOOL,L,BS,N,NS,S,M}"));
      break;
    }
    default:
      break;
  }
}

}  // namespace paddock::services::dynamodb
