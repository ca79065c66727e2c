// A request of one item, or one action of a transaction, read straight from its text (DESIGN 2,
// raw). What is rare or wrong is left to the document and its handlers, which own all texts of
// errors.
#pragma once

#include <optional>
#include <string_view>

#include "services/dynamodb/expression.hpp"
#include "services/dynamodb/expression_cache.hpp"
#include "services/dynamodb/item.hpp"
#include "services/dynamodb/item_write.hpp"
#include "services/dynamodb/request.hpp"
#include "wire/json_scan.hpp"

namespace paddock::services::dynamodb {

// Not thread-safe. Stays in place; views into the text, which must outlive it.
class TextRequest {
 public:
  enum class Operation {
    put,
    get,
    update,
    remove,
    query,
    // Actions of TransactWriteItems.
    action_put,
    action_update,
    action_remove,
    action_check,
  };

  explicit TextRequest(std::string_view text) : own_(std::in_place, text), in_(*own_) {}
  // For `read_part`; `in` must outlive it.
  explicit TextRequest(wire::JsonScan& in) : in_(in) {}
  TextRequest(const TextRequest&) = delete;
  TextRequest& operator=(const TextRequest&) = delete;

  // False for a request that must go the ordinary way.
  bool read(Operation operation);
  // The same for one object within a larger text.
  bool read_part(Operation operation);

  std::string_view table;  // a plain name, not an ARN
  Item subject;            // Key
  std::string image{};     // Item, encoded
  bool has_subject = false;
  // Expressions; no data() if absent.
  std::string_view update;
  std::string_view condition;
  std::string_view projection;
  std::string_view key_condition;
  ExpressionAttributes attributes;
  ReturnValues values = ReturnValues::none;
  ReturnCapacity capacity = ReturnCapacity::none;
  bool consistent = false;
  bool forward = true;
  bool item_on_failure = false;       // ReturnValuesOnConditionCheckFailure is ALL_OLD …
  std::string_view failure_values{};  // … or what it is; no data() if absent
  size_t limit = SIZE_MAX;

 private:
  bool read_member(Operation operation, std::string_view name);
  bool read_table();
  bool read_names();
  bool read_values();
  bool read_return_values(Operation operation);
  bool read_failure_values();

  std::optional<wire::JsonScan> own_;
  wire::JsonScan& in_;
  uint32_t seen_ = 0;  // members by bit, so that a repeated one is noticed
};

// A ReturnConsumedCapacity; false for what it cannot be.
bool read_capacity(wire::JsonScan& in, ReturnCapacity& capacity);
// A table's plain name; false for an ARN too.
bool is_plain_table_name(std::string_view name);

}  // namespace paddock::services::dynamodb
