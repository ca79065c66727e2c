#include "storage/document_row.hpp"

#include <gtest/gtest.h>

#include "storage/database.hpp"

namespace paddock::storage {

TEST(StorageDocumentRow, IsAVersionAndTheDocumentsText) {
  EXPECT_EQ(document_row({{"name", "herd"}, {"size", 3}}), "\x01{\"name\":\"herd\",\"size\":3}");
  EXPECT_EQ(document_of_row("\x01{\"name\":\"herd\"}"), Json({{"name", "herd"}}));
}

TEST(StorageDocumentRow, OfAnotherVersionOrCutOffIsRefused) {
  for (const char* row : {"", "\x02{}", "\x01", "\x01{\"name\":", "{}"}) {
    EXPECT_THROW(document_of_row(row), StorageError) << row;
  }
}

}  // namespace paddock::storage
