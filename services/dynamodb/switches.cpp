// What people may switch to teach or to test: lagging reads, an outage, throughput. Flags set how
// it begins; /_paddock/settings/dynamodb changes it.
#include <stdexcept>

#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/item_write.hpp"
#include "services/dynamodb/service.hpp"

namespace paddock::services::dynamodb {

namespace switches {

constexpr const char* kReadLag = "read_lag_ms";
constexpr const char* kIndexLag = "index_lag_ms";
constexpr const char* kOutage = "outage";
constexpr const char* kLimits = "limits";
constexpr std::pair<const char*, Throttle::Mode> kModes[] = {{"off", Throttle::Mode::off},
                                                             {"observe", Throttle::Mode::observe},
                                                             {"enforce", Throttle::Mode::enforce}};

int64_t lag(const Json& changes, const char* name, int64_t now) {
  const Json& value = member_or_null(changes, name);
  if (value.is_null()) return now;
  if (!value.is_number_integer() || value.get<int64_t>() < 0 ||
      value.get<int64_t>() > ReadLag::kMostMs) {
    throw std::invalid_argument(std::string(name) + " must be a number of milliseconds from 0 to " +
                                std::to_string(ReadLag::kMostMs) + ".");
  }
  return value.get<int64_t>();
}

bool outage(const Json& changes, bool now) {
  const Json& value = member_or_null(changes, kOutage);
  if (value.is_null()) return now;
  if (!value.is_boolean()) throw std::invalid_argument("outage must be true or false.");
  return value.get<bool>();
}

Throttle::Mode limits(const Json& changes, Throttle::Mode now) {
  const Json& value = member_or_null(changes, kLimits);
  if (value.is_null()) return now;
  for (const auto& [name, mode] : kModes) {
    if (value == name) return mode;
  }
  throw std::invalid_argument("limits must be off, observe or enforce.");
}

}  // namespace switches

Json DynamoDb::settings() const {
  Json settings = {{switches::kReadLag, lag_.ms(ReadLag::Of::tables)},
                   {switches::kIndexLag, lag_.ms(ReadLag::Of::indexes)},
                   {switches::kOutage, lag_.outage()}};
  for (const auto& [name, mode] : switches::kModes) {
    if (mode == throttle_.mode()) settings[switches::kLimits] = name;
  }
  return settings;
}

void DynamoDb::change_settings(const Json& changes) {
  const Json known = settings();
  for (const auto& [name, value] : changes.items()) {
    if (!known.contains(name)) throw std::invalid_argument("Unknown member \"" + name + "\".");
  }
  const int64_t tables = switches::lag(changes, switches::kReadLag, lag_.ms(ReadLag::Of::tables));
  const int64_t indexes =
      switches::lag(changes, switches::kIndexLag, lag_.ms(ReadLag::Of::indexes));
  const bool outage = switches::outage(changes, lag_.outage());
  const Throttle::Mode limits = switches::limits(changes, throttle_.mode());
  lag_.set(tables, indexes);
  lag_.set_outage(outage);
  throttle_.set(limits);
}

bool DynamoDb::read_row(std::string_view key, bool consistent, storage::Value& row,
                        const storage::Snapshot* snapshot) const {
  if (consistent) require_strong_reads();
  const bool exists = platform_.database.get(storage::Family::rows, key, row, snapshot);
  if (consistent || !lag_.lags(ReadLag::Of::tables)) return exists;
  const auto then = lag_.then(ReadLag::Of::tables, key);
  if (!then) return exists;
  row = storage::Value::copy_of(*then);
  return !then->empty();
}

// Local indexes take from their table.
std::optional<AwsError> DynamoDb::take_write(Context& context, const Table& table,
                                             const ItemKey& key, const ItemChange& change,
                                             double factor) {
  storage::Batch unused;
  const Consumed consumed = consumed_by(put_change(unused, table, key, change));
  std::vector<Throttle::Charge> charges{
      {nullptr, consumed.table * factor, partition_of(table, nullptr, key.bytes)}};
  std::vector<std::string> entries;
  entries.reserve(consumed.indexes.size());
  for (const auto& [index, units] : consumed.indexes) {
    if (!index->global) {
      charges.front().units += units;
      continue;
    }
    const std::string_view item = change.after.empty() ? change.before : change.after;
    entries.push_back(entry_key(table, *index, view_of(item), key).value_or(std::string()));
    const std::string& entry = entries.back();
    charges.push_back(
        {index, units, entry.empty() ? std::string_view() : partition_of(table, index, entry)});
  }
  return throttle_.write(context, table, charges);
}

std::optional<AwsError> DynamoDb::take_read(const Context& context, const Table& table,
                                            const Index* index, std::string_view key,
                                            double units) {
  const Throttle::Charge charge{index && index->global ? index : nullptr, units,
                                key.empty() ? std::string_view() : partition_of(table, index, key)};
  return throttle_.read(context, table, {charge});
}

}  // namespace paddock::services::dynamodb
