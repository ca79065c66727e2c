// UpdateContinuousBackups, DescribeContinuousBackups, and the trimming of the undo log.
//
// While point-in-time recovery is on, every write also appends the item's former state to the
// table's undo log (trails.hpp). The table as it was at a moment is its copy with the steps since
// then taken back (restore.cpp).
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html
#include <algorithm>

#include "events/log_sequencer.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/service.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using gateway::Output;
using storage::Family;

namespace recovery {

Milliseconds span(const Recovery& recovery) {
  return std::chrono::hours(24 * recovery.days);
}

}  // namespace recovery

std::pair<int64_t, int64_t> DynamoDb::recovery_window(const Table& table) const {
  const Recovery& recovery = table.settings.recovery;
  const WorldTime now = platform_.world.now();
  return {std::max(recovery.since_ms, (now - recovery::span(recovery)).ms),
          std::max(recovery.since_ms, (now - kRecoveryLag).ms)};
}

Json DynamoDb::continuous_backups(const Table& table) const {
  const Recovery& recovery = table.settings.recovery;
  Json shown = {{m::PointInTimeRecoveryStatus, recovery.on ? "ENABLED" : "DISABLED"}};
  if (recovery.on) {
    const auto [earliest, latest] = recovery_window(table);
    shown[m::RecoveryPeriodInDays] = recovery.days;
    shown[m::EarliestRestorableDateTime] = earliest / 1000 * 1000;
    shown[m::LatestRestorableDateTime] = latest / 1000 * 1000;
  }
  return {{m::ContinuousBackupsDescription,
           {{m::ContinuousBackupsStatus, "ENABLED"},
            {m::PointInTimeRecoveryDescription, std::move(shown)}}}};
}

Output DynamoDb::describe_continuous_backups(Context& context, Json input) {
  return continuous_backups(*backup_table(context, input.at(m::TableName)));
}

Output DynamoDb::update_continuous_backups(Context& context, Json input) {
  const Json& wanted = input.at(m::PointInTimeRecoverySpecification);
  const bool enable = wanted.at(m::PointInTimeRecoveryEnabled).get<bool>();
  const Json& days = member_or_null(wanted, m::RecoveryPeriodInDays);
  if (!enable && !days.is_null()) {
    throw errors::invalid_request(
        "Cannot specify RecoveryPeriodInDays when disabling point-in-time recovery.");
  }
  std::lock_guard change(catalog_.change_mutex());
  const TablePtr table = backup_table(context, input.at(m::TableName));
  auto next = std::make_shared<Table>(*table);
  Recovery& recovery = next->settings.recovery;
  const bool begins = enable && !recovery.on;
  const bool ends = !enable && recovery.on;
  // What a shorter period let go does not come back with a longer one.
  if (recovery.on) recovery.since_ms = recovery_window(*table).first;
  if (enable && !days.is_null()) recovery.days = days.get<int64_t>();
  if (begins && days.is_null()) recovery.days = kRecoveryDays;
  recovery.on = enable;
  if (begins) recovery.since_ms = platform_.world.now().ms;
  if (!enable) recovery = Recovery{};
  storage::Batch batch;
  batch.put(Family::meta, table_key(next->realm, next->name), encode_table(*next));
  const std::string incarnation = std::to_string(table->incarnation);
  const events::Timer timer{table->realm, kUndoTarget, table->name,
                            platform_.world.now() + recovery::span(recovery) + Milliseconds(1),
                            incarnation};
  if (enable) {
    platform_.scheduler.set(batch, timer);
  } else {
    platform_.scheduler.cancel(batch, timer);
  }
  context.commit(batch);
  catalog_.publish(next);
  if (begins) {
    // Only now every writer keeps the log.
    auto since = std::make_shared<Table>(*next);
    since->settings.recovery.since_ms = platform_.world.now().ms;
    storage::Batch later;
    later.put(Family::meta, table_key(since->realm, since->name), encode_table(*since));
    context.commit(later);
    catalog_.publish(since);
    return continuous_backups(*since);
  }
  if (ends) {
    const auto log = undo_prefix(table->realm, table->incarnation);
    storage::Batch rest;
    rest.erase_range(Family::log, log, storage::prefix_end(log));
    context.commit(rest);
    records_.forget(log);
    platform_.sequencer.forget(log);
  }
  return continuous_backups(*next);
}

// Erases a bounded number of steps that are older than the table can be taken back. Comes back when
// the oldest step left will be.
void DynamoDb::trim_undo(const events::Timer& timer) {
  storage::Batch batch;
  const TablePtr table = catalog_.find(timer.realm, timer.id);
  if (!table || !table->settings.recovery.on ||
      std::to_string(table->incarnation) != timer.payload) {
    platform_.scheduler.cancel(batch, timer);
    platform_.database.commit(batch);
    return;
  }
  const auto log = undo_prefix(table->realm, table->incarnation);
  // Only up to the watermark: below it nothing is added any more.
  const uint64_t end = std::max<uint64_t>(1, platform_.sequencer.readable_end(log));
  const Milliseconds span = recovery::span(table->settings.recovery);
  const WorldTime now = platform_.world.now();
  WorldTime due = now + span;
  std::string erased;
  for (const auto& entry : records_.front(log, kTrimBatch, storage::Key(log).u64(end))) {
    const WorldTime written = decode_undo(entry.value).written;
    if (written >= now - span) {
      due = std::max(written + span, now + std::chrono::minutes(1));
      break;
    }
    batch.erase(Family::log, entry.key);
    erased = entry.key;
    due = now + std::chrono::seconds(1);
  }
  platform_.scheduler.set(
      batch, {timer.realm, timer.target, timer.id, due + Milliseconds(1), timer.payload});
  platform_.database.commit(batch);
  if (!erased.empty()) records_.consumed(log, erased + '\0');
}

}  // namespace paddock::services::dynamodb
