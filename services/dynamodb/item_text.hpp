// Items and values straight from the text of a request, without a document.
#pragma once

#include "services/dynamodb/item.hpp"
#include "wire/json_scan.hpp"

namespace paddock::services::dynamodb {

// Levels of nested values that are read here; deeper ones go through a document.
inline constexpr int kMaxTextNesting = 16;

// Read {"S": "x"} and {"id": {"S": "x"}, …}: the values that parse_json and item_from_document make
// of the same text. False, and `in` has failed, for whatever those refuse, and for rare forms that
// they accept (null or unknown members beside the type's, deep nesting, empty names).
bool read_value(wire::JsonScan& in, AttributeValue& value);
bool read_item(wire::JsonScan& in, Item& item);
// The same item in its encoded form.
bool read_image(wire::JsonScan& in, std::string& image);

}  // namespace paddock::services::dynamodb
