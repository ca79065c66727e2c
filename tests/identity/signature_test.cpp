#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "identity/identity.hpp"

namespace paddock::identity {
namespace {

using ::testing::HasSubstr;

http::RequestHead request(std::string_view authorization) {
  http::RequestHead head;
  head.method = "POST";
  head.set_target("/");
  head.headers.add("Host", "localhost:4566");
  head.headers.add("X-Amz-Date", "20261120T073600Z");
  if (!authorization.empty()) head.headers.add("Authorization", authorization);
  return head;
}

AwsError error_of(const http::RequestHead& head) {
  try {
    parse_signature(head);
  } catch (const AwsError& error) {
    return error;
  }
  return AwsError("no error", "");
}

TEST(ParseSignature, ReadsTheAuthorizationHeader) {
  const auto signature = parse_signature(
      request("AWS4-HMAC-SHA256 Credential=AKID/20261120/eu-west-1/dynamodb/aws4_request, "
              "SignedHeaders=host;x-amz-date, Signature=abc123"));
  ASSERT_TRUE(signature);
  EXPECT_EQ(signature->access_key, "AKID");
  EXPECT_EQ(signature->date, "20261120");
  EXPECT_EQ(signature->region, "eu-west-1");
  EXPECT_EQ(signature->service, "dynamodb");
  EXPECT_EQ(signature->signed_headers, "host;x-amz-date");
  EXPECT_EQ(signature->signature, "abc123");
  EXPECT_EQ(signature->timestamp, "20261120T073600Z");
  EXPECT_FALSE(signature->in_query);
}

TEST(ParseSignature, TakesTheDateHeaderInItsStead) {
  http::RequestHead head = request(
      "AWS4-HMAC-SHA256 Credential=AKID/20261120/eu-west-1/s3/aws4_request,"
      "SignedHeaders=date;host,Signature=abc123");
  head.headers.remove("X-Amz-Date");
  head.headers.add("Date", "Fri, 20 Nov 2026 07:36:00 GMT");
  EXPECT_EQ(parse_signature(head)->timestamp, "20261120T073600Z");
}

TEST(ParseSignature, KeepsSlashesOfTheKey) {
  const auto signature =
      parse_signature(request("AWS4-HMAC-SHA256 Credential=a/b/20261120/r/sqs/aws4_request, "
                              "SignedHeaders=host, Signature=1"));
  EXPECT_EQ(signature->access_key, "a/b");
  EXPECT_EQ(signature->service, "sqs");
}

TEST(ParseSignature, IsNoneForAnUnsignedCall) {
  EXPECT_FALSE(parse_signature(request("")));
}

TEST(ParseSignature, NamesWhatTheHeaderLacks) {
  const AwsError error = error_of(request("Bearer abc"));
  EXPECT_EQ(error.code(), "IncompleteSignatureException");
  EXPECT_THAT(error.message(),
              HasSubstr("Authorization header requires 'Credential' parameter. Authorization "
                        "header requires 'Signature' parameter. Authorization header requires "
                        "'SignedHeaders' parameter. (Hashed with SHA-256"));
  EXPECT_THAT(error.message(), ::testing::Not(HasSubstr("abc")));
}

TEST(ParseSignature, RefusesAMalformedCredential) {
  const AwsError error =
      error_of(request("AWS4-HMAC-SHA256 Credential=AKID/20261120/r/aws4_request, "
                       "SignedHeaders=host, Signature=1"));
  EXPECT_EQ(error.message(),
            "Credential must have exactly 5 slash-delimited elements, e.g. "
            "keyid/date/region/service/term, got 'AKID/20261120/r/aws4_request'");
}

TEST(ParseSignature, RefusesAPartWithoutEqualSign) {
  const AwsError error = error_of(request("AWS4-HMAC-SHA256 Credential"));
  EXPECT_THAT(error.message(), HasSubstr("Invalid key=value pair (missing equal-sign)"));
}

TEST(ParseSignature, SpellsErrorsAsTheProtocolDoes) {
  http::RequestHead json = request("AWS4-HMAC-SHA256 Signature=1");
  json.headers.add("X-Amz-Target", "DynamoDB_20120810.PutItem");
  EXPECT_EQ(error_of(json).code(), "IncompleteSignatureException");
  EXPECT_EQ(error_of(json).status(), 400);
  http::RequestHead query = request("AWS4-HMAC-SHA256 Signature=1");
  query.headers.add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  EXPECT_EQ(error_of(query).code(), "IncompleteSignature");
  EXPECT_EQ(error_of(query).status(), 400);
  EXPECT_EQ(error_of(request("AWS4-HMAC-SHA256 Signature=1")).status(), 403);
}

TEST(ParseSignature, OfAQueryNeedsItsParts) {
  http::RequestHead head = request("");
  head.set_target("/?Action=GetCallerIdentity&X-Amz-Algorithm=AWS4-HMAC-SHA256");
  const AwsError error = error_of(head);
  EXPECT_EQ(error.code(), "IncompleteSignature");
  EXPECT_THAT(error.message(), HasSubstr("'X-Amz-Credential'"));
  EXPECT_THAT(error.message(), HasSubstr("Re-examine the query-string parameters."));
}

TEST(ParseSignature, BoundsTheLifeOfAPresignedUrl) {
  const std::string start =
      "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2F20261120%2Fr%2Fs3%2Faws4_request"
      "&X-Amz-Date=20261120T073600Z&X-Amz-SignedHeaders=host&X-Amz-Signature=1&X-Amz-Expires=";
  http::RequestHead head = request("");
  head.set_target(start + "604800");
  EXPECT_EQ(parse_signature(head)->expires_s, 604800);
  for (const char* bad : {"604801", "-1", "x", "99999999999999999999", "1.5"}) {
    head.set_target(start + bad);
    EXPECT_EQ(error_of(head).code(), "AuthorizationQueryParametersError") << bad;
  }
}

}  // namespace
}  // namespace paddock::identity
