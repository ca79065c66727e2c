// Several writes, or several reads, as one: the part of TransactWriteItems, TransactGetItems and
// ExecuteTransaction that they share.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/json.hpp"
#include "services/dynamodb/item_write.hpp"
#include "services/dynamodb/request.hpp"
#include "services/dynamodb/transaction_tokens.hpp"

namespace paddock::services::dynamodb {

// One action of a transaction of writes.
struct TransactWrite {
  TablePtr table;
  ItemWrite write;
  // A ValidationException found before: of this action alone, so it cancels the transaction.
  std::optional<AwsError> flaw{};
  // How a failed condition is shown.
  std::string refusal_code = "ConditionalCheckFailed";
  std::string refusal_message = "The conditional request failed";
};

// One action of a transaction of reads. The row is filled by the transaction.
struct TransactRead {
  TablePtr table;
  Item key;
  std::optional<AwsError> flaw{};
  std::optional<storage::Value> row{};  // nullopt: no such item
};

// Units of the tables of a transaction, in order of first appearance.
struct TransactionUnits {
  bool write = true;  // false: read units, also for a replayed transaction of writes
  std::vector<std::pair<TablePtr, Consumed>> tables;

  Consumed& of(const TablePtr& table);
  // The ConsumedCapacity list.
  Json json(ReturnCapacity mode) const;
};

// Why a transaction was cancelled: one reason per action, in order.
class CancellationReasons {
 public:
  void none();
  void flawed(const AwsError& error);  // ValidationError
  // `item` is null unless it is to be shown.
  void refused(const TransactWrite& action, const Json& item);
  void throttled(const AwsError& error);
  bool any() const { return any_; }
  AwsError error() const;  // TransactionCanceledException

 private:
  void add(std::string_view code, std::string_view message, const Json& item);
  Json list_ = Json::array();
  std::string codes_;
  bool any_ = false;
};

}  // namespace paddock::services::dynamodb
