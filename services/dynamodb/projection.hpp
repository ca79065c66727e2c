// ProjectionExpression, and the selection of parts of an item in general.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ProjectionExpressions.html
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/dynamodb/expression.hpp"

namespace paddock::services::dynamodb {

// A set of document paths merged into a tree: shared prefixes meet, list elements come in index
// order. Names are views: what they point to must outlive the tree.
class PathTree {
 public:
  void add(const BoundPath& path);
  bool empty() const { return children_.empty(); }

  // The parts of `item` at the paths; list elements are compacted, paths that lead nowhere give
  // nothing.
  Item select(ItemView item) const;
  Item select(const Item& item) const;
  // Appends the selection as wire text, {"id":{"S":"x"}}.
  void append_json(std::string& out, ItemView item) const;

 private:
  struct Child;
  const PathTree* child(std::string_view name) const;
  PathTree& child_for(const BoundStep& step);
  std::optional<AttributeValue> select_value(ValueView value) const;
  std::optional<AttributeValue> select_value(const AttributeValue& value) const;

  std::vector<Child> children_;  // names sorted bytewise or indices ascending
  bool whole_ = false;           // a path ends here
};

struct PathTree::Child {
  BoundStep step;
  PathTree tree;
};

// Immutable once bound; selecting is pure.
class ProjectionExpression : public BoundExpression {
 public:
  // Throws ValidationException if two paths overlap or conflict.
  ProjectionExpression(ParsedExpressionPtr parsed, ExpressionAttributes& attributes);

  Item select(ItemView item) const { return tree_.select(item); }
  void append_json(std::string& out, ItemView item) const { tree_.append_json(out, item); }

 private:
  PathTree tree_;
};

// Throws ValidationException "Invalid <kind>: Two document paths overlap with each other; …" or
// "… conflict …" for the first such pair, in order of appearance.
void require_disjoint_paths(ExpressionKind kind, const std::vector<const BoundPath*>& paths);

}  // namespace paddock::services::dynamodb
