// Objects: what is stored is given back; ranges, conditions, headers, copies, tags.
#include "core/digest.hpp"
#include "core/text.hpp"
#include "fixture.hpp"

namespace paddock::testing {
namespace {

class S3ObjectsTest : public S3Test {
 protected:
  void SetUp() override {
    S3Test::SetUp();
    make_bucket("objects");
  }
};

TEST_F(S3ObjectsTest, AnObjectComesBackWithItsHeaders) {
  const S3Answer stored = put("/objects/a/b.txt", "hello",
                              {{"Content-Type", "text/plain"},
                               {"Cache-Control", "max-age=1"},
                               {"Expires", "whenever"},
                               {"Content-Encoding", "gzip,aws-chunked"},
                               {"x-amz-meta-Colour", "blue"},
                               {"x-amz-tagging", "a=1&b=2"},
                               {"x-amz-storage-class", "STANDARD_IA"}});
  ASSERT_EQ(stored.status, 200) << stored.body;
  EXPECT_EQ(stored.header("ETag"), "\"5d41402abc4b2a76b9719d911017c592\"");
  EXPECT_EQ(stored.header("x-amz-server-side-encryption"), "AES256");
  EXPECT_EQ(stored.header("x-amz-checksum-type"), "FULL_OBJECT");
  EXPECT_EQ(stored.header("x-amz-checksum-crc64nvme"), "M3eFcAZSQlc=");
  const S3Answer read = get("/objects/a/b.txt");
  EXPECT_EQ(read.body, "hello");
  EXPECT_EQ(read.header("Content-Type"), "text/plain");
  EXPECT_EQ(read.header("Cache-Control"), "max-age=1");
  EXPECT_EQ(read.header("Expires"), "whenever");
  EXPECT_EQ(read.header("Content-Encoding"), "gzip");
  EXPECT_EQ(read.header("x-amz-meta-colour"), "blue");
  EXPECT_EQ(read.header("x-amz-tagging-count"), "2");
  EXPECT_EQ(read.header("x-amz-storage-class"), "STANDARD_IA");
  EXPECT_EQ(read.header("Accept-Ranges"), "bytes");
  EXPECT_EQ(read.header("x-amz-version-id"), "");
  EXPECT_EQ(read.header("x-amz-checksum-crc64nvme"), "") << "only when asked for";
  const S3Answer head = send("HEAD", "/objects/a/b.txt", "", {{"x-amz-checksum-mode", "ENABLED"}});
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("Content-Length"), "5");
  EXPECT_EQ(head.header("x-amz-checksum-crc64nvme"), "M3eFcAZSQlc=");
  ASSERT_EQ(put("/objects/plain", "x").status, 200);
  EXPECT_EQ(get("/objects/plain").header("Content-Type"), "binary/octet-stream");
}

TEST_F(S3ObjectsTest, BodiesOfEverySizeComeBack) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{32767}, size_t{32768}, size_t{262144},
                            size_t{262145}, size_t{3000000}}) {
    std::string body(size, '\0');
    for (size_t i = 0; i < size; i++) body[i] = static_cast<char>(i * 31 + i / 251);
    ASSERT_EQ(put("/objects/sized", body).status, 200) << size;
    const S3Answer read = get("/objects/sized");
    EXPECT_EQ(read.status, 200);
    EXPECT_TRUE(read.body == body) << size;
    EXPECT_EQ(read.header("Content-Length"), std::to_string(size));
  }
}

TEST_F(S3ObjectsTest, KeysAreKeptAsTheyAre) {
  // The key as sent, encoded, and as it is listed.
  const std::pair<const char*, const char*> kKeys[] = {
      {"%2Fleading", "/leading"}, {"a//b", "a//b"},
      {"../up", "../up"},         {"./here", "./here"},
      {"trailing/", "trailing/"}, {"a+b", "a+b"},
      {"a%20b", "a b"},           {"a%2Bb%25", "a+b%"},
      {"%C3%A9", "\xC3\xA9"},     {"a%26b%3Cc", "a&amp;b&lt;c"},
  };
  for (const auto& [sent, listed] : kKeys) {
    ASSERT_EQ(put(std::string("/objects/") + sent, sent).status, 200) << sent;
    EXPECT_EQ(get(std::string("/objects/") + sent).body, sent);
    EXPECT_EQ(get("/objects?list-type=2").xml("Key"), listed);
    EXPECT_EQ(drop(std::string("/objects/") + sent).status, 204);
  }
  EXPECT_EQ(put("/objects/" + std::string(1024, 'k'), "x").status, 200);
  EXPECT_EQ(put("/objects/" + std::string(1025, 'k'), "x").error(), "KeyTooLongError");
  EXPECT_EQ(put("/objects/%FF", "x").error(), "InvalidURI");
}

TEST_F(S3ObjectsTest, RangesAreReadAsS3Does) {
  ASSERT_EQ(put("/objects/digits", "0123456789").status, 200);
  const auto range = [this](const char* text) { return get("/objects/digits", {{"Range", text}}); };
  const S3Answer part = range("bytes=2-4");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "234");
  EXPECT_EQ(part.header("Content-Range"), "bytes 2-4/10");
  EXPECT_EQ(range("bytes=7-").body, "789");
  EXPECT_EQ(range("bytes=-2").body, "89");
  EXPECT_EQ(range("bytes=-20").body, "0123456789");
  EXPECT_EQ(range("bytes=8-100").body, "89");
  for (const char* garbage : {"bytes=5-2", "bytes=", "bytes=a-b", "lines=1-2", "bytes=0-1,3-4"}) {
    EXPECT_EQ(range(garbage).status, 200) << garbage;
    EXPECT_EQ(range(garbage).body, "0123456789") << garbage;
  }
  const S3Answer beyond = range("bytes=10-");
  EXPECT_EQ(beyond.status, 416);
  EXPECT_EQ(beyond.error(), "InvalidRange");
  EXPECT_EQ(beyond.xml("ActualObjectSize"), "10");
  EXPECT_EQ(beyond.xml("RangeRequested"), "bytes=10-");
  const S3Answer checked =
      get("/objects/digits", {{"Range", "bytes=0-1"}, {"x-amz-checksum-mode", "ENABLED"}});
  EXPECT_EQ(checked.header("x-amz-checksum-crc64nvme"), "") << "a part has no sum of the whole";
}

TEST_F(S3ObjectsTest, APartNumberOfAPlainObjectIsAllOfIt) {
  ASSERT_EQ(put("/objects/plain", "hello").status, 200);
  const S3Answer first = get("/objects/plain?partNumber=1");
  EXPECT_EQ(first.status, 206);
  EXPECT_EQ(first.header("Content-Range"), "bytes 0-4/5");
  const S3Answer second = get("/objects/plain?partNumber=2");
  EXPECT_EQ(second.status, 416);
  EXPECT_EQ(second.error(), "InvalidPartNumber");
  EXPECT_EQ(second.xml("ActualPartCount"), "1");
  EXPECT_EQ(get("/objects/plain?partNumber=0").error(), "InvalidArgument");
  EXPECT_EQ(get("/objects/plain?partNumber=1", {{"Range", "bytes=0-1"}}).error(), "InvalidRequest");
}

TEST_F(S3ObjectsTest, ReadsAreConditional) {
  const std::string etag = put("/objects/cond", "hello").header("ETag");
  EXPECT_EQ(get("/objects/cond", {{"If-Match", etag}}).status, 200);
  const S3Answer failed = get("/objects/cond", {{"If-Match", "\"other\""}});
  EXPECT_EQ(failed.status, 412);
  EXPECT_EQ(failed.error(), "PreconditionFailed");
  EXPECT_EQ(failed.xml("Condition"), "If-Match");
  const S3Answer same = get("/objects/cond", {{"If-None-Match", etag}});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.header("ETag"), etag);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(get("/objects/cond", {{"If-None-Match", "\"other\""}}).status, 200);
  const std::string past = "Sat, 01 Jan 2000 00:00:00 GMT";
  const std::string future = "Fri, 01 Jan 2100 00:00:00 GMT";
  EXPECT_EQ(get("/objects/cond", {{"If-Modified-Since", future}}).status, 304);
  EXPECT_EQ(get("/objects/cond", {{"If-Modified-Since", past}}).status, 200);
  EXPECT_EQ(get("/objects/cond", {{"If-Unmodified-Since", past}}).status, 412);
  EXPECT_EQ(get("/objects/cond", {{"If-Unmodified-Since", past}, {"If-Match", etag}}).status, 200);
  EXPECT_EQ(send("HEAD", "/objects/cond", "", {{"If-Match", "\"other\""}}).status, 412);
}

TEST_F(S3ObjectsTest, WritesAreConditional) {
  EXPECT_EQ(put("/objects/cond", "1", {{"If-None-Match", "*"}}).status, 200);
  const S3Answer there = put("/objects/cond", "2", {{"If-None-Match", "*"}});
  EXPECT_EQ(there.status, 412);
  EXPECT_EQ(there.xml("Condition"), "If-None-Match");
  const std::string etag = get("/objects/cond").header("ETag");
  EXPECT_EQ(put("/objects/cond", "3", {{"If-Match", etag}}).status, 200);
  EXPECT_EQ(put("/objects/cond", "4", {{"If-Match", etag}}).status, 412);
  const S3Answer missing = put("/objects/none", "5", {{"If-Match", etag}});
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.error(), "NoSuchKey");
  EXPECT_EQ(get("/objects/cond").body, "3");
  EXPECT_EQ(drop("/objects/cond", {{"If-Match", "\"other\""}}).status, 412);
  EXPECT_EQ(drop("/objects/cond", {{"x-amz-if-match-size", "1"}}).status, 501);
  EXPECT_EQ(get("/objects/cond").status, 200);
}

TEST_F(S3ObjectsTest, AnswersMayBeOverridden) {
  ASSERT_EQ(put("/objects/over", "x").status, 200);
  const S3Answer read = get(
      "/objects/over?response-content-type=text%2Fcss&response-content-disposition=attachment"
      "&response-cache-control=no-store&response-expires=Thu%2C%2001%20Dec%201994%2016%3A00%3A00"
      "%20GMT");
  EXPECT_EQ(read.header("Content-Type"), "text/css");
  EXPECT_EQ(read.header("Content-Disposition"), "attachment");
  EXPECT_EQ(read.header("Cache-Control"), "no-store");
  EXPECT_EQ(read.header("Expires"), "Thu, 01 Dec 1994 16:00:00 GMT");
}

TEST_F(S3ObjectsTest, WhatIsNotThereIsNamed) {
  const S3Answer key = get("/objects/none");
  EXPECT_EQ(key.status, 404);
  EXPECT_EQ(key.error(), "NoSuchKey");
  EXPECT_EQ(key.xml("Key"), "none");
  EXPECT_EQ(send("HEAD", "/objects/none").body, "");
  EXPECT_EQ(get("/nowhere/key").error(), "NoSuchBucket");
  EXPECT_EQ(put("/nowhere/key", "x").error(), "NoSuchBucket");
  EXPECT_EQ(drop("/objects/none").status, 204);
}

TEST_F(S3ObjectsTest, MetadataIsBoundedAndSafe) {
  EXPECT_EQ(put("/objects/meta", "x", {{"x-amz-meta-a", std::string(2048, 'v')}}).error(),
            "MetadataTooLarge");
  ASSERT_EQ(put("/objects/meta", "x", {{"x-amz-meta-a", "\xC3\xA9"}}).status, 200);
  EXPECT_EQ(get("/objects/meta").header("x-amz-meta-a"), "=?UTF-8?B?w6k=?=");
  EXPECT_EQ(put("/objects/meta", "x", {{"x-amz-storage-class", "COLD"}}).error(),
            "InvalidStorageClass");
}

TEST_F(S3ObjectsTest, WhatIsNotBuiltIsRefusedByName) {
  const Fields kHeaders[] = {
      {{"x-amz-server-side-encryption", "aws:fsx"}},
      {{"x-amz-write-offset-bytes", "0"}},
  };
  for (const Fields& fields : kHeaders) {
    const S3Answer refused = put("/objects/unbuilt", "x", fields);
    EXPECT_EQ(refused.status, 501) << fields.begin()->first;
    EXPECT_EQ(refused.xml("Header"), fields.begin()->first);
  }
  EXPECT_EQ(put("/objects/unbuilt", "x", {{"x-amz-acl", "public-read"}}).error(),
            "AccessControlListNotSupported");
  EXPECT_EQ(get("/objects/unbuilt").status, 404);
}

TEST_F(S3ObjectsTest, ManyAreDeletedAtOnce) {
  for (const char* key : {"a", "b", "c"})
    ASSERT_EQ(put("/objects/" + std::string(key), "x").status, 200);
  const std::string body =
      "<Delete><Object><Key>a</Key></Object><Object><Key>none</Key></Object></Delete>";
  EXPECT_EQ(send("POST", "/objects?delete", body).error(), "InvalidRequest") << "no digest";
  const Fields crc = {{"x-amz-checksum-crc32", "AAAAAA=="}};
  EXPECT_EQ(send("POST", "/objects?delete", body, crc).error(), "BadDigest");
  const Fields digest = {{"Content-MD5", to_base64(md5(body))}};
  const S3Answer done = send("POST", "/objects?delete", body, digest);
  EXPECT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(done.all("Key"), "a none");
  EXPECT_EQ(get("/objects?list-type=2").all("Key"), "b c");
  const std::string quiet = "<Delete><Quiet>true</Quiet><Object><Key>b</Key></Object></Delete>";
  const S3Answer silent =
      send("POST", "/objects?delete", quiet, {{"Content-MD5", to_base64(md5(quiet))}});
  EXPECT_EQ(silent.all("Key"), "");
  EXPECT_EQ(get("/objects?list-type=2").all("Key"), "c");
}

TEST_F(S3ObjectsTest, ObjectsAreCopied) {
  ASSERT_EQ(put("/objects/from%20here", "hello",
                {{"Content-Type", "text/plain"}, {"x-amz-meta-a", "1"}, {"x-amz-tagging", "t=1"}})
                .status,
            200);
  const Fields source = {{"x-amz-copy-source", "/objects/from%20here"}};
  const S3Answer copied = put("/objects/to", "", source);
  ASSERT_EQ(copied.status, 200) << copied.body;
  EXPECT_EQ(copied.xml("ETag"), "&quot;5d41402abc4b2a76b9719d911017c592&quot;");
  const S3Answer read = get("/objects/to");
  EXPECT_EQ(read.body, "hello");
  EXPECT_EQ(read.header("Content-Type"), "text/plain");
  EXPECT_EQ(read.header("x-amz-meta-a"), "1");
  EXPECT_EQ(read.header("x-amz-tagging-count"), "1");
  const S3Answer replaced = put("/objects/to", "",
                                {{"x-amz-copy-source", "objects/to"},
                                 {"x-amz-metadata-directive", "REPLACE"},
                                 {"Content-Type", "text/css"}});
  EXPECT_EQ(replaced.status, 200) << replaced.body;
  EXPECT_EQ(get("/objects/to").header("Content-Type"), "text/css");
  EXPECT_EQ(get("/objects/to").header("x-amz-meta-a"), "");
  const S3Answer itself = put("/objects/to", "", {{"x-amz-copy-source", "objects/to"}});
  EXPECT_EQ(itself.status, 400);
  EXPECT_EQ(itself.error(), "InvalidRequest");
  const S3Answer none = put("/objects/x", "", {{"x-amz-copy-source", "objects/none"}});
  EXPECT_EQ(none.error(), "NoSuchKey");
  const S3Answer stale =
      put("/objects/x", "",
          {{"x-amz-copy-source", "objects/to"}, {"x-amz-copy-source-if-match", "\"other\""}});
  EXPECT_EQ(stale.status, 412);
  EXPECT_EQ(put("/objects/x", "", {{"x-amz-copy-source", "objects"}}).error(), "InvalidArgument");
}

TEST_F(S3ObjectsTest, ObjectsKeepTags) {
  ASSERT_EQ(put("/objects/tags", "x").status, 200);
  const std::string set =
      "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>";
  EXPECT_EQ(put("/objects/tags?tagging", set).status, 200);
  EXPECT_EQ(get("/objects/tags?tagging").xml("Value"), "v");
  EXPECT_EQ(get("/objects/tags").body, "x");
  EXPECT_EQ(drop("/objects/tags?tagging").status, 204);
  EXPECT_EQ(get("/objects/tags?tagging").all("Key"), "");
  const std::string twice =
      "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag><Tag><Key>k</Key><Value>w</Value>"
      "</Tag></TagSet></Tagging>";
  EXPECT_EQ(put("/objects/tags?tagging", twice).error(), "InvalidTag");
}

TEST_F(S3ObjectsTest, AttributesAreShown) {
  ASSERT_EQ(put("/objects/attr", "hello").status, 200);
  const S3Answer shown =
      get("/objects/attr?attributes",
          {{"x-amz-object-attributes", "ETag,ObjectSize,StorageClass,Checksum,ObjectParts"}});
  EXPECT_EQ(shown.status, 200) << shown.body;
  EXPECT_EQ(shown.xml("ETag"), "5d41402abc4b2a76b9719d911017c592");
  EXPECT_EQ(shown.xml("ObjectSize"), "5");
  EXPECT_EQ(shown.xml("StorageClass"), "STANDARD");
  EXPECT_EQ(shown.xml("ChecksumCRC64NVME"), "M3eFcAZSQlc=");
  EXPECT_EQ(shown.body.find("ObjectParts"), std::string::npos);
}

TEST_F(S3ObjectsTest, HostileXmlIsMalformed) {
  const std::string deep = [] {
    std::string text = "<Tagging>";
    for (int i = 0; i < 5000; i++) text += "<TagSet>";
    return text;
  }();
  for (const std::string& body :
       {std::string("<Tagging"), std::string("<Other/>"), std::string("not xml"), deep,
        std::string("<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><Tagging><TagSet>"
                    "<Tag><Key>&e;</Key><Value>v</Value></Tag></TagSet></Tagging>"),
        std::string("<Tagging><TagSet><Tag><Key>&#xD800;</Key><Value>v</Value></Tag></TagSet>"
                    "</Tagging>"),
        std::string("<Tagging>\xFF</Tagging>")}) {
    const S3Answer refused = put("/objects?tagging", body);
    EXPECT_EQ(refused.status, 400) << body.substr(0, 60);
    EXPECT_EQ(refused.error(), "MalformedXML") << body.substr(0, 60);
  }
  EXPECT_EQ(put("/objects?tagging").error(), "MissingRequestBodyError");
}

}  // namespace
}  // namespace paddock::testing
