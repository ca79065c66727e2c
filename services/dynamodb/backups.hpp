// Backups of tables: what is kept of one, and how items are copied from place to place.
//
// Rows (fields as in storage/keys.hpp; all start with the realm's id and a kind byte):
//   meta   backup   text id                  -> storage/document_row.hpp: {"id","name","system",
//                   "available","created","expires","number","in_place","items","bytes","table"}
//   rows   copy     u64 number, raw rest     -> item.hpp
// `rest` is what an item's row key has after realm, kind and incarnation. A backup's items are the
// copies under its number or, "in_place", the rows of the deleted table with that incarnation.
// "table" is the row of the table at that time (model.cpp) as text.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "services/dynamodb/model.hpp"
#include "storage/database.hpp"
#include "storage/keys.hpp"

namespace paddock::services::dynamodb {

inline constexpr const char* kBackupTarget = "dynamodb:backup-expiry";  // timers

struct Backup {
  std::string id;  // "01791504762511-2779fadd": its milliseconds, so that ids are in order of time
  std::string name;
  bool system = false;     // made by the service when a table with recovery was deleted
  bool available = false;  // false while items are being copied
  int64_t created_ms = 0;
  int64_t expires_ms = 0;  // 0: never
  uint64_t number = 0;
  bool in_place = false;
  int64_t items = 0;
  int64_t bytes = 0;
  std::shared_ptr<const Table> table;  // as it was

  std::string arn() const { return table->arn + "/backup/" + id; }
};

std::string encode_backup(const Backup& backup);
Backup decode_backup(RealmId realm, std::string_view row);  // throws std::exception if malformed

storage::Key backup_key(RealmId realm, std::string_view id);
storage::Key backups_prefix(RealmId realm);
storage::Key copy_prefix(RealmId realm, const Backup& backup);

// The id that a backup's ARN names, in the caller's account. Throws AwsError.
std::string backup_id_of(std::string_view arn, std::string_view account);
// The region that it names.
std::string backup_region_of(std::string_view arn);

// BackupDetails, BackupSummary and BackupDescription. `status`: CREATING, AVAILABLE, DELETED.
Json backup_details(const Backup& backup, std::string_view status);
Json backup_summary(const Backup& backup);
Json backup_description(const Backup& backup, std::string_view status);

// Applies the overrides of a restore (RestoreTableFromBackup, RestoreTableToPointInTime) to the
// definition it starts from; what a restore does not keep (stream, tags, time to live …) is left
// out. Pure. Throws AwsError.
std::shared_ptr<Table> restored_definition(const Json& input, const Table& source);

struct CopyTotals {
  int64_t items = 0;
  int64_t bytes = 0;  // in DynamoDB's terms
};
// Copies what the snapshot has under `from` to keys that begin with `to` instead, in bounded
// batches. nullopt if `stopping` was set meanwhile. Throws what a commit throws.
std::optional<CopyTotals> copy_rows(storage::Database& database, const storage::Snapshot& snapshot,
                                    std::string_view from, std::string_view to,
                                    const std::function<bool()>& stopping);

namespace restores {

// Counts the rows of a table that is being made and enters them into its indexes. False if
// `stopping` was set meanwhile. Throws what a commit throws.
bool index_rows(storage::Database& database, const Table& table,
                const std::function<bool()>& stopping);

}  // namespace restores
}  // namespace paddock::services::dynamodb
