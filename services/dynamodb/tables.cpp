// CreateTable, DescribeTable, ListTables, UpdateTable, DeleteTable, and the filling of new indexes.
#include <algorithm>

#include "core/arn.hpp"
#include "core/ids.hpp"
#include "core/task.hpp"
#include "core/text.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/service.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using gateway::Output;
using storage::Family;

namespace table_changes {

// Parameters of AWS that would change what the table does and are not built.
void refuse(const Json& input, const char* operation, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (!member_or_null(input, name).is_null()) throw errors::unsupported(name, operation);
  }
}

Json sse_description(const gateway::RequestContext& context, const Json& specification) {
  const Json& enabled = member_or_null(specification, m::Enabled);
  if (!enabled.is_boolean() || !enabled.get<bool>()) return nullptr;
  const Json& key = member_or_null(specification, m::KMSMasterKeyId);
  const std::string id = key.is_string() ? key.get<std::string>() : "alias/aws/dynamodb";
  return {{m::Status, "ENABLED"},
          {m::SSEType, "KMS"},
          {m::KMSMasterKeyArn, id.starts_with("arn:")
                                   ? id
                                   : make_arn("kms", context.region, context.account,
                                              id.starts_with("alias/") ? id : "key/" + id)}};
}

std::vector<std::pair<std::string, std::string>> tags(const Json& list) {
  std::map<std::string, std::string> sorted;
  if (!list.is_null()) {
    for (const Json& tag : list) sorted[tag.at(m::Key)] = tag.at(m::Value);
  }
  return {sorted.begin(), sorted.end()};
}

// "2026-11-20T07:36:00.123", as stream labels are written.
std::string label_at(int64_t ms) {
  std::string label = iso8601(ms);
  label.pop_back();
  return label;
}

// A table that becomes provisioned needs a throughput for each of its global indexes.
void check_index_throughput(const Table& table) {
  if (table.on_demand) return;
  for (const Index& index : table.indexes) {
    if (index.global && index.throughput.read == 0) {
      throw errors::invalid_parameter("ProvisionedThroughput must be specified for index: " +
                                      index.name);
    }
  }
}

// AttributeDefinitions of the request are merged into those of the table; what no key uses is
// dropped.
void merge_definitions(const Json& input, Table& table) {
  const auto given = definitions_from_input(member_or_null(input, m::AttributeDefinitions));
  for (const KeyAttribute& definition : given) {
    const auto known =
        std::find_if(table.attributes.begin(), table.attributes.end(),
                     [&](const KeyAttribute& d) { return d.name == definition.name; });
    if (known == table.attributes.end()) {
      table.attributes.push_back(definition);
    } else if (known->type != definition.type) {
      throw errors::invalid_parameter("Attribute " + definition.name +
                                      " cannot be redefined with another type");
    }
  }
}

}  // namespace table_changes

TablePtr DynamoDb::find_table(const Context& context, std::string_view name_or_arn) {
  if (!name_or_arn.starts_with("arn:")) {
    const bool plain = name_or_arn.size() >= kMinNameLength && name_or_arn.size() <= kMaxNameLength;
    TablePtr table = plain ? catalog_.find(context.realm->id, name_or_arn) : nullptr;
    if (!table) parse_table_name(name_or_arn);  // a malformed name is an error of its own
    return table;
  }
  const TableName name = parse_table_name(name_or_arn);
  if (name.account != context.account || name.region != context.region) return nullptr;
  return catalog_.find(context.realm->id, name.name);
}

TablePtr DynamoDb::data_table(const Context& context, const Json& input) {
  return data_table_named(context, input.at(m::TableName).get_ref<const std::string&>());
}

TablePtr DynamoDb::data_table_named(const Context& context, std::string_view name_or_arn) {
  TablePtr table = find_table(context, name_or_arn);
  if (!table) throw errors::no_such_resource();
  return table;
}

TablePtr DynamoDb::control_table(const Context& context, const Json& input) {
  const auto& name = input.at(m::TableName).get_ref<const std::string&>();
  TablePtr table = find_table(context, name);
  if (!table) throw errors::no_such_table(parse_table_name(name).name);
  return table;
}

Output DynamoDb::create_table(Context& context, Json input) {
  table_changes::refuse(
      input, "CreateTable",
      {m::ResourcePolicy, m::GlobalTableSourceArn, m::GlobalTableSettingsReplicationMode});
  std::shared_ptr<Table> table = table_from_input(input);
  const Json& stream = member_or_null(input, m::StreamSpecification);
  const bool streams = !stream.is_null() && stream.at(m::StreamEnabled).get<bool>();
  const Json& view = member_or_null(stream, m::StreamViewType);
  if (streams && view.is_null()) {
    throw errors::invalid_parameter("StreamViewType must be specified when StreamEnabled is true");
  }
  if (!streams && !view.is_null()) {
    throw errors::invalid_parameter("StreamViewType must be null when StreamEnabled is false");
  }
  table->tags = table_changes::tags(member_or_null(input, m::Tags));
  if (table->tags.size() > kMaxTags) {
    throw errors::validation("Too many tags: at most 50 are allowed per resource");
  }
  table->sse = table_changes::sse_description(context, member_or_null(input, m::SSESpecification));

  std::lock_guard change(catalog_.change_mutex());
  const RealmId realm = context.realm->id;
  if (catalog_.find(realm, table->name)) throw errors::table_exists(table->name);
  if (catalog_.table_count(realm) >= kMaxTablesPerAccount) throw errors::too_many_tables();
  table->realm = realm;
  table->arn = make_arn("dynamodb", context.region, context.account, "table/" + table->name);
  table->id = platform_.ids.uuid(realm, "dynamodb-table");
  table->incarnation = platform_.database.reserve(realm, "dynamodb-incarnation", 1);
  table->created_ms = platform_.world.now().ms;
  if (table->on_demand) table->last_on_demand_ms = table->created_ms;
  derive(*table);
  storage::Batch batch;
  if (streams) start_stream(batch, *table, view.get_ref<const std::string&>());
  batch.put(Family::meta, table_key(realm, table->name), encode_table(*table));
  context.commit(batch);
  catalog_.publish(table);
  return Json{{m::TableDescription, describe(*table, "CREATING")}};
}

Output DynamoDb::describe_table(Context& context, Json input) {
  const TablePtr table = control_table(context, input);
  const bool changing = std::any_of(table->indexes.begin(), table->indexes.end(),
                                    [](const Index& index) { return index.backfilling; });
  return Json{{m::Table, describe(*table, changing ? "UPDATING" : "ACTIVE")}};
}

Output DynamoDb::list_tables(Context& context, Json input) {
  const size_t limit = input.value(m::Limit, kListTablesPage);
  const std::string after = input.value(m::ExclusiveStartTableName, std::string());
  // One more than asked for says whether there is a next page.
  std::vector<std::string> names = catalog_.names(context.realm->id, after, limit + 1);
  const bool more = names.size() > limit;
  if (more) names.resize(limit);
  Json output = {{m::TableNames, names}};
  if (more) output[m::LastEvaluatedTableName] = names.back();
  return output;
}

Output DynamoDb::delete_table(Context& context, Json input) {
  std::lock_guard change(catalog_.change_mutex());
  const TablePtr table = control_table(context, input);
  if (table->deletion_protection) throw errors::deletion_protected(table->arn);
  const auto erase_rows = [&](storage::Batch& batch) {
    const auto items = items_prefix(*table);
    batch.erase_range(Family::rows, items, storage::prefix_end(items));
    const auto entries = entries_prefix(*table);
    batch.erase_range(Family::index, entries, storage::prefix_end(entries));
    const auto expiries = expiries_prefix(*table);
    batch.erase_range(Family::timers, expiries, storage::prefix_end(expiries));
  };
  Table last(*table);
  storage::Batch batch;
  if (last.stream) end_stream(batch, last);
  batch.erase(Family::meta, table_key(table->realm, table->name));
  batch.erase(Family::stats, counts_key(*table));
  erase_rows(batch);
  context.commit(batch);
  catalog_.forget(*table);
  // A write that held the table's former version may have committed in between.
  storage::Batch rest;
  erase_rows(rest);
  context.commit(rest);
  for (const auto& [family, prefix] : {std::pair(Family::rows, items_prefix(*table).bytes()),
                                       std::pair(Family::index, entries_prefix(*table).bytes())}) {
    platform_.database.drop_files(family, prefix, storage::prefix_end(prefix));
  }
  if (table->stream) notify_stream(records_prefix(table->realm, table->stream->number).bytes());
  return Json{{m::TableDescription, describe(*table, "DELETING")}};
}

void DynamoDb::start_stream(storage::Batch& batch, Table& table, std::string_view view_type) {
  auto stream = std::make_shared<Stream>();
  stream->table_name = table.name;
  stream->keys = table.keys;
  stream->view_type = std::string(view_type);
  stream->created_ms = platform_.world.now().ms;
  stream->number = platform_.database.reserve(table.realm, "dynamodb-stream", 1);
  const std::string digits = std::to_string(stream->created_ms);
  stream->shard_id = "shardId-" + std::string(20 - digits.size(), '0') + digits + "-" +
                     platform_.ids.hex(table.realm, "dynamodb-shard", 8);
  // Two streams of one table within a millisecond (or a frozen clock) need two labels.
  int64_t label_ms = stream->created_ms;
  do {
    stream->label = table_changes::label_at(label_ms++);
  } while (platform_.database.get(Family::meta, stream_key(table.realm, *stream)));
  table.stream = stream;
  table.latest_stream = {table.arn + "/stream/" + stream->label, stream->label};
  batch.put(Family::meta, stream_key(table.realm, *stream), encode_stream(*stream));
  set_trim_timer(batch, table.realm, table.latest_stream.first,
                 platform_.world.now() + kStreamRetention);
}

void DynamoDb::end_stream(storage::Batch& batch, Table& table) {
  auto ended = std::make_shared<Stream>(*table.stream);
  ended->disabled_ms = std::max<int64_t>(platform_.world.now().ms, 1);
  batch.put(Family::meta, stream_key(table.realm, *ended), encode_stream(*ended));
  // Readers take the new version of the stream's row at their next call.
  batch.after_commit(
      [this, arn = table.latest_stream.first](uint64_t) { catalog_.forget_stream(arn); });
  table.stream = nullptr;
}

bool DynamoDb::update_billing(const Json& input, Table& table) {
  const Json& mode = member_or_null(input, m::BillingMode);
  const Json& throughput = member_or_null(input, m::ProvisionedThroughput);
  if (mode.is_null() && throughput.is_null()) return false;
  const bool on_demand = mode.is_null() ? table.on_demand : mode == "PAY_PER_REQUEST";
  if (on_demand && !throughput.is_null()) {
    throw errors::invalid_parameter(
        "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
        "PAY_PER_REQUEST");
  }
  if (!on_demand && throughput.is_null() && (table.on_demand || !mode.is_null())) {
    throw errors::invalid_parameter(
        "ProvisionedThroughput must be specified when BillingMode is PROVISIONED");
  }
  const int64_t now = platform_.world.now().ms;
  if (on_demand) {
    if (!table.on_demand) {
      table.last_on_demand_ms = now;
      table.throughput = Throughput{};
      for (Index& index : table.indexes) index.throughput = Throughput{};
    }
  } else {
    Throughput wanted = throughput_from_input(throughput);
    const Throughput& current = table.throughput;
    if (wanted.read == current.read && wanted.write == current.write && mode.is_null()) {
      throw errors::validation(
          "The provisioned throughput for the table will not change. The requested value equals "
          "the current value. Current ReadCapacityUnits provisioned for the table: " +
          std::to_string(current.read) + ". Requested ReadCapacityUnits: " +
          std::to_string(wanted.read) + ". Current WriteCapacityUnits provisioned for the table: " +
          std::to_string(current.write) +
          ". Requested WriteCapacityUnits: " + std::to_string(wanted.write) +
          ". Refer to the Amazon DynamoDB Developer Guide for current limits and how to request "
          "higher limits.");
    }
    wanted.last_increase_ms = current.last_increase_ms;
    wanted.last_decrease_ms = current.last_decrease_ms;
    if (wanted.read > current.read || wanted.write > current.write) wanted.last_increase_ms = now;
    if (wanted.read < current.read || wanted.write < current.write) wanted.last_decrease_ms = now;
    table.throughput = wanted;
  }
  table.billing_was_named = table.billing_was_named || !mode.is_null();
  table.on_demand = on_demand;
  return true;
}

bool DynamoDb::update_stream(const Json& input, storage::Batch& batch, Table& table) {
  const Json& stream = member_or_null(input, m::StreamSpecification);
  if (stream.is_null()) return false;
  const Json& view = member_or_null(stream, m::StreamViewType);
  if (stream.at(m::StreamEnabled).get<bool>()) {
    if (view.is_null()) {
      throw errors::invalid_parameter(
          "StreamViewType must be specified when StreamEnabled is true");
    }
    if (table.stream) throw errors::stream_already_enabled();
    start_stream(batch, table, view.get_ref<const std::string&>());
  } else {
    if (!view.is_null()) {
      throw errors::invalid_parameter("StreamViewType must be null when StreamEnabled is false");
    }
    if (!table.stream) throw errors::stream_not_enabled();
    end_stream(batch, table);
  }
  return true;
}

bool DynamoDb::update_settings(const Json& input, Table& table) {
  bool changed = false;
  const Json& protection = member_or_null(input, m::DeletionProtectionEnabled);
  if (protection.is_boolean()) {
    table.deletion_protection = protection.get<bool>();
    changed = true;
  }
  const Json& table_class = member_or_null(input, m::TableClass);
  if (table_class.is_string()) {
    table.table_class = table_class.get<std::string>();
    changed = true;
  }
  const Json& warm = member_or_null(input, m::WarmThroughput);
  if (!warm.is_null()) {
    table.warm = warm;
    changed = true;
  }
  const Json& limits = member_or_null(input, m::OnDemandThroughput);
  if (!limits.is_null()) {
    table.on_demand_limits = limits;
    changed = true;
  }
  return changed;
}

bool DynamoDb::update_indexes(const Json& input, Table& table, std::vector<Index>& removed) {
  const Json& updates = member_or_null(input, m::GlobalSecondaryIndexUpdates);
  if (updates.is_null() || updates.empty()) return false;
  size_t online = 0;
  for (const Json& update : updates) {
    const Json& create = member_or_null(update, m::Create);
    const Json& remove = member_or_null(update, m::Delete);
    const Json& change = member_or_null(update, m::Update);
    if (create.is_null() && remove.is_null() && change.is_null()) {
      throw errors::invalid_parameter(
          "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
          "GlobalSecondaryIndexUpdate.Delete must not be null");
    }
    if (!create.is_null() + !remove.is_null() + !change.is_null() > 1) {
      throw errors::invalid_parameter(
          "Only one of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
          "GlobalSecondaryIndexUpdate.Delete may be specified");
    }
    if (!create.is_null() || !remove.is_null()) {
      if (++online > 1) throw errors::one_index_at_a_time();
    }
    if (!create.is_null()) {
      // The call has to define the keys again, even if the table knows them.
      const auto given = definitions_from_input(member_or_null(input, m::AttributeDefinitions));
      Index index = index_from_input(create, true, given, table.on_demand);
      if (table.find_index(index.name)) {
        throw errors::validation("Attempting to create an index which already exists");
      }
      index.id = table.next_index_id++;
      index.backfilling = true;
      table.indexes.push_back(std::move(index));
      check_indexes(table);
      continue;
    }
    const std::string name = (remove.is_null() ? change : remove).at(m::IndexName);
    const auto found =
        std::find_if(table.indexes.begin(), table.indexes.end(),
                     [&](const Index& index) { return index.global && index.name == name; });
    if (found == table.indexes.end()) throw errors::no_such_index_to_change(name);
    if (!remove.is_null()) {
      removed.push_back(*found);
      table.indexes.erase(found);
    } else if (const Json& throughput = member_or_null(change, m::ProvisionedThroughput);
               !throughput.is_null()) {
      found->throughput = throughput_from_input(throughput);
    }
  }
  return true;
}

Output DynamoDb::update_table(Context& context, Json input) {
  table_changes::refuse(input, "UpdateTable",
                        {m::ReplicaUpdates, m::MultiRegionConsistency, m::GlobalTableWitnessUpdates,
                         m::GlobalTableSettingsReplicationMode});
  std::shared_ptr<Table> next;
  std::vector<Index> removed;
  std::string ended_log;
  {
    std::lock_guard change(catalog_.change_mutex());
    const TablePtr table = control_table(context, input);
    next = std::make_shared<Table>(*table);
    storage::Batch batch;
    table_changes::merge_definitions(input, *next);
    bool changed = update_billing(input, *next);
    changed |= update_stream(input, batch, *next);
    changed |= update_settings(input, *next);
    changed |= update_indexes(input, *next, removed);
    const Json& sse = member_or_null(input, m::SSESpecification);
    if (!sse.is_null()) {
      next->sse = table_changes::sse_description(context, sse);
      changed = true;
    }
    if (!changed) throw errors::nothing_to_update();
    table_changes::check_index_throughput(*next);
    prune_definitions(*next);
    derive(*next);
    batch.put(Family::meta, table_key(next->realm, next->name), encode_table(*next));
    context.commit(batch);
    if (table->stream && !next->stream) {
      ended_log = records_prefix(table->realm, table->stream->number).bytes();
    }
    catalog_.publish(next);
    storage::Batch rest;
    for (const Index& index : removed) {
      const auto entries = entries_prefix(*next, index);
      rest.erase_range(Family::index, entries, storage::prefix_end(entries));
    }
    if (!rest.empty()) context.commit(rest);
  }
  if (!ended_log.empty()) notify_stream(ended_log);
  Json answer = {{m::TableDescription, describe(*next, "UPDATING")}};
  backfill(next);
  return answer;
}

void DynamoDb::backfill(TablePtr table) {
  bool any = false;
  for (const Index& index : table->indexes) {
    if (!index.backfilling) continue;
    any = true;
    const auto prefix = items_prefix(*table);
    std::vector<std::string> keys;
    for (auto row = platform_.database.iterate_prefix(Family::rows, prefix); row.valid();
         row.next()) {
      keys.emplace_back(row.key());
      if (keys.size() < kBackfillBatch) continue;
      backfill_batch(*table, index, keys);
      keys.clear();
    }
    backfill_batch(*table, index, keys);
  }
  if (any) finish_backfill(*table);
}

// Writers keep the entries of the index since it was published, so an item needs one only if it is
// still there and has none.
void DynamoDb::backfill_batch(const Table& table, const Index& index,
                              const std::vector<std::string>& keys) {
  if (keys.empty()) return;
  std::vector<ItemKey> items;
  std::vector<std::string> partitions;
  for (const std::string& bytes : keys) {
    const auto row = platform_.database.get(Family::rows, bytes);
    if (!row) continue;
    items.push_back(item_key(table, ItemView(*row).decode()));
    partitions.emplace_back(items.back().partition());
  }
  const auto guards = platform_.locks.lock_all(partitions);
  storage::Batch batch;
  int64_t added = 0;
  int64_t bytes = 0;
  for (const ItemKey& key : items) {
    storage::Value row;
    if (!platform_.database.get(Family::rows, key.bytes, row)) continue;
    const ItemView item(row.view());
    const auto entry = entry_key(table, index, item, key);
    storage::Value present;
    if (!entry || platform_.database.get(Family::index, *entry, present)) continue;
    const std::string value = entry_value(index, item, row.view());
    batch.put(Family::index, *entry, value);
    ++added;
    bytes += static_cast<int64_t>(item_size(ItemView(value)));
  }
  if (batch.empty()) return;
  platform_.database.commit(batch);
  index.counts->items += added;
  index.counts->bytes += bytes;
}

void DynamoDb::finish_backfill(const Table& filled) {
  std::lock_guard change(catalog_.change_mutex());
  const TablePtr current = catalog_.find(filled.realm, filled.name);
  if (!current || current->incarnation != filled.incarnation) return;
  auto next = std::make_shared<Table>(*current);
  for (Index& index : next->indexes) {
    const Index* done = filled.find_index(index.name);
    if (done && done->id == index.id) index.backfilling = false;
  }
  storage::Batch batch;
  batch.put(Family::meta, table_key(next->realm, next->name), encode_table(*next));
  platform_.database.commit(batch);
  catalog_.publish(next);
}

}  // namespace paddock::services::dynamodb
