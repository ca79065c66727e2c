// A table as DescribeTable shows it.
#include "models/dynamodb.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/model.hpp"
#include "services/dynamodb/table_rules.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;

namespace table_output {

Json key_schema(const KeySchema& keys) {
  Json json = Json::array();
  keys.each([&](const KeyAttribute& attribute, bool hash) {
    json.push_back({{m::AttributeName, attribute.name}, {m::KeyType, hash ? "HASH" : "RANGE"}});
  });
  return json;
}

Json throughput(const Throughput& t, WorldTime now) {
  Json json = {{m::NumberOfDecreasesToday, decreases_today(t, now.ms)},
               {m::ReadCapacityUnits, t.read},
               {m::WriteCapacityUnits, t.write}};
  if (t.last_increase_ms) json[m::LastIncreaseDateTime] = t.last_increase_ms;
  if (t.last_decrease_ms) json[m::LastDecreaseDateTime] = t.last_decrease_ms;
  return json;
}

Json index(const Table& table, const Index& index, std::string_view status, WorldTime now) {
  Json projection = {{m::ProjectionType, index.projection == Projection::all         ? "ALL"
                                         : index.projection == Projection::keys_only ? "KEYS_ONLY"
                                                                                     : "INCLUDE"}};
  if (!index.non_key_attributes.empty()) {
    projection[m::NonKeyAttributes] = index.non_key_attributes;
  }
  Json json = {{m::IndexName, index.name},
               {m::IndexArn, table.index_arn(index)},
               {m::KeySchema, key_schema(index.keys)},
               {m::Projection, std::move(projection)},
               {m::IndexSizeBytes, index.counts->bytes.load()},
               {m::ItemCount, index.counts->items.load()}};
  if (!index.global) return json;
  json[m::ProvisionedThroughput] = throughput(index.throughput, now);
  const bool creating = index.backfilling || status == "CREATING";
  json[m::IndexStatus] = creating ? "CREATING" : "ACTIVE";
  if (index.backfilling) json[m::Backfilling] = true;
  if (!index.on_demand_limits.is_null()) json[m::OnDemandThroughput] = index.on_demand_limits;
  if ((status == "ACTIVE" && !creating) || !index.warm.is_null()) {
    Json& shown = json[m::WarmThroughput];
    shown = warm_throughput(table.on_demand, index.throughput, index.warm);
    if (status != "ACTIVE" || creating) shown[m::Status] = "UPDATING";
  }
  return json;
}

}  // namespace table_output

Json key_schema_json(const KeySchema& keys) {
  return table_output::key_schema(keys);
}

Json warm_throughput(bool on_demand, const Throughput& throughput, const Json& asked) {
  Json shown = {{m::ReadUnitsPerSecond, on_demand ? kOnDemandWarmReads : throughput.read},
                {m::WriteUnitsPerSecond, on_demand ? kOnDemandWarmWrites : throughput.write},
                {m::Status, "ACTIVE"}};
  for (const char* name : {m::ReadUnitsPerSecond, m::WriteUnitsPerSecond}) {
    const Json& value = member_or_null(asked, name);
    if (!value.is_null()) shown[name] = value;
  }
  return shown;
}

Json describe(const Table& table, std::string_view status, WorldTime now) {
  Json json = {{m::TableName, table.name},
               {m::TableArn, table.arn},
               {m::TableId, table.id},
               {m::TableStatus, status},
               {m::ProvisionedThroughput, table_output::throughput(table.throughput, now)},
               {m::TableSizeBytes, table.counts->bytes.load()},
               {m::ItemCount, table.counts->items.load()},
               {m::DeletionProtectionEnabled, table.deletion_protection}};
  if (table.billing_was_named) {
    Json& billing = json[m::BillingModeSummary];
    billing = {{m::BillingMode, table.on_demand ? "PAY_PER_REQUEST" : "PROVISIONED"}};
    if (table.last_on_demand_ms && status != "CREATING") {
      billing[m::LastUpdateToPayPerRequestDateTime] = table.last_on_demand_ms;
    }
  }
  if (!table.table_class.empty()) json[m::TableClassSummary] = {{m::TableClass, table.table_class}};
  if (!table.sse.is_null()) json[m::SSEDescription] = table.sse;
  if (!table.on_demand_limits.is_null()) json[m::OnDemandThroughput] = table.on_demand_limits;
  if (table.stream) {
    json[m::StreamSpecification] = {{m::StreamEnabled, true},
                                    {m::StreamViewType, table.stream->view_type}};
  }
  if (!table.latest_stream.first.empty()) {
    json[m::LatestStreamArn] = table.latest_stream.first;
    json[m::LatestStreamLabel] = table.latest_stream.second;
  }
  if (const Restore& restore = table.settings.restore;
      restore.under_way() && restore.from != Restore::From::import) {
    Json& summary = json[m::RestoreSummary];
    summary = {{m::RestoreDateTime, restore.moment_ms}, {m::RestoreInProgress, true}};
    if (!restore.backup_arn.empty()) summary[m::SourceBackupArn] = restore.backup_arn;
    summary[m::SourceTableArn] = restore.source_table_arn;
  }
  if (status == "DELETING") return json;

  json[m::CreationDateTime] = table.created_ms;
  json[m::KeySchema] = table_output::key_schema(table.keys);
  Json& definitions = json[m::AttributeDefinitions] = Json::array();
  for (const KeyAttribute& attribute : table.attributes) {
    definitions.push_back({{m::AttributeName, attribute.name},
                           {m::AttributeType, std::string(type_name(attribute.type))}});
  }
  for (const Index& entry : table.indexes) {
    json[entry.global ? m::GlobalSecondaryIndexes : m::LocalSecondaryIndexes].push_back(
        table_output::index(table, entry, status, now));
  }
  if (status == "ACTIVE" || !table.warm.is_null()) {
    Json& shown = json[m::WarmThroughput];
    shown = warm_throughput(table.on_demand, table.throughput, table.warm);
    if (status != "ACTIVE") shown[m::Status] = "UPDATING";
  }
  return json;
}

}  // namespace paddock::services::dynamodb
