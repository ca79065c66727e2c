#include "services/dynamodb/update.hpp"

#include <algorithm>

#include "services/dynamodb/projection.hpp"
#include "services/dynamodb/validation.hpp"

namespace paddock::services::dynamodb {
namespace update_detail {

[[noreturn]] void fail_path() {
  fail_validation("The document path provided in the update expression is invalid for update");
}
[[noreturn]] void fail_operand(bool legacy = false) {
  fail_validation(legacy ? "Type mismatch for attribute to update"
                         : "An operand in the update expression has an incorrect data type");
}

// The names that messages about ADD and DELETE use.
std::string_view long_type_name(AttributeType type) {
  switch (type) {
    case AttributeType::string:
      return "STRING";
    case AttributeType::number:
      return "NUMBER";
    case AttributeType::binary:
      return "BINARY";
    case AttributeType::boolean:
      return "BOOLEAN";
    case AttributeType::list:
      return "LIST";
    case AttributeType::map:
      return "MAP";
    default:
      return type_name(type);
  }
}

bool is_set(AttributeType type) {
  return type == AttributeType::string_set || type == AttributeType::number_set ||
         type == AttributeType::binary_set;
}

const AttributeValue* step_into(const AttributeValue& value, const BoundStep& step) {
  if (!step.is_index())
    return value.is(AttributeType::map) ? value.as_map().find(step.name) : nullptr;
  if (!value.is(AttributeType::list) || step.index >= value.as_list().size()) return nullptr;
  return &value.as_list()[step.index];
}

// The value after `steps` steps of the path (at least one); nullptr if there is none.
const AttributeValue* walk(const Item& item, const BoundPath& path, size_t steps) {
  const AttributeValue* value = item.find(path.front().name);
  for (size_t i = 1; value != nullptr && i < steps; ++i) value = step_into(*value, path[i]);
  return value;
}

const AttributeValue* find_in(const Item& item, const BoundPath& path) {
  return walk(item, path, path.size());
}

// The map or list that holds a nested path's last step.
const AttributeValue& parent_in(const Item& item, const BoundPath& path) {
  const AttributeValue* parent = walk(item, path, path.size() - 1);
  const auto wanted = path.back().is_index() ? AttributeType::list : AttributeType::map;
  if (parent == nullptr || !parent->is(wanted)) fail_path();
  return *parent;
}

AttributeValue& parent_in(Item& item, const BoundPath& path) {
  return const_cast<AttributeValue&>(parent_in(std::as_const(item), path));
}

bool removed_first(const BoundPath* a, const BoundPath* b) {
  // Higher indices first: removing an element then moves none that is still to be removed.
  return std::lexicographical_compare(b->begin(), b->end(), a->begin(), a->end(),
                                      [](const BoundStep& x, const BoundStep& y) {
                                        if (x.is_index() && y.is_index()) return x.index < y.index;
                                        return x.name < y.name;
                                      });
}

void remove_at(Item& next, const Item& previous, const BoundPath& path) {
  if (path.size() == 1) {
    next.erase(path.front().name);
    return;
  }
  parent_in(previous, path);
  if (find_in(previous, path) == nullptr) return;
  AttributeValue& parent = parent_in(next, path);
  if (path.back().is_index())
    parent.as_list().erase(parent.as_list().begin() + path.back().index);
  else
    parent.as_map().erase(path.back().name);
}

// Levels of maps and lists within a value.
int height(const AttributeValue& value) {
  int inner = -1;
  if (value.is(AttributeType::map))
    for (const Attribute& member : value.as_map()) inner = std::max(inner, height(member.value));
  if (value.is(AttributeType::list))
    for (const AttributeValue& element : value.as_list()) inner = std::max(inner, height(element));
  return inner + 1;
}

void require_nesting(const BoundPath& path, const AttributeValue& value) {
  if (static_cast<int>(path.size()) - 1 + height(value) >= kMaxNesting)
    fail_validation(
        "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels "
        "beyond supported limit");
}

template <class Member>
std::vector<Member> united(const std::vector<Member>& a, const std::vector<Member>& b) {
  std::vector<Member> out;
  out.reserve(a.size() + b.size());
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

template <class Member>
std::vector<Member> without(const std::vector<Member>& a, const std::vector<Member>& b) {
  std::vector<Member> out;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

// Of two values of one type.
AttributeValue added(const AttributeValue& old, const AttributeValue& value) {
  switch (value.type()) {
    case AttributeType::list: {  // only AttributeUpdates adds to lists
      std::vector<AttributeValue> elements = old.as_list();
      elements.insert(elements.end(), value.as_list().begin(), value.as_list().end());
      return AttributeValue::list(std::move(elements));
    }
    case AttributeType::number:
      return AttributeValue::number(old.as_number().plus(value.as_number()));
    case AttributeType::string_set:
      return AttributeValue::string_set(united(old.as_string_set(), value.as_string_set()));
    case AttributeType::number_set:
      return AttributeValue::number_set(united(old.as_number_set(), value.as_number_set()));
    default:
      return AttributeValue::binary_set(united(old.as_binary_set(), value.as_binary_set()));
  }
}

// Of two sets of one type; nullopt when no member is left.
std::optional<AttributeValue> subtracted(const AttributeValue& old, const AttributeValue& value) {
  if (value.is(AttributeType::string_set)) {
    auto left = without(old.as_string_set(), value.as_string_set());
    if (left.empty()) return std::nullopt;
    return AttributeValue::string_set(std::move(left));
  }
  if (value.is(AttributeType::number_set)) {
    auto left = without(old.as_number_set(), value.as_number_set());
    if (left.empty()) return std::nullopt;
    return AttributeValue::number_set(std::move(left));
  }
  auto left = without(old.as_binary_set(), value.as_binary_set());
  if (left.empty()) return std::nullopt;
  return AttributeValue::binary_set(std::move(left));
}

}  // namespace update_detail

struct UpdateExpression::Change {
  const BoundPath* path;
  std::optional<AttributeValue> value;
};

UpdateExpression::UpdateExpression(ParsedExpressionPtr parsed, ExpressionAttributes& attributes)
    : BoundExpression(std::move(parsed), attributes) {
  std::vector<const BoundPath*> paths;
  paths.reserve(parsed_->actions.size());
  targets_.reserve(parsed_->actions.size());
  for (const UpdateAction& action : parsed_->actions) {
    const BoundPath& path = paths_[action.path];
    paths.push_back(&path);
    targets_.push_back({path.front().name, path.size() > 1});
    creates_item_ = creates_item_ || action.kind == UpdateAction::Kind::set ||
                    action.kind == UpdateAction::Kind::add;
  }
  require_disjoint_paths(parsed_->kind, paths);
  for (const UpdateAction& action : parsed_->actions) check_types(action);
  for (const UpdateAction& action : parsed_->actions)
    if (action.kind == UpdateAction::Kind::set) check_operand(node(action.node));
}

void UpdateExpression::check_types(const UpdateAction& action) const {
  const bool add = action.kind == UpdateAction::Kind::add;
  if (!add && action.kind != UpdateAction::Kind::remove_members) return;
  if (parsed_->legacy) return;  // checked in its own words
  const AttributeType type = value_at(node(action.node)).type();
  if (update_detail::is_set(type) || (add && type == AttributeType::number)) return;
  const std::string keyword = add ? "ADD" : "DELETE";
  fail("Incorrect operand type for operator or function; operator: " + keyword +
       ", operand type: " + std::string(update_detail::long_type_name(type)) +
       ", typeSet: ALLOWED_FOR_" + keyword + "_OPERAND");
}

void UpdateExpression::check_operand(const ExpressionNode& node) const {
  for (uint32_t i = 0; i < node.count; ++i) check_operand(child(node, i));
  switch (node.op) {
    case Op::if_not_exists:
      require_operand_count(node, 2);
      if (child(node, 0).op != Op::path)
        fail("Operator or function requires a document path; operator or function: if_not_exists");
      break;
    case Op::list_append:
    case Op::plus:
    case Op::minus: {
      require_operand_count(node, 2);
      const auto wanted = node.op == Op::list_append ? AttributeType::list : AttributeType::number;
      for (uint32_t i = 0; i < 2; ++i) {
        const auto type = static_type(child(node, i));
        if (type && *type != wanted) fail_operand_type(op_name(node.op), *type);
      }
      break;
    }
    default:
      break;
  }
}

AttributeValue UpdateExpression::evaluate(const ExpressionNode& node, const Item& previous) const {
  switch (node.op) {
    case Op::value:
      return value_at(node);
    case Op::if_not_exists:
      if (const AttributeValue* value =
              update_detail::find_in(previous, paths_[child(node, 0).index]))
        return *value;
      return evaluate(child(node, 1), previous);
    case Op::list_append:
      return joined_lists(node, previous);
    case Op::plus:
    case Op::minus:
      return arithmetic(node, previous);
    default: {
      const AttributeValue* value = update_detail::find_in(previous, paths_[node.index]);
      if (value == nullptr)
        fail_validation(
            "The provided expression refers to an attribute that does not exist in the item");
      return *value;
    }
  }
}

AttributeValue UpdateExpression::arithmetic(const ExpressionNode& node,
                                            const Item& previous) const {
  const AttributeValue left = evaluate(child(node, 0), previous);
  const AttributeValue right = evaluate(child(node, 1), previous);
  if (!left.is(AttributeType::number) || !right.is(AttributeType::number))
    update_detail::fail_operand();
  return AttributeValue::number(node.op == Op::plus ? left.as_number().plus(right.as_number())
                                                    : left.as_number().minus(right.as_number()));
}

AttributeValue UpdateExpression::joined_lists(const ExpressionNode& node,
                                              const Item& previous) const {
  AttributeValue left = evaluate(child(node, 0), previous);
  AttributeValue right = evaluate(child(node, 1), previous);
  if (!left.is(AttributeType::list) || !right.is(AttributeType::list))
    update_detail::fail_operand();
  std::vector<AttributeValue>& elements = left.as_list();
  elements.insert(elements.end(), std::make_move_iterator(right.as_list().begin()),
                  std::make_move_iterator(right.as_list().end()));
  return left;
}

// What the target becomes; nullopt: it goes (or stays away).
std::optional<AttributeValue> UpdateExpression::result_of(const UpdateAction& action,
                                                          const Item& previous) const {
  switch (action.kind) {
    case UpdateAction::Kind::set:
      return evaluate(node(action.node), previous);
    case UpdateAction::Kind::remove:
      return std::nullopt;
    case UpdateAction::Kind::add:
    case UpdateAction::Kind::remove_members:
      break;
  }
  const AttributeValue& value = value_at(node(action.node));
  const AttributeValue* old = update_detail::find_in(previous, paths_[action.path]);
  if (old != nullptr && old->type() != value.type()) update_detail::fail_operand(parsed_->legacy);
  if (action.kind == UpdateAction::Kind::add)
    return old == nullptr ? value : update_detail::added(*old, value);
  return old == nullptr ? std::nullopt : update_detail::subtracted(*old, value);
}

Item UpdateExpression::apply(const Item& previous) const {
  std::vector<Change> changes;
  changes.reserve(parsed_->actions.size());
  for (const UpdateAction& action : parsed_->actions)
    changes.push_back({&paths_[action.path], result_of(action, previous)});

  Item next = previous;
  std::vector<Change*> appends;
  std::vector<const BoundPath*> removals;
  for (Change& change : changes) {
    const BoundPath& path = *change.path;
    if (!change.value) {
      removals.push_back(&path);
      continue;
    }
    update_detail::require_nesting(path, *change.value);
    if (path.size() == 1) {
      next.set(path.front().name, std::move(*change.value));
      continue;
    }
    AttributeValue& parent = update_detail::parent_in(next, path);
    if (!path.back().is_index())
      parent.as_map().set(path.back().name, std::move(*change.value));
    else if (path.back().index < parent.as_list().size())
      parent.as_list()[path.back().index] = std::move(*change.value);
    else
      appends.push_back(&change);
  }
  // Elements past the end follow the last one, in the order of their indices.
  std::stable_sort(appends.begin(), appends.end(), [](const Change* a, const Change* b) {
    return a->path->back().index < b->path->back().index;
  });
  for (Change* change : appends)
    update_detail::parent_in(next, *change->path).as_list().push_back(std::move(*change->value));
  std::sort(removals.begin(), removals.end(), update_detail::removed_first);
  for (const BoundPath* path : removals) update_detail::remove_at(next, previous, *path);
  return next;
}

Item UpdateExpression::updated_old(const Item& previous) const {
  PathTree tree;
  for (const UpdateAction& action : parsed_->actions) tree.add(paths_[action.path]);
  return tree.select(previous);
}

Item UpdateExpression::updated_new(const Item& next) const {
  PathTree tree;
  // Of REMOVE too: where a list element was, there may be the one that followed it.
  for (const UpdateAction& action : parsed_->actions) tree.add(paths_[action.path]);
  return tree.select(next);
}

}  // namespace paddock::services::dynamodb
