// PutItem, GetItem, UpdateItem, DeleteItem.
//
// A write is parsed and checked as far as no data is needed; then, under the lock of the item's
// partition: read, condition, pure `apply`, one batch.
#include <algorithm>

#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/request.hpp"
#include "services/dynamodb/service.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using gateway::Output;
using storage::Family;

enum class ReturnValues { none, all_old, updated_old, all_new, updated_new };

struct DynamoDb::Write {
  enum class Kind { put, update, remove };
  Kind kind;
  std::string_view operation;
  const Json& input;
  RequestExpressions& expressions;
  std::optional<ConditionExpression> condition{};
  std::optional<UpdateExpression> update{};
  ReturnValues return_values = ReturnValues::none;

  void parse();
  // The key of a checked request, or the item to put.
  Item subject(const Table& table) const;
  // The item after the write, encoded, "" for none. Pure.
  std::string apply(const Table& table, const Item& subject, std::string_view before) const;
  void append_attributes(AnswerText& answer, const Item& subject, std::string_view before,
                         std::string_view after) const;
};

namespace item_writes {

ReturnValues return_values(std::string_view text) {
  if (text == "ALL_OLD") return ReturnValues::all_old;
  if (text == "UPDATED_OLD") return ReturnValues::updated_old;
  if (text == "ALL_NEW") return ReturnValues::all_new;
  if (text == "UPDATED_NEW") return ReturnValues::updated_new;
  return ReturnValues::none;
}

// What exists of an item before an update that creates it: its key.
Item previous_item(const Item& key, std::string_view before) {
  return before.empty() ? key : ItemView(before).decode();
}

void append_item(AnswerText& answer, std::string_view name, std::string_view bytes) {
  if (!bytes.empty()) append_json(answer.member(name), ItemView(bytes));
}

void append_part(AnswerText& answer, const Item& part) {
  if (!part.empty()) append_json(answer.member(m::Attributes), part);
}

// The size of an item collection is shown as a range of one gigabyte.
Json collection_metrics(const Table& table, const Item& subject) {
  const std::string& hash = table.keys.hash.name;
  std::string key;
  append_json(key, *subject.find(hash));
  return {{m::ItemCollectionKey, {{hash, Json::parse(key)}}},
          {m::SizeEstimateRangeGB, Json::array({0.0, 1.0})}};
}

}  // namespace item_writes

void DynamoDb::Write::parse() {
  return_values = item_writes::return_values(text_member(input, m::ReturnValues));
  if (kind != Kind::update && return_values != ReturnValues::none &&
      return_values != ReturnValues::all_old) {
    throw errors::bad_return_values(operation);
  }
  if (kind == Kind::update) {
    update = expressions.bind<UpdateExpression>(m::UpdateExpression, ExpressionKind::update);
  }
  condition =
      expressions.bind<ConditionExpression>(m::ConditionExpression, ExpressionKind::condition);
  expressions.finish();
}

Item DynamoDb::Write::subject(const Table& table) const {
  if (kind == Kind::put) {
    Item item = item_from_document(input.at(m::Item));
    if (item_size(item) > kMaxItemBytes) throw errors::item_too_large();
    check_item(table, item);
    return item;
  }
  Item key = item_from_document(input.at(m::Key));
  if (update) {
    for (const auto& target : update->targets()) {
      if (table.keys.has(target.name)) throw errors::cannot_update_key(target.name);
    }
    check_key_paths(table, update->heads());
  }
  check_key(table, key);
  return key;
}

std::string DynamoDb::Write::apply(const Table& table, const Item& subject,
                                   std::string_view before) const {
  switch (kind) {
    case Kind::put:
      return encode(subject);
    case Kind::remove:
      return {};
    case Kind::update:
      break;
  }
  if (!update) return before.empty() ? encode(subject) : std::string(before);
  if (before.empty() && !update->creates_item()) return {};
  const Item next = update->apply(item_writes::previous_item(subject, before));
  if (item_size(next) > kMaxItemBytes) throw errors::updated_item_too_large();
  check_index_attributes(table, next);
  return encode(next);
}

void DynamoDb::Write::append_attributes(AnswerText& answer, const Item& subject,
                                        std::string_view before, std::string_view after) const {
  switch (return_values) {
    case ReturnValues::none:
      return;
    case ReturnValues::all_old:
      return item_writes::append_item(answer, m::Attributes, before);
    case ReturnValues::all_new:
      return item_writes::append_item(answer, m::Attributes, after);
    case ReturnValues::updated_old:
      if (update && !before.empty()) {
        item_writes::append_part(answer,
                                 update->updated_old(item_writes::previous_item(subject, before)));
      }
      return;
    case ReturnValues::updated_new:
      if (update && !after.empty()) {
        item_writes::append_part(answer, update->updated_new(ItemView(after).decode()));
      }
      return;
  }
}

Output DynamoDb::run_write(Context& context, const Write& write) {
  const Json& input = write.input;
  for (;;) {
    const TablePtr table = data_table(context, input);
    const Item subject = write.subject(*table);
    if (write.condition) check_key_paths(*table, write.condition->heads());
    const ItemKey key = item_key(*table, subject);
    auto guard = platform_.locks.lock(key.partition());
    if (table->retired.load(std::memory_order_acquire)) continue;
    storage::Value row;
    const bool exists = platform_.database.get(Family::rows, key.bytes, row);
    const std::string_view before = exists ? row.view() : std::string_view();
    if (write.condition && !write.condition->matches(view_of(before))) {
      AwsError error = errors::condition_failed();
      if (exists && text_member(input, m::ReturnValuesOnConditionCheckFailure) == "ALL_OLD") {
        error.with(m::Item, to_document(ItemView(before).decode()));
      }
      throw error;
    }
    const std::string after = write.apply(*table, subject, before);
    storage::Batch batch;
    const ItemChange change{before, after};
    const WriteEffect effect = writer_.write(batch, *table, key, change, context.cause);
    if (!batch.empty()) context.commit(batch);
    guard.unlock();
    count(*table, effect);

    Consumed consumed;
    consumed.table =
        static_cast<double>(write_units(std::max(change.size_before(), change.size_after())));
    for (const auto& charge : effect.indexes) {
      consumed.add_index(*charge.index, static_cast<double>(charge.units));
    }
    report_write(context, *table, consumed.total());
    AnswerText answer;
    write.append_attributes(answer, subject, before, after);
    const ReturnCapacity mode = return_capacity(input);
    if (mode != ReturnCapacity::none) {
      answer.member(m::ConsumedCapacity, consumed_json(*table, consumed, mode));
    }
    if (text_member(input, m::ReturnItemCollectionMetrics) == "SIZE" &&
        table->has_local_indexes()) {
      answer.member(m::ItemCollectionMetrics, item_writes::collection_metrics(*table, subject));
    }
    return Output::text(std::move(answer).finish());
  }
}

Output DynamoDb::put_item(Context& context, Json input) {
  refuse_parameters(input, "PutItem", {m::Expected, m::ConditionalOperator});
  RequestExpressions expressions(expressions_, input, {m::ConditionExpression});
  Write write{Write::Kind::put, "PutItem", input, expressions};
  write.parse();
  return run_write(context, write);
}

Output DynamoDb::delete_item(Context& context, Json input) {
  refuse_parameters(input, "DeleteItem", {m::Expected, m::ConditionalOperator});
  RequestExpressions expressions(expressions_, input, {m::ConditionExpression});
  Write write{Write::Kind::remove, "DeleteItem", input, expressions};
  write.parse();
  return run_write(context, write);
}

Output DynamoDb::update_item(Context& context, Json input) {
  refuse_parameters(input, "UpdateItem",
                    {m::AttributeUpdates, m::Expected, m::ConditionalOperator});
  RequestExpressions expressions(expressions_, input,
                                 {m::UpdateExpression, m::ConditionExpression});
  Write write{Write::Kind::update, "UpdateItem", input, expressions};
  write.parse();
  return run_write(context, write);
}

Output DynamoDb::get_item(Context& context, Json input) {
  refuse_parameters(input, "GetItem", {m::AttributesToGet});
  RequestExpressions expressions(expressions_, input, {m::ProjectionExpression});
  const auto projection =
      expressions.bind<ProjectionExpression>(m::ProjectionExpression, ExpressionKind::projection);
  expressions.finish();
  const TablePtr table = data_table(context, input);
  if (projection) check_key_paths(*table, projection->heads());
  const Item key = item_from_document(input.at(m::Key));
  check_key(*table, key);

  storage::Value row;
  const bool exists = platform_.database.get(Family::rows, item_key(*table, key).bytes, row);
  AnswerText answer;
  size_t size = 0;
  if (exists) {
    const ItemView item(row.view());
    size = item_size(item);
    std::string& text = answer.member(m::Item);
    text.reserve(row.view().size() * 2 + 256);
    if (projection) {
      projection->append_json(text, item);
    } else {
      append_json(text, item);
    }
  }
  Consumed consumed;
  consumed.table =
      static_cast<double>(read_units(size)) * (flag_member(input, m::ConsistentRead) ? 1.0 : 0.5);
  report_read(context, *table, consumed.total());
  const ReturnCapacity mode = return_capacity(input);
  if (mode != ReturnCapacity::none) {
    answer.member(m::ConsumedCapacity, consumed_json(*table, consumed, mode));
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
