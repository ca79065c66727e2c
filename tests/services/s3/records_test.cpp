// Sub-resources of buckets that are kept as records.
#include "fixture.hpp"

namespace paddock::testing {
namespace {

class S3RecordsTest : public S3Test {
 protected:
  void SetUp() override {
    S3Test::SetUp();
    make_bucket("records");
  }
  // Puts, reads back, drops and finds none.
  void keep(const std::string& name, const std::string& body, const std::string& element,
            const std::string& text, const std::string& missing) {
    const S3Answer put_answer = put("/records?" + name, body);
    EXPECT_TRUE(put_answer.status == 200 || put_answer.status == 204) << put_answer.body;
    EXPECT_EQ(get("/records?" + name).xml(element), text) << get("/records?" + name).body;
    if (missing.empty()) return;
    EXPECT_EQ(drop("/records?" + name).status, 204) << name;
    const S3Answer none = get("/records?" + name);
    EXPECT_EQ(none.status, 404) << name;
    EXPECT_EQ(none.error(), missing) << name;
    EXPECT_EQ(none.xml("BucketName"), "records");
  }
};

TEST_F(S3RecordsTest, WhatWasPutIsGivenBack) {
  keep("cors",
       "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET"
       "</AllowedMethod></CORSRule></CORSConfiguration>",
       "AllowedMethod", "GET", "NoSuchCORSConfiguration");
  keep("lifecycle",
       "<LifecycleConfiguration><Rule><ID>one</ID><Filter><Prefix>a</Prefix></Filter><Status>"
       "Enabled</Status><Expiration><Days>3</Days></Expiration></Rule></LifecycleConfiguration>",
       "Days", "3", "NoSuchLifecycleConfiguration");
  keep("website",
       "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument>"
       "</WebsiteConfiguration>",
       "Suffix", "index.html", "NoSuchWebsiteConfiguration");
  keep("publicAccessBlock",
       "<PublicAccessBlockConfiguration><BlockPublicAcls>false</BlockPublicAcls>"
       "</PublicAccessBlockConfiguration>",
       "BlockPublicAcls", "false", "NoSuchPublicAccessBlockConfiguration");
  keep("ownershipControls",
       "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>"
       "</OwnershipControls>",
       "ObjectOwnership", "ObjectWriter", "OwnershipControlsNotFoundError");
  keep("requestPayment",
       "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>",
       "Payer", "Requester", "");
  keep("accelerate", "<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>",
       "Status", "Enabled", "");
}

TEST_F(S3RecordsTest, ANewBucketHasTheDefaultsOfToday) {
  EXPECT_EQ(get("/records?encryption").xml("SSEAlgorithm"), "AES256");
  EXPECT_EQ(get("/records?publicAccessBlock").xml("RestrictPublicBuckets"), "true");
  EXPECT_EQ(get("/records?ownershipControls").xml("ObjectOwnership"), "BucketOwnerEnforced");
  EXPECT_EQ(get("/records?requestPayment").xml("Payer"), "BucketOwner");
  EXPECT_EQ(get("/records?accelerate").status, 200);
  EXPECT_EQ(get("/records?logging").status, 200);
  EXPECT_EQ(drop("/records?encryption").status, 204);
  EXPECT_EQ(get("/records?encryption").xml("SSEAlgorithm"), "AES256");
}

TEST_F(S3RecordsTest, APolicyIsKeptAsItWasWritten) {
  EXPECT_EQ(get("/records?policy").error(), "NoSuchBucketPolicy");
  const std::string policy =
      R"({ "Version":"2012-10-17", "Statement": {"Effect":"Allow","Principal":"*",)"
      R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::records/*"} })";
  EXPECT_EQ(put("/records?policy", policy).status, 204);
  EXPECT_EQ(get("/records?policy").body, policy);
  const S3Answer text = put("/records?policy", "no policy");
  EXPECT_EQ(text.error(), "MalformedPolicy");
  EXPECT_EQ(text.xml("Message"), "Policies must be valid JSON and the first byte must be '{'");
  EXPECT_EQ(put("/records?policy", "{}").xml("Message"), "Missing required field Statement");
  EXPECT_EQ(get("/records?policy").body, policy);
  EXPECT_EQ(drop("/records?policy").status, 204);
}

TEST_F(S3RecordsTest, WhatAwsRefusesIsRefused) {
  EXPECT_EQ(put("/records?cors",
                "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>"
                "MYMETHOD</AllowedMethod></CORSRule></CORSConfiguration>")
                .xml("Message"),
            "Found unsupported HTTP method in CORS config. Unsupported method is MYMETHOD");
  EXPECT_EQ(put("/records?lifecycle",
                "<LifecycleConfiguration><Rule><Status>Enabled</Status></Rule>"
                "</LifecycleConfiguration>")
                .error(),
            "MalformedXML");
  EXPECT_EQ(put("/records?website", "<WebsiteConfiguration/>").error(), "InvalidArgument");
  EXPECT_EQ(put("/records?encryption",
                "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>"
                "<SSEAlgorithm>AES256</SSEAlgorithm>"
                "<KMSMasterKeyID>k</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule>"
                "</ServerSideEncryptionConfiguration>")
                .status,
            400);
  make_bucket("with.dots");
  EXPECT_EQ(put("/with.dots?accelerate",
                "<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>")
                .error(),
            "InvalidRequest");
}

TEST_F(S3RecordsTest, TheOwnerAloneIsInTheAcl) {
  ASSERT_EQ(put("/records/key", "x").status, 200);
  for (const char* target : {"/records?acl", "/records/key?acl"}) {
    const S3Answer acl = get(target);
    EXPECT_EQ(acl.xml("Permission"), "FULL_CONTROL") << acl.body;
    EXPECT_NE(acl.body.find("xsi:type=\"CanonicalUser\""), std::string::npos);
    EXPECT_EQ(put(target, "", {{"x-amz-acl", "public-read"}}).error(),
              "AccessControlListNotSupported");
  }
}

}  // namespace
}  // namespace paddock::testing
