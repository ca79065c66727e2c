// The errors of SQS with AWS's messages. Codes are those of the JSON protocol; the models know what
// the query protocol calls them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace paddock::services::sqs::errors {

inline AwsError invalid_parameter(std::string message) {
  return AwsError("InvalidParameterValueException", std::move(message));
}
inline AwsError invalid_value(std::string_view value, std::string_view parameter,
                              std::string_view reason) {
  return invalid_parameter("Value " + std::string(value) + " for parameter " +
                           std::string(parameter) + " is invalid. Reason: " + std::string(reason));
}
inline AwsError missing(std::string_view parameter) {
  return AwsError("MissingRequiredParameterException",
                  "The request must contain the parameter " + std::string(parameter) + ".");
}
// The text differs by protocol, as recorded.
inline AwsError no_queue(bool query) {
  return AwsError("QueueDoesNotExist",
                  query ? "The specified queue does not exist for this wsdl version."
                        : "The specified queue does not exist.");
}
inline AwsError queue_exists(std::string_view attribute) {
  return AwsError("QueueNameExists",
                  "A queue already exists with the same name and a different value for attribute " +
                      std::string(attribute));
}
inline AwsError queue_deleted_recently() {
  return AwsError("QueueDeletedRecently",
                  "You must wait 60 seconds after deleting a queue before you can create another "
                  "with the same name.");
}
inline AwsError purge_in_progress(const std::string& queue) {
  return AwsError("PurgeQueueInProgress",
                  "Only one PurgeQueue operation on " + queue + " is allowed every 60 seconds.",
                  403);
}
inline AwsError invalid_address(std::string_view address) {
  return AwsError("InvalidAddress",
                  "The address " + std::string(address) + " is not valid for this endpoint.", 404);
}

inline AwsError queue_name() {
  return invalid_parameter(
      "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
}
inline AwsError fifo_queue_name() {
  return invalid_parameter(
      "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, "
      "must end with .fifo suffix and be 1 to 80 in length");
}
inline AwsError unknown_attribute(std::string_view name) {
  return AwsError("InvalidAttributeName", "Unknown Attribute " + std::string(name) + ".");
}
inline AwsError fifo_only_attribute(std::string_view name) {
  return AwsError("InvalidAttributeName", "You can specify the " + std::string(name) +
                                              " only when FifoQueue is set to true.");
}
inline AwsError two_encryptions() {
  return AwsError("InvalidAttributeName",
                  "You can use one type of server-side encryption (SSE) at one time. You can "
                  "either enable KMS SSE or SQS SSE.");
}
inline AwsError attribute_value(std::string_view name) {
  return AwsError("InvalidAttributeValue",
                  "Invalid value for the parameter " + std::string(name) + ".");
}
inline AwsError queue_type_fixed() {
  return AwsError("InvalidAttributeValue",
                  "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not "
                  "supported.");
}

inline AwsError message_too_long(int64_t limit) {
  return invalid_parameter(
      "One or more parameters are invalid. Reason: Message must be shorter "
      "than " +
      std::to_string(limit) + " bytes.");
}
// The same of an entry of a batch.
inline AwsError entry_too_long(int64_t limit) {
  return invalid_parameter(
      "One or more parameters cannot be validated. Reason: Message must be "
      "shorter than " +
      std::to_string(limit) + " bytes.");
}
inline AwsError message_characters() {
  return AwsError("InvalidMessageContents",
                  "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 "
                  "to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF");
}
inline AwsError fifo_id(std::string_view value, std::string_view parameter) {
  return invalid_value(value, parameter,
                       std::string(parameter) +
                           " can only include alphanumeric and punctuation characters. 1 to 128 in "
                           "length.");
}
inline AwsError not_of_queue_type(std::string_view value, std::string_view parameter) {
  return invalid_value(value, parameter,
                       "The request include parameter that is not valid for this queue type.");
}
inline AwsError no_deduplication() {
  return invalid_parameter(
      "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId "
      "provided explicitly");
}

inline AwsError bad_receipt_handle(std::string_view handle) {
  return AwsError(
      "ReceiptHandleIsInvalid",
      "The input receipt handle \"" + std::string(handle) + "\" is not a valid receipt handle.",
      404);
}
inline AwsError expired_receipt_handle(std::string_view handle) {
  return invalid_value(handle, "ReceiptHandle", "The receipt handle has expired.");
}
inline AwsError not_available(std::string_view handle) {
  return invalid_value(handle, "ReceiptHandle",
                       "Message does not exist or is not available for visibility timeout change.");
}
inline AwsError over_limit(int64_t limit) {
  return AwsError("OverLimit",
                  "The maximum number of in flight messages is reached: " + std::to_string(limit),
                  403);
}

inline AwsError empty_batch(std::string_view entry) {
  return AwsError("EmptyBatchRequest",
                  "There should be at least one " + std::string(entry) + " in the request.");
}
inline AwsError too_many_entries(size_t sent) {
  return AwsError(
      "TooManyEntriesInBatchRequest",
      "Maximum number of entries per request are 10. You have sent " + std::to_string(sent) + ".");
}
inline AwsError batch_entry_id() {
  return AwsError("InvalidBatchEntryId",
                  "A batch entry id can only contain alphanumeric characters, hyphens and "
                  "underscores. It can be at most 80 letters long.");
}
inline AwsError repeated_entry_id(std::string_view id) {
  return AwsError("BatchEntryIdsNotDistinct", "Id " + std::string(id) + " repeated.");
}
inline AwsError batch_too_long(int64_t bytes) {
  return AwsError("BatchRequestTooLong",
                  "Batch requests cannot be longer than 1048576 bytes. You have sent " +
                      std::to_string(bytes) + " bytes.");
}

inline AwsError no_resource(std::string_view parameter) {
  return AwsError("ResourceNotFoundException",
                  "The resource that you specified for the " + std::string(parameter) +
                      " parameter doesn't exist.",
                  404);
}
inline AwsError no_task() {
  return AwsError("ResourceNotFoundException", "Task does not exist.", 404);
}

}  // namespace paddock::services::sqs::errors
