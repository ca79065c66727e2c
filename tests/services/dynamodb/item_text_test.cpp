#include "services/dynamodb/item_text.hpp"

#include <optional>

#include <gtest/gtest.h>

#include "tests/services/dynamodb/rules_support.hpp"

namespace paddock::services::dynamodb {
namespace {

std::optional<Item> text_item(std::string_view text) {
  wire::JsonScan in(text);
  Item item;
  const bool read = read_item(in, item) && in.finish();
  // Read as an image, the same text says the same.
  wire::JsonScan again(text);
  std::string image;
  EXPECT_EQ(read_image(again, image) && again.finish(), read) << text;
  if (!read) return std::nullopt;
  EXPECT_EQ(image, encode(item)) << text;
  return item;
}

TEST(DynamoItemText, ReadsWhatADocumentOfTheSameTextHolds) {
  for (
      const std::string_view text : {
          R"({})",
          R"({"id":{"S":"a"}})",
          R"({"z":{"S":""},"b":{"N":"-1.50e3"},"a":{"BOOL":true},"c":{"BOOL":false}})",
          R"({"m":{"M":{"y":{"L":[{"S":"1"},{"N":"2"},{"M":{}}]},"x":{"NULL":true}}},"l":{"L":[]}})",
          R"({"ss":{"SS":["b","a"]},"ns":{"NS":["10","9","-1"]}})",
          R"({"\u00fc":{"S":"\ud83d\ude00\n"}, "n" : { "S" : "gr\u00fc\u00df" } })",
          R"({"a-rather-long-attribute-name":{"S":"and a value that is longer than any buffer"}})",
      }) {
    const auto item = text_item(text);
    ASSERT_TRUE(item) << text;
    EXPECT_EQ(testing::json_text(*item), testing::json_text(testing::item(text)));
  }
}

TEST(DynamoItemText, ReadsBinaries) {
  const auto item = text_item(R"({"b":{"B":"AAEC/w=="},"s":{"BS":["Yg==","YQ=="]}})");
  ASSERT_TRUE(item);
  EXPECT_EQ(item->find("b")->as_binary(), std::string("\x00\x01\x02\xff", 4));
  EXPECT_EQ(item->find("s")->as_binary_set(), (std::vector<std::string>{"a", "b"}));
}

TEST(DynamoItemText, LeavesWhatIsWrongOrRareToTheDocument) {
  for (const std::string_view text : {
           R"({"a":{"S":"1"},"a":{"S":"2"}})",
           R"({"b":{"S":"1"},"a":{"S":"1"},"b":{"S":"2"}})",
           R"({"a":{}})",
           R"({"a":{"X":"1"}})",
           R"({"a":{"S":"1","N":"1"}})",
           R"({"a":{"S":"1","Unknown":1}})",
           R"({"a":{"S":1}})",
           R"({"a":{"S":null}})",
           R"({"a":null})",
           R"({"a":"text"})",
           R"({"a":{"N":"one"}})",
           R"({"a":{"N":1}})",
           R"({"a":{"B":"?"}})",
           R"({"a":{"NULL":false}})",
           R"({"a":{"BOOL":"true"}})",
           R"({"a":{"SS":[]}})",
           R"({"a":{"SS":["x","x"]}})",
           R"({"a":{"NS":["1","1.0"]}})",
           R"({"a":{"BS":["YQ==","YQ=="]}})",
           R"({"":{"S":"1"}})",
           R"({"a":{"S":"1"}} rest)",
           R"({"a":{"S":"1"})",
       }) {
    EXPECT_FALSE(text_item(text)) << text;
  }
}

TEST(DynamoItemText, BoundsTheDepth) {
  const auto nested = [](int levels) {
    std::string text = R"({"a":)";
    for (int i = 0; i < levels; ++i) text += R"({"L":[)";
    text += R"({"S":"x"})";
    for (int i = 0; i < levels; ++i) text += "]}";
    return text + "}";
  };
  EXPECT_TRUE(text_item(nested(kMaxTextNesting - 1)));
  EXPECT_FALSE(text_item(nested(kMaxTextNesting)));
  EXPECT_FALSE(text_item(nested(100'000)));
}

TEST(DynamoItemText, ReplacesAttributesWithoutTouchingTheOthers) {
  const auto replaced = [](std::string_view stored, std::vector<std::string_view> names,
                           std::string_view values) {
    const std::string before = encode(testing::item(stored));
    return testing::json_text(
        ItemView(with_attributes(ItemView(before), names, testing::item(values))).decode());
  };
  const char* stored = R"({"b":{"S":"1"},"d":{"M":{"x":{"N":"1"}}},"f":{"S":"3"}})";
  EXPECT_EQ(replaced(stored, {"d"}, R"({"d":{"N":"7"}})"),
            R"({"b":{"S":"1"},"d":{"N":"7"},"f":{"S":"3"}})");
  EXPECT_EQ(replaced(stored, {"a", "c", "g"}, R"({"a":{"N":"1"},"c":{"N":"2"},"g":{"N":"3"}})"),
            R"({"a":{"N":"1"},"b":{"S":"1"},"c":{"N":"2"},"d":{"M":{"x":{"N":"1"}}},)"
            R"("f":{"S":"3"},"g":{"N":"3"}})");
  EXPECT_EQ(replaced(stored, {"b", "f"}, "{}"), R"({"d":{"M":{"x":{"N":"1"}}}})");
  EXPECT_EQ(replaced("{}", {"a"}, R"({"a":{"N":"1"}})"), R"({"a":{"N":"1"}})");
}

}  // namespace
}  // namespace paddock::services::dynamodb
