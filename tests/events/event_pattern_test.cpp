// Event patterns: what is refused and in which words, and what matches.
#include "events/event_pattern.hpp"

#include <gtest/gtest.h>

#include "events/ip_range.hpp"
#include "events/json_tokens.hpp"

namespace paddock::events {
namespace event_pattern_tests {

PatternLanguage all() {
  PatternLanguage language;
  language.nested_ignore_case = true;
  language.anything_but_wildcard = true;
  return language;
}

bool matches(const std::string& pattern, const std::string& event) {
  return EventPattern(pattern, all()).matches(Json::parse(event));
}

// The message without its place, and the column.
std::pair<std::string, std::string> problem(const std::string& pattern,
                                            const PatternLanguage& language) {
  try {
    const EventPattern read(pattern, language);
  } catch (const PatternError& error) {
    const std::string text = error.what();
    const size_t end = text.find("\n at [Source: (String)\"");
    const size_t column = text.rfind("column: ");
    if (end == std::string::npos) return {text, ""};
    return {text.substr(0, end), text.substr(column + 8, text.size() - column - 9)};
  }
  return {};
}

struct Refusal {
  const char* rule;  // in {"key":[…]}
  const char* message;
  const char* column;
};

TEST(EventPatterns, AreRefusedInTheWordsAndAtThePlaceOfTheService) {
  PatternLanguage language;
  language.anything_but_suffix = false;
  const Refusal kRefusals[] = {
      {R"({"numeric":[">=",1,">",2]})", "Bad numeric range operator: >", "31"},
      {R"({"numeric":[">",20,"test"]})", "Bad numeric range operator: test", "34"},
      {R"({"numeric":[">",20,30]})", "Bad value in numeric range: 30", "30"},
      {R"({"numeric":[">",3,"<",1]})", "Bottom must be less than top", "33"},
      {R"()", "Empty arrays are not allowed", "10"},
      {R"({"numeric":[1,"<="]})", "Invalid member in numeric match: 1", "22"},
      {R"({"numeric":[]})", "Invalid member in numeric match: ]", "22"},
      {R"(["value"])", "Match value must be String, number, true, false, or null", "10"},
      {R"({"suffix":"value","prefix":"value2"})", "Only one key allowed in match expression", "37"},
      {R"({"numeric":["<",100,">",10]})", "Too many elements in numeric expression", "30"},
      {R"({"numeric":[">",20,"<",30,"<",50]})", "Too many terms in numeric range expression", "36"},
      {R"({"wrong-operator":true})", "Unrecognized match type wrong-operator", "31"},
      {R"({"numeric":["operator"]})", "Unrecognized numeric range operator: operator", "32"},
      {R"({"anything-but":{"exists":false}})", "Unsupported anything-but pattern: exists", "40"},
      {R"({"anything-but":{"suffix":"test"}})", "Unsupported anything-but pattern: suffix", "36"},
      {R"({"anything-but":{"wrong-operator":null}})",
       "Unsupported anything-but pattern: wrong-operator", "47"},
      {R"({"numeric":[">",20,"<","30"]})", "Value of < must be numeric", "33"},
      {R"({"numeric":[">",20,"<="]})", "Value of <= must be numeric", "33"},
      {R"({"numeric":[">","20","<","30"]})", "Value of > must be numeric", "26"},
      {R"({"numeric":[">="]})", "Value of >= must be numeric", "26"},
      {R"({"numeric":["=","000"]})", "Value of equals must be numeric", "26"},
      {R"({"exists":"no"})", "exists match pattern must be either true or false.", "20"},
      {R"({"exists":null})", "exists match pattern must be either true or false.", "23"},
      {R"({"anything-but":{"prefix":false}})", "prefix match pattern must be a string", "40"},
      {R"({"cidr":["bad-filter"]})", "prefix match pattern must be a string", "18"},
      {R"({"suffix":100})", "suffix match pattern must be a string", "22"},
      {R"({"suffix":["test","test2"]})", "suffix match pattern must be a string", "20"},
      {R"({"suffix":null})", "suffix match pattern must be a string", "23"},
      {R"({"cidr":"bad-filter"})", "Nonstandard IP address: bad-filter", ""},
      {R"({"cidr":"xx.11.xx/8"})", "Nonstandard IP address: xx.11.xx", ""},
      {R"({"cidr":"10.0.0.0/8/9"})", "Malformed CIDR, one '/' required", ""},
      {R"({"cidr":"10.0.0.0/eight"})", "Malformed CIDR, mask bits must be an integer", ""},
  };
  for (const Refusal& refusal : kRefusals) {
    const std::string pattern = std::string(R"({"key":[)") + refusal.rule + "]}";
    const auto [message, column] = problem(pattern, language);
    EXPECT_EQ(message, refusal.message) << pattern;
    EXPECT_EQ(column, refusal.column) << pattern;
  }
  EXPECT_EQ(problem(R"({"key":{"not-an-operator":"value"}})", language),
            std::make_pair(std::string(R"("not-an-operator" must be an object or an array)"),
                           std::string("28")));
  EXPECT_EQ(problem(R"({"key_a":"value_one"})", language).second, "11");
}

TEST(EventPatterns, ShowTheirSourceCutAtFiveHundredCharacters) {
  const std::string pattern = R"({"key":[{"prefix":1}],"x":[")" + std::string(600, 'x') + R"("]})";
  try {
    const EventPattern read(pattern, all());
    FAIL();
  } catch (const PatternError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find(pattern.substr(0, 500) + "\"[truncated " +
                        std::to_string(pattern.size() - 500) + " chars]; line: 1, column: 20]"),
              std::string::npos)
        << text;
  }
}

TEST(EventPatterns, TextThatIsNoJsonIsToldWithItsPlace) {
  const auto place = [](const std::string& text) {
    try {
      JsonTokens tokens(text);
      while (tokens.next() != JsonTokens::Kind::end) tokens.text();
    } catch (const JsonTokenError& error) {
      return std::to_string(error.line) + ":" + std::to_string(error.column) + " " + error.what();
    }
    return std::string();
  };
  EXPECT_EQ(place("{invalid"),
            "1:2 Unexpected character ('i' (code 105)): was expecting double-quote to start field "
            "name");
  EXPECT_EQ(place("invalid"),
            "1:8 Unrecognized token 'invalid': was expecting (JSON String, Number, Array, Object "
            "or token 'null', 'true' or 'false')");
  EXPECT_EQ(place("{\"a\":\n [1 2]}"),
            "2:5 Unexpected character ('2' (code 50)): was expecting comma to separate Array "
            "entries");
  EXPECT_EQ(place(R"({"a" 1})"),
            "1:6 Unexpected character ('1' (code 49)): was expecting a colon to separate field "
            "name and value");
  for (const char* cut : {"", "{", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":\"", "[", "[1", "[1,",
                          "\"\\", "\"\\u00", "-", "1.", "1e", "01", "{} {}", "\"\\x\"", "[1}"}) {
    EXPECT_NE(place(cut), "") << cut;
  }
  EXPECT_EQ(place(R"( {"a" : [ 1.5e3, -0, "\u00fc\ud83d\ude00\n", true, false, null, {} ] } )"),
            "");
}

TEST(EventPatterns, NestingIsBounded) {
  const std::string deep = std::string(200, '[') + std::string(200, ']');
  EXPECT_THROW(EventPattern(R"({"a":)" + deep + "}", all()), std::runtime_error);
  std::string objects;
  for (int i = 0; i < 200; ++i) objects += R"({"a":)";
  EXPECT_THROW(EventPattern(objects, all()), JsonTokenError);
}

TEST(EventPatterns, EveryNameMustMatchAndOneOfItsRules) {
  EXPECT_TRUE(matches(R"({"a":["x","y"],"b":[1]})", R"({"a":"y","b":1.0,"c":true})"));
  EXPECT_FALSE(matches(R"({"a":["x","y"],"b":[1]})", R"({"a":"y"})"));
  EXPECT_FALSE(matches(R"({"a":["x"]})", R"({"a":"X"})"));
  EXPECT_FALSE(matches(R"({"a":["1"]})", R"({"a":1})"));
  EXPECT_TRUE(matches(R"({"a":[null,true]})", R"({"a":null})"));
  EXPECT_TRUE(matches(R"({"a":{"b":["x"]}})", R"({"a":{"b":"x"}})"));
  EXPECT_FALSE(matches(R"({"a":{"b":["x"]}})", R"({"a":"x"})"));
}

TEST(EventPatterns, ArraysMatchByOneOfTheirElements) {
  EXPECT_TRUE(matches(R"({"a":["x"]})", R"({"a":["y","x"]})"));
  EXPECT_TRUE(matches(R"({"a":[{"anything-but":["x"]}]})", R"({"a":["x","y"]})"));
  EXPECT_TRUE(matches(R"({"a":{"b":["x"]}})", R"({"a":[{"b":"y"},{"b":"x"}]})"));
  // Both must hold of the same element.
  EXPECT_FALSE(
      matches(R"({"a":{"b":["x"],"c":[1]}})", R"({"a":[{"b":"x","c":2},{"b":"y","c":1}]})"));
  EXPECT_TRUE(matches(R"({"a":[{"exists":false}]})", R"({"a":[]})"));
}

TEST(EventPatterns, TextRules) {
  EXPECT_TRUE(matches(R"({"a":[{"prefix":"bas"}]})", R"({"a":"baseball"})"));
  EXPECT_FALSE(matches(R"({"a":[{"prefix":"bas"}]})", R"({"a":"rugby"})"));
  EXPECT_TRUE(matches(R"({"a":[{"suffix":"ball"}]})", R"({"a":"baseball"})"));
  EXPECT_TRUE(matches(R"({"a":[{"equals-ignore-case":"TENNIS"}]})", R"({"a":"Tennis"})"));
  EXPECT_TRUE(matches(R"({"a":[{"prefix":{"equals-ignore-case":"BAS"}}]})", R"({"a":"baseball"})"));
  EXPECT_TRUE(
      matches(R"({"a":[{"suffix":{"equals-ignore-case":"BALL"}}]})", R"({"a":"baseball"})"));
  EXPECT_FALSE(matches(R"({"a":[{"suffix":{"equals-ignore-case":"BALL"}}]})", R"({"a":"all"})"));
  EXPECT_FALSE(matches(R"({"a":[{"prefix":"1"}]})", R"({"a":12})"));
}

TEST(EventPatterns, Wildcards) {
  EXPECT_TRUE(matches(R"({"a":[{"wildcard":"*.png"}]})", R"({"a":"dir/x.png"})"));
  EXPECT_TRUE(matches(R"({"a":[{"wildcard":"a*b*c"}]})", R"({"a":"aXbbYc"})"));
  EXPECT_FALSE(matches(R"({"a":[{"wildcard":"a*b*c"}]})", R"({"a":"acb"})"));
  EXPECT_TRUE(matches(R"({"a":[{"wildcard":"a\\*b"}]})", R"({"a":"a*b"})"));
  EXPECT_FALSE(matches(R"({"a":[{"wildcard":"a\\*b"}]})", R"({"a":"aXb"})"));
  EXPECT_TRUE(matches(R"({"a":[{"wildcard":"*"}]})", R"({"a":""})"));
  EXPECT_THROW(matches(R"({"a":[{"wildcard":"a**b"}]})", "{}"), PatternError);
}

TEST(EventPatterns, AnythingButInAllItsForms) {
  EXPECT_TRUE(matches(R"({"a":[{"anything-but":"x"}]})", R"({"a":"y"})"));
  EXPECT_FALSE(matches(R"({"a":[{"anything-but":"x"}]})", R"({"a":"x"})"));
  EXPECT_FALSE(matches(R"({"a":[{"anything-but":"x"}]})", R"({})"));
  EXPECT_FALSE(matches(R"({"a":[{"anything-but":[1,2]}]})", R"({"a":2})"));
  EXPECT_TRUE(matches(R"({"a":[{"anything-but":{"prefix":"or"}}]})", R"({"a":"rugby"})"));
  EXPECT_FALSE(matches(R"({"a":[{"anything-but":{"prefix":"or"}}]})", R"({"a":"order"})"));
  EXPECT_FALSE(matches(R"({"a":[{"anything-but":{"suffix":"er"}}]})", R"({"a":"order"})"));
  EXPECT_FALSE(matches(R"({"a":[{"anything-but":{"wildcard":"o*r"}}]})", R"({"a":"order"})"));
  EXPECT_THROW(matches(R"({"a":[{"anything-but":[1,"x"]}]})", "{}"), PatternError);
  EXPECT_THROW(matches(R"({"a":[{"anything-but":{"prefix":""}}]})", "{}"), PatternError);
}

TEST(EventPatterns, Numbers) {
  EXPECT_TRUE(matches(R"({"a":[{"numeric":["=",3.015e2]}]})", R"({"a":301.5})"));
  EXPECT_TRUE(matches(R"({"a":[{"numeric":[">",0,"<=",150]}]})", R"({"a":150})"));
  EXPECT_FALSE(matches(R"({"a":[{"numeric":[">",0,"<=",150]}]})", R"({"a":0})"));
  EXPECT_FALSE(matches(R"({"a":[{"numeric":["<",1]}]})", R"({"a":"0"})"));
  EXPECT_THROW(matches(R"({"a":[{"numeric":["<",5000000001]}]})", "{}"), PatternError);
}

TEST(EventPatterns, ExistenceIsOfLeaves) {
  EXPECT_TRUE(matches(R"({"a":[{"exists":true}]})", R"({"a":null})"));
  EXPECT_FALSE(matches(R"({"a":[{"exists":true}]})", R"({"b":1})"));
  EXPECT_TRUE(matches(R"({"a":[{"exists":false}]})", R"({"b":1})"));
  EXPECT_TRUE(matches(R"({"a":{"b":[{"exists":false}]}})", R"({})"));
  EXPECT_TRUE(matches(R"({"a":[{"anything-but":"x"},{"exists":false}]})", R"({})"));
}

TEST(EventPatterns, OneOfSeveralPatterns) {
  const char* pattern = R"({"s":["x"],"$or":[{"a":[1]},{"b":[2]}]})";
  EXPECT_TRUE(matches(pattern, R"({"s":"x","b":2})"));
  EXPECT_FALSE(matches(pattern, R"({"s":"x","b":3})"));
  EXPECT_FALSE(matches(pattern, R"({"a":1})"));
  EXPECT_THROW(matches(R"({"$or":[{"a":[1]}]})", "{}"), PatternError);
  EXPECT_THROW(matches(R"({"$or":["a","b"]})", "{}"), PatternError);
}

TEST(IpRanges, ContainAddressesOfTheirFamily) {
  EXPECT_TRUE(IpRange("10.0.0.0/24").contains("10.0.0.255"));
  EXPECT_FALSE(IpRange("10.0.0.0/24").contains("10.0.1.0"));
  EXPECT_TRUE(IpRange("10.0.0.0/25").contains("10.0.0.127"));
  EXPECT_FALSE(IpRange("10.0.0.0/25").contains("10.0.0.128"));
  EXPECT_TRUE(IpRange("0.0.0.0/0").contains("192.0.2.1"));
  EXPECT_FALSE(IpRange("0.0.0.0/0").contains("::1"));
  EXPECT_TRUE(IpRange("2001:db8::/32").contains("2001:db8:1234::1"));
  EXPECT_FALSE(IpRange("2001:db8::/32").contains("no address"));
  EXPECT_TRUE(IpRange("192.0.2.7").contains("192.0.2.7"));
  EXPECT_THROW(IpRange("10.0.0.0/33"), std::invalid_argument);
  EXPECT_THROW(IpRange("10.0.0.0/-1"), std::invalid_argument);
}

}  // namespace event_pattern_tests
}  // namespace paddock::events
