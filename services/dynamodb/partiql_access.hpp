// What a PartiQL request needs leave for.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
#pragma once

#include <string>
#include <vector>

#include "core/json.hpp"

namespace paddock::services::dynamodb {

struct StatementAccess {
  std::string action;    // "dynamodb:PartiQLSelect"
  std::string resource;  // "table/Music", "table/Music/index/ByYear", or as an ARN
};

// One per statement of an ExecuteStatement, BatchExecuteStatement or ExecuteTransaction; none for a
// statement that does not parse. An EXISTS is a select.
std::vector<StatementAccess> statement_access(const Json& input);

}  // namespace paddock::services::dynamodb
