// BatchGetItem and BatchWriteItem. AWS promises no atomicity between the items of a batch; here all
// writes of one BatchWriteItem are one batch of the store.
#include <algorithm>
#include <set>

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

namespace batches {

// The keys to get of one table.
struct TableKeys {
  TableKeys(ExpressionCache& cache, const Json& request)
      : request(request), expressions(cache, request, {m::ProjectionExpression}) {}

  const Json& request;
  RequestExpressions expressions;
  std::optional<ProjectionExpression> projection{};
};

// Two keys are the same if their documents say the same; numbers are compared as numbers.
void check_distinct_keys(const Json& keys) {
  std::set<std::string> seen;
  for (const Json& key : keys) {
    if (!seen.insert(encode(item_from_document(key))).second) {
      throw errors::duplicate_keys_to_get();
    }
  }
}

// One put or delete.
struct BatchWrite {
  TablePtr table;
  ItemKey key;
  Item key_attributes;
  std::string after;  // "" to delete
};

Item key_attributes(const Table& table, const Item& item) {
  Item key;
  key.set(table.keys.hash.name, *item.find(table.keys.hash.name));
  if (table.keys.range) key.set(table.keys.range->name, *item.find(table.keys.range->name));
  return key;
}

BatchWrite parse_write(const TablePtr& table, const Json& request) {
  BatchWrite write;
  write.table = table;
  const Json& put = member_or_null(request, m::PutRequest);
  if (!put.is_null()) {
    const Item item = item_from_document(put.at(m::Item));
    if (item_size(item) > kMaxItemBytes) throw errors::item_too_large();
    check_item(*table, item);
    write.key = item_key(*table, item);
    write.key_attributes = key_attributes(*table, item);
    write.after = encode(item);
  } else {
    write.key_attributes = item_from_document(request.at(m::DeleteRequest).at(m::Key));
    check_key(*table, write.key_attributes);
    write.key = item_key(*table, write.key_attributes);
  }
  return write;
}

void check_shape(const Json& requests) {
  size_t count = 0;
  for (const auto& [name, list] : requests.items()) {
    count += list.size();
    for (const Json& request : list) {
      const bool put = !member_or_null(request, m::PutRequest).is_null();
      const bool remove = !member_or_null(request, m::DeleteRequest).is_null();
      if (put == remove) throw errors::empty_write_request();
    }
  }
  if (count > kMaxBatchWrites) throw errors::too_many_writes();
}

Json collection_metrics(const std::vector<BatchWrite>& writes) {
  Json metrics = Json::object();
  std::set<std::string_view> seen;
  for (const BatchWrite& write : writes) {
    if (!write.table->has_local_indexes() || !seen.insert(write.key.partition()).second) continue;
    const std::string& hash = write.table->keys.hash.name;
    std::string key;
    append_json(key, *write.key_attributes.find(hash));
    metrics[write.table->name].push_back(
        Json{{m::ItemCollectionKey, {{hash, Json::parse(key)}}},
             {m::SizeEstimateRangeGB, Json::array({0.0, 1.0})}});
  }
  return metrics;
}

Json consumed_list(const std::vector<std::pair<TablePtr, Consumed>>& consumed,
                   ReturnCapacity mode) {
  Json list = Json::array();
  for (const auto& [table, units] : consumed) list.push_back(consumed_json(*table, units, mode));
  return list;
}

}  // namespace batches

Output DynamoDb::batch_get_item(Context& context, Json input) {
  const Json& requests = input.at(m::RequestItems);
  std::vector<std::unique_ptr<batches::TableKeys>> parsed;
  size_t count = 0;
  for (const auto& [name, request] : requests.items()) {
    refuse_parameters(request, "BatchGetItem", {m::AttributesToGet});
    auto& keys =
        *parsed.emplace_back(std::make_unique<batches::TableKeys>(expressions_, request));
    keys.projection = keys.expressions.bind<ProjectionExpression>(m::ProjectionExpression,
                                                                  ExpressionKind::projection);
    keys.expressions.finish();
    count += request.at(m::Keys).size();
    if (count > kMaxBatchGetKeys) throw errors::too_many_keys();
    batches::check_distinct_keys(request.at(m::Keys));
  }
  std::vector<TablePtr> tables;
  for (const auto& [name, request] : requests.items()) {
    tables.push_back(find_table(context, name));
    if (!tables.back()) throw errors::no_such_resource();
  }

  const storage::Snapshot snapshot = platform_.database.snapshot();
  std::string responses = "{";
  Json unprocessed = Json::object();
  std::vector<std::pair<TablePtr, Consumed>> consumed;
  size_t bytes = 0;
  size_t at = 0;
  for (const auto& [name, request] : requests.items()) {
    const TablePtr& table = tables[at];
    const auto& projection = parsed[at++]->projection;
    if (projection) check_key_paths(*table, projection->heads());
    const double factor = flag_member(request, m::ConsistentRead) ? 1.0 : 0.5;
    if (responses.size() > 1) responses += ',';
    responses += Json(name).dump();
    responses += ":[";
    bool first = true;
    Consumed& units = consumed.emplace_back(table, Consumed{}).second;
    for (const Json& document : request.at(m::Keys)) {
      const Item key = item_from_document(document);
      check_key(*table, key);
      storage::Value row;
      const bool exists =
          platform_.database.get(Family::rows, item_key(*table, key).bytes, row, &snapshot);
      const size_t size = exists ? item_size(ItemView(row.view())) : 0;
      if (bytes + size > kMaxBatchGetBytes) {
        Json& left = unprocessed[name];
        if (left.is_null()) {
          left = request;
          left[m::Keys] = Json::array();
        }
        left[m::Keys].push_back(wire_document(encode(key)));
        continue;
      }
      bytes += size;
      units.table += static_cast<double>(read_units(size)) * factor;
      if (!exists) continue;
      if (!first) responses += ',';
      first = false;
      if (projection) {
        projection->append_json(responses, ItemView(row.view()));
      } else {
        append_json(responses, ItemView(row.view()));
      }
    }
    responses += ']';
    report_read(context, *table, units.total());
  }
  responses += '}';

  const ReturnCapacity mode = return_capacity(input);
  AnswerText answer;
  answer.member(m::Responses) += responses;
  answer.member(m::UnprocessedKeys, unprocessed);
  if (mode != ReturnCapacity::none) {
    answer.member(m::ConsumedCapacity, batches::consumed_list(consumed, mode));
  }
  return Output::text(std::move(answer).finish());
}

Output DynamoDb::batch_write_item(Context& context, Json input) {
  const Json& requests = input.at(m::RequestItems);
  batches::check_shape(requests);
  for (;;) {
    std::vector<batches::BatchWrite> writes;
    for (const auto& [name, list] : requests.items()) {
      const TablePtr table = find_table(context, name);
      if (!table) throw errors::no_such_resource();
      for (const Json& request : list) writes.push_back(batches::parse_write(table, request));
    }
    std::vector<std::string> partitions;
    std::set<std::string_view> keys;
    for (const auto& write : writes) {
      partitions.emplace_back(write.key.partition());
      if (!keys.insert(write.key.bytes).second) throw errors::duplicate_keys_to_write();
    }
    auto guards = platform_.locks.lock_all(partitions);
    if (std::any_of(writes.begin(), writes.end(),
                    [](const auto& write) { return write.table->retired.load(); })) {
      continue;
    }
    storage::Batch batch;
    std::vector<WriteEffect> effects;
    std::vector<std::pair<TablePtr, Consumed>> consumed;
    for (const auto& write : writes) {
      storage::Value row;
      const bool exists = platform_.database.get(Family::rows, write.key.bytes, row);
      const ItemChange change{exists ? row.view() : std::string_view(), write.after};
      effects.push_back(writer_.write(batch, *write.table, write.key, change, context.cause));
      if (consumed.empty() || consumed.back().first != write.table) {
        consumed.emplace_back(write.table, Consumed{});
      }
      const auto size = [](std::string_view item) {
        return item.empty() ? 0 : item_size(ItemView(item));
      };
      Consumed& units = consumed.back().second;
      units.table +=
          static_cast<double>(write_units(std::max(size(change.before), size(change.after))));
      for (const auto& charge : effects.back().indexes) {
        units.add_index(*charge.index, static_cast<double>(charge.units));
      }
    }
    if (!batch.empty()) context.commit(batch);
    guards.clear();
    for (size_t i = 0; i < writes.size(); ++i) count(*writes[i].table, effects[i]);

    AnswerText answer;
    answer.member(m::UnprocessedItems, Json::object());
    for (const auto& [table, units] : consumed) report_write(context, *table, units.total());
    const ReturnCapacity mode = return_capacity(input);
    if (mode != ReturnCapacity::none) {
      answer.member(m::ConsumedCapacity, batches::consumed_list(consumed, mode));
    }
    if (text_member(input, m::ReturnItemCollectionMetrics) == "SIZE") {
      answer.member(m::ItemCollectionMetrics, batches::collection_metrics(writes));
    }
    return Output::text(std::move(answer).finish());
  }
}

}  // namespace paddock::services::dynamodb
