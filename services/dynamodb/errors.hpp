// Every message of DynamoDB and its streams, in one place: AWS rewords them region by region.
// Sources: answers recorded from AWS, the API reference, and the public issue trackers of other
// emulators that quote AWS's answers.
#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"

namespace paddock::services::dynamodb::errors {

inline AwsError validation(std::string message) {
  return AwsError("ValidationException", std::move(message));
}
inline AwsError invalid_parameter(std::string_view what) {
  return validation("One or more parameter values were invalid: " + std::string(what));
}
// A broken constraint in the words of the model's validation.
inline AwsError constraint(std::string_view value, std::string_view path, std::string_view rule) {
  return validation("1 validation error detected: Value '" + std::string(value) + "' at '" +
                    std::string(path) + "' failed to satisfy constraint: " + std::string(rule));
}

// A refusal of the newer layer as PutItem, UpdateItem and DeleteItem say it (request_layer.hpp).
inline AwsError enveloped(std::string_view message) {
  return validation("1 validation error detected: " + std::string(message));
}
// Parts of messages about broken constraints, as the newer layer words them ("UPDATE_NEW" and "ALL"
// are AWS's own slips).
inline std::string unknown_return_values() {
  return "Failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, UPDATED_OLD, "
         "ALL_NEW, UPDATE_NEW, NONE]";
}
inline std::string unknown_conditional_operator() {
  return "Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]";
}
inline std::string bad_write_requests(const std::string& table, const std::string& list) {
  return "Value '{" + table + "=" + list +
         "}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: "
         "[Member must have length less than or equal to 25, Member must have length greater than "
         "or equal to 1]";
}

// A parameter that AWS has and this emulator does not yet.
inline AwsError unsupported(std::string_view parameter, std::string_view operation) {
  return AwsError("InternalFailure",
                  "not supported yet by this emulator: parameter " + std::string(parameter) +
                      " of " + std::string(operation),
                  501);
}

// Tables.
inline AwsError missing_table_name() {
  return validation("The parameter 'TableName' is required but was not present in the request");
}
inline AwsError no_such_resource() {  // data operations
  return AwsError("ResourceNotFoundException", "Requested resource not found");
}
inline AwsError no_such_table(std::string_view name) {  // table operations
  return AwsError("ResourceNotFoundException",
                  "Requested resource not found: Table: " + std::string(name) + " not found");
}
inline AwsError table_not_found(std::string_view name) {  // backups
  return AwsError("TableNotFoundException", "Table not found: " + std::string(name));
}
inline AwsError no_such_arn(std::string_view arn) {  // tags
  return AwsError("ResourceNotFoundException",
                  "Requested resource not found: ResourcArn: " + std::string(arn) + " not found");
}
inline AwsError tags_denied(std::string_view user, std::string_view operation,
                            std::string_view arn) {
  return AwsError("AccessDeniedException",
                  "User: " + std::string(user) +
                      " is not authorized to perform: dynamodb:" + std::string(operation) +
                      " on resource: " + (arn.empty() ? "*" : std::string(arn)));
}
inline AwsError invalid_table_arn(std::string_view arn) {
  return validation("Invalid TableArn: Invalid ResourceArn provided as input " + std::string(arn));
}
inline AwsError table_exists(std::string_view name) {
  return AwsError("ResourceInUseException", "Table already exists: " + std::string(name));
}
inline AwsError deletion_protected() {
  return validation(
      "Resource cannot be deleted as it is currently protected against deletion. "
      "Disable deletion protection first.");
}
inline AwsError too_many_tables() {
  return AwsError("LimitExceededException",
                  "Subscriber limit exceeded: Table creation quota of 2500 tables is reached");
}
inline AwsError one_index_at_a_time() {
  return AwsError("LimitExceededException",
                  "Subscriber limit exceeded: Only 1 online index can be created or deleted "
                  "simultaneously per table");
}
inline AwsError out_of_bounds(std::string_view value, std::string_view member) {
  return validation("Given value " + std::string(value) + " for " + std::string(member) +
                    " is out of bounds");
}
inline AwsError no_such_index(std::string_view name) {
  return validation("The table does not have the specified index: " + std::string(name));
}
inline AwsError no_such_index_to_change(std::string_view name, std::string_view table) {
  return AwsError("ResourceNotFoundException", "Requested resource not found: Index " +
                                                   std::string(name) + " for table " +
                                                   std::string(table));
}
inline AwsError backfilling_index(std::string_view name) {
  return validation("Cannot read from backfilling global secondary index: " + std::string(name));
}
inline AwsError nothing_to_update() {
  return validation(
      "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
      "GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, "
      "ReplicaTransitRoleArn, MultiRegionConsistency, DeletionProtectionEnabled, "
      "OnDemandThroughput, WarmThroughput or TableClass is required");
}
inline AwsError first_key_not_hash() {
  return validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
}
inline AwsError hash_after_range(const std::string& attribute) {
  return validation(
      "Invalid KeySchema: HASH key attributes must come before RANGE key attributes: " + attribute);
}
inline AwsError repeated_key_attribute(const std::string& attribute) {
  return validation("Invalid KeySchema: Duplicate key attribute: " + attribute);
}
inline AwsError too_many_key_attributes() {
  return validation(
      "Invalid KeySchema: A global secondary index can have up to 4 HASH and 4 RANGE key "
      "attributes");
}
inline AwsError same_throughput(std::string_view index, int64_t read, int64_t write) {
  const std::string what = index.empty() ? "table" : "index " + std::string(index);
  const std::string reads = std::to_string(read);
  const std::string writes = std::to_string(write);
  return validation("The provisioned throughput for the " + what +
                    " will not change. The requested value equals the current value. Current "
                    "ReadCapacityUnits provisioned for the " +
                    what + ": " + reads + ". Requested ReadCapacityUnits: " + reads +
                    ". Current WriteCapacityUnits provisioned for the " + what + ": " + writes +
                    ". Requested WriteCapacityUnits: " + writes +
                    ". Refer to the Amazon DynamoDB Developer Guide for current limits and how to "
                    "request higher limits.");
}
inline AwsError stream_already_enabled(std::string_view table) {
  return validation("Table already has an enabled stream: TableName: " + std::string(table));
}
inline AwsError stream_not_enabled(std::string_view table) {
  return validation("Table has no stream to disable: TableName: " + std::string(table));
}

// Backups.
inline AwsError invalid_request(std::string_view what) {
  return validation("Invalid Request: " + std::string(what));
}
inline AwsError invalid_backup_arn() {
  return validation("Invalid Backup ARN");
}
inline AwsError backup_not_found(std::string_view arn) {
  return AwsError("BackupNotFoundException", "Backup not found: " + std::string(arn));
}
inline AwsError backup_in_use(std::string message) {
  return AwsError("BackupInUseException", std::move(message));
}
inline AwsError backup_table_exists(std::string_view name) {
  return AwsError("TableAlreadyExistsException", "Table already exists: " + std::string(name));
}
inline AwsError table_in_use(std::string message) {
  return AwsError("TableInUseException", std::move(message));
}
inline AwsError access_denied() {
  return AwsError("AccessDeniedException", "Access is denied");
}
inline AwsError other_owner() {
  return validation(
      "This action is only supported by accounts that match the resource owner’s account.");
}
inline AwsError restore_knows_no_index(std::string_view name) {
  return invalid_request("Index " + std::string(name) +
                         " does not match a secondary index that existed in the source table and "
                         "cannot be created during the restore operation");
}
inline AwsError recovery_is_off(std::string_view table) {
  return AwsError("PointInTimeRecoveryUnavailableException",
                  "Point in time recovery is not enabled for table '" + std::string(table) + "'");
}
inline AwsError restore_time_outside(std::string_view wanted, std::string_view earliest,
                                     std::string_view latest) {
  return AwsError("InvalidRestoreTimeException",
                  "RestoreDateTime '" + std::string(wanted) +
                      "' must be within EarliestRestorableDateTime '" + std::string(earliest) +
                      "' and LatestRestorableDateTime '" + std::string(latest) + "'");
}
// Exports and imports.
inline AwsError transfer_conflict(const char* code) {
  return AwsError(code,
                  "There was a conflict: the client token was used before with other parameters");
}
inline AwsError too_many_transfers(std::string_view what) {
  return AwsError("LimitExceededException",
                  "Subscriber limit exceeded: too many concurrent " + std::string(what));
}
inline AwsError table_is_being_created(std::string_view name) {
  return AwsError("ResourceInUseException",
                  "Attempt to change a resource which is still in use: Table is being created: " +
                      std::string(name));
}
inline AwsError table_is_being_used(std::string_view name) {
  return AwsError("ResourceInUseException", "Table is being used: " + std::string(name));
}

// Tags and policies.
inline AwsError no_tags() {
  return validation("Atleast one Tag needs to be provided as Input.");
}
inline AwsError no_tag_keys() {
  return validation("Atleast one Tag Key needs to be provided as Input.");
}
inline AwsError too_many_tags() {
  return validation("Number of Tags exceed the current limit for the provided ResourceArn");
}
inline AwsError invalid_tag_key(std::string_view key) {
  return validation("The Tag Key provided is invalid, Key: " + std::string(key));
}
inline AwsError reserved_tag_key(std::string_view key) {
  return validation("Tag Key cannot be prefixed with aws:, Key: " + std::string(key));
}
inline AwsError invalid_tag_value(std::string_view value) {
  return validation("The Tag Value provided is invalid, Value: " + std::string(value));
}
inline AwsError duplicate_tag_key(std::string_view key) {
  return validation("Duplicate Tag Keys provided as input: Duplicate Tag Key found " +
                    std::string(key));
}
inline AwsError policy_not_found(std::string_view what) {
  return AwsError(
      "PolicyNotFoundException",
      "Resource-based policy not found for the provided ResourceArn: " + std::string(what));
}
inline AwsError unbounded_policy() {
  return validation(
      "Resource-based policy grants unbounded access in one or more elements. Please revise the "
      "policy to ensure least-privilege form of access");
}
inline AwsError no_such_index_of(std::string_view index, std::string_view table) {
  return AwsError("ResourceNotFoundException",
                  "Requested resource not found: Index: " + std::string(index) +
                      " not found for table: " + std::string(table));
}

// Time to live.
inline AwsError time_to_live_is_on() {
  return validation("TimeToLive is already enabled");
}
inline AwsError time_to_live_is_off() {
  return validation("TimeToLive is already disabled");
}
inline AwsError time_to_live_elsewhere(std::string_view attribute) {
  return validation("TimeToLive is active on a different AttributeName: current AttributeName is " +
                    std::string(attribute));
}
inline AwsError time_to_live_changed_lately() {
  return validation("Time to live has been modified multiple times within a fixed interval");
}

// Items and keys.
inline AwsError key_mismatch() {
  return validation("The provided key element does not match the schema");
}
inline AwsError missing_key(std::string_view attribute) {
  return invalid_parameter("Missing the key " + std::string(attribute) + " in the item");
}
inline AwsError key_type_mismatch(std::string_view attribute, std::string_view expected,
                                  std::string_view actual) {
  return invalid_parameter("Type mismatch for key " + std::string(attribute) + " expected: " +
                           std::string(expected) + " actual: " + std::string(actual));
}
inline AwsError index_key_type_mismatch(std::string_view attribute, std::string_view expected,
                                        std::string_view actual, std::string_view index) {
  return invalid_parameter("Type mismatch for Index Key " + std::string(attribute) +
                           " Expected: " + std::string(expected) +
                           " Actual: " + std::string(actual) + " IndexName: " + std::string(index));
}
inline AwsError empty_key(std::string_view attribute, bool binary) {
  return validation(
      "One or more parameter values are not valid. The AttributeValue for a key "
      "attribute cannot contain an empty " +
      std::string(binary ? "binary" : "string") + " value. Key: " + std::string(attribute));
}
inline AwsError empty_index_key(std::string_view attribute, std::string_view index, bool binary) {
  return validation(
      "One or more parameter values are not valid. A value specified for a "
      "secondary index key is not supported. The AttributeValue for a key attribute "
      "cannot contain an empty " +
      std::string(binary ? "binary" : "string") + " value. IndexName: " + std::string(index) +
      ", IndexKey: " + std::string(attribute));
}
inline AwsError empty_updated_index_key(bool binary) {
  return validation(
      "One or more parameter values are not valid. The update expression attempted to update a "
      "secondary index key to a value that is not supported. The AttributeValue for a key "
      "attribute "
      "cannot contain an empty " +
      std::string(binary ? "binary" : "string") + " value.");
}
inline AwsError partition_key_too_long() {
  return invalid_parameter("Size of hashkey has exceeded the maximum size limit of2048 bytes");
}
inline AwsError sort_key_too_long() {
  return invalid_parameter(
      "Aggregated size of all range keys has exceeded the size limit of 1024 bytes");
}
inline AwsError item_too_large() {
  return validation("Item size has exceeded the maximum allowed size");
}
inline AwsError updated_item_too_large() {
  return validation("Item size to update has exceeded the maximum allowed size");
}
inline AwsError cannot_update_key(std::string_view attribute) {
  return invalid_parameter("Cannot update attribute " + std::string(attribute) +
                           ". This attribute is part of the key");
}
inline AwsError path_below_key(std::string_view kind, std::string_view attribute) {
  return validation(
      "Key attributes must be scalars; list random access '[]' and map lookup '.' are "
      "not allowed: " +
      std::string(kind) + ": " + std::string(attribute));
}
inline AwsError condition_failed() {
  return AwsError("ConditionalCheckFailedException", "The conditional request failed");
}
inline AwsError attribute_name_too_large() {
  return validation("Attribute name is too large, must be less than 65536 bytes");
}
inline AwsError bad_return_values(std::string_view operation) {
  return operation == "UpdateItem" ? validation("Return values set to invalid value")
                                   : validation("ReturnValues can only be ALL_OLD or NONE");
}

// Legacy parameters.
inline AwsError mixed_parameters(std::string_view legacy, std::string_view expressions) {
  return validation(
      "Can not use both expression and non-expression parameters in the same request: "
      "Non-expression parameters: {" +
      std::string(legacy) + "} Expression parameters: {" + std::string(expressions) + "}");
}
inline AwsError conditional_operator_alone() {
  return validation("ConditionalOperator cannot be used without Filter or Expected");
}
inline AwsError conditional_operator_for_one() {
  return validation(
      "ConditionalOperator can only be used when Filter or Expected has two or more elements");
}
inline AwsError bad_argument_count(std::string_view comparison) {
  return invalid_parameter("Invalid number of argument(s) for the " + std::string(comparison) +
                           " ComparisonOperator");
}
inline AwsError arguments_of_several_types() {
  return invalid_parameter("AttributeValues inside AttributeValueList must be of same type");
}
inline AwsError bad_argument_type(std::string_view comparison, std::string_view type) {
  return invalid_parameter("ComparisonOperator " + std::string(comparison) + " is not valid for " +
                           std::string(type) + " AttributeValue type");
}
inline AwsError bounds_turned_round() {
  return validation(
      "The BETWEEN condition was provided a range where the lower bound is greater than the upper "
      "bound");
}
inline AwsError value_and_list(std::string_view attribute) {
  return invalid_parameter("Value and AttributeValueList cannot be used together for Attribute: " +
                           std::string(attribute));
}
inline AwsError exists_and_operator(std::string_view attribute) {
  return invalid_parameter("Exists and ComparisonOperator cannot be used together for Attribute: " +
                           std::string(attribute));
}
inline AwsError operator_without_value(std::string_view comparison, std::string_view attribute) {
  return invalid_parameter("Value or AttributeValueList must be used with ComparisonOperator: " +
                           std::string(comparison) + " for Attribute: " + std::string(attribute));
}
inline AwsError list_without_operator(std::string_view attribute) {
  return invalid_parameter(
      "AttributeValueList can only be used with a ComparisonOperator for Attribute: " +
      std::string(attribute));
}
inline AwsError value_missing(std::string_view exists, std::string_view attribute) {
  return invalid_parameter("Value must be provided when Exists is " + std::string(exists) +
                           " for Attribute: " + std::string(attribute));
}
inline AwsError value_unwanted(std::string_view attribute) {
  return invalid_parameter("Value cannot be used when Exists is false for Attribute: " +
                           std::string(attribute));
}
inline AwsError only_delete_without_value() {
  return invalid_parameter("Only DELETE action is allowed when no attribute value is specified");
}
inline AwsError cannot_delete(std::string_view type) {
  return invalid_parameter("DELETE action with value is not supported for the type " +
                           std::string(type));
}
inline AwsError cannot_add(std::string_view type) {
  return invalid_parameter("ADD action is not supported for the type " + std::string(type));
}
inline AwsError duplicate_attribute(std::string_view attribute) {
  return invalid_parameter("Duplicate value in attribute name: " + std::string(attribute));
}

// Query and Scan.
inline AwsError no_key_condition() {
  return validation(
      "Either the KeyConditions or KeyConditionExpression parameter must be specified in the "
      "request.");
}
inline AwsError bad_start_key() {
  return validation("The provided starting key is invalid");
}
inline AwsError bad_start_key(std::string_view why) {
  return validation("The provided starting key is invalid: " + std::string(why));
}
inline AwsError start_key_outside() {
  return validation(
      "The provided starting key is outside query boundaries based on provided conditions");
}
inline AwsError start_key_not_in_range() {
  return validation("The provided starting key does not match the range key predicate");
}
inline AwsError cannot_restart() {
  return validation("The query can return at most one row and cannot be restarted");
}
inline AwsError start_key_wrong_segment(std::string_view total, std::string_view segment) {
  return bad_start_key(
      "Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct "
      "Segment. TotalSegments: " +
      std::string(total) + " Segment: " + std::string(segment));
}
inline AwsError consistent_read_on_global_index() {
  return validation("Consistent reads are not supported on global secondary indexes");
}
inline AwsError all_attributes_unsupported(std::string_view index) {
  return invalid_parameter(
      "Select type ALL_ATTRIBUTES is not supported for global secondary index " +
      std::string(index) + " because its projection type is not ALL");
}
inline AwsError not_projected(std::string_view index, std::string_view attributes) {
  return invalid_parameter("Global secondary index " + std::string(index) + " does not project " +
                           std::string(attributes));
}
inline AwsError filter_on_key(std::string_view attribute, bool legacy) {
  return validation(std::string(legacy ? "QueryFilter" : "Filter Expression") +
                    " can only contain non-primary key attributes: Primary key attribute: " +
                    std::string(attribute));
}
inline AwsError segment_without_total() {
  return validation(
      "The TotalSegments parameter is required but was not present in the request when Segment "
      "parameter is present");
}
inline AwsError total_without_segment() {
  return validation(
      "The Segment parameter is required but was not present in the request when parameter "
      "TotalSegments is present");
}
inline AwsError segment_too_large(std::string_view segment, std::string_view total) {
  return validation(
      "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
      "Segment: " +
      std::string(segment) + " is not less than TotalSegments: " + std::string(total));
}
inline AwsError select_needs_projection() {
  return validation(
      "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
      "SPECIFIC_ATTRIBUTES");
}
inline AwsError select_forbids_projection(std::string_view select, bool legacy) {
  return validation(
      "Cannot specify the " + std::string(legacy ? "AttributesToGet" : "ProjectionExpression") +
      " when choosing to get " + (select == "COUNT" ? "only the Count" : std::string(select)));
}
inline AwsError projected_without_index() {
  return validation("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
}

// Batches.
inline AwsError duplicate_keys_to_get() {
  return validation("Provided list of item keys contains duplicates");
}
inline AwsError duplicate_keys_to_write() {
  return validation("Provided list of item keys contains duplicates");
}
inline AwsError no_write_requests() {
  return validation("The requestItems parameter is required for BatchWriteItem");
}
// A table's name that cannot be one; `shown` is the map as the operation prints it.
inline AwsError bad_table_in_map(const std::string& shown) {
  return constraint(shown, "requestItems",
                    "Map keys must satisfy constraint: [Member must have length less than or equal "
                    "to 255, Member must have length greater than or equal to 3, Member must "
                    "satisfy regular expression pattern: [a-zA-Z0-9_.-]+]");
}
inline AwsError too_many_keys() {
  return validation("Too many items requested for the BatchGetItem call");
}
inline AwsError too_many_writes() {
  return validation("Too many items requested for the BatchWriteItem call");
}
inline AwsError empty_write_request() {
  return validation(
      "Supplied AttributeValue has more than one datatypes set, must contain exactly "
      "one of the supported datatypes");
}

// Transactions.
inline AwsError several_kinds_in_action() {
  return validation("TransactItems can only contain one of Check, Put, Update or Delete");
}
inline AwsError empty_action() {
  return validation(
      "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request");
}
inline AwsError item_twice_in_transaction() {
  return validation("Transaction request cannot include multiple operations on one item");
}
inline AwsError transaction_too_large() {
  return validation("The aggregate size of the items in the transaction exceeds 4 MB");
}
// `codes` are those of the reasons, with ", " between them.
inline AwsError transaction_cancelled(std::string_view codes) {
  return AwsError(
      "TransactionCanceledException",
      "Transaction cancelled, please refer cancellation reasons for specific reasons [" +
          std::string(codes) + "]");
}
inline AwsError transaction_in_progress() {
  return AwsError("TransactionInProgressException",
                  "Transaction from previous request is still in progress");
}
inline AwsError idempotent_parameter_mismatch() {
  return AwsError("IdempotentParameterMismatchException",
                  "DynamoDB rejected the request because you retried a request with a different "
                  "payload but with an idempotent token that was already used.");
}

// Throughput, with --limits=enforce. `reasons` as ThrottlingReasons.
inline AwsError provisioned_throughput_exceeded(bool index, Json reasons) {
  return AwsError("ProvisionedThroughputExceededException",
                  index ? "The level of configured provisioned throughput for one or more global "
                          "secondary indexes of the table was exceeded. Consider increasing your "
                          "provisioning level for the under-provisioned global secondary indexes "
                          "with the UpdateTable API"
                        : "The level of configured provisioned throughput for the table was "
                          "exceeded. Consider increasing your provisioning level with the "
                          "UpdateTable API.")
      .with("ThrottlingReasons", std::move(reasons));
}
inline AwsError on_demand_throttled(bool index, Json reasons) {
  return AwsError("ThrottlingException",
                  index
                      ? "Throughput exceeds the current capacity for one or more global secondary "
                        "indexes. DynamoDB is automatically scaling your index so please try "
                        "again shortly."
                      : "Throughput exceeds the current capacity of your table or index. DynamoDB "
                        "is automatically scaling your table or index so please try again "
                        "shortly. If exceptions persist, check if you have a hot key: "
                        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
                        "bp-partition-key-design.html")
      .with("throttlingReasons", std::move(reasons));
}
inline AwsError on_demand_maximum_exceeded(Json reasons) {
  return AwsError("ThrottlingException",
                  "Throughput exceeds the maximum OnDemandThroughput configured on table or index")
      .with("throttlingReasons", std::move(reasons));
}
// What strongly consistent reads meet in an outage.
inline AwsError internal_server_error() {
  return AwsError("InternalServerError", "Internal server error", 500);
}

// Streams.
inline AwsError no_such_stream(std::string_view arn) {
  return AwsError("ResourceNotFoundException",
                  "Requested resource not found: Stream: " + std::string(arn) + " not found");
}
inline AwsError no_such_shard() {
  return AwsError("ResourceNotFoundException",
                  "Requested resource not found: Shard does not exist");
}
inline AwsError bad_stream_arn() {
  return validation("Invalid StreamArn");
}
inline AwsError bad_shard_iterator() {
  return validation("Invalid ShardIterator");
}
inline AwsError iterator_expired() {
  return AwsError("ExpiredIteratorException",
                  "The shard iterator has expired and can no longer be used to retrieve stream "
                  "records");
}
inline AwsError trimmed() {
  return AwsError("TrimmedDataAccessException",
                  "The data you are trying to access has been trimmed");
}
inline AwsError sequence_number_needed(std::string_view type) {
  return validation("SequenceNumber must be specified when ShardIteratorType is " +
                    std::string(type));
}
inline AwsError sequence_number_unwanted(std::string_view type) {
  return validation("SequenceNumber must not be specified when ShardIteratorType is " +
                    std::string(type));
}
inline AwsError bad_sequence_number(std::string_view number) {
  return validation("Invalid SequenceNumber: " + std::string(number));
}

}  // namespace paddock::services::dynamodb::errors
