#include "services/dynamodb/key_condition.hpp"

#include <algorithm>

#include "services/dynamodb/validation.hpp"

namespace paddock::services::dynamodb {

std::optional<RangeOperator> range_operator(Op op) {
  switch (op) {
    case Op::equal:
      return RangeOperator::equal;
    case Op::less:
      return RangeOperator::less;
    case Op::less_equal:
      return RangeOperator::less_equal;
    case Op::greater:
      return RangeOperator::greater;
    case Op::greater_equal:
      return RangeOperator::greater_equal;
    case Op::between:
      return RangeOperator::between;
    case Op::begins_with:
      return RangeOperator::begins_with;
    default:
      return std::nullopt;
  }
}

namespace key_condition_detail {

// The operator of "attribute op value" that says the same as "value op attribute".
RangeOperator mirrored(RangeOperator op) {
  switch (op) {
    case RangeOperator::less:
      return RangeOperator::greater;
    case RangeOperator::less_equal:
      return RangeOperator::greater_equal;
    case RangeOperator::greater:
      return RangeOperator::less;
    case RangeOperator::greater_equal:
      return RangeOperator::less_equal;
    default:
      return op;
  }
}

// Whether the index can answer it is asked before its operands are looked at.
void check_term(const KeyCondition::Term& term, AttributeType type) {
  if (term.op == RangeOperator::none)
    fail_validation("Attempted conditional constraint is not an indexable operation");
  for (const AttributeValue* value : {term.low, term.high}) {
    if (value == nullptr || value->is(type)) continue;
    fail_validation(
        "One or more parameter values were invalid: Condition parameter type does not match schema "
        "type");
  }
}

void require_content(const AttributeValue& value, const std::string& key) {
  const bool text = value.is(AttributeType::string) && value.as_string().empty();
  const bool bytes = value.is(AttributeType::binary) && value.as_binary().empty();
  if (text || bytes)
    fail_validation(
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
        "contain an empty " +
        std::string(text ? "string" : "binary") + " value. Key: " + key);
}

}  // namespace key_condition_detail

KeyConditionExpression::KeyConditionExpression(ParsedExpressionPtr parsed,
                                               ExpressionAttributes& attributes)
    : BoundExpression(std::move(parsed), attributes) {
  check_condition(node(parsed_->root));
}

KeyCondition KeyConditionExpression::condition() const {
  KeyCondition out;
  collect(node(parsed_->root), out);
  return out;
}

void KeyConditionExpression::collect(const ExpressionNode& node, KeyCondition& out) const {
  if (node.op == Op::logical_and) {
    for (uint32_t i = 0; i < node.count; ++i) collect(child(node, i), out);
    return;
  }
  check_form(node);
  collect_term(node, out);
}

void KeyConditionExpression::check_form(const ExpressionNode& node) const {
  switch (node.op) {
    case Op::logical_or:
    case Op::logical_not:
    case Op::in:
    case Op::not_equal:
    case Op::attribute_exists:
    case Op::attribute_not_exists:
    case Op::attribute_type:
    case Op::contains:
      fail_validation("Invalid operator used in KeyConditionExpression: " +
                      std::string(op_name(node.op)));
    case Op::between:
    case Op::begins_with:
      if (child(node, 0).op == Op::value)
        fail_validation(
            "Invalid condition in KeyConditionExpression: " + std::string(op_name(node.op)) +
            " operator must have the key attribute as its first operand");
      break;
    default:
      break;
  }
}

void KeyConditionExpression::collect_term(const ExpressionNode& node, KeyCondition& out) const {
  const BoundPath* attribute = nullptr;
  bool attribute_first = true;
  for (uint32_t i = 0; i < node.count; ++i) {
    const ExpressionNode& part = child(node, i);
    if (part.op == Op::size)
      fail_validation("KeyConditionExpressions cannot contain nested operations");
    if (part.op != Op::path) continue;
    if (attribute != nullptr)
      fail_validation(
          "Invalid condition in KeyConditionExpression: Multiple attribute names used in one "
          "condition");
    attribute = &paths_[part.index];
    attribute_first = i == 0;
    if (attribute->size() > 1)
      fail_validation("KeyConditionExpressions cannot have conditions on nested attributes");
  }
  if (attribute == nullptr)
    fail_validation("Invalid condition in KeyConditionExpression: No key attribute specified");
  if (out.has(attribute->front().name))
    fail("KeyConditionExpressions must only contain one condition per key");
  KeyCondition::Term term;
  term.attribute = attribute->front().name;
  const RangeOperator op = range_operator(node.op).value();  // the parser took no other
  term.op = attribute_first ? op : key_condition_detail::mirrored(op);
  term.low = &value_at(child(node, attribute_first ? 1 : 0));
  if (op == RangeOperator::between) term.high = &value_at(child(node, 2));
  out.add(term);
}

bool KeyCondition::has(std::string_view attribute) const {
  return std::any_of(terms_.begin(), terms_.end(),
                     [&](const Term& term) { return term.attribute == attribute; });
}

const KeyCondition::Term* KeyCondition::find(const std::string& attribute) const {
  for (const Term& term : terms_)
    if (term.attribute == attribute) return &term;
  fail_validation("Query condition missed key schema element: " + attribute);
}

void KeyCondition::require_count(size_t most) const {
  if (terms_.empty() || terms_.size() > most)
    fail_validation("Conditions can be of length 1 or 2 only");
}

KeyRange KeyCondition::resolve(const KeyAttribute& hash,
                               const std::optional<KeyAttribute>& range) const {
  if (terms_.size() > 2)
    fail_validation("The number of query conditions (" + std::to_string(terms_.size()) +
                    ") exceeds the number of key attributes defined in the schema (" +
                    (range ? "2)" : "1)"));
  if (!range && terms_.size() > 1) fail_validation("Query key condition not supported");
  const Term& hash_term = *find(hash.name);
  key_condition_detail::check_term(hash_term, hash.type);
  if (hash_term.op != RangeOperator::equal) fail_validation("Query key condition not supported");
  key_condition_detail::require_content(*hash_term.low, hash.name);

  KeyRange out;
  out.hash = *hash_term.low;
  if (!range || terms_.size() == 1) return out;
  const Term& range_term = *find(range->name);
  key_condition_detail::check_term(range_term, range->type);
  key_condition_detail::require_content(*range_term.low, range->name);
  if (range_term.high != nullptr) {
    key_condition_detail::require_content(*range_term.high, range->name);
  }
  out.op = range_term.op;
  out.low = *range_term.low;
  if (range_term.high != nullptr) out.high = *range_term.high;
  return out;
}

KeyRange KeyCondition::resolve(const KeySchema& keys) const {
  return keys.multi() ? resolve_multi(keys) : resolve(keys.hash, keys.range);
}

KeyRange KeyCondition::resolve_multi(const KeySchema& keys) const {
  size_t attributes = 0;
  keys.each([&](const KeyAttribute&, bool) { ++attributes; });
  if (terms_.size() > attributes)
    fail_validation("The number of query conditions (" + std::to_string(terms_.size()) +
                    ") exceeds the number of key attributes defined in the schema (" +
                    std::to_string(attributes) + ")");
  KeyRange out;
  size_t left = terms_.size();
  bool first = true;
  keys.each([&](const KeyAttribute& attribute, bool of_partition) {
    if (!of_partition && left == 0) return;
    const Term& term = *find(attribute.name);
    key_condition_detail::check_term(term, attribute.type);
    if (left > 0) --left;
    if ((of_partition || left > 0) && term.op != RangeOperator::equal)
      fail_validation("Query key condition not supported");
    key_condition_detail::require_content(*term.low, attribute.name);
    if (term.high) key_condition_detail::require_content(*term.high, attribute.name);
    if (first) {
      out.hash = *term.low;
      first = false;
    } else if (of_partition) {
      out.more_hash.push_back(*term.low);
    } else if (left > 0) {
      out.fixed.push_back(*term.low);
    } else {
      out.op = term.op;
      out.low = *term.low;
      if (term.high) out.high = *term.high;
    }
  });
  return out;
}

}  // namespace paddock::services::dynamodb
