#include "services/dynamodb/condition.hpp"

#include <compare>

#include "core/text.hpp"

namespace paddock::services::dynamodb {

// An operand's value for one item: stored bytes, or a number computed by size().
struct ConditionExpression::Operand {
  std::optional<ValueView> view;
  std::optional<Number> computed;

  bool present() const { return view.has_value() || computed.has_value(); }
  AttributeType type() const { return computed ? AttributeType::number : view->type(); }
  Number number() const { return computed ? *computed : view->number(); }

  bool equals(const Operand& other) const {
    if (!present() || !other.present()) return false;
    if (view && other.view) return view->bytes() == other.view->bytes();
    return type() == other.type() && number() == other.number();
  }

  // nullopt if the two have no order: one is missing, other types, or a type without order.
  std::optional<std::strong_ordering> compare(const Operand& other) const {
    if (!present() || !other.present() || type() != other.type()) return std::nullopt;
    switch (type()) {
      case AttributeType::number:
        return number() <=> other.number();
      case AttributeType::string:
      case AttributeType::binary:
        return view->text().compare(other.view->text()) <=> 0;
      default:
        return std::nullopt;
    }
  }
};

namespace condition_detail {

std::optional<Number> size_of(const ValueView& value) {
  switch (value.type()) {
    case AttributeType::string:
      return Number(static_cast<int64_t>(utf16_length(value.text())));
    case AttributeType::binary:
      return Number(static_cast<int64_t>(value.text().size()));
    case AttributeType::number:
    case AttributeType::boolean:
    case AttributeType::null:
      return std::nullopt;
    default:
      return Number(static_cast<int64_t>(value.count()));
  }
}

bool contains(const ValueView& container, const ValueView& wanted) {
  const AttributeType type = container.type();
  if (type == AttributeType::string || type == AttributeType::binary)
    return wanted.is(type) && container.text().find(wanted.text()) != std::string_view::npos;
  return container.has_element(wanted);
}

bool begins_with(const ValueView& value, const ValueView& prefix) {
  const AttributeType type = value.type();
  if (type != AttributeType::string && type != AttributeType::binary) return false;
  return prefix.is(type) && value.text().substr(0, prefix.text().size()) == prefix.text();
}

}  // namespace condition_detail

std::optional<ValueView> find_at(const ItemView& item, const BoundPath& path) {
  std::optional<ValueView> value = item.find(path.front().name);
  for (size_t i = 1; value && i < path.size(); ++i)
    value = path[i].is_index() ? value->element(path[i].index) : value->member(path[i].name);
  return value;
}

ConditionExpression::ConditionExpression(ParsedExpressionPtr parsed,
                                         ExpressionAttributes& attributes)
    : BoundExpression(std::move(parsed), attributes) {
  check_condition(node(parsed_->root));
}

bool ConditionExpression::matches(ItemView item) const {
  return evaluate(node(parsed_->root), item);
}

ConditionExpression::Operand ConditionExpression::operand(const ExpressionNode& node,
                                                          const ItemView& item) const {
  Operand out;
  switch (node.op) {
    case Op::path:
      out.view = find_at(item, paths_[node.index]);
      break;
    case Op::value:
      out.view = ValueView(values_[node.index]->encoded);
      break;
    default: {  // size, the only function that gives a value
      const Operand inner = operand(child(node, 0), item);
      if (inner.view) out.computed = condition_detail::size_of(*inner.view);
    }
  }
  return out;
}

bool ConditionExpression::evaluate(const ExpressionNode& node, const ItemView& item) const {
  switch (node.op) {
    case Op::logical_and:
      for (uint32_t i = 0; i < node.count; ++i)
        if (!evaluate(child(node, i), item)) return false;
      return true;
    case Op::logical_or:
      for (uint32_t i = 0; i < node.count; ++i)
        if (evaluate(child(node, i), item)) return true;
      return false;
    case Op::logical_not:
      return !evaluate(child(node, 0), item);
    case Op::equal:
    case Op::not_equal:
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal:
      return evaluate_comparison(node, item);
    case Op::between: {
      const Operand value = operand(child(node, 0), item);
      const auto low = value.compare(operand(child(node, 1), item));
      const auto high = value.compare(operand(child(node, 2), item));
      return low && high && *low >= 0 && *high <= 0;
    }
    case Op::in: {
      const Operand value = operand(child(node, 0), item);
      for (uint32_t i = 1; i < node.count; ++i)
        if (value.equals(operand(child(node, i), item))) return true;
      return false;
    }
    default:
      return evaluate_function(node, item);
  }
}

bool ConditionExpression::evaluate_comparison(const ExpressionNode& node,
                                              const ItemView& item) const {
  const Operand left = operand(child(node, 0), item);
  const Operand right = operand(child(node, 1), item);
  if (node.op == Op::equal) return left.equals(right);
  if (node.op == Op::not_equal) return !left.equals(right);
  const auto order = left.compare(right);
  if (!order) return false;
  switch (node.op) {
    case Op::less:
      return *order < 0;
    case Op::less_equal:
      return *order <= 0;
    case Op::greater:
      return *order > 0;
    default:
      return *order >= 0;
  }
}

bool ConditionExpression::evaluate_function(const ExpressionNode& node,
                                            const ItemView& item) const {
  const Operand first = operand(child(node, 0), item);
  if (node.op == Op::attribute_exists) return first.present();
  if (node.op == Op::attribute_not_exists) return !first.present();
  if (!first.view) return false;
  const Operand second = operand(child(node, 1), item);
  if (node.op == Op::contains) {
    if (second.computed) {
      // contains(set, size(path)): the number in its stored form.
      const std::string bytes = encode(AttributeValue::number(*second.computed));
      return condition_detail::contains(*first.view, ValueView(bytes));
    }
    return second.view && condition_detail::contains(*first.view, *second.view);
  }
  if (!second.view) return false;
  if (node.op == Op::attribute_type) return type_name(first.view->type()) == second.view->text();
  return condition_detail::begins_with(*first.view, *second.view);
}

}  // namespace paddock::services::dynamodb
