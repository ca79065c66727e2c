// The rows that writes leave for time to live and recovery: what they mean, and their bytes.
#include "services/dynamodb/trails.hpp"

#include <gtest/gtest.h>

#include "core/text.hpp"

namespace paddock::services::dynamodb {
namespace {

std::optional<int64_t> expiry(AttributeValue value) {
  Item item;
  item.set("expires", std::move(value));
  const std::string bytes = encode(item);
  return expiry_of(ItemView(bytes), "expires");
}
std::optional<int64_t> expiry(const char* number) {
  return expiry(AttributeValue::number(Number::parse(number)));
}

TEST(Trails, OnlyNumbersAreExpirations) {
  EXPECT_EQ(expiry("1700000000"), 1'700'000'000);
  EXPECT_EQ(expiry("17e8"), 1'700'000'000);
  EXPECT_EQ(expiry("1700000000.999"), 1'700'000'000);
  EXPECT_EQ(expiry("0"), 0);
  EXPECT_EQ(expiry("0.5"), 0);
  EXPECT_EQ(expiry("-1"), std::nullopt);
  EXPECT_EQ(expiry("253402300800"), std::nullopt);
  EXPECT_EQ(expiry("9.9e125"), std::nullopt);
  EXPECT_EQ(expiry(AttributeValue::string("1700000000")), std::nullopt);
  EXPECT_EQ(expiry_of(ItemView(), "expires"), std::nullopt);
}

TEST(Trails, AStepBackHasTheBytesOfItsFormat) {
  const UndoStep step{WorldTime{1}, "key", "item"};
  const std::string bytes = encode_undo(step);
  EXPECT_EQ(to_hex(bytes), "018000000000000001000000036b65796974656d");
  const UndoStep back = decode_undo(bytes);
  EXPECT_EQ(back.written.ms, 1);
  EXPECT_EQ(back.item_rest, "key");
  EXPECT_EQ(back.before, "item");
}

TEST(Trails, MalformedRowsAreRefused) {
  const std::string good = encode_undo({WorldTime{1}, "key", ""});
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_THROW(decode_undo(std::string_view(good).substr(0, length)), CorruptData) << length;
  }
  std::string newer = good;
  newer[0] = 2;
  EXPECT_THROW(decode_undo(newer), CorruptData);
}

TEST(Trails, AnExpirationNamesItsItemAndPartition) {
  Table table;
  table.realm = 7;
  table.incarnation = 9;
  table.keys.hash = {"pk", AttributeType::string};
  table.keys.range = KeyAttribute{"sk", AttributeType::number};
  Item item;
  item.set("pk", AttributeValue::string("p"));
  item.set("sk", AttributeValue::number(Number(5)));
  const ItemKey key = item_key(table, item);
  const size_t prefix = items_prefix(table).bytes().size();
  const auto entry = storage::Key(expiries_prefix(table, 3))
                         .i64(77)
                         .raw(std::string_view(key.bytes).substr(prefix));
  std::string value(1, '\1');
  storage::append_u32(value, static_cast<uint32_t>(key.partition_bytes - prefix));
  const Expiration expiration = read_expiration(table, entry, value);
  EXPECT_EQ(expiration.second, 77);
  EXPECT_EQ(expiration.item.bytes, key.bytes);
  EXPECT_EQ(expiration.item.partition(), key.partition());
  EXPECT_THROW(read_expiration(table, entry, value.substr(0, 3)), CorruptData);
  EXPECT_THROW(read_expiration(table, entry, std::string("\1\0\0\1\0", 5)), CorruptData);
}

}  // namespace
}  // namespace paddock::services::dynamodb
