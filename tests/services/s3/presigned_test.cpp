// Presigned URLs of both versions, and signatures that are verified.
#include "signed_calls.hpp"

namespace paddock::testing {
namespace {

class S3PresignedTest : public S3SignedTest {};

TEST_F(S3PresignedTest, AUrlOfVersion4DoesWhatWasSignedAndNothingElse) {
  verify_signatures();
  ASSERT_EQ(plain("PUT", presigned("PUT", "/bucket", "60")).status, 200);
  ASSERT_EQ(plain("PUT", presigned("PUT", "/bucket/a%20b", "60"), "text").status, 200);
  const std::string url = presigned("GET", "/bucket/a%20b?response-content-type=text%2Fx", "60");
  const S3Answer read = plain("GET", url);
  EXPECT_EQ(read.body, "text");
  EXPECT_EQ(read.header("content-type"), "text/x");
  EXPECT_EQ(plain("DELETE", url).error(), "SignatureDoesNotMatch");
  const S3Answer other = plain("GET", url + "&versionId=null");
  EXPECT_EQ(other.status, 403);
  EXPECT_EQ(other.error(), "SignatureDoesNotMatch");
  EXPECT_EQ(other.xml("AWSAccessKeyId"), "test");
  const S3Answer added = plain("GET", url, "", {{"x-amz-meta-more", "1"}});
  EXPECT_EQ(added.error(), "AccessDenied");
  EXPECT_EQ(added.xml("HeadersNotSigned"), "x-amz-meta-more");
  EXPECT_EQ(plain("GET", "/bucket/a%20b").error(), "AccessDenied");
}

TEST_F(S3PresignedTest, HeadersInTheQueryCountButChecksumsOfNoBody) {
  verify_signatures();
  ASSERT_EQ(plain("PUT", presigned("PUT", "/bucket", "60")).status, 200);
  const std::string url = presigned("PUT", "/bucket/key", "60",
                                    "&x-amz-meta-mood=very%20fine&x-amz-checksum-crc32=AAAAAA%3D%3D"
                                    "&x-amz-sdk-checksum-algorithm=CRC32&x-amz-tagging=a%3Db");
  EXPECT_EQ(plain("PUT", url, "text").status, 200);
  const S3Answer read = plain("GET", presigned("GET", "/bucket/key", "60"));
  EXPECT_EQ(read.header("x-amz-meta-mood"), "very fine");
  EXPECT_EQ(read.header("x-amz-tagging-count"), "1");
}

TEST_F(S3PresignedTest, AUrlEndsByTheClockOfTheWorldWhateverTheSettings) {
  make_bucket("bucket");
  ASSERT_EQ(put("/bucket/key", "text").status, 200);
  const std::string url = presigned("GET", "/bucket/key", "3600");
  EXPECT_EQ(plain("GET", url).status, 200);
  const WorldTime now = platform().world.now();
  platform().world.advance_to(now + std::chrono::hours(2));
  const S3Answer late = plain("GET", url);
  EXPECT_EQ(late.status, 403);
  EXPECT_EQ(late.error(), "AccessDenied");
  EXPECT_EQ(late.xml("Message"), "Request has expired");
  EXPECT_EQ(late.xml("X-Amz-Expires"), "3600");
  EXPECT_EQ(late.xml("Expires").size(), 20U);
  EXPECT_EQ(late.xml("ServerTime").size(), 20U);
  EXPECT_EQ(plain("GET", presigned("GET", "/bucket/key", "0")).error(), "AccessDenied");
}

TEST_F(S3PresignedTest, LimitsAndPartsOfVersion4AreChecked) {
  const auto fault = [this](const std::string& url) {
    const S3Answer answer = plain("GET", url);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.error(), "AuthorizationQueryParametersError");
    return answer.xml("Message");
  };
  make_bucket("bucket");
  EXPECT_EQ(fault(presigned("GET", "/bucket/key", "604801")),
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires "
            "must be less than 604800 seconds");
  EXPECT_EQ(fault(presigned("GET", "/bucket/key", "-1")), "X-Amz-Expires must be non-negative");
  EXPECT_EQ(fault(presigned("GET", "/bucket/key", "soon")), "X-Amz-Expires should be a number");
  const std::string url = presigned("GET", "/bucket/key", "60");
  EXPECT_EQ(fault(url.substr(0, url.find("&X-Amz-Signature"))),
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
            "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
}

TEST_F(S3PresignedTest, AUrlOfVersion2Works) {
  verify_signatures();
  const int64_t later = platform().machine.wall_ms() / 1000 + 60;
  ASSERT_EQ(plain("PUT", presigned_v2("PUT", "/bucket", later)).status, 200);
  ASSERT_EQ(plain("PUT", presigned_v2("PUT", "/bucket/key", later), "text").status, 200);
  const std::string url = presigned_v2("GET", "/bucket/key", later);
  EXPECT_EQ(plain("GET", url).body, "text");
  EXPECT_EQ(plain("GET", presigned_v2("GET", "/bucket/key?acl", later)).status, 200);
  EXPECT_EQ(plain("GET", url + "&acl").error(), "SignatureDoesNotMatch");
  EXPECT_EQ(plain("PUT", url, "x").error(), "SignatureDoesNotMatch");
  const S3Answer late = plain("GET", presigned_v2("GET", "/bucket/key", later - 120));
  EXPECT_EQ(late.status, 403);
  EXPECT_EQ(late.xml("Message"), "Request has expired");
  EXPECT_EQ(late.body.find("X-Amz-Expires"), std::string::npos);
  const S3Answer half = plain("GET", "/bucket/key?AWSAccessKeyId=test&Expires=1");
  EXPECT_EQ(half.status, 403);
  EXPECT_EQ(half.xml("Message"),
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId "
            "parameters");
}

TEST_F(S3PresignedTest, AVirtualHostIsPartOfWhatVersion2Signs) {
  verify_signatures();
  const int64_t later = platform().machine.wall_ms() / 1000 + 60;
  ASSERT_EQ(plain("PUT", presigned_v2("PUT", "/bucket", later)).status, 200);
  std::string url = presigned_v2("PUT", "/bucket/key", later).substr(std::string("/bucket").size());
  EXPECT_EQ(plain("PUT", url, "x", {{"host", "bucket.s3.localhost:1"}}).status, 200);
  EXPECT_EQ(plain("PUT", url, "x", {{"host", "other.s3.localhost:1"}}).status, 403);
}

}  // namespace
}  // namespace paddock::testing
