// Event source mappings as resources; poller.cpp runs them.
#include <algorithm>

#include "core/arn.hpp"
#include "core/text.hpp"
#include "events/log_source.hpp"
#include "events/queue_source.hpp"
#include "services/lambda/errors.hpp"
#include "services/lambda/filter.hpp"
#include "services/lambda/limits.hpp"
#include "services/lambda/paging.hpp"
#include "services/lambda/queue_mappings.hpp"
#include "services/lambda/service.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::lambda {
namespace mapping_rules {

// Records of failed batches go to a queue, a topic or a bucket.
// https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-errors.html
void check_failure_destination(const std::string& text) {
  if (text.starts_with("kafka://")) {
    throw errors::not_emulated("A Kafka topic as DestinationConfig.OnFailure");
  }
  const std::optional<Arn> arn = Arn::parse(text);
  const std::string service = arn ? arn->service : "";
  if (!text.empty() && service != "sqs" && service != "sns" && service != "s3") {
    throw errors::invalid_parameter(
        "The provided destination config DestinationConfig(onSuccess=null, "
        "onFailure=OnFailure(destination=" +
        text + ")) is invalid.");
  }
}

// Members that concern other kinds of sources, or what is not built yet: refused by name.
void refuse_unbuilt(const Json& input) {
  for (const char* name :
       {members::Topics, members::Queues, members::SourceAccessConfigurations,
        members::SelfManagedEventSource, members::AmazonManagedKafkaEventSourceConfig,
        members::SelfManagedKafkaEventSourceConfig, members::DocumentDBEventSourceConfig,
        members::KMSKeyArn, members::MetricsConfig, members::LoggingConfig,
        members::ProvisionedPollerConfig}) {
    if (input.contains(name) && !input[name].empty()) {
      throw errors::not_emulated(name);
    }
  }
}

void check_stream_settings(const Json& input) {
  if (input.contains(members::ScalingConfig)) {
    throw errors::unsupported_in_mapping(members::ScalingConfig);
  }
  if (const auto destinations = input.find(members::DestinationConfig);
      destinations != input.end()) {
    if (destinations->contains(members::OnSuccess)) {
      throw errors::unsupported_in_mapping(members::DestinationConfig);
    }
    check_failure_destination(destinations->value(members::OnFailure, Json::object())
                                  .value(members::Destination, std::string()));
  }
  const int64_t age = input.value(members::MaximumRecordAgeInSeconds, int64_t{-1});
  if (age != -1 && age < 60) {
    throw errors::invalid_parameter(
        "MaximumRecordAgeInSeconds must be -1 or between 60 and 604800.");
  }
}

const char* settled_state(const Mapping& mapping) {
  return mapping.enabled ? "Enabled" : "Disabled";
}

// What a mapping that is like another of the same queue or stream and function is answered with.
AwsError exists(const Mapping& other, const std::string& function) {
  const std::string tail =
      "already exists. Please update or delete the existing mapping with UUID " + other.uuid();
  const std::string pair =
      " arn (\" " + other.source_arn() + " \") and function (\" " + function + " \") ";
  return errors::conflict(other.is_of_queue()
                              ? "An event source mapping with SQS" + pair + tail
                              : "The event source" + pair + "provided mapping " + tail);
}

}  // namespace mapping_rules

Json Lambda::mapping_document(const Context& context, const Mapping& mapping,
                              const char* state) const {
  Json document = mapping.config;
  document[members::State] = state;
  if (!mapping.is_of_queue()) {
    document[members::LastProcessingResult] = store_.result(context.realm->id, mapping.uuid());
  }
  return document;
}

Mapping Lambda::require_mapping(const Context& context, const std::string& uuid) const {
  std::optional<Mapping> mapping = store_.mapping(context.realm->id, uuid);
  if (!mapping) {
    throw errors::resource_not_found();
  }
  return *std::move(mapping);
}

// Where to start is fixed at the creation: what is written after it is to be read, also with
// LATEST.
Lambda::Starts Lambda::stream_starts(const Json& input, const Arn& source) const {
  const std::string source_arn = input.at(members::EventSourceArn);
  events::LogSource* log = platform_.log_sources.find(source.service);
  if (log == nullptr) {
    throw errors::not_emulated("An event source of " + source.service);
  }
  if (!input.contains(members::StartingPosition)) {
    throw errors::invalid_parameter(
        "1 validation error detected: Value null at 'startingPosition' failed to satisfy "
        "constraint: Member must not be null.");
  }
  const std::string start = input[members::StartingPosition];
  if (start == "AT_TIMESTAMP" && source.service == "dynamodb") {
    throw errors::invalid_parameter("Unsupported starting position for arn type: " + source_arn);
  }
  if (start == "AT_TIMESTAMP" && !input.contains(members::StartingPositionTimestamp)) {
    throw errors::invalid_parameter(
        "StartingPositionTimestamp must be set when StartingPosition is AT_TIMESTAMP.");
  }
  mapping_rules::refuse_unbuilt(input);
  mapping_rules::check_stream_settings(input);
  const Filter filter(input.value(members::FilterCriteria, Json::object()));  // only to check it
  Starts starts;
  try {
    for (const events::LogShard& shard : log->shards(source_arn)) {
      ShardPosition position;
      position.position = log->start_position(
          source_arn, shard.id,
          start == "LATEST"         ? events::StartAt::latest
          : start == "AT_TIMESTAMP" ? events::StartAt::timestamp
                                    : events::StartAt::trim_horizon,
          WorldTime{input.value(members::StartingPositionTimestamp, int64_t{0})});
      starts.emplace_back(shard.id, position);
    }
  } catch (const AwsError& error) {
    if (error.code() != "ResourceNotFoundException") {
      throw;
    }
    throw errors::invalid_parameter("Stream not found: " + source_arn);
  }
  return starts;
}

void Lambda::check_queue_mapping(const Json& config, const Function& function) const {
  const Filter filter(config.value(members::FilterCriteria, Json::object()));  // only to check it
  events::QueueSource* queues = platform_.log_sources.queues();
  if (queues == nullptr) {
    throw errors::not_emulated("An event source of sqs");
  }
  lambda::check_queue_mapping(config, queues->facts(config.at(members::EventSourceArn)),
                              function.config.value(members::Timeout, kDefaultTimeoutSeconds));
}

gateway::Output Lambda::create_mapping(Context& context, Json input) {
  const std::string source_arn = input.value(members::EventSourceArn, std::string());
  const std::optional<Arn> source = Arn::parse(source_arn);
  if (!source) {
    throw errors::invalid_parameter("Unrecognized event source.");
  }
  const Target target = target_of(context, input);
  const auto resolved = resolve(store_, context.realm->id, target.name, target.qualifier);
  if (!resolved) {
    throw errors::invalid_parameter("Function does not exist");
  }
  const std::string uuid = platform_.ids.uuid(context.realm->id, "lambda-mapping");
  const std::string arn = context.arn("event-source-mapping:" + uuid);
  const int64_t now = platform_.world.now().ms;
  Mapping mapping;
  mapping.enabled = input.value(members::Enabled, true);
  mapping.tags = input.value(members::Tags, Json::object());
  Starts starts;
  const bool of_queue = source->service == "sqs";
  if (of_queue) {
    mapping_rules::refuse_unbuilt(input);
    refuse_stream_settings(input);
    mapping.config = new_queue_mapping(input, uuid, arn, target.named_arn(), now);
    check_queue_mapping(mapping.config, resolved->function);
  } else {
    starts = stream_starts(input, *source);
    mapping.config = new_mapping(input, uuid, arn, target.named_arn(), now);
  }

  // One lock for all mappings of the realm: no two may join the same pair.
  const auto guard = platform_.locks.lock(Store::mapping_key(context.realm->id, ""));
  for (const Mapping& other : store_.mappings(context.realm->id)) {
    if (other.source_arn() == source_arn &&
        other.config.at(members::FunctionArn) == target.named_arn()) {
      throw mapping_rules::exists(other, target.name);
    }
  }
  storage::Batch batch;
  store_.put_mapping(context.realm->id, mapping, batch);
  for (const auto& [shard, position] : starts) {
    store_.put_position(context.realm->id, uuid, shard, position, batch);
  }
  batch.after_commit(
      [this, realm = context.realm, mapping](uint64_t) { pollers_.put(realm, mapping); });
  context.commit(batch);
  return mapping_document(context, mapping, of_queue && !mapping.enabled ? "Disabled" : "Creating");
}

gateway::Output Lambda::get_mapping(Context& context, Json input) {
  const Mapping mapping = require_mapping(context, input.at(members::UUID));
  return mapping_document(context, mapping, mapping_rules::settled_state(mapping));
}

gateway::Output Lambda::list_mappings(Context& context, Json input) {
  const std::string source = input.value(members::EventSourceArn, std::string());
  const FunctionName function =
      parse_function_name(input.value(members::FunctionName, std::string()));
  std::vector<std::pair<std::string, Json>> items;
  for (const Mapping& mapping : store_.mappings(context.realm->id)) {
    if ((!source.empty() && mapping.source_arn() != source) ||
        (!function.name.empty() && mapping.function_name() != function.name) ||
        (!function.qualifier.empty() && mapping.function_qualifier() != function.qualifier)) {
      continue;
    }
    items.emplace_back(mapping.uuid(),
                       mapping_document(context, mapping, mapping_rules::settled_state(mapping)));
  }
  return pages::of(input, members::EventSourceMappings, std::move(items), kMostMappingsListed);
}

gateway::Output Lambda::update_mapping(Context& context, Json input) {
  const std::string uuid = input.at(members::UUID);
  const auto guard = platform_.locks.lock(Store::mapping_key(context.realm->id, uuid));
  Mapping mapping = require_mapping(context, uuid);
  mapping_rules::refuse_unbuilt(input);
  if (mapping.is_of_queue()) {
    refuse_stream_settings(input);
  } else {
    mapping_rules::check_stream_settings(input);
  }
  if (input.contains(members::FilterCriteria)) {
    const Filter filter(input[members::FilterCriteria]);  // only to check it
  }
  if (input.contains(members::FunctionName)) {
    const Target target = target_of(context, input);
    if (!resolve(store_, context.realm->id, target.name, target.qualifier)) {
      throw errors::invalid_parameter("Function does not exist");
    }
    mapping.config[members::FunctionArn] = target.named_arn();
  }
  const bool was_enabled = mapping.enabled;
  mapping.enabled = input.value(members::Enabled, was_enabled);
  mapping.config = updated_mapping(std::move(mapping.config), input, platform_.world.now().ms);
  if (const auto function =
          resolve(store_, context.realm->id, mapping.function_name(), mapping.function_qualifier());
      function && mapping.is_of_queue()) {
    check_queue_mapping(mapping.config, function->function);
  }
  storage::Batch batch;
  store_.put_mapping(context.realm->id, mapping, batch);
  batch.after_commit(
      [this, realm = context.realm, mapping](uint64_t) { pollers_.put(realm, mapping); });
  context.commit(batch);
  const char* state = mapping.enabled == was_enabled ? "Updating"
                      : mapping.enabled              ? "Enabling"
                                                     : "Disabling";
  return mapping_document(context, mapping, state);
}

gateway::Output Lambda::delete_mapping(Context& context, Json input) {
  const std::string uuid = input.at(members::UUID);
  const auto guard = platform_.locks.lock(Store::mapping_key(context.realm->id, uuid));
  const Mapping mapping = require_mapping(context, uuid);
  Json answer = mapping_document(context, mapping, "Deleting");
  storage::Batch batch;
  store_.erase_mapping(context.realm->id, uuid, batch);
  invoke_store_.erase_windows(context.realm->id, uuid, batch);
  batch.after_commit(
      [this, realm = context.realm->id, uuid](uint64_t) { pollers_.remove(realm, uuid); });
  context.commit(batch);
  return answer;
}

}  // namespace paddock::services::lambda
