// Filter patterns: what matches, what they take out of an event, and what AWS refuses.
#include "services/logs/pattern.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace paddock::services::logs {
namespace pattern_test {

using Values = Pattern::Values;

bool matches(std::string_view pattern, std::string_view message) {
  return Pattern(pattern).matches(message);
}
Values extracted(std::string_view pattern, std::string_view message) {
  return Pattern(pattern).extract(message).value_or(Values{{"no", "match"}});
}
// The message with which a pattern is refused; "" if it is taken.
std::string refusal(std::string_view pattern, std::string_view of = "filter") {
  try {
    Pattern made(pattern, of);
    return "";
  } catch (const AwsError& error) {
    EXPECT_EQ(error.code(), "InvalidParameterException");
    return error.message();
  }
}

constexpr std::string_view kEvent = R"({
  "eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111", "errorCode": 400,
  "latency": 12.34, "whole": 12.0, "flag": true, "nothing": null, "object": {"a": 1},
  "arrayKey": ["value", "another value"], "text-number": "42", "a.b": "dotted",
  "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
  "coordinates": [[0, 1], [4, 5]]
})";

bool json(const std::string& conditions) {
  return matches("{ " + conditions + " }", kEvent);
}

// -- terms ----------------------------------------------------------------------------------------

TEST(TermPatterns, RegularExpressionsStandForTerms) {
  EXPECT_TRUE(matches("%AUTHORIZED%", "[ERROR 401] UNAUTHORIZED REQUEST"));
  EXPECT_TRUE(matches(R"(%\d{1,3}\.\d{1,3}%)", "from 10.20"));
  EXPECT_FALSE(matches(R"(%\d{1,3}\.\d{1,3}%)", "from 10,20"));
  EXPECT_TRUE(matches("%^ERROR%", "ERROR one"));
  EXPECT_FALSE(matches("%^ERROR%", "an ERROR"));
  EXPECT_TRUE(matches("%[Ee]rror|[Ff]ail% -disk", "a fail"));
  EXPECT_FALSE(matches("%[Ee]rror|[Ff]ail% -disk", "a disk fail"));
  EXPECT_TRUE(matches(R"(%\x41B%)", "AB"));
}

TEST(TermPatterns, ASignMayStandApartFromItsTerm) {
  EXPECT_FALSE(matches(R"("ERROR" - "Exiting")", "Exiting with ERROR"));
  EXPECT_TRUE(matches(R"("ERROR" - "Exiting")", "an ERROR"));
}

TEST(TermPatterns, OtherCharactersNeedQuotes) {
  EXPECT_EQ(refusal("Status: timeout"), "Invalid character(s) in term ':'");
  EXPECT_EQ(refusal("a,b"), "Invalid character(s) in term ','");
  EXPECT_EQ(refusal("(a)"), "Invalid character(s) in term '('");
  EXPECT_EQ(refusal("`a`"), "Invalid character(s) in term '`'");
  EXPECT_EQ(refusal(R"(level\")"), R"(Invalid character(s) in term '\')");
  EXPECT_EQ(refusal("a \xe2\x80\x9c"), "Invalid character(s) in term '?'");
  EXPECT_EQ(refusal("error-log"), "Invalid filter pattern");
  EXPECT_EQ(refusal(R"(?"?REPORT ?"Task timed out"")"), "Invalid filter pattern");
  EXPECT_EQ(refusal("a -"), "Invalid filter pattern");
  EXPECT_EQ(refusal("\"open"), "Invalid filter pattern");
}

TEST(TermPatterns, AMessageSaysWhosePatternItIs) {
  EXPECT_EQ(refusal("\"", "metric filter"), "Invalid metric filter pattern");
  EXPECT_EQ(refusal("{", "subscription filter"), "Invalid subscription filter pattern");
}

TEST(RegularExpressions, AreASubset) {
  EXPECT_EQ(refusal("%something!%"), "Invalid character(s) in term '!'");
  EXPECT_EQ(refusal("%(a)%"), "Invalid character(s) in term '('");
  EXPECT_EQ(refusal("%a b%"), "Invalid character(s) in term ' '");
  EXPECT_EQ(refusal("%\xc3\xbc%"), "Invalid character(s) in term '?'");
  EXPECT_EQ(refusal("%[a%"), "Invalid filter pattern");
  EXPECT_EQ(refusal("%*%"), "Invalid filter pattern");
  EXPECT_EQ(refusal("%a{2,1}%"), "Invalid filter pattern");
  EXPECT_EQ(refusal("%%"), "Invalid filter pattern");
  EXPECT_EQ(refusal("%open"), "Invalid filter pattern");
  EXPECT_EQ(refusal("%a% %b%"), "");
  EXPECT_EQ(refusal("%a% %b% %c%"), "Invalid filter pattern");  // two at most
}

TEST(RegularExpressions, TakeTimeLinearInTheText) {
  // Where backtracking would take longer than the universe.
  const std::string text = std::string(200'000, 'a') + "b";
  EXPECT_FALSE(matches("%a*a*a*a*a*a*a*a*a*a*a*c%", text));
}

// -- JSON -----------------------------------------------------------------------------------------

TEST(JsonPatterns, CompareText) {
  EXPECT_TRUE(json(R"($.eventType = "UpdateTrail")"));
  EXPECT_TRUE(json("$.eventType = UpdateTrail"));
  EXPECT_FALSE(json("$.eventType = updatetrail"));
  EXPECT_TRUE(json("$.eventType != Other"));
  EXPECT_TRUE(json("$.sourceIPAddress = 111.111.111.111"));
  EXPECT_TRUE(json("$.sourceIPAddress != 123.123.*"));
  EXPECT_TRUE(json(R"($.eventType=%^Up\w+Trail$%)"));
  EXPECT_FALSE(json("$.eventType != %Trail%"));
}

TEST(JsonPatterns, StarsStandForAnything) {
  for (const char* like : {"*", "Update*", "*Trail", "*date*", "U*l", "*eT*"}) {
    EXPECT_TRUE(json(std::string("$.eventType = ") + like)) << like;
    EXPECT_TRUE(json(std::string("$.eventType = \"") + like + "\"")) << like;
  }
  EXPECT_FALSE(json("$.eventType = *trail"));
  // What follows a star is looked for once, as AWS does it.
  EXPECT_TRUE(json("$.sourceIPAddress = *.111.111.111"));
  EXPECT_FALSE(json("$.sourceIPAddress = *111.111.111"));
  EXPECT_TRUE(json("$.sourceIPAddress != 111*111"));
}

TEST(JsonPatterns, CompareNumbers) {
  for (const char* holds :
       {"$.errorCode = 400", "$.errorCode = 400.0", "$.errorCode = +4e2", "$.errorCode != 500",
        "$.errorCode >= 400", "$.errorCode <= 400", "$.errorCode > -1", "$.latency < 12.5",
        "$.latency = 12.34", "$.whole = 12", "$.objectList[1].id = 2", "$.coordinates[1][0] = 4"}) {
    EXPECT_TRUE(json(holds)) << holds;
  }
  for (const char* fails : {"$.errorCode = 401", "$.errorCode != 400", "$.errorCode > 400",
                            "$.eventType > 1", "$.latency < 12.34"}) {
    EXPECT_FALSE(json(fails)) << fails;
  }
}

TEST(JsonPatterns, NumbersInQuotesAreText) {
  EXPECT_TRUE(json(R"($.errorCode = "400")"));
  EXPECT_TRUE(json(R"($.errorCode != "400.0")"));
  EXPECT_TRUE(json(R"($.whole != "12")"));
  EXPECT_TRUE(json("$.errorCode = 4*"));
  EXPECT_TRUE(json("$.latency = *.34"));
  EXPECT_TRUE(json(R"($.text-number = "42")"));
  EXPECT_TRUE(json("$.text-number = 42"));
}

TEST(JsonPatterns, KnowWhatIsThere) {
  EXPECT_TRUE(json("$.nothing IS NULL"));
  EXPECT_FALSE(json("$.eventType IS NULL"));
  EXPECT_FALSE(json("$.other IS NULL"));
  EXPECT_TRUE(json("$.other NOT EXISTS"));
  EXPECT_FALSE(json("$.nothing NOT EXISTS"));
  EXPECT_TRUE(json("$.flag IS TRUE"));
  EXPECT_FALSE(json("$.flag IS FALSE"));
  EXPECT_FALSE(json("$.other IS FALSE"));
  EXPECT_TRUE(json("$.flag = true"));
}

TEST(JsonPatterns, WhatIsNotThereOrNoValueMatchesNothing) {
  for (const char* selector : {"$.other", "$.object", "$.arrayKey", "$.nothing", "$.eventType[0]",
                               "$.arrayKey[2]", "$.arrayKey.name"}) {
    EXPECT_FALSE(json(std::string(selector) + " = x")) << selector;
    EXPECT_FALSE(json(std::string(selector) + " != x")) << selector;
  }
}

TEST(JsonPatterns, ConditionsAreJoined) {
  EXPECT_TRUE(json("$.errorCode = 1 && $.errorCode = 2 || $.flag IS TRUE"));
  EXPECT_FALSE(json("$.errorCode = 1 && ($.errorCode = 2 || $.flag IS TRUE)"));
  EXPECT_TRUE(json("($.eventType = Update*) && (($.errorCode > 1) && ($.errorCode < 500))"));
  EXPECT_TRUE(matches(R"({($.errorCode=400)&&($.z NOT EXISTS)})", kEvent));
}

TEST(JsonPatterns, SelectorsReachIntoListsAndObjects) {
  EXPECT_TRUE(json(R"($.arrayKey[1] = "another value")"));
  EXPECT_TRUE(json("$.object.a = 1"));
  EXPECT_TRUE(json("$['a.b'] = dotted"));
  EXPECT_TRUE(json(R"($["a.b"] = dotted)"));
  EXPECT_TRUE(json("$.arrayKey[*] = value"));
  EXPECT_TRUE(json("$.objectList[*].id = 2"));
  EXPECT_FALSE(json("$.objectList[*].id = 3"));
  EXPECT_TRUE(json("$.object.* = 1"));
}

TEST(JsonPatterns, MatchJsonObjectsAlone) {
  EXPECT_FALSE(matches("{ $.a NOT EXISTS }", "no JSON"));
  EXPECT_FALSE(matches("{ $.a NOT EXISTS }", "[1]"));
  EXPECT_FALSE(matches("{ $.a NOT EXISTS }", "{\"b\": 1} and more"));
  EXPECT_FALSE(matches("{ $.a NOT EXISTS }", ""));
  EXPECT_TRUE(matches("{ $.a NOT EXISTS }", "  {}\n"));
}

TEST(JsonPatterns, DeepEventsAreNothingSpecial) {
  const std::string deep =
      "{\"a\":" + std::string(20'000, '[') + std::string(20'000, ']') + ",\"b\":1}";
  EXPECT_TRUE(matches("{ $.b = 1 }", deep));
}

TEST(JsonPatterns, WhatTheGrammarLacksIsRefused) {
  for (const char* bad : {"{",
                          "{}",
                          "{ }",
                          "{ $.a }",
                          "{ $.a = }",
                          "{ $ = 1 }",
                          "{ a = 1 }",
                          "{ $.a = 1",
                          "{ $.a = 1 } x",
                          "{ $.a == 1 }",
                          "{ $.a IS }",
                          "{ $.a IS NOT }",
                          "{ $.a EXISTS }",
                          "{ $.a NOT NULL }",
                          "{ $.a = 1 && }",
                          "{ ($.a = 1 }",
                          "{ $.a = 1) }",
                          "{ $[0] = 1 }",
                          "{ $.a[x] = 1 }",
                          "{ $.a[1 = 1 }",
                          "{ $.a[-1] = 1 }",
                          "{ $.a[99999999999999999999] = 1 }",
                          "{ $.a = 1 & $.b = 1 }",
                          "{ $.a < %b% }",
                          "{ $.*.* = 1 }",
                          "{ $.a[*]=1 || $.b[*]=1 || $.c[*]=1 || $.d[*]=1 }"}) {
    EXPECT_NE(refusal(bad), "") << bad;
  }
  EXPECT_EQ(refusal("{ $.a = 1"), "Invalid filter pattern");
  EXPECT_EQ(refusal(R"({ $."sc-status" = 5* })"), R"(Invalid character(s) in term '$."')");
  EXPECT_EQ(refusal("{ $.a >= someString }"), R"(Invalid character(s) in term '"someString"')");
  EXPECT_EQ(refusal(R"({ $.a >= "123" })"), R"(Invalid character(s) in term '"123"')");
  EXPECT_EQ(refusal("{ $.a = @b }"), "Invalid character(s) in term '@'");
}

TEST(JsonPatterns, ParenthesesHaveABound) {
  const auto nested = [](size_t depth) {
    return "{" + std::string(depth, '(') + "$.a=1" + std::string(depth, ')') + "}";
  };
  EXPECT_EQ(refusal(nested(32)), "");
  EXPECT_EQ(refusal(nested(33)), "Invalid filter pattern");
}

TEST(JsonPatterns, TakeOutTheValuesOfTheirSelectors) {
  EXPECT_EQ(extracted("{ $.latency = * && $.objectList[1].name = b }", kEvent),
            (Values{{"$.latency", "12.34"}, {"$.objectList[1].name", "b"}}));
  EXPECT_EQ(extracted("{ $.errorCode = 1 || $.flag IS TRUE }", kEvent),
            (Values{{"$.errorCode", "400"}, {"$.flag", "true"}}));
}

// -- fields ---------------------------------------------------------------------------------------

constexpr std::string_view kLine =
    R"(127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534)";

TEST(FieldPatterns, TakeAllFieldsByNameOrNumber) {
  EXPECT_EQ(extracted("[]", kLine), (Values{{"$1", "127.0.0.1"},
                                            {"$2", "-"},
                                            {"$3", "frank"},
                                            {"$4", "10/Oct/2000:13:25:15 -0700"},
                                            {"$5", "GET /index.html HTTP/1.0"},
                                            {"$6", "404"},
                                            {"$7", "1534"}}));
  EXPECT_EQ(extracted("[..., request=*.html*, status_code=4*,]", kLine),
            (Values{{"$1", "127.0.0.1"},
                    {"$2", "-"},
                    {"$3", "frank"},
                    {"$4", "10/Oct/2000:13:25:15 -0700"},
                    {"$request", "GET /index.html HTTP/1.0"},
                    {"$status_code", "404"},
                    {"$7", "1534"}}));
}

TEST(FieldPatterns, CountFieldsButWhereAnEllipsisIs) {
  EXPECT_TRUE(matches("[ip, user, username, timestamp, request, status_code, bytes]", kLine));
  EXPECT_FALSE(matches("[ip, user, username, timestamp, request, status_code]", kLine));
  EXPECT_TRUE(matches("[ip, user, ...]", kLine));
  EXPECT_TRUE(matches("[ip, ..., status_code=404, bytes]", kLine));
  EXPECT_FALSE(matches("[ip, ..., status_code=404]", kLine));
  EXPECT_TRUE(matches("[a, b, ...]", "one two"));
  EXPECT_FALSE(matches("[a, b, ...]", "one"));
  EXPECT_TRUE(matches("[w1=ERROR, w2]", "ERROR message"));
  EXPECT_FALSE(matches("[w1=ERROR, w2]", "ERROR WARN message"));
}

TEST(FieldPatterns, HaveConditions) {
  EXPECT_TRUE(matches("[..., status_code = 4* && status_code != 403, bytes > 1000]", kLine));
  EXPECT_FALSE(matches("[..., status_code = 4* && status_code != 404, bytes > 1000]", kLine));
  EXPECT_FALSE(matches("[..., status_code, bytes > 1534]", kLine));
  EXPECT_TRUE(matches("[w1=ERROR || w1=WARN, w2]", "WARN message"));
  EXPECT_FALSE(matches("[w1=ERROR || w1=WARN, w2]", "INFO message"));
  EXPECT_TRUE(matches("[w1!=ERROR && w1!=WARN, w2]", "INFO message"));
  EXPECT_TRUE(matches(R"([ip=%127\.0\.0\.[1-9]%, ...])", kLine));
  EXPECT_TRUE(matches(R"([..., request="*index.html*", status, bytes])", kLine));
  EXPECT_FALSE(matches("[w1 > 5, w2]", "six x"));
}

TEST(FieldPatterns, QuotesAndBracketsHoldAFieldTogether) {
  EXPECT_EQ(extracted("[a, b, c]", R"(  "x y" [p "q"]	z )"),
            (Values{{"$a", "x y"}, {"$b", "p \"q\""}, {"$c", "z"}}));
  EXPECT_EQ(extracted("[a, b]", R"("open end)"), (Values{{"$a", "\"open"}, {"$b", "end"}}));
}

TEST(FieldPatterns, WhatTheGrammarLacksIsRefused) {
  for (const char* bad : {"[", "[a", "[a]b", "[..., a, ...]", "[a = ]", "[a b]", "[a=1 && b=2]",
                          "[=1]", "[a=1 &&]", "[a=!ERROR]", "[a>x]", "[a,b=%c]"}) {
    EXPECT_NE(refusal(bad), "") << bad;
  }
  // A condition of another field, as in an example that AWS documented and refused.
  EXPECT_EQ(refusal("[ip, status_code = 4* && bytes > 1000]"), "Invalid filter pattern");
}

}  // namespace pattern_test
}  // namespace paddock::services::logs
