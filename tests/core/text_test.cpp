#include "core/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json.hpp"

namespace paddock {
namespace {

using ::testing::ElementsAre;
using namespace std::string_literals;

TEST(Hex, GoesBothWays) {
  EXPECT_EQ(to_hex("\x00\xff\x1a"s), "00ff1a");
  EXPECT_EQ(from_hex("00FF1a"), "\x00\xff\x1a"s);
  EXPECT_EQ(from_hex("0"), std::nullopt);
  EXPECT_EQ(from_hex("0g"), std::nullopt);
}

TEST(Base64, MatchesTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(to_base64(plain), encoded);
    EXPECT_EQ(from_base64(encoded), plain);
  }
}

TEST(Base64, IsStrict) {
  for (const char* bad : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm9v\n", "Zm-v",
                          "====", "Z===", "Zg==Zg==", "=Zg="}) {
    EXPECT_EQ(from_base64(bad), std::nullopt) << bad;
  }
}

TEST(Base64, RoundTripsAllBytes) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  for (size_t length = 0; length <= 256; ++length) {
    const std::string part = bytes.substr(256 - length);
    EXPECT_EQ(from_base64(to_base64(part)), part);
  }
}

TEST(UrlCoding, KeepsOnlyUnreservedCharacters) {
  EXPECT_EQ(url_encode("aZ09-._~ /+%\xc3\xa9"), "aZ09-._~%20%2F%2B%25%C3%A9");
  EXPECT_EQ(url_encode("a/b c", true), "a/b%20c");
  EXPECT_EQ(url_decode("a%20b+c%2f"), "a b+c/");
  EXPECT_EQ(url_decode("a+b", true), "a b");
  EXPECT_EQ(url_decode("100%, %zz %4"), "100%, %zz %4");
  EXPECT_EQ(url_decode("%41%4"), "A%4");
}

TEST(Utf8, RefusesWhatUnicodeForbids) {
  for (const auto& good : {""s, "plain ascii text"s, "\xc3\xa9"s, "\xe2\x82\xac"s,
                           "\xf0\x9f\x90\xb4"s, "\xed\x9f\xbf"s, "\xf4\x8f\xbf\xbf"s, "\0"s}) {
    EXPECT_TRUE(valid_utf8(good)) << to_hex(good);
  }
  for (const auto& bad : {"\x80"s, "\xc0\xaf"s, "\xc1\xbf"s, "\xe0\x9f\xbf"s, "\xed\xa0\x80"s,
                          "\xf0\x8f\xbf\xbf"s, "\xf4\x90\x80\x80"s, "\xf5\x80\x80\x80"s, "\xc3"s,
                          "\xe2\x82"s, "\xf0\x9f\x90"s, "12345678\xff"s, "1234567\x80"s}) {
    EXPECT_FALSE(valid_utf8(bad)) << to_hex(bad);
  }
}

TEST(Utf16Length, CountsSurrogatePairsAsTwo) {
  EXPECT_EQ(utf16_length(""), 0u);
  EXPECT_EQ(utf16_length("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xb4"), 5u);
}

TEST(SmallText, LowersComparesTrimsSplits) {
  EXPECT_EQ(to_lower("X-Amz-DATE"), "x-amz-date");
  EXPECT_TRUE(equal_ignore_case("Host", "hOST"));
  EXPECT_FALSE(equal_ignore_case("Host", "Hos"));
  EXPECT_FALSE(equal_ignore_case("@", "`"));
  EXPECT_TRUE(equal_ignore_case("X-AMZ-Content-Sha256", "x-amz-content-sha256"));
  EXPECT_FALSE(equal_ignore_case("x-amz-content-sha256", "x-amz-content-sha255"));
  // Bytes beside the letters differ, wherever they stand.
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const auto letter = [](int c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; };
      std::string one = "0123456789", other = one;
      one[3] = static_cast<char>(a);
      other[3] = static_cast<char>(b);
      ASSERT_EQ(equal_ignore_case(one, other), letter(a) == letter(b)) << a << ' ' << b;
    }
  }
  EXPECT_EQ(trim(" \t a b\t "), "a b");
  EXPECT_EQ(trim(" \t"), "");
  EXPECT_THAT(split("a//b/", '/'), ElementsAre("a", "", "b", ""));
  EXPECT_THAT(split("", '/'), ElementsAre(""));
}

TEST(Iso8601, GoesBothWays) {
  EXPECT_EQ(iso8601(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(iso8601(1795160160123), "2026-11-20T07:36:00.123Z");
  EXPECT_EQ(iso8601(1795160160123, false), "2026-11-20T07:36:00Z");
  EXPECT_EQ(iso8601(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(parse_iso8601("2026-11-20T07:36:00.123Z"), 1795160160123);
  EXPECT_EQ(parse_iso8601("2026-11-20T07:36:00.1239Z"), 1795160160123);
  EXPECT_EQ(parse_iso8601("2026-11-20T07:36:00.5Z"), 1795160160500);
  EXPECT_EQ(parse_iso8601("2026-11-20T09:36:00+02:00"), 1795160160000);
  EXPECT_EQ(parse_iso8601("2026-11-20T02:06:00-05:30"), 1795160160000);
  EXPECT_EQ(parse_iso8601("1969-12-31T23:59:59.999Z"), -1);
}

TEST(Iso8601, RefusesWhatIsNoMoment) {
  for (const char* bad :
       {"", "2026-11-20", "2026-11-20T07:36:00", "2026-13-20T07:36:00Z", "2026-02-29T07:36:00Z",
        "2026-11-20T24:00:00Z", "2026-11-20T07:60:00Z", "2026-11-20T07:36:60Z",
        "2026-11-20T07:36:00.Z", "2026-11-20T07:36:00Zx", "2026-11-20T07:36:00+2:00",
        "2026-11-20 07:36:00Z", "2026-00-20T07:36:00Z"}) {
    EXPECT_EQ(parse_iso8601(bad), std::nullopt) << bad;
  }
}

TEST(HttpDate, GoesBothWays) {
  EXPECT_EQ(http_date(1795160160999), "Fri, 20 Nov 2026 07:36:00 GMT");
  EXPECT_EQ(parse_http_date("Fri, 20 Nov 2026 07:36:00 GMT"), 1795160160000);
  for (const char* bad : {"", "Thu, 20 Nov 2026 07:36:00 GMT", "Fri, 20 Nov 2026 07:36:00 UTC",
                          "Fri, 20 Nox 2026 07:36:00 GMT", "Fri, 20 Nov 2026 07:36:00 GMT "}) {
    EXPECT_EQ(parse_http_date(bad), std::nullopt) << bad;
  }
}

TEST(CivilTime, KnowsLeapYearsAndTheTimeBefore1970) {
  const CivilTime leap = civil_time(from_civil(2024, 2, 29, 23, 59, 58) + 7);
  EXPECT_EQ(leap.month, 2);
  EXPECT_EQ(leap.day, 29);
  EXPECT_EQ(leap.second, 58);
  EXPECT_EQ(leap.millisecond, 7);
  EXPECT_EQ(leap.weekday, 4);
  const CivilTime before = civil_time(-1);
  EXPECT_EQ(before.year, 1969);
  EXPECT_EQ(before.weekday, 3);
}

TEST(JsonString, IsWhatTheParserReadsBack) {
  std::string all;
  for (char c = 0; c < 127; ++c) all += c;
  all += "\x7f plain \xc3\xa9\xf0\x9f\x90\xb4";
  // Every alignment of an escape against the eight bytes that are looked at together.
  for (size_t start = 0; start < 40; ++start) {
    std::string text;
    append_json_string(text, all.substr(start));
    EXPECT_EQ(Json::parse(text).get<std::string>(), all.substr(start));
  }
  std::string text = "x";
  append_json_string(text, "a\"b\\c\n\x01");
  EXPECT_EQ(text, "x\"a\\\"b\\\\c\\n\\u0001\"");
}

}  // namespace
}  // namespace paddock
