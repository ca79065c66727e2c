// APIs that put messages into queues, topics and streams without a function between: REST APIs by
// path and by action, HTTP APIs by their subtypes.
#include "tests/services/apigateway/data_plane_fixture.hpp"
#include "tests/services/apigateway/v2_fixture.hpp"

namespace paddock::services::apigateway::testing {
namespace queue_integrations {

constexpr const char* kForm = "application/x-www-form-urlencoded";
constexpr const char* kJson = "application/json";
constexpr const char* kRole = "arn:aws:iam::000000000000:role/api";

// Makes the queue and returns its URL.
std::string make_queue(TestEmulator& emulator, const std::string& name,
                       const Json& attributes = Json::object()) {
  const CallResult made =
      emulator.call("sqs", "CreateQueue", {{"QueueName", name}, {"Attributes", attributes}});
  EXPECT_TRUE(made.ok()) << made.text;
  return made.body.value("QueueUrl", std::string());
}
// The messages in it.
Json taken(TestEmulator& emulator, const std::string& url) {
  const CallResult got = emulator.call("sqs", "ReceiveMessage",
                                       {{"QueueUrl", url},
                                        {"MaxNumberOfMessages", 10},
                                        {"AttributeNames", {"All"}},
                                        {"MessageAttributeNames", {"All"}}});
  EXPECT_TRUE(got.ok()) << got.text;
  return got.body.value("Messages", Json::array());
}

// Makes a stream of one shard.
void make_stream(TestEmulator& emulator, const std::string& name) {
  const CallResult made =
      emulator.call("kinesis", "CreateStream", {{"StreamName", name}, {"ShardCount", 1}});
  EXPECT_TRUE(made.ok()) << made.text;
}
// The records in it: {partition key, data as base64}.
Json records_of(TestEmulator& emulator, const std::string& name) {
  const CallResult iterator = emulator.call("kinesis", "GetShardIterator",
                                            {{"StreamName", name},
                                             {"ShardId", "shardId-000000000000"},
                                             {"ShardIteratorType", "TRIM_HORIZON"}});
  const CallResult page =
      emulator.call("kinesis", "GetRecords", {{"ShardIterator", iterator.body["ShardIterator"]}});
  EXPECT_TRUE(page.ok()) << page.text;
  Json records = Json::array();
  for (const Json& record : page.body["Records"]) {
    records.push_back({record["PartitionKey"], record["Data"]});
  }
  return records;
}

class RestQueueTest : public DataPlaneTest {
 protected:
  // POST / calls the service with what the template makes of the body.
  void add_service(const std::string& uri, const std::string& type, const std::string& text,
                   const std::string& answer = "") {
    add(root_, "POST",
        {{"type", "AWS"},
         {"integrationHttpMethod", "POST"},
         {"uri", "arn:aws:apigateway:us-east-1:" + uri},
         {"credentials", kRole},
         {"passthroughBehavior", "NEVER"},
         {"requestParameters", {{"integration.request.header.Content-Type", "'" + type + "'"}}},
         {"requestTemplates", {{kJson, text}}}});
    Json response = Json::object();
    if (!answer.empty()) response["responseTemplates"] = {{kJson, answer}};
    add_response(root_, "POST", "200", response);
    add_response(root_, "POST", "400", {{"selectionPattern", "4\\d{2}"}});
    deploy();
  }
  CallResult post(const std::string& body) {
    return send("POST", "/", header("Content-Type", kJson), body);
  }
};

TEST_F(RestQueueTest, AMessageIsSentByThePathOfItsQueue) {
  const std::string url = make_queue(*emulator_, "orders");
  add_service("sqs:path/000000000000/orders", kForm,
              "Action=SendMessage&MessageBody=$util.urlEncode($input.body)");
  const CallResult sent = post(R"({"id": 7, "what": "hay & oats"})");
  EXPECT_EQ(sent.status, 200) << sent.text;
  const Json got = taken(*emulator_, url);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0]["Body"], R"({"id": 7, "what": "hay & oats"})");
  EXPECT_NE(sent.text.find(got[0]["MessageId"].get<std::string>()), std::string::npos);
}

TEST_F(RestQueueTest, AnUnencodedBodyGoesAsItIsWritten) {
  const std::string url = make_queue(*emulator_, "orders");
  add_service("sqs:path/000000000000/orders", kForm, "Action=SendMessage&MessageBody=$input.body");
  EXPECT_EQ(post(R"({"id":7})").status, 200);
  const Json got = taken(*emulator_, url);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0]["Body"], R"({"id":7})");
}

TEST_F(RestQueueTest, AttributesAndGroupsComeFromTheTemplate) {
  const std::string url = make_queue(*emulator_, "orders.fifo", {{"FifoQueue", "true"}});
  add_service("sqs:path/000000000000/orders.fifo", kForm,
              "Action=SendMessage&MessageBody=$util.urlEncode($input.body)"
              "&MessageGroupId=$input.json('$.farm').replaceAll('\"','')"
              "&MessageDeduplicationId=$context.requestId"
              "&MessageAttribute.1.Name=stage&MessageAttribute.1.Value.DataType=String"
              "&MessageAttribute.1.Value.StringValue=$context.stage");
  EXPECT_EQ(post(R"({"farm":"north"})").status, 200);
  const Json got = taken(*emulator_, url);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0]["Attributes"]["MessageGroupId"], "north");
  EXPECT_EQ(got[0]["MessageAttributes"]["stage"]["StringValue"], "Prod");
}

TEST_F(RestQueueTest, AMessageIsSentByAction) {
  const std::string url = make_queue(*emulator_, "orders");
  add_service("sqs:action/SendMessage", kForm,
              "QueueUrl=$util.urlEncode('http://localhost/000000000000/orders')"
              "&MessageBody=$util.urlEncode($input.body)");
  EXPECT_EQ(post(R"({"id":8})").status, 200);
  const Json got = taken(*emulator_, url);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0]["Body"], R"({"id":8})");
}

TEST_F(RestQueueTest, TheJsonProtocolIsSpokenByItsTarget) {
  const std::string url = make_queue(*emulator_, "orders");
  add(root_, "POST",
      {{"type", "AWS"},
       {"integrationHttpMethod", "POST"},
       {"uri", "arn:aws:apigateway:us-east-1:sqs:path/000000000000/orders"},
       {"credentials", kRole},
       {"requestParameters",
        {{"integration.request.header.Content-Type", "'application/x-amz-json-1.0'"},
         {"integration.request.header.X-Amz-Target", "'AmazonSQS.SendMessage'"}}},
       {"requestTemplates",
        {{kJson,
          "{\"QueueUrl\": \"http://localhost/000000000000/orders\", "
          "\"MessageBody\": \"$util.escapeJavaScript($input.body)\"}"}}}});
  add_response(root_, "POST", "200",
               {{"responseTemplates", {{kJson, "{\"sent\": $input.json('$.MessageId')}"}}}});
  deploy();
  const CallResult sent = post(R"({"id":9})");
  EXPECT_EQ(sent.status, 200) << sent.text;
  const Json got = taken(*emulator_, url);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0]["Body"], R"({"id":9})");
  EXPECT_EQ(sent.body["sent"], got[0]["MessageId"]);
}

TEST_F(RestQueueTest, ARefusalOfTheQueueIsMappedByItsStatus) {
  add_service("sqs:path/000000000000/none", kForm,
              "Action=SendMessage&MessageBody=$util.urlEncode($input.body)");
  const CallResult sent = post("{}");
  EXPECT_EQ(sent.status, 400) << sent.text;
  EXPECT_NE(sent.text.find("NonExistentQueue"), std::string::npos) << sent.text;
}

TEST_F(RestQueueTest, ATopicIsPublishedTo) {
  const std::string url = make_queue(*emulator_, "orders");
  const std::string topic = "arn:aws:sns:us-east-1:000000000000:news";
  ASSERT_TRUE(emulator_->call("sns", "CreateTopic", {{"Name", "news"}}).ok());
  ASSERT_TRUE(emulator_
                  ->call("sns", "Subscribe",
                         {{"TopicArn", topic},
                          {"Protocol", "sqs"},
                          {"Endpoint", "arn:aws:sqs:us-east-1:000000000000:orders"},
                          {"Attributes.entry.1.key", "RawMessageDelivery"},
                          {"Attributes.entry.1.value", "true"}})
                  .ok());
  add_service("sns:path//", kForm,
              "Action=Publish&TopicArn=$util.urlEncode('" + topic +
                  "')&Message=$util.urlEncode($input.body)");
  const CallResult sent = post(R"({"id":10})");
  EXPECT_EQ(sent.status, 200) << sent.text;
  emulator_->wait_idle();
  const Json got = taken(*emulator_, url);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0]["Body"], R"({"id":10})");
}

TEST_F(RestQueueTest, ARecordIsPutByTheActionOfAStream) {
  make_stream(*emulator_, "clicks");
  add_service("kinesis:action/PutRecord", "application/x-amz-json-1.1",
              R"~({"StreamName": "clicks", "PartitionKey": "$input.path('$.who')",)~"
              R"~( "Data": "$util.base64Encode($input.json('$'))"})~");
  const CallResult sent = post(R"({"who":"ann"})");
  EXPECT_EQ(sent.status, 200) << sent.text;
  EXPECT_EQ(records_of(*emulator_, "clicks"),
            Json::array({Json::array({"ann", to_base64(R"({"who":"ann"})")})}));
}

class HttpQueueTest : public V2Test {
 protected:
  void SetUp() override {
    V2Test::SetUp();
    create_api();
  }
  void add_service(const std::string& key, const std::string& subtype, const Json& parameters) {
    add_route(key, add_integration({{"IntegrationType", "AWS_PROXY"},
                                    {"IntegrationSubtype", subtype},
                                    {"PayloadFormatVersion", "1.0"},
                                    {"CredentialsArn", kRole},
                                    {"RequestParameters", parameters}}));
  }
};

TEST_F(HttpQueueTest, TheSubtypesSendReceiveDeleteAndPurge) {
  const std::string url = make_queue(*emulator_, "orders");
  add_service("POST /", "SQS-SendMessage",
              {{"QueueUrl", url}, {"MessageBody", "$request.body.message"}});
  add_service("GET /", "SQS-ReceiveMessage", {{"QueueUrl", url}});
  add_service("DELETE /", "SQS-DeleteMessage",
              {{"QueueUrl", url}, {"ReceiptHandle", "$request.querystring.handle"}});
  add_service("PUT /", "SQS-PurgeQueue", {{"QueueUrl", url}});
  add_stage();
  http::Headers json;
  json.add("Content-Type", "application/json");
  const CallResult sent = send("POST", "/", json, R"({"message":"from the web"})");
  EXPECT_EQ(sent.status, 200) << sent.text;
  EXPECT_NE(sent.text.find("<MessageId>"), std::string::npos) << sent.text;
  const CallResult got = send("GET", "/");
  EXPECT_EQ(got.status, 200) << got.text;
  EXPECT_NE(got.text.find("<Body>from the web</Body>"), std::string::npos) << got.text;
  const size_t from = got.text.find("<ReceiptHandle>") + 15;
  std::string handle = got.text.substr(from, got.text.find("</ReceiptHandle>") - from);
  for (const auto& [plain, encoded] : {std::pair("+", "%2B"), std::pair("/", "%2F")}) {
    for (size_t at = 0; (at = handle.find(plain, at)) != std::string::npos; at += 3) {
      handle.replace(at, 1, encoded);
    }
  }
  EXPECT_EQ(send("DELETE", "/?handle=" + handle).status, 200);
  const CallResult counts = emulator_->call("sqs", "GetQueueAttributes",
                                            {{"QueueUrl", url}, {"AttributeNames", {"All"}}});
  EXPECT_EQ(counts.body["Attributes"]["ApproximateNumberOfMessages"], "0");
  EXPECT_EQ(counts.body["Attributes"]["ApproximateNumberOfMessagesNotVisible"], "0");
  send("POST", "/", json, R"({"message":"more"})");
  EXPECT_EQ(send("PUT", "/").status, 200);
  EXPECT_EQ(taken(*emulator_, url), Json::array());
}

TEST_F(HttpQueueTest, ASubtypePutsARecordIntoAStream) {
  make_stream(*emulator_, "clicks");
  add_service("POST /", "Kinesis-PutRecord",
              {{"StreamName", "clicks"},
               {"PartitionKey", "$request.body.who"},
               {"Data", "$request.body.what"}});
  add_stage();
  http::Headers json;
  json.add("Content-Type", "application/json");
  const CallResult sent = send("POST", "/", json, R"({"who":"ann","what":"here"})");
  EXPECT_EQ(sent.status, 200) << sent.text;
  EXPECT_EQ(sent.body["ShardId"], "shardId-000000000000");
  EXPECT_EQ(records_of(*emulator_, "clicks"),
            Json::array({Json::array({"ann", to_base64("here")})}));
}

TEST_F(HttpQueueTest, AQueueThatIsNotThereIsTheCallersMistake) {
  add_service("POST /", "SQS-SendMessage",
              {{"QueueUrl", "http://localhost/000000000000/none"}, {"MessageBody", "m"}});
  add_stage();
  const CallResult sent = send("POST", "/");
  EXPECT_EQ(sent.status, 400) << sent.text;
  EXPECT_NE(sent.text.find("<Message>The specified queue does not exist.</Message>"),
            std::string::npos)
      << sent.text;
}

}  // namespace queue_integrations
}  // namespace paddock::services::apigateway::testing
