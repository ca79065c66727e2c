#include "services/dynamodb/item.hpp"

#include <random>

#include "core/text.hpp"
#include "tests/services/dynamodb/rules_support.hpp"

namespace paddock::services::dynamodb {
namespace {

using testing::item;
using testing::json;
using testing::json_text;
using testing::refusal;
using testing::value;

std::string item_refused(std::string_view document) {
  return refusal([&] { value(document); });
}

// `levels` maps around a string.
std::string nested(int levels) {
  std::string text;
  for (int i = 0; i < levels; ++i) text += R"({"M":{"a":)";
  text += R"({"S":"x"})";
  for (int i = 0; i < levels; ++i) text += "}}";
  return text;
}

Item everything() {
  Json document = json(R"({"s":{"S":"text"},"n":{"N":"-12.50"},"t":{"BOOL":true},"f":{"BOOL":false},
    "z":{"NULL":true},"ss":{"SS":["b","a"]},"ns":{"NS":["10","9","-1"]},
    "m":{"M":{"y":{"L":[{"N":"1"},{"S":""}]},"x":{"M":{}}}},"l":{"L":[]}})");
  document["b"]["B"] = Json::binary({0, 255, 16});
  document["bs"]["BS"] = Json::array({Json::binary({2}), Json::binary({1, 2})});
  return item_from_document(document);
}

TEST(DynamoItem, RefusesMalformedValuesInAwsWords) {
  EXPECT_EQ(
      item_refused("{}"),
      "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
  EXPECT_EQ(
      item_refused(R"({"X":"1"})"),
      "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
  EXPECT_EQ(item_refused(R"({"S":"a","N":"1"})"),
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of "
            "the supported datatypes");
  EXPECT_EQ(item_refused(R"({"NULL":false})"),
            "One or more parameter values were invalid: Null attribute value types must have the "
            "value of true");
  EXPECT_EQ(item_refused(R"({"SS":[]})"),
            "One or more parameter values were invalid: An string set  may not be empty");
  EXPECT_EQ(item_refused(R"({"NS":[]})"),
            "One or more parameter values were invalid: An number set  may not be empty");
  EXPECT_EQ(item_refused(R"({"BS":[]})"),
            "One or more parameter values were invalid: Binary sets should not be empty");
  EXPECT_EQ(item_refused(R"({"SS":["b","a","b"]})"),
            "One or more parameter values were invalid: Input collection [b, a, b] contains "
            "duplicates.");
  EXPECT_EQ(item_refused(R"({"NS":["1","1.0"]})"), "Input collection contains duplicates");
  EXPECT_EQ(item_refused(R"({"N":"abc"})"),
            "The parameter cannot be converted to a numeric value: abc");
  EXPECT_EQ(item_refused(R"({"S":1})"), "other code: SerializationException");
  EXPECT_EQ(item_refused(R"({"L":{}})"), "other code: SerializationException");
  EXPECT_EQ(item_refused(R"("x")"), "other code: SerializationException");
}

TEST(DynamoItem, RefusesDuplicateBinariesShownAsBase64) {
  Json document;
  document["BS"] = Json::array({Json::binary({1}), Json::binary({1})});
  EXPECT_EQ(refusal([&] { value_from_document(document); }),
            "One or more parameter values were invalid: Input collection [AQ==, AQ==]of type BS "
            "contains duplicates.");
}

TEST(DynamoItem, AcceptsEmptyTextAndEmptyMembers) {
  EXPECT_EQ(item_refused(R"({"S":""})"), "accepted");
  EXPECT_EQ(item_refused(R"({"SS":[""]})"), "accepted");
  EXPECT_EQ(item_refused(R"({"M":{}})"), "accepted");
}

TEST(DynamoItem, Stores31LevelsAndRefuses32) {
  EXPECT_EQ(item_refused(nested(31)), "accepted");
  EXPECT_EQ(item_refused(nested(32)),
            "Nesting Levels have exceeded supported limits: Attributes in the item have nested "
            "levels beyond supported limit");
  Item deep;
  deep.set("a", value(nested(31)));
  EXPECT_EQ(decode_item(encode(deep)), deep);
}

TEST(DynamoItem, EncodesAsDocumented) {
  EXPECT_EQ(to_hex(encode(item(R"({"n":{"N":"1"},"id":{"S":"a"}})"))),
            "0102026964530161016e4e0101");
  EXPECT_EQ(to_hex(encode(Item())), "0100");
  EXPECT_EQ(to_hex(encode(value(R"({"SS":["b","a"]})"))),
            "730500000002016101"
            "62");
  EXPECT_EQ(to_hex(encode(value(R"({"L":[{"NULL":true},{"BOOL":true},{"BOOL":false}]})"))),
            "4c0400000003305446");
  EXPECT_EQ(to_hex(encode(value(R"({"M":{"k":{"N":"0"}}})"))), "4d0500000001016b4e00");
  EXPECT_EQ(to_hex(encode(value(R"({"NS":["2","1"]})"))),
            "6e05000000020101"
            "0102");
}

TEST(DynamoItem, SurvivesBytesDocumentsAndText) {
  const Item all = everything();
  const std::string bytes = encode(all);
  EXPECT_EQ(decode_item(bytes), all);
  EXPECT_EQ(encode(decode_item(bytes)), bytes);
  EXPECT_EQ(ItemView(bytes).decode(), all);
  EXPECT_EQ(item_from_document(to_document(all)), all);
  EXPECT_EQ(json_text(all),
            R"({"b":{"B":"AP8Q"},"bs":{"BS":["AQI=","Ag=="]},"f":{"BOOL":false},"l":{"L":[]},)"
            R"("m":{"M":{"x":{"M":{}},"y":{"L":[{"N":"1"},{"S":""}]}}},"n":{"N":"-12.5"},)"
            R"("ns":{"NS":["-1","9","10"]},"s":{"S":"text"},"ss":{"SS":["a","b"]},)"
            R"("t":{"BOOL":true},"z":{"NULL":true}})");
}

TEST(DynamoItem, EqualityIgnoresOrderAndFormOfNumbers) {
  EXPECT_EQ(item(R"({"a":{"SS":["x","y"]},"b":{"N":"1.0"}})"),
            item(R"({"b":{"N":"1"},"a":{"SS":["y","x"]}})"));
  EXPECT_EQ(encode(item(R"({"a":{"NS":["100","2"]}})")),
            encode(item(R"({"a":{"NS":["2.0","1e2"]}})")));
  EXPECT_NE(value(R"({"L":[{"N":"1"},{"N":"2"}]})"), value(R"({"L":[{"N":"2"},{"N":"1"}]})"));
  EXPECT_NE(value(R"({"S":"1"})"), value(R"({"N":"1"})"));
}

TEST(DynamoItem, FindsAttributesWithoutDecoding) {
  const std::string bytes = encode(everything());
  const ItemView view(bytes);
  EXPECT_EQ(view.size(), 11U);
  EXPECT_EQ(view.find("s")->text(), "text");
  EXPECT_EQ(view.find("n")->number(), Number::parse("-12.5"));
  EXPECT_TRUE(view.find("t")->boolean());
  EXPECT_FALSE(view.find("nothing").has_value());
  EXPECT_FALSE(view.find("").has_value());
  EXPECT_FALSE(view.find("zz").has_value());
  EXPECT_EQ(view.find("m")->member("y")->element(0)->number(), Number(1));
  EXPECT_FALSE(view.find("m")->member("y")->element(2).has_value());
  EXPECT_FALSE(view.find("s")->member("y").has_value());
  EXPECT_EQ(view.find("ns")->count(), 3U);
  EXPECT_FALSE(ItemView().find("s").has_value());
}

TEST(DynamoItem, PicksTopLevelAttributesAsBytes) {
  const std::string bytes = encode(everything());
  EXPECT_EQ(decode_item(pick_attributes(ItemView(bytes), {"z", "s", "nothing"})),
            item(R"({"s":{"S":"text"},"z":{"NULL":true}})"));
}

TEST(DynamoItem, CountsBytesAsAwsDoes) {
  EXPECT_EQ(item_size(item(R"({"id":{"S":"abc"}})")), 5U);
  EXPECT_EQ(item_size(item(R"({"é":{"S":"é"}})")), 4U);
  EXPECT_EQ(item_size(item(R"({"a":{"BOOL":true},"b":{"NULL":true}})")), 4U);
  EXPECT_EQ(item_size(item(R"({"a":{"SS":["ab","c"]},"b":{"NS":["1","-22"]}})")), 10U);
  EXPECT_EQ(item_size(item(R"({"a":{"L":[]},"b":{"M":{}}})")), 8U);
  EXPECT_EQ(item_size(item(R"({"a":{"L":[{"S":"x"},{"N":"1"}]}})")), 1U + 3 + 2 + 1 + 2);
  EXPECT_EQ(item_size(item(R"({"a":{"M":{"key":{"S":"x"}}}})")), 1U + 3 + 1 + 3 + 1);
  const Item all = everything();
  EXPECT_EQ(item_size(ItemView(encode(all))), item_size(all));
}

TEST(DynamoItem, ItemsStaySortedUnderChanges) {
  Item changed;
  changed.set("b", value(R"({"N":"1"})"));
  changed.set("a", value(R"({"N":"2"})"));
  changed.set("b", value(R"({"N":"3"})"));
  EXPECT_EQ(json_text(changed), R"({"a":{"N":"2"},"b":{"N":"3"}})");
  EXPECT_TRUE(changed.erase("a"));
  EXPECT_FALSE(changed.erase("a"));
  EXPECT_EQ(changed.size(), 1U);
}

TEST(DynamoItem, CorruptBytesAreRefusedEverywhere) {
  const std::string good = encode(everything());
  std::mt19937 random(11);
  size_t refused_count = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = good;
    const size_t changes = 1 + random() % 3;
    for (size_t i = 0; i < changes; ++i)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    if (random() % 4 == 0) bytes.resize(random() % bytes.size());
    try {
      EXPECT_EQ(encode(decode_item(bytes)), bytes);
    } catch (const CorruptData&) {
      ++refused_count;
    }
    try {
      std::string out;
      append_json(out, ItemView(bytes));
      item_size(ItemView(bytes));
    } catch (const CorruptData&) {
    }
  }
  EXPECT_GT(refused_count, 1000U);
  EXPECT_THROW(ItemView(""), CorruptData);
  EXPECT_THROW(ItemView("\x02"), CorruptData);
  EXPECT_THROW(decode_item(good + "x"), CorruptData);
}

}  // namespace
}  // namespace paddock::services::dynamodb
