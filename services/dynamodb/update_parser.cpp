// The parser of update expressions.
#include <array>

#include "services/dynamodb/expression_parser.hpp"
#include "services/dynamodb/expression_parser_level.hpp"

namespace paddock::services::dynamodb {
namespace update_parser_detail {

struct Section {
  std::string_view keyword;
  UpdateAction::Kind kind;
};
constexpr std::array<Section, 4> kSections = {{
    {"SET", UpdateAction::Kind::set},
    {"REMOVE", UpdateAction::Kind::remove},
    {"ADD", UpdateAction::Kind::add},
    {"DELETE", UpdateAction::Kind::remove_members},
}};

constexpr std::array<std::string_view, 6> kConditionFunctions = {
    "attribute_exists", "attribute_not_exists",
    "attribute_type",   "begins_with",
    "contains",         "size"};

}  // namespace update_parser_detail

void ExpressionParser::sections() {
  std::array<bool, update_parser_detail::kSections.size()> seen{};
  while (peek().kind != TokenKind::end) {
    size_t number = 0;
    while (number < seen.size() && !accept_word(update_parser_detail::kSections[number].keyword))
      ++number;
    if (number == seen.size()) fail_syntax();
    if (seen[number])
      note(Flaw::section, "The \"" + std::string(update_parser_detail::kSections[number].keyword) +
                              "\" section can only be used once in an update expression;");
    seen[number] = true;
    section(update_parser_detail::kSections[number].kind);
  }
}

void ExpressionParser::section(UpdateAction::Kind kind) {
  do out_->actions.push_back(action(kind));
  while (accept(","));
}

UpdateAction ExpressionParser::action(UpdateAction::Kind kind) {
  UpdateAction action;
  action.kind = kind;
  action.path = path();
  switch (kind) {
    case UpdateAction::Kind::set:
      expect("=");
      action.node = sum().node;
      break;
    case UpdateAction::Kind::remove:
      break;
    case UpdateAction::Kind::add:
    case UpdateAction::Kind::remove_members:
      action.node = value_part().node;
      break;
  }
  return action;
}

ExpressionParser::Part ExpressionParser::sum() {
  const Part left = term();
  const bool plus = peek().is("+");
  if (!plus && !peek().is("-")) return left;
  ++at_;
  count_operator();
  const Part right = term();
  Part part;
  part.node = add_node(plus ? Op::plus : Op::minus, 0, {left.node, right.node});
  return part;
}

ExpressionParser::Part ExpressionParser::term() {
  const Token& token = peek();
  if (token.is("(")) {
    const Level level(*this);
    expect("(");
    Part inner = sum();
    expect(")");
    if (inner.parenthesised) note(Flaw::parentheses, "The expression has redundant parentheses;");
    inner.parenthesised = true;
    return inner;
  }
  if (token.kind == TokenKind::value) return value_part();
  if (token.kind == TokenKind::identifier && peek(1).is("(") && !is_keyword(token))
    return update_call();
  return path_part();
}

ExpressionParser::Part ExpressionParser::update_call() {
  const Level level(*this);
  const std::string name(take().text);
  const bool known = name == "if_not_exists" || name == "list_append";
  if (!known) {
    bool of_conditions = false;
    for (const std::string_view function : update_parser_detail::kConditionFunctions)
      of_conditions = of_conditions || function == name;
    note(Flaw::function_name,
         of_conditions ? "The function is not allowed in an update expression; function: " + name
                       : "Invalid function name; function: " + name);
  }
  count_operator();
  expect("(");
  std::vector<uint32_t> children;
  do children.push_back(term().node);
  while (accept(","));
  expect(")");
  const Op op = name == "list_append" ? Op::list_append : Op::if_not_exists;
  for (const uint32_t child : children) {
    // if_not_exists may stand within either function, list_append not within itself.
    if (op == Op::list_append && out_->nodes[child].op == Op::list_append)
      note(Flaw::misuse,
           "The function is not allowed to be used this way in an expression; function: " + name);
  }
  Part part;
  part.node = add_node(op, 0, children);
  return part;
}

}  // namespace paddock::services::dynamodb
