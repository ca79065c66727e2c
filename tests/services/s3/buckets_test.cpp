// Buckets: names, regions, owners, listings, addresses.
#include "fixture.hpp"

namespace paddock::testing {
namespace {

using S3BucketsTest = S3Test;

std::string located(const std::string& constraint) {
  return "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
         "<LocationConstraint>" +
         constraint + "</LocationConstraint></CreateBucketConfiguration>";
}

TEST_F(S3BucketsTest, ABucketIsMadeFoundListedAndDropped) {
  const S3Answer made = put("/bucket-one");
  EXPECT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(made.header("Location"), "/bucket-one");
  EXPECT_EQ(made.header("x-amz-request-id").size(), 16u);
  EXPECT_NE(made.header("x-amz-id-2"), "");
  const S3Answer head = send("HEAD", "/bucket-one");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("x-amz-bucket-region"), "us-east-1");
  const S3Answer listed = get("/");
  EXPECT_EQ(listed.xml("Name"), "bucket-one") << listed.body;
  EXPECT_NE(listed.body.find("<ListAllMyBucketsResult xmlns=\"http://s3.amazonaws.com/doc/"
                             "2006-03-01/\">"),
            std::string::npos)
      << listed.body;
  EXPECT_EQ(listed.xml("BucketRegion"), "us-east-1");
  EXPECT_EQ(drop("/bucket-one").status, 204);
  EXPECT_EQ(send("HEAD", "/bucket-one").status, 404);
  const S3Answer gone = drop("/bucket-one");
  EXPECT_EQ(gone.status, 404);
  EXPECT_EQ(gone.error(), "NoSuchBucket");
  EXPECT_EQ(gone.xml("BucketName"), "bucket-one");
  EXPECT_EQ(gone.xml("Message"), "The specified bucket does not exist");
}

TEST_F(S3BucketsTest, NamesKeepTheRules) {
  for (const char* name : {"ab", "Capital", "under_score", "-dash", "dot.", "two..dots",
                           "192.168.1.1", "xn--name", "name-s3alias"}) {
    const S3Answer refused = put(std::string("/") + name);
    EXPECT_EQ(refused.status, 400) << name;
    EXPECT_EQ(refused.error(), "InvalidBucketName") << name;
  }
  EXPECT_EQ(put("/" + std::string(63, 'a')).status, 200);
  EXPECT_EQ(put("/" + std::string(64, 'a')).error(), "InvalidBucketName");
}

TEST_F(S3BucketsTest, AnEndpointMakesBucketsInItsRegion) {
  EXPECT_EQ(put("/in-eu", located("eu-west-1")).status, 200);
  EXPECT_EQ(get("/in-eu?location").xml_after("LocationConstraint", 0), "");
  EXPECT_NE(get("/in-eu?location").body.find(">eu-west-1</LocationConstraint>"), std::string::npos);
  EXPECT_EQ(put("/in-us", located("us-east-1")).error(), "InvalidLocationConstraint");
  make_bucket("in-us");
  EXPECT_NE(get("/in-us?location").body.find("/>"), std::string::npos);
  region = "eu-central-1";
  const S3Answer none = put("/no-constraint");
  EXPECT_EQ(none.error(), "IllegalLocationConstraintException");
  EXPECT_EQ(none.xml("Message"),
            "The unspecified location constraint is incompatible for the region specific endpoint "
            "this request was sent to.");
  EXPECT_EQ(put("/other", located("eu-west-2")).error(), "IllegalLocationConstraintException");
  EXPECT_EQ(put("/same", located("eu-central-1")).status, 200);
  region = "US";
  const S3Answer wrong = put("/nowhere");
  EXPECT_EQ(wrong.error(), "AuthorizationHeaderMalformed");
  EXPECT_EQ(wrong.xml("Region"), "us-east-1");
}

TEST_F(S3BucketsTest, ANameBelongsToItsFirstOwner) {
  make_bucket("taken");
  EXPECT_EQ(put("/taken").status, 200) << "as us-east-1 has always answered";
  region = "eu-west-1";
  EXPECT_EQ(put("/taken", located("eu-west-1")).error(), "BucketAlreadyOwnedByYou");
  region = "us-east-1";
  account = "111122223333";
  const S3Answer refused = put("/taken");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.error(), "BucketAlreadyExists");
  EXPECT_EQ(get("/taken?location").error(), "AccessDenied");
  EXPECT_EQ(get("/").all("Name"), "");
}

TEST_F(S3BucketsTest, TheExpectedOwnerIsCompared) {
  make_bucket("owned");
  EXPECT_EQ(get("/owned?location", {{"x-amz-expected-bucket-owner", "000000000000"}}).status, 200);
  EXPECT_EQ(get("/owned?location", {{"x-amz-expected-bucket-owner", "000000000001"}}).error(),
            "AccessDenied");
  EXPECT_EQ(get("/owned?location", {{"x-amz-expected-bucket-owner", "abcd"}}).error(),
            "InvalidBucketOwnerAWSAccountID");
}

TEST_F(S3BucketsTest, BucketsAreListedInPages) {
  for (const char* name : {"page-a", "page-b", "page-c", "other"}) make_bucket(name);
  const S3Answer first = get("/?max-buckets=2&prefix=page-");
  EXPECT_EQ(first.all("Name"), "page-a page-b");
  const std::string token = first.xml("ContinuationToken");
  ASSERT_NE(token, "");
  const S3Answer second = get("/?max-buckets=2&prefix=page-&continuation-token=" + token);
  EXPECT_EQ(second.all("Name"), "page-c");
  EXPECT_EQ(second.xml("ContinuationToken"), "");
  EXPECT_EQ(get("/?bucket-region=eu-west-1").all("Name"), "");
  EXPECT_EQ(get("/?max-buckets=0").error(), "InvalidArgument");
}

TEST_F(S3BucketsTest, ABucketWithObjectsStays) {
  make_bucket("full");
  ASSERT_EQ(put("/full/key", "x").status, 200);
  const S3Answer refused = drop("/full");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.error(), "BucketNotEmpty");
  EXPECT_EQ(refused.xml("Message"), "The bucket you tried to delete is not empty");
  EXPECT_EQ(put("/full/other", "x").status, 200) << "and goes on taking writes";
  set_versioning("full", "Enabled");
  EXPECT_EQ(drop("/full").xml("Message"),
            "The bucket you tried to delete is not empty. You must delete all versions in the "
            "bucket.");
}

TEST_F(S3BucketsTest, ASubResourceNeverBecomesThePlainOperation) {
  make_bucket("careful");
  const S3Answer replication = drop("/careful?replication");
  EXPECT_EQ(replication.status, 501);
  EXPECT_NE(replication.xml("Message").find("DeleteBucketReplication"), std::string::npos);
  EXPECT_EQ(drop("/careful?logging").error(), "MethodNotAllowed");
  EXPECT_EQ(drop("/careful?unheard-of").status, 501);
  EXPECT_EQ(send("HEAD", "/careful").status, 200) << "nothing was dropped";
  EXPECT_EQ(put("/new-bucket?replication", "<a/>").status, 501);
  EXPECT_EQ(send("HEAD", "/new-bucket").status, 404);
  EXPECT_EQ(get("/careful?x-id=ListObjects&custom=1").status, 200);
  EXPECT_EQ(send("POST", "/careful/key").error(), "MethodNotAllowed");
}

TEST_F(S3BucketsTest, AHostMayNameTheBucket) {
  for (const char* host : {"host.localhost:4566", "host.s3.localhost.localstack.cloud:4566",
                           "host.s3.us-east-1.amazonaws.com", "host.s3.amazonaws.com",
                           "host.s3-us-west-2.amazonaws.com"}) {
    EXPECT_EQ(put("/", "", {{"Host", host}}).status, 200) << host;
    EXPECT_EQ(put("/key", "body", {{"Host", host}}).status, 200) << host;
    EXPECT_EQ(get("/host/key").body, "body") << host;
    EXPECT_EQ(drop("/key", {{"Host", host}}).status, 204) << host;
    EXPECT_EQ(drop("/", {{"Host", host}}).status, 204) << host;
  }
  for (const char* host : {"s3.localhost.localstack.cloud:4566", "s3.us-east-1.amazonaws.com",
                           "localhost:4566", "127.0.0.1:4566"}) {
    EXPECT_EQ(put("/path-style", "", {{"Host", host}}).status, 200) << host;
    EXPECT_EQ(drop("/path-style", {{"Host", host}}).status, 204) << host;
  }
}

TEST_F(S3BucketsTest, UnsignedCallsAreServedWhereTheyCanOnlyBeForS3) {
  make_bucket("plain");
  ASSERT_EQ(put("/plain/key", "body").status, 200);
  EXPECT_EQ(get("/plain/key", {{"Authorization", ""}}).body, "body");
  EXPECT_EQ(get("/key", {{"Authorization", ""}, {"Host", "plain.s3.amazonaws.com"}}).body, "body");
  const S3Answer unknown = get("/no-such-bucket/key", {{"Authorization", ""}});
  EXPECT_EQ(unknown.status, 501) << "what is no bucket is not taken for one";
}

TEST_F(S3BucketsTest, BucketsKeepTags) {
  make_bucket("tagged");
  EXPECT_EQ(get("/tagged?tagging").error(), "NoSuchTagSet");
  EXPECT_EQ(put("/tagged?tagging",
                "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>")
                .status,
            200);
  const S3Answer tags = get("/tagged?tagging");
  EXPECT_EQ(tags.xml("Key") + "=" + tags.xml("Value"), "a=1") << tags.body;
  EXPECT_EQ(drop("/tagged?tagging").status, 204);
  EXPECT_EQ(get("/tagged?tagging").error(), "NoSuchTagSet");
}

}  // namespace
}  // namespace paddock::testing
