// Versions of objects: enabled, suspended, null versions, delete markers.
#include <filesystem>

#include "fixture.hpp"

namespace paddock::testing {
namespace {

class S3VersionsTest : public S3Test {
 protected:
  void SetUp() override {
    S3Test::SetUp();
    make_bucket("versions");
  }
  std::string store(const std::string& body) {
    const S3Answer stored = put("/versions/key", body);
    EXPECT_EQ(stored.status, 200) << stored.body;
    return stored.header("x-amz-version-id");
  }
  std::string body_of(const std::string& version) {
    return get("/versions/key?versionId=" + version).body;
  }
};

TEST_F(S3VersionsTest, VersioningIsSwitched) {
  EXPECT_EQ(get("/versions?versioning").xml("Status"), "");
  set_versioning("versions", "Enabled");
  EXPECT_EQ(get("/versions?versioning").xml("Status"), "Enabled");
  set_versioning("versions", "Suspended");
  EXPECT_EQ(get("/versions?versioning").xml("Status"), "Suspended");
  EXPECT_EQ(put("/versions?versioning", "<VersioningConfiguration/>").error(),
            "IllegalVersioningConfigurationException");
  EXPECT_EQ(put("/versions?versioning",
                "<VersioningConfiguration><Status>On</Status></VersioningConfiguration>")
                .error(),
            "MalformedXML");
}

TEST_F(S3VersionsTest, EveryWriteIsAVersion) {
  EXPECT_EQ(store("zero"), "");
  set_versioning("versions", "Enabled");
  const std::string one = store("one");
  const std::string two = store("two");
  ASSERT_EQ(one.size(), 32u);
  EXPECT_NE(one, two);
  EXPECT_EQ(get("/versions/key").body, "two");
  EXPECT_EQ(get("/versions/key").header("x-amz-version-id"), two);
  EXPECT_EQ(body_of(one), "one");
  EXPECT_EQ(body_of("null"), "zero");
  EXPECT_EQ(get("/versions?versions").all("VersionId"), two + " " + one + " null");
  EXPECT_EQ(get("/versions?versions").all("IsLatest"), "true false false");
  EXPECT_EQ(get("/versions/key?versionId=nonsense").error(), "InvalidArgument");
  EXPECT_EQ(get("/versions/other?versionId=" + one).error(), "NoSuchVersion");
}

TEST_F(S3VersionsTest, ADeleteMarkerHidesTheKey) {
  set_versioning("versions", "Enabled");
  const std::string one = store("one");
  const S3Answer dropped = drop("/versions/key");
  EXPECT_EQ(dropped.status, 204);
  EXPECT_EQ(dropped.header("x-amz-delete-marker"), "true");
  const std::string marker = dropped.header("x-amz-version-id");
  const S3Answer hidden = get("/versions/key");
  EXPECT_EQ(hidden.status, 404);
  EXPECT_EQ(hidden.error(), "NoSuchKey");
  EXPECT_EQ(hidden.header("x-amz-delete-marker"), "true");
  EXPECT_EQ(hidden.header("x-amz-version-id"), marker);
  const S3Answer itself = get("/versions/key?versionId=" + marker);
  EXPECT_EQ(itself.status, 405);
  EXPECT_EQ(itself.error(), "MethodNotAllowed");
  EXPECT_NE(itself.header("Last-Modified"), "");
  EXPECT_EQ(itself.header("Allow"), "DELETE");
  EXPECT_EQ(body_of(one), "one");
  EXPECT_EQ(drop("/versions/key?versionId=" + marker).header("x-amz-delete-marker"), "true");
  EXPECT_EQ(get("/versions/key").body, "one");
  EXPECT_EQ(drop("/versions").error(), "BucketNotEmpty");
  EXPECT_EQ(drop("/versions/key?versionId=" + one).status, 204);
  EXPECT_EQ(drop("/versions").status, 204);
}

TEST_F(S3VersionsTest, TheNullVersionIsReplacedWhereverItIs) {
  store("zero");
  set_versioning("versions", "Enabled");
  const std::string one = store("one");
  set_versioning("versions", "Suspended");
  EXPECT_EQ(store("new null"), "");
  EXPECT_EQ(get("/versions?versions").all("VersionId"), "null " + one);
  EXPECT_EQ(body_of("null"), "new null");
  EXPECT_EQ(drop("/versions/key").header("x-amz-version-id"), "null");
  EXPECT_EQ(get("/versions/key").status, 404);
  EXPECT_EQ(get("/versions?versions").all("VersionId"), one + " null") << "the marker is null now";
  EXPECT_EQ(drop("/versions/key?versionId=null").status, 204);
  EXPECT_EQ(get("/versions/key").body, "one");
  set_versioning("versions", "Enabled");
  const std::string two = store("two");
  EXPECT_EQ(drop("/versions/key?versionId=" + one).status, 204);
  EXPECT_EQ(get("/versions?versions").all("VersionId"), two);
}

TEST_F(S3VersionsTest, TheNewestThatIsLeftIsCurrent) {
  store("zero");
  set_versioning("versions", "Enabled");
  const std::string one = store("one");
  const std::string two = store("two");
  EXPECT_EQ(drop("/versions/key?versionId=" + two).status, 204);
  EXPECT_EQ(get("/versions/key").body, "one");
  EXPECT_EQ(drop("/versions/key?versionId=" + one).status, 204);
  EXPECT_EQ(get("/versions/key").body, "zero");
  EXPECT_EQ(body_of("null"), "zero");
  EXPECT_EQ(drop("/versions/key?versionId=null").status, 204);
  EXPECT_EQ(get("/versions?versions").all("Key"), "");
}

TEST_F(S3VersionsTest, ACopyMayNameAVersion) {
  set_versioning("versions", "Enabled");
  const std::string one = store("one");
  store("two");
  const S3Answer copied =
      put("/versions/copy", "", {{"x-amz-copy-source", "versions/key?versionId=" + one}});
  EXPECT_EQ(copied.status, 200) << copied.body;
  EXPECT_EQ(copied.header("x-amz-copy-source-version-id"), one);
  EXPECT_EQ(get("/versions/copy").body, "one");
  const std::string marker = drop("/versions/key").header("x-amz-version-id");
  EXPECT_EQ(
      put("/versions/x", "", {{"x-amz-copy-source", "versions/key?versionId=" + marker}}).error(),
      "InvalidRequest");
  EXPECT_EQ(put("/versions/x", "", {{"x-amz-copy-source", "versions/key"}}).error(), "NoSuchKey");
}

TEST_F(S3VersionsTest, VersionsOutliveAStop) {
  const std::string directory = ::testing::TempDir() + "s3_versions_test";
  std::filesystem::remove_all(directory);
  Options options;
  options.data_dir = directory;
  start(options);
  make_bucket("versions");
  set_versioning("versions", "Enabled");
  const std::string one = store("one");
  const std::string two = store(std::string(100'000, 'b'));
  start(options);
  EXPECT_EQ(body_of(one), "one");
  EXPECT_EQ(body_of(two), std::string(100'000, 'b'));
  EXPECT_EQ(get("/").xml("Name"), "versions");
  const std::string three = store("three");
  EXPECT_EQ(get("/versions?versions").all("VersionId"), three + " " + two + " " + one);
  emulator_.reset();
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace paddock::testing
