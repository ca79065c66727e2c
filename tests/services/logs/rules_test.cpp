// The rules of CloudWatch Logs that need no store.
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "services/logs/model.hpp"
#include "services/logs/pattern.hpp"

namespace paddock::services::logs {
namespace {

TEST(Patterns, EveryTermMustBeThere) {
  EXPECT_TRUE(Pattern("").matches("anything"));
  EXPECT_TRUE(Pattern("ERROR disk").matches("a disk ERROR"));
  EXPECT_FALSE(Pattern("ERROR disk").matches("an ERROR"));
  EXPECT_FALSE(Pattern("error").matches("an ERROR"));
}

TEST(Patterns, PhrasesAreTakenWhole) {
  EXPECT_TRUE(Pattern("\"disk full\"").matches("the disk full again"));
  EXPECT_FALSE(Pattern("\"disk full\"").matches("the disk is full"));
  EXPECT_TRUE(Pattern(R"("say \"x\"")").matches(R"(I say "x" now)"));
  EXPECT_THROW(Pattern("\"disk"), AwsError);
}

TEST(Patterns, OptionalAndForbiddenTerms) {
  EXPECT_TRUE(Pattern("?a ?b").matches("only b"));
  EXPECT_FALSE(Pattern("?a ?b").matches("only c"));
  EXPECT_TRUE(Pattern("x -y").matches("x"));
  EXPECT_FALSE(Pattern("x -y").matches("x and y"));
  EXPECT_TRUE(Pattern("x ?z").matches("x"));  // an optional term beside others counts for nothing
}

TEST(Tokens, SurviveTheRoundTripAndBelongToOneStream) {
  PageToken token;
  token.forward = false;
  token.at = {1'700'000'000'123, 42};
  const std::string text = encode_token(token, 7);
  EXPECT_EQ(text, "b/01700000000123000000000000000000070000000000000000000042");
  const auto back = decode_token(text, 7);
  ASSERT_TRUE(back);
  EXPECT_FALSE(back->forward);
  EXPECT_EQ(back->at, token.at);
  EXPECT_FALSE(decode_token(text, 8));
  for (const char* bad : {"", "f/", "x/01700000000123000000000000000000070000000000000000000042",
                          "f/0170000000012300000000000000000007000000000000000000004x"}) {
    EXPECT_FALSE(decode_token(bad, 7)) << bad;
  }
}

TEST(Tokens, FilterTokensBelongToOneGroup) {
  const GroupPosition at{5, 6, 7};
  const auto back = decode_filter_token(encode_filter_token(at, 3), 3);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->timestamp_ms, 5);
  EXPECT_EQ(back->stream, 6u);
  EXPECT_EQ(back->sequence, 7u);
  EXPECT_FALSE(decode_filter_token(encode_filter_token(at, 3), 4));
  EXPECT_FALSE(decode_filter_token("nonsense", 3));
}

TEST(Identifiers, AreNamesOrArnsOfGroups) {
  EXPECT_EQ(group_name_of("/aws/lambda/f"), "/aws/lambda/f");
  EXPECT_EQ(group_name_of("arn:aws:logs:us-east-1:000000000000:log-group:/a/b"), "/a/b");
  EXPECT_EQ(group_name_of("arn:aws:logs:us-east-1:000000000000:log-group:/a/b:*"), "/a/b");
  EXPECT_FALSE(group_name_of("arn:aws:s3:::bucket"));
}

}  // namespace
}  // namespace paddock::services::logs
