// Bodies as the SDKs send them: aws-chunked with and without trailers, checksums, digests, lengths.
#include "core/digest.hpp"
#include "core/text.hpp"
#include "fixture.hpp"
#include "services/s3/checksums.hpp"
#include "services/s3/chunked.hpp"

namespace paddock::testing {
namespace {

namespace s3 = services::s3;

class S3BodiesTest : public S3Test {
 protected:
  void SetUp() override {
    S3Test::SetUp();
    make_bucket("bodies");
  }
  static std::string chunks(const std::string& body, const std::string& extension,
                            const std::string& trailer) {
    char size[32];
    std::snprintf(size, sizeof size, "%zx", body.size());
    return std::string(size) + extension + "\r\n" + body + "\r\n0" + extension + "\r\n" + trailer +
           "\r\n";
  }
  static Fields streaming(const std::string& kind, size_t length, const std::string& trailer = "") {
    Fields fields = {{"x-amz-content-sha256", "STREAMING-" + kind},
                     {"x-amz-decoded-content-length", std::to_string(length)}};
    if (!trailer.empty()) fields.emplace("x-amz-trailer", trailer);
    return fields;
  }
};

TEST_F(S3BodiesTest, ChunkedBodiesAreDecodedWhateverTheirKind) {
  const std::string signed_chunk = ";chunk-signature=" + std::string(64, 'a');
  const std::string crc = "x-amz-checksum-crc32:NhCmhg==\r\n";
  const auto store = [this](const std::string& body, Fields fields) {
    const S3Answer stored = put("/bodies/chunked", body, fields);
    EXPECT_EQ(stored.status, 200) << stored.body;
    EXPECT_EQ(get("/bodies/chunked").body, "hello");
    EXPECT_EQ(get("/bodies/chunked").header("Content-Encoding"), "");
    return stored;
  };
  store(chunks("hello", signed_chunk, ""), streaming("AWS4-HMAC-SHA256-PAYLOAD", 5));
  const S3Answer unsigned_trailer = store(
      chunks("hello", "", crc), streaming("UNSIGNED-PAYLOAD-TRAILER", 5, "x-amz-checksum-crc32"));
  EXPECT_EQ(unsigned_trailer.header("x-amz-checksum-crc32"), "NhCmhg==");
  store(chunks("hello", signed_chunk,
               crc + "x-amz-trailer-signature:" + std::string(64, 'b') + "\r\n"),
        streaming("AWS4-HMAC-SHA256-PAYLOAD-TRAILER", 5, "x-amz-checksum-crc32"));
}

TEST_F(S3BodiesTest, BrokenFramingIsAnIncompleteBody) {
  for (const char* body :
       {"5\r\nhel", "zz\r\nhello\r\n0\r\n\r\n", "5\r\nhelloX\r\n0\r\n\r\n", "5\r\nhello\r\n", "",
        "3\r\nhel\r\n0\r\n\r\n", "6\r\nhello!\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\nmore"}) {
    const S3Answer refused = put("/bodies/broken", body, streaming("UNSIGNED-PAYLOAD-TRAILER", 5));
    EXPECT_EQ(refused.error(), "IncompleteBody") << body;
    EXPECT_EQ(refused.status, 400);
  }
  EXPECT_EQ(get("/bodies/broken").status, 404);
}

TEST_F(S3BodiesTest, TrailersAreVerified) {
  const Fields fields = streaming("UNSIGNED-PAYLOAD-TRAILER", 5, "x-amz-checksum-crc32");
  const S3Answer wrong =
      put("/bodies/t", chunks("hello", "", "x-amz-checksum-crc32:AAAAAA==\r\n"), fields);
  EXPECT_EQ(wrong.error(), "BadDigest");
  EXPECT_EQ(wrong.xml("Message"), "The CRC32 you specified did not match the calculated checksum.");
  EXPECT_EQ(put("/bodies/t", chunks("hello", "", ""), fields).error(), "MalformedTrailerError");
  EXPECT_EQ(put("/bodies/t", chunks("hello", "", "x-amz-checksum-crc32:!\r\n"), fields).error(),
            "InvalidRequest");
}

TEST_F(S3BodiesTest, EveryChecksumIsVerifiedAndKept) {
  const std::pair<s3::Algorithm, const char*> kValues[] = {
      {s3::Algorithm::crc32, "NhCmhg=="},
      {s3::Algorithm::crc32c, "mnG7TA=="},
      {s3::Algorithm::crc64nvme, "M3eFcAZSQlc="},
      {s3::Algorithm::sha1, "qvTGHdzF6KLavt4PO0gs2a6pQ00="},
      {s3::Algorithm::sha256, "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="},
  };
  for (const auto& [algorithm, value] : kValues) {
    const std::string header = s3::header_of(algorithm);
    const S3Answer stored = put("/bodies/sum", "hello", {{header, value}});
    EXPECT_EQ(stored.status, 200) << header << stored.body;
    EXPECT_EQ(stored.header(header), value);
    EXPECT_EQ(get("/bodies/sum", {{"x-amz-checksum-mode", "ENABLED"}}).header(header), value);
    const S3Answer wrong = put("/bodies/sum", "other", {{header, value}});
    EXPECT_EQ(wrong.error(), "BadDigest") << header;
    const S3Answer invalid = put("/bodies/sum", "hello", {{header, "nonsense"}});
    EXPECT_EQ(invalid.xml("Message"), "Value for " + header + " header is invalid.");
  }
  const S3Answer two = put("/bodies/sum", "hello",
                           {{"x-amz-checksum-crc32", "NhCmhg=="},
                            {"x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00="}});
  EXPECT_EQ(two.xml("Message"),
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
  EXPECT_EQ(put("/bodies/sum", "hello", {{"x-amz-sdk-checksum-algorithm", "CRC32"}}).error(),
            "InvalidRequest");
}

TEST_F(S3BodiesTest, AChecksumInTheQueryIsIgnored) {
  EXPECT_EQ(put("/bodies/query?x-amz-checksum-crc32=AAAAAA%3D%3D", "hello").status, 200);
}

TEST_F(S3BodiesTest, ContentMd5IsVerified) {
  EXPECT_EQ(put("/bodies/md5", "hello", {{"Content-MD5", to_base64(md5("hello"))}}).status, 200);
  const S3Answer wrong = put("/bodies/md5", "other", {{"Content-MD5", to_base64(md5("hello"))}});
  EXPECT_EQ(wrong.error(), "BadDigest");
  EXPECT_EQ(wrong.xml("ExpectedDigest"), to_hex(md5("hello")));
  EXPECT_EQ(wrong.xml("CalculatedDigest"), to_base64(md5("other")));
  for (const char* invalid : {"__invalid__", "000", "MTIz", "dGVzdC1zdHJpbmc="}) {
    EXPECT_EQ(put("/bodies/md5", "hello", {{"Content-MD5", invalid}}).error(), "InvalidDigest");
  }
}

TEST_F(S3BodiesTest, ALengthIsNeededUnlessTheContentsIsSaid) {
  const std::string head =
      "PUT /bodies/raw HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: " +
      signature("test", "us-east-1") +
      "\r\nX-Amz-Date: 20261120T000000Z\r\n"
      "Transfer-Encoding: chunked\r\n";
  const std::string plain = send_raw(head + "\r\n5\r\nhello\r\n0\r\n\r\n");
  EXPECT_NE(plain.find(" 411 "), std::string::npos) << plain;
  EXPECT_NE(plain.find("MissingContentLength"), std::string::npos);
  const std::string body = chunks("hello", "", "");
  char size[16];
  std::snprintf(size, sizeof size, "%zx", body.size());
  const std::string decoded =
      send_raw(head +
               "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n"
               "x-amz-decoded-content-length: 5\r\n\r\n" +
               size + "\r\n" + body + "\r\n0\r\n\r\n");
  EXPECT_NE(decoded.find(" 200 "), std::string::npos) << decoded;
  EXPECT_EQ(get("/bodies/raw").body, "hello");
}

TEST_F(S3BodiesTest, ARefusalComesWithoutContinue) {
  const std::string rest = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: " +
                           signature("test", "us-east-1") +
                           "\r\nX-Amz-Date: 20261120T000000Z\r\nExpect: 100-continue\r\n"
                           "Content-Length: 5\r\n\r\n";
  const std::string refused = send_raw("PUT /no-such-bucket/key" + rest);
  EXPECT_EQ(refused.find("100 Continue"), std::string::npos) << refused;
  EXPECT_NE(refused.find("NoSuchBucket"), std::string::npos);
  const std::string stored = send_raw("PUT /bodies/expected" + rest, "hello");
  EXPECT_TRUE(stored.starts_with("HTTP/1.1 100 Continue\r\n")) << stored;
  EXPECT_NE(stored.find(" 200 OK"), std::string::npos);
}

TEST_F(S3BodiesTest, ABodyLargerThanAnUploadIsRefusedUnread) {
  const std::string refused = send_raw(
      "PUT /bodies/huge HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: " +
      signature("test", "us-east-1") +
      "\r\nX-Amz-Date: 20261120T000000Z\r\nContent-Length: 5368709121\r\n\r\n");
  EXPECT_NE(refused.find("EntityTooLarge"), std::string::npos) << refused;
}

TEST_F(S3BodiesTest, ChunksMayBeCutAnywhere) {
  const std::string body = chunks("hello, world", ";chunk-signature=abc", "name: value\r\n");
  for (size_t step = 1; step < 9; step++) {
    s3::ChunkDecoder decoder;
    std::string out;
    for (size_t at = 0; at < body.size(); at += step) {
      decoder.feed(std::string_view(body).substr(at, step), out);
    }
    EXPECT_TRUE(decoder.done());
    EXPECT_EQ(out, "hello, world");
    ASSERT_EQ(decoder.trailers().size(), 1u);
    EXPECT_EQ(decoder.trailers()[0].second, "value");
  }
  s3::ChunkDecoder endless;
  std::string out;
  EXPECT_THROW(endless.feed(std::string(10'000, '1'), out), AwsError);
}

}  // namespace
}  // namespace paddock::testing
