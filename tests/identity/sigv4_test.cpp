// AWS's published examples: the SigV4 test suite, the IAM ListUsers walk-through and the S3
// presigned URL of the user guides.
#include <gtest/gtest.h>

#include "core/digest.hpp"
#include "identity/identity.hpp"

namespace paddock::identity {
namespace {

constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

http::RequestHead suite_request(std::string_view target) {
  http::RequestHead head;
  head.method = "GET";
  head.set_target(target);
  head.headers.add("Host", "example.amazonaws.com");
  head.headers.add("X-Amz-Date", "20150830T123600Z");
  return head;
}

Signature suite_scope() {
  Signature scope;
  scope.date = "20150830";
  scope.region = "us-east-1";
  scope.service = "service";
  scope.signed_headers = "host;x-amz-date";
  scope.timestamp = "20150830T123600Z";
  return scope;
}

std::string sign_suite(const http::RequestHead& head, const Signature& scope) {
  return sign_v4(head, sha256_hex(""), scope, kSecret);
}

TEST(SignV4, GetVanilla) {
  EXPECT_EQ(sign_suite(suite_request("/"), suite_scope()),
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST(SignV4, GetVanillaQueryOrderKeyCase) {
  EXPECT_EQ(sign_suite(suite_request("/?Param2=value2&Param1=value1"), suite_scope()),
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
}

TEST(SignV4, NormalizesPathsButOfS3) {
  const std::string vanilla = sign_suite(suite_request("/"), suite_scope());
  for (const char* path : {"//", "/./", "/example/..", "/example1/example2/../.."}) {
    EXPECT_EQ(sign_suite(suite_request(path), suite_scope()), vanilla) << path;
  }
  Signature s3 = suite_scope();
  s3.service = "s3";
  EXPECT_NE(sign_suite(suite_request("//"), s3), sign_suite(suite_request("/"), s3));
}

TEST(SignV4, GetHeaderValueTrim) {
  http::RequestHead head = suite_request("/");
  head.headers.add("My-Header1", " value1");
  head.headers.add("My-Header2", " \"a   b   c\"");
  Signature scope = suite_scope();
  scope.signed_headers = "host;my-header1;my-header2;x-amz-date";
  EXPECT_EQ(sign_suite(head, scope),
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
}

TEST(SignV4, IamListUsers) {
  http::RequestHead head;
  head.method = "GET";
  head.set_target("/?Action=ListUsers&Version=2010-05-08");
  head.headers.add("Host", "iam.amazonaws.com");
  head.headers.add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  head.headers.add("X-Amz-Date", "20150830T123600Z");
  Signature scope = suite_scope();
  scope.service = "iam";
  scope.signed_headers = "content-type;host;x-amz-date";
  EXPECT_EQ(sign_suite(head, scope),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

TEST(SignV4, S3PresignedUrl) {
  http::RequestHead head;
  head.method = "GET";
  head.set_target(
      "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524"
      "%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400"
      "&X-Amz-SignedHeaders=host&X-Amz-Signature="
      "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
  head.headers.add("Host", "examplebucket.s3.amazonaws.com");
  const auto parsed = parse_signature(head);
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->in_query);
  EXPECT_EQ(parsed->expires_s, 86400);
  EXPECT_EQ(sign_v4(head, "UNSIGNED-PAYLOAD", *parsed, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            parsed->signature);
}

}  // namespace
}  // namespace paddock::identity
