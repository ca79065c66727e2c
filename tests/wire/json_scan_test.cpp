#include "wire/json_scan.hpp"

#include <optional>
#include <stdexcept>

#include <gtest/gtest.h>

#include "wire/codec.hpp"

namespace paddock::wire {
namespace {

// The whole text as a string; nullopt if it was refused.
std::optional<std::string> scanned_string(std::string_view text) {
  JsonScan in(text);
  std::string_view value;
  if (!in.string(value) || !in.finish()) return std::nullopt;
  return std::string(value);
}

std::optional<uint64_t> scanned_natural(std::string_view text) {
  JsonScan in(text);
  uint64_t value = 0;
  if (!in.natural(value) || !in.finish()) return std::nullopt;
  return value;
}

bool parser_takes(std::string_view text) {
  try {
    parse_json(text);
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

TEST(JsonScan, WalksObjectsAndArraysInPlace) {
  JsonScan in(" { \"a\" : [ \"x\" , \"y\" ] , \"b\" : { } , \"c\" : true , \"d\":[],\"e\":12 } ");
  std::string seen;
  ASSERT_TRUE(in.open_object());
  for (std::string_view name; in.next_member(name);) {
    seen += name;
    if (name == "a" || name == "d") {
      ASSERT_TRUE(in.open_array());
      for (std::string_view value; in.next_element();) {
        ASSERT_TRUE(in.string(value));
        seen += value;
      }
    } else if (name == "b") {
      std::string_view none;
      ASSERT_TRUE(in.open_object());
      ASSERT_FALSE(in.next_member(none));
    } else if (name == "c") {
      bool flag = false;
      ASSERT_TRUE(in.boolean(flag));
      ASSERT_TRUE(flag);
    } else {
      uint64_t number = 0;
      ASSERT_TRUE(in.natural(number));
      ASSERT_EQ(number, 12u);
    }
  }
  EXPECT_TRUE(in.finish());
  EXPECT_EQ(seen, "axybcde");
}

TEST(JsonScan, ReadsStringsAsTheParserDoesOrRefusesThem) {
  for (const std::string_view text : {
           R"("")",
           R"("plain")",
           R"("0123456789 a longer one without anything")",
           R"("a\"b\\c\/d\b\f\n\r\t")",
           R"("\u00e9 \u20ac \ud83d\ude00 end")",
           "\"gr\xC3\xBC\xC3\x9F dich, Welt; und lange genug\"",
           R"("escaped \u0000 zero")",
           R"("lone \ud83d")",
           R"("lone \ude00")",
           R"("half \ud83dx")",
           R"("wrong \ud83d\u0041")",
           R"("bad \x escape")",
           R"("short \u12")",
           R"("short \u12g4")",
           R"("no end)",
           R"("no end \)",
           "\"a control \n character\"",
           "\"bad utf8 \xC3\x28\"",
           "\"overlong \xC0\x80\"",
           "\"surrogate \xED\xA0\x80\"",
           "\"escape and bad \\n utf8 \xFF\"",
           R"("two" "values")",
       }) {
    const auto value = scanned_string(text);
    ASSERT_EQ(value.has_value(), parser_takes(text)) << text;
    if (value) {
      EXPECT_EQ(*value, parse_json(text).get<std::string>()) << text;
    }
  }
}

TEST(JsonScan, TakesPlainWholeNumbersAlone) {
  EXPECT_EQ(scanned_natural("0"), 0u);
  EXPECT_EQ(scanned_natural(" 1000 "), 1000u);
  EXPECT_EQ(scanned_natural("99999999999999999"), 99999999999999999u);
  for (const char* text :
       {"", "-1", "+1", "01", "1.0", "1e3", "1E3", "99999999999999999999", "1x"}) {
    EXPECT_EQ(scanned_natural(text), std::nullopt) << text;
  }
}

TEST(JsonScan, StaysFailed) {
  JsonScan in(R"({"a" 1})");
  std::string_view name;
  ASSERT_TRUE(in.open_object());
  EXPECT_FALSE(in.next_member(name));
  EXPECT_TRUE(in.failed());
  EXPECT_FALSE(in.open_object());
  EXPECT_FALSE(in.next_element());
  EXPECT_FALSE(in.finish());
}

TEST(JsonScan, RefusesMissingAndSpareSeparators) {
  const auto takes = [](std::string_view text) {
    JsonScan in(text);
    in.open_object();
    for (std::string_view name, value; in.next_member(name);) in.string(value);
    return in.finish();
  };
  EXPECT_TRUE(takes(R"({"a":"1","b":"2"})"));
  for (const char* text : {R"({"a":"1",})", R"({,"a":"1"})", R"({"a":"1""b":"2"})", R"({"a":"1")",
                           R"({"a":"1"}})", R"({"a"})", R"({a:"1"})", R"([])", ""}) {
    EXPECT_FALSE(takes(text)) << text;
  }
}

}  // namespace
}  // namespace paddock::wire
