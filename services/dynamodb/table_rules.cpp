#include "services/dynamodb/table_rules.hpp"

#include <algorithm>
#include <array>

#include "core/text.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/limits.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;

namespace table_rules {

constexpr int64_t kHourMs = 3'600'000;
constexpr int64_t kDayMs = 24 * kHourMs;

bool given(const Json& input, const char* name) {
  return !member_or_null(input, name).is_null();
}

// "Friday, October 9, 2026 at 12:21:34 AM Coordinated Universal Time"
std::string spoken(int64_t ms) {
  constexpr std::array<const char*, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                "Thursday", "Friday", "Saturday"};
  constexpr std::array<const char*, 12> kMonths = {"January",   "February", "March",    "April",
                                                   "May",       "June",     "July",     "August",
                                                   "September", "October",  "November", "December"};
  const CivilTime time = civil_time(ms);
  const auto two = [](int value) {
    const std::string text = std::to_string(value);
    return text.size() < 2 ? "0" + text : text;
  };
  const int hour = time.hour % 12 == 0 ? 12 : time.hour % 12;
  return std::string(kDays[static_cast<size_t>(time.weekday)]) + ", " +
         kMonths[static_cast<size_t>(time.month - 1)] + " " + std::to_string(time.day) + ", " +
         std::to_string(time.year) + " at " + std::to_string(hour) + ":" + two(time.minute) + ":" +
         two(time.second) + (time.hour < 12 ? " AM" : " PM") + " Coordinated Universal Time";
}

AwsError too_many_decreases(int64_t today, int64_t last_ms, int64_t next_ms) {
  return AwsError(
      "LimitExceededException",
      "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC "
      "day. After the first 4 decreases, each subsequent decrease in the same UTC day can be "
      "performed at most once every 3600 seconds. Number of decreases today: " +
          std::to_string(today) + ". Last decrease at " + spoken(last_ms) +
          ". Next decrease can be made at " + spoken(next_ms));
}

}  // namespace table_rules

void check_combination(const Json& input) {
  using table_rules::given;
  constexpr std::array<const char*, 9> kChanges = {m::BillingMode,
                                                   m::ProvisionedThroughput,
                                                   m::GlobalSecondaryIndexUpdates,
                                                   m::StreamSpecification,
                                                   m::SSESpecification,
                                                   m::TableClass,
                                                   m::DeletionProtectionEnabled,
                                                   m::OnDemandThroughput,
                                                   m::WarmThroughput};
  const auto changes = std::count_if(kChanges.begin(), kChanges.end(),
                                     [&](const char* name) { return given(input, name); });
  if (changes == 0) throw errors::nothing_to_update();
  struct Alone {
    const char* member;
    const char* spoken;
  };
  constexpr std::array<Alone, 3> kAlone{
      {{m::SSESpecification, "Server-Side Encryption modification"},
       {m::TableClass, "TableClass modification"},
       {m::DeletionProtectionEnabled, "DeletionProtection modification"}}};
  for (const Alone& alone : kAlone) {
    if (changes > 1 && given(input, alone.member)) {
      throw errors::invalid_parameter(std::string(alone.spoken) +
                                      " must be the only operation in the request");
    }
  }
  const bool units = given(input, m::BillingMode) || given(input, m::ProvisionedThroughput);
  bool makes = false;
  bool drops = false;
  if (given(input, m::GlobalSecondaryIndexUpdates)) {
    for (const Json& update : input.at(m::GlobalSecondaryIndexUpdates)) {
      makes |= given(update, m::Create);
      drops |= given(update, m::Delete);
    }
  }
  if (given(input, m::WarmThroughput)) {
    if (makes) {
      throw errors::invalid_parameter(
          "Create global secondary index cannot be specified when updating WarmThroughput");
    }
    const bool indexes = given(input, m::GlobalSecondaryIndexUpdates);
    if (changes > (indexes ? 2 : 1)) {
      throw errors::invalid_parameter("WarmThroughput must be the only operation in the request");
    }
  }
  if (given(input, m::OnDemandThroughput) && !given(input, m::WarmThroughput)) {
    const bool mode = given(input, m::BillingMode);
    const bool indexes = given(input, m::GlobalSecondaryIndexUpdates);
    if (changes > 1 + int{mode} + int{indexes}) {
      throw errors::invalid_parameter(
          "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request");
    }
  }
  const bool streams = given(input, m::StreamSpecification);
  if (streams && units) {
    throw errors::invalid_parameter("You cannot modify stream status while updating table IOPS");
  }
  if (units && (makes || drops)) {
    throw errors::invalid_parameter("You cannot create or delete index while updating table IOPS");
  }
  if (streams && (makes || drops)) {
    throw errors::invalid_parameter(
        "You cannot create or delete index while changing stream status");
  }
}

int64_t decreases_today(const Throughput& throughput, int64_t now_ms) {
  const bool today =
      throughput.last_decrease_ms / table_rules::kDayMs == now_ms / table_rules::kDayMs;
  return throughput.last_decrease_ms && today ? throughput.decreases : 0;
}

Throughput changed_throughput(const Throughput& current, const Throughput& wanted,
                              std::string_view index, int64_t now_ms) {
  if (wanted.read == current.read && wanted.write == current.write) {
    throw errors::same_throughput(index, current.read, current.write);
  }
  Throughput next{wanted.read, wanted.write, current.last_increase_ms, current.last_decrease_ms};
  next.decreases = decreases_today(current, now_ms);
  if (wanted.read > current.read || wanted.write > current.write) next.last_increase_ms = now_ms;
  if (wanted.read < current.read || wanted.write < current.write) {
    const int64_t free_again = std::min(current.last_decrease_ms + table_rules::kHourMs,
                                        (now_ms / table_rules::kDayMs + 1) * table_rules::kDayMs);
    if (next.decreases >= kFreeDecreases && now_ms < free_again) {
      throw table_rules::too_many_decreases(next.decreases, current.last_decrease_ms, free_again);
    }
    ++next.decreases;
    next.last_decrease_ms = now_ms;
  }
  return next;
}

Json changed_limits(const Json& current, const Json& asked, bool on_demand, std::string_view what,
                    bool at_creation) {
  if (asked.is_null()) return current;
  Json next = current.is_null() ? Json::object() : current;
  for (const char* name : {m::MaxReadRequestUnits, m::MaxWriteRequestUnits}) {
    const Json& value = member_or_null(asked, name);
    if (value.is_null()) continue;
    if (!on_demand) {
      throw errors::invalid_parameter(std::string(name) +
                                      " for OnDemandThroughput cannot be specified when the table "
                                      "BillingMode is PROVISIONED");
    }
    const int64_t units = value.get<int64_t>();
    if (units == -1 && !at_creation) {
      next.erase(name);
      continue;
    }
    if (units < 1) {
      throw errors::invalid_parameter("Requested " + std::string(name) +
                                      " for OnDemandThroughput for " + std::string(what) +
                                      " is outside of valid range");
    }
    next[name] = units;
  }
  return next.empty() ? Json() : next;
}

void check_warm(const Json& shown, const Json& asked, bool on_demand, std::string_view what,
                bool at_creation) {
  for (const char* name : {m::ReadUnitsPerSecond, m::WriteUnitsPerSecond}) {
    const Json& value = member_or_null(asked, name);
    if (value.is_null() || value.get<int64_t>() >= shown.at(name).get<int64_t>()) continue;
    const std::string requested = "Requested " + std::string(name) + " for WarmThroughput for " +
                                  std::string(what) + " is lower than ";
    if (!at_creation) {
      throw errors::invalid_parameter(
          requested + "current WarmThroughput, decreasing WarmThroughput is not supported");
    }
    if (on_demand) {
      throw errors::invalid_parameter(requested + "initial throughput for OnDemand");
    }
    const bool reads = std::string_view(name) == m::ReadUnitsPerSecond;
    throw errors::invalid_parameter(requested +
                                    (reads ? m::ReadCapacityUnits : m::WriteCapacityUnits) +
                                    " of ProvisionedThroughput");
  }
}

void check_stream(const Json& specification, bool creating) {
  if (specification.is_null()) return;
  const bool on = specification.at(m::StreamEnabled).get<bool>();
  const bool view = !member_or_null(specification, m::StreamViewType).is_null();
  if (on == view) return;
  if (creating) {
    throw errors::invalid_parameter(
        on ? "Table is being created with a stream enabled, UpdateViewType is required"
           : "Table is being created with a stream disabled, UpdateViewType should not be "
             "specified");
  }
  throw errors::invalid_parameter(
      on ? "If stream is being enabled then UpdateViewType is required"
         : "If stream is being disabled, then UpdateViewType must not be specified");
}

}  // namespace paddock::services::dynamodb
