// Multipart uploads.
#include "core/digest.hpp"
#include "core/text.hpp"
#include "fixture.hpp"

namespace paddock::testing {
namespace {

constexpr size_t kFive = 5 * 1024 * 1024;

class S3MultipartTest : public S3Test {
 protected:
  void SetUp() override {
    S3Test::SetUp();
    make_bucket("multi");
  }
  std::string begin(const Fields& fields = {}, const std::string& key = "key") {
    const S3Answer begun = send("POST", "/multi/" + key + "?uploads", "", fields);
    EXPECT_EQ(begun.status, 200) << begun.body;
    return begun.xml("UploadId");
  }
  S3Answer upload(const std::string& id, int number, const std::string& body,
                  const Fields& fields = {}) {
    return put("/multi/key?partNumber=" + std::to_string(number) + "&uploadId=" + id, body, fields);
  }
  static std::string part_xml(int number, const std::string& etag, const std::string& more = "") {
    return "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>" + etag +
           "</ETag>" + more + "</Part>";
  }
  S3Answer complete(const std::string& id, const std::string& parts, const Fields& fields = {}) {
    return send("POST", "/multi/key?uploadId=" + id,
                "<CompleteMultipartUpload>" + parts + "</CompleteMultipartUpload>", fields);
  }
};

TEST_F(S3MultipartTest, PartsBecomeOneObject) {
  const std::string a(kFive, 'a');
  const std::string b = "the end";
  const std::string id = begin({{"Content-Type", "text/plain"}, {"x-amz-meta-m", "1"}});
  const std::string etag_b = upload(id, 2, b).header("ETag");
  const std::string etag_a = upload(id, 1, a).header("ETag");
  EXPECT_EQ(get("/multi/key").status, 404);
  const S3Answer done = complete(id, part_xml(1, etag_a) + part_xml(2, etag_b));
  ASSERT_EQ(done.status, 200) << done.body;
  const std::string expected = to_hex(md5(md5(a) + md5(b))) + "-2";
  EXPECT_EQ(done.xml("ETag"), "&quot;" + expected + "&quot;");
  EXPECT_EQ(done.xml("ChecksumType"), "FULL_OBJECT");
  EXPECT_NE(done.xml("ChecksumCRC64NVME"), "");
  const S3Answer read = get("/multi/key", {{"x-amz-checksum-mode", "ENABLED"}});
  EXPECT_TRUE(read.body == a + b);
  EXPECT_EQ(read.header("Content-Type"), "text/plain");
  EXPECT_EQ(read.header("x-amz-meta-m"), "1");
  ASSERT_EQ(put("/multi/whole", a + b).status, 200);
  EXPECT_EQ(
      read.header("x-amz-checksum-crc64nvme"),
      get("/multi/whole", {{"x-amz-checksum-mode", "ENABLED"}}).header("x-amz-checksum-crc64nvme"))
      << "the sums of the parts, joined";
  const S3Answer across = get("/multi/key", {{"Range", "bytes=5242878-5242883"}});
  EXPECT_EQ(across.body, "aathe ");
  const S3Answer second = get("/multi/key?partNumber=2");
  EXPECT_EQ(second.status, 206);
  EXPECT_EQ(second.body, b);
  EXPECT_EQ(second.header("x-amz-mp-parts-count"), "2");
  EXPECT_EQ(second.header("Content-Range"), "bytes 5242880-5242886/5242887");
  const S3Answer third = get("/multi/key?partNumber=3");
  EXPECT_EQ(third.error(), "InvalidPartNumber");
  EXPECT_EQ(third.xml("ActualPartCount"), "2");
  EXPECT_EQ(get("/multi/key?uploadId=" + id).error(), "NoSuchUpload");
  EXPECT_EQ(drop("/multi/key").status, 204);
  EXPECT_EQ(drop("/multi/whole").status, 204);
  EXPECT_EQ(drop("/multi").status, 204);
}

TEST_F(S3MultipartTest, TheRequestToCompleteIsChecked) {
  const std::string id = begin();
  const std::string small = upload(id, 1, "small").header("ETag");
  const std::string last = upload(id, 2, "last").header("ETag");
  const S3Answer refused = complete(id, part_xml(1, small) + part_xml(2, last));
  EXPECT_EQ(refused.error(), "EntityTooSmall");
  EXPECT_EQ(refused.xml("MinSizeAllowed"), "5242880");
  EXPECT_EQ(refused.xml("ProposedSize"), "5");
  EXPECT_EQ(complete(id, part_xml(2, last) + part_xml(1, small)).error(), "InvalidPartOrder");
  const S3Answer wrong = complete(id, part_xml(1, "\"" + std::string(32, '0') + "\""));
  EXPECT_EQ(wrong.error(), "InvalidPart");
  EXPECT_EQ(wrong.xml("PartNumber"), "1");
  EXPECT_EQ(complete(id, part_xml(7, small)).error(), "InvalidPart");
  EXPECT_EQ(complete(id, "").xml("Message"), "You must specify at least one part");
  EXPECT_EQ(complete(id, "<Part>").error(), "MalformedXML");
  EXPECT_EQ(complete("none", part_xml(1, small)).error(), "NoSuchUpload");
  const S3Answer size = complete(id, part_xml(1, small), {{"x-amz-mp-object-size", "4"}});
  EXPECT_EQ(size.error(), "InvalidRequest");
  EXPECT_EQ(size.xml("Message"),
            "The provided 'x-amz-mp-object-size' header value 4 does not match what was computed: "
            "5");
  ASSERT_EQ(put("/multi/key", "there").status, 200);
  EXPECT_EQ(complete(id, part_xml(1, small), {{"If-None-Match", "*"}}).status, 412);
  EXPECT_EQ(complete(id, part_xml(1, small)).status, 200) << "one small part is the last";
  EXPECT_EQ(complete(id, part_xml(1, small)).status, 200) << "asked again, it is answered again";
  EXPECT_EQ(complete(id, part_xml(2, small)).error(), "NoSuchUpload");
  EXPECT_EQ(get("/multi/key").body, "small");
}

TEST_F(S3MultipartTest, ChecksumsAreThoseOfTheUpload) {
  const std::string id = begin({{"x-amz-checksum-algorithm", "SHA256"}});
  const S3Answer mismatch = upload(id, 1, "hello", {{"x-amz-checksum-crc32", "NhCmhg=="}});
  EXPECT_EQ(mismatch.xml("Message"),
            "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum "
            "Type: crc32");
  const std::string sum = to_base64(sha256("hello"));
  const S3Answer part = upload(id, 1, "hello", {{"x-amz-checksum-sha256", sum}});
  ASSERT_EQ(part.status, 200) << part.body;
  EXPECT_EQ(part.header("x-amz-checksum-sha256"), sum);
  const std::string etag = part.header("ETag");
  EXPECT_EQ(complete(id, part_xml(1, etag)).xml("Message"),
            "The upload was created using a sha256 checksum. The complete request must include the "
            "checksum for each part. It was missing for part 1 in the request.");
  const std::string other = to_base64(sha256("other"));
  EXPECT_EQ(complete(id, part_xml(1, etag, "<ChecksumSHA256>" + other + "</ChecksumSHA256>"))
                .xml("Message"),
            "The sha256 you specified for part 1 did not match what we received.");
  const S3Answer done =
      complete(id, part_xml(1, etag, "<ChecksumSHA256>" + sum + "</ChecksumSHA256>"));
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(done.xml("ChecksumSHA256"), to_base64(sha256(sha256("hello"))) + "-1");
  EXPECT_EQ(done.xml("ChecksumType"), "COMPOSITE");
  const S3Answer attributes =
      get("/multi/key?attributes", {{"x-amz-object-attributes", "ObjectParts,Checksum"}});
  EXPECT_EQ(attributes.xml("PartsCount"), "1");
  EXPECT_EQ(attributes.all("ChecksumSHA256"), to_base64(sha256(sha256("hello"))) + " " + sum);
}

TEST_F(S3MultipartTest, SomeKindsOfChecksumExcludeEachOther) {
  const auto refused = [this](const Fields& fields) {
    return send("POST", "/multi/key?uploads", "", fields).xml("Message");
  };
  EXPECT_EQ(refused({{"x-amz-checksum-algorithm", "SHA1"}, {"x-amz-checksum-type", "FULL_OBJECT"}}),
            "The FULL_OBJECT checksum type cannot be used with the sha1 checksum algorithm.");
  EXPECT_EQ(
      refused({{"x-amz-checksum-algorithm", "CRC64NVME"}, {"x-amz-checksum-type", "COMPOSITE"}}),
      "The COMPOSITE checksum type cannot be used with the crc64nvme checksum algorithm.");
  EXPECT_EQ(refused({{"x-amz-checksum-type", "FULL_OBJECT"}}),
            "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm "
            "header.");
}

TEST_F(S3MultipartTest, PartsAreCopied) {
  ASSERT_EQ(put("/multi/source", "0123456789").status, 200);
  const std::string id = begin();
  const std::string target = "/multi/key?partNumber=1&uploadId=" + id;
  const S3Answer copied =
      put(target, "",
          {{"x-amz-copy-source", "multi/source"}, {"x-amz-copy-source-range", "bytes=2-4"}});
  ASSERT_EQ(copied.status, 200) << copied.body;
  EXPECT_EQ(copied.xml("ETag"), "&quot;" + to_hex(md5("234")) + "&quot;");
  for (const char* range : {"bytes=2-", "2-4", "bytes=4-2"}) {
    EXPECT_EQ(
        put(target, "", {{"x-amz-copy-source", "multi/source"}, {"x-amz-copy-source-range", range}})
            .error(),
        "InvalidArgument");
  }
  EXPECT_EQ(put(target, "",
                {{"x-amz-copy-source", "multi/source"}, {"x-amz-copy-source-range", "bytes=0-10"}})
                .xml("Message"),
            "Range specified is not valid for source object of size: 10");
  EXPECT_EQ(complete(id, part_xml(1, "\"" + to_hex(md5("234")) + "\"")).status, 200);
  EXPECT_EQ(get("/multi/key").body, "234");
}

TEST_F(S3MultipartTest, PartsAreListedInPages) {
  const std::string id = begin();
  for (int number : {1, 3, 7}) upload(id, number, "part");
  upload(id, 3, "again");
  const S3Answer all = get("/multi/key?uploadId=" + id);
  EXPECT_EQ(all.all("PartNumber"), "1 3 7") << all.body;
  EXPECT_EQ(all.all("Size"), "4 5 4");
  const S3Answer first = get("/multi/key?max-parts=2&uploadId=" + id);
  EXPECT_EQ(first.all("PartNumber"), "1 3");
  EXPECT_EQ(first.xml("IsTruncated"), "true");
  EXPECT_EQ(first.xml("NextPartNumberMarker"), "3");
  EXPECT_EQ(get("/multi/key?part-number-marker=3&uploadId=" + id).all("PartNumber"), "7");
  EXPECT_EQ(put("/multi/key?partNumber=10001&uploadId=" + id, "x").xml("Message"),
            "Part number must be an integer between 1 and 10000, inclusive");
}

TEST_F(S3MultipartTest, UploadsAreListedAndAborted) {
  const std::string first = begin({}, "dir/a");
  const std::string second = begin({}, "dir/a");
  const std::string third = begin({}, "z");
  EXPECT_EQ(get("/multi?uploads").all("UploadId"), first + " " + second + " " + third);
  const S3Answer page = get("/multi?uploads&max-uploads=1");
  EXPECT_EQ(page.xml("IsTruncated"), "true");
  EXPECT_EQ(page.xml("NextKeyMarker"), "dir/a");
  EXPECT_EQ(page.xml("NextUploadIdMarker"), first);
  EXPECT_EQ(get("/multi?uploads&key-marker=dir/a&upload-id-marker=" + first).all("UploadId"),
            second + " " + third);
  EXPECT_EQ(get("/multi?uploads&key-marker=dir/a").all("UploadId"), third);
  const S3Answer rolled = get("/multi?uploads&delimiter=/");
  EXPECT_EQ(rolled.all("UploadId"), third);
  EXPECT_NE(rolled.body.find("<Prefix>dir/</Prefix>"), std::string::npos) << rolled.body;
  EXPECT_EQ(drop("/multi/z?uploadId=" + third).status, 204);
  EXPECT_EQ(drop("/multi/z?uploadId=" + third).error(), "NoSuchUpload");
  EXPECT_EQ(put("/multi/z?partNumber=1&uploadId=" + third, "x").error(), "NoSuchUpload");
  EXPECT_EQ(drop("/multi").status, 204) << "uploads do not keep a bucket";
}

}  // namespace
}  // namespace paddock::testing
