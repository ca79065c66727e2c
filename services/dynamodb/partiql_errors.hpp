// The messages of PartiQL statements; what they share with other operations is in errors.hpp.
// Sources: answers recorded from AWS by the dynoxide, dynamodb-conformance and floci projects, and
// the PartiQL parser that AWS published. What AWS parses and refuses is worded beside the parser.
#pragma once

#include <string>
#include <string_view>

#include "services/dynamodb/errors.hpp"

namespace paddock::services::dynamodb::errors {

inline AwsError malformed_statement(std::string_view detail) {
  return validation("Statement wasn't well formed, can't be processed: " + std::string(detail));
}
inline AwsError bad_statement_table() {
  return validation(
      "Table name should be within the length [3, 255] and only contain 'a-z', 'A-Z', '0-9', '-', "
      "'_', '.'.");
}
inline AwsError statement_too_deep() {
  return validation("Statement is nested too deeply");
}
inline AwsError too_few_parameters() {
  return validation("Number of parameters in request and statement don't match.");
}
inline AwsError no_key_equality() {
  return validation("Where clause does not contain a mandatory equality on all key attributes");
}
inline AwsError two_keys_in_statement(std::string_view attribute) {
  return validation("Multiple conditions on same key " + std::string(attribute) +
                    ". Only single item Update/Insert/Delete are supported");
}
inline AwsError statement_key_absent(std::string_view attribute) {
  return validation("Key attribute should be present in the item: Key " + std::string(attribute));
}
inline AwsError statement_key_type(std::string_view attribute) {
  return validation("Key attribute's data type should match its data type in table's schema: Key " +
                    std::string(attribute));
}
inline AwsError write_on_index() {
  return validation("This operation is not supported on an index");
}
inline AwsError no_such_statement_index() {
  return validation("The table does not have the specified index");
}
inline AwsError statement_on_multi_attribute_key(const std::string& index) {
  return validation("PartiQL does not support tables with multi-attribute keys. Index: " + index);
}
inline AwsError consistent_statement_on_global_index() {
  return validation("Strongly consistent read is not supported on Global Secondary Indexes");
}
inline AwsError filter_not_projected(std::string_view index, std::string_view attributes) {
  return invalid_parameter(
      "Secondary index " + std::string(index) +
      " does not project one or more filter attributes: " + std::string(attributes));
}
inline AwsError overlapping_ranges() {
  return validation("Overlapping conditions with range keys are not supported in where clause");
}
inline AwsError too_many_reads() {
  return validation("Too many decomposed read operations for a given query.");
}
inline AwsError order_without_where() {
  return validation("Must have WHERE clause in the statement when using ORDER BY clause.");
}
inline AwsError order_without_hash() {
  return validation(
      "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY "
      "clause.");
}
inline AwsError order_needs_hash() {
  return validation(
      "Must have hash key in ORDER BY clause when more than one hash key condition specified in "
      "WHERE clause.");
}
inline AwsError order_by_attribute(std::string_view attribute) {
  return validation("Attribute " + std::string(attribute) +
                    " in ORDER BY clause must be part of the primary key");
}
inline AwsError bad_next_token() {
  return validation("Invalid NextToken");
}
inline AwsError foreign_next_token() {
  return validation("NextToken does not match request");
}
inline AwsError duplicate_item() {
  return AwsError("DuplicateItemException", "Duplicate primary key exists in table");
}
inline AwsError exists_outside_transaction() {
  return validation("EXISTS can only be used in ExecuteTransaction write requests.");
}
inline AwsError exists_needs_condition() {
  return validation("EXISTS() must contain a single item read with additional condition");
}
inline AwsError in_transaction(size_t statement, std::string_view message) {
  return validation("Validation failed in TransactStatements[" + std::to_string(statement) +
                    "]: " + std::string(message));
}
inline AwsError reads_and_writes_in_transaction() {
  return validation(
      "ExecuteTransaction API does not support both read and write operations in the same "
      "request.");
}
inline AwsError returning_in_transaction() {
  return validation("RETURNING clause is not supported in ExecuteTransaction.");
}
inline AwsError index_read_in_transaction() {
  return validation("Reads on indices are not supported within transactions.");
}
inline AwsError index_check_in_transaction() {
  return validation("Operations on indices are not supported in transactions");
}
inline AwsError transaction_select_needs_key() {
  return validation(
      "Select statements within ExecuteTransaction must specify the primary key in the where "
      "clause.");
}
inline AwsError reads_and_writes_in_batch() {
  return validation("Read and write requests together in the same batch is not supported.");
}
inline AwsError batch_select_needs_key() {
  return validation(
      "Select statements within BatchExecuteStatement must specify the primary key in the where "
      "clause.");
}

}  // namespace paddock::services::dynamodb::errors
