#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/json.hpp"
#include "services/iam/model.hpp"

namespace paddock::services::iam {
namespace {

// The message of the refusal, "" if the document is accepted.
std::string trust(const std::string& document) {
  try {
    check_trust_policy(document);
  } catch (const AwsError& error) {
    EXPECT_EQ(error.code(), "MalformedPolicyDocumentException");
    return error.message();
  }
  return "";
}

std::string identity_policy(const std::string& document) {
  try {
    check_identity_policy(document);
  } catch (const AwsError& error) {
    EXPECT_EQ(error.code(), "MalformedPolicyDocumentException");
    return error.message();
  }
  return "";
}

Json lambda_trust() {
  return Json::parse(R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
      "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})");
}

Json logs_policy() {
  return Json::parse(R"({"Version": "2012-10-17", "Statement": [{"Sid": "logs", "Effect": "Allow",
      "Action": ["logs:CreateLogGroup", "logs:PutLogEvents"],
      "Resource": "arn:aws:logs:*:*:*"}]})");
}

TEST(TrustPolicy, OfTheUsualFormsIsAccepted) {
  Json policy = lambda_trust();
  EXPECT_EQ(trust(policy.dump()), "");
  policy["Statement"] = policy["Statement"][0];
  EXPECT_EQ(trust(policy.dump()), "");
  policy["Statement"]["Principal"] = "*";
  policy["Statement"]["Action"] = {"sts:AssumeRole", "sts:TagSession"};
  policy["Statement"]["Condition"] = {{"StringEquals", {{"sts:ExternalId", "x"}}}};
  EXPECT_EQ(trust(policy.dump()), "");
  policy.erase("Version");
  EXPECT_EQ(trust(policy.dump()), "");
}

TEST(TrustPolicy, MustBeJson) {
  for (const char* bad : {"", "hello", "{", "{\"a\":1,\"a\":2}", "{}x"}) {
    EXPECT_EQ(trust(bad), "This policy contains invalid Json") << bad;
  }
}

TEST(TrustPolicy, NamesPrincipalAndStsActionsAndNoResource) {
  Json policy = lambda_trust();
  policy["Statement"][0]["Resource"] = "*";
  EXPECT_EQ(trust(policy.dump()), "Has prohibited field Resource");
  policy = lambda_trust();
  policy["Statement"][0].erase("Principal");
  EXPECT_EQ(trust(policy.dump()), "Missing required field Principal");
  policy = lambda_trust();
  policy["Statement"][0].erase("Action");
  EXPECT_EQ(trust(policy.dump()), "Missing required field Action");
  policy = lambda_trust();
  policy["Statement"][0]["Action"] = "s3:GetObject";
  EXPECT_EQ(trust(policy.dump()), "AssumeRole policy may only specify STS AssumeRole actions.");
  policy = lambda_trust();
  policy["Statement"][0]["Principal"] = {{"Nobody", "x"}};
  EXPECT_EQ(trust(policy.dump()), "Invalid principal in policy: \"Nobody\"");
}

TEST(IdentityPolicy, OfTheUsualFormsIsAccepted) {
  Json policy = logs_policy();
  EXPECT_EQ(identity_policy(policy.dump()), "");
  policy["Statement"].push_back(
      Json::parse(R"({"Effect": "Deny", "NotAction": "*", "NotResource": "*"})"));
  EXPECT_EQ(identity_policy(policy.dump()), "");
}

TEST(IdentityPolicy, WithASyntaxErrorIsRefused) {
  const auto broken = [](auto change) {
    Json policy = logs_policy();
    change(policy, policy["Statement"][0]);
    return identity_policy(policy.dump());
  };
  const std::string kSyntax = "Syntax errors in policy.";
  EXPECT_EQ(identity_policy("nonsense"), kSyntax);
  EXPECT_EQ(identity_policy("[]"), kSyntax);
  EXPECT_EQ(broken([](Json& p, Json&) { p["Extra"] = 1; }), kSyntax);
  EXPECT_EQ(broken([](Json& p, Json&) { p["Version"] = "2013-01-01"; }), kSyntax);
  EXPECT_EQ(broken([](Json& p, Json&) { p["Statement"] = Json::array(); }), kSyntax);
  EXPECT_EQ(broken([](Json& p, Json&) { p["Statement"] = "x"; }), kSyntax);
  EXPECT_EQ(broken([](Json& p, Json&) { p["Statement"][0] = "x"; }), kSyntax);
  EXPECT_EQ(broken([](Json&, Json& s) { s["Efect"] = "Allow"; }), kSyntax);
  EXPECT_EQ(broken([](Json&, Json& s) { s["Effect"] = "allow"; }), kSyntax);
  EXPECT_EQ(broken([](Json&, Json& s) { s.erase("Effect"); }), kSyntax);
  EXPECT_EQ(broken([](Json&, Json& s) { s["Action"] = 1; }), kSyntax);
  EXPECT_EQ(broken([](Json&, Json& s) { s["NotAction"] = "a:b"; }), kSyntax);
  EXPECT_EQ(broken([](Json&, Json& s) { s["NotResource"] = "*"; }), kSyntax);
  EXPECT_EQ(broken([](Json&, Json& s) { s["Condition"] = {{"Bool", "x"}}; }), kSyntax);
  EXPECT_EQ(broken([](Json&, Json& s) { s["Sid"] = 1; }), kSyntax);
}

TEST(IdentityPolicy, MustBeComplete) {
  Json policy = logs_policy();
  policy.erase("Version");
  EXPECT_EQ(identity_policy(policy.dump()),
            "Policy document must be version 2012-10-17 or greater.");
  policy = logs_policy();
  policy["Statement"][0]["Principal"] = "*";
  EXPECT_EQ(identity_policy(policy.dump()), "Policy document should not specify a principal.");
  policy = logs_policy();
  policy["Statement"][0]["Action"] = Json::array();
  EXPECT_EQ(identity_policy(policy.dump()), "Policy statement must contain actions.");
  policy = logs_policy();
  policy["Statement"][0].erase("Resource");
  EXPECT_EQ(identity_policy(policy.dump()), "Policy statement must contain resources.");
  policy = logs_policy();
  policy["Statement"].push_back(policy["Statement"][0]);
  EXPECT_EQ(identity_policy(policy.dump()),
            "Statement IDs (SID) in a single policy must be unique.");
}

TEST(IdentityPolicy, NamesActionsByVendorAndResourcesByArn) {
  Json policy = logs_policy();
  policy["Statement"][0]["Action"] = "PutItem";
  EXPECT_EQ(identity_policy(policy.dump()),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
  policy["Statement"][0]["Action"] = "a:b:c";
  EXPECT_EQ(identity_policy(policy.dump()), "Actions/Condition can contain only one colon.");
  policy["Statement"][0]["Action"] = "a_b:c";
  EXPECT_EQ(identity_policy(policy.dump()), "Vendor a_b is not valid");
  policy = logs_policy();
  policy["Statement"][0]["Resource"] = "table";
  EXPECT_EQ(identity_policy(policy.dump()), "Resource table must be in ARN format or \"*\".");
}

TEST(PolicySize, LeavesOutWhiteSpace) {
  EXPECT_EQ(policy_size(""), 0u);
  EXPECT_EQ(policy_size("{ \"a\"\t:\r\n 1 }"), 7u);
}

}  // namespace
}  // namespace paddock::services::iam
