#include "core/json_check.hpp"

#include <string>

#include <gtest/gtest.h>

#include "core/json.hpp"

namespace paddock {
namespace {

TEST(JsonCheck, TakesWhatTheDocumentsReaderTakes) {
  for (const char* text : {"1", "-0", "1.5e300", "\"a\"", "null", " {\"a\": [1, 2.5, true, {}]} \n",
                           "[]", "\"\\u00fc\"", "\"\\ud83d\\ude00\"", "{\"a\":1,\"a\":2}"}) {
    EXPECT_TRUE(is_json(text)) << text;
    EXPECT_TRUE(Json::accept(text)) << text;
  }
}

TEST(JsonCheck, RefusesWhatItRefuses) {
  for (const char* text :
       {"",         " ",        "{",     "[1,]",      "01",      "+1",  "1.",          ".5",
        "\"\xff\"", "nul",      "1 2",   "{\"a\" 1}", "{a:1}",   "'a'", "\"\\ud800\"", "//x\n1",
        "/**/1",    "\"a\nb\"", "1e400", "-1e400",    "\"\\x\"", "NaN", "\xef\xbb"}) {
    EXPECT_FALSE(is_json(text)) << text;
    EXPECT_FALSE(Json::accept(text)) << text;
  }
}

TEST(JsonCheck, GivesUpOnDeepNesting) {
  EXPECT_TRUE(is_json(std::string(1000, '[') + std::string(1000, ']')));
  EXPECT_FALSE(is_json(std::string(1001, '[') + std::string(1001, ']')));
  EXPECT_FALSE(is_json(std::string(10'000'000, '[')));
}

}  // namespace
}  // namespace paddock
