// Rows that hold a document: what a service reads and writes whole, as definitions and settings
// are. Data on hot paths has formats of its own.
//
// Format, version 1: u8 version=1, then the document as JSON text.
#pragma once

#include <string>
#include <string_view>

#include "core/json.hpp"

namespace paddock::storage {

std::string document_row(const Json& document);
// Throws StorageError if the row has another version or is no JSON.
Json document_of_row(std::string_view row);

}  // namespace paddock::storage
