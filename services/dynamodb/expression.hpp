// The expression language: what a parsed expression is, and what a request binds to it.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
//
// Parsing looks at the text alone and is cached (expression_cache.hpp). Binding resolves #names and
// :values of one request and makes the checks that need them; it is cheap. Evaluating touches only
// the attributes that the expression names.
//
//   ExpressionAttributes attributes(names, values);               // documents or nullptr
//   ConditionExpression condition(cache.get(ExpressionKind::condition, text), attributes);
//   … other expressions of the request …
//   attributes.require_all_used();
//   condition.matches(ItemView(stored));
//
// Order of AWS's checks: syntax, reserved words and placeholders of every expression, then unused
// names and values, all before the table is looked up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "services/dynamodb/item.hpp"
#include "services/dynamodb/write_rules.hpp"

namespace paddock::services::dynamodb {

enum class ExpressionKind : uint8_t {
  condition,
  filter,
  key_condition,
  projection,
  update,
  partiql  // the conditions and updates of a PartiQL statement, which have a parser of their own
};
// "ConditionExpression", "FilterExpression", "KeyConditionExpression" …; "" for partiql.
std::string_view expression_kind_name(ExpressionKind kind);

inline constexpr size_t kMaxExpressionBytes = 4096;  // per expression, before substitution
inline constexpr size_t kMaxOperators = 300;         // operators and functions per expression
inline constexpr size_t kMaxInOperands = 100;
inline constexpr size_t kMaxPathDepth = 32;         // elements of one document path
inline constexpr size_t kMaxExpressionDepth = 300;  // nested parentheses, NOTs and calls

// One step of a document path as written.
struct PathStep {
  enum class Kind : uint8_t { name, placeholder, index };
  Kind kind = Kind::name;
  uint32_t index = 0;  // list index, or position in ParsedExpression::names
  std::string name;    // of Kind::name
};
using ParsedPath = std::vector<PathStep>;

enum class Op : uint8_t {
  // operands
  path,   // index: ParsedExpression::paths
  value,  // index: ParsedExpression::values
  // comparisons and logic
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  between,
  in,
  logical_and,
  logical_or,
  logical_not,
  // functions of conditions
  attribute_exists,
  attribute_not_exists,
  attribute_type,
  begins_with,
  contains,
  size,
  // of updates
  plus,
  minus,
  if_not_exists,
  list_append
};

// A node of the tree; children are nodes [first, first + count) of ParsedExpression::children.
struct ExpressionNode {
  Op op = Op::path;
  uint32_t index = 0;
  uint32_t first = 0;
  uint32_t count = 0;
};

struct UpdateAction {
  enum class Kind : uint8_t { set, remove, add, remove_members };  // the last is DELETE
  Kind kind = Kind::set;
  uint32_t path = 0;  // target: ParsedExpression::paths
  uint32_t node = 0;  // right-hand side; none for remove
};

// Immutable after parsing; shared by threads.
struct ParsedExpression {
  ExpressionKind kind = ExpressionKind::condition;
  // Built from a legacy parameter (legacy.hpp): all values of the attributes are its values, in
  // their order, and a failing ADD or DELETE says so in the words of AttributeUpdates.
  bool legacy = false;
  std::vector<std::string> names;   // distinct #placeholders in order of first use
  std::vector<std::string> values;  // distinct :placeholders in order of first use
  std::vector<ParsedPath> paths;
  std::vector<ExpressionNode> nodes;
  std::vector<uint32_t> children;     // node numbers
  uint32_t root = 0;                  // conditions
  std::vector<uint32_t> projections;  // paths, in order
  std::vector<UpdateAction> actions;  // updates, in order
};
using ParsedExpressionPtr = std::shared_ptr<const ParsedExpression>;

// Throws ValidationException "Invalid <Kind>: …" for what AWS refuses before it looks at values:
// size, syntax, redundant parentheses, unknown or misplaced functions, reserved words, limits.
ParsedExpressionPtr parse_expression(ExpressionKind kind, std::string_view text);

// True for a reserved word in any case
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html).
bool reserved_word(std::string_view word);

// ExpressionAttributeNames and ExpressionAttributeValues of one request, and which of them were
// used. Not thread-safe; bound expressions refer to it, so it must outlive them and stay in place.
class ExpressionAttributes {
 public:
  ExpressionAttributes() = default;
  // nullptr: the member is absent. Throws ValidationException for a malformed placeholder, an empty
  // map, or an invalid value ("ExpressionAttributeValues contains invalid value: … for key :v").
  ExpressionAttributes(const Json* names, const Json* values);
  ExpressionAttributes(const ExpressionAttributes&) = delete;
  ExpressionAttributes& operator=(const ExpressionAttributes&) = delete;

  // For callers that did not get a document (tests, legacy parameters).
  void add_name(std::string placeholder, std::string name);
  void add_value(std::string placeholder, AttributeValue value);
  bool has_name(std::string_view placeholder) const;
  bool has_value(std::string_view placeholder) const;

  // Mark the entry as used; nullptr if it is not defined.
  const std::string* use_name(std::string_view placeholder);
  struct Value {
    std::string placeholder;
    AttributeValue value;
    std::string encoded;
    bool used = false;
  };
  const Value* use_value(std::string_view placeholder);
  bool empty() const { return names_.empty() && values_.empty(); }
  size_t value_count() const { return values_.size(); }
  const Value& value(size_t position) const { return values_[position]; }

  // Throws "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}" and the
  // same for values.
  void require_all_used() const;

 private:
  struct Name {
    std::string placeholder;
    std::string name;
    bool used = false;
  };
  // A request has few; a linear search beats a map. Values do not move once bound: the vectors are
  // filled before the first `use_…`.
  std::vector<Name> names_;
  std::vector<Value> values_;
};

// One step of a document path with its names resolved.
struct BoundStep {
  std::string_view name;  // empty data() for a list index
  uint32_t index = 0;
  bool is_index() const { return name.data() == nullptr; }
};
using BoundPath = std::vector<BoundStep>;

// As messages write it: "=", "size", "list_append" …
std::string_view op_name(Op op);

// "Invalid <Kind>: ", which begins messages; "" for partiql.
std::string expression_error_prefix(ExpressionKind kind);

// "[a, [1], b]" as AWS writes paths in messages.
std::string path_text(const BoundPath& path);

// The names and values of a parsed expression in one request. Base of the bound expressions.
class BoundExpression {
 public:
  // Top-level attributes that the expression names (with repetitions), for the checks of key
  // attributes.
  using Head = PathHead;
  std::vector<Head> heads() const;
  // Whether a legacy parameter says it, so that errors name that parameter.
  bool legacy() const { return parsed_->legacy; }

 protected:
  // Throws "An expression attribute name used in the document path is not defined; …" and the same
  // for values.
  BoundExpression(ParsedExpressionPtr parsed, ExpressionAttributes& attributes);

  // "Invalid <Kind>: message"; the message alone in a PartiQL statement.
  [[noreturn]] void fail(const std::string& message) const;
  const ExpressionNode& node(uint32_t number) const { return parsed_->nodes[number]; }
  const ExpressionNode& child(const ExpressionNode& parent, uint32_t n) const {
    return parsed_->nodes[parsed_->children[parent.first + n]];
  }

  // The checks of a condition that need names and values: number and types of operands, distinct
  // operands, BETWEEN's bounds. Throws for the first that fails, left to right.
  void check_condition(const ExpressionNode& node) const;
  // The type of an operand if it is known without an item.
  std::optional<AttributeType> static_type(const ExpressionNode& node) const;
  const AttributeValue& value_at(const ExpressionNode& node) const {
    return values_[node.index]->value;
  }
  [[noreturn]] void fail_operand_type(std::string_view function, AttributeType type) const;
  void require_operand_count(const ExpressionNode& node, uint32_t count) const;

  ParsedExpressionPtr parsed_;
  std::vector<BoundPath> paths_;                            // as parsed_->paths
  std::vector<const ExpressionAttributes::Value*> values_;  // as parsed_->values

 private:
  void check_comparison(const ExpressionNode& node) const;
  void check_function(const ExpressionNode& node) const;
  void check_bounds(const ExpressionNode& low, const ExpressionNode& high) const;
  void require_distinct(const ExpressionNode& node) const;
};

}  // namespace paddock::services::dynamodb
