// One write of one item, whoever asks for it: PutItem and its kin, an action of TransactWriteItems,
// a PartiQL statement. Parsed and checked as far as no stored item is needed, then applied to what
// is stored; pure, so that it may be repeated.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/json.hpp"
#include "services/dynamodb/model.hpp"
#include "services/dynamodb/request.hpp"
#include "services/dynamodb/store.hpp"
#include "services/dynamodb/write_rules.hpp"
#include "storage/database.hpp"

namespace paddock::services::dynamodb {

enum class ReturnValues { none, all_old, updated_old, all_new, updated_new };
// "" is NONE.
ReturnValues return_values(std::string_view text);

struct ItemWrite {
  enum class Kind { put, update, remove, check };  // the last is a ConditionCheck: writes nothing

  Kind kind = Kind::put;
  Item subject;                                    // the key; of Kind::put nothing
  std::string image;                               // of Kind::put: the item, encoded
  std::unique_ptr<const ItemCondition> condition;  // nullptr: none
  std::unique_ptr<const ItemUpdate> update;        // of Kind::update; nullptr: only creates
  bool item_on_failure = false;                    // ReturnValuesOnConditionCheckFailure ALL_OLD
  std::shared_ptr<const void> source;              // what condition and update refer to, if owned

  // Takes update and condition from the request that `expressions` were made for, whether it has
  // expressions or legacy parameters; the caller calls `expressions.finish()`.
  void bind(RequestExpressions& expressions);
  // Takes Item or Key from the members of a request or of a transaction's action. Throws
  // ValidationException for values that no item may have.
  void take_subject(const Json& members);

  // The key of the item's row, once `check` has passed.
  ItemKey key(const Table& table) const {
    return kind == Kind::put ? item_key(table, ItemView(image)) : item_key(table, subject);
  }
  // Throws ValidationException for what the table's definition does not allow: size of an item to
  // put, key, key attributes in update and condition, index keys.
  void check(const Table& table) const;

  // Whether the condition holds; `before` is the stored item, "" for none.
  bool allowed(std::string_view before) const {
    return !condition || condition->matches(view_of(before));
  }
  // The value of a key attribute, once `check` has passed.
  AttributeValue key_value(const std::string& name) const {
    return kind == Kind::put ? ItemView(image).find(name)->decode() : *subject.find(name);
  }
  // The item after the write, encoded, "" for none. Throws ValidationException.
  std::string apply(const Table& table, std::string_view before) const;

  // What ReturnValues shows of the write, as JSON text; "" if nothing.
  std::string returned(ReturnValues values, std::string_view before, std::string_view after) const;
};

// A write that was committed.
struct WriteOutcome {
  TablePtr table;  // the version that was written under
  storage::Value row;
  std::string_view before;  // in `row`; "" if there was no item
  std::string after;        // "" if there is none
  Consumed consumed;
};

// The units that a write takes of its table and of the indexes whose entries changed.
Consumed consumed_by(const WriteEffect& effect);

// Attributes and ConsumedCapacity of the answer to a write.
AnswerText write_answer(const WriteOutcome& outcome, const ItemWrite& write, ReturnValues values,
                        ReturnCapacity capacity);

// ConditionalCheckFailedException, with the item if the write wants to see it.
AwsError condition_failure(const ItemWrite& write, std::string_view before);

// The ItemCollectionMetrics of a write of the item collection with that partition key. The size of
// an item collection is shown as a range of one gigabyte.
Json collection_metrics(const Table& table, const AttributeValue& partition_key);

}  // namespace paddock::services::dynamodb
