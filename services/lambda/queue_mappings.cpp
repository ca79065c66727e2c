#include "services/lambda/queue_mappings.hpp"

#include "models/lambda.hpp"
#include "services/lambda/errors.hpp"
#include "services/lambda/limits.hpp"
#include "services/lambda/model.hpp"

namespace paddock::services::lambda {

void refuse_stream_settings(const Json& input) {
  if (input.contains(members::StartingPosition) ||
      input.contains(members::StartingPositionTimestamp)) {
    throw errors::invalid_parameter("StartingPosition is not valid for SQS event sources.");
  }
  for (const char* name : {members::ParallelizationFactor, members::MaximumRecordAgeInSeconds,
                           members::MaximumRetryAttempts, members::BisectBatchOnFunctionError,
                           members::TumblingWindowInSeconds, members::DestinationConfig}) {
    if (input.contains(name) && !(input[name].is_object() && input[name].empty())) {
      throw errors::unsupported_in_mapping(name);
    }
  }
}

Json new_queue_mapping(const Json& input, const std::string& uuid, const std::string& mapping_arn,
                       const std::string& function_arn, int64_t now_ms) {
  Json config = {
      {members::UUID, uuid},
      {members::EventSourceMappingArn, mapping_arn},
      {members::FunctionArn, function_arn},
      {members::EventSourceArn, input.at(members::EventSourceArn)},
      {members::BatchSize, kDefaultQueueBatch},
      {members::MaximumBatchingWindowInSeconds, 0},
      {members::FunctionResponseTypes, Json::array()},
      {members::StateTransitionReason, "USER_INITIATED"},
  };
  return updated_mapping(std::move(config), input, now_ms);
}

void check_queue_mapping(const Json& config, const std::optional<events::QueueFacts>& queue,
                         int64_t function_timeout_seconds) {
  const int64_t window = config.at(members::MaximumBatchingWindowInSeconds);
  if (config.at(members::BatchSize) > kMostUnwindowedQueueBatch && window == 0) {
    throw errors::invalid_parameter(
        "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater "
        "than 10");
  }
  if (!queue) {
    throw errors::invalid_parameter(
        "Error occurred while ReceiveMessage. SQS Error Code: "
        "AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not "
        "exist.");
  }
  // So a batch of a FIFO queue has ten messages at most.
  if (queue->fifo && window > 0) {
    throw errors::invalid_parameter("Batching window is not supported for FIFO queues");
  }
  const int64_t visibility = queue->visibility.count() / 1000;
  if (visibility < function_timeout_seconds) {
    throw errors::invalid_parameter("Queue visibility timeout: " + std::to_string(visibility) +
                                    " seconds is less than Function timeout: " +
                                    std::to_string(function_timeout_seconds) + " seconds");
  }
}

}  // namespace paddock::services::lambda
