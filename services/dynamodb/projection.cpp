#include "services/dynamodb/projection.hpp"

#include <algorithm>

#include "services/dynamodb/validation.hpp"

namespace paddock::services::dynamodb {
namespace projection_detail {

// Indices before names; indices by value, names bytewise.
int compare_steps(const BoundStep& a, const BoundStep& b) {
  if (a.is_index() != b.is_index()) return a.is_index() ? -1 : 1;
  if (!a.is_index()) return a.name.compare(b.name);
  return a.index < b.index ? -1 : a.index > b.index ? 1 : 0;
}

enum class Relation : uint8_t { disjoint, overlap, conflict };

Relation relation(const BoundPath& a, const BoundPath& b) {
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (a[i].is_index() != b[i].is_index()) return Relation::conflict;
    if (compare_steps(a[i], b[i]) != 0) return Relation::disjoint;
  }
  return Relation::overlap;
}

bool path_less(const BoundPath* a, const BoundPath* b) {
  return std::lexicographical_compare(
      a->begin(), a->end(), b->begin(), b->end(),
      [](const BoundStep& x, const BoundStep& y) { return compare_steps(x, y) < 0; });
}

// In sorted order two paths that touch are neighbours, so most requests need no pairwise look.
bool all_disjoint(std::vector<const BoundPath*> paths) {
  std::sort(paths.begin(), paths.end(), path_less);
  for (size_t i = 1; i < paths.size(); ++i)
    if (relation(*paths[i - 1], *paths[i]) != Relation::disjoint) return false;
  return true;
}

}  // namespace projection_detail

void require_disjoint_paths(ExpressionKind kind, const std::vector<const BoundPath*>& paths) {
  using projection_detail::Relation;
  if (paths.size() < 2 || projection_detail::all_disjoint(paths)) return;
  for (const Relation wanted : {Relation::overlap, Relation::conflict}) {
    for (size_t second = 1; second < paths.size(); ++second) {
      for (size_t first = 0; first < second; ++first) {
        if (projection_detail::relation(*paths[first], *paths[second]) != wanted) continue;
        fail_validation(expression_error_prefix(kind) + "Two document paths " +
                        (wanted == Relation::overlap ? "overlap" : "conflict") +
                        " with each other; must remove or rewrite one of these paths; path one: " +
                        path_text(*paths[first]) + ", path two: " + path_text(*paths[second]));
      }
    }
  }
}

PathTree& PathTree::child_for(const BoundStep& step) {
  auto at = std::lower_bound(children_.begin(), children_.end(), step,
                             [](const Child& child, const BoundStep& wanted) {
                               return projection_detail::compare_steps(child.step, wanted) < 0;
                             });
  if (at == children_.end() || projection_detail::compare_steps(at->step, step) != 0)
    at = children_.insert(at, Child{step, PathTree()});
  return at->tree;
}

void PathTree::add(const BoundPath& path) {
  PathTree* tree = this;
  for (const BoundStep& step : path) tree = &tree->child_for(step);
  tree->whole_ = true;
}

std::optional<AttributeValue> PathTree::select_value(ValueView value) const {
  if (whole_) return value.decode();
  Item members;
  std::vector<AttributeValue> elements;
  for (const Child& child : children_) {
    const auto inner =
        child.step.is_index() ? value.element(child.step.index) : value.member(child.step.name);
    if (!inner) continue;
    auto selected = child.tree.select_value(*inner);
    if (!selected) continue;
    if (child.step.is_index())
      elements.push_back(std::move(*selected));
    else
      members.append(std::string(child.step.name), std::move(*selected));
  }
  if (!elements.empty()) return AttributeValue::list(std::move(elements));
  if (!members.empty()) return AttributeValue::map(std::move(members));
  return std::nullopt;
}

std::optional<AttributeValue> PathTree::select_value(const AttributeValue& value) const {
  if (whole_) return value;
  Item members;
  std::vector<AttributeValue> elements;
  for (const Child& child : children_) {
    const AttributeValue* inner = nullptr;
    if (!child.step.is_index() && value.is(AttributeType::map))
      inner = value.as_map().find(child.step.name);
    if (child.step.is_index() && value.is(AttributeType::list) &&
        child.step.index < value.as_list().size())
      inner = &value.as_list()[child.step.index];
    if (inner == nullptr) continue;
    auto selected = child.tree.select_value(*inner);
    if (!selected) continue;
    if (child.step.is_index())
      elements.push_back(std::move(*selected));
    else
      members.append(std::string(child.step.name), std::move(*selected));
  }
  if (!elements.empty()) return AttributeValue::list(std::move(elements));
  if (!members.empty()) return AttributeValue::map(std::move(members));
  return std::nullopt;
}

Item PathTree::select(ItemView item) const {
  Item out;
  for (const Child& child : children_) {
    const auto value = item.find(child.step.name);
    if (!value) continue;
    if (auto selected = child.tree.select_value(*value))
      out.append(std::string(child.step.name), std::move(*selected));
  }
  return out;
}

Item PathTree::select(const Item& item) const {
  Item out;
  for (const Child& child : children_) {
    const AttributeValue* value = item.find(child.step.name);
    if (value == nullptr) continue;
    if (auto selected = child.tree.select_value(*value))
      out.append(std::string(child.step.name), std::move(*selected));
  }
  return out;
}

void PathTree::append_json(std::string& out, ItemView item) const {
  const bool top_level = std::all_of(children_.begin(), children_.end(),
                                     [](const Child& child) { return child.tree.whole_; });
  if (!top_level) {
    dynamodb::append_json(out, select(item));
    return;
  }
  std::vector<std::string> names;
  names.reserve(children_.size());
  for (const Child& child : children_) names.emplace_back(child.step.name);
  const std::string picked = pick_attributes(item, names);
  dynamodb::append_json(out, ItemView(picked));
}

ProjectionExpression::ProjectionExpression(ParsedExpressionPtr parsed,
                                           ExpressionAttributes& attributes)
    : BoundExpression(std::move(parsed), attributes) {
  std::vector<const BoundPath*> paths;
  paths.reserve(parsed_->projections.size());
  for (const uint32_t number : parsed_->projections) paths.push_back(&paths_[number]);
  require_disjoint_paths(parsed_->kind, paths);
  for (const BoundPath* path : paths) tree_.add(*path);
}

}  // namespace paddock::services::dynamodb
