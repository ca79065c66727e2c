// Rules of event source mappings on queues. Pure functions; what they refuse is an
// InvalidParameterValueException.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
#pragma once

#include <optional>
#include <string>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "events/queue_source.hpp"

namespace paddock::services::lambda {

// Members of the input of a create or update that only streams know.
void refuse_stream_settings(const Json& input);
// EventSourceMappingConfiguration of CreateEventSourceMapping's input.
Json new_queue_mapping(const Json& input, const std::string& uuid, const std::string& mapping_arn,
                       const std::string& function_arn, int64_t now_ms);
// Whether such a mapping may be: the queue exists, and its kind, its time-out and the batch fit.
void check_queue_mapping(const Json& config, const std::optional<events::QueueFacts>& queue,
                         int64_t function_timeout_seconds);

}  // namespace paddock::services::lambda
