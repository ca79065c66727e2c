// BatchExecuteStatement: up to 25 statements on one item each, all reads or all writes, each with a
// result or an error of its own.
#include <algorithm>
#include <array>
#include <set>

#include "core/text.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/partiql_bound.hpp"
#include "services/dynamodb/partiql_errors.hpp"
#include "services/dynamodb/partiql_run.hpp"
#include "services/dynamodb/partiql_select.hpp"
#include "services/dynamodb/request.hpp"
#include "services/dynamodb/service.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using gateway::Output;

// One statement of a batch.
struct DynamoDb::BatchStatement {
  const Json& request;
  std::shared_ptr<BoundStatement> bound{};
  std::optional<AwsError> error{};
  std::string item{};  // JSON text, "" for none
  TablePtr table{};    // shown in the answer
  Consumed consumed{};
};

namespace statement_batches {

struct Code {
  std::string_view exception;
  std::string_view name;  // BatchStatementErrorCodeEnum
};
constexpr std::array<Code, 10> kCodes = {{
    {"ValidationException", "ValidationError"},
    {"ConditionalCheckFailedException", "ConditionalCheckFailed"},
    {"ResourceNotFoundException", "ResourceNotFound"},
    {"DuplicateItemException", "DuplicateItem"},
    {"ItemCollectionSizeLimitExceededException", "ItemCollectionSizeLimitExceeded"},
    {"ProvisionedThroughputExceededException", "ProvisionedThroughputExceeded"},
    {"TransactionConflictException", "TransactionConflict"},
    {"ThrottlingException", "ThrottlingError"},
    {"RequestLimitExceeded", "RequestLimitExceeded"},
    {"AccessDeniedException", "AccessDenied"},
}};

// "" for an error that is not a statement's own.
std::string_view code_of(const AwsError& error) {
  for (const Code& code : kCodes) {
    if (code.exception == error.code()) return code.name;
  }
  return {};
}

// The row that a statement is about; "" if it does not say so.
std::string target(const BoundStatement& bound, const Table& table) {
  Item key;
  if (bound.statement().kind == PartiqlStatement::Kind::insert) {
    key = bound.item();
  } else if (bound.keys()) {
    key = bound.keys()->named(table.keys, true).key;
  }
  const auto fits = [&](const KeyAttribute& attribute) {
    const AttributeValue* value = key.find(attribute.name);
    return value && value->type() == attribute.type;
  };
  if (!fits(table.keys.hash) || (table.keys.range && !fits(*table.keys.range))) return {};
  return item_key(table, key).bytes;
}

void append_error(std::string& out, const AwsError& error) {
  out += "\"Error\":{\"Code\":";
  append_json_string(out, code_of(error));
  if (error.extra().is_object() && error.extra().contains(m::Item)) {
    out += ",\"Item\":";
    append_json(out, item_from_document(error.extra().at(m::Item)));
  }
  out += ",\"Message\":";
  append_json_string(out, error.message());
  out += '}';
}

}  // namespace statement_batches

void DynamoDb::read_statement(Context& context, BatchStatement& part) {
  const PartiqlStatement& statement = part.bound->statement();
  part.table = statement_table(context, statement);
  const TablePtr table = std::exchange(part.table, nullptr);
  if (statement.index) throw errors::batch_select_needs_key();
  const Item key = single_item_key(*part.bound, *table, errors::batch_select_needs_key());
  check_key(*table, key);
  storage::Value row;
  size_t size = 0;
  const ItemKey stored = item_key(*table, key);
  const bool consistent = flag_member(part.request, m::ConsistentRead);
  if (read_row(stored.bytes, consistent, row)) {
    const ItemView item(row.view());
    size = item_size(item);
    StatementColumns(statement).append_json(part.item, item);
  }
  const double factor = consistent ? 1.0 : 0.5;
  part.consumed.table = static_cast<double>(read_units(size)) * factor;
  if (auto refused = refuse_read(context, *table, nullptr, stored.bytes, part.consumed.table)) {
    throw std::move(*refused);
  }
  report_read(context, *table, part.consumed.table);
  part.table = table;
}

void DynamoDb::write_statement(Context& context, BatchStatement& part) {
  const bool shown = text_member(part.request, m::ReturnValuesOnConditionCheckFailure) == "ALL_OLD";
  StatementRun run = run_statement_write(context, part.bound, shown);
  if (run.error && statement_batches::code_of(*run.error).empty()) throw *run.error;
  part.table = run.table;
  part.error = std::move(run.error);
  part.item = std::move(run.items);
  part.consumed = std::move(run.consumed);
}

// What refuses the batch as a whole: reads beside writes, two statements on one item. Statements
// that do not parse take no part.
void DynamoDb::check_statements(Context& context, const std::vector<BatchStatement>& parts) {
  bool reads = false;
  bool writes = false;
  std::set<std::string> targets;
  for (const BatchStatement& part : parts) {
    if (!part.bound) continue;
    (part.bound->statement().reads() ? reads : writes) = true;
  }
  if (reads && writes) throw errors::reads_and_writes_in_batch();
  for (const BatchStatement& part : parts) {
    if (!part.bound) continue;
    const TablePtr table = catalog_.find(context.realm->id, part.bound->statement().table);
    if (!table) continue;
    std::string key = statement_batches::target(*part.bound, *table);
    if (!key.empty() && !targets.insert(std::move(key)).second) {
      throw errors::duplicate_keys_to_get();
    }
  }
}

Output DynamoDb::batch_execute_statement(Context& context, Json input) {
  namespace detail = statement_batches;
  std::vector<BatchStatement> parts;
  for (const Json& request : input.at(m::Statements)) {
    BatchStatement& part = parts.emplace_back(BatchStatement{request});
    try {
      part.bound = std::make_shared<BoundStatement>(request);
    } catch (const AwsError& error) {
      if (error.code() != "ValidationException") throw;
      part.error = error;
    }
  }
  check_statements(context, parts);
  std::vector<std::pair<TablePtr, Consumed>> consumed;
  for (BatchStatement& part : parts) {
    if (!part.bound) continue;
    try {
      if (part.bound->statement().reads()) {
        read_statement(context, part);
      } else {
        write_statement(context, part);
      }
    } catch (const AwsError& error) {
      if (detail::code_of(error).empty()) throw;
      part.error = error;
    }
    if (part.error || !part.table) continue;
    auto known = std::find_if(consumed.begin(), consumed.end(), [&](const auto& entry) {
      return entry.first->incarnation == part.table->incarnation;
    });
    if (known == consumed.end()) known = consumed.insert(known, {part.table, Consumed()});
    known->second.table += part.consumed.table;
    for (const auto& [index, units] : part.consumed.indexes) known->second.add_index(*index, units);
  }

  AnswerText answer;
  const ReturnCapacity mode = return_capacity(input);
  if (mode != ReturnCapacity::none && !consumed.empty()) {
    Json list = Json::array();
    for (const auto& [table, units] : consumed) {
      list.push_back(consumed_json(*table, units, mode));
    }
    answer.member(m::ConsumedCapacity, list);
  }
  std::string& responses = answer.member(m::Responses);
  responses += '[';
  for (const BatchStatement& part : parts) {
    if (&part != &parts.front()) responses += ',';
    responses += '{';
    if (part.error) detail::append_error(responses, *part.error);
    if (!part.item.empty()) responses += "\"Item\":" + part.item;
    // A statement that names no table here shows none: so do those that no table could save.
    const bool missing = part.error && part.error->code() == "ResourceNotFoundException";
    if (part.table || missing) {
      if (responses.back() != '{') responses += ',';
      responses += "\"TableName\":";
      append_json_string(responses, part.bound->statement().table);
    }
    responses += '}';
  }
  responses += ']';
  return Output::text(std::move(answer).finish());
}

}  // namespace paddock::services::dynamodb
