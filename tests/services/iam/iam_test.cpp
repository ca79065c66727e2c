// IAM and STS over the wire.
#include <cstring>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/caller.hpp"
#include "core/clock.hpp"
#include "core/digest.hpp"
#include "core/text.hpp"
#include "identity/identity.hpp"
#include "options.hpp"
#include "services/iam/limits.hpp"
#include "support/test_emulator.hpp"

namespace paddock::services::iam {
namespace {

using testing::CallResult;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using testing::TestEmulator;

constexpr const char* kTrust =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":)"
    R"({"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]})";
constexpr const char* kPolicy =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:*","Resource":"*"}]})";
constexpr const char* kBasic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

std::string unescaped(std::string text) {
  const std::pair<const char*, const char*> kEscapes[] = {{"&apos;", "'"},  {"&#39;", "'"},
                                                          {"&quot;", "\""}, {"&lt;", "<"},
                                                          {"&gt;", ">"},    {"&amp;", "&"}};
  for (const auto& [escape, plain] : kEscapes) {
    for (size_t at = 0; (at = text.find(escape, at)) != std::string::npos; ++at) {
      text.replace(at, std::strlen(escape), plain);
    }
  }
  return text;
}

// The text between <name> and </name>, "" if there is none.
std::string element(const std::string& xml, const std::string& name) {
  const std::string open = "<" + name + ">";
  const size_t start = xml.find(open);
  if (start == std::string::npos) return "";
  const size_t end = xml.find("</" + name + ">", start);
  return unescaped(xml.substr(start + open.size(), end - start - open.size()));
}

class IamTest : public ::testing::Test {
 protected:
  CallResult iam(std::string_view operation, const Json& input = Json::object(),
                 const testing::As& as = {}) {
    return emulator.call("iam", operation, input, as);
  }
  void create_role(const std::string& name, const Json& more = Json::object()) {
    Json input = {{"RoleName", name}, {"AssumeRolePolicyDocument", kTrust}};
    input.update(more);
    const CallResult result = iam("CreateRole", input);
    ASSERT_EQ(result.status, 200) << result.text;
  }
  static void expect_error(const CallResult& result, int status, const std::string& code,
                           const std::string& message) {
    EXPECT_EQ(result.status, status);
    EXPECT_EQ(element(result.text, "Code"), code);
    EXPECT_EQ(element(result.text, "Message"), message);
  }

  TestEmulator emulator;
};

TEST_F(IamTest, CreatesAndShowsARole) {
  const CallResult created =
      iam("CreateRole", {{"RoleName", "tracker"},
                         {"Path", "/lab/"},
                         {"AssumeRolePolicyDocument", kTrust},
                         {"Description", "for the lab"},
                         {"MaxSessionDuration", 7200},
                         {"Tags", {{{"Key", "team"}, {"Value", "donkeys"}}}}});
  ASSERT_EQ(created.status, 200) << created.text;
  EXPECT_EQ(element(created.text, "Arn"), "arn:aws:iam::000000000000:role/lab/tracker");
  EXPECT_THAT(element(created.text, "RoleId"), MatchesRegex("AROA[A-Z2-7]{17}"));
  EXPECT_EQ(url_decode(element(created.text, "AssumeRolePolicyDocument")), kTrust);
  EXPECT_THAT(element(created.text, "AssumeRolePolicyDocument"), HasSubstr("%7B%22Version%22"));
  EXPECT_THAT(created.text, Not(HasSubstr("MaxSessionDuration")));

  const CallResult shown = iam("GetRole", {{"RoleName", "tracker"}});
  EXPECT_EQ(element(shown.text, "RoleId"), element(created.text, "RoleId"));
  EXPECT_EQ(element(shown.text, "MaxSessionDuration"), "7200");
  EXPECT_EQ(element(shown.text, "Description"), "for the lab");
  EXPECT_EQ(element(shown.text, "Value"), "donkeys");
  EXPECT_THAT(element(shown.text, "CreateDate"), MatchesRegex("....-..-..T..:..:..(....)?Z"));
}

TEST_F(IamTest, KnowsNamesWhateverTheirCase) {
  create_role("Tracker");
  expect_error(iam("CreateRole", {{"RoleName", "TRACKER"}, {"AssumeRolePolicyDocument", kTrust}}),
               409, "EntityAlreadyExists", "Role with name TRACKER already exists.");
  EXPECT_EQ(element(iam("GetRole", {{"RoleName", "tracker"}}).text, "RoleName"), "Tracker");
}

TEST_F(IamTest, RefusesAMalformedTrustPolicy) {
  expect_error(iam("CreateRole", {{"RoleName", "r"}, {"AssumeRolePolicyDocument", "no json"}}), 400,
               "MalformedPolicyDocument", "This policy contains invalid Json");
  create_role("r");
  expect_error(iam("UpdateAssumeRolePolicy", {{"RoleName", "r"}, {"PolicyDocument", "{}"}}), 400,
               "MalformedPolicyDocument", "Syntax errors in policy.");
}

TEST_F(IamTest, BoundsATrustPolicyAtItsQuota) {
  // A statement id fills the document up to exactly `size` characters.
  const auto trust_of = [](size_t size) {
    Json policy = Json::parse(kTrust);
    policy["Statement"][0]["Sid"] = "";
    const size_t rest = size - policy.dump().size();
    policy["Statement"][0]["Sid"] = std::string(rest, 'x');
    return policy.dump(2);
  };
  create_role("fits", {{"AssumeRolePolicyDocument", trust_of(limits::kTrustPolicyCharacters)}});
  expect_error(iam("CreateRole",
                   {{"RoleName", "big"},
                    {"AssumeRolePolicyDocument", trust_of(limits::kTrustPolicyCharacters + 1)}}),
               409, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048");
}

TEST_F(IamTest, WordsBrokenConstraintsAsIamDoes) {
  expect_error(iam("GetRole", {{"RoleName", "a b"}}), 400, "ValidationError",
               "The specified value for roleName is invalid. It must contain only alphanumeric "
               "characters and/or the following: +=,.@_-");
  expect_error(iam("GetRole", {{"RoleName", std::string(65, 'a')}}), 400, "ValidationError",
               "1 validation error detected: Value '" + std::string(65, 'a') +
                   "' at 'roleName' failed to satisfy constraint: Member must have length less "
                   "than or equal to 64");
}

TEST_F(IamTest, NamesWhatIsMissing) {
  expect_error(iam("GetRole", {{"RoleName", "none"}}), 404, "NoSuchEntity",
               "The role with name none cannot be found.");
  expect_error(iam("DeleteRole", {{"RoleName", "none"}}), 404, "NoSuchEntity",
               "The role with name none cannot be found.");
  expect_error(iam("GetUser", {{"UserName", "none"}}), 404, "NoSuchEntity",
               "The user with name none cannot be found.");
  create_role("r");
  expect_error(iam("GetRolePolicy", {{"RoleName", "r"}, {"PolicyName", "p"}}), 404, "NoSuchEntity",
               "The role policy with name p cannot be found.");
  expect_error(iam("DeleteAccessKey", {{"AccessKeyId", "AKIAIOSFODNN7EXAMPLE"}}), 404,
               "NoSuchEntity", "The Access Key with id AKIAIOSFODNN7EXAMPLE cannot be found.");
}

TEST_F(IamTest, PagesThroughRoles) {
  for (const char* name : {"c", "a", "b"}) create_role(name);
  create_role("other", {{"Path", "/x/"}});
  const CallResult first = iam("ListRoles", {{"MaxItems", 2}});
  EXPECT_EQ(element(first.text, "IsTruncated"), "true");
  EXPECT_THAT(first.text, HasSubstr("<RoleName>a</RoleName>"));
  EXPECT_THAT(first.text, HasSubstr("<RoleName>b</RoleName>"));
  const std::string marker = element(first.text, "Marker");
  const CallResult second = iam("ListRoles", {{"MaxItems", 2}, {"Marker", marker}});
  EXPECT_EQ(element(second.text, "IsTruncated"), "false");
  EXPECT_EQ(element(second.text, "RoleName"), "c");
  EXPECT_THAT(second.text, HasSubstr("<RoleName>other</RoleName>"));
  EXPECT_THAT(second.text, Not(HasSubstr("<Marker>")));
  EXPECT_EQ(element(iam("ListRoles", {{"PathPrefix", "/x"}}).text, "RoleName"), "other");
  expect_error(iam("ListRoles", {{"Marker", "!"}}), 400, "ValidationError", "Invalid Marker.");
}

TEST_F(IamTest, KeepsInlinePolicies) {
  create_role("r");
  const Json put = {{"RoleName", "r"}, {"PolicyName", "p"}, {"PolicyDocument", kPolicy}};
  EXPECT_EQ(iam("PutRolePolicy", put).status, 200);
  EXPECT_EQ(iam("PutRolePolicy", put).status, 200);  // replaces
  const CallResult shown = iam("GetRolePolicy", {{"RoleName", "r"}, {"PolicyName", "p"}});
  EXPECT_EQ(url_decode(element(shown.text, "PolicyDocument")), kPolicy);
  EXPECT_THAT(iam("ListRolePolicies", {{"RoleName", "r"}}).text, HasSubstr("<member>p</member>"));
  expect_error(iam("DeleteRole", {{"RoleName", "r"}}), 409, "DeleteConflict",
               "Cannot delete entity, must delete policies first.");
  EXPECT_EQ(iam("DeleteRolePolicy", {{"RoleName", "r"}, {"PolicyName", "p"}}).status, 200);
  EXPECT_EQ(iam("DeleteRole", {{"RoleName", "r"}}).status, 200);
  EXPECT_EQ(iam("GetRole", {{"RoleName", "r"}}).status, 404);
}

TEST_F(IamTest, BoundsTheSizeOfInlinePolicies) {
  create_role("r");
  const auto policy_of = [](size_t size) {
    Json policy = Json::parse(kPolicy);
    policy["Id"] = "";
    policy["Id"] = std::string(size - policy.dump().size(), 'x');
    return policy.dump();
  };
  const auto put = [&](const char* name, size_t size) {
    return iam("PutRolePolicy",
               {{"RoleName", "r"}, {"PolicyName", name}, {"PolicyDocument", policy_of(size)}});
  };
  EXPECT_EQ(put("a", 5000).status, 200);
  EXPECT_EQ(put("b", limits::kRolePoliciesCharacters - 5000).status, 200);
  EXPECT_EQ(put("b", limits::kRolePoliciesCharacters - 5000).status, 200);
  expect_error(put("b", limits::kRolePoliciesCharacters - 4999), 409, "LimitExceeded",
               "Maximum policy size of 10240 bytes exceeded for role r");
}

TEST_F(IamTest, AttachesPoliciesOfAws) {
  create_role("r");
  const Json attach = {{"RoleName", "r"}, {"PolicyArn", kBasic}};
  EXPECT_EQ(iam("AttachRolePolicy", attach).status, 200);
  EXPECT_EQ(iam("AttachRolePolicy", attach).status, 200);
  const CallResult listed = iam("ListAttachedRolePolicies", {{"RoleName", "r"}});
  EXPECT_EQ(element(listed.text, "PolicyName"), "AWSLambdaBasicExecutionRole");
  EXPECT_EQ(element(listed.text, "PolicyArn"), kBasic);
  expect_error(iam("DeleteRole", {{"RoleName", "r"}}), 409, "DeleteConflict",
               "Cannot delete entity, must detach all policies first.");
  EXPECT_EQ(iam("DetachRolePolicy", attach).status, 200);
  expect_error(iam("DetachRolePolicy", attach), 404, "NoSuchEntity",
               "Policy " + std::string(kBasic) + " was not found.");
  const std::string missing = "arn:aws:iam::000000000000:policy/mine";
  expect_error(iam("AttachRolePolicy", {{"RoleName", "r"}, {"PolicyArn", missing}}), 404,
               "NoSuchEntity", "Policy " + missing + " does not exist or is not attachable.");
  expect_error(
      iam("AttachRolePolicy", {{"RoleName", "r"}, {"PolicyArn", "longpolicynamebutnoarn"}}), 400,
      "InvalidInput", "ARN longpolicynamebutnoarn is not valid.");
}

TEST_F(IamTest, BoundsAttachedPolicies) {
  create_role("r");
  const auto attach = [&](const std::string& name) {
    return iam("AttachRolePolicy",
               {{"RoleName", "r"}, {"PolicyArn", "arn:aws:iam::aws:policy/" + name}});
  };
  for (const char* name :
       {"AmazonS3FullAccess", "AmazonS3ReadOnlyAccess", "AmazonSQSFullAccess",
        "AmazonSQSReadOnlyAccess", "AmazonSNSFullAccess", "AmazonSNSReadOnlyAccess",
        "AmazonKinesisFullAccess", "AmazonKinesisReadOnlyAccess", "AmazonDynamoDBFullAccess",
        "AmazonDynamoDBReadOnlyAccess"}) {
    EXPECT_EQ(attach(name).status, 200) << name;
  }
  expect_error(attach("AdministratorAccess"), 409, "LimitExceeded",
               "Cannot exceed quota for PoliciesPerRole: 10");
}

TEST_F(IamTest, IssuesKeysThatWorkAtOnce) {
  const testing::As admin{"111122223333", "eu-west-1"};
  ASSERT_EQ(iam("CreateUser", {{"UserName", "alice"}, {"Path", "/people/"}}, admin).status, 200);
  const CallResult created = iam("CreateAccessKey", {{"UserName", "alice"}}, admin);
  const std::string key = element(created.text, "AccessKeyId");
  EXPECT_THAT(key, MatchesRegex("AKIA[A-Z2-7]{16}"));
  EXPECT_EQ(element(created.text, "SecretAccessKey").size(), 40u);

  const testing::As alice{key, "us-east-1"};
  const CallResult who = emulator.call("sts", "GetCallerIdentity", Json::object(), alice);
  EXPECT_EQ(element(who.text, "Account"), "111122223333");
  EXPECT_EQ(element(who.text, "Arn"), "arn:aws:iam::111122223333:user/people/alice");
  EXPECT_THAT(element(who.text, "UserId"), MatchesRegex("AIDA[A-Z2-7]{17}"));
  // Her own user and keys need no name.
  EXPECT_EQ(element(iam("GetUser", Json::object(), alice).text, "UserName"), "alice");
  const CallResult keys = iam("ListAccessKeys", Json::object(), alice);
  EXPECT_EQ(element(keys.text, "AccessKeyId"), key);
  EXPECT_THAT(keys.text, Not(HasSubstr("SecretAccessKey")));

  EXPECT_EQ(iam("CreateAccessKey", {{"UserName", "alice"}}, admin).status, 200);
  expect_error(iam("CreateAccessKey", {{"UserName", "alice"}}, admin), 409, "LimitExceeded",
               "Cannot exceed quota for AccessKeysPerUser: 2");
  expect_error(iam("DeleteUser", {{"UserName", "alice"}}, admin), 409, "DeleteConflict",
               "Cannot delete entity, must delete access keys first.");
}

TEST_F(IamTest, TurnsKeysOffAndDeletesThem) {
  ASSERT_EQ(iam("CreateUser", {{"UserName", "bob"}}).status, 200);
  const std::string key =
      element(iam("CreateAccessKey", {{"UserName", "bob"}}).text, "AccessKeyId");
  const Json which = {{"UserName", "bob"}, {"AccessKeyId", key}};
  Json off = which;
  off["Status"] = "Inactive";
  EXPECT_EQ(iam("UpdateAccessKey", off).status, 200);
  EXPECT_EQ(element(iam("ListAccessKeys", {{"UserName", "bob"}}).text, "Status"), "Inactive");
  EXPECT_EQ(iam("DeleteAccessKey", which).status, 200);
  EXPECT_EQ(iam("DeleteAccessKey", which).status, 404);
  EXPECT_EQ(iam("DeleteUser", {{"UserName", "bob"}}).status, 200);
}

TEST_F(IamTest, KeepsAccountsApartAndRegionsTogether) {
  create_role("r");
  EXPECT_EQ(iam("GetRole", {{"RoleName", "r"}}, {"test", "ap-south-1"}).status, 200);
  EXPECT_EQ(iam("GetRole", {{"RoleName", "r"}}, {"111122223333", "us-east-1"}).status, 404);
}

TEST_F(IamTest, TellsTheRootUserWhoItIs) {
  const CallResult who =
      emulator.call("sts", "GetCallerIdentity", Json::object(), {"123456789012", "us-east-1"});
  EXPECT_EQ(element(who.text, "Account"), "123456789012");
  EXPECT_EQ(element(who.text, "UserId"), "123456789012");
  EXPECT_EQ(element(who.text, "Arn"), "arn:aws:iam::123456789012:root");
  const CallResult info =
      emulator.call("sts", "GetAccessKeyInfo", {{"AccessKeyId", "AKIAIOSFODNN7EXAMPLE"}});
  EXPECT_EQ(info.status, 200);
}

// With --verify-signatures: a form to STS, signed with `key` and `secret` unless the key is empty.
CallResult who_am_i(TestEmulator& emulator, const std::string& key, const std::string& secret) {
  http::RequestHead head;
  head.method = "POST";
  head.set_target("/");
  std::string stamp;
  for (const char c : iso8601(MachineClock().wall_ms(), false)) {
    if (c != '-' && c != ':') stamp += c;
  }
  head.headers.add("Host", "localhost");
  head.headers.add("Content-Type", "application/x-www-form-urlencoded");
  head.headers.add("X-Amz-Date", stamp);
  const std::string body = "Action=GetCallerIdentity&Version=2011-06-15";
  if (!key.empty()) {
    identity::Signature scope;
    scope.date = stamp.substr(0, 8);
    scope.region = "us-east-1";
    scope.service = "sts";
    scope.signed_headers = "content-type;host;x-amz-date";
    scope.timestamp = stamp;
    head.headers.add("Authorization",
                     "AWS4-HMAC-SHA256 Credential=" + key + "/" + scope.date +
                         "/us-east-1/sts/aws4_request, SignedHeaders=" + scope.signed_headers +
                         ", Signature=" + identity::sign_v4(head, sha256_hex(body), scope, secret));
  }
  return emulator.request("POST", "/", head.headers, body);
}

TEST(IamSignatures, OfIssuedKeysAreChecked) {
  Options options = TestEmulator::in_memory_options();
  options.verify_signatures = true;
  TestEmulator emulator(options);
  CallIdentity root;
  root.account = "111122223333";
  root.region = "us-east-1";
  root.principal_arn = "arn:aws:iam::111122223333:root";
  const Json created =
      emulator.platform().caller.call_and_wait(root, "iam", "CreateAccessKey", Json::object());
  const std::string key = created["AccessKey"]["AccessKeyId"];
  const std::string secret = created["AccessKey"]["SecretAccessKey"];

  const CallResult right = who_am_i(emulator, key, secret);
  EXPECT_EQ(right.status, 200) << right.text;
  EXPECT_EQ(element(right.text, "Arn"), "arn:aws:iam::111122223333:root");
  const CallResult wrong = who_am_i(emulator, key, secret + "x");
  EXPECT_EQ(wrong.status, 403);
  EXPECT_EQ(element(wrong.text, "Code"), "SignatureDoesNotMatch");
  const CallResult unknown = who_am_i(emulator, "AKIAIOSFODNN7EXAMPLE", secret);
  EXPECT_EQ(element(unknown.text, "Code"), "InvalidClientTokenId");
  const CallResult unsigned_call = who_am_i(emulator, "", "");
  EXPECT_EQ(unsigned_call.status, 403);
  EXPECT_EQ(element(unsigned_call.text, "Code"), "MissingAuthenticationToken");

  Json off = {{"AccessKeyId", key}, {"Status", "Inactive"}};
  emulator.platform().caller.call_and_wait(root, "iam", "UpdateAccessKey", off);
  EXPECT_EQ(element(who_am_i(emulator, key, secret).text, "Code"), "InvalidClientTokenId");
}

TEST(IamDurability, KeepsWhatItAcknowledged) {
  testing::TempDir directory;
  std::string key;
  {
    TestEmulator first(TestEmulator::durable_options(directory.path()));
    ASSERT_EQ(
        first.call("iam", "CreateRole", {{"RoleName", "r"}, {"AssumeRolePolicyDocument", kTrust}})
            .status,
        200);
    key = element(first.call("iam", "CreateAccessKey", Json::object()).text, "AccessKeyId");
  }
  TestEmulator second(TestEmulator::durable_options(directory.path()));
  EXPECT_EQ(second.call("iam", "GetRole", {{"RoleName", "r"}}).status, 200);
  const CallResult keys = second.call("iam", "ListAccessKeys", Json::object());
  EXPECT_EQ(element(keys.text, "AccessKeyId"), key);
  const std::string another =
      element(second.call("iam", "CreateAccessKey", Json::object()).text, "AccessKeyId");
  EXPECT_NE(another, "");
  EXPECT_NE(another, key);
}

}  // namespace
}  // namespace paddock::services::iam
