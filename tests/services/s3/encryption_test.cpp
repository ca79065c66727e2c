// Encryption with the customer's key, and with keys of KMS in name.
#include "acting_fixture.hpp"
#include "core/cipher.hpp"
#include "core/digest.hpp"

namespace paddock::testing {
namespace {

class S3EncryptionTest : public ActingS3Test {
 protected:
  S3EncryptionTest() { make_bucket("secrets"); }

  static Fields key_fields(const std::string& key, const std::string& before = "x-amz-") {
    const std::string header = before + "server-side-encryption-customer-";
    return {{header + "algorithm", "AES256"},
            {header + "key", to_base64(key)},
            {header + "key-MD5", to_base64(md5(key))}};
  }
  static Fields both(Fields one, const Fields& other) {
    one.insert(other.begin(), other.end());
    return one;
  }
  const std::string key = "0123456789abcdef0123456789abcdef";
  const std::string other_key = "fedcba9876543210fedcba9876543210";
  const Fields mine = key_fields(key);
};

TEST_F(S3EncryptionTest, AnObjectIsReadWithItsKeyAlone) {
  const S3Answer made = put("/secrets/a", "test_data", mine);
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(made.header("x-amz-server-side-encryption-customer-algorithm"), "AES256");
  EXPECT_EQ(made.header("x-amz-server-side-encryption-customer-key-MD5"), to_base64(md5(key)));
  EXPECT_EQ(made.header("x-amz-server-side-encryption"), "");
  EXPECT_NE(made.header("etag"), "\"" + to_hex(md5("test_data")) + "\"");
  const S3Answer got = get("/secrets/a", mine);
  EXPECT_EQ(got.body, "test_data");
  EXPECT_EQ(got.header("x-amz-server-side-encryption-customer-algorithm"), "AES256");
  EXPECT_EQ(got.header("etag"), made.header("etag"));
  EXPECT_EQ(head("/secrets/a", mine).status, 200);
  const S3Answer without = get("/secrets/a");
  EXPECT_EQ(without.error(), "InvalidRequest");
  EXPECT_EQ(without.xml("Message"),
            "The object was stored using a form of Server Side Encryption. The correct parameters "
            "must be provided to retrieve the object.");
  EXPECT_EQ(head("/secrets/a").status, 400);
  const S3Answer wrong = get("/secrets/a", key_fields(other_key));
  EXPECT_EQ(wrong.status, 403);
  EXPECT_EQ(wrong.error(), "AccessDenied");
  EXPECT_EQ(wrong.xml("Message"),
            "Requests specifying Server Side Encryption with Customer provided keys must provide "
            "the correct secret key.");
  put("/secrets/plain", "x");
  EXPECT_EQ(get("/secrets/plain", mine).error(), "InvalidRequest");
}

TEST_F(S3EncryptionTest, WhatIsStoredIsEncrypted) {
  const std::string text = "a text that must not be found in the store";
  put("/secrets/a", text, mine);
  size_t rows = 0;
  for (auto at = emulator_->platform().database.iterate_prefix(storage::Family::rows, "");
       at.valid(); at.next()) {
    ++rows;
    EXPECT_EQ(std::string(at.value()).find("must not be found"), std::string::npos);
    EXPECT_EQ(std::string(at.value()).find(key), std::string::npos);
  }
  EXPECT_GT(rows, 0u);
}

TEST_F(S3EncryptionTest, RangesOfLargeObjectsAreDecrypted) {
  std::string text;
  for (int i = 0; text.size() < 700'000; i++) text += std::to_string(i) + ",";
  ASSERT_EQ(put("/secrets/large", text, mine).status, 200);
  EXPECT_TRUE(get("/secrets/large", mine).body == text);
  for (const size_t first : {size_t{0}, size_t{15}, size_t{16}, size_t{300'001}}) {
    const std::string range = "bytes=" + std::to_string(first) + "-" + std::to_string(first + 99);
    const S3Answer part = get("/secrets/large", both(mine, {{"range", range}}));
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, text.substr(first, 100)) << first;
  }
}

TEST_F(S3EncryptionTest, UploadsInPartsUseOneKey) {
  const S3Answer made = post("/secrets/mp?uploads", "", mine);
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(made.header("x-amz-server-side-encryption-customer-algorithm"), "AES256");
  const std::string upload = "uploadId=" + made.xml("UploadId");
  EXPECT_EQ(put("/secrets/mp?partNumber=1&" + upload, "x").xml("Message"),
            "The multipart upload initiate requested encryption. Subsequent part requests must "
            "include the appropriate encryption parameters.");
  EXPECT_EQ(put("/secrets/mp?partNumber=1&" + upload, "x", key_fields(other_key)).xml("Message"),
            "The provided encryption parameters did not match the ones used originally.");
  const std::string first(5 << 20, 'a');
  std::string parts;
  for (const auto& [number, text] :
       {std::pair<std::string, std::string>{"1", first}, {"2", "end"}}) {
    const S3Answer sent = put("/secrets/mp?partNumber=" + number + "&" + upload, text, mine);
    ASSERT_EQ(sent.status, 200) << sent.body;
    parts += "<Part><PartNumber>" + number + "</PartNumber><ETag>" + sent.header("etag") +
             "</ETag></Part>";
  }
  const S3Answer done = post("/secrets/mp?" + upload,
                             "<CompleteMultipartUpload>" + parts + "</CompleteMultipartUpload>");
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_TRUE(get("/secrets/mp", mine).body == first + "end");
  const std::string range = "bytes=" + std::to_string(first.size() - 2) + "-";
  EXPECT_EQ(get("/secrets/mp", both(mine, {{"range", range}})).body, "aaend");
  EXPECT_EQ(get("/secrets/mp").error(), "InvalidRequest");
}

TEST_F(S3EncryptionTest, CopiesAreOpenedAndClosedWithKeys) {
  put("/secrets/a", "test_data", mine);
  const Fields from{{"x-amz-copy-source", "/secrets/a"}};
  const Fields opening = both(from, key_fields(key, "x-amz-copy-source-"));
  EXPECT_EQ(put("/secrets/b", "", from).error(), "InvalidRequest");
  const S3Answer plain = put("/secrets/b", "", opening);
  ASSERT_EQ(plain.status, 200) << plain.body;
  EXPECT_EQ(plain.header("x-amz-server-side-encryption"), "AES256");
  EXPECT_EQ(get("/secrets/b").body, "test_data");
  const S3Answer closed = put("/secrets/c", "", both(opening, key_fields(other_key)));
  ASSERT_EQ(closed.status, 200) << closed.body;
  EXPECT_EQ(get("/secrets/c", key_fields(other_key)).body, "test_data");
  EXPECT_EQ(get("/secrets/c", mine).status, 403);
}

TEST_F(S3EncryptionTest, HeadersAreCheckedInAwsWords) {
  const auto refused = [&](Fields fields) { return put("/secrets/no", "x", fields); };
  const std::string before = "x-amz-server-side-encryption-customer-";
  const auto with = [&](const std::string& name, const std::string& value) {
    Fields fields = mine;
    if (value.empty()) {
      fields.erase(before + name);
    } else {
      fields[before + name] = value;
    }
    return fields;
  };
  const S3Answer algorithm = refused(with("algorithm", "KMS"));
  EXPECT_EQ(algorithm.error(), "InvalidEncryptionAlgorithmError");
  EXPECT_EQ(algorithm.xml("ArgumentValue"), "KMS");
  EXPECT_EQ(refused(with("algorithm", "")).xml("Message"),
            "Requests specifying Server Side Encryption with Customer provided keys must provide a "
            "valid encryption algorithm.");
  EXPECT_EQ(refused(with("key", "")).xml("Message"),
            "Requests specifying Server Side Encryption with Customer provided keys must provide "
            "an appropriate secret key.");
  EXPECT_EQ(refused(with("key", to_base64("short"))).xml("Message"),
            "The secret key was invalid for the specified algorithm.");
  EXPECT_EQ(refused(with("key-MD5", to_base64(md5("other")))).xml("Message"),
            "The calculated MD5 hash of the key did not match the hash that was provided.");
  const S3Answer twice = refused(both(mine, {{"x-amz-server-side-encryption", "AES256"}}));
  EXPECT_EQ(twice.xml("Message"),
            "Server Side Encryption with Customer provided key is incompatible with the encryption "
            "method specified");
  EXPECT_EQ(twice.xml("ArgumentValue"), "AES256");
}

TEST_F(S3EncryptionTest, KeysOfKmsAreKeptInName) {
  const S3Answer made = put("/secrets/k", "x",
                            {{"x-amz-server-side-encryption", "aws:kms"},
                             {"x-amz-server-side-encryption-aws-kms-key-id", "1234"},
                             {"x-amz-server-side-encryption-bucket-key-enabled", "true"}});
  ASSERT_EQ(made.status, 200) << made.body;
  const S3Answer got = get("/secrets/k");
  for (const S3Answer& answer : {made, got}) {
    EXPECT_EQ(answer.header("x-amz-server-side-encryption"), "aws:kms");
    EXPECT_EQ(answer.header("x-amz-server-side-encryption-aws-kms-key-id"),
              "arn:aws:kms:us-east-1:000000000000:key/1234");
    EXPECT_EQ(answer.header("x-amz-server-side-encryption-bucket-key-enabled"), "true");
  }
  const S3Answer set =
      put("/secrets?encryption",
          "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>"
          "<SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault>"
          "<BucketKeyEnabled>true</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>");
  ASSERT_EQ(set.status, 200) << set.body;
  put("/secrets/d", "x");
  const S3Answer by_default = head("/secrets/d");
  EXPECT_EQ(by_default.header("x-amz-server-side-encryption"), "aws:kms");
  EXPECT_EQ(by_default.header("x-amz-server-side-encryption-bucket-key-enabled"), "true");
  EXPECT_EQ(head("/secrets/k").header("x-amz-server-side-encryption"), "aws:kms");
  put("/secrets/s", "x", {{"x-amz-server-side-encryption", "AES256"}});
  EXPECT_EQ(head("/secrets/s").header("x-amz-server-side-encryption"), "AES256");
}

TEST(Aes256CounterTest, AgreesWithTheStandardFromAnyOffset) {
  // NIST SP 800-38A, F.5.5.
  const auto bytes = [](const char* hex) { return *from_hex(hex); };
  const std::string key = bytes("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
  const std::string start = bytes("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
  const std::string plain = bytes(
      "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
      "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
  const std::string sealed = bytes(
      "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
      "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6");
  EXPECT_EQ(Aes256Counter(key, start).apply(plain), sealed);
  for (size_t offset = 0; offset < plain.size(); offset++) {
    EXPECT_EQ(Aes256Counter(key, start, offset).apply(sealed.substr(offset)), plain.substr(offset));
  }
  const std::string last(16, '\xff');
  const std::string zeros(32, '\0');
  EXPECT_EQ(Aes256Counter(key, last, 16).apply(zeros.substr(16)),
            Aes256Counter(key, last).apply(zeros).substr(16));
  EXPECT_THROW(Aes256Counter("short", start), std::invalid_argument);
}

}  // namespace
}  // namespace paddock::testing
