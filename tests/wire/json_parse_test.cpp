#include <stdexcept>

#include <gtest/gtest.h>

#include "wire/codec.hpp"

namespace paddock::wire {
namespace {

std::string nested(size_t depth, const std::string& open, const std::string& close) {
  std::string text;
  for (size_t i = 0; i < depth; i++) text += open;
  text += "1";
  for (size_t i = 0; i < depth; i++) text += close;
  return text;
}

TEST(ParseJson, ReadsEveryKindOfValue) {
  EXPECT_EQ(parse_json(R"( {"a":[1,-2,3.5,true,false,null,"\u00e9\n"],"b":{"c":{}}, "d":[]} )"),
            Json({{"a", {1, -2, 3.5, true, false, nullptr, "é\n"}},
                  {"b", {{"c", Json::object()}}},
                  {"d", Json::array()}}));
  EXPECT_EQ(parse_json("12"), Json(12));
  EXPECT_EQ(parse_json("18446744073709551615"), Json(18446744073709551615ull));
  EXPECT_EQ(parse_json(R"([[1,2],[3],{"a":[{}]}])"), Json::parse(R"([[1,2],[3],{"a":[{}]}])"));
}

TEST(ParseJson, TakesTheDeepestNestingAndRefusesOneMore) {
  EXPECT_NO_THROW(parse_json(nested(kMaxDepth, "[", "]")));
  EXPECT_THROW(parse_json(nested(kMaxDepth + 1, "[", "]")), std::invalid_argument);
  EXPECT_NO_THROW(parse_json(nested(kMaxDepth, "{\"a\":", "}")));
  EXPECT_THROW(parse_json(nested(kMaxDepth + 1, "{\"a\":", "}")), std::invalid_argument);
}

TEST(ParseJson, DepthIsOfOpenValuesNotOfAllSeen) {
  std::string text = "[";
  for (size_t i = 0; i < 3 * kMaxDepth; i++) text += (i > 0 ? ",{}" : "{}");
  EXPECT_EQ(parse_json(text + "]").size(), 3 * kMaxDepth);
}

class MalformedJson : public testing::TestWithParam<const char*> {};

TEST_P(MalformedJson, IsRefusedWithInvalidArgument) {
  EXPECT_THROW(parse_json(GetParam()), std::invalid_argument);
}

INSTANTIATE_TEST_SUITE_P(All, MalformedJson,
                         testing::Values("", " ", "{", "}", "[1,]", "{\"a\":1,}", "{\"a\" 1}",
                                         "{a:1}", "nul", "tru", "1 2", "{} x", "{}{}", "01", "1.",
                                         "+1", "1e999", "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"",
                                         "\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"a\nb\"",
                                         "{\"a\":1,\"a\":2}", "{\"x\":{\"b\":1,\"b\":1}}",
                                         "\xEF\xBB\xBF{}", "// c\n{}", "NaN", "[1 2]", "{\"a\":}"));

}  // namespace
}  // namespace paddock::wire
