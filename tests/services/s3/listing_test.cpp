// Listings: v1, v2, versions; delimiters, markers, tokens, encodings.
#include "fixture.hpp"

namespace paddock::testing {
namespace {

class S3ListingTest : public S3Test {
 protected:
  void SetUp() override {
    S3Test::SetUp();
    make_bucket("lists");
  }
  void store(std::initializer_list<const char*> keys) {
    for (const char* key : keys) {
      ASSERT_EQ(put("/lists/" + std::string(key), "x").status, 200) << key;
    }
  }
  // All pages of a v2 listing: keys and common prefixes, "|" between pages.
  std::string pages(const std::string& query) {
    std::string out, token;
    for (int page = 0; page < 20; page++) {
      const S3Answer answer = get("/lists?list-type=2&" + query +
                                  (token.empty() ? "" : "&continuation-token=" + token));
      EXPECT_EQ(answer.status, 200) << answer.body;
      out += answer.all("Key");
      const size_t common = answer.body.find("<CommonPrefixes>");
      if (common != std::string::npos) {
        S3Answer rest = answer;
        rest.body = answer.body.substr(common);
        out += "+" + rest.all("Prefix");
      }
      token = answer.xml("NextContinuationToken");
      EXPECT_EQ(answer.xml("IsTruncated"), token.empty() ? "false" : "true");
      if (token.empty()) return out;
      for (size_t at = token.find('='); at != std::string::npos; at = token.find('=', at + 1)) {
        token.replace(at, 1, "%3D");
      }
      for (size_t at = token.find('+'); at != std::string::npos; at = token.find('+', at + 1)) {
        token.replace(at, 1, "%2B");
      }
      out += "|";
    }
    return out;
  }
};

TEST_F(S3ListingTest, KeysAreInTheOrderOfTheirBytes) {
  store({"b", "a", "a/1", "a!", "B", "%C3%A9", "a%20b"});
  EXPECT_EQ(get("/lists?list-type=2").all("Key"), "B a a b a! a/1 b \xC3\xA9");
  const S3Answer empty = get("/lists?list-type=2&prefix=none");
  EXPECT_EQ(empty.xml("KeyCount"), "0");
  EXPECT_EQ(empty.all("Key"), "");
}

TEST_F(S3ListingTest, PagesMeetWithoutGapOrRepeat) {
  store({"a", "b/1", "b/2", "b/3", "c", "d/1", "e"});
  EXPECT_EQ(pages("max-keys=3"), "a b/1 b/2|b/3 c d/1|e");
  EXPECT_EQ(pages("max-keys=7"), "a b/1 b/2 b/3 c d/1 e");
  EXPECT_EQ(pages("max-keys=1&delimiter=/"), "a|+b/|c|+d/|e");
  EXPECT_EQ(pages("max-keys=2&delimiter=/"), "a+b/|c+d/|e");
  EXPECT_EQ(pages("prefix=b/&delimiter=/"), "b/1 b/2 b/3");
  EXPECT_EQ(pages("prefix=b&delimiter=/"), "+b/");
  EXPECT_EQ(pages("start-after=b/2&max-keys=2"), "b/3 c|d/1 e");
  EXPECT_EQ(get("/lists?list-type=2&continuation-token=").xml("Key"), "a");
  const S3Answer none = get("/lists?list-type=2&max-keys=0");
  EXPECT_EQ(none.xml("IsTruncated"), "false");
  EXPECT_EQ(none.all("Key"), "");
}

TEST_F(S3ListingTest, TheFirstVersionGoesOnAtMarkers) {
  store({"a", "b/1", "b/2", "c"});
  const S3Answer first = get("/lists?max-keys=2&delimiter=/");
  EXPECT_EQ(first.xml("NextMarker"), "b/");
  const S3Answer second = get("/lists?max-keys=2&delimiter=/&marker=b/");
  EXPECT_EQ(second.all("Key"), "c");
  EXPECT_EQ(second.xml("Marker"), "b/");
  const S3Answer plain = get("/lists?max-keys=2");
  EXPECT_EQ(plain.xml("NextMarker"), "") << "only with a delimiter";
  EXPECT_EQ(get("/lists?marker=b/1").all("Key"), "b/2 c");
  EXPECT_NE(first.xml("ID"), "") << "with owners";
  EXPECT_EQ(get("/lists?list-type=2").xml("ID"), "");
  EXPECT_NE(get("/lists?list-type=2&fetch-owner=true").xml("ID"), "");
}

TEST_F(S3ListingTest, UrlEncodingIsThatOfForms) {
  store({"run%20books/a%2Bb", "x"});
  const S3Answer encoded =
      get("/lists?list-type=2&encoding-type=url&delimiter=/&start-after=a%20b");
  EXPECT_NE(encoded.body.find("<Prefix>run+books/</Prefix>"), std::string::npos) << encoded.body;
  EXPECT_EQ(encoded.xml("StartAfter"), "a+b");
  EXPECT_EQ(encoded.xml("EncodingType"), "url");
  EXPECT_EQ(get("/lists?list-type=2&encoding-type=url").all("Key"), "run+books/a%2Bb x");
  EXPECT_EQ(get("/lists?list-type=2").all("Key"), "run books/a+b x");
  EXPECT_EQ(get("/lists?list-type=2&encoding-type=zip").error(), "InvalidArgument");
}

TEST_F(S3ListingTest, ParametersAreChecked) {
  EXPECT_EQ(get("/lists?max-keys=many").xml("Message"),
            "Provided max-keys not an integer or within integer range");
  EXPECT_EQ(get("/lists?max-keys=-1").error(), "InvalidArgument");
  EXPECT_EQ(get("/lists?list-type=3").error(), "InvalidArgument");
  const S3Answer token = get("/lists?list-type=2&continuation-token=bad");
  EXPECT_EQ(token.error(), "InvalidArgument");
  EXPECT_EQ(token.xml("Message"), "The continuation token provided is incorrect");
  EXPECT_EQ(get("/lists?max-keys=2000").xml("MaxKeys"), "1000");
}

TEST_F(S3ListingTest, OlderVersionsAreNotListedAsKeys) {
  set_versioning("lists", "Enabled");
  store({"a", "a", "a", "b", "c"});
  EXPECT_EQ(drop("/lists/b").status, 204);
  EXPECT_EQ(get("/lists?list-type=2").all("Key"), "a c");
  EXPECT_EQ(pages("max-keys=1"), "a|c");
  EXPECT_EQ(get("/lists?versions").all("Key"), "a a a b c b") << "delete markers come last";
}

TEST_F(S3ListingTest, VersionsAreListedInPages) {
  set_versioning("lists", "Enabled");
  store({"a", "a", "b", "b/1", "c"});
  std::string seen, markers;
  for (int page = 0; page < 10; page++) {
    const S3Answer answer = get("/lists?versions&max-keys=2" + markers);
    seen += answer.all("Key") + "|";
    if (answer.xml("IsTruncated") != "true") break;
    markers = "&key-marker=" + answer.xml("NextKeyMarker") +
              "&version-id-marker=" + answer.xml("NextVersionIdMarker");
  }
  EXPECT_EQ(seen, "a a|b b/1|c|");
  EXPECT_EQ(get("/lists?versions&key-marker=a").all("Key"), "b b/1 c")
      << "a key marker alone goes on behind the key";
  const S3Answer refused = get("/lists?versions&version-id-marker=x");
  EXPECT_EQ(refused.error(), "InvalidArgument");
  EXPECT_EQ(refused.xml("Message"),
            "A version-id marker cannot be specified without a key marker.");
}

}  // namespace
}  // namespace paddock::testing
