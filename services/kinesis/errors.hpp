// Errors of Kinesis with their messages: recorded from AWS, or quoted in public tests that also run
// against it; README.md says which are not confirmed.
#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"
#include "services/kinesis/model.hpp"

namespace paddock::services::kinesis::errors {

inline std::string of_account(std::string_view name, std::string_view account) {
  return std::string(name) + " under account " + std::string(account);
}
inline AwsError invalid_argument(std::string message) {
  return AwsError("InvalidArgumentException", std::move(message));
}
inline AwsError validation(std::string message) {
  return AwsError("ValidationException", std::move(message));
}
inline AwsError in_use(std::string message) {
  return AwsError("ResourceInUseException", std::move(message));
}
inline AwsError not_found(std::string message) {
  return AwsError("ResourceNotFoundException", std::move(message));
}

inline AwsError no_stream(std::string_view name, std::string_view account) {
  return not_found("Stream " + of_account(name, account) + " not found.");
}
inline AwsError no_stream_named() {
  return invalid_argument("Must specify either a StreamName or StreamARN.");
}
inline AwsError names_differ() {
  return invalid_argument("StreamName and StreamARN must refer to the same stream.");
}
inline AwsError stream_exists(std::string_view name, std::string_view account) {
  return in_use("Stream " + of_account(name, account) + " already exists.");
}
inline AwsError shard_limit(const StreamInfo& stream, uint64_t present, uint64_t limit,
                            uint64_t more) {
  return AwsError(
      "LimitExceededException",
      "This request would exceed the shard limit for the account " + stream.account + " in " +
          stream.region + ". Current shard count for the account: " + std::to_string(present) +
          ". Limit: " + std::to_string(limit) +
          ". Number of additional shards that would have resulted from this request: " +
          std::to_string(more) +
          ". Refer to the AWS Service Limits page "
          "(http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current "
          "limits and how to request higher limits.");
}
// Of operations that change shards …
inline AwsError could_not_find_shard(std::string_view shard, const StreamInfo& stream) {
  return not_found("Could not find shard " + std::string(shard) + " in stream " +
                   of_account(stream.name, stream.account) + ".");
}
// … and of those that read them.
inline AwsError no_shard(std::string_view shard, std::string_view stream,
                         std::string_view account) {
  return not_found("Shard " + std::string(shard) + " in stream " + of_account(stream, account) +
                   " does not exist");
}
inline AwsError shard_closed(std::string_view shard, const StreamInfo& stream) {
  return in_use("Shard " + std::string(shard) + " in stream " +
                of_account(stream.name, stream.account) +
                " has already been merged or split, and thus is not eligible for merging or "
                "splitting.");
}
inline AwsError not_adjacent(std::string_view one, std::string_view other,
                             const StreamInfo& stream) {
  return invalid_argument("Shards " + std::string(one) + " and " + std::string(other) +
                          " in stream " + of_account(stream.name, stream.account) +
                          " are not an adjacent pair of shards eligible for merging");
}
inline AwsError bad_split(std::string_view key, const Shard& shard, const StreamInfo& stream) {
  return invalid_argument("NewStartingHashKey " + std::string(key) +
                          " used in SplitShard() on shard " + shard_id(shard.index) +
                          " in stream " + of_account(stream.name, stream.account) +
                          " is not both greater than one plus the shard's StartingHashKey " +
                          hash_key_text(shard.first) + " and less than the shard's EndingHashKey " +
                          hash_key_text(shard.last) + ".");
}
inline AwsError bad_hash_key(std::string_view key) {
  return invalid_argument(
      "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified "
      "value was " +
      std::string(key));
}
inline AwsError bad_minimum_number(std::string_view number, const StreamInfo& stream) {
  return invalid_argument("ExclusiveMinimumSequenceNumber " + std::string(number) +
                          " used in PutRecord on stream " +
                          of_account(stream.name, stream.account) + " is invalid.");
}
inline AwsError bad_iterator() {
  return invalid_argument("Invalid ShardIterator.");
}
inline AwsError expired_iterator(const std::string& created, const std::string& now) {
  return AwsError("ExpiredIteratorException",
                  "Iterator expired. The iterator was created at time " + created +
                      " while right now it is " + now +
                      " which is further in the future than the tolerated delay of 300000 "
                      "milliseconds.");
}
inline AwsError iterator_type(std::string_view type, bool has_number) {
  return invalid_argument(
      "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and "
      "StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request "
      "specified " +
      std::string(type) +
      (has_number ? " and also a StartingSequenceNumber." : " and no StartingSequenceNumber."));
}
inline AwsError no_timestamp() {
  return invalid_argument(
      "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request "
      "has no timestamp parameter.");
}
inline AwsError future_timestamp(int64_t given_ms, int64_t now_ms) {
  return invalid_argument(
      "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "
      "timestampInMillis: " +
      std::to_string(given_ms) + ", currentTimestampInMillis: " + std::to_string(now_ms));
}
inline AwsError bad_starting_number(std::string_view number, std::string_view operation,
                                    uint32_t shard, const StreamInfo& stream, bool foreign) {
  return invalid_argument("StartingSequenceNumber " + std::string(number) + " used in " +
                          std::string(operation) + " on shard " + shard_id(shard) + " in stream " +
                          of_account(stream.name, stream.account) + " is invalid" +
                          (foreign ? " because it did not come from this stream." : "."));
}
inline AwsError number_of_other_shard(uint32_t encoded, uint32_t shard) {
  return invalid_argument("Invalid StartingSequenceNumber. It encodes " + shard_id(encoded) +
                          ", while it was used in a call to a shard with " + shard_id(shard));
}
inline AwsError retention_too_short(int64_t hours) {
  return invalid_argument(
      "Minimum allowed retention period is 24 hours. Requested retention period (" +
      std::to_string(hours) + " hours) is too short.");
}
inline AwsError retention_too_long(int64_t hours) {
  return invalid_argument(
      "Maximum allowed retention period is 8760 hours. Requested retention period (" +
      std::to_string(hours) + " hours) is too long.");
}
inline AwsError retention_direction(const StreamInfo& stream, int64_t hours, bool increase) {
  return invalid_argument("Requested retention period (" + std::to_string(hours) +
                          " hours) for stream " + stream.name + " can not be " +
                          (increase ? "shorter" : "longer") + " than existing retention period (" +
                          std::to_string(stream.retention_hours) + " hours). Use " +
                          (increase ? "Decrease" : "Increase") + "RetentionPeriod API.");
}
inline AwsError bad_tag_characters() {
  return invalid_argument(
      "Some tags contain invalid characters. Valid characters: Unicode letters, digits, white "
      "space, _ . / = + - % @.");
}
inline AwsError too_many_tags(const StreamInfo& stream) {
  return invalid_argument(
      "Failed to add tags to stream " + of_account(stream.name, stream.account) +
      " because a given stream cannot have more than " + "50" + " tags associated with it.");
}
inline AwsError record_too_large(const char* member, uint64_t limit) {
  return validation("1 validation error detected: Value at '" + std::string(member) +
                    "' failed to satisfy constraint: Member must have length less than or equal "
                    "to " +
                    std::to_string(limit));
}
inline AwsError records_too_large() {
  return invalid_argument("Records size exceeds 10 MB limit");
}
inline AwsError throughput(const StreamInfo& stream, uint32_t shard) {
  return AwsError("ProvisionedThroughputExceededException",
                  "Rate exceeded for shard " + shard_id(shard) + " in stream " +
                      of_account(stream.name, stream.account) + ".");
}
inline AwsError token_and_name() {
  return invalid_argument("NextToken and StreamName cannot be provided together.");
}
inline AwsError bad_token() {
  return invalid_argument("Invalid NextToken.");
}
inline AwsError expired_token() {
  return AwsError("ExpiredNextTokenException", "The NextToken has expired.");
}
inline AwsError no_consumer(std::string_view name, const StreamInfo& stream) {
  return not_found("Consumer " + std::string(name) + ", account " + stream.account + ", stream " +
                   stream.name + " not found.");
}
inline AwsError consumer_exists(std::string_view name, const StreamInfo& stream) {
  return in_use("Consumer " + of_account(name, stream.account) + " already exists.");
}
inline AwsError too_many_consumers(const StreamInfo& stream, size_t limit) {
  return AwsError("LimitExceededException",
                  "Stream " + of_account(stream.name, stream.account) +
                      " has the most consumers that it may have: " + std::to_string(limit) + ".");
}
inline AwsError has_consumers(const StreamInfo& stream) {
  return in_use("Stream " + of_account(stream.name, stream.account) +
                " has registered consumers and EnforceConsumerDeletion is not set to true.");
}
inline AwsError active_subscription(const StreamInfo& stream, uint32_t shard,
                                    std::string_view consumer) {
  return in_use("Another active subscription exists for this consumer: " + stream.account + ":" +
                stream.name + ":" + shard_id(shard) + ":" + std::string(consumer));
}

}  // namespace paddock::services::kinesis::errors
