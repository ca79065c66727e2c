#include "identity/identity.hpp"

#include <cstdio>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

namespace paddock::identity {
namespace {

using ::testing::HasSubstr;

class OneKey : public KeySource {
 public:
  OneKey() {
    key.access_key = "AKIAONE";
    key.secret = "secret";
    key.principal = root_principal("111122223333");
    key.principal.kind = Principal::Kind::user;
    key.principal.arn = "arn:aws:iam::111122223333:user/one";
  }
  std::optional<KnownKey> find_key(std::string_view access_key) const override {
    if (access_key == key.access_key) return key;
    return std::nullopt;
  }
  KnownKey key;
};

class IdentityTest : public ::testing::Test {
 protected:
  IdentityTest() { identity.add_source(source); }

  static std::string stamp(int64_t ms) {
    std::string out;
    for (char c : iso8601(ms, false)) {
      if (c != '-' && c != ':') out += c;
    }
    return out;
  }

  // A JSON call signed by `access_key` at `ms`.
  http::RequestHead signed_call(const std::string& access_key, std::string_view secret, int64_t ms,
                                std::string_view body, const std::string& token = "") {
    http::RequestHead head;
    head.method = "POST";
    head.set_target("/");
    head.headers.add("Host", "localhost:4566");
    head.headers.add("X-Amz-Date", stamp(ms));
    head.headers.add("X-Amz-Target", "Kinesis_20131202.ListStreams");
    if (!token.empty()) head.headers.add("X-Amz-Security-Token", token);
    Signature scope;
    scope.date = stamp(ms).substr(0, 8);
    scope.region = "us-east-1";
    scope.service = "kinesis";
    scope.signed_headers = "host;x-amz-date;x-amz-target";
    scope.timestamp = stamp(ms);
    head.headers.add("Authorization",
                     "AWS4-HMAC-SHA256 Credential=" + access_key + "/" + scope.date +
                         "/us-east-1/kinesis/aws4_request, SignedHeaders=" + scope.signed_headers +
                         ", Signature=" + sign_v4(head, sha256_hex(body), scope, secret));
    return head;
  }

  Principal authenticate(const http::RequestHead& head, std::string_view body) {
    return identity.authenticate(head, parse_signature(head), body);
  }
  AwsError refusal(const http::RequestHead& head, std::string_view body) {
    try {
      authenticate(head, body);
    } catch (const AwsError& error) {
      return error;
    }
    return AwsError("no error", "");
  }

  MachineClock machine;
  WorldClock world{machine};
  OneKey source;
  Identity identity{true, machine, world};
};

TEST_F(IdentityTest, FindsTheAccountOfAKey) {
  EXPECT_EQ(identity.principal("test").account, "000000000000");
  EXPECT_EQ(identity.principal("anything").account, "000000000000");
  EXPECT_EQ(identity.principal("123456789012").account, "123456789012");
  EXPECT_EQ(identity.principal("123456789012").arn, "arn:aws:iam::123456789012:root");
  EXPECT_EQ(identity.principal("123456789012").access_key, "123456789012");
  EXPECT_EQ(identity.principal("12345678901x").account, "000000000000");
  EXPECT_EQ(identity.principal("AKIAONE").account, "111122223333");
}

TEST_F(IdentityTest, ChecksNothingUnlessAskedTo) {
  Identity trusting(false, machine, world);
  http::RequestHead head = signed_call("123456789012", "whatever", 0, "");
  EXPECT_EQ(trusting.authenticate(head, parse_signature(head), "").account, "123456789012");
  EXPECT_EQ(trusting.authenticate(head, std::nullopt, "").kind, Principal::Kind::root);
}

TEST_F(IdentityTest, ASignatureThatIsAskedForIsCheckedIfItsKeyIsKnown) {
  Identity trusting(false, machine, world);
  const int64_t now = machine.wall_ms();
  http::RequestHead unknown = signed_call("123456789012", "whatever", now, "");
  EXPECT_EQ(trusting.verified(unknown, *parse_signature(unknown), "").account, "123456789012");
  http::RequestHead right = signed_call("test", "test", now, "");
  EXPECT_EQ(trusting.verified(right, *parse_signature(right), "").account, "000000000000");
  http::RequestHead wrong = signed_call("test", "other", now, "");
  EXPECT_THROW(trusting.verified(wrong, *parse_signature(wrong), ""), AwsError);
}

TEST_F(IdentityTest, TakesAnUnsignedCallForAnonymous) {
  EXPECT_EQ(identity.authenticate({}, std::nullopt, "").kind, Principal::Kind::anonymous);
}

TEST_F(IdentityTest, AcceptsARightSignature) {
  const auto head = signed_call("AKIAONE", "secret", machine.wall_ms(), "{}");
  EXPECT_EQ(authenticate(head, "{}").arn, "arn:aws:iam::111122223333:user/one");
  const auto test = signed_call("test", "test", machine.wall_ms(), "{}");
  EXPECT_EQ(authenticate(test, "{}").account, "000000000000");
}

TEST_F(IdentityTest, RefusesAWrongSecretOrAnotherBody) {
  const AwsError error = refusal(signed_call("AKIAONE", "Secret", machine.wall_ms(), "{}"), "{}");
  EXPECT_EQ(error.code(), "InvalidSignatureException");
  EXPECT_EQ(error.message(),
            "The request signature we calculated does not match the signature you provided. Check "
            "your AWS Secret Access Key and signing method. Consult the service documentation for "
            "details.");
  EXPECT_EQ(refusal(signed_call("AKIAONE", "secret", machine.wall_ms(), "{}"), "{ }").code(),
            "InvalidSignatureException");
}

TEST_F(IdentityTest, RefusesUnknownAndInactiveKeys) {
  const AwsError error = refusal(signed_call("AKIATWO", "x", machine.wall_ms(), ""), "");
  EXPECT_EQ(error.code(), "UnrecognizedClientException");
  EXPECT_EQ(error.message(), "The security token included in the request is invalid.");
  source.key.active = false;
  EXPECT_EQ(refusal(signed_call("AKIAONE", "secret", machine.wall_ms(), ""), "").code(),
            "UnrecognizedClientException");
}

TEST_F(IdentityTest, BoundsTheSkewAtFifteenMinutes) {
  constexpr int64_t kBound = 15 * 60 * 1000;
  const auto at = [&](int64_t offset) {
    return refusal(signed_call("AKIAONE", "secret", machine.wall_ms() + offset, ""), "");
  };
  EXPECT_EQ(at(-kBound + 60'000).code(), "no error");
  EXPECT_EQ(at(kBound - 60'000).code(), "no error");
  EXPECT_EQ(at(-kBound - 2000).code(), "InvalidSignatureException");
  EXPECT_THAT(at(-kBound - 2000).message(),
              ::testing::MatchesRegex("Signature expired: [0-9TZ]{16} is now earlier than "
                                      "[0-9TZ]{16} \\([0-9TZ]{16} - 15 min\\.\\)"));
  EXPECT_THAT(at(kBound + 60'000).message(),
              ::testing::MatchesRegex("Signature not yet current: [0-9TZ]{16} is still later than "
                                      "[0-9TZ]{16} \\([0-9TZ]{16} \\+ 15 min\\.\\)"));
}

TEST_F(IdentityTest, IgnoresTheWorldClockForSkew) {
  world.advance_to(world.now() + std::chrono::hours(48));
  EXPECT_EQ(refusal(signed_call("AKIAONE", "secret", machine.wall_ms(), ""), "").code(),
            "no error");
}

TEST_F(IdentityTest, RefusesAScopeOfAnotherDay) {
  auto head = signed_call("AKIAONE", "secret", machine.wall_ms(), "");
  auto signature = parse_signature(head);
  signature->date = "20150830";
  try {
    identity.authenticate(head, signature, "");
    FAIL() << "accepted";
  } catch (const AwsError& error) {
    EXPECT_THAT(error.message(), HasSubstr("Date in Credential scope does not match YYYYMMDD"));
  }
}

TEST_F(IdentityTest, WantsTheHostSigned) {
  auto head = signed_call("AKIAONE", "secret", machine.wall_ms(), "");
  auto signature = parse_signature(head);
  signature->signed_headers = "x-amz-date";
  try {
    identity.authenticate(head, signature, "");
    FAIL() << "accepted";
  } catch (const AwsError& error) {
    EXPECT_THAT(error.message(), HasSubstr("must be a 'SignedHeader'"));
  }
}

TEST_F(IdentityTest, ChecksTheSessionTokenAndItsEnd) {
  source.key.session_token = "token";
  const int64_t now = machine.wall_ms();
  EXPECT_EQ(refusal(signed_call("AKIAONE", "secret", now, "", "token"), "").code(), "no error");
  EXPECT_EQ(refusal(signed_call("AKIAONE", "secret", now, "", "tokem"), "").code(),
            "UnrecognizedClientException");
  EXPECT_EQ(refusal(signed_call("AKIAONE", "secret", now, ""), "").code(),
            "UnrecognizedClientException");
  source.key.expires = world.now();
  EXPECT_EQ(refusal(signed_call("AKIAONE", "secret", now, "", "token"), "").code(),
            "ExpiredTokenException");
}

TEST_F(IdentityTest, SpellsErrorsAsQueryServicesAndS3Do) {
  http::RequestHead query = signed_call("AKIATWO", "x", machine.wall_ms(), "");
  query.headers.remove("X-Amz-Target");
  query.headers.add("Content-Type", "application/x-www-form-urlencoded");
  EXPECT_EQ(refusal(query, "").code(), "InvalidClientTokenId");
  EXPECT_EQ(refusal(query, "").status(), 403);
  auto s3 = parse_signature(query);
  s3->service = "s3";
  try {
    identity.authenticate(query, s3, "");
    FAIL() << "accepted";
  } catch (const AwsError& error) {
    EXPECT_EQ(error.code(), "InvalidAccessKeyId");
    EXPECT_EQ(error.extra().at("AWSAccessKeyId"), "AKIATWO");
  }
}

class CredentialsFile : public IdentityTest {
 protected:
  ~CredentialsFile() override { std::remove(path.c_str()); }
  void load(const std::string& text) {
    std::ofstream(path) << text;
    identity.load_credentials(path);
  }
  std::string failure(const std::string& text) {
    try {
      load(text);
    } catch (const std::runtime_error& error) {
      return std::string(error.what()).substr(path.size());
    }
    return "";
  }
  std::string path = ::testing::TempDir() + "paddock_credentials_" + std::to_string(::getpid());
};

TEST_F(CredentialsFile, AddsKeysWithTheirAccounts) {
  load(
      "# people\n[alice]\r\naws_access_key_id = AKIAALICE\r\naws_secret_access_key=a=b/c\r\n"
      "account = 111122223333\n\n[bob]\naws_access_key_id=444455556666\n"
      "aws_secret_access_key = bob\nregion = eu-west-1\n");
  EXPECT_EQ(identity.principal("AKIAALICE").account, "111122223333");
  EXPECT_EQ(identity.principal("444455556666").account, "444455556666");
  EXPECT_EQ(refusal(signed_call("AKIAALICE", "a=b/c", machine.wall_ms(), ""), "").code(),
            "no error");
}

TEST_F(CredentialsFile, NamesFileAndLineOfAnError) {
  EXPECT_EQ(failure("[a]\naws_access_key_id = x\n"), ":1: [a] lacks aws_secret_access_key");
  EXPECT_EQ(failure("[a]\naws_secret_access_key = x\n"), ":1: [a] lacks aws_access_key_id");
  EXPECT_EQ(failure("\naws_access_key_id = x\n"), ":2: a setting must follow a [profile]");
  EXPECT_EQ(failure("[a\n"), ":1: a profile is written as [name]");
  EXPECT_EQ(failure("[a]\nnonsense\n"), ":2: a setting is written as name = value");
  EXPECT_EQ(failure("[a]\nacount = 1\n"), ":2: unknown setting 'acount'");
  EXPECT_EQ(failure("[a]\naccount = 12\n"), ":2: account must be 12 digits, not '12'");
  EXPECT_EQ(failure("[a]\naws_access_key_id=k\naws_secret_access_key=s\n"
                    "[b]\naws_access_key_id=k\naws_secret_access_key=s\n"),
            ":4: the access key k was given before");
  EXPECT_THROW(identity.load_credentials("/no/such/file"), std::runtime_error);
}

}  // namespace
}  // namespace paddock::identity
