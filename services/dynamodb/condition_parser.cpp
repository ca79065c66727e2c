// The parser of conditions, filters and key conditions.
#include <array>

#include "services/dynamodb/expression_parser.hpp"
#include "services/dynamodb/expression_parser_level.hpp"

namespace paddock::services::dynamodb {
namespace condition_parser_detail {

struct Function {
  std::string_view name;
  Op op;
};
constexpr std::array<Function, 6> kFunctions = {{
    {"attribute_exists", Op::attribute_exists},
    {"attribute_not_exists", Op::attribute_not_exists},
    {"attribute_type", Op::attribute_type},
    {"begins_with", Op::begins_with},
    {"contains", Op::contains},
    {"size", Op::size},
}};

struct Comparator {
  std::string_view text;
  Op op;
};
constexpr std::array<Comparator, 6> kComparators = {{
    {"=", Op::equal},
    {"<>", Op::not_equal},
    {"<", Op::less},
    {"<=", Op::less_equal},
    {">", Op::greater},
    {">=", Op::greater_equal},
}};

}  // namespace condition_parser_detail

void ExpressionParser::require_condition(const Part& part) {
  if (part.role != Role::operand) return;
  if (part.function.empty()) fail_syntax();
  note(Flaw::misuse,
       "The function is not allowed to be used this way in an expression; function: " +
           std::string(part.function));
}

void ExpressionParser::require_operand(const Part& part) {
  if (part.role != Role::condition) return;
  if (part.function.empty()) fail_syntax();
  note(Flaw::misuse,
       "The function is not allowed to be used this way in an expression; function: " +
           std::string(part.function));
}

ExpressionParser::Part ExpressionParser::conjunction(Op op, std::string_view keyword,
                                                     Part (ExpressionParser::*parse_part)()) {
  Part first = (this->*parse_part)();
  if (!peek().is_word(keyword)) return first;
  require_condition(first);
  std::vector<uint32_t> children = {first.node};
  while (accept_word(keyword)) {
    count_operator();
    const Part next = (this->*parse_part)();
    require_condition(next);
    children.push_back(next.node);
  }
  Part part;
  part.node = add_node(op, 0, children);
  part.role = Role::condition;
  return part;
}

ExpressionParser::Part ExpressionParser::or_parts() {
  return conjunction(Op::logical_or, "OR", &ExpressionParser::and_parts);
}

ExpressionParser::Part ExpressionParser::and_parts() {
  return conjunction(Op::logical_and, "AND", &ExpressionParser::not_part);
}

ExpressionParser::Part ExpressionParser::not_part() {
  if (!accept_word("NOT")) return comparison();
  const Level level(*this);
  count_operator();
  const Part inner = not_part();
  require_condition(inner);
  Part part;
  part.node = add_node(Op::logical_not, 0, {inner.node});
  part.role = Role::condition;
  return part;
}

ExpressionParser::Part ExpressionParser::comparison() {
  const Part left = primary();
  if (peek().is_word("BETWEEN")) return between(left);
  if (peek().is_word("IN")) return in(left);
  for (const auto& comparator : condition_parser_detail::kComparators) {
    if (!peek().is(comparator.text)) continue;
    require_operand(left);
    ++at_;
    count_operator();
    const Part right = primary();
    require_operand(right);
    Part part;
    part.node = add_node(comparator.op, 0, {left.node, right.node});
    part.role = Role::condition;
    return part;
  }
  return left;
}

ExpressionParser::Part ExpressionParser::between(const Part& left) {
  require_operand(left);
  ++at_;
  count_operator();
  const Part low = primary();
  require_operand(low);
  if (!accept_word("AND")) fail_syntax();
  const Part high = primary();
  require_operand(high);
  Part part;
  part.node = add_node(Op::between, 0, {left.node, low.node, high.node});
  part.role = Role::condition;
  return part;
}

ExpressionParser::Part ExpressionParser::in(const Part& left) {
  require_operand(left);
  ++at_;
  count_operator();
  expect("(");
  std::vector<uint32_t> children = {left.node};
  do {
    const Part candidate = primary();
    require_operand(candidate);
    children.push_back(candidate.node);
  } while (accept(","));
  expect(")");
  if (children.size() - 1 > kMaxInOperands)
    fail("The IN operator is provided with too many operands; number of operands: " +
         std::to_string(children.size() - 1));
  Part part;
  part.node = add_node(Op::in, 0, children);
  part.role = Role::condition;
  return part;
}

ExpressionParser::Part ExpressionParser::primary() {
  const Token& token = peek();
  if (token.is("(")) return group();
  if (token.kind == TokenKind::value) return value_part();
  if (token.kind == TokenKind::identifier && peek(1).is("(") && !is_keyword(token)) return call();
  return path_part();
}

ExpressionParser::Part ExpressionParser::group() {
  const Level level(*this);
  expect("(");
  Part inner = or_parts();
  expect(")");
  if (inner.parenthesised) note(Flaw::parentheses, "The expression has redundant parentheses;");
  const ExpressionNode& node = out_->nodes[inner.node];
  inner.parenthesised = true;
  if (node.op == Op::path && (peek().is(".") || peek().is("["))) {
    path_tail(out_->paths[node.index]);
    inner.parenthesised = false;
  }
  return inner;
}

ExpressionParser::Part ExpressionParser::call() {
  const Level level(*this);
  Part part;
  part.function = take().text;
  part.role = Role::unknown_function;
  Op op = Op::size;
  for (const auto& function : condition_parser_detail::kFunctions) {
    if (function.name != part.function) continue;
    op = function.op;
    part.role = op == Op::size ? Role::operand : Role::condition;
  }
  if (part.function == "if_not_exists" || part.function == "list_append")
    note(Flaw::function_name, "The function is not allowed in a condition expression; function: " +
                                  std::string(part.function));
  else if (part.role == Role::unknown_function)
    note(Flaw::function_name, "Invalid function name; function: " + std::string(part.function));
  count_operator();
  expect("(");
  std::vector<uint32_t> children;
  do {
    const Part operand = primary();
    require_operand(operand);
    children.push_back(operand.node);
  } while (accept(","));
  expect(")");
  part.node = add_node(op, 0, children);
  return part;
}

}  // namespace paddock::services::dynamodb
