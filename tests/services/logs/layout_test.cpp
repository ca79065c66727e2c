// The rows of store.hpp: vectors, and what is no row.
#include <gtest/gtest.h>

#include "core/text.hpp"
#include "services/logs/store.hpp"
#include "tests/storage/store_fixture.hpp"

namespace paddock::services::logs {

class LayoutTest : public storage::StoreTest {};

TEST_F(LayoutTest, AStreamHasItsWrittenFormat) {
  auto database = open();
  Store store(*database);
  Stream stream;
  stream.name = "s";
  stream.id = 2;
  stream.created_ms = 3;
  stream.first_ms = -1;
  stream.last_ms = 5;
  stream.ingested_ms = 6;
  stream.next_sequence = 7;
  stream.bytes = 0x0102030405060708;
  storage::Batch batch;
  store.put_stream(storage::kTestRealm, 1, stream, batch);
  database->commit(batch);
  const std::string key = Store::stream_key(storage::kTestRealm, 1, "s");
  EXPECT_EQ(to_hex(key), "00000007410000000000000001730001");
  storage::Value row;
  ASSERT_TRUE(database->get(storage::Family::meta, key, row));
  EXPECT_EQ(to_hex(row.view()),
            "02"
            "0000000000000002"
            "0000000000000003"
            "ffffffffffffffff"
            "0000000000000005"
            "0000000000000006"
            "0000000000000007"
            "0102030405060708");
  std::optional<Stream> read = store.stream(storage::kTestRealm, 1, "s");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->first_ms, -1);
  EXPECT_EQ(read->bytes, stream.bytes);
  for (const std::string& bad :
       {std::string(row.view().substr(0, 56)), "\x03" + std::string(row.view().substr(1)),
        std::string("\x01{")}) {
    put(*database, storage::Family::meta, key, bad);
    EXPECT_THROW(store.stream(storage::kTestRealm, 1, "s"), storage::StorageError);
  }
}

TEST_F(LayoutTest, AStreamOfVersion1IsStillRead) {
  auto database = open();
  Store store(*database);
  put(*database, storage::Family::meta, Store::stream_key(storage::kTestRealm, 1, "s"),
      "\x01"
      R"({"id":2,"created":3,"first":4,"last":5,"ingested":6,"next":7,"bytes":8})");
  const std::optional<Stream> read = store.stream(storage::kTestRealm, 1, "s");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id, 2u);
  EXPECT_EQ(read->created_ms, 3);
  EXPECT_EQ(read->first_ms, 4);
  EXPECT_EQ(read->last_ms, 5);
  EXPECT_EQ(read->ingested_ms, 6);
  EXPECT_EQ(read->next_sequence, 7u);
  EXPECT_EQ(read->bytes, 8u);
}

}  // namespace paddock::services::logs
