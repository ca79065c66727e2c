// The life of a request, through the wire.
#include <set>

#include <gtest/gtest.h>

#include "support/test_emulator.hpp"

namespace paddock::testing {
namespace {

http::Headers with(std::initializer_list<std::pair<const char*, const char*>> fields) {
  http::Headers headers;
  for (const auto& [name, value] : fields) headers.add(name, value);
  return headers;
}

Json table(const std::string& name) {
  return {{"TableName", name},
          {"BillingMode", "PAY_PER_REQUEST"},
          {"KeySchema", {{{"AttributeName", "id"}, {"KeyType", "HASH"}}}},
          {"AttributeDefinitions", {{{"AttributeName", "id"}, {"AttributeType", "S"}}}}};
}

class Pipeline : public ::testing::Test {
 protected:
  TestEmulator emulator_;
};

TEST_F(Pipeline, RefusesForeignHostsAndNamesTheFlag) {
  auto result = emulator_.request("GET", "/", with({{"Host", "rebound.example"}}));
  EXPECT_EQ(result.status, 403);
  EXPECT_NE(result.text.find("--hosts rebound.example"), std::string::npos);
}

TEST_F(Pipeline, RefusesPagesOfForeignOriginsOnApisAndControl) {
  for (const char* target : {"/", "/_paddock/reset"}) {
    auto result =
        emulator_.request("POST", target, with({{"Origin", "https://evil.example"}}), "{}");
    EXPECT_EQ(result.status, 403) << target;
    EXPECT_NE(result.text.find("--allowed-origins"), std::string::npos);
  }
}

TEST_F(Pipeline, AnswersPreflightsOfLocalPages) {
  auto result = emulator_.request("OPTIONS", "/",
                                  with({{"Origin", "http://localhost:3000"},
                                        {"Access-Control-Request-Method", "POST"},
                                        {"Access-Control-Request-Headers", "x-amz-target"}}));
  EXPECT_EQ(result.status, 204);
  EXPECT_EQ(result.headers.get("access-control-allow-origin"), "http://localhost:3000");
  EXPECT_EQ(result.headers.get("access-control-allow-headers"), "x-amz-target");
}

TEST_F(Pipeline, AnOperationThatIsNotBuiltAnswers501InTheServicesProtocol) {
  auto json = emulator_.call("dynamodb", "CreateGlobalTable");
  EXPECT_EQ(json.status, 501);
  EXPECT_NE(json.message().find("CreateGlobalTable"), std::string::npos);
  auto query = emulator_.call("iam", "ListVirtualMFADevices");
  EXPECT_EQ(query.status, 501);
  EXPECT_NE(query.text.find("<ErrorResponse"), std::string::npos);
}

TEST_F(Pipeline, UnknownOperationsAndServicesAreErrorsNeverSomethingElse) {
  auto target =
      emulator_.request("POST", "/", with({{"X-Amz-Target", "DynamoDB_20120810.Nope"}}), "{}");
  EXPECT_EQ(target.status, 400);
  EXPECT_EQ(target.error(), "UnknownOperationException");
  auto service = emulator_.request("POST", "/", with({{"X-Amz-Target", "Nope_1.PutItem"}}), "{}");
  EXPECT_EQ(service.status, 501);
  EXPECT_NE(service.message().find("Nope_1.PutItem"), std::string::npos);
  auto action =
      emulator_.request("POST", "/", with({{"Content-Type", "application/x-www-form-urlencoded"}}),
                        "Action=Nope&Version=2010-05-08");
  EXPECT_EQ(action.status, 400);
  EXPECT_EQ(action.error(), "InvalidAction");
  auto signed_elsewhere = emulator_.request(
      "PUT", "/bucket",
      with({{"Authorization",
             "AWS4-HMAC-SHA256 Credential=test/20261120/us-east-1/rds/aws4_request, "
             "SignedHeaders=host, Signature=00"},
            {"X-Amz-Date", "20261120T000000Z"}}));
  EXPECT_EQ(signed_elsewhere.status, 501);
}

TEST_F(Pipeline, AccountComesFromTheAccessKeyAndRegionFromTheScope) {
  ASSERT_TRUE(
      emulator_.call("dynamodb", "CreateTable", table("things"), {"111122223333", "eu-west-1"})
          .ok());
  auto mine = emulator_.call("dynamodb", "DescribeTable", {{"TableName", "things"}},
                             {"111122223333", "eu-west-1"});
  ASSERT_TRUE(mine.ok()) << mine.text;
  EXPECT_EQ(mine.body["Table"]["TableArn"], "arn:aws:dynamodb:eu-west-1:111122223333:table/things");
  for (As other : {As{"111122223333", "us-east-1"}, As{"test", "eu-west-1"}}) {
    EXPECT_EQ(emulator_.call("dynamodb", "DescribeTable", {{"TableName", "things"}}, other).error(),
              "ResourceNotFoundException");
  }
}

TEST_F(Pipeline, EveryAnswerCarriesARequestIdAndNoneRepeats) {
  std::set<std::string> ids;
  for (int i = 0; i < 100; ++i) {
    auto result = emulator_.call("dynamodb", "ListTables");
    ids.emplace(result.headers.get("x-amzn-requestid"));
  }
  EXPECT_EQ(ids.size(), 100u);
  EXPECT_EQ(ids.begin()->size(), 52u);
}

TEST_F(Pipeline, MalformedBodiesAreTypedErrors) {
  for (const char* body : {"", "{", "[]", "{\"TableName\": 1}", "\xff\xfe", "{\"a\":1,\"a\":2}"}) {
    auto result = emulator_.request(
        "POST", "/", with({{"X-Amz-Target", "DynamoDB_20120810.DescribeTable"}}), body);
    EXPECT_EQ(result.status, 400) << body;
    EXPECT_FALSE(result.error().empty()) << body;
  }
}

TEST_F(Pipeline, ABodyOverTheLimitIsRefused) {
  std::string body(16 * 1024 * 1024 + 1, ' ');
  auto result = emulator_.request(
      "POST", "/", with({{"X-Amz-Target", "DynamoDB_20120810.DescribeTable"}}), body);
  EXPECT_EQ(result.status, 413);
}

TEST_F(Pipeline, PartialOperationsSaySo) {
  auto result = emulator_.call("dynamodb", "ListTables", Json::object());
  ASSERT_EQ(result.status, 200) << result.text;
  EXPECT_FALSE(result.headers.has("x-paddock-fidelity"));
  auto partial = emulator_.call("dynamodb", "DescribeLimits", Json::object());
  EXPECT_EQ(partial.status, 200) << partial.text;
  EXPECT_TRUE(partial.headers.get("x-paddock-fidelity").starts_with("partial"));
}

TEST(Signatures, AreCheckedWhenAskedFor) {
  Options options = TestEmulator::in_memory_options();
  options.verify_signatures = true;
  TestEmulator emulator(options);
  auto wrong = emulator.call("dynamodb", "ListTables");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_TRUE(wrong.error() == "InvalidSignatureException" ||
              wrong.error() == "SignatureDoesNotMatch")
      << wrong.text;
  auto unsigned_call =
      emulator.request("POST", "/", with({{"X-Amz-Target", "DynamoDB_20120810.ListTables"}}), "{}");
  EXPECT_EQ(unsigned_call.error(), "MissingAuthenticationTokenException") << unsigned_call.text;
  auto unknown = emulator.call("dynamodb", "ListTables", {}, {"AKIANOBODYKNOWSTHIS1"});
  EXPECT_EQ(unknown.error(), "UnrecognizedClientException") << unknown.text;
}

TEST(Durability, WithFsyncAnswersWaitForTheDisk) {
  TempDir directory;
  Options options = TestEmulator::durable_options(directory.path());
  options.durability = storage::Durability::fsync;
  TestEmulator emulator(options);
  ASSERT_TRUE(emulator.call("dynamodb", "CreateTable", table("things")).ok());
  for (int i = 0; i < 20; ++i) {
    auto put =
        emulator.call("dynamodb", "PutItem",
                      {{"TableName", "things"}, {"Item", {{"id", {{"S", std::to_string(i)}}}}}});
    ASSERT_TRUE(put.ok()) << put.text;
  }
}

TEST(Emulators, TwoLiveInOneProcessAndStartAndStopAtWill) {
  for (int i = 0; i < 20; ++i) {
    TestEmulator one;
    TestEmulator two;
    ASSERT_TRUE(one.call("dynamodb", "CreateTable", table("things")).ok());
    EXPECT_TRUE(two.call("dynamodb", "ListTables").body["TableNames"].empty());
  }
}

TEST(Emulators, DataSurvivesARestart) {
  TempDir directory;
  {
    TestEmulator emulator(TestEmulator::durable_options(directory.path()));
    ASSERT_TRUE(emulator.call("dynamodb", "CreateTable", table("things")).ok());
  }
  TestEmulator emulator(TestEmulator::durable_options(directory.path()));
  EXPECT_EQ(emulator.call("dynamodb", "ListTables").body["TableNames"], Json::array({"things"}));
}

TEST(Emulators, TheSameSeedGivesTheSameAnswers) {
  auto answers = [] {
    Options options = TestEmulator::in_memory_options();
    options.seed = 7;
    TestEmulator emulator(options);
    std::string all;
    for (const char* name : {"a", "b"}) {
      auto created = emulator.call("apigateway", "CreateRestApi", {{"name", name}});
      all += created.body["id"].get<std::string>() + " ";
      all += std::string(created.headers.get("x-amzn-requestid")) + " ";
    }
    return all;
  };
  EXPECT_EQ(answers(), answers());
}

}  // namespace
}  // namespace paddock::testing
