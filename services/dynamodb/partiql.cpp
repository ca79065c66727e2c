// ExecuteStatement.
#include "models/dynamodb.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/partiql_bound.hpp"
#include "services/dynamodb/partiql_errors.hpp"
#include "services/dynamodb/partiql_run.hpp"
#include "services/dynamodb/partiql_select.hpp"
#include "services/dynamodb/partiql_token.hpp"
#include "services/dynamodb/request.hpp"
#include "services/dynamodb/service.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using gateway::Output;
using Kind = PartiqlStatement::Kind;

namespace statement_runs {

bool valid_table_name(std::string_view name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  return name.size() >= kMinNameLength && name.size() <= kMaxNameLength &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

// A token says where to go on in the version of the table that it was made for.
uint64_t token_fingerprint(const BoundStatement& bound, const Table& table) {
  return bound.fingerprint() ^ table.incarnation;
}

}  // namespace statement_runs

TablePtr DynamoDb::find_statement_table(const Context& context, const PartiqlStatement& statement) {
  if (!statement.table.starts_with("arn:") && !statement_runs::valid_table_name(statement.table)) {
    throw errors::bad_statement_table();
  }
  return find_table(context, statement.table);
}

TablePtr DynamoDb::statement_table(const Context& context, const PartiqlStatement& statement) {
  TablePtr table = find_statement_table(context, statement);
  if (!table) throw errors::no_such_resource();
  return table;
}

StatementRun DynamoDb::run_statement_write(Context& context,
                                           const std::shared_ptr<BoundStatement>& bound,
                                           bool item_on_failure) {
  const PartiqlStatement& statement = bound->statement();
  if (statement.kind == Kind::exists) throw errors::exists_outside_transaction();
  if (statement.index) throw errors::write_on_index();
  StatementRun run;
  run.table = statement_table(context, statement);
  ItemWrite write = statement_write(bound, *run.table);
  check_statement_key(statement, *run.table, write);
  write.item_on_failure = item_on_failure;
  write.check(*run.table);
  try {
    const WriteOutcome outcome = commit_write(context, run.table, write);
    run.consumed = outcome.consumed;
    run.items = bound->returned(write, outcome.before, outcome.after);
  } catch (const AwsError& error) {
    if (statement.kind == Kind::insert && error.code() == "ConditionalCheckFailedException") {
      run.error = errors::duplicate_item();
    } else {
      run.error = error;
    }
  }
  return run;
}

StatementRun DynamoDb::run_select(Context& context, const BoundStatement& bound,
                                  const Json& input) {
  StatementRun run;
  run.table = statement_table(context, bound.statement());
  const Table& table = *run.table;
  const bool consistent = flag_member(input, m::ConsistentRead);
  StatementSelect select(bound, table, consistent);
  const uint64_t fingerprint = statement_runs::token_fingerprint(bound, table);
  const std::string_view token = text_member(input, m::NextToken);
  if (!token.empty()) select.start_after(read_next_token(token, fingerprint));

  RowRead read;
  read.table = &table;
  read.index = select.index;
  read.direction = select.direction;
  read.filter = bound.where();
  read.consistent = consistent;
  read.fetch = select.fetch;
  read.filter_entry = true;
  const Json& limit = member_or_null(input, m::Limit);
  if (!limit.is_null()) read.limit = limit.get<size_t>();
  const storage::Snapshot snapshot = platform_.database.snapshot();
  RowsRead page;
  int64_t units = 0;
  for (const KeyBounds& part : select.parts) {
    const size_t before = page.bytes;
    read.bounds = part;
    read_rows(snapshot, read, page, [&](ItemView item) {
      if (!run.items.empty()) run.items += ',';
      select.columns.append_json(run.items, item);
    });
    units += read_units(page.bytes - before);
    if (!page.last.empty()) break;
  }
  if (!page.last.empty()) {
    append_json(run.last, ItemView(page.last));
    run.next_token = next_token(fingerprint, page.last);
  }
  const double factor = consistent ? 1.0 : 0.5;
  run.consumed.table = static_cast<double>(page.fetch_units) * factor;
  if (select.index) {
    run.consumed.add_index(*select.index, static_cast<double>(units) * factor);
  } else {
    run.consumed.table = static_cast<double>(units) * factor;
  }
  if (auto refused = refuse_read(context, table, select.index, "", run.consumed.total())) {
    throw std::move(*refused);
  }
  report_read(context, table, run.consumed.total());
  return run;
}

Output DynamoDb::execute_statement(Context& context, Json input) {
  const auto bound = std::make_shared<BoundStatement>(input);
  StatementRun run;
  if (bound->statement().reads()) {
    run = run_select(context, *bound, input);
  } else {
    if (!text_member(input, m::NextToken).empty()) throw errors::foreign_next_token();
    run = run_statement_write(
        context, bound, text_member(input, m::ReturnValuesOnConditionCheckFailure) == "ALL_OLD");
    if (run.error) throw *run.error;
  }
  AnswerText answer;
  const ReturnCapacity mode = return_capacity(input);
  if (mode != ReturnCapacity::none) {
    answer.member(m::ConsumedCapacity, consumed_json(*run.table, run.consumed, mode));
  }
  answer.member(m::Items) += "[" + run.items + "]";
  if (!run.last.empty()) answer.member(m::LastEvaluatedKey) += run.last;
  if (!run.next_token.empty()) answer.member(m::NextToken, run.next_token);
  return Output::text(std::move(answer).finish());
}

}  // namespace paddock::services::dynamodb
