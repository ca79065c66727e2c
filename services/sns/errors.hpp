// SNS's errors with AWS's messages. Codes are the shapes' names; the wire layer knows what they are
// called there ("InvalidParameter").
#pragma once

#include <string>

#include "core/error.hpp"

namespace paddock::services::sns::errors {

// `what`: all that follows "Invalid parameter: ".
inline AwsError invalid(const std::string& what) {
  return AwsError("InvalidParameterException", "Invalid parameter: " + what);
}
// Without the words in front; some checks have their own sentence.
inline AwsError invalid_sentence(std::string sentence) {
  return AwsError("InvalidParameterException", std::move(sentence));
}
inline AwsError malformed_arn(const std::string& parameter, size_t elements) {
  return invalid(parameter + " Reason: An ARN must have at least 6 elements, not " +
                 std::to_string(elements));
}
inline AwsError missing(const std::string& parameter) {
  return invalid(parameter + " Reason: no value for required parameter");
}
inline AwsError invalid_value(std::string message) {
  return AwsError("InvalidParameterValueException", std::move(message));
}
inline AwsError validation(std::string message) {
  return AwsError("ValidationError", std::move(message));
}

inline AwsError not_found(const std::string& what) {
  return AwsError("NotFoundException", what + " does not exist", 404);
}
inline AwsError topic_not_found() {
  return not_found("Topic");
}
inline AwsError subscription_not_found() {
  return not_found("Subscription");
}
inline AwsError application_not_found() {
  return not_found("PlatformApplication");
}
inline AwsError endpoint_not_found() {
  return not_found("Endpoint");
}
inline AwsError resource_not_found() {
  return AwsError("ResourceNotFoundException", "Resource does not exist", 404);
}
inline AwsError endpoint_disabled() {
  return AwsError("EndpointDisabledException", "Endpoint is disabled");
}
inline AwsError opted_out() {
  return AwsError("OptedOutException", "The phone number is opted out");
}

inline AwsError too_many_tags() {
  return AwsError("TagLimitExceededException",
                  "Could not complete request: tag quota of per resource exceeded");
}
inline AwsError too_many_topics() {
  return AwsError("TopicLimitExceededException", "Topic limit exceeded", 403);
}
inline AwsError too_many_filters() {
  return AwsError("FilterPolicyLimitExceededException", "Filter policy limit exceeded", 403);
}

inline AwsError empty_batch() {
  return AwsError("EmptyBatchRequestException", "The batch request doesn't contain any entries.");
}
inline AwsError too_many_entries() {
  return AwsError("TooManyEntriesInBatchRequestException",
                  "The batch request contains more entries than permissible.");
}
inline AwsError entry_ids_not_distinct() {
  return AwsError("BatchEntryIdsNotDistinctException",
                  "Two or more batch entries in the request have the same Id.");
}
inline AwsError batch_too_long() {
  return AwsError("BatchRequestTooLongException",
                  "The length of all the messages put together is more than the limit.");
}
inline AwsError invalid_entry_id(const std::string& problem) {
  return AwsError("InvalidBatchEntryIdException",
                  "The Id of a batch entry in the batch request " + problem);
}

// Refused by name: a part of SNS that is not emulated.
inline AwsError not_emulated(const std::string& what) {
  return AwsError("InternalFailure", what + " is not emulated yet.", 501);
}

}  // namespace paddock::services::sns::errors
