// CreateTable, DescribeTable, ListTables, UpdateTable, DeleteTable, and the filling of new indexes.
#include <algorithm>
#include <set>

#include "core/arn.hpp"
#include "core/ids.hpp"
#include "core/task.hpp"
#include "core/text.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/request.hpp"
#include "services/dynamodb/service.hpp"
#include "services/dynamodb/shards.hpp"
#include "services/dynamodb/table_parts.hpp"
#include "services/dynamodb/table_rules.hpp"
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

// The call that adds an index has to define its keys, even those that the table knows.
void check_defined(const Json& create, const std::vector<KeyAttribute>& given) {
  std::string keys;
  bool all = true;
  for (const Json& element : create.at(m::KeySchema)) {
    const std::string name = element.at(m::AttributeName);
    keys += (keys.empty() ? "" : ", ") + name;
    all &= std::any_of(given.begin(), given.end(),
                       [&](const KeyAttribute& definition) { return definition.name == name; });
  }
  if (all) return;
  std::string defined;
  for (const auto& definition : given) defined += (defined.empty() ? "" : ", ") + definition.name;
  throw errors::invalid_parameter(
      "Some index key attributes are not defined in AttributeDefinitions. Keys: [" + keys +
      "], AttributeDefinitions: [" + defined + "]");
}

// Each entry is one action, and one of them at most makes or drops an index.
void check_index_updates(const Json& updates) {
  size_t online = 0;
  for (const Json& update : updates) {
    const bool create = !member_or_null(update, m::Create).is_null();
    const bool remove = !member_or_null(update, m::Delete).is_null();
    const bool change = !member_or_null(update, m::Update).is_null();
    if (!create && !remove && !change) {
      throw errors::invalid_parameter(
          "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
          "GlobalSecondaryIndexUpdate.Delete must not be null");
    }
    if (create + remove + change > 1) {
      throw errors::invalid_parameter(
          "Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate "
          "object");
    }
    if ((create || remove) && ++online > 1) throw errors::one_index_at_a_time();
  }
}

// WarmThroughput and OnDemandThroughput of a table or an index; whether there was one.
template <class Target>
bool set_capacity(const Json& input, bool on_demand, Target& target, std::string_view what) {
  const Json& warm = member_or_null(input, m::WarmThroughput);
  if (!warm.is_null()) {
    check_warm(warm_throughput(on_demand, target.throughput, target.warm), warm, on_demand, what,
               false);
    if (target.warm.is_null()) target.warm = Json::object();
    target.warm.update(warm);
  }
  const Json& limits = member_or_null(input, m::OnDemandThroughput);
  if (!limits.is_null()) {
    target.on_demand_limits =
        changed_limits(target.on_demand_limits, limits, on_demand, what, false);
  }
  return !warm.is_null() || !limits.is_null();
}

}  // namespace table_changes

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

TablePtr DynamoDb::find_table(const Context& context, std::string_view name_or_arn) {
  // A table that is being restored can be described and no more.
  const auto known = [](TablePtr table) {
    return table && table->settings.restore.under_way() ? nullptr : table;
  };
  if (!name_or_arn.starts_with("arn:")) {
    const bool plain = name_or_arn.size() >= kMinNameLength && name_or_arn.size() <= kMaxNameLength;
    TablePtr table = plain ? catalog_.find(context.realm->id, name_or_arn) : nullptr;
    if (!table) parse_table_name(name_or_arn);  // a malformed name is an error of its own
    return known(std::move(table));
  }
  const TableName name = parse_table_name(name_or_arn);
  if (name.account != context.account || name.region != context.region) return nullptr;
  return known(catalog_.find(context.realm->id, name.name));
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
  table_changes::refuse(input, "CreateTable",
                        {m::GlobalTableSourceArn, m::GlobalTableSettingsReplicationMode});
  std::shared_ptr<Table> table = table_from_input(input);
  const Json& stream = member_or_null(input, m::StreamSpecification);
  const bool streams = !stream.is_null() && stream.at(m::StreamEnabled).get<bool>();
  const Json& view = member_or_null(stream, m::StreamViewType);
  check_stream(stream, true);
  check_warm(warm_throughput(table->on_demand, table->throughput, nullptr),
             member_or_null(input, m::WarmThroughput), table->on_demand, "table", true);
  table->on_demand_limits = changed_limits(nullptr, member_or_null(input, m::OnDemandThroughput),
                                           table->on_demand, "table", true);
  table->tags = checked_tags(member_or_null(input, m::Tags));
  const std::string_view policy = text_member(input, m::ResourcePolicy);
  const std::string policy_document = policy.empty() ? "" : canonical_policy(policy);
  table->sse = sse_description(context, member_or_null(input, m::SSESpecification));

  std::lock_guard change(catalog_.change_mutex());
  const RealmId realm = context.realm->id;
  if (const TablePtr there = catalog_.find(realm, table->name)) {
    throw there->settings.restore.under_way() ? errors::table_is_being_used(table->name)
                                              : errors::table_exists(table->name);
  }
  if (catalog_.table_count(realm) >= kMaxTablesPerAccount) throw errors::too_many_tables();
  table->realm = realm;
  table->arn = make_arn("dynamodb", context.region, context.account, "table/" + table->name);
  table->id = platform_.ids.uuid(realm, "dynamodb-table");
  table->incarnation = platform_.database.reserve(realm, "dynamodb-incarnation", 1);
  table->created_ms = platform_.world.now().ms;
  if (table->on_demand) table->last_on_demand_ms = table->created_ms;
  if (!policy_document.empty()) {
    table->settings.policies[""] = {policy_document, next_policy_revision(nullptr)};
  }
  derive(*table);
  storage::Batch batch;
  if (streams) start_stream(batch, *table, view.get_ref<const std::string&>());
  batch.put(Family::meta, table_key(realm, table->name), encode_table(*table));
  context.commit(batch);
  catalog_.publish(table);
  return Json{{m::TableDescription, describe(*table, "CREATING", platform_.world.now())}};
}

Output DynamoDb::describe_table(Context& context, Json input) {
  const std::string name = input.at(m::TableName);
  const TablePtr restored =
      name.starts_with("arn:") ? nullptr : catalog_.find(context.realm->id, name);
  if (restored && restored->settings.restore.under_way()) {
    return Json{{m::Table, describe(*restored, "CREATING", platform_.world.now())}};
  }
  const TablePtr table = control_table(context, input);
  const bool changing = std::any_of(table->indexes.begin(), table->indexes.end(),
                                    [](const Index& index) { return index.backfilling; });
  return Json{
      {m::Table, describe(*table, changing ? "UPDATING" : "ACTIVE", platform_.world.now())}};
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
  const TablePtr restored =
      catalog_.find(context.realm->id, input.at(m::TableName).get_ref<const std::string&>());
  if (restored && restored->settings.restore.under_way()) {
    throw errors::table_is_being_created(restored->name);
  }
  const TablePtr table = control_table(context, input);
  if (table->deletion_protection) throw errors::deletion_protected();
  const bool kept = table->settings.recovery.on;
  const auto erase_rows = [&](storage::Batch& batch) {
    const auto items = items_prefix(*table);
    if (!kept) batch.erase_range(Family::rows, items, storage::prefix_end(items));
    const auto log = undo_prefix(table->realm, table->incarnation);
    if (kept) batch.erase_range(Family::log, log, storage::prefix_end(log));
    const auto entries = entries_prefix(*table);
    batch.erase_range(Family::index, entries, storage::prefix_end(entries));
    const auto expiries = expiries_prefix(*table);
    batch.erase_range(Family::timers, expiries, storage::prefix_end(expiries));
  };
  Table last(*table);
  storage::Batch batch;
  if (last.stream) end_stream(batch, last);
  if (kept) keep_as_system_backup(batch, *table);
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
    if (family == Family::rows && kept) continue;
    platform_.database.drop_files(family, prefix, storage::prefix_end(prefix));
  }
  if (table->stream) close_stream(*table);
  return Json{{m::TableDescription, describe(*table, "DELETING", platform_.world.now())}};
}

void DynamoDb::start_stream(storage::Batch& batch, Table& table, std::string_view view_type) {
  auto stream = std::make_shared<Stream>();
  stream->table_name = table.name;
  stream->keys = table.keys;
  stream->view_type = std::string(view_type);
  stream->created_ms = platform_.world.now().ms;
  stream->number = platform_.database.reserve(table.realm, "dynamodb-stream", 1);
  stream->shards = shards_.create(batch, table.realm, *stream);
  stream->first_shard_id = stream->shards->shards.front().id;
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
    const Throughput wanted = throughput_from_input(throughput);
    const bool same =
        wanted.read == table.throughput.read && wanted.write == table.throughput.write;
    // The present throughput may be named again along with the mode when indexes change.
    if (!same || mode.is_null() ||
        member_or_null(input, m::GlobalSecondaryIndexUpdates).is_null()) {
      table.throughput = changed_throughput(table.throughput, wanted, "", now);
    }
  }
  table.billing_was_named = table.billing_was_named || !mode.is_null();
  table.on_demand = on_demand;
  return true;
}

bool DynamoDb::update_stream(const Json& input, storage::Batch& batch, Table& table) {
  const Json& stream = member_or_null(input, m::StreamSpecification);
  if (stream.is_null()) return false;
  check_stream(stream, false);
  if (stream.at(m::StreamEnabled).get<bool>()) {
    if (table.stream) throw errors::stream_already_enabled(table.name);
    start_stream(batch, table, stream.at(m::StreamViewType).get_ref<const std::string&>());
  } else {
    if (!table.stream) throw errors::stream_not_enabled(table.name);
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
    // A table that never had another class does not show the standard one.
    const bool shown = !table.table_class.empty() || table_class != "STANDARD";
    if (shown) table.table_class = table_class.get<std::string>();
    changed = true;
  }
  return table_changes::set_capacity(input, table.on_demand, table, "table") || changed;
}

void DynamoDb::update_index(const Json& change, bool on_demand, Index& index) {
  const Json& throughput = member_or_null(change, m::ProvisionedThroughput);
  if (!throughput.is_null()) {
    if (on_demand) {
      throw errors::invalid_parameter(
          "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: " +
          index.name + " when BillingMode is PAY_PER_REQUEST");
    }
    index.throughput = changed_throughput(index.throughput, throughput_from_input(throughput),
                                          index.name, platform_.world.now().ms);
  }
  table_changes::set_capacity(change, on_demand, index, "index " + index.name);
}

bool DynamoDb::update_indexes(const Json& input, Table& table, std::vector<Index>& removed) {
  const Json& updates = member_or_null(input, m::GlobalSecondaryIndexUpdates);
  if (updates.is_null()) return false;
  if (updates.empty()) {
    throw errors::invalid_parameter("List of GlobalSecondaryIndexUpdates is empty");
  }
  table_changes::check_index_updates(updates);
  std::set<std::string> updated;
  for (const Json& update : updates) {
    const Json& create = member_or_null(update, m::Create);
    const Json& remove = member_or_null(update, m::Delete);
    const Json& change = member_or_null(update, m::Update);
    if (!create.is_null()) {
      const auto given = definitions_from_input(member_or_null(input, m::AttributeDefinitions));
      table_changes::check_defined(create, given);
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
    const auto found = std::find_if(table.indexes.begin(), table.indexes.end(),
                                    [&](const Index& index) { return index.name == name; });
    if (found == table.indexes.end()) throw errors::no_such_index_to_change(name, table.name);
    if (!found->global) {
      throw errors::validation("Cannot " + std::string(remove.is_null() ? "update" : "delete") +
                               " an index that is not a GlobalSecondaryIndex: " + name);
    }
    if (!updated.insert(name).second) {
      throw errors::invalid_parameter(
          "Only one global secondary index update per index is allowed simultaneously. Index: " +
          name);
    }
    if (!remove.is_null()) {
      removed.push_back(*found);
      table.indexes.erase(found);
    } else {
      update_index(change, table.on_demand, *found);
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
  Json sse_before;
  {
    std::lock_guard change(catalog_.change_mutex());
    const TablePtr table = control_table(context, input);
    next = std::make_shared<Table>(*table);
    sse_before = table->sse;
    storage::Batch batch;
    check_combination(input);
    table_changes::merge_definitions(input, *next);
    bool changed = update_billing(input, *next);
    changed |= update_stream(input, batch, *next);
    changed |= update_settings(input, *next);
    changed |= update_indexes(input, *next, removed);
    const Json& sse = member_or_null(input, m::SSESpecification);
    if (!sse.is_null()) {
      next->sse = sse_description(context, sse);
      changed = true;
    }
    if (!changed) throw errors::nothing_to_update();
    table_changes::check_index_throughput(*next);
    prune_definitions(*next);
    derive(*next);
    batch.put(Family::meta, table_key(next->realm, next->name), encode_table(*next));
    context.commit(batch);
    catalog_.publish(next);
    if (table->stream && !next->stream) close_stream(*table);
    storage::Batch rest;
    for (const Index& index : removed) {
      const auto entries = entries_prefix(*next, index);
      rest.erase_range(Family::index, entries, storage::prefix_end(entries));
    }
    if (!rest.empty()) context.commit(rest);
  }
  Json answer = {{m::TableDescription, describe(*next, "UPDATING", platform_.world.now())}};
  if (next->sse.is_null() && !sse_before.is_null()) {  // still to be seen on its way out
    Json& shown = answer[m::TableDescription][m::SSEDescription] = sse_before;
    shown[m::Status] = "UPDATING";
  }
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
    items.push_back(item_key(table, ItemView(*row)));
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
