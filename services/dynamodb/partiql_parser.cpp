// Statements.
#include "services/dynamodb/partiql_parser.hpp"

#include <algorithm>
#include <set>

#include "services/dynamodb/partiql_errors.hpp"

namespace paddock::services::dynamodb {

using Kind = PartiqlStatement::Kind;

PartiqlStatement parse_partiql(std::string_view statement) {
  return PartiqlParser(statement).parse();
}

PartiqlParser::PartiqlParser(std::string_view statement)
    : TokenCursor(tokenize_partiql(statement)) {}

PartiqlParser::Level::Level(PartiqlParser& parser) : parser_(parser) {
  if (++parser_.depth_ > kMaxExpressionDepth) throw errors::statement_too_deep();
}

void PartiqlParser::note(std::string message) {
  if (flaw_.empty()) flaw_ = std::move(message);
}

void PartiqlParser::fail(std::string_view detail) const {
  throw errors::malformed_statement(detail);
}

void PartiqlParser::expect(std::string_view punctuation) {
  if (!accept(punctuation)) fail_here();
}

bool PartiqlParser::at_name() const {
  const PartiqlToken& token = peek();
  if (token.kind == PartiqlTokenKind::quoted) return true;
  return token.kind == PartiqlTokenKind::identifier && !partiql_keyword(token.text);
}

bool PartiqlParser::at_any_word(std::initializer_list<std::string_view> words) const {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return peek().is_word(word); });
}

PartiqlStatement PartiqlParser::parse() {
  if (accept_word("SELECT")) {
    select();
  } else if (accept_word("INSERT")) {
    insert();
  } else if (at_any_word({"UPDATE", "FROM"})) {
    update();
  } else if (accept_word("DELETE")) {
    remove();
  } else if (peek().is_word("EXISTS") && peek(1).is("(")) {
    at_ += 2;
    if (!accept_word("SELECT")) fail_here();
    select();
    expect(")");
    statement_.kind = Kind::exists;
  } else {
    fail("Expected data manipulation");
  }
  accept(";");
  if (peek().kind != PartiqlTokenKind::end) fail("Unexpected token after expression");
  if (!flaw_.empty()) throw errors::validation(flaw_);
  return std::move(statement_);
}

void PartiqlParser::select() {
  statement_.kind = Kind::select;
  if (accept_word("DISTINCT")) note("Unsupported token in expression: DISTINCT");
  accept_word("ALL");
  if (at_any_word({"VALUE", "PIVOT"})) {
    note("Select projection doesn't support value or pivot keywords");
    ++at_;
  }
  projection();
  if (!accept_word("FROM")) fail("Expected FROM after SELECT list");
  source();
  where();
  refuse_clauses();
  order_by();
  refuse_clauses();
}

void PartiqlParser::projection() {
  bool star = false;
  do {
    if (accept("*")) {
      star = true;
    } else {
      column();
    }
  } while (accept(","));
  if (star && !statement_.columns.empty()) {
    note("Other attributes should not be present in the projection when '*' is used.");
  }
  std::set<std::string_view> names;
  for (const PartiqlColumn& column : statement_.columns) {
    if (!names.insert(column.name).second) {
      note("Duplicate identifiers in select clause: " + column.name);
    }
  }
}

void PartiqlParser::column() {
  const PartiqlToken first = peek();
  PartiqlColumn column;
  if (at_call()) {  // aggregates and other functions are no columns
    note("Unexpected path component at " + first.position());
    at_ += 2;
    for (size_t open = 1; open > 0;) {
      const PartiqlToken token = take();
      if (token.kind == PartiqlTokenKind::end) fail("Unexpected term");
      open += token.is("(") ? 1 : 0;
      open -= token.is(")") ? 1 : 0;
    }
    return;
  }
  if (at_value()) {
    note("Unexpected path component at " + first.position());
    value();
    return;
  }
  column.path = path();
  for (const PathStep& step : column.path) {
    if (step.kind == PathStep::Kind::index) {
      column.name += "[" + std::to_string(step.index) + "]";
    } else {
      column.name = step.name;
    }
  }
  statement_.columns.push_back(std::move(column));
  if (accept_word("AS")) {
    note("Aliasing is not supported");
    take();
  } else if (at_name()) {
    note("Aliasing is not supported");
    ++at_;
  }
}

void PartiqlParser::source() {
  if (!at_name()) fail_here();
  source_path(false);
  if (peek().is(",") || at_any_word({"JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "OUTER"})) {
    throw errors::validation("Only select from a single table or index is supported.");
  }
  alias();
}

// Data manipulation names its table by a simple path.
void PartiqlParser::simple_table() {
  if (!at_name()) fail("Expected identifier for simple path");
  source_path(statement_.kind == Kind::insert);
}

void PartiqlParser::source_path(bool one_component) {
  const PartiqlToken first = peek();
  std::vector<std::string> components = {path_name()};
  while (accept(".")) {
    if (!at_name()) fail_here();
    components.push_back(path_name());
  }
  if (peek().is("[")) throw errors::validation("Invalid list expression in source.");
  if (one_component && components.size() > 1) {
    note("FROM clause may only contain a single table name in data manipulation statements at " +
         first.position());
  }
  if (components.size() > 2) {
    note("A path may contain at most 2 components in the FROM clause");
  }
  statement_.table = std::move(components.front());
  if (components.size() > 1) statement_.index = std::move(components[1]);
}

void PartiqlParser::alias() {
  if (accept_word("AS")) {
    if (!at_name()) fail_here();
  } else if (!at_name()) {
    return;
  }
  note("Aliasing is not supported");
  ++at_;
}

void PartiqlParser::where() {
  if (!accept_word("WHERE")) return;
  out_ = std::make_shared<ParsedExpression>();
  out_->kind = ExpressionKind::partiql;
  operators_ = 0;
  const Part root = or_parts();
  require_condition(root, "WHERE clause must contain an expression that resolves to a boolean");
  out_->root = root.node;
  statement_.where = std::move(out_);
}

void PartiqlParser::refuse_clauses() {
  for (const std::string_view clause : {"GROUP", "HAVING", "LIMIT"}) {
    if (!peek().is_word(clause)) continue;
    throw errors::validation("Unsupported clause: " +
                             (clause == "GROUP" ? "GROUP BY" : std::string(clause)));
  }
}

void PartiqlParser::order_by() {
  if (!peek().is_word("ORDER")) return;
  ++at_;
  if (!accept_word("BY")) fail_here();
  do {
    PartiqlOrder order;
    const ParsedPath key = path();
    if (key.size() > 1) {
      note("Argument to ORDER BY must be of type VariableReference. Type: Path");
    }
    order.attribute = key.front().name;
    if (accept_word("DESC")) {
      order.descending = true;
    } else {
      accept_word("ASC");
    }
    statement_.order.push_back(std::move(order));
  } while (accept(","));
}

void PartiqlParser::insert() {
  statement_.kind = Kind::insert;
  if (!accept_word("INTO")) fail_here();
  simple_table();
  if (!accept_word("VALUE")) refuse_insert_query();
  if (peek().is("{")) {
    insert_item();
  } else {
    value();
    note(
        "Unsupported format in item expression. Please use struct format {...} to express item "
        "values for insert statement.");
  }
  if (accept_word("AT")) {
    note("AT is not supported in insert statements.");
    value();
  }
  if (accept_word("ON")) throw errors::validation("Unsupported clause: ON CONFLICT");
  if (peek().is_word("RETURNING")) {
    returning();
    note("RETURNING is not supported in INSERT");
  }
}

// INSERT INTO table <query>: AWS parses the query, then refuses it.
void PartiqlParser::refuse_insert_query() {
  if (peek().kind == PartiqlTokenKind::end) fail("Unexpected term");
  if (at_name()) fail("Unexpected token after expression");
  for (size_t at = at_ + 1; peek().is("(") && at < tokens_.size(); ++at) {
    const PartiqlToken& token = tokens_[at];
    if (token.is(")")) break;
    if (token.kind == PartiqlTokenKind::identifier && partiql_keyword(token.text)) {
      fail("Unexpected keyword");
    }
  }
  throw errors::validation(
      "Unsupported operation: Inserting multiple items in a single statement is not supported, use "
      "\"INSERT INTO tableName VALUE item\" instead");
}

void PartiqlParser::insert_item() {
  expect("{");
  std::set<std::string> names;
  if (accept("}")) return;
  do {
    if (peek().kind != PartiqlTokenKind::string) fail_here();
    std::string name = take().content();
    expect(":");
    PartiqlValue member = value();
    if (!names.insert(name).second) {
      note("Duplicate keys in tuple. Key: " + name + " under root");
      continue;
    }
    statement_.item.emplace_back(std::move(name), std::move(member));
  } while (accept(","));
  expect("}");
}

void PartiqlParser::update() {
  statement_.kind = Kind::update;
  const bool from_first = take().is_word("FROM");
  simple_table();
  alias();
  if (from_first) where();
  if (!clauses()) fail("Expected data manipulation");
  if (!from_first) where();
  returning();
}

void PartiqlParser::remove() {
  statement_.kind = Kind::remove;
  if (!accept_word("FROM")) fail_here();
  simple_table();
  alias();
  where();
  returning();
}

void PartiqlParser::returning() {
  if (!accept_word("RETURNING")) return;
  const bool all = accept_word("ALL");
  if (!all && !accept_word("MODIFIED")) fail_here();
  const bool old = accept_word("OLD");
  if (!old && !accept_word("NEW")) fail_here();
  if (!accept("*")) {
    throw errors::validation(
        "Expected '*' after ( MODIFIED | ALL ) ( NEW | OLD ) in RETURNING clause");
  }
  if (peek().is(",")) {
    throw errors::validation("Invalid syntax with multiple returning elements in RETURNING clause");
  }
  statement_.returning =
      all ? (old ? PartiqlReturning::all_old : PartiqlReturning::all_new)
          : (old ? PartiqlReturning::modified_old : PartiqlReturning::modified_new);
  if (statement_.kind == Kind::remove && statement_.returning != PartiqlReturning::all_old) {
    note(std::string("Invalid returning clause: RETURNING ") + (all ? "ALL " : "MODIFIED ") +
         (old ? "OLD" : "NEW") + " *. Only RETURNING ALL OLD * is allowed in DELETE statements.");
  }
}

void PartiqlParser::count_operator() {
  if (++operators_ <= kMaxOperators) return;
  note("The expression contains too many operators; operator count: " + std::to_string(operators_));
}

uint32_t PartiqlParser::add_node(Op op, uint32_t index, const std::vector<uint32_t>& children) {
  ExpressionNode node;
  node.op = op;
  node.index = index;
  node.first = static_cast<uint32_t>(out_->children.size());
  node.count = static_cast<uint32_t>(children.size());
  out_->children.insert(out_->children.end(), children.begin(), children.end());
  out_->nodes.push_back(node);
  return static_cast<uint32_t>(out_->nodes.size() - 1);
}

uint32_t PartiqlParser::add_path(ParsedPath path) {
  out_->paths.push_back(std::move(path));
  return static_cast<uint32_t>(out_->paths.size() - 1);
}

uint32_t PartiqlParser::add_value(PartiqlValue value) {
  out_->values.push_back(":" + std::to_string(statement_.values.size()));
  statement_.values.push_back(std::move(value));
  return static_cast<uint32_t>(out_->values.size() - 1);
}

}  // namespace paddock::services::dynamodb
