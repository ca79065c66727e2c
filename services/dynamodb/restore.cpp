// RestoreTableFromBackup and RestoreTableToPointInTime.
//
// The target is made at once, CREATING; then its rows are copied from one snapshot, taken back to
// the moment wanted, and entered into the indexes. The target's row says where its items come from
// until that is done, so that a restore that was cut short begins again when the table is next
// looked up.
#include <algorithm>

#include "core/arn.hpp"
#include "core/ids.hpp"
#include "core/task.hpp"
#include "core/text.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/backups.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/service.hpp"
#include "services/dynamodb/table_parts.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using gateway::Output;
using storage::Family;

namespace restores {

std::string seconds(int64_t ms) {
  return iso8601(ms, false);
}

// Takes the copied rows back to the moment: from the last step of the log to the first one after
// it.
bool apply_undo(storage::Database& database, const storage::Snapshot& snapshot,
                std::string_view log, std::string_view rows, int64_t moment_ms,
                const std::function<bool()>& stopping) {
  storage::Batch batch;
  for (auto step = database.iterate(Family::log, log, storage::prefix_end(log),
                                    storage::Direction::backward, &snapshot);
       step.valid(); step.next()) {
    const UndoStep undo = decode_undo(step.value());
    if (undo.written.ms <= moment_ms) continue;
    const std::string key = std::string(rows) + std::string(undo.item_rest);
    if (undo.before.empty()) {
      batch.erase(Family::rows, key);
    } else {
      batch.put(Family::rows, key, undo.before);
    }
    if (batch.bytes() < kCopyBatchBytes) continue;
    if (stopping()) return false;
    database.commit(batch);
  }
  if (!batch.empty()) database.commit(batch);
  return true;
}

bool index_rows(storage::Database& database, const Table& table,
                const std::function<bool()>& stopping) {
  int64_t items = 0;
  int64_t bytes = 0;
  storage::Batch batch;
  for (auto row = database.iterate_prefix(Family::rows, items_prefix(table)); row.valid();
       row.next()) {
    const ItemView item(row.value());
    ++items;
    bytes += static_cast<int64_t>(item_size(item));
    ItemKey key;
    key.bytes = std::string(row.key());
    for (const Index& index : table.indexes) {
      const auto entry = entry_key(table, index, item, key);
      if (!entry) continue;
      const std::string value = entry_value(index, item, row.value());
      batch.put(Family::index, *entry, value);
      ++index.counts->items;
      index.counts->bytes += static_cast<int64_t>(item_size(ItemView(value)));
    }
    if (batch.bytes() < kCopyBatchBytes) continue;
    if (stopping()) return false;
    database.commit(batch);
  }
  if (!batch.empty()) database.commit(batch);
  table.counts->items = items;
  table.counts->bytes = bytes;
  return true;
}

}  // namespace restores

// The target of a restore: makes its row, publishes it and starts the copy. With the change mutex
// held; `small` restores are done when this returns.
Json DynamoDb::begin_restore(Context& context, const Json& input, const Table& source,
                             Restore restore, bool small) {
  const RealmId realm = context.realm->id;
  std::shared_ptr<Table> table = restored_definition(input, source);
  const Json& sse = member_or_null(input, m::SSESpecificationOverride);
  if (!sse.is_null()) table->sse = sse_description(context, sse);
  if (catalog_.table_count(realm) >= kMaxTablesPerAccount) throw errors::too_many_tables();
  table->realm = realm;
  table->arn = make_arn("dynamodb", context.region, context.account, "table/" + table->name);
  table->id = platform_.ids.uuid(realm, "dynamodb-table");
  table->incarnation = platform_.database.reserve(realm, "dynamodb-incarnation", 1);
  table->created_ms = platform_.world.now().ms;
  if (table->on_demand) table->last_on_demand_ms = table->created_ms;
  table->settings.restore = std::move(restore);
  table->counts->exact = false;
  derive(*table);
  const storage::Snapshot snapshot = platform_.database.snapshot();
  storage::Batch batch;
  batch.put(Family::meta, table_key(realm, table->name), encode_table(*table));
  context.commit(batch);
  catalog_.publish(table);
  Json answer = {{m::TableDescription, describe(*table, "CREATING", platform_.world.now())}};
  if (small) {
    finish_restore(*table, snapshot, true);
    return answer;
  }
  auto activity = std::make_shared<Activity>(platform_.activities.begin("restore"));
  platform_.work.post([this, table, snapshot, activity] { run_restore(table, snapshot); });
  return answer;
}

void DynamoDb::check_target(const Context& context, const std::string& name) {
  const TablePtr there = catalog_.find(context.realm->id, name);
  if (!there) return;
  const Restore& restore = there->settings.restore;
  if (!restore.under_way()) throw errors::backup_table_exists(name);
  throw errors::table_in_use("Table: " + name + " is already being restored from " +
                             (restore.backup_arn.empty() ? "table: " + restore.source_table_arn
                                                         : "backup: " + restore.backup_arn));
}

Output DynamoDb::restore_table_from_backup(Context& context, Json input) {
  const std::string arn = input.at(m::BackupArn);
  std::lock_guard change(catalog_.change_mutex());
  const std::string id = backup_id_of(arn, context.account);
  if (backup_region_of(arn) != context.region) {
    if (member_or_null(input, m::SSESpecificationOverride).is_null()) {
      throw errors::invalid_request(
          "sseSpecificationOverride must be provided for cross-region restores");
    }
    throw errors::unsupported("BackupArn of another region", "RestoreTableFromBackup");
  }
  const auto backup = find_backup(context.realm->id, id);
  if (!backup) throw errors::backup_not_found(arn);
  check_target(context, input.at(m::TargetTableName));
  if (!backup->available) throw errors::backup_in_use("Backup is being created: " + arn);
  if (restoring_from(context.realm->id, backup->arn())) {
    throw errors::backup_in_use("Backup is being used to restore another table: " + arn);
  }
  Restore restore;
  restore.from = backup->in_place ? Restore::From::table : Restore::From::backup;
  restore.number = backup->number;
  restore.backup_arn = backup->arn();
  restore.source_table_arn = backup->table->arn;
  restore.moment_ms = backup->created_ms;
  return begin_restore(context, input, *backup->table, std::move(restore),
                       backup->items <= kCopyWhileAsked);
}

TablePtr DynamoDb::restore_source(const Context& context, const Json& input) {
  const Json& name = member_or_null(input, m::SourceTableName);
  const Json& arn = member_or_null(input, m::SourceTableArn);
  if (!name.is_null() && !arn.is_null()) {
    throw errors::validation("Must provide exactly one of: sourceTableArn, sourceTableName");
  }
  if (arn.is_null()) {
    if (name.is_null()) throw errors::missing_table_name();
    return backup_table(context, name);
  }
  const auto& text = arn.get_ref<const std::string&>();
  const auto parsed = Arn::parse(text);
  if (!parsed) throw errors::validation("sourceTableArn is not a valid ARN");
  if (parsed->account != context.account) throw errors::other_owner();
  if (parsed->region != context.region) {
    if (member_or_null(input, m::SSESpecificationOverride).is_null()) {
      throw errors::invalid_request(
          "sseSpecificationOverride must be provided for cross-region restores");
    }
    throw errors::unsupported("SourceTableArn of another region", "RestoreTableToPointInTime");
  }
  return backup_table(context, arn);
}

Output DynamoDb::restore_table_to_point_in_time(Context& context, Json input) {
  const Json& wanted = member_or_null(input, m::RestoreDateTime);
  const bool latest = input.value(m::UseLatestRestorableTime, false);
  if (latest && !wanted.is_null()) {
    throw errors::invalid_request(
        "Both RestoreDateTime and UseLatestRestorableTime cannot be set for point-in-time restore "
        "request. Please specify either RestoreDateTime time or UseLatestRestorableTime");
  }
  if (!latest && wanted.is_null()) {
    throw errors::invalid_request(
        "Either one of RestoreDateTime or UseLatestRestorableTime must be specified, but not both");
  }
  std::lock_guard change(catalog_.change_mutex());
  const TablePtr source = restore_source(context, input);
  if (!source->settings.recovery.on) throw errors::recovery_is_off(source->name);
  const auto [earliest, newest] = recovery_window(*source);
  const int64_t moment = latest ? newest : wanted.get<int64_t>();
  // The bounds are shown to the second.
  if (moment < earliest / 1000 * 1000 || moment > newest) {
    throw errors::restore_time_outside(restores::seconds(moment), restores::seconds(earliest),
                                       restores::seconds(newest));
  }
  check_target(context, input.at(m::TargetTableName));
  Restore restore;
  restore.from = Restore::From::table_and_undo_log;
  restore.number = source->incarnation;
  restore.source_table_arn = source->arn;
  restore.moment_ms = std::max(moment, earliest);
  return begin_restore(context, input, *source, std::move(restore),
                       source->counts->items.load() <= kCopyWhileAsked);
}

void DynamoDb::run_restore(TablePtr table, const storage::Snapshot& snapshot) {
  try {
    finish_restore(*table, snapshot, false);
  } catch (const storage::DeadRealm&) {
    // Reset meanwhile: the table is gone with its realm.
  } catch (const std::exception& error) {
    platform_.log.error("dynamodb: table " + table->name +
                        " could not be restored: " + error.what());
  }
}

// `locked`: the caller holds the change mutex.
void DynamoDb::finish_restore(const Table& table, const storage::Snapshot& snapshot, bool locked) {
  const Restore& restore = table.settings.restore;
  const auto stopping = [this] { return stopping_.load(); };
  const auto rows = items_prefix(table);
  const auto entries = entries_prefix(table);
  storage::Batch leftover;  // of a restore that was cut short
  leftover.erase_range(Family::rows, rows, storage::prefix_end(rows));
  leftover.erase_range(Family::index, entries, storage::prefix_end(entries));
  platform_.database.commit(leftover);
  const storage::Key from(
      storage::Key(table.realm, restore.from == Restore::From::backup ? kCopyKind : kItemKind)
          .u64(restore.number));
  if (!copy_rows(platform_.database, snapshot, from, rows, stopping)) return;
  if (restore.from == Restore::From::table_and_undo_log &&
      !restores::apply_undo(platform_.database, snapshot, undo_prefix(table.realm, restore.number),
                            rows, restore.moment_ms, stopping)) {
    return;
  }
  if (!restores::index_rows(platform_.database, table, stopping)) return;

  std::unique_lock change(catalog_.change_mutex(), std::defer_lock);
  if (!locked) change.lock();
  auto next = std::make_shared<Table>(table);
  next->settings.restore = Restore{};
  storage::Batch batch;
  batch.put(Family::meta, table_key(next->realm, next->name), encode_table(*next));
  platform_.database.commit(batch);
  table.counts->exact = true;
  catalog_.publish(std::move(next));
}

}  // namespace paddock::services::dynamodb
