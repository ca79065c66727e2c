// ExecuteTransaction: up to 100 statements on one item each, all reads or all writes and checks, as
// one. Order of checks: values of all statements, their texts, reads beside writes; then per
// statement its table and what it asks of it; a table that is not there cancels the transaction.
#include "core/digest.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/partiql_bound.hpp"
#include "services/dynamodb/partiql_errors.hpp"
#include "services/dynamodb/partiql_select.hpp"
#include "services/dynamodb/request.hpp"
#include "services/dynamodb/service.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using gateway::Output;
using Kind = PartiqlStatement::Kind;

namespace statement_transactions {

using Statements = std::vector<std::shared_ptr<BoundStatement>>;

// Names the statement in what `check` throws of ValidationException.
template <class Check>
void check_statement(size_t number, Check check) {
  try {
    check();
  } catch (const AwsError& error) {
    if (error.code() != "ValidationException") throw;
    throw errors::in_transaction(number, error.message());
  }
}

Statements parse(const Json& requests) {
  for (const Json& request : requests) check_parameters(request);
  Statements statements;
  for (const Json& request : requests) {
    check_statement(statements.size(),
                    [&] { statements.push_back(std::make_shared<BoundStatement>(request)); });
  }
  return statements;
}

bool reads_only(const Statements& statements) {
  size_t reads = 0;
  for (const auto& bound : statements) reads += bound->statement().reads() ? 1 : 0;
  if (reads > 0 && reads < statements.size()) throw errors::reads_and_writes_in_transaction();
  return reads > 0;
}

void check_select(const BoundStatement& bound) {
  if (bound.statement().index) throw errors::index_read_in_transaction();
}

void check_write(const BoundStatement& bound, const Table& table) {
  const PartiqlStatement& statement = bound.statement();
  if (statement.returning != PartiqlReturning::none) throw errors::returning_in_transaction();
  if (statement.kind != Kind::exists) {
    if (statement.index) throw errors::write_on_index();
    return;
  }
  if (statement.index) throw errors::index_check_in_transaction();
  const size_t wanted = table.keys.range ? 2 : 1;
  if (!bound.keys()) throw errors::exists_needs_condition();
  const auto named = bound.keys()->named(table.keys, false);
  if (named.only_key || named.key.size() != wanted) throw errors::exists_needs_condition();
}

// Throws TransactionCanceledException if a table is not there.
void require_tables(const std::vector<TablePtr>& tables) {
  CancellationReasons reasons;
  for (const TablePtr& table : tables) {
    if (table) {
      reasons.none();
      continue;
    }
    TransactWrite missing;
    missing.refusal_code = "ResourceNotFound";
    missing.refusal_message = errors::no_such_resource().message();
    reasons.refused(missing, Json());
  }
  if (reasons.any()) throw reasons.error();
}

TransactWrite write_of(const std::shared_ptr<BoundStatement>& bound, const TablePtr& table,
                       const Json& request) {
  TransactWrite action;
  action.table = table;
  if (bound->statement().kind == Kind::insert) {
    const AwsError duplicate = errors::duplicate_item();
    action.refusal_code = "DuplicateItem";
    action.refusal_message = duplicate.message();
  }
  try {
    action.write = statement_write(bound, *table);
  } catch (const AwsError& error) {
    if (error.code() != "ValidationException") throw;
    action.flaw = error;
  }
  action.write.item_on_failure =
      text_member(request, m::ReturnValuesOnConditionCheckFailure) == "ALL_OLD";
  return action;
}

// What must be the same when a request comes again.
std::string fingerprint(const Json& requests) {
  std::string text;
  for (const Json& request : requests) {
    text += text_member(request, m::Statement);
    text += '\0';
    const Json& parameters = member_or_null(request, m::Parameters);
    for (const Json& parameter : parameters) text += encode(value_from_document(parameter));
    text += '\0';
  }
  return sha256(text);
}

Output answer_of(const TransactionUnits& units, ReturnCapacity mode, const std::string& responses) {
  AnswerText answer;
  if (mode != ReturnCapacity::none) answer.member(m::ConsumedCapacity, units.json(mode));
  answer.member(m::Responses) += "[" + responses + "]";
  return Output::text(std::move(answer).finish());
}

}  // namespace statement_transactions

Output DynamoDb::execute_transaction(Context& context, Json input) {
  namespace detail = statement_transactions;
  const Json& requests = input.at(m::TransactStatements);
  const detail::Statements statements = detail::parse(requests);
  const bool reads = detail::reads_only(statements);
  std::vector<TablePtr> tables;
  std::vector<Item> keys(statements.size());
  for (size_t i = 0; i < statements.size(); ++i) {
    const BoundStatement& bound = *statements[i];
    detail::check_statement(i, [&] {
      tables.push_back(find_statement_table(context, bound.statement()));
      if (!tables.back()) return;
      if (!reads) return detail::check_write(bound, *tables.back());
      detail::check_select(bound);
      keys[i] = single_item_key(bound, *tables.back(), errors::transaction_select_needs_key());
    });
  }
  detail::require_tables(tables);
  const ReturnCapacity mode = return_capacity(input);

  if (reads) {
    std::string responses;
    std::vector<TransactRead> actions(statements.size());
    for (size_t i = 0; i < actions.size(); ++i) {
      actions[i].table = tables[i];
      actions[i].key = std::move(keys[i]);
    }
    const TransactionUnits units = read_transaction(context, actions);
    for (size_t i = 0; i < actions.size(); ++i) {
      responses += i ? ",{" : "{";
      if (actions[i].row) {
        responses += "\"Item\":";
        const ItemView item(actions[i].row->view());
        StatementColumns(statements[i]->statement()).append_json(responses, item);
      }
      responses += '}';
    }
    return detail::answer_of(units, mode, responses);
  }

  std::vector<TransactWrite> actions;
  for (size_t i = 0; i < statements.size(); ++i) {
    actions.push_back(detail::write_of(statements[i], tables[i], requests[i]));
  }
  std::optional<TransactionToken> token;
  const std::string_view text = text_member(input, m::ClientRequestToken);
  if (!text.empty()) {
    token.emplace(TransactionToken{TokenScope::execute_transaction, std::string(text),
                                   detail::fingerprint(requests)});
  }
  return detail::answer_of(commit_transaction(context, actions, token), mode, "");
}

}  // namespace paddock::services::dynamodb
