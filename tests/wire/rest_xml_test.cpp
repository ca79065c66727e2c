#include <gtest/gtest.h>

#include "calls.hpp"
#include "models/s3.hpp"
#include "wire/xml.hpp"

namespace paddock::wire {
namespace rest_xml_tests {

constexpr Protocol kXml = Protocol::rest_xml;

Json read(std::string_view operation, const std::string& body) {
  return decode(kXml, models::s3, operation,
                Call(body).label("Bucket", "b").label("Key", "k").query("uploadId=u"));
}

std::string refused(const std::string& body) {
  return error_of([&body] { read("PutBucketTagging", body); });
}

TEST(RestXml, DocumentsSurviveTheWayThroughXml) {
  const Json document = {
      {"String", "a < b & \"c\"\n\xC3\xA9"},
      {"Boolean", true},
      {"Integer", -7},
      {"Timestamp", 1'700'000'000'000},
      {"Blob", binary("\x01\x02")},
      {"Strings", {"x", "", "y"}},
      {"Flat", {"f", "g"}},
      {"FlatNamed", {"h"}},
      {"StringMap", {{"k", "v"}}},
      {"FlatMap", {{"k", 3}}},
      {"Renamed", "other"},
      {"Tree", {{"Label", "root"}, {"Children", {{{"Label", "leaf"}}}}}},
  };
  const http::Response answer = encode(kXml, models::sample, "DoAll", document);
  EXPECT_EQ(answer.headers.get("content-type"), "application/xml");
  EXPECT_EQ(answer.headers.get("x-amz-request-id"), "REQ1");
  const Shape& shape = *operation_of(models::sample, "DoAll").input;
  EXPECT_EQ(read_xml(models::sample, "All", shape, answer.body), document) << answer.body;
}

TEST(RestXml, TheRootIsNamedByTheModel) {
  const http::Response listed =
      encode(kXml, models::s3, "ListObjectsV2", {{"Name", "b"}, {"KeyCount", 0}});
  EXPECT_EQ(listed.body,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://"
            "s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name><KeyCount>0</KeyCount>"
            "</ListBucketResult>");
  const http::Response located =
      encode(kXml, models::s3, "GetBucketLocation", {{"LocationConstraint", "eu-west-1"}});
  EXPECT_EQ(located.body,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<LocationConstraint xmlns=\"http://"
            "s3.amazonaws.com/doc/2006-03-01/\">eu-west-1</LocationConstraint>");
}

TEST(RestXml, AttributesCarryTheirNamespace) {
  const Json grants = {
      {"Grants",
       {{{"Grantee", {{"Type", "CanonicalUser"}, {"ID", "me"}}}, {"Permission", "READ"}}}}};
  const http::Response answer = encode(kXml, models::s3, "GetBucketAcl", grants);
  EXPECT_NE(answer.body.find("<Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
                             "xsi:type=\"CanonicalUser\"><ID>me</ID></Grantee>"),
            std::string::npos)
      << answer.body;
  const Shape& shape = *operation_of(models::s3, "GetBucketAcl").output;
  EXPECT_EQ(read_xml(models::s3, "AccessControlPolicy", shape, answer.body), grants);
}

TEST(RestXml, FlattenedListsAreReadByTheirElements) {
  const Json input = read("CompleteMultipartUpload",
                          "<CompleteMultipartUpload xmlns=\"urn:any\"> <Part><PartNumber> 1 "
                          "</PartNumber><ETag>a</ETag></Part>\n<Unknown/><Part><PartNumber>2"
                          "</PartNumber></Part></CompleteMultipartUpload>");
  const Json parts = {{{"PartNumber", 1}, {"ETag", "a"}}, {{"PartNumber", 2}}};
  EXPECT_EQ(input["MultipartUpload"]["Parts"], parts);
  EXPECT_EQ(input["UploadId"], "u");
}

TEST(RestXml, WhatIsNoDocumentOfTheModelIsMalformed) {
  const std::string malformed =
      "MalformedXML: The XML you provided was not well-formed or did not validate against our "
      "published schema";
  std::string deep = "<Tagging>";
  for (int i = 0; i < 100'000; i++) deep += "<TagSet>";
  for (const std::string& body :
       {std::string("<"), std::string("<Other/>"), std::string("<Tagging/><Tagging/>"), deep,
        std::string("<!DOCTYPE Tagging><Tagging/>"), std::string("<Tagging>\xC0\x80</Tagging>"),
        std::string("<Tagging><TagSet><Tag><Key><b/></Key></Tag></TagSet></Tagging>")}) {
    EXPECT_EQ(refused(body), malformed) << body.substr(0, 50);
  }
  EXPECT_EQ(error_of([] {
              read("CompleteMultipartUpload",
                   "<CompleteMultipartUpload><Part><PartNumber>one</PartNumber></Part>"
                   "</CompleteMultipartUpload>");
            }),
            malformed);
}

TEST(RestXml, ErrorsHaveTheirMembersAndIds) {
  const AwsError error =
      AwsError("NoSuchKey", "Not <here>", 404).with("Key", "a&b").with("Count", 3);
  const http::Response answer = codec(kXml)->encode_error(models::s3, error, {}, "REQ1");
  EXPECT_EQ(answer.status, 404);
  EXPECT_TRUE(answer.body.starts_with(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code><Message>Not "
      "&lt;here&gt;</Message><Count>3</Count><Key>a&amp;b</Key><RequestId>REQ1</RequestId>"
      "<HostId>"))
      << answer.body;
}

}  // namespace rest_xml_tests
}  // namespace paddock::wire
