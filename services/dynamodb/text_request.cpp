#include "services/dynamodb/text_request.hpp"

#include <algorithm>

#include "models/dynamodb.hpp"
#include "services/dynamodb/item_text.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;

namespace text_request {

constexpr size_t kMaxPlaceholders = 64;
constexpr size_t kMaxPlaceholderBytes = 64;
constexpr size_t kMaxTableNameBytes = 255;
constexpr size_t kMinTableNameBytes = 3;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_placeholder(std::string_view text, char sign) {
  return text.size() >= 2 && text.size() <= kMaxPlaceholderBytes && text.front() == sign &&
         std::all_of(text.begin() + 1, text.end(), is_name_character);
}

enum Bit : uint32_t {
  kTable = 1,
  kSubject = 2,
  kUpdate = 4,
  kCondition = 8,
  kProjection = 16,
  kNames = 32,
  kValues = 64,
  kReturnValues = 128,
  kCapacity = 256,
  kConsistent = 512,
  kKeyCondition = 1024,
  kForward = 2048,
  kLimit = 4096,
  kFailureValues = 8192,
};

uint32_t allowed(TextRequest::Operation operation) {
  constexpr uint32_t kAll = kTable | kSubject | kNames | kCapacity;
  switch (operation) {
    case TextRequest::Operation::get:
      return kAll | kProjection | kConsistent;
    case TextRequest::Operation::update:
      return kAll | kValues | kCondition | kReturnValues | kUpdate;
    case TextRequest::Operation::query:
      return kTable | kNames | kValues | kCapacity | kProjection | kConsistent | kKeyCondition |
             kForward | kLimit;
    case TextRequest::Operation::action_put:
    case TextRequest::Operation::action_remove:
    case TextRequest::Operation::action_check:
      return kTable | kSubject | kNames | kValues | kCondition | kFailureValues;
    case TextRequest::Operation::action_update:
      return kTable | kSubject | kNames | kValues | kCondition | kFailureValues | kUpdate;
    default:
      return kAll | kValues | kCondition | kReturnValues;
  }
}

bool is_put(TextRequest::Operation operation) {
  return operation == TextRequest::Operation::put ||
         operation == TextRequest::Operation::action_put;
}

uint32_t bit_of(TextRequest::Operation operation, std::string_view name) {
  if (name == m::TableName) return kTable;
  if (name == (is_put(operation) ? m::Item : m::Key)) return kSubject;
  if (name == m::UpdateExpression) return kUpdate;
  if (name == m::ConditionExpression) return kCondition;
  if (name == m::KeyConditionExpression) return kKeyCondition;
  if (name == m::ExpressionAttributeValues) return kValues;
  if (name == m::ExpressionAttributeNames) return kNames;
  if (name == m::ProjectionExpression) return kProjection;
  if (name == m::ReturnValues) return kReturnValues;
  if (name == m::ReturnConsumedCapacity) return kCapacity;
  if (name == m::ConsistentRead) return kConsistent;
  if (name == m::ScanIndexForward) return kForward;
  if (name == m::Limit) return kLimit;
  if (name == m::ReturnValuesOnConditionCheckFailure) return kFailureValues;
  return 0;
}

}  // namespace text_request

bool TextRequest::read(Operation operation) {
  return read_part(operation) && in_.finish();
}

bool TextRequest::read_part(Operation operation) {
  if (!in_.open_object()) return false;
  for (std::string_view name; in_.next_member(name);) {
    if (!read_member(operation, name)) return false;
  }
  if (in_.failed() || !table.data()) return false;
  if (operation == Operation::query) return key_condition.data() != nullptr;
  return has_subject;
}

bool TextRequest::read_member(Operation operation, std::string_view name) {
  const uint32_t bit = text_request::bit_of(operation, name);
  if ((bit & text_request::allowed(operation)) == 0 || (bit & seen_) != 0) return in_.fail();
  seen_ |= bit;
  switch (bit) {
    case text_request::kTable:
      return read_table();
    case text_request::kSubject:
      has_subject = true;
      return text_request::is_put(operation) ? read_image(in_, image) : read_item(in_, subject);
    case text_request::kUpdate:
      return in_.string(update);
    case text_request::kCondition:
      return in_.string(condition);
    case text_request::kKeyCondition:
      return in_.string(key_condition);
    case text_request::kProjection:
      return in_.string(projection);
    case text_request::kNames:
      return read_names();
    case text_request::kValues:
      return read_values();
    case text_request::kReturnValues:
      return read_return_values(operation);
    case text_request::kCapacity:
      return read_capacity(in_, capacity);
    case text_request::kFailureValues:
      return read_failure_values();
    case text_request::kConsistent:
      return in_.boolean(consistent);
    case text_request::kForward:
      return in_.boolean(forward);
    default: {
      uint64_t number = 0;
      if (!in_.natural(number) || number == 0 || number > INT32_MAX) return in_.fail();
      limit = number;
      return true;
    }
  }
}

bool TextRequest::read_table() {
  return in_.string(table) && (is_plain_table_name(table) || in_.fail());
}

bool TextRequest::read_names() {
  if (!in_.open_object()) return false;
  size_t count = 0;
  for (std::string_view key; in_.next_member(key); ++count) {
    std::string_view name;
    if (count == text_request::kMaxPlaceholders || !text_request::is_placeholder(key, '#') ||
        attributes.has_name(key) || !in_.string(name) || name.empty() || name.size() > 255) {
      return in_.fail();
    }
    attributes.add_name(std::string(key), std::string(name));
  }
  return count != 0 || in_.fail();
}

bool TextRequest::read_values() {
  if (!in_.open_object()) return false;
  size_t count = 0;
  for (std::string_view key; in_.next_member(key); ++count) {
    AttributeValue value;
    if (count == text_request::kMaxPlaceholders || !text_request::is_placeholder(key, ':') ||
        attributes.has_value(key) || !read_value(in_, value)) {
      return in_.fail();
    }
    attributes.add_value(std::string(key), std::move(value));
  }
  return count != 0 || in_.fail();
}

bool TextRequest::read_return_values(Operation operation) {
  std::string_view text;
  if (!in_.string(text)) return false;
  values = return_values(text);
  if (values == ReturnValues::none) return text == "NONE" || in_.fail();
  return operation == Operation::update || values == ReturnValues::all_old || in_.fail();
}

bool TextRequest::read_failure_values() {
  if (!in_.string(failure_values)) return false;
  item_on_failure = failure_values == "ALL_OLD";
  return item_on_failure || failure_values == "NONE" || in_.fail();
}

bool is_plain_table_name(std::string_view name) {
  return name.size() >= text_request::kMinTableNameBytes &&
         name.size() <= text_request::kMaxTableNameBytes &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return text_request::is_name_character(c) || c == '-' || c == '.';
         });
}

bool read_capacity(wire::JsonScan& in, ReturnCapacity& capacity) {
  std::string_view text;
  if (!in.string(text)) return false;
  if (text == "TOTAL") {
    capacity = ReturnCapacity::total;
  } else if (text == "INDEXES") {
    capacity = ReturnCapacity::indexes;
  } else {
    return text == "NONE" || in.fail();
  }
  return true;
}

}  // namespace paddock::services::dynamodb
