// NextToken of ExecuteStatement: where the next page starts, bound to its statement.
//
// Byte format, version 1, shown in base64 (test vector in
// tests/services/dynamodb/partiql_token_test.cpp):
//   0x01, u64 fingerprint big endian, the key attributes of the last row read as an encoded item
//   (item.hpp)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "services/dynamodb/item.hpp"

namespace paddock::services::dynamodb {

std::string next_token(uint64_t fingerprint, std::string_view encoded_position);
// The position. Throws ValidationException "Invalid NextToken" for what is none, "NextToken does
// not match request" for one of another statement.
Item read_next_token(std::string_view token, uint64_t fingerprint);

}  // namespace paddock::services::dynamodb
