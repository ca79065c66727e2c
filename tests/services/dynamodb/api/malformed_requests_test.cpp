// Bodies that are no requests: refused by name, never an internal error.
#include <string>

#include "fixture.hpp"

namespace paddock::testing {

class MalformedRequestsTest : public DynamoDbTest {
 protected:
  CallResult send(const std::string& operation, const std::string& body) {
    http::Headers headers;
    headers.add("X-Amz-Target", "DynamoDB_20120810." + operation);
    headers.add("Content-Type", "application/x-amz-json-1.0");
    headers.add("Authorization",
                "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, "
                "SignedHeaders=host, Signature=0");
    headers.add("X-Amz-Date", "20260101T000000Z");
    return emulator.request("POST", "/", headers, body);
  }
  void expect_unreadable(const std::string& operation, const std::string& body) {
    const CallResult refused = send(operation, body);
    EXPECT_EQ(refused.status, 400) << body << refused.text;
    EXPECT_EQ(refused.body["__type"], "com.amazon.coral.service#SerializationException")
        << body << refused.text;
    EXPECT_NE(refused.headers.get("x-amz-crc32"), "");
  }
};

TEST_F(MalformedRequestsTest, WhatIsNoJsonCannotBeRead) {
  for (const char* operation : {"PutItem", "GetItem", "Query", "CreateTable"}) {
    for (const char* body : {"{", "{]", "nonsense", "{\"TableName\":\"tab1\"", "\x01"}) {
      expect_unreadable(operation, body);
    }
  }
}

TEST_F(MalformedRequestsTest, WrongJsonTypesCannotBeRead) {
  ok("CreateTable", simple_table("tab1"));
  const std::string put = R"({"TableName":"tab1","Item":{"pk":{"S":"a"},"v":)";
  for (const char* value : {R"({"S":1})", R"({"N":1})", R"({"BOOL":"maybe"})", R"({"L":{}})",
                            R"({"M":[]})", R"({"SS":"a"})", R"("text")", "[]"}) {
    expect_unreadable("PutItem", put + value + "}}");
  }
  expect_unreadable("PutItem", R"({"TableName":1,"Item":{}})");
  expect_unreadable("GetItem", R"({"TableName":"tab1","Key":[]})");
  expect_unreadable("Query", R"({"TableName":"tab1","Limit":"many"})");
  expect_unreadable("BatchGetItem", R"({"RequestItems":[]})");
  expect_unreadable("TransactWriteItems", R"({"TransactItems":{}})");
}

TEST_F(MalformedRequestsTest, BadBase64CannotBeRead) {
  ok("CreateTable", simple_table("tab1"));
  for (const char* blob : {"!!", "a", "YQ=", "YQ==="}) {
    expect_unreadable("PutItem", R"({"TableName":"tab1","Item":{"pk":{"S":"a"},"v":{"B":")" +
                                     std::string(blob) + "\"}}}");
  }
}

}  // namespace paddock::testing
