// UpdateTimeToLive, DescribeTimeToLive, and the deletion of what has expired.
//
// Expirations are entries in the order of their seconds, kept by every write (trails.hpp). A timer
// stands at the first of them; when it fires, what is due is deleted by ordinary writes, in bounded
// batches. An item can be read until then.
#include <algorithm>

#include "core/ids.hpp"
#include "core/task.hpp"
#include "events/metrics.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/service.hpp"
#include "services/dynamodb/wiring.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using gateway::Output;
using storage::Family;

std::vector<gateway::Operation> DynamoDb::time_to_live_operations() {
  return {
      {"UpdateTimeToLive", gateway::slow(this, &DynamoDb::update_time_to_live),
       gateway::Access::write, gateway::Fidelity::full(), "dynamodb:UpdateTimeToLive",
       wiring::table, m::TableName},
      {"DescribeTimeToLive", gateway::plain(this, &DynamoDb::describe_time_to_live),
       gateway::Access::read, gateway::Fidelity::full(), "dynamodb:DescribeTimeToLive",
       wiring::table, m::TableName},
  };
}

Output DynamoDb::update_time_to_live(Context& context, Json input) {
  const Json& wanted = input.at(m::TimeToLiveSpecification);
  const bool enable = wanted.at(m::Enabled).get<bool>();
  const std::string attribute = wanted.at(m::AttributeName);
  std::shared_ptr<Table> next;
  uint32_t ended = 0;
  {
    std::lock_guard change(catalog_.change_mutex());
    const TablePtr table = control_table(context, input);
    next = std::make_shared<Table>(*table);
    TimeToLive& ttl = next->settings.ttl;
    const WorldTime now = platform_.world.now();
    if (!ttl.on() && !enable) throw errors::time_to_live_is_off();
    if (ttl.on() && ttl.attribute != attribute) {
      throw errors::time_to_live_elsewhere(ttl.attribute);
    }
    if (ttl.on() && enable) throw errors::time_to_live_is_on();
    if (ttl.changed_ms && now - WorldTime{ttl.changed_ms} < kTimeToLiveRest) {
      throw errors::time_to_live_changed_lately();
    }
    ttl.changed_ms = now.ms;
    ttl.filling = enable;
    ttl.attribute = enable ? attribute : "";
    if (enable) {
      ++ttl.generation;
      ttl.armed_s = std::make_shared<std::atomic<int64_t>>(TimeToLive::kNever);
    } else {
      ended = ttl.generation;
    }
    storage::Batch batch;
    batch.put(Family::meta, table_key(next->realm, next->name), encode_table(*next));
    context.commit(batch);
    catalog_.publish(next);
  }
  if (ended) {
    // Its timers find another generation when they fire, and go.
    const auto entries = expiries_prefix(*next, ended);
    storage::Batch rest;
    rest.erase_range(Family::timers, entries, storage::prefix_end(entries));
    context.commit(rest);
    trails_.expiries().forget(entries);
  }
  if (enable) finish_in_background(next);
  return Json{{m::TimeToLiveSpecification, wanted}};
}

Output DynamoDb::describe_time_to_live(Context& context, Json input) {
  const TablePtr table = control_table(context, input);
  const TimeToLive& ttl = table->settings.ttl;
  Json description = {{m::TimeToLiveStatus, ttl.on() ? "ENABLED" : "DISABLED"}};
  if (ttl.on()) description[m::AttributeName] = ttl.attribute;
  return Json{{m::TimeToLiveDescription, std::move(description)}};
}

void DynamoDb::fill_expiries(TablePtr table) {
  const uint32_t generation = table->settings.ttl.generation;
  std::vector<std::string> keys;
  for (auto row = platform_.database.iterate_prefix(Family::rows, items_prefix(*table));
       row.valid(); row.next()) {
    if (!expiry_of(ItemView(row.value()), table->settings.ttl.attribute)) continue;
    keys.emplace_back(row.key());
    if (keys.size() < kBackfillBatch) continue;
    enter_expiries(*table, keys);
    keys.clear();
  }
  enter_expiries(*table, keys);

  std::lock_guard change(catalog_.change_mutex());
  const TablePtr current = catalog_.find(table->realm, table->name);
  if (!current || current->incarnation != table->incarnation ||
      current->settings.ttl.generation != generation) {
    return;
  }
  auto next = std::make_shared<Table>(*current);
  next->settings.ttl.filling = false;
  storage::Batch batch;
  batch.put(Family::meta, table_key(next->realm, next->name), encode_table(*next));
  platform_.database.commit(batch);
  catalog_.publish(std::move(next));
}

// Writers keep the entries since time to live was enabled; an entry that is there already is put
// again as it is.
void DynamoDb::enter_expiries(const Table& table, const std::vector<std::string>& keys) {
  std::vector<ItemKey> items;
  std::vector<std::string> partitions;
  for (const std::string& bytes : keys) {
    const auto row = platform_.database.get(Family::rows, bytes);
    if (!row) continue;
    items.push_back(item_key(table, ItemView(*row)));
    partitions.emplace_back(items.back().partition());
  }
  if (items.empty()) return;
  const auto guards = platform_.locks.lock_all(partitions);
  const TablePtr current = catalog_.find(table.realm, table.name);
  if (!current || current->incarnation != table.incarnation ||
      current->settings.ttl.generation != table.settings.ttl.generation ||
      !current->settings.ttl.on()) {
    return;
  }
  storage::Batch batch;
  for (const ItemKey& key : items) {
    storage::Value row;
    if (!platform_.database.get(Family::rows, key.bytes, row)) continue;
    const auto second = expiry_of(ItemView(row.view()), table.settings.ttl.attribute);
    if (second) trails_.enter(batch, table, key, *second);
  }
  if (!batch.empty()) platform_.database.commit(batch);
}

void DynamoDb::expire(const events::Timer& timer) {
  const TablePtr table = catalog_.find(timer.realm, timer.payload);
  storage::Batch batch;
  const std::string id = table ? std::to_string(table->incarnation) + "." +
                                     std::to_string(table->settings.ttl.generation) + "."
                               : "";
  if (!table || !table->settings.ttl.on() || !timer.id.starts_with(id)) {
    platform_.scheduler.cancel(batch, timer);
    platform_.database.commit(batch);
    return;
  }
  // From here on writers arm for themselves; who relied on this timer has committed when all locks
  // were passed, and is found below.
  table->settings.ttl.armed_s->store(TimeToLive::kNever);
  platform_.locks.pass_through_all();
  const WorldTime now = platform_.world.now();
  bool more = true;
  for (size_t round = 0; more && round < kExpireRounds; ++round) {
    more = expire_some(table, now.ms / 1000);
  }
  const auto prefix = expiries_prefix(*table, table->settings.ttl.generation);
  const auto first = trails_.expiries().front(prefix);
  platform_.scheduler.cancel(batch, timer);
  if (first) {
    const Expiration next = read_expiration(*table, first->key, first->value);
    if (more || next.second * 1000 <= now.ms) {
      // At once again; at another time than this one's, so that it is another timer.
      const WorldTime at = timer.due - Milliseconds(1);
      trails_.arm(batch, *table, at.ms / 1000, at);
    } else {
      trails_.arm(batch, *table, next.second, now);
    }
  }
  platform_.database.commit(batch);
}

// Deletes a batch of what is due; false if there was no more.
bool DynamoDb::expire_some(const TablePtr& table, int64_t until_s) {
  const auto prefix = expiries_prefix(*table, table->settings.ttl.generation);
  const auto end = storage::Key(prefix).i64(until_s + 1);
  const auto entries = trails_.expiries().front(prefix, kExpireBatch, end);
  if (entries.empty()) return false;
  std::vector<Expiration> expirations;
  for (const auto& entry : entries) {
    expirations.push_back(read_expiration(*table, entry.key, entry.value));
  }
  expire_items(*table, expirations);
  trails_.expiries().consumed(prefix, entries.back().key + '\0');
  return entries.size() == kExpireBatch;
}

void DynamoDb::expire_items(const Table& known, const std::vector<Expiration>& expirations) {
  std::vector<std::string> partitions;
  for (const auto& expiration : expirations) partitions.emplace_back(expiration.item.partition());
  const auto guards = platform_.locks.lock_all(partitions);
  // Under the locks the current version stays the current one.
  const TablePtr table = catalog_.find(known.realm, known.name);
  if (!table || table->incarnation != known.incarnation || !table->settings.ttl.on() ||
      table->settings.ttl.generation != known.settings.ttl.generation) {
    return;
  }
  const std::string& attribute = known.settings.ttl.attribute;
  const Cause cause{platform_.ids.request_id52(), 0};
  storage::Batch batch;
  std::vector<WriteEffect> effects;
  for (const auto& expiration : expirations) {
    batch.erase(Family::timers, expiration.entry);
    storage::Value row;
    if (!platform_.database.get(Family::rows, expiration.item.bytes, row)) continue;
    if (expiry_of(ItemView(row.view()), attribute) != expiration.second) continue;
    const ItemChange change{row.view(), {}, true};
    effects.push_back(writer_.write(batch, *table, expiration.item, change, cause));
  }
  platform_.database.commit(batch);
  for (const WriteEffect& effect : effects) count(*table, effect);
  if (effects.empty()) return;
  platform_.metrics.add(table->account, table->region, "AWS/DynamoDB", "TimeToLiveDeletedItemCount",
                        table->dimensions, "Count", static_cast<double>(effects.size()));
}

void DynamoDb::finish_in_background(TablePtr table) {
  auto activity = std::make_shared<Activity>(platform_.activities.begin("work on a table"));
  platform_.work.post([this, table, activity] {
    try {
      if (table->settings.restore.from == Restore::From::import) {
        resume_import(table);
        return;
      }
      if (table->settings.restore.under_way()) {
        run_restore(table, platform_.database.snapshot());
        return;
      }
      if (table->settings.ttl.filling) fill_expiries(table);
      backfill(table);
    } catch (const std::exception& error) {
      if (!platform_.realms.alive(table->realm)) return;  // reset meanwhile
      platform_.log.error("dynamodb: background work on table " + table->name +
                          " failed: " + error.what());
    }
  });
}

}  // namespace paddock::services::dynamodb
