// Uploads by browser forms.
#include "signed_calls.hpp"

namespace paddock::testing {
namespace {

using FormParts = std::vector<std::pair<std::string, std::string>>;

class S3FormTest : public S3SignedTest {
 protected:
  void SetUp() override {
    S3Test::SetUp();
    make_bucket("forms");
  }
  S3Answer post(const FormParts& parts, const std::string& file = "hello",
                const std::string& filename = "greeting.txt") {
    std::string body;
    for (const auto& [name, value] : parts) {
      body += "--b0undary\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" +
              value + "\r\n";
    }
    body += "--b0undary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + filename +
            "\"\r\nContent-Type: text/plain\r\n\r\n" + file + "\r\n--b0undary--\r\n";
    return send(
        "POST", "/forms", body,
        {{"authorization", ""}, {"content-type", "multipart/form-data; boundary=b0undary"}});
  }
  static std::string policy(const std::string& conditions,
                            const std::string& expiration = "2126-01-01T00:00:00.000Z") {
    return to_base64(R"({"expiration":")" + expiration + R"(","conditions":[)" + conditions + "]}");
  }
  // A form signed as version 4 has it.
  static FormParts signed_form(const std::string& document, FormParts more = {}) {
    identity::Signature scope;
    scope.date = "20261120";
    scope.region = "us-east-1";
    scope.service = "s3";
    FormParts parts = {{"policy", document},
                       {"X-Amz-Algorithm", "AWS4-HMAC-SHA256"},
                       {"X-Amz-Credential", "test/20261120/us-east-1/s3/aws4_request"},
                       {"X-Amz-Date", "20261120T000000Z"},
                       {"X-Amz-Signature", identity::sign_text_v4(document, scope, "test")}};
    parts.insert(parts.end(), more.begin(), more.end());
    return parts;
  }
  static constexpr const char* kSigned =
      R"(["starts-with","$x-amz-algorithm",""],["starts-with","$x-amz-credential",""],)"
      R"(["starts-with","$x-amz-date",""],{"bucket":"forms"},["starts-with","$key",""])";
  std::string refusal(const std::string& conditions, FormParts more) {
    more.emplace_back("key", "k");
    const S3Answer answer = post(signed_form(policy(kSigned + ("," + conditions)), more));
    return answer.error() + ": " + answer.xml("Message");
  }
};

TEST_F(S3FormTest, AFormUploadsItsFile) {
  const S3Answer made = post({{"key", "up/${filename}"},
                              {"Content-Type", "text/x-greeting"},
                              {"x-amz-meta-mood", "fine"},
                              {"tagging",
                               "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag>"
                               "</TagSet></Tagging>"}});
  EXPECT_EQ(made.status, 204) << made.body;
  EXPECT_EQ(made.header("etag"), "\"5d41402abc4b2a76b9719d911017c592\"");
  const S3Answer object = get("/forms/up/greeting.txt");
  EXPECT_EQ(object.body, "hello");
  EXPECT_EQ(object.header("content-type"), "text/x-greeting");
  EXPECT_EQ(object.header("x-amz-meta-mood"), "fine");
  EXPECT_EQ(object.header("x-amz-tagging-count"), "1");
}

TEST_F(S3FormTest, TheAnswerIsWhatTheFormAsksFor) {
  EXPECT_EQ(post({{"key", "a"}, {"success_action_status", "200"}}).status, 200);
  EXPECT_EQ(post({{"key", "a"}, {"success_action_status", "404"}}).status, 204);
  const S3Answer made = post({{"key", "a&b"}, {"success_action_status", "201"}});
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.xml("Bucket"), "forms");
  EXPECT_EQ(made.xml("Key"), "a&amp;b");
  EXPECT_EQ(made.xml("ETag"), "&quot;5d41402abc4b2a76b9719d911017c592&quot;");
  EXPECT_EQ(made.xml("Location"), made.header("location"));
  EXPECT_TRUE(made.header("location").ends_with("/forms/a%26b"));
  const S3Answer sent = post({{"key", "a"}, {"success_action_redirect", "http://localhost/done"}});
  EXPECT_EQ(sent.status, 303);
  EXPECT_EQ(sent.header("location"),
            "http://localhost/done?bucket=forms&key=a&etag=%225d41402abc4b2a76b9719d911017c592%22");
}

TEST_F(S3FormTest, DefaultRetentionLocksWhatAFormUploads) {
  send("PUT", "/forms?versioning",
       "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
  const S3Answer locked =
      send("PUT", "/forms?object-lock",
           "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>"
           "<DefaultRetention><Mode>COMPLIANCE</Mode><Days>1</Days></DefaultRetention></Rule>"
           "</ObjectLockConfiguration>");
  ASSERT_EQ(locked.status, 200) << locked.body;
  const S3Answer made = post({{"key", "kept"}});
  ASSERT_EQ(made.status, 204) << made.body;
  const std::string version = made.header("x-amz-version-id");
  EXPECT_EQ(send("DELETE", "/forms/kept?versionId=" + version).status, 403);
}

TEST_F(S3FormTest, LargeFilesAreStreamed) {
  const std::string large = std::string(3'000'000, 'l') + "\r\n--b0undar";
  EXPECT_EQ(post({{"key", "large"}}, large).status, 204);
  EXPECT_EQ(get("/forms/large").body, large);
}

TEST_F(S3FormTest, FaultyFormsAreRefused) {
  const S3Answer key = post({});
  EXPECT_EQ(key.error(), "InvalidArgument");
  EXPECT_EQ(key.xml("Message"),
            "Bucket POST must contain a field named 'key'.  If it is specified, please check the "
            "order of the fields.");
  const S3Answer type = send("POST", "/forms", "x", {{"content-type", "text/plain"}});
  EXPECT_EQ(type.status, 412);
  EXPECT_EQ(type.xml("Condition"), "Bucket POST must be of the enclosure-type multipart/form-data");
  const Fields form{{"content-type", "multipart/form-data; boundary=b"}};
  EXPECT_EQ(send("POST", "/forms", "--b\r\nnonsense", form).error(), "MalformedPOSTRequest");
  EXPECT_EQ(send("POST", "/forms", "--b--\r\n", form).xml("Message"),
            "POST requires exactly one file upload per request.");
  EXPECT_EQ(post({{"key", std::string(21'000, 'k')}}).status, 400);
  EXPECT_EQ(post({{"key", "k"}, {"policy", policy("")}}).error(), "AccessDenied");
  EXPECT_EQ(post({{"key", "k"}, {"policy", ""}, {"AWSAccessKeyId", "test"}}).xml("Message"),
            "Bucket POST must contain a field named 'Signature'.  If it is specified, please check "
            "the order of the fields.");
  EXPECT_EQ(post({{"key", "k"}, {"x-amz-storage-class", "FakeClass"}}).error(),
            "InvalidStorageClass");
  EXPECT_EQ(post({{"key", "k"}, {"tagging", "not-xml"}}).error(), "MalformedXML");
}

TEST_F(S3FormTest, EveryConditionOfThePolicyCounts) {
  const std::string eq = R"(["eq","$success_action_redirect","http://localhost.test/random"])";
  EXPECT_EQ(refusal(eq, {{"success_action_redirect", "http://localhost.test/other"}}),
            "AccessDenied: Invalid according to Policy: Policy Condition failed: "
            "[&quot;eq&quot;, &quot;$success_action_redirect&quot;, "
            "&quot;http://localhost.test/random&quot;]");
  EXPECT_EQ(refusal(R"({"a":"1","b":"2"})", {}),
            "InvalidPolicyDocument: Invalid Policy: Invalid Simple-Condition: Simple-Conditions "
            "must have exactly one property specified.");
  EXPECT_EQ(refusal(R"({"acl":"private"})", {}).substr(0, 12), "AccessDenied");
  EXPECT_EQ(refusal(R"(["starts-with","$Content-Type","image/"])", {{"Content-Type", "text/x"}})
                .substr(0, 12),
            "AccessDenied");
  EXPECT_EQ(refusal(R"({"acl":"private"})", {{"acl", "private"}, {"x-amz-meta-extra", "1"}}),
            "AccessDenied: Invalid according to Policy: Extra input fields: x-amz-meta-extra");
  EXPECT_EQ(refusal(R"(["content-length-range","test","10"])", {}),
            "AccessDenied: Invalid according to Policy: Policy Condition failed: "
            "[&quot;content-length-range&quot;, &quot;test&quot;, &quot;10&quot;]");
  const S3Answer late = post(signed_form(policy("", "2020-01-01T00:00:00Z"), {{"key", "k"}}));
  EXPECT_EQ(late.status, 403);
  EXPECT_EQ(late.xml("Message"), "Invalid according to Policy: Policy expired.");
  EXPECT_EQ(post(signed_form(to_base64("{}"), {{"key", "k"}})).error(), "InvalidPolicyDocument");
  EXPECT_EQ(post(signed_form(policy(kSigned), {{"key", "k"}, {"x-ignore-me", "1"}})).status, 204);
}

TEST_F(S3FormTest, ThePolicyBoundsTheSize) {
  const std::string range = std::string(kSigned) + R"(,["content-length-range",2,10])";
  const auto send_bytes = [&](size_t bytes) {
    return post(signed_form(policy(range), {{"key", "k"}}), std::string(bytes, 'a'));
  };
  const S3Answer large = send_bytes(12);
  EXPECT_EQ(large.status, 400);
  EXPECT_EQ(large.error(), "EntityTooLarge");
  EXPECT_EQ(large.xml("ProposedSize"), "12");
  EXPECT_EQ(large.xml("MaxSizeAllowed"), "10");
  const S3Answer small = send_bytes(1);
  EXPECT_EQ(small.error(), "EntityTooSmall");
  EXPECT_EQ(small.xml("MinSizeAllowed"), "2");
  EXPECT_EQ(get("/forms/k").status, 404);
  EXPECT_EQ(send_bytes(10).status, 204);
}

TEST_F(S3FormTest, SignaturesOfFormsAreVerifiedWhenAsked) {
  verify_signatures();
  ASSERT_EQ(plain("PUT", presigned("PUT", "/forms", "60")).status, 200);
  FormParts parts = signed_form(policy(kSigned), {{"key", "k"}});
  EXPECT_EQ(post(parts).status, 204);
  parts[4].second[0] = parts[4].second[0] == '0' ? '1' : '0';
  EXPECT_EQ(post(parts).error(), "SignatureDoesNotMatch");
  const std::string document = policy(R"({"bucket":"forms"},["starts-with","$key",""])");
  FormParts old = {{"policy", document},
                   {"AWSAccessKeyId", "test"},
                   {"signature", identity::sign_text_v2(document, "test")},
                   {"key", "k"}};
  EXPECT_EQ(post(old).status, 204);
  old[1].second = "unknown";
  EXPECT_EQ(post(old).error(), "InvalidAccessKeyId");
  EXPECT_EQ(post({{"key", "k"}}).error(), "AccessDenied");
}

}  // namespace
}  // namespace paddock::testing
