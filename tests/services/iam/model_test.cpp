#include "services/iam/model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "services/iam/managed_policies.hpp"

namespace paddock::services::iam {
namespace {

using ::testing::MatchesRegex;

IdBytes bytes_of(unsigned char first) {
  IdBytes bytes;
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(first + 37 * i);
  return bytes;
}

TEST(IamArns, HoldPathAndNameButNoRegion) {
  EXPECT_EQ(role_arn("000000000000", "/", "R"), "arn:aws:iam::000000000000:role/R");
  EXPECT_EQ(role_arn("111122223333", "/a/b/", "R"), "arn:aws:iam::111122223333:role/a/b/R");
  EXPECT_EQ(user_arn("111122223333", "/", "u"), "arn:aws:iam::111122223333:user/u");
}

TEST(IamIds, HaveTheFormsOfAws) {
  EXPECT_THAT(unique_id("AROA", bytes_of(1)), MatchesRegex("AROA[A-Z2-7]{17}"));
  EXPECT_NE(unique_id("AROA", bytes_of(1)), unique_id("AROA", bytes_of(2)));
  EXPECT_THAT(access_key_id("111122223333", bytes_of(1)), MatchesRegex("AKIA[A-Z2-7]{16}"));
  EXPECT_THAT(secret_access_key(bytes_of(1)), MatchesRegex("[A-Za-z0-9+/]{40}"));
}

TEST(IamIds, OfAccessKeysHoldTheAccount) {
  for (const char* account :
       {"000000000000", "000000000001", "111122223333", "999999999998", "999999999999"}) {
    const std::string key = access_key_id(account, bytes_of(200));
    EXPECT_EQ(account_of_access_key(key), account);
    EXPECT_NE(access_key_id(account, bytes_of(201)), key);
  }
}

TEST(IamIds, OfOthersHoldNoAccount) {
  for (const char* key :
       {"test", "", "123456789012", "AKIA", "AKIAIOSFODNN7EXAMPLE0", "ASIAIOSFODNN7EXAMPLE",
        "AKIAIOSFODNN7EXAMPL1", "AKIA7777777777777777", "AKIAAAAAAAAAAAAAAAAA"}) {
    EXPECT_EQ(account_of_access_key(key), std::nullopt) << key;
  }
}

TEST(IamTags, AreUniqueWhateverTheirCase) {
  EXPECT_NO_THROW(check_tags({{"a", "1"}, {"b", "1"}}));
  EXPECT_THROW(check_tags({{"Team", "1"}, {"team", "2"}}), AwsError);
}

TEST(ManagedPolicies, AreFoundByArn) {
  const ManagedPolicy* policy =
      find_managed_policy("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole");
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->path, "/service-role/");
  EXPECT_EQ(policy->name, "AWSLambdaBasicExecutionRole");
  EXPECT_TRUE(find_managed_policy("arn:aws:iam::aws:policy/AdministratorAccess"));
  for (const char* arn : {"", "arn:aws:iam::aws:policy", "arn:aws:iam::aws:policy/",
                          "arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole",
                          "arn:aws:iam::aws:policy/administratoraccess",
                          "arn:aws:iam::000000000000:policy/AdministratorAccess"}) {
    EXPECT_FALSE(find_managed_policy(arn)) << arn;
  }
}

}  // namespace
}  // namespace paddock::services::iam
