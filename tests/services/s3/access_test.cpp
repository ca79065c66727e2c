// Who may: policies, ACLs, ownership, the block of public access, anonymous callers.
#include "fixture.hpp"

namespace paddock::testing {
namespace {

class S3AccessTest : public S3Test {
 protected:
  static constexpr const char* kOther = "222222222222";

  void SetUp() override {
    S3Test::SetUp();
    make_bucket("garden");
    ASSERT_EQ(put("/garden/gate", "open").status, 200);
  }
  void set_policy(const std::string& statements) {
    const S3Answer set =
        put("/garden?policy", R"({"Version":"2012-10-17","Statement":[)" + statements + "]}");
    ASSERT_EQ(set.status, 204) << set.body;
  }
  static std::string statement(const std::string& effect, const std::string& action,
                               const std::string& resource, const std::string& more = "",
                               const std::string& principal = "\"*\"") {
    return R"({"Effect":")" + effect + R"(","Principal":)" + principal + R"(,"Action":")" + action +
           R"(","Resource":"arn:aws:s3:::garden)" + resource + "\"" + more + "}";
  }
  S3Answer as(const std::string& who, const std::string& method, const std::string& target,
              const std::string& body = "", Fields fields = {}) {
    fields["authorization"] = who.empty() ? "" : signature(who, region);
    return send(method, target, body, fields);
  }
  void set_ownership(const std::string& ownership) {
    ASSERT_EQ(
        put("/garden?ownershipControls", "<OwnershipControls><Rule><ObjectOwnership>" + ownership +
                                             "</ObjectOwnership></Rule></OwnershipControls>")
            .status,
        200);
  }
  void block(const std::string& what) {
    ASSERT_EQ(
        put("/garden?publicAccessBlock", "<PublicAccessBlockConfiguration><" + what + ">true</" +
                                             what + "></PublicAccessBlockConfiguration>")
            .status,
        200);
  }
  std::string refusal(const std::string& policy) {
    const S3Answer answer = put("/garden?policy", policy);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.error(), "MalformedPolicy");
    return answer.xml("Message");
  }
};

TEST_F(S3AccessTest, APolicyLetsOthersIn) {
  EXPECT_EQ(as(kOther, "GET", "/garden/gate").error(), "AccessDenied");
  set_policy(statement("Allow", "s3:GetObject", "/*"));
  EXPECT_EQ(as(kOther, "GET", "/garden/gate").body, "open");
  EXPECT_EQ(as(kOther, "PUT", "/garden/gate", "shut").error(), "AccessDenied");
  EXPECT_EQ(as(kOther, "GET", "/garden").error(), "AccessDenied");
  EXPECT_EQ(drop("/garden?policy").status, 204);
  EXPECT_EQ(as(kOther, "GET", "/garden/gate").error(), "AccessDenied");
}

TEST_F(S3AccessTest, APolicyNamesAccounts) {
  set_policy(statement("Allow", "s3:*", "/*", "", R"({"AWS":"arn:aws:iam::222222222222:root"})") +
             "," + statement("Allow", "s3:ListBucket", "", "", R"({"AWS":["333333333333"]})"));
  EXPECT_EQ(as(kOther, "PUT", "/garden/new", "x").status, 200);
  EXPECT_EQ(as(kOther, "GET", "/garden").status, 403);
  EXPECT_EQ(as("333333333333", "GET", "/garden").status, 200);
  EXPECT_EQ(as("333333333333", "GET", "/garden/gate").status, 403);
}

TEST_F(S3AccessTest, AnExplicitDenyWinsAndTheRootMayUndoIt) {
  set_policy(statement("Allow", "s3:GetObject", "/*") + "," + statement("Deny", "s3:*", "/gate") +
             "," + statement("Deny", "s3:*", ""));
  EXPECT_EQ(as(kOther, "GET", "/garden/gate").error(), "AccessDenied");
  EXPECT_EQ(get("/garden/gate").error(), "AccessDenied");
  EXPECT_EQ(get("/garden").error(), "AccessDenied");
  EXPECT_EQ(get("/garden?policy").status, 200);
  EXPECT_EQ(drop("/garden?policy").status, 204);
  EXPECT_EQ(get("/garden/gate").body, "open");
}

TEST_F(S3AccessTest, OppositesAreUnderstood) {
  set_policy(R"({"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::000000000000:root"},)"
             R"("Action":"s3:*","Resource":"arn:aws:s3:::garden/secret*"},)"
             R"({"Effect":"Allow","Principal":"*","NotAction":"s3:PutObject",)"
             R"("Resource":"arn:aws:s3:::garden/*"})");
  ASSERT_EQ(put("/garden/secret", "s").status, 200);
  EXPECT_EQ(as(kOther, "GET", "/garden/gate").status, 200);
  EXPECT_EQ(as(kOther, "PUT", "/garden/gate").status, 403);
  EXPECT_EQ(as(kOther, "GET", "/garden/secret").status, 403);
  EXPECT_EQ(get("/garden/secret").status, 200);
}

TEST_F(S3AccessTest, ConditionsSeeTheRequest) {
  set_policy(
      statement("Allow", "s3:ListBucket", "",
                R"(,"Condition":{"StringLike":{"s3:prefix":"a/*"}})") +
      "," +
      statement("Allow", "s3:PutObject", "/*",
                R"(,"Condition":{"StringEquals":{"s3:RequestObjectTag/kind":"rose"},)"
                R"("IpAddress":{"aws:SourceIp":"127.0.0.0/8"}})") +
      "," +
      statement("Allow", "s3:GetObject", "/*",
                R"(,"Condition":{"StringEquals":{"s3:ExistingObjectTag/kind":["rose","lily"]}})") +
      "," +
      statement("Deny", "s3:*", "/*",
                R"(,"Condition":{"NumericGreaterThan":{"aws:EpochTime":"99999999999"}})"));
  EXPECT_EQ(as(kOther, "GET", "/garden?prefix=a/b").status, 200);
  EXPECT_EQ(as(kOther, "GET", "/garden?prefix=b").status, 403);
  EXPECT_EQ(as(kOther, "GET", "/garden").status, 403);
  EXPECT_EQ(as(kOther, "PUT", "/garden/r", "x", {{"x-amz-tagging", "kind=rose"}}).status, 200);
  EXPECT_EQ(as(kOther, "PUT", "/garden/w", "x", {{"x-amz-tagging", "kind=weed"}}).status, 403);
  EXPECT_EQ(as(kOther, "GET", "/garden/r").status, 200);
  EXPECT_EQ(as(kOther, "GET", "/garden/gate").status, 403);
}

TEST_F(S3AccessTest, ADemandForEncryptionOrTransportIsMet) {
  set_policy(
      statement("Deny", "s3:*", "/*", R"(,"Condition":{"Bool":{"aws:SecureTransport":"false"}})") +
      "," +
      statement("Deny", "s3:PutObject", "/*",
                R"(,"Condition":{"Null":{"s3:x-amz-server-side-encryption":"true"}})"));
  EXPECT_EQ(get("/garden/gate").status, 200);
  EXPECT_EQ(put("/garden/plain", "x").error(), "AccessDenied");
  EXPECT_EQ(put("/garden/safe", "x", {{"x-amz-server-side-encryption", "AES256"}}).status, 200);
}

TEST_F(S3AccessTest, FaultyPoliciesAreRefusedInAwsWords) {
  const auto with = [](const std::string& body) {
    return R"({"Version":"2012-10-17","Statement":[{)" + body + "}]}";
  };
  const std::string resource = R"("Resource":"arn:aws:s3:::garden/*")";
  const std::string rest = R"("Principal":"*","Action":"s3:GetObject",)" + resource;
  EXPECT_EQ(refusal("[]"), "Policies must be valid JSON and the first byte must be '{'");
  EXPECT_EQ(refusal("{}"), "Missing required field Statement");
  EXPECT_EQ(refusal(R"({"Statement":[]})"), "Could not parse the policy: Statement is empty!");
  EXPECT_EQ(refusal(R"({"Version":"2020-01-01","Statement":[]})"),
            "The policy must contain a valid version string");
  EXPECT_EQ(refusal(with(rest)), "Missing required field Effect");
  EXPECT_EQ(refusal(with(R"("Effect":"allow",)" + rest)), "Invalid effect: allow");
  EXPECT_EQ(refusal(with(R"("Effect":"Allow","Action":"s3:GetObject",)" + resource)),
            "Missing required field Principal");
  EXPECT_EQ(refusal(with(R"("Effect":"Allow","Principal":"*",)" + resource)),
            "Missing required field Action");
  EXPECT_EQ(refusal(with(R"("Effect":"Allow","Principal":"*","Action":"s3:GetObject")")),
            "Missing required field Resource");
  EXPECT_EQ(
      refusal(with(R"("Effect":"Allow","Principal":"me","Action":"s3:GetObject",)" + resource)),
      "Invalid principal in policy");
  EXPECT_EQ(refusal(with(R"("Effect":"Allow","Principal":"*","Action":"s3:Dance",)" + resource)),
            "Policy has invalid action");
  EXPECT_EQ(refusal(with(R"("Effect":"Allow","Principal":"*","Action":"s3:GetObject",)"
                         R"("Resource":"arn:aws:s3:::other/*")")),
            "Policy has invalid resource");
  EXPECT_EQ(
      refusal(with(R"("Effect":"Allow","Principal":"*","Action":"s3:ListBucket",)" + resource)),
      "Action does not apply to any resource(s) in statement");
  EXPECT_EQ(refusal(with(R"("Effect":"Allow",)" + rest + R"(,"Condition":{"Guess":{}})")),
            "Invalid Condition type : Guess");
  EXPECT_EQ(refusal(with(R"("Effect":"Allow",)" + rest + R"(,"Extra":1)")), "Unknown field Extra");
}

TEST_F(S3AccessTest, WhetherAPolicyIsPublicIsTold) {
  EXPECT_EQ(get("/garden?policyStatus").error(), "NoSuchBucketPolicy");
  set_policy(statement("Allow", "s3:GetObject", "/*"));
  EXPECT_EQ(get("/garden?policyStatus").xml("IsPublic"), "true");
  set_policy(statement("Allow", "s3:GetObject", "/*",
                       R"(,"Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}})"));
  EXPECT_EQ(get("/garden?policyStatus").xml("IsPublic"), "false");
  set_policy(statement("Allow", "s3:GetObject", "/*", "", R"({"AWS":"222222222222"})"));
  EXPECT_EQ(get("/garden?policyStatus").xml("IsPublic"), "false");
}

TEST_F(S3AccessTest, TheBlockThatWasPutActs) {
  block("BlockPublicPolicy");
  const std::string open = statement("Allow", "s3:GetObject", "/*");
  EXPECT_EQ(put("/garden?policy", R"({"Statement":[)" + open + "]}").error(), "AccessDenied");
  set_policy(statement("Allow", "s3:GetObject", "/*", "", R"({"AWS":"222222222222"})"));
  EXPECT_EQ(drop("/garden?publicAccessBlock").status, 204);
  set_policy(open);
  EXPECT_EQ(as(kOther, "GET", "/garden/gate").status, 200);
  block("RestrictPublicBuckets");
  EXPECT_EQ(as(kOther, "GET", "/garden/gate").status, 403);
  EXPECT_EQ(get("/garden/gate").status, 200);
}

TEST_F(S3AccessTest, UnsignedCallsAreTheDefaultAccountsAndNobodyElsewhere) {
  EXPECT_EQ(as("", "GET", "/garden/gate").body, "open");
  account = kOther;
  make_bucket("theirs");
  ASSERT_EQ(put("/theirs/key", "t").status, 200);
  EXPECT_EQ(as("", "GET", "/theirs/key").error(), "AccessDenied");
  ASSERT_EQ(put("/theirs?policy", R"({"Statement":{"Effect":"Allow","Principal":"*","Action":)"
                                  R"("s3:GetObject","Resource":"arn:aws:s3:::theirs/*"}})")
                .status,
            204);
  EXPECT_EQ(as("", "GET", "/theirs/key").body, "t");
  // Who may not list does not learn what is missing.
  EXPECT_EQ(as("", "GET", "/theirs/none").error(), "AccessDenied");
  EXPECT_EQ(as("", "PUT", "/theirs/key", "x").error(), "AccessDenied");
}

TEST_F(S3AccessTest, CannedAclsOpenBucketAndObjects) {
  set_ownership("ObjectWriter");
  EXPECT_EQ(put("/garden?acl", "", {{"x-amz-acl", "public-read"}}).status, 200);
  EXPECT_EQ(get("/garden?acl").all("Permission"), "FULL_CONTROL READ");
  EXPECT_EQ(as(kOther, "GET", "/garden").status, 200);
  EXPECT_EQ(as(kOther, "GET", "/garden/gate").status, 403);
  EXPECT_EQ(as(kOther, "GET", "/garden/none").error(), "NoSuchKey");
  EXPECT_EQ(put("/garden/gate?acl", "", {{"x-amz-acl", "public-read"}}).status, 200);
  EXPECT_EQ(as(kOther, "GET", "/garden/gate").body, "open");
  EXPECT_EQ(put("/garden/made", "m", {{"x-amz-acl", "authenticated-read"}}).status, 200);
  EXPECT_EQ(as(kOther, "GET", "/garden/made").body, "m");
  EXPECT_EQ(get("/garden/made").headers.has("acl"), false);
  block("IgnorePublicAcls");
  EXPECT_EQ(as(kOther, "GET", "/garden/gate").status, 403);
  block("BlockPublicAcls");
  EXPECT_EQ(put("/garden/gate?acl", "", {{"x-amz-acl", "public-read"}}).error(), "AccessDenied");
  EXPECT_EQ(put("/garden/more", "", {{"x-amz-acl", "public-read"}}).error(), "AccessDenied");
}

TEST_F(S3AccessTest, ObjectsBelongToTheirWriterUnlessGivenUp) {
  set_ownership("ObjectWriter");
  ASSERT_EQ(put("/garden?acl", "", {{"x-amz-acl", "public-read-write"}}).status, 200);
  ASSERT_EQ(as(kOther, "PUT", "/garden/theirs", "t").status, 200);
  EXPECT_EQ(get("/garden/theirs").error(), "AccessDenied");
  EXPECT_EQ(as(kOther, "GET", "/garden/theirs").body, "t");
  set_ownership("BucketOwnerPreferred");
  ASSERT_EQ(
      as(kOther, "PUT", "/garden/given", "g", {{"x-amz-acl", "bucket-owner-full-control"}}).status,
      200);
  EXPECT_EQ(get("/garden/given").body, "g");
  EXPECT_EQ(drop("/garden/theirs").status, 204);
  EXPECT_EQ(put("/garden?ownershipControls",
                "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership>"
                "</Rule></OwnershipControls>")
                .error(),
            "InvalidBucketAclWithObjectOwnership");
}

TEST_F(S3AccessTest, GrantsInHeadersAndDocumentsAreChecked) {
  set_ownership("ObjectWriter");
  const std::string owner = get("/garden?acl").xml("ID");
  const std::string logs = "uri=\"http://acs.amazonaws.com/groups/s3/LogDelivery\"";
  EXPECT_EQ(put("/garden?acl", "", {{"x-amz-grant-read", logs}}).status, 200);
  EXPECT_EQ(get("/garden?acl").all("Permission"), "READ");
  const auto fault = [&](const Fields& fields, const std::string& body = "") {
    const S3Answer answer = put("/garden?acl", body, fields);
    return answer.error() + ": " + answer.xml("Message");
  };
  EXPECT_EQ(fault({{"x-amz-acl", "fake-acl"}}), "InvalidArgument: ");
  EXPECT_EQ(fault({{"x-amz-grant-write", "fakekey=\"1234\""}}),
            "InvalidArgument: Argument format not recognized");
  EXPECT_EQ(fault({{"x-amz-grant-write", "id=\"wrong-id\""}}), "InvalidArgument: Invalid id");
  EXPECT_EQ(fault({{"x-amz-grant-write", "uri=\"http://acs.amazonaws.com/groups/s3/FakeGroup\""}}),
            "InvalidArgument: Invalid group uri");
  EXPECT_EQ(fault({{"x-amz-acl", "private"}, {"x-amz-grant-read", logs}}),
            "InvalidRequest: Specifying both Canned ACLs and Header Grants is not allowed");
  EXPECT_EQ(fault({}), "MissingSecurityHeader: Your request was missing a required header");
  EXPECT_EQ(put("/garden?acl", "<AccessControlPolicy/>").error(), "MalformedACLError");
  const std::string document =
      "<AccessControlPolicy><Owner><ID>" + owner +
      "</ID></Owner><AccessControlList><Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/"
      "XMLSchema-instance\" xsi:type=\"CanonicalUser\"><ID>" +
      owner +
      "</ID></Grantee><Permission>WRITE</Permission></Grant></AccessControlList>"
      "</AccessControlPolicy>";
  EXPECT_EQ(put("/garden/gate?acl", document).status, 200);
  EXPECT_EQ(get("/garden/gate?acl").all("Permission"), "WRITE");
  EXPECT_EQ(fault({{"x-amz-acl", "private"}}, document),
            "UnexpectedContent: This request does not support content");
}

TEST_F(S3AccessTest, EachVersionAndEachDeletedKeyIsJudged) {
  set_policy(statement("Allow", "s3:DeleteObject", "/free*") + "," +
             statement("Allow", "s3:GetObject", "/*"));
  ASSERT_EQ(put("/garden/free", "f").status, 200);
  const std::string body =
      "<Delete><Object><Key>free</Key></Object><Object><Key>gate</Key></Object></Delete>";
  const S3Answer answer =
      as(kOther, "POST", "/garden?delete", body, {{"content-md5", "WJUyXD6bwOUAAyyRQm3k2A=="}});
  EXPECT_EQ(answer.error(), "BadDigest");
  set_versioning("garden", "Enabled");
  const std::string version = put("/garden/gate", "two").header("x-amz-version-id");
  EXPECT_EQ(as(kOther, "GET", "/garden/gate").status, 200);
  EXPECT_EQ(as(kOther, "GET", "/garden/gate?versionId=" + version).status, 403);
}

TEST_F(S3AccessTest, WhoPaysIsAsked) {
  set_policy(statement("Allow", "s3:GetObject", "/*"));
  ASSERT_EQ(put("/garden?requestPayment",
                "<RequestPaymentConfiguration><Payer>Requester</Payer>"
                "</RequestPaymentConfiguration>")
                .status,
            200);
  EXPECT_EQ(as(kOther, "GET", "/garden/gate").error(), "AccessDenied");
  EXPECT_EQ(as(kOther, "GET", "/garden/gate", "", {{"x-amz-request-payer", "requester"}}).status,
            200);
  EXPECT_EQ(as(kOther, "GET", "/garden/gate", "", {{"x-amz-request-payer", "requester"}})
                .header("x-amz-request-charged"),
            "requester");
  EXPECT_EQ(get("/garden/gate").status, 200);
}

TEST_F(S3AccessTest, MfaDeleteAsksForACode) {
  const auto enable = [this](const Fields& fields) {
    return put("/garden?versioning",
               "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>"
               "</VersioningConfiguration>",
               fields);
  };
  const Fields code{{"x-amz-mfa", "arn:aws:iam::000000000000:mfa/me 123456"}};
  const S3Answer refused = enable({});
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.xml("Message"), "Mfa Authentication must be used for this request");
  ASSERT_EQ(enable(code).status, 200);
  EXPECT_EQ(get("/garden?versioning").xml("MfaDelete"), "Enabled");
  EXPECT_EQ(drop("/garden/gate").status, 204);
  EXPECT_EQ(drop("/garden/gate?versionId=null").error(), "AccessDenied");
  EXPECT_EQ(drop("/garden/gate?versionId=null", code).status, 204);
}

// -- CORS -----------------------------------------------------------------------------------------

class S3CorsTest : public S3Test {
 protected:
  void SetUp() override {
    S3Test::SetUp();
    make_bucket("pages");
  }
  void set_rules() {
    ASSERT_EQ(put("/pages?cors",
                  "<CORSConfiguration><CORSRule><AllowedOrigin>https://*.example.com"
                  "</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT"
                  "</AllowedMethod><AllowedHeader>x-amz-*</AllowedHeader><ExposeHeader>ETag"
                  "</ExposeHeader><MaxAgeSeconds>60</MaxAgeSeconds></CORSRule></CORSConfiguration>")
                  .status,
              200);
  }
  S3Answer ask(const std::string& origin, const std::string& method, Fields fields = {}) {
    fields["authorization"] = "";
    fields["origin"] = origin;
    fields["access-control-request-method"] = method;
    return send("OPTIONS", "/pages/key", "", fields);
  }
};

TEST_F(S3CorsTest, APreflightIsAnsweredByTheRules) {
  set_rules();
  const S3Answer yes =
      ask("https://www.example.com", "PUT", {{"access-control-request-headers", "X-Amz-Date"}});
  EXPECT_EQ(yes.status, 200) << yes.body;
  EXPECT_EQ(yes.header("access-control-allow-origin"), "https://www.example.com");
  EXPECT_EQ(yes.header("access-control-allow-methods"), "GET, PUT");
  EXPECT_EQ(yes.header("access-control-allow-headers"), "x-amz-date");
  EXPECT_EQ(yes.header("access-control-expose-headers"), "ETag");
  EXPECT_EQ(yes.header("access-control-max-age"), "60");
  EXPECT_EQ(yes.header("access-control-allow-credentials"), "true");
  EXPECT_EQ(yes.header("vary"),
            "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
  const S3Answer no = ask("http://localhost:3000", "PUT");
  EXPECT_EQ(no.status, 403);
  EXPECT_EQ(no.error(), "AccessForbidden");
  EXPECT_EQ(no.xml("Message").substr(0, 51), "CORSResponse: This CORS request is not allowed. Thi");
  EXPECT_EQ(no.xml("Method"), "PUT");
  EXPECT_EQ(no.xml("ResourceType"), "OBJECT");
  EXPECT_EQ(ask("https://www.example.com", "DELETE").status, 403);
  EXPECT_EQ(
      ask("https://www.example.com", "GET", {{"access-control-request-headers", "x-other"}}).status,
      403);
}

TEST_F(S3CorsTest, ABucketWithoutRulesIsForPagesOfThisMachineAlone) {
  EXPECT_EQ(ask("http://localhost:3000", "PUT").status, 204);
  const S3Answer no = ask("https://www.example.com", "PUT");
  EXPECT_EQ(no.status, 403);
  EXPECT_EQ(no.xml("Message"), "CORSResponse: CORS is not enabled for this bucket.");
  const S3Answer bare = send("OPTIONS", "/pages/key");
  EXPECT_EQ(bare.status, 400);
  EXPECT_EQ(bare.xml("Message"), "Insufficient information. Origin request header needed.");
  EXPECT_EQ(get("/pages", {{"origin", "https://www.example.com"}}).status, 403);
  EXPECT_EQ(get("/pages", {{"origin", "http://localhost:1"}}).header("access-control-allow-origin"),
            "http://localhost:1");
}

TEST_F(S3CorsTest, AnswersCarryWhatTheRulesSay) {
  set_rules();
  const S3Answer yes = get("/pages/none", {{"origin", "https://a.example.com"}});
  EXPECT_EQ(yes.status, 404);
  EXPECT_EQ(yes.header("access-control-allow-origin"), "https://a.example.com");
  EXPECT_EQ(yes.header("access-control-expose-headers"), "ETag");
  for (const char* origin : {"https://elsewhere.org", "http://localhost:3000"}) {
    const S3Answer no = get("/pages", {{"origin", origin}});
    EXPECT_EQ(no.status, 200);
    EXPECT_FALSE(no.headers.has("access-control-allow-origin"));
  }
  EXPECT_FALSE(get("/pages").headers.has("vary"));
}

TEST_F(S3CorsTest, FaultyRulesAreRefused) {
  const auto fault = [this](const std::string& rule) {
    return put("/pages?cors", "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod>" +
                                  rule + "</CORSRule></CORSConfiguration>")
        .xml("Message");
  };
  EXPECT_EQ(fault("<AllowedOrigin>*.a.*</AllowedOrigin>"),
            "AllowedOrigin &quot;*.a.*&quot; can not have more than one wildcard.");
  EXPECT_EQ(
      fault("<AllowedOrigin>*</AllowedOrigin><ExposeHeader>x-*</ExposeHeader>"),
      "ExposeHeader &quot;x-*&quot; contains wildcard. We currently do not support wildcard for "
      "ExposeHeader.");
}

}  // namespace
}  // namespace paddock::testing
