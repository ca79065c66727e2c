// The legacy parameters of the data operations, turned into the expressions that say the same: they
// are checked in their own way and words, then one evaluator serves both.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html
//
// Each function takes the parameter's document (not null, its shape checked by the model), adds the
// operands to `attributes` (empty before; to be bound with the result and nothing else) and throws
// ValidationException as AWS refuses the parameter. Names are those of top-level attributes, dots
// and brackets included.
#pragma once

#include "core/json.hpp"
#include "services/dynamodb/expression.hpp"
#include "services/dynamodb/key_condition.hpp"

namespace paddock::services::dynamodb::legacy {

// What ConditionalOperator says about several conditions.
enum class Join { all, any };

// Expected, of kind condition. nullptr: it has no entries and asks for nothing.
ParsedExpressionPtr parse_expected(const Json& expected, Join join,
                                   ExpressionAttributes& attributes);
// QueryFilter or ScanFilter, of kind filter. nullptr: it has no entries.
ParsedExpressionPtr parse_filter(const Json& conditions, Join join,
                                 ExpressionAttributes& attributes);
// KeyConditions. Operators that only filters have are left to the schema's checks.
KeyCondition parse_key_conditions(const Json& conditions, ExpressionAttributes& attributes);
// AttributesToGet, of kind projection.
ParsedExpressionPtr parse_attributes_to_get(const Json& names);
// AttributeUpdates, of kind update. nullptr: it has no entries and changes nothing.
ParsedExpressionPtr parse_attribute_updates(const Json& updates, ExpressionAttributes& attributes);

}  // namespace paddock::services::dynamodb::legacy
