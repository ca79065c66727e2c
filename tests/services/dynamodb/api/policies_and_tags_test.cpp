// Resource policies of tables and streams, and the rules of tags.
#include "fixture.hpp"

namespace paddock::testing {

class PoliciesAndTagsTest : public DynamoDbTest {
 protected:
  static constexpr const char* kArn = "arn:aws:dynamodb:us-east-1:000000000000:table/visits";
  static Json statement() {
    return {{"Sid", "Readers"},
            {"Effect", "Allow"},
            {"Principal", {{"AWS", "111111111111"}}},
            {"Action", Json::array({"dynamodb:GetItem"})},
            {"Resource", kArn}};
  }
  static std::string policy(const Json& statements) {
    return Json({{"Version", "2012-10-17"}, {"Statement", statements}}).dump(2);
  }
  CallResult put_policy(const std::string& document, const Json& more = Json::object()) {
    Json input = {{"ResourceArn", kArn}, {"Policy", document}};
    input.update(more);
    return call("PutResourcePolicy", input);
  }
  void malformed(const std::string& document, const std::string& why) {
    expect_invalid(put_policy(document),
                   "One or more parameter values were invalid: Invalid policy document: " + why);
  }
};

TEST_F(PoliciesAndTagsTest, APolicyReadsBackInItsCanonicalForm) {
  ok("CreateTable", simple_table("visits"));
  const CallResult put = put_policy(policy(Json::array({statement()})));
  ASSERT_TRUE(put.ok()) << put.text;
  const Json got = ok("GetResourcePolicy", {{"ResourceArn", kArn}});
  EXPECT_EQ(got["Policy"],
            R"({"Version":"2012-10-17","Statement":[{"Sid":"Readers","Effect":"Allow",)"
            R"("Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"dynamodb:GetItem",)"
            R"("Resource":"arn:aws:dynamodb:us-east-1:000000000000:table/visits"}]})");
  EXPECT_EQ(got["RevisionId"], put.body["RevisionId"]);
  // The same again, in other words, is no change.
  EXPECT_EQ(put_policy(policy(statement())).body, put.body);
  const Json deleted = ok("DeleteResourcePolicy", {{"ResourceArn", kArn}});
  EXPECT_EQ(deleted["RevisionId"], put.body["RevisionId"]);
  EXPECT_EQ(ok("DeleteResourcePolicy", {{"ResourceArn", kArn}}), Json::object());
  expect_error(
      call("GetResourcePolicy", {{"ResourceArn", kArn}}), "PolicyNotFoundException",
      std::string("Resource-based policy not found for the provided ResourceArn: ") + kArn);
}

TEST_F(PoliciesAndTagsTest, ARevisionThatIsExpectedMustBeTheCurrentOne) {
  ok("CreateTable", simple_table("visits"));
  const std::string document = policy(Json::array({statement()}));
  const std::string stem = "Resource-based policy not found for the provided ResourceArn: ";
  EXPECT_EQ(put_policy(document, {{"ExpectedRevisionId", "1"}}).error(), "PolicyNotFoundException");
  const CallResult first = put_policy(document, {{"ExpectedRevisionId", "NO_POLICY"}});
  ASSERT_TRUE(first.ok()) << first.text;
  const std::string revision = first.body["RevisionId"];
  Json other = statement();
  other["Effect"] = "Deny";
  const std::string changed = policy(Json::array({other}));
  expect_error(put_policy(changed, {{"ExpectedRevisionId", "NO_POLICY"}}),
               "PolicyNotFoundException",
               stem +
                   "Requested policy update expecting none to be present for table visits, but "
                   "a policy exists with revision id " +
                   revision + ".");
  expect_error(put_policy(changed, {{"ExpectedRevisionId", "1"}}), "PolicyNotFoundException",
               stem +
                   "Requested update for policy with revision id 1, but the policy associated "
                   "to target table visits has revision id " +
                   revision + ".");
  const CallResult second = put_policy(changed, {{"ExpectedRevisionId", revision}});
  ASSERT_TRUE(second.ok()) << second.text;
  EXPECT_NE(second.body["RevisionId"], revision);
}

TEST_F(PoliciesAndTagsTest, DocumentsThatAreNoPoliciesAreRefused) {
  ok("CreateTable", simple_table("visits"));
  malformed("", "This policy contains invalid Json");
  malformed("[]", "This policy contains invalid Json");
  malformed("null", "This text appears not to be a policy");
  malformed(policy(Json::array()), "Could not parse the policy: Statement is empty!");
  malformed(policy(Json::array({Json::object()})), "Missing required field Effect");
  Json without = statement();
  without.erase("Resource");
  malformed(policy(Json::array({without})), "Missing required field Resource");
  malformed(policy(Json::array({statement(), statement()})),
            "The Statement Ids in the policy are not unique");
  Json open = statement();
  open["Principal"] = "*";
  expect_invalid(put_policy(policy(Json::array({open}))),
                 "Resource-based policy grants unbounded access in one or more elements. Please "
                 "revise the policy to ensure least-privilege form of access");
  expect_invalid(put_policy(std::string(20'481, ' ')),
                 "One or more parameter values were invalid: Maximum policy size of 20480 bytes "
                 "exceeded");
}

TEST_F(PoliciesAndTagsTest, ThePolicysArnMustBeATableOrStream) {
  Json table = with_stream(simple_table("visits"), "KEYS_ONLY");
  const std::string stream = ok("CreateTable", table)["TableDescription"]["LatestStreamArn"];
  const auto get = [&](const std::string& arn) {
    return call("GetResourcePolicy", {{"ResourceArn", arn}});
  };
  const std::string stem = "One or more parameter values were invalid: ";
  expect_invalid(get("visits"), stem + "ARNs must start with 'arn:': visits");
  expect_error(get("arn:aws:dynamodb:us-east-1:000000000000:table/none"),
               "ResourceNotFoundException", "Requested resource not found: Table: none not found");
  expect_invalid(get("arn:aws:dynamodb:us-east-1:111111111111:table/visits"),
                 "This action is only supported by accounts that match the resource owner’s "
                 "account.");
  const std::string elsewhere = "arn:aws:dynamodb:eu-west-1:000000000000:table/visits";
  expect_invalid(get(elsewhere), stem + "Invalid resource Arn: " + elsewhere);
  const std::string index = std::string(kArn) + "/index/by-tag";
  expect_invalid(get(index), stem +
                                 "Invalid resource arn provided, only table or stream is accepted. "
                                 "Provided resource arn: " +
                                 index);
  EXPECT_EQ(get(stream).error(), "PolicyNotFoundException");
  ok("PutResourcePolicy",
     {{"ResourceArn", stream}, {"Policy", policy(Json::array({statement()}))}});
  EXPECT_TRUE(get(stream).ok());
  EXPECT_EQ(get(kArn).error(), "PolicyNotFoundException");
}

TEST_F(PoliciesAndTagsTest, ATableCanBeMadeWithItsPolicy) {
  Json table = simple_table("visits");
  table["ResourcePolicy"] = policy(Json::array({statement()}));
  ok("CreateTable", table);
  EXPECT_TRUE(call("GetResourcePolicy", {{"ResourceArn", kArn}}).ok());
  table["TableName"] = "guests";
  table["ResourcePolicy"] = "{";
  EXPECT_EQ(call("CreateTable", table).error(), "ValidationException");
  EXPECT_EQ(call("DescribeTable", {{"TableName", "guests"}}).error(), "ResourceNotFoundException");
}

TEST_F(PoliciesAndTagsTest, TagsThatBreakARuleAreRefusedInAwssWords) {
  ok("CreateTable", simple_table("visits"));
  const auto tag = [&](const Json& tags) {
    return call("TagResource", {{"ResourceArn", kArn}, {"Tags", tags}});
  };
  const auto pair = [](const std::string& name, const std::string& value) {
    return Json({{"Key", name}, {"Value", value}});
  };
  expect_invalid(tag(Json::array()), "Atleast one Tag needs to be provided as Input.");
  expect_invalid(tag(Json::array({pair("", "v")})), "The Tag Key provided is invalid, Key: ");
  const std::string long_key(129, 'k');
  expect_invalid(tag(Json::array({pair(long_key, "v")})),
                 "The Tag Key provided is invalid, Key: " + long_key);
  const std::string long_value(257, 'v');
  expect_invalid(tag(Json::array({pair("k", long_value)})),
                 "The Tag Value provided is invalid, Value: " + long_value);
  expect_invalid(tag(Json::array({{{"Key", "k"}}})),
                 "The Tag Value provided is invalid, Value: null");
  expect_invalid(tag(Json::array({pair("aws:x", "v")})),
                 "Tag Key cannot be prefixed with aws:, Key: aws:x");
  expect_invalid(tag(Json::array({pair("k", "1"), pair("k", "2")})),
                 "Duplicate Tag Keys provided as input: Duplicate Tag Key found k");
  expect_invalid(call("UntagResource", {{"ResourceArn", kArn}, {"TagKeys", Json::array()}}),
                 "Atleast one Tag Key needs to be provided as Input.");
  Json many = Json::array();
  for (int i = 0; i < 50; ++i) many.push_back(pair("k" + std::to_string(i), ""));
  EXPECT_TRUE(tag(many).ok());
  expect_invalid(tag(Json::array({pair("one-more", "v")})),
                 "Number of Tags exceed the current limit for the provided ResourceArn");
  EXPECT_EQ(ok("ListTagsOfResource", {{"ResourceArn", kArn}})["Tags"].size(), 50u);
  const std::string missing = "arn:aws:dynamodb:us-east-1:000000000000:table/none";
  expect_error(
      call("TagResource", {{"ResourceArn", missing}, {"Tags", Json::array({pair("k", "v")})}}),
      "ResourceNotFoundException",
      "Requested resource not found: ResourcArn: " + missing + " not found");
}

}  // namespace paddock::testing
