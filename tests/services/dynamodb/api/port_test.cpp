// The port for DynamoDB alone (--dynamodb-port).
#include <string>

#include <gtest/gtest.h>

#include "support/test_emulator.hpp"

namespace paddock::testing {

class DynamoDbPortTest : public ::testing::Test {
 protected:
  static Options with_port() {
    Options options = TestEmulator::in_memory_options();
    options.dynamodb_port = 0;
    return options;
  }
  CallResult call_at(const As& as, std::string_view operation, const Json& input = Json::object()) {
    return emulator.call("dynamodb", operation, input, as);
  }
  static Json table(const std::string& name) {
    return {{"TableName", name},
            {"BillingMode", "PAY_PER_REQUEST"},
            {"KeySchema", {{{"AttributeName", "id"}, {"KeyType", "HASH"}}}},
            {"AttributeDefinitions", {{{"AttributeName", "id"}, {"AttributeType", "S"}}}}};
  }
  TestEmulator emulator{with_port()};
  const uint16_t port = emulator.emulator().dynamodb_port();
};

TEST_F(DynamoDbPortTest, AnyKeyAndRegionReachTheSameTables) {
  ASSERT_NE(port, 0);
  ASSERT_NE(port, emulator.port());
  const As gui{"fakeMyKeyId", "localhost", port};
  const CallResult made = call_at(gui, "CreateTable", table("tab1"));
  EXPECT_EQ(made.body["TableDescription"]["TableArn"],
            "arn:aws:dynamodb:us-east-1:000000000000:table/tab1");
  for (const As& as : {gui, As{"111122223333", "eu-west-1", port}, As{"test", "us-east-1"}}) {
    EXPECT_EQ(call_at(as, "ListTables").body["TableNames"], Json::array({"tab1"}));
  }
  EXPECT_EQ(call_at({"test", "eu-west-1"}, "ListTables").body["TableNames"], Json::array());
}

TEST_F(DynamoDbPortTest, NothingElseAnswersThere) {
  const As at{"test", "us-east-1", port};
  EXPECT_TRUE(emulator.call("dynamodbstreams", "ListStreams", Json::object(), at).ok());
  EXPECT_EQ(emulator.call("iam", "ListUsers", Json::object(), at).status, 501);
  EXPECT_EQ(emulator.call("logs", "DescribeLogGroups", Json::object(), at).status, 501);
  EXPECT_EQ(emulator.request("GET", "/_paddock/resources", {}, "", port).status, 501);
  EXPECT_TRUE(emulator.call("iam", "ListUsers").ok());
}

TEST(DynamoDbPort, IsNotThereUnlessAsked) {
  TestEmulator emulator;
  EXPECT_EQ(emulator.emulator().dynamodb_port(), 0);
}

}  // namespace paddock::testing
