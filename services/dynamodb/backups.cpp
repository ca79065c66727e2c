#include "services/dynamodb/backups.hpp"

#include <algorithm>

#include "core/arn.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/item.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/store.hpp"
#include "services/dynamodb/table_rules.hpp"
#include "storage/document_row.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using storage::Family;
using storage::Key;

namespace backup_parts {

Json units(const Throughput& throughput) {
  return {{m::ReadCapacityUnits, throughput.read}, {m::WriteCapacityUnits, throughput.write}};
}

Json projection(const Index& index) {
  Json json = {{m::ProjectionType, index.projection == Projection::all         ? "ALL"
                                   : index.projection == Projection::keys_only ? "KEYS_ONLY"
                                                                               : "INCLUDE"}};
  if (!index.non_key_attributes.empty()) json[m::NonKeyAttributes] = index.non_key_attributes;
  return json;
}

Json source_details(const Backup& backup) {
  const Table& table = *backup.table;
  Json json = {{m::TableName, table.name},
               {m::TableId, table.id},
               {m::TableArn, table.arn},
               {m::TableSizeBytes, backup.bytes},
               {m::KeySchema, key_schema_json(table.keys)},
               {m::TableCreationDateTime, table.created_ms},
               {m::ProvisionedThroughput, units(table.throughput)},
               {m::ItemCount, backup.items},
               {m::BillingMode, table.on_demand ? "PAY_PER_REQUEST" : "PROVISIONED"}};
  if (!table.on_demand_limits.is_null()) json[m::OnDemandThroughput] = table.on_demand_limits;
  return json;
}

Json source_features(const Backup& backup) {
  Json json = Json::object();
  if (backup.system) return json;
  const Table& table = *backup.table;
  for (const Index& index : table.indexes) {
    Json shown = {{m::IndexName, index.name},
                  {m::KeySchema, key_schema_json(index.keys)},
                  {m::Projection, projection(index)}};
    if (index.global) shown[m::ProvisionedThroughput] = units(index.throughput);
    json[index.global ? m::GlobalSecondaryIndexes : m::LocalSecondaryIndexes].push_back(
        std::move(shown));
  }
  if (table.stream) {
    json[m::StreamDescription] = {{m::StreamEnabled, true},
                                  {m::StreamViewType, table.stream->view_type}};
  }
  if (table.settings.ttl.on()) {
    json[m::TimeToLiveDescription] = {{m::TimeToLiveStatus, "ENABLED"},
                                      {m::AttributeName, table.settings.ttl.attribute}};
  }
  if (!table.sse.is_null()) json[m::SSEDescription] = table.sse;
  return json;
}

// The index that an override means: the same keys and projection, under any name.
const Index* matching(const Table& source, const Json& wanted, bool global) {
  for (const Index& index : source.indexes) {
    if (index.global != global || key_schema_json(index.keys) != wanted.at(m::KeySchema)) continue;
    const Json& asked = wanted.at(m::Projection);
    Json names = member_or_null(asked, m::NonKeyAttributes);
    Json own = index.non_key_attributes;
    if (names.is_null()) names = Json::array();
    std::sort(names.begin(), names.end());
    std::sort(own.begin(), own.end());
    if (member_or_null(asked, m::ProjectionType) == projection(index)[m::ProjectionType] &&
        names == own) {
      return &index;
    }
  }
  return nullptr;
}

void override_capacity(const Json& wanted, bool on_demand, Index& index) {
  const std::string what = "index " + index.name;
  const Json& limits = member_or_null(wanted, m::OnDemandThroughput);
  if (!limits.is_null()) {
    index.on_demand_limits = changed_limits(nullptr, limits, on_demand, what, true);
  }
  index.warm = member_or_null(wanted, m::WarmThroughput);
  check_warm(warm_throughput(on_demand, index.throughput, nullptr), index.warm, on_demand, what,
             true);
}

// Puts the indexes that an override lists in place of those of the source.
void override_indexes(const Json& list, bool global, const Table& source, Table& table) {
  if (list.is_null()) return;
  std::erase_if(table.indexes, [&](const Index& index) { return index.global == global; });
  for (const Json& wanted : list) {
    const std::string name = wanted.at(m::IndexName);
    const Index* found = matching(source, wanted, global);
    if (!found) throw errors::restore_knows_no_index(name);
    Index index = *found;
    index.name = name;
    const Json& throughput = member_or_null(wanted, m::ProvisionedThroughput);
    if (global && table.on_demand && !throughput.is_null()) {
      throw errors::invalid_request("Cannot override ProvisionedThroughput for index " + name +
                                    " if BillingMode is overridden to PAY_PER_REQUEST");
    }
    if (global && !throughput.is_null()) index.throughput = throughput_from_input(throughput);
    if (global) override_capacity(wanted, table.on_demand, index);
    table.indexes.push_back(std::move(index));
  }
  std::stable_partition(table.indexes.begin(), table.indexes.end(),
                        [](const Index& index) { return index.global; });
}

void override_billing(const Json& input, Table& table) {
  const Json& mode = member_or_null(input, m::BillingModeOverride);
  const Json& throughput = member_or_null(input, m::ProvisionedThroughputOverride);
  const Json& limits = member_or_null(input, m::OnDemandThroughputOverride);
  if (!mode.is_null()) {
    table.on_demand = mode == "PAY_PER_REQUEST";
    table.billing_was_named = true;
  }
  if (table.on_demand && !throughput.is_null()) {
    throw errors::invalid_request(
        mode.is_null() ? "Cannot override ProvisionedThroughput unless BillingMode is PROVISIONED"
                       : "Cannot override ProvisionedThroughput if BillingMode is overridden to "
                         "PAY_PER_REQUEST");
  }
  if (mode == "PROVISIONED" && throughput.is_null()) {
    throw errors::invalid_request(
        "Must override ProvisionedThroughput if BillingMode is overridden to PROVISIONED");
  }
  for (const char* name : {m::MaxReadRequestUnits, m::MaxWriteRequestUnits}) {
    const Json& value = member_or_null(limits, name);
    if (value.is_null()) continue;
    if (!table.on_demand) {
      throw errors::invalid_request("Cannot override " + std::string(name) +
                                    " for OnDemandThroughput unless BillingModeOverride is "
                                    "PAY_PER_REQUEST");
    }
    if (value.get<int64_t>() < 1) {
      throw errors::invalid_request("Requested " + std::string(name) +
                                    " for OnDemandThroughput is outside of valid range");
    }
  }
  if (!limits.is_null() && !limits.empty()) table.on_demand_limits = limits;
  if (!throughput.is_null()) table.throughput = throughput_from_input(throughput);
  if (table.on_demand) table.throughput = Throughput{};
  if (!table.on_demand) table.on_demand_limits = nullptr;
}

}  // namespace backup_parts

std::string encode_backup(const Backup& backup) {
  return storage::document_row({{"id", backup.id},
                                {"name", backup.name},
                                {"system", backup.system},
                                {"available", backup.available},
                                {"created", backup.created_ms},
                                {"expires", backup.expires_ms},
                                {"number", backup.number},
                                {"in_place", backup.in_place},
                                {"items", backup.items},
                                {"bytes", backup.bytes},
                                {"table", encode_table(*backup.table)}});
}

Backup decode_backup(RealmId realm, std::string_view row) {
  const Json json = storage::document_of_row(row);
  Backup backup;
  backup.id = json.at("id").get<std::string>();
  backup.name = json.at("name").get<std::string>();
  backup.system = json.at("system").get<bool>();
  backup.available = json.at("available").get<bool>();
  backup.created_ms = json.at("created").get<int64_t>();
  backup.expires_ms = json.at("expires").get<int64_t>();
  backup.number = json.at("number").get<uint64_t>();
  backup.in_place = json.at("in_place").get<bool>();
  backup.items = json.at("items").get<int64_t>();
  backup.bytes = json.at("bytes").get<int64_t>();
  backup.table = decode_table(realm, json.at("table").get_ref<const std::string&>());
  return backup;
}

Key backup_key(RealmId realm, std::string_view id) {
  return Key(realm, kBackupKind).text(id);
}
Key backups_prefix(RealmId realm) {
  return Key(realm, kBackupKind);
}
Key copy_prefix(RealmId realm, const Backup& backup) {
  return Key(realm, backup.in_place ? kItemKind : kCopyKind).u64(backup.number);
}

std::string backup_id_of(std::string_view text, std::string_view account) {
  const auto arn = Arn::parse(text);
  constexpr std::string_view kTable = "table/";
  constexpr std::string_view kBackup = "/backup/";
  const std::string_view resource = arn ? std::string_view(arn->resource) : std::string_view();
  const size_t middle = resource.find(kBackup);
  if (!resource.starts_with(kTable) || middle == std::string_view::npos) {
    throw errors::invalid_backup_arn();
  }
  if (arn->partition != "aws" || arn->service != "dynamodb") {
    throw errors::invalid_request("BackupArn is not valid");
  }
  if (arn->account != account) throw errors::access_denied();
  return std::string(resource.substr(middle + kBackup.size()));
}

std::string backup_region_of(std::string_view text) {
  const auto arn = Arn::parse(text);
  return arn ? arn->region : std::string();
}

Json backup_details(const Backup& backup, std::string_view status) {
  Json json = {{m::BackupArn, backup.arn()},
               {m::BackupName, backup.name},
               {m::BackupSizeBytes, backup.bytes},
               {m::BackupStatus, status},
               {m::BackupType, backup.system ? "SYSTEM" : "USER"},
               {m::BackupCreationDateTime, backup.created_ms}};
  if (backup.expires_ms) json[m::BackupExpiryDateTime] = backup.expires_ms;
  return json;
}

Json backup_summary(const Backup& backup) {
  Json json = backup_details(backup, backup.available ? "AVAILABLE" : "CREATING");
  json[m::TableName] = backup.table->name;
  json[m::TableId] = backup.table->id;
  json[m::TableArn] = backup.table->arn;
  return json;
}

Json backup_description(const Backup& backup, std::string_view status) {
  return {{m::BackupDetails, backup_details(backup, status)},
          {m::SourceTableDetails, backup_parts::source_details(backup)},
          {m::SourceTableFeatureDetails, backup_parts::source_features(backup)}};
}

std::shared_ptr<Table> restored_definition(const Json& input, const Table& source) {
  auto table = std::make_shared<Table>();
  table->name = input.at(m::TargetTableName).get<std::string>();
  table->attributes = source.attributes;
  table->keys = source.keys;
  table->on_demand = source.on_demand;
  table->billing_was_named = source.billing_was_named;
  table->throughput = {source.throughput.read, source.throughput.write};
  table->sse = source.sse;
  table->on_demand_limits = source.on_demand_limits;
  table->next_index_id = source.next_index_id;
  table->indexes = source.indexes;
  for (Index& index : table->indexes) index.warm = nullptr;
  backup_parts::override_billing(input, *table);
  backup_parts::override_indexes(member_or_null(input, m::GlobalSecondaryIndexOverride), true,
                                 source, *table);
  backup_parts::override_indexes(member_or_null(input, m::LocalSecondaryIndexOverride), false,
                                 source, *table);
  uint32_t id = 0;
  for (Index& index : table->indexes) {
    index.id = ++id;
    index.backfilling = false;
    index.counts = std::make_shared<Counts>();
    index.throughput = {index.throughput.read, index.throughput.write};
    if (table->on_demand) index.throughput = Throughput{};
    if (!table->on_demand) index.on_demand_limits = nullptr;
    if (!table->on_demand && index.global && index.throughput.read == 0) {
      throw errors::invalid_request("Must specify provisioned throughput for index " + index.name);
    }
  }
  table->next_index_id = id + 1;
  check_indexes(*table);
  prune_definitions(*table);
  return table;
}

std::optional<CopyTotals> copy_rows(storage::Database& database, const storage::Snapshot& snapshot,
                                    std::string_view from, std::string_view to,
                                    const std::function<bool()>& stopping) {
  CopyTotals totals;
  storage::Batch batch;
  for (auto row = database.iterate_prefix(Family::rows, from, &snapshot); row.valid(); row.next()) {
    ++totals.items;
    totals.bytes += static_cast<int64_t>(item_size(ItemView(row.value())));
    batch.put(Family::rows, std::string(to) + std::string(row.key().substr(from.size())),
              row.value());
    if (batch.bytes() < kCopyBatchBytes) continue;
    if (stopping()) return std::nullopt;
    database.commit(batch);
  }
  if (!batch.empty()) database.commit(batch);
  return totals;
}

}  // namespace paddock::services::dynamodb
