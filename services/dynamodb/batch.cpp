// BatchGetItem and BatchWriteItem. AWS promises no atomicity between the items of a batch; here all
// writes of one BatchWriteItem are one batch of the store.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "core/text.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/batch_writes.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/item_write.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/request.hpp"
#include "services/dynamodb/request_layer.hpp"
#include "services/dynamodb/service.hpp"
#include "storage/key_locks.hpp"
#include "wire/validate.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using gateway::Output;
using storage::Family;

namespace batches {

// Two keys are the same if their documents say the same; numbers are compared as numbers.
void check_distinct_keys(const Json& keys) {
  std::set<std::string> seen;
  for (const Json& key : keys) {
    if (!seen.insert(encode(item_from_document(key))).second) {
      throw errors::duplicate_keys_to_get();
    }
  }
}

// UnprocessedItems: the requests that were refused, as they came.
Json unprocessed(const std::vector<BatchWrite>& writes) {
  Json requests = Json::object();
  for (const BatchWrite& write : writes) {
    if (!write.refused) continue;
    Json request;
    if (write.asked->put) {
      request[m::PutRequest][m::Item] = wire_document(ItemView(write.asked->image).decode());
    } else {
      request[m::DeleteRequest][m::Key] = wire_document(write.asked->key);
    }
    requests[write.asked->table].push_back(std::move(request));
  }
  return requests;
}

std::vector<AskedWrite> parse_writes(const Json& requests) {
  std::vector<AskedWrite> writes;
  for (const auto& [name, list] : requests.items()) {
    for (const Json& request : list) {
      AskedWrite& write = writes.emplace_back();
      write.table = name;
      const Json& put = member_or_null(request, m::PutRequest);
      write.put = !put.is_null();
      if (write.put) {
        write.image = encode(item_from_document(put.at(m::Item)));
      } else {
        write.key = item_from_document(request.at(m::DeleteRequest).at(m::Key));
      }
    }
  }
  return writes;
}

// A batch says of an item without a proper key what it says of such a key.
void check_put(const Table& table, ItemView item) {
  if (item_size(item) > kMaxItemBytes) throw errors::item_too_large();
  const auto check = [&](const KeyAttribute& attribute) {
    const auto value = item.find(attribute.name);
    if (!value || value->type() != attribute.type) throw errors::key_mismatch();
  };
  check(table.keys.hash);
  if (table.keys.range) check(*table.keys.range);
  check_item(table, item);
}

BatchWrite checked_write(const TablePtr& table, const AskedWrite& asked) {
  BatchWrite write;
  write.asked = &asked;
  write.table = table;
  if (asked.put) {
    check_put(*table, ItemView(asked.image));
    write.key = item_key(*table, ItemView(asked.image));
  } else {
    check_key(*table, asked.key);
    write.key = item_key(*table, asked.key);
  }
  return write;
}

// The names are keys of a map: what is wrong with one is said of the map, which BatchGetItem shows
// as JSON and BatchWriteItem in Java's form.
void check_table_names(const Json& requests, std::string_view operation) {
  for (const auto& [name, request] : requests.items()) {
    if (table_name_fits(name)) continue;
    if (operation == "BatchGetItem") throw errors::bad_table_in_map(requests.dump());
    const wire::Shape& input = *models::dynamodb.find(operation)->input;
    throw errors::bad_table_in_map(wire::value_text(*input.find(m::RequestItems)->shape, requests));
  }
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
    metrics[write.table->name].push_back(dynamodb::collection_metrics(
        *write.table, write.asked->put ? ItemView(write.asked->image).find(hash)->decode()
                                       : *write.asked->key.find(hash)));
  }
  return metrics;
}

// One table with an expression and another with a legacy parameter are refused like one with both.
void check_mixture(const Json& requests) {
  bool expression = false;
  bool legacy = false;
  for (const Json& request : requests) {
    expression |= !member_or_null(request, m::ProjectionExpression).is_null();
    legacy |= !member_or_null(request, m::AttributesToGet).is_null();
  }
  if (expression && legacy) {
    throw errors::mixed_parameters(m::AttributesToGet, m::ProjectionExpression);
  }
}

Json consumed_list(const std::vector<std::pair<TablePtr, Consumed>>& consumed,
                   ReturnCapacity mode) {
  Json list = Json::array();
  for (const auto& [table, units] : consumed) list.push_back(consumed_json(*table, units, mode));
  return list;
}

}  // namespace batches

// The keys to get of one table, and what was read of them.
struct DynamoDb::BatchRead {
  BatchRead(ExpressionCache& cache, const Json& request, size_t& left)
      : request(request),
        expressions(cache, request, {m::ProjectionExpression}, {m::AttributesToGet}),
        left(left) {}

  const Json& request;
  RequestExpressions expressions;
  size_t& left;  // bytes that the answer may still take
  std::optional<ProjectionExpression> projection{};
  TablePtr table{};
  storage::Snapshot snapshot{};
  std::string items = "[";
  Json unprocessed{};  // as `request`, null if all keys were read
  Consumed consumed{};
  std::optional<AwsError> refused{};  // of a key that there was no throughput for
  size_t processed = 0;

  void leave(const Item& key) {
    if (unprocessed.is_null()) {
      unprocessed = request;
      unprocessed[m::Keys] = Json::array();
    }
    unprocessed[m::Keys].push_back(wire_document(key));
  }
};

void DynamoDb::read_keys(const Context& context, BatchRead& read) {
  const bool consistent = flag_member(read.request, m::ConsistentRead);
  const double factor = consistent ? 1.0 : 0.5;
  if (read.projection) check_key_paths(*read.table, read.projection->heads());
  for (const Json& document : read.request.at(m::Keys)) {
    const Item key = item_from_document(document);
    check_key(*read.table, key);
    storage::Value row;
    const ItemKey stored = item_key(*read.table, key);
    const bool exists = read_row(stored.bytes, consistent, row, &read.snapshot);
    const size_t size = exists ? item_size(ItemView(row.view())) : 0;
    const double units = static_cast<double>(read_units(size)) * factor;
    if (size <= read.left) {
      read.refused = refuse_read(context, *read.table, nullptr, stored.bytes, units);
    }
    if (size > read.left || read.refused) {
      read.leave(key);
      continue;
    }
    ++read.processed;
    read.left -= size;
    read.consumed.table += units;
    if (!exists) continue;
    if (read.items.size() > 1) read.items += ',';
    if (read.projection) {
      read.projection->append_json(read.items, ItemView(row.view()));
    } else {
      append_json(read.items, ItemView(row.view()));
    }
  }
  read.items += ']';
}

Output DynamoDb::batch_get_item(Context& context, Json input) {
  const Json& requests = input.at(m::RequestItems);
  std::vector<std::pair<std::string, std::unique_ptr<BatchRead>>> reads;
  size_t left = kMaxBatchGetBytes;
  size_t keys = 0;
  batches::check_table_names(requests, "BatchGetItem");
  batches::check_mixture(requests);
  for (const auto& [name, request] : requests.items()) {
    auto read = std::make_unique<BatchRead>(expressions_, request, left);
    read->projection = read->expressions.projection();
    read->expressions.finish();
    const Json& asked = request.at(m::Keys);
    keys += asked.size();
    if (keys > kMaxBatchGetKeys) throw errors::too_many_keys();
    check_in(Layer::current, [&] { batches::check_distinct_keys(asked); });
    reads.emplace_back(name, std::move(read));
  }
  const storage::Snapshot snapshot = platform_.database.snapshot();
  for (auto& [name, read] : reads) {
    read->table = find_table(context, name);
    read->snapshot = snapshot;
    if (!read->table) throw errors::no_such_resource();
  }

  std::string responses = "{";
  Json unprocessed = Json::object();
  std::vector<std::pair<TablePtr, Consumed>> consumed;
  size_t processed = 0;
  std::optional<AwsError> refused;
  for (auto& [name, read] : reads) {
    read_keys(context, *read);
    processed += read->processed;
    if (read->refused) refused = std::move(read->refused);
    if (responses.size() > 1) responses += ',';
    append_json_string(responses, name);
    responses += ':';
    responses += read->items;
    if (!read->unprocessed.is_null()) unprocessed[name] = std::move(read->unprocessed);
    report_read(context, *read->table, read->consumed.total());
    consumed.emplace_back(read->table, read->consumed);
  }
  responses += '}';
  if (refused && processed == 0) throw std::move(*refused);

  const ReturnCapacity mode = return_capacity(input);
  AnswerText answer;
  answer.member(m::Responses) += responses;
  answer.member(m::UnprocessedKeys, unprocessed);
  if (mode != ReturnCapacity::none) {
    answer.member(m::ConsumedCapacity, batches::consumed_list(consumed, mode));
  }
  return Output::text(std::move(answer).finish());
}

// The answer to writes that are committed.
std::string DynamoDb::written(const Context& context,
                              const std::vector<batches::BatchWrite>& writes, ReturnCapacity mode,
                              bool metrics) {
  std::vector<std::pair<TablePtr, Consumed>> consumed;  // the writes come table by table
  for (const auto& write : writes) {
    if (consumed.empty() || consumed.back().first != write.table) {
      consumed.emplace_back(write.table, Consumed{});
    }
    Consumed& units = consumed.back().second;
    units.table += static_cast<double>(write.units);
    for (const auto& charge : write.effect.indexes) {
      units.add_index(*charge.index, static_cast<double>(charge.units));
    }
  }
  for (const auto& [table, units] : consumed) report_write(context, *table, units.total());
  AnswerText answer;
  answer.member(m::UnprocessedItems, batches::unprocessed(writes));
  if (mode != ReturnCapacity::none) {
    answer.member(m::ConsumedCapacity, batches::consumed_list(consumed, mode));
  }
  if (metrics) answer.member(m::ItemCollectionMetrics, batches::collection_metrics(writes));
  return std::move(answer).finish();
}

Output DynamoDb::batch_write_item(Context& context, Json input) {
  const Json& requests = input.at(m::RequestItems);
  batches::check_table_names(requests, "BatchWriteItem");
  batches::check_shape(requests);
  const bool metrics = text_member(input, m::ReturnItemCollectionMetrics) == "SIZE";
  return commit_batch(context, batches::parse_writes(requests), return_capacity(input), metrics);
}

Output DynamoDb::commit_batch(Context& context, const std::vector<batches::AskedWrite>& asked,
                              ReturnCapacity mode, bool metrics) {
  for (;;) {
    std::map<std::string_view, TablePtr> tables;
    for (const auto& write : asked) {
      TablePtr& table = tables[write.table];
      if (!table) table = find_table(context, write.table);
      if (!table) throw errors::no_such_resource();
    }
    std::vector<batches::BatchWrite> writes;
    writes.reserve(asked.size());
    for (const auto& write : asked) {
      writes.push_back(batches::checked_write(tables[write.table], write));
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
    for (auto& write : writes) {
      storage::Value row;
      const bool exists = platform_.database.get(Family::rows, write.key.bytes, row);
      const ItemChange change{exists ? row.view() : std::string_view(), write.after()};
      write.refused = refuse_write(context, *write.table, write.key, change);
      if (write.refused) continue;
      write.effect = writer_.write(batch, *write.table, write.key, change, context.cause);
      write.units = write_units(write.effect.larger_size());
    }
    if (!writes.empty() && std::all_of(writes.begin(), writes.end(), [](const auto& write) {
          return write.refused.has_value();
        })) {
      throw *writes.front().refused;
    }
    if (!batch.empty()) context.commit(batch);
    guards.clear();
    for (const auto& write : writes) count(*write.table, write.effect);
    return Output::text(written(context, writes, mode, metrics));
  }
}

}  // namespace paddock::services::dynamodb
