// Makes a ParsedExpression node by node, for the parameters that are not text.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/dynamodb/expression.hpp"

namespace paddock::services::dynamodb::legacy {

class Builder {
 public:
  // The values go to `attributes`, which must be empty.
  Builder(ExpressionKind kind, ExpressionAttributes* attributes)
      : attributes_(attributes), out_(std::make_shared<ParsedExpression>()) {
    out_->kind = kind;
    out_->legacy = true;
  }

  // Each returns the number of the new path or node.
  uint32_t path(std::string attribute) {
    PathStep step;
    step.name = std::move(attribute);
    out_->paths.push_back({std::move(step)});
    return static_cast<uint32_t>(out_->paths.size() - 1);
  }
  uint32_t path_node(uint32_t path) { return add({Op::path, path, 0, 0}); }
  uint32_t value_node(AttributeValue value) {
    attributes_->add_value({}, std::move(value));
    return add({Op::value, static_cast<uint32_t>(attributes_->value_count() - 1), 0, 0});
  }
  uint32_t node(Op op, const std::vector<uint32_t>& children) {
    const auto first = static_cast<uint32_t>(out_->children.size());
    out_->children.insert(out_->children.end(), children.begin(), children.end());
    return add({op, 0, first, static_cast<uint32_t>(children.size())});
  }

  void project(uint32_t path) { out_->projections.push_back(path); }
  void act(UpdateAction::Kind kind, uint32_t path, uint32_t node) {
    out_->actions.push_back({kind, path, node});
  }
  ParsedExpressionPtr finish(uint32_t root = 0) {
    out_->root = root;
    return std::move(out_);
  }

 private:
  uint32_t add(const ExpressionNode& node) {
    out_->nodes.push_back(node);
    return static_cast<uint32_t>(out_->nodes.size() - 1);
  }

  ExpressionAttributes* attributes_;
  std::shared_ptr<ParsedExpression> out_;
};

}  // namespace paddock::services::dynamodb::legacy
