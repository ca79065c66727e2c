#include "core/arn.hpp"

#include <gtest/gtest.h>

namespace paddock {
namespace {

TEST(Arn, GoesBothWays) {
  const std::string text = "arn:aws:lambda:us-east-1:000000000000:function:f:1";
  const auto arn = Arn::parse(text);
  ASSERT_TRUE(arn);
  EXPECT_EQ(arn->service, "lambda");
  EXPECT_EQ(arn->region, "us-east-1");
  EXPECT_EQ(arn->account, "000000000000");
  EXPECT_EQ(arn->resource, "function:f:1");
  EXPECT_EQ(arn->text(), text);
  EXPECT_EQ(make_arn("lambda", "us-east-1", "000000000000", "function:f:1"), text);
}

TEST(Arn, MayLackRegionAndAccount) {
  const auto arn = Arn::parse("arn:aws:s3:::bucket/key");
  ASSERT_TRUE(arn);
  EXPECT_EQ(arn->account, "");
  EXPECT_EQ(arn->resource, "bucket/key");
}

TEST(Arn, RefusesWhatIsNone) {
  for (const char* bad : {"", "arn", "arn:aws:s3:::", "arn::s3:::b", "arn:aws::::b",
                          "arn:aws:s3::b", "xrn:aws:s3:::b", "arn:aws:s3:b"}) {
    EXPECT_FALSE(Arn::parse(bad)) << bad;
  }
}

}  // namespace
}  // namespace paddock
