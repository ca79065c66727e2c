// Object lock: retention, legal holds, and what they keep from being deleted.
#include "acting_fixture.hpp"
#include "core/digest.hpp"

namespace paddock::testing {
namespace {

class S3ObjectLockTest : public ActingS3Test {
 protected:
  S3ObjectLockTest() { make_bucket("vault", {{"x-amz-bucket-object-lock-enabled", "true"}}); }

  std::string in_days(int days) const {
    const int64_t now = emulator_->platform().world.now().ms;
    return iso8601((now / 1000 + int64_t{days} * 24 * 3600) * 1000);
  }
  S3Answer retain(const std::string& key, const std::string& mode, int days,
                  const Fields& fields = {}) {
    return put("/vault/" + key + "?retention",
               "<Retention><Mode>" + mode + "</Mode><RetainUntilDate>" + in_days(days) +
                   "</RetainUntilDate></Retention>",
               fields);
  }
  S3Answer hold(const std::string& key, const std::string& status) {
    return put("/vault/" + key + "?legal-hold",
               "<LegalHold><Status>" + status + "</Status></LegalHold>");
  }
  S3Answer put_locked(const std::string& key, const std::string& mode, int days) {
    return put("/vault/" + key, "locked",
               {{"x-amz-object-lock-mode", mode},
                {"x-amz-object-lock-retain-until-date", in_days(days)},
                {"content-md5", to_base64(md5("locked"))}});
  }
  static void expect_locked(const S3Answer& answer) {
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.error(), "AccessDenied");
    EXPECT_EQ(answer.xml("Message"), "Access Denied because object protected by object lock.");
  }
  const Fields bypass{{"x-amz-bypass-governance-retention", "true"}};
};

TEST_F(S3ObjectLockTest, ABucketMadeWithLockIsVersionedAndStaysSo) {
  EXPECT_EQ(get("/vault?versioning").xml("Status"), "Enabled");
  EXPECT_EQ(get("/vault?object-lock").xml("ObjectLockEnabled"), "Enabled");
  const S3Answer suspended =
      put("/vault?versioning",
          "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>");
  EXPECT_EQ(suspended.status, 409);
  EXPECT_EQ(suspended.error(), "InvalidBucketState");
}

TEST_F(S3ObjectLockTest, LockMayBeTurnedOnForVersionedBucketsAlone) {
  make_bucket("plain");
  const std::string on =
      "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>"
      "</ObjectLockConfiguration>";
  EXPECT_EQ(get("/plain?object-lock").error(), "ObjectLockConfigurationNotFoundError");
  EXPECT_EQ(put("/plain?object-lock", on).error(), "InvalidBucketState");
  set_versioning("plain", "Enabled");
  EXPECT_EQ(put("/plain?object-lock", on).status, 200);
  EXPECT_EQ(get("/plain?object-lock").xml("ObjectLockEnabled"), "Enabled");
}

TEST_F(S3ObjectLockTest, GovernanceHoldsUnlessBypassed) {
  const std::string version = put("/vault/a", "one").header("x-amz-version-id");
  ASSERT_EQ(retain("a", "GOVERNANCE", 5).status, 200);
  const S3Answer kept = get("/vault/a?retention");
  EXPECT_EQ(kept.xml("Mode"), "GOVERNANCE");
  EXPECT_EQ(parse_iso8601(kept.xml("RetainUntilDate")), parse_iso8601(in_days(5)));
  const S3Answer seen = head("/vault/a");
  EXPECT_EQ(seen.header("x-amz-object-lock-mode"), "GOVERNANCE");
  EXPECT_EQ(parse_iso8601(seen.header("x-amz-object-lock-retain-until-date")),
            parse_iso8601(in_days(5)));
  expect_locked(drop("/vault/a?versionId=" + version));
  EXPECT_EQ(retain("a", "GOVERNANCE", 9).status, 200);
  expect_locked(retain("a", "GOVERNANCE", 2));
  expect_locked(put("/vault/a?retention", "<Retention/>"));
  EXPECT_EQ(retain("a", "GOVERNANCE", 2, bypass).status, 200);
  // Deleting the key is no deletion of the version.
  EXPECT_EQ(drop("/vault/a").status, 204);
  EXPECT_EQ(drop("/vault/a?versionId=" + version, bypass).status, 204);
}

TEST_F(S3ObjectLockTest, ComplianceHoldsUntilItsDate) {
  const std::string version = put_locked("a", "COMPLIANCE", 3).header("x-amz-version-id");
  ASSERT_FALSE(version.empty());
  expect_locked(drop("/vault/a?versionId=" + version, bypass));
  expect_locked(retain("a", "COMPLIANCE", 1, bypass));
  expect_locked(retain("a", "GOVERNANCE", 9, bypass));
  EXPECT_EQ(retain("a", "COMPLIANCE", 4).status, 200);
  advance_days(5);
  EXPECT_EQ(drop("/vault/a?versionId=" + version).status, 204);
}

TEST_F(S3ObjectLockTest, ALegalHoldHasNoEnd) {
  const std::string version = put("/vault/a", "one").header("x-amz-version-id");
  EXPECT_EQ(get("/vault/a?legal-hold").error(), "NoSuchObjectLockConfiguration");
  ASSERT_EQ(hold("a", "ON").status, 200);
  EXPECT_EQ(get("/vault/a?legal-hold").xml("Status"), "ON");
  EXPECT_EQ(head("/vault/a").header("x-amz-object-lock-legal-hold"), "ON");
  advance_days(400);
  expect_locked(drop("/vault/a?versionId=" + version, bypass));
  const std::string body =
      "<Delete><Object><Key>a</Key><VersionId>" + version + "</VersionId></Object></Delete>";
  const S3Answer batch = post("/vault?delete", body, {{"content-md5", to_base64(md5(body))}});
  EXPECT_EQ(batch.status, 200);
  EXPECT_EQ(batch.xml("Code"), "AccessDenied");
  ASSERT_EQ(hold("a", "OFF").status, 200);
  EXPECT_EQ(head("/vault/a").header("x-amz-object-lock-legal-hold"), "OFF");
  EXPECT_EQ(drop("/vault/a?versionId=" + version).status, 204);
}

TEST_F(S3ObjectLockTest, TheBucketsDefaultIsGivenToNewObjects) {
  ASSERT_EQ(put("/vault?object-lock",
                "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>"
                "<DefaultRetention><Mode>GOVERNANCE</Mode><Days>3</Days></DefaultRetention></Rule>"
                "</ObjectLockConfiguration>")
                .status,
            200);
  EXPECT_EQ(get("/vault?object-lock").xml("Days"), "3");
  const std::string version = put("/vault/a", "one").header("x-amz-version-id");
  EXPECT_EQ(head("/vault/a").header("x-amz-object-lock-mode"), "GOVERNANCE");
  expect_locked(drop("/vault/a?versionId=" + version));
  put_locked("b", "COMPLIANCE", 1);
  EXPECT_EQ(head("/vault/b").header("x-amz-object-lock-mode"), "COMPLIANCE");
  const std::string upload = post("/vault/c?uploads").xml("UploadId");
  const std::string etag = put("/vault/c?partNumber=1&uploadId=" + upload, "part").header("etag");
  ASSERT_EQ(post("/vault/c?uploadId=" + upload,
                 "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + etag +
                     "</ETag></Part></CompleteMultipartUpload>")
                .status,
            200);
  EXPECT_EQ(head("/vault/c").header("x-amz-object-lock-mode"), "GOVERNANCE");
  advance_days(4);
  EXPECT_EQ(drop("/vault/a?versionId=" + version).status, 204);
}

TEST_F(S3ObjectLockTest, ACopyIsNotLockedAsItsSourceIs) {
  put_locked("a", "GOVERNANCE", 3);
  hold("a", "ON");
  ASSERT_EQ(put("/vault/b", "", {{"x-amz-copy-source", "/vault/a"}}).status, 200);
  const S3Answer copy = head("/vault/b");
  EXPECT_EQ(copy.header("x-amz-object-lock-mode"), "");
  EXPECT_EQ(copy.header("x-amz-object-lock-legal-hold"), "");
}

TEST_F(S3ObjectLockTest, RequestsAreCheckedInAwsWords) {
  make_bucket("plain");
  put("/plain/a", "one");
  put("/vault/a", "one");
  const std::string until = in_days(1);
  EXPECT_EQ(get("/plain/a?retention").xml("Message"),
            "Bucket is missing Object Lock Configuration");
  EXPECT_EQ(get("/vault/a?retention").error(), "NoSuchObjectLockConfiguration");
  EXPECT_EQ(put("/vault/none?retention", "<Retention/>").error(), "NoSuchKey");
  EXPECT_EQ(put("/vault/a?retention", "<Retention><Mode>GOVERNANCE</Mode></Retention>").error(),
            "MalformedXML");
  EXPECT_EQ(retain("a", "SOMETIMES", 1).error(), "MalformedXML");
  const S3Answer past = put("/vault/a?retention",
                            "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2020-01-01T00:00:"
                            "00Z</RetainUntilDate></Retention>");
  EXPECT_EQ(past.error(), "InvalidArgument");
  EXPECT_EQ(past.xml("Message"), "The retain until date must be in the future!");
  EXPECT_EQ(past.xml("ArgumentValue"), "Tue Dec 31 16:00:00 PST 2019");
  EXPECT_EQ(hold("a", "MAYBE").error(), "MalformedXML");
  const S3Answer half = put("/vault/b", "x", {{"x-amz-object-lock-mode", "GOVERNANCE"}});
  EXPECT_EQ(half.xml("Message"),
            "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied");
  EXPECT_EQ(half.xml("ArgumentName"), "x-amz-object-lock-retain-until-date");
  const S3Answer other = put("/vault/b", "x", {{"x-amz-object-lock-retain-until-date", until}});
  EXPECT_EQ(other.xml("ArgumentName"), "x-amz-object-lock-mode");
  const S3Answer mode = put(
      "/vault/b", "x",
      {{"x-amz-object-lock-mode", "BAD-VALUE"}, {"x-amz-object-lock-retain-until-date", until}});
  EXPECT_EQ(mode.xml("Message"), "Unknown wormMode directive.");
  EXPECT_EQ(mode.xml("ArgumentValue"), "BAD-VALUE");
  const S3Answer undigested = put(
      "/vault/b", "x",
      {{"x-amz-object-lock-mode", "GOVERNANCE"}, {"x-amz-object-lock-retain-until-date", until}});
  EXPECT_EQ(undigested.error(), "InvalidRequest");
  EXPECT_EQ(get("/vault/b").status, 404);
  const std::string marker = drop("/vault/a").header("x-amz-version-id");
  const S3Answer on_marker = put("/vault/a?retention&versionId=" + marker, "<Retention/>");
  EXPECT_EQ(on_marker.status, 405);
  EXPECT_EQ(on_marker.xml("Method"), "PUT");
}

}  // namespace
}  // namespace paddock::testing
