#include <stdexcept>

#include <gtest/gtest.h>

#include "wire/codec.hpp"

namespace paddock::wire {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

TEST(ParseForm, KeepsOrderDuplicatesAndEmptyValues) {
  EXPECT_EQ(parse_form("b=2&a=1&b=3&c&d=&=e"),
            (Fields{{"b", "2"}, {"a", "1"}, {"b", "3"}, {"c", ""}, {"d", ""}, {"", "e"}}));
  EXPECT_EQ(parse_form(""), Fields{});
  EXPECT_EQ(parse_form("&&a=1&&"), (Fields{{"a", "1"}}));
}

TEST(ParseForm, DecodesEscapesAndPlus) {
  EXPECT_EQ(parse_form("a%2Eb=c+d%2b%C3%A9&x=1=2"), (Fields{{"a.b", "c d+é"}, {"x", "1=2"}}));
}

TEST(ParseForm, RefusesMalformedEscapesAndText) {
  for (const char* text : {"a=%", "a=%4", "a=%zz", "%=1", "a=%ff", "a=\xff", "a=%C3"}) {
    EXPECT_THROW(parse_form(text), std::invalid_argument) << text;
  }
}

TEST(ParseForm, TakesTheMostFieldsAndRefusesOneMore) {
  std::string text;
  for (size_t i = 0; i < kMaxFormFields; i++) text += "a&";
  EXPECT_EQ(parse_form(text).size(), kMaxFormFields);
  EXPECT_THROW(parse_form(text + "a"), std::invalid_argument);
}

}  // namespace
}  // namespace paddock::wire
