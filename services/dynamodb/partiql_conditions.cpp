// The parser of WHERE, and of paths.
#include <array>
#include <charconv>
#include <limits>

#include "services/dynamodb/partiql_errors.hpp"
#include "services/dynamodb/partiql_parser.hpp"

namespace paddock::services::dynamodb {
namespace partiql_condition_detail {

struct Function {
  std::string_view name;
  Op op;
};
constexpr std::array<Function, 6> kFunctions = {{
    {"ATTRIBUTE_EXISTS", Op::attribute_exists},
    {"ATTRIBUTE_NOT_EXISTS", Op::attribute_not_exists},
    {"ATTRIBUTE_TYPE", Op::attribute_type},
    {"BEGINS_WITH", Op::begins_with},
    {"CONTAINS", Op::contains},
    {"SIZE", Op::size},
}};

struct Comparator {
  std::string_view text;
  Op op;
};
constexpr std::array<Comparator, 7> kComparators = {{
    {"=", Op::equal},
    {"<>", Op::not_equal},
    {"!=", Op::not_equal},
    {"<", Op::less},
    {"<=", Op::less_equal},
    {">", Op::greater},
    {">=", Op::greater_equal},
}};

// What IS can test, and the type that it stands for; "" for MISSING.
struct TypeTest {
  std::string_view name;
  std::string_view type;
};
constexpr std::array<TypeTest, 10> kTypeTests = {{
    {"MISSING", ""},
    {"NULL", "NULL"},
    {"BOOLEAN", "BOOL"},
    {"BOOL", "BOOL"},
    {"BLOB", "B"},
    {"STRING", "S"},
    {"NUMERIC", "N"},
    {"STRUCT", "M"},
    {"TUPLE", "M"},
    {"LIST", "L"},
}};
// Types that the grammar has and DynamoDB does not.
constexpr std::array<std::string_view, 17> kOtherTypes = {
    "SMALLINT", "INT",     "INT4",      "INT8", "INTEGER",   "FLOAT", "REAL", "DOUBLE", "DECIMAL",
    "DEC",      "VARCHAR", "CHARACTER", "CHAR", "TIMESTAMP", "CLOB",  "SEXP", "BAG"};

constexpr std::array<std::string_view, 11> kOperatorWords = {
    "AND", "OR", "NOT", "IS", "IN", "BETWEEN", "LIKE", "UNION", "EXCEPT", "INTERSECT", "ESCAPE"};
constexpr std::array<std::string_view, 13> kOperators = {
    "=", "<>", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "||"};

}  // namespace partiql_condition_detail

void PartiqlParser::fail_here() const {
  const PartiqlToken& token = peek();
  if (token.kind == PartiqlTokenKind::end && at_ > 0) {
    const PartiqlToken& before = tokens_[at_ - 1];
    bool infix = before.is_word("AND") || before.is_word("OR");
    for (const std::string_view known : partiql_condition_detail::kOperators) {
      infix = infix || before.is(known);
    }
    if (infix) fail("Missing right-hand side expression of infix operator");
  }
  for (const std::string_view known : partiql_condition_detail::kOperators) {
    if (token.is(known)) fail("Unexpected operator");
  }
  for (const std::string_view known : partiql_condition_detail::kOperatorWords) {
    if (token.is_word(known)) fail("Unexpected operator");
  }
  if (token.kind == PartiqlTokenKind::identifier && partiql_keyword(token.text)) {
    fail("Unexpected keyword");
  }
  fail("Unexpected term");
}

void PartiqlParser::require_condition(const Part& part, std::string_view message) {
  if (part.role != Role::condition) note(std::string(message));
}

void PartiqlParser::require_operand(const Part& part) {
  if (part.role == Role::condition) {
    note("Unsupported operator in Condition Expression. Operator: " +
         std::string(op_name(out_->nodes[part.node].op)));
  }
}

PartiqlParser::Part PartiqlParser::conjunction(Op op, std::string_view word,
                                               Part (PartiqlParser::*parse_part)()) {
  constexpr std::string_view kNoConditions = "The arguments to AND/OR must be Expressions";
  const Part first = (this->*parse_part)();
  if (!peek().is_word(word)) return first;
  require_condition(first, kNoConditions);
  std::vector<uint32_t> children = {first.node};
  while (accept_word(word)) {
    count_operator();
    const Part next = (this->*parse_part)();
    require_condition(next, kNoConditions);
    children.push_back(next.node);
  }
  return {add_node(op, 0, children), Role::condition};
}

PartiqlParser::Part PartiqlParser::or_parts() {
  return conjunction(Op::logical_or, "OR", &PartiqlParser::and_parts);
}

PartiqlParser::Part PartiqlParser::and_parts() {
  return conjunction(Op::logical_and, "AND", &PartiqlParser::not_part);
}

PartiqlParser::Part PartiqlParser::not_part() {
  if (!accept_word("NOT")) return comparison();
  const Level level(*this);
  const Part inner = not_part();
  require_condition(inner, "The argument to NOT must be a Type or Expression");
  return negated(inner);
}

PartiqlParser::Part PartiqlParser::negated(const Part& part) {
  count_operator();
  return {add_node(Op::logical_not, 0, {part.node}), Role::condition};
}

PartiqlParser::Part PartiqlParser::comparison() {
  const Part left = operand();
  refuse_operator();
  if (accept_word("IS")) return is(left);
  const bool negation = peek().is_word("NOT");
  const PartiqlToken& word = peek(negation ? 1 : 0);
  if (word.is_word("BETWEEN") || word.is_word("IN")) {
    at_ += negation ? 2 : 1;
    const Part part = word.is_word("IN") ? in(left) : between(left);
    return negation ? negated(part) : part;
  }
  for (const auto& comparator : partiql_condition_detail::kComparators) {
    if (accept(comparator.text)) return compared(comparator.op, left);
  }
  return left;
}

PartiqlParser::Part PartiqlParser::compared(Op op, const Part& left) {
  count_operator();
  require_operand(left);
  const Part right = operand();
  refuse_operator();
  require_operand(right);
  return {add_node(op, 0, {left.node, right.node}), Role::condition};
}

// Operators that PartiQL has and conditions have not.
void PartiqlParser::refuse_operator() const {
  const PartiqlToken& token = peek();
  const auto refuse = [](std::string_view name) {
    throw errors::validation("Unsupported operator in Condition Expression. Operator: " +
                             std::string(name));
  };
  for (const std::string_view name : {"+", "-", "*", "/", "%", "||"}) {
    if (!token.is(name)) continue;
    if (peek(1).kind == PartiqlTokenKind::end) {
      fail("Missing right-hand side expression of infix operator");
    }
    refuse(name);
  }
  if (token.is_word("LIKE")) refuse("LIKE");
}

PartiqlParser::Part PartiqlParser::between(const Part& left) {
  count_operator();
  require_operand(left);
  const Part low = operand();
  refuse_operator();
  require_operand(low);
  if (!accept_word("AND")) fail_here();
  const Part high = operand();
  refuse_operator();
  require_operand(high);
  return {add_node(Op::between, 0, {left.node, low.node, high.node}), Role::condition};
}

PartiqlParser::Part PartiqlParser::in(const Part& left) {
  constexpr const char* kMisused =
      "IN operator must have a left hand argument of type Variable Reference and right hand "
      "argument of type Seq with at least one member";
  count_operator();
  const Op op = out_->nodes[left.node].op;
  if (op != Op::path) note(kMisused);
  std::vector<uint32_t> children = {left.node};
  std::string_view close;
  if (accept("(")) close = ")";
  if (close.empty() && accept("[")) close = "]";
  if (close.empty() && accept("<<")) close = ">>";
  if (close.empty()) {
    operand();
    note(kMisused);
    return {add_node(Op::in, 0, children), Role::condition};
  }
  if (!peek().is(close)) {
    do {
      const Part candidate = operand();
      require_operand(candidate);
      children.push_back(candidate.node);
    } while (accept(","));
  }
  expect(close);
  if (children.size() == 1) note(kMisused);
  if (children.size() - 1 > kMaxInOperands) {
    note("The IN operator is provided with too many operands; number of operands: " +
         std::to_string(children.size() - 1));
  }
  return {add_node(Op::in, 0, children), Role::condition};
}

PartiqlParser::Part PartiqlParser::is(const Part& left) {
  count_operator();
  const bool negation = accept_word("NOT");
  if (out_->nodes[left.node].op != Op::path) {
    note("The left hand side argument to IS must be a Variable Reference, Literal, or Path");
  }
  for (const auto& test : partiql_condition_detail::kTypeTests) {
    if (!accept_word(test.name)) continue;
    const Part part = type_test(left, test.type);
    return negation ? negated(part) : part;
  }
  for (const std::string_view other : partiql_condition_detail::kOtherTypes) {
    if (!accept_word(other)) continue;
    if (other == "DOUBLE") accept_word("PRECISION");
    if (other == "CHARACTER") accept_word("VARYING");
    note("Unsupported data type for IS operator: " + std::string(other) +
         ". Supported data types are [MISSING, NULL, BOOLEAN, BLOB, STRING, NUMERIC, STRUCT, "
         "TUPLE, LIST]");
    return type_test(left, "");
  }
  fail("Expected type name");
}

// IS MISSING is attribute_not_exists, every other type attribute_type.
PartiqlParser::Part PartiqlParser::type_test(const Part& path, std::string_view type) {
  if (type.empty()) return {add_node(Op::attribute_not_exists, 0, {path.node}), Role::condition};
  PartiqlValue name;
  name.literal = AttributeValue::string(std::string(type));
  const uint32_t value = add_node(Op::value, add_value(std::move(name)), {});
  return {add_node(Op::attribute_type, 0, {path.node, value}), Role::condition};
}

PartiqlParser::Part PartiqlParser::operand() {
  if (peek().is("(")) return group();
  if (at_value()) return value_part();
  if (at_call()) return call();
  if (accept_word("MISSING")) {
    note("MISSING must be compared using IS operator");
    return {add_node(Op::value, add_value(PartiqlValue()), {}), Role::operand};
  }
  return path_part();
}

PartiqlParser::Part PartiqlParser::group() {
  const Level level(*this);
  expect("(");
  const Part inner = or_parts();
  expect(")");
  return inner;
}

bool PartiqlParser::at_call() const {
  return peek().kind == PartiqlTokenKind::identifier && peek(1).is("(") &&
         !at_any_word({"AND", "OR", "NOT", "IN", "IS", "BETWEEN", "LIKE", "FROM", "WHERE"});
}

PartiqlParser::Part PartiqlParser::call() {
  const Level level(*this);
  const PartiqlToken name = take();
  Op op = Op::path;
  for (const auto& function : partiql_condition_detail::kFunctions) {
    if (name.is_word(function.name)) op = function.op;
  }
  if (op == Op::path) note("Unrecognized function: " + std::string(name.text));
  count_operator();
  expect("(");
  std::vector<uint32_t> children;
  if (!peek().is(")")) {
    do {
      const Part argument = operand();
      require_operand(argument);
      children.push_back(argument.node);
    } while (accept(","));
  }
  expect(")");
  return {add_node(op, 0, children), op == Op::size ? Role::operand : Role::condition};
}

PartiqlParser::Part PartiqlParser::path_part() {
  const uint32_t number = add_path(path());
  return {add_node(Op::path, number, {}), Role::operand};
}

ParsedPath PartiqlParser::path() {
  if (!at_name()) fail_here();
  ParsedPath steps;
  PathStep& first = steps.emplace_back();
  first.name = path_name();
  path_tail(steps);
  return steps;
}

// Of a path or a table.
std::string PartiqlParser::path_name() {
  const PartiqlToken token = take();
  if (token.kind != PartiqlTokenKind::quoted) return std::string(token.text);
  std::string name = token.content();
  if (name.empty()) note("Path component cannot be an empty string");
  return name;
}

void PartiqlParser::path_tail(ParsedPath& path) {
  for (;;) {
    if (accept(".")) {
      if (accept("*")) {
        note("Unpivot path component like a.*.b are not supported");
        continue;
      }
      if (!at_name()) fail_here();
      PathStep& step = path.emplace_back();
      step.name = path_name();
    } else if (accept("[")) {
      if (accept("*")) {
        note("Wildcard path component like a[*].b are not supported");
      } else {
        path.push_back(path_index());
      }
      expect("]");
    } else {
      break;
    }
  }
  if (path.size() > kMaxPathDepth) {
    note("The document path has too many nesting levels; nesting levels: " +
         std::to_string(path.size()));
  }
}

PathStep PartiqlParser::path_index() {
  PathStep step;
  if (peek().kind == PartiqlTokenKind::string) {  // a['b'] is a."b"
    step.name = take().content();
    return step;
  }
  bool negative = false;
  while (peek().is("-") || peek().is("+")) negative ^= take().is("-");
  const PartiqlToken token = peek();
  if (token.kind != PartiqlTokenKind::number) fail_here();
  ++at_;
  step.kind = PathStep::Kind::index;
  const char* end = token.text.data() + token.text.size();
  const auto read = std::from_chars(token.text.data(), end, step.index);
  if (read.ptr != end) {
    note("Unexpected path component at " + token.position());
  } else if (read.ec != std::errc() || step.index > std::numeric_limits<int32_t>::max() ||
             (negative && step.index > 0)) {
    note("List index is not within the allowable range; index: [" +
         std::string(negative ? "-" : "") + std::string(token.text) + "] at " + token.position());
  }
  return step;
}

}  // namespace paddock::services::dynamodb
