// What running one PartiQL statement gave.
#pragma once

#include <optional>
#include <string>

#include "core/error.hpp"
#include "services/dynamodb/model.hpp"
#include "services/dynamodb/request.hpp"

namespace paddock::services::dynamodb {

struct StatementRun {
  TablePtr table{};
  std::string items{};  // JSON texts of items with commas between; "" for none
  std::string last{};   // LastEvaluatedKey as JSON text; "" at the end
  std::string next_token{};
  Consumed consumed{};
  std::optional<AwsError> error{};  // of a write that got as far as its item
};

}  // namespace paddock::services::dynamodb
