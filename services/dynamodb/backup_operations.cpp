// CreateBackup, DescribeBackup, ListBackups, DeleteBackup, and the system backup of a deleted
// table.
#include <algorithm>

#include "core/ids.hpp"
#include "core/task.hpp"
#include "core/text.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/backups.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/request.hpp"
#include "services/dynamodb/service.hpp"
#include "services/dynamodb/wiring.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using gateway::Output;
using storage::Family;

namespace backup_lists {

std::vector<std::string> backup(const gateway::RequestContext&, const Json& input) {
  const Json& arn = member_or_null(input, m::BackupArn);
  return {arn.is_string() ? arn.get<std::string>() : "*"};
}

std::string id_at(int64_t ms, std::string_view suffix) {
  const std::string digits = std::to_string(ms);
  constexpr size_t kDigits = 14;
  return std::string(kDigits - std::min(kDigits, digits.size()), '0') + digits + "-" +
         std::string(suffix);
}

// What a call of ListBackups asks for.
struct Filter {
  std::string table;
  std::string type;
  int64_t lower;
  int64_t upper;  // not included

  bool takes(const Backup& backup) const {
    if (!table.empty() && backup.table->name != table) return false;
    if (type == "AWS_BACKUP" || (type == "USER" && backup.system) ||
        (type == "SYSTEM" && !backup.system)) {
      return false;
    }
    return backup.created_ms >= lower && backup.created_ms < upper;
  }
};

}  // namespace backup_lists

std::vector<gateway::Operation> DynamoDb::backup_operations() {
  using gateway::Access;
  const auto full = gateway::Fidelity::full();
  const auto one_region =
      gateway::Fidelity::partial("a backup or table of another region cannot be restored");
  return {
      {"CreateBackup", gateway::slow(this, &DynamoDb::create_backup), Access::write, full,
       "dynamodb:CreateBackup", wiring::table, m::TableName},
      {"DescribeBackup", gateway::slow(this, &DynamoDb::describe_backup), Access::read, full,
       "dynamodb:DescribeBackup", backup_lists::backup, ""},
      {"ListBackups", gateway::slow(this, &DynamoDb::list_backups), Access::read, full,
       "dynamodb:ListBackups", nullptr, ""},
      {"DeleteBackup", gateway::slow(this, &DynamoDb::delete_backup), Access::write, full,
       "dynamodb:DeleteBackup", backup_lists::backup, ""},
      {"RestoreTableFromBackup", gateway::slow(this, &DynamoDb::restore_table_from_backup),
       Access::write, one_region, "dynamodb:RestoreTableFromBackup", backup_lists::backup, ""},
      {"RestoreTableToPointInTime", gateway::slow(this, &DynamoDb::restore_table_to_point_in_time),
       Access::write, one_region, "dynamodb:RestoreTableToPointInTime", nullptr, ""},
      {"UpdateContinuousBackups", gateway::slow(this, &DynamoDb::update_continuous_backups),
       Access::write, full, "dynamodb:UpdateContinuousBackups", wiring::table, m::TableName},
      {"DescribeContinuousBackups", gateway::plain(this, &DynamoDb::describe_continuous_backups),
       Access::read, full, "dynamodb:DescribeContinuousBackups", wiring::table, m::TableName},
  };
}

TablePtr DynamoDb::backup_table(const Context& context, const Json& name) {
  const auto& text = name.get_ref<const std::string&>();
  TablePtr table = find_table(context, text);
  if (!table) throw errors::table_not_found(parse_table_name(text).name);
  return table;
}

Output DynamoDb::create_backup(Context& context, Json input) {
  const TablePtr table = backup_table(context, input.at(m::TableName));
  const RealmId realm = context.realm->id;
  Backup backup;
  backup.created_ms = platform_.world.now().ms;
  backup.id =
      backup_lists::id_at(backup.created_ms, platform_.ids.hex(realm, "dynamodb-backup", 8));
  backup.name = input.at(m::BackupName).get<std::string>();
  backup.number = platform_.database.reserve(realm, "dynamodb-copy", 1);
  backup.table = table;
  backup.items = table->counts->items.load();
  backup.bytes = table->counts->bytes.load();
  {
    std::lock_guard lock(copies_mutex_);
    copies_.insert(backup_key(realm, backup.id).bytes());
  }
  const storage::Snapshot snapshot = platform_.database.snapshot();
  storage::Batch batch;
  batch.put(Family::meta, backup_key(realm, backup.id), encode_backup(backup));
  context.commit(batch);
  Json answer = {{m::BackupDetails, backup_details(backup, "CREATING")}};
  const bool small = backup.items <= kCopyWhileAsked;
  auto activity = std::make_shared<Activity>(platform_.activities.begin("backup"));
  auto copy = [this, realm, backup = std::move(backup), snapshot, activity] {
    copy_for_backup(realm, backup, snapshot);
  };
  if (small) {
    copy();
  } else {
    platform_.work.post(std::move(copy));
  }
  return answer;
}

// On a work thread; the backup's key is in `copies_`.
void DynamoDb::copy_for_backup(RealmId realm, Backup backup, const storage::Snapshot& snapshot) {
  const std::string key = backup_key(realm, backup.id).bytes();
  try {
    const auto totals = copy_rows(platform_.database, snapshot, items_prefix(*backup.table),
                                  copy_prefix(realm, backup), [this] { return stopping_.load(); });
    if (totals) {
      backup.available = true;
      backup.items = totals->items;
      backup.bytes = totals->bytes;
      storage::Batch batch;
      batch.put(Family::meta, key, encode_backup(backup));
      platform_.database.commit(batch);
    }
  } catch (const storage::DeadRealm&) {
    // Reset meanwhile: the backup is gone with its realm.
  } catch (const std::exception& error) {
    platform_.log.error("dynamodb: a backup of table " + backup.table->name +
                        " could not be made: " + error.what());
  }
  std::lock_guard lock(copies_mutex_);
  copies_.erase(key);
}

// A copy that the end of the process cut short is made again, of the table as it is now; without
// its table the backup is dropped.
void DynamoDb::resume_backup(RealmId realm, const Backup& backup) {
  const std::string key = backup_key(realm, backup.id).bytes();
  {
    std::lock_guard lock(copies_mutex_);
    if (!copies_.insert(key).second) return;
  }
  const TablePtr table = catalog_.find(realm, backup.table->name);
  const auto rows = copy_prefix(realm, backup);
  storage::Batch batch;
  batch.erase_range(Family::rows, rows, storage::prefix_end(rows));
  const bool there = table && table->incarnation == backup.table->incarnation;
  if (!there) batch.erase(Family::meta, key);
  platform_.database.commit(batch);
  if (!there) {
    std::lock_guard lock(copies_mutex_);
    copies_.erase(key);
    return;
  }
  auto activity = std::make_shared<Activity>(platform_.activities.begin("backup"));
  platform_.work.post([this, realm, backup, snapshot = platform_.database.snapshot(), activity] {
    copy_for_backup(realm, backup, snapshot);
  });
}

std::optional<Backup> DynamoDb::find_backup(RealmId realm, std::string_view id) {
  const auto read = [&]() -> std::optional<Backup> {
    const auto row = platform_.database.get(Family::meta, backup_key(realm, id));
    if (!row) return std::nullopt;
    return decode_backup(realm, *row);
  };
  auto backup = read();
  if (!backup || backup->available) return backup;
  resume_backup(realm, *backup);
  return read();
}

Backup DynamoDb::existing_backup(const Context& context, const std::string& arn) {
  auto backup = find_backup(context.realm->id, backup_id_of(arn, context.account));
  if (!backup) throw errors::backup_not_found(arn);
  return std::move(*backup);
}

Output DynamoDb::describe_backup(Context& context, Json input) {
  const Backup backup = existing_backup(context, input.at(m::BackupArn));
  return Json{{m::BackupDescription,
               backup_description(backup, backup.available ? "AVAILABLE" : "CREATING")}};
}

Output DynamoDb::list_backups(Context& context, Json input) {
  const RealmId realm = context.realm->id;
  const size_t limit = input.value(m::Limit, kListBackupsPage);
  const std::string_view name = text_member(input, m::TableName);
  const std::string_view type = text_member(input, m::BackupType);
  const backup_lists::Filter filter{
      name.empty() ? std::string() : parse_table_name(name).name,
      type.empty() ? "USER" : std::string(type), input.value(m::TimeRangeLowerBound, int64_t{0}),
      input.value(m::TimeRangeUpperBound, std::numeric_limits<int64_t>::max())};
  if (filter.lower > filter.upper) {
    throw errors::invalid_parameter(
        "Time range lower bound must be less than or equal to upper bound");
  }
  const auto prefix = backups_prefix(realm);
  std::string begin = prefix.bytes();
  if (const std::string_view after = text_member(input, m::ExclusiveStartBackupArn);
      !after.empty()) {
    begin = backup_key(realm, backup_id_of(after, context.account)).bytes() + '\0';
    if (backup_region_of(after) != context.region) {
      throw errors::invalid_request(
          "The supplied ExclusiveStartBackupArn does not match the region");
    }
  }
  Json output = {{m::BackupSummaries, Json::array()}};
  Json& summaries = output[m::BackupSummaries];
  for (auto row = platform_.database.iterate(Family::meta, begin, storage::prefix_end(prefix));
       row.valid(); row.next()) {
    Backup backup = decode_backup(realm, row.value());
    if (!filter.takes(backup)) continue;
    if (!backup.available) {
      auto now = find_backup(realm, backup.id);
      if (!now) continue;
      backup = std::move(*now);
    }
    if (summaries.size() == limit) {
      output[m::LastEvaluatedBackupArn] = summaries.back()[m::BackupArn];
      break;
    }
    summaries.push_back(backup_summary(backup));
  }
  return output;
}

// The rows of tables say from which backup they are being restored.
bool DynamoDb::restoring_from(RealmId realm, const std::string& backup_arn) {
  const std::string mark = Json(backup_arn).dump();
  for (auto row = platform_.database.iterate_prefix(Family::meta, tables_prefix(realm));
       row.valid(); row.next()) {
    if (row.value().find(mark) == std::string_view::npos) continue;
    storage::KeyReader key(row.key());
    const TablePtr table = catalog_.find(realm, key.text());
    if (table && table->settings.restore.backup_arn == backup_arn) return true;
  }
  return false;
}

Output DynamoDb::delete_backup(Context& context, Json input) {
  const RealmId realm = context.realm->id;
  std::lock_guard change(catalog_.change_mutex());
  const Backup backup = existing_backup(context, input.at(m::BackupArn));
  if (backup.system) {
    throw errors::invalid_request("User is not allowed to delete the system backup with arn " +
                                  backup.arn() + ". It will automatically expire on " +
                                  iso8601(backup.expires_ms));
  }
  if (!backup.available) throw errors::backup_in_use("Backup is being created: " + backup.arn());
  if (restoring_from(realm, backup.arn())) {
    throw errors::backup_in_use("Backup is being used to restore table: " + backup.arn());
  }
  storage::Batch batch;
  drop_backup(batch, realm, backup);
  context.commit(batch);
  return Json{{m::BackupDescription, backup_description(backup, "DELETED")}};
}

void DynamoDb::drop_backup(storage::Batch& batch, RealmId realm, const Backup& backup) {
  const auto rows = copy_prefix(realm, backup);
  batch.erase_range(Family::rows, rows, storage::prefix_end(rows));
  batch.erase(Family::meta, backup_key(realm, backup.id));
}

// A deleted table that had point-in-time recovery stays as a backup for 35 days: its rows are kept
// where they are.
void DynamoDb::keep_as_system_backup(storage::Batch& batch, const Table& table) {
  Backup backup;
  backup.created_ms = platform_.world.now().ms;
  backup.id = backup_lists::id_at(backup.created_ms, "00000000");
  // Under a frozen clock two tables may go in one millisecond.
  for (uint64_t next = 1; platform_.database.get(Family::meta, backup_key(table.realm, backup.id));
       ++next) {
    std::string suffix = std::to_string(next);
    suffix.insert(0, 8 - std::min<size_t>(8, suffix.size()), '0');
    backup.id = backup_lists::id_at(backup.created_ms, suffix);
  }
  backup.name = table.name + "$DeletedTableBackup";
  backup.system = true;
  backup.available = true;
  const WorldTime end = WorldTime{backup.created_ms} + kSystemBackupLife;
  backup.expires_ms = end.ms;
  backup.number = table.incarnation;
  backup.in_place = true;
  backup.table = std::make_shared<Table>(table);
  backup.items = table.counts->items.load();
  backup.bytes = table.counts->bytes.load();
  batch.put(Family::meta, backup_key(table.realm, backup.id), encode_backup(backup));
  platform_.scheduler.set(batch, {table.realm, kBackupTarget, backup.id, end, ""});
}

void DynamoDb::expire_backup(const events::Timer& timer) {
  storage::Batch batch;
  platform_.scheduler.cancel(batch, timer);
  const auto row = platform_.database.get(Family::meta, backup_key(timer.realm, timer.id));
  if (row) {
    const Backup backup = decode_backup(timer.realm, *row);
    if (restoring_from(timer.realm, backup.arn())) {
      const WorldTime later = platform_.world.now() + std::chrono::hours(1);
      platform_.scheduler.set(batch, {timer.realm, timer.target, timer.id, later, ""});
    } else {
      drop_backup(batch, timer.realm, backup);
    }
  }
  platform_.database.commit(batch);
}

}  // namespace paddock::services::dynamodb
