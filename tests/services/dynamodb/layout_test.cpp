// The keys and rows of store.hpp, stream_log.hpp and model.hpp: vectors, order and round trips.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/text.hpp"
#include "services/dynamodb/model.hpp"
#include "services/dynamodb/shards.hpp"
#include "services/dynamodb/store.hpp"
#include "services/dynamodb/stream_log.hpp"

namespace paddock::services::dynamodb {

class LayoutTest : public ::testing::Test {
 protected:
  LayoutTest() {
    table.realm = 7;
    table.name = "visits";
    table.arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/visits";
    table.incarnation = 2;
    table.keys = {{"pk", AttributeType::string}, KeyAttribute{"sk", AttributeType::number}};
    table.attributes = {{"pk", AttributeType::string},
                        {"sk", AttributeType::number},
                        {"tag", AttributeType::binary}};
    Index index;
    index.id = 5;
    index.name = "by-tag";
    index.keys = {{"tag", AttributeType::binary}, std::nullopt};
    index.projection = Projection::keys_only;
    table.indexes.push_back(index);
    derive(table);
  }
  static Item item(const std::string& pk, int64_t sk) {
    Item result;
    result.set("pk", AttributeValue::string(pk));
    result.set("sk", AttributeValue::number(Number(sk)));
    return result;
  }
  Table table;
};

TEST_F(LayoutTest, KeysHaveTheirWrittenFormat) {
  EXPECT_EQ(to_hex(table_key(7, "ab")),
            "0000000720"
            "61620001");
  EXPECT_EQ(to_hex(record_key(7, 1, 2)),
            "0000000725"
            "0000000000000001"
            "0000000000000002");
  EXPECT_EQ(to_hex(entries_prefix(table, table.indexes[0])),
            "0000000724"
            "0000000000000002"
            "00000005");
  const ItemKey key = item_key(table, item("a", 1));
  const std::string hex = to_hex(key.bytes);
  EXPECT_EQ(hex.substr(0, 26),
            "0000000723"
            "0000000000000002");
  EXPECT_EQ(hex.substr(42),
            "610001"
            "03820b00");
  EXPECT_EQ(key.partition_bytes, key.bytes.size() - 4);
  EXPECT_EQ(to_hex(key.partition().substr(13, 8)), "09463894481901da");
}

TEST_F(LayoutTest, APartitionLiesInTheOrderOfItsSortKeys) {
  const std::vector<int64_t> numbers{-1000, -10, -9, 0, 1, 9, 10, 11, 100};
  for (size_t i = 1; i < numbers.size(); ++i) {
    EXPECT_LT(item_key(table, item("a", numbers[i - 1])).bytes,
              item_key(table, item("a", numbers[i])).bytes);
  }
  EXPECT_EQ(item_key(table, item("a", 1)).partition(), item_key(table, item("a", 2)).partition());
  EXPECT_NE(item_key(table, item("a", 1)).partition(), item_key(table, item("b", 1)).partition());
}

TEST_F(LayoutTest, SegmentsMeetWithoutGapOrOverlap) {
  for (const uint32_t total : {1u, 2u, 3u, 7u, 1'000'000u}) {
    EXPECT_EQ(segment_bounds(table, nullptr, 0, total).begin, items_prefix(table).bytes());
    const uint32_t last = total - 1;
    EXPECT_EQ(segment_bounds(table, nullptr, last, total).end,
              storage::prefix_end(items_prefix(table)));
    if (total > 1) {
      EXPECT_EQ(segment_bounds(table, nullptr, last - 1, total).end,
                segment_bounds(table, nullptr, last, total).begin);
    }
  }
}

TEST_F(LayoutTest, OnlyFittingItemsAreInAnIndex) {
  Item with_tag = item("a", 1);
  const ItemKey key = item_key(table, with_tag);
  const auto entry = [&](const Item& of) {
    const std::string bytes = encode(of);
    return entry_key(table, table.indexes[0], ItemView(bytes), key);
  };
  EXPECT_FALSE(entry(with_tag));
  with_tag.set("tag", AttributeValue::string("text"));
  EXPECT_FALSE(entry(with_tag));
  with_tag.set("tag", AttributeValue::binary(""));
  EXPECT_FALSE(entry(with_tag));
  with_tag.set("tag", AttributeValue::binary("x"));
  ASSERT_TRUE(entry(with_tag));
  EXPECT_TRUE(entry(with_tag)->ends_with(key.bytes.substr(21)));  // the table's key breaks ties
}

TEST_F(LayoutTest, AnEntryHoldsItsProjection) {
  Item whole = item("a", 1);
  whole.set("tag", AttributeValue::binary("x"));
  whole.set("title", AttributeValue::string("t"));
  const std::string bytes = encode(whole);
  Item keys = whole;
  keys.erase("title");
  EXPECT_EQ(entry_value(table.indexes[0], ItemView(bytes), bytes), encode(keys));
}

TEST_F(LayoutTest, AnIndexKeyOfSeveralAttributesIsOneAfterTheOther) {
  Index& index = table.indexes[0];
  index.keys = {{"a", AttributeType::string}, KeyAttribute{"r", AttributeType::number}};
  index.keys.more_hash = {{"b", AttributeType::string}};
  index.keys.more_range = {{"s", AttributeType::string}};
  Item whole = item("p", 2);
  whole.set("a", AttributeValue::string("A"));
  whole.set("b", AttributeValue::string("B"));
  whole.set("r", AttributeValue::number(Number(1)));
  whole.set("s", AttributeValue::string("S"));
  const std::string bytes = encode(whole);
  const auto entry = entry_key(table, index, ItemView(bytes), item_key(table, whole));
  ASSERT_TRUE(entry);
  const std::string hex = to_hex(*entry);
  EXPECT_EQ(hex.substr(0, 34), to_hex(entries_prefix(table, index)));
  EXPECT_EQ(hex.substr(50),
            "410001"
            "420001"
            "03820b00"
            "530001"
            "700001"
            "03821500");
  EXPECT_EQ(position_key(table, &index, whole), *entry);
  EXPECT_EQ(position_attributes(table, &index),
            (std::vector<std::string>{"a", "b", "pk", "r", "s", "sk"}));
  KeyRange range;
  range.hash = AttributeValue::string("A");
  range.more_hash = {AttributeValue::string("B")};
  range.fixed = {AttributeValue::number(Number(1))};
  range.op = RangeOperator::equal;
  range.low = AttributeValue::string("S");
  const KeyBounds within = bounds(table, &index, range);
  EXPECT_EQ(to_hex(within.begin), hex.substr(0, hex.size() - 14));
  EXPECT_TRUE(*entry >= within.begin && *entry < within.end);
  EXPECT_EQ(encode_table(*decode_table(7, encode_table(table))), encode_table(table));
  whole.erase("b");
  EXPECT_FALSE(entry_key(table, index, ItemView(encode(whole)), item_key(table, whole)));
}

TEST_F(LayoutTest, ATableSurvivesItsRow) {
  table.stream = std::make_shared<Stream>();
  table.tags = {{"a", "b"}};
  table.on_demand = true;
  const auto copy = decode_table(7, encode_table(table));
  EXPECT_EQ(encode_table(*copy), encode_table(table));
  EXPECT_EQ(copy->region, "eu-west-1");
  EXPECT_EQ(copy->account, "123456789012");
  EXPECT_EQ(copy->indexes[0].projected, (std::vector<std::string>{"pk", "sk", "tag"}));
  EXPECT_THROW(decode_table(7, "{}"), std::exception);
}

TEST(ShardRows, HaveTheirWrittenFormat) {
  EXPECT_EQ(to_hex(shards_key(7, 2)),
            "000000072c"
            "0000000000000002");
  const std::vector<Shard> shards{{"shardId-a", "", 1, 5, 10, 20},
                                  {"shardId-b", "shardId-a", 5, 0, 20, 0}};
  const std::string row = encode_shards(shards);
  EXPECT_EQ(row,
            "\x01"
            R"([["shardId-a","",1,5,10,20],["shardId-b","shardId-a",5,0,20,0]])");
  EXPECT_EQ(encode_shards(decode_shards(row)), row);
  for (const char* bad : {"", "\x01", "\x01[]", "\x02[[]]", "\x01[[\"a\"]]", "\x01{\"a\":1}"}) {
    EXPECT_THROW(decode_shards(bad), std::exception) << bad;
  }
}

TEST(StreamRecords, HaveTheirWrittenFormat) {
  StreamRecord record;
  record.event = StreamEvent::modify;
  record.created = WorldTime{1};
  record.cause = {"R", 3};
  record.keys = "K";
  record.new_image = "NN";
  const std::string bytes = encode_record(record);
  EXPECT_EQ(to_hex(bytes),
            "01"
            "4d"
            "8000000000000001"
            "520001"
            "00000003"
            "00000001"
            "4b"
            "00000002"
            "4e4e"
            "00000000");
  const StreamRecord read = decode_record(bytes);
  EXPECT_EQ(read.event, StreamEvent::modify);
  EXPECT_EQ(read.created, record.created);
  EXPECT_EQ(read.cause.request_id, "R");
  EXPECT_EQ(read.cause.depth, 3u);
  EXPECT_EQ(read.keys, "K");
  EXPECT_EQ(read.new_image, "NN");
  EXPECT_EQ(read.old_image, "");
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_THROW(decode_record(std::string_view(bytes).substr(0, length)), CorruptData) << length;
  }
}

TEST(StreamRecords, SequenceNumbersRiseWithThePosition) {
  EXPECT_EQ(sequence_number(1), "100000000000000000001");
  EXPECT_LT(sequence_number(9), sequence_number(10));
  EXPECT_EQ(position_of(sequence_number(UINT64_MAX)), UINT64_MAX);
  EXPECT_FALSE(position_of("1"));
  EXPECT_FALSE(position_of("10000000000000000000x"));
  EXPECT_FALSE(position_of("199999999999999999999"));  // more than 64 bits
}

TEST(StreamRecords, AnIteratorIsReadBackOrRefused) {
  const ShardIterator iterator{"arn:x", "shardId-1", 42, WorldTime{5}};
  const std::string text = iterator.text();
  EXPECT_TRUE(text.starts_with("arn:x|1|"));
  const auto read = ShardIterator::parse(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->stream_arn, "arn:x");
  EXPECT_EQ(read->shard_id, "shardId-1");
  EXPECT_EQ(read->position, 42u);
  EXPECT_EQ(read->issued, WorldTime{5});
  for (const char* bad : {"", "x", "arn|1|", "arn|2|AAAA", "arn|1|AAAA", "arn|1|!!!!", "|||"}) {
    EXPECT_FALSE(ShardIterator::parse(bad)) << bad;
  }
}

}  // namespace paddock::services::dynamodb
