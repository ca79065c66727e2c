// Plain JSON and DynamoDB's attribute values, as the document clients of AWS's SDKs convert them.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
#pragma once

#include "core/json.hpp"

namespace paddock::sdk {

// {"speed": 12.5, "on": true} as {"speed": {"N": "12.5"}, "on": {"BOOL": true}}. A value that is
// null is left out, at any depth of maps. Throws Error("InvalidItem") if `item` is no object.
Json to_attributes(const Json& item);

// The way back; sets become arrays, binary values stay what they are. Numbers that a double holds
// exactly become numbers, others the text of them.
Json from_attributes(const Json& attributes);

}  // namespace paddock::sdk
