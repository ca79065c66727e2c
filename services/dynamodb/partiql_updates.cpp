// The parser of SET and REMOVE.
#include "services/dynamodb/partiql_errors.hpp"
#include "services/dynamodb/partiql_parser.hpp"

namespace paddock::services::dynamodb {
namespace partiql_update_detail {

bool same_path(const ParsedPath& a, const ParsedPath& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].kind != b[i].kind || a[i].index != b[i].index || a[i].name != b[i].name) return false;
  }
  return true;
}

}  // namespace partiql_update_detail

// False if there is no clause.
bool PartiqlParser::clauses() {
  out_ = std::make_shared<ParsedExpression>();
  out_->kind = ExpressionKind::partiql;
  operators_ = 0;
  for (;;) {
    if (accept_word("SET")) {
      do set_clause();
      while (accept(","));
    } else if (accept_word("REMOVE")) {
      do {
        UpdateAction action;
        action.kind = UpdateAction::Kind::remove;
        action.path = add_path(path());
        out_->actions.push_back(action);
      } while (accept(","));
    } else {
      break;
    }
  }
  const bool any = !out_->actions.empty();
  statement_.update = std::move(out_);
  return any;
}

void PartiqlParser::set_clause() {
  const uint32_t target = add_path(path());
  if (!accept("=")) fail_here();
  if (at_call() && (peek().is_word("SET_ADD") || peek().is_word("SET_DELETE"))) {
    out_->actions.push_back(set_function(target));
    return;
  }
  UpdateAction action;
  action.path = target;
  action.node = sum().node;
  out_->actions.push_back(action);
}

PartiqlParser::Part PartiqlParser::sum() {
  Part left = term();
  while (peek().is("+") || peek().is("-")) {
    const bool plus = take().is("+");
    count_operator();
    const Part right = term();
    left.node = add_node(plus ? Op::plus : Op::minus, 0, {left.node, right.node});
  }
  for (const std::string_view name : {"*", "/", "%", "||"}) {
    if (peek().is(name)) {
      throw errors::validation("Unsupported operator in Update Expression. Operator: " +
                               std::string(name));
    }
  }
  return left;
}

PartiqlParser::Part PartiqlParser::term() {
  if (peek().is("(")) {
    const Level level(*this);
    expect("(");
    const Part inner = sum();
    expect(")");
    return inner;
  }
  if (at_value()) return value_part();
  if (at_call()) return list_append();
  return path_part();
}

PartiqlParser::Part PartiqlParser::list_append() {
  const Level level(*this);
  const PartiqlToken name = take();
  if (!name.is_word("LIST_APPEND")) note("Unrecognized function: " + std::string(name.text));
  count_operator();
  expect("(");
  std::vector<uint32_t> children;
  if (!peek().is(")")) {
    do children.push_back(term().node);
    while (accept(","));
  }
  expect(")");
  return {add_node(Op::list_append, 0, children), Role::operand};
}

// set_add(target, set) is the ADD of update expressions, set_delete their DELETE.
UpdateAction PartiqlParser::set_function(uint32_t target) {
  const PartiqlToken name = take();
  const bool add = name.is_word("SET_ADD");
  const std::string function = add ? "SET_ADD" : "SET_DELETE";
  count_operator();
  expect("(");
  const PartiqlToken first = peek();
  if (!partiql_update_detail::same_path(path(), out_->paths[target])) {
    note("The first argument to " + function + " must equal the assignment value at " +
         name.position());
  }
  UpdateAction action;
  action.kind = add ? UpdateAction::Kind::add : UpdateAction::Kind::remove_members;
  action.path = target;
  if (!peek().is(",")) {
    note(function + " must have exactly two arguments");
    expect(")");
    return action;
  }
  expect(",");
  if (!at_value()) {
    note("The second argument to " + function + " must be a value with type SET at " +
         first.position());
    term();
  } else {
    statement_.set_operands.push_back({statement_.values.size(), function, first.position()});
    action.node = value_part().node;
  }
  if (peek().is(",")) note(function + " must have exactly two arguments");
  while (accept(",")) term();
  expect(")");
  return action;
}

}  // namespace paddock::services::dynamodb
