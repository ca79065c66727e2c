#include "gateway/hosts.hpp"

#include <gtest/gtest.h>

namespace paddock::gateway {
namespace {

TEST(HostRules, OwnsLoopbackNamesAddressesAndTheCloudsNames) {
  HostRules rules({}, {});
  for (const char* host :
       {"localhost", "127.0.0.1", "::1", "192.168.7.4", "paddock", "abc.execute-api.localhost",
        "s3.localhost.localstack.cloud", "dynamodb.us-east-1.amazonaws.com", "host.docker.internal",
        "abc.lambda-url.us-east-1.on.aws"}) {
    EXPECT_TRUE(rules.is_ours(host)) << host;
  }
  for (const char* host :
       {"", "evil.example", "localhost.evil.example", "amazonaws.com.evil.net",
        "notlocalhost.localstack.cloud", "abc.on.aws", "abc.lambda-url.us-east-1.notaws"}) {
    EXPECT_FALSE(rules.is_ours(host)) << host;
  }
}

TEST(HostRules, OwnNamesStandForThemselvesAndWhatIsBelow) {
  HostRules rules({"aws.school.example:4566"}, {});
  EXPECT_TRUE(rules.is_ours("aws.school.example"));
  EXPECT_TRUE(rules.is_ours("bucket.aws.school.example"));
  EXPECT_FALSE(rules.is_ours("school.example"));
}

TEST(HostRules, PagesOfOtherOriginsAreForeign) {
  HostRules rules({}, {"https://app.example"});
  EXPECT_TRUE(rules.origin_allowed("http://localhost:3000", "127.0.0.1:4566"));
  EXPECT_TRUE(rules.origin_allowed("http://[::1]:5173", "localhost:4566"));
  EXPECT_TRUE(rules.origin_allowed("http://site.localhost:4566", "localhost:4566"));
  EXPECT_TRUE(rules.origin_allowed("http://192.168.1.5:4566", "192.168.1.5:4566"));
  EXPECT_TRUE(rules.origin_allowed("https://app.example", "localhost:4566"));
  EXPECT_FALSE(rules.origin_allowed("http://192.168.1.6:4566", "192.168.1.5:4566"));
  EXPECT_FALSE(rules.origin_allowed("https://evil.example", "localhost:4566"));
  EXPECT_FALSE(rules.origin_allowed("null", "localhost:4566"));
  EXPECT_FALSE(rules.origin_allowed("file://", "localhost:4566"));
}

TEST(HostOfAuthority, CutsPortBracketsAndCase) {
  EXPECT_EQ(host_of_authority("LocalHost:4566"), "localhost");
  EXPECT_EQ(host_of_authority("[::1]:4566"), "::1");
  EXPECT_EQ(host_of_authority("::1"), "::1");
  EXPECT_EQ(host_of_authority("a.localhost."), "a.localhost");
  EXPECT_EQ(host_of_authority(""), "");
}

}  // namespace
}  // namespace paddock::gateway
