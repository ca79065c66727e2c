// What a table has beside its schema and throughput: time to live, point-in-time recovery, resource
// policies, and a restore that is under way. Part of a table's row (model.cpp).
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>

#include "core/json.hpp"

namespace paddock::services::dynamodb {

struct TimeToLive {
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  std::string attribute;    // "": off
  uint32_t generation = 0;  // of the entries; changes whenever it is enabled
  int64_t changed_ms = 0;   // the last change of the setting; 0: never
  bool filling = false;     // the items that were there before are being entered
  // A timer is set, durably, for this second or an earlier one; kNever if none is known. Shared by
  // all versions of the table's definition; derived.
  std::shared_ptr<std::atomic<int64_t>> armed_s = std::make_shared<std::atomic<int64_t>>(kNever);

  bool on() const { return !attribute.empty(); }
};

struct Recovery {
  bool on = false;
  int64_t since_ms = 0;  // from this moment on every write is in the undo log
  int64_t days = 0;      // RecoveryPeriodInDays
};

struct ResourcePolicy {
  std::string document;  // in its canonical form
  std::string revision;
};

// Where the items of a table that is being restored come from.
struct Restore {
  enum class From { nothing, backup, table, table_and_undo_log, import };

  From from = From::nothing;
  uint64_t number = 0;           // the backup's, or the source table's incarnation
  std::string import_id;         // of an import from S3 (transfers.hpp), "" otherwise
  std::string backup_arn;        // "" unless from a backup
  std::string source_table_arn;  // of the table that was backed up, or of the source
  int64_t moment_ms = 0;         // the items are as they were then

  bool under_way() const { return from != From::nothing; }
};

struct TableSettings {
  TimeToLive ttl;
  Recovery recovery;
  // "" is the table's own policy, "stream/LABEL" that of a stream.
  std::map<std::string, ResourcePolicy> policies;
  Restore restore;

  // Work in the background that the end of the process cut short.
  bool unfinished() const { return ttl.filling || restore.under_way(); }
  // A write leaves more than row, entries and stream record (trails.hpp).
  bool leaves_trails() const { return ttl.on() || recovery.on; }
};

// The "settings" member of a table's row; members that a later version adds have defaults.
Json settings_json(const TableSettings& settings);
TableSettings settings_from(const Json& json);

}  // namespace paddock::services::dynamodb
