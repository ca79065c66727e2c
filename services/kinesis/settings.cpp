// What can be set of a stream, and of an account.
#include <algorithm>

#include "models/kinesis.hpp"
#include "services/kinesis/errors.hpp"
#include "services/kinesis/limits.hpp"
#include "services/kinesis/service.hpp"
#include "services/kinesis/shapes.hpp"

namespace paddock::services::kinesis {

namespace m = models::kinesis_members;

namespace stream_settings {

constexpr const char* kMetrics[] = {"IncomingBytes",
                                    "IncomingRecords",
                                    "OutgoingBytes",
                                    "OutgoingRecords",
                                    "WriteProvisionedThroughputExceeded",
                                    "ReadProvisionedThroughputExceeded",
                                    "IteratorAgeMilliseconds"};
constexpr int64_t kDayMs = 24 * 3'600'000;

// The names that are meant, with ALL for all of them.
std::set<std::string> metrics(const Json& names) {
  std::set<std::string> all;
  for (const Json& name : names) {
    if (name == "ALL") return {std::begin(kMetrics), std::end(kMetrics)};
    all.insert(name.get<std::string>());
  }
  return all;
}

Json list(const std::set<std::string>& names) {
  Json array = Json::array();
  for (const std::string& name : names) array.push_back(name);
  return array;
}

Json monitoring(const StreamInfo& stream, const std::set<std::string>& before) {
  return {{m::StreamName, stream.name},
          {m::StreamARN, stream.arn()},
          {m::CurrentShardLevelMetrics, list(before)},
          {m::DesiredShardLevelMetrics, list(stream.metrics)}};
}

}  // namespace stream_settings

Json warm_throughput_json(const StreamInfo& stream) {
  return {{m::TargetMiBps, stream.warm_mibps}, {m::CurrentMiBps, stream.warm_mibps}};
}

Kinesis::Output Kinesis::increase_retention(Context& context, Json input) {
  const int64_t hours = input.at(m::RetentionPeriodHours);
  change_stream(context, input, [hours](StreamInfo& stream, storage::Batch&) {
    if (hours < limits::kLeastRetentionHours) throw errors::retention_too_short(hours);
    if (hours > limits::kMostRetentionHours) throw errors::retention_too_long(hours);
    if (hours < stream.retention_hours) throw errors::retention_direction(stream, hours, true);
    stream.retention_hours = hours;
  });
  return {};
}

Kinesis::Output Kinesis::decrease_retention(Context& context, Json input) {
  const int64_t hours = input.at(m::RetentionPeriodHours);
  change_stream(context, input, [this, hours](StreamInfo& stream, storage::Batch& batch) {
    if (hours < limits::kLeastRetentionHours) throw errors::retention_too_short(hours);
    if (hours > stream.retention_hours) throw errors::retention_direction(stream, hours, false);
    stream.retention_hours = hours;
    set_trim_timer(stream, platform_.world.now() + Milliseconds(1), batch);
  });
  return {};
}

Kinesis::Output Kinesis::enable_monitoring(Context& context, Json input) {
  std::set<std::string> before;
  const StreamPtr stream = change_stream(context, input, [&](StreamInfo& changed, storage::Batch&) {
    before = changed.metrics;
    changed.metrics.merge(stream_settings::metrics(input.at(m::ShardLevelMetrics)));
  });
  return stream_settings::monitoring(*stream, before);
}

Kinesis::Output Kinesis::disable_monitoring(Context& context, Json input) {
  std::set<std::string> before;
  const StreamPtr stream = change_stream(context, input, [&](StreamInfo& changed, storage::Batch&) {
    before = changed.metrics;
    for (const std::string& name : stream_settings::metrics(input.at(m::ShardLevelMetrics))) {
      changed.metrics.erase(name);
    }
  });
  return stream_settings::monitoring(*stream, before);
}

Kinesis::Output Kinesis::start_encryption(Context& context, Json input) {
  if (input.at(m::EncryptionType) != "KMS") {
    throw errors::invalid_argument("EncryptionType must be KMS.");
  }
  change_stream(context, input, [&input](StreamInfo& stream, storage::Batch&) {
    stream.key_id = input.at(m::KeyId);
  });
  return {};
}

Kinesis::Output Kinesis::stop_encryption(Context& context, Json input) {
  change_stream(context, input, [](StreamInfo& stream, storage::Batch&) { stream.key_id.clear(); });
  return {};
}

Kinesis::Output Kinesis::update_stream_mode(Context& context, Json input) {
  const bool on_demand = input.at(m::StreamModeDetails).at(m::StreamMode) == "ON_DEMAND";
  const uint64_t warm = input.value(m::WarmThroughputMiBps, uint64_t{0});
  if (!on_demand && warm != 0) {
    throw errors::validation("WarmThroughputMiBps is for streams in ON_DEMAND mode.");
  }
  change_stream(context, input, [&](StreamInfo& stream, storage::Batch&) {
    stream.on_demand = on_demand;
    stream.warm_mibps = warm;
    stream.mode_changed_ms = platform_.world.now().ms;
  });
  return {};
}

Kinesis::Output Kinesis::update_max_record_size(Context& context, Json input) {
  change_stream(context, input, [&input](StreamInfo& stream, storage::Batch&) {
    stream.max_record_kib = input.at(m::MaxRecordSizeInKiB);
  });
  return {};
}

Kinesis::Output Kinesis::update_warm_throughput(Context& context, Json input) {
  const StreamPtr stream =
      change_stream(context, input, [&input](StreamInfo& changed, storage::Batch&) {
        if (!changed.on_demand) {
          throw errors::validation("WarmThroughputMiBps is for streams in ON_DEMAND mode.");
        }
        changed.warm_mibps = input.at(m::WarmThroughputMiBps);
      });
  return Json{{m::StreamName, stream->name},
              {m::StreamARN, stream->arn()},
              {m::WarmThroughput, warm_throughput_json(*stream)}};
}

Kinesis::Output Kinesis::describe_account_settings(Context& context, Json) {
  Json settings = store_.account(context.realm->id);
  if (settings.empty()) settings = {{m::Status, "DISABLED"}};
  return Json{{m::MinimumThroughputBillingCommitment, std::move(settings)}};
}

// A commitment is for 24 hours at least.
Kinesis::Output Kinesis::update_account_settings(Context& context, Json input) {
  const bool enable = input.at(m::MinimumThroughputBillingCommitment).at(m::Status) == "ENABLED";
  const int64_t now = platform_.world.now().ms;
  Json settings = store_.account(context.realm->id);
  if (enable) {
    settings = {{m::Status, "ENABLED"},
                {m::StartedAt, now},
                {m::EarliestAllowedEndAt, now + stream_settings::kDayMs}};
  } else if (!settings.empty() && settings.value(m::Status, std::string()) == "ENABLED") {
    if (now < settings.at(m::EarliestAllowedEndAt).get<int64_t>()) {
      settings[m::Status] = "ENABLED_UNTIL_EARLIEST_ALLOWED_END";
    } else {
      settings = {{m::Status, "DISABLED"}, {m::EndedAt, now}};
    }
  } else if (settings.empty()) {
    settings = {{m::Status, "DISABLED"}};
  }
  storage::Batch batch;
  store_.put_account(context.realm->id, settings, batch);
  context.commit(batch);
  return Json{{m::MinimumThroughputBillingCommitment, std::move(settings)}};
}

}  // namespace paddock::services::kinesis
