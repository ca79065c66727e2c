// What UpdateItem counts against the size limit beside the finished item: the statement itself, as
// measured to the byte (README.md). 3 for the statement, and for each clause:
//
//   SET target = operand   19 + target + operand
//   ADD target :v          19 + target + the value
//   REMOVE, DELETE         1 + target
//
// A target costs its first name, and 4 and the element for each further element; an operand path 1,
// and 14 and the element for each element; a value its size at every use. Functions and operators
// cost a fixed amount and their operands. An element is the bytes of a name or the digits of an
// index.
#include "services/dynamodb/update.hpp"

namespace paddock::services::dynamodb {
namespace update_charges {

constexpr size_t kStatement = 3;
constexpr size_t kWrite = 19;
constexpr size_t kRemove = 1;
constexpr size_t kTargetStep = 4;
constexpr size_t kOperandPath = 1;
constexpr size_t kOperandStep = 14;
constexpr size_t kPlus = 34;
constexpr size_t kMinus = 37;
constexpr size_t kListAppend = 37;
constexpr size_t kIfNotExists = 39;

size_t element(const BoundStep& step) {
  return step.is_index() ? std::to_string(step.index).size() : step.name.size();
}

size_t target(const BoundPath& path) {
  size_t sum = element(path.front());
  for (size_t i = 1; i < path.size(); ++i) sum += kTargetStep + element(path[i]);
  return sum;
}

size_t operand_path(const BoundPath& path) {
  size_t sum = kOperandPath;
  for (const BoundStep& step : path) sum += kOperandStep + element(step);
  return sum;
}

size_t call(Op op) {
  switch (op) {
    case Op::plus:
      return kPlus;
    case Op::minus:
      return kMinus;
    case Op::list_append:
      return kListAppend;
    default:
      return kIfNotExists;
  }
}

}  // namespace update_charges

size_t UpdateExpression::operand_charge(const ExpressionNode& node) const {
  if (node.op == Op::value) return value_size(value_at(node));
  if (node.op == Op::path) return update_charges::operand_path(paths_[node.index]);
  size_t sum = update_charges::call(node.op);
  for (uint32_t i = 0; i < node.count; ++i) sum += operand_charge(child(node, i));
  return sum;
}

size_t UpdateExpression::charge() const {
  if (parsed_->legacy) return 0;  // AttributeUpdates counts only the item
  size_t sum = update_charges::kStatement;
  for (const UpdateAction& action : parsed_->actions) {
    sum += update_charges::target(paths_[action.path]);
    const bool writes =
        action.kind == UpdateAction::Kind::set || action.kind == UpdateAction::Kind::add;
    sum += writes ? update_charges::kWrite + operand_charge(node(action.node))
                  : update_charges::kRemove;
  }
  return sum;
}

}  // namespace paddock::services::dynamodb
