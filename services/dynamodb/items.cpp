// PutItem, GetItem, UpdateItem, DeleteItem.
//
// A write is parsed and checked as far as no data is needed; then, under the lock of the item's
// partition: read, condition, pure `apply`, one batch.
#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/item_write.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/request.hpp"
#include "services/dynamodb/request_layer.hpp"
#include "services/dynamodb/service.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using gateway::Output;
using storage::Family;

// A write with what its request wants to know of it.
struct DynamoDb::WriteRequest {
  WriteRequest(ItemWrite::Kind kind, const Json& input) : input(input) {
    write.kind = kind;
    write.item_on_failure = text_member(input, m::ReturnValuesOnConditionCheckFailure) == "ALL_OLD";
  }

  const Json& input;
  ItemWrite write{};
  ReturnValues values = ReturnValues::none;

  // Everything that needs no table, in AWS's order. `operation` as messages name it.
  void parse(std::string_view operation, RequestExpressions& expressions);
};

void DynamoDb::WriteRequest::parse(std::string_view operation, RequestExpressions& expressions) {
  write.take_subject(input);
  values = return_values(text_member(input, m::ReturnValues));
  if (write.kind != ItemWrite::Kind::update && values != ReturnValues::none &&
      values != ReturnValues::all_old) {
    throw errors::bad_return_values(operation);
  }
  write.bind(expressions);
  expressions.finish();
}

WriteOutcome DynamoDb::commit_write(Context& context, TablePtr table, const ItemWrite& write) {
  for (;;) {
    write.check(*table);
    const ItemKey key = write.key(*table);
    auto guard = platform_.locks.lock(key.partition());
    if (table->retired.load(std::memory_order_acquire)) {
      guard.unlock();
      table = catalog_.find(table->realm, table->name);
      if (!table) throw errors::no_such_resource();
      continue;
    }
    WriteOutcome outcome;
    if (platform_.database.get(Family::rows, key.bytes, outcome.row)) {
      outcome.before = outcome.row.view();
    }
    if (!write.allowed(outcome.before)) throw condition_failure(write, outcome.before);
    outcome.after = write.apply(*table, outcome.before);
    storage::Batch batch;
    const ItemChange change{outcome.before, outcome.after};
    if (auto refused = refuse_write(context, *table, key, change)) throw std::move(*refused);
    const WriteEffect effect = writer_.write(batch, *table, key, change, context.cause);
    if (!batch.empty()) context.commit(batch);
    guard.unlock();
    count(*table, effect);
    outcome.consumed = consumed_by(effect);
    report_write(context, *table, outcome.consumed.total());
    outcome.table = std::move(table);
    return outcome;
  }
}

Output DynamoDb::run_write(Context& context, WriteRequest& request) {
  const Json& input = request.input;
  ItemWrite& write = request.write;
  TablePtr found = data_table(context, input);
  if (write.update && write.update->charge() > kMaxItemBytes) {
    throw errors::updated_item_too_large();
  }
  const WriteOutcome outcome = commit_write(context, std::move(found), write);
  AnswerText answer = write_answer(outcome, write, request.values, return_capacity(input));
  if (text_member(input, m::ReturnItemCollectionMetrics) == "SIZE" &&
      outcome.table->has_local_indexes()) {
    const Table& table = *outcome.table;
    answer.member(m::ItemCollectionMetrics,
                  collection_metrics(table, write.key_value(table.keys.hash.name)));
  }
  return Output::text(std::move(answer).finish());
}

Output DynamoDb::put_item(Context& context, Json input) {
  RequestExpressions expressions = check_in(Layer::enveloped, [&] {
    return RequestExpressions(expressions_, input, {m::ConditionExpression},
                              {m::Expected, m::ConditionalOperator});
  });
  WriteRequest request(ItemWrite::Kind::put, input);
  check_in(Layer::enveloped, [&] { request.parse("PutItem", expressions); });
  return run_write(context, request);
}

Output DynamoDb::delete_item(Context& context, Json input) {
  RequestExpressions expressions = check_in(Layer::enveloped, [&] {
    return RequestExpressions(expressions_, input, {m::ConditionExpression},
                              {m::Expected, m::ConditionalOperator});
  });
  WriteRequest request(ItemWrite::Kind::remove, input);
  check_in(Layer::enveloped, [&] { request.parse("DeleteItem", expressions); });
  return run_write(context, request);
}

Output DynamoDb::update_item(Context& context, Json input) {
  RequestExpressions expressions = check_in(Layer::enveloped, [&] {
    return RequestExpressions(expressions_, input, {m::UpdateExpression, m::ConditionExpression},
                              {m::AttributeUpdates, m::Expected, m::ConditionalOperator});
  });
  WriteRequest request(ItemWrite::Kind::update, input);
  check_in(Layer::enveloped, [&] { request.parse("UpdateItem", expressions); });
  return run_write(context, request);
}

Output DynamoDb::get_item(Context& context, Json input) {
  RequestExpressions expressions(expressions_, input, {m::ProjectionExpression},
                                 {m::AttributesToGet});
  const Item key = check_in(Layer::current, [&] { return item_from_document(input.at(m::Key)); });
  const auto projection = expressions.projection();
  expressions.finish();
  const TablePtr table = data_table(context, input);
  if (projection) check_key_paths(*table, projection->heads());
  return read_item(context, *table, key,
                   {projection ? &*projection : nullptr, flag_member(input, m::ConsistentRead),
                    return_capacity(input)});
}

Output DynamoDb::read_item(Context& context, const Table& table, const Item& key,
                           const ItemRead& read) {
  check_key(table, key);
  const ItemKey stored = item_key(table, key);
  storage::Value row;
  const bool exists = read_row(stored.bytes, read.consistent, row);
  AnswerText answer;
  size_t size = 0;
  if (exists) {
    const ItemView item(row.view());
    size = item_size(item);
    std::string& text = answer.member(m::Item);
    text.reserve(row.view().size() * 2 + 256);
    if (read.projection) {
      read.projection->append_json(text, item);
    } else {
      append_json(text, item);
    }
  }
  Consumed consumed;
  consumed.table = static_cast<double>(read_units(size)) * (read.consistent ? 1.0 : 0.5);
  if (auto refused = refuse_read(context, table, nullptr, stored.bytes, consumed.table)) {
    throw std::move(*refused);
  }
  report_read(context, table, consumed.total());
  if (read.capacity != ReturnCapacity::none) {
    answer.member(m::ConsumedCapacity, consumed_json(table, consumed, read.capacity));
  }
  return Output::text(std::move(answer).finish());
}

void DynamoDb::report_write(const Context& context, const Table& table, double units) {
  platform_.metrics.add(context.account, context.region, "AWS/DynamoDB",
                        "ConsumedWriteCapacityUnits", table.dimensions, "Count", units);
}

void DynamoDb::report_read(const Context& context, const Table& table, double units) {
  platform_.metrics.add(context.account, context.region, "AWS/DynamoDB",
                        "ConsumedReadCapacityUnits", table.dimensions, "Count", units);
}

}  // namespace paddock::services::dynamodb
