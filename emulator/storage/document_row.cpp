#include "storage/document_row.hpp"

#include "storage/database.hpp"

namespace paddock::storage {
namespace document_rows {

constexpr char kVersion = 1;

}  // namespace document_rows

std::string document_row(const Json& document) {
  return document_rows::kVersion + document.dump();
}

Json document_of_row(std::string_view row) {
  if (row.empty() || row.front() != document_rows::kVersion) {
    throw StorageError("a document's row has an unknown version");
  }
  Json document = Json::parse(row.substr(1), nullptr, false);
  if (document.is_discarded()) throw StorageError("a document's row is malformed");
  return document;
}

}  // namespace paddock::storage
