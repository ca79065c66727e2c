// Lifecycle rules, applied at each midnight of world time.
#include "acting_fixture.hpp"

namespace paddock::testing {
namespace {

class S3LifecycleTest : public ActingS3Test {
 protected:
  S3LifecycleTest() { make_bucket("attic"); }

  static std::string rule(const std::string& filter, const std::string& actions,
                          const std::string& id = "mine") {
    return "<Rule><ID>" + id + "</ID><Filter>" + filter + "</Filter><Status>Enabled</Status>" +
           actions + "</Rule>";
  }
  static std::string prefix(const std::string& text) { return "<Prefix>" + text + "</Prefix>"; }
  static std::string tag(const std::string& key, const std::string& value) {
    return "<Tag><Key>" + key + "</Key><Value>" + value + "</Value></Tag>";
  }
  static std::string expire(const std::string& when) {
    return "<Expiration>" + when + "</Expiration>";
  }
  S3Answer set_rules(const std::string& rules, const Fields& fields = {}) {
    return put("/attic?lifecycle", "<LifecycleConfiguration>" + rules + "</LifecycleConfiguration>",
               fields);
  }
  // The midnight behind so many days from now.
  std::string midnight(int days) const {
    const int64_t day = 24 * 3600 * 1000;
    const int64_t now = emulator_->platform().world.now().ms;
    return http_date((now / day + days + 1) * day);
  }
  std::string keys() { return get("/attic?list-type=2").all("Key"); }
  const std::string one_day = "<Days>1</Days>";
};

TEST_F(S3LifecycleTest, ObjectsExpireAtTheMidnightAfterTheirDays) {
  put("/attic/logs/before", "x");
  const S3Answer set = set_rules(rule(prefix("logs/"), expire("<Days>2</Days>")));
  ASSERT_EQ(set.status, 200) << set.body;
  EXPECT_EQ(set.header("x-amz-transition-default-minimum-object-size"), "all_storage_classes_128K");
  const std::string expected = "expiry-date=\"" + midnight(2) + "\", rule-id=\"mine\"";
  EXPECT_EQ(put("/attic/logs/after", "x").header("x-amz-expiration"), expected);
  EXPECT_EQ(head("/attic/logs/before").header("x-amz-expiration"), expected);
  EXPECT_EQ(get("/attic/logs/before").header("x-amz-expiration"), expected);
  EXPECT_EQ(put("/attic/kept", "x").header("x-amz-expiration"), "");
  advance_days(1);
  EXPECT_EQ(keys(), "kept logs/after logs/before");
  advance_days(2);
  EXPECT_EQ(keys(), "kept");
}

TEST_F(S3LifecycleTest, ADateIsForAllThatIsThereThen) {
  const int64_t day = 24 * 3600 * 1000;
  const int64_t now = emulator_->platform().world.now().ms;
  const std::string date = iso8601((now / day + 3) * day);
  ASSERT_EQ(set_rules(rule("", expire("<Date>" + date + "</Date>"))).status, 200);
  put("/attic/a", "x");
  advance_days(1);
  EXPECT_EQ(keys(), "a");
  advance_days(2);
  EXPECT_EQ(keys(), "");
}

TEST_F(S3LifecycleTest, FiltersLookAtTagsAndSizes) {
  ASSERT_EQ(
      set_rules(rule("<And>" + prefix("") + tag("a", "1") + tag("b", "2") + "</And>",
                     expire(one_day), "tags") +
                rule("<ObjectSizeGreaterThan>5</ObjectSizeGreaterThan>", expire(one_day), "large"))
          .status,
      200);
  put("/attic/both", "x", {{"x-amz-tagging", "a=1&b=2"}});
  put("/attic/one", "x", {{"x-amz-tagging", "a=1"}});
  put("/attic/small", "12345");
  const S3Answer large = put("/attic/large", "123456");
  EXPECT_NE(large.header("x-amz-expiration").find("rule-id=\"large\""), std::string::npos);
  advance_days(3);
  EXPECT_EQ(keys(), "one small");
}

TEST_F(S3LifecycleTest, VersionedObjectsGetMarkersThatGoLast) {
  set_versioning("attic", "Enabled");
  ASSERT_EQ(set_rules(rule("", expire(one_day) + "<NoncurrentVersionExpiration><NoncurrentDays>3"
                                                 "</NoncurrentDays></NoncurrentVersionExpiration>"))
                .status,
            200);
  put("/attic/a", "one");
  advance_days(2);
  EXPECT_EQ(keys(), "");
  const S3Answer marked = get("/attic?versions");
  EXPECT_NE(marked.body.find("<DeleteMarker>"), std::string::npos);
  EXPECT_NE(marked.body.find("<Version>"), std::string::npos);
  advance_days(6);
  const S3Answer empty = get("/attic?versions");
  EXPECT_EQ(empty.body.find("<DeleteMarker>"), std::string::npos);
  EXPECT_EQ(empty.body.find("<Version>"), std::string::npos);
}

TEST_F(S3LifecycleTest, SomeNewerVersionsAreKept) {
  set_versioning("attic", "Enabled");
  ASSERT_EQ(set_rules(rule("",
                           "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>"
                           "<NewerNoncurrentVersions>2</NewerNoncurrentVersions>"
                           "</NoncurrentVersionExpiration>"))
                .status,
            200);
  std::string expected;
  for (int i = 0; i < 5; i++) {
    const std::string version = put("/attic/a", std::to_string(i)).header("x-amz-version-id");
    if (i >= 2) expected = version + (expected.empty() ? "" : " ") + expected;
  }
  advance_days(3);
  EXPECT_EQ(get("/attic?versions").all("VersionId"), expected);
}

TEST_F(S3LifecycleTest, ALoneDeleteMarkerGoes) {
  set_versioning("attic", "Enabled");
  const std::string version = put("/attic/a", "x").header("x-amz-version-id");
  put("/attic/b", "x");
  drop("/attic/a");
  drop("/attic/b");
  drop("/attic/a?versionId=" + version);
  ASSERT_EQ(
      set_rules(rule("", expire("<ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker>")))
          .status,
      200);
  advance_days(2);
  EXPECT_EQ(get("/attic?versions").all("Key"), "b b");
}

TEST_F(S3LifecycleTest, UploadsThatAreNotCompletedAreDropped) {
  ASSERT_EQ(set_rules(rule(prefix("mp"),
                           "<AbortIncompleteMultipartUpload><DaysAfterInitiation>2"
                           "</DaysAfterInitiation></AbortIncompleteMultipartUpload>"))
                .status,
            200);
  const S3Answer made = post("/attic/mp?uploads");
  EXPECT_EQ(made.header("x-amz-abort-date"), midnight(2));
  EXPECT_EQ(made.header("x-amz-abort-rule-id"), "mine");
  put("/attic/mp?partNumber=1&uploadId=" + made.xml("UploadId"), "part");
  post("/attic/other?uploads");
  advance_days(1);
  EXPECT_EQ(get("/attic?uploads").all("Key"), "mp other");
  advance_days(2);
  EXPECT_EQ(get("/attic?uploads").all("Key"), "other");
}

TEST_F(S3LifecycleTest, StorageClassesChange) {
  ASSERT_EQ(set_rules(rule("",
                           "<Transition><Days>30</Days><StorageClass>STANDARD_IA"
                           "</StorageClass></Transition><Transition><Days>90</Days>"
                           "<StorageClass>GLACIER_IR</StorageClass></Transition>"))
                .status,
            200);
  put("/attic/large", std::string(200'000, 'x'));
  put("/attic/small", "x");
  advance_days(32);
  EXPECT_EQ(head("/attic/large").header("x-amz-storage-class"), "STANDARD_IA");
  EXPECT_EQ(head("/attic/small").header("x-amz-storage-class"), "");
  advance_days(62);
  EXPECT_EQ(head("/attic/large").header("x-amz-storage-class"), "GLACIER_IR");
}

TEST_F(S3LifecycleTest, LockedVersionsStay) {
  make_bucket("vault", {{"x-amz-bucket-object-lock-enabled", "true"}});
  put("/vault/a", "x");
  put("/vault/a?legal-hold", "<LegalHold><Status>ON</Status></LegalHold>");
  put("/vault/a", "y");
  put("/vault/a", "z");
  put("/vault?lifecycle", "<LifecycleConfiguration>" +
                              rule("",
                                   "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>"
                                   "</NoncurrentVersionExpiration>") +
                              "</LifecycleConfiguration>");
  advance_days(3);
  EXPECT_EQ(get("/vault?versions").all("Key"), "a a");
}

TEST_F(S3LifecycleTest, ExpirationsAreTold) {
  const std::string arn = make_queue("attic", "attic");
  put("/attic?notification", queue_notification(arn, "s3:LifecycleExpiration:*"));
  set_rules(rule("", expire(one_day)));
  messages("attic");
  put("/attic/a", "x");
  advance_days(3);
  const auto seen = records("attic");
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0]["eventName"], "LifecycleExpiration:Delete");
  EXPECT_EQ(seen[0]["eventVersion"], "2.3");
  EXPECT_EQ(seen[0]["userIdentity"]["principalId"], "s3.amazonaws.com");
  EXPECT_EQ(seen[0]["s3"]["object"]["key"], "a");
}

TEST_F(S3LifecycleTest, WithoutRulesNothingGoes) {
  set_rules(rule("", expire(one_day)));
  put("/attic/a", "x");
  EXPECT_EQ(drop("/attic?lifecycle").status, 204);
  EXPECT_EQ(get("/attic?lifecycle").error(), "NoSuchLifecycleConfiguration");
  EXPECT_EQ(head("/attic/a").header("x-amz-expiration"), "");
  advance_days(3);
  EXPECT_EQ(keys(), "a");
}

TEST_F(S3LifecycleTest, RulesAreKeptOverARestart) {
  const TempDir directory;
  open(TestEmulator::durable_options(directory.path()));
  make_bucket("attic");
  set_rules(rule("", expire(one_day)));
  put("/attic/a", "x");
  open(TestEmulator::durable_options(directory.path()));
  EXPECT_EQ(keys(), "a");
  advance_days(3);
  EXPECT_EQ(keys(), "");
  emulator_.reset();
}

TEST_F(S3LifecycleTest, RulesAreCheckedInAwsWords) {
  const auto code = [&](const std::string& rules) { return set_rules(rules).error(); };
  EXPECT_EQ(code("<Rule><Status>Enabled</Status>" + expire(one_day) + "</Rule>"), "MalformedXML");
  EXPECT_EQ(code(rule("", "")), "MalformedXML");
  EXPECT_EQ(code(rule(prefix("a") + tag("a", "b"), expire(one_day))), "MalformedXML");
  EXPECT_EQ(code(rule("", expire(one_day + "<ExpiredObjectDeleteMarker>true"
                                           "</ExpiredObjectDeleteMarker>"))),
            "MalformedXML");
  EXPECT_EQ(code(rule("", "<NoncurrentVersionExpiration></NoncurrentVersionExpiration>")),
            "MalformedXML");
  EXPECT_EQ(code(rule("", expire(one_day)) + rule("", expire(one_day))), "InvalidArgument");
  EXPECT_EQ(set_rules(rule("", expire("<Date>2030-01-01T10:00:00Z</Date>"))).xml("Message"),
            "'Date' must be at midnight GMT");
  EXPECT_EQ(set_rules(rule("", expire("<Days>0</Days>"))).xml("Message"),
            "'Days' for Expiration action must be a positive integer");
  EXPECT_EQ(set_rules(rule("<And>" + tag("a", "b") + tag("a", "c") + "</And>", expire(one_day)))
                .xml("Message"),
            "Duplicate Tag Keys are not allowed.");
  EXPECT_EQ(set_rules(rule("",
                           "<Transition><Days>5</Days><StorageClass>STANDARD_IA"
                           "</StorageClass></Transition>"))
                .xml("Message"),
            "'Days' in Transition action must be greater than or equal to 30 for storageClass "
            "'STANDARD_IA'");
  const S3Answer least = set_rules(rule("", expire(one_day)),
                                   {{"x-amz-transition-default-minimum-object-size", "value"}});
  EXPECT_EQ(least.xml("Message"), "Invalid TransitionDefaultMinimumObjectSize found: value");
  EXPECT_EQ(get("/attic?lifecycle").error(), "NoSuchLifecycleConfiguration");
}

}  // namespace
}  // namespace paddock::testing
